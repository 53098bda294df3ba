/* What a record is found by, and its id. */
#include <stdio.h>

#include "base/json_number.h"
#include "base/str.h"
#include "record/record_internal.h"

#define NAME_TEXT_BYTES (6 * TARN__ROW_MAX_NAME_BYTES) /* all escaped */

static bool is_name(const tarn__json_scan_value *name, const char *want)
{
    char text[NAME_TEXT_BYTES];

    if (!name->escaped)
        return tarn__slice_is(name->text, want);
    if (name->text.len > sizeof text)
        return false;
    tarn_slice plain = {text, tarn__json_scan_unescape(name->text, text)};
    return tarn__slice_is(plain, want);
}

tarn_status tarn__record_key_text(const tarn__json_scan_value *value,
    tarn_buf *out, bool *is_key, tarn_error *err)
{
    *is_key = true;
    tarn__buf_clear(out);
    if (value->kind == TARN__JSON_NUMBER)
        return tarn__json_number_text(value->text, out, err);
    if (value->kind == TARN__JSON_TRUE || value->kind == TARN__JSON_FALSE)
        return tarn__buf_append(out, value->text.ptr, value->text.len, err);
    if (value->kind != TARN__JSON_STRING) {
        *is_key = false;
        return TARN_OK;
    }
    tarn_status st = tarn__buf_reserve(out, value->text.len, err);
    if (st == TARN_OK && !value->escaped)
        return tarn__buf_append(out, value->text.ptr, value->text.len, err);
    if (st == TARN_OK) {
        out->len = tarn__json_scan_unescape(value->text, out->ptr);
        out->ptr[out->len] = '\0';
    }
    return st;
}

/* Members that may be keys, the best first. */
enum { URI, FIELD, KEY, NAME, KEY_COUNT };

typedef struct members {
    tarn__json_scan_value keys[KEY_COUNT];
    bool has[KEY_COUNT];
    tarn__json_scan_value ordinal;
    tarn__json_scan_value chunk;
    bool has_ordinal, has_chunk;
} members;

static bool is_scalar(const tarn__json_scan_value *v)
{
    return v->kind != TARN__JSON_NULL && v->kind != TARN__JSON_OBJECT &&
        v->kind != TARN__JSON_ARRAY;
}

static void note(members *m, int which, const tarn__json_scan_value *value)
{
    m->keys[which] = *value;
    m->has[which] = true;
}

static void look_at(members *m, const char *key_field,
    const tarn__json_scan_value *name, const tarn__json_scan_value *value)
{
    if (!is_scalar(value))
        return;
    if (key_field != NULL && is_name(name, key_field))
        note(m, FIELD, value);
    if (!name->escaped && (name->text.len < 3 || name->text.len > 13))
        return;
    if (is_name(name, "uri")) {
        note(m, URI, value);
    } else if (is_name(name, "key")) {
        note(m, KEY, value);
    } else if (is_name(name, "name")) {
        note(m, NAME, value);
    } else if (is_name(name, "ordinal")) {
        m->ordinal = *value;
        m->has_ordinal = true;
    } else if (is_name(name, "chunk_ordinal")) {
        m->chunk = *value;
        m->has_chunk = true;
    }
}

static tarn_status set_ordinal(
    const members *m, tarn__record_key_of *out, tarn_error *err)
{
    bool is_key;

    out->has_ordinal = true;
    if (m->has_ordinal || m->has_chunk)
        return tarn__record_key_text(m->has_ordinal ? &m->ordinal : &m->chunk,
            &out->ordinal, &is_key, err);
    tarn__buf_clear(&out->ordinal);
    return tarn__buf_char(&out->ordinal, '0', err);
}

tarn_status tarn__record_key_find(tarn_slice json, const char *key_field,
    tarn__record_key_of *out, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(json);
    tarn__json_scan_value name, value;
    members m;
    int state = 0;
    int which = 0;

    memset(m.has, 0, sizeof m.has);
    m.has_ordinal = m.has_chunk = false;
    out->has_ordinal = false;
    out->has_key = false;
    out->stray = false;
    while (tarn__json_scan_member(&scan, &state, &name, &value) &&
        name.text.ptr != NULL)
        look_at(&m, key_field, &name, &value);
    while (which < KEY_COUNT && !m.has[which])
        which++;
    if (which == KEY_COUNT)
        return TARN_OK;
    tarn_status st =
        tarn__record_key_text(&m.keys[which], &out->text, &out->has_key, err);
    out->stray = which == URI && m.has[FIELD] && strcmp(key_field, "uri") != 0;
    if (st == TARN_OK && which == URI)
        st = set_ordinal(&m, out, err);
    return st;
}

void tarn__record_key_reset(tarn__record_key_of *key)
{
    tarn_buf_reset(&key->text);
    tarn_buf_reset(&key->ordinal);
}

static tarn_status add_part(tarn_buf *to, tarn_slice part, tarn_error *err)
{
    tarn_status st = tarn__buf_be64(to, part.len, err);
    return st == TARN_OK ? tarn__buf_append(to, part.ptr, part.len, err) : st;
}

tarn_status tarn__record_id(tarn__id *out, tarn_slice tenant, tarn_slice table,
    const tarn__record_key_of *key, tarn_error *err)
{
    tarn_buf parts = TARN_BUF_INIT;
    uint8_t digest[TARN__SHA256_BYTES];

    if (!key->has_key)
        return tarn__id_new(out, err);
    tarn_status st = add_part(&parts, tenant, err);
    if (st == TARN_OK)
        st = add_part(&parts, table, err);
    if (st == TARN_OK)
        st = add_part(&parts, tarn__buf_slice(&key->text), err);
    if (st == TARN_OK && key->has_ordinal)
        st = add_part(&parts, tarn__buf_slice(&key->ordinal), err);
    if (st == TARN_OK)
        st = tarn__sha256_of(tarn__buf_slice(&parts), digest, err);
    tarn_buf_reset(&parts);
    if (st != TARN_OK)
        return st;
    memcpy(out->bytes, digest, sizeof out->bytes);
    out->bytes[6] = (uint8_t)((out->bytes[6] & 0x0F) | 0x80);
    out->bytes[8] = (uint8_t)((out->bytes[8] & 0x3F) | 0x80);
    return TARN_OK;
}
