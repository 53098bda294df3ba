/* Results as Arrow streams. */
#include "duck/arrow.h"

#include <errno.h>

#include "duck_test_support.h"

static struct ArrowArrayStream stream_of(tarn__duck *duck, const char *sql)
{
    struct ArrowArrayStream stream;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_arrow(ask(duck, sql), &stream, &err), &err);
    return stream;
}

static void the_schema_names_columns_and_types(void **state)
{
    struct ArrowArrayStream stream = stream_of(
        *state, "SELECT 1::BIGINT AS i, 'x' AS s, [1.5e0] AS l, now() AS t");
    struct ArrowSchema schema;
    assert_int_equal(0, stream.get_schema(&stream, &schema));
    assert_string_equal("+s", schema.format);
    assert_int_equal(4, schema.n_children);
    static const char *const names[] = {"i", "s", "l", "t"};
    static const char *const formats[] = {"l", "u", "+l", "tsu:UTC"};
    for (int i = 0; i < 4; i++) {
        assert_string_equal(names[i], schema.children[i]->name);
        assert_string_equal(formats[i], schema.children[i]->format);
    }
    schema.release(&schema);
    stream.release(&stream);
    assert_null(stream.release);
}

static void arrays_hold_the_rows(void **state)
{
    struct ArrowArrayStream stream = stream_of(
        *state, "SELECT i, 'row ' || i AS s FROM range(5000) AS r(i)");
    int64_t rows = 0;
    for (;;) {
        struct ArrowArray array;
        assert_int_equal(0, stream.get_next(&stream, &array));
        if (array.release == NULL)
            break;
        const int64_t *numbers = array.children[0]->buffers[1];
        const int32_t *offsets = array.children[1]->buffers[1];
        const char *text = array.children[1]->buffers[2];
        for (int64_t i = 0; i < array.length; i++) {
            char want[32];
            int len = snprintf(want, sizeof(want), "row %d", (int)(rows + i));
            assert_int_equal(rows + i, numbers[i]);
            assert_int_equal(len, offsets[i + 1] - offsets[i]);
            assert_memory_equal(want, text + offsets[i], (size_t)len);
        }
        rows += array.length;
        array.release(&array);
    }
    assert_int_equal(5000, rows);
    assert_null(stream.get_last_error(&stream));
    stream.release(&stream);
}

static void an_array_outlives_its_stream(void **state)
{
    struct ArrowArrayStream stream =
        stream_of(*state, "SELECT 'a text that is not inlined' AS s");
    struct ArrowArray array;
    assert_int_equal(0, stream.get_next(&stream, &array));
    stream.release(&stream);
    assert_memory_equal(
        "a text that is not inlined", array.children[0]->buffers[2], 26);
    array.release(&array);
}

static void a_failure_in_the_middle_has_a_message(void **state)
{
    struct ArrowArrayStream stream = stream_of(*state,
        "SELECT CASE WHEN i = 900000 THEN error('here') ELSE i END FROM "
        "range(1000000) AS r(i)");
    int code = 0;
    while (code == 0) {
        struct ArrowArray array;
        code = stream.get_next(&stream, &array);
        if (code == 0) {
            assert_non_null(array.release);
            array.release(&array);
        }
    }
    assert_int_equal(EINVAL, code);
    assert_non_null(strstr(stream.get_last_error(&stream), "here"));
    stream.release(&stream);
}

static void a_result_that_was_read_is_refused(void **state)
{
    tarn__duck_result *r = ask(*state, "SELECT 1");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    struct ArrowArrayStream stream;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    assert_int_equal(TARN_INVALID, tarn__duck_arrow(r, &stream, &err));
    assert_null(stream.release);
    tarn__duck_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(the_schema_names_columns_and_types),
        duck_test(arrays_hold_the_rows),
        duck_test(an_array_outlives_its_stream),
        duck_test(a_failure_in_the_middle_has_a_message),
        duck_test(a_result_that_was_read_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
