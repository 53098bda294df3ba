/* tarn mkdir, rm, mv, cp, ln, revert, collapse: nodes as they are. */
#include <string.h>

#include "cli/commands.h"

static tarn_status run_mkdir(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    for (size_t i = 0; st == TARN_OK && i < args->word_count; i++) {
        char *path = tarn__cli_path(args->words[i]);
        st = tarn_tree_mkdir(txn, path, tarn__cli_has(args, "parents"), err);
        tarn__cli_free(path);
    }
    return st;
}

static const cli_flag mkdir_flags[] = {
    {"parents", 'p', NULL, "make the folders above it; none is an error"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_mkdir = {.name = "mkdir",
    .group = CLI_GROUP_TREE,
    .synopsis = "[-p] PATH...",
    .summary = "make folders",
    .help = "Makes folders. Without -p the folder above must be there, and "
            "the folder itself must not.",
    .example = "tarn mkdir -p /raw/2026/11",
    .flags = mkdir_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = -1,
    .run = run_mkdir};

static tarn_status run_rm(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    for (size_t i = 0; st == TARN_OK && i < args->word_count; i++) {
        char *path = tarn__cli_path(args->words[i]);
        st = tarn_tree_rm(txn, path, tarn__cli_has(args, "recursive"), err);
        tarn__cli_free(path);
    }
    return st;
}

static const cli_flag rm_flags[] = {
    {"recursive", 'r', NULL, "folders with all below them"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_rm = {.name = "rm",
    .group = CLI_GROUP_TREE,
    .synopsis = "[-r] PATH...",
    .summary = "remove nodes; earlier versions still have them",
    .help = "Removes nodes from the head. Earlier versions can be read and "
            "brought back with tarn revert.",
    .example = "tarn rm -r /old",
    .flags = rm_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = -1,
    .run = run_rm};

typedef tarn_status (*two_paths_fn)(
    tarn_txn *txn, const char *a, const char *b, tarn_error *err);

static tarn_status on_two_paths(
    cli_ctx *ctx, const cli_args *args, two_paths_fn fn, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    char *a = tarn__cli_path(args->words[0]);
    char *b = tarn__cli_path(args->words[1]);
    st = fn(txn, a, b, err);
    tarn__cli_free(a);
    tarn__cli_free(b);
    return st;
}

static tarn_status run_mv(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    return on_two_paths(ctx, args, tarn_tree_mv, err);
}

const cli_command tarn__cli_mv = {.name = "mv",
    .group = CLI_GROUP_TREE,
    .synopsis = "A B",
    .summary = "move or rename a node",
    .help =
        "Moves a node with all below it; no content is copied. It goes "
        "into B under its own name when B is a folder; what else stands at B "
        "is replaced, and earlier versions keep it.",
    .example = "tarn mv /raw/day.csv /raw/monday.csv",
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = 2,
    .run = run_mv};

static tarn_status run_cp(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    return on_two_paths(ctx, args, tarn_tree_cp, err);
}

const cli_command tarn__cli_cp = {.name = "cp",
    .group = CLI_GROUP_TREE,
    .synopsis = "A B",
    .summary = "copy a node; content is shared",
    .help = "Copies a node with all below it. Content is shared, so that the "
            "size does not matter. It goes into B under its own name when B "
            "is a folder.",
    .example = "tarn cp /raw /backup",
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = 2,
    .run = run_cp};

/* A link's target is kept as it is written: it may be relative. */
static tarn_status run_ln(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    if (!tarn__cli_has(args, "symbolic"))
        return tarn__cli_fail(err, TARN_INVALID,
            "ln: there are symbolic links only (tarn ln -s TARGET PATH; tarn "
            "cp shares content)");
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__cli_path(args->words[1]);
    st = tarn_tree_ln(txn, args->words[0], path, err);
    tarn__cli_free(path);
    return st;
}

static const cli_flag ln_flags[] = {
    {"symbolic", 's', NULL, "a symbolic link; there are no others"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_ln = {.name = "ln",
    .group = CLI_GROUP_TREE,
    .synopsis = "-s TARGET PATH",
    .summary = "make a symbolic link",
    .help = "Makes a link at PATH that leads to TARGET, which need not be "
            "there and may be relative to the link's folder.",
    .example = "tarn ln -s /raw/day.csv /today",
    .flags = ln_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 2,
    .max_words = 2,
    .run = run_ln};

static tarn_status run_revert(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    int64_t version;
    const char *to = tarn__cli_value(args, "to");
    if (to == NULL)
        return tarn__cli_fail(
            err, TARN_INVALID, "revert: the version is missing (--to VERSION)");
    tarn_status st = tarn_lake_resolve(ctx->lake, to, &version, err);
    if (st == TARN_OK)
        st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__cli_path(args->words[0]);
    st = tarn_tree_revert(txn, path, version, err);
    tarn__cli_free(path);
    return st;
}

static const cli_flag revert_flags[] = {
    {"to", 0, "VERSION|TIME", "as it was then"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_revert = {.name = "revert",
    .group = CLI_GROUP_TREE,
    .synopsis = "PATH --to VERSION",
    .summary = "as it was at a version, as a new commit",
    .help =
        "Makes a node, or a folder with all below it, what it was at an "
        "earlier version. Nothing is lost: it is a new commit, and what was "
        "moved out of the folder since stays where it is.",
    .example = "tarn revert /raw --to 3",
    .flags = revert_flags,
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 1,
    .run = run_revert};

static tarn_status run_collapse(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_txn *txn;
    tarn_status st = tarn__cli_txn(ctx, &txn, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__cli_path(args->words[0]);
    st = tarn_tree_collapse(txn, path, err);
    tarn__cli_free(path);
    return st;
}

const cli_command tarn__cli_collapse = {.name = "collapse",
    .group = CLI_GROUP_TREE,
    .synopsis = "PATH",
    .summary = "merge the versions of a series or stream into one",
    .help = "Merges what many puts added into one piece. The content is the "
            "same, and old versions stay readable.",
    .example = "tarn collapse /readings",
    .traits = CLI_LAKE | CLI_COMMITS | CLI_BATCH,
    .min_words = 1,
    .max_words = 1,
    .run = run_collapse};
