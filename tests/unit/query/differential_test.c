/* The same question put to the lake and to DuckDB itself over the same Parquet
 * files has the same answer: names, types, rows. */
#include "unit/query/fixture.h"

#include "base/buf.h"
#include "duck/duck.h"

static tarn__duck *engine(void)
{
    tarn__duck *duck = NULL;
    WORKS(tarn__duck_open(NULL, &duck, e));
    return duck;
}

static char *direct(tarn__duck *duck, const char *sql)
{
    tarn__duck_result *r = NULL;
    tarn_rows *rows = NULL;
    char *text = NULL;
    tarn_error err = TARN_ERROR_INIT;
    /* One that DuckDB makes several statements of cannot be prepared. */
    if (strncmp(sql, "PIVOT", 5) == 0) {
        WORKS(tarn__duck_execf(
            duck, e, "CREATE OR REPLACE TEMP TABLE answer AS %s", sql));
        sql = "FROM answer";
    }
    if (tarn__duck_query(duck, sql, NULL, 0, &r, &err) != TARN_OK)
        fail_msg("%s: %s", sql, err.message);
    WORKS(tarn__duck_rows(r, &rows, e));
    WORKS(rows_text(rows, &text, e));
    tarn_rows_free(rows);
    return text;
}

/* --- union by name --- */

static uint32_t seed_state;

static uint32_t draw(uint32_t below)
{
    seed_state = seed_state * 1664525U + 1013904223U;
    return (seed_state >> 8) % below;
}

/* A column that may be absent, and has one of several types. */
static const char *const pool[][4] = {
    {"i::TINYINT AS a", "i::INTEGER AS a", "i::BIGINT AS a", "i * 0.5 AS a"},
    {"'x' || i AS b", "'y' AS b", "NULL::VARCHAR AS b", "'' AS b"},
    {"i::FLOAT AS c", "i::DOUBLE AS c", "(i * 3)::SMALLINT AS c", "7 AS c"},
    {"DATE '2020-01-01' + i::INT AS d", "DATE '2021-01-01' AS d",
        "NULL::DATE AS d", "TIMESTAMP '2020-02-02' AS d"},
    {"i % 2 = 0 AS e", "true AS e", "NULL::BOOLEAN AS e", "false AS e"},
    {"{'p': i, 'q': 'x'} AS f", "{'p': i} AS f", "{'q': 'y'} AS f",
        "NULL::STRUCT(p INT) AS f"},
    {"[i, i + 1] AS g", "[]::INT[] AS g", "[1.5] AS g", "NULL::INT[] AS g"},
    {"i::DECIMAL(9, 2) AS h", "i::DECIMAL(18, 4) AS h", "i::HUGEINT AS h",
        "i::UTINYINT AS h"},
};
#define POOL (sizeof(pool) / sizeof(pool[0]))

static void one_version(void **state, tarn__duck *duck, int n, char *list)
{
    char columns[1000] = "TIMESTAMPTZ '2026-01-01' + INTERVAL (i) HOUR AS time";
    char name[40];
    for (size_t c = 0; c < POOL; c++)
        if (draw(3) > 0) {
            strcat(columns, ", ");
            strcat(columns, pool[c][draw(4)]);
        }
    snprintf(name, sizeof(name), "v%d.parquet", n);
    const char *path = sandbox_path(state, name);
    WORKS(tarn__duck_execf(duck, e,
        "COPY (SELECT %s FROM range(%u) t(i)) TO '%s' (FORMAT parquet)",
        columns, 1 + draw(20), path));
    put_host(state, "/s", TARN_KIND_SERIES, path);
    sprintf(list + strlen(list), "%s'%s'", n > 0 ? ", " : "", path);
}

static void same(
    void **state, tarn__duck *duck, const char *ours, const char *theirs)
{
    tarn_error err = TARN_ERROR_INIT;
    char *got;
    char *wanted = direct(duck, theirs);
    if (try_ask(state, ours, TARN_LATEST, NULL, &got, &err) != TARN_OK)
        fail_msg("%s: %s", ours, err.message);
    if (strcmp(got, wanted) != 0)
        fail_msg("%s:\n%s\nis not\n%s", ours, got, wanted);
    free(got);
    free(wanted);
}

static void versions_unite_as_duckdb_unites_them(void **state)
{
    static int round;
    tarn__duck *duck = engine();
    char list[4000] = "";
    char theirs[5000];
    seed_state = 20261121U + (uint32_t)round++;
    print_message("seed %u\n", seed_state);
    for (int n = 0; n < 5; n++)
        one_version(state, duck, n, list);
    const char *relation = "read_parquet([%s], union_by_name = true)";
    char from[4500];
    snprintf(from, sizeof(from), relation, list);
    snprintf(theirs, sizeof(theirs), "DESCRIBE FROM %s", from);
    same(state, duck, "DESCRIBE FROM '/s'", theirs);
    snprintf(theirs, sizeof(theirs), "FROM %s ORDER BY ALL", from);
    same(state, duck, "FROM '/s' ORDER BY ALL", theirs);
    snprintf(theirs, sizeof(theirs),
        "SELECT count(*), max(time) FROM %s WHERE time >= '2026-01-01 05:00'",
        from);
    same(state, duck,
        "SELECT count(*), max(time) FROM '/s' WHERE time >= "
        "'2026-01-01 05:00'",
        theirs);
    tarn__duck_close(duck);
}

/* --- questions --- */

/* %A and %B stand for the relations. */
static const char *const questions[] = {
    "SELECT count(*) FROM %A",
    "SELECT k, sum(v) AS s, avg(v), min(name), max(ts) FROM %A GROUP BY k "
    "ORDER BY k",
    "SELECT * FROM %A WHERE v BETWEEN 100 AND 130 ORDER BY id",
    "SELECT a.id, b.label FROM %A AS a JOIN %B AS b ON a.k = b.k "
    "WHERE b.label LIKE 'l%' ORDER BY ALL LIMIT 20",
    "SELECT k, label FROM %A AS a RIGHT JOIN %B AS b USING (k) GROUP BY ALL "
    "ORDER BY ALL",
    "SELECT id, row_number() OVER (PARTITION BY k ORDER BY v DESC) AS r "
    "FROM %A QUALIFY r <= 2 ORDER BY ALL",
    "WITH t AS (SELECT k, count(*) AS n FROM %A GROUP BY k) "
    "SELECT label, n FROM t JOIN %B AS b USING (k) ORDER BY n, label",
    "SELECT id FROM %A WHERE k IN (SELECT k FROM %B WHERE label > 'l2') "
    "ORDER BY id LIMIT 5",
    "SELECT k FROM %A EXCEPT SELECT k FROM %B ORDER BY 1",
    "SELECT date_trunc('day', ts) AS d, count(DISTINCT k) FROM %A GROUP BY d "
    "ORDER BY d LIMIT 7",
    "SELECT list(id ORDER BY id)[:3], string_agg(name, '-' ORDER BY id)[:9] "
    "FROM %A",
    "FROM %A SELECT * EXCLUDE (ts) REPLACE (v * 2 AS v) ORDER BY id LIMIT 3",
    "SELECT COLUMNS('^[ik]') FROM %A ORDER BY 1 LIMIT 3",
    "SELECT k, v FROM %A WHERE name IS NULL ORDER BY ALL LIMIT 4",
    "SELECT (SELECT max(v) FROM %A x WHERE x.k = b.k) AS m, label FROM %B AS b "
    "ORDER BY ALL",
    "SELECT approx_count_distinct(k), median(v), quantile_cont(v, 0.9) FROM %A",
    "SELECT k, grouping(k) AS g, sum(v) FROM %A GROUP BY ROLLUP (k) ORDER BY "
    "ALL",
    "PIVOT (SELECT k, id % 2 AS odd, v FROM %A) ON odd USING sum(v) ORDER BY k",
    "SELECT * FROM (UNPIVOT (SELECT id, k, v::BIGINT AS w FROM %A) ON k, w) "
    "ORDER BY ALL LIMIT 5",
    "SELECT a.id FROM %A AS a ASOF JOIN %B AS b ON a.k >= b.k ORDER BY ALL "
    "LIMIT 5",
    "SELECT s.x, s['y'] FROM (SELECT {'x': id, 'y': name} AS s FROM %A) "
    "ORDER BY ALL LIMIT 3",
    "SELECT TRY_CAST(name AS INTEGER), coalesce(name, '?'), v::DECIMAL(9, 1) "
    "AS v "
    "FROM %A ORDER BY id LIMIT 5",
    "DESCRIBE FROM %A",
    "SELECT column_name, min, max, null_percentage FROM (SUMMARIZE FROM %A)",
    "SELECT 0.1 + 0.2 = 0.3, 0.1e0 + 0.2e0 = 0.3e0 AS d, 18446744073709551615, "
    "1e300 AS e, 'it''s', TRUE, NULL, DATE '2020-02-29', INTERVAL 3 DAY AS i "
    "FROM "
    "%B "
    "LIMIT 1",
    "SELECT DISTINCT ON (k) k, id FROM %A ORDER BY k, id DESC",
    "SELECT max(v) FILTER (WHERE k > 2), count(*) FILTER (name IS NULL) FROM "
    "%A",
    "SELECT id FROM %A ORDER BY v DESC, id LIMIT 3 OFFSET 2",
    "SELECT sum(v) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) "
    "FROM %A ORDER BY id LIMIT 4",
    "WITH RECURSIVE r(n) AS (SELECT min(id) FROM %A UNION ALL SELECT n + 1 "
    "FROM r WHERE n < 5) SELECT r.n, a.v FROM r JOIN %A AS a ON a.id = r.n "
    "ORDER BY 1",
};

/* `%` before anything but A and B stands for itself. */
static char *fill(const char *question, const char *a, const char *b)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);
    for (const char *p = question; *p != '\0'; p++) {
        if (p[0] == '%' && (p[1] == 'A' || p[1] == 'B'))
            fputs(*++p == 'A' ? a : b, f);
        else
            fputc(*p, f);
    }
    fclose(f);
    return text;
}

static void questions_have_duckdbs_answers(void **state)
{
    tarn__duck *duck = engine();
    const char *a1 = sandbox_path(state, "a1.parquet");
    const char *a2 = sandbox_path(state, "a2.parquet");
    const char *b = sandbox_path(state, "b.parquet");
    char list[1000];
    char one[500];
    static const char *const make =
        "COPY (SELECT i AS id, i %% 5 AS k, i * 1.25 AS v, "
        "CASE WHEN i %% 7 > 0 THEN 'n' || i END AS name, "
        "TIMESTAMPTZ '2026-01-01' + INTERVAL (i) HOUR AS ts "
        "FROM range(%d, %d) t(i)) TO '%s' (FORMAT parquet)";
    WORKS(tarn__duck_execf(duck, e, make, 0, 300, a1));
    WORKS(tarn__duck_execf(duck, e, make, 300, 500, a2));
    WORKS(tarn__duck_execf(duck, e,
        "COPY (SELECT i AS k, 'l' || i AS label FROM range(1, 7) t(i)) TO '%s' "
        "(FORMAT parquet)",
        b));
    put_host(state, "/a.series", TARN_KIND_SERIES, a1);
    put_host(state, "/a.series", TARN_KIND_SERIES, a2);
    put_host(state, "/b", TARN_KIND_TABLE, b);
    snprintf(list, sizeof(list),
        "read_parquet(['%s', '%s'], union_by_name = true)", a1, a2);
    snprintf(one, sizeof(one), "read_parquet('%s')", b);
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
        char *ours = fill(questions[i], "'/a.series'", "'/b'");
        char *theirs = fill(questions[i], list, one);
        same(state, duck, ours, theirs);
        free(ours);
        free(theirs);
    }
    tarn__duck_close(duck);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(versions_unite_as_duckdb_unites_them),
        lake_test(versions_unite_as_duckdb_unites_them),
        lake_test(versions_unite_as_duckdb_unites_them),
        lake_test(versions_unite_as_duckdb_unites_them),
        lake_test(questions_have_duckdbs_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
