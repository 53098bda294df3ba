/* Compaction: small files into larger ones, their rows sorted so that
 * statistics skip files.
 *
 * A slice is of one tier, so that a row is rewritten once a tier: files under
 * 64 KiB, under 1 MiB, under 8 MiB, under 64 MiB; what is larger stays.  Its
 * bytes are bounded, packed and unpacked, and so is what a run costs. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

#define SMALL_FILES_MOST 1000
#define SLICE_BYTES (INT64_C(256) << 20)
#define SLICE_FILES 4096
#define TIERS 4

static const int64_t tier_bytes[TIERS] = {
    INT64_C(64) << 10, INT64_C(1) << 20, INT64_C(8) << 20, INT64_C(64) << 20};

/* TIERS: not small. */
static size_t tier_of(const tarn__delta_file *file)
{
    size_t tier = 0;
    while (tier < TIERS && file->size_bytes >= tier_bytes[tier])
        tier++;
    return tier;
}

/* Oldest rows first, so that a slice is a stretch of history. */
static int by_age(const void *a, const void *b)
{
    const tarn__delta_file *x = a;
    const tarn__delta_file *y = b;
    if (x->min_version != y->min_version)
        return x->min_version < y->min_version ? -1 : 1;
    return (x->max_version > y->max_version) -
        (x->max_version < y->max_version);
}

/* The tier to take from: the fullest, when there are enough small files; with
 * `all` every small file is one tier.  False: nothing to do. */
static bool choose_tier(
    const tarn__delta_file *files, size_t count, bool all, size_t *tier)
{
    size_t tiers[TIERS + 1] = {0};
    size_t small = 0;
    for (size_t i = 0; i < count; i++)
        tiers[tier_of(&files[i])]++;
    *tier = 0;
    for (size_t t = 0; t < TIERS; t++) {
        small += tiers[t];
        if (tiers[t] > tiers[*tier])
            *tier = t;
    }
    return all ? small > 1 : small > SMALL_FILES_MOST;
}

/* Shallow copies of files that a slice may take; they live as long as the
 * state. */
static size_t choose_files(const tarn__delta_file *files, size_t count,
    bool all, size_t tier, tarn__delta_file *slice)
{
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        size_t t = tier_of(&files[i]);
        if (all ? t < TIERS : t == tier)
            slice[taken++] = files[i];
    }
    qsort(slice, taken, sizeof(*slice), by_age);
    return taken < SLICE_FILES ? taken : SLICE_FILES;
}

/* Keep those that fit together, on the disk and unpacked.  One that takes more
 * than half of the room stays out; so any two that are left fit, and every
 * slice leaves fewer files. */
static tarn_status fit(
    tarn__delta *delta, tarn__delta_file *slice, size_t *count, tarn_error *err)
{
    int64_t stored_bytes = 0;
    int64_t sorted_bytes = 0;
    size_t kept = 0;
    const int64_t most = tarn__sortable_bytes(delta);
    int64_t *bytes = tarn__calloc(*count, sizeof(*bytes));
    if (bytes == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__files_weigh(delta, slice, *count, bytes, err);
    for (size_t i = 0; st == TARN_OK && i < *count; i++) {
        if (bytes[i] > most / 2 ||
            stored_bytes + slice[i].size_bytes > SLICE_BYTES ||
            sorted_bytes + bytes[i] > most)
            continue;
        stored_bytes += slice[i].size_bytes;
        sorted_bytes += bytes[i];
        slice[kept++] = slice[i];
    }
    tarn__free(bytes);
    *count = kept > 1 ? kept : 0;
    return st;
}

static tarn_status merge(tarn__delta *delta, const tarn__delta_file *slice,
    size_t slice_count, const char *order_by, tarn__delta_file **adds,
    size_t *add_count, tarn_error *err)
{
    tarn_buf list = TARN_BUF_INIT;
    tarn_buf sql = TARN_BUF_INIT;
    size_t count = 0;
    tarn_status st = tarn__put_select(&delta->options, &sql, err);
    if (st == TARN_OK)
        st = tarn__files_list(
            delta, slice, slice_count, NULL, NULL, &list, &count, err);
    if (st == TARN_OK)
        st = tarn__files_relation(
            delta, tarn__buf_slice(&list), count, &sql, err);
    if (st == TARN_OK)
        st = tarn__put_order(&sql, order_by, err);
    if (st == TARN_OK)
        st = tarn__write_query(delta, sql.ptr, false, adds, add_count, err);
    tarn_buf_reset(&list);
    tarn_buf_reset(&sql);
    return st;
}

tarn_status tarn__delta_compact(tarn__delta *delta, int64_t head, bool all,
    const char *order_by, tarn__delta_file **adds, size_t *add_count,
    char ***removes, size_t *remove_count, tarn_error *err)
{
    *adds = NULL;
    *removes = NULL;
    *add_count = *remove_count = 0;
    const tarn__delta_file *files;
    size_t count;
    size_t tier;
    tarn_status st = tarn__delta_files(delta, head, &files, &count, err);
    if (st != TARN_OK || !choose_tier(files, count, all, &tier))
        return st;
    tarn__delta_file *slice = tarn__calloc(count, sizeof(*slice));
    char **paths = NULL;
    size_t slice_count = 0;
    if (slice == NULL)
        return tarn__no_memory(err);
    slice_count = choose_files(files, count, all, tier, slice);
    st = fit(delta, slice, &slice_count, err);
    if (st != TARN_OK || slice_count == 0) {
        tarn__free(slice);
        return st;
    }
    st = tarn__copy_paths(slice, slice_count, &paths, err);
    if (st == TARN_OK)
        st = merge(delta, slice, slice_count, order_by, adds, add_count, err);
    tarn__free(slice);
    if (st != TARN_OK) {
        tarn__data_files_drop(delta, adds, add_count);
        tarn__delta_paths_free(paths, paths == NULL ? 0 : slice_count);
        return st;
    }
    if (*add_count == 0) { /* no file held a row */
        tarn__delta_paths_free(paths, slice_count);
        return TARN_OK;
    }
    *removes = paths;
    *remove_count = slice_count;
    return TARN_OK;
}
