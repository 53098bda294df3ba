/* What the log says of its commits as such: hash, time, whose they are. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/time.h"
#include "delta/delta_internal.h"

/* sha256 NULL: not wanted. */
static tarn_status look(const tarn__delta *delta, int64_t version,
    uint8_t *sha256, int64_t *timestamp_ms, bool *ours, tarn_error *err)
{
    char *path = NULL;
    tarn_buf text = TARN_BUF_MAX(TARN__DELTA_COMMIT_BYTES);
    tarn_status st = tarn__commit_slurp(delta, version, &path, &text, err);
    if (st == TARN_OK)
        st = tarn__commit_info(
            delta, path, tarn__buf_slice(&text), timestamp_ms, ours, err);
    if (st == TARN_OK && sha256 != NULL)
        st = tarn__sha256_of(tarn__buf_slice(&text), sha256, err);
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

tarn_status tarn__delta_fingerprint(tarn__delta *delta, int64_t version,
    uint8_t sha256[32], int64_t *timestamp_ms, tarn_error *err)
{
    bool ours;
    *timestamp_ms = 0;
    return look(delta, version, sha256, timestamp_ms, &ours, err);
}

static bool not_after(int64_t timestamp_ms, int64_t time_us)
{
    int64_t floor_ms = time_us / 1000 - (time_us % 1000 < 0 ? 1 : 0);
    return timestamp_ms <= floor_ms;
}

static tarn_status too_early(
    int64_t first, int64_t timestamp_ms, int64_t time_us, tarn_error *err)
{
    char asked[TARN__TIME_TEXT_BYTES];
    char have[TARN__TIME_TEXT_BYTES];
    return tarn__fail(err, TARN_NOT_FOUND,
        "no version is as old as %s (the oldest that is kept, %" PRId64
        ", is of %s)",
        tarn__time_format(time_us, asked), first,
        tarn__time_format(timestamp_ms * 1000, have));
}

tarn_status tarn__delta_version_at(tarn__delta *delta, int64_t head,
    int64_t time_us, int64_t *version, tarn_error *err)
{
    *version = 0;
    int64_t low;
    int64_t timestamp_ms;
    bool ours;
    tarn_status st = tarn__delta_first(delta, &low, err);
    if (st == TARN_OK)
        st = look(delta, low, NULL, &timestamp_ms, &ours, err);
    if (st != TARN_OK)
        return st;
    if (!not_after(timestamp_ms, time_us))
        return too_early(low, timestamp_ms, time_us, err);
    int64_t high = head; /* low is not after; what is above high is */
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        st = look(delta, middle, NULL, &timestamp_ms, &ours, err);
        if (st != TARN_OK)
            return st;
        if (not_after(timestamp_ms, time_us))
            low = middle;
        else
            high = middle - 1;
    }
    *version = low;
    return TARN_OK;
}

tarn_status tarn__delta_foreign(tarn__delta *delta, int64_t from, int64_t head,
    int64_t *first_foreign, tarn_error *err)
{
    *first_foreign = -1;
    for (int64_t v = from; v <= head; v++) {
        int64_t timestamp_ms;
        bool ours;
        tarn_status st = look(delta, v, NULL, &timestamp_ms, &ours, err);
        if (st != TARN_OK)
            return st;
        if (!ours) {
            *first_foreign = v;
            return TARN_OK;
        }
    }
    return TARN_OK;
}
