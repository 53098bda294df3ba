/* What `tarn status` shows. */
#include <stdio.h>

#include "base/rows.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/file.h"

static tarn_status add(
    tarn__table *table, const char *item, const char *value, tarn_error *err)
{
    tarn_status st = tarn__table_text(table, item, err);
    return st == TARN_OK ? tarn__table_text(table, value, err) : st;
}

static tarn_status add_number(
    tarn__table *table, const char *item, int64_t value, tarn_error *err)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)value);
    return add(table, item, text, err);
}

static tarn_status add_objects(
    tarn_lake *lake, tarn__table *table, tarn_error *err)
{
    tarn__object_walk *walk = NULL;
    tarn__object_item item;
    int64_t count = 0, bytes = 0;

    tarn_status st = tarn__object_walk_open(lake->objects, &walk, err);
    while (st == TARN_OK &&
        (st = tarn__object_walk_next(walk, &item, err)) == TARN_ROW) {
        count++;
        bytes += (int64_t)item.size_bytes;
        st = TARN_OK;
    }
    tarn__object_walk_close(walk);
    if (st == TARN_OK)
        st = add_number(table, "objects", count, err);
    if (st == TARN_OK)
        st = add_number(table, "objects_bytes", bytes, err);
    return st;
}

static tarn_status add_log(
    tarn_lake *lake, int64_t head, tarn__table *table, tarn_error *err)
{
    const tarn__delta_file *files;
    size_t count = 0;
    int64_t bytes = 0;

    pthread_mutex_lock(&lake->delta_mutex);
    tarn_status st = tarn__delta_files(lake->delta, head, &files, &count, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        bytes += files[i].size_bytes;
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st == TARN_OK)
        st = add_number(table, "log_files", (int64_t)count, err);
    if (st == TARN_OK)
        st = add_number(table, "log_bytes", bytes, err);
    return st;
}

static tarn_status add_identity(
    tarn_lake *lake, tarn__table *table, tarn_error *err)
{
    char id[TARN__ID_TEXT_BYTES];
    char time[TARN__TIME_TEXT_BYTES];

    tarn_status st = add(table, "id", tarn__id_format(&lake->id, id), err);
    if (st == TARN_OK)
        st = add(table, "label", lake->label, err);
    if (st == TARN_OK)
        st = add(
            table, "created", tarn__time_format(lake->created_us, time), err);
    if (st == TARN_OK)
        st = add(table, "location", lake->at.dir, err);
    if (st == TARN_OK)
        st = add_number(table, "format", TARN__FORMAT_VERSION, err);
    return st;
}

static tarn_status add_versions(
    tarn_lake *lake, int64_t head, tarn__table *table, tarn_error *err)
{
    char time[TARN__TIME_TEXT_BYTES];
    int64_t horizon, time_us, applied;

    tarn_status st = tarn__lake_horizon(lake, &horizon, err);
    if (st == TARN_OK)
        st = tarn__lake_version_time(lake, head, &time_us, err);
    if (st == TARN_OK)
        st = add_number(table, "head", head, err);
    if (st == TARN_OK)
        st = add(table, "head_time", tarn__time_format(time_us, time), err);
    if (st == TARN_OK)
        st = add_number(table, "horizon", horizon, err);
    if (st == TARN_OK)
        st = tarn__view_enter(lake, TARN__PENDING_VERSION, err);
    if (st != TARN_OK)
        return st;
    applied = lake->view.applied.version;
    tarn__view_leave(lake);
    return add_number(table, "view_key", applied, err);
}

static void tell_lock(tarn_lake *lake, char *text, size_t size)
{
    tarn__holder holder;
    char since[TARN__TIME_TEXT_BYTES];

    if (tarn__lock_busy(lake->at.lock) && tarn__holder_read(lake, &holder))
        snprintf(text, size, "process %lld on %s since %s",
            (long long)holder.pid, holder.host,
            tarn__time_format(holder.since_us, since));
    else
        snprintf(text, size, "free");
}

tarn_status tarn_lake_status(tarn_lake *lake, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "item", .type = TARN_TEXT},
        {.name = "value", .type = TARN_TEXT}};
    tarn__table *table = NULL;
    char lock[256];
    int64_t head;

    *out = NULL;
    if (lake->memory)
        return tarn__fail(err, TARN_INVALID,
            "a lake in memory has no status (open a lake on disk)");
    /* First: to bring the key view up may take the lock ourselves. */
    tell_lock(lake, lock, sizeof lock);
    tarn_status st = tarn_lake_head(lake, &head, err);
    if (st == TARN_OK)
        st = tarn__table_create(columns, 2, &table, err);
    if (st == TARN_OK)
        st = add_identity(lake, table, err);
    if (st == TARN_OK)
        st = add_versions(lake, head, table, err);
    if (st == TARN_OK)
        st = add_log(lake, head, table, err);
    if (st == TARN_OK)
        st = add_objects(lake, table, err);
    if (st == TARN_OK)
        st = add(table, "lock", lock, err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}
