/* tarn init, tarn status */
#include "cli/commands.h"
#include "cli/rows.h"

static tarn_status run_init(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    const char *dir = ctx->settings.lake == NULL ? "." : ctx->settings.lake;
    if (args->word_count > 0)
        dir = args->words[0];
    tarn_status st = tarn_lake_init(dir, tarn__cli_value(args, "label"), err);
    if (st == TARN_OK)
        tarn__cli_note(ctx, "version 0");
    return st;
}

static const cli_flag init_flags[] = {
    {"label", 0, "TEXT", "a name for people; tarn status shows it"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_init = {.name = "init",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[DIR] [--label TEXT]",
    .summary = "make a new lake",
    .help = "Makes a lake in DIR, else in the one that -C or $TARN names, "
            "else in the current folder. Where there is one already, nothing "
            "is done and the exit code is 4.",
    .example = "tarn init mylake --label weather",
    .flags = init_flags,
    .min_words = 0,
    .max_words = 1,
    .run = run_init};

static tarn_status run_status(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    (void)args;
    tarn_rows *rows;
    tarn_status st = tarn_views_status(ctx->lake, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

const cli_command tarn__cli_status = {.name = "status",
    .group = CLI_GROUP_LAKE,
    .synopsis = "",
    .summary = "identity, head, views, sizes, lock",
    .help = "Says who the lake is, its newest version, which version each "
            "view has, how large it is, and who holds its lock.",
    .example = "tarn status",
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_status};
