/* tarn flow check, tarn flow drivers, tarn flow connections */
#include "cli/commands.h"
#include "cli/flow_run.h"
#include "cli/rows.h"

static const cli_column columns[] = {{"severity", TARN_TEXT, false},
    {"code", TARN_TEXT, false}, {"location", TARN_TEXT, false},
    {"message", TARN_TEXT, false}};

static tarn_status print(
    cli_ctx *ctx, const tarn_flow_diagnostics *found, tarn_error *err)
{
    cli_writer writer;
    tarn_status st =
        tarn__cli_writer_open(&writer, ctx, CLI_FORMAT_AUTO, columns, 4, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        const cli_cell cells[] = {
            {false, tarn_str(d.error ? "error" : "warning")},
            {false, tarn_str(d.code)}, {false, tarn_str(d.location)},
            {false, tarn_str(d.message)}};
        tarn__cli_writer_row(&writer, cells);
    }
    return tarn__cli_writer_close(&writer, TARN_OK, err);
}

/* What was found is wanted, though the command then fails. */
static tarn_status fail(
    cli_ctx *ctx, const char *path, size_t errors, tarn_error *err)
{
    cli_out *out = ctx->out;
    ctx->out = NULL;
    tarn_status st = tarn__cli_out_finish(out, err);
    return st != TARN_OK ? st
                         : tarn__cli_fail(err, TARN_BAD_INPUT,
                               "%s: %zu error%s (mend what is listed)", path,
                               errors, errors == 1 ? "" : "s");
}

static tarn_status run_check(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_flow_options options = TARN_FLOW_OPTIONS_INIT;
    tarn_flow_diagnostics *found = NULL;
    const char *path = args->words[0];
    const char **params = tarn__cli_flow_params(args, &options.param_count);
    options.params = params;
    options.profile = tarn__cli_value(args, "profile");
    options.connections = tarn__cli_value(args, "connections");
    tarn_status st = tarn_flow_check(path, &options, &found, err);
    if (st == TARN_OK)
        st = print(ctx, found, err);
    size_t errors = tarn_flow_error_count(found);
    if (st == TARN_OK && errors > 0)
        st = fail(ctx, path, errors, err);
    else if (st == TARN_OK)
        tarn__cli_note(ctx, "no errors");
    tarn_flow_diagnostics_free(found);
    tarn__cli_free(params);
    return st;
}

static const cli_flag check_flags[] = {
    CLI_FLOW_FILE_FLAGS, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_check = {.name = "flow check",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "FILE [--profile P] [--param NAME=VALUE]",
    .summary = "is a flow file what it should be?",
    .help = "Finds everything that is wrong with a flow file, and prints "
            "severity, code, location and message of each fault; the location "
            "is the place in the file, its line and its column. Nothing runs. "
            "The exit code is 5 when there is an error.",
    .example = "tarn flow check top-routes.yaml",
    .flags = check_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_check};

static tarn_status run_drivers(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_rows *rows;
    (void)args;
    tarn_status st = tarn_flow_drivers(&rows, err);
    return st == TARN_OK
        ? tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err)
        : st;
}

const cli_command tarn__cli_flow_drivers = {.name = "flow drivers",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "",
    .summary = "the components that a step may have",
    .help =
        "Prints each component's name and version, the modes of steps "
        "that it is for, and the keys of its config; what must be there "
        "has a star. The sql steps that transform are made in DuckDB, or in "
        "the engine of flow run --target adbc:NAME.",
    .example = "tarn flow drivers",
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_drivers};

static tarn_status run_connections(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_rows *rows;
    tarn_status st = tarn_flow_connections(tarn__cli_value(args, "connections"),
        tarn__cli_has(args, "test"), &rows, err);
    return st == TARN_OK
        ? tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err)
        : st;
}

static const cli_flag connections_flags[] = {
    {"test", 0, NULL, "reach each of them, and say how that went"},
    {"connections", 0, "FILE", "instead of connections.yaml here"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_connections = {.name = "flow connections",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "[--test] [--connections FILE]",
    .summary = "the connections that flows here may name",
    .help = "Prints what connections.yaml in this folder holds: each "
            "connection's name, whether it is its family's default, and its "
            "fields, secrets masked. With --test the component that would use "
            "it reaches it, and status and message are printed too; of kind "
            "adbc it is the engine that flow run --target adbc:NAME would use.",
    .example = "tarn flow connections",
    .flags = connections_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_connections};
