/* What stands in _delta_log/, and the two questions answered by looking:
 * which version is the newest, and which is the oldest whole one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "delta/delta_internal.h"
#include "os/file.h"

#define VERSION_DIGITS 20

/* The version that a name begins with; -1: none of ours. */
static int64_t name_version(const char *name)
{
    char digits[VERSION_DIGITS + 1] = {0};
    int64_t v;
    if (strlen(name) <= VERSION_DIGITS)
        return -1;
    memcpy(digits, name, VERSION_DIGITS);
    if (strspn(digits, "0123456789") != VERSION_DIGITS)
        return -1;
    return tarn__parse_i64(digits, &v) ? v : -1;
}

static tarn_status add_version(int64_t **array, size_t *count, size_t *cap,
    int64_t version, tarn_error *err)
{
    void *raw = *array;
    tarn_status st = tarn__grow(&raw, cap, *count + 1, sizeof(**array), err);
    *array = raw;
    if (st == TARN_OK)
        (*array)[(*count)++] = version;
    return st;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static tarn_status add_name(tarn__listing *l, const char *name, tarn_error *err)
{
    int64_t v = name_version(name);
    if (v < 0)
        return TARN_OK;
    const char *rest = name + VERSION_DIGITS;
    if (strcmp(rest, ".json") == 0)
        return add_version(
            &l->commits, &l->commit_count, &l->commit_cap, v, err);
    if (strcmp(rest, ".checkpoint.parquet") == 0)
        return add_version(
            &l->checkpoints, &l->checkpoint_count, &l->checkpoint_cap, v, err);
    return TARN_OK;
}

tarn_status tarn__listing_read(
    const tarn__delta *delta, tarn__listing *out, tarn_error *err)
{
    static const tarn__listing none = {.commits = NULL};
    *out = none;
    tarn__listing l = none;
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    tarn_status st = tarn__dir_open(delta->log_dir, &dir, err);
    if (st == TARN_NOT_FOUND)
        return tarn__fail(err, TARN_CORRUPT,
            "%s: there is no log (restore the folder)", delta->log_dir);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        st = add_name(&l, entry.name, err);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(dir);
    if (st != TARN_OK) {
        tarn__listing_reset(&l);
        return st;
    }
    if (l.commit_count > 0)
        qsort(l.commits, l.commit_count, sizeof(*l.commits), compare);
    if (l.checkpoint_count > 0)
        qsort(
            l.checkpoints, l.checkpoint_count, sizeof(*l.checkpoints), compare);
    *out = l;
    return TARN_OK;
}

void tarn__listing_reset(tarn__listing *listing)
{
    static const tarn__listing none = {.commits = NULL};
    tarn__free(listing->commits);
    tarn__free(listing->checkpoints);
    *listing = none;
}

static tarn_status missing(
    const tarn__delta *delta, int64_t version, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "%s: version %" PRId64 " is missing, later ones are there (restore "
        "%020" PRId64 ".json)",
        delta->log_dir, version, version);
}

/* Place of the first of the last unbroken run of commits. */
static size_t last_run(const tarn__listing *l)
{
    size_t i = l->commit_count - 1;
    while (i > 0 && l->commits[i - 1] == l->commits[i] - 1)
        i--;
    return i;
}

static tarn_status head_of_listing(
    const tarn__delta *delta, int64_t *version, tarn_error *err)
{
    tarn__listing l;
    tarn_status st = tarn__listing_read(delta, &l, err);
    if (st != TARN_OK)
        return st;
    int64_t checkpoint =
        l.checkpoint_count > 0 ? l.checkpoints[l.checkpoint_count - 1] : -1;
    int64_t head = l.commit_count > 0 ? l.commits[l.commit_count - 1] : -1;
    if (head < 0 && checkpoint < 0)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: the log is empty (restore its files)", delta->log_dir);
    else if (head < checkpoint)
        st = missing(delta, checkpoint, err);
    else if (l.commits[last_run(&l)] > checkpoint + 1)
        st = missing(delta, l.commits[last_run(&l)] - 1, err);
    else
        *version = head;
    tarn__listing_reset(&l);
    return st;
}

/* From a version that is there: double the step until one is not, then halve
 * the gap. */
static tarn_status gallop(
    const tarn__delta *delta, int64_t there, int64_t *version, tarn_error *err)
{
    int64_t absent = -1; /* none seen yet */
    int64_t step = 1;
    while (absent < 0 || absent - there > 1) {
        int64_t probe =
            absent < 0 ? there + step : there + (absent - there) / 2;
        bool found = false;
        tarn_status st =
            tarn__delta_has(tarn__commit_path(delta, probe), &found, err);
        if (st != TARN_OK)
            return st;
        if (found)
            there = probe;
        else
            absent = probe;
        step *= 2;
    }
    *version = there;
    return TARN_OK;
}

tarn_status tarn__delta_head(
    tarn__delta *delta, int64_t hint, int64_t *version, tarn_error *err)
{
    *version = 0;
    if (hint >= 0 && hint < INT64_MAX / 4) {
        bool found = false;
        tarn_status st =
            tarn__delta_has(tarn__commit_path(delta, hint), &found, err);
        if (st != TARN_OK)
            return st;
        if (found)
            return gallop(delta, hint, version, err);
    }
    return head_of_listing(delta, version, err);
}

tarn_status tarn__delta_first(
    tarn__delta *delta, int64_t *version, tarn_error *err)
{
    *version = 0;
    tarn__listing l;
    tarn_status st = tarn__listing_read(delta, &l, err);
    if (st != TARN_OK)
        return st;
    if (l.commit_count == 0)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: the log is empty (restore its files)", delta->log_dir);
    else
        *version = l.commits[last_run(&l)];
    tarn__listing_reset(&l);
    return st;
}
