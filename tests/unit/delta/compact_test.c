/* Compaction and rewriting: other files, the same rows, or those kept. */
#include "delta_test_support.h"

struct change {
    tarn__delta_file *adds;
    size_t add_count;
    char **removes;
    size_t remove_count;
};

static void change_reset(struct change *c)
{
    tarn__delta_files_free(c->adds, c->add_count);
    tarn__delta_paths_free(c->removes, c->remove_count);
    memset(c, 0, sizeof(*c));
}

static struct change compact(tarn__delta *delta, int64_t head, bool all)
{
    tarn_error err = TARN_ERROR_INIT;
    struct change c;
    ok(tarn__delta_compact(delta, head, all, "space, key", &c.adds,
           &c.add_count, &c.removes, &c.remove_count, &err),
        &err);
    return c;
}

static struct change rewrite(tarn__delta *delta, int64_t head, const char *keep)
{
    tarn_error err = TARN_ERROR_INIT;
    struct change c;
    ok(tarn__delta_rewrite(delta, head, keep, "space, key", &c.adds,
           &c.add_count, &c.removes, &c.remove_count, &err),
        &err);
    return c;
}

/* Commits the change and frees it. */
static void commit_change(
    tarn__delta *delta, int64_t version, struct change *c, bool data_change)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_write write = test_write(version);
    write.operation = "OPTIMIZE";
    write.adds = c->adds;
    write.add_count = c->add_count;
    write.removes = (const char *const *)c->removes;
    write.remove_count = c->remove_count;
    write.data_change = data_change;
    ok(tarn__delta_commit_write(delta, version, &write, NULL, &err), &err);
    change_reset(c);
}

static void few_files_are_left_alone(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 10; v++)
        test_commit(delta, v, 1, "k");
    struct change c = compact(delta, 10, false);
    assert_int_equal(0, c.add_count);
    assert_int_equal(0, c.remove_count);
    tarn__delta_close(delta);
}

static void a_table_without_files_has_nothing_to_compact(void **state)
{
    tarn__delta *delta = test_table(state);
    struct change c = compact(delta, 0, true);
    assert_int_equal(0, c.add_count);
    c = rewrite(delta, 0, "false");
    assert_int_equal(0, c.remove_count);
    tarn__delta_close(delta);
}

static void compaction_keeps_every_row(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 9; v++)
        test_commit(delta, v, 3, v % 2 ? "z" : "a");
    char before[1024];
    char after[1024];
    test_rows(delta, 9, 0, 9, before, sizeof(before));
    struct change c = compact(delta, 9, true);
    assert_int_equal(1, c.add_count);
    assert_int_equal(9, c.remove_count);
    assert_false(c.adds[0].data_change);
    assert_int_equal(1, c.adds[0].min_version);
    assert_int_equal(9, c.adds[0].max_version);
    commit_change(delta, 10, &c, false);
    assert_int_equal(1, test_live(delta, 10));
    test_rows(delta, 10, 0, 10, after, sizeof(after));
    assert_string_equal(before, after);
    test_rows(delta, 9, 0, 9, after, sizeof(after)); /* the past as it was */
    assert_string_equal(before, after);
    c = compact(delta, 10, true); /* one file is no work */
    assert_int_equal(0, c.add_count);
    tarn__delta_close(delta);
}

static void compaction_sorts(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 2, "z");
    test_commit(delta, 2, 2, "a");
    struct change c = compact(delta, 2, true);
    char sql[512];
    char text[128];
    (void)snprintf(sql, sizeof(sql),
        "SELECT string_agg(key, ' ') FROM (SELECT key FROM "
        "read_parquet('%s/%s', file_row_number=true) "
        "ORDER BY file_row_number)",
        sandbox_path(state, "log"), c.adds[0].path);
    assert_string_equal(
        "a0 a1 z0 z1", test_ask(delta, sql, text, sizeof(text)));
    change_reset(&c);
    tarn__delta_close(delta);
}

static void every_kind_of_cell_survives_compaction(void **state)
{
    tarn__delta *delta = test_table(state);
    tarn_error err = TARN_ERROR_INIT;
    for (int64_t v = 1; v <= 2; v++) {
        char *path = NULL;
        tarn__pq_writer *writer = NULL;
        tarn__delta_file file;
        ok(tarn__delta_file_open(delta, &path, &writer, &err), &err);
        const tarn__pq_cell full[TEST_COLUMNS] = {test_int(v),
            test_int(INT32_MAX), test_text(""),
            {.bytes = {"k\0\xf0\x9f\x98\x80", 6}}, test_int(INT64_C(-1)),
            {.bytes = {"\0\xff\0", 3}}};
        const tarn__pq_cell none = {.null = true};
        const tarn__pq_cell empty[TEST_COLUMNS] = {
            test_int(v), none, none, none, none, {.bytes = {"", 0}}};
        ok(tarn__pq_row(writer, full, &err), &err);
        ok(tarn__pq_row(writer, empty, &err), &err);
        ok(tarn__delta_file_finish(
               delta, writer, path, TEST_TIME_MS, &file, &err),
            &err);
        tarn__delta_write write = test_write(v);
        write.adds = &file;
        write.add_count = 1;
        ok(tarn__delta_commit_write(delta, v, &write, NULL, &err), &err);
        tarn__delta_file_reset(&file);
    }
    char before[1024];
    char after[1024];
    char sql[2048];
    for (int i = 0; i < 2; i++) {
        tarn_buf from = TARN_BUF_INIT;
        ok(tarn__delta_relation(delta, 2 + i, &from, &err), &err);
        (void)snprintf(sql, sizeof(sql),
            "SELECT string_agg(concat_ws('|', version, seq, space, "
            "hex(key), epoch_us(time), hex(content), key IS NULL), ' ' "
            "ORDER BY version, seq) FROM %s",
            from.ptr);
        (void)test_ask(delta, sql, i == 0 ? before : after, sizeof(before));
        tarn_buf_reset(&from);
        if (i > 0)
            break;
        struct change c = compact(delta, 2, true);
        commit_change(delta, 3, &c, false);
    }
    assert_non_null(strstr(before, "6B00F09F9880"));
    assert_string_equal(before, after);
    tarn__delta_close(delta);
}

static void many_small_files_compact_by_themselves(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 1000; v++)
        test_commit(delta, v, 1, "k");
    struct change c = compact(delta, 1000, false);
    assert_int_equal(0, c.add_count);
    test_commit(delta, 1001, 1, "k");
    c = compact(delta, 1001, false);
    assert_int_equal(1, c.add_count);
    assert_int_equal(1001, c.remove_count);
    commit_change(delta, 1002, &c, false);
    assert_int_equal(1001, test_count(delta, 1002));
    tarn__delta_close(delta);
}

/* Files of made-up sizes, for the choice alone: their rows are few. */
static void add_sized(tarn__delta *delta, int64_t version, int64_t size_bytes)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_file file;
    ok(test_try_file(delta, version, 1, "k", &file, &err), &err);
    file.size_bytes = size_bytes;
    tarn__delta_write write = test_write(version);
    write.adds = &file;
    write.add_count = 1;
    ok(tarn__delta_commit_write(delta, version, &write, NULL, &err), &err);
    tarn__delta_file_reset(&file);
}

static void large_files_stay_as_they_are(void **state)
{
    tarn__delta *delta = test_table(state);
    add_sized(delta, 1, INT64_C(64) << 20);
    add_sized(delta, 2, INT64_C(64) << 20);
    add_sized(delta, 3, 1000);
    struct change c = compact(delta, 3, true);
    assert_int_equal(0, c.add_count);
    add_sized(delta, 4, 1000);
    c = compact(delta, 4, true);
    assert_int_equal(2, c.remove_count);
    change_reset(&c);
    tarn__delta_close(delta);
}

static void a_slice_is_bounded_in_bytes(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 10; v++)
        add_sized(delta, v, (INT64_C(64) << 20) - 1);
    struct change c = compact(delta, 10, true);
    assert_int_equal(4, c.remove_count);
    change_reset(&c);
    tarn__delta_close(delta);
}

static void a_slice_is_of_one_tier(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 1001; v++)
        add_sized(delta, v, v <= 300 ? 100000 : 1000);
    struct change c = compact(delta, 1001, false);
    assert_int_equal(701, c.remove_count);
    change_reset(&c);
    tarn__delta_close(delta);
}

/* How many rows a scan gives, each above the one before. */
static int64_t scan_in_order(tarn__delta *delta, int64_t head)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_scan *scan = NULL;
    tarn__cell cells[3];
    int64_t before = -1;
    int64_t count = 0;
    tarn_status st;
    ok(tarn__delta_scan_open(delta, head, 0, head, "version, seq, content",
           "key IS NOT NULL", &scan, &err),
        &err);
    while ((st = tarn__delta_scan_next(scan, cells, &err)) == TARN_ROW) {
        int64_t at = cells[0].i64 * 1000 + cells[1].i64;
        assert_true(at > before);
        assert_int_equal(50000, cells[2].bytes.len);
        before = at;
        count++;
    }
    ok(st, &err);
    tarn__delta_scan_close(scan);
    return count;
}

/* 40 MB of rows through a session of 64 MB: slice after slice. */
static void more_rows_than_memory_go_in_slices(void **state)
{
    test_make(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn__delta_options options = test_options(state);
    options.memory_bytes = UINT64_C(64) << 20;
    tarn__delta *delta = NULL;
    ok(tarn__delta_open(sandbox_path(state, "log"), &options, &delta, &err),
        &err);
    static char bytes[50000];
    unsigned seed = 1;
    int64_t v = 0;
    while (v < 40) {
        char *path = NULL;
        tarn__pq_writer *writer = NULL;
        tarn__delta_file file;
        v++;
        ok(tarn__delta_file_open(delta, &path, &writer, &err), &err);
        for (int i = 0; i < 20; i++) {
            for (size_t n = 0; n < sizeof(bytes); n++)
                bytes[n] = (char)((seed = seed * 69069u + 1u) >> 24);
            ok(test_put_row(
                   writer, v, i, "k", (tarn_slice){bytes, sizeof(bytes)}, &err),
                &err);
        }
        ok(tarn__delta_file_finish(delta, writer, path, v, &file, &err), &err);
        tarn__delta_write write = test_write(v);
        write.adds = &file;
        write.add_count = 1;
        ok(tarn__delta_commit_write(delta, v, &write, NULL, &err), &err);
        tarn__delta_file_reset(&file);
    }
    assert_int_equal(40 * 20, scan_in_order(delta, v));
    size_t slices = 0;
    struct change c;
    for (c = compact(delta, v, true); c.add_count > 0;
         c = compact(delta, v, true)) {
        assert_int_equal(1, c.add_count);
        commit_change(delta, ++v, &c, false);
        slices++;
    }
    assert_int_equal(3, slices);
    c = rewrite(delta, v, "seq <> 3");
    assert_int_equal(3, c.remove_count);
    commit_change(delta, ++v, &c, true);
    assert_int_equal(40 * 19, test_count(delta, v));
    assert_int_equal(40 * 19, scan_in_order(delta, v));
    tarn__delta_close(delta);
}

static void rewriting_drops_rows_and_spares_whole_files(void **state)
{
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 4; v++)
        test_commit(delta, v, 3, "k");
    struct change c = rewrite(delta, 4,
        "key <> 'k1' OR version >= 3 OR version = "
        "(SELECT max(r.version) FROM rows r WHERE r.version < 2)");
    assert_int_equal(1, c.remove_count);
    assert_int_equal(1, c.add_count);
    assert_true(c.adds[0].data_change);
    commit_change(delta, 5, &c, true);
    char rows[1024];
    test_rows(delta, 5, 0, 5, rows, sizeof(rows));
    assert_string_equal("1/0/k0 1/1/k1 1/2/k2 2/0/k0 2/2/k2 3/0/k0 3/1/k1 "
                        "3/2/k2 4/0/k0 4/1/k1 4/2/k2",
        rows);
    c = rewrite(delta, 5, "true");
    assert_int_equal(0, c.remove_count);
    tarn__delta_close(delta);
}

static void rewriting_may_leave_nothing(void **state)
{
    tarn__delta *delta = test_table(state);
    test_commit(delta, 1, 3, "k");
    struct change c = rewrite(delta, 1, "NULL"); /* not true: not kept */
    assert_int_equal(1, c.remove_count);
    assert_int_equal(0, c.add_count);
    commit_change(delta, 2, &c, true);
    assert_int_equal(0, test_count(delta, 2));
    tarn__delta_close(delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(few_files_are_left_alone),
        sandbox_test(a_table_without_files_has_nothing_to_compact),
        sandbox_test(compaction_keeps_every_row),
        sandbox_test(compaction_sorts),
        sandbox_test(every_kind_of_cell_survives_compaction),
        sandbox_test(many_small_files_compact_by_themselves),
        sandbox_test(large_files_stay_as_they_are),
        sandbox_test(a_slice_is_bounded_in_bytes),
        sandbox_test(a_slice_is_of_one_tier),
        sandbox_test(more_rows_than_memory_go_in_slices),
        sandbox_test(rewriting_drops_rows_and_spares_whole_files),
        sandbox_test(rewriting_may_leave_nothing),
    };
    return cmocka_run_group_tests_name("delta/compact", tests, NULL, NULL);
}
