/* Schemas as states of their tenant: put, rm, get, ls. */
#include "base/error.h"
#include "base/rows.h"
#include "base/str.h"
#include "record/json_schema.h"
#include "record/record_internal.h"

#define TEXT_MAX_BYTES ((size_t)4 << 20)

typedef struct schema_step {
    tarn__record_target at; /* its table: of rm */
    tarn_buf text;          /* of put */
    bool migrate;
} schema_step;

static void free_step(void *arg)
{
    schema_step *s = arg;

    tarn__record_target_reset(&s->at);
    tarn_buf_reset(&s->text);
    tarn__free(s);
}

static tarn_status make_step(const tarn_record_options *options,
    const char *table, schema_step **out, tarn_error *err)
{
    schema_step *s = tarn__calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return tarn__no_memory(err);
    s->text = (tarn_buf)TARN_BUF_INIT;
    s->migrate = options != NULL && options->migrate;
    tarn_status st =
        tarn__record_target_init(&s->at, options, NULL, table, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    *out = s;
    return TARN_OK;
}

/* The parts of a text behind the first, and none of what stood there of a
 * longer one (old_len). */
static tarn_status add_rest(tarn_txn *txn, const schema_step *s,
    tarn_slice table, tarn_slice text, size_t old_len, tarn_error *err)
{
    tarn_buf name = TARN_BUF_INIT;
    size_t at = TARN__SCHEMA_PART_BYTES;
    tarn_status st = TARN_OK;

    for (uint32_t i = 1; st == TARN_OK && (at <= text.len || at <= old_len);
         i++, at += TARN__SCHEMA_PART_BYTES) {
        tarn_slice part = {NULL, 0};
        if (at <= text.len) {
            part.ptr = text.ptr + at;
            part.len = text.len - at < TARN__SCHEMA_PART_BYTES
                ? text.len - at
                : TARN__SCHEMA_PART_BYTES;
        }
        st = tarn__part_name(&name, table, i, err);
        if (st == TARN_OK)
            st = tarn__tenant_state_add(txn, tarn_str(s->at.tenant),
                TARN__SCHEMA_REST_SCOPE, tarn__buf_slice(&name), part, err);
    }
    tarn_buf_reset(&name);
    return st;
}

/* --- put --- */

static tarn_status has_records(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, bool *has, tarn_error *err)
{
    tarn_buf prefix = TARN_BUF_INIT;
    tarn__scan *scan = NULL;
    tarn_slice key, payload;

    *has = false;
    tarn_status st = tarn__record_prefix(&prefix, tenant, table, err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_RECORD,
            tarn__buf_slice(&prefix), (tarn_slice){NULL, 0}, &scan, err);
    if (st == TARN_OK)
        st = tarn__scan_next(scan, &key, &payload, NULL, err);
    tarn__scan_free(scan);
    tarn_buf_reset(&prefix);
    *has = st == TARN_ROW;
    return st == TARN_ROW ? TARN_OK : st;
}

/* The SQL type of a field of the first level; NULL: it is no column. */
static const char *type_of(const tarn__json_schema *schema, const char *name)
{
    size_t count;
    const tarn__json_schema_field *fields =
        tarn__json_schema_fields(schema, &count);

    for (size_t i = 0; i < count; i++)
        if (fields[i].property && strcmp(fields[i].name, name) == 0)
            return fields[i].sql_type;
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Do records that are there have their keys from where new ones have them? */
static bool keys_stay(
    const tarn__json_schema *old, const tarn__json_schema *next)
{
    const char *key = tarn__json_schema_key(next);

    return same_text(tarn__json_schema_key(old), key) &&
        same_text(type_of(old, "uri"), type_of(next, "uri")) &&
        (key == NULL || same_text(type_of(old, key), type_of(next, key)));
}

static tarn_status note_strays(tarn_txn *txn, const schema_step *s,
    const tarn__json_schema *old, const tarn__json_schema *next,
    tarn_error *err)
{
    tarn_slice tenant = tarn_str(s->at.tenant);
    tarn_slice table = tarn_str(tarn__json_schema_name(next));
    bool has = false;
    tarn_status st = TARN_OK;

    if (!keys_stay(old, next))
        st = has_records(tarn_txn_snapshot(txn), tenant, table, &has, err);
    return st == TARN_OK && has
        ? tarn__record_note_strays(txn, tenant, table, err)
        : st;
}

/* May it take the place of what is there? */
static tarn_status check_change(tarn_txn *txn, const schema_step *s,
    const tarn__json_schema *next, tarn_slice old_text, bool *same,
    tarn_error *err)
{
    tarn__json_schema *old = NULL;
    tarn_status st = tarn__json_schema_compile(
        old_text, tarn__json_schema_name(next), &old, err);

    if (st == TARN_OK)
        st = tarn__json_schema_change(old, next, s->migrate, same, err);
    if (st == TARN_OK && !*same)
        st = note_strays(txn, s, old, next, err);
    tarn__json_schema_free(old);
    return st;
}

/* The layout of new records, when there is none of these fields yet. */
static tarn_status add_layout(tarn_txn *txn, const schema_step *s,
    const tarn__json_schema *schema, tarn_error *err)
{
    tarn_slice table = tarn_str(tarn__json_schema_name(schema));
    tarn_buf fields = TARN_BUF_INIT;
    tarn_buf name = TARN_BUF_INIT;
    tarn_buf text = TARN_BUF_INIT;
    uint32_t number = 0, highest = 0;

    tarn_status st = tarn__json_schema_layout(schema, &fields, err);
    if (st == TARN_OK && fields.len > 0)
        st = tarn__layout_find(tarn_txn_snapshot(txn), tarn_str(s->at.tenant),
            table, tarn__buf_slice(&fields), &number, &highest, err);
    if (st == TARN_OK && fields.len > 0 && number == 0) {
        st = tarn__buf_printf(
            &text, err, "%lu;%s", (unsigned long)highest + 1, fields.ptr);
        if (st == TARN_OK)
            st = tarn__part_name(&name, table, highest + 1, err);
        if (st == TARN_OK)
            st = tarn__tenant_state_add(txn, tarn_str(s->at.tenant),
                TARN__LAYOUT_SCOPE, tarn__buf_slice(&name),
                tarn__buf_slice(&text), err);
    }
    tarn_buf_reset(&fields);
    tarn_buf_reset(&name);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status store(tarn_txn *txn, const schema_step *s,
    const tarn__json_schema *schema, size_t old_len, tarn_error *err)
{
    tarn_slice table = tarn_str(tarn__json_schema_name(schema));
    tarn_slice text = tarn__buf_slice(&s->text);
    tarn_slice first = {text.ptr,
        text.len < TARN__SCHEMA_PART_BYTES ? text.len
                                           : TARN__SCHEMA_PART_BYTES};

    tarn_status st = add_layout(txn, s, schema, err);
    if (st == TARN_OK)
        st = tarn__tenant_state_add(
            txn, tarn_str(s->at.tenant), TARN__SCHEMA_SCOPE, table, first, err);
    return st == TARN_OK ? add_rest(txn, s, table, text, old_len, err) : st;
}

static tarn_status run_put(tarn_txn *txn, void *arg, tarn_error *err)
{
    const schema_step *s = arg;
    tarn__json_schema *schema = NULL;
    tarn_buf old = TARN_BUF_INIT;
    bool found = false, same = false;

    tarn_status st = tarn__json_schema_compile(
        tarn__buf_slice(&s->text), "schema", &schema, err);
    if (st == TARN_OK)
        st = tarn__schema_text(tarn_txn_snapshot(txn), tarn_str(s->at.tenant),
            tarn_str(tarn__json_schema_name(schema)), &old, &found, err);
    if (st == TARN_OK && found)
        st = check_change(txn, s, schema, tarn__buf_slice(&old), &same, err);
    if (st == TARN_OK && !same)
        st = store(txn, s, schema, old.len, err);
    tarn_buf_reset(&old);
    tarn__json_schema_free(schema);
    return st;
}

tarn_status tarn_schema_put(tarn_txn *txn, tarn_slice json,
    const tarn_record_options *options, tarn_error *err)
{
    static const tarn__step step = {run_put, free_step};
    schema_step *s;

    if (json.len > TEXT_MAX_BYTES)
        return tarn__fail(err, TARN_BAD_INPUT,
            "schema: %zu bytes, the limit is %zu (take descriptions out)",
            json.len, TEXT_MAX_BYTES);
    tarn_status st = make_step(options, NULL, &s, err);
    if (st != TARN_OK)
        return st;
    st = tarn__buf_append(&s->text, json.ptr, json.len, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    return tarn__txn_step(txn, &step, s, err);
}

/* --- rm --- */

/* A table of this name that comes later begins without. */
static tarn_status end_strays(
    tarn_txn *txn, tarn_slice tenant, tarn_slice table, tarn_error *err)
{
    bool there = false;
    tarn_status st =
        tarn__record_strays(tarn_txn_snapshot(txn), tenant, table, &there, err);

    if (st != TARN_OK || !there)
        return st;
    return tarn__tenant_state_add(
        txn, tenant, TARN__STRAY_SCOPE, table, (tarn_slice){NULL, 0}, err);
}

static tarn_status run_rm(tarn_txn *txn, void *arg, tarn_error *err)
{
    const schema_step *s = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_slice tenant = tarn_str(s->at.tenant);
    tarn_slice name = tarn_str(s->at.table);
    tarn_slice gone = {NULL, 0};
    tarn_buf old = TARN_BUF_INIT;
    bool found = false, has = false;

    tarn_status st = tarn__schema_text(snap, tenant, name, &old, &found, err);
    if (st == TARN_OK && !found)
        st = tarn__no_table(name, err);
    if (st == TARN_OK)
        st = has_records(snap, tenant, name, &has, err);
    if (st == TARN_OK && has)
        st = tarn__fail(err, TARN_CONFLICT,
            "schema %s: its table holds records (remove them with tarn record "
            "rm --hard; tarn record ls --deleted shows the softly deleted)",
            s->at.table);
    if (st == TARN_OK)
        st = tarn__tenant_state_add(
            txn, tenant, TARN__SCHEMA_SCOPE, name, gone, err);
    if (st == TARN_OK)
        st = end_strays(txn, tenant, name, err);
    if (st == TARN_OK)
        st = add_rest(txn, s, name, gone, old.len, err);
    tarn_buf_reset(&old);
    return st;
}

tarn_status tarn_schema_rm(tarn_txn *txn, const char *name,
    const tarn_record_options *options, tarn_error *err)
{
    static const tarn__step step = {run_rm, free_step};
    schema_step *s;

    tarn_status st = make_step(options, name, &s, err);
    return st == TARN_OK ? tarn__txn_step(txn, &step, s, err) : st;
}

/* --- get, ls --- */

tarn_status tarn_schema_get(tarn_snapshot *snap, const char *name,
    const tarn_record_options *options, tarn_buf *json, tarn_error *err)
{
    tarn_slice tenant;
    bool found = false;

    tarn_status st = tarn__record_tenant(options, &tenant, err);
    if (st == TARN_OK)
        st = tarn__schema_text(snap, tenant, tarn_str(name), json, &found, err);
    return st == TARN_OK && !found ? tarn__no_table(tarn_str(name), err) : st;
}

typedef struct listing {
    tarn_snapshot *snap;
    tarn_slice tenant;
    tarn__table *table;
} listing;

static tarn_status add_indexed(
    tarn__table *table, const tarn__json_schema *schema, tarn_error *err)
{
    size_t count;
    const tarn__json_schema_field *fields =
        tarn__json_schema_fields(schema, &count);
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = TARN_OK;

    for (size_t i = 0; i < count && st == TARN_OK; i++)
        if (fields[i].indexed)
            st = tarn__buf_printf(
                &text, err, "%s%s", text.len > 0 ? "," : "", fields[i].name);
    if (st == TARN_OK)
        st = text.len > 0
            ? tarn__table_bytes(table, tarn__buf_slice(&text), err)
            : tarn__table_null(table, err);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status add_row(void *arg, tarn_slice name, tarn_error *err)
{
    const listing *l = arg;
    tarn__record_table *t = NULL;

    tarn_status st = tarn__record_table_open(l->snap, l->tenant, name, &t, err);
    if (st == TARN_OK)
        st = tarn__table_bytes(l->table, name, err);
    if (st == TARN_OK)
        st = tarn__table_text(
            l->table, tarn__json_schema_version(t->schema), err);
    if (st == TARN_OK)
        st = tarn__table_text(l->table, tarn__json_schema_key(t->schema), err);
    if (st == TARN_OK)
        st = add_indexed(l->table, t->schema, err);
    if (st == TARN_OK)
        st =
            tarn__table_text(l->table, tarn__json_schema_title(t->schema), err);
    tarn__record_table_free(t);
    return st;
}

tarn_status tarn_schema_ls(tarn_snapshot *snap,
    const tarn_record_options *options, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "name", .type = TARN_TEXT},
        {.name = "version", .type = TARN_TEXT},
        {.name = "key", .type = TARN_TEXT},
        {.name = "indexed", .type = TARN_TEXT},
        {.name = "title", .type = TARN_TEXT}};
    listing l = {snap, {NULL, 0}, NULL};

    *out = NULL;
    tarn_status st = tarn__record_tenant(options, &l.tenant, err);
    if (st == TARN_OK)
        st = tarn__table_create(columns, 5, &l.table, err);
    if (st == TARN_OK)
        st = tarn__record_tables(snap, l.tenant, add_row, &l, err);
    if (st == TARN_OK)
        st = tarn__table_rows(l.table, out, err);
    if (st != TARN_OK)
        tarn__table_free(l.table);
    return st;
}
