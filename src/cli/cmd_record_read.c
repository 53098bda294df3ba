/* tarn record get, ls, count, dump */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/json.h"
#include "cli/record.h"
#include "cli/rows.h"

#define TENANT_FLAG                                                        \
    {                                                                      \
        "tenant", 0, "T", "whose records; else $TARN_TENANT, else default" \
    }
#define DELETED_FLAG                                     \
    {                                                    \
        "deleted", 0, NULL, "softly deleted records too" \
    }

static tarn_record_options options_of(const cli_ctx *ctx, const cli_args *args)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.deleted = tarn__cli_has(args, "deleted");
    return options;
}

/* --- get --- */

static void add_time(cli_buf *to, const char *name, int64_t us)
{
    char text[TARN_TEXT_BYTES];
    tarn__cli_addf(to, ",\"%s\":\"%s\"", name, tarn_format_time(us, text));
}

static void print_wrapped(cli_ctx *ctx, const tarn_record *record)
{
    cli_buf line = CLI_BUF_INIT;
    tarn__cli_addf(&line, "{\"id\":\"%s\",\"table\":", record->id);
    tarn__cli_json_quote(&line, tarn_str(record->table));
    tarn__cli_add_text(&line, ",\"key\":");
    if (record->has_key)
        tarn__cli_json_quote(
            &line, (tarn_slice){record->key.ptr, record->key.len});
    else
        tarn__cli_add_text(&line, "null");
    add_time(&line, "created_at", record->created_us);
    add_time(&line, "modified_at", record->modified_us);
    if (record->deleted)
        add_time(&line, "deleted_at", record->modified_us);
    else
        tarn__cli_add_text(&line, ",\"deleted_at\":null");
    tarn__cli_addf(&line, ",\"version\":%" PRId64 ",\"doc\":", record->version);
    tarn__cli_add(&line, record->json.ptr, record->json.len);
    tarn__cli_add_text(&line, "}\n");
    tarn__cli_out_add(ctx->out, line.ptr, line.len);
    tarn__cli_buf_reset(&line);
}

static tarn_status run_get(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = options_of(ctx, args);
    tarn_record record = TARN_RECORD_INIT;
    tarn_snapshot *snap;
    options.table = tarn__cli_value(args, "table");
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_record_get(snap, args->words[0], &options, &record, err);
    if (st == TARN_OK && tarn__cli_has(args, "system")) {
        print_wrapped(ctx, &record);
    } else if (st == TARN_OK) {
        tarn__cli_out_add(ctx->out, record.json.ptr, record.json.len);
        tarn__cli_out_text(ctx->out, "\n");
    }
    tarn_record_reset(&record);
    return st;
}

static const cli_flag get_flags[] = {
    {"table", 0, "T", "the table that a KEY is of"},
    {"system", 0, NULL, "with id, table, key, times and version around it"},
    DELETED_FLAG, TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_get = {.name = "record get",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "ID|KEY",
    .summary = "a record's text",
    .help = "Prints the JSON text that was put, byte for byte, and a line "
            "end. A record is named by its id, its key, or TABLE/KEY; a key "
            "that several records have is exit 4, which lists them.",
    .example = "tarn record get people/Ada",
    .flags = get_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS,
    .min_words = 1,
    .max_words = 1,
    .run = run_get};

/* --- ls --- */

static tarn_status run_ls(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = options_of(ctx, args);
    tarn_snapshot *snap;
    tarn_rows *rows;
    tarn_status st =
        tarn__cli_number(args, "limit", 0, INT64_MAX, &options.limit, err);
    if (st == TARN_OK)
        st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_record_ls(snap, args->words[0], &options, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

static const cli_flag ls_flags[] = {DELETED_FLAG,
    {"limit", 'n', "N", "at most so many"}, TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_ls = {.name = "record ls",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "TABLE",
    .summary = "a table's records",
    .help = "Prints id, key, created_at, modified_at, deleted_at and doc (the "
            "stored text), in order of id.",
    .example = "tarn record ls people -n 10",
    .flags = ls_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_ls};

/* --- count --- */

static tarn_status run_count(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    static const cli_column column = {"count", TARN_INT64, true};
    tarn_record_options options = options_of(ctx, args);
    tarn_snapshot *snap;
    cli_writer writer;
    char text[24];
    int64_t count;
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_record_count(snap, args->words[0], &options, &count, err);
    if (st == TARN_OK)
        st = tarn__cli_writer_open(
            &writer, ctx, CLI_FORMAT_PLAIN, &column, 1, err);
    if (st != TARN_OK)
        return st;
    snprintf(text, sizeof text, "%" PRId64, count);
    const cli_cell cell = {false, tarn_str(text)};
    tarn__cli_writer_row(&writer, &cell);
    return tarn__cli_writer_close(&writer, st, err);
}

static const cli_flag count_flags[] = {
    DELETED_FLAG, TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_count = {.name = "record count",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "TABLE",
    .summary = "how many records a table has",
    .help = "Prints how many records a table has, not the softly deleted ones "
            "but with --deleted.",
    .example = "tarn record count people",
    .flags = count_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS,
    .min_words = 1,
    .max_words = 1,
    .run = run_count};

/* --- dump --- */

static tarn_status run_dump(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = options_of(ctx, args);
    tarn_snapshot *snap;
    tarn_rows *rows = NULL;
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_record_ls(snap, args->words[0], &options, &rows, err);
    while (st == TARN_OK && !tarn__cli_out_stopped(ctx->out)) {
        if (tarn__cli_interrupted()) {
            st = tarn__cli_fail_interrupted(err);
            break;
        }
        st = tarn_rows_next(rows, err);
        if (st != TARN_ROW)
            break;
        tarn_slice doc = tarn_rows_bytes(rows, 5);
        tarn__cli_out_add(ctx->out, doc.ptr, doc.len);
        tarn__cli_out_text(ctx->out, "\n");
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    return st;
}

const cli_command tarn__cli_record_dump = {.name = "record dump",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "TABLE",
    .summary = "the stored texts, one a line",
    .help = "Prints every record's text as it was put, in order of id; "
            "tarn record put TABLE - reads it again.",
    .example = "tarn record dump people -o people.jsonl",
    .flags = count_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS,
    .min_words = 1,
    .max_words = 1,
    .run = run_dump};
