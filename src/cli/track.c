/* tarn track plan, backfill, merge, diff: on folders of the host. */
#include "cli/track.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/rows.h"

static void say_bad(
    void *arg, const char *file, uint64_t line, const char *reason)
{
    tarn__cli_note(
        arg, "%s:%" PRIu64 ": the record %s (left out)", file, line, reason);
}

static tarn_status read_options(cli_ctx *ctx, const cli_args *args,
    tarn_track_options *out, tarn_error *err)
{
    static const tarn_track_options defaults = TARN_TRACK_OPTIONS_INIT;
    int64_t chunk = 0;
    int64_t batch = 0;
    *out = defaults;
    out->tolerant = tarn__cli_has(args, "tolerant");
    out->replace = tarn__cli_has(args, "replace");
    out->threads = ctx->settings.threads;
    out->on_bad = say_bad;
    out->arg = ctx;
    out->progress = tarn__cli_progress_step;
    out->progress_arg = ctx->progress;
    tarn_status st =
        tarn__cli_number(args, "chunk-size", 1, INT32_MAX, &chunk, err);
    if (st == TARN_OK)
        st = tarn__cli_number(args, "batch-size", 1, INT32_MAX, &batch, err);
    out->chunk_size = (uint64_t)chunk;
    out->batch_size = (uint64_t)batch;
    return st;
}

static const char *previous_of(const cli_args *args)
{
    return strcmp(args->words[1], "-") == 0 ? NULL : args->words[1];
}

tarn_status tarn__cli_print_numbers(
    cli_ctx *ctx, const cli_number_cell *cells, size_t count, tarn_error *err)
{
    cli_column columns[CLI_MAX_NUMBERS];
    cli_cell row[CLI_MAX_NUMBERS];
    cli_writer writer;
    for (size_t i = 0; i < count; i++) {
        columns[i] = (cli_column){cells[i].name, cells[i].type, true};
        row[i] = (cli_cell){false, tarn_str(cells[i].text)};
    }
    tarn_status st = tarn__cli_writer_open(
        &writer, ctx, CLI_FORMAT_AUTO, columns, count, err);
    if (st != TARN_OK)
        return st;
    tarn__cli_writer_row(&writer, row);
    return tarn__cli_writer_close(&writer, TARN_OK, err);
}

cli_number_cell tarn__cli_number_cell(const char *name, int64_t value)
{
    cli_number_cell cell = {.name = name, .type = TARN_INT64};
    (void)snprintf(cell.text, sizeof cell.text, "%" PRId64, value);
    return cell;
}

/* --- plan, backfill --- */

/* Rows that begin with the first one, so that what fails at once prints
 * nothing. */
typedef struct listing {
    cli_ctx *ctx;
    const cli_column *columns;
    size_t count;
    cli_format usual;
    bool open;
    cli_writer writer;
} listing;

static tarn_status open_listing(listing *l, tarn_error *err)
{
    if (l->open)
        return TARN_OK;
    tarn_status st = tarn__cli_writer_open(
        &l->writer, l->ctx, l->usual, l->columns, l->count, err);
    l->open = st == TARN_OK;
    return st;
}

static tarn_status close_listing(listing *l, tarn_status st, tarn_error *err)
{
    tarn__cli_progress_clear(l->ctx->progress);
    if (st == TARN_OK)
        st = open_listing(l, err);
    return l->open ? tarn__cli_writer_close(&l->writer, st, err) : st;
}

static tarn_status add_table(
    void *arg, const tarn_track_table *table, tarn_error *err)
{
    listing *l = arg;
    const cli_cell row[] = {{false, tarn_str(table->id)},
        {false, tarn_str(table->reason)}, {false, tarn_str(table->name)}};
    tarn_status st = open_listing(l, err);
    if (st == TARN_OK)
        tarn__cli_writer_row(&l->writer, row);
    return st;
}

static tarn_status run_plan(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    static const cli_column columns[] = {{"table_id", TARN_TEXT, false},
        {"reason", TARN_TEXT, false}, {"qualified_name", TARN_TEXT, false}};
    tarn_track_options options;
    tarn_track_plan_counts counts;
    listing l = {.ctx = ctx, .columns = columns, .count = 3};
    tarn_status st = read_options(ctx, args, &options, err);
    /* -o is the batches' folder, so the rows go to standard output. */
    if (st == TARN_OK)
        st = tarn__cli_out_open(NULL, false, &ctx->out, err);
    if (st != TARN_OK)
        return st;
    st = tarn_track_plan(args->words[0], previous_of(args),
        tarn__cli_value(args, "output"), &options, add_table, &l, &counts, err);
    st = close_listing(&l, st, err);
    if (st == TARN_OK)
        tarn__cli_note(ctx,
            "changed %" PRId64 ", backfill %" PRId64 ", no_change %" PRId64,
            counts.changed, counts.backfill, counts.no_change);
    return st;
}

static tarn_status add_name(
    void *arg, const tarn_track_table *table, tarn_error *err)
{
    listing *l = arg;
    const cli_cell row[] = {{false, tarn_str(table->name)}};
    tarn_status st = open_listing(l, err);
    if (st == TARN_OK)
        tarn__cli_writer_row(&l->writer, row);
    return st;
}

static tarn_status run_backfill(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    static const cli_column column = {"qualified_name", TARN_TEXT, false};
    tarn_track_options options;
    tarn_track_plan_counts counts;
    listing l = {
        .ctx = ctx, .columns = &column, .count = 1, .usual = CLI_FORMAT_PLAIN};
    tarn_status st = read_options(ctx, args, &options, err);
    if (st != TARN_OK)
        return st;
    st = tarn_track_backfill(args->words[0], previous_of(args), &options,
        add_name, &l, &counts, err);
    return close_listing(&l, st, err);
}

/* --- merge, diff --- */

static tarn_status run_merge(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_track_options options;
    tarn_track_merge_counts c;
    tarn_status st = read_options(ctx, args, &options, err);
    if (st == TARN_OK)
        st = tarn_track_merge(args->words[0], previous_of(args), args->words[2],
            &options, &c, err);
    tarn__cli_progress_clear(ctx->progress);
    if (st != TARN_OK)
        return st;
    const cli_number_cell cells[] = {
        tarn__cli_number_cell("columns_from_current", c.columns_from_current),
        tarn__cli_number_cell("columns_carried", c.columns_carried),
        tarn__cli_number_cell("columns_total", c.columns_total),
        tarn__cli_number_cell("excluded_extracted", c.excluded_extracted),
        tarn__cli_number_cell("excluded_removed", c.excluded_removed),
        tarn__cli_number_cell("duplicates", c.duplicates)};
    return tarn__cli_print_numbers(ctx, cells, 6, err);
}

static tarn_status run_diff(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_track_options options;
    tarn_track_diff_counts c;
    tarn_status st = read_options(ctx, args, &options, err);
    if (st == TARN_OK)
        st = tarn_track_diff(args->words[0], previous_of(args), args->words[2],
            &options, &c, err);
    tarn__cli_progress_clear(ctx->progress);
    if (st != TARN_OK)
        return st;
    const cli_number_cell cells[] = {
        tarn__cli_number_cell("tables_created", c.tables_created),
        tarn__cli_number_cell("tables_updated", c.tables_updated),
        tarn__cli_number_cell("tables_backfill", c.tables_backfill),
        tarn__cli_number_cell("tables_deleted", c.tables_deleted),
        tarn__cli_number_cell("columns_total", c.columns_total),
        tarn__cli_number_cell("columns_deleted", c.columns_deleted),
        tarn__cli_number_cell("schemas_total", c.schemas_total),
        tarn__cli_number_cell("databases_total", c.databases_total),
        tarn__cli_number_cell(
            "total_changed_entities", c.total_changed_entities)};
    return tarn__cli_print_numbers(ctx, cells, 9, err);
}

/* --- the table --- */

#define FOLDERS                                                              \
    "CURRENT is what this run extracted and PREVIOUS the state before it: "  \
    "folders with table/, column/, schema/ and database/ of *.json or "      \
    "*.jsonl files, one entity a line. PREVIOUS may be -, or not be there: " \
    "then this is the first run."

#define TOLERANT_FLAG                                                        \
    {                                                                        \
        "tolerant", 0, NULL, "report malformed lines and go on without them" \
    }
#define REPLACE_FLAG                                         \
    {                                                        \
        "replace", 0, NULL, "the output folder may be there" \
    }
#define CHUNK_FLAG                                      \
    {                                                   \
        "chunk-size", 0, "N", "records a file (100000)" \
    }

static const cli_flag plan_flags[] = {
    {"batch-size", 0, "N", "tables a batch (25000)"},
    {"output", 'o', "DIR",
        "write batch-0.json, ... there, each a JSON array of ids"},
    REPLACE_FLAG, TOLERANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_track_plan = {.name = "track plan",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CURRENT PREVIOUS",
    .summary = "the tables whose columns are to be extracted",
    .help = "Prints each table that was created or updated, and those that "
            "the previous state has not under this name and type (backfill); "
            "the counts go to standard error.\n\n" FOLDERS,
    .example = "tarn track plan extracted state -o batches",
    .flags = plan_flags,
    .traits = CLI_ROWS,
    .min_words = 2,
    .max_words = 2,
    .run = run_plan};

static const cli_flag backfill_flags[] = {TOLERANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_track_backfill = {.name = "track backfill",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CURRENT PREVIOUS",
    .summary = "the tables that the previous state has not",
    .help = "Prints the qualified names of the tables of CURRENT that PREVIOUS "
            "has not under this name and type. Without a previous state the "
            "exit code is 3.\n\n" FOLDERS,
    .example = "tarn track backfill extracted state",
    .flags = backfill_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 2,
    .max_words = 2,
    .run = run_backfill};

static const cli_flag merge_flags[] = {
    CHUNK_FLAG, REPLACE_FLAG, TOLERANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_track_merge = {.name = "track merge",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CURRENT PREVIOUS OUT",
    .summary = "the new current state",
    .help = "Writes CURRENT to OUT, and the columns of PREVIOUS whose tables "
            "were not extracted again and are still there. Records keep their "
            "bytes; carried columns say NO CHANGE. Of records with one name "
            "the last one stays.\n\n" FOLDERS
            "\n\nOUT appears whole or not at all.",
    .example = "tarn track merge extracted state new-state",
    .flags = merge_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 3,
    .max_words = 3,
    .run = run_merge};

const cli_command tarn__cli_track_diff = {.name = "track diff",
    .group = CLI_GROUP_TRACK,
    .synopsis = "CURRENT PREVIOUS OUT",
    .summary = "what a run changed",
    .help = "Writes to OUT the tables that were created, updated or are to be "
            "backfilled with their columns, all schemas and databases, below "
            "delete/ the tables and columns that are gone, and metadata.json "
            "with the counts, which are printed too.\n\n" FOLDERS
            "\n\nOUT appears whole or not at all.",
    .example = "tarn track diff extracted state changes",
    .flags = merge_flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 3,
    .max_words = 3,
    .run = run_diff};
