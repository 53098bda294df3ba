/* What makes the log grow: the table itself, data files, commits. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "delta/stats.h"
#include "os/durable.h"
#include "os/file.h"

static tarn_status commit(tarn__delta *delta, int64_t version,
    const tarn__delta_write *write, const char *table_id, uint8_t sha256[32],
    tarn_error *err)
{
    tarn_buf text = TARN_BUF_MAX(TARN__DELTA_COMMIT_BYTES);
    char *path = NULL;
    uint8_t digest[TARN__SHA256_BYTES];
    tarn_status st =
        tarn__commit_json(&delta->options, write, table_id, &text, err);
    if (st == TARN_OK)
        st = tarn__sha256_of(tarn__buf_slice(&text), digest, err);
    if (st == TARN_OK) {
        path = tarn__commit_path(delta, version);
        if (path == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = tarn__create_durably(path, delta->tmp_dir, tarn__buf_slice(&text),
            write->timestamp_ms * 1000, err);
    if (st == TARN_EXISTS)
        st = tarn__fail(err, TARN_CONFLICT,
            "%s: version %" PRId64 " is there already (another writer made "
            "it; try again)",
            path, version);
    if (st == TARN_OK && sha256 != NULL)
        for (size_t i = 0; i < TARN__SHA256_BYTES; i++)
            sha256[i] = digest[i];
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

tarn_status tarn__delta_commit_write(tarn__delta *delta, int64_t version,
    const tarn__delta_write *write, uint8_t sha256[32], tarn_error *err)
{
    return commit(delta, version, write, NULL, sha256, err);
}

/* Also when a killed maker left the folder behind. */
static tarn_status make_dir(const char *path, tarn_error *err)
{
    tarn_status st = tarn__mkdir(path, err);
    if (st != TARN_EXISTS)
        return st;
    if (err != NULL)
        err->code = TARN_OK;
    return TARN_OK;
}

tarn_status tarn__delta_create(const char *dir,
    const tarn__delta_options *options, const char *table_id,
    const tarn__delta_write *first, tarn_error *err)
{
    tarn__delta *delta = NULL;
    tarn_status st = tarn__delta_open(dir, options, &delta, err);
    if (st != TARN_OK)
        return st;
    st = make_dir(delta->dir, err);
    if (st == TARN_OK)
        st = make_dir(delta->log_dir, err);
    if (st == TARN_OK)
        st = make_dir(delta->data_dir, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(delta->data_dir, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(delta->dir, err);
    if (st == TARN_OK)
        st = commit(delta, 0, first, table_id, NULL, err);
    tarn__delta_close(delta);
    return st;
}

tarn_status tarn__delta_sync(
    tarn__delta *delta, int64_t version, tarn_error *err)
{
    char *path = tarn__commit_path(delta, version);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_path(path, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(delta->log_dir, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__delta_file_open(
    tarn__delta *delta, char **path, tarn__pq_writer **writer, tarn_error *err)
{
    *path = NULL;
    *writer = NULL;
    tarn__id id;
    char text[TARN__ID_TEXT_BYTES];
    tarn_status st = tarn__id_new(&id, err);
    if (st != TARN_OK)
        return st;
    char *relative =
        tarn__sprintf("data/%s.parquet", tarn__id_format(&id, text));
    char *whole =
        relative == NULL ? NULL : tarn__path_join(delta->dir, relative);
    if (whole == NULL)
        st = tarn__no_memory(err);
    else
        st = tarn__pq_open(whole, delta->options.columns,
            delta->options.column_count, 0, writer, err);
    tarn__free(whole);
    if (st != TARN_OK) {
        tarn__free(relative);
        return st;
    }
    *path = relative;
    return TARN_OK;
}

tarn_status tarn__delta_file_finish(tarn__delta *delta, tarn__pq_writer *writer,
    char *path, int64_t modified_ms, tarn__delta_file *out, tarn_error *err)
{
    static const tarn__delta_file none = {.path = NULL};
    *out = none;
    tarn__delta_file file = {
        .path = path, .modified_ms = modified_ms, .data_change = true};
    uint64_t size_bytes = 0;
    tarn_buf stats = TARN_BUF_INIT;
    tarn_status st = tarn__pq_finish(writer, &size_bytes, &stats, err);
    if (st == TARN_OK) {
        file.size_bytes = (int64_t)size_bytes;
        file.stats = tarn__buf_take(&stats);
        if (file.stats == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&stats);
    if (st == TARN_OK)
        st = tarn__stats_range(file.stats, delta->options.columns[0].name,
            &file.min_version, &file.max_version, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(delta->data_dir, err);
    if (st != TARN_OK) {
        tarn__delta_file_reset(&file);
        return st;
    }
    *out = file;
    return TARN_OK;
}
