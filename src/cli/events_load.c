/* tarn events load */
#include <string.h>

#include "cli/commands.h"
#include "cli/events.h"
#include "cli/out.h"

static tarn_status read_mode(
    const cli_args *args, tarn_event_options *options, tarn_error *err)
{
    bool append = tarn__cli_has(args, "append");
    bool replace = tarn__cli_has(args, "replace");
    if (append && replace)
        return tarn__cli_fail(err, TARN_INVALID,
            "--append and --replace: do not go together (take one)");
    options->mode = append ? TARN_EVENT_APPEND
        : replace          ? TARN_EVENT_REPLACE
                           : TARN_EVENT_CREATE;
    options->profiles = tarn__cli_has(args, "profiles");
    return TARN_OK;
}

static tarn_status read_bounds(
    const cli_args *args, tarn_event_options *options, tarn_error *err)
{
    int64_t batch = 1000;
    bool strict = tarn__cli_has(args, "strict");
    if (strict && tarn__cli_has(args, "max-bad"))
        return tarn__cli_fail(err, TARN_INVALID,
            "--strict and --max-bad: do not go together (--strict is "
            "--max-bad 0)");
    if (strict)
        options->max_bad = 0;
    tarn_status st =
        tarn__cli_number(args, "max-bad", 0, INT64_MAX, &options->max_bad, err);
    if (st == TARN_OK)
        st = tarn__cli_number(args, "batch-size", 1, 10000000, &batch, err);
    options->batch_size = (uint64_t)batch;
    return st;
}

typedef struct bad_lines {
    struct cli_progress *progress;
    cli_out *out;
} bad_lines;

static tarn_status load(cli_ctx *ctx, const cli_args *args,
    tarn_event_options *options, bad_lines *bad, tarn_error *err)
{
    tarn_store *store;
    tarn_event_counts counts;
    tarn_status st = tarn__cli_store(ctx, args, CLI_STORE_MAKE, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_event_load(store, args->words[0], args->words + 1,
        args->word_count - 1, options, &counts, err);
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    tarn_store_free(store);
    tarn__cli_progress_clear(ctx->progress);
    if (st == TARN_OK && bad->out != NULL) {
        st = tarn__cli_out_finish(bad->out, err);
        bad->out = NULL;
    }
    return st == TARN_OK ? tarn__cli_print_counts(ctx, &counts, err) : st;
}

static bool step(void *arg, const char *what, uint64_t done, uint64_t total)
{
    return tarn__cli_progress_step(
        ((bad_lines *)arg)->progress, what, done, total);
}

static tarn_status show(void *arg, tarn_slice lines, tarn_error *err)
{
    (void)err; /* the output keeps its own */
    tarn__cli_out_add(((bad_lines *)arg)->out, lines.ptr, lines.len);
    return TARN_OK;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_event_options options = TARN_EVENT_OPTIONS_INIT;
    const char *shred = tarn__cli_value(args, "shred");
    const char **parts = NULL;
    bad_lines bad = {ctx->progress, NULL};
    options.quarantine = tarn__cli_value(args, "quarantine");
    options.progress = step;
    options.arg = &bad;
    tarn_status st = read_mode(args, &options, err);
    if (st == TARN_OK)
        st = read_bounds(args, &options, err);
    if (st != TARN_OK)
        return st;
    if (shred != NULL)
        parts = tarn__cli_parts(shred, &options.shred_count);
    options.shred = parts;
    if (options.quarantine != NULL && strcmp(options.quarantine, "-") == 0) {
        options.quarantine = NULL;
        options.on_quarantined = show;
        st = tarn__cli_out_open("-", false, &bad.out, err);
    }
    if (st == TARN_OK)
        st = load(ctx, args, &options, &bad, err);
    if (bad.out != NULL)
        tarn__cli_out_abort(bad.out);
    tarn__cli_free(parts);
    return st;
}

static const cli_flag flags[] = {CLI_STORE_FLAGS,
    {"profiles", 0, NULL, "the lines are profiles, not events"},
    {"append", 0, NULL, "add what is new to a table that is there"},
    {"replace", 0, NULL, "put a new version in place of what is there"},
    {"batch-size", 0, "N", "lines from one report of progress to the next"},
    {"shred", 0, "A,B", "properties that get typed columns of their own"},
    {"quarantine", 0, "FILE",
        "where bad lines go (-: before the counts); else into the store's "
        "table _quarantine"},
    {"strict", 0, NULL, "load nothing when a line is bad"},
    {"max-bad", 0, "N", "load nothing when more than N lines are bad"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_load = {.name = "events load",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME FILE...|-",
    .summary = "load events or profiles from JSON lines",
    .help = "Loads files of JSON lines, packed with gzip or zstd or not, into "
            "a table of a store, all or nothing, and prints how many lines "
            "were read, loaded, duplicates of an insert_id (profiles: of a "
            "distinct_id) or quarantined.\n\nThe first of several with one id "
            "is kept. A line that is no event is put aside with its number "
            "and the reason; a line may be 16 MiB long.",
    .example = "tarn events load events --db web.db january.jsonl.gz",
    .flags = flags,
    .traits = CLI_PRINTS | CLI_ROWS,
    .min_words = 2,
    .max_words = -1,
    .run = run};
