/* Which structure answers for a record table, and the SQL that asks it.
 *
 *   point   equality on id or key: ids, then the rows of these
 *   column  all that is needed is indexed: the column view's own table; or a
 *           filter on indexed fields keeps few rows: their ids from the column
 *           view, then the rows of these
 *   scan    else: the key view, on all threads
 *
 * DuckDB filters again what comes, so a route need only give every row that
 * passes.  All give the same columns, types and values. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/record.h"

#define POINT_IDS_MAX 1000

void tarn__record_sources_free(tarn__session *s)
{
    while (s->records != NULL) {
        tarn__record_source *r = s->records;
        s->records = r->next;
        tarn__live_reset(&r->live);
        tarn__record_columns_reset(&r->columns);
        tarn__record_table_free(r->table);
        tarn__free(r->needed);
        tarn__free(r->ids);
        tarn__free(r);
    }
    tarn__colview_free(s->colview);
    s->colview = NULL;
}

/* --- opening --- */

static bool mentioned(const tarn__session *s, const char *name)
{
    char small[160];
    size_t len = strlen(name);
    if (len >= sizeof(small)) /* not looked up: it counts */
        return true;
    for (size_t i = 0; i <= len; i++)
        small[i] = (char)tolower((unsigned char)name[i]);
    return json_object_get(s->mentioned, small) != NULL;
}

static tarn_status look_at_needs(const tarn__session *s, const tarn__ref *ref,
    tarn__record_source *r, tarn_error *err)
{
    r->needed = tarn__calloc(r->columns.count, sizeof(*r->needed));
    if (r->needed == NULL)
        return tarn__no_memory(err);
    r->starred = ref->starred;
    for (size_t i = 0; i < r->columns.count; i++)
        r->needed[i] = ref->starred
            ? r->columns.items[i].kind != TARN__LIVE_PATH
            : mentioned(s, r->columns.items[i].name);
    return TARN_OK;
}

/* Belongs to the session from here on, also when this fails. */
static tarn_status open_source(tarn__session *s, const char *name,
    tarn_snapshot *snap, tarn__record_source **out, tarn_error *err)
{
    tarn__record_source *r = tarn__calloc(1, sizeof(*r));
    *out = r;
    if (r == NULL)
        return tarn__no_memory(err);
    r->next = s->records;
    s->records = r;
    r->snap = snap;
    snprintf(
        r->function, sizeof(r->function), "tarn__live_%zu", s->record_count++);
    tarn_status st = tarn__record_table_open(
        snap, tarn_str(s->tenant), tarn_str(name), &r->table, err);
    if (st == TARN_OK)
        st = tarn__record_columns_make(r->table, &r->columns, err);
    return st;
}

/* --- ids --- */

tarn_status tarn__record_add_id(
    tarn__record_source *r, const tarn__id *id, size_t bytes, tarn_error *err)
{
    void *raw = r->ids;
    tarn_status st =
        tarn__grow(&raw, &r->id_cap, r->id_count + 1, sizeof(*r->ids), err);
    r->ids = raw;
    if (st == TARN_OK)
        r->ids[r->id_count++] = (tarn__live_id){*id, bytes};
    return st;
}

static int by_bytes(const void *a, const void *b)
{
    const tarn__live_id *one = a, *other = b;
    int order = memcmp(one->id.bytes, other->id.bytes, sizeof(one->id.bytes));
    return order != 0
        ? order
        : (one->bytes > other->bytes) - (one->bytes < other->bytes);
}

static bool begins_with(const tarn__live_id *id, const tarn__live_id *start)
{
    return memcmp(id->id.bytes, start->id.bytes, start->bytes) == 0;
}

void tarn__record_sort_ids(tarn__record_source *r)
{
    size_t kept = 0;
    if (r->id_count == 0)
        return;
    qsort(r->ids, r->id_count, sizeof(*r->ids), by_bytes);
    for (size_t i = 1; i < r->id_count; i++)
        if (!begins_with(&r->ids[i], &r->ids[kept]))
            r->ids[++kept] = r->ids[i];
    r->id_count = kept + 1;
}

typedef struct key_hits {
    tarn__record_source *source;
    tarn_slice table;
} key_hits;

static tarn_status add_hit(
    void *arg, tarn_slice table, const tarn__id *id, tarn_error *err)
{
    key_hits *hits = arg;
    return tarn__slice_eq(table, hits->table)
        ? tarn__record_add_id(hits->source, id, sizeof(id->bytes), err)
        : TARN_OK;
}

static tarn_status add_value(const tarn__session *s, tarn__record_source *r,
    const tarn__live_column *column, const tarn__live_datum *value,
    tarn_error *err)
{
    tarn__id id;
    char text[TARN__ID_TEXT_BYTES];
    if (value->tag == TARN__LIVE_NULL)
        return TARN_OK;
    if (column->kind != TARN__LIVE_ID) {
        key_hits hits = {r, tarn_str(r->table->name)};
        char digits[24];
        snprintf(digits, sizeof(digits), "%" PRId64, value->i64);
        return tarn__record_by_key(r->snap, tarn_str(s->tenant),
            value->tag == TARN__LIVE_I64 ? tarn_str(digits) : value->bytes,
            add_hit, &hits, err);
    }
    /* Ids are compared as text: another spelling is another text. */
    if (!tarn__id_parse(value->bytes, &id) ||
        !tarn__slice_is(value->bytes, tarn__id_format(&id, text)))
        return TARN_OK;
    return tarn__record_add_id(r, &id, sizeof(id.bytes), err);
}

static bool names_one_field(const tarn__live_column *column, const char *name)
{
    return (column->kind == TARN__LIVE_PATH ||
               (column->kind == TARN__LIVE_FIELD &&
                   (column->type == TARN__ROW_VARCHAR ||
                       column->type == TARN__ROW_BIGINT))) &&
        column->depth == 1 && tarn__slice_is(column->path[0], name);
}

/* The text of a number is not always its key's. */
static bool may_be_no_text(const tarn__live_filter *f)
{
    for (size_t i = 0; i < f->value_count; i++)
        if (f->values[i].tag == TARN__LIVE_BYTES &&
            f->values[i].bytes.len > 0 &&
            strchr("-0123456789{[", f->values[i].bytes.ptr[0]) != NULL)
            return true;
    return false;
}

/* Is the column the one whose text is the key of every record that has it? */
static bool is_key(
    const tarn__record_source *r, const tarn__live_column *column)
{
    const char *key = tarn__json_schema_key(r->table->schema);
    return !r->strays &&
        (names_one_field(column, "uri") ||
            (key != NULL && names_one_field(column, key)));
}

static bool gives_ids(const tarn__record_source *r, const tarn__live_filter *f)
{
    if ((f->op != TARN__LIVE_EQ && f->op != TARN__LIVE_IN) ||
        f->value_count > POINT_IDS_MAX)
        return false;
    const tarn__live_column *column = &r->columns.items[f->column];
    return column->kind == TARN__LIVE_ID ||
        (is_key(r, column) &&
            (column->kind != TARN__LIVE_PATH || !may_be_no_text(f)));
}

static const tarn__live_filter *point_part(const tarn__record_source *r)
{
    const tarn__live_filter *f = r->filter;
    if (f == NULL || gives_ids(r, f))
        return f;
    for (size_t i = 0; f->op == TARN__LIVE_AND && i < f->child_count; i++)
        if (gives_ids(r, f->children[i]))
            return f->children[i];
    return NULL;
}

static tarn_status point_ids(
    tarn__session *s, tarn__record_source *r, bool *found, tarn_error *err)
{
    tarn_status st = r->filter == NULL
        ? TARN_OK
        : tarn__record_strays(r->snap, tarn_str(s->tenant),
              tarn_str(r->table->name), &r->strays, err);
    const tarn__live_filter *f = st == TARN_OK ? point_part(r) : NULL;
    *found = f != NULL;
    for (size_t i = 0; st == TARN_OK && *found && i < f->value_count; i++)
        st = add_value(s, r, &r->columns.items[f->column], &f->values[i], err);
    tarn__record_sort_ids(r);
    return st;
}

/* --- live --- */

static int64_t limit_of(const tarn__record_source *r, const tarn__ref *ref)
{
    return r->whole ? tarn__needs_limit(ref) : -1;
}

/* All that may be seen. */
static tarn_status put_columns(
    const tarn__record_source *r, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (!r->starred)
        return tarn__buf_char(sql, '*', err);
    for (size_t i = 0; st == TARN_OK && i < r->columns.count; i++) {
        if (r->columns.items[i].kind == TARN__LIVE_PATH)
            continue;
        if (i > 0)
            st = tarn__buf_str(sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__duck_quote_name(
                sql, tarn_str(r->columns.items[i].name), err);
    }
    return st;
}

static tarn_status live_sql(tarn__session *s, tarn__record_source *r,
    const tarn__ref *ref, bool by_id, tarn_buf *sql, tarn_error *err)
{
    r->live = (tarn__live){.snap = r->snap,
        .tenant = tarn_str(s->tenant),
        .table = tarn_str(r->table->name),
        .columns = r->columns.items,
        .column_count = r->columns.count,
        .filter = r->filter,
        .limit = limit_of(r, ref),
        .by_id = by_id,
        .ids = r->ids,
        .id_count = r->id_count,
        .threads = tarn__lake_threads(s->lake)};
    tarn_status st = tarn__live_register(s->duck, r->function, &r->live, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql, "SELECT ", err);
    if (st == TARN_OK)
        st = put_columns(r, sql, err);
    return st == TARN_OK ? tarn__buf_printf(sql, err, " FROM %s()", r->function)
                         : st;
}

/* --- choosing --- */

static bool allowed(const tarn__session *s, tarn__route route)
{
    return s->route == TARN__ROUTE_ANY || s->route == route;
}

static tarn_status choose_view(tarn__session *s, tarn__record_source *r,
    tarn__ref *ref, bool *by_id, tarn_buf *sql, tarn_error *err)
{
    const char **names;
    bool useful = false;
    int64_t number = -1;
    *by_id = false;
    tarn_status st = tarn__view_names(s, r, &names, err);
    if (st == TARN_OK)
        st = tarn__view_useful(r, names, &useful, err);
    if (st == TARN_OK && useful)
        st = tarn__view_table(s, r, &number, err);
    if (st != TARN_OK || number < 0)
        return st;
    if (tarn__view_covers(r, names) && allowed(s, TARN__ROUTE_COLUMN)) {
        ref->route = "column";
        return tarn__view_sql(r, names, number, sql, err);
    }
    if (allowed(s, TARN__ROUTE_IDS))
        st = tarn__view_ids(s, r, names, number, by_id, err);
    if (st == TARN_OK && *by_id)
        ref->route = "column";
    return st;
}

static tarn_status choose(tarn__session *s, tarn__record_source *r,
    tarn__ref *ref, tarn_buf *sql, tarn_error *err)
{
    bool by_id = false;
    tarn_status st = TARN_OK;
    ref->route = "scan";
    if (allowed(s, TARN__ROUTE_POINT))
        st = point_ids(s, r, &by_id, err);
    if (st == TARN_OK && by_id)
        ref->route = "point";
    else if (st == TARN_OK && s->route != TARN__ROUTE_SCAN)
        st = choose_view(s, r, ref, &by_id, sql, err);
    if (st != TARN_OK || sql->len > 0)
        return st;
    return live_sql(s, r, ref, by_id, sql, err);
}

/* What --explain says was pushed below the decode. */
static tarn_status tell(tarn__session *s, const tarn__record_source *r,
    tarn__ref *ref, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    bool whole;
    int64_t limit = limit_of(r, ref);
    const char **names =
        tarn__arena_alloc(&s->arena, r->columns.count * sizeof(*names));
    if (names == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < r->columns.count; i++)
        names[i] = r->columns.items[i].name;
    tarn_status st = tarn__record_filter_sql(
        r->filter, r->columns.items, names, &text, &whole, err);
    if (st == TARN_OK && limit >= 0)
        st = tarn__buf_printf(
            &text, err, "%slimit %" PRId64, text.len > 0 ? "; " : "", limit);
    if (st == TARN_OK && text.len > 0) {
        ref->pushed = tarn__arena_strdup(&s->arena, text.ptr);
        if (ref->pushed == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&text);
    return st;
}

/* --- names --- */

/* A name as SQL has them: the table of exactly this name, else the only one
 * that differs from it in case. */
typedef struct naming {
    tarn__session *session;
    const char *written;
    const char *name; /* in the arena; NULL: none */
} naming;

static tarn_status look_at_name(void *arg, tarn_slice name, tarn_error *err)
{
    naming *n = arg;
    if (name.len != strlen(n->written))
        return TARN_OK;
    const char *copy = tarn__arena_copy(&n->session->arena, name).ptr;
    if (copy == NULL)
        return tarn__no_memory(err);
    if (!tarn__eq_nocase(copy, n->written))
        return TARN_OK;
    if (n->name != NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%.120s: two record tables are called so, %.120s and %.120s (write "
            "one of them as it is)",
            n->written, n->name, copy);
    n->name = copy;
    return TARN_OK;
}

/* *name NULL: the tenant has no such table. */
static tarn_status find_table(tarn__session *s, tarn_snapshot *snap,
    const char *written, const char **name, tarn_error *err)
{
    naming n = {s, written, NULL};
    tarn_buf text = TARN_BUF_INIT;
    bool found;
    tarn_slice tenant = tarn_str(s->tenant);
    *name = written;
    tarn_status st =
        tarn__schema_text(snap, tenant, tarn_str(written), &text, &found, err);
    tarn_buf_reset(&text);
    if (st != TARN_OK || found)
        return st;
    st = tarn__record_tables(snap, tenant, look_at_name, &n, err);
    *name = n.name;
    return st;
}

tarn_status tarn__record_open(tarn__session *s, tarn__ref *ref, tarn_error *err)
{
    tarn_snapshot *snap;
    const char *name = NULL;
    tarn_status st = tarn__at_resolve(
        s, json_object_get(ref->node, "at_clause"), &snap, err);
    if (st == TARN_OK)
        st = find_table(s, snap, ref->text, &name, err);
    if (st != TARN_OK || name == NULL)
        return st;
    ref->version = tarn_snapshot_version(snap);
    ref->shown = name;
    return open_source(s, name, snap, &ref->record, err);
}

tarn_status tarn__record_sql(
    tarn__session *s, tarn__ref *ref, tarn_buf *sql, tarn_error *err)
{
    tarn__record_source *r = ref->record;
    tarn_status st = look_at_needs(s, ref, r, err);
    if (st == TARN_OK)
        st = tarn__record_filter_make(s, ref, r, &r->filter, &r->whole, err);
    if (st == TARN_OK)
        st = tell(s, r, ref, err);
    return st == TARN_OK ? choose(s, r, ref, sql, err) : st;
}
