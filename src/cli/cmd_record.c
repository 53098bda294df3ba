/* tarn record put, update, rm */
#include <string.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/lines.h"
#include "cli/record.h"
#include "cli/rows.h"

#define TENANT_FLAG                                                        \
    {                                                                      \
        "tenant", 0, "T", "whose records; else $TARN_TENANT, else default" \
    }
#define TABLE_FLAG                                    \
    {                                                 \
        "table", 0, "T", "the table that a KEY is of" \
    }

/* --- put --- */

static const cli_column id_column = {"id", TARN_TEXT, false};

static tarn_status put_one(cli_ctx *ctx, tarn_txn *txn, const cli_args *args,
    const tarn_record_options *options, tarn_error *err)
{
    cli_writer writer;
    char id[37];
    tarn_status st = tarn_record_put(
        txn, args->words[0], tarn_str(args->words[1]), options, id, err);
    if (st == TARN_OK)
        st = tarn__cli_writer_open(
            &writer, ctx, CLI_FORMAT_PLAIN, &id_column, 1, err);
    if (st != TARN_OK)
        return st;
    const cli_cell cell = {false, tarn_str(id)};
    tarn__cli_writer_row(&writer, &cell);
    return tarn__cli_writer_close(&writer, st, err);
}

static tarn_status print_ids(
    cli_ctx *ctx, tarn_record_ids *ids, tarn_error *err)
{
    cli_writer writer;
    char id[37];
    tarn_status st = tarn__cli_writer_open(
        &writer, ctx, CLI_FORMAT_PLAIN, &id_column, 1, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn_record_ids_next(ids, id, err)) == TARN_ROW) {
        const cli_cell cell = {false, tarn_str(id)};
        tarn__cli_writer_row(&writer, &cell);
    }
    return tarn__cli_writer_close(&writer, st, err);
}

/* Of a file, JSON lines; of standard input, whatever stands behind another. */
static tarn_status put_many(cli_ctx *ctx, tarn_txn *txn, const char *table,
    const char *file, tarn_record_options *options, tarn_error *err)
{
    cli_input input;
    tarn_record_ids *ids = NULL;
    options->documents = file == NULL;
    tarn_status st =
        tarn__cli_input_open(&input, file != NULL ? file : "-", err);
    if (st != TARN_OK)
        return st;
    st = tarn_record_put_lines(txn, table, input.name, tarn__cli_input_read,
        &input, options, &ids, err);
    if (st == TARN_OK)
        st = print_ids(ctx, ids, err);
    tarn_record_ids_free(ids);
    tarn__cli_input_close(&input);
    return st;
}

static tarn_status run_put(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    const char *file = tarn__cli_value(args, "file");
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    if ((file == NULL) == (args->word_count < 2))
        return tarn__cli_fail(err, TARN_INVALID,
            "record put %s: give one of JSON, - and --file", args->words[0]);
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    if (file == NULL && strcmp(args->words[1], "-") != 0)
        return put_one(ctx, txn, args, &options, err);
    return put_many(ctx, txn, args->words[0], file, &options, err);
}

static const cli_flag put_flags[] = {
    {"file", 'F', "F.jsonl", "a record a line, all or none; - is stdin"},
    TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_put = {.name = "record put",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "TABLE [JSON|-] [-F F.jsonl]",
    .summary = "insert or replace records",
    .help = "Puts one JSON object, or with --file one a line, or from "
            "standard input (-) one or more; any number of them is one "
            "commit, all or none. Prints the id of each, in order of the "
            "input. The id follows from the key: uri and ordinal, else the "
            "schema's key field, else key, else name, so that a record with "
            "the same key is replaced; without any the id is random.\n"
            "\n"
            "A record that the schema does not admit is exit 5, naming its "
            "line and field.",
    .example = "tarn record put people '{\"name\": \"Ada\", \"age\": 36}'",
    .flags = put_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 2,
    .run = run_put};

/* --- update, rm --- */

static tarn_status run_update(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    cli_buf text = CLI_BUF_INIT;
    tarn_slice json = tarn_str(args->words[1]);
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.table = tarn__cli_value(args, "table");
    tarn_status st = TARN_OK;
    if (strcmp(args->words[1], "-") == 0) {
        st = tarn__cli_read_all("-", &text, err);
        json = (tarn_slice){text.ptr, text.len};
    }
    if (st == TARN_OK)
        st = tarn__cli_txn(ctx, &txn, err);
    if (st == TARN_OK)
        st = tarn_record_update(txn, args->words[0], json, &options, err);
    tarn__cli_buf_reset(&text);
    return st;
}

static const cli_flag update_flags[] = {
    TABLE_FLAG, TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_update = {.name = "record update",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "ID|KEY JSON",
    .summary = "change members of a record",
    .help = "Merges the members of a JSON object (- is standard input) into a "
            "record: those that it names are replaced or added, every other "
            "byte stays. The result must be what the schema admits, and keep "
            "the record's key.",
    .example = "tarn record update people/Ada '{\"age\": 37}'",
    .flags = update_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = 2,
    .run = run_update};

static tarn_status run_rm(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.table = tarn__cli_value(args, "table");
    options.hard = tarn__cli_has(args, "hard");
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    return st != TARN_OK ? st
                         : tarn_record_rm(txn, args->words[0], &options, err);
}

static const cli_flag rm_flags[] = {
    {"hard", 0, NULL, "with its keys and edges; also of a deleted one"},
    TABLE_FLAG, TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_record_rm = {.name = "record rm",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "ID|KEY [--hard]",
    .summary = "remove a record",
    .help = "Hides a record: --deleted shows it, a put of its key revives it. "
            "With --hard it goes at once, with its keys and edges; its bytes "
            "leave the log with gc --retain.",
    .example = "tarn record rm people/Ada",
    .flags = rm_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 1,
    .run = run_rm};
