/* update: the members that change are spliced into the text, all else stays as
 * it was. */
#include "base/error.h"
#include "base/str.h"
#include "record/json_schema.h"
#include "record/record_internal.h"

/* A member of the patch: its own bytes. */
typedef struct member {
    tarn_slice name;      /* unescaped */
    tarn_slice name_text; /* with quotes */
    tarn_slice value;
    bool used;
} member;

typedef struct patch {
    tarn__arena arena;
    member *members;
    size_t count, cap;
} patch;

static void reset(patch *p)
{
    tarn__arena_reset(&p->arena);
    tarn__free(p->members);
}

/* A value's bytes, quotes and all, when `end` is where it ends. */
static tarn_slice whole(const tarn__json_scan_value *value, const char *end)
{
    const char *start =
        value->text.ptr - (value->kind == TARN__JSON_STRING ? 1 : 0);
    return (tarn_slice){start, (size_t)(end - start)};
}

static tarn_status plain_name(tarn__arena *arena,
    const tarn__json_scan_value *name, tarn_slice *out, tarn_error *err)
{
    *out = name->text;
    if (!name->escaped)
        return TARN_OK;
    char *to = tarn__arena_alloc(arena, name->text.len);
    if (to == NULL)
        return tarn__no_memory(err);
    *out = (tarn_slice){to, tarn__json_scan_unescape(name->text, to)};
    return TARN_OK;
}

static member *find(const patch *p, tarn_slice name)
{
    for (size_t i = 0; i < p->count; i++)
        if (tarn__slice_eq(p->members[i].name, name))
            return &p->members[i];
    return NULL;
}

static tarn_status add(patch *p, const tarn__json_scan_value *name,
    tarn_slice value, tarn_error *err)
{
    member m = {.value = value};

    tarn_status st = plain_name(&p->arena, name, &m.name, err);
    if (st == TARN_OK && find(p, m.name) != NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%.*s: stands there twice (leave one out)", (int)m.name.len,
            m.name.ptr);
    if (st == TARN_OK)
        st = tarn__grow((void **)&p->members, &p->cap, p->count + 1,
            sizeof *p->members, err);
    if (st != TARN_OK)
        return st;
    m.name_text = (tarn_slice){name->text.ptr - 1, name->text.len + 2};
    p->members[p->count++] = m;
    return TARN_OK;
}

static tarn_status read_patch(patch *p, tarn_slice json, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(json);
    tarn__json_scan_value name, value;
    int state = 0;
    tarn_status st = TARN_OK;

    while (st == TARN_OK) {
        if (!tarn__json_scan_member(&scan, &state, &name, &value))
            break;
        if (name.text.ptr == NULL) {
            if (tarn__json_scan_end(&scan))
                return TARN_OK;
            break;
        }
        st = add(p, &name, whole(&value, scan.at), err);
    }
    if (st != TARN_OK)
        return st;
    return tarn__fail(err, TARN_BAD_INPUT,
        "update: %s at byte %zu (give one JSON object)", scan.why,
        (size_t)(scan.at - json.ptr) + 1);
}

static tarn_status append_new(
    const patch *p, bool empty, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;

    for (size_t i = 0; i < p->count && st == TARN_OK; i++) {
        const member *m = &p->members[i];
        if (m->used)
            continue;
        if (!empty)
            st = tarn__buf_char(out, ',', err);
        empty = false;
        if (st == TARN_OK)
            st = tarn__buf_append(out, m->name_text.ptr, m->name_text.len, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, ':', err);
        if (st == TARN_OK)
            st = tarn__buf_append(out, m->value.ptr, m->value.len, err);
    }
    return st;
}

/* `json` is checked. */
static tarn_status splice(
    patch *p, tarn_slice json, tarn_buf *out, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(json);
    tarn__json_scan_value name, value;
    int state = 0;
    const char *done = json.ptr; /* copied up to here */
    const char *end = json.ptr;  /* of the last value */
    tarn_status st = TARN_OK;

    while (st == TARN_OK &&
        tarn__json_scan_member(&scan, &state, &name, &value) &&
        name.text.ptr != NULL) {
        tarn_slice old = whole(&value, scan.at);
        tarn_slice plain;
        end = scan.at;
        st = plain_name(&p->arena, &name, &plain, err);
        member *m = st == TARN_OK ? find(p, plain) : NULL;
        if (m == NULL)
            continue;
        m->used = true;
        st = tarn__buf_append(out, done, (size_t)(old.ptr - done), err);
        if (st == TARN_OK)
            st = tarn__buf_append(out, m->value.ptr, m->value.len, err);
        done = end;
    }
    bool empty = end == json.ptr;
    if (empty)
        end = json.ptr + 1; /* behind the brace */
    if (st == TARN_OK)
        st = tarn__buf_append(out, done, (size_t)(end - done), err);
    if (st == TARN_OK)
        st = append_new(p, empty, out, err);
    return st == TARN_OK
        ? tarn__buf_append(out, end, (size_t)(json.ptr + json.len - end), err)
        : st;
}

tarn_status tarn__record_merge(
    tarn_slice json, tarn_slice changes, tarn_buf *out, tarn_error *err)
{
    patch p = {TARN__ARENA_INIT, NULL, 0, 0};

    tarn_status st = read_patch(&p, changes, err);
    if (st == TARN_OK)
        st = splice(&p, json, out, err);
    reset(&p);
    return st;
}

/* --- the step --- */

typedef struct update_step {
    tarn__record_target at;
    tarn_buf json;
} update_step;

static void free_step(void *arg)
{
    update_step *s = arg;

    tarn__record_target_reset(&s->at);
    tarn_buf_reset(&s->json);
    tarn__free(s);
}

static bool same_key(const tarn__record_key_of *a, const tarn__record_key_of *b)
{
    return a->has_key == b->has_key &&
        tarn__slice_eq(tarn__buf_slice(&a->text), tarn__buf_slice(&b->text)) &&
        a->has_ordinal == b->has_ordinal &&
        (!a->has_ordinal ||
            tarn__slice_eq(
                tarn__buf_slice(&a->ordinal), tarn__buf_slice(&b->ordinal)));
}

/* A record is found by the key that it was born with; *stray: the merged text
 * reads as if it were found by another. */
static tarn_status check_key(const tarn__record_table *table, tarn_slice old,
    tarn_slice merged, bool *stray, tarn_error *err)
{
    const char *field = tarn__json_schema_key(table->schema);
    tarn__record_key_of a = TARN__RECORD_KEY_OF_INIT;
    tarn__record_key_of b = TARN__RECORD_KEY_OF_INIT;

    tarn_status st = tarn__record_key_find(old, field, &a, err);
    if (st == TARN_OK)
        st = tarn__record_key_find(merged, field, &b, err);
    if (st == TARN_OK && a.has_key && !same_key(&a, &b))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "record %.*s: its key would change (put a record with the new key, "
            "and remove this one)",
            (int)(a.text.len < 120 ? a.text.len : 120), a.text.ptr);
    *stray = st == TARN_OK && (b.stray || !same_key(&a, &b));
    tarn__record_key_reset(&a);
    tarn__record_key_reset(&b);
    return st;
}

/* What is large goes into an object; after a rerun the earlier one, which
 * nothing names, is swept by gc. */
static tarn_status write_merged(tarn_txn *txn, tarn__record_new *record,
    const tarn__row *row, tarn_error *err)
{
    char hex[TARN__SHA256_HEX_BYTES];
    tarn_buf text = TARN_BUF_INIT;

    tarn_status st = tarn__record_stage(txn, record->json, hex, err);
    record->object = hex[0] != '\0' ? hex : NULL;
    record->size_bytes = record->json.len;
    if (st == TARN_OK)
        st = tarn__record_add(txn, record, row, &text, err);
    tarn_buf_reset(&text);
    return st;
}

static tarn_status merge_row(tarn_txn *txn, const update_step *s,
    const tarn__record_table *table, const tarn__record_ref *ref,
    const tarn__row *row, tarn_error *err)
{
    tarn_buf old = TARN_BUF_INIT;
    tarn_buf merged = TARN_BUF_INIT;
    bool stray = false;
    tarn__record_new record = {
        .table = table,
        .id = ref->id,
        .has_key = row->key.ptr != NULL,
        .key = row->key,
    };

    tarn_status st = tarn__record_json(tarn_txn_snapshot(txn), row, &old, err);
    if (st == TARN_OK)
        st = tarn__record_merge(
            tarn__buf_slice(&old), tarn__buf_slice(&s->json), &merged, err);
    record.json = tarn__buf_slice(&merged);
    if (st == TARN_OK)
        st = tarn__json_schema_check(table->schema, record.json, err);
    if (st == TARN_OK)
        st = check_key(table, tarn__buf_slice(&old), record.json, &stray, err);
    if (st == TARN_OK && !tarn__slice_eq(tarn__buf_slice(&old), record.json))
        st = write_merged(txn, &record, row, err);
    if (st == TARN_OK && stray)
        st = tarn__record_note_strays(
            txn, tarn_str(table->tenant), tarn_str(table->name), err);
    tarn_buf_reset(&old);
    tarn_buf_reset(&merged);
    return st;
}

static tarn_status run_update(tarn_txn *txn, void *arg, tarn_error *err)
{
    const update_step *s = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_slice tenant = tarn_str(s->at.tenant);
    tarn__record_ref ref = TARN__RECORD_REF_INIT;
    tarn__record_table *table = NULL;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__row row;
    bool found = false;

    tarn_status st = tarn__record_resolve(
        snap, tenant, tarn_str(s->at.record), s->at.table, false, &ref, err);
    if (st == TARN_OK)
        st = tarn__record_table_open(
            snap, tenant, tarn_str(ref.table), &table, err);
    if (st == TARN_OK)
        st = tarn__record_read(snap, tenant, tarn_str(ref.table), &ref.id,
            &payload, &row, &found, err);
    if (st == TARN_OK && found)
        st = merge_row(txn, s, table, &ref, &row, err);
    tarn_buf_reset(&payload);
    tarn__record_table_free(table);
    tarn__record_ref_reset(&ref);
    return st;
}

tarn_status tarn_record_update(tarn_txn *txn, const char *record,
    tarn_slice json, const tarn_record_options *options, tarn_error *err)
{
    static const tarn__step step = {run_update, free_step};
    update_step *s = tarn__calloc(1, sizeof *s);

    if (s == NULL)
        return tarn__no_memory(err);
    s->json = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = tarn__record_target_init(
        &s->at, options, record, options != NULL ? options->table : NULL, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&s->json, json.ptr, json.len, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    return tarn__txn_step(txn, &step, s, err);
}
