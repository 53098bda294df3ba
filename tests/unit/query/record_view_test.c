/* The column view: caught up, gone round, made anew, never stale. */
#include "unit/query/records.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "duck/duck.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/lock.h"
#include "record/column_internal.h"

static const char people[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"type\":\"object\","
    "\"properties\":{\"email\":{\"type\":\"string\"},"
    "\"city\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\"}},"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"city\"]}}";
static const char people_later[] =
    "{\"name\":\"people\",\"version\":\"1.1.0\",\"type\":\"object\","
    "\"properties\":{\"email\":{\"type\":\"string\"},"
    "\"city\":{\"type\":\"string\"},\"age\":{\"type\":\"integer\"}},"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"age\"]}}";
static const char one[] = "{\"email\":\"a\",\"city\":\"Oslo\",\"age\":1}\n";
static const char cities[] =
    "SELECT city, count(*) n FROM people GROUP BY 1 ORDER BY 1";

static const char *view_file(void **state)
{
    return sandbox_path(state, "lake/views/column/default.duckdb");
}

static void start(void **state)
{
    put_schema(state, NULL, people);
    put_records(state, NULL, "people", one);
}

static void no_faults(void **state)
{
    tarn_rows *rows = NULL;
    char *text = NULL;
    WORKS(tarn_views_check(sandbox_user(state), true, &rows, e));
    WORKS(rows_text(rows, &text, e));
    tarn_rows_free(rows);
    if (strcmp(text, "fault|where|what\n") != 0)
        fail_msg("%s", text);
    free(text);
}

static void every_change_is_seen_at_once(void **state)
{
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    put_records(state, NULL, "people",
        "{\"email\":\"b\",\"city\":\"Oslo\"}\n"
        "{\"email\":\"a\",\"city\":\"Bergen\"}\n");
    answers(state, cities, "city|n\nBergen|1\nOslo|1\n");
    rm_record(state, NULL, "b", false);
    answers(state, cities, "city|n\nBergen|1\n");
    put_records(state, NULL, "people", "{\"email\":\"b\",\"city\":\"Voss\"}\n");
    rm_record(state, NULL, "a", true);
    answers(state, cities, "city|n\nVoss|1\n");
    goes(state, cities, "people:column:\n");
    no_faults(state);
}

/* From 65,536 bytes on a record's text is an object. */
static void a_large_record_stands_in_it(void **state)
{
    enum { PAD = 70000 };
    static char line[PAD + 100];
    start(state);
    strcpy(line, "{\"email\":\"big\",\"city\":\"Voss\",\"pad\":\"");
    size_t len = strlen(line);
    memset(line + len, 'p', PAD);
    strcpy(line + len + PAD, "\"}\n");
    put_records(state, NULL, "people", line);
    answers(state, cities, "city|n\nOslo|1\nVoss|1\n");
    goes(state, cities, "people:column:\n");
    no_faults(state);
}

/* A file that cannot be removed is not gone: filled again it would have every
 * row twice. */
static void what_a_killed_making_left_is_never_built_upon(void **state)
{
    size_t len;
    tarn__column_paths paths;
    tarn__duck *duck;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = sandbox_user(state);
    tarn_snapshot *snap = NULL;
    const tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    const char *bytes =
        sandbox_read(state, "lake/views/column/default.duckdb", &len);
    sandbox_write(state, "lake/views/column/default.new", bytes, len);
    WORKS(tarn_snapshot_open(lake, TARN_LATEST, &snap, e));
    WORKS(tarn__duck_open(&options, &duck, e));
    WORKS(tarn__column_paths_make(lake, tarn_str("default"), &paths, e));
    tarn__fault_io(1, EIO, false);
    tarn_status st =
        tarn__column_make_anew(duck, snap, tarn_str("default"), &paths, &err);
    tarn__fault_io(0, 0, false);
    assert_int_equal(TARN_IO, st);
    tarn__duck_close(duck);
    tarn_snapshot_free(snap);
    tarn__column_paths_reset(&paths);
    answers(state, cities, "city|n\nOslo|1\n");
    no_faults(state);
}

static void a_commit_of_something_else_moves_it_along(void **state)
{
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    put_text(state, "/file", "x");
    goes(state, cities, "people:column:\n");
    answers(state, cities, "city|n\nOslo|1\n");
}

static void an_old_version_is_read_round_it(void **state)
{
    start(state);
    put_records(state, NULL, "people", "{\"email\":\"b\",\"city\":\"Voss\"}\n");
    answers(state, cities, "city|n\nOslo|1\nVoss|1\n");
    answers_with(state, cities, 2, NULL, "city|n\nOslo|1\n");
    answers(state, cities, "city|n\nOslo|1\nVoss|1\n");
    goes(state, cities, "people:column:\n");
}

static void other_indexed_fields_make_its_table_anew(void **state)
{
    start(state);
    goes(state, "SELECT sum(age) FROM people", "people:scan:\n");
    answers(state, cities, "city|n\nOslo|1\n");
    put_schema(state, NULL, people_later);
    goes(state, "SELECT sum(age) FROM people", "people:column:\n");
    goes(state, cities, "people:scan:\n");
    answers_everywhere(state, "SELECT sum(age) s FROM people", "s\n1\n");
    no_faults(state);
}

static void one_that_is_gone_broken_or_torn_is_made_anew(void **state)
{
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    WORKS(tarn__unlink(view_file(state), e));
    answers(state, cities, "city|n\nOslo|1\n");
    WORKS(tarn__file_spill(view_file(state), tarn_str("no database"), e));
    answers(state, cities, "city|n\nOslo|1\n");
    goes(state, cities, "people:column:\n");
    WORKS(tarn__file_spill(
        sandbox_path(state, "lake/views/column/default.duckdb.wal"),
        tarn_str("left behind"), e));
    answers(state, cities, "city|n\nOslo|1\n");
    goes(state, cities, "people:column:\n");
    no_faults(state);
}

static void what_a_killed_maker_left_is_no_fault_and_goes(void **state)
{
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    WORKS(tarn__unlink(view_file(state), e));
    WORKS(tarn__file_spill(sandbox_path(state, "lake/views/column/default.new"),
        tarn_str("half of it"), e));
    WORKS(tarn__file_spill(
        sandbox_path(state, "lake/views/column/default.new.wal"),
        tarn_str("left behind"), e));
    no_faults(state);
    goes(state, cities, "people:column:\n");
    assert_false(tarn__path_exists(
        sandbox_path(state, "lake/views/column/default.new")));
    no_faults(state);
}

static void one_whose_blocks_do_not_read_is_gone_round(void **state)
{
    size_t len;
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    const char *bytes =
        sandbox_read(state, "lake/views/column/default.duckdb", &len);
    char *copy = malloc(len);
    memcpy(copy, bytes, len);
    /* Behind the three headers: not every block is read by every query. */
    for (size_t at = 16384; at < len; at += 4096)
        copy[at] ^= 0x55;
    sandbox_write(state, "lake/views/column/default.duckdb", copy, len);
    free(copy);
    answers(state, cities, "city|n\nOslo|1\n");
    answers(state,
        "SELECT * EXCLUDE (id, created_at, modified_at, doc) "
        "FROM people WHERE city = 'Oslo'",
        "email|city|age\na|Oslo|1\n");
}

static void one_that_is_being_filled_is_gone_round(void **state)
{
    tarn__lock lock = TARN__LOCK_INIT;
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    WORKS(tarn__lock_take(&lock,
        sandbox_path(state, "lake/views/column/default.lock"), false, 0, e));
    goes(state, cities, "people:scan:\n");
    answers(state, cities, "city|n\nOslo|1\n");
    tarn__lock_release(&lock);
    goes(state, cities, "people:column:\n");
}

static void in_view(void **state, const char *sql)
{
    tarn__duck *duck = NULL;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.path = view_file(state);
    WORKS(tarn__duck_open(&options, &duck, e));
    WORKS(tarn__duck_exec(duck, sql, e));
    tarn__duck_close(duck);
}

static void one_of_an_older_format_is_made_anew(void **state)
{
    static const char by_city[] =
        "SELECT email FROM people WHERE city = 'Oslo'";
    start(state);
    answers(state, by_city, "email\na\n");
    in_view(state, "UPDATE applied SET format = 1");
    in_view(state, "ALTER TABLE t1 DROP COLUMN place");
    answers(state, by_city, "email\na\n");
    goes(state, by_city, "people:column:city = 'Oslo'\n");
    no_faults(state);
}

/* --- ids that are known in part --- */

/* The ids of k38250 and k65745 begin with the same four bytes. */
static void rows_whose_ids_begin_alike_are_told_apart(void **state)
{
    static const char by_city[] =
        "SELECT email, age FROM people WHERE city = 'Oslo' ORDER BY email";
    put_schema(state, NULL, people);
    put_records(state, NULL, "people",
        "{\"email\":\"k38250\",\"city\":\"Oslo\",\"age\":1}\n"
        "{\"email\":\"k65745\",\"city\":\"Voss\",\"age\":2}\n");
    answers_everywhere(state,
        "SELECT id[1:8] = '87a5c311' b FROM people ORDER BY id",
        "b\ntrue\ntrue\n");
    answers_everywhere(state, by_city, "email|age\nk38250|1\n");
    put_records(state, NULL, "people",
        "{\"email\":\"k65745\",\"city\":\"Oslo\",\"age\":3}\n");
    answers_everywhere(state, by_city, "email|age\nk38250|1\nk65745|3\n");
    goes(state, by_city, "people:column:city = 'Oslo'\n");
    rm_record(state, NULL, "k38250", true);
    answers_everywhere(state, by_city, "email|age\nk65745|3\n");
    no_faults(state);
}

/* More of them begin alike than DuckDB takes at once. */
static void records_without_a_key_are_found_by_the_time_in_their_ids(
    void **state)
{
    static const char by_city[] =
        "SELECT sum(age) s, count(*) n FROM people WHERE city = 'Oslo'";
    enum { COUNT = 5000 };
    char *text = NULL;
    char expected[60];
    size_t len;
    int64_t sum = 0;
    put_schema(state, NULL, people);
    FILE *f = open_memstream(&text, &len);
    for (int i = 0; i < COUNT; i++) {
        fprintf(f, "{\"city\":\"%s\",\"age\":%d}\n",
            i % 7 == 0 ? "Oslo" : "Voss", i);
        sum += i % 7 == 0 ? i : 0;
    }
    fclose(f);
    put_records(state, NULL, "people", text);
    free(text);
    put_records(state, NULL, "people", one);
    snprintf(expected, sizeof(expected), "s|n\n%" PRId64 "|%d\n", sum + 1,
        (COUNT + 6) / 7 + 1);
    answers_everywhere(state, by_city, expected);
    goes(state, by_city, "people:column:city = 'Oslo'\n");
    no_faults(state);
}

static void a_place_is_what_its_id_begins_with(void **state)
{
    static const char *const ids[] = {"00000000-0000-8000-8000-000000000000",
        "ffffffff-ffff-8fff-8fff-ffffffffffff",
        "87a5c311-0203-8405-8607-08090a0b0c0d",
        "0197a000-1234-7abc-8607-08090a0b0c0d",
        "00000000-1234-7abc-8607-08090a0b0c0d",
        "ffffffff-ffff-7abc-8607-08090a0b0c0d",
        "00000001-0000-7000-8000-000000000000"};
    static const size_t lengths[] = {4, 4, 4, 8, 4, 8, 8};
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        tarn__id id, start;
        assert_true(tarn__id_parse(tarn_str(ids[i]), &id));
        size_t n = tarn__colview_place_bytes(tarn__colview_place(&id), &start);
        assert_int_equal(n, lengths[i]);
        assert_memory_equal(start.bytes, id.bytes, n);
    }
}

static void check_sees_one_that_says_something_else(void **state)
{
    tarn_rows *rows = NULL;
    start(state);
    answers(state, cities, "city|n\nOslo|1\n");
    no_faults(state);
    in_view(state, "UPDATE t1 SET f0 = 'Paris'");
    WORKS(tarn_views_check(sandbox_user(state), false, &rows, e));
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    assert_string_equal(tarn_rows_text(rows, 0), "I4");
    tarn_rows_free(rows);
    WORKS(tarn_views_rebuild(sandbox_user(state), "column", e));
    no_faults(state);
    answers(state, cities, "city|n\nOslo|1\n");
}

static void history_that_gc_took_makes_it_anew(void **state)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    int64_t version;
    start(state);
    put_records(state, NULL, "people", "{\"email\":\"b\",\"city\":\"Voss\"}\n");
    answers(state, cities, "city|n\nOslo|1\nVoss|1\n");
    rm_record(state, NULL, "a", true);
    options.retain_forever = false;
    options.grace_us = 0;
    WORKS(tarn_lake_gc(sandbox_user(state), &options, &version, &rows, e));
    tarn_rows_free(rows);
    answers(state, cities, "city|n\nVoss|1\n");
    goes(state, cities, "people:column:\n");
    no_faults(state);
}

/* --- killed --- */

static void many(void **state, int from, int count)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    for (int i = from; i < from + count; i++)
        fprintf(f, "{\"email\":\"p%d\",\"city\":\"c%d\",\"age\":%d}\n", i,
            i % 7, i);
    fclose(f);
    put_records(state, NULL, "people", text);
    free(text);
}

static int64_t place_block(void **state)
{
    tarn__duck *duck = NULL;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    int64_t block = -1;
    bool found;
    options.path = view_file(state);
    options.read_only = true;
    WORKS(tarn__duck_open(&options, &duck, e));
    WORKS(tarn__duck_int64(duck,
        "SELECT block_id FROM pragma_storage_info('t1') WHERE column_name = "
        "'place' AND segment_type = 'BIGINT' LIMIT 1",
        &block, &found, e));
    tarn__duck_close(duck);
    assert_true(found && block >= 0);
    return block;
}

static void one_whose_places_do_not_read_is_gone_round(void **state)
{
    static const char by_age[] = "SELECT email FROM people WHERE age = 29999";
    enum { HEADERS = 3 * 4096, BLOCK = 262144 };
    size_t len;
    put_schema(state, NULL, people_later);
    many(state, 0, 30000);
    answers(state, by_age, "email\np29999\n");
    goes(state, by_age, "people:column:age = 29999\n");
    size_t at = HEADERS + (size_t)place_block(state) * BLOCK + 100;
    const char *bytes =
        sandbox_read(state, "lake/views/column/default.duckdb", &len);
    assert_true(at < len);
    char *copy = malloc(len);
    memcpy(copy, bytes, len);
    copy[at] ^= 0x55;
    sandbox_write(state, "lake/views/column/default.duckdb", copy, len);
    free(copy);
    answers(state, by_age, "email\np29999\n");
    goes(state, by_age, "people:scan:age = 29999\n");
}

static void a_killed_catch_up_leaves_what_a_rebuild_gives(void **state)
{
    start(state);
    many(state, 0, 20000);
    answers(state, "SELECT count(city) n FROM people", "n\n20001\n");
    for (int round = 0; round < 6; round++) {
        many(state, 10000 + round * 100, 10000);
        /* The handle's threads do not survive a fork: the child runs anew. */
        const char *tarn = getenv("TARN_BIN");
        const char *dir = sandbox_path(state, "lake");
        if (tarn == NULL)
            skip();
        pid_t pid = fork();
        if (pid == 0) {
            if (freopen("/dev/null", "w", stdout) == NULL)
                _exit(1);
            execl(tarn, "tarn", "-C", dir, "sql",
                "SELECT count(city) FROM people", (char *)NULL);
            _exit(127);
        }
        usleep((useconds_t)(20000 + round * 30000));
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        char expected[40];
        snprintf(expected, sizeof(expected), "n\n%d\n", 20001 + round * 100);
        answers_everywhere(state, "SELECT count(city) n FROM people", expected);
        no_faults(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(every_change_is_seen_at_once),
        lake_test(a_large_record_stands_in_it),
        lake_test(what_a_killed_making_left_is_never_built_upon),
        lake_test(a_commit_of_something_else_moves_it_along),
        lake_test(an_old_version_is_read_round_it),
        lake_test(other_indexed_fields_make_its_table_anew),
        lake_test(one_that_is_gone_broken_or_torn_is_made_anew),
        lake_test(what_a_killed_maker_left_is_no_fault_and_goes),
        lake_test(one_whose_blocks_do_not_read_is_gone_round),
        lake_test(one_that_is_being_filled_is_gone_round),
        lake_test(one_of_an_older_format_is_made_anew),
        lake_test(rows_whose_ids_begin_alike_are_told_apart),
        lake_test(records_without_a_key_are_found_by_the_time_in_their_ids),
        cmocka_unit_test(a_place_is_what_its_id_begins_with),
        lake_test(check_sees_one_that_says_something_else),
        lake_test(history_that_gc_took_makes_it_anew),
        lake_test(one_whose_places_do_not_read_is_gone_round),
        lake_test(a_killed_catch_up_leaves_what_a_rebuild_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
