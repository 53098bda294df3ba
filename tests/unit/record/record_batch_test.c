/* Batches of records: all or nothing, in one commit. */
#include "records.h"

/* Lines as a reader gives them, in pieces. */
typedef struct text {
    const char *at;
    size_t left;
    size_t piece;
} text;

static tarn_status read_text(
    void *arg, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    text *t = arg;
    (void)err;
    *got = t->left < t->piece ? t->left : t->piece;
    *got = *got < len ? *got : len;
    memcpy(ptr, t->at, *got);
    t->at += *got;
    t->left -= *got;
    return TARN_OK;
}

static tarn_status put_lines(tarn_lake *lake, const char *table,
    const char *lines, bool documents, int64_t *n, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_record_ids *ids = NULL;
    text t = {lines, strlen(lines), 1000};
    tarn_txn *txn = records_begin(lake);
    options.documents = documents;
    tarn_status st = tarn_record_put_lines(
        txn, table, "in.jsonl", read_text, &t, &options, &ids, err);
    if (st == TARN_OK) {
        *n = tarn_record_ids_count(ids);
        records_commit(txn);
    } else {
        assert_null(ids);
        tarn_txn_abort(txn);
    }
    tarn_record_ids_free(ids);
    return st;
}

static void a_batch_is_all_or_nothing_and_names_line_and_field(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    assert_int_equal(TARN_BAD_INPUT,
        put_lines(lake, "people",
            "{\"name\":\"A\"}\n\n{\"name\":\"B\",\"age\":\"x\"}\n{}\n", false,
            &n, &err));
    assert_non_null(strstr(err.message, "in.jsonl line 3"));
    assert_non_null(strstr(err.message, "age"));
    assert_int_equal(0, records_count(lake, "people", true));
    tarn_lake_close(lake);
}

static void of_lines_with_one_key_the_last_stands(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    records_put(lake, "people", "{\"name\":\"A\",\"age\":0}");
    records_good(put_lines(lake, "people",
                     " {\"name\":\"A\",\"age\":1}\r\n{\"name\":\"B\"}\n\n"
                     "{\"name\":\"A\",\"age\":2} ",
                     false, &n, &err),
        &err);
    assert_int_equal(3, n);
    assert_int_equal(2, records_count(lake, "people", false));
    records_is(lake, "A", "{\"name\":\"A\",\"age\":2}");
    tarn_lake_close(lake);
}

static void documents_may_span_lines(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    records_good(
        put_lines(lake, "people",
            "{\"name\":\n \"A}\\\"\"}\n\n{\"name\":\"B\"}\n{\n\"name\":\"C\"}",
            true, &n, &err),
        &err);
    assert_int_equal(3, n);
    records_is(lake, "A}\"", "{\"name\":\n \"A}\\\"\"}");
    assert_int_equal(TARN_BAD_INPUT,
        put_lines(lake, "people", "{\"name\":\"D\"}\n{\n\n\"age\":1}\n", true,
            &n, &err));
    assert_non_null(strstr(err.message, "line 2"));
    tarn_lake_close(lake);
}

#define MANY 30000

static char *many_lines(int age)
{
    char *lines = test_malloc(MANY * 64);
    size_t at = 0;
    for (int i = 0; i < MANY; i++)
        at += (size_t)sprintf(lines + at,
            "{\"name\":\"n\",\"email\":\"e%d\",\"age\":%d}\n", i, age);
    return lines;
}

/* Beyond the bound from which files are ingested; a second time over rows that
 * are there; and what is read in the transaction itself. */
static void a_large_batch_is_one_commit_and_replaces_what_is_there(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    char *lines = many_lines(1);
    records_good(put_lines(lake, "people", lines, false, &n, &err), &err);
    test_free(lines);
    assert_int_equal(MANY, n);
    assert_int_equal(MANY, records_count(lake, "people", false));
    assert_int_equal(2 * MANY, records_entries(lake, TARN__FAMILY_KEY));
    lines = many_lines(2);
    text t = {lines, strlen(lines), 65536};
    tarn_txn *txn = records_begin(lake);
    tarn_buf json = TARN_BUF_INIT;
    tarn_record r = TARN_RECORD_INIT;
    records_good(tarn_record_put_lines(
                     txn, "people", "x", read_text, &t, NULL, NULL, &err),
        &err);
    records_good(
        tarn_record_get(tarn_txn_snapshot(txn), "e77", NULL, &r, &err), &err);
    assert_non_null(strstr(r.json.ptr, "\"age\":2"));
    records_commit(txn);
    records_is(
        lake, "e29999", "{\"name\":\"n\",\"email\":\"e29999\",\"age\":2}");
    assert_int_equal(MANY, records_count(lake, "people", false));
    records_good(put_lines(lake, "people", lines, false, &n, &err), &err);
    test_free(lines);
    tarn_record_reset(&r);
    tarn_buf_reset(&json);
    tarn_lake_close(lake);
}

static void put_in(
    tarn_txn *txn, const char *lines, size_t len, const char *table)
{
    tarn_error err = TARN_ERROR_INIT;
    text t = {lines, len, 65536};
    records_good(
        tarn_record_put_lines(txn, table, "x", read_text, &t, NULL, NULL, &err),
        &err);
}

/* The operations of a batch into an empty table are made when they are read. */
static void what_follows_a_large_batch_into_an_empty_table_sees_it(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    char *first = many_lines(1);
    char *second = many_lines(2);
    tarn_txn *txn = records_begin(lake);
    put_in(txn, first, strlen(first), "people");
    assert_int_equal(TARN_BAD_INPUT,
        tarn_record_update(txn, "e5", tarn_str("{\"age\":\"x\"}"), NULL, &err));
    records_good(
        tarn_record_update(txn, "e6", tarn_str("{\"age\":6}"), NULL, &err),
        &err);
    put_in(txn, second, (size_t)(strstr(second, "\"e4\"") - second) - 20,
        "people");
    records_good(tarn_record_rm(txn, "e7", NULL, &err), &err);
    records_commit(txn);
    test_free(first);
    test_free(second);
    records_is(lake, "e3", "{\"name\":\"n\",\"email\":\"e3\",\"age\":2}");
    records_is(lake, "e5", "{\"name\":\"n\",\"email\":\"e5\",\"age\":1}");
    records_is(lake, "e6", "{\"name\":\"n\",\"email\":\"e6\",\"age\":6}");
    assert_int_equal(MANY - 1, records_count(lake, "people", false));
    assert_int_equal(MANY, records_count(lake, "people", true));
    tarn_lake_close(lake);
}

static int64_t operations_of_head(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows;
    records_good(tarn_lake_log(lake, 1, &rows, &err), &err);
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    int64_t n = tarn_rows_int64(rows, 3);
    tarn_rows_free(rows);
    return n;
}

static void a_large_batch_is_taken_again_when_the_head_has_moved(void **state)
{
    tarn_lake *lake = records_lake(state);
    char *lines = many_lines(1);
    tarn_txn *txn = records_begin(lake);
    put_in(txn, lines, strlen(lines), "people");
    records_put(lake, "people", "{\"name\":\"other\",\"email\":\"e1\"}");
    records_commit(txn);
    assert_int_equal(MANY, records_count(lake, "people", false));
    assert_int_equal(MANY, operations_of_head(lake));
    records_is(lake, "e1", "{\"name\":\"n\",\"email\":\"e1\",\"age\":1}");
    test_free(lines);
    tarn_lake_close(lake);
}

static void the_log_counts_each_record_of_a_batch_once(void **state)
{
    tarn_lake *lake = records_lake(state);
    char *lines = many_lines(1);
    char *twice = test_malloc(2 * strlen(lines) + 1);
    int64_t n;
    tarn_error err = TARN_ERROR_INIT;
    sprintf(twice, "%s%s", lines, lines);
    records_good(put_lines(lake, "people", twice, false, &n, &err), &err);
    assert_int_equal(2 * MANY, n);
    assert_int_equal(MANY, operations_of_head(lake));
    test_free(twice);
    test_free(lines);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_batch_is_all_or_nothing_and_names_line_and_field),
        sandbox_test(of_lines_with_one_key_the_last_stands),
        sandbox_test(documents_may_span_lines),
        sandbox_test(what_follows_a_large_batch_into_an_empty_table_sees_it),
        sandbox_test(a_large_batch_is_taken_again_when_the_head_has_moved),
        sandbox_test(the_log_counts_each_record_of_a_batch_once),
        sandbox_test(a_large_batch_is_one_commit_and_replaces_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
