/* tarn flow run */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/flow_run.h"

static void note(void *arg, const char *line)
{
    tarn__cli_note(arg, "%s", line);
}

/* The lake that is named, or found; without one a flow runs too. */
tarn_status tarn__cli_find_lake(cli_ctx *ctx, char **dir, tarn_error *err)
{
    *dir = NULL;
    if (ctx->settings.lake != NULL) {
        *dir = tarn__cli_strdup(ctx->settings.lake);
        return TARN_OK;
    }
    char *found = NULL;
    tarn_status st = tarn_lake_find(".", &found, err);
    if (st == TARN_OK)
        *dir = tarn__cli_strdup(found);
    tarn_free(found);
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

static tarn_status print(
    cli_ctx *ctx, const tarn_flow_result *r, tarn_error *err)
{
    static const cli_column columns[] = {{"run", TARN_TEXT, false},
        {"status", TARN_TEXT, false}, {"steps", TARN_INT64, true},
        {"rows", TARN_INT64, true}, {"seconds", TARN_DOUBLE, true}};
    char steps[32];
    char rows[32];
    char seconds[32];
    (void)snprintf(steps, sizeof(steps), "%lld", (long long)r->steps);
    (void)snprintf(rows, sizeof(rows), "%lld", (long long)r->rows);
    (void)snprintf(seconds, sizeof(seconds), "%.3f", r->seconds);
    const cli_cell cells[] = {{r->run[0] == '\0', tarn_str(r->run)},
        {false, tarn_str(r->status)}, {false, tarn_str(steps)},
        {false, tarn_str(rows)}, {false, tarn_str(seconds)}};
    cli_writer writer;
    tarn__cli_progress_clear(ctx->progress);
    tarn_status st =
        tarn__cli_writer_open(&writer, ctx, CLI_FORMAT_AUTO, columns, 5, err);
    if (st != TARN_OK)
        return st;
    tarn__cli_writer_row(&writer, cells);
    return tarn__cli_writer_close(&writer, TARN_OK, err);
}

/* What was found is wanted also when the run failed. */
static tarn_status print_failed(
    cli_ctx *ctx, const tarn_flow_result *r, tarn_status st)
{
    if (print(ctx, r, NULL) == TARN_OK) {
        cli_out *out = ctx->out;
        ctx->out = NULL;
        (void)!tarn__cli_out_finish(out, NULL);
    }
    return st;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_flow_run_options o = TARN_FLOW_RUN_OPTIONS_INIT;
    tarn_flow_result result;
    char *lake = NULL;
    const char **params = NULL;
    int64_t jobs = 0;
    tarn_status st = tarn__cli_number(args, "jobs", 1, 256, &jobs, err);
    if (st == TARN_OK)
        st = tarn__cli_find_lake(ctx, &lake, err);
    if (st != TARN_OK)
        return st;
    params = tarn__cli_flow_params(args, &o.flow.param_count);
    o.flow.params = params;
    o.flow.profile = tarn__cli_value(args, "profile");
    o.flow.connections = tarn__cli_value(args, "connections");
    o.lake_dir = lake;
    o.runs_dir = tarn__cli_value(args, "runs");
    o.target = tarn__cli_value(args, "target");
    o.resume = tarn__cli_value(args, "resume");
    o.jobs = (int)jobs;
    o.dry_run = tarn__cli_has(args, "dry-run");
    o.full = tarn__cli_has(args, "full");
    o.memory_bytes = ctx->settings.memory_bytes;
    o.threads = ctx->settings.threads;
    o.wait_us = ctx->settings.wait_us;
    o.message = ctx->settings.message;
    o.argv = (const char *const *)ctx->masked;
    o.tenant = ctx->settings.tenant;
    o.progress = tarn__cli_progress_step;
    o.progress_arg = ctx->progress;
    o.note = note;
    o.note_arg = ctx;
    st = tarn_flow_run(args->words[0], &o, &result, err);
    if (result.version >= 0)
        tarn__cli_committed(ctx, result.version);
    if (st == TARN_OK)
        st = print(ctx, &result, err);
    else if (result.run[0] != '\0')
        st = print_failed(ctx, &result, st);
    tarn__cli_free(params);
    tarn__cli_free(lake);
    return st;
}

static const cli_flag flags[] = {CLI_FLOW_FILE_FLAGS,
    {"target", 0, "T",
        "local (the default), worker, worker:CMD, such as 'worker:ssh host "
        "tarn worker', or adbc:NAME, an engine that runs the SQL"},
    {"jobs", 'j', "N", "steps at the same time (as many as processors)"},
    {"resume", 0, "RUN", "go on with a run that ended early; last: the newest"},
    {"dry-run", 0, NULL, "check, and say what would run; touch nothing"},
    {"full", 0, NULL, "do not look at stored cursors"}, CLI_RUNS_FLAG,
    {"message", 'm', "TEXT", "stands in the lake's log"},
    {"version-file", 0, "FILE", "the lake's new version is written here"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_run = {.name = "flow run",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "FILE [--param NAME=VALUE] [--target T] [--resume RUN]",
    .summary = "run a flow, or go on with a run",
    .help = "Runs the steps of a flow, those that need nothing of each other "
            "at the same time, and prints run, status, steps, rows and "
            "seconds. What goes to a lake is committed once, when every step "
            "has succeeded.\n\n"
            "The run's folder is RUNS/YYYYMMDD-HHMMSS-FLOW-xxxx, where RUNS is "
            "the lake's runs/, without a lake .tarn/runs/ beside the file, or "
            "--runs DIR. A run that failed, was cancelled or killed goes on "
            "with --resume: steps that are finished and unchanged are not run "
            "again. It has the params and the profile that the run was given; "
            "those given now go before them, and secrets are given again.\n\n"
            "With --target adbc:NAME the steps of SQL that transform are made "
            "in an existing engine, by its ADBC driver: NAME is a connection "
            "of kind adbc in connections.yaml, with driver (a shared library), "
            "entrypoint, uri, username, password and options. Each gets what "
            "it needs as temporary tables there, and its result comes back.",
    .example = "tarn flow run top-routes.yaml --param min_delay=30",
    .flags = flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run};
