/* tarn events funnel, retention, segment */
#include "cli/commands.h"
#include "cli/events.h"

static tarn_status need(
    const cli_args *args, const char *flag, const char **out, tarn_error *err)
{
    *out = tarn__cli_value(args, flag);
    if (*out != NULL)
        return TARN_OK;
    return tarn__cli_fail(err, TARN_INVALID,
        "%s: --%s is missing (tarn help %s)", args->command->name, flag,
        args->command->name);
}

static tarn_status finish(cli_ctx *ctx, const cli_args *args, tarn_store *store,
    tarn_buf *sql, tarn_status st, tarn_error *err)
{
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn__cli_answer(ctx, args, store, sql, err);
    tarn_buf_reset(sql);
    tarn_store_free(store);
    return st;
}

static tarn_status run_funnel(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    const char *steps;
    tarn_store *store;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_event_funnel funnel = {
        .window_us = INT64_C(604800000000), .by = tarn__cli_value(args, "by")};
    tarn_status st = need(args, "steps", &steps, err);
    if (st == TARN_OK)
        st = tarn__cli_duration(args, "window", &funnel.window_us, err);
    if (st == TARN_OK)
        st = tarn__cli_store(ctx, args, CLI_STORE_READ, &store, err);
    if (st != TARN_OK)
        return st;
    const char **parts = tarn__cli_parts(steps, &funnel.step_count);
    funnel.steps = parts;
    st = tarn_event_funnel_sql(store, args->words[0], &funnel, &sql, err);
    tarn__cli_free(parts);
    return finish(ctx, args, store, &sql, st, err);
}

static const cli_flag funnel_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"steps", 0, "A,B,C", "events in their order"},
    {"window", 0, "TIME", "from the first step to the last (7d)"},
    {"by", 0, "PROPERTY", "one answer for each of its values"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_funnel = {.name = "events funnel",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "how many users go from step to step",
    .help = "Prints for each step how many users reached it after the steps "
            "before it, in order and within the window from the first one, "
            "and their share of those of the first step. With --by, the steps "
            "must have one value of the property, which is a column more.",
    .example = "tarn events funnel events --steps signup,search,purchase "
               "--window 7d --db web.db",
    .flags = funnel_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_funnel};

static tarn_status run_retention(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_store *store;
    tarn_buf sql = TARN_BUF_INIT;
    int64_t periods = 8;
    const char *unit = tarn__cli_value(args, "unit");
    tarn_event_retention r = {.unit = unit == NULL ? "day" : unit};
    tarn_status st = need(args, "first", &r.first, err);
    if (st == TARN_OK)
        st = need(args, "return", &r.again, err);
    if (st == TARN_OK)
        st = tarn__cli_number(args, "periods", 1, 1000, &periods, err);
    if (st == TARN_OK)
        st = tarn__cli_store(ctx, args, CLI_STORE_READ, &store, err);
    if (st != TARN_OK)
        return st;
    r.periods = (int)periods;
    st = tarn_event_retention_sql(store, args->words[0], &r, &sql, err);
    return finish(ctx, args, store, &sql, st, err);
}

static const cli_flag retention_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"first", 0, "E", "the event that makes a user one of a cohort"},
    {"return", 0, "E", "the event that says that the user is back"},
    {"unit", 0, "UNIT", "day, week or month (day)"},
    {"periods", 0, "N", "how many units to follow a cohort (8)"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_retention = {.name = "events retention",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "how many users come back",
    .help = "A cohort is the users whose first --first event is in one unit "
            "of time. Prints for each cohort and each period after it how "
            "many of its users have a --return event there, as a number and "
            "as a share; periods that begin after the newest event are left "
            "out.",
    .example = "tarn events retention events --first signup --return login "
               "--unit week --db web.db",
    .flags = retention_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_retention};

static tarn_status run_segment(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_store *store;
    tarn_buf sql = TARN_BUF_INIT;
    const char *unit = tarn__cli_value(args, "unit");
    tarn_event_segment s = {
        .by = tarn__cli_value(args, "by"), .unit = unit == NULL ? "day" : unit};
    tarn_status st = need(args, "event", &s.event, err);
    if (st == TARN_OK)
        st = tarn__cli_store(ctx, args, CLI_STORE_READ, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_event_segment_sql(store, args->words[0], &s, &sql, err);
    return finish(ctx, args, store, &sql, st, err);
}

static const cli_flag segment_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"event", 0, "E", "the event that is meant"},
    {"by", 0, "PROPERTY", "one answer for each of its values"},
    {"unit", 0, "UNIT",
        "minute, hour, day, week, month, quarter or year (day)"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_segment = {.name = "events segment",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "one event over time",
    .help = "Prints for each unit of time, and each value of a property with "
            "--by, how often the event happened and to how many users.",
    .example = "tarn events segment events --event purchase --by country "
               "--unit week --db web.db",
    .flags = segment_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_segment};
