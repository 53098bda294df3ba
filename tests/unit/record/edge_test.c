/* Edges: put, upsert, remove, list, bulk lines, ends that go. */
#include "graph.h"

static const tarn_edge_options both = {NULL, TARN_EDGE_BOTH, NULL};
static const tarn_edge_options in = {NULL, TARN_EDGE_IN, NULL};

static void an_edge_is_seen_from_both_ends(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-knows-b");
    assert_string_equal(graph_ls(lake, "a", NULL), "a|knows|b|NULL");
    assert_string_equal(graph_ls(lake, "b", &in), "a|knows|b|NULL");
    assert_string_equal(graph_ls(lake, "b", NULL), "");
    assert_string_equal(graph_ls(lake, "a", &in), "");
    tarn_lake_close(lake);
}

static void properties_are_kept_byte_for_byte(void **state)
{
    (void)state;
    static const char props[] = "{ \"w\" : 1.50, \"n\":\"\\u00e4\" }";
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(graph_try_edge(txn, "a", "r", "b", props, &err), &err);
    graph_commit(txn);
    assert_string_equal(
        graph_ls(lake, "a", NULL), "a|r|b|{ \"w\" : 1.50, \"n\":\"\\u00e4\" }");
    tarn_lake_close(lake);
}

static tarn__edge only_edge(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;
    tarn_snapshot *snap = graph_snap(lake);
    graph_ok(tarn__edge_scan_open(snap, tarn_str("default"), NULL, false,
                 (tarn_slice){NULL, 0}, &scan, &err),
        &err);
    assert_int_equal(tarn__edge_scan_next(scan, &edge, &err), TARN_ROW);
    tarn__edge_scan_free(scan);
    tarn_snapshot_free(snap);
    return edge;
}

static void a_second_put_keeps_created_at(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    int64_t first = only_edge(lake).created_us;
    graph_make(lake, "c");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(graph_try_edge(txn, "a", "r", "b", "{\"x\":1}", &err), &err);
    graph_commit(txn);
    assert_int_equal(only_edge(lake).created_us, first);
    assert_string_equal(graph_ls(lake, "a", NULL), "a|r|b|{\"x\":1}");
    tarn_lake_close(lake);
}

static void the_same_edge_again_commits_nothing(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    graph_edge(txn, "a", "r", "b");
    assert_int_equal(graph_commit(txn), -1);
    tarn_lake_close(lake);
}

static void a_missing_end_is_not_found(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a");
    tarn_txn *txn = graph_begin(lake);
    assert_int_equal(
        graph_try_edge(txn, "a", "r", "nobody", NULL, &err), TARN_NOT_FOUND);
    assert_non_null(strstr(err.message, "nobody"));
    assert_int_equal(
        graph_try_edge(txn, "nobody", "r", "a", NULL, &err), TARN_NOT_FOUND);
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

static void a_key_of_two_tables_is_a_conflict(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_table(lake, "u", NULL);
    graph_make(lake, "a b");
    tarn_txn *txn = graph_begin(lake);
    graph_record(txn, "u", "a", NULL);
    assert_int_equal(
        graph_try_edge(txn, "a", "r", "b", NULL, &err), TARN_CONFLICT);
    graph_edge(txn, "u/a", "r", "t/a");
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "u/a", NULL), "a|r|a|NULL");
    tarn_lake_close(lake);
}

static void properties_are_one_object(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "[1]", "{\"a\":1,\"a\":2}",
        "{\"a\":1} x", "nul", "{\"a\":\"\xff\"}"};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b");
    tarn_txn *txn = graph_begin(lake);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            graph_try_edge(txn, "a", "r", "b", bad[i], &err), TARN_BAD_INPUT);
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

static void a_relation_may_hold_anything_but_nothing(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    char rel[257];
    memset(rel, 'r', 256);
    rel[256] = '\0';
    graph_make(lake, "a b");
    tarn_txn *txn = graph_begin(lake);
    graph_edge(txn, "a", "x/y:\xc3\xa4 \x01/", "b");
    assert_int_equal(
        graph_try_edge(txn, "a", "", "b", NULL, &err), TARN_INVALID);
    assert_int_equal(
        graph_try_edge(txn, "a", "\xff", "b", NULL, &err), TARN_INVALID);
    assert_int_equal(
        graph_try_edge(txn, "a", rel, "b", NULL, &err), TARN_INVALID);
    rel[255] = '\0';
    graph_edge(txn, "a", rel, "b");
    graph_commit(txn);
    const tarn_edge_options odd = {NULL, TARN_EDGE_OUT, "x/y:\xc3\xa4 \x01/"};
    assert_string_equal(
        graph_ls(lake, "a", &odd), "a|x/y:\xc3\xa4 \x01/|b|NULL");
    tarn_lake_close(lake);
}

static void a_type_is_not_a_prefix_of_another(void **state)
{
    (void)state;
    const tarn_edge_options of_r = {NULL, TARN_EDGE_BOTH, "r"};
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b a-rr-b b-r-a");
    assert_string_equal(graph_ls(lake, "a", &of_r), "a|r|b|NULL;b|r|a|NULL");
    assert_int_equal(
        strlen(graph_ls(lake, NULL, &of_r)), strlen("a|r|b|NULL;b|r|a|NULL"));
    tarn_lake_close(lake);
}

static void an_edge_to_itself_is_listed_once(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a a-r-a");
    assert_string_equal(graph_ls(lake, "a", &both), "a|r|a|NULL");
    assert_string_equal(graph_ls(lake, "a", &in), "a|r|a|NULL");
    tarn_lake_close(lake);
}

static void a_removed_edge_is_gone_from_both_ends(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(tarn_edge_rm(txn, "a", "r", "b", NULL, &err), &err);
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "a", &both), "");
    assert_string_equal(graph_ls(lake, "b", &both), "");
    txn = graph_begin(lake);
    assert_int_equal(
        tarn_edge_rm(txn, "a", "r", "b", NULL, &err), TARN_NOT_FOUND);
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

static void remove_record(tarn_txn *txn, const char *record, bool hard)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.hard = hard;
    graph_ok(tarn_record_rm(txn, record, &options, &err), &err);
}

static void a_softly_deleted_end_hides_its_edges_until_it_is_back(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    remove_record(txn, "b", false);
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "a", &both), "");
    assert_string_equal(graph_ls(lake, NULL, NULL), "");
    graph_make(lake, "b");
    assert_string_equal(graph_ls(lake, "a", &both), "a|r|b|NULL");
    tarn_lake_close(lake);
}

static void an_edge_is_not_put_to_a_softly_deleted_end(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    remove_record(txn, "b", false);
    assert_int_equal(
        graph_try_edge(txn, "a", "s", "b", NULL, &err), TARN_NOT_FOUND);
    graph_ok(tarn_edge_rm(txn, "a", "r", "b", NULL, &err), &err);
    graph_commit(txn);
    graph_make(lake, "b");
    assert_string_equal(graph_ls(lake, "a", &both), "");
    tarn_lake_close(lake);
}

static void a_hard_delete_leaves_no_edge(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;
    graph_make(lake, "a b c a-r-b b-r-a b-s-b c-r-b a-r-c");
    tarn_txn *txn = graph_begin(lake);
    remove_record(txn, "b", true);
    graph_commit(txn);
    tarn_snapshot *snap = graph_snap(lake);
    for (int side = 0; side < 2; side++) {
        int count = 0;
        tarn_slice tenant = tarn_str("default"), any = {NULL, 0};
        graph_ok(tarn__edge_scan_open(
                     snap, tenant, NULL, side == 1, any, &scan, &err),
            &err);
        while (tarn__edge_scan_next(scan, &edge, &err) == TARN_ROW)
            count++;
        tarn__edge_scan_free(scan);
        assert_int_equal(count, 1);
    }
    tarn_snapshot_free(snap);
    assert_string_equal(graph_ls(lake, NULL, NULL), "a|r|c|NULL");
    tarn_lake_close(lake);
}

static void a_transaction_sees_its_own_edges(void **state)
{
    (void)state;
    static const size_t columns[] = {1};
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_lake *lake = graph_lake();
    tarn_txn *txn = graph_begin(lake);
    graph_record(txn, "t", "a", NULL);
    graph_record(txn, "t", "b", NULL);
    graph_edge(txn, "a", "r", "b");
    remove_record(txn, "a", true);
    graph_record(txn, "t", "a", NULL);
    graph_edge(txn, "b", "s", "a");
    graph_ok(
        tarn_edge_ls(tarn_txn_snapshot(txn), "a", &both, &rows, &err), &err);
    assert_string_equal(graph_text(rows, columns, 1), "s");
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "a", &both), "b|s|a|NULL");
    tarn_lake_close(lake);
}

static void the_past_keeps_its_edges(void **state)
{
    (void)state;
    static const size_t columns[] = {1};
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_snapshot *before = graph_snap(lake);
    tarn_txn *txn = graph_begin(lake);
    remove_record(txn, "b", true);
    graph_commit(txn);
    graph_ok(tarn_edge_ls(before, "a", NULL, &rows, &err), &err);
    assert_string_equal(graph_text(rows, columns, 1), "r");
    assert_string_equal(graph_ls(lake, "a", NULL), "");
    tarn_snapshot_free(before);
    tarn_lake_close(lake);
}

static void an_end_that_goes_meanwhile_is_found_out_at_commit(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b");
    tarn_txn *late = graph_begin(lake);
    graph_edge(late, "a", "r", "b");
    tarn_txn *txn = graph_begin(lake);
    remove_record(txn, "b", true);
    graph_commit(txn);
    assert_int_equal(tarn_txn_commit(late, NULL, &err), TARN_NOT_FOUND);
    tarn_lake_close(lake);
}

/* --- lines --- */

typedef struct input {
    const char *text;
    size_t at, piece;
} input;

static tarn_status read_input(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    input *i = arg;
    (void)err;
    *got = strlen(i->text) - i->at;
    *got = *got < i->piece ? *got : i->piece;
    *got = *got < len ? *got : len;
    memcpy(ptr, i->text + i->at, *got);
    i->at += *got;
    return TARN_OK;
}

static tarn_status put_lines(
    tarn_txn *txn, const char *text, int64_t *count, tarn_error *err)
{
    input i = {text, 0, 7};
    return tarn_edge_put_lines(txn, "in", read_input, &i, NULL, count, err);
}

static void lines_are_edges(void **state)
{
    (void)state;
    static const char lines[] =
        "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\",\"props\":{\"w\": 1}}\n"
        "\n  \r\n"
        "{\"dst\":\"t/c\",\"src\":\"b\",\"rel\":\"r\",\"props\":null,"
        "\"src_key\":\"b\",\"created_at\":1}\r\n"
        "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\"}\n"
        "{\"src\":\"c\",\"rel\":\"\\u00e4\",\"dst\":\"a\"}";
    tarn_error err = TARN_ERROR_INIT;
    int64_t count = 0;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(put_lines(txn, lines, &count, &err), &err);
    graph_commit(txn);
    assert_int_equal(count, 4);
    assert_string_equal(graph_ls(lake, "a", NULL), "a|r|b|NULL");
    assert_string_equal(graph_ls(lake, "b", NULL), "b|r|c|NULL");
    assert_string_equal(graph_ls(lake, "c", NULL), "c|\xc3\xa4|a|NULL");
    tarn_lake_close(lake);
}

static void the_last_of_twin_lines_stands_beside_what_was_there(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(
        put_lines(txn,
            "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\",\"props\":{\"x\":1}}\n"
            "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\"}\n",
            NULL, &err),
        &err);
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "a", NULL), "a|r|b|NULL");
    tarn_lake_close(lake);
}

static void a_bad_line_is_named_and_nothing_is_put(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        tarn_status st;
        const char *says;
    } bad[] = {{"{\"src\":\"a\",\"dst\":\"b\"}", TARN_BAD_INPUT, "rel"},
        {"{\"src\":\"a\",\"rel\":\"\",\"dst\":\"b\"}", TARN_BAD_INPUT, "rel"},
        {"[]", TARN_BAD_INPUT, "line 2"}, {"{\"src\"", TARN_BAD_INPUT, "line"},
        {"{\"src\":\"a\",\"src\":\"b\",\"rel\":\"r\",\"dst\":\"b\"}",
            TARN_BAD_INPUT, "src"},
        {"{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\",\"prop\":{}}",
            TARN_BAD_INPUT, "prop"},
        {"{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\",\"props\":3}",
            TARN_BAD_INPUT, "props"},
        {"{\"src\":[],\"rel\":\"r\",\"dst\":\"b\"}", TARN_BAD_INPUT, "src"},
        {"{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"zz\"}", TARN_NOT_FOUND, "zz"}};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[300];
        tarn_txn *txn = graph_begin(lake);
        (void)snprintf(text, sizeof text,
            "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\"}\n%s\n", bad[i].line);
        assert_int_equal(put_lines(txn, text, NULL, &err), bad[i].st);
        assert_non_null(strstr(err.message, "in line 2"));
        assert_non_null(strstr(err.message, bad[i].says));
        assert_int_equal(graph_commit(txn), -1);
    }
    assert_string_equal(graph_ls(lake, "a", &both), "");
    tarn_lake_close(lake);
}

static void lines_are_taken_again_on_a_newer_head(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(put_lines(txn, "{\"src\":\"a\",\"rel\":\"r\",\"dst\":\"b\"}", NULL,
                 &err),
        &err);
    graph_make(lake, "c");
    assert_true(graph_commit(txn) > 0);
    assert_string_equal(graph_ls(lake, "a", NULL), "a|r|b|NULL");
    tarn_lake_close(lake);
}

static void tenants_do_not_meet(void **state)
{
    (void)state;
    const tarn_edge_options other = {"other", TARN_EDGE_BOTH, NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_table(lake, "t", "other");
    graph_make(lake, "a b a-r-b");
    tarn_txn *txn = graph_begin(lake);
    graph_record(txn, "t", "a", "other");
    graph_commit(txn);
    assert_string_equal(graph_ls(lake, "a", &other), "");
    assert_string_equal(graph_ls(lake, NULL, &other), "");
    txn = graph_begin(lake);
    assert_int_equal(
        tarn_edge_put(txn, "a", "r", "b", (tarn_slice){NULL, 0}, &other, &err),
        TARN_NOT_FOUND);
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edge_is_seen_from_both_ends),
        cmocka_unit_test(properties_are_kept_byte_for_byte),
        cmocka_unit_test(a_second_put_keeps_created_at),
        cmocka_unit_test(the_same_edge_again_commits_nothing),
        cmocka_unit_test(a_missing_end_is_not_found),
        cmocka_unit_test(a_key_of_two_tables_is_a_conflict),
        cmocka_unit_test(properties_are_one_object),
        cmocka_unit_test(a_relation_may_hold_anything_but_nothing),
        cmocka_unit_test(a_type_is_not_a_prefix_of_another),
        cmocka_unit_test(an_edge_to_itself_is_listed_once),
        cmocka_unit_test(a_removed_edge_is_gone_from_both_ends),
        cmocka_unit_test(a_softly_deleted_end_hides_its_edges_until_it_is_back),
        cmocka_unit_test(an_edge_is_not_put_to_a_softly_deleted_end),
        cmocka_unit_test(a_hard_delete_leaves_no_edge),
        cmocka_unit_test(a_transaction_sees_its_own_edges),
        cmocka_unit_test(the_past_keeps_its_edges),
        cmocka_unit_test(an_end_that_goes_meanwhile_is_found_out_at_commit),
        cmocka_unit_test(lines_are_edges),
        cmocka_unit_test(the_last_of_twin_lines_stands_beside_what_was_there),
        cmocka_unit_test(a_bad_line_is_named_and_nothing_is_put),
        cmocka_unit_test(lines_are_taken_again_on_a_newer_head),
        cmocka_unit_test(tenants_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
