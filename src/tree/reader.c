/* Bytes of a node: its items one after the other.
 *
 * Kept in memory are 24 bytes an item and the item that is being read, so that
 * a stream of a million small appends costs 24 MB. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "os/file.h"
#include "tree/items.h"
#include "tree/node.h"

typedef struct part {
    int64_t version;
    int32_t seq;
    uint64_t end; /* where the next item begins */
} part;

struct tarn_reader {
    tarn_snapshot *snap;
    tarn__id node;
    char *path; /* for messages */
    part *parts;
    size_t count;
    size_t cap;
    size_t at; /* the open part; == count at the end */
    bool open;
    uint64_t pos;  /* in the whole */
    uint64_t size; /* of the whole */
    tarn_buf hold; /* payload of the open part */
    tarn__item item;
    tarn__object_reader *object;
    tarn__file file; /* an object that this transaction staged */
    /* The digest of all inline content, while it is read in order. */
    bool rolling;
    tarn__roll roll;
    uint64_t want;
};

static tarn_status note(void *arg, const tarn__item *item, tarn_error *err)
{
    tarn_reader *r = arg;
    void *parts = r->parts;
    tarn_status st =
        tarn__grow(&parts, &r->cap, r->count + 1, sizeof(part), err);
    r->parts = parts;
    if (st != TARN_OK)
        return st;
    if (r->count == 0) {
        r->want = item->roll.hash;
        r->rolling = tarn__item_rolled(item);
    }
    if (item->is_object)
        r->rolling = false; /* objects have digests of their own */
    part *p = &r->parts[r->count++];
    p->version = item->version;
    p->seq = item->seq;
    p->end = item->size_bytes;
    return TARN_OK;
}

static void order(tarn_reader *r)
{
    for (size_t i = 0; i < r->count / 2; i++) {
        part swap = r->parts[i];
        r->parts[i] = r->parts[r->count - 1 - i];
        r->parts[r->count - 1 - i] = swap;
    }
    uint64_t end = 0;
    for (size_t i = 0; i < r->count; i++) {
        end += r->parts[i].end;
        r->parts[i].end = end;
    }
    r->size = end;
}

tarn_status tarn__reader_open(tarn_snapshot *snap, const tarn__id *node,
    const char *path, tarn_reader **out, tarn_error *err)
{
    *out = NULL;
    tarn_reader *r = tarn__calloc(1, sizeof(*r));
    if (r == NULL)
        return tarn__no_memory(err);
    r->snap = snap;
    r->node = *node;
    r->hold = (tarn_buf)TARN_BUF_INIT;
    r->file = (tarn__file)TARN__FILE_INIT;
    r->path = tarn__strdup(path);
    tarn_status st = r->path == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__items_scan(snap, node, note, r, err);
    if (st != TARN_OK) {
        tarn_reader_close(r);
        return st;
    }
    order(r);
    *out = r;
    return TARN_OK;
}

tarn_status tarn__item_get(tarn_snapshot *snap, const tarn__id *node,
    int64_t version, int32_t seq, tarn__item *out, tarn_buf *hold,
    tarn_error *err)
{
    char bytes[28];
    tarn_slice key = {bytes, sizeof(bytes)};
    bool found = false;
    tarn__item_key(node, version, seq, bytes);
    tarn_status st = tarn__read_get(
        snap, TARN__FAMILY_VERSION, key, hold, &found, NULL, err);
    if (st == TARN_OK &&
        (!found || !tarn__item_decode(key, tarn__buf_slice(hold), out)))
        st = tarn__fail(err, TARN_CORRUPT,
            "an item of the key view: is gone or does not parse (tarn rebuild "
            "key)");
    return st;
}

static void close_part(tarn_reader *r)
{
    tarn__object_close(r->object);
    r->object = NULL;
    tarn__file_close(&r->file);
    r->open = false;
}

static tarn_status open_object(tarn_reader *r, tarn_error *err)
{
    const tarn__objects *objects =
        tarn__lake_objects(tarn__snapshot_lake(r->snap));
    tarn__object_id id;
    memcpy(id.sha256, r->item.sha256, sizeof(id.sha256));
    id.parquet = r->item.parquet;
    if (tarn__object_exists(objects, id))
        return tarn__object_open(objects, id, &r->object, err);
    char *path = NULL;
    tarn_status st = tarn__read_object_path(r->snap, id, &path, err);
    if (st == TARN_OK)
        st = tarn__file_open(&r->file, path, TARN__OPEN_READ, err);
    if (st == TARN_NOT_FOUND && path != NULL)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: an object that the log names is not there (restore it from a "
            "remote or a backup)",
            path);
    tarn__free(path);
    return st;
}

/* Open part r->at and stand at r->pos in it. */
static tarn_status open_part(tarn_reader *r, tarn_error *err)
{
    const part *p = &r->parts[r->at];
    tarn_status st = tarn__item_get(
        r->snap, &r->node, p->version, p->seq, &r->item, &r->hold, err);
    if (st == TARN_OK && r->item.is_object)
        st = open_object(r, err);
    uint64_t start = p->end - r->item.size_bytes;
    if (st == TARN_OK && r->object != NULL && r->pos > start)
        st = tarn__object_seek(r->object, r->pos - start, err);
    r->open = st == TARN_OK;
    if (st != TARN_OK)
        close_part(r);
    return st;
}

static tarn_status read_part(
    tarn_reader *r, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    uint64_t in = r->pos - (r->parts[r->at].end - r->item.size_bytes);
    uint64_t left = r->parts[r->at].end - r->pos;
    /* An object is asked for one byte more than it has: its end is where its
     * digest is compared. */
    if (r->object != NULL)
        return tarn__object_read(r->object, ptr, len, got, err);
    if (len > left)
        len = (size_t)left;
    if (r->file.fd >= 0)
        return tarn__file_read_at(&r->file, in, ptr, len, got, err);
    memcpy(ptr, r->item.content.ptr + in, len);
    *got = len;
    return TARN_OK;
}

static tarn_status check_roll(tarn_reader *r, tarn_error *err)
{
    bool wrong = r->rolling && r->roll.hash != r->want;
    r->rolling = false;
    if (!wrong)
        return TARN_OK;
    return tarn__fail(err, TARN_CORRUPT,
        "%s: its bytes do not have the digest that the log gives (tarn check "
        "--deep, and restore from a remote)",
        r->path);
}

tarn_status tarn_reader_read(
    tarn_reader *r, void *ptr, size_t len, size_t *got, tarn_error *err)
{
    *got = 0;
    if (len == 0)
        return TARN_OK;
    while (r->at < r->count) {
        tarn_status st = r->open ? TARN_OK : open_part(r, err);
        size_t n = 0;
        if (st == TARN_OK)
            st = read_part(r, ptr, len, &n, err);
        if (st != TARN_OK)
            return st;
        if (n == 0) {
            if (r->pos != r->parts[r->at].end)
                return tarn__fail(err, TARN_CORRUPT,
                    "%s: ends after %llu of %llu bytes (tarn check --deep)",
                    r->path, (unsigned long long)r->pos,
                    (unsigned long long)r->size);
            close_part(r);
            r->at++;
            continue;
        }
        if (r->rolling)
            tarn__roll_update(&r->roll, ptr, n);
        r->pos += n;
        *got = n;
        return TARN_OK;
    }
    return check_roll(r, err);
}

tarn_status tarn_reader_seek(tarn_reader *r, uint64_t at, tarn_error *err)
{
    if (at > r->size)
        return tarn__fail(err, TARN_INVALID,
            "%s: cannot seek to byte %llu of %llu", r->path,
            (unsigned long long)at, (unsigned long long)r->size);
    if (at == r->pos)
        return TARN_OK;
    close_part(r);
    r->rolling = false;
    r->pos = at;
    size_t low = 0;
    size_t high = r->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->parts[middle].end <= at)
            low = middle + 1;
        else
            high = middle;
    }
    r->at = low;
    return TARN_OK;
}

uint64_t tarn_reader_size(const tarn_reader *r)
{
    return r->size;
}

void tarn_reader_close(tarn_reader *r)
{
    if (r == NULL)
        return;
    close_part(r);
    tarn_buf_reset(&r->hold);
    tarn__free(r->parts);
    tarn__free(r->path);
    tarn__free(r);
}

static tarn_status openable(
    const tarn__node *node, const char *path, tarn_error *err)
{
    if (node->kind == TARN__KIND_DIR)
        return tarn__fail(err, TARN_INVALID,
            "%s: is a folder, which has no bytes (tarn ls lists it)", path);
    if (node->kind == TARN__KIND_COMPUTED)
        return tarn__fail(err, TARN_INVALID,
            "%s: is computed, and has no stored bytes (read it with tarn sql)",
            path);
    return TARN_OK;
}

tarn_status tarn_tree_open(
    tarn_snapshot *snap, const char *path, tarn_reader **out, tarn_error *err)
{
    *out = NULL;
    tarn__node node;
    tarn_buf payload = TARN_BUF_INIT;
    tarn_status st = tarn__tree_resolve(snap, path, true, &node, &payload, err);
    if (st == TARN_OK)
        st = openable(&node, path, err);
    tarn_reader *reader = NULL;
    if (st == TARN_OK)
        st = tarn__reader_open(snap, &node.id, path, &reader, err);
    if (st == TARN_OK && node.kind == TARN__KIND_SERIES && reader->count > 1) {
        tarn_reader_close(reader);
        st = tarn__fail(err, TARN_INVALID,
            "%s: is a series of several versions, which is no one file (read "
            "it with tarn sql, or tarn get merges it)",
            path);
    } else if (st == TARN_OK) {
        *out = reader;
    }
    tarn_buf_reset(&payload);
    return st;
}

tarn_status tarn_tree_read(tarn_snapshot *snap, const char *path,
    size_t max_bytes, tarn_buf *out, tarn_error *err)
{
    tarn_reader *reader = NULL;
    tarn_status st = tarn_tree_open(snap, path, &reader, err);
    if (st != TARN_OK)
        return st;
    size_t start = out->len;
    size_t got = 0;
    if (reader->size > max_bytes)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: has %llu bytes (%zu were allowed)", path,
            (unsigned long long)reader->size, max_bytes);
    if (st == TARN_OK)
        st = tarn__buf_reserve(out, (size_t)reader->size + 1, err);
    while (st == TARN_OK) {
        /* One byte beyond, so that the end is seen and its digest checked. */
        st = tarn_reader_read(reader, out->ptr + out->len,
            (size_t)(reader->size - reader->pos) + 1, &got, err);
        if (st != TARN_OK || got == 0)
            break;
        out->len += got;
    }
    if (out->ptr != NULL) {
        if (st != TARN_OK)
            out->len = start;
        out->ptr[out->len] = '\0';
    }
    tarn_reader_close(reader);
    return st;
}
