/* Parse trees: what round trips, what is refused, what DuckDB gets wrong. */
#include "duck_test_support.h"

#include "base/buf.h"

static const char *const schema =
    "CREATE TABLE t (a INT, b TEXT, c DOUBLE, l INT[], s STRUCT(x INT, y "
    "TEXT));"
    "INSERT INTO t VALUES (1, 'one', 1.5, [1, 2], {x: 1, y: 'p'}),"
    " (2, 'two', 2.5, [], {x: 2, y: NULL}), (3, NULL, NULL, NULL, NULL),"
    " (4, 'it''s', 1e100, [NULL, 7], {x: -4, y: '\"q\"'});"
    "CREATE TABLE u (a INT, d DATE, \"odd name\" INT, g TEXT);"
    "INSERT INTO u VALUES (1, '2026-01-01', 10, 'x'),"
    " (2, '2026-02-01', 20, 'y'), (2, '2026-03-01', 30, 'x'),"
    " (9, NULL, NULL, 'y');";

/* Executed as they are and as they come back, they give the same. */
static const char *const same[] = {
    "SELECT 1",
    "SELECT 1;",
    "/* c */ SELECT a -- d\nFROM t ORDER BY a",
    "SELECT -5, 1.5, 1e5, NULL, true, 'it''s', '', 2147483648",
    "SELECT 170141183460469231731687303715884105727, 18446744073709551615",
    "SELECT 12345678901234567890.123456789, 9223372036854775807",
    "SELECT DATE '2026-01-02', TIMESTAMP '2026-01-02 03:04:05.678'",
    "SELECT INTERVAL 3 DAY, INTERVAL '1 month 2 hours', TIME '01:02:03'",
    "SELECT 'a\"b', \"odd name\" FROM u ORDER BY ALL",
    "SELECT E'tab\\t', 'x' || chr(10)",
    "SELECT '\\xAA'::BLOB, '101'::BIT, 'inf'::DOUBLE",
    "FROM t ORDER BY a",
    "FROM t SELECT b, a ORDER BY a DESC NULLS LAST",
    "TABLE u",
    "VALUES (1, 'a'), (2, NULL)",
    "FROM (VALUES (1, 'a'), (2, NULL)) AS v(n, s)",
    "SELECT * EXCLUDE (l, s) REPLACE (a + 1 AS a) FROM t ORDER BY a",
    "SELECT * RENAME (a AS aa) FROM u ORDER BY ALL",
    "SELECT COLUMNS('^[ab]$') FROM t ORDER BY a",
    "SELECT t.a, u.d FROM t JOIN u ON t.a = u.a ORDER BY ALL",
    "SELECT * FROM t LEFT JOIN u USING (a) ORDER BY ALL",
    "SELECT t.a FROM t, u WHERE t.a < u.a ORDER BY ALL",
    "FROM t SEMI JOIN u USING (a) ORDER BY a",
    "FROM t ANTI JOIN u USING (a) ORDER BY a",
    "FROM t POSITIONAL JOIN u",
    "SELECT t.a, u.a FROM t ASOF JOIN u ON t.a >= u.a ORDER BY ALL",
    "SELECT t.a, u.a FROM t FULL OUTER JOIN u ON t.a = u.a ORDER BY ALL",
    "SELECT a, x FROM t, LATERAL (SELECT a * 2 AS x) ORDER BY a",
    "SELECT a, count(*), sum(c) FROM t GROUP BY a HAVING count(*) > 0 "
    "ORDER BY a",
    "SELECT a, g, count(*) FROM u GROUP BY ROLLUP (a, g) ORDER BY ALL",
    "SELECT a, g, count(*) FROM u GROUP BY GROUPING SETS ((a), (g), ()) "
    "ORDER BY ALL",
    "SELECT g, count(*) FROM u GROUP BY ALL ORDER BY ALL",
    "SELECT DISTINCT a FROM u ORDER BY a",
    "SELECT DISTINCT ON (g) g, a FROM u ORDER BY g, a",
    "SELECT count(DISTINCT a), sum(a) FILTER (WHERE a > 1) FROM u",
    "SELECT list(a ORDER BY a DESC), string_agg(g, '-' ORDER BY a, g) FROM u",
    "SELECT quantile_cont(a, 0.5), arg_max(g, a) FROM u",
    "SELECT a, row_number() OVER (PARTITION BY g ORDER BY a, d) FROM u "
    "ORDER BY ALL",
    "SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT "
    "ROW EXCLUDE CURRENT ROW) AS s FROM t ORDER BY a",
    "SELECT a, lag(a, 1, -1) OVER w FROM t WINDOW w AS (ORDER BY a) "
    "ORDER BY a",
    "SELECT a FROM u QUALIFY row_number() OVER (PARTITION BY g ORDER BY a) "
    "= 1 ORDER BY a",
    "SELECT a FROM t ORDER BY a LIMIT 2 OFFSET 1",
    "SELECT a FROM t ORDER BY a LIMIT 50%",
    "SELECT a FROM t UNION SELECT a FROM u ORDER BY a",
    "SELECT a FROM t UNION ALL SELECT a FROM u ORDER BY a",
    "SELECT a FROM t EXCEPT SELECT a FROM u ORDER BY a",
    "SELECT a FROM t INTERSECT ALL SELECT a FROM u ORDER BY a",
    "SELECT a FROM t UNION ALL BY NAME SELECT d, a FROM u ORDER BY ALL",
    "(SELECT 1 ORDER BY 1 LIMIT 1) UNION ALL (SELECT 2) ORDER BY 1",
    "WITH c AS (SELECT a FROM t), d AS (SELECT a + 1 AS a FROM c) "
    "SELECT * FROM d ORDER BY a",
    "WITH c AS MATERIALIZED (SELECT a FROM t) SELECT count(*) FROM c, c AS d",
    "WITH c(n) AS NOT MATERIALIZED (SELECT a FROM t) FROM c ORDER BY n",
    "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r WHERE "
    "i < 5) SELECT sum(i) FROM r",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT (n * 2) % 7 FROM r) "
    "FROM r ORDER BY n",
    "SELECT (SELECT max(a) FROM u), a IN (SELECT a FROM u), EXISTS (FROM u "
    "WHERE u.a = t.a) FROM t ORDER BY a",
    "SELECT a FROM t WHERE a > ALL (SELECT a FROM u WHERE a < 2)",
    "SELECT a FROM t WHERE a = ANY (SELECT a FROM u) ORDER BY a",
    "SELECT ARRAY(SELECT a FROM t ORDER BY a)",
    "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, CASE WHEN b IS NULL THEN 1 "
    "END FROM t ORDER BY a",
    "SELECT a BETWEEN 2 AND 3, a NOT IN (1, 2), b LIKE 't%', b NOT ILIKE "
    "'T%', b SIMILAR TO 'o.*', b ~ 'w' FROM t ORDER BY a",
    "SELECT a IS DISTINCT FROM 1, NOT (a > 1 OR b = 'x') AND true, -a, a ** "
    "2, a // 2, a % 2, a & 1 FROM t ORDER BY a",
    "SELECT CAST(a AS VARCHAR), TRY_CAST(b AS INT), a::DECIMAL(9, 2), "
    "b COLLATE NOCASE FROM t ORDER BY a",
    "SELECT l[1], l[2:], s.x, s['y'], len(l) FROM t ORDER BY a",
    "SELECT {'k': 1, 'm': [1, 2]}, MAP {'x': 1}, [3, 4], (1, 2)",
    "SELECT list_transform(l, lambda x: x + 1), [x * 2 FOR x IN l IF x > 1] "
    "FROM t ORDER BY a",
    "SELECT a, unnest(l) FROM t ORDER BY ALL",
    "SELECT * FROM unnest([1, 2, 3]) AS x(n)",
    "SELECT * FROM range(1, 10, 3) AS r(i)",
    "SELECT * FROM generate_series(1, 3) WITH ORDINALITY",
    "SELECT coalesce(b, 'none'), nullif(a, 1), ifnull(c, 0), greatest(a, 2) "
    "FROM t ORDER BY a",
    "SELECT extract(year FROM d), date_trunc('month', d), d + 1, d - "
    "INTERVAL 1 DAY FROM u ORDER BY ALL",
    "SELECT substring(b FROM 2 FOR 1), position('o' IN b), trim(b), "
    "b.upper() FROM t ORDER BY a",
    "SELECT '{\"x\": [1, 2]}'::JSON -> 'x' ->> 0",
    "SELECT a AS \"select\", b AS \"Odd \"\"Name\" FROM t ORDER BY 1",
    "SELECT a x, x + 1 y FROM t ORDER BY y",
    "SELECT current_date = current_date, pi() > 3",
    "DESCRIBE t",
    "DESCRIBE SELECT a, b FROM t",
    "SUMMARIZE t",
    "SELECT column_name FROM (DESCRIBE t)",
    "PIVOT u ON g IN ('x', 'y') USING sum(a) GROUP BY d ORDER BY d",
    "FROM (PIVOT u ON g IN ('x', 'y') USING sum(a) AS s, count(*) AS n "
    "GROUP BY d) ORDER BY d",
    "FROM u PIVOT (sum(a) FOR g IN ('x', 'y') GROUP BY d) ORDER BY d",
    "UNPIVOT (SELECT a, c FROM t) ON a, c INTO NAME n VALUE v ORDER BY ALL",
    "FROM (SELECT a, c FROM t) UNPIVOT INCLUDE NULLS (v FOR n IN (a, c)) "
    "ORDER BY ALL",
    "SELECT TRY(1 / 0), try_cast('x' AS DATE)",
    "SELECT count(*) FROM t TABLESAMPLE 100%",
    "SELECT GROUPING(a), a FROM t GROUP BY CUBE (a) ORDER BY ALL",
    "SELECT first_value(a IGNORE NULLS) OVER (ORDER BY a) FROM t",
    "SELECT sum(a) OVER (ORDER BY d RANGE BETWEEN INTERVAL 31 DAY PRECEDING "
    "AND UNBOUNDED FOLLOWING) FROM u ORDER BY ALL",
    "SELECT struct_pack(p := 1, q := 'z'), row(1, 2), s FROM t ORDER BY a",
    "SELECT * FROM t AS x(p, q) WHERE p = 1",
    "SELECT a FROM t WHERE a NOT BETWEEN 2 AND 3 AND (b, a) IS NOT NULL "
    "ORDER BY a",
    "SELECT TIMESTAMPTZ '2026-01-01 00:00:00+02' AT TIME ZONE "
    "'Europe/Berlin'",
    "SELECT 1 AS a UNION BY NAME SELECT 2 AS b ORDER BY ALL",
    "SELECT 0.1e0 + 0.2e0, 1e300, 30000000000000004e-17, -1e-7 AS x",
    "SELECT list_filter([1e0, 2e0], lambda v: v > 1e0) AS l",
    "SELECT list_transform([1, 2], x -> x + 1)",
    "SELECT a FROM t WHERE b GLOB 'o*' OR b LIKE '%!%%' ESCAPE '!' ORDER BY a",
    "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS ONLY",
    "SELECT a FROM t ORDER BY a OFFSET 2",
    "SELECT a FROM t ORDER BY a LIMIT (SELECT 1 + 1)",
    "SELECT a FROM t ORDER BY b COLLATE NOCASE DESC NULLS FIRST, a",
    "SELECT a, sum(a) OVER (ORDER BY a GROUPS 1 PRECEDING) FROM u ORDER BY "
    "ALL",
    "SELECT * FROM t NATURAL JOIN u ORDER BY ALL",
    "SELECT t.a, u.a FROM t CROSS JOIN u ORDER BY ALL",
    "SELECT t.a, x.n FROM t LEFT JOIN LATERAL (SELECT count(*) AS n FROM u "
    "WHERE u.a = t.a) AS x ON true ORDER BY a",
    "SELECT x: a + 1, y: b FROM t ORDER BY x",
    "SELECT #1 FROM t ORDER BY 1",
    "SELECT COLUMNS(c -> c LIKE 'a%') FROM t ORDER BY 1",
    "SELECT min(COLUMNS(* EXCLUDE (l, s))) FROM t",
    "SELECT coalesce(*COLUMNS(['a', 'c'])) FROM t ORDER BY 1",
    "SELECT l[1:2:1], l[-1], 'abc'[2], (a > 1) IS TRUE, (a > 1) IS NOT FALSE "
    "FROM t ORDER BY a",
    "SELECT (a, b) = (1, 'one'), a IN l, +a, ~a, NOT a > 1 FROM t ORDER BY a",
    "SELECT t FROM t ORDER BY a",
    "SELECT main.abs(-1), 2 ^ 3, 4!, @(-3), 'a' ^@ 'a', 5 <> 4, 5 != 5",
    "SELECT [1, 2] @> [1], [1.0, 2.0] <-> [2.0, 4.0], [1] && [2], [1] || [2]",
    "SELECT '1'::STRUCT(p INT)[] IS NULL, NULL::MAP(TEXT, INT[]), "
    "'a'::ENUM('a', 'b'), NULL::UNION(i INT, t TEXT), [1, 2]::INT[2]"
    " WHERE false",
    "SELECT a, to_days(a), INTERVAL (a) DAY FROM t ORDER BY a",
    "SELECT d - DATE '2026-01-01', age(d, DATE '2020-01-01') FROM u "
    "ORDER BY ALL",
    "SELECT a FROM t UNION ALL SELECT a FROM u INTERSECT SELECT a FROM u "
    "ORDER BY a",
    "SELECT (WITH c AS (SELECT 5 AS n) SELECT n FROM c) + 1",
    "WITH t AS (SELECT 42 AS a) SELECT * FROM t",
    "WITH a AS (WITH b AS (SELECT 1 AS x) FROM b) FROM a",
    "SELECT * FROM (SELECT 1 AS x), (SELECT 2 AS y) AS q",
    "SELECT a, g FROM u GROUP BY 1, 2 ORDER BY 1, 2",
    "SELECT DISTINCT ON (a) a, d FROM u ORDER BY a, d DESC",
    "SELECT count(DISTINCT g) OVER (PARTITION BY a) FROM u ORDER BY ALL",
    "SELECT mode(a ORDER BY a), histogram(a), approx_count_distinct(a) > 0 "
    "FROM u",
    "PIVOT u ON g IN ('x', 'y'), a IN (1, 2) USING count(*) GROUP BY d "
    "ORDER BY ALL",
    "PIVOT u ON (g || 'z') IN ('xz') USING sum(a)",
    "UNPIVOT (SELECT a AS p, a + 1 AS q, a AS r, a AS s FROM t) ON (p, q) AS "
    "one, (r, s) AS two INTO NAME n VALUE v, w ORDER BY ALL",
    "UNPIVOT (SELECT a, c FROM t) ON COLUMNS(*) ORDER BY ALL",
    "SELECT * FROM u USING SAMPLE 100 PERCENT (bernoulli) ORDER BY ALL",
    "SELECT $$it's$$, $x$a$x$, 1_000",
    "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AND NOT "
    "EXISTS (FROM u WHERE u.a = t.a + 7) ORDER BY a",
    "SELECT if(a > 1, 'y', 'n'), a::TEXT || '%' FROM t ORDER BY a",
    "WITH RECURSIVE r(a, b) USING KEY (a) AS (SELECT 1, 0 UNION SELECT a, b "
    "+ 1 FROM r WHERE b < 3) FROM r",
    "SELECT * LIKE 'a%' FROM t ORDER BY 1",
    "SELECT grouping_id(a, g), count(*) FROM u GROUP BY CUBE (a, g) ORDER BY "
    "ALL",
    "SELECT date_part(['year', 'month'], d) FROM u ORDER BY ALL",
    "SELECT json_object('k', a), json_extract('[1]', '$[0]') FROM t ORDER BY "
    "a",
};

/* All of a result as one text, or the failure. */
static void dump(tarn__duck *duck, const char *sql, tarn_buf *out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn__duck_result *r;
    tarn__buf_clear(out);
    tarn_status st = tarn__duck_query(duck, sql, NULL, 0, &r, &err);
    if (st == TARN_OK)
        ok(tarn__duck_rows(r, &rows, &err), &err);
    size_t n = rows == NULL ? 0 : tarn_rows_column_count(rows);
    for (size_t i = 0; i < n; i++)
        ok(tarn__buf_printf(
               out, &err, "%d|", (int)tarn_rows_column_type(rows, i)),
            &err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        for (size_t i = 0; i < n; i++) {
            const char *text = tarn_rows_text(rows, i);
            ok(tarn__buf_printf(out, &err, "%s|", text == NULL ? "NULL" : text),
                &err);
        }
        ok(tarn__buf_char(out, '\n', &err), &err);
        st = TARN_OK;
    }
    if (st != TARN_OK)
        ok(tarn__buf_printf(out, NULL, "failed: %s", err.message), &err);
    tarn_rows_free(rows);
}

static char *round_trip(tarn__duck *duck, const char *sql)
{
    json_t *tree;
    char *back;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__duck_parse(duck, sql, &tree, &err) != TARN_OK)
        fail_msg("%s: %s", sql, err.message);
    if (tarn__duck_unparse(duck, tree, &back, &err) != TARN_OK)
        fail_msg("%s: back: %s", sql, err.message);
    json_decref(tree);
    return back;
}

static void statements_come_back_with_the_same_answer(void **state)
{
    run(*state, schema);
    tarn_buf want = TARN_BUF_INIT;
    tarn_buf got = TARN_BUF_INIT;
    int bad = 0;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char *back = round_trip(*state, same[i]);
        dump(*state, same[i], &want);
        dump(*state, back, &got);
        if (strstr(want.ptr, "failed: ") != NULL) {
            print_error("%s\n  %s\n", same[i], want.ptr);
            bad++;
        } else if (strcmp(want.ptr, got.ptr) != 0) {
            print_error("%s\n  came back as %s\n  want %s\n  got %s\n", same[i],
                back, want.ptr, got.ptr);
            bad++;
        }
        tarn__free(back);
    }
    tarn_buf_reset(&want);
    tarn_buf_reset(&got);
    assert_int_equal(0, bad);
}

static void assert_refused(tarn__duck *duck, const char *words, const char *sql)
{
    json_t *tree;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_BAD_INPUT, tarn__duck_parse(duck, sql, &tree, &err));
    assert_null(tree);
    if (strstr(err.message, words) == NULL)
        fail_msg("'%s' is not in: %s", words, err.message);
}

static void what_does_not_read_is_refused(void **state)
{
    static const char *const others[] = {"INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1", "DELETE FROM t", "CREATE TABLE x AS SELECT 1",
        "DROP TABLE t", "COPY (SELECT 1) TO '/tmp/x'", "CALL range(3)",
        "PRAGMA version", "SET threads = 1", "ATTACH 'x'", "LOAD icu",
        "INSTALL icu", "EXPORT DATABASE '/tmp/x'", "BEGIN", "EXECUTE p",
        "PREPARE p AS SELECT 1", "EXPLAIN SELECT 1", "VACUUM", "CHECKPOINT",
        "SELECT 1; INSERT INTO t VALUES (1)"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_refused(*state, "not a statement that reads", others[i]);
}

static void two_statements_and_none_are_refused(void **state)
{
    assert_refused(*state, "holds 2 statements", "SELECT 1; SELECT 2");
    assert_refused(*state, "holds no statement", "");
    assert_refused(*state, "holds no statement", " ; -- nothing");
}

static void a_syntax_error_has_its_place(void **state)
{
    assert_refused(*state, "line 1, column 1: syntax error", "SELEC 1");
    assert_refused(
        *state, "line 2, column 11: syntax error", "SELECT\n 'é' FROM FROM");
}

static void an_infinite_literal_is_refused(void **state)
{
    assert_refused(*state, "beyond DOUBLE", "SELECT 1e400");
}

/* The node of the only statement. */
static json_t *node_of(tarn__duck *duck, const char *sql)
{
    json_t *tree;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_parse(duck, sql, &tree, &err), &err);
    json_t *node = json_incref(json_object_get(tree, "node"));
    json_decref(tree);
    assert_non_null(node);
    return node;
}

static void a_path_with_a_version_is_a_base_table(void **state)
{
    json_t *node =
        node_of(*state, "FROM '/a/b.series' AS x AT (VERSION => 42)");
    const json_t *from = json_object_get(node, "from_table");
    assert_string_equal("BASE_TABLE", tarn__json_text(from, "type"));
    assert_string_equal("/a/b.series", tarn__json_text(from, "table_name"));
    assert_string_equal("x", tarn__json_text(from, "alias"));
    const json_t *at = json_object_get(from, "at_clause");
    assert_string_equal("VERSION", tarn__json_text(at, "unit"));
    const json_t *value = json_object_get(json_object_get(at, "expr"), "value");
    int64_t version;
    assert_true(tarn__json_i64(value, "value", &version));
    assert_int_equal(42, version);
    json_decref(node);
}

static void a_base_table_may_become_a_function(void **state)
{
    json_t *tree;
    char *sql;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__duck_parse(*state, "SELECT x FROM '/p' AS x", &tree, &err), &err);
    json_t *function = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:s, s:[{s:s, s:s, s:{s:{s:s}, s:b, s:i}}]}}",
        "type", "TABLE_FUNCTION", "alias", "x", "function", "class", "FUNCTION",
        "type", "FUNCTION", "function_name", "range", "children", "class",
        "CONSTANT", "type", "VALUE_CONSTANT", "value", "type", "id", "BIGINT",
        "is_null", 0, "value", 3);
    assert_non_null(function);
    json_t *node = json_object_get(tree, "node");
    assert_int_equal(0, json_object_set_new(node, "from_table", function));
    ok(tarn__duck_unparse(*state, tree, &sql, &err), &err);
    assert_string_equal("SELECT x FROM \"range\"(3) AS x", sql);
    tarn__free(sql);
    json_decref(tree);
}

static void a_tree_that_duckdb_cannot_read_is_bad_input(void **state)
{
    json_t *tree = json_pack("{s:{s:s}}", "node", "type", "NIX");
    char *sql;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(
        TARN_BAD_INPUT, tarn__duck_unparse(*state, tree, &sql, &err));
    assert_null(sql);
    json_decref(tree);
}

static void text_that_looks_like_a_carried_integer_stays_text(void **state)
{
    static const char *const sql =
        "SELECT E'\\001int:1234567890123456789', E'\\001', E'\\001\\001int:5', "
        "E'\"\\001int:1234567890123456789\"', 12345678901234567890";
    char *back = round_trip(*state, sql);
    assert_string_equal(
        "SELECT '\001int:1234567890123456789', '\001', '\001\001int:5', "
        "'\"\001int:1234567890123456789\"', 12345678901234567890",
        back);
    tarn__free(back);
}

static void show_tables_is_a_show_ref_without_a_query(void **state)
{
    json_t *node = node_of(*state, "SHOW TABLES");
    const json_t *from = json_object_get(node, "from_table");
    assert_string_equal("SHOW_REF", tarn__json_text(from, "type"));
    assert_string_equal("SHOW_UNQUALIFIED", tarn__json_text(from, "show_type"));
    assert_string_equal("\"tables\"", tarn__json_text(from, "table_name"));
    assert_null(json_object_get(from, "query"));
    json_decref(node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        duck_test(statements_come_back_with_the_same_answer),
        duck_test(what_does_not_read_is_refused),
        duck_test(two_statements_and_none_are_refused),
        duck_test(a_syntax_error_has_its_place),
        duck_test(an_infinite_literal_is_refused),
        duck_test(a_path_with_a_version_is_a_base_table),
        duck_test(a_base_table_may_become_a_function),
        duck_test(a_tree_that_duckdb_cannot_read_is_bad_input),
        duck_test(text_that_looks_like_a_carried_integer_stays_text),
        duck_test(show_tables_is_a_show_ref_without_a_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
