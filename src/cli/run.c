/* One run of one command: open, do, commit, say. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/host.h"
#include "cli/out.h"

static void say(cli_ctx *ctx, const char *text, size_t len)
{
    tarn__cli_progress_clear(ctx->progress);
    (void)tarn__cli_write(CLI_STDERR, text, len);
}

static void TARN_PRINTF(2, 0)
    say_line(cli_ctx *ctx, const char *fmt, va_list args)
{
    char line[2 * TARN_ERROR_MESSAGE_BYTES];
    int len = vsnprintf(line, sizeof(line) - 1, fmt, args);
    if (len < 0)
        return;
    size_t end =
        (size_t)len < sizeof(line) - 1 ? (size_t)len : sizeof(line) - 2;
    line[end] = '\n';
    say(ctx, line, end + 1);
}

void tarn__cli_note(cli_ctx *ctx, const char *fmt, ...)
{
    if (ctx->settings.quiet)
        return;
    va_list args;
    va_start(args, fmt);
    say_line(ctx, fmt, args);
    va_end(args);
}

void tarn__cli_chat(cli_ctx *ctx, const char *fmt, ...)
{
    if (!ctx->settings.verbose || ctx->settings.quiet)
        return;
    va_list args;
    va_start(args, fmt);
    say_line(ctx, fmt, args);
    va_end(args);
}

char *tarn__cli_path(const char *path)
{
    /* An empty one is for the library to refuse. */
    return path[0] == '/' || path[0] == '\0' ? tarn__cli_strdup(path)
                                             : tarn__cli_sprintf("/%s", path);
}

/* -C, $TARN, or the nearest folder upwards that holds tarn.json. */
static tarn_status lake_dir(cli_ctx *ctx, char **dir, tarn_error *err)
{
    if (ctx->settings.lake != NULL) {
        *dir = tarn__cli_strdup(ctx->settings.lake);
        return TARN_OK;
    }
    char *found = NULL;
    tarn_status st = tarn_lake_find(".", &found, err);
    if (st == TARN_NOT_FOUND)
        return tarn__cli_fail(err, TARN_NOT_FOUND,
            "no lake: neither here nor in a folder above is a tarn.json "
            "(go into a lake, name one with -C DIR or $TARN, or make one with "
            "tarn init DIR)");
    if (st == TARN_OK)
        *dir = tarn__cli_strdup(found);
    tarn_free(found);
    return st;
}

tarn_status tarn__cli_lake(cli_ctx *ctx, tarn_error *err)
{
    if (ctx->lake != NULL)
        return TARN_OK;
    char *dir = NULL;
    tarn_status st = lake_dir(ctx, &dir, err);
    if (st != TARN_OK)
        return st;
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    options.memory_bytes = ctx->settings.memory_bytes;
    options.threads = ctx->settings.threads;
    options.wait_us = ctx->settings.wait_us;
    options.progress = tarn__cli_progress_step;
    options.progress_arg = ctx->progress;
    options.tenant =
        ctx->settings.tenant == NULL ? "default" : ctx->settings.tenant;
    if (ctx->settings.quiet)
        options.log_level = "off";
    else if (ctx->settings.verbose && tarn__cli_env("TARN_LOG") == NULL)
        options.log_level = "info";
    st = tarn_lake_open(dir, &options, &ctx->lake, err);
    tarn__cli_free(dir);
    return st;
}

tarn_status tarn__cli_txn(cli_ctx *ctx, tarn_txn **txn, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (ctx->txn == NULL) {
        tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
        options.message = ctx->settings.message;
        options.argv = (const char *const *)ctx->masked;
        st = tarn_txn_begin(ctx->lake, &options, &ctx->txn, err);
    }
    *txn = ctx->txn;
    return st;
}

tarn_status tarn__cli_snapshot(
    cli_ctx *ctx, tarn_snapshot **snap, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (ctx->snap == NULL) {
        int64_t version = TARN_LATEST;
        if (ctx->settings.at != NULL)
            st = tarn_lake_resolve(ctx->lake, ctx->settings.at, &version, err);
        if (st == TARN_OK)
            st = tarn_snapshot_open(ctx->lake, version, &ctx->snap, err);
    }
    *snap = ctx->snap;
    return st;
}

/* Opened before anything is done, so that a bad name costs nothing. */
static int open_version_file(cli_ctx *ctx)
{
    bool regular;
    const char *path = ctx->settings.version_file;
    ctx->version_fd = -1;
    if (path == NULL || strcmp(path, "-") == 0)
        return 0;
    return tarn__cli_create_beside(path, &ctx->version_target,
        &ctx->version_tmp, &ctx->version_fd, &regular);
}

static void close_version_file(cli_ctx *ctx)
{
    if (ctx->version_tmp != NULL)
        tarn__cli_unlink(ctx->version_tmp);
    tarn__cli_close(ctx->version_fd);
    tarn__cli_free(ctx->version_tmp);
    tarn__cli_free(ctx->version_target);
    ctx->version_tmp = NULL;
    ctx->version_target = NULL;
    ctx->version_fd = -1;
}

/* The commit stands whatever happens here: trouble is a warning. */
static void write_version(cli_ctx *ctx, int64_t version)
{
    const char *path = ctx->settings.version_file;
    if (path == NULL)
        return;
    char text[32];
    int len = snprintf(text, sizeof(text), "%" PRId64 "\n", version);
    bool to_stdout = strcmp(path, "-") == 0;
    /* A command with several commits writes the file each time anew. */
    int failed = to_stdout || ctx->version_fd >= 0 ? 0 : open_version_file(ctx);
    if (failed == 0)
        failed = tarn__cli_write(
            to_stdout ? CLI_STDOUT : ctx->version_fd, text, (size_t)len);
    if (failed == 0 && ctx->version_tmp != NULL) {
        failed = tarn__cli_rename(ctx->version_tmp, ctx->version_target);
        tarn__cli_free(ctx->version_tmp);
        ctx->version_tmp = NULL;
    }
    if (failed != 0)
        tarn__cli_note(ctx,
            "tarn: warning: %s: %s; version %" PRId64 " is committed", path,
            strerror(failed), version);
    close_version_file(ctx);
}

void tarn__cli_committed(cli_ctx *ctx, int64_t version)
{
    if (version < 0) {
        tarn__cli_note(ctx, "nothing changed, nothing committed");
        return;
    }
    tarn__cli_note(ctx, "version %" PRId64, version);
    write_version(ctx, version);
}

tarn_status tarn__cli_commit(cli_ctx *ctx, tarn_error *err)
{
    int64_t version = -1;
    if (tarn__cli_interrupted())
        return tarn__cli_fail_interrupted(err);
    if (ctx->txn != NULL) {
        tarn_txn *txn = ctx->txn;
        ctx->txn = NULL;
        tarn_status st = tarn_txn_commit(txn, &version, err);
        if (st != TARN_OK)
            return st;
    }
    tarn__cli_committed(ctx, version);
    return TARN_OK;
}

static tarn_status prepare(
    cli_ctx *ctx, const cli_command *command, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool commits = (command->traits & CLI_COMMITS) != 0;
    if ((command->traits & CLI_LAKE) != 0)
        st = tarn__cli_lake(ctx, err);
    int failed = st == TARN_OK && commits ? open_version_file(ctx) : 0;
    if (failed != 0)
        st = tarn__cli_fail_os(
            err, failed, "--version-file %s", ctx->settings.version_file);
    if (st == TARN_OK && (command->traits & CLI_PRINTS) != 0)
        st = tarn__cli_out_open(ctx->settings.output, commits, &ctx->out, err);
    return st;
}

tarn_status tarn__cli_run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    const cli_command *command = args->command;
    tarn_status st = prepare(ctx, command, err);
    if (st == TARN_OK)
        st = command->run(ctx, args, err);
    if (st == TARN_OK && ctx->txn != NULL)
        st = tarn__cli_commit(ctx, err);
    if (ctx->out != NULL) {
        cli_out *out = ctx->out;
        ctx->out = NULL;
        tarn__cli_progress_clear(ctx->progress);
        if (st == TARN_OK)
            st = tarn__cli_out_finish(out, err);
        else
            tarn__cli_out_abort(out);
    }
    return st;
}

void tarn__cli_done(cli_ctx *ctx, bool keep_lake)
{
    tarn__cli_out_abort(ctx->out);
    ctx->out = NULL;
    if (ctx->txn != NULL)
        tarn_txn_abort(ctx->txn);
    ctx->txn = NULL;
    tarn_snapshot_free(ctx->snap);
    ctx->snap = NULL;
    close_version_file(ctx);
    tarn_query_error_reset(&ctx->details);
    tarn__cli_mask_free(ctx->masked);
    ctx->masked = NULL;
    if (!keep_lake) {
        tarn_lake_close(ctx->lake);
        ctx->lake = NULL;
    }
}
