/* The column view caught up from the log's own Parquet files, in SQL.
 *
 * Of each record the newest operation counts, by (version, seq).  Values come
 * from the JSON text through tarn__live_value(), as in the live scan: a scalar
 * function, to which DuckDB hands a chunk at a time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/history.h"
#include "lake/reader.h"
#include "os/file.h"
#include "record/column_internal.h"

/* What a table's function is called, and puts in front of the fields. */
#define FUNCTION_NAME "tarn__fields_"
enum { OUT_KEY, OUT_PLACE, OUT_CREATED, OUT_DELETED, OUT_FIELDS };

typedef struct fill {
    tarn__duck *duck;
    tarn_snapshot *snap;
    tarn_lake *lake;
    tarn_slice tenant;
    int64_t after; /* what is in the view; -1: nothing */
    int64_t to;
    json_t *stored;  /* name -> {number, signature} */
    json_t *current; /* set of names */
    json_t *changed; /* set of names with operations in (after, to] */
    int64_t highest; /* number of a relation */
} fill;

/* --- the function --- */

typedef struct source {
    tarn_snapshot *snap;
    tarn__live_column *fields; /* the indexed ones */
    size_t field_count;
    char **names; /* f0, f1, ... */
    tarn__row_layout *layout;
    tarn__live_map *map;
    tarn__column *columns;
    tarn__feed_type *types;
    char name[48];
    tarn__map function;
} source;

typedef struct source_worker {
    source *source;
    tarn__record_meta meta;
    tarn_buf row;
    tarn_buf json;
    tarn_buf scratch;
} source_worker;

static tarn_status open_worker(void *ctx, void **out, tarn_error *err)
{
    source_worker *w = tarn__calloc(1, sizeof(*w));
    *out = w;
    if (w == NULL)
        return tarn__no_memory(err);
    w->source = ctx;
    w->meta = (tarn__record_meta)TARN__RECORD_META_INIT;
    w->row = w->json = w->scratch = (tarn_buf)TARN_BUF_INIT;
    return TARN_OK;
}

static void close_worker(void *ptr)
{
    source_worker *w = ptr;
    tarn__record_meta_reset(&w->meta);
    tarn_buf_reset(&w->row);
    tarn_buf_reset(&w->json);
    tarn_buf_reset(&w->scratch);
    tarn__free(w);
}

static tarn_status malformed(tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "log: a record's operation is malformed (restore the log from a "
        "remote)");
}

/* The JSON text, from the object when it is one. */
static tarn_status json_of(
    source_worker *w, const tarn_slice *args, tarn_slice *json, tarn_error *err)
{
    tarn__object_id id = {{0}, false};
    char *path = NULL;
    *json = args[0];
    if (args[0].ptr != NULL)
        return TARN_OK;
    if (args[1].ptr == NULL || args[1].len != 2 * sizeof(id.sha256) ||
        !tarn__unhex(args[1].ptr, args[1].len, id.sha256))
        return malformed(err);
    tarn__buf_clear(&w->json);
    tarn_status st = tarn__read_object_path(w->source->snap, id, &path, err);
    if (st == TARN_OK)
        st = tarn__file_slurp(path, SIZE_MAX, &w->json, err);
    tarn__free(path);
    *json = tarn__buf_slice(&w->json);
    return st;
}

static tarn_status put_fields(source_worker *w, tarn_slice json,
    tarn__feed_chunk *chunk, size_t at, tarn_error *err)
{
    const source *s = w->source;
    const tarn__row_source in = {.layout = s->layout, .json = json};
    tarn__row row;
    tarn__buf_clear(&w->row);
    tarn_status st = tarn__row_encode(&w->row, &in, err);
    if (st == TARN_OK && !tarn__row_decode(tarn__buf_slice(&w->row), &row))
        st = malformed(err);
    for (size_t i = 0; st == TARN_OK && i < s->field_count; i++) {
        tarn__live_datum value;
        st = tarn__live_value(&s->fields[i], tarn__live_slot(s->map, i), &row,
            NULL, &w->scratch, &value, err);
        if (st == TARN_OK)
            tarn__live_put(&s->fields[i], &value, chunk, OUT_FIELDS + i, at);
    }
    return st;
}

static tarn_status call(void *ptr, const tarn_slice *args,
    tarn__feed_chunk *chunk, size_t row, tarn_error *err)
{
    source_worker *w = ptr;
    tarn_slice json;
    bool ok;
    tarn__id id;
    tarn_status st = args[2].ptr == NULL || !tarn__id_parse(args[3], &id)
        ? malformed(err)
        : tarn__record_meta_read(args[2], &w->meta, &ok, err);
    if (st == TARN_OK && !ok)
        st = malformed(err);
    if (st != TARN_OK)
        return st;
    if (w->meta.has_key)
        tarn__feed_text(chunk, OUT_KEY, row, tarn__buf_slice(&w->meta.key));
    else
        tarn__feed_null(chunk, OUT_KEY, row);
    tarn__feed_i64(chunk, OUT_PLACE, row, tarn__colview_place(&id));
    if (w->meta.has_created)
        tarn__feed_i64(chunk, OUT_CREATED, row, w->meta.created_us);
    else
        tarn__feed_null(chunk, OUT_CREATED, row);
    tarn__feed_bool(chunk, OUT_DELETED, row, w->meta.deleted);
    if (w->meta.deleted) { /* nobody looks at its fields */
        for (size_t i = 0; i < w->source->field_count; i++)
            tarn__feed_null(chunk, OUT_FIELDS + i, row);
        return TARN_OK;
    }
    st = json_of(w, args, &json, err);
    return st == TARN_OK ? put_fields(w, json, chunk, row, err) : st;
}

static void source_reset(source *s)
{
    for (size_t i = 0; s->names != NULL && i < s->field_count; i++)
        tarn__free(s->names[i]);
    tarn__free(s->names);
    tarn__free(s->fields);
    tarn__free(s->columns);
    tarn__free(s->types);
    tarn__row_layout_free(s->layout);
    tarn__live_map_free(s->map);
}

/* A layout of the indexed fields alone. */
static tarn_status make_layout(source *s, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    size_t count = 0;
    tarn_status st = tarn__buf_str(&text, "1;", err);
    for (size_t i = 0; st == TARN_OK && i < s->field_count; i++) {
        if (s->fields[i].type == 0 || count == TARN__ROW_MAX_FIELDS)
            continue;
        if (count++ > 0)
            st = tarn__buf_char(&text, ',', err);
        if (st == TARN_OK)
            st = tarn__row_field_text(&text, s->fields[i].type,
                s->fields[i].path, s->fields[i].depth, err);
    }
    if (count == 0)
        tarn__buf_clear(&text);
    if (st == TARN_OK)
        st = tarn__row_layout_parse(tarn__buf_slice(&text), &s->layout, err);
    tarn_buf_reset(&text);
    return st == TARN_OK ? tarn__live_map_create(s->fields, s->field_count,
                               s->layout, &s->map, err)
                         : st;
}

static tarn_status make_columns(source *s, tarn_error *err)
{
    static const tarn__column first[OUT_FIELDS] = {{"key", TARN_TEXT},
        {"place", TARN_INT64}, {"created", TARN_TIME}, {"deleted", TARN_BOOL}};
    size_t n = s->field_count;
    s->columns = tarn__calloc(OUT_FIELDS + n, sizeof(*s->columns));
    s->types = tarn__calloc(OUT_FIELDS + n, sizeof(*s->types));
    s->names = tarn__calloc(n + 1, sizeof(*s->names));
    if (s->columns == NULL || s->types == NULL || s->names == NULL)
        return tarn__no_memory(err);
    memcpy(s->columns, first, sizeof(first));
    s->types[OUT_CREATED] = TARN__FEED_TIMESTAMPTZ;
    for (size_t i = 0; i < n; i++) {
        s->names[i] = tarn__sprintf("f%zu", i);
        if (s->names[i] == NULL)
            return tarn__no_memory(err);
        s->fields[i].name = s->names[i];
        s->columns[OUT_FIELDS + i] =
            tarn__live_feed_column(&s->fields[i], &s->types[OUT_FIELDS + i]);
    }
    return TARN_OK;
}

static tarn_status source_make(source *s, tarn_snapshot *snap,
    const tarn__record_table *table, tarn_error *err)
{
    size_t count;
    const tarn__json_schema_field *fields =
        tarn__json_schema_fields(table->schema, &count);
    *s = (source){.snap = snap};
    s->fields = tarn__calloc(count + 1, sizeof(*s->fields));
    if (s->fields == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (fields[i].indexed)
            s->fields[s->field_count++] = (tarn__live_column){
                .kind = fields[i].property ? TARN__LIVE_FIELD : TARN__LIVE_PATH,
                .type = fields[i].type,
                .path = fields[i].path,
                .depth = fields[i].depth};
    tarn_status st = make_columns(s, err);
    return st == TARN_OK ? make_layout(s, err) : st;
}

static tarn_status source_register(
    source *s, tarn__duck *duck, int64_t number, tarn_error *err)
{
    snprintf(s->name, sizeof(s->name), FUNCTION_NAME "%" PRId64, number);
    s->function = (tarn__map){.name = s->name,
        .arg_count = 4,
        .blobs = 1,
        .columns = s->columns,
        .column_count = OUT_FIELDS + s->field_count,
        .types = s->types,
        .ctx = s,
        .open = open_worker,
        .call = call,
        .close = close_worker};
    return tarn__duck_map(duck, &s->function, err);
}

/* Which fields, as what: a relation that was made for others is made anew. */
static tarn_status signature_of(const source *s, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, "", err);
    for (size_t i = 0; st == TARN_OK && i < s->field_count; i++) {
        const tarn__live_column *f = &s->fields[i];
        st = tarn__buf_char(out,
            f->kind == TARN__LIVE_PATH ? 'p'
                : f->type == 0         ? 'j'
                                       : (char)f->type,
            err);
        for (size_t k = 0; st == TARN_OK && k < f->depth; k++)
            st = tarn__buf_printf(out, err, "/%zu:%.*s", f->path[k].len,
                (int)f->path[k].len, f->path[k].ptr);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ',', err);
    }
    return st;
}

/* --- SQL --- */

static tarn_status put_rows(fill *f, int64_t after, const char *select,
    tarn_slice table, tarn_buf *sql, tarn_error *err)
{
    tarn_buf where = TARN_BUF_INIT;
    tarn_status st =
        tarn__buf_str(&where, "space = 'record' AND tenant = ", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(&where, f->tenant, err);
    if (st == TARN_OK && table.ptr != NULL)
        st = tarn__buf_str(&where, " AND kind = ", err);
    if (st == TARN_OK && table.ptr != NULL)
        st = tarn__duck_quote_text(&where, table, err);
    if (st == TARN_OK)
        st = tarn__buf_char(sql, '(', err);
    if (st == TARN_OK)
        st = tarn__lake_rows_sql(
            f->lake, after + 1, f->to, select, where.ptr, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_char(sql, ')', err);
    tarn_buf_reset(&where);
    return st;
}

static tarn_status make_relation(
    fill *f, const source *s, int64_t number, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err,
        "CREATE TABLE " TARN__COLUMN_CATALOG ".t%" PRId64
        " AS SELECT NULL::UUID AS id, NULL::VARCHAR AS key, "
        "NULL::TIMESTAMPTZ AS created_at, NULL::TIMESTAMPTZ AS modified_at, "
        "NULL::BIGINT AS place",
        number);
    for (size_t i = 0; st == TARN_OK && i < s->field_count; i++)
        st = tarn__buf_printf(&sql, err,
            ", (%s(NULL, NULL, NULL, NULL)).%s AS %s", s->name, s->names[i],
            s->names[i]);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, " WHERE false", err);
    if (st == TARN_OK)
        st = tarn__duck_exec(f->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status delete_changed(
    fill *f, int64_t number, tarn_slice table, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err,
        "DELETE FROM " TARN__COLUMN_CATALOG ".t%" PRId64
        " WHERE id IN (SELECT key::UUID FROM ",
        number);
    if (st == TARN_OK)
        st = put_rows(f, f->after, "key", table, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&sql, ')', err);
    if (st == TARN_OK)
        st = tarn__duck_exec(f->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

#define PLACE "version * 4294967296 + seq AS place"

static tarn_status insert_newest(fill *f, const source *s, int64_t number,
    int64_t after, tarn_slice table, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err,
        "INSERT INTO " TARN__COLUMN_CATALOG ".t%" PRId64
        " SELECT key::UUID, f.key, coalesce(f.created, time), time, f.place",
        number);
    for (size_t i = 0; st == TARN_OK && i < s->field_count; i++)
        st = tarn__buf_printf(&sql, err, ", f.%s", s->names[i]);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            " FROM (SELECT r.key, r.time, "
            "%s(r.content, r.object, r.meta, r.key) AS f FROM ",
            s->name);
    if (st == TARN_OK)
        st = put_rows(f, after, "key, op, time, content, object, meta, " PLACE,
            table, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(
            &sql, " r SEMI JOIN (SELECT key, max(place) AS place FROM ", err);
    if (st == TARN_OK)
        st = put_rows(f, after, "key, " PLACE, table, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql,
            " GROUP BY key) n ON r.key = n.key AND r.place = n.place "
            "WHERE r.op = 'put') WHERE NOT f.deleted",
            err);
    if (st == TARN_OK)
        st = tarn__duck_exec(f->duck, sql.ptr, err);
    tarn_buf_reset(&sql);
    return st;
}

/* --- tables --- */

static tarn_status note_table(fill *f, tarn_slice table, int64_t number,
    const char *signature, tarn_error *err)
{
    tarn__duck_value values[3] = {{.type = TARN_TEXT, .bytes = table},
        {.type = TARN_INT64, .i64 = number},
        {.type = TARN_TEXT, .bytes = tarn_str(signature)}};
    return tarn__duck_exec_values(f->duck,
        "INSERT INTO " TARN__COLUMN_CATALOG ".tables VALUES (?, ?, ?)", values,
        3, NULL, err);
}

static tarn_status drop_table(
    fill *f, const char *name, int64_t number, tarn_error *err)
{
    tarn__duck_value value = {.type = TARN_TEXT, .bytes = tarn_str(name)};
    tarn_status st = tarn__duck_execf(
        f->duck, err, "DROP TABLE " TARN__COLUMN_CATALOG ".t%" PRId64, number);
    return st == TARN_OK
        ? tarn__duck_exec_values(f->duck,
              "DELETE FROM " TARN__COLUMN_CATALOG ".tables WHERE name = ?",
              &value, 1, NULL, err)
        : st;
}

static int64_t number_of(const json_t *stored)
{
    return json_integer_value(json_object_get(stored, "number"));
}

static tarn_status fill_known(
    fill *f, source *s, int64_t number, tarn_slice table, tarn_error *err)
{
    if (json_object_getn(f->changed, table.ptr, table.len) == NULL)
        return TARN_OK;
    tarn_status st = source_register(s, f->duck, number, err);
    if (st == TARN_OK)
        st = delete_changed(f, number, table, err);
    return st == TARN_OK ? insert_newest(f, s, number, f->after, table, err)
                         : st;
}

static tarn_status fill_new(fill *f, source *s, tarn_slice table,
    const char *signature, tarn_error *err)
{
    int64_t number = ++f->highest;
    tarn_status st = source_register(s, f->duck, number, err);
    if (st == TARN_OK)
        st = make_relation(f, s, number, err);
    if (st == TARN_OK)
        st = insert_newest(f, s, number, -1, table, err);
    return st == TARN_OK ? note_table(f, table, number, signature, err) : st;
}

static tarn_status fill_source(
    fill *f, source *s, const tarn__record_table *table, tarn_error *err)
{
    tarn_buf signature = TARN_BUF_INIT;
    tarn_slice name = tarn_str(table->name);
    const json_t *stored = json_object_get(f->stored, table->name);
    tarn_status st = signature_of(s, &signature, err);
    const char *had = tarn__json_text(stored, "signature");
    if (st == TARN_OK && had != NULL && strcmp(had, signature.ptr) == 0) {
        st = fill_known(f, s, number_of(stored), name, err);
    } else if (st == TARN_OK) {
        if (stored != NULL)
            st = drop_table(f, table->name, number_of(stored), err);
        if (st == TARN_OK)
            st = fill_new(f, s, name, signature.ptr, err);
    }
    tarn_buf_reset(&signature);
    return st;
}

static tarn_status fill_table(fill *f, const char *name, tarn_error *err)
{
    tarn__record_table *table = NULL;
    source s = {.snap = f->snap};
    tarn_status st = tarn__record_table_open(
        f->snap, f->tenant, tarn_str(name), &table, err);
    if (st == TARN_OK)
        st = source_make(&s, f->snap, table, err);
    if (st == TARN_OK)
        st = fill_source(f, &s, table, err);
    source_reset(&s);
    tarn__record_table_free(table);
    return st;
}

static tarn_status add_name(void *arg, tarn_slice name, tarn_error *err)
{
    return json_object_setn_new_nocheck(arg, name.ptr, name.len, json_true()) !=
            0
        ? tarn__no_memory(err)
        : TARN_OK;
}

static tarn_status fill_tables(fill *f, tarn_error *err)
{
    const char *name;
    json_t *value;
    tarn_status st =
        tarn__record_tables(f->snap, f->tenant, add_name, f->current, err);
    json_object_foreach(f->current, name, value)
    {
        if (st == TARN_OK)
            st = fill_table(f, name, err);
    }
    json_object_foreach(f->stored, name, value)
    {
        if (st == TARN_OK && json_object_get(f->current, name) == NULL)
            st = drop_table(f, name, number_of(value), err);
    }
    return st;
}

/* --- what is there --- */

static tarn_status read_stored(fill *f, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cells[3];
    tarn_status st = tarn__duck_query(f->duck,
        "SELECT name, number, signature FROM " TARN__COLUMN_CATALOG ".tables",
        NULL, 0, &rows, err);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, cells, err)) == TARN_ROW) {
        json_t *entry =
            json_pack("{s:I, s:s%}", "number", (json_int_t)cells[1].i64,
                "signature", cells[2].bytes.ptr, cells[2].bytes.len);
        st = entry == NULL ||
                json_object_setn_new_nocheck(f->stored, cells[0].bytes.ptr,
                    cells[0].bytes.len, entry) != 0
            ? tarn__no_memory(err)
            : TARN_OK;
        if (cells[1].i64 > f->highest)
            f->highest = cells[1].i64;
    }
    tarn__duck_result_free(rows);
    return st;
}

static tarn_status read_changed(fill *f, tarn_error *err)
{
    tarn__duck_result *rows = NULL;
    tarn__cell cell;
    tarn_buf sql = TARN_BUF_INIT;
    if (f->after < 0)
        return TARN_OK;
    tarn_status st = tarn__buf_str(&sql, "SELECT DISTINCT kind FROM ", err);
    if (st == TARN_OK)
        st = put_rows(f, f->after, "kind", (tarn_slice){NULL, 0}, &sql, err);
    if (st == TARN_OK)
        st = tarn__duck_query(f->duck, sql.ptr, NULL, 0, &rows, err);
    tarn_buf_reset(&sql);
    while (
        st == TARN_OK && (st = tarn__duck_next(rows, &cell, err)) == TARN_ROW)
        st = add_name(f->changed, cell.bytes, err);
    tarn__duck_result_free(rows);
    return st;
}

static tarn_status note_applied(fill *f, tarn_error *err)
{
    uint8_t sha256[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    tarn_status st = tarn__lake_fingerprint(f->lake, f->to, sha256, err);
    if (st != TARN_OK)
        return st;
    tarn__hex(sha256, sizeof(sha256), hex);
    tarn__duck_value values[4] = {
        {.type = TARN_INT64, .i64 = TARN__COLUMN_FORMAT},
        {.type = TARN_TEXT, .bytes = f->tenant},
        {.type = TARN_INT64, .i64 = f->to},
        {.type = TARN_TEXT, .bytes = tarn_str(hex)}};
    st = tarn__duck_exec(
        f->duck, "DELETE FROM " TARN__COLUMN_CATALOG ".applied", err);
    return st == TARN_OK ? tarn__duck_exec_values(f->duck,
                               "INSERT INTO " TARN__COLUMN_CATALOG
                               ".applied VALUES (?, ?, ?, ?)",
                               values, 4, NULL, err)
                         : st;
}

static tarn_status run(fill *f, tarn_error *err)
{
    tarn_status st = tarn__duck_exec(f->duck,
        "BEGIN; CREATE TABLE IF NOT EXISTS " TARN__COLUMN_CATALOG
        ".applied(format BIGINT, tenant VARCHAR, version BIGINT, "
        "sha256 VARCHAR); CREATE TABLE IF NOT EXISTS " TARN__COLUMN_CATALOG
        ".tables(name VARCHAR, number BIGINT, signature VARCHAR)",
        err);
    if (st == TARN_OK)
        st = read_stored(f, err);
    if (st == TARN_OK)
        st = read_changed(f, err);
    if (st == TARN_OK)
        st = fill_tables(f, err);
    if (st == TARN_OK)
        st = note_applied(f, err);
    if (st == TARN_OK)
        return tarn__duck_exec(
            f->duck, "COMMIT; CHECKPOINT " TARN__COLUMN_CATALOG, err);
    (void)!tarn__duck_exec(f->duck, "ROLLBACK", NULL);
    return st;
}

tarn_status tarn__column_fill(tarn__duck *duck, tarn_snapshot *snap,
    tarn_slice tenant, const tarn__column_applied *applied, tarn_error *err)
{
    fill f = {.duck = duck,
        .snap = snap,
        .lake = tarn__snapshot_lake(snap),
        .tenant = tenant,
        .after = applied->version,
        .to = tarn_snapshot_version(snap)};
    f.stored = json_object();
    f.current = json_object();
    f.changed = json_object();
    tarn_status st = f.stored == NULL || f.current == NULL || f.changed == NULL
        ? tarn__no_memory(err)
        : tarn__duck_exec(duck, "SET preserve_insertion_order = false", err);
    if (st == TARN_OK)
        st = run(&f, err);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, "RESET preserve_insertion_order", err);
    json_decref(f.stored);
    json_decref(f.current);
    json_decref(f.changed);
    return st;
}
