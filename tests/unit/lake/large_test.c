/* Large commits, long tails: the same answers, in bounded time and memory. */
#include <sys/resource.h>

#include "rig.h"

/* Figures are those of an optimised build. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool instrumented = true;
#else
static const bool instrumented = false;
#endif

static tarn_status add_many(tarn_txn *txn, void *arg, tarn_error *err)
{
    int64_t count = *(int64_t *)arg;
    tarn_status st = TARN_OK;
    for (int64_t i = 0; i < count && st == TARN_OK; i++) {
        node_op n = {
            .type = TARN__OP_PUT, .kind = "file", .id = 0, .has_content = true};
        char id[TARN__ID_TEXT_BYTES], parent[TARN__ID_TEXT_BYTES], meta[160];
        tarn__id own = node_id(0), root = node_id(0);
        tarn__op op = TARN__OP_INIT;
        /* No order in the keys. */
        uint32_t mixed = (uint32_t)(i + 1) * 2654435761u;
        memcpy(own.bytes + 9, &mixed, 4);
        memcpy(own.bytes + 13,
            (uint8_t[]){(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16)}, 3);
        (void)snprintf(
            n.name, sizeof n.name, "file %" PRIu32 "-%d", mixed, (int)i);
        (void)snprintf(meta, sizeof meta,
            "{\"name\":\"%s\",\"parent\":\"%s\",\"created_at\":1}", n.name,
            tarn__id_format(&root, parent));
        op.space = "tree";
        op.kind = tarn_str("file");
        op.key = tarn_str(tarn__id_format(&own, id));
        op.meta = tarn_str(meta);
        op.content = tarn_str(n.name);
        op.size_bytes = (int64_t)op.content.len;
        st = tarn__txn_add(txn, &op, err);
    }
    return st;
}

static int64_t put_many(tarn_lake *lake, int64_t count)
{
    static const tarn__step step = {add_many, NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    ok(tarn__txn_step(txn, &step, &count, &err), &err);
    return commit(txn);
}

static int64_t count_of(tarn_lake *lake, tarn__family family)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    tarn__scan *scan = NULL;
    tarn_slice key, payload;
    int64_t count = 0;
    tarn_status st;
    ok(tarn__read_scan(snap, family, (tarn_slice){"", 0}, (tarn_slice){NULL, 0},
           &scan, &err),
        &err);
    while ((st = tarn__scan_next(scan, &key, &payload, NULL, &err)) == TARN_ROW)
        count++;
    ok(st, &err);
    tarn__scan_free(scan);
    tarn_snapshot_free(snap);
    return count;
}

static void sorted_files_and_batches_make_the_same_view(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    lake->bounds.bulk_operations = 100;
    put_many(lake, 3000);
    put(lake, "a", "1");
    put_many(lake, 2000); /* over some of them */
    size_t len, other_len;
    char *bulk = dump(lake, TARN_LATEST, &len);
    is_sound(lake); /* against a replay, which is all sorted files */
    tarn_lake_close(lake);
    shell("rm -r %s/views/key", dir);
    lake = lake_open(dir);
    lake->bounds.bulk_operations = UINT64_MAX;
    char *batch = dump(lake, TARN_LATEST, &other_len);
    assert_int_equal(len, other_len);
    assert_memory_equal(bulk, batch, len);
    is_sound(lake);
    tarn_free(bulk);
    tarn_free(batch);
    tarn_lake_close(lake);
}

static int64_t million(void)
{
    return getenv("TARN_LONG") != NULL ? 1000000 : 150000;
}

/* In a process of its own, whose peak is this commit's. */
static int puts_a_million(const char *dir, int in, int out)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    struct rusage used;
    tarn_lake *lake = lake_open_as(dir, &options);
    int64_t before = tarn__monotonic_us();
    (void)in;
    (void)out;
    lake->bounds.overlay_bytes = (size_t)16 << 20;
    put_many(lake, million());
    int64_t took = tarn__monotonic_us() - before;
    getrusage(RUSAGE_SELF, &used);
    (void)printf("took %.1f s, at most %ld MiB\n", (double)took / 1e6,
        used.ru_maxrss / 1024);
    tarn_lake_close(lake);
    return used.ru_maxrss / 1024 < 512 ? 0 : 1;
}

static void a_million_operations_are_one_commit(void **state)
{
    if (instrumented)
        skip();
    const char *dir = lake_make(state);
    child_succeeds(child("puts_a_million", dir, -1, -1));
    tarn_lake *lake = lake_open(dir);
    int64_t before = tarn__monotonic_us();
    assert_int_equal(million(), count_of(lake, TARN__FAMILY_NODE));
    assert_int_equal(million(), count_of(lake, TARN__FAMILY_ENTRY));
    print_message(
        "took %.1f s to read\n", (double)(tarn__monotonic_us() - before) / 1e6);
    tarn_lake_close(lake);
}

static void a_thousand_unapplied_commits_are_replayed(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "x");
    tarn_lake_close(lake);
    shell("cp -r %s/views/key %s/kept", dir, dir);
    lake = lake_open(dir);
    for (int i = 0; i < 1000; i++)
        put(lake, "a", i % 2 ? "x" : "y");
    tarn_lake_close(lake);
    shell("rm -r %s/views/key && mv %s/kept %s/views/key", dir, dir, dir);
    int64_t before = tarn__monotonic_us();
    lake = lake_open(dir);
    has(lake, "a", "x");
    int64_t took = tarn__monotonic_us() - before;
    print_message("took %.3f s to open\n", (double)took / 1e6);
    assert_true(instrumented || took < 2000000);
    has_at(lake, 1, "a", "x");
    has_at(lake, 500, "a", "y");
    tarn_lake_close(lake);
}

int main(int argc, char **argv)
{
    static const child_fn children[] = {{"puts_a_million", puts_a_million}};
    int status;
    if (is_child(argc, argv, children, 1, &status))
        return status;
    const struct CMUnitTest tests[] = {
        sandbox_test(sorted_files_and_batches_make_the_same_view),
        sandbox_test(a_million_operations_are_one_commit),
        sandbox_test(a_thousand_unapplied_commits_are_replayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
