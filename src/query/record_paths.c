/* Members inside a record's JSON as columns of their own.
 *
 * doc->>'$.address.city', address.city and their kin name a member by its path.
 * Where it is certain which table's they are, the member becomes a column of the
 * table's, of JSON, and the expression asks that for its '$': DuckDB reads the
 * same value out of a text of a few bytes.  The column view holds the indexed
 * ones, the live scan finds the others, and filters can be pushed below. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/record.h"

static const char *text_of(const json_t *node, const char *name)
{
    const char *text = tarn__json_text(node, name);
    return text == NULL ? "" : text;
}

static bool is_class(const json_t *node, const char *cls)
{
    return strcmp(text_of(node, "class"), cls) == 0;
}

/* --- paths --- */

static bool add_name(tarn__record_path *path, tarn_slice name)
{
    if (path->depth == TARN__RECORD_PATH_MAX || name.len == 0 ||
        name.len > TARN__ROW_MAX_NAME_BYTES)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    path->names[path->depth++] = name;
    return true;
}

/* 'name', '$.name.name' or '$'; all else is DuckDB's alone. */
static bool add_text(tarn__record_path *path, const char *text)
{
    if (*text != '$')
        return add_name(path, tarn_str(text));
    while (*++text == '.') {
        size_t len = strcspn(text + 1, ".");
        if (!add_name(path, (tarn_slice){text + 1, len}))
            return false;
        text += len;
    }
    return *text == '\0';
}

/* Does the SELECT read this table and no other? */
static bool is_sole(const tarn__ref *ref)
{
    return json_object_get(ref->select, "from_table") == ref->node;
}

/* ORDER BY and its kin may mean a column of the result. */
static bool is_shadowed(const tarn__ref *ref, const char *name)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(ref->select, "select_list"), i, item)
    {
        const json_t *names = json_object_get(item, "column_names");
        const char *last = json_string_value(
            json_array_get(names, json_array_size(names) - 1));
        if (tarn__eq_nocase(text_of(item, "alias"), name) &&
            (last == NULL || !tarn__eq_nocase(last, name)))
            return true;
    }
    return false;
}

/* A column of JSON; its own path begins the member's. */
static bool begin_path(const tarn__record_source *r, const tarn__ref *ref,
    const char *name, tarn__record_path *path)
{
    for (size_t i = 0; i < r->columns.count; i++) {
        const tarn__live_column *c = &r->columns.items[i];
        if (!tarn__eq_nocase(c->name, name))
            continue;
        if (c->kind == TARN__LIVE_DOC)
            return !is_shadowed(ref, name);
        if ((c->kind != TARN__LIVE_FIELD || c->type != 0) &&
            c->kind != TARN__LIVE_PATH)
            return false;
        for (size_t k = 0; k < c->depth; k++)
            if (!add_name(path, c->path[k]))
                return false;
        /* The column itself is none of its members. */
        path->from = c->kind == TARN__LIVE_PATH ? 0 : c->depth;
        return !is_shadowed(ref, name);
    }
    return false;
}

/* doc, address.city, p.doc, p.address.city */
static bool column_path(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *expr, tarn__record_path *path)
{
    const json_t *names = json_object_get(expr, "column_names");
    const char *first = json_string_value(json_array_get(names, 0));
    size_t at = first != NULL && tarn__eq_nocase(first, ref->called) &&
            json_array_size(names) > 1
        ? 1
        : 0;
    if (first == NULL || (at == 0 && !is_sole(ref)))
        return false;
    path->qualifier = at == 1 ? first : NULL;
    if (!begin_path(r, ref, json_string_value(json_array_get(names, at)), path))
        return false;
    for (size_t i = at + 1; i < json_array_size(names); i++)
        if (!add_name(
                path, tarn_str(json_string_value(json_array_get(names, i)))))
            return false;
    return true;
}

static const char *constant_text(const json_t *expr)
{
    const json_t *value = json_object_get(expr, "value");
    return is_class(expr, "CONSTANT") &&
            strcmp(text_of(json_object_get(value, "type"), "id"), "VARCHAR") ==
                0
        ? tarn__json_text(value, "value")
        : NULL;
}

static bool json_path(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *expr, tarn__record_path *path);

static bool step(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *of, const json_t *name, tarn__record_path *path)
{
    const char *text = constant_text(name);
    return text != NULL && json_path(r, ref, of, path) && !path->text &&
        add_text(path, text);
}

static bool call_path(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *expr, tarn__record_path *path)
{
    static const struct {
        const char *name;
        bool text;
    } calls[] = {{"->>", true}, {"json_extract_string", true},
        {"json_extract_path_text", true}, {"json_extract", false},
        {"json_extract_path", false}};
    const json_t *children = json_object_get(expr, "children");
    const char *name = text_of(expr, "function_name");
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (tarn__eq_nocase(name, calls[i].name)) {
            if (json_array_size(children) != 2 ||
                json_is_object(json_object_get(expr, "filter")) ||
                !step(r, ref, json_array_get(children, 0),
                    json_array_get(children, 1), path))
                return false;
            path->text = calls[i].text;
            return true;
        }
    return false;
}

static bool json_path(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *expr, tarn__record_path *path)
{
    if (is_class(expr, "COLUMN_REF"))
        return column_path(r, ref, expr, path);
    if (is_class(expr, "FUNCTION"))
        return call_path(r, ref, expr, path);
    /* doc->'a' */
    return is_class(expr, "LAMBDA") &&
        step(r, ref, json_object_get(expr, "lhs"),
            json_object_get(expr, "expr"), path);
}

bool tarn__record_path_of(const tarn__record_source *r, const tarn__ref *ref,
    const json_t *expr, tarn__record_path *path)
{
    *path = (tarn__record_path){.depth = 0};
    return ref->select != NULL && json_path(r, ref, expr, path) &&
        path->depth > path->from;
}

int tarn__record_path_column(
    const tarn__record_source *r, const tarn__record_path *path)
{
    for (size_t i = 0; i < r->columns.count; i++) {
        const tarn__live_column *c = &r->columns.items[i];
        bool same = c->kind == TARN__LIVE_PATH && c->depth == path->depth;
        for (size_t k = 0; same && k < c->depth; k++)
            same = tarn__slice_eq(c->path[k], path->names[k]);
        if (same)
            return (int)i;
    }
    return -1;
}

/* --- columns --- */

/* The names in the session's arena; *name as a statement would write it. */
static tarn_status keep_path(tarn__session *s, const tarn__record_path *path,
    tarn_slice **names, const char **name, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    *names = tarn__arena_alloc(&s->arena, path->depth * sizeof(**names));
    tarn_status st = *names == NULL ? tarn__no_memory(err)
                                    : tarn__buf_str(&text, "doc", err);
    for (size_t i = 0; st == TARN_OK && i < path->depth; i++) {
        (*names)[i] = tarn__arena_copy(&s->arena, path->names[i]);
        st = (*names)[i].ptr == NULL
            ? tarn__no_memory(err)
            : tarn__buf_printf(&text, err, ".%.*s", (int)path->names[i].len,
                  path->names[i].ptr);
    }
    *name = st == TARN_OK ? tarn__arena_strdup(&s->arena, text.ptr) : NULL;
    tarn_buf_reset(&text);
    return st == TARN_OK && *name == NULL ? tarn__no_memory(err) : st;
}

/* The column of a path, made at the first need; -1: its name is taken. */
static tarn_status need_column(tarn__session *s, tarn__record_source *r,
    const tarn__record_path *path, int *column, tarn_error *err)
{
    tarn_slice *names;
    const char *name;
    *column = tarn__record_path_column(r, path);
    if (*column >= 0)
        return TARN_OK;
    tarn_status st = keep_path(s, path, &names, &name, err);
    for (size_t i = 0; st == TARN_OK && i < r->columns.count; i++)
        if (tarn__eq_nocase(name, r->columns.items[i].name))
            return TARN_OK;
    if (st == TARN_OK)
        st = tarn__record_columns_add_path(
            r->table, &r->columns, name, names, path->depth, err);
    if (st == TARN_OK)
        *column = (int)r->columns.count - 1;
    return st;
}

/* What asks the column for all of it, in the expression's place. */
static tarn_status put_column(json_t *expr, const tarn__record_path *path,
    const char *name, tarn_error *err)
{
    const json_t *was = json_object_get(expr, "column_names");
    const char *alias = tarn__json_text(expr, "alias");
    if (alias == NULL) /* address.city is called city */
        alias =
            json_string_value(json_array_get(was, json_array_size(was) - 1));
    json_t *names = path->qualifier == NULL
        ? json_pack("[s]", name)
        : json_pack("[ss]", path->qualifier, name);
    json_t *call = json_pack(
        "{s:s, s:s, s:s, s:[{s:s, s:s, s:o}, {s:s, s:s, s:{s:{s:s}, s:b, "
        "s:s}}], s:{s:s}}",
        "class", "FUNCTION", "type", "FUNCTION", "function_name",
        path->text ? "json_extract_string" : "json_extract", "children",
        "class", "COLUMN_REF", "type", "COLUMN_REF", "column_names", names,
        "class", "CONSTANT", "type", "VALUE_CONSTANT", "value", "type", "id",
        "VARCHAR", "is_null", 0, "value", "$", "order_bys", "type",
        "ORDER_MODIFIER");
    int failed = call == NULL;
    if (!failed && alias != NULL)
        failed = json_object_set_new(call, "alias", json_string(alias));
    if (!failed) {
        json_object_clear(expr);
        failed = json_object_update(expr, call);
    }
    json_decref(call);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

/* Parts of a SELECT in which names may mean something else. */
static bool is_apart(const char *key)
{
    static const char *const apart[] = {
        "subquery", "cte_map", "from_table", NULL};
    for (const char *const *a = apart; *a != NULL; a++)
        if (strcmp(key, *a) == 0)
            return true;
    return false;
}

static tarn_status take_paths(tarn__session *s, const tarn__ref *ref,
    tarn__record_source *r, json_t *node, tarn_error *err);

static tarn_status take_object(tarn__session *s, const tarn__ref *ref,
    tarn__record_source *r, json_t *node, tarn_error *err)
{
    tarn__record_path path;
    tarn_status st = TARN_OK;
    const char *key;
    json_t *child;
    int column = -1;
    bool found = tarn__record_path_of(r, ref, node, &path);
    if (found && is_class(node, "LAMBDA")) /* it may be one */
        return TARN_OK;
    if (found)
        st = need_column(s, r, &path, &column, err);
    if (st != TARN_OK || column >= 0)
        /* Beside a star another column would be seen: for filters only. */
        return st == TARN_OK && !ref->starred
            ? put_column(node, &path, r->columns.items[column].name, err)
            : st;
    if (is_class(node, "LAMBDA"))
        return TARN_OK;
    json_object_foreach(node, key, child)
    {
        if (st == TARN_OK && !is_apart(key))
            st = take_paths(s, ref, r, child, err);
    }
    return st;
}

static tarn_status take_paths(tarn__session *s, const tarn__ref *ref,
    tarn__record_source *r, json_t *node, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t i;
    json_t *child;
    if (json_is_object(node))
        return take_object(s, ref, r, node, err);
    json_array_foreach(node, i, child)
    {
        if (st == TARN_OK)
            st = take_paths(s, ref, r, child, err);
    }
    return st;
}

tarn_status tarn__record_paths_take(tarn__session *s, const tarn__ref *ref,
    tarn__record_source *r, tarn_error *err)
{
    const char *key;
    json_t *child;
    tarn_status st = TARN_OK;
    json_object_foreach(ref->select, key, child)
    {
        bool filter = strcmp(key, "where_clause") == 0;
        if (st == TARN_OK && !is_apart(key) && (filter || !ref->starred))
            st = take_paths(s, ref, r, child, err);
    }
    return st;
}
