/* A transaction: steps, their operations, and what it sees of them. */
#include "lake/txn.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"
#include "lake/lake_internal.h"

#define STEP_BYTES ((size_t)1 << 20) /* of packed steps in memory */

/* One step, or, when `packed` is not 0, so many packed ones in a row. */
typedef struct kept_step {
    tarn__step step;
    void *arg;
    const tarn__step_bytes *as_bytes; /* NULL: never packed */
    uint64_t packed;
} kept_step;

struct tarn_txn {
    tarn_lake *lake;
    tarn_snapshot snap; /* base version and overlay */
    tarn__spool ops;
    int32_t seq;
    int64_t time_us;
    bool broken;      /* a step failed between its operations */
    bool bulk;        /* the step at work adds unseen */
    bool unseen;      /* the overlay lacks what the spool has from `seen` on */
    uint64_t seen;    /* bytes of the spool */
    int32_t seen_seq; /* operations in them */
    tarn__op_source more;         /* behind the spool; each NULL: none */
    pthread_mutex_t settle_mutex; /* a query reads on several threads */
    kept_step *steps;
    size_t step_count, step_cap;
    tarn__spool packed; /* steps as bytes, in order */
    tarn__staged *staged;
    size_t staged_count, staged_cap;
    char **argv; /* NULL-ended copy, or NULL */
    char *message;
    int64_t expect_version;
    tarn_buf bytes; /* of one operation at a time */
    tarn__apply_memory *memory;
};

static tarn_status copy_options(
    tarn_txn *txn, const tarn_txn_options *options, tarn_error *err)
{
    size_t argc = 0;

    txn->expect_version = options->expect_version;
    if (options->message != NULL) {
        txn->message = tarn__strdup(options->message);
        if (txn->message == NULL)
            return tarn__no_memory(err);
    }
    if (options->argv == NULL)
        return TARN_OK;
    while (options->argv[argc] != NULL)
        argc++;
    txn->argv = tarn__calloc(argc + 1, sizeof *txn->argv);
    if (txn->argv == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < argc; i++) {
        txn->argv[i] = tarn__strdup(options->argv[i]);
        if (txn->argv[i] == NULL)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

tarn_status tarn_txn_begin(tarn_lake *lake, const tarn_txn_options *options,
    tarn_txn **out, tarn_error *err)
{
    static const tarn_txn_options defaults = TARN_TXN_OPTIONS_INIT;
    tarn_txn *txn;
    int64_t head;

    *out = NULL;
    tarn_status st = tarn__lake_usable(lake, true, err);
    if (st == TARN_OK)
        st = tarn__lake_catch_up(lake, &head, err);
    if (st != TARN_OK)
        return st;
    txn = tarn__calloc(1, sizeof *txn);
    if (txn == NULL)
        return tarn__no_memory(err);
    txn->lake = lake;
    pthread_mutex_init(&txn->settle_mutex, NULL);
    txn->time_us = tarn__now_us() / 1000 * 1000;
    txn->bytes = (tarn_buf)TARN_BUF_INIT;
    tarn__spool_init(&txn->ops, lake->bounds.spool_bytes);
    tarn__spool_init(&txn->packed, STEP_BYTES);
    tarn__snapshot_init(&txn->snap, lake);
    txn->snap.version = head;
    txn->snap.txn = txn;
    st = tarn__overlay_create(lake->bounds.overlay_bytes, tarn__lake_scratch_of,
        lake, &txn->snap.overlay, err);
    if (st == TARN_OK)
        st = tarn__apply_memory_create(&txn->memory, TARN__FAMILIES_ALL, err);
    if (st == TARN_OK)
        st = copy_options(txn, options != NULL ? options : &defaults, err);
    if (st != TARN_OK) {
        tarn_txn_abort(txn);
        return st;
    }
    *out = txn;
    return TARN_OK;
}

static void free_step(const kept_step *kept)
{
    if (kept->packed == 0 && kept->step.free != NULL)
        kept->step.free(kept->arg);
}

void tarn_txn_abort(tarn_txn *txn)
{
    if (txn == NULL || tarn__lake_forked(txn->lake))
        return;
    for (size_t i = 0; i < txn->step_count; i++)
        free_step(&txn->steps[i]);
    tarn__spool_reset(&txn->packed);
    for (size_t i = 0; i < txn->staged_count; i++)
        tarn__staged_reset(&txn->staged[i]);
    for (size_t i = 0; txn->argv != NULL && txn->argv[i] != NULL; i++)
        tarn__free(txn->argv[i]);
    tarn__free(txn->argv);
    tarn__free(txn->message);
    tarn__free(txn->steps);
    tarn__free(txn->staged);
    tarn__spool_reset(&txn->ops);
    tarn__snapshot_reset(&txn->snap);
    tarn__overlay_free(txn->snap.overlay);
    tarn_buf_reset(&txn->bytes);
    tarn__apply_memory_free(txn->memory);
    pthread_mutex_destroy(&txn->settle_mutex);
    tarn__free(txn);
}

tarn_snapshot *tarn_txn_snapshot(tarn_txn *txn)
{
    return &txn->snap;
}

tarn_lake *tarn__txn_lake(tarn_txn *txn)
{
    return txn->lake;
}

int64_t tarn__txn_time(const tarn_txn *txn)
{
    return txn->time_us;
}

static tarn_status too_many(tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "transaction: more than 2,147,483,647 operations (commit in parts)");
}

static tarn_status add(tarn_txn *txn, const tarn__op *op, tarn_error *err)
{
    tarn__op own = *op;

    if (txn->seq == INT32_MAX)
        return too_many(err);
    own.version = TARN__PENDING_VERSION;
    own.seq = txn->seq;
    own.time_us = txn->time_us;
    tarn__buf_clear(&txn->bytes);
    if (txn->bulk && !txn->unseen) {
        txn->unseen = true;
        txn->seen = tarn__spool_bytes(&txn->ops);
        txn->seen_seq = txn->seq;
    }
    tarn_status st = tarn__op_encode(&txn->bytes, &own, err);
    if (st == TARN_OK)
        st = tarn__spool_add(&txn->ops, tarn__buf_slice(&txn->bytes),
            tarn__lake_scratch_of, txn->lake, err);
    if (st != TARN_OK)
        return st;
    txn->seq++;
    if (txn->unseen)
        return TARN_OK;
    st = tarn__op_apply(
        &own, txn->memory, tarn__overlay_emit, txn->snap.overlay, err);
    if (st != TARN_OK)
        txn->broken = true;
    return st;
}

static tarn_status add_one(void *arg, const tarn__op *op, tarn_error *err)
{
    return add(arg, op, err);
}

/* Into the spool what the source has, because something is to follow it. */
static tarn_status write_down(tarn_txn *txn, tarn_error *err)
{
    const tarn__op_source source = txn->more;

    if (source.each == NULL)
        return TARN_OK;
    txn->more.each = NULL;
    tarn_status st = source.each(source.arg, add_one, txn, err);
    if (st != TARN_OK)
        txn->broken = true;
    return st;
}

tarn_status tarn__txn_add(tarn_txn *txn, const tarn__op *op, tarn_error *err)
{
    assert(txn->more.each == NULL);
    return add(txn, op, err);
}

tarn_status tarn__txn_take(void *txn, const tarn__op *op, tarn_error *err)
{
    return tarn__txn_add(txn, op, err);
}

tarn_status tarn__txn_add_source(
    tarn_txn *txn, const tarn__op_source *source, tarn_error *err)
{
    assert(txn->more.each == NULL && source->count > 0);
    if (source->count > (uint64_t)(INT32_MAX - txn->seq))
        return too_many(err);
    txn->more = *source;
    return TARN_OK;
}

/* `bytes` of a packed step, else NULL. */
static tarn_status run_step(tarn_txn *txn, const kept_step *kept,
    const tarn_slice *bytes, tarn_error *err)
{
    tarn_status st = write_down(txn, err);
    uint64_t before = txn->ops.count;

    if (st != TARN_OK)
        return st;
    st = bytes != NULL ? kept->as_bytes->run(txn, *bytes, err)
                       : kept->step.run(txn, kept->arg, err);

    txn->bulk = false;
    if (st != TARN_OK && txn->ops.count != before)
        txn->broken = true;
    return st;
}

/* Keep a step that has been run as bytes, behind others of its kind. */
static tarn_status pack_step(
    tarn_txn *txn, const kept_step *kept, bool *packed, tarn_error *err)
{
    kept_step *last =
        txn->step_count > 0 ? &txn->steps[txn->step_count - 1] : NULL;

    *packed = false;
    if (kept->as_bytes == NULL)
        return TARN_OK;
    tarn__buf_clear(&txn->bytes);
    tarn_status st = kept->as_bytes->pack(kept->arg, &txn->bytes, packed, err);
    if (st == TARN_OK && *packed)
        st = tarn__spool_add(&txn->packed, tarn__buf_slice(&txn->bytes),
            tarn__lake_scratch_of, txn->lake, err);
    if (st != TARN_OK || !*packed)
        return st;
    if (last == NULL || last->packed == 0 || last->as_bytes != kept->as_bytes) {
        last = &txn->steps[txn->step_count++];
        *last = (kept_step){kept->step, NULL, kept->as_bytes, 0};
    }
    last->packed++;
    return TARN_OK;
}

tarn_status tarn__txn_step(
    tarn_txn *txn, const tarn__step *step, void *arg, tarn_error *err)
{
    return tarn__txn_step_packed(txn, step, NULL, arg, err);
}

tarn_status tarn__txn_step_packed(tarn_txn *txn, const tarn__step *step,
    const tarn__step_bytes *as_bytes, void *arg, tarn_error *err)
{
    const kept_step kept = {*step, arg, as_bytes, 0};
    bool packed = false;

    tarn_status st = tarn__grow((void **)&txn->steps, &txn->step_cap,
        txn->step_count + 1, sizeof *txn->steps, err);
    if (st == TARN_OK)
        st = run_step(txn, &kept, NULL, err);
    if (st == TARN_OK) {
        st = pack_step(txn, &kept, &packed, err);
        if (st != TARN_OK)
            txn->broken = true; /* it has run and could not be taken again */
    }
    if (st == TARN_OK && !packed)
        txn->steps[txn->step_count++] = kept;
    else
        free_step(&kept);
    return st;
}

void tarn__txn_bulk(tarn_txn *txn)
{
    txn->bulk = true;
}

static tarn_status settle(tarn_txn *txn, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    tarn__op op;
    int32_t seq = txn->seen_seq;
    tarn_status st = TARN_OK;

    if (!txn->unseen)
        return TARN_OK;
    tarn__spool_read_from(&reader, &txn->ops, txn->seen);
    while (st == TARN_OK &&
        (st = tarn__spool_read(&reader, &bytes, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!tarn__op_decode(bytes, &op))
            st = tarn__fail(err, TARN_CORRUPT,
                "transaction: its scratch file is damaged (try again)");
        op.version = TARN__PENDING_VERSION;
        op.seq = seq++;
        op.time_us = txn->time_us;
        if (st == TARN_OK)
            st = tarn__op_apply(
                &op, txn->memory, tarn__overlay_emit, txn->snap.overlay, err);
    }
    tarn__spool_read_reset(&reader);
    txn->unseen = st != TARN_OK;
    return st;
}

tarn_status tarn__txn_settle(tarn_txn *txn, tarn_error *err)
{
    pthread_mutex_lock(&txn->settle_mutex);
    tarn_status st = txn->bulk ? TARN_OK : settle(txn, err);
    if (st == TARN_OK && !txn->bulk)
        st = write_down(txn, err);
    pthread_mutex_unlock(&txn->settle_mutex);
    return st;
}

tarn_status tarn__txn_take_staged(
    tarn_txn *txn, tarn__staged *staged, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&txn->staged, &txn->staged_cap,
        txn->staged_count + 1, sizeof *txn->staged, err);

    if (st != TARN_OK)
        return st;
    txn->staged[txn->staged_count++] = *staged;
    memset(staged, 0, sizeof *staged);
    return TARN_OK;
}

/* Content that this transaction has staged stands in its scratch folder until
 * the commit. */
static const char *staged_path(const tarn_txn *txn, const tarn__object_id *id)
{
    for (size_t i = txn->staged_count; i > 0; i--) {
        const tarn__staged *staged = &txn->staged[i - 1];
        if (staged->id.parquet == id->parquet &&
            memcmp(staged->id.sha256, id->sha256, sizeof id->sha256) == 0)
            return staged->path;
    }
    return NULL;
}

tarn_status tarn__read_object_path(
    tarn_snapshot *snap, tarn__object_id id, char **path, tarn_error *err)
{
    const char *staged = snap->txn != NULL ? staged_path(snap->txn, &id) : NULL;

    *path = NULL;
    if (snap->lake->memory)
        return tarn__fail(
            err, TARN_CORRUPT, "a lake in memory has no objects (report this)");
    *path = staged != NULL ? tarn__strdup(staged)
                           : tarn__object_path(snap->lake->objects, id);
    return *path != NULL ? TARN_OK : tarn__no_memory(err);
}

tarn_status tarn__read_object_verify(
    tarn_snapshot *snap, tarn__object_id id, tarn_error *err)
{
    bool staged = snap->txn != NULL && staged_path(snap->txn, &id) != NULL;
    return snap->lake->memory || staged
        ? TARN_OK
        : tarn__object_verify(snap->lake->objects, id, err);
}

static tarn_status run_packed(tarn_txn *txn, const kept_step *kept,
    tarn__spool_reader *reader, tarn_error *err)
{
    tarn_status st = TARN_OK;

    for (uint64_t i = 0; i < kept->packed && st == TARN_OK; i++) {
        tarn_slice bytes;
        st = tarn__spool_read(reader, &bytes, err);
        if (st == TARN_OK)
            st = tarn__fail(err, TARN_CORRUPT,
                "transaction: its scratch file is damaged (try again)");
        else if (st == TARN_ROW)
            st = run_step(txn, kept, &bytes, err);
    }
    return st;
}

/* The head has moved since the steps were taken: take them again on it. */
static tarn_status take_again(tarn_txn *txn, int64_t head, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_status st = tarn__overlay_clear(txn->snap.overlay, err);

    if (st != TARN_OK)
        return st;
    tarn__spool_reset(&txn->ops);
    txn->seq = 0;
    txn->unseen = false;
    txn->more.each = NULL;
    tarn__snapshot_rebase(&txn->snap, head);
    tarn__spool_read_init(&reader, &txn->packed);
    for (size_t i = 0; i < txn->step_count && st == TARN_OK; i++)
        st = txn->steps[i].packed > 0
            ? run_packed(txn, &txn->steps[i], &reader, err)
            : run_step(txn, &txn->steps[i], NULL, err);
    tarn__spool_read_reset(&reader);
    return st;
}

static tarn_status check_expected(
    const tarn_txn *txn, int64_t head, tarn_error *err)
{
    if (txn->expect_version < 0 || txn->expect_version == head)
        return TARN_OK;
    return tarn__fail(err, TARN_CONFLICT,
        "the lake is at version %lld, not %lld as expected (read it again "
        "and retry)",
        (long long)head, (long long)txn->expect_version);
}

bool tarn__txn_is_empty(const tarn_txn *txn)
{
    return txn->ops.count == 0 && txn->more.each == NULL;
}

static tarn_status commit_locked(
    tarn_txn *txn, int64_t *version, tarn_error *err)
{
    tarn_lake *lake = txn->lake;
    int64_t head = lake->memory ? lake->memory_head : lake->writer.head;

    tarn_status st = check_expected(txn, head, err);
    if (st == TARN_OK && head != txn->snap.version)
        st = take_again(txn, head, err);
    if (st != TARN_OK || tarn__txn_is_empty(txn))
        return st;
    const tarn__commit commit = {
        .ops = &txn->ops,
        .more = txn->more,
        .staged = txn->staged,
        .staged_count = txn->staged_count,
        .argv = (const char *const *)txn->argv,
        .message = txn->message,
    };
    return tarn__commit_run(lake, &commit, version, err);
}

tarn_status tarn_txn_commit(tarn_txn *txn, int64_t *version, tarn_error *err)
{
    tarn_lake *lake = txn->lake;
    int64_t committed = -1;
    tarn_status st = tarn__lake_usable(lake, true, err);

    if (st == TARN_OK && txn->broken)
        st = tarn__fail(err, TARN_INVALID,
            "transaction: a step failed half-way (abort it and begin anew)");
    /* Nothing to do needs no lock, but for saying that the head is another. */
    if (st == TARN_OK &&
        (!tarn__txn_is_empty(txn) || txn->expect_version >= 0)) {
        st = tarn__writer_take(lake, lake->options.wait_us, err);
        if (st == TARN_OK) {
            st = commit_locked(txn, &committed, err);
            tarn__writer_give(lake);
        }
    }
    if (version != NULL)
        *version = committed;
    tarn_txn_abort(txn);
    return st;
}
