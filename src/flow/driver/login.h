/* A connection's fields, read: what is not understood is refused, so that no
 * misspelt word leaves a connection in plain text. */
#ifndef TARN_FLOW_LOGIN_H
#define TARN_FLOW_LOGIN_H

#include "base/json.h"

typedef enum tarn__tls {
    TARN__TLS_UNSAID,
    TARN__TLS_OFF,
    TARN__TLS_ON,    /* encrypted, with whoever it is */
    TARN__TLS_VERIFY /* and it is the host that was named */
} tarn__tls;

/* Texts are borrowed of the connection, NULL when not given. */
typedef struct tarn__login {
    const char *host;
    const char *socket;
    const char *user;
    const char *password;
    const char *database;
    const char
        *tls_ca; /* with it and without a word, tls is TARN__TLS_VERIFY */
    tarn__tls tls;
    unsigned port; /* 0: the usual one */
    unsigned timeout_s;
} tarn__login;

/* The fields that a connection of a family may have, ends with NULL; NULL: the
 * family is none of ours. */
const char *const *tarn__login_fields(const char *family);

/* "mysql tarn@db.example/shop", for messages; NULL: no memory. */
char *tarn__login_where(const char *engine, const json_t *connection);

/* Of a database server; `where` names the connection in messages. */
TARN_MUST_CHECK tarn_status tarn__login_read(const json_t *connection,
    const char *where, tarn__login *out, tarn_error *err);

#endif
