/* The column view as an answer for a record table: its own table, or the ids of
 * the rows that a filter keeps. */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "query/record.h"

/* More than this share of the rows is not worth looking up one by one. */
#define FEW_SHARE 20
#define FEW_ALWAYS 1000

/* What the column is called in the view's table; NULL: it is not there. */
static const char *view_name(
    tarn__session *s, const tarn__record_source *r, size_t column)
{
    char name[24];
    switch (r->columns.items[column].kind) {
    case TARN__LIVE_ID:
        return "id::VARCHAR";
    case TARN__LIVE_CREATED:
        return "created_at";
    case TARN__LIVE_MODIFIED:
        return "modified_at";
    default:
        break;
    }
    if (r->columns.indexed[column] < 0)
        return NULL;
    snprintf(name, sizeof(name), "f%d", r->columns.indexed[column]);
    return tarn__arena_strdup(&s->arena, name);
}

tarn_status tarn__view_names(tarn__session *s, const tarn__record_source *r,
    const char ***out, tarn_error *err)
{
    const char **names =
        tarn__arena_alloc(&s->arena, r->columns.count * sizeof(*names));
    *out = names;
    if (names == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < r->columns.count; i++)
        names[i] = view_name(s, r, i);
    return TARN_OK;
}

/* The view's table, *number -1: none.  Attached at the first need. */
tarn_status tarn__view_table(tarn__session *s, const tarn__record_source *r,
    int64_t *number, tarn_error *err)
{
    tarn_status st = TARN_OK;
    *number = -1;
    if (!s->colview_tried) {
        s->colview_tried = true;
        st = tarn__colview_attach(
            s->duck, r->snap, tarn_str(s->tenant), &s->colview, err);
        s->colview_version = tarn_snapshot_version(r->snap);
    }
    if (st == TARN_OK && s->colview != NULL &&
        s->colview_version == tarn_snapshot_version(r->snap))
        *number = tarn__colview_table(s->colview, tarn_str(r->table->name));
    return st;
}

tarn_status tarn__view_sql(const tarn__record_source *r,
    const char *const *names, int64_t number, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT ", err);
    bool first = true;
    for (size_t i = 0; st == TARN_OK && i < r->columns.count; i++) {
        if (names[i] == NULL ||
            (r->starred && r->columns.items[i].kind == TARN__LIVE_PATH))
            continue;
        st =
            tarn__buf_printf(sql, err, "%s%s AS ", first ? "" : ", ", names[i]);
        first = false;
        if (st == TARN_OK)
            st = tarn__duck_quote_name(
                sql, tarn_str(r->columns.items[i].name), err);
    }
    return st == TARN_OK
        ? tarn__buf_printf(
              sql, err, " FROM " TARN__COLUMN_CATALOG ".main.t%" PRId64, number)
        : st;
}

bool tarn__view_covers(const tarn__record_source *r, const char *const *names)
{
    for (size_t i = 0; i < r->columns.count; i++)
        if (r->needed[i] && names[i] == NULL)
            return false;
    return true;
}

/* --- ids --- */

/* More of them are not few. */
static tarn_status most_of(
    const tarn__session *s, int64_t number, int64_t *most, tarn_error *err)
{
    char sql[120];
    bool found;
    snprintf(sql, sizeof(sql),
        "SELECT count(*) FROM " TARN__COLUMN_CATALOG ".main.t%" PRId64, number);
    tarn_status st = tarn__duck_int64(s->duck, sql, most, &found, err);
    *most = *most / FEW_SHARE;
    if (*most < FEW_ALWAYS)
        *most = FEW_ALWAYS;
    if (s->route == TARN__ROUTE_IDS)
        *most = INT64_MAX;
    return st;
}

static tarn_status take_ids(const tarn__session *s, tarn__record_source *r,
    const char *sql, int64_t most, bool *few, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn__id id;
    int64_t count = 0;
    tarn_status st = tarn__duck_query(s->duck, sql, NULL, 0, &rows, err);
    while (st == TARN_OK && count <= most &&
        (st = tarn__duck_next(rows, &cell, err)) == TARN_ROW) {
        st = TARN_OK;
        size_t bytes = tarn__colview_place_bytes(cell.i64, &id);
        if (++count <= most)
            st = tarn__record_add_id(r, &id, bytes, err);
    }
    tarn__duck_result_free(rows);
    *few = st == TARN_OK && count <= most;
    if (!*few)
        r->id_count = 0;
    tarn__record_sort_ids(r);
    return st;
}

static tarn_status search(const tarn__session *s, tarn__record_source *r,
    int64_t number, const char *where, bool *few, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    int64_t most = 0;
    tarn_status st = most_of(s, number, &most, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            "SELECT place FROM " TARN__COLUMN_CATALOG ".main.t%" PRId64
            " WHERE %s",
            number, where);
    if (st == TARN_OK)
        st = take_ids(s, r, sql.ptr, most, few, err);
    tarn_buf_reset(&sql);
    if (st == TARN_OK || st == TARN_NO_MEMORY || st == TARN_INTERRUPTED)
        return st;
    *few = false; /* its blocks do not read: gone round */
    return TARN_OK;
}

tarn_status tarn__view_ids(tarn__session *s, tarn__record_source *r,
    const char *const *names, int64_t number, bool *few, tarn_error *err)
{
    tarn_buf where = TARN_BUF_INIT;
    bool whole;
    *few = false;
    tarn_status st = tarn__record_filter_sql(
        r->filter, r->columns.items, names, &where, &whole, err);
    if (st == TARN_OK && where.len > 0)
        st = search(s, r, number, where.ptr, few, err);
    tarn_buf_reset(&where);
    return st;
}

/* Could the column view be of use?  It is not caught up for nothing. */
tarn_status tarn__view_useful(const tarn__record_source *r,
    const char *const *names, bool *useful, tarn_error *err)
{
    tarn_buf where = TARN_BUF_INIT;
    bool whole;
    *useful = tarn__view_covers(r, names);
    if (*useful)
        return TARN_OK;
    tarn_status st = tarn__record_filter_sql(
        r->filter, r->columns.items, names, &where, &whole, err);
    *useful = where.len > 0;
    tarn_buf_reset(&where);
    return st;
}
