/* tarn flow compile */
#include "cli/commands.h"
#include "cli/flow_run.h"
#include "cli/rows.h"

static tarn_status print_row(cli_ctx *ctx, const char *manifest,
    const tarn_buf *fingerprint, tarn_error *err)
{
    static const cli_column columns[] = {
        {"manifest", TARN_TEXT, false}, {"fingerprint", TARN_TEXT, false}};
    const cli_cell cells[] = {{false, tarn_str(manifest)},
        {false, {fingerprint->ptr, fingerprint->len}}};
    cli_writer writer;
    tarn_status st =
        tarn__cli_writer_open(&writer, ctx, CLI_FORMAT_AUTO, columns, 2, err);
    if (st != TARN_OK)
        return st;
    tarn__cli_writer_row(&writer, cells);
    return tarn__cli_writer_close(&writer, TARN_OK, err);
}

static tarn_status write_folder(cli_ctx *ctx, const char *dir,
    const tarn_buf *manifest, const tarn_buf *fingerprint, tarn_error *err)
{
    char *path = tarn__cli_sprintf("%s/manifest.yaml", dir);
    tarn_status st =
        tarn_flow_save(dir, (tarn_slice){manifest->ptr, manifest->len},
            (tarn_slice){fingerprint->ptr, fingerprint->len}, err);
    if (st == TARN_OK)
        st = print_row(ctx, path, fingerprint, err);
    tarn__cli_free(path);
    return st;
}

static tarn_status show(cli_ctx *ctx, const char *dir, const tarn_buf *manifest,
    const tarn_buf *fingerprint, tarn_error *err)
{
    tarn_status st = tarn__cli_out_open(NULL, false, &ctx->out, err);
    if (st != TARN_OK)
        return st;
    if (dir != NULL)
        return write_folder(ctx, dir, manifest, fingerprint, err);
    if (ctx->settings.format != CLI_FORMAT_AUTO)
        return print_row(ctx, manifest->ptr, fingerprint, err);
    tarn__cli_out_add(ctx->out, manifest->ptr, manifest->len);
    return TARN_OK;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_flow_options options = TARN_FLOW_OPTIONS_INIT;
    tarn_flow_diagnostics *found = NULL;
    tarn_buf manifest = TARN_BUF_INIT;
    tarn_buf fingerprint = TARN_BUF_INIT;
    const char **params = tarn__cli_flow_params(args, &options.param_count);
    options.params = params;
    options.profile = tarn__cli_value(args, "profile");
    options.connections = tarn__cli_value(args, "connections");
    tarn_status st = tarn_flow_compile(
        args->words[0], &options, &manifest, &fingerprint, &found, err);
    for (size_t i = 0; st == TARN_OK && i < tarn_flow_diagnostic_count(found);
         i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        tarn__cli_note(ctx, "warning: %s: %s", d.location, d.message);
    }
    if (st == TARN_OK)
        st = show(
            ctx, tarn__cli_value(args, "output"), &manifest, &fingerprint, err);
    tarn_buf_reset(&manifest);
    tarn_buf_reset(&fingerprint);
    tarn_flow_diagnostics_free(found);
    tarn__cli_free(params);
    return st;
}

static const cli_flag flags[] = {
    {"output", 'o', "DIR", "write DIR/manifest.yaml and DIR/fingerprint"},
    CLI_FLOW_FILE_FLAGS, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_flow_compile = {.name = "flow compile",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "FILE [-o DIR] [--profile P] [--param NAME=VALUE]",
    .summary = "the manifest of a flow, and its fingerprint",
    .help = "Prints the manifest: canonical YAML, byte for byte the same for "
            "files that mean the same, without any secret. Its fingerprint "
            "changes with every param, query and component version, and with "
            "no secret's value.\n\n"
            "With -o it is written into a folder, and manifest and fingerprint "
            "are printed. A file with errors is exit code 5, and nothing is "
            "written; tarn flow check lists them.",
    .example = "tarn flow compile top-routes.yaml --param min_delay=30",
    .flags = flags,
    .traits = CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run};
