/* What the commands of `tarn events` share. */
#include "cli/events.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/host.h"

static tarn_status store_path(
    const cli_args *args, tarn_buf *path, const char **out, tarn_error *err)
{
    const char *db = tarn__cli_value(args, "db");
    const char *project = tarn__cli_value(args, "project");
    if (db != NULL && project != NULL)
        return tarn__cli_fail(err, TARN_INVALID,
            "--db and --project: both name a store (give one of them)");
    *out = db == NULL && project == NULL ? tarn__cli_env("TARN_DB") : db;
    if (*out != NULL)
        return TARN_OK;
    if (project == NULL)
        return tarn__cli_fail(err, TARN_INVALID,
            "events: which store? (name it with --db FILE, --project ID or "
            "$TARN_DB)");
    tarn_status st = tarn_store_default_path(project, path, err);
    *out = path->ptr;
    return st;
}

tarn_status tarn__cli_store(cli_ctx *ctx, const cli_args *args,
    cli_store_mode mode, tarn_store **out, tarn_error *err)
{
    tarn_buf buf = TARN_BUF_INIT;
    const char *path = NULL;
    tarn_store_options options = TARN_STORE_OPTIONS_INIT;
    options.memory_bytes = ctx->settings.memory_bytes;
    options.threads = ctx->settings.threads;
    options.wait_us = ctx->settings.wait_us;
    options.no_host = mode == CLI_STORE_READ;
    *out = NULL;
    tarn_status st = store_path(args, &buf, &path, err);
    if (st == TARN_OK && mode == CLI_STORE_MAKE)
        st = tarn_store_open(path, &options, out, err);
    else if (st == TARN_OK)
        st = tarn_store_open_existing(
            path, mode == CLI_STORE_READ, &options, out, err);
    tarn_buf_reset(&buf);
    return st;
}

tarn_status tarn__cli_store_failed(
    cli_ctx *ctx, const tarn_store *store, tarn_status st)
{
    tarn_store_failure f = tarn_store_last_failure(store);
    if (st == TARN_OK || *f.query == '\0')
        return st;
    tarn_query_error_reset(&ctx->details);
    ctx->details.query = tarn__cli_strdup(f.query);
    ctx->details.error_type = tarn__cli_strdup(f.type);
    ctx->details.original_error = tarn__cli_strdup(f.message);
    return st;
}

tarn_status tarn__cli_answer(cli_ctx *ctx, const cli_args *args,
    tarn_store *store, tarn_buf *sql, tarn_error *err)
{
    tarn_rows *rows;
    tarn_status st = TARN_OK;
    if (tarn__cli_has(args, "explain")) {
        tarn__cli_out_add(ctx->out, sql->ptr, sql->len);
        tarn__cli_out_text(ctx->out, "\n");
    } else {
        st = tarn_store_query(store, sql->ptr, NULL, 0, &rows, err);
        if (st == TARN_OK)
            st = tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
        st = tarn__cli_store_failed(ctx, store, st);
    }
    tarn_buf_reset(sql);
    return st;
}

const char **tarn__cli_parts(const char *text, size_t *count)
{
    size_t max = 2;
    for (const char *at = text; *at != '\0'; at++)
        max += *at == ',';
    size_t head = max * sizeof(char *);
    char *block = tarn__cli_alloc(head + strlen(text) + 1);
    const char **parts = (const char **)(void *)block;
    char *at = block + head;
    memcpy(at, text, strlen(text) + 1);
    *count = 0;
    for (;;) {
        parts[(*count)++] = at;
        at = strchr(at, ',');
        if (at == NULL)
            return parts;
        *at++ = '\0';
    }
}

static void note_bad(cli_ctx *ctx, const tarn_event_counts *counts)
{
    if (counts->quarantined == 0)
        return;
    tarn__cli_note(ctx, "%" PRIu64 " quarantined", counts->quarantined);
    for (size_t i = 0; i < 3 && i < counts->quarantined; i++)
        tarn__cli_note(ctx, "  %s: line %" PRIu64 ": %s", counts->bad[i].source,
            counts->bad[i].line, counts->bad[i].reason);
}

tarn_status tarn__cli_print_counts(
    cli_ctx *ctx, const tarn_event_counts *counts, tarn_error *err)
{
    static const cli_column columns[] = {{"read", TARN_INT64, true},
        {"loaded", TARN_INT64, true}, {"duplicates", TARN_INT64, true},
        {"quarantined", TARN_INT64, true}};
    const uint64_t values[] = {
        counts->read, counts->loaded, counts->duplicates, counts->quarantined};
    char text[4][24];
    cli_cell cells[4];
    cli_writer writer;
    note_bad(ctx, counts);
    if (counts->made_ids > 0)
        tarn__cli_note(
            ctx, "%" PRIu64 " had no $insert_id and got one", counts->made_ids);
    tarn_status st =
        tarn__cli_writer_open(&writer, ctx, CLI_FORMAT_AUTO, columns, 4, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; i < 4; i++) {
        int len = snprintf(text[i], sizeof text[i], "%" PRIu64, values[i]);
        cells[i] = (cli_cell){false, {text[i], (size_t)len}};
    }
    tarn__cli_writer_row(&writer, cells);
    return tarn__cli_writer_close(&writer, TARN_OK, err);
}
