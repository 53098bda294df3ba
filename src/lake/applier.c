/* Operations into the key view: small commits as one batch, large ones as
 * sorted SST files.  Blind and repeatable; `applied` moves last.
 *
 * What comes in order of its keys (a batch of records does) goes straight into
 * a file; what does not is sorted, so that files of a family overlap little. */
#include <string.h>

#include "base/str.h"
#include "lake/lake_internal.h"
#include "lake/sorter.h"

#define BATCH_BYTES ((size_t)8 << 20)
#define SORT_BYTES ((size_t)32 << 20)

/* The entries of a family in bulk. */
typedef struct lane {
    tarn__rocks_sst *straight; /* keys rising */
    tarn_buf last;             /* its last key */
    tarn__sorter *sorter;      /* all others; of one key newer ones */
    tarn__rocks_sst *sorted;   /* the same as files, once prepared */
} lane;

struct tarn__applier {
    tarn__rocks *db;
    tarn__scratch *scratch;
    uint32_t families;
    bool bulk;
    tarn__rocks_batch *batch;
    lane lanes[TARN__FAMILY_COUNT]; /* bulk */
    int64_t version;                /* of the operation at work */
    tarn_buf key, value;
    tarn__apply_memory *memory;
};

tarn_status tarn__applier_create(tarn__rocks *db, bool bulk, uint32_t families,
    tarn__scratch *scratch, tarn__applier **out, tarn_error *err)
{
    tarn__applier *a = tarn__calloc(1, sizeof *a);

    *out = NULL;
    if (a == NULL)
        return tarn__no_memory(err);
    a->db = db;
    a->bulk = bulk;
    a->families = families;
    a->scratch = scratch;
    a->key = a->value = (tarn_buf)TARN_BUF_INIT;
    for (int f = 0; f < TARN__FAMILY_COUNT; f++)
        a->lanes[f].last = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = tarn__rocks_batch_create(&a->batch, err);
    if (st == TARN_OK)
        st = tarn__apply_memory_create(&a->memory, families, err);
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
    for (int f = 0; f < TARN__FAMILY_COUNT; f++) {
        lane *l = &a->lanes[f];
        tarn__rocks_sst_abort(l->straight);
        tarn__rocks_sst_abort(l->sorted);
        tarn__sorter_free(l->sorter);
        tarn_buf_reset(&l->last);
    }
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

    if ((a->families >> family & 1) == 0)
        return TARN_OK;
    tarn_status st =
        make_entry(a->version, key, payload, &a->key, &a->value, err);
    if (st == TARN_OK)
        tarn__rocks_batch_put(a->batch, a->db, family, tarn__buf_slice(&a->key),
            tarn__buf_slice(&a->value));
    return st;
}

static tarn_status scratch_of(void *arg, tarn__scratch **out, tarn_error *err)
{
    tarn__applier *a = arg;

    (void)err;
    *out = a->scratch;
    return TARN_OK;
}

static tarn_status open_sst(
    tarn__applier *a, int family, tarn__rocks_sst **out, tarn_error *err)
{
    char *path = tarn__scratch_name(a->scratch, ".sst");

    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__rocks_sst_create(a->db, (size_t)family, path, out, err);
    tarn__free(path);
    return st;
}

static tarn_status put_straight(tarn__applier *a, tarn__family family,
    tarn_slice key, tarn_slice value, tarn_error *err)
{
    lane *l = &a->lanes[family];
    tarn_status st = TARN_OK;

    if (l->straight == NULL)
        st = open_sst(a, (int)family, &l->straight, err);
    if (st == TARN_OK)
        st = tarn__rocks_sst_put(l->straight, key, value, err);
    tarn__buf_clear(&l->last);
    return st == TARN_OK ? tarn__buf_append(&l->last, key.ptr, key.len, err)
                         : st;
}

/* Keys of records by their value never come in order; those by id do. */
static bool by_value(tarn__family family, tarn_slice key)
{
    const char *end = family == TARN__FAMILY_KEY
        ? memmem(key.ptr, key.len, "\x00\x01", 2)
        : NULL;

    return end != NULL && end + 2 < key.ptr + key.len && end[2] == 'k';
}

static tarn_status emit_bulk(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    tarn__applier *a = arg;
    lane *l = &a->lanes[family];

    if ((a->families >> family & 1) == 0)
        return TARN_OK;
    tarn_status st =
        make_entry(a->version, key, payload, &a->key, &a->value, err);
    tarn_slice k = tarn__buf_slice(&a->key);
    tarn_slice v = tarn__buf_slice(&a->value);

    if (st != TARN_OK)
        return st;
    if (!by_value(family, key) &&
        (l->last.len == 0 || tarn__slice_cmp(k, tarn__buf_slice(&l->last)) > 0))
        return put_straight(a, family, k, v, err);
    if (l->sorter == NULL)
        st = tarn__sorter_create(SORT_BYTES, scratch_of, a, &l->sorter, err);
    return st == TARN_OK ? tarn__sorter_add(l->sorter, k, v, err) : st;
}

/* Of equal keys the last stands.  A key with its value is put when the next one
 * has come. */
static tarn_status put_sorted(tarn__applier *a, tarn__sorter *sorter,
    tarn__rocks_sst *sst, tarn_error *err)
{
    tarn_slice key, value;

    tarn__buf_clear(&a->key);
    tarn__buf_clear(&a->value);
    tarn_status st = tarn__sorter_rewind(sorter, err);
    while (st == TARN_OK &&
        (st = tarn__sorter_next(sorter, &key, &value, err)) == TARN_ROW) {
        tarn_slice k = tarn__buf_slice(&a->key);
        st = TARN_OK;
        if (k.len > 0 && !tarn__slice_eq(k, key))
            st = tarn__rocks_sst_put(sst, k, tarn__buf_slice(&a->value), err);
        tarn__buf_clear(&a->key);
        tarn__buf_clear(&a->value);
        if (st == TARN_OK)
            st = tarn__buf_append(&a->key, key.ptr, key.len, err);
        if (st == TARN_OK)
            st = tarn__buf_append(&a->value, value.ptr, value.len, err);
    }
    return st == TARN_OK && a->key.len > 0
        ? tarn__rocks_sst_put(
              sst, tarn__buf_slice(&a->key), tarn__buf_slice(&a->value), err)
        : st;
}

static tarn_status prepare_lane(tarn__applier *a, int family, tarn_error *err)
{
    lane *l = &a->lanes[family];
    tarn_status st = TARN_OK;

    if (l->sorter == NULL)
        return TARN_OK;
    st = open_sst(a, family, &l->sorted, err);
    if (st == TARN_OK)
        st = put_sorted(a, l->sorter, l->sorted, err);
    if (st == TARN_OK)
        st = tarn__rocks_sst_end(l->sorted, err);
    tarn__sorter_free(l->sorter);
    l->sorter = NULL;
    return st;
}

static tarn_status ingest(tarn__rocks_sst **sst, tarn_error *err)
{
    tarn__rocks_sst *own = *sst;

    *sst = NULL;
    return own != NULL ? tarn__rocks_sst_ingest(own, err) : TARN_OK;
}

/* What was sorted is newer, so it goes in later. */
static tarn_status ingest_lane(lane *l, tarn_error *err)
{
    tarn_status st = ingest(&l->straight, err);
    return st == TARN_OK ? ingest(&l->sorted, err) : st;
}

tarn_status tarn__applier_op(
    tarn__applier *a, const tarn__op *op, tarn_error *err)
{
    a->version = op->version;
    tarn_status st =
        tarn__op_apply(op, a->memory, a->bulk ? emit_bulk : emit_batch, a, err);
    if (st == TARN_OK && tarn__rocks_batch_bytes(a->batch) > BATCH_BYTES)
        st = tarn__rocks_batch_write(a->db, a->batch, false, err);
    return st;
}

tarn_status tarn__applier_prepare(tarn__applier *a, tarn_error *err)
{
    tarn_status st = TARN_OK;

    for (int f = 0; f < TARN__FAMILY_COUNT && st == TARN_OK; f++) {
        if (a->lanes[f].straight != NULL)
            st = tarn__rocks_sst_end(a->lanes[f].straight, err);
        if (st == TARN_OK)
            st = prepare_lane(a, f, err);
    }
    return st;
}

tarn_status tarn__applier_finish(
    tarn__applier *a, const tarn__applied *applied, tarn_error *err)
{
    tarn_status st = tarn__applier_prepare(a, err);

    for (int f = 0; f < TARN__FAMILY_COUNT && st == TARN_OK; f++)
        st = ingest_lane(&a->lanes[f], err);
    if (st != TARN_OK)
        return st;
    if (applied != NULL)
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
