/* Sessions, statements and their failures. */
#include "duck_test_support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static void open_gives_a_session_in_utc(void **state)
{
    assert_text(*state, "UTC", "SELECT current_setting('TimeZone')");
}

static void extensions_are_never_fetched(void **state)
{
    assert_text(*state, "false",
        "SELECT current_setting('autoinstall_known_extensions')::VARCHAR");
    assert_text(*state, "false",
        "SELECT current_setting('autoload_known_extensions')::VARCHAR");
    assert_text(*state, "false",
        "SELECT current_setting('allow_unsigned_extensions')::VARCHAR");
}

static void options_reach_duckdb(void **state)
{
    (void)state;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.memory_bytes = 100 << 20;
    options.threads = 1;
    options.unordered = true;
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_open(&options, &duck, &err), &err);
    assert_text(duck, "100.0 MiB", "SELECT current_setting('memory_limit')");
    assert_int(duck, 1, "SELECT current_setting('threads')");
    assert_text(duck, "false",
        "SELECT current_setting('preserve_insertion_order')::VARCHAR");
    tarn__duck_close(duck);
}

static void without_external_access_files_are_out_of_reach(void **state)
{
    assert_fails(*state, TARN_BAD_INPUT, "disabled by configuration",
        "SELECT * FROM read_text('/etc/passwd')");
}

static void exec_runs_several_statements(void **state)
{
    run(*state, "CREATE TABLE t (i INT); INSERT INTO t VALUES (1), (2);");
    assert_int(*state, 3, "SELECT sum(i)::BIGINT FROM t");
}

static void execf_formats(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_execf(
           *state, &err, "CREATE TABLE %s AS SELECT %d AS i", "t", 7),
        &err);
    assert_int(*state, 7, "SELECT i FROM t");
}

static void values_of_every_type_come_back(void **state)
{
    tarn__duck *duck = *state;
    run(duck,
        "CREATE TABLE t (n INT, b BOOL, i BIGINT, d DOUBLE, s TEXT, x BLOB, "
        "t TIMESTAMP, z TIMESTAMPTZ)");
    const tarn__duck_value values[] = {
        {.type = TARN_NULL},
        {.type = TARN_BOOL, .i64 = 1},
        {.type = TARN_INT64, .i64 = INT64_MIN},
        {.type = TARN_DOUBLE, .f64 = 0.1},
        {.type = TARN_TEXT, .bytes = {"a\0b", 3}},
        {.type = TARN_BLOB, .bytes = {"\xff\0", 2}},
        {.type = TARN_TIME, .i64 = 1},
        {.type = TARN_TIME, .i64 = 2},
    };
    int64_t changed;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_exec_values(duck,
           "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values, 8, &changed,
           &err),
        &err);
    assert_int_equal(1, changed);
    tarn__duck_result *r = ask(duck, "FROM t");
    tarn__cell cells[8];
    assert_int_equal(TARN_ROW, tarn__duck_next(r, cells, &err));
    assert_int_equal(TARN_NULL, cells[0].type);
    for (size_t i = 1; i < 8; i++)
        assert_int_equal(values[i].type, cells[i].type);
    assert_int_equal(1, cells[1].i64);
    assert_int_equal(INT64_MIN, cells[2].i64);
    assert_true(cells[3].f64 == 0.1);
    assert_int_equal(3, cells[4].bytes.len);
    assert_memory_equal("a\0b", cells[4].bytes.ptr, 4);
    assert_int_equal(2, cells[5].bytes.len);
    assert_memory_equal("\xff\0", cells[5].bytes.ptr, 3);
    assert_int_equal(1, cells[6].i64);
    assert_int_equal(2, cells[7].i64);
    assert_int_equal(TARN_OK, tarn__duck_next(r, cells, &err));
    assert_int_equal(TARN_OK, tarn__duck_next(r, cells, &err));
    tarn__duck_result_free(r);
}

static void values_go_by_name(void **state)
{
    const tarn__duck_value values[] = {
        {.type = TARN_INT64, .i64 = 10, .name = "ten"},
        {.type = TARN_INT64, .i64 = 3, .name = "three"},
    };
    tarn__duck_result *r;
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_query(*state, "SELECT $three - $ten", values, 2, &r, &err),
        &err);
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    assert_int_equal(-7, cell.i64);
    tarn__duck_result_free(r);
}

static void a_value_too_many_or_too_few_is_bad_input(void **state)
{
    const tarn__duck_value one = {.type = TARN_INT64, .i64 = 1};
    const tarn__duck_value named = {.type = TARN_INT64, .name = "nix"};
    tarn__duck_result *r;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_BAD_INPUT,
        tarn__duck_query(*state, "SELECT 1", &one, 1, &r, &err));
    assert_int_equal(TARN_BAD_INPUT,
        tarn__duck_query(*state, "SELECT ?, ?", &one, 1, &r, &err));
    assert_int_equal(TARN_BAD_INPUT,
        tarn__duck_query(*state, "SELECT $a", &named, 1, &r, &err));
    assert_null(r);
}

static void text_that_is_not_utf8_is_bad_input(void **state)
{
    const tarn__duck_value v = {.type = TARN_TEXT, .bytes = {"\xff", 1}};
    tarn__duck_result *r;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        TARN_BAD_INPUT, tarn__duck_query(*state, "SELECT ?", &v, 1, &r, &err));
}

static void errors_of_sql_are_bad_input_with_the_first_line(void **state)
{
    tarn__duck *duck = *state;
    assert_fails(duck, TARN_BAD_INPUT, "Parser Error: ", "SELEC 1");
    assert_fails(duck, TARN_BAD_INPUT, "Binder Error: ", "SELECT nix");
    assert_fails(duck, TARN_BAD_INPUT, "Catalog Error: ", "FROM nix");
    assert_fails(duck, TARN_BAD_INPUT, "Conversion Error: ", "SELECT 'x'::INT");
    assert_fails(duck, TARN_BAD_INPUT, "Serialization Error: Cannot copy ",
        "SELECT unnest(struct_pack(a := (SELECT 1)))");
    assert_fails(
        duck, TARN_BAD_INPUT, "Invalid Input Error: ", "SELECT error('no')");
    assert_string_equal("Invalid Input", tarn__duck_last_error_type(duck));
    assert_non_null(strstr(tarn__duck_last_error(duck), "no"));
}

static void an_error_names_duckdb_as_its_origin(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_BAD_INPUT, tarn__duck_exec(*state, "FROM x", &err));
    assert_int_equal(TARN_ORIGIN_DUCKDB, err.origin);
    assert_int_equal(13, err.origin_code); /* DUCKDB_ERROR_CATALOG */
}

static void duckdbs_proposal_is_the_mend(void **state)
{
    run(*state, "CREATE TABLE cities (name TEXT)");
    assert_fails(*state, TARN_BAD_INPUT,
        "Table with name citys does not exist! (Did you mean \"cities\"?)",
        "FROM citys");
}

static void an_error_in_the_middle_of_a_stream_is_found(void **state)
{
    tarn__duck_result *r = ask(*state,
        "SELECT CASE WHEN i = 900000 THEN error('here') ELSE i END "
        "FROM range(1000000) AS t(i)");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    int64_t rows = 0;
    tarn_status st;
    while ((st = tarn__duck_next(r, &cell, &err)) == TARN_ROW)
        rows++;
    assert_int_equal(TARN_BAD_INPUT, st);
    assert_non_null(strstr(err.message, "here"));
    assert_in_range(rows, 1, 900000);
    tarn__duck_result_free(r);
}

/* DuckDB alone mistakes one in fifty of these for an interrupt. */
static void a_failure_in_a_stream_is_never_an_interrupt(void **state)
{
    for (int i = 0; i < 100; i++) {
        tarn__duck_result *r = ask(*state,
            "SELECT CASE WHEN i = 900000 THEN error('here') ELSE i END "
            "FROM range(1000000) AS t(i)");
        tarn__cell cell;
        tarn_error err = TARN_ERROR_INIT;
        tarn_status st;
        while ((st = tarn__duck_next(r, &cell, &err)) == TARN_ROW)
            continue;
        assert_int_equal(TARN_BAD_INPUT, st);
        assert_non_null(strstr(err.message, "here"));
        tarn__duck_result_free(r);
    }
}

static void an_interrupted_stream_says_so(void **state)
{
    tarn__duck_result *r = ask(*state, "FROM range(100000000000)");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    tarn__duck_interrupt(*state);
    tarn_status st;
    while ((st = tarn__duck_next(r, &cell, &err)) == TARN_ROW)
        continue;
    assert_int_equal(TARN_INTERRUPTED, st);
    tarn__duck_result_free(r);
    assert_int(*state, 1, "SELECT 1");
}

static void a_result_may_be_left_before_its_end(void **state)
{
    tarn__duck_result *r = ask(*state, "FROM range(100000000)");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    tarn__duck_result_free(r);
    assert_int(*state, 1, "SELECT 1");
}

static void a_result_left_early_keeps_an_open_transaction(void **state)
{
    run(*state, "CREATE TABLE t (i BIGINT); BEGIN; INSERT INTO t VALUES (1)");
    tarn__duck_result *r = ask(*state, "FROM range(100000)");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    tarn__duck_result_free(r);
    run(*state, "INSERT INTO t VALUES (2); COMMIT");
    assert_int(*state, 2, "SELECT count(*) FROM t");
}

static atomic_bool stopped;

static void out_of_memory_has_its_own_code(void **state)
{
    run(*state, "SET memory_limit = '20MB'");
    assert_fails(*state, TARN_NO_MEMORY, "Out of Memory Error",
        "CREATE TABLE t AS SELECT hash(i) AS h FROM range(10000000) r(i)");
}

/* Again and again: one that comes before the statement begins is lost. */
static void *interrupt(void *arg)
{
    tarn__duck *duck = arg;
    while (!atomic_load(&stopped)) {
        usleep(1000);
        tarn__duck_interrupt(duck);
    }
    return NULL;
}

static const char endless[] =
    "SELECT count(*) FROM range(100000000000) t(i), range(1000) u(j) "
    "WHERE hash(i, j) = 1";

static void an_interrupt_stops_a_statement(void **state)
{
    pthread_t thread;
    atomic_store(&stopped, false);
    assert_int_equal(0, pthread_create(&thread, NULL, interrupt, *state));
    assert_fails(*state, TARN_INTERRUPTED, "INTERRUPT", endless);
    atomic_store(&stopped, true);
    assert_int_equal(0, pthread_join(thread, NULL));
}

static bool yes(void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    return strcmp(what, arg) == 0;
}

static void a_yes_to_the_watch_stops_a_statement(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__progress progress = {yes, "work", 0};
    assert_int_equal(
        TARN_OK, tarn__duck_watch(*state, &progress, "work", &err));
    assert_false(tarn__duck_stopped(*state));
    assert_fails(*state, TARN_INTERRUPTED, "work: interrupted", endless);
    assert_true(tarn__duck_stopped(*state));
}

static void a_watch_that_says_no_lets_it_run(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__progress progress = {yes, "other", 0};
    assert_int_equal(
        TARN_OK, tarn__duck_watch(*state, &progress, "work", &err));
    run(*state,
        "CREATE TABLE t AS SELECT hash(i) AS h FROM range(3000000) r(i)");
    assert_false(tarn__duck_stopped(*state));
    tarn__progress nobody = {NULL, NULL, 0};
    assert_int_equal(TARN_OK, tarn__duck_watch(*state, &nobody, "work", &err));
}

static void a_file_held_by_another_process_is_locked(void **state)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.path = sandbox_path(state, "a.duckdb");
    int gate[2];
    int done[2];
    assert_int_equal(0, pipe(gate));
    assert_int_equal(0, pipe(done));
    pid_t child = fork();
    if (child == 0) {
        tarn__duck *duck;
        char c = tarn__duck_open(&options, &duck, NULL) == TARN_OK;
        if (write(gate[1], &c, 1) != 1 || read(done[0], &c, 1) != 1)
            _exit(1);
        _exit(0);
    }
    char c;
    assert_int_equal(1, read(gate[0], &c, 1));
    assert_int_equal(1, c);
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_LOCKED, tarn__duck_open(&options, &duck, &err));
    assert_null(duck);
    char pid[32];
    snprintf(pid, sizeof(pid), "PID %ld", (long)child);
    assert_non_null(strstr(err.message, pid));
    assert_int_equal(1, write(done[1], &c, 1));
    assert_int_equal(child, waitpid(child, NULL, 0));
    for (int i = 0; i < 2; i++) {
        close(gate[i]);
        close(done[i]);
    }
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.path = sandbox_write_text(state, "a.duckdb", "nothing of a kind");
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_CORRUPT, tarn__duck_open(&options, &duck, &err));
}

static void a_read_only_session_does_not_write(void **state)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.path = sandbox_path(state, "a.duckdb");
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_open(&options, &duck, &err), &err);
    run(duck, "CREATE TABLE t AS SELECT 1 AS i");
    tarn__duck_close(duck);
    options.read_only = true;
    options.external_access = false;
    ok(tarn__duck_open(&options, &duck, &err), &err);
    assert_int(duck, 1, "SELECT i FROM t");
    assert_fails(duck, TARN_BAD_INPUT, "read-only", "DROP TABLE t");
    tarn__duck_close(duck);
}

static void a_file_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_open(NULL, &duck, &err), &err);
    assert_fails(duck, TARN_NOT_FOUND, "No files found",
        "SELECT * FROM '/nowhere/at/all.parquet'");
    tarn__duck_close(duck);
}

static void scalars_say_whether_there_is_one(void **state)
{
    int64_t v = 5;
    bool found = true;
    char *text;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_int64(*state, "SELECT NULL::INT", &v, &found, &err), &err);
    assert_false(found);
    assert_int_equal(0, v);
    ok(tarn__duck_int64(*state, "SELECT 1 WHERE false", &v, &found, &err),
        &err);
    assert_false(found);
    ok(tarn__duck_text(*state, "SELECT NULL::TEXT", &text, &err), &err);
    assert_null(text);
    assert_text(*state, "", "SELECT ''");
    assert_int_equal(TARN_BAD_INPUT,
        tarn__duck_int64(*state, "SELECT 'x'", &v, &found, &err));
    assert_int_equal(
        TARN_BAD_INPUT, tarn__duck_text(*state, "SELECT 1", &text, &err));
}

static void names_and_texts_are_quoted(void **state)
{
    tarn_buf buf = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_quote_name(&buf, tarn_str("a \"b\""), &err), &err);
    assert_string_equal("\"a \"\"b\"\"\"", buf.ptr);
    buf.len = 0;
    ok(tarn__duck_quote_text(&buf, tarn_str("it's"), &err), &err);
    assert_string_equal("'it''s'", buf.ptr);
    assert_int_equal(TARN_BAD_INPUT,
        tarn__duck_quote_text(&buf, (tarn_slice){"a\0b", 3}, &err));
    tarn_buf_reset(&buf);
    (void)state;
}

static void public_rows_stand_on_a_result(void **state)
{
    tarn_rows *rows;
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_result *r =
        ask(*state, "SELECT 1.50::DECIMAL(9, 2) AS d, 'x' AS s, 2 AS i");
    ok(tarn__duck_rows(r, &rows, &err), &err);
    assert_int_equal(3, tarn_rows_column_count(rows));
    assert_string_equal("d", tarn_rows_column_name(rows, 0));
    assert_true(tarn_rows_is_number(rows, 0));
    assert_false(tarn_rows_is_number(rows, 1));
    assert_true(tarn_rows_is_number(rows, 2));
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    assert_string_equal("1.50", tarn_rows_text(rows, 0));
    assert_string_equal("2", tarn_rows_text(rows, 2));
    assert_int_equal(TARN_OK, tarn_rows_next(rows, &err));
    tarn_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(open_gives_a_session_in_utc),
        duck_test(extensions_are_never_fetched),
        cmocka_unit_test(options_reach_duckdb),
        duck_test(without_external_access_files_are_out_of_reach),
        duck_test(exec_runs_several_statements),
        duck_test(execf_formats),
        duck_test(values_of_every_type_come_back),
        duck_test(values_go_by_name),
        duck_test(a_value_too_many_or_too_few_is_bad_input),
        duck_test(text_that_is_not_utf8_is_bad_input),
        duck_test(errors_of_sql_are_bad_input_with_the_first_line),
        duck_test(an_error_names_duckdb_as_its_origin),
        duck_test(duckdbs_proposal_is_the_mend),
        duck_test(an_error_in_the_middle_of_a_stream_is_found),
        duck_test(a_failure_in_a_stream_is_never_an_interrupt),
        duck_test(an_interrupted_stream_says_so),
        duck_test(a_result_may_be_left_before_its_end),
        duck_test(a_result_left_early_keeps_an_open_transaction),
        duck_test(out_of_memory_has_its_own_code),
        duck_test(an_interrupt_stops_a_statement),
        duck_test(a_yes_to_the_watch_stops_a_statement),
        duck_test(a_watch_that_says_no_lets_it_run),
        sandbox_test(a_file_held_by_another_process_is_locked),
        sandbox_test(a_file_that_is_no_database_is_corrupt),
        sandbox_test(a_read_only_session_does_not_write),
        cmocka_unit_test(a_file_that_is_not_there_is_not_found),
        duck_test(scalars_say_whether_there_is_one),
        duck_test(names_and_texts_are_quoted),
        duck_test(public_rows_stand_on_a_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
