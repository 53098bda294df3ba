/* What is to grow below a folder: one record a node, in the order of a walk.
 * A folder's record comes first, then what it holds, then LEAVE. */
#ifndef TARN_TREE_SEED_H
#define TARN_TREE_SEED_H

#include "lake/spool.h"
#include "tree/node.h"
#include "tree/stage.h"

typedef enum tarn__seed_type {
    TARN__SEED_DIR = 'd',
    TARN__SEED_LEAVE = 'u',
    TARN__SEED_LINK = 'l',
    TARN__SEED_CONTENT = 'f', /* staged bytes */
    TARN__SEED_COPY = 'c'     /* another node's content list */
} tarn__seed_type;

typedef struct tarn__seed {
    tarn__seed_type type;
    tarn_slice name;
    tarn__kind kind;        /* of CONTENT and COPY */
    tarn_slice target;      /* of LINK */
    tarn__piece piece;      /* of CONTENT */
    bool unstaged;          /* of CONTENT: -u found it there */
    tarn_slice time_column; /* of CONTENT; ptr NULL: none */
    tarn_slice source;      /* of CONTENT; ptr NULL: none */
    tarn_slice schema;      /* of CONTENT; empty: none */
    tarn__id from;          /* of COPY */
    tarn_slice attrs;       /* of COPY: JSON */
} tarn__seed;

/* As bytes: for a list that spills.  Slices of a decoded one point into the
 * bytes. */
TARN_MUST_CHECK tarn_status tarn__seed_encode(
    tarn_buf *out, const tarn__seed *seed, tarn_error *err);
bool tarn__seed_decode(tarn_slice bytes, tarn__seed *out);

/* A list of seeds; in the scratch folder when it is large. */
typedef struct tarn__seeds {
    tarn__spool spool;
    tarn_lake *lake;
    tarn_buf record;
} tarn__seeds;
void tarn__seeds_init(tarn__seeds *seeds, tarn_lake *lake);
TARN_MUST_CHECK tarn_status tarn__seeds_add(
    tarn__seeds *seeds, const tarn__seed *seed, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__seeds_dir(
    tarn__seeds *seeds, tarn_slice name, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__seeds_leave(
    tarn__seeds *seeds, tarn_error *err);
void tarn__seeds_reset(tarn__seeds *seeds);

/* How seeds meet what is there. */
typedef struct tarn__plant_rules {
    bool replace; /* a content list starts anew, kinds may change */
    bool update;  /* what is the same is passed over */
    bool copying; /* cp: a content list always starts anew */
} tarn__plant_rules;

/* Put one seed (not DIR, not LEAVE) below `parent`.  parent_new: nothing can be
 * there.  *count grows when something was written. */
TARN_MUST_CHECK tarn_status tarn__plant_one(tarn_txn *txn,
    const tarn__id *parent, bool parent_new, const tarn__seed *seed,
    const tarn__plant_rules *rules, const char *shown, int64_t *count,
    tarn_error *err);
/* Is there anything in the way?  Writes nothing. */
TARN_MUST_CHECK tarn_status tarn__plant_check(tarn_txn *txn,
    const tarn__id *parent, const tarn__seed *seed,
    const tarn__plant_rules *rules, const char *shown, tarn_error *err);
/* All seeds of a list below `parent`, checked first when it is not new; `shown`
 * is its path. */
TARN_MUST_CHECK tarn_status tarn__plant_all(tarn_txn *txn,
    const tarn__id *parent, bool parent_new, tarn__seeds *seeds,
    const tarn__plant_rules *rules, const char *shown, int64_t *count,
    tarn_error *err);
/* Make the folders that are missing on the way to a place, the last name left
 * out; *parent is the folder that is to hold it, *made whether it is new. */
TARN_MUST_CHECK tarn_status tarn__plant_parents(tarn_txn *txn,
    const tarn__place *place, tarn__id *parent, bool *made, int64_t *count,
    tarn_error *err);
/* A new folder. */
TARN_MUST_CHECK tarn_status tarn__plant_dir(tarn_txn *txn,
    const tarn__id *parent, tarn_slice name, tarn__id *out, tarn_error *err);

#endif
