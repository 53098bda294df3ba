/* Record tables at a snapshot: the schema's text, compiled once a lake. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "os/threads.h"
#include "record/json_schema.h"
#include "record/record_internal.h"

#define CACHED_MAX 64

/* A table that has been opened before, for as long as its schema's text and its
 * layout's are what they were. */
typedef struct cached {
    tarn__record_table table; /* first: what callers hold */
    int users;                /* callers, and the cache; under mutex */
    tarn__table_cache *cache;
    struct cached *next;
} cached;

struct tarn__table_cache {
    tarn__mutex mutex;
    cached *first;
    int count;
};

static tarn_status cache_create(void **out, tarn_error *err)
{
    tarn__table_cache *cache = tarn__calloc(1, sizeof *cache);

    *out = cache;
    if (cache == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&cache->mutex);
    return TARN_OK;
}

static void free_table(cached *c)
{
    tarn__free(c->table.tenant);
    tarn__free(c->table.name);
    tarn_buf_reset(&c->table.text);
    tarn__json_schema_free(c->table.schema);
    tarn__free(c->table.layout_text);
    tarn__row_layout_free(c->table.layout);
    tarn__free(c);
}

static void cache_destroy(void *ptr)
{
    tarn__table_cache *cache = ptr;

    while (cache->first != NULL) {
        cached *c = cache->first;
        cache->first = c->next;
        free_table(c);
    }
    tarn__mutex_free(&cache->mutex);
    tarn__free(cache);
}

/* Under the mutex. */
static void let_go(cached *c)
{
    if (--c->users == 0)
        free_table(c);
}

void tarn__record_table_free(tarn__record_table *table)
{
    cached *c = (cached *)table;

    if (table == NULL)
        return;
    tarn__table_cache *cache = c->cache;
    tarn__mutex_lock(&cache->mutex);
    let_go(c);
    tarn__mutex_unlock(&cache->mutex);
}

/* Under the mutex. */
static void forget(tarn__table_cache *cache, cached **link)
{
    cached *c = *link;

    *link = c->next;
    cache->count--;
    let_go(c);
}

/* The one of this name is taken out when its text is another. */
static cached *look(tarn__table_cache *cache, tarn_slice tenant,
    tarn_slice name, tarn_slice text)
{
    cached *found = NULL;

    tarn__mutex_lock(&cache->mutex);
    for (cached **link = &cache->first; *link != NULL; link = &(*link)->next) {
        cached *c = *link;
        if (!tarn__slice_is(tenant, c->table.tenant) ||
            !tarn__slice_is(name, c->table.name))
            continue;
        if (tarn__slice_eq(text, tarn__buf_slice(&c->table.text))) {
            c->users++;
            found = c;
        } else {
            forget(cache, link);
        }
        break;
    }
    tarn__mutex_unlock(&cache->mutex);
    return found;
}

static void keep(tarn__table_cache *cache, cached *c)
{
    tarn__mutex_lock(&cache->mutex);
    if (cache->count == CACHED_MAX) {
        cached **last = &cache->first;
        while ((*last)->next != NULL)
            last = &(*last)->next;
        forget(cache, last);
    }
    c->users++;
    c->next = cache->first;
    cache->first = c;
    cache->count++;
    tarn__mutex_unlock(&cache->mutex);
}

/* --- states of a tenant --- */

tarn_status tarn__tenant_state(tarn_snapshot *snap, tarn_slice tenant,
    const char *scope, tarn_slice name, tarn_buf *value, bool *found,
    tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_status st = tarn__state_key(&key, tenant, tarn_str(scope), name, err);

    *found = false;
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_STATE, tarn__buf_slice(&key),
            value, found, NULL, err);
    tarn_buf_reset(&key);
    return st;
}

tarn_status tarn__tenant_state_add(tarn_txn *txn, tarn_slice tenant,
    const char *scope, tarn_slice name, tarn_slice value, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;

    op.space = "state";
    op.tenant = tenant;
    op.type = value.ptr != NULL ? TARN__OP_PUT : TARN__OP_DELETE;
    op.kind = tarn_str(scope);
    op.key = name;
    op.content = value;
    if (value.ptr != NULL)
        op.size_bytes = (int64_t)value.len;
    return tarn__txn_add(txn, &op, err);
}

tarn_status tarn__part_name(
    tarn_buf *out, tarn_slice table, uint32_t number, tarn_error *err)
{
    tarn__buf_clear(out);
    tarn_status st = tarn__buf_append(out, table.ptr, table.len, err);
    return st == TARN_OK
        ? tarn__buf_printf(out, err, "/%lu", (unsigned long)number)
        : st;
}

/* What follows a text's first part. */
static tarn_status read_rest(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, tarn_buf *text, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    tarn_buf part = TARN_BUF_INIT;
    bool found = true;
    size_t last = text->len;
    tarn_status st = TARN_OK;

    for (uint32_t i = 1; st == TARN_OK && last == TARN__SCHEMA_PART_BYTES;
         i++) {
        st = tarn__part_name(&name, table, i, err);
        if (st == TARN_OK)
            st = tarn__tenant_state(snap, tenant, TARN__SCHEMA_REST_SCOPE,
                tarn__buf_slice(&name), &part, &found, err);
        if (st == TARN_OK && !found)
            st = tarn__fail(err, TARN_CORRUPT,
                "schema %.*s: a part of it is missing (tarn rebuild key)",
                (int)table.len, table.ptr);
        if (st == TARN_OK)
            st = tarn__buf_append(text, part.ptr, part.len, err);
        last = part.len;
    }
    tarn_buf_reset(&name);
    tarn_buf_reset(&part);
    return st;
}

tarn_status tarn__schema_text(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice name, tarn_buf *text, bool *found, tarn_error *err)
{
    tarn_status st = tarn__tenant_state(
        snap, tenant, TARN__SCHEMA_SCOPE, name, text, found, err);

    if (st == TARN_OK && *found)
        st = read_rest(snap, tenant, name, text, err);
    if (st != TARN_OK)
        *found = false;
    return st;
}

tarn_status tarn__tenant_states(tarn_snapshot *snap, tarn_slice tenant,
    const char *scope, tarn__state_fn fn, void *arg, tarn_error *err)
{
    tarn_buf prefix = TARN_BUF_INIT;
    tarn_buf name = TARN_BUF_INIT;
    tarn__scan *scan = NULL;
    tarn_slice key, value;
    bool ok = true;

    tarn_status st = tarn__key_part(&prefix, tenant, err);
    if (st == TARN_OK)
        st = tarn__key_part(&prefix, tarn_str(scope), err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_STATE, tarn__buf_slice(&prefix),
            (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &value, NULL, err)) == TARN_ROW) {
        tarn__cursor c = tarn__cursor_of(key);
        c.ptr += prefix.len;
        tarn__buf_clear(&name);
        st = tarn__key_part_read(&c, &name, &ok, err);
        if (st == TARN_OK && !ok)
            st = tarn__fail(err, TARN_CORRUPT,
                "views/key: a state key is malformed (tarn rebuild key)");
        if (st == TARN_OK)
            st = fn(arg, tarn__buf_slice(&name), value, err);
    }
    tarn__scan_free(scan);
    tarn_buf_reset(&prefix);
    tarn_buf_reset(&name);
    return st;
}

typedef struct names {
    tarn__table_fn fn;
    void *arg;
} names;

static tarn_status give_name(
    void *arg, tarn_slice name, tarn_slice value, tarn_error *err)
{
    const names *n = arg;
    (void)value;
    return n->fn(n->arg, name, err);
}

tarn_status tarn__record_tables(tarn_snapshot *snap, tarn_slice tenant,
    tarn__table_fn fn, void *arg, tarn_error *err)
{
    names n = {fn, arg};
    return tarn__tenant_states(
        snap, tenant, TARN__SCHEMA_SCOPE, give_name, &n, err);
}

/* --- layouts --- */

/* Looks for a layout of a table by its fields. */
typedef struct search {
    tarn_slice table;
    tarn_slice fields;
    uint32_t found; /* number; 0: none */
    uint32_t highest;
} search;

static tarn_status look_at(
    void *arg, tarn_slice name, tarn_slice value, tarn_error *err)
{
    search *s = arg;
    uint64_t number = 0;
    char digits[16];
    size_t len = name.len - s->table.len - 1;

    (void)err;
    if (name.len < s->table.len + 2 || name.ptr[s->table.len] != '/' ||
        memcmp(name.ptr, s->table.ptr, s->table.len) != 0 ||
        len >= sizeof digits)
        return TARN_OK;
    memcpy(digits, name.ptr + s->table.len + 1, len);
    digits[len] = '\0';
    if (!tarn__parse_u64(digits, &number) || number > UINT32_MAX)
        return TARN_OK;
    if (number > s->highest)
        s->highest = (uint32_t)number;
    const char *semicolon = memchr(value.ptr, ';', value.len);
    if (semicolon == NULL)
        return TARN_OK;
    tarn_slice fields = {
        semicolon + 1, value.len - (size_t)(semicolon + 1 - value.ptr)};
    if (tarn__slice_eq(fields, s->fields))
        s->found = (uint32_t)number;
    return TARN_OK;
}

tarn_status tarn__layout_find(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, tarn_slice fields, uint32_t *number, uint32_t *highest,
    tarn_error *err)
{
    search s = {table, fields, 0, 0};
    tarn_status st =
        tarn__tenant_states(snap, tenant, TARN__LAYOUT_SCOPE, look_at, &s, err);

    *number = s.found;
    *highest = s.highest;
    return st;
}

static tarn_status no_layout(
    tarn_slice table, unsigned long number, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "table %.*s: its layout %lu is missing (tarn rebuild key)",
        (int)table.len, table.ptr, number);
}

/* The text of a layout of a table. */
static tarn_status layout_text(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, uint32_t number, tarn_buf *text, bool *found,
    tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    tarn_status st = tarn__part_name(&name, table, number, err);

    if (st == TARN_OK)
        st = tarn__tenant_state(snap, tenant, TARN__LAYOUT_SCOPE,
            tarn__buf_slice(&name), text, found, err);
    tarn_buf_reset(&name);
    return st;
}

tarn_status tarn__record_layout(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, uint32_t number, tarn__row_layout **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    bool found = false;
    tarn_status st = TARN_OK;

    *out = NULL;
    if (number == 0)
        return TARN_OK;
    st = layout_text(snap, tenant, table, number, &text, &found, err);
    if (st == TARN_OK && !found)
        st = no_layout(table, number, err);
    if (st == TARN_OK)
        st = tarn__row_layout_parse(tarn__buf_slice(&text), out, err);
    tarn_buf_reset(&text);
    return st;
}

/* --- opening --- */

/* Is the layout's number still that of its text?  A transaction that was
 * aborted may have given it. */
static tarn_status layout_stands(
    tarn_snapshot *snap, const cached *c, bool *stands, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    bool found = false;
    tarn_status st = TARN_OK;

    *stands = true;
    if (c->table.layout->number == 0)
        return TARN_OK;
    st = layout_text(snap, tarn_str(c->table.tenant), tarn_str(c->table.name),
        c->table.layout->number, &text, &found, err);
    *stands = st == TARN_OK && found &&
        tarn__slice_is(tarn__buf_slice(&text), c->table.layout_text);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status find_layout(
    tarn_snapshot *snap, tarn__record_table *t, tarn_error *err)
{
    tarn_buf fields = TARN_BUF_INIT;
    uint32_t number = 0, highest;
    tarn_slice name = tarn_str(t->name);

    tarn_status st = tarn__json_schema_layout(t->schema, &fields, err);
    if (st == TARN_OK && fields.len > 0) {
        st = tarn__layout_find(snap, tarn_str(t->tenant), name,
            tarn__buf_slice(&fields), &number, &highest, err);
        if (st == TARN_OK && number == 0)
            st = no_layout(name, (unsigned long)highest + 1, err);
    }
    if (st == TARN_OK) {
        t->layout_text = fields.len > 0
            ? tarn__sprintf("%lu;%s", (unsigned long)number, fields.ptr)
            : tarn__strdup("");
        if (t->layout_text == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK)
        st = tarn__row_layout_parse(tarn_str(t->layout_text), &t->layout, err);
    tarn_buf_reset(&fields);
    return st;
}

/* Takes over the text. */
static tarn_status make(tarn_snapshot *snap, tarn__table_cache *cache,
    tarn_slice tenant, tarn_slice name, tarn_buf *text, cached **out,
    tarn_error *err)
{
    cached *c = tarn__calloc(1, sizeof *c);
    tarn_status st = TARN_OK;

    *out = NULL;
    if (c == NULL)
        return tarn__no_memory(err);
    c->users = 1;
    c->cache = cache;
    c->table.text = *text;
    *text = (tarn_buf)TARN_BUF_INIT;
    c->table.tenant = tarn__strndup(tenant.ptr, tenant.len);
    c->table.name = tarn__strndup(name.ptr, name.len);
    if (c->table.tenant == NULL || c->table.name == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__json_schema_compile(tarn__buf_slice(&c->table.text),
            c->table.name, &c->table.schema, err);
    if (st == TARN_OK)
        st = find_layout(snap, &c->table, err);
    if (st != TARN_OK) {
        free_table(c);
        return st;
    }
    *out = c;
    return TARN_OK;
}

tarn_status tarn__no_table(tarn_slice name, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "table %.*s: not there (put its schema with tarn schema put)",
        (int)(name.len < 200 ? name.len : 200), name.ptr);
}

tarn_status tarn__record_table_open(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice name, tarn__record_table **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    cached *c = NULL;
    void *cache = NULL;
    bool found = false, stands = true;

    *out = NULL;
    tarn_status st = tarn__lake_kept(tarn__snapshot_lake(snap),
        TARN__SLOT_RECORD, cache_create, cache_destroy, &cache, err);
    if (st == TARN_OK)
        st = tarn__schema_text(snap, tenant, name, &text, &found, err);
    if (st == TARN_OK && !found)
        st = tarn__no_table(name, err);
    if (st == TARN_OK)
        c = look(cache, tenant, name, tarn__buf_slice(&text));
    if (c != NULL)
        st = layout_stands(snap, c, &stands, err);
    if (c != NULL && (st != TARN_OK || !stands)) {
        tarn__record_table_free(&c->table);
        c = NULL;
    }
    if (st == TARN_OK && c == NULL) {
        st = make(snap, cache, tenant, name, &text, &c, err);
        if (st == TARN_OK)
            keep(cache, c);
    }
    tarn_buf_reset(&text);
    if (st == TARN_OK)
        *out = &c->table;
    return st;
}

tarn_status tarn__tenant_of(const char *given, tarn_slice *out, tarn_error *err)
{
    *out = tarn_str(given != NULL ? given : TARN__DEFAULT_TENANT);
    if (out->len > 0 && out->len <= 255 && tarn__utf8_valid(*out))
        return TARN_OK;
    return tarn__fail(err, TARN_INVALID,
        "tenant: a name is 1 to 255 bytes of UTF-8 (give another)");
}
