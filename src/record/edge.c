/* Putting and removing one edge. */
#include "record/edge.h"

#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "lake/edge_key.h"
#include "record/edge_internal.h"

/* --- what must hold --- */

tarn_status tarn__relation_check(tarn_slice rel, tarn_error *err)
{
    if (rel.len == 0)
        return tarn__fail(
            err, TARN_INVALID, "edge: the relation is empty (name it)");
    if (rel.len > TARN__RELATION_MAX_BYTES)
        return tarn__fail(err, TARN_INVALID,
            "edge: the relation has %zu bytes, the limit is %d (shorten it)",
            rel.len, TARN__RELATION_MAX_BYTES);
    if (!tarn__utf8_valid(rel))
        return tarn__fail(err, TARN_INVALID,
            "edge: the relation is not UTF-8 (give another)");
    return TARN_OK;
}

/* A schema that any object satisfies: it refuses what a record may not be. */
tarn_status tarn__props_check_create(tarn__json_schema **out, tarn_error *err)
{
    static const char any[] = "{\"name\":\"props\",\"version\":\"1.0.0\"}";
    return tarn__json_schema_compile(tarn_str(any), "props", out, err);
}

tarn_status tarn__props_check(
    const tarn__json_schema *any, tarn_slice props, tarn_error *err)
{
    if (props.len >= TARN__INLINE_MAX_BYTES)
        return tarn__fail(err, TARN_BAD_INPUT,
            "props: %zu bytes, the limit is %d (put a record and an edge to "
            "it)",
            props.len, TARN__INLINE_MAX_BYTES - 1);
    size_t space = 0;
    while (space < props.len && strchr(" \t\r\n", props.ptr[space]) != NULL)
        space++;
    if (space == props.len || props.ptr[space] != '{')
        return tarn__fail(
            err, TARN_BAD_INPUT, "props: no object (give {\"name\": value})");
    tarn_status st = tarn__json_schema_check(any, props, err);
    if (st != TARN_OK)
        tarn__error_prefix(err, "props");
    return st;
}

tarn_status tarn__edge_end_id(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice word, tarn__id *out, tarn_error *err)
{
    tarn__record_ref ref = TARN__RECORD_REF_INIT;

    tarn_status st =
        tarn__record_resolve(snap, tenant, word, NULL, false, &ref, err);
    if (st == TARN_OK)
        *out = ref.id;
    tarn__record_ref_reset(&ref);
    return st;
}

/* --- operations --- */

tarn_status tarn__edge_put_look(tarn_snapshot *snap, tarn_slice tenant,
    tarn__edge_put *put, tarn_buf *key, tarn_buf *payload, tarn_error *err)
{
    tarn_slice props;
    bool found;

    put->same = put->has_created = false;
    tarn__buf_clear(key);
    tarn_status st =
        tarn__edge_key(key, tenant, &put->src, put->rel, &put->dst, err);
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_EDGE, tarn__buf_slice(key),
            payload, &found, NULL, err);
    if (st != TARN_OK || !found)
        return st;
    if (!tarn__edge_decode(tarn__buf_slice(payload), &put->created_us, &props))
        return tarn__fail(err, TARN_CORRUPT,
            "views/key: an edge is malformed (tarn rebuild key)");
    put->has_created = true;
    put->same = tarn__slice_eq(props, put->props);
    return TARN_OK;
}

tarn_status tarn__edge_put_add(tarn_txn *txn, tarn_slice tenant,
    const tarn__edge_put *put, tarn_buf *key, tarn_error *err)
{
    tarn__op op = TARN__OP_INIT;
    tarn_buf meta = TARN_BUF_INIT;

    tarn__buf_clear(key);
    tarn_status st =
        tarn__edge_op_key(key, &put->src, put->rel, &put->dst, err);
    if (st == TARN_OK && put->has_created)
        st = tarn__buf_printf(
            &meta, err, "{\"created_at\":%lld}", (long long)put->created_us);
    op.space = "edge";
    op.tenant = tenant;
    op.kind = put->rel;
    op.key = tarn__buf_slice(key);
    op.content = put->props;
    if (put->props.ptr != NULL)
        op.size_bytes = (int64_t)put->props.len;
    if (put->has_created)
        op.meta = tarn__buf_slice(&meta);
    if (st == TARN_OK)
        st = tarn__txn_add(txn, &op, err);
    tarn_buf_reset(&meta);
    return st;
}

/* --- steps --- */

typedef struct edge_step {
    tarn_buf tenant, src, rel, dst, props;
    bool has_props, remove;
} edge_step;

static void free_step(void *arg)
{
    edge_step *s = arg;

    tarn_buf_reset(&s->tenant);
    tarn_buf_reset(&s->src);
    tarn_buf_reset(&s->rel);
    tarn_buf_reset(&s->dst);
    tarn_buf_reset(&s->props);
    tarn__free(s);
}

static tarn_status run_put(tarn_txn *txn, void *arg, tarn_error *err)
{
    const edge_step *s = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_slice tenant = tarn__buf_slice(&s->tenant);
    tarn_buf key = TARN_BUF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__edge_put put = {.rel = tarn__buf_slice(&s->rel)};

    if (s->has_props)
        put.props = tarn__buf_slice(&s->props);
    tarn_status st = tarn__edge_end_id(
        snap, tenant, tarn__buf_slice(&s->src), &put.src, err);
    if (st == TARN_OK)
        st = tarn__edge_end_id(
            snap, tenant, tarn__buf_slice(&s->dst), &put.dst, err);
    if (st == TARN_OK)
        st = tarn__edge_put_look(snap, tenant, &put, &key, &payload, err);
    if (st == TARN_OK && !put.same)
        st = tarn__edge_put_add(txn, tenant, &put, &key, err);
    tarn_buf_reset(&key);
    tarn_buf_reset(&payload);
    return st;
}

/* Softly deleted ends count when there are no others. */
static tarn_status any_end_id(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice word, tarn__id *out, tarn_error *err)
{
    tarn__record_ref ref = TARN__RECORD_REF_INIT;

    tarn_status st = tarn__edge_end_id(snap, tenant, word, out, err);
    if (st != TARN_NOT_FOUND)
        return st;
    st = tarn__record_resolve(snap, tenant, word, NULL, true, &ref, err);
    if (st == TARN_OK)
        *out = ref.id;
    tarn__record_ref_reset(&ref);
    return st;
}

static tarn_status run_rm(tarn_txn *txn, void *arg, tarn_error *err)
{
    const edge_step *s = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_slice tenant = tarn__buf_slice(&s->tenant);
    tarn_buf key = TARN_BUF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__edge edge = {.rel = tarn__buf_slice(&s->rel)};
    bool found = false;

    tarn_status st =
        any_end_id(snap, tenant, tarn__buf_slice(&s->src), &edge.src, err);
    if (st == TARN_OK)
        st = any_end_id(snap, tenant, tarn__buf_slice(&s->dst), &edge.dst, err);
    if (st == TARN_OK)
        st = tarn__edge_key(&key, tenant, &edge.src, edge.rel, &edge.dst, err);
    if (st == TARN_OK)
        st = tarn__read_get(snap, TARN__FAMILY_EDGE, tarn__buf_slice(&key),
            &payload, &found, NULL, err);
    if (st == TARN_OK && !found)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "edge %s %s %s: not there (see tarn edge ls)", s->src.ptr,
            s->rel.ptr, s->dst.ptr);
    if (st == TARN_OK)
        st = tarn__edge_op_delete(txn, tenant, &edge, err);
    tarn_buf_reset(&key);
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status add_step(tarn_txn *txn, const tarn__step *step,
    const char *const words[3], const tarn_slice *props,
    const tarn_edge_options *options, tarn_error *err)
{
    tarn_slice tenant;
    edge_step *s;

    tarn_status st =
        tarn__tenant_of(options != NULL ? options->tenant : NULL, &tenant, err);
    if (st == TARN_OK)
        st = tarn__relation_check(tarn_str(words[1]), err);
    if (st != TARN_OK)
        return st;
    s = tarn__calloc(1, sizeof *s);
    if (s == NULL)
        return tarn__no_memory(err);
    s->tenant = s->src = s->rel = s->dst = s->props = (tarn_buf)TARN_BUF_INIT;
    st = tarn__buf_append(&s->tenant, tenant.ptr, tenant.len, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&s->src, words[0], err);
    if (st == TARN_OK)
        st = tarn__buf_str(&s->rel, words[1], err);
    if (st == TARN_OK)
        st = tarn__buf_str(&s->dst, words[2], err);
    s->has_props = props != NULL;
    if (st == TARN_OK && props != NULL)
        st = tarn__buf_append(&s->props, props->ptr, props->len, err);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    return tarn__txn_step(txn, step, s, err);
}

tarn_status tarn_edge_put(tarn_txn *txn, const char *src, const char *rel,
    const char *dst, tarn_slice props, const tarn_edge_options *options,
    tarn_error *err)
{
    static const tarn__step step = {run_put, free_step};
    const char *const words[3] = {src, rel, dst};
    tarn__json_schema *any = NULL;
    tarn_status st = TARN_OK;

    if (props.ptr != NULL) {
        st = tarn__props_check_create(&any, err);
        if (st == TARN_OK)
            st = tarn__props_check(any, props, err);
        tarn__json_schema_free(any);
    }
    return st == TARN_OK ? add_step(txn, &step, words,
                               props.ptr != NULL ? &props : NULL, options, err)
                         : st;
}

tarn_status tarn_edge_rm(tarn_txn *txn, const char *src, const char *rel,
    const char *dst, const tarn_edge_options *options, tarn_error *err)
{
    static const tarn__step step = {run_rm, free_step};
    const char *const words[3] = {src, rel, dst};

    return add_step(txn, &step, words, NULL, options, err);
}
