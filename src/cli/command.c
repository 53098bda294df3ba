/* From the words that were typed to the exit code. */
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/host.h"
#include "cli/out.h"

/* --format may stand before what could not be parsed; its error should be told
 * in that format. */
static void guess_format(cli_ctx *ctx, const cli_args *args)
{
    const char *text = tarn__cli_value(args, "format");
    if (text == NULL)
        text = tarn__cli_env("TARN_FORMAT");
    if (text != NULL)
        (void)tarn__cli_parse_format(text, &ctx->settings.format);
}

static tarn_status print_text(cli_buf *text, tarn_error *err)
{
    cli_out *out;
    tarn_status st = tarn__cli_out_open(NULL, false, &out, err);
    if (st == TARN_OK) {
        tarn__cli_out_add(out, text->ptr, text->len);
        st = tarn__cli_out_finish(out, err);
    }
    tarn__cli_buf_reset(text);
    return st;
}

/* --version and --help, with or without a command. */
static bool asks_text(const cli_args *args, cli_buf *text)
{
    if (tarn__cli_has(args, "help")) {
        if (args->command != NULL)
            tarn__cli_help_one(text, args->command);
        else if (args->word_count == 0 ||
            !tarn__cli_help_family(text, args->words[0]))
            tarn__cli_help_all(text);
        return true;
    }
    if (tarn__cli_has(args, "version")) {
        tarn__cli_help_versions(text);
        return true;
    }
    return false;
}

static tarn_status run_words(cli_ctx *ctx, cli_args *args,
    const char *const *words, size_t count, tarn_error *err)
{
    cli_buf text = CLI_BUF_INIT;
    tarn_status st = tarn__cli_parse(args, words, count, err);
    guess_format(ctx, args);
    if (st != TARN_OK)
        return st;
    if (asks_text(args, &text))
        return print_text(&text, err);
    if (args->command == NULL)
        return tarn__cli_fail(
            err, TARN_INVALID, "a command is missing (tarn help lists them)");
    st = tarn__cli_settings(&ctx->settings, args, err);
    if (st != TARN_OK)
        return st;
    ctx->masked = tarn__cli_mask(words, count);
    ctx->progress = tarn__cli_progress_create(!ctx->settings.quiet);
    return tarn__cli_run(ctx, args, err);
}

int tarn__cli_main(int argc, char **argv)
{
    cli_ctx ctx = {.settings = CLI_SETTINGS_INIT, .version_fd = -1};
    cli_args args = CLI_ARGS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn__cli_hold_standard_fds();
    tarn__cli_catch_signals();
    size_t count = argc > 0 ? (size_t)argc - 1 : 0;
    tarn_status st =
        run_words(&ctx, &args, (const char *const *)argv + 1, count, &err);
    if (st != TARN_OK)
        tarn__cli_report(&ctx, &err);
    tarn__cli_done(&ctx, false);
    tarn__cli_progress_free(ctx.progress);
    tarn__cli_args_reset(&args);
    return tarn_exit_code(st);
}
