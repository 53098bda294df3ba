/* Time filters leave out versions of a series, and nobody can tell from the
 * answer. */
#include "unit/query/fixture.h"

/* Ten versions, a day each, from 2026-01-01 on; the column's type is given. */
static void put_days(void **state, const char *type)
{
    tarn__duck *duck = NULL;
    const char *path = sandbox_path(state, "day.parquet");
    WORKS(tarn__duck_open(NULL, &duck, e));
    for (int day = 0; day < 10; day++) {
        WORKS(tarn__duck_execf(duck, e,
            "COPY (SELECT (TIMESTAMP '2026-01-01' + INTERVAL (%d + i) HOUR)"
            "::%s AS time, %d + i AS v FROM range(24) t(i)) TO '%s' "
            "(FORMAT parquet)",
            day * 24, type, day * 24, path));
        put_host(state, "/s", TARN_KIND_SERIES, path);
    }
    WORKS(tarn__duck_execf(duck, e,
        "COPY (SELECT (TIMESTAMP '2026-01-01' + INTERVAL (i) HOUR)::%s AS time,"
        " i AS v FROM range(240) t(i)) TO '%s' (FORMAT parquet)",
        type, sandbox_path(state, "all.parquet")));
    tarn__duck_close(duck);
}

static void pushes(void **state, const char *sql, const char *pushed)
{
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    options.explain = true;
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    WORKS(tarn_query(snap, sql, &options, &rows, e));
    assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
    if (strcmp(tarn_rows_text(rows, 2), pushed) != 0)
        fail_msg("%s: '%s' and not '%s'", sql, tarn_rows_text(rows, 2), pushed);
    tarn_rows_free(rows);
    tarn_snapshot_free(snap);
}

static void versions_outside_are_left_out(void **state)
{
    put_days(state, "TIMESTAMP");
    pushes(state, "FROM '/s' WHERE time >= '2026-01-09'",
        "time: 2 of 10 versions");
    pushes(state, "FROM '/s' WHERE '2026-01-09' <= TIME AND v > 3",
        "time: 2 of 10 versions");
    pushes(state,
        "FROM '/s' WHERE time < TIMESTAMP '2026-01-02' AND "
        "s.time > DATE '2025-01-01'",
        "time: 2 of 10 versions");
    pushes(state,
        "FROM '/s' AS x WHERE x.time BETWEEN '2026-01-03' AND "
        "'2026-01-04'",
        "time: 2 of 10 versions");
    pushes(
        state, "FROM '/s' WHERE time = '2026-01-05'", "time: 1 of 10 versions");
    pushes(
        state, "FROM '/s' WHERE time > '2030-01-01'", "time: 0 of 10 versions");
    pushes(state,
        "FROM '/s' JOIN range(3) r(v) USING (v) "
        "WHERE s.time >= '2026-01-09'",
        "time: 2 of 10 versions");
    pushes(state,
        "FROM '/s' AS a LEFT JOIN '/s' AS b USING (v) "
        "WHERE a.time >= '2026-01-09'",
        "time: 2 of 10 versions");
    /* A time of day: a day more on either side. */
    pushes(state, "FROM '/s' WHERE time > '2026-01-09T05:00:00Z'",
        "time: 3 of 10 versions");
}

static void what_is_not_certain_is_not_pushed(void **state)
{
    static const char *const questions[] = {"FROM '/s'",
        "FROM '/s' WHERE v > 3", "FROM '/s' WHERE time > '2026-01-09' OR v = 1",
        "FROM '/s' WHERE NOT (time > '2026-01-09' AND v = 1)",
        "FROM '/s' WHERE time > now() - INTERVAL 1 DAY",
        "FROM '/s' WHERE time > (SELECT TIMESTAMP '2026-01-09')",
        "FROM '/s' WHERE time + INTERVAL 1 DAY > '2026-01-09'",
        "FROM '/s' WHERE time > 'yesterday'",
        "FROM '/s' WHERE x.time > '2026-01-09'",
        "FROM '/s' WHERE time != '2026-01-09'",
        "FROM '/s' TABLESAMPLE 5 ROWS WHERE time > '2026-01-09'",
        "FROM '/s' AS a JOIN '/s' AS b USING (v) WHERE b.time > '2026-01-09'",
        "FROM '/s' AS a JOIN range(3) r(v) USING (v) WHERE time > "
        "'2026-01-09'",
        "FROM '/s' AS a POSITIONAL JOIN '/s' AS b WHERE a.time > '2026-01-09'",
        "FROM '/s' AS a ASOF JOIN '/s' AS b ON a.time >= b.time WHERE "
        "a.time > '2026-01-09'",
        "FROM (FROM '/s') WHERE time > '2026-01-09'",
        "SELECT count(*) FILTER (time > '2026-01-09') FROM '/s'"};
    put_days(state, "TIMESTAMP");
    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
        pushes(state, questions[i], "");
}

static void versions_of_many_schemas_are_all_read(void **state)
{
    put_days(state, "TIMESTAMP");
    put_csv(state, "/s", TARN_KIND_SERIES, "time,v,more\n2026-02-01,1,x\n");
    pushes(state, "FROM '/s' WHERE time < '2026-01-02'", "");
    answers(state, "SELECT DISTINCT more FROM '/s' WHERE time < '2026-01-02'",
        "more\n~\n");
    /* As it was before, they had one. */
    pushes(state, "FROM '/s@10' WHERE time < '2026-01-02'",
        "time: 2 of 10 versions");
}

static void replacing_starts_anew(void **state)
{
    tarn_txn *txn = NULL;
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    put_days(state, "TIMESTAMP");
    put_csv(state, "/s", TARN_KIND_SERIES, "time,w\n2026-02-01,1\n");
    options.as = TARN_KIND_SERIES;
    options.replace = true;
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_put_path(
        txn, "/s", sandbox_path(state, "day.parquet"), &options, NULL, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    put_host(state, "/s", TARN_KIND_SERIES, sandbox_path(state, "day.parquet"));
    pushes(
        state, "FROM '/s' WHERE time < '2026-01-02'", "time: 0 of 2 versions");
    WORKS(tarn_txn_begin(sandbox_user(state), NULL, &txn, e));
    WORKS(tarn_tree_revert(txn, "/s", 11, e));
    WORKS(tarn_txn_commit(txn, NULL, e));
    pushes(state, "FROM '/s' WHERE time < '2026-01-02'", "");
    answers(
        state, "SELECT count(*) AS n, count(w) AS w FROM '/s'", "n|w\n241|1\n");
}

static uint32_t seed_state;

static uint32_t draw(uint32_t below)
{
    seed_state = seed_state * 1664525U + 1013904223U;
    return (seed_state >> 8) % below;
}

static const char *literal(char *out)
{
    static const char *const forms[] = {"'2026-01-%02u'",
        "'2026-01-%02u %02u:00:00'", "TIMESTAMP '2026-01-%02u %02u:30:00'",
        "DATE '2026-01-%02u'", "TIMESTAMPTZ '2026-01-%02u %02u:00:00+05'",
        "'2026-01-%02u %02u:00:00'::DATE", "'2026-01-%02uT%02u:59:59.999Z'"};
    const char *form = forms[draw(sizeof(forms) / sizeof(forms[0]))];
    sprintf(out, form, 1 + draw(14), draw(24));
    return out;
}

static void random_filter(char *out, bool joined)
{
    static const char *const operators[] = {"<", "<=", ">", ">=", "="};
    char a[80];
    char b[80];
    *out = '\0';
    for (uint32_t n = 1 + draw(2); n > 0; n--) {
        const char *time = "time";
        if (joined)
            time = draw(2) == 0 ? "s.time" : "o.time";
        if (draw(4) == 0)
            sprintf(out + strlen(out), "%s BETWEEN %s AND %s", time, literal(a),
                literal(b));
        else if (draw(3) == 0)
            sprintf(out + strlen(out), "%s %s %s", literal(a),
                operators[draw(5)], time);
        else
            sprintf(out + strlen(out), "%s %s %s", time, operators[draw(5)],
                literal(a));
        if (n > 1)
            strcat(out, " AND ");
    }
}

static void question(char *sql, size_t size, const char *relation,
    const char *join, const char *filter)
{
    if (join == NULL)
        snprintf(sql, size,
            "SELECT count(*) * 100000 + coalesce(sum(v), 0)::BIGINT FROM %s "
            "WHERE %s",
            relation, filter);
    else
        snprintf(sql, size,
            "SELECT count(*) * 100000 + coalesce(sum(s.v), 0)::BIGINT + "
            "coalesce(sum(o.v), 0)::BIGINT FROM %s AS s %s JOIN %s AS o "
            "ON s.v = o.v + 50 WHERE %s",
            relation, join, relation, filter);
}

static void filters_have_duckdbs_answers(void **state, const char *type)
{
    static const char *const joins[] = {"INNER", "LEFT", "RIGHT", "FULL"};
    tarn__duck *duck = NULL;
    char theirs[300];
    snprintf(theirs, sizeof(theirs), "read_parquet('%s')",
        sandbox_path(state, "all.parquet"));
    put_days(state, type);
    WORKS(tarn__duck_open(NULL, &duck, e));
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    for (int i = 0; i < 30; i++) {
        char filter[400];
        char sql[1600];
        int64_t wanted;
        bool found;
        tarn_rows *rows = NULL;
        tarn_error err = TARN_ERROR_INIT;
        bool joined = draw(2) == 0;
        const char *join = joins[draw(4)];
        random_filter(filter, joined);
        question(sql, sizeof(sql), theirs, joined ? join : NULL, filter);
        WORKS(tarn__duck_int64(duck, sql, &wanted, &found, e));
        question(sql, sizeof(sql), "'/s'", joined ? join : NULL, filter);
        if (tarn_query(snap, sql, NULL, &rows, &err) != TARN_OK)
            fail_msg("%s: %s", sql, err.message);
        assert_int_equal(tarn_rows_next(rows, NULL), TARN_ROW);
        if (tarn_rows_int64(rows, 0) != wanted)
            fail_msg("%s: %lld and not %lld", sql,
                (long long)tarn_rows_int64(rows, 0), (long long)wanted);
        tarn_rows_free(rows);
    }
    tarn_snapshot_free(snap);
    tarn__duck_close(duck);
}

static void filters_of_timestamps_have_duckdbs_answers(void **state)
{
    seed_state = 1;
    filters_have_duckdbs_answers(state, "TIMESTAMP");
}

static void filters_of_zoned_times_have_duckdbs_answers(void **state)
{
    seed_state = 2;
    filters_have_duckdbs_answers(state, "TIMESTAMPTZ");
}

static void filters_of_dates_have_duckdbs_answers(void **state)
{
    seed_state = 3;
    filters_have_duckdbs_answers(state, "DATE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        lake_test(versions_outside_are_left_out),
        lake_test(what_is_not_certain_is_not_pushed),
        lake_test(versions_of_many_schemas_are_all_read),
        lake_test(replacing_starts_anew),
        lake_test(filters_of_timestamps_have_duckdbs_answers),
        lake_test(filters_of_zoned_times_have_duckdbs_answers),
        lake_test(filters_of_dates_have_duckdbs_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
