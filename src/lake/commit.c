/* The commit: DESIGN 3, steps 3 to 6.  The writer is BUSY throughout.
 *
 *   STAGED ─ publish ▶ PUBLISHED ─ write_rows ▶ WRITTEN ─ commit point ▶
 *   COMMITTED ─ apply ▶ APPLIED
 *
 * Up to WRITTEN a failure or a kill leaves unreferenced files only.  From
 * COMMITTED on the commit stands: what fails then is a log line, and the next
 * opening replays. */
#include <stdatomic.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/file.h"

/* Called for every operation of a commit, version, seq and time filled in. */
static tarn_status each_op(tarn__spool *ops, int64_t version, int64_t time_us,
    tarn__op_fn fn, void *arg, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    tarn__op op;
    int32_t seq = 0;
    tarn_status st;

    tarn__spool_read_init(&reader, ops);
    while ((st = tarn__spool_read(&reader, &bytes, err)) == TARN_ROW) {
        if (!tarn__op_decode(bytes, &op))
            st = tarn__fail(err, TARN_CORRUPT,
                "transaction: its scratch file is damaged (try again)");
        else {
            op.version = version;
            op.seq = seq++;
            op.time_us = time_us;
            st = fn(arg, &op, err);
        }
        if (st != TARN_OK)
            break;
    }
    tarn__spool_read_reset(&reader);
    return st;
}

static tarn_status write_row(void *arg, const tarn__op *op, tarn_error *err)
{
    tarn__pq_cell cells[TARN__OP_COLUMN_COUNT];

    tarn__op_cells(op, cells);
    return tarn__pq_row(arg, cells, err);
}

/* Step 4: the operations' Parquet file, durable. */
static tarn_status write_rows(tarn_lake *lake, tarn__spool *ops,
    int64_t version, int64_t time_us, tarn__delta_file *file, tarn_error *err)
{
    tarn__pq_writer *writer = NULL;
    char *path = NULL;

    tarn_status st = tarn__delta_file_open(lake->delta, &path, &writer, err);
    if (st != TARN_OK)
        return st;
    st = each_op(ops, version, time_us, write_row, writer, err);
    if (st != TARN_OK) {
        tarn__pq_abort(writer);
        tarn__free(path);
        return st;
    }
    return tarn__delta_file_finish(
        lake->delta, writer, path, time_us / 1000, file, err);
}

/* Our own fields of commitInfo. */
static tarn_status own_fields(const char *const *argv, uint64_t operations,
    const char *message, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, "{\"command\":[", err);

    for (size_t i = 0; st == TARN_OK && argv != NULL && argv[i] != NULL; i++) {
        if (i > 0)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = tarn__json_quote(out, tarn_str(argv[i]), err);
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err, "],\"operations\":%llu,\"tool\":\"%s\"",
            (unsigned long long)operations, tarn_version());
    if (st == TARN_OK && message != NULL) {
        st = tarn__buf_str(out, ",\"message\":", err);
        if (st == TARN_OK)
            st = tarn__json_quote(out, tarn_str(message), err);
    }
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

tarn_status tarn__upkeep_fields(
    const tarn_lake *lake, const char *command, tarn_buf *out, tarn_error *err)
{
    const char *const plain[] = {command, NULL};

    return own_fields(lake->upkeep.argv == NULL ? plain : lake->upkeep.argv, 0,
        lake->upkeep.message, out, err);
}

void tarn_lake_name_upkeep(tarn_lake *lake, const tarn_txn_options *options)
{
    static const tarn_txn_options none = TARN_TXN_OPTIONS_INIT;

    lake->upkeep = options == NULL ? none : *options;
}

static int64_t next_time(const tarn_lake *lake)
{
    int64_t now = tarn__now_us() / 1000 * 1000;
    int64_t least = lake->writer.head_time_us + 1000;

    return now > least ? now : least;
}

/* Step 5. After TARN_OK or TARN_UNKNOWN the commit may stand. */
static tarn_status commit_point(tarn_lake *lake, const tarn__delta_write *write,
    int64_t version, uint8_t sha256[32], tarn_error *err)
{
    tarn_status st = tarn__writer_note(lake, version, err);
    if (st == TARN_OK)
        st = tarn__delta_commit_write(lake->delta, version, write, sha256, err);
    /* Someone else has been here, or may have: look at the log anew. */
    if (st != TARN_OK)
        lake->writer.behind = true;
    if (st == TARN_UNKNOWN) {
        tarn__writer_poison(lake);
        st = tarn__fail(err, TARN_UNKNOWN,
            "version %lld: outcome unknown, the log folder could not be "
            "synced (open the lake anew and see tarn log)",
            (long long)version);
    }
    return st;
}

static tarn_status apply_one(void *arg, const tarn__op *op, tarn_error *err)
{
    return tarn__applier_op(arg, op, err);
}

static bool is_bulk(const tarn_lake *lake, const tarn__spool *ops)
{
    return ops != NULL && ops->count > lake->bounds.bulk_operations;
}

static tarn_status make_applier(
    tarn_lake *lake, tarn__spool *ops, tarn__applier **out, tarn_error *err)
{
    tarn__scratch *scratch = NULL;

    *out = NULL;
    tarn_status st = tarn__lake_scratch(lake, &scratch, err);
    return st == TARN_OK ? tarn__applier_create(lake->view.db,
                               is_bulk(lake, ops), scratch, out, err)
                         : st;
}

/* `applier` has been given the operations already, when there is one. */
static tarn_status apply_ops(tarn_lake *lake, tarn__spool *ops, int64_t time_us,
    const tarn__applied *applied, tarn__applier *applier, tarn_error *err)
{
    tarn__applier *own = NULL;
    tarn_status st = TARN_OK;

    if (applier == NULL) {
        st = make_applier(lake, ops, &own, err);
        applier = own;
        if (st == TARN_OK && ops != NULL)
            st = each_op(
                ops, applied->version, time_us, apply_one, applier, err);
    }
    if (st == TARN_OK)
        st = tarn__applier_finish(applier, applied, err);
    tarn__applier_free(own);
    return st;
}

/* Step 6.  Never fails: the commit stands. */
static void apply(tarn_lake *lake, tarn__spool *ops, int64_t version,
    int64_t time_us, const uint8_t sha256[32], tarn__applier *applier)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__applied applied;

    lake->writer.head = version;
    lake->writer.head_time_us = time_us;
    lake->head_seen = version;
    /* What an earlier commit did not apply must come first: by replay. */
    if (lake->writer.behind)
        return;
    applied = lake->view.applied;
    applied.version = version;
    memcpy(applied.sha256, sha256, sizeof applied.sha256);
    if (apply_ops(lake, ops, time_us, &applied, applier, &err) == TARN_OK) {
        tarn__view_set_applied(&lake->view, &applied);
        if (tarn__writer_note(lake, -1, &err) == TARN_OK)
            return;
    }
    tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "apply_later",
        "version=%lld why=\"%s\"", (long long)version, err.message);
    lake->writer.behind = true;
}

/* After the acknowledged part: a checkpoint or a compaction that is due. What
 * fails here is tried again after the next commit. */
static void upkeep(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    bool due = false;
    int64_t version;

    tarn_status st =
        tarn__delta_checkpoint_due(lake->delta, lake->writer.head, &due, &err);
    if (st == TARN_OK && due) {
        st = tarn__compact_slice(lake, false, &version, &err);
        if (st == TARN_OK)
            st = tarn__delta_checkpoint(lake->delta, lake->writer.head, &err);
        tarn__view_release_files(&lake->view, lake->at.gate);
    }
    if (st != TARN_OK)
        tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "upkeep_later",
            "why=\"%s\"", err.message);
}

/* The operations' file, and the view's sorted files beside it: two threads, each
 * with a part of its own. */
typedef struct both {
    tarn_lake *lake;
    tarn__spool *ops;
    int64_t version;
    int64_t time_us;
    tarn__delta_file *file;
    tarn__applier *applier;
    atomic_int next;
} both;

static tarn_status write_part(both *b, int part, tarn_error *err)
{
    if (part == 0)
        return write_rows(
            b->lake, b->ops, b->version, b->time_us, b->file, err);
    return each_op(b->ops, b->version, b->time_us, apply_one, b->applier, err);
}

static tarn_status write_parts(void *ctx, tarn_error *err)
{
    both *b = ctx;
    tarn_status st = TARN_OK;
    int part;

    while (st == TARN_OK && (part = atomic_fetch_add(&b->next, 1)) < 2)
        st = write_part(b, part, err);
    return st;
}

/* Step 4 of many operations.  *applier is given them, and writes nothing into
 * the view before it finishes. */
static tarn_status write_both(tarn_lake *lake, tarn__spool *ops,
    int64_t version, int64_t time_us, tarn__delta_file *file,
    tarn__applier **applier, tarn_error *err)
{
    both b = {.lake = lake,
        .ops = ops,
        .version = version,
        .time_us = time_us,
        .file = file};

    tarn_status st = make_applier(lake, ops, &b.applier, err);
    if (st == TARN_OK)
        st = tarn__parallel(
            tarn__lake_threads(lake) > 1 ? 2 : 1, write_parts, &b, err);
    *applier = b.applier;
    return st;
}

static tarn_status commit_ops(tarn_lake *lake, const tarn__commit *commit,
    int64_t *version, tarn_error *err)
{
    int64_t next = lake->writer.head + 1;
    int64_t time_us = next_time(lake);
    tarn__delta_file file = {0};
    tarn_buf tarn = TARN_BUF_INIT;
    uint8_t sha256[TARN__SHA256_BYTES];

    tarn__applier *applier = NULL;

    tarn_status st = tarn__objects_publish(
        lake->objects, commit->staged, commit->staged_count, err);
    if (st == TARN_OK && is_bulk(lake, commit->ops) && !lake->writer.behind)
        st = write_both(lake, commit->ops, next, time_us, &file, &applier, err);
    else if (st == TARN_OK)
        st = write_rows(lake, commit->ops, next, time_us, &file, err);
    if (st == TARN_OK)
        st = own_fields(
            commit->argv, commit->ops->count, commit->message, &tarn, err);
    const tarn__delta_write write = {
        .timestamp_ms = time_us / 1000,
        .operation = "WRITE",
        .tarn = tarn.ptr,
        .row_count = (int64_t)commit->ops->count,
        .adds = &file,
        .add_count = 1,
        .data_change = true,
    };
    if (st == TARN_OK)
        st = commit_point(lake, &write, next, sha256, err);
    if (st == TARN_OK || st == TARN_UNKNOWN)
        *version = next;
    if (st == TARN_OK)
        apply(lake, commit->ops, next, time_us, sha256, applier);
    tarn__applier_free(applier);
    tarn_buf_reset(&tarn);
    tarn__delta_file_reset(&file);
    return st;
}

tarn_status tarn__commit_files(tarn_lake *lake, const tarn__delta_write *write,
    int64_t *version, tarn_error *err)
{
    int64_t next = lake->writer.head + 1;
    int64_t time_us = next_time(lake);
    tarn__delta_write timed = *write;
    uint8_t sha256[TARN__SHA256_BYTES];

    timed.timestamp_ms = time_us / 1000;
    tarn_status st = commit_point(lake, &timed, next, sha256, err);
    if (st == TARN_OK || st == TARN_UNKNOWN)
        *version = next;
    if (st == TARN_OK)
        apply(lake, NULL, next, time_us, sha256, NULL);
    return st;
}

/* --- a memory lake --- */

static tarn_status apply_memory(void *arg, const tarn__op *op, tarn_error *err)
{
    tarn_lake *lake = arg;
    return tarn__maps_apply(lake->view.maps, op, err);
}

static tarn_status commit_memory(
    tarn_lake *lake, tarn__spool *ops, int64_t *version, tarn_error *err)
{
    int64_t next = lake->memory_head + 1;
    int64_t time_us;

    lake->writer.head_time_us = lake->version_times[next - 1];
    time_us = next_time(lake);
    pthread_rwlock_wrlock(&lake->view.lock);
    tarn_status st = tarn__grow((void **)&lake->version_times,
        &lake->version_times_cap, (size_t)next + 1, sizeof(int64_t), err);
    if (st == TARN_OK)
        st = each_op(ops, next, time_us, apply_memory, lake, err);
    if (st == TARN_OK) {
        lake->version_times[next] = time_us;
        lake->memory_head = next;
        lake->writer.head = next;
        *version = next;
    }
    pthread_rwlock_unlock(&lake->view.lock);
    /* Part of it may stand in the maps, unseen at this version: nothing may
     * follow that would show it. */
    if (st != TARN_OK)
        tarn__writer_poison(lake);
    return st;
}

tarn_status tarn__commit_run(tarn_lake *lake, const tarn__commit *commit,
    int64_t *version, tarn_error *err)
{
    if (lake->memory)
        return commit_memory(lake, commit->ops, version, err);
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = commit_ops(lake, commit, version, err);
    if (st == TARN_OK && !lake->writer.behind)
        upkeep(lake);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}
