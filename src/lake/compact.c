/* Compaction of the log: many small files into few, rows unchanged. */
#include "base/time.h"
#include "lake/lake_internal.h"

#define ORDER_BY "space, tenant, kind, key, version, seq"

tarn_status tarn__compact_slice(
    tarn_lake *lake, bool all, int64_t *version, tarn_error *err)
{
    tarn__delta_file *adds = NULL;
    char **removes = NULL;
    size_t add_count = 0, remove_count = 0;
    tarn_buf fields = TARN_BUF_INIT;

    *version = -1;
    tarn_status st = tarn__delta_compact(lake->delta, lake->writer.head, all,
        ORDER_BY, &adds, &add_count, &removes, &remove_count, err);
    if (st == TARN_OK && add_count > 0)
        st = tarn__upkeep_fields(lake, "compact", &fields, err);
    if (st == TARN_OK && add_count > 0) {
        const tarn__delta_write write = {
            .operation = "OPTIMIZE",
            .tarn = fields.ptr,
            .adds = adds,
            .add_count = add_count,
            .removes = (const char *const *)removes,
            .remove_count = remove_count,
            .data_change = false,
        };
        st = tarn__commit_files(lake, &write, version, err);
    }
    tarn_buf_reset(&fields);
    tarn__delta_files_free(adds, add_count);
    tarn__delta_paths_free(removes, remove_count);
    return st;
}

tarn_status tarn_lake_compact(
    tarn_lake *lake, int64_t *version, tarn_error *err)
{
    int64_t last = -1;

    *version = -1;
    tarn_status st = tarn__lake_usable(lake, true, err);
    if (st == TARN_OK && lake->memory)
        return TARN_OK;
    if (st == TARN_OK)
        st = tarn__writer_take(lake, lake->options.wait_us, err);
    if (st != TARN_OK)
        return st;
    pthread_mutex_lock(&lake->delta_mutex);
    do {
        st = tarn__compact_slice(lake, true, &last, err);
        if (last >= 0)
            *version = last;
    } while (st == TARN_OK && last >= 0 && !lake->writer.behind);
    if (st == TARN_OK && *version >= 0)
        st = tarn__delta_checkpoint(lake->delta, *version, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    tarn__writer_give(lake);
    return st;
}
