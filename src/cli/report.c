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

void tarn__cli_report(cli_ctx *ctx, const tarn_error *err)
{
    cli_buf text = CLI_BUF_INIT;
    tarn__cli_addf(&text, "tarn: %s\n", err->message);
    if (ctx->settings.format == CLI_FORMAT_JSON)
        add_object(&text, ctx, err);
    tarn__cli_progress_clear(ctx->progress);
    (void)tarn__cli_write(CLI_STDERR, text.ptr, text.len);
    tarn__cli_buf_reset(&text);
}
