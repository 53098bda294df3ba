/* Between the files of this room. */
#ifndef TARN_STORE_INTERNAL_H
#define TARN_STORE_INTERNAL_H

#include "duck/duck.h"
#include "store/store.h"

typedef enum store_kind {
    STORE_PERSISTENT,
    STORE_EPHEMERAL,
    STORE_MEMORY
} store_kind;

struct tarn_store {
    store_kind kind;
    bool read_only;
    int64_t pid; /* a fork's child has no part in it */
    uint64_t memory_bytes;
    int threads;
    char *path;            /* NULL: in memory */
    char *spill;           /* where DuckDB puts what does not fit */
    tarn__scratch scratch; /* holds spill, and an ephemeral store's file */
    tarn__duck *duck;      /* NULL: closed */
    char *query;           /* the last that failed; NULL: none */
    char *failure_type;
    char *failure_message;
};

/* scratch.c: ~/.tarn, or a folder in /tmp for who has no home.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__store_home(char **out, tarn_error *err);

/* statement.c: keep what failed for tarn_store_last_failure(). */
void tarn__store_failed(tarn_store *store, const char *sql);
/* TARN_INVALID when the store is closed. */
TARN_MUST_CHECK tarn_status tarn__store_check(
    const tarn_store *store, tarn_error *err);

#endif
