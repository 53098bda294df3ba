#include "base/rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "unit/base/memory_sweep.h"

static const tarn__column all_types[] = {{"t", TARN_TEXT}, {"b", TARN_BLOB},
    {"j", TARN_JSON}, {"i", TARN_INT64}, {"o", TARN_BOOL}, {"m", TARN_TIME},
    {"d", TARN_DOUBLE}};
#define COLUMNS (sizeof(all_types) / sizeof(all_types[0]))

static tarn_status add_row(tarn__table *t, tarn_error *err)
{
    tarn_slice blob = {"\0\xFF", 2};
    tarn_status st = tarn__table_text(t, "text", err);
    if (st == TARN_OK)
        st = tarn__table_bytes(t, blob, err);
    if (st == TARN_OK)
        st = tarn__table_text(t, "{}", err);
    if (st == TARN_OK)
        st = tarn__table_i64(t, -7, err);
    if (st == TARN_OK)
        st = tarn__table_i64(t, 1, err);
    if (st == TARN_OK)
        st = tarn__table_i64(t, 1500000, err);
    if (st == TARN_OK)
        st = tarn__table_double(t, 2.75, err);
    return st;
}

static tarn_status add_nulls(tarn__table *t, tarn_error *err)
{
    tarn_status st = tarn__table_text(t, NULL, err);
    for (size_t i = 1; st == TARN_OK && i < COLUMNS; i++)
        st = tarn__table_null(t, err);
    return st;
}

/* One row of values, then one of NULLs. */
static tarn_status make(tarn_rows **out, tarn_error *err)
{
    tarn__table *t;
    *out = NULL;
    tarn_status st = tarn__table_create(all_types, COLUMNS, &t, err);
    if (st != TARN_OK)
        return st;
    st = add_row(t, err);
    if (st == TARN_OK)
        st = add_nulls(t, err);
    if (st == TARN_OK)
        st = tarn__table_rows(t, out, err);
    if (st != TARN_OK)
        tarn__table_free(t);
    return st;
}

static tarn_rows *rows_on_first(void)
{
    tarn_rows *rows;
    assert_int_equal(make(&rows, NULL), TARN_OK);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    return rows;
}

static void columns_have_names_and_types(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    assert_int_equal(tarn_rows_column_count(rows), COLUMNS);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_string_equal(tarn_rows_column_name(rows, i), all_types[i].name);
        assert_int_equal(tarn_rows_column_type(rows, i), all_types[i].type);
    }
    tarn_rows_free(rows);
}

static void every_type_has_a_text(void **state)
{
    (void)state;
    const char *texts[] = {
        "text", "", "{}", "-7", "true", "1970-01-01T00:00:01.500Z", "2.75"};
    tarn_rows *rows = rows_on_first();
    for (int again = 0; again < 2; again++)
        for (size_t i = 0; i < COLUMNS; i++) {
            assert_false(tarn_rows_is_null(rows, i));
            assert_string_equal(tarn_rows_text(rows, i), texts[i]);
        }
    tarn_rows_free(rows);
}

static void bytes_keep_nuls(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    tarn_slice blob = tarn_rows_bytes(rows, 1);
    assert_int_equal(blob.len, 2);
    assert_memory_equal(blob.ptr, "\0\xFF", 3);
    assert_int_equal(tarn_rows_bytes(rows, 3).len, 2);
    tarn_rows_free(rows);
}

static void numbers_convert_and_texts_are_zero(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    assert_int_equal(tarn_rows_int64(rows, 0), 0);
    assert_int_equal(tarn_rows_int64(rows, 3), -7);
    assert_int_equal(tarn_rows_int64(rows, 4), 1);
    assert_int_equal(tarn_rows_int64(rows, 5), 1500000);
    assert_int_equal(tarn_rows_int64(rows, 6), 2);
    assert_true(tarn_rows_double(rows, 6) == 2.75);
    assert_true(tarn_rows_double(rows, 3) == -7);
    assert_true(tarn_rows_double(rows, 0) == 0);
    tarn_rows_free(rows);
}

static void nulls_read_as_nothing(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    for (size_t i = 0; i < COLUMNS; i++) {
        assert_true(tarn_rows_is_null(rows, i));
        assert_null(tarn_rows_text(rows, i));
        assert_null(tarn_rows_bytes(rows, i).ptr);
        assert_int_equal(tarn_rows_int64(rows, i), 0);
        assert_true(tarn_rows_double(rows, i) == 0);
    }
    tarn_rows_free(rows);
}

static void after_the_last_row_it_stays_at_the_end(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_OK);
    assert_true(tarn_rows_is_null(rows, 0));
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_OK);
    tarn_rows_free(rows);
}

static void a_column_that_is_not_there_reads_as_null(void **state)
{
    (void)state;
    tarn_rows *rows = rows_on_first();
    assert_null(tarn_rows_column_name(rows, COLUMNS));
    assert_int_equal(tarn_rows_column_type(rows, COLUMNS), TARN_NULL);
    assert_true(tarn_rows_is_null(rows, COLUMNS));
    assert_null(tarn_rows_text(rows, COLUMNS));
    tarn_rows_free(rows);
}

static void numbers_are_known_by_type_or_by_being_told(void **state)
{
    (void)state;
    const bool expected[COLUMNS] = {
        false, false, false, true, false, false, true};
    tarn_rows *rows = rows_on_first();
    for (size_t i = 0; i < COLUMNS; i++)
        assert_int_equal(tarn_rows_is_number(rows, i), expected[i]);
    tarn__rows_set_number(rows, 0);
    assert_true(tarn_rows_is_number(rows, 0));
    tarn__rows_set_number(rows, COLUMNS);
    assert_false(tarn_rows_is_number(rows, COLUMNS));
    tarn_rows_free(rows);
}

typedef struct source {
    int row;
    int freed;
} source;

static const double doubles[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300,
    9223372036854775807.0, -9223372036854775808.0, -0.9};

static tarn_status source_next(void *self, tarn__cell *cells, tarn_error *err)
{
    source *s = self;
    if (s->row == 8)
        return tarn__fail(err, TARN_CORRUPT, "source: broken");
    cells[0].type = TARN_DOUBLE;
    cells[0].f64 = doubles[s->row++];
    return TARN_ROW;
}

static void source_free(void *self)
{
    ((source *)self)->freed++;
}

static const tarn__rows_class source_class = {source_next, source_free};

static void doubles_saturate_as_integers(void **state)
{
    (void)state;
    const int64_t expected[] = {
        0, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN, 0};
    source s = {0, 0};
    tarn_rows *rows;
    assert_int_equal(
        tarn__rows_create(&source_class, &s, &all_types[6], 1, &rows, NULL),
        TARN_OK);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
        assert_true(tarn_rows_int64(rows, 0) == expected[i]);
    }
    tarn_rows_free(rows);
}

static void a_failure_passes_through_and_leaves_nulls(void **state)
{
    (void)state;
    source s = {7, 0};
    tarn_rows *rows;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        tarn__rows_create(&source_class, &s, &all_types[6], 1, &rows, NULL),
        TARN_OK);
    assert_int_equal(tarn_rows_next(rows, &err), TARN_ROW);
    assert_int_equal(tarn_rows_next(rows, &err), TARN_CORRUPT);
    assert_string_equal(err.message, "source: broken");
    assert_true(tarn_rows_is_null(rows, 0));
    tarn_rows_free(rows);
    assert_int_equal(s.freed, 1);
    tarn_rows_free(NULL);
    tarn__table_free(NULL);
}

static void a_failed_create_does_not_take_the_source(void **state)
{
    (void)state;
    for (int nth = 1; nth <= 5; nth++) {
        source s = {0, 0};
        tarn_rows *rows;
        tarn__fault_alloc(nth, false);
        assert_int_equal(
            tarn__rows_create(&source_class, &s, &all_types[6], 1, &rows, NULL),
            TARN_NO_MEMORY);
        tarn__fault_alloc(0, false);
        assert_null(rows);
        assert_int_equal(s.freed, 0);
    }
}

static tarn_status make_and_free(void *arg, tarn_error *err)
{
    (void)arg;
    tarn_rows *rows;
    tarn_status st = make(&rows, err);
    tarn_rows_free(rows);
    return st;
}

static void out_of_memory_leaks_nothing(void **state)
{
    (void)state;
    assert_true(sweep_allocations(make_and_free, NULL) > 10);
}

static void a_table_without_rows_ends_at_once(void **state)
{
    (void)state;
    tarn__table *t;
    tarn_rows *rows;
    assert_int_equal(tarn__table_create(all_types, 2, &t, NULL), TARN_OK);
    assert_int_equal(tarn__table_rows(t, &rows, NULL), TARN_OK);
    assert_int_equal(tarn_rows_column_count(rows), 2);
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_OK);
    tarn_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_names_and_types),
        cmocka_unit_test(every_type_has_a_text),
        cmocka_unit_test(bytes_keep_nuls),
        cmocka_unit_test(numbers_convert_and_texts_are_zero),
        cmocka_unit_test(nulls_read_as_nothing),
        cmocka_unit_test(after_the_last_row_it_stays_at_the_end),
        cmocka_unit_test(a_column_that_is_not_there_reads_as_null),
        cmocka_unit_test(numbers_are_known_by_type_or_by_being_told),
        cmocka_unit_test(doubles_saturate_as_integers),
        cmocka_unit_test(a_failure_passes_through_and_leaves_nulls),
        cmocka_unit_test(a_failed_create_does_not_take_the_source),
        cmocka_unit_test(out_of_memory_leaks_nothing),
        cmocka_unit_test(a_table_without_rows_ends_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
