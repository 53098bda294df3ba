#include "lake/overlay.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/threads.h"

struct tarn__overlay {
    tarn__ordmap *map; /* NULL once spilled */
    tarn__rocks *db;   /* NULL until spilled */
    char *db_path;
    size_t max_bytes;
    tarn__scratch_fn scratch;
    void *scratch_arg;
    tarn__mutex mutex;   /* a query reads on several threads */
    tarn_buf key, value; /* for one call at a time */
};

static const tarn__rocks_family scratch_family = {"default", 0};
static const tarn__rocks_options scratch_options = {
    .families = &scratch_family,
    .family_count = 1,
    .no_wal = true,
};

tarn_status tarn__overlay_create(size_t max_bytes, tarn__scratch_fn scratch,
    void *arg, tarn__overlay **out, tarn_error *err)
{
    tarn__overlay *overlay = tarn__calloc(1, sizeof *overlay);

    *out = NULL;
    if (overlay == NULL)
        return tarn__no_memory(err);
    overlay->max_bytes = max_bytes;
    overlay->scratch = scratch;
    overlay->scratch_arg = arg;
    overlay->key = (tarn_buf)TARN_BUF_INIT;
    overlay->value = (tarn_buf)TARN_BUF_INIT;
    tarn_status st = tarn__ordmap_create(&overlay->map, err);
    if (st != TARN_OK) {
        tarn__free(overlay);
        return st;
    }
    tarn__mutex_init(&overlay->mutex);
    *out = overlay;
    return TARN_OK;
}

static void drop_db(tarn__overlay *overlay)
{
    if (overlay->db_path == NULL)
        return;
    tarn__rocks_close(overlay->db);
    overlay->db = NULL;
    /* What stays behind goes with the scratch folder. */
    (void)!tarn__remove_tree(overlay->db_path, NULL);
    tarn__free(overlay->db_path);
    overlay->db_path = NULL;
}

void tarn__overlay_free(tarn__overlay *overlay)
{
    if (overlay == NULL)
        return;
    drop_db(overlay);
    tarn__ordmap_free(overlay->map);
    tarn_buf_reset(&overlay->key);
    tarn_buf_reset(&overlay->value);
    tarn__mutex_free(&overlay->mutex);
    tarn__free(overlay);
}

tarn_status tarn__overlay_clear(tarn__overlay *overlay, tarn_error *err)
{
    tarn__ordmap *map = NULL;
    tarn_status st = tarn__ordmap_create(&map, err);

    if (st != TARN_OK)
        return st;
    drop_db(overlay);
    tarn__ordmap_free(overlay->map);
    overlay->map = map;
    return TARN_OK;
}

static tarn_status spill(tarn__overlay *overlay, tarn_error *err)
{
    tarn__scratch *dir = NULL;
    tarn_status st = overlay->scratch(overlay->scratch_arg, &dir, err);

    if (st != TARN_OK)
        return st;
    overlay->db_path = tarn__scratch_name(dir, ".overlay");
    if (overlay->db_path == NULL)
        return tarn__no_memory(err);
    st =
        tarn__rocks_open(overlay->db_path, &scratch_options, &overlay->db, err);
    const tarn__ordnode *n =
        tarn__ordmap_seek(overlay->map, (tarn_slice){"", 0});
    for (; st == TARN_OK && n != NULL; n = tarn__ordnode_next(n))
        st = tarn__rocks_put(
            overlay->db, 0, tarn__ordnode_key(n), tarn__ordnode_value(n), err);
    if (st != TARN_OK) {
        drop_db(overlay);
        return st;
    }
    tarn__ordmap_free(overlay->map);
    overlay->map = NULL;
    return TARN_OK;
}

/* family byte ‖ logical key */
static tarn_status make_key(tarn__overlay *overlay, tarn__family family,
    tarn_slice key, tarn_error *err)
{
    tarn__buf_clear(&overlay->key);
    tarn_status st = tarn__buf_char(&overlay->key, (char)family, err);
    return st == TARN_OK
        ? tarn__buf_append(&overlay->key, key.ptr, key.len, err)
        : st;
}

tarn_status tarn__overlay_emit(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    tarn__overlay *overlay = arg;

    tarn__buf_clear(&overlay->value);
    tarn_status st = make_key(overlay, family, key, err);
    if (st == TARN_OK)
        st = tarn__tagged_value(&overlay->value, payload, err);
    if (st != TARN_OK)
        return st;
    tarn_slice k = tarn__buf_slice(&overlay->key);
    tarn_slice v = tarn__buf_slice(&overlay->value);
    if (overlay->db != NULL)
        return tarn__rocks_put(overlay->db, 0, k, v, err);
    st = tarn__ordmap_put(overlay->map, k, v, err);
    if (st == TARN_OK && tarn__ordmap_bytes(overlay->map) > overlay->max_bytes)
        st = spill(overlay, err);
    return st;
}

static tarn_status get(tarn__overlay *overlay, tarn__family family,
    tarn_slice key, tarn_buf *value, bool *found, tarn_error *err)
{
    tarn_slice v;

    *found = false;
    tarn_status st = make_key(overlay, family, key, err);
    if (st != TARN_OK)
        return st;
    tarn__buf_clear(value);
    if (overlay->db != NULL)
        return tarn__rocks_get(
            overlay->db, 0, tarn__buf_slice(&overlay->key), value, found, err);
    if (!tarn__ordmap_get(overlay->map, tarn__buf_slice(&overlay->key), &v))
        return TARN_OK;
    *found = true;
    return tarn__buf_append(value, v.ptr, v.len, err);
}

/* Copies the entry under the cursor if it is in the family and prefix. */
static tarn_status take(tarn_slice k, tarn_slice v, tarn__family family,
    tarn_slice prefix, tarn_buf *key, tarn_buf *value, tarn_error *err)
{
    if (k.len < 1 + prefix.len || k.ptr[0] != (char)family ||
        memcmp(k.ptr + 1, prefix.ptr, prefix.len) != 0)
        return TARN_OK;
    tarn__buf_clear(key);
    tarn__buf_clear(value);
    tarn_status st = tarn__buf_append(key, k.ptr + 1, k.len - 1, err);
    if (st == TARN_OK)
        st = tarn__buf_append(value, v.ptr, v.len, err);
    return st == TARN_OK ? TARN_ROW : st;
}

static tarn_status seek(tarn__overlay *overlay, tarn__family family,
    tarn_slice prefix, tarn_slice from, bool after, tarn_buf *key,
    tarn_buf *value, tarn_error *err)
{
    tarn_slice target = from.ptr != NULL ? from : prefix;
    tarn_status st = make_key(overlay, family, target, err);

    if (st == TARN_OK && after)
        st = tarn__buf_char(&overlay->key, '\0', err);
    if (st != TARN_OK)
        return st;
    if (overlay->db == NULL) {
        const tarn__ordnode *n =
            tarn__ordmap_seek(overlay->map, tarn__buf_slice(&overlay->key));
        if (n == NULL)
            return TARN_OK;
        return take(tarn__ordnode_key(n), tarn__ordnode_value(n), family,
            prefix, key, value, err);
    }
    tarn__rocks_iter *it = NULL;
    st = tarn__rocks_iter_create(overlay->db, 0, false, &it, err);
    if (st != TARN_OK)
        return st;
    tarn__rocks_iter_seek(it, tarn__buf_slice(&overlay->key));
    if (tarn__rocks_iter_valid(it))
        st = take(tarn__rocks_iter_key(it), tarn__rocks_iter_value(it), family,
            prefix, key, value, err);
    else
        st = tarn__rocks_iter_status(it, err);
    tarn__rocks_iter_free(it);
    return st;
}

tarn_status tarn__overlay_get(tarn__overlay *overlay, tarn__family family,
    tarn_slice key, tarn_buf *value, bool *found, tarn_error *err)
{
    tarn__mutex_lock(&overlay->mutex);
    tarn_status st = get(overlay, family, key, value, found, err);
    tarn__mutex_unlock(&overlay->mutex);
    return st;
}

tarn_status tarn__overlay_seek(tarn__overlay *overlay, tarn__family family,
    tarn_slice prefix, tarn_slice from, bool after, tarn_buf *key,
    tarn_buf *value, tarn_error *err)
{
    tarn__mutex_lock(&overlay->mutex);
    tarn_status st =
        seek(overlay, family, prefix, from, after, key, value, err);
    tarn__mutex_unlock(&overlay->mutex);
    return st;
}
