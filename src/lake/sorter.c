#include "lake/sorter.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"

/* An entry: u32 length of the key | u32 length of the value | key | value. */
#define HEAD_BYTES 8
#define WRITE_BYTES ((size_t)1 << 20)
#define READ_TOTAL_BYTES ((size_t)32 << 20) /* of all runs' buffers */
#define READ_MIN_BYTES ((size_t)32 << 10)
#define READ_MAX_BYTES ((size_t)1 << 20)

/* An entry in memory: its key's first bytes behind what all keys begin with. */
typedef struct place {
    uint64_t head;
    size_t at;     /* while entries are added: they may move */
    const char *p; /* once they are sorted */
} place;

/* A sorted part of the file. */
typedef struct run {
    uint64_t from, to;
} run;

struct tarn__sorter {
    size_t max_bytes;
    tarn__scratch_fn scratch;
    void *scratch_arg;
    uint64_t count;
    tarn_buf bytes; /* entries */
    place *places;
    size_t place_count, place_cap;
    bool sorted;
    tarn__file file;
    uint64_t file_bytes;
    run *runs;
    size_t run_count, run_cap;
    tarn__sorted *own; /* of tarn__sorter_rewind() */
};

/* A run while it is read. */
typedef struct cursor {
    uint64_t next, to; /* what is read next, in the file */
    tarn_buf chunk;
    size_t at; /* of the entry that stands ready, in the chunk */
    tarn_slice key, value;
} cursor;

struct tarn__sorted {
    tarn__sorter *sorter;
    size_t next_place;
    cursor *runs;
    size_t *heap; /* of runs; the smallest first */
    size_t heap_count;
    bool stepped; /* heap[0]'s entry was handed out */
};

tarn_status tarn__sorter_create(size_t max_bytes, tarn__scratch_fn scratch,
    void *arg, tarn__sorter **out, tarn_error *err)
{
    tarn__sorter *s = tarn__calloc(1, sizeof *s);

    *out = s;
    if (s == NULL)
        return tarn__no_memory(err);
    s->max_bytes = max_bytes;
    s->scratch = scratch;
    s->scratch_arg = arg;
    s->bytes = (tarn_buf)TARN_BUF_INIT;
    s->file = (tarn__file)TARN__FILE_INIT;
    return TARN_OK;
}

void tarn__sorter_free(tarn__sorter *s)
{
    if (s == NULL)
        return;
    tarn__sorted_free(s->own);
    tarn__free(s->runs);
    tarn__free(s->places);
    tarn_buf_reset(&s->bytes);
    tarn__file_close(&s->file);
    tarn__free(s);
}

uint64_t tarn__sorter_count(const tarn__sorter *s)
{
    return s->count;
}

static size_t entry_at(const char *p, tarn_slice *key, tarn_slice *value)
{
    uint32_t key_len, value_len;

    memcpy(&key_len, p, 4);
    memcpy(&value_len, p + 4, 4);
    *key = (tarn_slice){p + HEAD_BYTES, key_len};
    *value = (tarn_slice){p + HEAD_BYTES + key_len, value_len};
    return HEAD_BYTES + (size_t)key_len + value_len;
}

/* --- sorting --- */

/* How many bytes all keys begin with. */
static size_t common_bytes(const tarn__sorter *s)
{
    tarn_slice first, key, value;

    if (s->place_count == 0)
        return 0;
    (void)entry_at(s->bytes.ptr + s->places[0].at, &first, &value);
    size_t common = first.len;
    for (size_t i = 1; i < s->place_count && common > 0; i++) {
        (void)entry_at(s->bytes.ptr + s->places[i].at, &key, &value);
        size_t most = key.len < common ? key.len : common;
        size_t n = 0;
        while (n < most && key.ptr[n] == first.ptr[n])
            n++;
        common = n;
    }
    return common;
}

static uint64_t head_of(tarn_slice key, size_t from)
{
    unsigned char bytes[8] = {0};
    size_t left = key.len - from;

    memcpy(bytes, key.ptr + from, left < 8 ? left : 8);
    return tarn__be64(bytes);
}

static int compare(const void *a, const void *b)
{
    const place *p = a;
    const place *q = b;
    tarn_slice k, l, value;

    if (p->head != q->head)
        return p->head < q->head ? -1 : 1;
    (void)entry_at(p->p, &k, &value);
    (void)entry_at(q->p, &l, &value);
    int order = tarn__slice_cmp(k, l);
    if (order == 0)
        order = p->p < q->p ? -1 : p->p > q->p;
    return order;
}

static void sort(tarn__sorter *s)
{
    size_t common = common_bytes(s);
    tarn_slice key, value;

    for (size_t i = 0; i < s->place_count; i++) {
        place *to = &s->places[i];
        to->p = s->bytes.ptr + to->at;
        (void)entry_at(to->p, &key, &value);
        to->head = head_of(key, common);
    }
    if (s->place_count > 1)
        qsort(s->places, s->place_count, sizeof *s->places, compare);
    s->sorted = true;
}

/* --- spilling --- */

static tarn_status open_file(tarn__sorter *s, tarn_error *err)
{
    tarn__scratch *dir = NULL;

    if (s->file.fd >= 0)
        return TARN_OK;
    tarn_status st = s->scratch(s->scratch_arg, &dir, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__scratch_name(dir, ".sort");
    if (path == NULL)
        return tarn__no_memory(err);
    st = tarn__file_open(&s->file, path, TARN__OPEN_READ_WRITE, err);
    if (st == TARN_OK)
        st = tarn__unlink(path, err);
    tarn__free(path);
    return st;
}

static tarn_status flush(tarn__sorter *s, tarn_buf *out, tarn_error *err)
{
    tarn_status st =
        tarn__file_write_at(&s->file, s->file_bytes, out->ptr, out->len, err);
    if (st == TARN_OK) {
        s->file_bytes += out->len;
        tarn__buf_clear(out);
    }
    return st;
}

static tarn_status write_run(tarn__sorter *s, tarn_error *err)
{
    tarn_buf out = TARN_BUF_INIT;
    tarn_slice key, value;
    tarn_status st = TARN_OK;

    for (size_t i = 0; i < s->place_count && st == TARN_OK; i++) {
        const char *p = s->places[i].p;
        size_t len = entry_at(p, &key, &value);
        st = tarn__buf_append(&out, p, len, err);
        if (st == TARN_OK && out.len >= WRITE_BYTES)
            st = flush(s, &out, err);
    }
    if (st == TARN_OK && out.len > 0)
        st = flush(s, &out, err);
    tarn_buf_reset(&out);
    return st;
}

static tarn_status spill(tarn__sorter *s, tarn_error *err)
{
    uint64_t from = s->file_bytes;

    sort(s);
    tarn_status st = tarn__grow(
        (void **)&s->runs, &s->run_cap, s->run_count + 1, sizeof *s->runs, err);
    if (st == TARN_OK)
        st = open_file(s, err);
    if (st == TARN_OK)
        st = write_run(s, err);
    if (st != TARN_OK)
        return st;
    s->runs[s->run_count++] = (run){from, s->file_bytes};
    s->place_count = 0;
    s->sorted = false;
    tarn__buf_clear(&s->bytes);
    return TARN_OK;
}

tarn_status tarn__sorter_add(
    tarn__sorter *s, tarn_slice key, tarn_slice value, tarn_error *err)
{
    uint32_t lens[2] = {(uint32_t)key.len, (uint32_t)value.len};
    size_t at = s->bytes.len;
    tarn_status st = TARN_OK;

    if (key.len > UINT32_MAX || value.len > UINT32_MAX)
        return tarn__fail(err, TARN_BAD_INPUT,
            "sorting: more than 4 GiB in one piece (put less at once)");
    if (s->place_count > 0 &&
        at + s->place_count * sizeof *s->places >= s->max_bytes) {
        st = spill(s, err);
        at = 0;
    }
    if (st == TARN_OK)
        st = tarn__grow((void **)&s->places, &s->place_cap, s->place_count + 1,
            sizeof *s->places, err);
    if (st == TARN_OK)
        st =
            tarn__buf_reserve(&s->bytes, HEAD_BYTES + key.len + value.len, err);
    if (st != TARN_OK)
        return st;
    char *p = s->bytes.ptr + at;
    memcpy(p, lens, HEAD_BYTES);
    if (key.len > 0)
        memcpy(p + HEAD_BYTES, key.ptr, key.len);
    if (value.len > 0)
        memcpy(p + HEAD_BYTES + key.len, value.ptr, value.len);
    s->bytes.len += HEAD_BYTES + key.len + value.len;
    s->places[s->place_count++] = (place){0, at, NULL};
    s->count++;
    return TARN_OK;
}

tarn_status tarn__sorter_seal(tarn__sorter *s, tarn_error *err)
{
    if (s->run_count == 0) {
        if (!s->sorted)
            sort(s);
        return TARN_OK;
    }
    tarn_status st = s->place_count > 0 ? spill(s, err) : TARN_OK;
    if (st != TARN_OK)
        return st;
    tarn_buf_reset(&s->bytes);
    tarn__free(s->places);
    s->places = NULL;
    s->place_cap = 0;
    return TARN_OK;
}

/* --- reading --- */

static tarn_status damaged(const tarn__sorter *s, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "%s: the scratch file ended early (try again)", s->file.path);
}

/* Make at least `need` bytes stand at r->at, fewer at the run's end. */
static tarn_status fill(
    tarn__sorter *s, cursor *r, size_t need, tarn_error *err)
{
    size_t have = r->chunk.len - r->at;
    size_t each = READ_TOTAL_BYTES / s->run_count;
    size_t got = 0;

    if (have >= need || r->next == r->to)
        return TARN_OK;
    each = each < READ_MIN_BYTES ? READ_MIN_BYTES : each;
    each = each > READ_MAX_BYTES ? READ_MAX_BYTES : each;
    if (have > 0)
        memmove(r->chunk.ptr, r->chunk.ptr + r->at, have);
    r->chunk.len = have;
    r->at = 0;
    size_t want = need > each ? need : each;
    want =
        want - have < r->to - r->next ? want - have : (size_t)(r->to - r->next);
    tarn_status st = tarn__buf_reserve(&r->chunk, want, err);
    if (st == TARN_OK)
        st = tarn__file_read_at(
            &s->file, r->next, r->chunk.ptr + have, want, &got, err);
    if (st == TARN_OK && got != want)
        st = damaged(s, err);
    if (st == TARN_OK) {
        r->chunk.len += got;
        r->next += got;
    }
    return st;
}

/* TARN_ROW: an entry stands ready. */
static tarn_status ready(tarn__sorter *s, cursor *r, tarn_error *err)
{
    uint32_t lens[2];

    tarn_status st = fill(s, r, HEAD_BYTES, err);
    if (st != TARN_OK || r->chunk.len == r->at)
        return st;
    if (r->chunk.len - r->at < HEAD_BYTES)
        return damaged(s, err);
    memcpy(lens, r->chunk.ptr + r->at, HEAD_BYTES);
    size_t len = HEAD_BYTES + (size_t)lens[0] + lens[1];
    st = fill(s, r, len, err);
    if (st == TARN_OK && r->chunk.len - r->at < len)
        st = damaged(s, err);
    if (st != TARN_OK)
        return st;
    (void)entry_at(r->chunk.ptr + r->at, &r->key, &r->value);
    return TARN_ROW;
}

/* Of equal keys the earlier run's came first. */
static bool before(const tarn__sorted *o, size_t a, size_t b)
{
    int order = tarn__slice_cmp(o->runs[a].key, o->runs[b].key);
    return order < 0 || (order == 0 && a < b);
}

static void sift_down(tarn__sorted *o, size_t i)
{
    size_t moved = o->heap[i];

    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= o->heap_count)
            break;
        if (child + 1 < o->heap_count &&
            before(o, o->heap[child + 1], o->heap[child]))
            child++;
        if (!before(o, o->heap[child], moved))
            break;
        o->heap[i] = o->heap[child];
        i = child;
    }
    o->heap[i] = moved;
}

static tarn_status open_runs(tarn__sorted *o, tarn_error *err)
{
    tarn__sorter *s = o->sorter;
    tarn_status st;

    o->heap = tarn__calloc(s->run_count, sizeof *o->heap);
    o->runs = tarn__calloc(s->run_count, sizeof *o->runs);
    if (o->heap == NULL || o->runs == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < s->run_count; i++)
        o->runs[i] = (cursor){.next = s->runs[i].from,
            .to = s->runs[i].to,
            .chunk = TARN_BUF_INIT};
    for (size_t i = 0; i < s->run_count; i++) {
        st = ready(s, &o->runs[i], err);
        if (st == TARN_ROW)
            o->heap[o->heap_count++] = i;
        else if (st != TARN_OK)
            return st;
    }
    for (size_t i = o->heap_count / 2; i > 0; i--)
        sift_down(o, i - 1);
    return TARN_OK;
}

tarn_status tarn__sorted_open(
    tarn__sorter *sorter, tarn__sorted **out, tarn_error *err)
{
    tarn__sorted *o = tarn__calloc(1, sizeof *o);
    tarn_status st = TARN_OK;

    *out = NULL;
    if (o == NULL)
        return tarn__no_memory(err);
    o->sorter = sorter;
    if (sorter->run_count > 0)
        st = open_runs(o, err);
    if (st != TARN_OK) {
        tarn__sorted_free(o);
        return st;
    }
    *out = o;
    return TARN_OK;
}

void tarn__sorted_free(tarn__sorted *o)
{
    if (o == NULL)
        return;
    for (size_t i = 0; o->runs != NULL && i < o->sorter->run_count; i++)
        tarn_buf_reset(&o->runs[i].chunk);
    tarn__free(o->runs);
    tarn__free(o->heap);
    tarn__free(o);
}

static tarn_status next_merged(
    tarn__sorted *o, tarn_slice *key, tarn_slice *value, tarn_error *err)
{
    if (o->stepped && o->heap_count > 0) {
        cursor *r = &o->runs[o->heap[0]];
        r->at += HEAD_BYTES + r->key.len + r->value.len;
        tarn_status st = ready(o->sorter, r, err);
        if (st == TARN_OK)
            o->heap[0] = o->heap[--o->heap_count];
        else if (st != TARN_ROW)
            return st;
        if (o->heap_count > 0)
            sift_down(o, 0);
    }
    o->stepped = true;
    if (o->heap_count == 0)
        return TARN_OK;
    *key = o->runs[o->heap[0]].key;
    *value = o->runs[o->heap[0]].value;
    return TARN_ROW;
}

tarn_status tarn__sorted_next(
    tarn__sorted *o, tarn_slice *key, tarn_slice *value, tarn_error *err)
{
    const tarn__sorter *s = o->sorter;

    if (s->run_count > 0)
        return next_merged(o, key, value, err);
    if (o->next_place == s->place_count)
        return TARN_OK;
    (void)entry_at(s->places[o->next_place++].p, key, value);
    return TARN_ROW;
}

tarn_status tarn__sorter_rewind(tarn__sorter *s, tarn_error *err)
{
    tarn__sorted_free(s->own);
    s->own = NULL;
    tarn_status st = tarn__sorter_seal(s, err);
    return st == TARN_OK ? tarn__sorted_open(s, &s->own, err) : st;
}

tarn_status tarn__sorter_next(
    tarn__sorter *s, tarn_slice *key, tarn_slice *value, tarn_error *err)
{
    return tarn__sorted_next(s->own, key, value, err);
}
