/* Every type's text against DuckDB's own. */
#include "duck_test_support.h"

#include "base/buf.h"

/* Values of a type, which read as `want` does in SQL; v is the value. */
typedef struct sample {
    const char *type;
    const char *values; /* of VALUES */
    const char *want;   /* NULL: v::VARCHAR */
} sample;

static const sample samples[] = {
    {"BOOLEAN", "(true), (false)", NULL},
    {"TINYINT", "(-128), (0), (127)", NULL},
    {"SMALLINT", "(-32768), (0), (32767)", NULL},
    {"INTEGER", "(-2147483648), (0), (2147483647)", NULL},
    {"BIGINT", "(-9223372036854775808), (0), (9223372036854775807)", NULL},
    {"UTINYINT", "(0), (255)", NULL},
    {"USMALLINT", "(0), (65535)", NULL},
    {"UINTEGER", "(0), (4294967295)", NULL},
    {"UBIGINT", "(0), (9223372036854775808), (18446744073709551615)", NULL},
    {"HUGEINT",
        "('0'), ('-1'), ('10'), ('-170141183460469231731687303715884105728'), "
        "('170141183460469231731687303715884105727'), "
        "('18446744073709551616'), ('-18446744073709551616'), "
        "('100000000000000000000')",
        NULL},
    {"UHUGEINT",
        "('0'), ('340282366920938463463374607431768211455'), "
        "('18446744073709551616')",
        NULL},
    {"BIGNUM",
        "('0'), ('-1'), ('1'), ('255'), ('-256'), ('1000000000'), "
        "('999999999'), ('-1000000000000000000'), "
        "('123456789012345678901234567890123456789012345678901234567890'), "
        "('-100000000000000000000000000000000000000000000000000000000001')",
        NULL},
    {"DECIMAL(4,2)", "('0.00'), ('-0.01'), ('99.99'), ('-99.99'), ('5')", NULL},
    {"DECIMAL(3,3)", "('0.5'), ('0.999')", "'0' || v"},
    {"DECIMAL(9,0)", "('999999999'), ('-999999999'), ('0')", NULL},
    {"DECIMAL(9,4)", "('12345.6789'), ('-0.0001')", NULL},
    {"DECIMAL(18,3)", "('999999999999999.999'), ('-0.5'), ('0')", NULL},
    {"DECIMAL(38,10)",
        "('9999999999999999999999999999.9999999999'), "
        "('-9999999999999999999999999999.9999999999'), ('0.0000000001')",
        NULL},
    {"DECIMAL(38,38)",
        "('-0.99999999999999999999999999999999999999'), "
        "('-0.00000000000000000000000000000000000001')",
        "'-0' || abs(v)"},
    {"FLOAT",
        "(0), (-0.0), (0.1), (1.5), (3.4028235e38), (1e-45), (1.17549435e-38),"
        " ('nan'), ('inf'), ('-inf'), (16777216), (0.3), (123456.789), "
        "(1e10), (1e-5), (-2.5e-7), (9.999999e9), (1000.1)",
        NULL},
    {"DOUBLE",
        "(0), ('-0.0'), (0.1), (1.5), (1.7976931348623157e308), (5e-324), "
        "('nan'), ('inf'), ('-inf'), (0.30000000000000004), (1e14), (1e16), "
        "(1e21), (1e-5), (0.0001), (9007199254740993), (123456789.125), "
        "(100), (-1e22)",
        NULL},
    {"VARCHAR",
        "(''), ('a'), ('twelve bytes'), ('thirteen byte'), "
        "('something a good deal longer, é, 😀'), ('it''s \"quoted\"')",
        NULL},
    {"UUID",
        "('00000000-0000-0000-0000-000000000000'), "
        "('ffffffff-ffff-ffff-ffff-ffffffffffff'), "
        "('0190163d-8694-739b-aea5-966c26f8ad91'), "
        "('80000000-0000-0000-7fff-ffffffffffff')",
        NULL},
    {"ENUM('x', 'a longer label, é', '')", "('x'), (''), ('a longer label, é')",
        NULL},
    {"BIT", "('1'), ('0'), ('10110011'), ('000000000'), ('1111111100000001')",
        NULL},
    {"DATE",
        "('1970-01-01'), ('0001-01-01'), ('9999-12-31'), ('1969-12-31'),"
        " ('infinity'), ('-infinity'), ('2024-02-29')",
        NULL},
    {"TIME",
        "('00:00:00'), ('23:59:59.999999'), ('24:00:00'), ('01:02:03.5'),"
        " ('12:00:00.000001')",
        NULL},
    {"TIME_NS",
        "('00:00:00'), ('23:59:59.999999999'), ('01:02:03.5'), "
        "('12:00:00.000000001')",
        NULL},
    {"TIMETZ",
        "('00:00:00+00'), ('23:59:59.999999-15:59'), "
        "('01:02:03.5+05:30'), ('12:00:00+15:59:59'), "
        "('12:00:00-01')",
        NULL},
    {"INTERVAL",
        "('0 seconds'), ('1 year'), ('2 years -1 months'), ('1 month'), "
        "('-13 months'), ('1 day'), ('-2 days'), ('1 day -00:00:01.5'), "
        "('1 year 2 months 3 days 04:05:06.000007'), ('1000:00:00'), "
        "('-00:00:00.000001'), ('2147483647 days'), ('-2147483647 months')",
        NULL},
    {"INTERVAL",
        "(to_microseconds(9223372036854775807)), "
        "(to_microseconds(-9223372036854775807))",
        NULL},
    {"TIMESTAMP",
        "('1970-01-01'), ('2026-11-21 03:59:03'), "
        "('1969-12-31 23:59:59'), ('0001-01-01 00:00:00')",
        "strftime(v, '%Y-%m-%dT%H:%M:%SZ')"},
    {"TIMESTAMP", "('2026-11-21 03:59:03.5'), ('1969-12-31 23:59:59.999')",
        "strftime(v, '%Y-%m-%dT%H:%M:%S.%gZ')"},
    {"TIMESTAMP", "('2026-11-21 03:59:03.000001')",
        "strftime(v, '%Y-%m-%dT%H:%M:%S.%fZ')"},
    {"TIMESTAMP", "('infinity'), ('-infinity')", NULL},
    {"TIMESTAMP_S", "('2026-11-21 03:59:03'), ('1900-01-01 00:00:00')",
        "strftime(v::TIMESTAMP, '%Y-%m-%dT%H:%M:%SZ')"},
    {"TIMESTAMP_S", "('infinity'), ('-infinity')", NULL},
    {"TIMESTAMP_MS", "('2026-11-21 03:59:03.123'), ('1900-01-01 00:00:00.001')",
        "strftime(v::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%gZ')"},
    {"TIMESTAMP_NS",
        "('2026-11-21 03:59:03.123456789'), "
        "('1900-01-01 00:00:00.000000001')",
        "replace(v::VARCHAR, ' ', 'T') || 'Z'"},
    {"TIMESTAMP_NS", "('2026-11-21 03:59:03'), ('1969-12-31 23:59:59')",
        "strftime(v, '%Y-%m-%dT%H:%M:%SZ')"},
    {"TIMESTAMP_NS", "('infinity'), ('-infinity')", NULL},
    {"TIMESTAMPTZ", "('2026-11-21 03:59:03+02'), ('1969-12-31 23:59:59+00')",
        "strftime(v, '%Y-%m-%dT%H:%M:%SZ')"},
    {"TIMESTAMPTZ", "('infinity'), ('-infinity')", NULL},
    {"GEOMETRY", "('POINT (1 2)'), ('LINESTRING (0 0, 1 1)')", NULL},
    {"JSON", "('{\"a\": [1, 2.50,\t null]}'), ('\"x\"'), ('null'), ('1')",
        "v::VARCHAR"},
    /* nested: as to_json() */
    {"INTEGER[]", "([1, NULL, -3]), ([])", "to_json(v)"},
    {"VARCHAR[][]", "([['a', 'b\"c\\d'], [], NULL, [NULL]])", "to_json(v)"},
    {"INTEGER[3]", "([1, NULL, 3])", "to_json(v)"},
    {"VARCHAR[2][2]", "([['a', 'é'], ['\t', chr(1)]])", "to_json(v)"},
    {"STRUCT(a INTEGER, \"b c\" VARCHAR, d STRUCT(e DOUBLE[]))",
        "({a: 1, 'b c': 'x', d: {e: [1.5, NULL, 1, 0.1, -7e-3]}}), "
        "({a: NULL, 'b c': NULL, d: NULL})",
        "to_json(v)"},
    {"MAP(VARCHAR, INTEGER)", "(MAP {'x': 1, 'y\"': NULL}), (MAP {})",
        "to_json(v)"},
    {"MAP(INTEGER, VARCHAR[])", "(MAP {7: ['a'], -1: []})", "to_json(v)"},
    {"MAP(DATE, BOOLEAN)", "(MAP {'2026-01-02'::DATE: true})", "to_json(v)"},
    {"UNION(num INTEGER, txt VARCHAR)", "(1)", "to_json(v)"},
    {"UNION(num INTEGER, txt VARCHAR)", "('x')", "to_json(v)"},
    {"STRUCT(a UBIGINT, b HUGEINT, c BIGNUM, d UUID, e BIT, f DATE, g TIME, "
     "h INTERVAL, i BLOB, j BOOLEAN, k ENUM('o', 'p\"'), m UHUGEINT)",
        "({a: 18446744073709551615, b: '-17014118346046923173168730371588410"
        "5728'::HUGEINT, c: '123456789012345678901234567890'::BIGNUM, d: "
        "'0190163d-8694-739b-aea5-966c26f8ad91', e: '101', f: '2026-01-02', "
        "g: '01:02:03.5', h: '1 day', i: '\\x00a\\xFF\\x5C\\x22'::BLOB, j: "
        "true, "
        "k: 'p\"', m: 5})",
        "to_json(v)"},
    {"JSON[]", "(['{\"a\": [1, \"x  y\\\"\"]}', 'null', NULL])", "to_json(v)"},
    {"DECIMAL(38,9)[]", "(['12345678901234567890.123456789', '0.5'])",
        "if(v IS NULL, NULL, '[12345678901234567890.123456789,0.500000000]')"},
    {"DOUBLE[]", "(['nan', 'inf', '-inf'])",
        "if(v IS NULL, NULL, '[\"NaN\",\"Infinity\",\"-Infinity\"]')"},
    {"FLOAT[]", "([0.1, 1.5, 1e10])",
        "if(v IS NULL, NULL, '[0.1,1.5,10000000000.0]')"},
    {"TIMESTAMP[]", "(['2026-01-02 03:04:05.25', 'infinity'])",
        "if(v IS NULL, NULL, '[\"2026-01-02T03:04:05.250Z\",\"infinity\"]')"},
    {"TIMESTAMPTZ[]", "(['2026-01-02 03:04:05+02'])",
        "if(v IS NULL, NULL, '[\"2026-01-02T01:04:05Z\"]')"},
    /* what only a cast can read */
    {"VARIANT", "({'a': 1, 'b': [1, 2]})", "v::JSON"},
    {"VARIANT", "('x')", "v::JSON"},
    {"VARIANT[]", "([1::VARIANT, 'x'::VARIANT])", "v::JSON"},
    {"STRUCT(g GEOMETRY)", "({g: 'POINT (1 2)'})", "v::JSON"},
};

static char *statement(const sample *s)
{
    return tarn__sprintf(
        "SELECT v, CAST(%s AS VARCHAR) FROM (SELECT CAST(x AS %s) AS v FROM "
        "(VALUES %s, (NULL)) AS t(x))",
        s->want == NULL ? "v" : s->want, s->type, s->values);
}

/* Values of one VALUES need one type; where DuckDB finds none, cast each. */
static int check_sample(tarn__duck *duck, const sample *s)
{
    char *sql = statement(s);
    tarn_error err = TARN_ERROR_INIT;
    tarn__duck_result *r;
    if (tarn__duck_query(duck, sql, NULL, 0, &r, &err) != TARN_OK) {
        print_error("%s: %s\n", sql, err.message);
        tarn__free(sql);
        return 1;
    }
    tarn_rows *rows;
    ok(tarn__duck_rows(r, &rows, &err), &err);
    int bad = 0;
    int count = 0;
    tarn_status st;
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        const char *got = tarn_rows_text(rows, 0);
        const char *want = tarn_rows_text(rows, 1);
        count++;
        if (got == NULL || want == NULL ? got != want
                                        : strcmp(got, want) != 0) {
            print_error("%s: want %s, got %s\n", s->type,
                want == NULL ? "NULL" : want, got == NULL ? "NULL" : got);
            bad++;
        }
    }
    if (st != TARN_OK || count < 2) {
        print_error("%s: %d rows, %s\n", s->type, count, err.message);
        bad++;
    }
    tarn_rows_free(rows);
    tarn__free(sql);
    return bad;
}

static void every_type_reads_as_duckdb_writes_it(void **state)
{
    int bad = 0;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        bad += check_sample(*state, &samples[i]);
    assert_int_equal(0, bad);
}

/* Two columns that are equal as text in every row of a statement. */
static void assert_pairs(tarn__duck *duck, const char *sql, int rows_wanted)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows;
    ok(tarn__duck_rows(ask(duck, sql), &rows, &err), &err);
    int count = 0;
    tarn_status st;
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        const char *got = tarn_rows_text(rows, 0);
        const char *want = tarn_rows_text(rows, 1);
        if (got == NULL || want == NULL || strcmp(got, want) != 0)
            fail_msg("row %d: got %s, want %s", count, got, want);
        count++;
    }
    ok(st, &err);
    assert_int_equal(rows_wanted, count);
    tarn_rows_free(rows);
}

static void random_numbers_read_as_duckdb_writes_them(void **state)
{
    static const char *const types[] = {"HUGEINT", "DECIMAL(38,7)",
        "DECIMAL(18,9)", "DECIMAL(9,0)", "BIGNUM", "INTEGER"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char *sql = tarn__sprintf(
            "SELECT v, v::VARCHAR FROM (SELECT ((hash(i)::HUGEINT - "
            "9223372036854775808) // (10::HUGEINT ** (10 + i %% 9))::HUGEINT)"
            "::%s AS v FROM range(5000) AS r(i))",
            types[i]);
        assert_pairs(*state, sql, 5000);
        tarn__free(sql);
    }
}

static void random_floats_have_the_shortest_text(void **state)
{
    /* Digits and exponent apart: how large numbers are spelt is another
     * matter than which they are. */
    assert_pairs(*state,
        "SELECT v, v::VARCHAR FROM (SELECT ((hash(i) % 20000001)::DOUBLE - "
        "10000000)::FLOAT / pow(10, i % 8)::FLOAT AS v FROM range(20000) "
        "AS r(i)) WHERE abs(v) >= 0.0001",
        20000);
}

static void random_times_read_as_duckdb_writes_them(void **state)
{
    assert_pairs(*state,
        "SELECT v, v::VARCHAR FROM (SELECT DATE '0001-01-01' + (hash(i) % "
        "3652058)::INT AS v FROM range(5000) AS r(i))",
        5000);
    assert_pairs(*state,
        "SELECT v, v::VARCHAR FROM (SELECT TIME '00:00:00' + "
        "to_microseconds((hash(i) % 86400000000)::BIGINT) AS v FROM "
        "range(5000) AS r(i))",
        5000);
    assert_pairs(*state,
        "SELECT v, v::VARCHAR FROM (SELECT to_months((hash(i) % 100)::INT - "
        "50) + to_days((hash(i + 1) % 9)::INT - 4) + to_microseconds((hash(i "
        "+ 2) % 20000000000)::BIGINT - 10000000000) AS v FROM range(5000) AS "
        "r(i))",
        5000);
}

static void dates_beyond_four_digits_have_a_sign(void **state)
{
    assert_text(*state, "+10000-01-01", "SELECT DATE '10000-01-01'");
    assert_text(*state, "0000-12-31", "SELECT DATE '0001-01-01' - 1");
    assert_text(*state, "-0001-12-31", "SELECT DATE '0001-01-01' - 367");
}

static void a_far_second_is_text(void **state)
{
    tarn__duck_result *r =
        ask(*state, "SELECT TIMESTAMP_S 'infinity', TIMESTAMP '-infinity'");
    tarn__cell cells[2];
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_TIME, tarn__duck_column_type(r, 0));
    assert_int_equal(TARN_ROW, tarn__duck_next(r, cells, &err));
    assert_int_equal(TARN_TEXT, cells[0].type);
    assert_string_equal("infinity", cells[0].bytes.ptr);
    assert_string_equal("-infinity", cells[1].bytes.ptr);
    tarn__duck_result_free(r);
}

static void columns_know_their_cells(void **state)
{
    static const struct {
        const char *value;
        tarn_type type;
        bool number;
    } want[] = {{"true", TARN_BOOL, false}, {"1::TINYINT", TARN_INT64, true},
        {"1::UINTEGER", TARN_INT64, true}, {"1::UBIGINT", TARN_TEXT, true},
        {"1::HUGEINT", TARN_TEXT, true}, {"1.5", TARN_TEXT, true},
        {"1::BIGNUM", TARN_TEXT, true}, {"1::FLOAT", TARN_DOUBLE, true},
        {"1e0", TARN_DOUBLE, true}, {"'x'", TARN_TEXT, false},
        {"''::BLOB", TARN_BLOB, false}, {"today()", TARN_TEXT, false},
        {"now()", TARN_TIME, false}, {"now()::TIMESTAMP", TARN_TIME, false},
        {"[1]", TARN_JSON, false}, {"'1'::JSON", TARN_JSON, false},
        {"1::VARIANT", TARN_JSON, false},
        {"'POINT(1 2)'::GEOMETRY", TARN_TEXT, false},
        {"uuid()", TARN_TEXT, false}, {"NULL", TARN_INT64, true}};
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        char *sql = tarn__sprintf("SELECT %s", want[i].value);
        tarn__duck_result *r = ask(*state, sql);
        if (want[i].type != tarn__duck_column_type(r, 0) ||
            want[i].number != tarn__duck_column_is_number(r, 0))
            fail_msg("%s: type %d", sql, (int)tarn__duck_column_type(r, 0));
        tarn__duck_result_free(r);
        tarn__free(sql);
    }
}

static void a_type_can_be_spelt_and_read_back(void **state)
{
    static const char *const types[] = {"DECIMAL(18,3)[]", "INTEGER[2][]",
        "STRUCT(\"a b\" INTEGER, \"end\" VARCHAR[])",
        "MAP(VARCHAR, STRUCT(\"x\" DATE))", "UNION(\"n\" INTEGER, \"t\" TIME)",
        "ENUM('a', 'it''s')", "TIMESTAMP WITH TIME ZONE", "JSON", "JSON[]",
        "HUGEINT", "UHUGEINT", "BIGNUM", "BIT", "UUID", "BLOB", "TIME_NS",
        "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "FLOAT",
        "DOUBLE", "TIME WITH TIME ZONE", "INTERVAL", "BOOLEAN", "SMALLINT",
        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "TINYINT", "BIGINT"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char *sql = tarn__sprintf("SELECT NULL::%s", types[i]);
        tarn__duck_result *r = ask(*state, sql);
        char *got = tarn__duck_column_sql_type(r, 0);
        assert_string_equal(types[i], got);
        tarn__free(got);
        tarn__duck_result_free(r);
        tarn__free(sql);
    }
}

static void nested_values_of_any_vector_read_right(void **state)
{
    /* Constants inside lists, dictionaries from joins and filters, lists that
     * span chunks, slices. */
    assert_pairs(*state,
        "SELECT v, to_json(v) FROM (SELECT {a: [i, 7, NULL], b: ['k'], c: "
        "MAP {'x': i % 3}, d: list_slice([1, 2, 3, 4], i % 4, 4), e: "
        "repeat('z', (i % 30)::INT)} AS v FROM range(5000) AS r(i) JOIN (FROM "
        "range(5000) AS q(j) WHERE j % 2 = 0) ON i = j)",
        2500);
    assert_pairs(*state,
        "SELECT v, to_json(v) FROM (SELECT list(i) AS v FROM range(20000) AS "
        "r(i) GROUP BY i % 5)",
        5);
    assert_pairs(*state,
        "SELECT v, to_json(v) FROM (SELECT [i, i + 1]::BIGINT[2] AS v FROM "
        "range(5000) AS r(i) WHERE i % 7 = 0)",
        715);
    assert_pairs(*state,
        "SELECT v, to_json(v) FROM (SELECT [[1], [i], []] AS v FROM "
        "range(5000) AS r(i) ORDER BY hash(i))",
        5000);
    assert_pairs(
        *state, "SELECT ['k'] AS v, to_json(['k']) FROM range(3000)", 3000);
}

static void columns_of_one_name_are_kept_apart(void **state)
{
    tarn__duck_result *r =
        ask(*state, "SELECT 1 AS a, 2 AS a, 3::VARIANT AS a; ");
    tarn__cell cells[3];
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(3, tarn__duck_columns(r));
    for (size_t i = 0; i < 3; i++)
        assert_string_equal("a", tarn__duck_column_name(r, i));
    assert_int_equal(TARN_ROW, tarn__duck_next(r, cells, &err));
    assert_int_equal(1, cells[0].i64);
    assert_int_equal(2, cells[1].i64);
    assert_string_equal("3", cells[2].bytes.ptr);
    tarn__duck_result_free(r);
}

static void what_can_only_be_cast_takes_values_too(void **state)
{
    const tarn__duck_value v = {.type = TARN_INT64, .i64 = 5};
    tarn__duck_result *r;
    tarn__cell cells[2];
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_query(*state,
           "SELECT i, {a: i}::VARIANT AS v FROM range(10) AS r(i) WHERE i > ? "
           "ORDER BY i DESC -- the end",
           &v, 1, &r, &err),
        &err);
    assert_int_equal(TARN_ROW, tarn__duck_next(r, cells, &err));
    assert_int_equal(9, cells[0].i64);
    assert_string_equal("{\"a\":9}", cells[1].bytes.ptr);
    tarn__duck_result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(every_type_reads_as_duckdb_writes_it),
        duck_test(random_numbers_read_as_duckdb_writes_them),
        duck_test(random_floats_have_the_shortest_text),
        duck_test(random_times_read_as_duckdb_writes_them),
        duck_test(dates_beyond_four_digits_have_a_sign),
        duck_test(a_far_second_is_text),
        duck_test(columns_know_their_cells),
        duck_test(a_type_can_be_spelt_and_read_back),
        duck_test(nested_values_of_any_vector_read_right),
        duck_test(columns_of_one_name_are_kept_apart),
        duck_test(what_can_only_be_cast_takes_values_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
