/*
 * Real database servers for a test's executable: see servers/start.
 *
 * Each is started at the first question for it and gone with the process.
 */
#ifndef TARN_TEST_SERVERS_H
#define TARN_TEST_SERVERS_H

/* A connection's JSON of "mariadb" or "postgres": user tarn, database shop.
 * When the server is not installed the test is skipped, loudly. */
const char *server_connection(const char *kind);

/* Run SQL, any number of statements, with the server's own client; ends the
 * test when that fails. */
void server_sql(const char *kind, const char *sql);
/* What the client prints for one query, bare, rows on lines, columns with
 * tabs; valid until the next call. */
const char *server_answer(const char *kind, const char *sql);

/* Where it speaks TLS; a server without it skips the test. */
typedef struct server_tls {
    char named[40]; /* an address that its certificate names */
    char other[40]; /* one that it does not */
    char ca[240];   /* the certificate */
} server_tls;
server_tls server_tls_of(const char *kind);

#endif
