/* Small named values: the space `state`. */
#include <string.h>

#include "base/rows.h"
#include "base/str.h"
#include "lake/lake_internal.h"

static const tarn_slice no_tenant = {"", 0};

typedef struct state_step {
    char *scope;
    char *name;
    tarn_buf value;
    bool remove;
} state_step;

static void free_step(void *arg)
{
    state_step *s = arg;

    tarn__free(s->scope);
    tarn__free(s->name);
    tarn_buf_reset(&s->value);
    tarn__free(s);
}

static tarn_status not_found(
    const char *scope, const char *name, tarn_error *err)
{
    return tarn__fail(err, TARN_NOT_FOUND,
        "state %s %s: not there (see tarn state ls)", scope, name);
}

static tarn_status find(tarn_snapshot *snap, const char *scope,
    const char *name, tarn_buf *value, bool *found, tarn_error *err)
{
    tarn_buf key = TARN_BUF_INIT;
    tarn_status st =
        tarn__state_key(&key, no_tenant, tarn_str(scope), tarn_str(name), err);

    *found = false;
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_STATE, tarn__buf_slice(&key),
            value, found, NULL, err);
    tarn_buf_reset(&key);
    return st;
}

static tarn_status run_step(tarn_txn *txn, void *arg, tarn_error *err)
{
    const state_step *s = arg;
    tarn__op op = TARN__OP_INIT;
    tarn_buf old = TARN_BUF_INIT;
    bool found;

    tarn_status st =
        find(tarn_txn_snapshot(txn), s->scope, s->name, &old, &found, err);
    bool same = found && !s->remove &&
        tarn__slice_eq(tarn__buf_slice(&old), tarn__buf_slice(&s->value));
    tarn_buf_reset(&old);
    if (st == TARN_OK && s->remove && !found)
        return not_found(s->scope, s->name, err);
    if (st != TARN_OK || same)
        return st;
    op.space = "state";
    op.type = s->remove ? TARN__OP_DELETE : TARN__OP_PUT;
    op.kind = tarn_str(s->scope);
    op.key = tarn_str(s->name);
    if (!s->remove) {
        op.content = (tarn_slice){
            s->value.ptr != NULL ? s->value.ptr : "", s->value.len};
        op.size_bytes = (int64_t)s->value.len;
    }
    return tarn__txn_add(txn, &op, err);
}

static tarn_status check_word(
    const char *what, const char *word, tarn_error *err)
{
    if (word[0] == '\0')
        return tarn__fail(
            err, TARN_INVALID, "state: the %s is empty (give one)", what);
    if (!tarn__utf8_valid(tarn_str(word)))
        return tarn__fail(err, TARN_INVALID,
            "state: the %s is not UTF-8 (give another)", what);
    return TARN_OK;
}

static tarn_status add_step(tarn_txn *txn, const char *scope, const char *name,
    const tarn_slice *value, tarn_error *err)
{
    static const tarn__step step = {run_step, free_step};

    tarn_status st = check_word("scope", scope, err);
    if (st == TARN_OK)
        st = check_word("name", name, err);
    if (st == TARN_OK && value != NULL && value->len >= TARN__INLINE_MAX_BYTES)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "state %s %s: %zu bytes, the limit is %d (put it as a file)", scope,
            name, value->len, TARN__INLINE_MAX_BYTES - 1);
    if (st != TARN_OK)
        return st;
    state_step *s = tarn__calloc(1, sizeof *s);
    if (s == NULL)
        return tarn__no_memory(err);
    s->value = (tarn_buf)TARN_BUF_INIT;
    s->remove = value == NULL;
    s->scope = tarn__strdup(scope);
    s->name = tarn__strdup(name);
    if (s->scope == NULL || s->name == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK && value != NULL)
        st = tarn__buf_append(&s->value, value->ptr, value->len, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    return tarn__txn_step(txn, &step, s, err);
}

tarn_status tarn_state_put(tarn_txn *txn, const char *scope, const char *name,
    tarn_slice value, tarn_error *err)
{
    return add_step(txn, scope, name, &value, err);
}

tarn_status tarn_state_rm(
    tarn_txn *txn, const char *scope, const char *name, tarn_error *err)
{
    return add_step(txn, scope, name, NULL, err);
}

tarn_status tarn_state_get(tarn_snapshot *snap, const char *scope,
    const char *name, tarn_buf *value, tarn_error *err)
{
    bool found;

    tarn_status st = find(snap, scope, name, value, &found, err);
    return st == TARN_OK && !found ? not_found(scope, name, err) : st;
}

static tarn_status add_row(tarn__table *table, tarn_slice key, tarn_slice value,
    int64_t version, tarn_error *err)
{
    tarn__cursor c = tarn__cursor_of(key);
    tarn_buf part = TARN_BUF_INIT;
    bool ok = true;
    tarn_status st = TARN_OK;

    for (int i = 0; i < 3 && st == TARN_OK && ok; i++) {
        tarn__buf_clear(&part);
        st = tarn__key_part_read(&c, &part, &ok, err);
        if (st == TARN_OK && ok && i > 0)
            st = tarn__table_bytes(table, tarn__buf_slice(&part), err);
    }
    tarn_buf_reset(&part);
    if (st == TARN_OK && !ok)
        st = tarn__fail(err, TARN_CORRUPT,
            "views/key: a state key is malformed (tarn rebuild key)");
    if (st == TARN_OK)
        st = tarn__table_bytes(table, value, err);
    if (st == TARN_OK)
        st = tarn__table_i64(table, version, err);
    return st;
}

tarn_status tarn_state_ls(
    tarn_snapshot *snap, const char *scope, tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {{.name = "scope", .type = TARN_TEXT},
        {.name = "name", .type = TARN_TEXT},
        {.name = "value", .type = TARN_TEXT},
        {.name = "version", .type = TARN_INT64}};
    tarn_buf prefix = TARN_BUF_INIT;
    tarn__table *table = NULL;
    tarn__scan *scan = NULL;
    tarn_slice key, value;
    int64_t version;

    *out = NULL;
    tarn_status st = tarn__table_create(columns, 4, &table, err);
    if (st == TARN_OK)
        st = tarn__key_part(&prefix, no_tenant, err);
    if (st == TARN_OK && scope != NULL)
        st = tarn__key_part(&prefix, tarn_str(scope), err);
    if (st == TARN_OK)
        st = tarn__read_scan(snap, TARN__FAMILY_STATE, tarn__buf_slice(&prefix),
            (tarn_slice){NULL, 0}, &scan, err);
    while (st == TARN_OK &&
        (st = tarn__scan_next(scan, &key, &value, &version, err)) == TARN_ROW)
        st = add_row(table, key, value, version, err);
    tarn__scan_free(scan);
    tarn_buf_reset(&prefix);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    return st;
}
