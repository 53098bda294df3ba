/* tarn cat, tarn get, tarn describe */
#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/rows.h"

#define CHUNK_BYTES ((size_t)1 << 20)

static tarn_status cat_bytes(
    cli_ctx *ctx, tarn_snapshot *snap, const char *path, tarn_error *err)
{
    tarn_reader *reader;
    tarn_status st = tarn_tree_open(snap, path, &reader, err);
    if (st != TARN_OK)
        return st;
    char *chunk = tarn__cli_alloc(CHUNK_BYTES);
    size_t got = 1;
    while (st == TARN_OK && got > 0 && !tarn__cli_out_stopped(ctx->out)) {
        if (tarn__cli_interrupted()) {
            st = tarn__cli_fail_interrupted(err);
            break;
        }
        st = tarn_reader_read(reader, chunk, CHUNK_BYTES, &got, err);
        if (st == TARN_OK)
            tarn__cli_out_add(ctx->out, chunk, got);
    }
    tarn__cli_free(chunk);
    tarn_reader_close(reader);
    return st;
}

/* "FROM 'path'", with quotes doubled. */
static char *select_all(const char *path)
{
    cli_buf sql = CLI_BUF_INIT;
    tarn__cli_add_text(&sql, "FROM '");
    for (; *path != '\0'; path++) {
        if (*path == '\'')
            tarn__cli_add_char(&sql, '\'');
        tarn__cli_add_char(&sql, *path);
    }
    tarn__cli_add_char(&sql, '\'');
    return sql.ptr;
}

static tarn_status cat_rows(
    cli_ctx *ctx, tarn_snapshot *snap, const char *path, tarn_error *err)
{
    if (ctx->settings.format == CLI_FORMAT_PARQUET) {
        char *sql = select_all(path);
        tarn_status st = tarn__cli_print_parquet(ctx, snap, sql, NULL, err);
        tarn__cli_free(sql);
        return st;
    }
    tarn_rows *rows;
    tarn_status st = tarn_query_table(snap, path, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

static tarn_status run_cat(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_node node = TARN_NODE_INIT;
    char *path = tarn__cli_path(args->words[0]);
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_tree_stat(snap, path, true, &node, err);
    if (st == TARN_OK && node.kind == TARN_KIND_DIR)
        st = tarn__cli_fail(
            err, TARN_INVALID, "%s: is a folder (tarn ls lists it)", path);
    else if (st == TARN_OK &&
        (node.kind == TARN_KIND_TABLE || node.kind == TARN_KIND_SERIES))
        st = cat_rows(ctx, snap, path, err);
    else if (st == TARN_OK)
        st = cat_bytes(ctx, snap, path, err);
    tarn_node_reset(&node);
    tarn__cli_free(path);
    return st;
}

const cli_command tarn__cli_cat = {.name = "cat",
    .group = CLI_GROUP_TREE,
    .synopsis = "PATH",
    .summary = "the content of a node",
    .help = "Prints the bytes of a file or stream, or the rows of a table or "
            "series in --format. Content is checked against its hash when it "
            "is read to the end; the exit code is 7 when it does not match.",
    .example = "tarn cat /raw/day.csv",
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_cat};

/* A glob is no name. */
static bool is_name(void *arg, const char *name, const char *const pair[2])
{
    (void)arg;
    (void)pair;
    return strpbrk(name, "*?[") == NULL;
}

static tarn_status check_names(const cli_args *args, tarn_error *err)
{
    const char *pair[2];
    return tarn__cli_clash(
               args->words, args->word_count - 1, is_name, NULL, pair)
        ? tarn__cli_fail(err, TARN_EXISTS,
              "get: %s and %s have one name, and the second would replace the "
              "first (get them into folders of their own)",
              pair[0], pair[1])
        : TARN_OK;
}

static tarn_status run_get(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_get_options options = TARN_GET_OPTIONS_INIT;
    options.sync = tarn__cli_has(args, "sync");
    options.remove = tarn__cli_has(args, "delete");
    if (options.remove && !options.sync)
        return tarn__cli_fail(
            err, TARN_INVALID, "get --delete: goes with --sync (add it)");
    const char *dir = args->words[args->word_count - 1];
    if (strcmp(dir, "-") == 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "get -: writes into a folder (tarn cat writes to standard output)");
    tarn_status st = check_names(args, err);
    if (st == TARN_OK)
        st = tarn__cli_snapshot(ctx, &snap, err);
    for (size_t i = 0; st == TARN_OK && i + 1 < args->word_count; i++) {
        int64_t written = 0;
        char *path = tarn__cli_path(args->words[i]);
        st = tarn_tree_get(snap, path, dir, &options, &written, err);
        if (st == TARN_OK)
            tarn__cli_chat(ctx, "%s: %" PRId64 " written", path, written);
        tarn__cli_free(path);
    }
    return st;
}

static const cli_flag get_flags[] = {
    {"sync", 0, NULL, "write only what differs"},
    {"delete", 0, NULL, "with --sync: remove what the lake has not"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_get = {.name = "get",
    .group = CLI_GROUP_TREE,
    .synopsis = "PATH|GLOB... HOSTDIR [--sync [--delete]]",
    .summary = "files, folders and tables to the host",
    .help =
        "Writes each node into HOSTDIR, which is made if it is missing, "
        "under its own name; folders with all below them. The lake's own "
        "files are neither removed nor written over. Files and streams come "
        "out byte for byte, tables and series as one Parquet file each.",
    .example = "tarn get /raw backup --sync",
    .flags = get_flags,
    .traits = CLI_LAKE | CLI_READS,
    .min_words = 2,
    .max_words = -1,
    .run = run_get};

static tarn_status run_describe(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_rows *rows = NULL;
    char *path = tarn__cli_path(args->words[0]);
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_tree_describe(snap, path, &rows, err);
    tarn__cli_free(path);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

const cli_command tarn__cli_describe = {.name = "describe",
    .group = CLI_GROUP_TREE,
    .synopsis = "PATH",
    .summary = "kind, schema, versions, rows, time range",
    .help = "Says what a node is: its kind, the columns of a table or series, "
            "its versions with their sizes, its rows and the range of time "
            "that they cover.",
    .example = "tarn describe /readings",
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run_describe};
