/* Rows of records and their layouts, as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "lake/record_row.h"

static tarn__row_layout *layout(const char *text)
{
    tarn__row_layout *out;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__row_layout_parse(tarn_str(text), &out, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return out;
}

/* A row of this layout, decoded; the buffer holds it. */
static tarn__row make(tarn_buf *buf, const char *fields, const char *json)
{
    tarn__row_layout *l = layout(fields);
    tarn__row row;
    const tarn__row_source source = {.layout = l,
        .created_us = 11,
        .modified_us = 22,
        .key = tarn_str("k"),
        .json = tarn_str(json)};
    assert_int_equal(TARN_OK, tarn__row_encode(buf, &source, NULL));
    tarn__row_layout_free(l);
    assert_true(tarn__row_decode((tarn_slice){buf->ptr, buf->len}, &row));
    return row;
}

static void a_row_gives_back_what_was_put_in(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    static const char json[] = " { \"a\" : 1e0 , \"s\":\"x\" } ";
    tarn__row row = make(&buf, "3;i/a,s/s", json);
    assert_int_equal(3, row.layout);
    assert_int_equal(11, row.created_us);
    assert_int_equal(22, row.modified_us);
    assert_true(tarn__slice_is(row.key, "k"));
    assert_true(tarn__slice_is(row.json, json));
    assert_false(row.deleted || row.is_object);
    tarn_buf_reset(&buf);
}

static void slots_hold_values_of_their_types(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    tarn_slice text;
    bool escaped;
    tarn__row row = make(&buf, "1;i/i,d/d,b/b,s/s,t/t,D/D",
        "{\"D\":\"1970-01-03\",\"t\":\"1970-01-01T01:00:00.5+01:00\","
        "\"s\":\"a\\nb\",\"b\":true,\"d\":-2.5,\"i\":-9223372036854775808}");
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(TARN__ROW_VALUE, tarn__row_state_of(&row, i));
    assert_true(INT64_MIN == tarn__row_i64(&row, 0));
    assert_true(-2.5 == tarn__row_double(&row, 1));
    assert_int_equal(1, tarn__row_i64(&row, 2));
    assert_true(tarn__row_text(&row, 3, &text, &escaped));
    assert_true(escaped && tarn__slice_is(text, "a\\nb"));
    assert_int_equal(500000, tarn__row_i64(&row, 4));
    assert_int_equal(2, tarn__row_i64(&row, 5));
    tarn_buf_reset(&buf);
}

static tarn__row_state state_of(const char *type, const char *value)
{
    tarn_buf buf = TARN_BUF_INIT;
    char fields[32], json[256];
    snprintf(fields, sizeof fields, "1;%s/x", type);
    snprintf(json, sizeof json, "{\"x\":%s}", value);
    tarn__row row = make(&buf, fields, json);
    tarn__row_state st = tarn__row_state_of(&row, 0);
    tarn_buf_reset(&buf);
    return st;
}

static void what_does_not_fit_is_left_to_the_json(void **state)
{
    (void)state;
    static const char *const fits[][2] = {{"i", "7.0"}, {"i", "7e2"},
        {"i", "9223372036854775807"}, {"i", "1000e-3"}, {"d", "1e308"},
        {"D", "\"2024-02-29\""}, {"t", "\"2024-02-29T23:59:59Z\""},
        {"t", "\"0001-01-01T00:00:00.123456-23:59\""}, {"s", "\"\""}};
    static const char *const not [][2] = {{"i", "7.5"},
        {"i", "9223372036854775808"}, {"i", "\"7\""}, {"i", "1e-1"},
        {"d", "1e999"}, {"b", "1"}, {"s", "7"}, {"D", "\"2023-02-29\""},
        {"D", "\"2024-1-01\""}, {"t", "\"2024-02-29 23:59:59Z\""},
        {"t", "\"2024-02-29T23:59:59\""}, {"t", "\"2024-02-29T23:59:61Z\""},
        {"s", "[]"}};
    for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++)
        if (state_of(fits[i][0], fits[i][1]) != TARN__ROW_VALUE)
            fail_msg("%s %s", fits[i][0], fits[i][1]);
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        if (state_of(not [i][0], not [i][1]) != TARN__ROW_IN_JSON)
            fail_msg("%s %s", not [i][0], not [i][1]);
    assert_int_equal(TARN__ROW_ABSENT, state_of("i", "null"));
}

static void nested_and_escaped_members_are_found(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    tarn__row row = make(&buf, "1;i/a/b,i/n~2m,i/q,s/z",
        "{\"a\":{\"x\":[{\"b\":9}],\"b\":1},\"n,m\":2,\"\\u0071\":3}");
    assert_int_equal(1, tarn__row_i64(&row, 0));
    assert_int_equal(2, tarn__row_i64(&row, 1));
    assert_int_equal(3, tarn__row_i64(&row, 2));
    assert_int_equal(TARN__ROW_ABSENT, tarn__row_state_of(&row, 3));
    tarn_buf_reset(&buf);
}

static void a_field_that_the_row_lacks_is_read_from_the_json(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    tarn__row row = make(&buf, "", "{\"a\":1}");
    assert_int_equal(0, row.field_count);
    assert_int_equal(TARN__ROW_IN_JSON, tarn__row_state_of(&row, 0));
    tarn_buf_reset(&buf);
}

static void malformed_layouts_are_corrupt(void **state)
{
    (void)state;
    static const char *const bad[] = {"x", "1;", "0;i/a", "1;z/a", "1;i",
        "1;ia", "1;i/a,,s/b", "1;i/a~3", "1;i/a~", "1;i/a,i/a",
        "4294967296;i/a", "-1;i/a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tarn__row_layout *out;
        tarn_error err = TARN_ERROR_INIT;
        if (tarn__row_layout_parse(tarn_str(bad[i]), &out, &err) !=
            TARN_CORRUPT)
            fail_msg("%s", bad[i]);
        assert_null(out);
    }
}

static void a_cut_row_is_malformed(void **state)
{
    (void)state;
    tarn_buf buf = TARN_BUF_INIT;
    tarn__row row = make(&buf, "1;i/a", "{}");
    size_t json_at = (size_t)(row.json.ptr - buf.ptr);
    for (size_t len = 0; len < json_at; len++)
        assert_false(tarn__row_decode((tarn_slice){buf.ptr, len}, &row));
    tarn_buf_reset(&buf);
}

static void the_text_of_a_field_reads_back(void **state)
{
    (void)state;
    tarn_buf text = TARN_BUF_INIT;
    const tarn_slice path[] = {{"a/b~c", 5}, {"d,e", 3}};
    assert_int_equal(TARN_OK, tarn__buf_str(&text, "9;", NULL));
    assert_int_equal(
        TARN_OK, tarn__row_field_text(&text, TARN__ROW_DATE, path, 2, NULL));
    tarn__row_layout *l = layout(text.ptr);
    assert_int_equal(2, l->fields[0].depth);
    assert_true(tarn__slice_eq(path[0], l->fields[0].path[0]));
    assert_true(tarn__slice_eq(path[1], l->fields[0].path[1]));
    tarn__row_layout_free(l);
    tarn_buf_reset(&text);
}

static void meta_reads_back(void **state)
{
    (void)state;
    tarn__record_meta in = TARN__RECORD_META_INIT;
    tarn__record_meta out = TARN__RECORD_META_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool ok;
    char key[] = "a\0\"b";
    in.key = (tarn_buf){key, 4, 4, 4};
    in.has_key = in.has_created = in.deleted = true;
    in.created_us = -5;
    in.layout = tarn_str("1;i/a\"");
    assert_int_equal(TARN_OK, tarn__record_meta_write(&text, &in, NULL));
    assert_int_equal(TARN_OK,
        tarn__record_meta_read(tarn__buf_slice(&text), &out, &ok, NULL));
    assert_true(ok && out.has_key && out.has_created && out.deleted);
    assert_memory_equal(key, out.key.ptr, 4);
    assert_int_equal(-5, out.created_us);
    assert_true(tarn__slice_is(out.layout, "1;i/a\""));
    assert_int_equal(TARN_OK,
        tarn__record_meta_read(tarn_str("{\"key\":1}"), &out, &ok, NULL));
    assert_false(ok);
    tarn__record_meta_reset(&out);
    tarn_buf_reset(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_gives_back_what_was_put_in),
        cmocka_unit_test(slots_hold_values_of_their_types),
        cmocka_unit_test(what_does_not_fit_is_left_to_the_json),
        cmocka_unit_test(nested_and_escaped_members_are_found),
        cmocka_unit_test(a_field_that_the_row_lacks_is_read_from_the_json),
        cmocka_unit_test(malformed_layouts_are_corrupt),
        cmocka_unit_test(a_cut_row_is_malformed),
        cmocka_unit_test(the_text_of_a_field_reads_back),
        cmocka_unit_test(meta_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
