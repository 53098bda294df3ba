/* tarn state ls, get, put, rm */
#include "cli/commands.h"
#include "cli/rows.h"

static tarn_status run_ls(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_rows *rows;
    const char *scope = args->word_count == 0 ? NULL : args->words[0];
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_state_ls(snap, scope, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

const cli_command tarn__cli_state_ls = {.name = "state ls",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[SCOPE]",
    .summary = "small named values, such as markers and cursors",
    .help = "Prints scope, name, value and the version that set it, of all "
            "scopes or of one.",
    .example = "tarn state ls feed",
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 1,
    .run = run_ls};

static tarn_status print_row(
    cli_ctx *ctx, tarn_snapshot *snap, const cli_args *args, tarn_error *err)
{
    tarn_rows *rows;
    cli_filter named = {1, args->words[1], INT64_MAX, -1};
    tarn_status st = tarn_state_ls(snap, args->words[0], &rows, err);
    return st != TARN_OK ? st : tarn__cli_print_where(ctx, rows, &named, err);
}

static tarn_status run_get(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_state_get(snap, args->words[0], args->words[1], &value, err);
    if (st == TARN_OK && ctx->settings.format != CLI_FORMAT_AUTO) {
        st = print_row(ctx, snap, args, err);
    } else if (st == TARN_OK) {
        tarn__cli_out_add(ctx->out, value.ptr, value.len);
        tarn__cli_out_text(ctx->out, "\n");
    }
    tarn_buf_reset(&value);
    return st;
}

const cli_command tarn__cli_state_get = {.name = "state get",
    .group = CLI_GROUP_LAKE,
    .synopsis = "SCOPE NAME",
    .summary = "one value",
    .help = "Prints the bare value and a line end; with --format its scope, "
            "name, value and version.",
    .example = "tarn state get feed cursor",
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 2,
    .max_words = 2,
    .run = run_get};

static tarn_status run_put(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    return st != TARN_OK ? st
                         : tarn_state_put(txn, args->words[0], args->words[1],
                               tarn_str(args->words[2]), err);
}

const cli_command tarn__cli_state_put = {.name = "state put",
    .group = CLI_GROUP_LAKE,
    .synopsis = "SCOPE NAME VALUE",
    .summary = "set one value",
    .help = "Sets a value. In a batch it is committed together with the data "
            "that it speaks of.",
    .example = "tarn state put feed cursor 2026-11-21",
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 3,
    .max_words = 3,
    .run = run_put};

static tarn_status run_rm(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    return st != TARN_OK
        ? st
        : tarn_state_rm(txn, args->words[0], args->words[1], err);
}

const cli_command tarn__cli_state_rm = {.name = "state rm",
    .group = CLI_GROUP_LAKE,
    .synopsis = "SCOPE NAME",
    .summary = "remove one value",
    .help = "Removes a value; earlier versions still have it.",
    .example = "tarn state rm feed old",
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = 2,
    .run = run_rm};
