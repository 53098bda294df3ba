/* The columns of a record table in SQL. */
#include "record/columns.h"

#include "base/error.h"
#include "base/str.h"

static bool taken(const tarn__record_columns *c, const char *name)
{
    static const char *const ours[] = {
        "id", "created_at", "modified_at", "doc", NULL};
    for (const char *const *o = ours; *o != NULL; o++)
        if (tarn__eq_nocase(*o, name))
            return true;
    for (size_t i = 0; i < c->count; i++)
        if (tarn__eq_nocase(c->items[i].name, name))
            return true;
    return false;
}

static tarn_status name_for(tarn__record_columns *c, const char *name,
    const char **out, tarn_error *err)
{
    *out = name;
    for (int n = 1; taken(c, *out); n++) {
        char *numbered = tarn__sprintf("%s_%d", name, n);
        if (numbered == NULL)
            return tarn__no_memory(err);
        *out = tarn__arena_strdup(&c->arena, numbered);
        tarn__free(numbered);
        if (*out == NULL)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

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
    *out = (tarn__record_columns){.arena = TARN__ARENA_INIT};
    out->items = tarn__calloc(count + 4, sizeof(*out->items));
    out->indexed = tarn__calloc(count + 4, sizeof(*out->indexed));
    tarn_status st = out->items == NULL || out->indexed == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
    int indexed = 0;
    if (st == TARN_OK)
        add(out, "id", TARN__LIVE_ID, NULL, -1);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const char *name;
        int place = fields[i].indexed ? indexed++ : -1;
        if (!fields[i].property)
            continue;
        st = name_for(out, fields[i].name, &name, err);
        if (st == TARN_OK)
            add(out, name, TARN__LIVE_FIELD, &fields[i], place);
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

void tarn__record_columns_reset(tarn__record_columns *columns)
{
    tarn__free(columns->items);
    tarn__free(columns->indexed);
    tarn__arena_reset(&columns->arena);
    *columns = (tarn__record_columns){.arena = TARN__ARENA_INIT};
}
