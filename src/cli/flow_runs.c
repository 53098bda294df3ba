/* tarn flow runs, logs, show, gc */
#include <string.h>

#include "cli/commands.h"
#include "cli/flow_run.h"

const char **tarn__cli_flow_params(const cli_args *args, size_t *count)
{
    const char **params =
        tarn__cli_alloc((args->set_count + 1) * sizeof(*params));
    *count = 0;
    for (size_t i = 0; i < args->set_count; i++)
        if (strcmp(args->set[i].flag->name, "param") == 0)
            params[(*count)++] = args->set[i].value;
    return params;
}

static tarn_status runs_dir(
    cli_ctx *ctx, const cli_args *args, char **dir, tarn_error *err)
{
    char *lake = NULL;
    *dir = NULL;
    tarn_status st = tarn__cli_find_lake(ctx, &lake, err);
    if (st == TARN_OK)
        st = tarn_flow_runs_dir(
            tarn__cli_value(args, "runs"), lake, NULL, dir, err);
    tarn__cli_free(lake);
    return st;
}

typedef tarn_status (*listing)(
    const char *runs_dir, const char *run, tarn_rows **out, tarn_error *err);

static tarn_status list(
    cli_ctx *ctx, const cli_args *args, listing of, tarn_error *err)
{
    char *dir;
    tarn_rows *rows;
    tarn_status st = runs_dir(ctx, args, &dir, err);
    if (st != TARN_OK)
        return st;
    st = of(dir, args->word_count == 0 ? NULL : args->words[0], &rows, err);
    tarn_free(dir);
    return st == TARN_OK
        ? tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err)
        : st;
}

static tarn_status all_runs(
    const char *dir, const char *run, tarn_rows **out, tarn_error *err)
{
    (void)run;
    return tarn_flow_runs(dir, out, err);
}

static tarn_status run_runs(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    return list(ctx, args, all_runs, err);
}

static const cli_flag runs_flags[] = {CLI_RUNS_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_runs = {.name = "flow runs",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "[--runs DIR]",
    .summary = "runs of flows",
    .help = "Prints run, flow, status, when it started, seconds, how many "
            "steps succeeded, and rows; the newest first. A run that is at "
            "work has the status running; one that was killed, failed.",
    .example = "tarn flow runs",
    .flags = runs_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_runs};

static tarn_status run_show(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    return list(ctx, args, tarn_flow_show, err);
}

const cli_command tarn__cli_flow_show = {.name = "flow show",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "RUN|last [--runs DIR]",
    .summary = "the steps of a run",
    .help = "Prints step, component, mode, status, rows, seconds, attempts "
            "and error of each step of a run; last is the newest run.",
    .example = "tarn flow show last",
    .flags = runs_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_show};

static tarn_status run_logs(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    bool metrics = tarn__cli_has(args, "metrics");
    if (metrics && tarn__cli_has(args, "events"))
        return tarn__cli_fail(err, TARN_INVALID,
            "flow logs: --events and --metrics are two listings (take one)");
    return list(ctx, args, metrics ? tarn_flow_metrics : tarn_flow_events, err);
}

static const cli_flag logs_flags[] = {
    {"events", 0, NULL, "what happened (the default)"},
    {"metrics", 0, NULL, "what was measured"}, CLI_RUNS_FLAG,
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_logs = {.name = "flow logs",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "RUN|last [--events|--metrics] [--runs DIR]",
    .summary = "events or metrics of a run",
    .help = "Prints run, ts, event, step and fields of each event, or run, "
            "ts, step, metric and value of each metric, in order of time; "
            "last is the newest run.",
    .example = "tarn flow logs last --metrics",
    .flags = logs_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_logs};

static tarn_status run_gc(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_flow_gc_options options = TARN_FLOW_GC_OPTIONS_INIT;
    int64_t version = -1;
    char *lake = NULL;
    char *dir = NULL;
    tarn_rows *rows;
    tarn_status st = tarn__cli_duration(args, "keep", &options.keep_us, err);
    if (st == TARN_OK)
        st = tarn__cli_find_lake(ctx, &lake, err);
    if (st == TARN_OK)
        st = tarn_flow_runs_dir(
            tarn__cli_value(args, "runs"), lake, NULL, &dir, err);
    options.lake_dir = lake;
    options.dry_run = tarn__cli_has(args, "dry-run");
    options.wait_us = ctx->settings.wait_us;
    options.message = ctx->settings.message;
    options.argv = (const char *const *)ctx->masked;
    if (st == TARN_OK)
        st = tarn_flow_gc(dir, &options, &version, &rows, err);
    tarn_free(dir);
    tarn__cli_free(lake);
    if (version >= 0)
        tarn__cli_committed(ctx, version);
    return st == TARN_OK
        ? tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err)
        : st;
}

static const cli_flag gc_flags[] = {
    {"keep", 0, "AGE", "runs that ended so recently stay (30d)"},
    {"dry-run", 0, NULL, "say what would go, remove nothing"}, CLI_RUNS_FLAG,
    {"message", 'm', "TEXT", "stands in the lake's log"},
    {"version-file", 0, "FILE", "the lake's new version is written here"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_gc = {.name = "flow gc",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "[--keep AGE] [--dry-run] [--runs DIR]",
    .summary = "remove old runs",
    .help = "Removes runs that ended longer ago than --keep, their folders "
            "and what the lake's state says of them; what they wrote to files, "
            "databases and the lake stays. Runs at work are left alone, and so "
            "is the newest run of a flow while it has not succeeded: --resume "
            "goes on with it. Prints run, flow, started and bytes of each.",
    .example = "tarn flow gc --keep 7d",
    .flags = gc_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_gc};
