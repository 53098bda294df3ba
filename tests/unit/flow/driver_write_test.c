/* csv.writer, json.writer, parquet.writer */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "flow/driver/builtin.h"
#include "os/fault.h"
#include "unit/flow/drive.h"

static const char rows[] =
    "SELECT * FROM (VALUES (1, 'a', 1.5, NULL), (2, 'x,\"y', 2.0, ''), "
    "(3, NULL, 3.25, 'z')) t(id, \"Name\", x, \"_n\")";

static void csv_has_the_columns_in_the_querys_order(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", rows);
    drive_ok(&d, &tarn__driver_csv, "{\"path\":\"out/deep/a.csv\"}");
    assert_string_equal(sandbox_read(state, "out/deep/a.csv", NULL),
        "id,Name,x,_n\n1,a,1.50,\n2,\"x,\"\"y\",2.00,\"\"\n3,,3.25,z\n");
    assert_int_equal((int)d.rows_written, 3);
    assert_int_equal(
        (int)d.bytes, (int)strlen(sandbox_read(state, "out/deep/a.csv", NULL)));
    drive_end(&d);
}

static void csv_options_are_obeyed(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", rows);
    drive_ok(&d, &tarn__driver_csv,
        "{\"path\":\"a.csv\",\"delimiter\":\"|\",\"header\":false,"
        "\"newline\":\"crlf\",\"quoting\":\"nonnumeric\",\"null\":\"NA\","
        "\"sort_columns\":true}");
    assert_string_equal(sandbox_read(state, "a.csv", NULL),
        "\"a\"|NA|1|1.50\r\n\"x,\"\"y\"|\"\"|2|2.00\r\nNA|\"z\"|3|3.25\r\n");
    drive_ok(&d, &tarn__driver_csv,
        "{\"path\":\"b.csv\",\"quoting\":\"all\",\"sort_columns\":true}");
    assert_string_equal(sandbox_read(state, "b.csv", NULL),
        "\"Name\",\"_n\",\"id\",\"x\"\n\"a\",,\"1\",\"1.50\"\n"
        "\"x,\"\"y\",\"\",\"2\",\"2.00\"\n,\"z\",\"3\",\"3.25\"\n");
    drive_end(&d);
}

static void csv_of_no_rows_has_its_header(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", "SELECT 1 AS b, 2 AS a WHERE false");
    drive_ok(&d, &tarn__driver_csv, "{\"path\":\"a.csv\"}");
    assert_string_equal(sandbox_read(state, "a.csv", NULL), "b,a\n");
    assert_int_equal((int)d.rows_written, 0);
    drive_end(&d);
}

static void nested_values_are_json_in_csv(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", "SELECT [1,2] AS l, {'k':'v'} AS s");
    drive_ok(&d, &tarn__driver_csv, "{\"path\":\"a.csv\"}");
    assert_string_equal(sandbox_read(state, "a.csv", NULL),
        "l,s\n\"[1,2]\",\"{\"\"k\"\":\"\"v\"\"}\"\n");
    drive_end(&d);
}

static void json_is_lines_or_an_array(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", "SELECT 1 AS a, [true] AS b");
    drive_ok(&d, &tarn__driver_json, "{\"path\":\"a.jsonl\"}");
    assert_string_equal(
        sandbox_read(state, "a.jsonl", NULL), "{\"a\":1,\"b\":[true]}\n");
    drive_ok(
        &d, &tarn__driver_json, "{\"path\":\"a.json\",\"format\":\"json\"}");
    assert_true(sandbox_read(state, "a.json", NULL)[0] == '[');
    drive_end(&d);
}

static void parquet_keeps_types_and_wide_integers(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb",
        "SELECT 170141183460469231731687303715::HUGEINT AS h, 1::UTINYINT AS "
        "u, 1.25::DECIMAL(5,2) AS m");
    drive_ok(&d, &tarn__driver_parquet,
        "{\"path\":\"a.parquet\",\"compression\":\"zstd\"}");
    drive next = {.state = state, .out = "next.duckdb"};
    drive_ok(&next, &tarn__driver_file, "{\"path\":\"a.parquet\"}");
    assert_store(state, "next.duckdb", "SELECT h FROM main",
        "170141183460469231731687303715");
    assert_store(state, "next.duckdb",
        "SELECT typeof(u) || typeof(m) FROM main", "UTINYINTDECIMAL(5,2)");
    drive_end(&d);
    drive_end(&next);
}

static void parquet_keeps_wide_integers_inside_of_others(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb",
        "SELECT [9007199254740993::HUGEINT] AS l, {'HUGEINT': "
        "9007199254740993::HUGEINT, 'x, \"HUGEINT': [1]} AS s, MAP {'k': "
        "9007199254740993::UHUGEINT} AS m, 'HUGEINT'::ENUM('HUGEINT') AS e");
    drive_ok(&d, &tarn__driver_parquet, "{\"path\":\"a.parquet\"}");
    drive next = {.state = state, .out = "next.duckdb"};
    drive_ok(&next, &tarn__driver_file, "{\"path\":\"a.parquet\"}");
    assert_store(state, "next.duckdb",
        "SELECT typeof(l) || l::VARCHAR FROM main",
        "DECIMAL(38,0)[][9007199254740993]");
    assert_store(state, "next.duckdb", "SELECT s FROM main",
        "{\"HUGEINT\":9007199254740993,\"x, \\\"HUGEINT\":[1]}");
    assert_store(state, "next.duckdb", "SELECT m['k'] || e FROM main",
        "9007199254740993HUGEINT");
    drive_end(&d);
    drive_end(&next);
}

static void partitions_are_folders_and_replaced_whole(void **state)
{
    drive d = {.state = state};
    drive_input(
        &d, "a", "a.duckdb", "SELECT i AS x, i % 2 AS p FROM range(4) t(i)");
    drive_ok(&d, &tarn__driver_parquet,
        "{\"path\":\"out\",\"partition_by\":[\"p\"]}");
    assert_true(sandbox_exists(state, "out/p=0"));
    assert_true(sandbox_exists(state, "out/p=1"));
    drive again = {.state = state};
    drive_input(&again, "a", "b.duckdb", "SELECT 5 AS x, 1 AS p");
    drive_ok(&again, &tarn__driver_parquet,
        "{\"path\":\"out\",\"partition_by\":[\"p\"]}");
    assert_false(sandbox_exists(state, "out/p=0"));
    drive_end(&d);
    drive_end(&again);
}

#define PARTS "{\"path\":\"out\",\"partition_by\":[\"p\"]}"

static void a_folder_with_other_things_in_it_is_not_replaced(void **state)
{
    drive d = {.state = state};
    sandbox_write_text(state, "out/notes", "mine");
    sandbox_mkdir(state, "out/p=0");
    drive_input(&d, "a", "a.duckdb", "SELECT 5 AS x, 1 AS p");
    assert_int_equal(
        drive_run(&d, &tarn__driver_parquet, PARTS), TARN_BAD_INPUT);
    assert_non_null(strstr(d.err.message, "notes"));
    assert_string_equal(sandbox_read(state, "out/notes", NULL), "mine");
    assert_true(sandbox_exists(state, "out/p=0"));
    drive_end(&d);
}

/* By a run that was killed between two renames, where names cannot be
 * exchanged. */
static void what_was_put_aside_comes_back_when_its_run_fails(void **state)
{
    drive d = {.state = state, .stop = true};
    char aside[64];
    const char *temp = sandbox_path(state, "temp");
    const struct timespec old[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    (void)snprintf(aside, sizeof aside, ".out.%08x.tarn-tmp-old",
        (unsigned)tarn__crc32c(0, temp, strlen(temp)));
    sandbox_write_text(state, "aside/p=0/x", "");
    assert_int_equal(
        0, utimensat(AT_FDCWD, sandbox_path(state, "aside"), old, 0));
    assert_int_equal(
        0, rename(sandbox_path(state, "aside"), sandbox_path(state, aside)));
    drive_input(&d, "a", "a.duckdb", "SELECT 5 AS x, 1 AS p");
    assert_int_equal(
        drive_run(&d, &tarn__driver_parquet, PARTS), TARN_INTERRUPTED);
    assert_true(sandbox_exists(state, "out/p=0"));
    drive_end(&d);
}

/* Every I/O call of a replacement fails in turn, once and for good. */
static void a_folder_is_there_whatever_fails(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", "SELECT 5 AS x, 1 AS p");
    for (int sticky = 0; sticky < 2; sticky++) {
        bool hit = true;
        for (int64_t n = 1; hit; n++) {
            if (!sandbox_exists(state, "out/p=0"))
                sandbox_mkdir(state, "out/p=0");
            tarn__fault_io(n, EIO, sticky != 0);
            tarn_status st = drive_run(&d, &tarn__driver_parquet, PARTS);
            hit = tarn__fault_io_count() >= n;
            tarn__fault_io(0, 0, false);
            assert_true(sandbox_exists(state, "out/p=0") ||
                sandbox_exists(state, "out/p=1"));
            assert_true(st != TARN_OK || sandbox_exists(state, "out/p=1"));
        }
    }
    drive_end(&d);
}

static void what_fails_leaves_the_file_as_it_was(void **state)
{
    drive d = {.state = state};
    sandbox_write_text(state, "a.csv", "before");
    drive_input(&d, "a", "a.duckdb", "SELECT 1 AS x");
    d.stop = true;
    assert_int_equal(drive_run(&d, &tarn__driver_csv, "{\"path\":\"a.csv\"}"),
        TARN_INTERRUPTED);
    assert_string_equal(sandbox_read(state, "a.csv", NULL), "before");
    glob_t left;
    assert_int_equal(
        glob(sandbox_path(state, ".a.csv.*"), 0, NULL, &left), GLOB_NOMATCH);
    drive_end(&d);
}

static void two_inputs_are_one_too_many(void **state)
{
    drive d = {.state = state};
    drive_input(&d, "a", "a.duckdb", "SELECT 1 AS x");
    drive_input(&d, "b", "b.duckdb", "SELECT 1 AS x");
    assert_int_equal(drive_run(&d, &tarn__driver_csv, "{\"path\":\"a.csv\"}"),
        TARN_BAD_INPUT);
    drive_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(csv_has_the_columns_in_the_querys_order),
        sandbox_test(csv_options_are_obeyed),
        sandbox_test(csv_of_no_rows_has_its_header),
        sandbox_test(nested_values_are_json_in_csv),
        sandbox_test(json_is_lines_or_an_array),
        sandbox_test(parquet_keeps_types_and_wide_integers),
        sandbox_test(parquet_keeps_wide_integers_inside_of_others),
        sandbox_test(partitions_are_folders_and_replaced_whole),
        sandbox_test(a_folder_with_other_things_in_it_is_not_replaced),
        sandbox_test(what_was_put_aside_comes_back_when_its_run_fails),
        sandbox_test(a_folder_is_there_whatever_fails),
        sandbox_test(what_fails_leaves_the_file_as_it_was),
        sandbox_test(two_inputs_are_one_too_many),
    };
    return cmocka_run_group_tests_name("flow writers", tests, NULL, NULL);
}
