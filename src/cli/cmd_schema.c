/* tarn schema put, ls, show, rm */
#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/record.h"
#include "cli/rows.h"

const char *tarn__cli_tenant(const cli_ctx *ctx, const cli_args *args)
{
    const char *own = tarn__cli_value(args, "tenant");
    return own != NULL ? own : ctx->settings.tenant;
}

static const cli_flag tenant_flags[] = {
    {"tenant", 0, "T", "whose schemas; else $TARN_TENANT, else default"},
    {NULL, 0, NULL, NULL}};

static const cli_flag put_flags[] = {
    {"tenant", 0, "T", "whose schemas; else $TARN_TENANT, else default"},
    {"migrate", 0, NULL, "another major version is meant"},
    {NULL, 0, NULL, NULL}};

static tarn_status run_put(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    cli_buf text = CLI_BUF_INIT;
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.migrate = tarn__cli_has(args, "migrate");
    tarn_status st = tarn__cli_read_all(args->words[0], &text, err);
    if (st == TARN_OK)
        st = tarn__cli_txn(ctx, &txn, err);
    if (st == TARN_OK)
        st = tarn_schema_put(
            txn, (tarn_slice){text.ptr, text.len}, &options, err);
    tarn__cli_buf_reset(&text);
    return st;
}

const cli_command tarn__cli_schema_put = {.name = "schema put",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "FILE",
    .summary = "a JSON Schema, and with it a record table",
    .help = "Stores a JSON Schema document with a top-level name, which is "
            "the table's, and a semantic version. Under x-tarn stand key (the "
            "field that a record is found by), indexed, embed (fields) and "
            "metric. Without properties the table is free-form.\n"
            "\n"
            "A higher minor or patch version takes the place of the one that "
            "is there; records are not rewritten. Another major version needs "
            "--migrate.",
    .example = "tarn schema put people.json",
    .flags = put_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 1,
    .run = run_put};

static tarn_status run_ls(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_snapshot *snap;
    tarn_rows *rows;
    options.tenant = tarn__cli_tenant(ctx, args);
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_schema_ls(snap, &options, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

const cli_command tarn__cli_schema_ls = {.name = "schema ls",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "",
    .summary = "record tables",
    .help = "Prints name, version, key field, indexed fields and title of "
            "each schema.",
    .example = "tarn schema ls",
    .flags = tenant_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_ls};

static tarn_status run_show(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_snapshot *snap;
    tarn_buf text = TARN_BUF_INIT;
    options.tenant = tarn__cli_tenant(ctx, args);
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_schema_get(snap, args->words[0], &options, &text, err);
    if (st == TARN_OK) {
        tarn__cli_out_add(ctx->out, text.ptr, text.len);
        if (text.len == 0 || text.ptr[text.len - 1] != '\n')
            tarn__cli_out_text(ctx->out, "\n");
    }
    tarn_buf_reset(&text);
    return st;
}

const cli_command tarn__cli_schema_show = {.name = "schema show",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "NAME",
    .summary = "a schema as it was put",
    .help = "Prints the document byte for byte.",
    .example = "tarn schema show people",
    .flags = tenant_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS,
    .min_words = 1,
    .max_words = 1,
    .run = run_show};

static tarn_status run_rm(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    return st != TARN_OK ? st
                         : tarn_schema_rm(txn, args->words[0], &options, err);
}

const cli_command tarn__cli_schema_rm = {.name = "schema rm",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "NAME",
    .summary = "remove a schema whose table is empty",
    .help = "Removes a schema. While its table holds records, softly deleted "
            "ones too, the exit code is 4.",
    .example = "tarn schema rm drafts",
    .flags = tenant_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 1,
    .run = run_rm};
