/* Questions about users over time: funnels, retention, segments. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "event/table.h"

#define MAX_STEPS 20

/* Text with parts put in: `@` the table, `#` a quoted text, `%` a number. */
static tarn_status add(tarn_buf *sql, tarn_error *err, const char *format,
    const char *table, const char *text, int64_t number)
{
    tarn_status st = TARN_OK;
    for (const char *at = format; st == TARN_OK && *at != '\0'; at++) {
        if (*at == '@')
            st = tarn_store_quote_name(sql, table, err);
        else if (*at == '#')
            st = tarn_store_quote_text(sql, text, err);
        else if (*at == '%')
            st = tarn__buf_printf(sql, err, "%lld", (long long)number);
        else
            st = tarn__buf_char(sql, *at, err);
    }
    return st;
}

static tarn_status check_unit(
    const char *unit, const char *const *units, tarn_error *err)
{
    for (const char *const *u = units; *u != NULL; u++)
        if (strcmp(*u, unit) == 0)
            return TARN_OK;
    return tarn__fail(err, TARN_INVALID,
        "--unit %s: is no unit here (take day, week or month)", unit);
}

static tarn_status check_funnel(const tarn_event_funnel *f, tarn_error *err)
{
    if (f->step_count < 2 || f->step_count > MAX_STEPS)
        return tarn__fail(err, TARN_INVALID,
            "--steps: a funnel has 2 to %d steps (write --steps A,B,C)",
            MAX_STEPS);
    for (size_t i = 0; i < f->step_count; i++)
        if (f->steps[i][0] == '\0')
            return tarn__fail(err, TARN_INVALID,
                "--steps: step %zu has no name (write --steps A,B,C)", i + 1);
    if (f->window_us <= 0)
        return tarn__fail(
            err, TARN_INVALID, "--window: is no time (write --window 7d)");
    return TARN_OK;
}

/* Events of the steps, in a user's order: of one time, the earlier step
 * first. */
static tarn_status funnel_events(tarn_store *store, const char *name,
    const tarn_event_funnel *f, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = add(sql, err,
        "WITH e AS (SELECT distinct_id, event_time AS t, event_name AS e", name,
        NULL, 0);
    if (st == TARN_OK && f->by != NULL) {
        st = tarn__buf_str(sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__event_table_property(store, name, f->by, sql, err);
        if (st == TARN_OK)
            st = tarn__buf_str(sql, " AS value", err);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(sql, ", CASE event_name", err);
    for (size_t i = 0; st == TARN_OK && i < f->step_count; i++)
        st = add(sql, err, " WHEN # THEN %", name, f->steps[i], (int64_t)i + 1);
    if (st == TARN_OK)
        st = add(
            sql, err, " END AS k FROM @ WHERE event_name IN (", name, NULL, 0);
    for (size_t i = 0; st == TARN_OK && i < f->step_count; i++)
        st = add(sql, err, i == 0 ? "#" : ", #", name, f->steps[i], 0);
    return st == TARN_OK ? tarn__buf_str(sql, ")", err) : st;
}

/* s1: an event of the first step starts at its own time.  s<k>: an event of
 * step k carries the latest start of those that reached step k-1 before it,
 * if the window still holds; the latest start leaves the most room. */
static tarn_status funnel_step(
    const tarn_event_funnel *f, size_t k, tarn_buf *sql, tarn_error *err)
{
    int64_t n = (int64_t)k;
    const char *step = f->steps[k - 1];
    const char *value = f->by == NULL ? "" : ", value";
    if (k == 1)
        return add(sql, err,
            f->by == NULL
                ? "), s1 AS (SELECT distinct_id, t, e, k, CASE WHEN e = # "
                  "THEN t END AS s FROM e"
                : "), s1 AS (SELECT distinct_id, t, e, k, CASE WHEN e = # "
                  "THEN t END AS s, value FROM e",
            NULL, step, 0);
    tarn_status st = add(sql, err,
        "), s% AS (SELECT distinct_id, t, e, k, "
        "CASE WHEN e = # AND t - w <= "
        "to_microseconds(",
        NULL, step, n);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "%lld) THEN w END AS s%s FROM (SELECT *, max(s) OVER (PARTITION "
            "BY distinct_id%s ORDER BY t, k ROWS BETWEEN UNBOUNDED PRECEDING "
            "AND 1 PRECEDING) AS w FROM s%zu)",
            (long long)f->window_us, value, value, k - 1);
    return st;
}

tarn_status tarn_event_funnel_sql(tarn_store *store, const char *name,
    const tarn_event_funnel *f, tarn_buf *sql, tarn_error *err)
{
    tarn__event_table_kind kind;
    const char *value = f->by == NULL ? "" : ", value";
    tarn_status st = check_funnel(f, err);
    if (st == TARN_OK)
        st = tarn__event_table_need(store, name, true, &kind, err);
    if (st == TARN_OK)
        st = funnel_events(store, name, f, sql, err);
    for (size_t k = 1; st == TARN_OK && k <= f->step_count; k++)
        st = funnel_step(f, k, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "), r AS (", err);
    for (size_t k = 1; st == TARN_OK && k <= f->step_count; k++) {
        st = tarn__buf_printf(
            sql, err, "%sSELECT %zu AS step, ", k == 1 ? "" : " UNION ALL ", k);
        if (st == TARN_OK)
            st = add(sql, err, "# AS event, ", NULL, f->steps[k - 1], 0);
        if (st == TARN_OK)
            st = tarn__buf_printf(sql, err,
                "count(DISTINCT distinct_id) FILTER (s IS NOT NULL) AS "
                "users%s FROM s%zu%s",
                value, k, f->by == NULL ? "" : " GROUP BY value");
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            ") SELECT step, event, users, coalesce(round(users / "
            "nullif(first_value(users) OVER (%s ORDER BY step), 0), 4), 0) AS "
            "rate%s FROM r ORDER BY %sstep",
            f->by == NULL ? "" : "PARTITION BY value", value,
            f->by == NULL ? "" : "value, ");
    return st;
}

tarn_status tarn_event_retention_sql(tarn_store *store, const char *name,
    const tarn_event_retention *r, tarn_buf *sql, tarn_error *err)
{
    static const char *const units[] = {"day", "week", "month", NULL};
    tarn__event_table_kind kind;
    tarn_status st = check_unit(r->unit, units, err);
    if (st == TARN_OK && (r->periods < 1 || r->periods > 1000))
        st = tarn__fail(err, TARN_INVALID,
            "--periods %d: is not from 1 to 1000", r->periods);
    if (st == TARN_OK)
        st = tarn__event_table_need(store, name, true, &kind, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "WITH f AS (SELECT distinct_id, min(event_time) AS t, "
            "date_trunc('%s', min(event_time)) AS cohort FROM ",
            r->unit);
    if (st == TARN_OK)
        st = add(sql, err,
            "@ WHERE event_name = # GROUP BY distinct_id), c AS (SELECT "
            "cohort, count(*) AS users FROM f GROUP BY cohort), ",
            name, r->first, 0);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "b AS (SELECT f.cohort, date_diff('%s', f.cohort, "
            "date_trunc('%s', e.event_time)) AS period, count(DISTINCT "
            "f.distinct_id) AS returned FROM f JOIN ",
            r->unit, r->unit);
    if (st == TARN_OK)
        st = add(sql, err,
            "@ e ON e.distinct_id = f.distinct_id AND e.event_time >= f.t "
            "WHERE e.event_name = # GROUP BY ALL), p AS (SELECT cohort, "
            "users, unnest(range(%)) AS period FROM c) ",
            name, r->again, r->periods);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "SELECT p.cohort::DATE AS cohort, p.users, p.period, "
            "coalesce(b.returned, 0) AS returned, round(coalesce(b.returned, "
            "0) / p.users, 4) AS rate FROM p LEFT JOIN b ON b.cohort = "
            "p.cohort AND b.period = p.period WHERE p.cohort + p.period * "
            "INTERVAL 1 %s <= (SELECT max(event_time) FROM ",
            r->unit);
    if (st == TARN_OK)
        st = add(sql, err, "@) ORDER BY 1, 3", name, NULL, 0);
    return st;
}

tarn_status tarn_event_segment_sql(tarn_store *store, const char *name,
    const tarn_event_segment *s, tarn_buf *sql, tarn_error *err)
{
    static const char *const units[] = {
        "minute", "hour", "day", "week", "month", "quarter", "year", NULL};
    tarn__event_table_kind kind;
    tarn_status st = check_unit(s->unit, units, err);
    if (st == TARN_OK)
        st = tarn__event_table_need(store, name, true, &kind, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            "SELECT date_trunc('%s', event_time)::TIMESTAMP AS time, ",
            s->unit);
    if (st == TARN_OK)
        st = s->by == NULL
            ? tarn__buf_str(sql, "NULL::VARCHAR", err)
            : tarn__event_table_property(store, name, s->by, sql, err);
    if (st == TARN_OK)
        st = add(sql, err,
            " AS value, count(*) AS count, count(DISTINCT distinct_id) AS "
            "users FROM @ WHERE event_name = # GROUP BY ALL ORDER BY time, "
            "count DESC, value",
            name, s->event, 0);
    return st;
}
