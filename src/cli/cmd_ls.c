/* tarn ls */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/rows.h"

static const cli_column bare_columns[] = {{"path", TARN_TEXT, false}};

enum { KIND, SIZE, VERSION, MODIFIED, PATH, TARGET, COLUMN_COUNT };
static const cli_column long_columns[COLUMN_COUNT] = {
    [KIND] = {"kind", TARN_TEXT, false},
    [SIZE] = {"size", TARN_INT64, true},
    [VERSION] = {"version", TARN_INT64, true},
    [MODIFIED] = {"modified", TARN_TIME, false},
    [PATH] = {"path", TARN_TEXT, false},
    [TARGET] = {"target", TARN_TEXT, false}};

static cli_cell text_cell(const char *text)
{
    return (cli_cell){text == NULL, tarn_str(text == NULL ? "" : text)};
}

static void add_long(cli_writer *writer, const tarn_node *node)
{
    char size[24];
    char version[24];
    char modified[TARN_TEXT_BYTES];
    (void)snprintf(size, sizeof(size), "%" PRId64, node->size_bytes);
    (void)snprintf(version, sizeof(version), "%" PRId64, node->version);
    cli_cell cells[COLUMN_COUNT] = {
        [KIND] = text_cell(tarn_kind_name(node->kind)),
        [SIZE] = text_cell(size),
        [VERSION] = text_cell(version),
        [MODIFIED] = text_cell(tarn_format_time(node->modified_us, modified)),
        [PATH] = text_cell(node->path),
        [TARGET] = text_cell(node->target)};
    tarn__cli_writer_row(writer, cells);
}

/* A missing path shall not cost half a listing: all are opened first. */
static tarn_status open_all(cli_ctx *ctx, const cli_args *args,
    tarn_tree_list **lists, size_t count, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    options.recursive = tarn__cli_has(args, "recursive");
    options.all = tarn__cli_has(args, "all");
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        char *path =
            tarn__cli_path(args->word_count == 0 ? "/" : args->words[i]);
        st = tarn_tree_list_open(snap, path, &options, &lists[i], err);
        tarn__cli_free(path);
    }
    return st;
}

static tarn_status print_list(cli_ctx *ctx, tarn_tree_list *list, bool details,
    cli_writer *writer, tarn_error *err)
{
    while (!tarn__cli_out_stopped(ctx->out)) {
        const tarn_node *node;
        if (tarn__cli_interrupted())
            return tarn__cli_fail_interrupted(err);
        tarn_status st = tarn_tree_list_next(list, &node, err);
        if (st != TARN_ROW)
            return st;
        cli_cell cell = text_cell(node->path);
        if (details)
            add_long(writer, node);
        else
            tarn__cli_writer_row(writer, &cell);
    }
    return TARN_OK;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    bool details = tarn__cli_has(args, "long");
    size_t count = args->word_count == 0 ? 1 : args->word_count;
    tarn_tree_list **lists = tarn__cli_alloc(count * sizeof(*lists));
    cli_writer writer = {NULL, NULL, NULL};
    tarn_status st = open_all(ctx, args, lists, count, err);
    if (st == TARN_OK)
        st = tarn__cli_writer_open(&writer, ctx,
            details ? CLI_FORMAT_AUTO : CLI_FORMAT_PLAIN,
            details ? long_columns : bare_columns, details ? COLUMN_COUNT : 1,
            err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = print_list(ctx, lists[i], details, &writer, err);
    st = tarn__cli_writer_close(&writer, st, err);
    for (size_t i = 0; i < count; i++)
        tarn_tree_list_free(lists[i]);
    tarn__cli_free(lists);
    return st;
}

static const cli_flag flags[] = {
    {"long", 'l', NULL, "kind, size, version, modified, path and target"},
    {"recursive", 'R', NULL, "all below a folder"},
    {"all", 'a', NULL, "names that begin with a dot too"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_ls = {.name = "ls",
    .group = CLI_GROUP_TREE,
    .synopsis = "[PATH|GLOB...] [-l] [-R] [-a]",
    .summary = "what stands in a folder, or what a glob matches",
    .help = "Prints absolute paths, one a line: the entries of a folder, all "
            "below it with -R, the matches of a glob, or the file that was "
            "named. In a glob * and ? stand for characters of one name, "
            "[a-z] for one of them, and **/ for zero or more folders.",
    .example = "tarn ls -l '/raw/**/*.csv'",
    .flags = flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = -1,
    .run = run};
