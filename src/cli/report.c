/* What went wrong, for people and for scripts. */
#include <string.h>

#include "cli/cli.h"
#include "cli/host.h"
#include "cli/json.h"

static void add_member(
    cli_buf *json, const char *name, const char *value, bool *first)
{
    if (value == NULL)
        return;
    tarn__cli_add_text(json, *first ? "" : ",");
    tarn__cli_json_quote(json, tarn_str(name));
    tarn__cli_add_char(json, ':');
    tarn__cli_json_quote(json, tarn_str(value));
    *first = false;
}

static void add_object(cli_buf *text, cli_ctx *ctx, const tarn_error *err)
{
    bool first = true;
    tarn__cli_addf(
        text, "{\"code\":%d,\"message\":", tarn_exit_code(err->code));
    tarn__cli_json_quote(text, tarn_str(err->message));
    tarn__cli_add_text(text, ",\"details\":{");
    add_member(text, "status", tarn_status_name(err->code), &first);
    add_member(text, "query", ctx->details.query, &first);
    add_member(text, "error_type", ctx->details.error_type, &first);
    add_member(text, "original_error", ctx->details.original_error, &first);
    tarn__cli_add_text(text, "}}\n");
}

/* What helps where a message proposes nothing itself: every line ends in a
 * proposal. */
static const char *mend_of(const cli_ctx *ctx, const tarn_error *err)
{
    switch (err->code) {
    case TARN_INVALID:
        return "see tarn help";
    case TARN_NOT_FOUND:
        return "check the name";
    case TARN_EXISTS:
    case TARN_CONFLICT:
        return "look at what is there, and try again";
    case TARN_BAD_INPUT:
        return ctx->details.query != NULL ? "mend the query" : "mend the input";
    case TARN_LOCKED:
        return "try again, or wait with --wait SECONDS";
    case TARN_CORRUPT:
        return "tarn check --deep says what is damaged";
    case TARN_INTERRUPTED:
        return "run it again";
    case TARN_NO_MEMORY:
        return "free some memory, or give a larger --memory";
    default:
        if (strstr(err->message, "No space left on device") != NULL)
            return "free some space on that file system";
        return err->origin == TARN_ORIGIN_OS
            ? "check the place, its rights and its space"
            : "TARN_LOG=debug says more";
    }
}

static void add_line(cli_buf *text, const cli_ctx *ctx, const tarn_error *err)
{
    size_t len = strlen(err->message);
    if (len > 0 && err->message[len - 1] == ')') {
        tarn__cli_addf(text, "tarn: %s\n", err->message);
        return;
    }
    while (len > 0 && strchr(" .", err->message[len - 1]) != NULL)
        len--;
    tarn__cli_addf(
        text, "tarn: %.*s (%s)\n", (int)len, err->message, mend_of(ctx, err));
}

void tarn__cli_report(cli_ctx *ctx, const tarn_error *err)
{
    cli_buf text = CLI_BUF_INIT;
    add_line(&text, ctx, err);
    if (ctx->settings.format == CLI_FORMAT_JSON)
        add_object(&text, ctx, err);
    tarn__cli_progress_clear(ctx->progress);
    (void)tarn__cli_write(CLI_STDERR, text.ptr, text.len);
    tarn__cli_buf_reset(&text);
}
