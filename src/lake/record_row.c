/* A record's row: encoding and decoding. */
#include "lake/record_row.h"

#include "base/error.h"
#include "base/str.h"

#define HEAD_BYTES 24
#define NO_KEY UINT32_MAX
#define NAME_TEXT_BYTES (6 * TARN__ROW_MAX_NAME_BYTES) /* all escaped */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
    "rows are written as a little-endian machine has them");

static size_t padded(size_t n)
{
    return (n + 7) / 8 * 8;
}

bool tarn__row_decode(tarn_slice p, tarn__row *out)
{
    uint32_t key_len;
    size_t at = HEAD_BYTES;

    memset(out, 0, sizeof *out);
    if (p.len < HEAD_BYTES || (p.ptr[4] & ~3) != 0 || p.ptr[5] != 0)
        return false;
    memcpy(&out->layout, p.ptr, 4);
    out->deleted = (p.ptr[4] & TARN__ROW_DELETED) != 0;
    out->is_object = (p.ptr[4] & TARN__ROW_OBJECT) != 0;
    memcpy(&out->field_count, p.ptr + 6, 2);
    memcpy(&out->created_us, p.ptr + 8, 8);
    memcpy(&out->modified_us, p.ptr + 16, 8);
    size_t n = out->field_count;
    if (p.len - at < padded(n) + 8 * n + 4)
        return false;
    out->states = p.ptr + at;
    out->slots = out->states + padded(n);
    at += padded(n) + 8 * n;
    memcpy(&key_len, p.ptr + at, 4);
    at += 4;
    if (key_len != NO_KEY) {
        if (p.len - at < key_len)
            return false;
        out->key = (tarn_slice){p.ptr + at, key_len};
        at += key_len;
    }
    if (!out->is_object) {
        out->json = (tarn_slice){p.ptr + at, p.len - at};
        return true;
    }
    if (p.len - at != TARN__SHA256_BYTES + 8)
        return false;
    out->sha256 = (const uint8_t *)p.ptr + at;
    memcpy(&out->size_bytes, p.ptr + at + TARN__SHA256_BYTES, 8);
    return true;
}

/* The row in the making. */
typedef struct prefix {
    const tarn__row_layout *layout;
    const char *json;
    char *states;
    char *slots;
} prefix;

static bool same_name(tarn_slice a, const char *name, size_t len)
{
    return a.len == len && memcmp(a.ptr, name, len) == 0;
}

/* The member of this name below `parent`; *guess is tried first, and becomes
 * what is likely to come next. */
static int find_member(const tarn__row_layout *layout, int parent, int *guess,
    const tarn__json_scan_value *name)
{
    const tarn__row_member *m = layout->members;
    char text[NAME_TEXT_BYTES];
    const char *ptr = name->text.ptr;
    size_t len = name->text.len;

    if (name->escaped) {
        if (len > sizeof text)
            return -1;
        len = tarn__json_scan_unescape(name->text, text);
        ptr = text;
    }
    int found = *guess;
    if (found < 0 || !same_name(m[found].name, ptr, len)) {
        found = m[parent].first_child;
        while (found >= 0 && !same_name(m[found].name, ptr, len))
            found = m[found].next_sibling;
    }
    if (found >= 0)
        *guess = m[found].next_sibling;
    return found;
}

/* Depth is that of the layout, whose text is short. */
static bool fill(prefix *p, tarn_slice object, int parent)
{
    const tarn__row_member *m = p->layout->members;
    tarn__json_scan scan = tarn__json_scan_of(object);
    tarn__json_scan_value name, value;
    int state = 0;
    int guess = m[parent].first_child;

    while (tarn__json_scan_member(&scan, &state, &name, &value)) {
        if (name.text.ptr == NULL)
            return true;
        int at = find_member(p->layout, parent, &guess, &name);
        if (at < 0)
            continue;
        int f = m[at].field;
        if (f >= 0)
            p->states[f] = (char)tarn__row_slot(
                p->layout->fields[f].type, &value, p->json, p->slots + 8 * f);
        if (m[at].first_child >= 0 && value.kind == TARN__JSON_OBJECT &&
            !fill(p, value.text, at))
            return false;
    }
    return false;
}

static void put_head(char *p, const tarn__row_source *s, uint16_t fields)
{
    memset(p, 0, HEAD_BYTES);
    if (fields > 0)
        memcpy(p, &s->layout->number, 4);
    p[4] = (char)((s->deleted ? TARN__ROW_DELETED : 0) |
        (s->sha256 != NULL ? TARN__ROW_OBJECT : 0));
    memcpy(p + 6, &fields, 2);
    memcpy(p + 8, &s->created_us, 8);
    memcpy(p + 16, &s->modified_us, 8);
}

tarn_status tarn__row_encode(
    tarn_buf *out, const tarn__row_source *s, tarn_error *err)
{
    uint16_t fields = s->sha256 == NULL ? s->layout->field_count : 0;
    size_t states = padded(fields);
    size_t tail = s->sha256 != NULL ? TARN__SHA256_BYTES + 8 : s->json.len;
    size_t key_len = s->key.ptr != NULL ? s->key.len : 0;
    uint32_t key_word = s->key.ptr != NULL ? (uint32_t)key_len : NO_KEY;
    size_t len = HEAD_BYTES + states + 8u * fields + 4 + key_len + tail;

    if (key_len >= NO_KEY)
        return tarn__fail(err, TARN_BAD_INPUT,
            "record: its key has 4 GiB or more (give a shorter one)");
    tarn_status st = tarn__buf_reserve(out, len, err);
    if (st != TARN_OK)
        return st;
    char *p = out->ptr + out->len;
    put_head(p, s, fields);
    memset(p + HEAD_BYTES, 0, states + 8u * fields);
    prefix fill_in = {
        s->layout, s->json.ptr, p + HEAD_BYTES, p + HEAD_BYTES + states};
    if (fields > 0 && !fill(&fill_in, s->json, 0))
        return tarn__fail(err, TARN_CORRUPT,
            "record: its text is no JSON object (restore the log from a "
            "remote)");
    p += HEAD_BYTES + states + 8u * fields;
    memcpy(p, &key_word, 4);
    if (key_len > 0)
        memcpy(p + 4, s->key.ptr, key_len);
    p += 4 + key_len;
    if (s->sha256 != NULL) {
        memcpy(p, s->sha256, TARN__SHA256_BYTES);
        memcpy(p + TARN__SHA256_BYTES, &s->size_bytes, 8);
    } else if (tail > 0) {
        memcpy(p, s->json.ptr, tail);
    }
    out->len += len;
    out->ptr[out->len] = '\0';
    return TARN_OK;
}
