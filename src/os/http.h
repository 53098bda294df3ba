/* HTTP requests that may be tried again; libcurl is loaded at the first.
 *
 * H1  An answer is taken when its status is 2xx, the transfer complete, and
 *     finish() has no complaint; what take() was given before is void.
 * H2  408, 429 and 5xx, and what goes wrong on the way, are tried again, after
 *     what Retry-After says or after 1, 2, 4 ... 60 s; all else is final.
 *     A request that must not be done twice is tried again only when the server
 *     cannot have done it: 429, 503, and no connection.
 * H3  A redirection is final: what is meant for one host is not sent to
 *     another. */
#ifndef TARN_OS_HTTP_H
#define TARN_OS_HTTP_H

#include <tarn/base.h>

#define TARN__HTTP_LINK_BYTES 8192

typedef struct tarn__http_request {
    const char *what; /* for messages: never the URL, which may have secrets */
    const char *url;  /* http or https */
    const char *method;         /* NULL: GET, or POST when there is a body */
    const char *const *headers; /* "Name: value", ends with NULL; or NULL */
    const char *body;           /* NULL: none */
    size_t body_len;
    const char *user; /* NULL: no login */
    const char *secret;
    const char *login_mend; /* for 401 and 403; NULL: none */
    bool once;              /* H2 */
    bool done;              /* it was answered; set before: nothing to do */

    void *ctx;
    tarn_status (*begin)(void *ctx, tarn_error *err); /* of each try */
    tarn_status (*take)(
        void *ctx, const char *ptr, size_t len, tarn_error *err);
    /* All of it was given.  *again: why it is to be asked for again. */
    tarn_status (*finish)(void *ctx, const char **again, tarn_error *err);
    void (*abandon)(void *ctx); /* this try ends without finish(); or NULL */

    int status;                       /* of the last answer */
    char link[TARN__HTTP_LINK_BYTES]; /* its Link headers, with ", " between */
    bool link_cut;                    /* they were longer */
} tarn__http_request;

typedef struct tarn__http_options {
    size_t workers;         /* requests at a time; 0: 1 */
    int tries;              /* of one request; 0: 5 */
    int64_t backoff_us;     /* before the second; 0: 1 s */
    int64_t timeout_us;     /* of a try; 0: 2 minutes without a byte */
    const char *later_mend; /* when all tries are used up; NULL: none */
    void *ctx;
    /* Asked every 200 ms; true: TARN_INTERRUPTED.  May be NULL. */
    bool (*stop)(void *ctx, size_t finished, size_t count);
} tarn__http_options;

/* Do all of them.  One that fails does not end the others; the first failure
 * is told at the end. */
TARN_MUST_CHECK tarn_status tarn__http_run(const tarn__http_options *options,
    tarn__http_request *requests, size_t count, tarn_error *err);

/* Append NAME=VALUE, escaped, with an & before all but the first; and a text
 * escaped for one part of a URL. */
TARN_MUST_CHECK tarn_status tarn__http_pair(
    tarn_buf *out, const char *name, const char *value, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__http_escape(
    tarn_buf *out, const char *text, tarn_error *err);

#endif
