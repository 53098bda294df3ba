/* Loading: what is kept, what is put aside, and what a failure leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>
#include <zstd.h>

#include "support/sandbox.h"

#include <tarn/event.h>

#define E(id, time)                                   \
    "{\"event\":\"a\",\"properties\":{\"time\":" time \
    ",\"distinct_id\":\"u\",\"$insert_id\":\"" id "\",\"x\":1}}\n"

static tarn_store *open_store(void **state)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options o = TARN_STORE_OPTIONS_INIT;
    o.temp_dir = sandbox_path(state, "temp");
    o.threads = 2;
    if (tarn_store_open(sandbox_path(state, "s.db"), &o, &store, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    return store;
}

static void assert_scalar(tarn_store *store, const char *sql, const char *want)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool found;
    if (tarn_store_scalar(store, sql, NULL, 0, &text, &found, &err) != TARN_OK)
        fail_msg("%s: %s", sql, err.message);
    if (want == NULL)
        assert_false(found);
    else
        assert_string_equal(found ? text.ptr : "(null)", want);
    tarn_buf_reset(&text);
}

static tarn_event_counts load_as(
    tarn_store *store, const char *path, const tarn_event_options *options)
{
    tarn_event_counts counts;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn_event_load(store, "t", &path, 1, options, &counts, &err) !=
        TARN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(
        counts.read, counts.loaded + counts.duplicates + counts.quarantined);
    return counts;
}

static tarn_event_counts load_text(
    void **state, tarn_store *store, const char *text)
{
    return load_as(store, sandbox_write_text(state, "in", text), NULL);
}

static void assert_failed(tarn_store *store, const char *path,
    const tarn_event_options *options, tarn_status want, const char *part)
{
    tarn_event_counts counts;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st =
        tarn_event_load(store, "t", &path, 1, options, &counts, &err);
    assert_int_equal(st, want);
    if (strstr(err.message, part) == NULL)
        fail_msg("%s", err.message);
}

/* One line alone: NULL when it is loaded, else why it is not. */
static void assert_line(void **state, const char *line, const char *reason)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.mode = TARN_EVENT_REPLACE;
    tarn_event_counts c =
        load_as(store, sandbox_write_text(state, "in", line), &o);
    assert_int_equal(c.read, 1);
    assert_int_equal(c.loaded, reason == NULL);
    if (reason != NULL) {
        assert_int_equal(c.quarantined, 1);
        assert_string_equal(c.bad[0].reason, reason);
    }
    tarn_store_free(store);
}

static void an_event_has_its_columns(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_counts c = load_text(state, store,
        "{\"event\":\"sign up\",\"properties\":{\"a\":{\"b\":[1,null,true]},"
        "\"time\":1704067200,\"distinct_id\":\"u\",\"s\":\"M\xc3\xbcnchen\","
        "\"$insert_id\":\"i\"}}\n");
    assert_int_equal(c.loaded, 1);
    assert_scalar(store,
        "SELECT event_name || '|' || event_time || '|' || distinct_id || '|' "
        "|| insert_id FROM t",
        "sign up|2024-01-01 00:00:00|u|i");
    assert_scalar(store, "SELECT properties FROM t",
        "{\"a\":{\"b\":[1,null,true]},\"s\":\"M\xc3\xbcnchen\"}");
    tarn_store_free(store);
}

static void a_profile_has_its_columns(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.profiles = true;
    const char *path = sandbox_write_text(state, "in",
        "{\"$distinct_id\":\"u\",\"$properties\":{\"$last_seen\":"
        "\"2024-01-01T00:00:00\",\"n\":1}}\n"
        "{\"$distinct_id\":\"u\",\"$properties\":{\"n\":2}}\n"
        "{\"$distinct_id\":7,\"$properties\":{\"$last_seen\":null}}\n"
        "{\"$distinct_id\":\"w\",\"$properties\":{\"$last_seen\":\"never\"}}\n"
        "{\"$properties\":{}}\n");
    tarn_event_counts c = load_as(store, path, &o);
    assert_int_equal(c.loaded, 3);
    assert_int_equal(c.duplicates, 1);
    assert_string_equal(c.bad[0].reason, "has no $distinct_id");
    assert_scalar(store,
        "SELECT string_agg(concat_ws(' ', distinct_id, properties, "
        "last_seen), ';' ORDER BY distinct_id) FROM t",
        "7 {};u {\"n\":1} 2024-01-01 00:00:00;w {\"$last_seen\":\"never\"}");
    tarn_store_free(store);
}

static void times_are_read_in_every_form(void **state)
{
    static const char *const forms[] = {"1704067200", "\"1704067200\"",
        "1704067200000", "1704067200000000", "1704067200.0", "1.7040672e9",
        "\"2024-01-01T00:00:00Z\"", "\"2024-01-01 01:00:00+01:00\"",
        "\"2024-01-01\""};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char line[200];
        (void)snprintf(line, sizeof line,
            "{\"event\":\"a\",\"properties\":{\"time\":%s,\"distinct_id\":"
            "\"u\"}}",
            forms[i]);
        assert_line(state, line, NULL);
        tarn_store *store = open_store(state);
        assert_scalar(
            store, "SELECT event_time FROM t", "2024-01-01T00:00:00Z");
        tarn_store_free(store);
    }
}

#define P "\"time\":1,\"distinct_id\":\"u\""

static void a_bad_line_says_why(void **state)
{
    static const char *const lines[][2] = {
        {"{\"properties\":{" P "}}", "has no event"},
        {"{\"event\":null,\"properties\":{" P "}}", "has no event"},
        {"{\"event\":1,\"properties\":{" P "}}", "event is no text"},
        {"{\"event\":\"a\"}", "has no time"},
        {"{\"event\":\"a\",\"properties\":{\"distinct_id\":\"u\"}}",
            "has no time"},
        {"{\"event\":\"a\",\"properties\":{\"time\":1}}", "has no distinct_id"},
        {"{\"event\":\"a\",\"properties\":{\"time\":\"x\",\"distinct_id\":"
         "\"u\"}}",
            "time is no time"},
        {"{\"event\":\"a\",\"properties\":{\"time\":1,\"distinct_id\":[]}}",
            "distinct_id is no text"},
        {"{\"event\":\"a\",\"properties\":[]}", "properties is no object"},
        {"[1]", "is no JSON object"},
        {"nonsense", "is no JSON object"},
        {"{\"event\":\"\xff\",\"properties\":{" P "}}", "is no UTF-8"},
        {"{\"event\":\"a\",\"properties\":{" P ",\"x\":01}}\n",
            "is no JSON object: byte 60: a comma is expected"},
        {"{\"event\":\"a\",\"properties\":{" P,
            "is cut: the input ends inside it"},
        {"{\"event\":\"a\",\"properties\":{" P "}} x\n",
            "is no JSON object: byte 57: goes on after the object's end"},
        {"{\"event\":\"a\",\"properties\":{" P ",\"x\":\"\\ud800\"}}\n",
            "is no JSON object: byte 66: a string has half of a surrogate "
            "pair"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_line(state, lines[i][0], lines[i][1]);
}

static void whatever_is_json_is_loaded(void **state)
{
    static const char *const lines[] = {
        "{\"event\":\"a\",\"properties\":{" P ",\"n\":[0,-0,1e400,1E-9,"
        "123456789012345678901234567890]}}",
        "{\"event\":\"a\\u0000b\",\"properties\":{" P ",\"s\":\"\\u0000\"}}",
        "{\"event\":\"\\ud83d\\ude00\",\"properties\":{" P "}}\r\n",
        " { \"event\" : \"a\" , \"properties\" : { " P " , \"x\" : { } } } ",
        "{\"event\":\"\",\"properties\":{\"time\":1,\"distinct_id\":\"\"}}",
        "{\"event\":\"a\",\"properties\":{\"t\\u0069me\":1,\"distinct_id\":"
        "12}}",
        "\xef\xbb\xbf{\"event\":\"a\",\"properties\":{" P "}}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_line(state, lines[i], NULL);
        tarn_store *store = open_store(state);
        assert_scalar(store, "SELECT json_valid(properties) FROM t", "true");
        assert_scalar(
            store, "SELECT json_exists(properties, '$.time') FROM t", "false");
        tarn_store_free(store);
    }
}

static void escapes_become_what_they_mean(void **state)
{
    tarn_store *store = open_store(state);
    load_text(state, store,
        "{\"event\":\"\\u00fc\\n\\\"\\ud83d\\ude00\",\"properties\":{" P "}}");
    assert_scalar(
        store, "SELECT event_name FROM t", "\xc3\xbc\n\"\xf0\x9f\x98\x80");
    tarn_store_free(store);
}

static void of_equal_ids_the_first_is_kept(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_counts c = load_text(
        state, store, E("i", "5") E("j", "1") E("i", "1") E("\\u0069", "2"));
    assert_int_equal(c.loaded, 2);
    assert_int_equal(c.duplicates, 2);
    assert_scalar(store, "SELECT event_time FROM t WHERE insert_id = 'i'",
        "1970-01-01T00:00:05Z");
    tarn_store_free(store);
}

/* Enough lines for many blocks: every id twice, far apart. */
static const char *write_many(void **state, const char *name, int count)
{
    FILE *f = fopen(sandbox_path(state, name), "wb");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < count; i++)
            fprintf(f,
                "{\"event\":\"e%d\",\"properties\":{\"time\":%d,"
                "\"distinct_id\":\"u%d\",\"$insert_id\":\"%08x\",\"pad\":"
                "\"%0100d\"}}\n",
                i % 3, round * 100000 + i, i % 7, (unsigned)i, i);
    fclose(f);
    return sandbox_path(state, name);
}

static void the_first_is_kept_whichever_thread_reads_it(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_counts c =
        load_as(store, write_many(state, "many", 40000), NULL);
    assert_int_equal(c.loaded, 40000);
    assert_int_equal(c.duplicates, 40000);
    assert_scalar(
        store, "SELECT max(event_time) FROM t", "1970-01-01T11:06:39Z");
    assert_scalar(store,
        "SELECT count(*) FROM t WHERE insert_id = printf('%08x', "
        "epoch(event_time)::INT)",
        "40000");
    tarn_store_free(store);
}

static void an_event_without_an_id_gets_one(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_counts c = load_text(state, store,
        "{\"event\":\"a\",\"properties\":{" P "}}\n"
        "{\"event\":\"a\",\"properties\":{" P ",\"$insert_id\":null}}\n"
        "{\"event\":\"a\",\"properties\":{" P ",\"$insert_id\":\"\"}}\n");
    assert_int_equal(c.loaded, 3);
    assert_int_equal(c.made_ids, 3);
    assert_scalar(store, "SELECT count(DISTINCT insert_id) FROM t", "3");
    tarn_store_free(store);
}

static void blank_lines_are_counted_as_lines_only(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_counts c =
        load_text(state, store, "\n  \r\n" E("i", "1") "\nbad\n");
    assert_int_equal(c.read, 2);
    assert_int_equal(c.bad[0].line, 5);
    tarn_store_free(store);
}

static void bad_lines_go_into_the_quarantine_table(void **state)
{
    tarn_store *store = open_store(state);
    load_text(state, store, E("i", "1") "{\"event\xff\"\n");
    assert_scalar(store,
        "SELECT table_name || '|' || ends_with(source, '/in') || '|' || line "
        "|| '|' || reason || '|' || text FROM _quarantine",
        "t|true|2|is no UTF-8|{\"event\xef\xbf\xbd\"");
    tarn_store_free(store);
}

static void bad_lines_go_into_a_file(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.quarantine = sandbox_path(state, "bad");
    sandbox_write_text(state, "bad.partial", "mine");
    load_as(store, sandbox_write_text(state, "in", "{}\n" E("i", "1")), &o);
    assert_string_equal(sandbox_read(state, "bad", NULL),
        "{\"line\":1,\"reason\":\"has no event\",\"text\":\"{}\"}\n");
    assert_string_equal(sandbox_read(state, "bad.partial", NULL), "mine");
    assert_scalar(store, "SELECT count(*) FROM _quarantine", "0");
    tarn_store_free(store);
}

static void too_many_bad_lines_load_nothing(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.max_bad = 1;
    o.quarantine = sandbox_path(state, "bad");
    const char *path =
        sandbox_write_text(state, "in", E("i", "1") "{}\n" E("j", "1") "x\n");
    assert_failed(store, path, &o, TARN_BAD_INPUT, "line 4: is no JSON");
    assert_false(sandbox_exists(state, "bad"));
    assert_scalar(store,
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'", "0");
    o.max_bad = 2;
    assert_int_equal(load_as(store, path, &o).loaded, 2);
    tarn_store_free(store);
}

static void lines_have_a_greatest_length(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.max_line_bytes = 3000000;
    size_t len = 9000000;
    char *text = malloc(len + 400);
    memset(text, 'x', len);
    memcpy(text + len, "\n" E("i", "1"), sizeof("\n" E("i", "1")));
    tarn_event_counts c =
        load_as(store, sandbox_write_text(state, "in", text), &o);
    free(text);
    assert_int_equal(c.loaded, 1);
    assert_string_equal(c.bad[0].reason, "is longer than 3000000 bytes");
    assert_scalar(
        store, "SELECT length(text) <= 1024 FROM _quarantine", "true");
    tarn_store_free(store);
}

static void a_long_line_is_loaded(void **state)
{
    tarn_store *store = open_store(state);
    size_t len = 8000000;
    char *text = malloc(len + 400);
    int at = sprintf(text, "{\"event\":\"a\",\"properties\":{" P ",\"x\":\"");
    memset(text + at, 'x', len);
    strcpy(text + (size_t)at + len, "\"}}");
    tarn_event_counts c = load_text(state, store, text);
    free(text);
    assert_int_equal(c.loaded, 1);
    assert_scalar(store, "SELECT length(properties->>'$.x') FROM t", "8000000");
    tarn_store_free(store);
}

static void gzip_and_zstd_are_unpacked(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    const char *text = E("i", "1") E("j", "1");
    const char *path = sandbox_path(state, "in.gz");
    for (int i = 0; i < 2; i++) { /* two members, one after the other */
        gzFile gz = gzopen(path, i == 0 ? "wb" : "ab");
        gzputs(gz, i == 0 ? text : E("k", "1"));
        gzclose(gz);
    }
    assert_int_equal(load_as(store, path, &o).loaded, 3);
    char packed[1000];
    size_t len = ZSTD_compress(packed, sizeof packed, text, strlen(text), 3);
    o.mode = TARN_EVENT_REPLACE;
    path = sandbox_write(state, "in.zst", packed, len);
    assert_int_equal(load_as(store, path, &o).loaded, 2);
    path = sandbox_write(state, "cut.zst", packed, len - 5);
    assert_failed(store, path, &o, TARN_BAD_INPUT, "ends too early");
    assert_scalar(store, "SELECT count(*) FROM t", "2");
    tarn_store_free(store);
}

static void several_files_are_one_load(void **state)
{
    tarn_store *store = open_store(state);
    const char *paths[2] = {sandbox_write_text(state, "a", E("i", "1") "bad"),
        sandbox_write_text(state, "b", "\n" E("i", "2") "worse\n")};
    tarn_event_counts c;
    assert_int_equal(
        tarn_event_load(store, "t", paths, 2, NULL, &c, NULL), TARN_OK);
    assert_int_equal(c.loaded, 1);
    assert_int_equal(c.duplicates, 1);
    assert_string_equal(c.bad[1].source, paths[1]);
    assert_int_equal(c.bad[1].line, 3);
    tarn_store_free(store);
}

static void a_table_that_is_there_is_left_alone(void **state)
{
    tarn_store *store = open_store(state);
    load_text(state, store, E("i", "1"));
    assert_failed(
        store, sandbox_path(state, "in"), NULL, TARN_EXISTS, "already there");
    assert_scalar(store, "SELECT count(*) FROM t", "1");
    tarn_store_free(store);
}

static void names_are_checked(void **state)
{
    static const char *const bad[] = {"", "a-b", "a b", "_x", "a;drop", "1a"};
    tarn_store *store = open_store(state);
    tarn_event_counts c;
    const char *path = sandbox_write_text(state, "in", E("i", "1"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            tarn_event_load(store, bad[i], &path, 1, NULL, &c, NULL),
            TARN_INVALID);
    assert_int_equal(
        tarn_event_load(store, "select", &path, 1, NULL, &c, NULL), TARN_OK);
    tarn_store_free(store);
}

static void append_adds_what_is_new(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    load_text(state, store, E("i", "86400"));
    o.mode = TARN_EVENT_APPEND;
    tarn_event_counts c = load_as(store,
        sandbox_write_text(
            state, "in", E("j", "0") E("i", "1") E("k", "864000")),
        &o);
    assert_int_equal(c.loaded, 2);
    assert_int_equal(c.duplicates, 1);
    assert_scalar(store, "SELECT count(*) FROM t", "3");
    assert_scalar(store,
        "SELECT row_count || ' ' || from_date || ' ' || to_date FROM "
        "_metadata",
        "3 1970-01-01 1970-01-11");
    c = load_as(store, sandbox_path(state, "in"), &o);
    assert_int_equal(c.loaded, 0);
    tarn_store_free(store);
}

static void append_needs_a_table_of_its_kind(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.mode = TARN_EVENT_APPEND;
    const char *path = sandbox_write_text(state, "in", E("i", "1"));
    assert_failed(store, path, &o, TARN_NOT_FOUND, "is not in this store");
    o.mode = TARN_EVENT_CREATE;
    load_as(store, path, &o);
    o.mode = TARN_EVENT_APPEND;
    o.profiles = true;
    assert_failed(store, path, &o, TARN_CONFLICT, "does not hold profiles");
    tarn_store_free(store);
}

static void replace_is_all_or_nothing(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    load_text(state, store, E("i", "1") E("j", "1"));
    o.mode = TARN_EVENT_REPLACE;
    o.max_bad = 0;
    assert_failed(store, sandbox_write_text(state, "in", E("k", "1") "bad\n"),
        &o, TARN_BAD_INPUT, "line 2");
    assert_scalar(store, "SELECT count(*) FROM t", "2");
    load_as(store, sandbox_write_text(state, "in", E("k", "1")), &o);
    assert_scalar(store, "SELECT string_agg(insert_id) FROM t", "k");
    tarn_store_free(store);
}

static void no_line_makes_an_empty_table(void **state)
{
    tarn_store *store = open_store(state);
    load_text(state, store, "");
    assert_scalar(store, "SELECT count(*) FROM t", "0");
    assert_scalar(store, "SELECT row_count FROM _metadata", "0");
    assert_scalar(store, "SELECT from_date FROM _metadata", NULL);
    tarn_store_free(store);
}

static void shredded_properties_are_typed_columns(void **state)
{
    static const char *const names[] = {"s", "i", "d", "b", "none"};
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.shred = names;
    o.shred_count = 5;
    load_as(store,
        sandbox_write_text(state, "in",
            "{\"event\":\"a\",\"properties\":{" P ",\"s\":\"\\u0041\",\"i\":3,"
            "\"d\":2,\"b\":true}}\n"
            "{\"event\":\"a\",\"properties\":{" P ",\"d\":0.5,\"b\":null}}\n"),
        &o);
    assert_scalar(store,
        "SELECT string_agg(typeof(x), ' ') FROM (SELECT unnest([typeof(s), "
        "typeof(i), typeof(d), typeof(b), typeof(\"none\")]) AS x FROM t "
        "LIMIT 0)",
        NULL);
    assert_scalar(store,
        "SELECT concat_ws(' ', typeof(s), typeof(i), typeof(d), typeof(b), "
        "typeof(\"none\")) FROM t LIMIT 1",
        "VARCHAR BIGINT DOUBLE BOOLEAN VARCHAR");
    assert_scalar(store,
        "SELECT string_agg(concat_ws(' ', s, i, d, b), ';' ORDER BY d DESC) "
        "FROM t",
        "A 3 2.0 true;0.5");
    assert_scalar(store, "SELECT properties->>'$.s' FROM t WHERE s = 'A'", "A");
    tarn_store_free(store);
}

static void a_value_of_another_type_widens_its_column(void **state)
{
    static const char *const names[] = {"i", "j"};
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.shred = names;
    o.shred_count = 2;
    load_as(store,
        sandbox_write_text(state, "in",
            "{\"event\":\"a\",\"properties\":{" P ",\"i\":3,\"j\":4}}\n"),
        &o);
    o.mode = TARN_EVENT_APPEND;
    o.shred_count = 0;
    load_as(store,
        sandbox_write_text(state, "in",
            "{\"event\":\"b\",\"properties\":{" P ",\"i\":\"x\",\"j\":0.5}}\n"),
        &o);
    assert_scalar(store,
        "SELECT string_agg(concat_ws(' ', typeof(i), i, typeof(j), j), ';' "
        "ORDER BY event_name) FROM t",
        "VARCHAR 3 DOUBLE 4.0;VARCHAR x DOUBLE 0.5");
    tarn_store_free(store);
}

static void an_append_may_shred_more(void **state)
{
    static const char *const names[] = {"x"};
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    load_text(state, store, E("i", "1"));
    o.mode = TARN_EVENT_APPEND;
    o.shred = names;
    o.shred_count = 1;
    load_as(store, sandbox_write_text(state, "in", E("j", "1")), &o);
    assert_scalar(store, "SELECT string_agg(x, ',') FROM t", "1,1");
    tarn_store_free(store);
}

static void a_column_of_the_table_cannot_be_shredded(void **state)
{
    static const char *const names[] = {"event_name"};
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.shred = names;
    o.shred_count = 1;
    assert_failed(store, sandbox_write_text(state, "in", E("j", "1")), &o,
        TARN_INVALID, "event_name");
    tarn_store_free(store);
}

typedef struct reports {
    uint64_t at[20];
    size_t count;
} reports;

static void report(void *arg, uint64_t loaded)
{
    reports *r = arg;
    r->at[r->count++] = loaded;
}

static void batches_report_rows_that_were_loaded(void **state)
{
    reports r = {{0}, 0};
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.on_batch = report;
    o.arg = &r;
    o.batch_size = 3;
    load_as(store,
        sandbox_write_text(state, "in",
            E("a", "1") E("b", "1") E("c", "1") E("a", "1") E("b", "1")
                E("c", "1") E("d", "1") E("e", "1") E("a", "1") E("b", "1")),
        &o);
    assert_int_equal(r.count, 4);
    assert_int_equal(r.at[0], 3);
    assert_int_equal(r.at[1], 3);
    assert_int_equal(r.at[2], 5);
    assert_int_equal(r.at[3], 5);
    tarn_store_free(store);
}

static bool stop(void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)what;
    assert_true(done <= total);
    return true;
}

static void progress_may_stop_a_load(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.progress = stop;
    assert_failed(store, sandbox_write_text(state, "in", E("j", "1")), &o,
        TARN_INTERRUPTED, "interrupted");
    assert_scalar(store,
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'", "0");
    tarn_store_free(store);
}

typedef struct records {
    const char *const *items;
    size_t at;
} records;

static tarn_status next_record(void *arg, tarn_slice *json, tarn_error *err)
{
    records *r = arg;
    (void)err;
    if (r->items[r->at] == NULL)
        return TARN_OK;
    *json = tarn_str(r->items[r->at++]);
    return TARN_ROW;
}

static void records_are_loaded_strictly(void **state)
{
    static const char *const good[] = {
        "{\"event\":\n\"a\",\"properties\":{" P "}}", NULL};
    static const char *const bad[] = {"{\"event\":\"a\",\"properties\":{" P
                                      "}}",
        "{\"event\":\"a\",\"properties\":{\"time\":1}}", NULL};
    tarn_store *store = open_store(state);
    tarn_event_counts c;
    tarn_error err = TARN_ERROR_INIT;
    records r = {good, 0};
    assert_int_equal(
        tarn_event_load_records(store, "t", next_record, &r, NULL, &c, &err),
        TARN_OK);
    assert_int_equal(c.loaded, 1);
    r = (records){bad, 0};
    assert_int_equal(
        tarn_event_load_records(store, "u", next_record, &r, NULL, &c, &err),
        TARN_BAD_INPUT);
    assert_non_null(
        strstr(err.message, "batch 1, record 2: has no distinct_id"));
    tarn_store_free(store);
}

static tarn_status fail_later(void *arg, tarn_slice *json, tarn_error *err)
{
    int *left = arg;
    if ((*left)-- > 0) {
        *json = tarn_str("{\"event\":\"a\",\"properties\":{" P "}}");
        return TARN_ROW;
    }
    (void)err;
    return TARN_IO;
}

static void a_failing_iterator_loads_nothing(void **state)
{
    int left = 5000;
    tarn_store *store = open_store(state);
    tarn_event_counts c;
    assert_int_equal(
        tarn_event_load_records(store, "t", fail_later, &left, NULL, &c, NULL),
        TARN_IO);
    assert_scalar(store,
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'", "0");
    tarn_store_free(store);
}

static void ids_have_a_bound(void **state)
{
    tarn_store *store;
    tarn_event_counts c;
    tarn_error err = TARN_ERROR_INIT;
    tarn_store_options so = TARN_STORE_OPTIONS_INIT;
    so.temp_dir = sandbox_path(state, "temp");
    so.memory_bytes = 3000000;
    const char *path = write_many(state, "many", 100000);
    assert_int_equal(tarn_store_memory(&so, &store, NULL), TARN_OK);
    tarn_status st = tarn_event_load(store, "t", &path, 1, NULL, &c, &err);
    assert_true(st == TARN_FAILED || st == TARN_NO_MEMORY);
    tarn_store_free(store);
}

static void a_dropped_table_is_gone_from_the_list(void **state)
{
    tarn_store *store = open_store(state);
    load_text(state, store, E("i", "1"));
    assert_int_equal(tarn_event_drop(store, "t", NULL), TARN_OK);
    assert_scalar(store, "SELECT count(*) FROM _metadata", "0");
    assert_int_equal(tarn_event_drop(store, "t", NULL), TARN_NOT_FOUND);
    load_text(state, store, E("i", "1"));
    tarn_store_free(store);
}

static void a_failed_load_can_be_done_again(void **state)
{
    tarn_store *store = open_store(state);
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    o.max_bad = 0;
    for (int i = 0; i < 3; i++)
        assert_failed(store,
            sandbox_write_text(state, "in", E("i", "1") "bad\n"), &o,
            TARN_BAD_INPUT, "line 2");
    load_text(state, store, E("i", "1"));
    assert_scalar(store, "SELECT count(*) FROM t", "1");
    tarn_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(an_event_has_its_columns),
        sandbox_test(a_profile_has_its_columns),
        sandbox_test(times_are_read_in_every_form),
        sandbox_test(a_bad_line_says_why),
        sandbox_test(whatever_is_json_is_loaded),
        sandbox_test(escapes_become_what_they_mean),
        sandbox_test(of_equal_ids_the_first_is_kept),
        sandbox_test(the_first_is_kept_whichever_thread_reads_it),
        sandbox_test(an_event_without_an_id_gets_one),
        sandbox_test(blank_lines_are_counted_as_lines_only),
        sandbox_test(bad_lines_go_into_the_quarantine_table),
        sandbox_test(bad_lines_go_into_a_file),
        sandbox_test(too_many_bad_lines_load_nothing),
        sandbox_test(lines_have_a_greatest_length),
        sandbox_test(a_long_line_is_loaded),
        sandbox_test(gzip_and_zstd_are_unpacked),
        sandbox_test(several_files_are_one_load),
        sandbox_test(a_table_that_is_there_is_left_alone),
        sandbox_test(names_are_checked),
        sandbox_test(append_adds_what_is_new),
        sandbox_test(append_needs_a_table_of_its_kind),
        sandbox_test(replace_is_all_or_nothing),
        sandbox_test(no_line_makes_an_empty_table),
        sandbox_test(shredded_properties_are_typed_columns),
        sandbox_test(a_value_of_another_type_widens_its_column),
        sandbox_test(an_append_may_shred_more),
        sandbox_test(a_column_of_the_table_cannot_be_shredded),
        sandbox_test(batches_report_rows_that_were_loaded),
        sandbox_test(progress_may_stop_a_load),
        sandbox_test(records_are_loaded_strictly),
        sandbox_test(a_failing_iterator_loads_nothing),
        sandbox_test(ids_have_a_bound),
        sandbox_test(a_dropped_table_is_gone_from_the_list),
        sandbox_test(a_failed_load_can_be_done_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
