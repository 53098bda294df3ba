/* file.extractor */
#include <errno.h>

#include "flow/driver/builtin.h"
#include "os/fault.h"
#include "unit/flow/drive.h"

#define OUT "out.duckdb"

static void assert_out(void **state, const char *sql, const char *want)
{
    assert_store(state, OUT, sql, want);
}

static void a_csv_is_read_with_its_types(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.csv", "id,when,x\n1,2020-01-02,1.5\n2,,\n");
    drive_ok(&d, &tarn__driver_file, "{\"path\":\"a.csv\"}");
    assert_int_equal(d.table_count, 1);
    assert_string_equal(d.names[0], "main");
    assert_int_equal(d.rows[0], 2);
    assert_int_equal((int)d.rows_read, 2);
    assert_out(state,
        "SELECT typeof(id) || typeof(\"when\") || typeof(x) FROM main",
        "BIGINTDATEDOUBLE");
    drive_end(&d);
}

static void a_header_alone_gives_columns_without_rows(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.csv", "id,name\n");
    drive_ok(&d, &tarn__driver_file, "{\"path\":\"a.csv\"}");
    assert_int_equal(d.rows[0], 0);
    assert_out(state,
        "SELECT string_agg(name, ' ') FROM pragma_table_info('main')",
        "id name");
    drive_end(&d);
}

static void options_of_csv_are_obeyed(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(
        state, "a.txt", "junk\n# remark\n1;NA;x\n2;5;y\n3;6;z\n");
    drive_ok(&d, &tarn__driver_file,
        "{\"path\":\"a.txt\",\"format\":\"csv\",\"delimiter\":\";\","
        "\"header\":false,\"skip_rows\":1,\"comment\":\"#\","
        "\"null_values\":[\"NA\"],\"types\":{\"column0\":\"SMALLINT\"},"
        "\"columns\":[\"column1\",\"column0\"],\"limit\":2}");
    assert_out(state, "SELECT count(*) FROM main", "2");
    assert_out(state, "SELECT column1 FROM main WHERE column0 = 1", "");
    assert_out(state, "SELECT typeof(column0) FROM main", "SMALLINT");
    assert_out(state,
        "SELECT string_agg(name, ' ') FROM pragma_table_info('main')",
        "column1 column0");
    drive_end(&d);
}

static void a_bad_line_is_named_with_its_file(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.csv", "a,b\n1,2\n3\n4,5\n");
    assert_int_equal(drive_run(&d, &tarn__driver_file, "{\"path\":\"a.csv\"}"),
        TARN_BAD_INPUT);
    assert_non_null(strstr(d.err.message, "a.csv: line 3: "));
    assert_non_null(strstr(d.err.message, "on_bad_lines"));
    drive_end(&d);
}

static void a_bad_line_is_skipped_when_that_is_said(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.csv", "a,b\n1,2\n3\n4,5\n");
    drive_ok(&d, &tarn__driver_file,
        "{\"path\":\"a.csv\",\"on_bad_lines\":\"skip\"}");
    assert_out(state, "SELECT sum(a) FROM main", "5");
    drive_end(&d);
}

static void a_pattern_reads_all_its_files_in_order(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "in/b/2.csv", "x,y\n2,b\n");
    sandbox_write_text(state, "in/a/1.csv", "x\n1\n");
    sandbox_write_text(state, "in/a/no.txt", "x\n9\n");
    drive_ok(&d, &tarn__driver_file, "{\"path\":\"in/**/*.csv\"}");
    assert_out(state, "SELECT string_agg(x, ' ') FROM main", "1 2");
    assert_out(state, "SELECT y FROM main WHERE x = 2", "b");
    drive_end(&d);
}

/* Every I/O call fails in turn: all the rows, or an error. */
static void no_failure_leaves_out_what_a_pattern_names(void **state)
{
    drive d = {.state = state, .out = "out.duckdb"};
    sandbox_write_text(state, "in/a/x.csv", "n\n1\n");
    sandbox_write_text(state, "in/b/x.csv", "n\n2\n");
    bool hit = true;
    for (int64_t n = 1; hit; n++) {
        tarn__fault_io(n, EIO, false);
        tarn_status st =
            drive_run(&d, &tarn__driver_file, "{\"path\":\"in/*/x.csv\"}");
        hit = tarn__fault_io_count() >= n;
        tarn__fault_io(0, 0, false);
        if (st == TARN_OK)
            assert_out(state, "SELECT sum(n) FROM main", "3");
        assert_true(n < 500);
    }
    drive_end(&d);
}

static void a_pattern_without_files_is_an_error(void **state)
{
    drive d = {.state = state, .out = OUT};
    assert_int_equal(
        drive_run(&d, &tarn__driver_file, "{\"path\":\"none/*.csv\"}"),
        TARN_NOT_FOUND);
    assert_int_equal(
        drive_run(&d, &tarn__driver_file, "{\"path\":\"none.csv\"}"),
        TARN_NOT_FOUND);
    assert_non_null(strstr(d.err.message, "none.csv"));
    drive_end(&d);
}

static void a_name_with_pattern_characters_is_itself(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a[1]'s.csv", "x\n7\n");
    sandbox_write_text(state, "a1's.csv", "x\n8\n");
    drive_ok(&d, &tarn__driver_file, "{\"path\":\"a[1]'s.csv\"}");
    assert_out(state, "SELECT sum(x) FROM main", "7");
    drive_end(&d);
}

static void json_lines_keep_nested_values(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.jsonl",
        "{\"id\":1,\"t\":{\"x\":[1,2]}}\n{\"id\":2,\"t\":{\"x\":[]}}\n");
    drive_ok(&d, &tarn__driver_file, "{\"path\":\"a.jsonl\"}");
    assert_out(state, "SELECT t.x[2] FROM main WHERE id = 1", "2");
    drive_end(&d);
}

static void a_cut_packed_file_is_an_error(void **state)
{
    static const char gz[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b};
    drive d = {.state = state, .out = OUT};
    sandbox_write(state, "a.csv.gz", gz, sizeof(gz));
    assert_int_equal(
        drive_run(&d, &tarn__driver_file, "{\"path\":\"a.csv.gz\"}"),
        TARN_BAD_INPUT);
    drive_end(&d);
}

static void an_unknown_ending_asks_for_the_format(void **state)
{
    drive d = {.state = state, .out = OUT};
    sandbox_write_text(state, "a.bin", "x");
    assert_int_equal(drive_run(&d, &tarn__driver_file, "{\"path\":\"a.bin\"}"),
        TARN_BAD_INPUT);
    assert_non_null(strstr(d.err.message, "give format"));
    drive_end(&d);
}

static void a_cancelled_call_says_so(void **state)
{
    drive d = {.state = state, .out = OUT, .stop = true};
    sandbox_write_text(state, "a.csv", "x\n1\n");
    assert_int_equal(drive_run(&d, &tarn__driver_file, "{\"path\":\"a.csv\"}"),
        TARN_INTERRUPTED);
    drive_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_csv_is_read_with_its_types),
        sandbox_test(a_header_alone_gives_columns_without_rows),
        sandbox_test(options_of_csv_are_obeyed),
        sandbox_test(a_bad_line_is_named_with_its_file),
        sandbox_test(a_bad_line_is_skipped_when_that_is_said),
        sandbox_test(a_pattern_reads_all_its_files_in_order),
        sandbox_test(no_failure_leaves_out_what_a_pattern_names),
        sandbox_test(a_pattern_without_files_is_an_error),
        sandbox_test(a_name_with_pattern_characters_is_itself),
        sandbox_test(json_lines_keep_nested_values),
        sandbox_test(a_cut_packed_file_is_an_error),
        sandbox_test(an_unknown_ending_asks_for_the_format),
        sandbox_test(a_cancelled_call_says_so),
    };
    return cmocka_run_group_tests_name("flow file", tests, NULL, NULL);
}
