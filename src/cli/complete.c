/* What a line in the shell may go on with. */
#include <string.h>
#include <strings.h>

#include "cli/shell.h"

#define CANDIDATES_MAX 500

static const char *const keywords[] = {"ALL", "AND", "ANY", "AS", "ASC", "AT",
    "BETWEEN", "BY", "CASE", "CAST", "COUNT", "CROSS", "DESC", "DESCRIBE",
    "DISTINCT", "ELSE", "END", "EXCEPT", "EXCLUDE", "EXISTS", "EXPLAIN",
    "FALSE", "FILTER", "FROM", "FULL", "GROUP", "HAVING", "ILIKE", "IN",
    "INNER", "INTERSECT", "INTERVAL", "IS", "JOIN", "LEFT", "LIKE", "LIMIT",
    "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "OVER", "PARTITION",
    "PIVOT", "QUALIFY", "RIGHT", "SELECT", "SUMMARIZE", "TABLES", "THEN",
    "TIMESTAMP", "TRUE", "UNION", "UNPIVOT", "USING", "VALUES", "VERSION",
    "WHEN", "WHERE", "WINDOW", "WITH", "lake.log", "lake.nodes"};

static void add(cli_candidates *out, const char *text)
{
    if (out->count == CANDIDATES_MAX)
        return;
    out->ptr =
        tarn__cli_grow(out->ptr, &out->cap, out->count + 1, sizeof(*out->ptr));
    out->ptr[out->count++] = tarn__cli_strdup(text);
}

void tarn__cli_candidates_reset(cli_candidates *candidates)
{
    for (size_t i = 0; i < candidates->count; i++)
        tarn__cli_free(candidates->ptr[i]);
    tarn__cli_free(candidates->ptr);
    *candidates = (cli_candidates)CLI_CANDIDATES_INIT;
}

static void add_keywords(const char *word, cli_candidates *out)
{
    size_t len = strlen(word);
    if (len == 0)
        return;
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (strncasecmp(keywords[i], word, len) == 0)
            add(out, keywords[i]);
}

static void add_commands(const char *word, cli_candidates *out)
{
    size_t len = strlen(word);
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i]->name, word, len) == 0)
            add(out, commands[i]->name);
    for (const cli_dot *dot = tarn__cli_dots; dot->name != NULL; dot++)
        if (strncmp(dot->name, word, len) == 0)
            add(out, dot->name);
}

/* Paths of the lake; a folder goes on with a slash. */
static void add_paths(cli_ctx *ctx, const char *word, cli_candidates *out)
{
    tarn_snapshot *snap = NULL;
    tarn_tree_list *list = NULL;
    const tarn_node *node;
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    char *pattern = tarn__cli_sprintf("%s*", word);
    options.all = true;
    tarn_status st = tarn_snapshot_open(ctx->lake, TARN_LATEST, &snap, NULL);
    if (st == TARN_OK)
        st = tarn_tree_list_open(snap, pattern, &options, &list, NULL);
    while (st == TARN_OK && out->count < CANDIDATES_MAX &&
        tarn_tree_list_next(list, &node, NULL) == TARN_ROW) {
        char *path = tarn__cli_sprintf(
            "%s%s", node->path, node->kind == TARN_KIND_DIR ? "/" : "");
        add(out, path);
        tarn__cli_free(path);
    }
    tarn_tree_list_free(list);
    tarn_snapshot_free(snap);
    tarn__cli_free(pattern);
}

void tarn__cli_complete(
    cli_ctx *ctx, const char *line, size_t *start, cli_candidates *out)
{
    size_t at = strlen(line);
    while (at > 0 && strchr(" \t'\"(),;=", line[at - 1]) == NULL)
        at--;
    *start = at;
    if (line[at] == '/') {
        add_paths(ctx, line + at, out);
    } else if (line[0] == '.') {
        *start = 1;
        add_commands(line + 1, out);
    } else {
        add_keywords(line + at, out);
    }
}
