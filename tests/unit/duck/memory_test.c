/* Every allocation of this room fails in turn: no leak, no crash, the right
 * code, and the session works on. */
#include "base/error.h"
#include "duck/appender.h"
#include "duck/arrow.h"
#include "duck/table_function.h"
#include "duck_test_support.h"

typedef tarn_status (*body_fn)(tarn__duck *duck, tarn_error *err);

/* Run `body` with the nth allocation failing, for n = 1, 2, ... until it
 * passes. */
static void sweep(tarn__duck *duck, body_fn body)
{
    for (int64_t n = 1; n < 1000; n++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn__fault_alloc(n, false);
        tarn_status st = body(duck, &err);
        bool reached = tarn__fault_alloc_count() >= n;
        tarn__fault_alloc(0, false);
        if (!reached) {
            ok(st, &err);
            assert_true(n > 1);
            return;
        }
        if (st != TARN_OK && st != TARN_NO_MEMORY)
            fail_msg("allocation %d: %s", (int)n, err.message);
        assert_int(duck, 1, "SELECT 1");
    }
    fail_msg("never passed");
}

static tarn_status read_all(tarn__duck *duck, tarn_error *err)
{
    const tarn__duck_value v = {.type = TARN_INT64, .i64 = 3, .name = "n"};
    tarn__duck_result *r;
    tarn__cell cells[4];
    tarn_status st = tarn__duck_query(duck,
        "SELECT i, 'text ' || i AS s, {a: [i], b: 'x'::ENUM('x', 'y'), m: "
        "MAP {'k': i}} AS n, {v: i}::VARIANT AS v FROM range($n) AS r(i)",
        &v, 1, &r, err);
    if (st != TARN_OK) {
        assert_null(r);
        return st;
    }
    char *type = tarn__duck_column_sql_type(r, 2);
    tarn__free(type);
    while ((st = tarn__duck_next(r, cells, err)) == TARN_ROW)
        continue;
    tarn__duck_result_free(r);
    return st;
}

static void reading_survives(void **state)
{
    sweep(*state, read_all);
}

static tarn_status as_rows(tarn__duck *duck, tarn_error *err)
{
    tarn__duck_result *r;
    tarn_rows *rows;
    tarn_status st =
        tarn__duck_query(duck, "SELECT 1.5 AS d, 'x' AS s", NULL, 0, &r, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_rows(r, &rows, err);
    if (st != TARN_OK) {
        assert_null(rows);
        tarn__duck_result_free(r);
        return st;
    }
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
        continue;
    tarn_rows_free(rows);
    return st;
}

static void public_rows_survive(void **state)
{
    sweep(*state, as_rows);
}

static tarn_status there_and_back(tarn__duck *duck, tarn_error *err)
{
    json_t *tree;
    char *sql = NULL;
    tarn_status st = tarn__duck_parse(
        duck, "SELECT 0.5e0, 12345678901234567890 FROM '/a'", &tree, err);
    if (st != TARN_OK) {
        assert_null(tree);
        return st;
    }
    st = tarn__duck_unparse(duck, tree, &sql, err);
    json_decref(tree);
    tarn__free(sql);
    return st;
}

static void parsing_survives(void **state)
{
    sweep(*state, there_and_back);
}

static tarn_status append(tarn__duck *duck, tarn_error *err)
{
    tarn__appender *app;
    tarn_status st = tarn__duck_execf(
        duck, err, "CREATE OR REPLACE TABLE %s (i BIGINT, s TEXT)", "t");
    if (st == TARN_OK)
        st = tarn__appender_open(duck, "t", &app, err);
    if (st != TARN_OK)
        return st;
    const tarn__cell cells[] = {
        {TARN_INT64, 1, 0, {NULL, 0}}, {TARN_NULL, 0, 0, {NULL, 0}}};
    for (int i = 0; st == TARN_OK && i < 3000; i++)
        st = tarn__appender_row(app, cells, err);
    tarn_status closed = tarn__appender_close(app, err);
    return st != TARN_OK ? st : closed;
}

static void appending_survives(void **state)
{
    sweep(*state, append);
}

static tarn_status to_arrow(tarn__duck *duck, tarn_error *err)
{
    tarn__duck_result *r;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    tarn_status st =
        tarn__duck_query(duck, "SELECT 1 AS i, 'x' AS s", NULL, 0, &r, err);
    if (st != TARN_OK)
        return st;
    st = tarn__duck_arrow(r, &stream, err);
    if (st != TARN_OK) {
        tarn__duck_result_free(r);
        return st;
    }
    if (stream.get_schema(&stream, &schema) == 0)
        schema.release(&schema);
    else
        st = TARN_NO_MEMORY;
    stream.release(&stream);
    return st;
}

static void arrow_survives(void **state)
{
    sweep(*state, to_arrow);
}

/* three(X): one column n, three rows. */
static tarn_status open_three(void *ctx, const char *const *args, void **scan,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    (void)ctx;
    (void)args;
    (void)max_columns;
    int *at = tarn__calloc(1, sizeof(*at));
    if (at == NULL)
        return tarn__no_memory(err);
    columns[0] = (tarn__column){"n", TARN_INT64};
    *column_count = 1;
    *scan = at;
    return TARN_OK;
}

static tarn_status next_three(
    void *scan, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    (void)wanted;
    (void)err;
    int *at = scan;
    if (*at == 3)
        return TARN_OK;
    cells[0] = (tarn__cell){TARN_INT64, (*at)++, 0, {NULL, 0}};
    return TARN_ROW;
}

static tarn_status scan_source(tarn__duck *duck, tarn_error *err)
{
    static const tarn__source three = {
        "three", 1, open_three, next_three, tarn__free};
    int64_t sum = 0;
    bool found = false;
    tarn_status st = tarn__duck_register(duck, &three, NULL, err);
    if (st == TARN_OK)
        st = tarn__duck_int64(
            duck, "SELECT sum(n)::BIGINT FROM three('x')", &sum, &found, err);
    if (st == TARN_OK) {
        assert_true(found);
        assert_int_equal(3, sum);
    }
    return st;
}

static void row_sources_survive(void **state)
{
    sweep(*state, scan_source);
}

static tarn_status open_and_close(tarn__duck *duck, tarn_error *err)
{
    (void)duck;
    tarn__duck *other;
    tarn_status st = tarn__duck_open(NULL, &other, err);
    if (st != TARN_OK)
        assert_null(other);
    tarn__duck_close(other);
    return st;
}

static void opening_survives(void **state)
{
    sweep(*state, open_and_close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(reading_survives),
        duck_test(public_rows_survive),
        duck_test(parsing_survives),
        duck_test(appending_survives),
        duck_test(arrow_survives),
        duck_test(row_sources_survive),
        duck_test(opening_survives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
