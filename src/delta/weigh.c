/* How much memory the rows of files ask for. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "delta/delta_internal.h"

#define MEMORY_BYTES (INT64_C(2) << 30) /* what a session has by default */
#define SORTABLE_SHARE 4

int64_t tarn__sortable_bytes(const tarn__delta *delta)
{
    uint64_t memory = delta->options.memory_bytes;
    if (memory == 0 || memory > INT64_MAX)
        return MEMORY_BYTES / SORTABLE_SHARE;
    return (int64_t)(memory / SORTABLE_SHARE);
}

bool tarn__path_map_find(
    const tarn__path_map *map, const char *whole, size_t *at)
{
    for (const char *s = whole; s != NULL; s = strchr(s, '/')) {
        if (*s == '/')
            s++;
        if (tarn__path_map_get(map, s, at))
            return true;
    }
    return false;
}

static tarn_status read_weights(tarn__duck_result *rows,
    const tarn__path_map *map, int64_t *bytes, tarn_error *err)
{
    tarn__cell cells[2];
    tarn_status st;
    while ((st = tarn__duck_next(rows, cells, err)) == TARN_ROW) {
        size_t at;
        if (tarn__path_map_find(map, cells[0].bytes.ptr, &at))
            bytes[at] = cells[1].i64;
    }
    return st;
}

tarn_status tarn__files_weigh(tarn__delta *delta, const tarn__delta_file *files,
    size_t count, int64_t *bytes, tarn_error *err)
{
    size_t listed = 0;
    tarn__path_map map = {NULL, 0, 0};
    tarn__duck *duck = NULL;
    tarn__duck_result *rows = NULL;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        bytes[i] = 0;
        st = tarn__path_map_put(&map, files[i].path, i, err);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(&sql,
            "SELECT file_name, sum(total_uncompressed_size)::BIGINT "
            "FROM parquet_metadata(",
            err);
    if (st == TARN_OK)
        st = tarn__files_list(
            delta, files, count, NULL, NULL, &sql, &listed, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, ") GROUP BY file_name", err);
    if (st == TARN_OK)
        st = tarn__delta_session(delta, &duck, err);
    if (st == TARN_OK)
        st = tarn__duck_query(duck, sql.ptr, NULL, 0, &rows, err);
    if (st == TARN_OK)
        st = read_weights(rows, &map, bytes, err);
    tarn__duck_result_free(rows);
    tarn__path_map_reset(&map);
    tarn_buf_reset(&sql);
    return tarn__delta_blame(delta, st, err);
}
