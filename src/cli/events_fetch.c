/* tarn events fetch */
#include <string.h>

#include "cli/commands.h"
#include "cli/events.h"
#include "cli/host.h"

static tarn_status read_options(
    const cli_args *args, tarn_event_fetch_options *o, tarn_error *err)
{
    int64_t workers = 3;
    int64_t days = 7;
    bool append = tarn__cli_has(args, "append");
    bool replace = tarn__cli_has(args, "replace");
    if (append && replace)
        return tarn__cli_fail(err, TARN_INVALID,
            "--append and --replace: do not go together (take one)");
    o->mode = append ? TARN_EVENT_APPEND
        : replace    ? TARN_EVENT_REPLACE
                     : TARN_EVENT_CREATE;
    o->profiles = tarn__cli_has(args, "profiles");
    o->from = tarn__cli_value(args, "from");
    o->to = tarn__cli_value(args, "to");
    o->where = tarn__cli_value(args, "where");
    o->base_url = tarn__cli_value(args, "base-url");
    o->user = tarn__cli_env("TARN_EVENTS_USER");
    o->secret = tarn__cli_env("TARN_EVENTS_SECRET");
    if (o->user == NULL || o->secret == NULL)
        return tarn__cli_fail(err, TARN_INVALID,
            "events fetch: there are no credentials (set TARN_EVENTS_USER and "
            "TARN_EVENTS_SECRET)");
    if (!o->profiles && (o->from == NULL || o->to == NULL))
        return tarn__cli_fail(err, TARN_INVALID,
            "events fetch: --from and --to are needed (write --from "
            "2024-01-01 --to 2024-01-31)");
    tarn_status st = tarn__cli_number(args, "workers", 1, 100, &workers, err);
    if (st == TARN_OK)
        st = tarn__cli_number(args, "chunk-days", 1, 100, &days, err);
    o->workers = (int)workers;
    o->chunk_days = (int)days;
    return st;
}

static tarn_status fetch(cli_ctx *ctx, const cli_args *args,
    const tarn_event_fetch_options *o, tarn_error *err)
{
    tarn_store *store;
    tarn_event_counts counts;
    tarn_status st = tarn__cli_store(ctx, args, CLI_STORE_MAKE, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_event_fetch(store, args->words[0], o, &counts, err);
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    tarn_store_free(store);
    tarn__cli_progress_clear(ctx->progress);
    return st == TARN_OK ? tarn__cli_print_counts(ctx, &counts, err) : st;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_event_fetch_options o = TARN_EVENT_FETCH_OPTIONS_INIT;
    tarn_status st = read_options(args, &o, err);
    if (st != TARN_OK)
        return st;
    const char **events =
        tarn__cli_alloc((args->set_count + 1) * sizeof(*events));
    for (size_t i = 0; i < args->set_count; i++)
        if (strcmp(args->set[i].flag->name, "event") == 0)
            events[o.event_count++] = args->set[i].value;
    o.events = events;
    o.progress = tarn__cli_progress_step;
    o.arg = ctx->progress;
    st = fetch(ctx, args, &o, err);
    tarn__cli_free(events);
    return st;
}

static const cli_flag flags[] = {CLI_STORE_FLAGS,
    {"from", 0, "DAY", "the first day, such as 2024-01-01"},
    {"to", 0, "DAY", "the last day"},
    {"event", 0, "E", "the event that is meant; may be given again"},
    {"where", 0, "X", "the service's own filter"},
    {"profiles", 0, NULL, "fetch profiles, not events"},
    {"append", 0, NULL, "add what is new to a table that is there"},
    {"replace", 0, NULL, "put a new version in place of what is there"},
    {"workers", 0, "N", "requests at a time (3)"},
    {"chunk-days", 0, "N", "days a request (7)"},
    {"base-url", 0, "URL", "where the service is"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_fetch = {.name = "events fetch",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "fetch events or profiles from an export API",
    .help = "Fetches days of events, or all profiles, from an export API and "
            "loads them, all or nothing. The credentials are those of a "
            "service account, in TARN_EVENTS_USER and TARN_EVENTS_SECRET."
            "\n\nWhat was fetched before something failed lies in "
            "STORE.fetch/: the same command again fetches only what is "
            "missing.",
    .example = "tarn events fetch events --from 2024-01-01 --to 2024-01-31 "
               "--db web.db",
    .flags = flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run};
