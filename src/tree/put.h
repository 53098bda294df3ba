/* Putting: a destination, what goes there, and the step that brings both
 * together. */
#ifndef TARN_TREE_PUT_H
#define TARN_TREE_PUT_H

#include "tree/seed.h"

/* One put on its way.  Staged first, then handed to tarn__put_run(). */
typedef struct tarn__put {
    char *path;      /* the destination as written */
    char *name;      /* the source's own name; NULL: it has none */
    char *copy_from; /* cp: the seeds are made from there at every run */
    bool into;       /* the destination was written as a folder */
    bool folder;     /* the seeds are a folder's inside */
    tarn__plant_rules rules;
    tarn__seeds seeds; /* one, without a name, or the inside */
    int64_t written;   /* nodes, by the last run */
    int64_t *changed;  /* told when it is run first; may be NULL */
} tarn__put;

TARN_MUST_CHECK tarn_status tarn__put_create(tarn_txn *txn, const char *path,
    const char *name, const tarn_put_options *options, tarn__put **out,
    tarn_error *err);
void tarn__put_free(void *put);
/* As the transaction's next step; it owns `put` from here on, also when this
 * fails. *changed may be NULL. */
TARN_MUST_CHECK tarn_status tarn__put_run(
    tarn_txn *txn, tarn__put *put, int64_t *changed, tarn_error *err);

/* The seeds of a cp, from what stands at put->copy_from now (copy.c). */
TARN_MUST_CHECK tarn_status tarn__copy_seeds(
    tarn_txn *txn, tarn__put *put, tarn_error *err);

/* What stands where a put of a thing called `name` would go; its shown path. */
TARN_MUST_CHECK tarn_status tarn__put_had(
    tarn_txn *txn, const tarn__put *put, tarn__had *out, tarn_error *err);
/* Staged content as the put's one seed. */
TARN_MUST_CHECK tarn_status tarn__put_cargo(tarn__seeds *seeds, tarn_slice name,
    const tarn__cargo *cargo, tarn_error *err);
/* Refuses options that contradict each other. */
TARN_MUST_CHECK tarn_status tarn__put_check(
    const tarn_put_options *options, tarn_error *err);

#endif
