/* tarn help, tarn completion */
#include <string.h>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/out.h"

static void send_text(cli_ctx *ctx, cli_buf *text)
{
    tarn__cli_out_add(ctx->out, text->ptr, text->len);
    tarn__cli_buf_reset(text);
}

static tarn_status run_help(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    cli_buf text = CLI_BUF_INIT;
    tarn_status st = TARN_OK;
    if (tarn__cli_has(args, "man")) {
        tarn__cli_man(&text);
    } else if (args->word_count == 0) {
        tarn__cli_help_all(&text);
    } else if (args->word_count > 1 ||
        !tarn__cli_help_family(&text, args->words[0])) {
        cli_args named = CLI_ARGS_INIT;
        const char *words[] = {"--help", args->words[0],
            args->word_count > 1 ? args->words[1] : NULL};
        st = tarn__cli_parse(&named, words, args->word_count + 1, err);
        if (st == TARN_OK)
            tarn__cli_help_one(&text, named.command);
        tarn__cli_args_reset(&named);
    }
    if (st == TARN_OK)
        send_text(ctx, &text);
    return st;
}

static const cli_flag help_flags[] = {
    {"man", 0, NULL, "the man page, as roff"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_help = {.name = "help",
    .group = CLI_GROUP_HELP,
    .synopsis = "[COMMAND] [--man]",
    .summary = "what there is, or what a command does",
    .help = "Lists the commands, or says what one of them does, which flags "
            "it takes, and how it is used. `tarn COMMAND --help` is the same.",
    .example = "tarn help put",
    .flags = help_flags,
    .traits = CLI_PRINTS,
    .min_words = 0,
    .max_words = 2,
    .run = run_help};

static tarn_status run_completion(
    cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    cli_buf text = CLI_BUF_INIT;
    if (!tarn__cli_completion_script(&text, args->words[0]))
        return tarn__cli_fail(err, TARN_INVALID,
            "completion %s: there is none for this shell (it is one of bash, "
            "zsh, fish)",
            args->words[0]);
    send_text(ctx, &text);
    return TARN_OK;
}

const cli_command tarn__cli_completion = {.name = "completion",
    .group = CLI_GROUP_HELP,
    .synopsis = "bash|zsh|fish",
    .summary = "a script that completes commands, flags and lake paths",
    .help = "Prints what the shell reads to complete commands, flags, host "
            "files and, after a /, paths of the lake.",
    .example = "tarn completion bash > tarn.bash",
    .traits = CLI_PRINTS,
    .min_words = 1,
    .max_words = 1,
    .run = run_completion};
