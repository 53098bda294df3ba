#include "tree/rows_sql.h"

#include <string.h>

#include "base/error.h"
#include "os/file.h"
#include "tree/items.h"

/* Where an item's bytes stand as a file; *path is owned. */
static tarn_status item_path(
    tarn_snapshot *snap, const tarn__item *item, char **path, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__object_id id = {.parquet = item->parquet};

    *path = NULL;
    memcpy(id.sha256, item->sha256, sizeof id.sha256);
    if (item->is_object)
        return tarn__read_object_path(snap, id, path, err);
    tarn_status st =
        tarn__lake_scratch(tarn__snapshot_lake(snap), &scratch, err);
    if (st != TARN_OK)
        return st;
    *path = tarn__scratch_name(scratch, ".parquet");
    return *path != NULL ? tarn__file_spill(*path, item->content, err)
                         : tarn__no_memory(err);
}

tarn_status tarn__rows_sql(
    tarn_snapshot *snap, const tarn__id *node, tarn_buf *sql, tarn_error *err)
{
    tarn__content list = TARN__CONTENT_INIT;
    bool memory = tarn__lake_is_memory(tarn__snapshot_lake(snap));

    tarn_status st = tarn__tree_content(snap, node, memory, &list, err);
    if (st == TARN_OK && list.count == 0)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "no rows: nothing has been put there (put something first)");
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "read_parquet([", err);
    for (size_t i = 0; st == TARN_OK && i < list.count; i++) {
        char *path = NULL;
        st = item_path(snap, &list.items[i], &path, err);
        if (st == TARN_OK && i > 0)
            st = tarn__buf_char(sql, ',', err);
        if (st == TARN_OK)
            st = tarn__sql_path(sql, path, err);
        tarn__free(path);
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err, "], hive_partitioning=false%s)",
            list.count > 1 ? ", union_by_name=true" : "");
    tarn__content_reset(&list);
    return st;
}
