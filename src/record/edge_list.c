/* Edges as they are shown: those whose ends are both alive, with their keys. */
#include "base/error.h"
#include "base/memory.h"
#include "base/rows.h"
#include "record/edge_internal.h"

struct tarn__edge_list {
    tarn_snapshot *snap;
    tarn_buf tenant, type;
    bool has_type, has_of, in;
    tarn__id of;
    tarn_edge_direction direction;
    tarn__edge_scan *scan;
    tarn__ends *ends;
};

static tarn_status open_side(tarn__edge_list *list, bool in, tarn_error *err)
{
    tarn_slice type = {NULL, 0};

    if (list->has_type)
        type = tarn__buf_slice(&list->type);
    tarn__edge_scan_free(list->scan);
    list->in = in;
    return tarn__edge_scan_open(list->snap, tarn__buf_slice(&list->tenant),
        list->has_of ? &list->of : NULL, in, type, &list->scan, err);
}

tarn_status tarn__edge_list_open(tarn_snapshot *snap, tarn_slice tenant,
    const tarn__id *of, tarn_edge_direction direction, tarn_slice type,
    tarn__edge_list **out, tarn_error *err)
{
    tarn__edge_list *list = tarn__calloc(1, sizeof *list);

    *out = NULL;
    if (list == NULL)
        return tarn__no_memory(err);
    list->snap = snap;
    list->tenant = list->type = (tarn_buf)TARN_BUF_INIT;
    list->has_type = type.ptr != NULL;
    list->has_of = of != NULL;
    if (of != NULL)
        list->of = *of;
    list->direction = of != NULL ? direction : TARN_EDGE_OUT;
    tarn_status st =
        tarn__buf_append(&list->tenant, tenant.ptr, tenant.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&list->type, type.ptr, type.len, err);
    if (st == TARN_OK)
        st = tarn__ends_create(snap, tenant, &list->ends, err);
    if (st == TARN_OK)
        st = open_side(list, list->direction == TARN_EDGE_IN, err);
    if (st != TARN_OK) {
        tarn__edge_list_free(list);
        return st;
    }
    *out = list;
    return TARN_OK;
}

void tarn__edge_list_free(tarn__edge_list *list)
{
    if (list == NULL)
        return;
    tarn__edge_scan_free(list->scan);
    tarn__ends_free(list->ends);
    tarn_buf_reset(&list->tenant);
    tarn_buf_reset(&list->type);
    tarn__free(list);
}

/* The next edge of both sides; one of a record to itself is listed once. */
static tarn_status next_edge(
    tarn__edge_list *list, tarn__edge *edge, tarn_error *err)
{
    for (;;) {
        tarn_status st = tarn__edge_scan_next(list->scan, edge, err);
        if (st == TARN_ROW && list->in && list->direction == TARN_EDGE_BOTH &&
            tarn__id_eq(&edge->src, &edge->dst))
            continue;
        if (st != TARN_OK || list->in || list->direction != TARN_EDGE_BOTH)
            return st;
        st = open_side(list, true, err);
        if (st != TARN_OK)
            return st;
    }
}

tarn_status tarn__edge_list_next(
    tarn__edge_list *list, tarn__edge_row *row, tarn_error *err)
{
    for (;;) {
        tarn_status st = next_edge(list, &row->edge, err);
        if (st != TARN_ROW)
            return st;
        st = tarn__ends_get(list->ends, &row->edge.src, &row->src, err);
        if (st == TARN_OK && row->src.alive)
            st = tarn__ends_get(list->ends, &row->edge.dst, &row->dst, err);
        if (st != TARN_OK)
            return st;
        if (row->src.alive && row->dst.alive)
            return TARN_ROW;
    }
}

/* --- as rows --- */

enum { SRC, REL, DST, PROPS, SRC_KEY, DST_KEY, COLUMN_COUNT };

typedef struct ls {
    tarn__edge_list *list;
    char src[TARN__ID_TEXT_BYTES], dst[TARN__ID_TEXT_BYTES];
    tarn_buf text[COLUMN_COUNT]; /* NUL-terminated */
} ls;

static tarn_status give(ls *l, tarn__cell *cells, int col, tarn_type type,
    tarn_slice text, tarn_error *err)
{
    tarn__buf_clear(&l->text[col]);
    tarn_status st = tarn__buf_append(&l->text[col], text.ptr, text.len, err);
    cells[col].type = type;
    cells[col].bytes = tarn__buf_slice(&l->text[col]);
    return st;
}

static tarn_status ls_next(void *self, tarn__cell *cells, tarn_error *err)
{
    ls *l = self;
    tarn__edge_row row;

    tarn_status st = tarn__edge_list_next(l->list, &row, err);
    if (st != TARN_ROW)
        return st;
    tarn__id_format(&row.edge.src, l->src);
    tarn__id_format(&row.edge.dst, l->dst);
    st = give(l, cells, SRC, TARN_TEXT, tarn_str(l->src), err);
    if (st == TARN_OK)
        st = give(l, cells, REL, TARN_TEXT, row.edge.rel, err);
    if (st == TARN_OK)
        st = give(l, cells, DST, TARN_TEXT, tarn_str(l->dst), err);
    if (st == TARN_OK && row.edge.props.ptr != NULL)
        st = give(l, cells, PROPS, TARN_JSON, row.edge.props, err);
    if (st == TARN_OK && row.src.has_key)
        st = give(l, cells, SRC_KEY, TARN_TEXT, row.src.key, err);
    if (st == TARN_OK && row.dst.has_key)
        st = give(l, cells, DST_KEY, TARN_TEXT, row.dst.key, err);
    return st == TARN_OK ? TARN_ROW : st;
}

static void ls_free(void *self)
{
    ls *l = self;

    tarn__edge_list_free(l->list);
    for (int i = 0; i < COLUMN_COUNT; i++)
        tarn_buf_reset(&l->text[i]);
    tarn__free(l);
}

static tarn_status ls_rows(
    tarn__edge_list *list, tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {ls_next, ls_free};
    static const tarn__column columns[COLUMN_COUNT] = {
        [SRC] = {.name = "src", .type = TARN_TEXT},
        [REL] = {.name = "rel", .type = TARN_TEXT},
        [DST] = {.name = "dst", .type = TARN_TEXT},
        [PROPS] = {.name = "props", .type = TARN_JSON},
        [SRC_KEY] = {.name = "src_key", .type = TARN_TEXT},
        [DST_KEY] = {.name = "dst_key", .type = TARN_TEXT}};
    ls *l = tarn__calloc(1, sizeof *l);

    if (l == NULL)
        return tarn__no_memory(err);
    for (int i = 0; i < COLUMN_COUNT; i++)
        l->text[i] = (tarn_buf)TARN_BUF_INIT;
    tarn_status st =
        tarn__rows_create(&cls, l, columns, COLUMN_COUNT, out, err);
    if (st == TARN_OK)
        l->list = list;
    else
        ls_free(l);
    return st;
}

tarn_status tarn_edge_ls(tarn_snapshot *snap, const char *record,
    const tarn_edge_options *options, tarn_rows **out, tarn_error *err)
{
    static const tarn_edge_options defaults = TARN_EDGE_OPTIONS_INIT;
    tarn__edge_list *list = NULL;
    tarn_slice tenant, type = {NULL, 0};
    tarn__id of;

    *out = NULL;
    if (options == NULL)
        options = &defaults;
    if (options->type != NULL)
        type = tarn_str(options->type);
    tarn_status st = tarn__tenant_of(options->tenant, &tenant, err);
    if (st == TARN_OK && record != NULL)
        st = tarn__edge_end_id(snap, tenant, tarn_str(record), &of, err);
    if (st == TARN_OK)
        st = tarn__edge_list_open(snap, tenant, record != NULL ? &of : NULL,
            options->direction, type, &list, err);
    if (st == TARN_OK)
        st = ls_rows(list, out, err);
    if (st != TARN_OK)
        tarn__edge_list_free(list);
    return st;
}
