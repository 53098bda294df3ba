/* Row sources as table functions. */
#include "duck/table_function.h"

#include "base/error.h"
#include "base/str.h"
#include "duck_test_support.h"

/* source(COUNT, FAIL_AT): rows n, half, name, doc, seen_at. */
typedef struct counter {
    int opened;
    int closed;
    bool wanted[5]; /* of the last row */
} counter;

typedef struct scan {
    counter *counter;
    int64_t n;
    int64_t count;
    int64_t fail_at;
    char name[32];
    char doc[32];
} scan;

static tarn_status open_scan(void *ctx, const char *const *args, void **out,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    static const tarn__column all[] = {{"n", TARN_INT64}, {"half", TARN_DOUBLE},
        {"name", TARN_TEXT}, {"doc", TARN_JSON}, {"seen_at", TARN_TIME}};
    assert_true(max_columns >= 5);
    int64_t count;
    int64_t fail_at = -1;
    if (args[0] == NULL || !tarn__parse_i64(args[0], &count))
        return tarn__fail(err, TARN_INVALID, "source: not a number");
    if (args[1] != NULL && !tarn__parse_i64(args[1], &fail_at))
        return tarn__fail(err, TARN_INVALID, "source: not a number");
    scan *s = tarn__calloc(1, sizeof(*s));
    s->counter = ctx;
    s->count = count;
    s->fail_at = fail_at;
    s->counter->opened++;
    memcpy(columns, all, sizeof(all));
    *column_count = 5;
    *out = s;
    return TARN_OK;
}

static tarn_status next_row(
    void *ptr, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    scan *s = ptr;
    if (s->n == s->fail_at)
        return tarn__fail(err, TARN_CORRUPT, "block 7: bad checksum");
    if (s->n == s->count)
        return TARN_OK;
    memcpy(s->counter->wanted, wanted, sizeof(s->counter->wanted));
    if (wanted[0])
        cells[0] = (tarn__cell){TARN_INT64, s->n, 0, {NULL, 0}};
    if (wanted[1] && s->n % 3 != 0)
        cells[1] = (tarn__cell){TARN_DOUBLE, 0, (double)s->n / 2, {NULL, 0}};
    if (wanted[2]) {
        snprintf(s->name, sizeof(s->name), "name of row %d", (int)s->n);
        cells[2] = (tarn__cell){TARN_TEXT, 0, 0, tarn_str(s->name)};
    }
    if (wanted[3]) {
        snprintf(s->doc, sizeof(s->doc), "{\"n\":%d}", (int)s->n);
        cells[3] = (tarn__cell){TARN_JSON, 0, 0, tarn_str(s->doc)};
    }
    if (wanted[4])
        cells[4] = (tarn__cell){TARN_TIME, s->n * 1000000, 0, {NULL, 0}};
    s->n++;
    return TARN_ROW;
}

static void close_scan(void *ptr)
{
    ((scan *)ptr)->counter->closed++;
    tarn__free(ptr);
}

static const tarn__source source = {
    "source", 2, open_scan, next_row, close_scan};

typedef struct world {
    tarn__duck *duck;
    counter counter;
} world;

static int setup(void **state)
{
    world *w = tarn__calloc(1, sizeof(*w));
    void *duck;
    if (w == NULL || duck_setup(&duck) != 0)
        return -1;
    w->duck = duck;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_register(w->duck, &source, &w->counter, &err), &err);
    *state = w;
    return 0;
}

/* Every scan that was opened has been closed. */
static int teardown(void **state)
{
    world *w = *state;
    tarn__duck_close(w->duck);
    bool balanced = w->counter.opened == w->counter.closed;
    tarn__free(w);
    return balanced ? 0 : -1;
}

#define world_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void rows_of_many_chunks_arrive(void **state)
{
    world *w = *state;
    assert_int(w->duck, 10000, "SELECT count(*) FROM source('10000', NULL)");
    assert_int(w->duck, 0,
        "SELECT count(*) FROM source('10000', NULL) WHERE half IS DISTINCT "
        "FROM CASE WHEN n % 3 > 0 THEN n / 2 END OR name <> 'name of row ' "
        "|| n OR (doc->>'n')::INT <> n OR epoch(seen_at) <> n");
}

static void only_wanted_columns_are_asked_for(void **state)
{
    world *w = *state;
    assert_int(w->duck, 45, "SELECT sum(n)::BIGINT FROM source('10', NULL)");
    const bool n_alone[] = {true, false, false, false, false};
    assert_memory_equal(n_alone, w->counter.wanted, sizeof(n_alone));
    assert_int(w->duck, 10, "SELECT count(*) FROM source('10', NULL)");
    assert_false(w->counter.wanted[1] || w->counter.wanted[2]);
}

static void columns_have_their_types(void **state)
{
    world *w = *state;
    assert_text(w->duck, "BIGINT,DOUBLE,VARCHAR,JSON,TIMESTAMP WITH TIME ZONE",
        "SELECT string_agg(column_type, ',') FROM (DESCRIBE FROM "
        "source('1', NULL))");
}

static void a_statement_may_scan_twice(void **state)
{
    world *w = *state;
    assert_int(w->duck, 20,
        "WITH s AS (FROM source('20', NULL)) SELECT count(*) FROM s AS a "
        "JOIN s AS b USING (n)");
    assert_int(w->duck, 3,
        "SELECT count(*) FROM source('4', NULL) AS a, LATERAL (SELECT 1 "
        "WHERE a.n > 0)");
}

static void a_recursive_query_scans_again_and_again(void **state)
{
    world *w = *state;
    assert_int(w->duck, 6,
        "WITH RECURSIVE r AS (SELECT 0::BIGINT AS i UNION ALL SELECT s.n "
        "FROM r JOIN source('6', NULL) AS s ON s.n = r.i + 1) "
        "SELECT count(*) FROM r");
}

static void a_prepared_limit_leaves_the_scan_early(void **state)
{
    world *w = *state;
    tarn__duck_result *r =
        ask(w->duck, "FROM source('1000000000', NULL) LIMIT 3");
    tarn__cell cells[5];
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, cells, &err));
    tarn__duck_result_free(r);
}

static void a_registration_after_a_result_left_early_lasts(void **state)
{
    world *w = *state;
    tarn__source late = source;
    late.name = "late";
    tarn__duck_result *r = ask(w->duck, "SELECT 1");
    tarn__cell cell;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_ROW, tarn__duck_next(r, &cell, &err));
    tarn__duck_result_free(r);
    ok(tarn__duck_register(w->duck, &late, &w->counter, &err), &err);
    assert_int(w->duck, 3, "SELECT count(*) FROM late('3', NULL)");
}

static void a_failure_keeps_its_code_and_message(void **state)
{
    world *w = *state;
    assert_fails(w->duck, TARN_INVALID, "source: not a number",
        "FROM source('x', NULL)");
    assert_fails(w->duck, TARN_CORRUPT, "block 7: bad checksum",
        "SELECT sum(n) FROM source('10000', '5000')");
    assert_fails(
        w->duck, TARN_BAD_INPUT, "Binder Error", "SELECT nix FROM range(3)");
}

static void a_failure_in_a_stream_keeps_its_code(void **state)
{
    world *w = *state;
    for (int i = 0; i < 20; i++) {
        tarn__duck_result *r = ask(w->duck, "FROM source('100000', '30000')");
        tarn__cell cells[5];
        tarn_error err = TARN_ERROR_INIT;
        tarn_status st;
        while ((st = tarn__duck_next(r, cells, &err)) == TARN_ROW)
            continue;
        assert_int_equal(TARN_CORRUPT, st);
        assert_string_equal("block 7: bad checksum", err.message);
        tarn__duck_result_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(rows_of_many_chunks_arrive),
        world_test(only_wanted_columns_are_asked_for),
        world_test(columns_have_their_types),
        world_test(a_statement_may_scan_twice),
        world_test(a_recursive_query_scans_again_and_again),
        world_test(a_prepared_limit_leaves_the_scan_early),
        world_test(a_registration_after_a_result_left_early_lasts),
        world_test(a_failure_keeps_its_code_and_message),
        world_test(a_failure_in_a_stream_keeps_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
