/* tarn batch: many commands, one commit. */
#include <string.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/lines.h"

typedef struct batch {
    cli_words words;
    cli_args args;
} batch;

/* What holds for the whole batch is not said in a line. */
static tarn_status check_line(const cli_args *args, tarn_error *err)
{
    const cli_command *command = args->command;
    if (command == NULL)
        return tarn__cli_fail(err, TARN_INVALID, "a command is missing");
    if ((command->traits & CLI_BATCH) == 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "%s: cannot stand in a batch (only commands that write to the "
            "tree, records and state can)",
            command->name);
    for (size_t i = 0; i < args->set_count; i++) {
        const cli_flag *own = command->flags;
        while (own != NULL && own->name != NULL &&
            strcmp(own->name, args->set[i].flag->name) != 0)
            own++;
        if (own == NULL || own->name == NULL)
            return tarn__cli_fail(err, TARN_INVALID,
                "--%s: holds for the whole batch (give it to tarn batch)",
                args->set[i].flag->name);
    }
    return TARN_OK;
}

static tarn_status run_line(
    cli_ctx *ctx, batch *b, const char *line, size_t len, tarn_error *err)
{
    tarn_status st = tarn__cli_split(&b->words, line, len, err);
    if (st != TARN_OK || b->words.count == 0)
        return st;
    st = tarn__cli_parse(&b->args, b->words.ptr, b->words.count, err);
    if (st == TARN_OK)
        st = check_line(&b->args, err);
    return st == TARN_OK ? b->args.command->run(ctx, &b->args, err) : st;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    cli_lines lines;
    batch b = {CLI_WORDS_INIT, CLI_ARGS_INIT};
    tarn_status st = tarn__cli_lines_open(&lines, args->words[0], err);
    if (st != TARN_OK)
        return st;
    ctx->batch = lines.name;
    while (st == TARN_OK) {
        const char *line;
        size_t len;
        st = tarn__cli_lines_next(&lines, &line, &len, err);
        if (st != TARN_ROW)
            break;
        if (tarn__cli_interrupted()) {
            st = tarn__cli_fail_interrupted(err);
            break;
        }
        st = run_line(ctx, &b, line, len, err);
        if (st != TARN_OK)
            tarn__cli_prefix(
                err, "%s line %lld", lines.name, (long long)lines.number);
    }
    if (st == TARN_OK)
        st = tarn__cli_commit(ctx, err);
    ctx->batch = NULL;
    tarn__cli_lines_close(&lines);
    tarn__cli_words_reset(&b.words);
    tarn__cli_args_reset(&b.args);
    return st;
}

const cli_command tarn__cli_batch = {.name = "batch",
    .group = CLI_GROUP_LAKE,
    .synopsis = "FILE",
    .summary = "many commands as one commit",
    .help = "Runs commands from a file, or from standard input (-), one a "
            "line, without the leading tarn and quoted as in a shell (nothing "
            "is expanded; # starts a comment). They are one commit: each sees "
            "what earlier lines wrote, and the first failure commits nothing "
            "and names its line. Only commands that write to tree, records "
            "and state can stand in it. What they print comes after the "
            "commit, in order.",
    .example = "tarn batch puts.txt -m 'one night of files'",
    .traits = CLI_LAKE | CLI_PRINTS | CLI_COMMITS,
    .min_words = 1,
    .max_words = 1,
    .run = run};
