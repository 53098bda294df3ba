/* The columns of a record table in SQL. */
#include "record/columns.h"

#include "base/error.h"
#include "base/str.h"

static void add(tarn__record_columns *c, const char *name, tarn__live_kind kind,
    const tarn__json_schema_field *field, int indexed)
{
    c->indexed[c->count] = indexed;
    c->items[c->count++] = (tarn__live_column){.name = name,
        .kind = kind,
        .type = field == NULL ? 0 : field->type,
        .path = field == NULL ? NULL : field->path,
        .depth = field == NULL ? 0 : field->depth};
}

tarn_status tarn__record_columns_make(
    const tarn__record_table *table, tarn__record_columns *out, tarn_error *err)
{
    size_t count;
    const tarn__json_schema_field *fields =
        tarn__json_schema_fields(table->schema, &count);
    *out = (tarn__record_columns){NULL, 0, NULL};
    out->items = tarn__calloc(count + 4, sizeof(*out->items));
    out->indexed = tarn__calloc(count + 4, sizeof(*out->indexed));
    tarn_status st = out->items == NULL || out->indexed == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    int indexed = 0;
    if (st == TARN_OK)
        add(out, "id", TARN__LIVE_ID, NULL, -1);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        int place = fields[i].indexed ? indexed++ : -1;
        if (fields[i].property)
            add(out, fields[i].name, TARN__LIVE_FIELD, &fields[i], place);
    }
    if (st != TARN_OK) {
        tarn__record_columns_reset(out);
        return st;
    }
    add(out, "created_at", TARN__LIVE_CREATED, NULL, -1);
    add(out, "modified_at", TARN__LIVE_MODIFIED, NULL, -1);
    add(out, "doc", TARN__LIVE_DOC, NULL, -1);
    return TARN_OK;
}

/* The path's place among the indexed fields; -1: it is not indexed as a path. */
static int place_of(
    const tarn__json_schema *schema, const tarn_slice *path, size_t depth)
{
    size_t count;
    const tarn__json_schema_field *fields =
        tarn__json_schema_fields(schema, &count);
    int indexed = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = fields[i].indexed && !fields[i].property &&
            fields[i].depth == depth;
        for (size_t k = 0; same && k < depth; k++)
            same = tarn__slice_eq(fields[i].path[k], path[k]);
        if (same)
            return indexed;
        indexed += fields[i].indexed;
    }
    return -1;
}

tarn_status tarn__record_columns_add_path(const tarn__record_table *table,
    tarn__record_columns *columns, const char *name, const tarn_slice *path,
    size_t depth, tarn_error *err)
{
    size_t count = columns->count + 1;
    tarn__live_column *items =
        tarn__realloc(columns->items, count * sizeof(*items));
    if (items != NULL)
        columns->items = items;
    int *indexed =
        tarn__realloc(columns->indexed, count * sizeof(*columns->indexed));
    if (indexed != NULL)
        columns->indexed = indexed;
    if (items == NULL || indexed == NULL)
        return tarn__no_memory(err);
    columns->indexed[columns->count] = place_of(table->schema, path, depth);
    columns->items[columns->count++] = (tarn__live_column){
        .name = name, .kind = TARN__LIVE_PATH, .path = path, .depth = depth};
    return TARN_OK;
}

void tarn__record_columns_reset(tarn__record_columns *columns)
{
    tarn__free(columns->items);
    tarn__free(columns->indexed);
    *columns = (tarn__record_columns){NULL, 0, NULL};
}
