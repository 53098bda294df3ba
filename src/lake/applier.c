/* Operations into the key view: small commits as one batch, large ones as
 * sorted SST files.  Blind and repeatable; `applied` moves last. */
#include "lake/lake_internal.h"

#define BATCH_BYTES ((size_t)8 << 20)
#define SORT_BYTES ((size_t)64 << 20)

struct tarn__applier {
    tarn__rocks *db;
    tarn__scratch *scratch;
    bool bulk;
    tarn__rocks_batch *batch;
    tarn__ordmap *maps[TARN__FAMILY_COUNT]; /* bulk */
    int64_t version;                        /* of the operation at work */
    tarn_buf key, value;
    tarn__apply_memory *memory;
};

tarn_status tarn__applier_create(tarn__rocks *db, bool bulk,
    tarn__scratch *scratch, tarn__applier **out, tarn_error *err)
{
    tarn__applier *a = tarn__calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL)
        return tarn__no_memory(err);
    a->db = db;
    a->bulk = bulk;
    a->scratch = scratch;
    a->key = a->value = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = tarn__rocks_batch_create(&a->batch, err);
    if (st == TARN_OK)
        st = tarn__apply_memory_create(&a->memory, err);
    if (st != TARN_OK) {
        tarn__applier_free(a);
        return st;
    }
    *out = a;
    return TARN_OK;
}

void tarn__applier_free(tarn__applier *a)
{
    if (a == NULL)
        return;
    for (int f = 0; f < TARN__FAMILY_COUNT; f++)
        tarn__ordmap_free(a->maps[f]);
    tarn__rocks_batch_free(a->batch);
    tarn_buf_reset(&a->key);
    tarn_buf_reset(&a->value);
    tarn__apply_memory_free(a->memory);
    tarn__free(a);
}

static tarn_status make_entry(int64_t version, tarn_slice key,
    tarn_slice payload, tarn_buf *k, tarn_buf *v, tarn_error *err)
{
    tarn__buf_clear(k);
    tarn__buf_clear(v);
    tarn_status st = tarn__physical_key(k, key, version, err);
    return st == TARN_OK ? tarn__tagged_value(v, payload, err) : st;
}

static tarn_status emit_batch(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    tarn__applier *a = arg;
    tarn_status st =
        make_entry(a->version, key, payload, &a->key, &a->value, err);

    if (st == TARN_OK)
        tarn__rocks_batch_put(a->batch, a->db, family, tarn__buf_slice(&a->key),
            tarn__buf_slice(&a->value));
    return st;
}

static tarn_status emit_map(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    tarn__applier *a = arg;
    tarn_status st =
        make_entry(a->version, key, payload, &a->key, &a->value, err);

    if (st == TARN_OK && a->maps[family] == NULL)
        st = tarn__ordmap_create(&a->maps[family], err);
    if (st == TARN_OK)
        st = tarn__ordmap_put(a->maps[family], tarn__buf_slice(&a->key),
            tarn__buf_slice(&a->value), err);
    return st;
}

static tarn_status ingest(
    tarn__applier *a, tarn__family family, tarn_error *err)
{
    tarn__rocks_sst *sst = NULL;
    char *path = tarn__scratch_name(a->scratch, ".sst");

    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__rocks_sst_create(a->db, family, path, &sst, err);
    tarn__free(path);
    const tarn__ordnode *n =
        tarn__ordmap_seek(a->maps[family], (tarn_slice){"", 0});
    for (; st == TARN_OK && n != NULL; n = tarn__ordnode_next(n))
        st = tarn__rocks_sst_put(
            sst, tarn__ordnode_key(n), tarn__ordnode_value(n), err);
    if (st == TARN_OK)
        st = tarn__rocks_sst_ingest(sst, err);
    else if (sst != NULL)
        tarn__rocks_sst_abort(sst);
    tarn__ordmap_free(a->maps[family]);
    a->maps[family] = NULL;
    return st;
}

/* Write what has gathered, when it is much or `all`. */
static tarn_status drain(tarn__applier *a, bool all, tarn_error *err)
{
    size_t bytes = 0;
    tarn_status st = TARN_OK;

    if (all || tarn__rocks_batch_bytes(a->batch) > BATCH_BYTES)
        st = tarn__rocks_batch_write(a->db, a->batch, false, err);
    for (int f = 0; f < TARN__FAMILY_COUNT; f++)
        bytes += a->maps[f] != NULL ? tarn__ordmap_bytes(a->maps[f]) : 0;
    if (!all && bytes <= SORT_BYTES)
        return st;
    for (int f = 0; f < TARN__FAMILY_COUNT && st == TARN_OK; f++)
        if (a->maps[f] != NULL)
            st = ingest(a, (tarn__family)f, err);
    return st;
}

tarn_status tarn__applier_op(
    tarn__applier *a, const tarn__op *op, tarn_error *err)
{
    a->version = op->version;
    tarn_status st =
        tarn__op_apply(op, a->memory, a->bulk ? emit_map : emit_batch, a, err);
    return st == TARN_OK ? drain(a, false, err) : st;
}

tarn_status tarn__applier_finish(
    tarn__applier *a, const tarn__applied *applied, tarn_error *err)
{
    tarn_status st = TARN_OK;

    if (a->bulk)
        st = drain(a, true, err);
    if (st != TARN_OK)
        return st;
    tarn__applied_put(a->batch, a->db, applied);
    return tarn__rocks_batch_write(a->db, a->batch, false, err);
}

/* --- into maps --- */

typedef struct map_target {
    tarn__ordmap **maps;
    int64_t version;
} map_target;

static tarn_status emit_versioned(void *arg, tarn__family family,
    tarn_slice key, tarn_slice payload, tarn_error *err)
{
    map_target *target = arg;
    tarn_buf k = TARN_BUF_INIT;
    tarn_buf v = TARN_BUF_INIT;

    tarn_status st = make_entry(target->version, key, payload, &k, &v, err);
    if (st == TARN_OK)
        st = tarn__ordmap_put(target->maps[family], tarn__buf_slice(&k),
            tarn__buf_slice(&v), err);
    tarn_buf_reset(&k);
    tarn_buf_reset(&v);
    return st;
}

tarn_status tarn__maps_apply(
    tarn__ordmap **maps, const tarn__op *op, tarn_error *err)
{
    map_target target = {maps, op->version};
    return tarn__op_apply(op, NULL, emit_versioned, &target, err);
}
