/* tarn check, tarn rebuild, tarn compact, tarn gc */
#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/rows.h"

/* A line a fault for people: FAULT: WHERE: WHAT. */
static tarn_status print_faults(
    cli_ctx *ctx, tarn_rows *rows, int64_t *count, tarn_error *err)
{
    if (ctx->settings.format != CLI_FORMAT_AUTO)
        return tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, count, err);
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW) {
        for (size_t i = 0; i < 3; i++) {
            const char *text = tarn_rows_text(rows, i);
            tarn__cli_out_text(ctx->out, text == NULL ? "" : text);
            tarn__cli_out_text(ctx->out, i < 2 ? ": " : "\n");
        }
        ++*count;
    }
    tarn_rows_free(rows);
    return st;
}

static tarn_status run_check(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_rows *rows;
    int64_t count = 0;
    tarn_status st =
        tarn_views_check(ctx->lake, tarn__cli_has(args, "deep"), &rows, err);
    if (st == TARN_OK)
        st = print_faults(ctx, rows, &count, err);
    if (st != TARN_OK)
        return st;
    if (count == 0) {
        tarn__cli_note(ctx, "no faults");
        return TARN_OK;
    }
    cli_out *out = ctx->out;
    ctx->out = NULL; /* what was found is wanted, though this fails */
    st = tarn__cli_out_finish(out, err);
    if (st != TARN_OK)
        return st;
    return tarn__cli_fail(err, TARN_CORRUPT,
        "%s: %" PRId64 " fault%s (tarn rebuild all makes views anew; for lost "
        "content restore a copy)",
        tarn_lake_dir(ctx->lake), count, count == 1 ? "" : "s");
}

static const cli_flag check_flags[] = {
    {"deep", 0, NULL, "hash every object again"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_check = {.name = "check",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[--deep]",
    .summary = "is the lake what it should be?",
    .help = "Verifies the log, that every object is there, and that the views "
            "say what the log says; with --deep also that every object hashes "
            "to its name, and that records and edges fit together. Prints a "
            "line a fault (with --format the columns "
            "fault, where and what); the exit code is then 7.",
    .example = "tarn check --deep",
    .flags = check_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run_check};

static tarn_status run_rebuild(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    static const char *const views[] = {"key", "column", "vector", "all"};
    const char *what = args->word_count == 0 ? "all" : args->words[0];
    bool known = false;
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        known = known || strcmp(views[i], what) == 0;
    if (!known)
        return tarn__cli_fail(err, TARN_INVALID,
            "rebuild %s: there is no such view (it is one of key, column, "
            "vector, all)",
            what);
    tarn_status st = tarn__cli_lake(ctx, err);
    return st == TARN_OK ? tarn_views_rebuild(ctx->lake, what, err) : st;
}

const cli_command tarn__cli_rebuild = {.name = "rebuild",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[key|column|vector|all]",
    .summary = "make views anew from the log",
    .help = "Views only repeat what log and objects say; this makes one, or "
            "all of them, again.",
    .example = "tarn rebuild key",
    .min_words = 0,
    .max_words = 1,
    .run = run_rebuild};

/* What the log says about it. */
static void name_upkeep(cli_ctx *ctx)
{
    tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
    options.message = ctx->settings.message;
    options.argv = (const char *const *)ctx->masked;
    tarn_lake_name_upkeep(ctx->lake, &options);
}

static tarn_status run_compact(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    (void)args;
    int64_t version;
    name_upkeep(ctx);
    tarn_status st = tarn_lake_compact(ctx->lake, &version, err);
    if (st == TARN_OK)
        tarn__cli_committed(ctx, version);
    return st;
}

const cli_command tarn__cli_compact = {.name = "compact",
    .group = CLI_GROUP_LAKE,
    .synopsis = "",
    .summary = "merge small log files",
    .help = "Rewrites many small files of the log into few. It also happens "
            "by itself; what can be read does not change.",
    .example = "tarn compact",
    .traits = CLI_LAKE | CLI_COMMITS,
    .min_words = 0,
    .max_words = 0,
    .run = run_compact};

static tarn_status run_gc(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    const char *retain = tarn__cli_value(args, "retain");
    options.dry_run = tarn__cli_has(args, "dry-run");
    options.retain_forever = retain == NULL || strcmp(retain, "forever") == 0;
    tarn_status st = TARN_OK;
    if (!options.retain_forever)
        st = tarn__cli_duration(args, "retain", &options.retain_us, err);
    if (st == TARN_OK)
        st = tarn__cli_duration(args, "grace", &options.grace_us, err);
    if (st != TARN_OK)
        return st;
    tarn_rows *rows;
    int64_t version;
    name_upkeep(ctx);
    st = tarn_lake_gc(ctx->lake, &options, &version, &rows, err);
    if (st != TARN_OK)
        return st;
    st = tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
    if (version >= 0)
        tarn__cli_committed(ctx, version);
    return st;
}

static const cli_flag gc_flags[] = {
    {"retain", 0, "forever|AGE",
        "history that is kept: all (the default), or what is younger, such as "
        "30d; 0d keeps the head alone"},
    {"grace", 0, "AGE", "what was needed so recently stays (1h)"},
    {"dry-run", 0, NULL, "say what would go, remove nothing"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_gc = {.name = "gc",
    .group = CLI_GROUP_LAKE,
    .synopsis = "[--retain forever|AGE] [--grace AGE] [--dry-run]",
    .summary = "remove files that nothing needs",
    .help = "Removes files that no version needs and that are older than the "
            "grace. History goes only when --retain names an age: a version "
            "that is gone is then not found. Prints what, count and bytes.",
    .example = "tarn gc --retain 30d --dry-run",
    .flags = gc_flags,
    .traits = CLI_LAKE | CLI_PRINTS | CLI_ROWS | CLI_COMMITS,
    .min_words = 0,
    .max_words = 0,
    .run = run_gc};
