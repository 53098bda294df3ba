/* Writing checkpoints: one classic Parquet file of what the log says at a
 * version, in the nested schema that every reader of Delta knows.
 *
 * C1 The checkpoint is durable before _last_checkpoint names it.
 * C2 A tombstone is kept for an hour after the removal, so that no reader of
 *    another engine takes the file for one that it may still need. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/id.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "duck/appender.h"
#include "os/durable.h"
#include "os/file.h"

#define VERSIONS_LEAST 100

enum row { ROW_PROTOCOL = 0, ROW_METADATA, ROW_ADD, ROW_REMOVE };

static bool is_due(const tarn__pointer *pointer, int64_t head)
{
    int64_t tenth = pointer->action_count / 10;
    return head - pointer->version >
        (tenth > VERSIONS_LEAST ? tenth : VERSIONS_LEAST);
}

tarn_status tarn__delta_checkpoint_due(
    tarn__delta *delta, int64_t head, bool *due, tarn_error *err)
{
    *due = false;
    if (!is_due(&delta->pointer, head))
        return TARN_OK;
    /* Another process may have written one since. */
    tarn_status st = tarn__pointer_read(delta, &delta->pointer, err);
    if (st == TARN_OK)
        *due = is_due(&delta->pointer, head);
    return st;
}

static tarn__cell text_cell(const char *text)
{
    tarn__cell cell = {.type = TARN_NULL};
    if (text != NULL) {
        cell.type = TARN_TEXT;
        cell.bytes = tarn_str(text);
    }
    return cell;
}

static tarn__cell int_cell(int64_t v)
{
    return (tarn__cell){.type = TARN_INT64, .i64 = v};
}

static tarn_status append(tarn__appender *app, enum row row, const char *path,
    int64_t size_bytes, int64_t ms, bool data_change, const char *text,
    tarn_buf *encoded, tarn_error *err)
{
    tarn__buf_clear(encoded);
    tarn_status st = TARN_OK;
    if (path != NULL)
        st = tarn__log_path_encode(encoded, path, err);
    if (st != TARN_OK)
        return st;
    const tarn__cell cells[] = {int_cell((int64_t)row),
        text_cell(path == NULL ? NULL : encoded->ptr), int_cell(size_bytes),
        int_cell(ms), {.type = TARN_BOOL, .i64 = data_change}, text_cell(text)};
    return tarn__appender_row(app, cells, err);
}

static tarn_status append_all(tarn__appender *app,
    const tarn__delta_state *state, int64_t keep_from_ms, int64_t *count,
    tarn_error *err)
{
    tarn_buf encoded = TARN_BUF_INIT;
    tarn_status st =
        append(app, ROW_PROTOCOL, NULL, 0, 0, false, NULL, &encoded, err);
    if (st == TARN_OK)
        st = append(app, ROW_METADATA, NULL, 0, 0, false, state->metadata,
            &encoded, err);
    *count = 2;
    for (size_t i = 0; st == TARN_OK && i < state->tomb_count; i++) {
        const tarn__tombstone *tomb = &state->tombs[i];
        if (tomb->deletion_ms < keep_from_ms)
            continue;
        st = append(app, ROW_REMOVE, tomb->path, 0, tomb->deletion_ms,
            tomb->data_change, NULL, &encoded, err);
        (*count)++;
    }
    for (size_t i = 0; st == TARN_OK && i < state->file_count; i++) {
        const tarn__delta_file *file = &state->files[i];
        st = append(app, ROW_ADD, file->path, file->size_bytes,
            file->modified_ms, false, file->stats, &encoded, err);
        (*count)++;
    }
    tarn_buf_reset(&encoded);
    return st;
}

static tarn_status fill(tarn__delta *delta, tarn__duck *duck,
    int64_t keep_from_ms, int64_t *count, tarn_error *err)
{
    tarn__appender *app = NULL;
    tarn_status st = tarn__duck_exec(duck,
        "CREATE OR REPLACE TABLE checkpoint_rows (kind INTEGER, path VARCHAR, "
        "size BIGINT, ms BIGINT, data_change BOOLEAN, text VARCHAR)",
        err);
    if (st == TARN_OK)
        st = tarn__appender_open(duck, "checkpoint_rows", &app, err);
    if (st != TARN_OK)
        return st;
    st = append_all(app, &delta->state, keep_from_ms, count, err);
    tarn_status closed = tarn__appender_close(app, st == TARN_OK ? err : NULL);
    return st == TARN_OK ? closed : st;
}

static tarn_status copy_out(tarn__duck *duck, const char *path, tarn_error *err)
{
    tarn_buf to = TARN_BUF_INIT;
    tarn_status st = tarn__duck_quote_text(&to, tarn_str(path), err);
    if (st == TARN_OK)
        st = tarn__duck_execf(duck, err,
            "COPY (SELECT"
            " CASE kind WHEN 0 THEN {minReaderVersion: %d::INTEGER,"
            " minWriterVersion: %d::INTEGER} END AS protocol,"
            " CASE kind WHEN 1 THEN from_json(text, '{\"id\":\"VARCHAR\","
            "\"name\":\"VARCHAR\",\"description\":\"VARCHAR\","
            "\"format\":{\"provider\":\"VARCHAR\","
            "\"options\":\"MAP(VARCHAR,VARCHAR)\"},"
            "\"schemaString\":\"VARCHAR\",\"partitionColumns\":[\"VARCHAR\"],"
            "\"configuration\":\"MAP(VARCHAR,VARCHAR)\","
            "\"createdTime\":\"BIGINT\"}') END AS metaData,"
            " CASE kind WHEN 2 THEN {path: path,"
            " partitionValues: MAP([]::VARCHAR[], []::VARCHAR[]),"
            " size: size, modificationTime: ms, dataChange: data_change,"
            " stats: text} END AS add,"
            " CASE kind WHEN 3 THEN {path: path, deletionTimestamp: ms,"
            " dataChange: data_change} END AS remove"
            " FROM checkpoint_rows) TO %s"
            " (FORMAT parquet, COMPRESSION snappy)",
            TARN__DELTA_READER, TARN__DELTA_WRITER, to.ptr);
    tarn_buf_reset(&to);
    return st;
}

/* From tmp into the log, durably. */
static tarn_status place(
    tarn__delta *delta, const char *tmp, int64_t version, tarn_error *err)
{
    char *path = tarn__checkpoint_path(delta, version);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_path(tmp, err);
    if (st == TARN_OK)
        st = tarn__rename(tmp, path, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(delta->log_dir, err);
    tarn__free(path);
    return st;
}

static tarn_status write_to(tarn__delta *delta, const char *tmp,
    int64_t version, int64_t *action_count, tarn_error *err)
{
    uint8_t sha256[32];
    int64_t timestamp_ms = 0;
    tarn__duck *duck = NULL;
    tarn_status st =
        tarn__delta_fingerprint(delta, version, sha256, &timestamp_ms, err);
    if (st == TARN_OK)
        st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = fill(
            delta, duck, timestamp_ms - TARN__DELTA_HOUR_MS, action_count, err);
    if (st == TARN_OK)
        st = copy_out(duck, tmp, err);
    if (duck != NULL) {
        tarn_status dropped =
            tarn__duck_exec(duck, "DROP TABLE IF EXISTS checkpoint_rows", NULL);
        (void)dropped; /* the next one replaces it */
    }
    return st;
}

tarn_status tarn__delta_checkpoint(
    tarn__delta *delta, int64_t version, tarn_error *err)
{
    tarn__id id;
    char text[TARN__ID_TEXT_BYTES];
    int64_t action_count = 0;
    tarn_status st = tarn__delta_load(delta, version, err);
    if (st == TARN_OK)
        st = tarn__id_new(&id, err);
    if (st != TARN_OK)
        return st;
    char *tmp = tarn__sprintf(
        "%s/%s.checkpoint.parquet", delta->tmp_dir, tarn__id_format(&id, text));
    if (tmp == NULL)
        return tarn__no_memory(err);
    st = write_to(delta, tmp, version, &action_count, err);
    if (st == TARN_OK)
        st = place(delta, tmp, version, err);
    if (st != TARN_OK) {
        tarn_status gone = tarn__unlink(tmp, NULL);
        (void)gone; /* scratch: swept with its folder */
    }
    tarn__free(tmp);
    const tarn__pointer pointer = {version, action_count};
    if (st == TARN_OK)
        st = tarn__pointer_write(delta, pointer, err);
    if (st == TARN_OK)
        delta->pointer = pointer;
    return st;
}
