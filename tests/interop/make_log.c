/*
 * Makes a log that other readers are to open: odd strings, all types, NULLs,
 * batches, tables of files removed and compacted, rows dropped, checkpoints.
 *
 *   make_log DIR VERSIONS [CHECKPOINT_EVERY [COMPACT_EVERY [REWRITE_EVERY]]]
 *
 * The same arguments give the same rows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "delta/delta.h"
#include "os/file.h"

/* The log of a lake (docs/FORMAT.md). */
static const tarn__pq_column columns[] = {
    {"version", TARN__PQ_INT64, true},
    {"seq", TARN__PQ_INT32, false},
    {"space", TARN__PQ_STRING, true},
    {"tenant", TARN__PQ_STRING, true},
    {"op", TARN__PQ_STRING, false},
    {"kind", TARN__PQ_STRING, true},
    {"key", TARN__PQ_STRING, true},
    {"time", TARN__PQ_TIMESTAMP, true},
    {"min_time", TARN__PQ_TIMESTAMP, true},
    {"max_time", TARN__PQ_TIMESTAMP, true},
    {"size", TARN__PQ_INT64, true},
    {"object", TARN__PQ_STRING, false},
    {"content", TARN__PQ_BINARY, false},
    {"meta", TARN__PQ_STRING, false},
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

#define TEXT(s)          \
    {                    \
        s, sizeof(s) - 1 \
    }
#define PEAK "\xf0\x9f\x8f\x94"
#define PEAKS PEAK PEAK PEAK PEAK PEAK PEAK PEAK PEAK PEAK PEAK PEAK

static const tarn_slice odd[] = {
    TEXT(""),
    TEXT("plain"),
    TEXT("a\0b"),
    TEXT("\0"),
    TEXT("tab\tnewline\n\"quote\" \\ back"),
    TEXT("\xc3\xa9t\xc3\xa9 \xe6\xb9\x96 " PEAK),
    TEXT("\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbf"),
    TEXT("{\"json\":[1,2,{\"a\":null}]}"),
    TEXT("https://example.com/a?b=c&d=%41#e"),
    TEXT("thirty-two characters and then \xe6\xb9\x96 more"),
    TEXT(PEAKS PEAKS PEAKS),
    TEXT("'; DROP TABLE log; --"),
};
#define ODD (sizeof(odd) / sizeof(odd[0]))

static const int64_t odd_times[] = {INT64_C(-62135596800000000), INT64_C(-1), 0,
    1, INT64_C(999), INT64_C(1700000000123456), INT64_C(253402300799999999)};
#define ODD_TIMES (sizeof(odd_times) / sizeof(odd_times[0]))

/* Version v is v seconds and v ms after this. */
#define FIRST_MS INT64_C(1700000000000)

struct maker {
    tarn__delta *delta;
    uint64_t seed;
    int64_t version; /* the last */
    char content[200000];
    tarn_error err;
};

static uint64_t draw(struct maker *m, uint64_t below)
{
    m->seed = m->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (m->seed >> 33) % below;
}

static tarn__pq_cell text(struct maker *m, bool nullable)
{
    tarn__pq_cell cell = {.bytes = odd[draw(m, ODD)]};
    cell.null = nullable && draw(m, 3) == 0;
    return cell;
}

static tarn__pq_cell number(int64_t v)
{
    return (tarn__pq_cell){.i64 = v};
}

static tarn__pq_cell odd_time(struct maker *m)
{
    tarn__pq_cell cell = {.i64 = odd_times[draw(m, ODD_TIMES)]};
    cell.null = draw(m, 3) == 0;
    return cell;
}

static tarn_status put_row(
    struct maker *m, tarn__pq_writer *w, int64_t version, int64_t seq)
{
    static const char *const spaces[] = {"tree", "record", "edge", "state"};
    static const char *const ops[] = {"put", "append", "delete"};
    char key[64];
    char object[65];
    uint64_t space = draw(m, 4);
    int key_len = snprintf(key, sizeof(key), "node-%03d", (int)draw(m, 200));
    (void)snprintf(object, sizeof(object), "%064" PRIx64, draw(m, 1 << 30));
    size_t size = (size_t)draw(m, draw(m, 50) == 0 ? sizeof(m->content) : 99);
    const tarn__pq_cell cells[COLUMNS] = {
        number(version),
        number(seq),
        {.bytes = tarn_str(spaces[space])},
        space == 0 ? (tarn__pq_cell){.null = true} : text(m, false),
        {.bytes = tarn_str(ops[draw(m, 3)])},
        text(m, true),
        draw(m, 2) ? text(m, false)
                   : (tarn__pq_cell){.bytes = {key, (size_t)key_len}},
        number((FIRST_MS + version * 1001) * 1000),
        odd_time(m),
        odd_time(m),
        number((int64_t)draw(m, 3) == 0 ? INT64_MAX : (int64_t)size),
        {.null = draw(m, 2) == 0, .bytes = tarn_str(object)},
        {.null = draw(m, 4) == 0, .bytes = {m->content, size}},
        text(m, true),
    };
    return tarn__pq_row(w, cells, &m->err);
}

static tarn__delta_write next_write(struct maker *m, const char *operation)
{
    m->version++;
    return (tarn__delta_write){.timestamp_ms = FIRST_MS + m->version * 1001,
        .operation = operation,
        .tarn = "{\"argv\":[\"make_log\"],\"message\":\"\xc3\xa9 \\\"x\\\"\"}",
        .data_change = true};
}

static tarn_status commit_rows(struct maker *m)
{
    tarn__delta_write write = next_write(m, "WRITE");
    tarn__delta_file file = {0};
    char *path = NULL;
    tarn__pq_writer *w = NULL;
    int64_t rows = (int64_t)(draw(m, 10) == 0 ? draw(m, 900) : draw(m, 3)) + 1;
    tarn_status st = tarn__delta_file_open(m->delta, &path, &w, &m->err);
    for (int64_t i = 0; st == TARN_OK && i < rows; i++)
        st = put_row(m, w, m->version, i);
    if (st != TARN_OK) {
        tarn__pq_abort(w);
        tarn__free(path);
        return st;
    }
    st = tarn__delta_file_finish(
        m->delta, w, path, write.timestamp_ms, &file, &m->err);
    write.adds = &file;
    write.add_count = 1;
    write.row_count = rows;
    if (st == TARN_OK)
        st = tarn__delta_commit_write(
            m->delta, m->version, &write, NULL, &m->err);
    tarn__delta_file_reset(&file);
    return st;
}

static tarn_status commit_change(struct maker *m, bool rewrite)
{
    tarn__delta_write write = next_write(m, rewrite ? "DELETE" : "OPTIMIZE");
    tarn__delta_file *adds = NULL;
    size_t add_count = 0;
    char **removes = NULL;
    size_t remove_count = 0;
    const char *order = "space, tenant, kind, key";
    char keep[128];
    (void)snprintf(keep, sizeof(keep),
        "(version + seq) %% 3 <> 0 OR version > %" PRId64, m->version - 3);
    tarn_status st = rewrite
        ? tarn__delta_rewrite(m->delta, m->version - 1, keep, order, &adds,
              &add_count, &removes, &remove_count, &m->err)
        : tarn__delta_compact(m->delta, m->version - 1, true, order, &adds,
              &add_count, &removes, &remove_count, &m->err);
    write.adds = adds;
    write.add_count = add_count;
    write.removes = (const char *const *)removes;
    write.remove_count = remove_count;
    write.data_change = rewrite;
    if (st == TARN_OK)
        st = tarn__delta_commit_write(
            m->delta, m->version, &write, NULL, &m->err);
    tarn__delta_files_free(adds, add_count);
    tarn__delta_paths_free(removes, remove_count);
    return st;
}

static tarn_status make(struct maker *m, int64_t versions, int64_t checkpoint,
    int64_t compact, int64_t rewrite)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && m->version < versions) {
        int64_t next = m->version + 1;
        if (rewrite > 0 && next % rewrite == 0)
            st = commit_change(m, true);
        else if (compact > 0 && next % compact == 0)
            st = commit_change(m, false);
        else
            st = commit_rows(m);
        if (st == TARN_OK && checkpoint > 0 && m->version % checkpoint == 0)
            st = tarn__delta_checkpoint(m->delta, m->version, &m->err);
    }
    return st;
}

int main(int argc, char **argv)
{
    static struct maker m = {.seed = 7, .err = TARN_ERROR_INIT};
    int64_t n[4] = {0};
    for (int i = 2; i < argc && i < 6; i++)
        if (!tarn__parse_i64(argv[i], &n[i - 2]))
            argc = 0;
    if (argc < 3 || argc > 6) {
        (void)fputs("usage: make_log DIR VERSIONS [CHECKPOINT_EVERY "
                    "[COMPACT_EVERY [REWRITE_EVERY]]]\n",
            stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof(m.content); i++)
        m.content[i] = (char)(draw(&m, 4) == 0 ? draw(&m, 256) : 'x');
    char *tmp = tarn__sprintf("%s/tmp", argv[1]);
    char *log = tarn__sprintf("%s/log", argv[1]);
    const tarn__delta_options options = {.columns = columns,
        .column_count = COLUMNS,
        .tmp_dir = tmp,
        .memory_bytes = UINT64_C(512) << 20,
        .threads = 1};
    m.version = -1;
    const tarn__delta_write first = next_write(&m, "CREATE TABLE");
    tarn_status st = tarn__mkdirs(tmp, &m.err);
    if (st == TARN_OK)
        st = tarn__delta_create(log, &options,
            "01977f2a-0000-7000-8000-000000000000", &first, &m.err);
    if (st == TARN_OK)
        st = tarn__delta_open(log, &options, &m.delta, &m.err);
    if (st == TARN_OK)
        st = make(&m, n[0], n[1], n[2], n[3]);
    if (st != TARN_OK)
        (void)fprintf(stderr, "make_log: %s\n", m.err.message);
    tarn__delta_close(m.delta);
    tarn__free(tmp);
    tarn__free(log);
    return tarn_exit_code(st);
}
