/* Bounds of texts, cut and raised, and statistics as JSON. */
#include "delta/stats.h"
#include "delta_test_support.h"

static const tarn__pq_column text_column = {"k", TARN__PQ_STRING, true};
static const tarn__pq_column time_column = {"t", TARN__PQ_TIMESTAMP, true};

/* The statistics of one text, as JSON; valid until the next call. */
static const char *json_of(const tarn__pq_column *column, tarn__bounds b)
{
    static char text[1024];
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    ok(tarn__stats_json(column, 1, &b, 1, &out, &err), &err);
    (void)snprintf(text, sizeof(text), "%s", out.ptr);
    tarn_buf_reset(&out);
    return text;
}

static const char *of_text(const char *bytes, size_t len)
{
    tarn__bounds b = {0};
    tarn__bounds_text(&b, (tarn_slice){bytes, len});
    return json_of(&text_column, b);
}

#define A31 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void text_of_32_characters_is_whole(void **state)
{
    (void)state;
    assert_string_equal("{\"numRecords\":1,\"minValues\":{\"k\":\"" A31
                        "b\"},\"maxValues\":{\"k\":\"" A31
                        "b\"},\"nullCount\":{\"k\":0}}",
        of_text(A31 "b", 32));
}

static void longer_text_is_cut_and_its_maximum_raised(void **state)
{
    (void)state;
    assert_string_equal("{\"numRecords\":1,\"minValues\":{\"k\":\"" A31
                        "b\"},\"maxValues\":{\"k\":\"" A31
                        "c\"},\"nullCount\":{\"k\":0}}",
        of_text(A31 "bz", 33));
}

static void text_is_cut_on_a_code_point(void **state)
{
    (void)state;
    /* 31 letters, U+00E9 as the 32nd character, one more. */
    assert_string_equal("{\"numRecords\":1,\"minValues\":{\"k\":\"" A31
                        "\xc3\xa9\"},\"maxValues\":{\"k\":\"" A31
                        "\xc3\xaa\"},\"nullCount\":{\"k\":0}}",
        of_text(A31 "\xc3\xa9x", 34));
}

static void raising_passes_the_highest_code_points_over(void **state)
{
    (void)state;
    assert_string_equal(
        "{\"numRecords\":1,\"minValues\":{\"k\":\"" A31
        "\xf4\x8f\xbf\xbf\"},\"maxValues\":{\"k\":\""
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"},\"nullCount\":{\"k\":0}}",
        of_text(A31 "\xf4\x8f\xbf\xbfx", 36));
}

static void raising_never_makes_a_surrogate(void **state)
{
    (void)state;
    tarn__bound_text t = {.bytes = "\xed\x9f\xbf", .len = 3, .cut = true};
    assert_true(tarn__bound_raise(&t));
    assert_int_equal(3, t.len);
    assert_memory_equal("\xee\x80\x80", t.bytes, 3);
}

static void raising_grows_to_the_next_length(void **state)
{
    (void)state;
    tarn__bound_text t = {.bytes = "\x7f", .len = 1, .cut = true};
    assert_true(tarn__bound_raise(&t));
    assert_int_equal(2, t.len);
    assert_memory_equal("\xc2\x80", t.bytes, 2);
    tarn__bound_text wide = {.bytes = "\xef\xbf\xbf", .len = 3};
    assert_true(tarn__bound_raise(&wide));
    assert_int_equal(4, wide.len);
    assert_memory_equal("\xf0\x90\x80\x80", wide.bytes, 4);
}

static void a_maximum_that_cannot_be_raised_is_left_out(void **state)
{
    (void)state;
    char bytes[33 * 4];
    for (size_t i = 0; i < 33; i++)
        memcpy(bytes + 4 * i, "\xf4\x8f\xbf\xbf", 4);
    assert_non_null(strstr(of_text(bytes, sizeof(bytes)), "\"maxValues\":{}"));
}

static void text_is_cut_before_a_nul(void **state)
{
    (void)state;
    assert_string_equal("{\"numRecords\":1,\"minValues\":{\"k\":\"a\"},"
                        "\"maxValues\":{\"k\":\"b\"},\"nullCount\":{\"k\":0}}",
        of_text("a\0b", 3));
    assert_string_equal("{\"numRecords\":1,\"minValues\":{\"k\":\"\"},"
                        "\"maxValues\":{},\"nullCount\":{\"k\":0}}",
        of_text("\0", 1));
}

static void a_cut_text_counts_among_equals(void **state)
{
    (void)state;
    tarn__bounds b = {0};
    tarn__bounds_text(&b, tarn_str(A31 "b"));
    tarn__bounds_text(&b, tarn_str(A31 "bz"));
    assert_non_null(
        strstr(json_of(&text_column, b), "\"maxValues\":{\"k\":\"" A31 "c\"}"));
}

static void quotes_and_controls_are_escaped(void **state)
{
    (void)state;
    assert_non_null(
        strstr(of_text("\"\\\n", 3), "\"minValues\":{\"k\":\"\\\"\\\\\\n\"}"));
}

static const char *of_time(int64_t us)
{
    tarn__bounds b = {0};
    tarn__bounds_i64(&b, us);
    return json_of(&time_column, b);
}

static void times_before_1970_round_outwards_too(void **state)
{
    (void)state;
    assert_string_equal("{\"numRecords\":1,"
                        "\"minValues\":{\"t\":\"1969-12-31T23:59:59.998Z\"},"
                        "\"maxValues\":{\"t\":\"1969-12-31T23:59:59.999Z\"},"
                        "\"nullCount\":{\"t\":0}}",
        of_time(-1001));
}

static void whole_milliseconds_stay(void **state)
{
    (void)state;
    assert_string_equal("{\"numRecords\":1,"
                        "\"minValues\":{\"t\":\"1970-01-01T00:00:01.000Z\"},"
                        "\"maxValues\":{\"t\":\"1970-01-01T00:00:01.000Z\"},"
                        "\"nullCount\":{\"t\":0}}",
        of_time(1000000));
}

static void times_beyond_four_digit_years_are_left_out(void **state)
{
    (void)state;
    assert_non_null(strstr(of_time(INT64_MAX), "\"minValues\":{}"));
    assert_non_null(strstr(of_time(INT64_MIN), "\"maxValues\":{}"));
}

static void the_range_of_a_column_is_read_back(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    int64_t min, max;
    ok(tarn__stats_range("{\"numRecords\":2,\"minValues\":{\"version\":3},"
                         "\"maxValues\":{\"version\":9}}",
           "version", &min, &max, &err),
        &err);
    assert_int_equal(3, min);
    assert_int_equal(9, max);
}

static void statistics_that_do_not_tell_bound_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {NULL, "", "{", "[]", "7", "{}",
        "{\"minValues\":7,\"maxValues\":null}",
        "{\"minValues\":{\"version\":\"3\"},\"maxValues\":{\"version\":1e3}}"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        tarn_error err = TARN_ERROR_INIT;
        int64_t min, max;
        ok(tarn__stats_range(texts[i], "version", &min, &max, &err), &err);
        assert_int_equal(0, min);
        assert_true(max == INT64_MAX);
    }
}

/* S1, on random texts over few letters, so that all meet the cut. */
static void bounds_hold_every_value(void **state)
{
    (void)state;
    static const char *const letters[] = {
        "a", "b", "\xc3\xa9", "\xf4\x8f\xbf\xbf"};
    unsigned seed = 1;
    for (int round = 0; round < 300; round++) {
        tarn__bounds b = {0};
        char values[8][256];
        for (int i = 0; i < 8; i++) {
            values[i][0] = '\0';
            for (int n = 0; n < 34; n++) {
                seed = seed * 1103515245u + 12345u;
                const char *l = letters[n < 30 ? 0 : seed >> 16 & 3];
                strcat(values[i], l);
            }
            tarn__bounds_text(&b, tarn_str(values[i]));
        }
        tarn__bound_text max = b.max_text;
        assert_true(max.cut);
        bool raised = tarn__bound_raise(&max);
        for (int i = 0; i < 8; i++) {
            assert_true(
                memcmp(b.min_text.bytes, values[i], b.min_text.len) <= 0);
            if (raised)
                assert_true(memcmp(max.bytes, values[i], max.len) > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_32_characters_is_whole),
        cmocka_unit_test(longer_text_is_cut_and_its_maximum_raised),
        cmocka_unit_test(text_is_cut_on_a_code_point),
        cmocka_unit_test(raising_passes_the_highest_code_points_over),
        cmocka_unit_test(raising_never_makes_a_surrogate),
        cmocka_unit_test(raising_grows_to_the_next_length),
        cmocka_unit_test(a_maximum_that_cannot_be_raised_is_left_out),
        cmocka_unit_test(text_is_cut_before_a_nul),
        cmocka_unit_test(a_cut_text_counts_among_equals),
        cmocka_unit_test(quotes_and_controls_are_escaped),
        cmocka_unit_test(times_before_1970_round_outwards_too),
        cmocka_unit_test(whole_milliseconds_stay),
        cmocka_unit_test(times_beyond_four_digit_years_are_left_out),
        cmocka_unit_test(the_range_of_a_column_is_read_back),
        cmocka_unit_test(statistics_that_do_not_tell_bound_nothing),
        cmocka_unit_test(bounds_hold_every_value),
    };
    return cmocka_run_group_tests_name("delta/stats", tests, NULL, NULL);
}
