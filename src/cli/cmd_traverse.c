/* tarn traverse */
#include <string.h>

#include "cli/commands.h"
#include "cli/record.h"
#include "cli/rows.h"

#define DEPTH_MAX 1000000

typedef struct word {
    const char *text;
    int value;
} word;

/* The value of a flag that is one of three words; *out untouched when it was
 * not given. */
static tarn_status choice(const cli_args *args, const char *flag,
    const word words[3], int *out, tarn_error *err)
{
    const char *given = tarn__cli_value(args, flag);
    if (given == NULL)
        return TARN_OK;
    for (int i = 0; i < 3; i++) {
        if (strcmp(given, words[i].text) == 0) {
            *out = words[i].value;
            return TARN_OK;
        }
    }
    return tarn__cli_fail(err, TARN_INVALID,
        "--%s %s: there is no such (give %s, %s or %s)", flag, given,
        words[0].text, words[1].text, words[2].text);
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    static const word directions[3] = {
        {"out", TARN_EDGE_OUT}, {"in", TARN_EDGE_IN}, {"both", TARN_EDGE_BOTH}};
    static const word orders[3] = {{"bfs", TARN_TRAVERSE_BFS},
        {"dfs", TARN_TRAVERSE_DFS}, {"shortest", TARN_TRAVERSE_SHORTEST}};
    tarn_traverse_options options = TARN_TRAVERSE_OPTIONS_INIT;
    int direction = TARN_EDGE_OUT, order = TARN_TRAVERSE_BFS;
    tarn_snapshot *snap;
    tarn_rows *rows;
    options.tenant = tarn__cli_tenant(ctx, args);
    options.type = tarn__cli_value(args, "type");
    options.to = tarn__cli_value(args, "to");
    tarn_status st =
        tarn__cli_number(args, "depth", 1, DEPTH_MAX, &options.depth, err);
    if (st == TARN_OK)
        st = choice(args, "direction", directions, &direction, err);
    if (st == TARN_OK)
        st = choice(args, "order", orders, &order, err);
    options.direction = (tarn_edge_direction)direction;
    options.order = (tarn_traverse_order)order;
    if (st == TARN_OK)
        st = tarn__cli_snapshot(ctx, &snap, err);
    if (st == TARN_OK)
        st = tarn_traverse(snap, args->words[0], &options, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

static const cli_flag flags[] = {{"depth", 0, "N", "steps at most (3)"},
    {"direction", 0, "D", "along edges: out (the default), in or both"},
    {"type", 0, "REL", "along edges of a relation only"},
    {"to", 0, "KEY", "only ways that end there; none is exit 3"},
    {"order", 0, "O", "bfs (the default), dfs or shortest"},
    {"tenant", 0, "T", "whose records; else $TARN_TENANT, else default"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_traverse = {.name = "traverse",
    .group = CLI_GROUP_RECORDS,
    .synopsis = "FROM [--to KEY] [--order bfs|dfs|shortest] [--depth 3]",
    .summary = "records that edges lead to",
    .help = "Prints depth, id, key, table and path of what can be reached "
            "from a record; path is the JSON array of keys from the start, "
            "which itself is not listed.\n"
            "\n"
            "bfs lists each record once, at its smallest depth; dfs each path "
            "that visits no record twice; shortest one row, the end of a "
            "shortest way to the record that --to names. Cycles end. A softly "
            "deleted record is neither seen nor passed through.",
    .example = "tarn traverse Ada --to Alan --order shortest --depth 6",
    .flags = flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 1,
    .max_words = 1,
    .run = run};
