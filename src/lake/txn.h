/* Writing operations: for the rooms above. */
#ifndef TARN_LAKE_TXN_H
#define TARN_LAKE_TXN_H

#include "base/log.h"
#include "base/progress.h"
#include "lake/reader.h"

/* A step of a transaction: looks at the transaction's snapshot, checks, and
 * adds operations.  It is run at once and, when the head has moved by the time
 * of the commit, again under the lock.  It checks everything before it adds the
 * first operation: when it fails after that, the transaction can only be
 * aborted. */
typedef struct tarn__step {
    tarn_status (*run)(tarn_txn *txn, void *arg, tarn_error *err);
    void (*free)(void *arg); /* may be NULL */
} tarn__step;
/* Runs the step and keeps it; `arg` is the transaction's from here on, also
 * when this fails. */
TARN_MUST_CHECK tarn_status tarn__txn_step(
    tarn_txn *txn, const tarn__step *step, void *arg, tarn_error *err);
/* Steps of which a transaction may have millions are kept as bytes, which
 * spill: `arg` is freed as soon as it has run and is packed. */
typedef struct tarn__step_bytes {
    /* *packed false: this one stays as it is. */
    tarn_status (*pack)(
        const void *arg, tarn_buf *out, bool *packed, tarn_error *err);
    tarn_status (*run)(tarn_txn *txn, tarn_slice bytes, tarn_error *err);
} tarn__step_bytes;
/* The same for such a step; *as_bytes is static. */
TARN_MUST_CHECK tarn_status tarn__txn_step_packed(tarn_txn *txn,
    const tarn__step *step, const tarn__step_bytes *as_bytes, void *arg,
    tarn_error *err);

/* From inside a step.  version, seq and time_us are filled in by the
 * transaction; everything is copied.  Own reads see it at once. */
TARN_MUST_CHECK tarn_status tarn__txn_add(
    tarn_txn *txn, const tarn__op *op, tarn_error *err);
/* From inside a step: until it ends, what is added is not seen by own reads,
 * which costs nothing then; later reads see it as ever.  For many operations. */
void tarn__txn_bulk(tarn_txn *txn);
/* Many operations that are made anew whenever they are read, so that they need
 * not be written down between: the same ones each time, in the same order.
 * version, seq and time_us are filled in. */
typedef tarn_status (*tarn__op_fn)(
    void *arg, const tarn__op *op, tarn_error *err);
/* tarn__txn_add() as one. */
TARN_MUST_CHECK tarn_status tarn__txn_take(
    void *txn, const tarn__op *op, tarn_error *err);
typedef struct tarn__op_source {
    /* Hands each to `fn`.  Reads nothing of the lake; on several threads at
     * once. */
    tarn_status (*each)(
        void *arg, tarn__op_fn fn, void *fn_arg, tarn_error *err);
    void *arg;      /* as long as the step is kept */
    uint64_t count; /* of them, at most; there is one */
} tarn__op_source;
/* From inside a step, as all that it adds; *source is copied. */
TARN_MUST_CHECK tarn_status tarn__txn_add_source(
    tarn_txn *txn, const tarn__op_source *source, tarn_error *err);
/* Has it no operation yet?  Then its commit would change nothing. */
bool tarn__txn_is_empty(const tarn_txn *txn);
/* The time that operations carry while staged: for created_at. */
int64_t tarn__txn_time(const tarn_txn *txn);

/* Hand staged content to the transaction, which publishes it at commit and
 * removes it on abort.  Outside of steps (once, not again on a rerun). */
TARN_MUST_CHECK tarn_status tarn__txn_take_staged(
    tarn_txn *txn, tarn__staged *staged, tarn_error *err);

/* Things that hang from the lake. */
tarn_lake *tarn__txn_lake(tarn_txn *txn);
TARN_MUST_CHECK tarn_status tarn__lake_scratch(tarn_lake *lake,
    tarn__scratch **out, tarn_error *err); /* made when needed */
/* The same as a tarn__scratch_fn. */
TARN_MUST_CHECK tarn_status tarn__lake_scratch_of(
    void *lake, tarn__scratch **out, tarn_error *err);
const tarn__objects *tarn__lake_objects(const tarn_lake *lake);
const tarn__logger *tarn__lake_logger(const tarn_lake *lake);
/* Is `path` a file or folder of the lake in `dir` itself, or in one?  Both are
 * resolved. */
bool tarn__lake_owns(const char *dir, const char *path);
uint64_t tarn__lake_memory_bytes(const tarn_lake *lake);
int tarn__lake_threads(const tarn_lake *lake);
tarn__progress *tarn__lake_progress(tarn_lake *lake);
/* What a room above keeps for as long as the lake is open: made at the first
 * call.  make and destroy are the same in every call of a slot. */
typedef enum tarn__slot {
    TARN__SLOT_RECORD,
    TARN__SLOT_QUERY,
    TARN__SLOT_COUNT
} tarn__slot;
TARN_MUST_CHECK tarn_status tarn__lake_kept(tarn_lake *lake, tarn__slot slot,
    tarn_status (*make)(void **out, tarn_error *err),
    void (*destroy)(void *ptr), void **out, tarn_error *err);
/* Time of a commit. */
TARN_MUST_CHECK tarn_status tarn__lake_version_time(
    tarn_lake *lake, int64_t version, int64_t *time_us, tarn_error *err);

#endif
