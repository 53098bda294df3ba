/* Asking the source. */
#include "track/source.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"
#include "flow/flow.h"
#include "os/file.h"

tarn_status tarn__track_source_find(const tarn__track_config *config,
    const char *connections, tarn__track_source *out, tarn_error *err)
{
    *out = (tarn__track_source){config, TARN_BUF_INIT, TARN_BUF_INIT};
    char *path = connections != NULL
        ? tarn__strdup(connections)
        : tarn__path_join(config->base_dir, "connections.yaml");
    tarn_status st = path == NULL ? tarn__no_memory(err)
                                  : tarn__flow_connection(path, config->source,
                                        &out->engine, &out->fields, err);
    tarn__free(path);
    if (st != TARN_OK)
        tarn__track_source_reset(out);
    return st;
}

void tarn__track_source_reset(tarn__track_source *source)
{
    tarn_buf_reset(&source->engine);
    tarn_buf_reset(&source->fields);
}

tarn_status tarn__track_source_connect(
    const tarn__track_source *source, tarn__db **out, tarn_error *err)
{
    return tarn__query_connect(source->engine.ptr, source->fields.ptr,
        source->config->base_dir, out, err);
}

/* --- the query's text and values --- */

typedef struct asking {
    tarn_buf sql;
    tarn__query_value *values;
    size_t count;
    size_t cap;
    tarn__arena names;
} asking;

static tarn_status bind(asking *a, const char *name, const char *const *texts,
    size_t count, tarn_error *err)
{
    tarn_status st = tarn__grow(
        (void **)&a->values, &a->cap, a->count + 1, sizeof(*a->values), err);
    if (st == TARN_OK)
        a->values[a->count++] = (tarn__query_value){name, texts, count};
    return st;
}

/* AND [NOT] (schema LIKE {p0} OR schema LIKE {p1} ...) */
static tarn_status add_patterns(asking *a, tarn_slice schema, const char *how,
    char letter, const tarn__track_patterns *patterns, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < patterns->count; i++) {
        char *name = tarn__arena_alloc(&a->names, 32);
        if (name == NULL)
            return tarn__no_memory(err);
        (void)snprintf(name, 32, "%c%zu", letter, i);
        st = tarn__buf_printf(&a->sql, err, " %s %.*s LIKE {%s}",
            i == 0 ? how : "OR", (int)schema.len, schema.ptr, name);
        if (st == TARN_OK)
            st = bind(a, name, &patterns->texts[i], 1, err);
    }
    return st == TARN_OK && patterns->count > 0
        ? tarn__buf_char(&a->sql, ')', err)
        : st;
}

static tarn_status write_sql(asking *a, const tarn__track_config *config,
    const char *query, tarn_error *err)
{
    const char *mark =
        config->preset ? strstr(query, TARN__TRACK_SCHEMAS) : NULL;
    if (mark == NULL)
        return tarn__buf_str(&a->sql, query, err);
    const char *name = mark + strlen(TARN__TRACK_SCHEMAS);
    const char *end = strstr(name, "*/");
    tarn_slice schema = {name, (size_t)(end - name)};
    tarn_status st =
        tarn__buf_append(&a->sql, query, (size_t)(mark - query), err);
    if (st == TARN_OK)
        st = add_patterns(a, schema, "AND (", 'i', &config->include, err);
    if (st == TARN_OK)
        st = add_patterns(a, schema, "AND NOT (", 'e', &config->exclude, err);
    return st == TARN_OK ? tarn__buf_str(&a->sql, end + 2, err) : st;
}

static int find_column(const tarn_rows *rows, const char *name)
{
    for (size_t i = 0; i < tarn_rows_column_count(rows); i++)
        if (tarn__eq_nocase(tarn_rows_column_name(rows, i), name))
            return (int)i;
    return -1;
}

#define KEY_BYTES 64

/* data_type -> dataType */
static const char *camel(const char *name, char to[KEY_BYTES])
{
    size_t n = 0;
    if (tarn__eq_nocase(name, "ordinal_position"))
        name = "order";
    for (const char *at = name; *at != '\0' && n + 1 < KEY_BYTES; at++) {
        if (*at == '_' && at[1] >= 'a' && at[1] <= 'z' && n > 0)
            to[n++] = (char)(*++at - 'a' + 'A');
        else
            to[n++] = *at;
    }
    to[n] = '\0';
    return to;
}

/* Does the column have a meaning here? */
static bool is_ours(const tarn__track_rows *r, size_t col)
{
    const int ours[] = {r->database, r->schema, r->table, r->type, r->column,
        r->created, r->modified, r->fingerprint, r->label};
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        if (ours[i] == (int)col)
            return true;
    return false;
}

/* Of what attributes are the other columns?  Of none twice. */
static tarn_status check_keys(const tarn__track_rows *r, tarn_error *err)
{
    static const char *const made[] = {"qualifiedName", "name",
        "connectionQualifiedName", "databaseName", "databaseQualifiedName",
        "schemaName", "schemaQualifiedName", "tableName", "tableQualifiedName",
        "viewName", "viewQualifiedName"};
    char key[KEY_BYTES];
    char other[KEY_BYTES];
    size_t count = tarn_rows_column_count(r->rows);
    for (size_t i = 0; i < count; i++) {
        const char *name = tarn_rows_column_name(r->rows, i);
        bool twice = false;
        if (is_ours(r, i))
            continue;
        (void)camel(name, key);
        for (size_t k = 0; k < sizeof made / sizeof made[0]; k++)
            twice = twice || strcmp(made[k], key) == 0;
        for (size_t k = 0; k < i; k++)
            twice = twice ||
                (!is_ours(r, k) &&
                    strcmp(camel(tarn_rows_column_name(r->rows, k), other),
                        key) == 0);
        if (twice)
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: the %s query gives a column %s, but its record has a %s "
                "already (name it otherwise)",
                r->config->path, tarn__track_kinds[r->kind], name, key);
    }
    return TARN_OK;
}

static tarn_status find_columns(tarn__track_rows *r, tarn_error *err)
{
    r->database = find_column(r->rows, "database_name");
    r->schema = find_column(r->rows, "schema_name");
    r->table = find_column(r->rows, "table_name");
    r->type = find_column(r->rows, "table_type");
    r->column = find_column(r->rows, "column_name");
    r->created = find_column(r->rows, "created");
    r->modified = find_column(r->rows, "modified");
    r->fingerprint = find_column(r->rows, "fingerprint");
    r->label = find_column(r->rows, "incremental_state");
    const char *missing = NULL;
    if (r->kind == TARN__TRACK_DATABASE && r->database < 0)
        missing = "database_name";
    else if (r->kind >= TARN__TRACK_SCHEMA && r->schema < 0)
        missing = "schema_name";
    else if (r->kind >= TARN__TRACK_TABLE && r->table < 0)
        missing = "table_name";
    else if (r->kind == TARN__TRACK_COLUMN && r->column < 0)
        missing = "column_name";
    else if (r->kind == TARN__TRACK_TABLE && r->created < 0 &&
        r->modified < 0 && r->fingerprint < 0 && r->label < 0)
        missing = "fingerprint (or created and modified, or "
                  "incremental_state)";
    if (missing == NULL)
        return check_keys(r, err);
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: the %s query gives no column %s (name one so)", r->config->path,
        tarn__track_kinds[r->kind], missing);
}

tarn_status tarn__track_rows_open(const tarn__track_config *config,
    tarn__db *db, tarn__track_kind kind, const char *marker,
    const char *const *ids, size_t id_count, tarn__track_rows *out,
    tarn_error *err)
{
    asking a = {.sql = TARN_BUF_INIT, .names = TARN__ARENA_INIT};
    memset(out, 0, sizeof(*out));
    out->config = config;
    out->kind = kind;
    out->name = (tarn_buf)TARN_BUF_INIT;
    out->stamp = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = bind(&a, "marker", &marker, 1, err);
    if (st == TARN_OK)
        st = bind(&a, "table_ids", ids, id_count, err);
    if (st == TARN_OK)
        st = write_sql(&a, config, config->queries[kind], err);
    if (st == TARN_OK)
        st = tarn__query_run(db, a.sql.ptr, a.values, a.count, &out->rows, err);
    if (st == TARN_OK)
        st = find_columns(out, err);
    tarn_buf_reset(&a.sql);
    tarn__free(a.values);
    tarn__arena_reset(&a.names);
    if (st != TARN_OK)
        tarn__track_rows_close(out);
    return st;
}

void tarn__track_rows_close(tarn__track_rows *r)
{
    tarn_rows_free(r->rows);
    r->rows = NULL;
    tarn_buf_reset(&r->name);
    tarn_buf_reset(&r->stamp);
}

/* --- rows --- */

static const char *cell(tarn__track_rows *r, int column)
{
    return column < 0 ? NULL : tarn_rows_text(r->rows, (size_t)column);
}

static tarn_status make_stamp(tarn__track_rows *r, tarn_error *err)
{
    tarn__buf_clear(&r->stamp);
    const char *print = cell(r, r->fingerprint);
    if (print != NULL)
        return tarn__buf_str(&r->stamp, print, err);
    const char *created = cell(r, r->created);
    const char *modified = cell(r, r->modified);
    if (created == NULL && modified == NULL)
        return TARN_OK;
    return tarn__buf_printf(&r->stamp, err, "%s|%s",
        created == NULL ? "" : created, modified == NULL ? "" : modified);
}

static tarn_status make_name(tarn__track_rows *r, tarn_error *err)
{
    const char *parts[] = {r->database_name,
        r->kind >= TARN__TRACK_SCHEMA ? r->schema_name : NULL,
        r->kind >= TARN__TRACK_TABLE ? r->table_name : NULL,
        r->kind == TARN__TRACK_COLUMN ? r->column_name : NULL};
    tarn__buf_clear(&r->name);
    tarn_status st = tarn__buf_str(&r->name, r->config->connection, err);
    for (size_t i = 0; st == TARN_OK && i < 4 && parts[i] != NULL; i++) {
        st = tarn__buf_char(&r->name, '/', err);
        if (st == TARN_OK)
            st = tarn__buf_str(&r->name, parts[i], err);
    }
    return st;
}

static tarn_status null_name(const tarn__track_rows *r, tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: the %s query gives a row without a name (leave such rows out)",
        r->config->path, tarn__track_kinds[r->kind]);
}

tarn_status tarn__track_rows_next(tarn__track_rows *r, tarn_error *err)
{
    for (;;) {
        tarn_status st = tarn_rows_next(r->rows, err);
        if (st != TARN_ROW)
            return st;
        r->database_name = cell(r, r->database);
        r->schema_name = cell(r, r->schema);
        r->table_name = cell(r, r->table);
        r->type_name = cell(r, r->type);
        r->column_name = cell(r, r->column);
        if (r->database_name == NULL)
            r->database_name = "default";
        if (r->type_name == NULL)
            r->type_name = "Table";
        if ((r->kind >= TARN__TRACK_SCHEMA && r->schema_name == NULL) ||
            (r->kind >= TARN__TRACK_TABLE && r->table_name == NULL) ||
            (r->kind == TARN__TRACK_COLUMN && r->column_name == NULL))
            return null_name(r, err);
        if (r->kind >= TARN__TRACK_SCHEMA &&
            !tarn__track_in_scope(r->config, r->schema_name))
            continue;
        st = make_name(r, err);
        if (st == TARN_OK && r->kind == TARN__TRACK_TABLE)
            st = make_stamp(r, err);
        return st == TARN_OK ? TARN_ROW : st;
    }
}

/* --- records --- */

static tarn_status put(
    tarn_buf *out, const char *key, const char *text, tarn_error *err)
{
    tarn_status st =
        out->ptr[out->len - 1] == '{' ? TARN_OK : tarn__buf_char(out, ',', err);
    if (st == TARN_OK)
        st = tarn__json_quote(out, tarn_str(key), err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, ':', err);
    return st == TARN_OK ? tarn__json_quote(out, tarn_str(text), err) : st;
}

/* conn/db/schema of the row, `parts` of them. */
static tarn_status put_path(tarn__track_rows *r, const char *key, int parts,
    tarn_buf *out, tarn_error *err)
{
    const char *names[] = {r->database_name, r->schema_name, r->table_name};
    tarn_buf path = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&path, r->config->connection, err);
    for (int i = 0; st == TARN_OK && i < parts; i++) {
        st = tarn__buf_char(&path, '/', err);
        if (st == TARN_OK)
            st = tarn__buf_str(&path, names[i], err);
    }
    if (st == TARN_OK)
        st = put(out, key, path.ptr, err);
    tarn_buf_reset(&path);
    return st;
}

static bool is_json(const char *text)
{
    tarn__json_scan scan = tarn__json_scan_of(tarn_str(text));
    tarn__json_scan_value value;
    return tarn__json_scan_next(&scan, &value) && tarn__json_scan_end(&scan);
}

/* JSON as it is, but on one line: a line end is white space there. */
static tarn_status put_json(
    tarn_buf *out, const char *key, const char *text, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, ',', err);
    if (st == TARN_OK)
        st = tarn__json_quote(out, tarn_str(key), err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, ':', err);
    size_t start = out->len;
    if (st == TARN_OK)
        st = tarn__buf_str(out, text, err);
    for (size_t i = start; st == TARN_OK && i < out->len; i++)
        if (out->ptr[i] == '\n' || out->ptr[i] == '\r')
            out->ptr[i] = ' ';
    return st;
}

/* A column of the row that is none of ours, as an attribute. */
static tarn_status put_more(
    tarn__track_rows *r, size_t col, tarn_buf *out, tarn_error *err)
{
    char buf[KEY_BYTES];
    const char *name = tarn_rows_column_name(r->rows, col);
    const char *key = camel(name, buf);
    tarn_type type = tarn_rows_column_type(r->rows, col);
    const char *text = tarn_rows_text(r->rows, col);
    if (text == NULL)
        return put_json(out, key, "null", err);
    if (type == TARN_INT64 && tarn__starts_with(name, "is_"))
        text = tarn_rows_int64(r->rows, col) != 0 ? "true" : "false";
    /* Infinity is a number, but none of JSON's. */
    bool plain = type == TARN_BOOL || type == TARN_JSON ||
        tarn_rows_is_number(r->rows, col);
    return plain && is_json(text) ? put_json(out, key, text, err)
                                  : put(out, key, text, err);
}

static tarn_status put_more_all(
    tarn__track_rows *r, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < tarn_rows_column_count(r->rows);
         i++)
        if (!is_ours(r, i))
            st = put_more(r, i, out, err);
    return st;
}

static tarn_status put_parents(
    tarn__track_rows *r, tarn_buf *out, tarn_error *err)
{
    bool view = strstr(r->type_name, "View") != NULL;
    tarn_status st =
        put(out, "connectionQualifiedName", r->config->connection, err);
    if (st == TARN_OK && r->kind >= TARN__TRACK_SCHEMA)
        st = put(out, "databaseName", r->database_name, err);
    if (st == TARN_OK && r->kind >= TARN__TRACK_SCHEMA)
        st = put_path(r, "databaseQualifiedName", 1, out, err);
    if (st == TARN_OK && r->kind >= TARN__TRACK_TABLE)
        st = put(out, "schemaName", r->schema_name, err);
    if (st == TARN_OK && r->kind >= TARN__TRACK_TABLE)
        st = put_path(r, "schemaQualifiedName", 2, out, err);
    if (st == TARN_OK && r->kind == TARN__TRACK_COLUMN)
        st = put(out, view ? "viewName" : "tableName", r->table_name, err);
    if (st == TARN_OK && r->kind == TARN__TRACK_COLUMN)
        st = put_path(
            r, view ? "viewQualifiedName" : "tableQualifiedName", 3, out, err);
    return st;
}

static tarn_status put_custom(
    tarn__track_rows *r, const char *label, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_str(out, ",\"customAttributes\":{", err);
    if (st == TARN_OK)
        st = put(out, "incremental_state", label, err);
    if (st == TARN_OK && r->stamp.len > 0)
        st = put(out, "tarn_stamp", r->stamp.ptr, err);
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

tarn_status tarn__track_rows_write(
    tarn__track_rows *r, const char *label, tarn_buf *out, tarn_error *err)
{
    const char *types[] = {"Database", "Schema", r->type_name, "Column"};
    const char *names[] = {
        r->database_name, r->schema_name, r->table_name, r->column_name};
    tarn_status st = tarn__buf_char(out, '{', err);
    if (st == TARN_OK)
        st = put(out, "typeName", types[r->kind], err);
    if (st == TARN_OK)
        st = put(out, "status", "ACTIVE", err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, ",\"attributes\":{", err);
    if (st == TARN_OK)
        st = put(out, "qualifiedName", r->name.ptr, err);
    if (st == TARN_OK)
        st = put(out, "name", names[r->kind], err);
    if (st == TARN_OK)
        st = put_parents(r, out, err);
    if (st == TARN_OK)
        st = put_more_all(r, out, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '}', err);
    if (st == TARN_OK && label != NULL)
        st = put_custom(r, label, out, err);
    return st == TARN_OK ? tarn__buf_str(out, "}\n", err) : st;
}
