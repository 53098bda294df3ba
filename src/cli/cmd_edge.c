/* tarn edge put, ls, rm */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/input.h"
#include "cli/record.h"
#include "cli/rows.h"

#define TENANT_FLAG                                                        \
    {                                                                      \
        "tenant", 0, "T", "whose records; else $TARN_TENANT, else default" \
    }

/* --- put --- */

static tarn_status put_lines(cli_ctx *ctx, tarn_txn *txn, const char *path,
    const tarn_edge_options *options, tarn_error *err)
{
    cli_input input;
    int64_t count;
    tarn_status st = tarn__cli_input_open(&input, path, err);
    if (st != TARN_OK)
        return st;
    st = tarn_edge_put_lines(
        txn, input.name, tarn__cli_input_read, &input, options, &count, err);
    if (st == TARN_OK)
        tarn__cli_chat(ctx, "%s: %" PRId64 " edges", input.name, count);
    tarn__cli_input_close(&input);
    return st;
}

static tarn_status run_put(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_edge_options options = TARN_EDGE_OPTIONS_INIT;
    const char *file = tarn__cli_value(args, "file");
    const char *props = tarn__cli_value(args, "props");
    tarn_slice json = {NULL, 0};
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    if (file != NULL ? args->word_count != 0 || props != NULL
                     : args->word_count != 3)
        return tarn__cli_fail(err, TARN_INVALID,
            "edge put: give SRC REL DST [--props JSON], or --file alone");
    if (props != NULL)
        json = tarn_str(props);
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    return file != NULL ? put_lines(ctx, txn, file, &options, err)
                        : tarn_edge_put(txn, args->words[0], args->words[1],
                              args->words[2], json, &options, err);
}

static const cli_flag put_flags[] = {
    {"file", 'F', "F.jsonl", "an edge a line, all or none; - is stdin"},
    {"props", 0, "JSON", "properties, a JSON object"}, TENANT_FLAG,
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_edge_put = {.name = "edge put",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "SRC REL DST [--props JSON] | -F F.jsonl",
    .summary = "insert or replace edges",
    .help = "Puts an edge of the relation REL from the record SRC to the "
            "record DST; each is an id, a key or TABLE/KEY, and must be "
            "there. A second put replaces the properties. With --file each "
            "line is {\"src\", \"rel\", \"dst\", \"props\"}; all of them are "
            "one commit.",
    .example = "tarn edge put Ada knows Charles --props '{\"since\": 1833}'",
    .flags = put_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 0,
    .max_words = 3,
    .run = run_put};

/* --- ls --- */

static tarn_status direction_of(
    const cli_args *args, tarn_edge_direction *out, tarn_error *err)
{
    int given = 0;
    static const struct {
        const char *flag;
        tarn_edge_direction direction;
    } flags[] = {
        {"out", TARN_EDGE_OUT}, {"in", TARN_EDGE_IN}, {"both", TARN_EDGE_BOTH}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (!tarn__cli_has(args, flags[i].flag))
            continue;
        *out = flags[i].direction;
        given++;
    }
    return given < 2 ? TARN_OK
                     : tarn__cli_fail(err, TARN_INVALID,
                           "edge ls: give one of --out, --in and --both");
}

static tarn_status run_ls(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_edge_options options = TARN_EDGE_OPTIONS_INIT;
    const char *record = args->word_count == 0 ? NULL : args->words[0];
    tarn_snapshot *snap;
    tarn_rows *rows;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.type = tarn__cli_value(args, "type");
    tarn_status st = direction_of(args, &options.direction, err);
    if (st == TARN_OK)
        st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_edge_ls(snap, record, &options, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

static const cli_flag ls_flags[] = {
    {"out", 0, NULL, "edges from the record (the default)"},
    {"in", 0, NULL, "edges to it"}, {"both", 0, NULL, "both"},
    {"type", 0, "REL", "only those of a relation"}, TENANT_FLAG,
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_edge_ls = {.name = "edge ls",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "[ID|KEY] [--in|--out|--both] [--type REL]",
    .summary = "edges of a record, or all",
    .help = "Prints src, rel, dst, props, src_key and dst_key, in order of "
            "relation; of a record or, when none is named, of all. An edge "
            "with an end that is softly deleted is not seen.",
    .example = "tarn edge ls Ada --both --type knows",
    .flags = ls_flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 1,
    .run = run_ls};

/* --- rm --- */

static tarn_status run_rm(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_edge_options options = TARN_EDGE_OPTIONS_INIT;
    tarn_txn *txn;
    options.tenant = tarn__cli_tenant(ctx, args);
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    return st != TARN_OK ? st
                         : tarn_edge_rm(txn, args->words[0], args->words[1],
                               args->words[2], &options, err);
}

static const cli_flag rm_flags[] = {TENANT_FLAG, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_edge_rm = {.name = "edge rm",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "SRC REL DST",
    .summary = "remove an edge",
    .help = "Removes an edge, seen from both ends; earlier versions still "
            "have it.",
    .example = "tarn edge rm Ada knows Charles",
    .flags = rm_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 3,
    .max_words = 3,
    .run = run_rm};
