/* Schemas and tenants of records through the library; rebuilds. */
#include "records.h"

static tarn_status try_schema(
    tarn_lake *lake, const char *text_of, tarn_error *err)
{
    tarn_txn *txn = records_begin(lake);
    tarn_status st = tarn_schema_put(txn, tarn_str(text_of), NULL, err);
    if (st == TARN_OK)
        records_commit(txn);
    else
        tarn_txn_abort(txn);
    return st;
}

static void a_schema_change_leaves_old_records_readable(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    records_put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    records_good(
        try_schema(lake,
            "{\"name\":\"people\",\"version\":\"1.1.0\",\"properties\":{"
            "\"name\":{\"type\":\"string\"},\"town\":{\"type\":\"string\"}}}",
            &err),
        &err);
    records_is(lake, "A", "{\"name\":\"A\",\"age\":1}");
    records_put(lake, "people", "{\"name\":\"B\",\"town\":\"C\"}");
    records_good(records_update(lake, "A", "{\"town\":\"D\"}", &err), &err);
    records_is(lake, "A", "{\"name\":\"A\",\"age\":1,\"town\":\"D\"}");
    assert_int_equal(TARN_CONFLICT,
        try_schema(lake, "{\"name\":\"people\",\"version\":\"2.0.0\"}", &err));
    tarn_lake_close(lake);
}

static void a_schema_of_any_length_is_kept(void **state)
{
    tarn_lake *lake = records_lake(state);
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
        records_good(try_schema(lake, doc, &err), &err);
        records_good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
        records_good(tarn_schema_get(snap, "big", NULL, &back, &err), &err);
        assert_string_equal(doc, back.ptr);
        tarn_snapshot_free(snap);
        tarn_buf_reset(&back);
        test_free(doc);
    }
    tarn_lake_close(lake);
}

static void a_schema_goes_when_its_table_is_empty(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    records_put(lake, "people", "{\"name\":\"A\"}");
    tarn_txn *txn = records_begin(lake);
    assert_int_equal(TARN_CONFLICT, tarn_schema_rm(txn, "people", NULL, &err));
    tarn_txn_abort(txn);
    records_rm(lake, "A", true);
    txn = records_begin(lake);
    records_good(tarn_schema_rm(txn, "people", NULL, &err), &err);
    records_commit(txn);
    txn = records_begin(lake);
    assert_int_equal(TARN_NOT_FOUND,
        tarn_record_put_json(
            txn, "people", tarn_str("{\"name\":\"A\"}"), NULL, &err));
    tarn_txn_abort(txn);
    tarn_lake_close(lake);
}

static void tenants_see_nothing_of_each_other(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_record_options b = TARN_RECORD_OPTIONS_INIT;
    tarn_record r = TARN_RECORD_INIT;
    char of_a[37], of_b[37];
    b.tenant = "b";
    records_put_schema(lake, records_people, "b");
    records_put_as(lake, NULL, "people", "{\"name\":\"x\",\"age\":1}", of_a);
    assert_int_equal(
        TARN_NOT_FOUND, records_get_at(lake, TARN_LATEST, "x", &b, &r));
    assert_int_equal(
        TARN_NOT_FOUND, records_get_at(lake, TARN_LATEST, of_a, &b, &r));
    assert_int_equal(
        TARN_NOT_FOUND, records_get_at(lake, TARN_LATEST, "people/x", &b, &r));
    records_put_as(lake, "b", "people", "{\"name\":\"x\",\"age\":2}", of_b);
    assert_string_not_equal(of_a, of_b);
    records_is(lake, "x", "{\"name\":\"x\",\"age\":1}");
    records_good(records_get_at(lake, TARN_LATEST, "x", &b, &r), NULL);
    assert_string_equal("{\"name\":\"x\",\"age\":2}", r.json.ptr);
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_layout_of_an_aborted_schema_is_not_taken_for_another(void **state)
{
    tarn_lake *lake = records_lake(state);
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
    tarn_txn *txn = records_begin(lake);
    records_good(tarn_schema_put(txn, tarn_str(x), NULL, &err), &err);
    records_good(tarn_record_put_json(
                     txn, "t", tarn_str("{\"name\":\"a\"}"), NULL, &err),
        &err);
    tarn_txn_abort(txn);
    records_good(try_schema(lake, y, &err), &err);
    records_good(try_schema(lake, x2, &err), &err);
    records_put(lake, "t", "{\"name\":\"a\",\"x\":7}");
    tarn_snapshot *snap;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__record_ref ref = TARN__RECORD_REF_INIT;
    tarn__row_layout *layout;
    tarn__row row;
    bool found;
    tarn_slice tenant = tarn_str("default");
    records_good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    records_good(tarn__record_resolve(
                     snap, tenant, tarn_str("a"), NULL, false, &ref, &err),
        &err);
    records_good(tarn__record_read(snap, tenant, tarn_str("t"), &ref.id,
                     &payload, &row, &found, &err),
        &err);
    records_good(tarn__record_layout(
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
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record r = TARN_RECORD_INIT;
    tarn_txn *late = records_begin(lake);
    records_good(tarn_record_put_json(late, "people",
                     tarn_str("{\"name\":\"A\",\"age\":2}"), NULL, &err),
        &err);
    records_put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    records_good(records_get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    int64_t created = r.created_us;
    records_commit(late);
    records_good(records_get_at(lake, TARN_LATEST, "A", NULL, &r), NULL);
    assert_string_equal("{\"name\":\"A\",\"age\":2}", r.json.ptr);
    assert_int_equal(created, r.created_us);
    assert_int_equal(1, records_count(lake, "people", false));
    tarn_record_reset(&r);
    tarn_lake_close(lake);
}

static void a_rebuilt_view_holds_the_same_records(void **state)
{
    tarn_lake *lake = records_lake(state);
    tarn_error err = TARN_ERROR_INIT;
    tarn_record a = TARN_RECORD_INIT, b = TARN_RECORD_INIT;
    records_put(lake, "people", "{\"name\":\"A\",\"age\":1}");
    records_put(lake, "people", "{\"name\":\"A\",\"age\":2}");
    records_good(records_get_at(lake, TARN_LATEST, "A", NULL, &a), NULL);
    records_good(tarn_lake_rebuild(lake, "key", &err), &err);
    records_good(records_get_at(lake, TARN_LATEST, "A", NULL, &b), NULL);
    assert_string_equal(a.json.ptr, b.json.ptr);
    assert_int_equal(a.created_us, b.created_us);
    assert_int_equal(a.modified_us, b.modified_us);
    tarn_rows *faults;
    records_good(tarn_lake_check(lake, true, &faults, &err), &err);
    assert_int_equal(TARN_OK, tarn_rows_next(faults, &err));
    tarn_rows_free(faults);
    tarn_record_reset(&a);
    tarn_record_reset(&b);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
