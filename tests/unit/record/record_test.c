/* Records through the library: put, get, update, rm, batches, tenants. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/record_internal.h"
#include "support/sandbox.h"

static const char people[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"properties\":{"
    "\"email\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},"
    "\"age\":{\"type\":\"integer\"}},\"required\":[\"name\"],"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"age\"]}}";
static const char things[] = "{\"name\":\"things\",\"version\":\"1.0.0\"}";

static void good(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static int64_t commit(tarn_txn *txn)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version;
    good(tarn_txn_commit(txn, &version, &err), &err);
    return version;
}

static tarn_txn *begin(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn;
    good(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    return txn;
}

static void put_schema(tarn_lake *lake, const char *text, const char *tenant)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    options.tenant = tenant;
    good(tarn_schema_put(txn, tarn_str(text), &options, &err), &err);
    commit(txn);
}

/* A lake on disk with both tables. */
static tarn_lake *lake_of(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake;
    const char *dir = sandbox_path(state, "lake");
    good(tarn_lake_init(dir, NULL, &err), &err);
    good(tarn_lake_open(dir, NULL, &lake, &err), &err);
    put_schema(lake, people, NULL);
    put_schema(lake, things, NULL);
    return lake;
}

static int64_t put_as(tarn_lake *lake, const char *tenant, const char *table,
    const char *json, char id[37])
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    options.tenant = tenant;
    good(tarn_record_put(txn, table, tarn_str(json), &options, id, &err), &err);
    return commit(txn);
}

static int64_t put(tarn_lake *lake, const char *table, const char *json)
{
    char id[37];
    return put_as(lake, NULL, table, json, id);
}

static tarn_status get_at(tarn_lake *lake, int64_t version, const char *name,
    const tarn_record_options *options, tarn_record *out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    good(tarn_snapshot_open(lake, version, &snap, &err), &err);
    tarn_status st = tarn_record_get(snap, name, options, out, &err);
    tarn_snapshot_free(snap);
    return st;
}

static void is(tarn_lake *lake, const char *name, const char *json)
{
    tarn_record r = TARN_RECORD_INIT;
    assert_int_equal(TARN_OK, get_at(lake, TARN_LATEST, name, NULL, &r));
    assert_string_equal(json, r.json.ptr);
    tarn_record_reset(&r);
}

static void is_not(tarn_lake *lake, const char *name)
{
    tarn_record r = TARN_RECORD_INIT;
    assert_int_equal(TARN_NOT_FOUND, get_at(lake, TARN_LATEST, name, NULL, &r));
}

static int64_t count(tarn_lake *lake, const char *table, bool deleted)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    int64_t n;
    options.deleted = deleted;
    good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    good(tarn_record_count(snap, table, &options, &n, &err), &err);
    tarn_snapshot_free(snap);
    return n;
}

static void rm(tarn_lake *lake, const char *name, bool hard)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    options.hard = hard;
    good(tarn_record_rm(txn, name, &options, &err), &err);
    commit(txn);
}

static tarn_status update(
    tarn_lake *lake, const char *name, const char *json, tarn_error *err)
{
    tarn_txn *txn = begin(lake);
    tarn_status st = tarn_record_update(txn, name, tarn_str(json), NULL, err);
    if (st == TARN_OK)
        commit(txn);
    else
        tarn_txn_abort(txn);
    return st;
}

static void the_same_key_replaces_and_keeps_created_at(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_record first = TARN_RECORD_INIT, second = TARN_RECORD_INIT;
    put(lake, "people", "{\"name\":\"A\",\"email\":\"a@x\"}");
    good(get_at(lake, TARN_LATEST, "a@x", NULL, &first), NULL);
    put(lake, "people", "{\"name\":\"B\",\"email\":\"a@x\"}");
    good(get_at(lake, TARN_LATEST, "a@x", NULL, &second), NULL);
    assert_string_equal(first.id, second.id);
    assert_int_equal(first.created_us, first.modified_us);
    assert_int_equal(first.created_us, second.created_us);
    assert_true(second.modified_us > first.modified_us);
    assert_int_equal(1, count(lake, "people", false));
    is(lake, "a@x", "{\"name\":\"B\",\"email\":\"a@x\"}");
    tarn_record_reset(&first);
    tarn_record_reset(&second);
    tarn_lake_close(lake);
}

static void what_is_there_already_commits_nothing(void **state)
{
    tarn_lake *lake = lake_of(state);
    static const char json[] = "{\"name\":\"A\"}";
    assert_true(put(lake, "people", json) > 0);
    assert_int_equal(-1, put(lake, "people", json));
    tarn_lake_close(lake);
}

static void the_key_is_the_uri_then_the_field_then_key_then_name(void **state)
{
    static const struct {
        const char *json, *key;
    } cases[] = {
        {"{\"uri\":\"u\",\"email\":\"e\",\"key\":\"k\",\"name\":\"n\"}", "u"},
        {"{\"email\":\"e\",\"key\":\"k\",\"name\":\"n\"}", "e"},
        {"{\"key\":\"k\",\"name\":\"n\"}", "k"},
        {"{\"name\":\"n\"}", "n"},
        {"{\"email\":null,\"key\":[],\"name\":1.0}", "1"},
        {"{\"key\":true}", "true"},
        {"{\"n\\u0061me\":\"\\u0061\\u0000\"}", "a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tarn__record_key_of key = TARN__RECORD_KEY_OF_INIT;
        assert_int_equal(TARN_OK,
            tarn__record_key_find(
                tarn_str(cases[i].json), "email", &key, NULL));
        assert_true(key.has_key);
        assert_string_equal(cases[i].key, key.text.ptr);
        tarn__record_key_reset(&key);
    }
}

static void ordinals_of_one_uri_are_records_of_their_own(void **state)
{
    tarn_lake *lake = lake_of(state);
    char a[37], b[37], c[37], d[37];
    tarn_record r = TARN_RECORD_INIT;
    put_as(lake, NULL, "things", "{\"uri\":\"u\"}", a);
    put_as(lake, NULL, "things", "{\"uri\":\"u\",\"ordinal\":0,\"x\":1}", b);
    put_as(lake, NULL, "things", "{\"uri\":\"u\",\"chunk_ordinal\":1}", c);
    put_as(lake, NULL, "things", "{\"uri\":\"u\",\"ordinal\":2}", d);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_not_equal(c, d);
    assert_int_equal(3, count(lake, "things", false));
    assert_int_equal(TARN_CONFLICT, get_at(lake, TARN_LATEST, "u", NULL, &r));
    is(lake, c, "{\"uri\":\"u\",\"chunk_ordinal\":1}");
    tarn_lake_close(lake);
}

static void without_a_key_ids_are_random(void **state)
{
    tarn_lake *lake = lake_of(state);
    put(lake, "things", "{\"x\":1}");
    put(lake, "things", "{\"x\":1}");
    assert_int_equal(2, count(lake, "things", false));
    tarn_lake_close(lake);
}

static void any_bytes_are_a_key(void **state)
{
    tarn_lake *lake = lake_of(state);
    put(lake, "things", "{\"key\":\"https://x/y:z\"}");
    put(lake, "things", "{\"key\":\"a\\u0000b\"}");
    put(lake, "things", "{\"key\":\"\"}");
    is(lake, "https://x/y:z", "{\"key\":\"https://x/y:z\"}");
    is(lake, "things/https://x/y:z", "{\"key\":\"https://x/y:z\"}");
    is(lake, "", "{\"key\":\"\"}");
    is_not(lake, "a");
    assert_int_equal(3, count(lake, "things", false));
    tarn_lake_close(lake);
}

static void a_key_of_two_tables_is_a_conflict_that_names_both(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    put(lake, "people", "{\"name\":\"x\"}");
    put(lake, "things", "{\"name\":\"x\"}");
    assert_int_equal(TARN_CONFLICT, update(lake, "x", "{\"age\":1}", &err));
    assert_non_null(strstr(err.message, "people/x"));
    assert_non_null(strstr(err.message, "things/x"));
    is(lake, "things/x", "{\"name\":\"x\"}");
    options.table = "people";
    assert_int_equal(TARN_OK, get_at(lake, TARN_LATEST, "x", &options, &r));
    assert_string_equal("people", r.table);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void an_update_splices_the_members_that_change(void **state)
{
    static const struct {
        const char *json, *changes, *merged;
    } cases[] = {
        {"{ \"a\" : 1 , \"b\":[1, 2] }", "{\"b\":null}",
            "{ \"a\" : 1 , \"b\":null }"},
        {"{}", "{\"a\":1}", "{\"a\":1}"},
        {"{ }", "{ \"a\" : {} }", "{\"a\":{} }"},
        {"{\"a\":\"x\"\n}", "{\"z\": 1.0,\"a\":\"\\u0041\"}",
            "{\"a\":\"\\u0041\",\"z\":1.0\n}"},
        {"{\"\\u0061\":1,\"b\":2}", "{\"a\":3}", "{\"\\u0061\":3,\"b\":2}"},
        {"{\"a\":1}", "{}", "{\"a\":1}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        tarn_buf out = TARN_BUF_INIT;
        assert_int_equal(TARN_OK,
            tarn__record_merge(tarn_str(cases[i].json),
                tarn_str(cases[i].changes), &out, NULL));
        assert_string_equal(cases[i].merged, out.ptr);
        tarn_buf_reset(&out);
    }
}

static void an_update_is_checked(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    static const char json[] = "{\"name\":\"A\",\"email\":\"a@x\",\"age\":1}";
    put(lake, "people", json);
    assert_int_equal(
        TARN_BAD_INPUT, update(lake, "a@x", "{\"age\":\"x\"}", &err));
    assert_int_equal(
        TARN_BAD_INPUT, update(lake, "a@x", "{\"email\":\"b@x\"}", &err));
    assert_int_equal(
        TARN_BAD_INPUT, update(lake, "a@x", "{\"age\":2,\"age\":3}", &err));
    assert_int_equal(TARN_BAD_INPUT, update(lake, "a@x", "[1]", &err));
    is(lake, "a@x", json);
    good(update(lake, "a@x", "{\"age\":2}", &err), &err);
    is(lake, "a@x", "{\"name\":\"A\",\"email\":\"a@x\",\"age\":2}");
    tarn_lake_close(lake);
}

static void a_softly_deleted_record_is_hidden_and_revived(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    static const char json[] = "{\"name\":\"A\"}";
    int64_t before = put(lake, "people", json);
    rm(lake, "A", false);
    is_not(lake, "A");
    assert_int_equal(0, count(lake, "people", false));
    assert_int_equal(1, count(lake, "people", true));
    options.deleted = true;
    good(get_at(lake, TARN_LATEST, "A", &options, &r), NULL);
    assert_true(r.deleted);
    int64_t created = r.created_us;
    good(get_at(lake, before, "A", NULL, &r), NULL);
    assert_false(r.deleted);
    put(lake, "people", json);
    good(get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    assert_false(r.deleted);
    assert_int_equal(created, r.created_us);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static int64_t entries(tarn_lake *lake, tarn__family family)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    tarn__scan *scan;
    tarn_slice key, payload;
    int64_t n = 0;
    good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    good(tarn__read_scan(snap, family, (tarn_slice){"", 0},
             (tarn_slice){NULL, 0}, &scan, &err),
        &err);
    while (tarn__scan_next(scan, &key, &payload, NULL, &err) == TARN_ROW)
        n++;
    tarn__scan_free(scan);
    tarn_snapshot_free(snap);
    return n;
}

static void a_hard_delete_leaves_no_row_and_no_key(void **state)
{
    tarn_lake *lake = lake_of(state);
    char id[37];
    int64_t before = put_as(lake, NULL, "people", "{\"name\":\"A\"}", id);
    tarn_record r = TARN_RECORD_INIT;
    rm(lake, "A", false);
    rm(lake, "A", true);
    is_not(lake, "A");
    is_not(lake, id);
    assert_int_equal(0, entries(lake, TARN__FAMILY_RECORD));
    assert_int_equal(0, entries(lake, TARN__FAMILY_KEY));
    good(get_at(lake, before, id, NULL, &r), NULL);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_large_record_is_an_object(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    size_t len = 200000;
    char *json = test_malloc(len + 1);
    memset(json, 'x', len);
    memcpy(json, "{\"name\":\"A\",\"t\":\"", 17);
    memcpy(json + len - 2, "\"}", 3);
    put(lake, "people", json);
    is(lake, "A", json);
    good(update(lake, "A", "{\"t\":1}", &err), &err);
    is(lake, "A", "{\"name\":\"A\",\"t\":1}");
    tarn_lake_close(lake);
    test_free(json);
}

/* --- batches --- */

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
    tarn_txn *txn = begin(lake);
    options.documents = documents;
    tarn_status st = tarn_record_put_lines(
        txn, table, "in.jsonl", read_text, &t, &options, &ids, err);
    if (st == TARN_OK) {
        *n = tarn_record_ids_count(ids);
        commit(txn);
    } else {
        assert_null(ids);
        tarn_txn_abort(txn);
    }
    tarn_record_ids_free(ids);
    return st;
}

static void a_batch_is_all_or_nothing_and_names_line_and_field(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    assert_int_equal(TARN_BAD_INPUT,
        put_lines(lake, "people",
            "{\"name\":\"A\"}\n\n{\"name\":\"B\",\"age\":\"x\"}\n{}\n", false,
            &n, &err));
    assert_non_null(strstr(err.message, "in.jsonl line 3"));
    assert_non_null(strstr(err.message, "age"));
    assert_int_equal(0, count(lake, "people", true));
    tarn_lake_close(lake);
}

static void of_lines_with_one_key_the_last_stands(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    put(lake, "people", "{\"name\":\"A\",\"age\":0}");
    good(put_lines(lake, "people",
             " {\"name\":\"A\",\"age\":1}\r\n{\"name\":\"B\"}\n\n"
             "{\"name\":\"A\",\"age\":2} ",
             false, &n, &err),
        &err);
    assert_int_equal(3, n);
    assert_int_equal(2, count(lake, "people", false));
    is(lake, "A", "{\"name\":\"A\",\"age\":2}");
    tarn_lake_close(lake);
}

static void documents_may_span_lines(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    good(put_lines(lake, "people",
             "{\"name\":\n \"A}\\\"\"}\n\n{\"name\":\"B\"}\n{\n\"name\":\"C\"}",
             true, &n, &err),
        &err);
    assert_int_equal(3, n);
    is(lake, "A}\"", "{\"name\":\n \"A}\\\"\"}");
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
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    int64_t n;
    char *lines = many_lines(1);
    good(put_lines(lake, "people", lines, false, &n, &err), &err);
    test_free(lines);
    assert_int_equal(MANY, n);
    assert_int_equal(MANY, count(lake, "people", false));
    assert_int_equal(2 * MANY, entries(lake, TARN__FAMILY_KEY));
    lines = many_lines(2);
    text t = {lines, strlen(lines), 65536};
    tarn_txn *txn = begin(lake);
    tarn_buf json = TARN_BUF_INIT;
    tarn_record r = TARN_RECORD_INIT;
    good(tarn_record_put_lines(
             txn, "people", "x", read_text, &t, NULL, NULL, &err),
        &err);
    good(tarn_record_get(tarn_txn_snapshot(txn), "e77", NULL, &r, &err), &err);
    assert_non_null(strstr(r.json.ptr, "\"age\":2"));
    commit(txn);
    is(lake, "e29999", "{\"name\":\"n\",\"email\":\"e29999\",\"age\":2}");
    assert_int_equal(MANY, count(lake, "people", false));
    good(put_lines(lake, "people", lines, false, &n, &err), &err);
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
    good(
        tarn_record_put_lines(txn, table, "x", read_text, &t, NULL, NULL, &err),
        &err);
}

/* The operations of a batch into an empty table are made when they are read. */
static void what_follows_a_large_batch_into_an_empty_table_sees_it(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    char *first = many_lines(1);
    char *second = many_lines(2);
    tarn_txn *txn = begin(lake);
    put_in(txn, first, strlen(first), "people");
    assert_int_equal(TARN_BAD_INPUT,
        tarn_record_update(txn, "e5", tarn_str("{\"age\":\"x\"}"), NULL, &err));
    good(tarn_record_update(txn, "e6", tarn_str("{\"age\":6}"), NULL, &err),
        &err);
    put_in(txn, second, (size_t)(strstr(second, "\"e4\"") - second) - 20,
        "people");
    good(tarn_record_rm(txn, "e7", NULL, &err), &err);
    commit(txn);
    test_free(first);
    test_free(second);
    is(lake, "e3", "{\"name\":\"n\",\"email\":\"e3\",\"age\":2}");
    is(lake, "e5", "{\"name\":\"n\",\"email\":\"e5\",\"age\":1}");
    is(lake, "e6", "{\"name\":\"n\",\"email\":\"e6\",\"age\":6}");
    assert_int_equal(MANY - 1, count(lake, "people", false));
    assert_int_equal(MANY, count(lake, "people", true));
    tarn_lake_close(lake);
}

static int64_t operations_of_head(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows;
    good(tarn_lake_log(lake, 1, &rows, &err), &err);
    assert_int_equal(TARN_ROW, tarn_rows_next(rows, &err));
    int64_t n = tarn_rows_int64(rows, 3);
    tarn_rows_free(rows);
    return n;
}

static void a_large_batch_is_taken_again_when_the_head_has_moved(void **state)
{
    tarn_lake *lake = lake_of(state);
    char *lines = many_lines(1);
    tarn_txn *txn = begin(lake);
    put_in(txn, lines, strlen(lines), "people");
    put(lake, "people", "{\"name\":\"other\",\"email\":\"e1\"}");
    commit(txn);
    assert_int_equal(MANY, count(lake, "people", false));
    assert_int_equal(MANY, operations_of_head(lake));
    is(lake, "e1", "{\"name\":\"n\",\"email\":\"e1\",\"age\":1}");
    test_free(lines);
    tarn_lake_close(lake);
}

static void the_log_counts_each_record_of_a_batch_once(void **state)
{
    tarn_lake *lake = lake_of(state);
    char *lines = many_lines(1);
    char *twice = test_malloc(2 * strlen(lines) + 1);
    int64_t n;
    tarn_error err = TARN_ERROR_INIT;
    sprintf(twice, "%s%s", lines, lines);
    good(put_lines(lake, "people", twice, false, &n, &err), &err);
    assert_int_equal(2 * MANY, n);
    assert_int_equal(MANY, operations_of_head(lake));
    test_free(twice);
    test_free(lines);
    tarn_lake_close(lake);
}

/* --- schemas and tenants --- */

static tarn_status try_schema(
    tarn_lake *lake, const char *text_of, tarn_error *err)
{
    tarn_txn *txn = begin(lake);
    tarn_status st = tarn_schema_put(txn, tarn_str(text_of), NULL, err);
    if (st == TARN_OK)
        commit(txn);
    else
        tarn_txn_abort(txn);
    return st;
}

static void a_schema_change_leaves_old_records_readable(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    good(try_schema(lake,
             "{\"name\":\"people\",\"version\":\"1.1.0\",\"properties\":{"
             "\"name\":{\"type\":\"string\"},\"town\":{\"type\":\"string\"}}}",
             &err),
        &err);
    is(lake, "A", "{\"name\":\"A\",\"age\":1}");
    put(lake, "people", "{\"name\":\"B\",\"town\":\"C\"}");
    good(update(lake, "A", "{\"town\":\"D\"}", &err), &err);
    is(lake, "A", "{\"name\":\"A\",\"age\":1,\"town\":\"D\"}");
    assert_int_equal(TARN_CONFLICT,
        try_schema(lake, "{\"name\":\"people\",\"version\":\"2.0.0\"}", &err));
    tarn_lake_close(lake);
}

static void a_schema_of_any_length_is_kept(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    static const char head[] =
        "{\"name\":\"big\",\"version\":\"1.%d.0\",\"title\":\"";
    const size_t lens[] = {65534, 65535, 65536, 131070, 200000, 70000};
    for (int i = 0; i < 6; i++) {
        tarn_snapshot *snap;
        tarn_buf back = TARN_BUF_INIT;
        char *doc = test_malloc(lens[i] + 1);
        memset(doc, 't', lens[i]);
        doc[snprintf(doc, 100, head, i)] = 't';
        memcpy(doc + lens[i] - 2, "\"}", 3);
        good(try_schema(lake, doc, &err), &err);
        good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
        good(tarn_schema_get(snap, "big", NULL, &back, &err), &err);
        assert_string_equal(doc, back.ptr);
        tarn_snapshot_free(snap);
        tarn_buf_reset(&back);
        test_free(doc);
    }
    tarn_lake_close(lake);
}

static void a_schema_goes_when_its_table_is_empty(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    put(lake, "people", "{\"name\":\"A\"}");
    tarn_txn *txn = begin(lake);
    assert_int_equal(TARN_CONFLICT, tarn_schema_rm(txn, "people", NULL, &err));
    tarn_txn_abort(txn);
    rm(lake, "A", true);
    txn = begin(lake);
    good(tarn_schema_rm(txn, "people", NULL, &err), &err);
    commit(txn);
    txn = begin(lake);
    assert_int_equal(TARN_NOT_FOUND,
        tarn_record_put_json(
            txn, "people", tarn_str("{\"name\":\"A\"}"), NULL, &err));
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

static void tenants_see_nothing_of_each_other(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_record_options b = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    char of_a[37], of_b[37];
    b.tenant = "b";
    put_schema(lake, people, "b");
    put_as(lake, NULL, "people", "{\"name\":\"x\",\"age\":1}", of_a);
    assert_int_equal(TARN_NOT_FOUND, get_at(lake, TARN_LATEST, "x", &b, &r));
    assert_int_equal(TARN_NOT_FOUND, get_at(lake, TARN_LATEST, of_a, &b, &r));
    assert_int_equal(
        TARN_NOT_FOUND, get_at(lake, TARN_LATEST, "people/x", &b, &r));
    put_as(lake, "b", "people", "{\"name\":\"x\",\"age\":2}", of_b);
    assert_string_not_equal(of_a, of_b);
    is(lake, "x", "{\"name\":\"x\",\"age\":1}");
    good(get_at(lake, TARN_LATEST, "x", &b, &r), NULL);
    assert_string_equal("{\"name\":\"x\",\"age\":2}", r.json.ptr);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_layout_of_an_aborted_schema_is_not_taken_for_another(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    static const char x[] =
        "{\"name\":\"t\",\"version\":\"1.0.0\",\"properties\":{"
        "\"name\":{\"type\":\"string\"},\"x\":{\"type\":\"integer\"}}}";
    static const char y[] =
        "{\"name\":\"t\",\"version\":\"1.0.0\",\"properties\":{"
        "\"name\":{\"type\":\"string\"},\"y\":{\"type\":\"string\"}}}";
    static const char x2[] =
        "{\"name\":\"t\",\"version\":\"1.0.1\",\"properties\":{"
        "\"name\":{\"type\":\"string\"},\"x\":{\"type\":\"integer\"}}}";
    tarn_txn *txn = begin(lake);
    good(tarn_schema_put(txn, tarn_str(x), NULL, &err), &err);
    good(tarn_record_put_json(
             txn, "t", tarn_str("{\"name\":\"a\"}"), NULL, &err),
        &err);
    tarn_txn_abort(txn);
    good(try_schema(lake, y, &err), &err);
    good(try_schema(lake, x2, &err), &err);
    put(lake, "t", "{\"name\":\"a\",\"x\":7}");
    tarn_snapshot *snap;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__record_ref ref = TARN__RECORD_REF_INIT;
    tarn__row_layout *layout;
    tarn__row row;
    bool found;
    tarn_slice tenant = tarn_str("default");
    good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    good(tarn__record_resolve(
             snap, tenant, tarn_str("a"), NULL, false, &ref, &err),
        &err);
    good(tarn__record_read(snap, tenant, tarn_str("t"), &ref.id, &payload, &row,
             &found, &err),
        &err);
    good(tarn__record_layout(
             snap, tenant, tarn_str("t"), row.layout, &layout, &err),
        &err);
    assert_int_equal(2, layout->number);
    assert_int_equal(TARN__ROW_BIGINT, layout->fields[1].type);
    tarn__row_layout_free(layout);
    tarn__record_ref_reset(&ref);
    tarn_buf_reset(&payload);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

static void two_writers_of_one_key_make_one_record(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record r = TARN_RECORD_INIT;
    tarn_txn *late = begin(lake);
    good(tarn_record_put_json(late, "people",
             tarn_str("{\"name\":\"A\",\"age\":2}"), NULL, &err),
        &err);
    put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    good(get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    int64_t created = r.created_us;
    commit(late);
    good(get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    assert_string_equal("{\"name\":\"A\",\"age\":2}", r.json.ptr);
    assert_int_equal(created, r.created_us);
    assert_int_equal(1, count(lake, "people", false));
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_rebuilt_view_holds_the_same_records(void **state)
{
    tarn_lake *lake = lake_of(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record a = TARN_RECORD_INIT, b = TARN_RECORD_INIT;
    put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    put(lake, "people", "{\"name\":\"A\",\"age\":2}");
    good(get_at(lake, TARN_LATEST, "A", NULL, &a), NULL);
    good(tarn_lake_rebuild(lake, "key", &err), &err);
    good(get_at(lake, TARN_LATEST, "A", NULL, &b), NULL);
    assert_string_equal(a.json.ptr, b.json.ptr);
    assert_int_equal(a.created_us, b.created_us);
    assert_int_equal(a.modified_us, b.modified_us);
    tarn_rows *faults;
    good(tarn_lake_check(lake, true, &faults, &err), &err);
    assert_int_equal(TARN_OK, tarn_rows_next(faults, &err));
    tarn_rows_free(faults);
    tarn_record_reset(&a);
    tarn_record_reset(&b);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(the_same_key_replaces_and_keeps_created_at),
        sandbox_test(what_is_there_already_commits_nothing),
        sandbox_test(the_key_is_the_uri_then_the_field_then_key_then_name),
        sandbox_test(ordinals_of_one_uri_are_records_of_their_own),
        sandbox_test(without_a_key_ids_are_random),
        sandbox_test(any_bytes_are_a_key),
        sandbox_test(a_key_of_two_tables_is_a_conflict_that_names_both),
        sandbox_test(an_update_splices_the_members_that_change),
        sandbox_test(an_update_is_checked),
        sandbox_test(a_softly_deleted_record_is_hidden_and_revived),
        sandbox_test(a_hard_delete_leaves_no_row_and_no_key),
        sandbox_test(a_large_record_is_an_object),
        sandbox_test(a_batch_is_all_or_nothing_and_names_line_and_field),
        sandbox_test(of_lines_with_one_key_the_last_stands),
        sandbox_test(documents_may_span_lines),
        sandbox_test(what_follows_a_large_batch_into_an_empty_table_sees_it),
        sandbox_test(a_large_batch_is_taken_again_when_the_head_has_moved),
        sandbox_test(the_log_counts_each_record_of_a_batch_once),
        sandbox_test(a_large_batch_is_one_commit_and_replaces_what_is_there),
        sandbox_test(a_schema_change_leaves_old_records_readable),
        sandbox_test(a_schema_of_any_length_is_kept),
        sandbox_test(a_schema_goes_when_its_table_is_empty),
        sandbox_test(tenants_see_nothing_of_each_other),
        sandbox_test(a_layout_of_an_aborted_schema_is_not_taken_for_another),
        sandbox_test(two_writers_of_one_key_make_one_record),
        sandbox_test(a_rebuilt_view_holds_the_same_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
