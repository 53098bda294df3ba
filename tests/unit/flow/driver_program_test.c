/* program.* and object.*: steps that others wrote. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flow/driver/builtin.h"
#include "support/driver_call.h"
#include "support/sandbox.h"

#define EXTRACTOR &tarn__driver_program_extractor
#define TRANSFORM &tarn__driver_program_transform
#define WRITER &tarn__driver_program_writer

static void script(void **state, const char *name, const char *text)
{
    const char *path = sandbox_write_text(state, name, text);
    assert_int_equal(0, chmod(path, 0755));
}

static void lines_of_json_become_a_table(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    script(state, "p.sh",
        "#!/bin/sh\n"
        "echo '{\"a\": 1, \"b\": \"x\"}'\n"
        "echo '{\"b\": null, \"a\": 2.5, \"c\": [1]}'\n"
        "printf '{\"a\": 3}'\n");
    driver_call_good(&c, EXTRACTOR, "{'command':['./p.sh']}", NULL);
    assert_int_equal(3, c.rows);
    assert_int_equal(3, (int64_t)c.rows_read);
    assert_string_equal("DOUBLE|VARCHAR|BIGINT[]",
        driver_call_answer(
            &c, "SELECT typeof(a), typeof(b), typeof(c) FROM main LIMIT 1"));
    assert_string_equal("1.0|x|NULL\n2.5|NULL|[1]\n3.0|NULL|NULL",
        driver_call_answer(&c, "SELECT * FROM main"));
}

static void rows_go_in_and_come_out(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_input(&c, "SELECT i AS n, 'é' AS t FROM range(100000) t(i)");
    c.call.mode = TARN_STEP_TRANSFORM;
    driver_call_good(&c, TRANSFORM, "{'command':'sed s/n/m/'}", NULL);
    assert_string_equal("100000|99999|\xc3\xa9",
        driver_call_answer(&c, "SELECT count(*), max(m), max(t) FROM main"));
}

static void a_program_that_reads_nothing_is_no_error(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_input(&c, "SELECT i AS n FROM range(200000) t(i)");
    c.call.mode = TARN_STEP_TRANSFORM;
    script(state, "p.sh", "#!/bin/sh\necho '{\"a\":1}'\n");
    driver_call_good(&c, TRANSFORM, "{'command':['./p.sh']}", NULL);
    assert_int_equal(1, c.rows);
}

static void a_writer_gets_all_rows(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_input(&c, "SELECT i AS n FROM range(1000) t(i)");
    c.call.mode = TARN_STEP_WRITE;
    c.call.output = NULL;
    driver_call_good(&c, WRITER, "{'command':'wc -l >got'}", NULL);
    assert_int_equal(1000, (int64_t)c.rows_written);
    assert_string_equal("1000\n", sandbox_read(state, "got", NULL));
}

static void the_call_is_in_a_file(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    c.call.cursor_column = "at";
    c.call.cursor = "2024-01-01";
    script(state, "p.sh", "#!/bin/sh\ncat \"$TARN_CALL\"\n");
    driver_call_good(&c, EXTRACTOR, "{'command':['./p.sh'],'color':'green'}",
        "{'password':'hush'}");
    assert_string_equal("one|read|jsonl|green|hush|at|2024-01-01",
        driver_call_answer(&c,
            "SELECT step, mode, protocol, config.color, connection.password, "
            "cursor_column, cursor FROM main"));
}

static void what_it_says_becomes_events(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    c.call.cursor_column = "at";
    script(state, "p.sh",
        "#!/bin/sh\necho 'hello \"you\"' >&2\n"
        "echo '{\"event\":\"page\",\"n\":2}' >&2\n"
        "echo '{\"metric\":\"rows_written\",\"value\":7}' >&2\n"
        "echo '{\"cursor\":\"c9\"}' >&2\necho '{\"a\":1}'\n");
    driver_call_good(&c, EXTRACTOR, "{'command':['./p.sh']}", NULL);
    assert_string_equal("log {\"text\":\"hello \\\"you\\\"\"}\n"
                        "page {\"n\":2}\n",
        c.events);
    assert_int_equal(7, (int64_t)c.rows_written);
    assert_string_equal("c9", c.cursor);
}

static void an_exit_code_fails_the_step(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    script(state, "p.sh",
        "#!/bin/sh\necho '{\"a\":1}'\necho 'no such peak' >&2\nexit 3\n");
    assert_int_equal(TARN_FAILED,
        driver_call_run(&c, EXTRACTOR, "{'command':['./p.sh']}", NULL));
    assert_string_equal("p.sh: exit code 3: no such peak", c.error.message);
    assert_int_equal(0, c.tables);
}

static void a_line_that_is_no_object_fails_the_step(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    script(state, "p.sh",
        "#!/bin/sh\necho '{\"a\":1}'\necho '{\"a\":'\nsleep 60\n");
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, EXTRACTOR, "{'command':['./p.sh']}", NULL));
    assert_non_null(strstr(c.error.message, "p.sh: line 2 of its output"));
}

static void no_rows_keep_the_columns_that_are_given(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_good(&c, EXTRACTOR,
        "{'command':'true','columns':{'a':'BIGINT','b c':'DECIMAL(9,2)'}}",
        NULL);
    assert_string_equal("a|BIGINT\nb c|DECIMAL(9,2)",
        driver_call_answer(&c,
            "SELECT column_name, data_type FROM "
            "duckdb_columns() WHERE table_name = 'main'"));
    driver_call_good(&c, EXTRACTOR, "{'command':'true'}", NULL);
    assert_string_equal("json",
        driver_call_answer(&c,
            "SELECT column_name FROM duckdb_columns() "
            "WHERE table_name = 'main'"));
}

static void a_type_is_no_way_into_sql(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, EXTRACTOR,
            "{'command':'true','columns':{'a':'INT); DROP TABLE x; --'}}",
            NULL));
}

static void cancelling_ends_it_with_what_it_started(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    c.cancel_when = sandbox_path(state, "pid");
    script(state, "p.sh", "#!/bin/sh\nsleep 600 & echo $! >pid\nwait\n");
    assert_int_equal(TARN_INTERRUPTED,
        driver_call_run(&c, EXTRACTOR, "{'command':['./p.sh']}", NULL));
    int pid = atoi(sandbox_read(state, "pid", NULL));
    assert_true(pid > 1);
    for (int i = 0; i < 6000 && kill(pid, 0) == 0; i++) {
        char stat[256] = "";
        char path[64];
        (void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
        FILE *in = fopen(path, "r");
        if (in != NULL) {
            stat[fread(stat, 1, sizeof stat - 1, in)] = '\0';
            (void)fclose(in);
        }
        if (strstr(stat, ") Z ") != NULL)
            return;
        (void)usleep(10000);
    }
    assert_int_not_equal(0, kill(pid, 0));
}

static void a_program_that_is_not_there_is_told(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    assert_int_equal(TARN_NOT_FOUND,
        driver_call_run(&c, EXTRACTOR, "{'command':['./nowhere']}", NULL));
    assert_non_null(strstr(c.error.message, "./nowhere"));
}

/* Parquet goes in and out whole: types are kept. */
static void parquet_goes_in_and_out(void **state)
{
    driver_call c;
    driver_call_init(&c, state);
    driver_call_input(&c,
        "SELECT 1.50::DECIMAL(9,2) AS d, DATE '2024-01-01' "
        "AS day");
    c.call.mode = TARN_STEP_TRANSFORM;
    script(state, "p.sh",
        "#!/bin/sh\n"
        "in=$(sed 's/.*\"path\":\"\\([^\"]*\\)\".*/\\1/' \"$TARN_CALL\")\n"
        "out=$(sed 's/.*\"output\":\"\\([^\"]*\\)\".*/\\1/' \"$TARN_CALL\")\n"
        "cp \"$in\" \"$out/main.parquet\"\n"
        "cp \"$in\" \"$out/second.parquet\"\n");
    driver_call_good(
        &c, TRANSFORM, "{'command':['./p.sh'],'protocol':'parquet'}", NULL);
    assert_int_equal(2, c.tables);
    assert_string_equal("DECIMAL(9,2)|1.50|DATE",
        driver_call_answer(&c, "SELECT typeof(d), d, typeof(day) FROM second"));
    script(state, "p.sh", "#!/bin/sh\n");
    c.call.temp_dir = sandbox_mkdir(state, "temp2");
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(&c, TRANSFORM,
            "{'command':['./p.sh'],'protocol':'parquet'}", NULL));
}

/* --- shared objects --- */

static void compile(void **state, const char *abi, const char *modes)
{
    char text[1024];
    char command[2048];
    const char *source = getenv("TARN_SOURCE");
    (void)snprintf(text, sizeof text,
        "#include <tarn/driver.h>\n"
        "static tarn_status run(const tarn_driver_call *call,\n"
        "    const tarn_driver_result *result, tarn_error *err)\n"
        "{ (void)call; (void)err; return result->set_cursor(result->ctx,\n"
        "    \"mine\", err); }\n"
        "static const tarn_driver driver = {%s, \"mine\", \"1\", %s, 0, run, "
        "0};\n"
        "const tarn_driver *tarn_driver_entry(void);\n"
        "const tarn_driver *tarn_driver_entry(void) { return &driver; }\n",
        abi, modes);
    sandbox_write_text(state, "mine.c", text);
    (void)snprintf(command, sizeof command,
        "cd '%s' && rm -f mine.so && cc -shared -fPIC -I '%s/include' -o "
        "mine.so mine.c",
        sandbox_dir(state), source == NULL ? "." : source);
    assert_int_equal(0, system(command));
}

static void a_shared_object_runs(void **state)
{
    driver_call c;
    compile(state, "TARN_DRIVER_ABI", "TARN_STEP_READ");
    driver_call_init(&c, state);
    driver_call_good(
        &c, &tarn__driver_object_extractor, "{'library':'mine.so'}", NULL);
    assert_string_equal("mine", c.cursor);
}

static void another_version_is_refused(void **state)
{
    driver_call c;
    compile(state, "TARN_DRIVER_ABI + 1", "TARN_STEP_READ");
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, &tarn__driver_object_extractor, "{'library':'mine.so'}", NULL));
    assert_non_null(strstr(c.error.message, "version 2"));
}

static void another_mode_is_refused(void **state)
{
    driver_call c;
    compile(state, "TARN_DRIVER_ABI", "TARN_STEP_WRITE");
    driver_call_init(&c, state);
    assert_int_equal(TARN_BAD_INPUT,
        driver_call_run(
            &c, &tarn__driver_object_extractor, "{'library':'mine.so'}", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(lines_of_json_become_a_table),
        sandbox_test(rows_go_in_and_come_out),
        sandbox_test(a_program_that_reads_nothing_is_no_error),
        sandbox_test(a_writer_gets_all_rows),
        sandbox_test(the_call_is_in_a_file),
        sandbox_test(what_it_says_becomes_events),
        sandbox_test(an_exit_code_fails_the_step),
        sandbox_test(a_line_that_is_no_object_fails_the_step),
        sandbox_test(no_rows_keep_the_columns_that_are_given),
        sandbox_test(a_type_is_no_way_into_sql),
        sandbox_test(cancelling_ends_it_with_what_it_started),
        sandbox_test(a_program_that_is_not_there_is_told),
        sandbox_test(parquet_goes_in_and_out),
        sandbox_test(a_shared_object_runs),
        sandbox_test(another_version_is_refused),
        sandbox_test(another_mode_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
