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

/* A commit's operations on their way to `fn`. */
typedef struct numbering {
    int64_t version;
    int64_t time_us;
    int32_t seq;
    tarn__op_fn fn;
    void *arg;
} numbering;

static tarn_status number(void *arg, const tarn__op *op, tarn_error *err)
{
    numbering *n = arg;
    tarn__op own = *op;

    own.version = n->version;
    own.seq = n->seq++;
    own.time_us = n->time_us;
    return n->fn(n->arg, &own, err);
}

/* Called for every operation of a commit, version, seq and time filled in. */
static tarn_status each_op(
    const tarn__commit *commit, numbering *n, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    tarn__op op;
    tarn_status st;

    tarn__spool_read_init(&reader, commit->ops);
    while ((st = tarn__spool_read(&reader, &bytes, err)) == TARN_ROW) {
        if (!tarn__op_decode(bytes, &op))
            st = tarn__fail(err, TARN_CORRUPT,
                "transaction: its scratch file is damaged (try again)");
        else
            st = number(n, &op, err);
        if (st != TARN_OK)
            break;
    }
    tarn__spool_read_reset(&reader);
    return st == TARN_OK && commit->more.each != NULL
        ? commit->more.each(commit->more.arg, number, n, err)
        : st;
}

static tarn_status write_row(void *arg, const tarn__op *op, tarn_error *err)
{
    tarn__pq_cell cells[TARN__OP_COLUMN_COUNT];

    tarn__op_cells(op, cells);
    return tarn__pq_row(arg, cells, err);
}

/* Step 4: the operations' Parquet file, durable; *count of them. */
static tarn_status write_rows(tarn_lake *lake, const tarn__commit *commit,
    numbering n, tarn__delta_file *file, int32_t *count, tarn_error *err)
{
    tarn__pq_writer *writer = NULL;
    char *path = NULL;

    tarn_status st = tarn__delta_file_open(lake->delta, &path, &writer, err);
    if (st != TARN_OK)
        return st;
    n.fn = write_row;
    n.arg = writer;
    st = each_op(commit, &n, err);
    if (st != TARN_OK) {
        tarn__pq_abort(writer);
        tarn__free(path);
        return st;
    }
    *count = n.seq;
    return tarn__delta_file_finish(
        lake->delta, writer, path, n.time_us / 1000, file, err);
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

static bool is_bulk(const tarn_lake *lake, const tarn__commit *commit)
{
    uint64_t more = commit->more.each != NULL ? commit->more.count : 0;
    return commit->ops->count + more > lake->bounds.bulk_operations;
}

/* The view's part in a commit: appliers that share its families. */
#define APPLIERS_MOST 2
typedef struct applying {
    tarn__applier *appliers[APPLIERS_MOST];
    int count;
} applying;

static void applying_reset(applying *a)
{
    for (int i = 0; i < a->count; i++)
        tarn__applier_free(a->appliers[i]);
    a->count = 0;
}

static tarn_status make_appliers(tarn_lake *lake, const tarn__commit *commit,
    int count, applying *out, tarn_error *err)
{
    const uint32_t rows = 1u << TARN__FAMILY_RECORD;
    const uint32_t masks[APPLIERS_MOST] = {
        count == 1 ? TARN__FAMILIES_ALL : rows, TARN__FAMILIES_ALL & ~rows};
    tarn__scratch *scratch = NULL;

    *out = (applying){.count = 0};
    tarn_status st = tarn__lake_scratch(lake, &scratch, err);
    for (; st == TARN_OK && out->count < count; out->count += st == TARN_OK)
        st = tarn__applier_create(lake->view.db, is_bulk(lake, commit),
            masks[out->count], scratch, &out->appliers[out->count], err);
    if (st != TARN_OK)
        applying_reset(out);
    return st;
}

static tarn_status give_all(const tarn__commit *commit, numbering n,
    tarn__applier *applier, tarn_error *err)
{
    n.fn = apply_one;
    n.arg = applier;
    tarn_status st = each_op(commit, &n, err);
    return st == TARN_OK ? tarn__applier_prepare(applier, err) : st;
}

/* `a` has been given the operations already, when it has appliers.  `applied`
 * is the last of all. */
static tarn_status apply_ops(tarn_lake *lake, const tarn__commit *commit,
    numbering n, const tarn__applied *applied, applying *a, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (a->count == 0) {
        st = make_appliers(lake, commit, 1, a, err);
        if (st == TARN_OK)
            st = give_all(commit, n, a->appliers[0], err);
    }
    for (int i = 0; i < a->count && st == TARN_OK; i++)
        st = tarn__applier_finish(
            a->appliers[i], i + 1 == a->count ? applied : NULL, err);
    return st;
}

/* Step 6.  Never fails: the commit stands. */
static void apply(tarn_lake *lake, const tarn__commit *commit, numbering n,
    const uint8_t sha256[32], applying *a)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__applied applied;

    lake->writer.head = n.version;
    lake->writer.head_time_us = n.time_us;
    lake->head_seen = n.version;
    /* What an earlier commit did not apply must come first: by replay. */
    if (lake->writer.behind)
        return;
    applied = lake->view.applied;
    applied.version = n.version;
    memcpy(applied.sha256, sha256, sizeof applied.sha256);
    if (apply_ops(lake, commit, n, &applied, a, &err) == TARN_OK) {
        tarn__view_set_applied(&lake->view, &applied);
        if (tarn__writer_note(lake, -1, &err) == TARN_OK)
            return;
    }
    tarn__log(&lake->logger, TARN__LOG_INFO, "lake", "apply_later",
        "version=%lld why=\"%s\"", (long long)n.version, err.message);
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

/* The operations' file, and the view's sorted files beside it: parts that
 * threads take. */
typedef struct parts {
    tarn_lake *lake;
    const tarn__commit *commit;
    numbering n;
    tarn__delta_file *file;
    int32_t *count;
    applying *a;
    atomic_int next;
} parts;

static tarn_status write_parts(void *ctx, tarn_error *err)
{
    parts *p = ctx;
    tarn_status st = TARN_OK;
    int part;

    while (
        st == TARN_OK && (part = atomic_fetch_add(&p->next, 1)) <= p->a->count)
        st = part == 0
            ? write_rows(p->lake, p->commit, p->n, p->file, p->count, err)
            : give_all(p->commit, p->n, p->a->appliers[part - 1], err);
    return st;
}

/* Step 4 of many operations.  The appliers are given them, and write nothing
 * into the view before they finish. */
static tarn_status write_both(tarn_lake *lake, const tarn__commit *commit,
    numbering n, tarn__delta_file *file, int32_t *count, applying *a,
    tarn_error *err)
{
    int threads = tarn__lake_threads(lake) > 1 ? 2 : 1;
    parts p = {.lake = lake,
        .commit = commit,
        .n = n,
        .file = file,
        .count = count,
        .a = a};

    tarn_status st = make_appliers(lake, commit, threads, a, err);
    return st == TARN_OK ? tarn__parallel(threads, write_parts, &p, err) : st;
}

static tarn_status commit_ops(tarn_lake *lake, const tarn__commit *commit,
    int64_t *version, tarn_error *err)
{
    const numbering n = {
        .version = lake->writer.head + 1, .time_us = next_time(lake)};
    tarn__delta_file file = {0};
    tarn_buf tarn = TARN_BUF_INIT;
    uint8_t sha256[TARN__SHA256_BYTES];
    applying a = {.count = 0};
    int32_t count = 0;

    tarn_status st = tarn__objects_publish(
        lake->objects, commit->staged, commit->staged_count, err);
    if (st == TARN_OK && is_bulk(lake, commit) && !lake->writer.behind)
        st = write_both(lake, commit, n, &file, &count, &a, err);
    else if (st == TARN_OK)
        st = write_rows(lake, commit, n, &file, &count, err);
    if (st == TARN_OK)
        st = own_fields(
            commit->argv, (uint64_t)count, commit->message, &tarn, err);
    const tarn__delta_write write = {
        .timestamp_ms = n.time_us / 1000,
        .operation = "WRITE",
        .tarn = tarn.ptr,
        .row_count = count,
        .adds = &file,
        .add_count = 1,
        .data_change = true,
    };
    if (st == TARN_OK)
        st = commit_point(lake, &write, n.version, sha256, err);
    if (st == TARN_OK || st == TARN_UNKNOWN)
        *version = n.version;
    if (st == TARN_OK)
        apply(lake, commit, n, sha256, &a);
    applying_reset(&a);
    tarn_buf_reset(&tarn);
    tarn__delta_file_reset(&file);
    return st;
}

tarn_status tarn__commit_files(tarn_lake *lake, const tarn__delta_write *write,
    int64_t *version, tarn_error *err)
{
    tarn__spool none;
    const tarn__commit commit = {.ops = &none};
    const numbering n = {
        .version = lake->writer.head + 1, .time_us = next_time(lake)};
    tarn__delta_write timed = *write;
    uint8_t sha256[TARN__SHA256_BYTES];
    applying a = {.count = 0};

    tarn__spool_init(&none, 0);
    timed.timestamp_ms = n.time_us / 1000;
    tarn_status st = commit_point(lake, &timed, n.version, sha256, err);
    if (st == TARN_OK || st == TARN_UNKNOWN)
        *version = n.version;
    if (st == TARN_OK)
        apply(lake, &commit, n, sha256, &a);
    applying_reset(&a);
    return st;
}

/* --- a memory lake --- */

static tarn_status apply_memory(void *arg, const tarn__op *op, tarn_error *err)
{
    tarn_lake *lake = arg;
    return tarn__maps_apply(lake->view.maps, op, err);
}

static tarn_status commit_memory(tarn_lake *lake, const tarn__commit *commit,
    int64_t *version, tarn_error *err)
{
    int64_t next = lake->memory_head + 1;

    lake->writer.head_time_us = lake->version_times[next - 1];
    numbering n = {.version = next,
        .time_us = next_time(lake),
        .fn = apply_memory,
        .arg = lake};
    pthread_rwlock_wrlock(&lake->view.lock);
    tarn_status st = tarn__grow((void **)&lake->version_times,
        &lake->version_times_cap, (size_t)next + 1, sizeof(int64_t), err);
    if (st == TARN_OK)
        st = each_op(commit, &n, err);
    if (st == TARN_OK) {
        lake->version_times[next] = n.time_us;
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
        return commit_memory(lake, commit, version, err);
    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = commit_ops(lake, commit, version, err);
    if (st == TARN_OK && !lake->writer.behind)
        upkeep(lake);
    pthread_mutex_unlock(&lake->delta_mutex);
    return st;
}
