/* tarn log, tarn show, tarn diff */
#include <string.h>

#include "cli/commands.h"
#include "cli/rows.h"

static tarn_status print(
    cli_ctx *ctx, tarn_status st, tarn_rows *rows, tarn_error *err)
{
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

static tarn_status run_log(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    int64_t limit = 10;
    const char *text = tarn__cli_value(args, "limit");
    tarn_status st = TARN_OK;
    if (text != NULL && strcmp(text, "all") == 0)
        limit = -1;
    else
        st = tarn__cli_number(args, "limit", 0, INT64_MAX, &limit, err);
    if (st != TARN_OK)
        return st;
    cli_filter seen = {0, NULL, INT64_MAX, limit};
    if (ctx->settings.at != NULL) {
        st = tarn_lake_resolve(ctx->lake, ctx->settings.at, &seen.at_most, err);
        limit = -1; /* how many are newer is not known */
    }
    tarn_rows *rows = NULL;
    if (st == TARN_OK && args->word_count == 0) {
        st = tarn_lake_log(ctx->lake, limit, &rows, err);
    } else if (st == TARN_OK) {
        char *path = tarn__cli_path(args->words[0]);
        st = tarn_tree_log(ctx->lake, path, limit, &rows, err);
        tarn__cli_free(path);
    }
    return st != TARN_OK ? st : tarn__cli_print_where(ctx, rows, &seen, err);
}

static const cli_flag log_flags[] = {
    {"limit", 'n', "N|all", "how many commits (10)"},
    {"tenant", 0, "T", "whose commands are shown; else $TARN_TENANT"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_log = {.name = "log",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[PATH] [-n N]",
    .summary = "commits, newest first",
    .help = "Prints version, time, command, operations and message of the "
            "newest commits; with PATH of those that touched it or anything "
            "below it. Of a commit that touched records of another tenant than "
            "--tenant it shows neither message nor what could be data.",
    .example = "tarn log /raw -n 5",
    .flags = log_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 1,
    .run = run_log};

static tarn_status run_show(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    int64_t version;
    tarn_rows *rows = NULL;
    tarn_status st =
        tarn_lake_resolve(ctx->lake, args->words[0], &version, err);
    if (st == TARN_OK)
        st = tarn_tree_show(ctx->lake, version, &rows, err);
    return print(ctx, st, rows, err);
}

static const cli_flag show_flags[] = {
    {"tenant", 0, "T", "whose operations are shown; else $TARN_TENANT"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_show = {.name = "show",
    .group = CLI_GROUP_LAKE,
    .synopsis = "VERSION",
    .summary = "what one commit did",
    .help = "Prints the operations of one commit: space, op, kind, key, path "
            "and size; those of the tree and of one tenant.",
    .example = "tarn show 1",
    .flags = show_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_show};

static tarn_status run_diff(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    bool by_row = tarn__cli_has(args, "rows");
    if (by_row && args->word_count < 3)
        return tarn__cli_fail(err, TARN_INVALID,
            "diff --rows: PATH is missing (name a table or series)");
    int64_t v1 = 0;
    int64_t v2 = 0;
    tarn_rows *rows = NULL;
    tarn_status st = tarn_lake_resolve(ctx->lake, args->words[0], &v1, err);
    if (st == TARN_OK)
        st = tarn_lake_resolve(ctx->lake, args->words[1], &v2, err);
    if (st != TARN_OK)
        return st;
    char *path = args->word_count > 2 ? tarn__cli_path(args->words[2]) : NULL;
    if (by_row)
        st = tarn_tree_diff_rows(ctx->lake, v1, v2, path, &rows, err);
    else
        st = tarn_tree_diff(ctx->lake, v1, v2, path, &rows, err);
    tarn__cli_free(path);
    return print(ctx, st, rows, err);
}

static const cli_flag diff_flags[] = {
    {"rows", 0, NULL, "compare the content of the table or series at PATH"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_diff = {.name = "diff",
    .group = CLI_GROUP_LAKE,
    .synopsis = "V1 V2 [PATH] [--rows]",
    .summary = "what changed between two versions",
    .help = "Prints change (added, removed, changed or moved), path, from, "
            "kind, size_before and size_after of every node that is not the "
            "same at both versions. Versions are numbers or times.\n\n"
            "With --rows it prints the rows of one table or series that only "
            "one of the versions has: change (added or removed) and its "
            "columns.",
    .example = "tarn diff 1 2 /raw",
    .flags = diff_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS,
    .min_words = 2,
    .max_words = 3,
    .run = run_diff};
