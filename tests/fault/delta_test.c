/* Every allocation and every I/O call of the room fails once: a clear error,
 * no leak, and a table that reads as before, or as after. */
#include "support/fault_sweep.h"
#include "unit/delta/delta_test_support.h"

/* Table with versions 1 to 3, made anew in prepare(). */
static void make_table(void **state, void *ctx)
{
    (void)ctx;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__remove_tree(sandbox_path(state, "log"), &err), &err);
    ok(tarn__remove_tree(sandbox_path(state, "tmp"), &err), &err);
    tarn__delta *delta = test_table(state);
    for (int64_t v = 1; v <= 3; v++)
        test_commit(delta, v, 2, "k");
    tarn__delta_close(delta);
}

/* The files live at a version are there, and as long as the log says. */
static size_t check_files(void **state, int64_t version)
{
    tarn__delta *delta = test_open(state);
    tarn_error err = TARN_ERROR_INIT;
    const tarn__delta_file *files;
    size_t count;
    ok(tarn__delta_files(delta, version, &files, &count, &err), &err);
    for (size_t i = 0; i < count; i++) {
        char name[128];
        tarn__stat stat;
        (void)snprintf(name, sizeof(name), "log/%s", files[i].path);
        ok(tarn__stat_path(sandbox_path(state, name), true, &stat, &err), &err);
        assert_int_equal(files[i].size_bytes, stat.size_bytes);
    }
    tarn__delta_close(delta);
    return count;
}

/* Whatever happened, version 3 is there and whole. */
static void check_table(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    (void)status;
    assert_int_equal(3, check_files(state, 3));
}

static void sweep_all(void **state, sweep s)
{
    sweep_run(state, &s, SWEEP_MEMORY);
    sweep_run(state, &s, SWEEP_EIO);
    sweep_run(state, &s, SWEEP_ENOSPC);
}

static tarn_status open_table(
    void **state, tarn__delta **delta, tarn_error *err)
{
    const tarn__delta_options options = test_options(state);
    return tarn__delta_open(sandbox_path(state, "log"), &options, delta, err);
}

static void remove_table(void **state, void *ctx)
{
    (void)ctx;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__remove_tree(sandbox_path(state, "log"), &err), &err);
}

static tarn_status create(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    const tarn__delta_options options = test_options(state);
    const tarn__delta_write first = test_write(0);
    return tarn__delta_create(
        sandbox_path(state, "log"), &options, "id", &first, err);
}

/* What is left half-made is made whole by the next try, or is whole. */
static void check_created(void **state, void *ctx, tarn_status status)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_status again = create(state, ctx, &err);
    if (status == TARN_OK || again != TARN_OK)
        assert_int_equal(TARN_CONFLICT, again);
    tarn__delta *delta = test_open(state);
    assert_int_equal(0, test_live(delta, 0));
    tarn__delta_close(delta);
}

static void creating_a_table(void **state)
{
    sweep_all(state,
        (sweep){
            .prepare = remove_table, .work = create, .check = check_created});
}

static tarn_status commit_one(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn__delta *delta = NULL;
    int64_t head;
    tarn_status st = open_table(state, &delta, err);
    if (st == TARN_OK)
        st = tarn__delta_head(delta, 2, &head, err);
    if (st == TARN_OK)
        st = tarn__delta_sync(delta, head, err);
    if (st == TARN_OK)
        st = test_try_commit(delta, head + 1, 2, "n", err);
    tarn__delta_close(delta);
    return st;
}

/* Version 4 is whole or not at all; acknowledged it is there. */
static void check_committed(void **state, void *ctx, tarn_status status)
{
    check_table(state, ctx, status);
    tarn_error err = TARN_ERROR_INIT;
    int64_t head = -1;
    tarn__delta *delta = test_open(state);
    ok(tarn__delta_head(delta, -1, &head, &err), &err);
    if (status == TARN_OK)
        assert_int_equal(4, head);
    else if (status != TARN_UNKNOWN)
        assert_int_equal(3, head);
    tarn__delta_close(delta);
    assert_int_equal(head, check_files(state, head));
}

static void committing(void **state)
{
    sweep_all(state,
        (sweep){.prepare = make_table,
            .work = commit_one,
            .check = check_committed});
}

/* In parts: the handle is told of too little memory to sort even this. */
static tarn_status scan(tarn__delta *delta, tarn_error *err)
{
    tarn__delta_scan *scan = NULL;
    tarn__cell cells[2];
    delta->options.memory_bytes = 1000;
    tarn_status st =
        tarn__delta_scan_open(delta, 3, 0, 3, "version, seq", NULL, &scan, err);
    int64_t count = 0;
    while (st == TARN_OK) {
        st = tarn__delta_scan_next(scan, cells, err);
        if (st != TARN_ROW)
            break;
        count++;
        st = TARN_OK;
    }
    if (st == TARN_OK)
        assert_int_equal(6, count);
    tarn__delta_scan_close(scan);
    return st;
}

static tarn_status read_all(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn__delta *delta = NULL;
    tarn__delta_commit commit = {0};
    tarn__duck_result *rows = NULL;
    int64_t v = 0;
    uint8_t sha256[32];
    tarn_status st = open_table(state, &delta, err);
    if (st == TARN_OK)
        st = tarn__delta_head(delta, -1, &v, err);
    if (st == TARN_OK)
        st = tarn__delta_first(delta, &v, err);
    if (st == TARN_OK)
        st = tarn__delta_read(delta, 3, &commit, err);
    if (st == TARN_OK)
        st = tarn__delta_fingerprint(delta, 2, sha256, &v, err);
    if (st == TARN_OK)
        st = tarn__delta_version_at(delta, 3, INT64_MAX, &v, err);
    if (st == TARN_OK)
        st = tarn__delta_foreign(delta, 0, 3, &v, err);
    if (st == TARN_OK)
        st = tarn__delta_rows(
            delta, 3, 1, 3, "key", "seq = 1", true, &rows, err);
    tarn__duck_result_free(rows);
    if (st == TARN_OK)
        st = scan(delta, err);
    tarn__delta_commit_reset(&commit);
    tarn__delta_close(delta);
    return st;
}

static void reading(void **state)
{
    make_table(state, NULL);
    sweep_all(state, (sweep){.work = read_all, .check = check_table});
}

static tarn_status checkpoint(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn__delta *delta = NULL;
    tarn_status st = open_table(state, &delta, err);
    if (st == TARN_OK)
        st = tarn__delta_checkpoint(delta, 2, err);
    tarn__delta_close(delta);
    delta = NULL;
    const tarn__delta_file *files;
    size_t count;
    if (st == TARN_OK) /* and read it back */
        st = open_table(state, &delta, err);
    if (st == TARN_OK)
        st = tarn__delta_files(delta, 2, &files, &count, err);
    tarn__delta_close(delta);
    return st;
}

static void checkpointing(void **state)
{
    sweep_all(state,
        (sweep){
            .prepare = make_table, .work = checkpoint, .check = check_table});
}

static tarn_status change(tarn__delta *delta, bool rewrite, tarn_error *err)
{
    tarn__delta_file *adds = NULL;
    size_t add_count = 0;
    char **removes = NULL;
    size_t remove_count = 0;
    tarn_status st = rewrite
        ? tarn__delta_rewrite(delta, 3, "key = 'k0' OR version <> 2", "key",
              &adds, &add_count, &removes, &remove_count, err)
        : tarn__delta_compact(delta, 3, true, "key", &adds, &add_count,
              &removes, &remove_count, err);
    if (st != TARN_OK) {
        assert_null(adds);
        assert_null(removes);
        assert_int_equal(0, add_count + remove_count);
    }
    tarn__delta_files_free(adds, add_count);
    tarn__delta_paths_free(removes, remove_count);
    return st;
}

static tarn_status compact_and_rewrite(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn__delta *delta = NULL;
    tarn_status st = open_table(state, &delta, err);
    if (st == TARN_OK)
        st = change(delta, false, err);
    if (st == TARN_OK)
        st = change(delta, true, err);
    tarn__delta_close(delta);
    return st;
}

static void compacting_and_rewriting(void **state)
{
    make_table(state, NULL);
    sweep_all(
        state, (sweep){.work = compact_and_rewrite, .check = check_table});
}

/* A handle outlives its failures: the same call again succeeds. */
static void a_handle_recovers_from_a_failed_read(void **state)
{
    make_table(state, NULL);
    tarn__delta *delta = test_open(state);
    for (int64_t nth = 1; nth < 60; nth++) {
        tarn_error err = TARN_ERROR_INIT;
        const tarn__delta_file *files;
        size_t count;
        tarn__fault_alloc(nth, false);
        tarn_status st =
            tarn__delta_files(delta, nth % 2 ? 3 : 1, &files, &count, &err);
        tarn__fault_alloc(0, false);
        if (st != TARN_OK)
            assert_int_equal(TARN_NO_MEMORY, st);
        assert_int_equal(2, test_live(delta, 2));
    }
    tarn__delta_close(delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(creating_a_table),
        sandbox_test(committing),
        sandbox_test(reading),
        sandbox_test(checkpointing),
        sandbox_test(compacting_and_rewriting),
        sandbox_test(a_handle_recovers_from_a_failed_read),
    };
    return cmocka_run_group_tests_name("fault/delta", tests, NULL, NULL);
}
