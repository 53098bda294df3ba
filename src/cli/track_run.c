/* tarn track run, status: in the lake. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/rows.h"
#include "cli/track.h"

static tarn_status print_result(
    cli_ctx *ctx, const tarn_track_run_result *r, tarn_error *err)
{
    cli_number_cell cells[] = {
        tarn__cli_number_cell("tables_created", r->tables_created),
        tarn__cli_number_cell("tables_updated", r->tables_updated),
        tarn__cli_number_cell("tables_deleted", r->tables_deleted),
        tarn__cli_number_cell("tables_backfilled", r->tables_backfilled),
        tarn__cli_number_cell("columns_extracted", r->columns_extracted),
        tarn__cli_number_cell("columns_carried", r->columns_carried),
        tarn__cli_number_cell("columns_total", r->columns_total),
        tarn__cli_number_cell("columns_deleted", r->columns_deleted),
        {.name = "seconds", .type = TARN_DOUBLE}};
    (void)snprintf(cells[8].text, sizeof cells[8].text, "%.3f", r->seconds);
    return tarn__cli_print_numbers(ctx, cells, 9, err);
}

static tarn_status run_run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_track_run_options options = TARN_TRACK_RUN_OPTIONS_INIT;
    tarn_track_run_result result;
    options.full = tarn__cli_has(args, "full");
    options.run_id = tarn__cli_value(args, "run-id");
    options.connections = tarn__cli_value(args, "connections");
    options.message = ctx->settings.message;
    options.argv = (const char *const *)ctx->masked;
    options.threads = ctx->settings.threads;
    options.progress = tarn__cli_progress_step;
    options.progress_arg = ctx->progress;
    tarn_status st =
        tarn_track_run(ctx->lake, args->words[0], &options, &result, err);
    tarn__cli_progress_clear(ctx->progress);
    if (st != TARN_OK)
        return st;
    tarn__cli_committed(ctx, result.version);
    tarn__cli_note(ctx, "run %s", result.run);
    return print_result(ctx, &result, err);
}

static tarn_status run_status(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_rows *rows;
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_track_status(snap, args->words[0], &rows, err);
    return st == TARN_OK
        ? tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err)
        : st;
}

static const cli_flag run_flags[] = {
    {"full", 0, NULL, "start over: extract everything"},
    {"run-id", 0, "ID", "the run's name; else it is made of the time"},
    {"connections", 0, "FILE",
        "where connections are; else connections.yaml beside CONFIG"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_track_run = {.name = "track run",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CONFIG.yaml",
    .summary = "extract what changed at a source",
    .help = "Lists the source's databases, schemas and tables, extracts the "
            "columns of those tables that changed since the last run, and "
            "commits the new state, what changed and the marker together, "
            "below /persistent-artifacts/apps/APPLICATION/connection/ID/ of "
            "the lake. The first run extracts everything.\n\nA run that ends "
            "early commits nothing; a second one at the same time is refused.",
    .example = "tarn track run crawler.yaml",
    .flags = run_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS | CLI_COMMITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_run};

const cli_command tarn__cli_track_status = {.name = "track status",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CONFIG.yaml",
    .summary = "marker, last run and sizes of a connection",
    .help = "Prints the marker, the last run with its counts, and how many "
            "files and bytes the current state has of each kind.",
    .example = "tarn track status crawler.yaml",
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_status};
