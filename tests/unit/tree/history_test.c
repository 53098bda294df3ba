/* revert, diff, show, log, collapse, describe, time travel. */
#include "unit/tree/rig.h"

static void put_csv(
    void **state, const char *path, tarn_kind as, const char *text)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    options.format = "csv";
    put_with(state, path, text, &options);
}

static char *id_of(void **state, const char *path)
{
    tarn_node node = stat_of(state, path);
    char *id = strdup(node.id);
    tarn_node_reset(&node);
    return id;
}

static void differs(
    void **state, int64_t v1, int64_t v2, const char *path, const char *want)
{
    tarn_rows *rows = NULL;
    WORKS(tarn_tree_diff(sandbox_user(state), v1, v2, path, &rows, e));
    are_rows(rows, want);
}

static void a_file_goes_back_and_forth(void **state)
{
    int64_t v1 = put_text(state, "/a", "one");
    int64_t v2 = put_text(state, "/a", "two");
    DO(state, tarn_tree_revert(txn, "/a", v1, e));
    holds(state, "/a", "one");
    DO(state, tarn_tree_revert(txn, "/a", v2, e));
    holds(state, "/a", "two");
    tarn_txn *twice = begin(state);
    WORKS(tarn_tree_revert(twice, "/a", v1, e));
    WORKS(tarn_tree_revert(twice, "/a", v2, e));
    commit(twice);
    holds(state, "/a", "two");
    REFUSES(
        state, TARN_NOT_FOUND, "/none", tarn_tree_revert(txn, "/none", v1, e));
}

static void a_revert_to_what_is_there_commits_nothing(void **state)
{
    int64_t v = put_text(state, "/d/a", "x");
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_revert(txn, "/d", v, e));
    assert_int_equal(commit(txn), -1);
}

static int64_t put_rows(void **state, const char *text)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = TARN_KIND_SERIES;
    return put_host(
        state, "/d/t", sandbox_write_text(state, "t.csv", text), &options);
}

static void a_second_revert_finds_the_same_content_and_commits_nothing(
    void **state)
{
    put_as(state, "/d/s", TARN_KIND_STREAM, "1");
    put_text(state, "/d/s", "2");
    put_rows(state, "time,a\n2026-01-01,1\n");
    put_rows(state, "time,a\n2026-01-02,2\n");
    int64_t v = put_text(state, "/d/f", "x");
    put_text(state, "/d/s", "3");
    put_rows(state, "time,a\n2026-01-03,3\n");
    put_text(state, "/d/f", "y");
    DO(state, tarn_tree_revert(txn, "/d", v, e));
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_revert(txn, "/d", v, e));
    assert_int_equal(commit(txn), -1);
    differs(state, v, head(state), "/d", "");
}

static void a_stream_goes_back_to_its_shorter_list(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "1");
    int64_t v = put_text(state, "/s", "2");
    put_text(state, "/s", "3");
    DO(state, tarn_tree_revert(txn, "/s", v, e));
    holds(state, "/s", "12");
    put_text(state, "/s", "4");
    holds(state, "/s", "124");
}

static void a_removed_node_comes_back_with_its_id(void **state)
{
    int64_t v = put_text(state, "/d/a", "x");
    char *id = id_of(state, "/d/a");
    DO(state, tarn_tree_rm(txn, "/d", true, e));
    DO(state, tarn_tree_revert(txn, "/d", v, e));
    holds(state, "/d/a", "x");
    char *now = id_of(state, "/d/a");
    assert_string_equal(id, now);
    free(id);
    free(now);
}

static void a_folder_goes_back_whole(void **state)
{
    put_text(state, "/d/keep", "k");
    put_text(state, "/d/changed", "old");
    put_text(state, "/d/removed", "r");
    int64_t v = put_text(state, "/d/sub/deep", "deep");
    char *deep = id_of(state, "/d/sub/deep");
    put_text(state, "/d/changed", "new");
    DO(state, tarn_tree_rm(txn, "/d/removed", false, e));
    DO(state, tarn_tree_mv(txn, "/d/sub", "/d/renamed", e));
    put_text(state, "/d/added", "a");
    DO(state, tarn_tree_revert(txn, "/d", v, e));
    assert_string_equal(list(state, "/", true, false),
        "/d /d/changed /d/keep /d/removed /d/sub /d/sub/deep ");
    holds(state, "/d/changed", "old");
    holds(state, "/d/removed", "r");
    holds(state, "/d/sub/deep", "deep");
    char *now = id_of(state, "/d/sub/deep");
    assert_string_equal(deep, now);
    free(deep);
    free(now);
}

static void what_was_moved_out_of_a_folder_stays_there(void **state)
{
    put_text(state, "/d/out", "o");
    put_text(state, "/d/sub/deep", "deep");
    put_text(state, "/d/sub/gone", "gone");
    int64_t v = put_text(state, "/d/sub/sub/f", "f");
    char *out = id_of(state, "/d/out");
    DO(state, tarn_tree_mv(txn, "/d/out", "/elsewhere", e));
    DO(state, tarn_tree_mv(txn, "/d/sub", "/s", e));
    DO(state, tarn_tree_mv(txn, "/s/sub", "/d/inside", e));
    DO(state, tarn_tree_rm(txn, "/s/gone", false, e));
    put_text(state, "/elsewhere", "newer");
    for (int times = 0; times < 2; times++) {
        DO(state, tarn_tree_revert(txn, "/d", v, e));
        assert_string_equal(list(state, "/", true, false),
            "/d /d/out /d/sub /d/sub/deep /d/sub/gone /d/sub/sub "
            "/d/sub/sub/f /elsewhere /s /s/deep ");
        holds(state, "/d/out", "o");
        holds(state, "/d/sub/deep", "deep");
        holds(state, "/d/sub/gone", "gone");
        holds(state, "/d/sub/sub/f", "f");
        holds(state, "/elsewhere", "newer");
    }
    char *now = id_of(state, "/elsewhere");
    assert_string_equal(out, now);
    free(out);
    free(now);
}

static void what_was_renamed_stays_under_its_new_name(void **state)
{
    int64_t v = put_text(state, "/a", "old");
    DO(state, tarn_tree_mv(txn, "/a", "/b", e));
    put_text(state, "/b", "new");
    DO(state, tarn_tree_revert(txn, "/a", v, e));
    holds(state, "/a", "old");
    holds(state, "/b", "new");
}

static void names_that_were_swapped_swap_back(void **state)
{
    put_text(state, "/d/a", "A");
    int64_t v = put_text(state, "/d/b", "B");
    tarn_txn *swap = begin(state);
    WORKS(tarn_tree_mv(swap, "/d/a", "/d/t", e));
    WORKS(tarn_tree_mv(swap, "/d/b", "/d/a", e));
    WORKS(tarn_tree_mv(swap, "/d/t", "/d/b", e));
    commit(swap);
    holds(state, "/d/a", "B");
    DO(state, tarn_tree_revert(txn, "/d", v, e));
    holds(state, "/d/a", "A");
    holds(state, "/d/b", "B");
}

static void the_root_goes_back(void **state)
{
    int64_t v = put_text(state, "/a", "one");
    put_text(state, "/a", "two");
    put_text(state, "/b/c", "new");
    DO(state, tarn_tree_revert(txn, "/", v, e));
    assert_string_equal(list(state, "/", true, false), "/a ");
    holds(state, "/a", "one");
}

static void a_file_that_became_a_folder_goes_back(void **state)
{
    int64_t v = put_text(state, "/x", "file");
    DO(state, tarn_tree_rm(txn, "/x", false, e));
    int64_t w = put_text(state, "/x/y", "inside");
    DO(state, tarn_tree_revert(txn, "/x", v, e));
    holds(state, "/x", "file");
    DO(state, tarn_tree_revert(txn, "/x", w, e));
    holds(state, "/x/y", "inside");
}

static void a_folder_comes_back_below_what_was_in_it(void **state)
{
    int64_t v = put_text(state, "/p/a/b/f", "x");
    DO(state, tarn_tree_mv(txn, "/p/a/b", "/b", e));
    DO(state, tarn_tree_mv(txn, "/p/a", "/a", e));
    DO(state, tarn_tree_rm(txn, "/p", true, e));
    DO(state, tarn_tree_mv(txn, "/b", "/p", e));
    DO(state, tarn_tree_revert(txn, "/p/a", v, e));
    assert_string_equal(
        list(state, "/", true, false), "/a /p /p/a /p/a/b /p/a/b/f /p/f ");
    holds(state, "/p/a/b/f", "x");
}

static void what_came_back_survives_gc(void **state)
{
    int64_t v = put_text(state, "/d/a", "x");
    DO(state, tarn_tree_rm(txn, "/d", true, e));
    DO(state, tarn_tree_revert(txn, "/d", v, e));
    put_text(state, "/other", "y");
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    options.retain_forever = false;
    options.retain_us = 0;
    options.grace_us = 0;
    int64_t version;
    WORKS(tarn_lake_gc(sandbox_user(state), &options, &version, &rows, e));
    tarn_rows_free(rows);
    WORKS(tarn_lake_rebuild(sandbox_user(state), "key", e));
    holds(state, "/d/a", "x");
    WORKS(tarn_lake_check(sandbox_user(state), true, &rows, e));
    are_rows(rows, "");
}

static void diff_says_what_was_added_removed_changed_and_moved(void **state)
{
    put_text(state, "/same", "s");
    put_text(state, "/gone", "12");
    put_text(state, "/old", "m");
    int64_t v1 = put_text(state, "/changed", "1");
    put_text(state, "/new", "123");
    put_text(state, "/changed", "12345");
    DO(state, tarn_tree_rm(txn, "/gone", false, e));
    DO(state, tarn_tree_mv(txn, "/old", "/moved", e));
    int64_t v2 = put_text(state, "/same", "s");
    differs(state, v1, v2, NULL,
        "changed|/changed|~|file|1|5\n"
        "removed|/gone|~|file|2|~\n"
        "moved|/moved|/old|file|1|1\n"
        "added|/new|~|file|~|3\n");
    differs(state, v2, v1, NULL,
        "changed|/changed|~|file|5|1\n"
        "added|/gone|~|file|~|2\n"
        "removed|/new|~|file|3|~\n"
        "moved|/old|/moved|file|1|1\n");
    differs(state, v2, v2, NULL, "");
    differs(state, v1, v2, "/changed", "changed|/changed|~|file|1|5\n");
    tarn_rows *rows = NULL;
    FAILS(TARN_NOT_FOUND, "/none",
        tarn_tree_diff(sandbox_user(state), v1, v2, "/none", &rows, e));
}

static void diff_of_a_folder_looks_below_it_only(void **state)
{
    int64_t v1 = put_text(state, "/d/a", "1");
    put_text(state, "/d/b", "1");
    int64_t v2 = put_text(state, "/c", "1");
    differs(state, v1, v2, "/d", "added|/d/b|~|file|~|1\n");
}

static void diff_of_rows_counts_duplicates_and_aligns_columns(void **state)
{
    put_csv(state, "/t", TARN_KIND_TABLE, "a,b\n1,x\n1,x\n2,y\n");
    int64_t v1 = head(state);
    put_csv(state, "/t", TARN_KIND_TABLE, "b,a,c\nx,1,\ny,2,new\n");
    tarn_rows *rows = NULL;
    WORKS(tarn_tree_diff_rows(
        sandbox_user(state), v1, head(state), "/t", &rows, e));
    assert_string_equal(tarn_rows_column_name(rows, 0), "change");
    char *text = rows_text(rows);
    assert_non_null(strstr(text, "removed|1|x|~\n"));
    assert_non_null(strstr(text, "removed|2|y|~\n"));
    assert_non_null(strstr(text, "added|2|y|new\n"));
    assert_int_equal(strlen(text), 14 + 14 + 14);
    free(text);
    put_text(state, "/f", "x");
    FAILS(TARN_INVALID, "rows",
        tarn_tree_diff_rows(
            sandbox_user(state), head(state), head(state), "/f", &rows, e));
}

static void show_gives_a_commit_s_operations_with_paths(void **state)
{
    put_text(state, "/gone", "x");
    tarn_txn *both = begin(state);
    WORKS(tarn_tree_put_bytes(both, "/d/a", tarn_str("xyz"), NULL, e));
    WORKS(tarn_tree_rm(both, "/gone", false, e));
    int64_t v = commit(both);
    tarn_rows *rows = NULL;
    WORKS(tarn_tree_show(sandbox_user(state), v, &rows, e));
    char *text = rows_text(rows);
    assert_non_null(strstr(text, "tree|put|dir|"));
    assert_non_null(strstr(text, "|/d|~\n"));
    assert_non_null(strstr(text, "|/d/a|3\n"));
    assert_non_null(strstr(text, "tree|delete|file|"));
    assert_non_null(strstr(text, "|/gone|~\n"));
    free(text);
}

/* The versions that log gives for a path, each followed by a blank. */
static const char *versions(void **state, const char *path, int64_t limit)
{
    static char text[500];
    tarn_rows *rows = NULL;
    size_t len = 0;
    text[0] = '\0';
    WORKS(tarn_tree_log(sandbox_user(state), path, limit, &rows, e));
    while (tarn_rows_next(rows, NULL) == TARN_ROW)
        len += (size_t)snprintf(text + len, sizeof text - len, "%lld ",
            (long long)tarn_rows_int64(rows, 0));
    tarn_rows_free(rows);
    return text;
}

static void log_follows_a_node_under_every_path(void **state)
{
    char want[100];
    int64_t v1 = put_text(state, "/d/a", "1");
    put_text(state, "/other", "x");
    int64_t v2 = put_text(state, "/d/a", "2");
    tarn_txn *mv = begin(state);
    WORKS(tarn_tree_mv(mv, "/d/a", "/b", e));
    int64_t v3 = commit(mv);
    int64_t v4 = put_text(state, "/b", "3");
    snprintf(want, sizeof want, "%lld %lld %lld %lld ", (long long)v4,
        (long long)v3, (long long)v2, (long long)v1);
    assert_string_equal(versions(state, "/b", -1), want);
    snprintf(want, sizeof want, "%lld %lld %lld ", (long long)v3, (long long)v2,
        (long long)v1);
    assert_string_equal(versions(state, "/d", -1), want);
    snprintf(want, sizeof want, "%lld ", (long long)v4);
    assert_string_equal(versions(state, "/b", 1), want);
}

static void log_of_a_path_that_is_gone_tells_who_removed_it(void **state)
{
    char want[100];
    int64_t v1 = put_text(state, "/d/a", "1");
    tarn_txn *rm = begin(state);
    WORKS(tarn_tree_rm(rm, "/d/a", false, e));
    int64_t v2 = commit(rm);
    snprintf(want, sizeof want, "%lld %lld ", (long long)v2, (long long)v1);
    assert_string_equal(versions(state, "/d/a", -1), want);
    tarn_rows *rows = NULL;
    FAILS(TARN_NOT_FOUND, "/d/b",
        tarn_tree_log(sandbox_user(state), "/d/b", -1, &rows, e));
}

static void a_collapsed_stream_has_the_same_bytes_in_one_version(void **state)
{
    char big[70001];
    memset(big, 'x', 70000);
    big[70000] = '\0';
    put_as(state, "/s", TARN_KIND_STREAM, "1");
    int64_t v = put_text(state, "/s", "2");
    DO(state, tarn_tree_collapse(txn, "/s", e));
    holds(state, "/s", "12");
    holds_at(state, v, "/s", "12");
    tarn_node node = stat_of(state, "/s");
    assert_int_equal(node.item_count, 1);
    tarn_node_reset(&node);
    tarn_txn *again = begin(state);
    WORKS(tarn_tree_collapse(again, "/s", e));
    assert_int_equal(commit(again), -1);
    put_text(state, "/s", big);
    DO(state, tarn_tree_collapse(txn, "/s", e));
    node = stat_of(state, "/s");
    assert_int_equal(node.size_bytes, 70002);
    assert_int_equal(node.item_count, 1);
    tarn_node_reset(&node);
    put_text(state, "/f", "x");
    REFUSES(state, TARN_INVALID, "/f", tarn_tree_collapse(txn, "/f", e));
}

static void a_collapsed_series_has_the_same_rows_and_bounds(void **state)
{
    put_csv(state, "/s", TARN_KIND_SERIES, "time,a\n2026-01-02,1\n");
    put_csv(state, "/s", TARN_KIND_SERIES, "time,b\n2026-01-01,x\n");
    int64_t v = head(state);
    DO(state, tarn_tree_collapse(txn, "/s", e));
    tarn_rows *rows = NULL;
    WORKS(tarn_tree_diff_rows(
        sandbox_user(state), v, head(state), "/s", &rows, e));
    are_rows(rows, "");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_tree_describe(snap, "/s", &rows, e));
    char *text = rows_text(rows);
    assert_non_null(strstr(text, "node|versions|1\n"));
    assert_non_null(strstr(text, "node|rows|2\n"));
    assert_non_null(strstr(text, "node|time_column|time\n"));
    assert_non_null(strstr(text, "node|min_time|2026-01-01T00:00:00Z\n"));
    assert_non_null(strstr(text, "node|max_time|2026-01-02T00:00:00Z\n"));
    assert_non_null(strstr(text, "column|a|BIGINT\n"));
    free(text);
    tarn_snapshot_free(snap);
    put_csv(state, "/s", TARN_KIND_SERIES, "time,a\n2026-01-03,1\n");
    tarn_node node = stat_of(state, "/s");
    assert_int_equal(node.item_count, 2);
    assert_int_equal(node.row_count, 3);
    tarn_node_reset(&node);
}

static void a_put_meanwhile_keeps_a_collapse_from_losing_it(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "1");
    put_text(state, "/s", "2");
    tarn_txn *slow = begin(state);
    WORKS(tarn_tree_collapse(slow, "/s", e));
    put_text(state, "/s", "3");
    FAILS(TARN_CONFLICT, "/s", tarn_txn_commit(slow, NULL, e));
    holds(state, "/s", "123");
}

static void describe_tells_what_a_node_is(void **state)
{
    put_text(state, "/d/a", "xyz");
    DO(state, tarn_tree_ln(txn, "/d/none", "/l", e));
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_rows *rows = NULL;
    WORKS(tarn_tree_describe(snap, "/d/a", &rows, e));
    char *text = rows_text(rows);
    assert_non_null(strstr(text, "node|path|/d/a\n"));
    assert_non_null(strstr(text, "node|kind|file\n"));
    assert_non_null(strstr(text, "node|size|3\n"));
    free(text);
    WORKS(tarn_tree_describe(snap, "/d", &rows, e));
    text = rows_text(rows);
    assert_non_null(strstr(text, "node|kind|dir\n"));
    free(text);
    FAILS(TARN_NOT_FOUND, "/none", tarn_tree_describe(snap, "/none", &rows, e));
    tarn_snapshot_free(snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(a_file_goes_back_and_forth),
        both(a_revert_to_what_is_there_commits_nothing),
        both(a_second_revert_finds_the_same_content_and_commits_nothing),
        both(a_stream_goes_back_to_its_shorter_list),
        both(a_removed_node_comes_back_with_its_id),
        both(a_folder_goes_back_whole),
        both(names_that_were_swapped_swap_back),
        both(the_root_goes_back),
        both(a_file_that_became_a_folder_goes_back),
        both(a_folder_comes_back_below_what_was_in_it),
        both(what_was_moved_out_of_a_folder_stays_there),
        both(what_was_renamed_stays_under_its_new_name),
        in_a_folder(what_came_back_survives_gc),
        both(diff_says_what_was_added_removed_changed_and_moved),
        both(diff_of_a_folder_looks_below_it_only),
        both(diff_of_rows_counts_duplicates_and_aligns_columns),
        in_a_folder(show_gives_a_commit_s_operations_with_paths),
        in_a_folder(log_follows_a_node_under_every_path),
        in_a_folder(log_of_a_path_that_is_gone_tells_who_removed_it),
        both(a_collapsed_stream_has_the_same_bytes_in_one_version),
        both(a_collapsed_series_has_the_same_rows_and_bounds),
        both(a_put_meanwhile_keeps_a_collapse_from_losing_it),
        both(describe_tells_what_a_node_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
