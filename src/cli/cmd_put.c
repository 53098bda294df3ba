/* tarn put */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/put.h"

#define CHUNK_BYTES ((size_t)1 << 20)

static tarn_status parse_kind(const char *text, tarn_kind *out, tarn_error *err)
{
    static const tarn_kind kinds[] = {
        TARN_KIND_FILE, TARN_KIND_STREAM, TARN_KIND_TABLE, TARN_KIND_SERIES};
    *out = TARN_KIND_ANY;
    if (text == NULL)
        return TARN_OK;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(tarn_kind_name(kinds[i]), text) == 0) {
            *out = kinds[i];
            return TARN_OK;
        }
    return tarn__cli_fail(err, TARN_INVALID,
        "--as %s: there is no such kind (it is one of file, stream, table, "
        "series)",
        text);
}

/* Read until the chunk is full or the end. */
static int read_chunk(char *chunk, size_t *len)
{
    int failed = 0;
    size_t got = 1;
    *len = 0;
    while (failed == 0 && got > 0 && *len < CHUNK_BYTES) {
        failed =
            tarn__cli_read(CLI_STDIN, chunk + *len, CHUNK_BYTES - *len, &got);
        *len += got;
    }
    return failed;
}

/* Rows on standard input: the destination's ending tells their format, else
 * their first bytes. */
static bool has_known_ending(const char *path)
{
    static const char *const endings[] = {
        ".csv", ".tsv", ".json", ".jsonl", ".parquet", ".gz", ".zst"};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t n = strlen(endings[i]);
        if (len > n && strcasecmp(path + len - n, endings[i]) == 0)
            return true;
    }
    return false;
}

/* Will what is put at path be parsed into rows? */
static bool is_parsed(
    tarn_txn *txn, const char *path, const tarn_put_options *options)
{
    tarn_node node = TARN_NODE_INIT;
    tarn_kind kind = options->as;
    if (kind == TARN_KIND_ANY &&
        tarn_tree_stat(tarn_txn_snapshot(txn), path, true, &node, NULL) ==
            TARN_OK)
        kind = node.kind;
    tarn_node_reset(&node);
    return kind == TARN_KIND_TABLE || kind == TARN_KIND_SERIES;
}

static tarn_status copy_input(tarn_txn *txn, const char *path,
    const tarn_put_options *options, char *chunk, tarn_error *err)
{
    tarn_put_options chosen = *options;
    tarn_writer *writer = NULL;
    size_t len;
    int failed = read_chunk(chunk, &len);
    if (failed != 0)
        return tarn__cli_fail_os(err, failed, "standard input");
    if (is_parsed(txn, path, options) && !has_known_ending(path))
        chosen.format = tarn__cli_sniff(chunk, len);
    tarn_status st = tarn_tree_put_open(txn, path, &chosen, &writer, err);
    while (st == TARN_OK && len > 0) {
        st = tarn_writer_write(writer, chunk, len, err);
        failed = st == TARN_OK ? read_chunk(chunk, &len) : 0;
        if (failed != 0)
            st = tarn__cli_fail_os(err, failed, "standard input");
    }
    if (st == TARN_OK)
        return tarn_writer_finish(writer, err);
    tarn_writer_abort(writer);
    return st;
}

static tarn_status put_input(cli_ctx *ctx, const cli_args *args,
    const char *path, const tarn_put_options *options, tarn_error *err)
{
    int64_t every_us = 0;
    tarn_status st = tarn__cli_duration(args, "every", &every_us, err);
    if (st != TARN_OK)
        return st;
    if (options->into_dir)
        return tarn__cli_fail(err, TARN_INVALID,
            "put - %s/: standard input has no name (name the file)", path);
    if (ctx->batch != NULL && strcmp(ctx->batch, "standard input") == 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "put -: standard input holds the batch itself (name a file)");
    if (tarn__cli_has(args, "every"))
        return tarn__cli_put_live(ctx, path, options, every_us, err);
    tarn_txn *txn;
    st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    char *chunk = tarn__cli_alloc(CHUNK_BYTES);
    st = copy_input(txn, path, options, chunk, err);
    tarn__cli_free(chunk);
    return st;
}

/* Several sources need a folder to go into, as for cp. */
static tarn_status check_folder(cli_ctx *ctx, const char *path,
    const tarn_put_options *options, tarn_error *err)
{
    tarn_txn *txn;
    tarn_node node = TARN_NODE_INIT;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK || options->into_dir)
        return st;
    st = tarn_tree_stat(tarn_txn_snapshot(txn), path, true, &node, err);
    bool folder = st == TARN_OK && node.kind == TARN_KIND_DIR;
    tarn_node_reset(&node);
    if (st != TARN_OK && st != TARN_NOT_FOUND)
        return st;
    return folder ? TARN_OK
                  : tarn__cli_fail(err, TARN_INVALID,
                        "put: %s is no folder, and there are several sources "
                        "(end it with /)",
                        path);
}

typedef struct going {
    cli_ctx *ctx;
    const char *path;
    const tarn_put_options *options;
} going;

/* The second of a name adds to the first of a stream or series, and goes into
 * it when both are folders; else it replaces it, which nobody could read. */
static bool replaces(void *arg, const char *name, const char *const pair[2])
{
    const going *g = arg;
    tarn_txn *txn;
    tarn_node node = TARN_NODE_INIT;
    tarn_kind kind = g->options->as;
    if (tarn__cli_is_folder(pair[0]) && tarn__cli_is_folder(pair[1]))
        return false;
    if (kind == TARN_KIND_ANY && tarn__cli_txn(g->ctx, &txn, NULL) == TARN_OK) {
        char *there = tarn__cli_sprintf("%s/%s", g->path, name);
        if (tarn_tree_stat(tarn_txn_snapshot(txn), there, true, &node, NULL) ==
            TARN_OK)
            kind = node.kind;
        tarn_node_reset(&node);
        tarn__cli_free(there);
    }
    return g->options->replace ||
        (kind != TARN_KIND_STREAM && kind != TARN_KIND_SERIES);
}

static tarn_status check_names(cli_ctx *ctx, const cli_args *args,
    const char *path, const tarn_put_options *options, tarn_error *err)
{
    going g = {ctx, path, options};
    const char *pair[2];
    return tarn__cli_clash(
               args->words, args->word_count - 1, replaces, &g, pair)
        ? tarn__cli_fail(err, TARN_EXISTS,
              "put: %s and %s have one name, and the second would replace the "
              "first (put them into folders of their own)",
              pair[0], pair[1])
        : TARN_OK;
}

static tarn_status put_files(cli_ctx *ctx, const cli_args *args,
    const char *path, const tarn_put_options *options, tarn_error *err)
{
    tarn_txn *txn;
    size_t sources = args->word_count - 1;
    tarn_status st = sources > 1 ? check_folder(ctx, path, options, err)
                                 : tarn__cli_txn(ctx, &txn, err);
    if (st == TARN_OK)
        st = check_names(ctx, args, path, options, err);
    for (size_t i = 0; st == TARN_OK && i < sources; i++) {
        int64_t changed = 0;
        if (strcmp(args->words[i], "-") == 0)
            return tarn__cli_fail(err, TARN_INVALID,
                "put -: standard input is put alone (give it a command of its "
                "own)");
        st = tarn__cli_txn(ctx, &txn, err);
        if (st == TARN_OK)
            st = tarn_tree_put_path(
                txn, path, args->words[i], options, &changed, err);
        tarn__cli_chat(ctx, "%s: %" PRId64 " changed", args->words[i], changed);
    }
    return st;
}

static tarn_status check_every(
    cli_ctx *ctx, const cli_args *args, tarn_kind as, tarn_error *err)
{
    if (!tarn__cli_has(args, "every"))
        return TARN_OK;
    if (ctx->batch != NULL)
        return tarn__cli_fail(err, TARN_INVALID,
            "put --every: has commits of its own, and a batch is one (put it "
            "outside of the batch)");
    if (strcmp(args->words[0], "-") != 0 || args->word_count != 2 ||
        (as != TARN_KIND_STREAM && as != TARN_KIND_SERIES))
        return tarn__cli_fail(err, TARN_INVALID,
            "put --every: is for live input (tarn put - PATH --as "
            "stream|series --every 5s)");
    return TARN_OK;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.time_column = tarn__cli_value(args, "time-column");
    options.replace = tarn__cli_has(args, "replace");
    options.update = tarn__cli_has(args, "update");
    tarn_status st = parse_kind(tarn__cli_value(args, "as"), &options.as, err);
    if (st == TARN_OK)
        st = check_every(ctx, args, options.as, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__cli_path(args->words[args->word_count - 1]);
    size_t len = strlen(path);
    options.into_dir = len > 0 && path[len - 1] == '/';
    while (len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
    if (args->word_count == 2 && strcmp(args->words[0], "-") == 0)
        st = put_input(ctx, args, path, &options, err);
    else
        st = put_files(ctx, args, path, &options, err);
    tarn__cli_free(path);
    return st;
}

static const cli_flag flags[] = {
    {"as", 0, "KIND",
        "file, stream, table or series; else the kind of the "
        "node that is there, else a table for .parquet, else a "
        "file"},
    {"time-column", 0, "NAME", "the column of a series that holds its time"},
    {"replace", 0, NULL, "a stream or series begins anew"},
    {"update", 'u', NULL, "skip what has not changed"},
    {"every", 0, "TIME", "commit live input in whole lines so often"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_put = {.name = "put",
    .group = CLI_GROUP_TREE,
    .synopsis = "SRC... DEST [--as KIND]",
    .summary = "files, folders and tables from the host",
    .help = "Puts host files or folders, standard input (-), or a table of a "
            "DuckDB file (STORE.duckdb:NAME) into the lake, as one commit. As "
            "with cp -r it goes into DEST under its own name when DEST is a "
            "folder or ends in /, else it becomes DEST.\n\n"
            "A file and a table are replaced, a stream and a series get one "
            "more version. With --as table or series, .csv, .tsv, .json, "
            ".jsonl and .parquet (also .gz and .zst) are parsed and kept as "
            "Parquet.\n\n"
            "With --every, standard input is read as it comes and committed "
            "in whole lines: tarn put - /log --as stream --every 5s.",
    .example = "tarn put day.csv /raw/ -m 'first day'",
    .flags = flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = -1,
    .run = run};
