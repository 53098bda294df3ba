/* Records through the library: put, get, update, rm. */
#include "records.h"

static void the_same_key_replaces_and_keeps_created_at(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_record first = TARN_RECORD_INIT, second = TARN_RECORD_INIT;
    records_put(lake, "people", "{\"name\":\"A\",\"email\":\"a@x\"}");
    records_good(records_get_at(lake, TARN_LATEST, "a@x", NULL, &first), NULL);
    records_put(lake, "people", "{\"name\":\"B\",\"email\":\"a@x\"}");
    records_good(records_get_at(lake, TARN_LATEST, "a@x", NULL, &second), NULL);
    assert_string_equal(first.id, second.id);
    assert_int_equal(first.created_us, first.modified_us);
    assert_int_equal(first.created_us, second.created_us);
    assert_true(second.modified_us > first.modified_us);
    assert_int_equal(1, records_count(lake, "people", false));
    records_is(lake, "a@x", "{\"name\":\"B\",\"email\":\"a@x\"}");
    tarn_record_reset(&first);
    tarn_record_reset(&second);
    tarn_lake_close(lake);
}

static void what_is_there_already_commits_nothing(void **state)
{
    tarn_lake *lake = records_lake(state);
    static const char json[] = "{\"name\":\"A\"}";
    assert_true(records_put(lake, "people", json) > 0);
    assert_int_equal(-1, records_put(lake, "people", json));
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
    tarn_lake *lake = records_lake(state);
    char a[37], b[37], c[37], d[37];
    tarn_record r = TARN_RECORD_INIT;
    records_put_as(lake, NULL, "things", "{\"uri\":\"u\"}", a);
    records_put_as(
        lake, NULL, "things", "{\"uri\":\"u\",\"ordinal\":0,\"x\":1}", b);
    records_put_as(
        lake, NULL, "things", "{\"uri\":\"u\",\"chunk_ordinal\":1}", c);
    records_put_as(lake, NULL, "things", "{\"uri\":\"u\",\"ordinal\":2}", d);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_not_equal(c, d);
    assert_int_equal(3, records_count(lake, "things", false));
    assert_int_equal(
        TARN_CONFLICT, records_get_at(lake, TARN_LATEST, "u", NULL, &r));
    records_is(lake, c, "{\"uri\":\"u\",\"chunk_ordinal\":1}");
    tarn_lake_close(lake);
}

static void without_a_key_ids_are_random(void **state)
{
    tarn_lake *lake = records_lake(state);
    records_put(lake, "things", "{\"x\":1}");
    records_put(lake, "things", "{\"x\":1}");
    assert_int_equal(2, records_count(lake, "things", false));
    tarn_lake_close(lake);
}

static void any_bytes_are_a_key(void **state)
{
    tarn_lake *lake = records_lake(state);
    records_put(lake, "things", "{\"key\":\"https://x/y:z\"}");
    records_put(lake, "things", "{\"key\":\"a\\u0000b\"}");
    records_put(lake, "things", "{\"key\":\"\"}");
    records_is(lake, "https://x/y:z", "{\"key\":\"https://x/y:z\"}");
    records_is(lake, "things/https://x/y:z", "{\"key\":\"https://x/y:z\"}");
    records_is(lake, "", "{\"key\":\"\"}");
    records_is_not(lake, "a");
    assert_int_equal(3, records_count(lake, "things", false));
    tarn_lake_close(lake);
}

static void a_key_of_two_tables_is_a_conflict_that_names_both(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    records_put(lake, "people", "{\"name\":\"x\"}");
    records_put(lake, "things", "{\"name\":\"x\"}");
    assert_int_equal(
        TARN_CONFLICT, records_update(lake, "x", "{\"age\":1}", &err));
    assert_non_null(strstr(err.message, "people/x"));
    assert_non_null(strstr(err.message, "things/x"));
    records_is(lake, "things/x", "{\"name\":\"x\"}");
    options.table = "people";
    assert_int_equal(
        TARN_OK, records_get_at(lake, TARN_LATEST, "x", &options, &r));
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
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    static const char json[] = "{\"name\":\"A\",\"email\":\"a@x\",\"age\":1}";
    records_put(lake, "people", json);
    assert_int_equal(
        TARN_BAD_INPUT, records_update(lake, "a@x", "{\"age\":\"x\"}", &err));
    assert_int_equal(TARN_BAD_INPUT,
        records_update(lake, "a@x", "{\"email\":\"b@x\"}", &err));
    assert_int_equal(TARN_BAD_INPUT,
        records_update(lake, "a@x", "{\"age\":2,\"age\":3}", &err));
    assert_int_equal(TARN_BAD_INPUT, records_update(lake, "a@x", "[1]", &err));
    records_is(lake, "a@x", json);
    records_good(records_update(lake, "a@x", "{\"age\":2}", &err), &err);
    records_is(lake, "a@x", "{\"name\":\"A\",\"email\":\"a@x\",\"age\":2}");
    tarn_lake_close(lake);
}

static void a_softly_deleted_record_is_hidden_and_revived(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    static const char json[] = "{\"name\":\"A\"}";
    int64_t before = records_put(lake, "people", json);
    records_rm(lake, "A", false);
    records_is_not(lake, "A");
    assert_int_equal(0, records_count(lake, "people", false));
    assert_int_equal(1, records_count(lake, "people", true));
    options.deleted = true;
    records_good(records_get_at(lake, TARN_LATEST, "A", &options, &r), NULL);
    assert_true(r.deleted);
    int64_t created = r.created_us;
    records_good(records_get_at(lake, before, "A", NULL, &r), NULL);
    assert_false(r.deleted);
    records_put(lake, "people", json);
    records_good(records_get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    assert_false(r.deleted);
    assert_int_equal(created, r.created_us);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_hard_delete_leaves_no_row_and_no_key(void **state)
{
    tarn_lake *lake = records_lake(state);
    char id[37];
    int64_t before =
        records_put_as(lake, NULL, "people", "{\"name\":\"A\"}", id);
    tarn_record r = TARN_RECORD_INIT;
    records_rm(lake, "A", false);
    records_rm(lake, "A", true);
    records_is_not(lake, "A");
    records_is_not(lake, id);
    assert_int_equal(0, records_entries(lake, TARN__FAMILY_RECORD));
    assert_int_equal(0, records_entries(lake, TARN__FAMILY_KEY));
    records_good(records_get_at(lake, before, id, NULL, &r), NULL);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_large_record_is_an_object(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    size_t len = 200000;
    char *json = test_malloc(len + 1);
    memset(json, 'x', len);
    memcpy(json, "{\"name\":\"A\",\"t\":\"", 17);
    memcpy(json + len - 2, "\"}", 3);
    records_put(lake, "people", json);
    records_is(lake, "A", json);
    records_good(records_update(lake, "A", "{\"t\":1}", &err), &err);
    records_is(lake, "A", "{\"name\":\"A\",\"t\":1}");
    tarn_lake_close(lake);
    test_free(json);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
