/* Meta of a record's operations: JSON of four members. */
#include "base/json.h"
#include "base/json_number.h"
#include "base/str.h"
#include "lake/record_row.h"

void tarn__record_meta_reset(tarn__record_meta *meta)
{
    tarn_buf_reset(&meta->key);
    tarn_buf_reset(&meta->layout_text);
}

static void clear(tarn__record_meta *meta)
{
    tarn__buf_clear(&meta->key);
    tarn__buf_clear(&meta->layout_text);
    meta->has_key = meta->has_created = meta->deleted = false;
    meta->created_us = 0;
    meta->layout = (tarn_slice){NULL, 0};
}

/* A string's text without escapes, replacing what `out` held. */
static tarn_status unescaped(
    tarn_buf *out, const tarn__json_scan_value *value, tarn_error *err)
{
    tarn__buf_clear(out);
    tarn_status st = tarn__buf_reserve(out, value->text.len, err);
    if (st == TARN_OK) {
        out->len = tarn__json_scan_unescape(value->text, out->ptr);
        out->ptr[out->len] = '\0';
    }
    return st;
}

static tarn_status read_layout(
    tarn__record_meta *out, const tarn__json_scan_value *value, tarn_error *err)
{
    tarn_status st = TARN_OK;

    out->layout = value->text;
    if (value->escaped) {
        st = unescaped(&out->layout_text, value, err);
        out->layout = tarn__buf_slice(&out->layout_text);
    }
    return st;
}

static tarn_status take(tarn__record_meta *out, tarn_slice name,
    const tarn__json_scan_value *value, bool *ok, tarn_error *err)
{
    *ok = true;
    if (tarn__slice_is(name, "key")) {
        *ok = out->has_key = value->kind == TARN__JSON_STRING;
        return *ok ? unescaped(&out->key, value, err) : TARN_OK;
    }
    if (tarn__slice_is(name, "layout")) {
        *ok = value->kind == TARN__JSON_STRING;
        return *ok ? read_layout(out, value, err) : TARN_OK;
    }
    if (tarn__slice_is(name, "created_at")) {
        out->has_created = *ok = value->kind == TARN__JSON_NUMBER &&
            tarn__json_number_i64(value->text, &out->created_us);
    } else if (tarn__slice_is(name, "deleted")) {
        out->deleted = *ok = value->kind == TARN__JSON_TRUE;
    }
    return TARN_OK;
}

tarn_status tarn__record_meta_read(
    tarn_slice text, tarn__record_meta *out, bool *ok, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(text);
    tarn__json_scan_value name, value;
    int state = 0;

    clear(out);
    while ((*ok = tarn__json_scan_member(&scan, &state, &name, &value))) {
        if (name.text.ptr == NULL) {
            *ok = tarn__json_scan_end(&scan);
            break;
        }
        tarn_status st = take(out, name.text, &value, ok, err);
        if (st != TARN_OK || !*ok)
            return st;
    }
    return TARN_OK;
}

tarn_status tarn__record_meta_write(
    tarn_buf *out, const tarn__record_meta *meta, tarn_error *err)
{
    const char *comma = "";
    tarn_status st = tarn__buf_char(out, '{', err);

    if (st == TARN_OK && meta->has_key) {
        st = tarn__buf_str(out, "\"key\":", err);
        if (st == TARN_OK)
            st = tarn__json_quote(out, tarn__buf_slice(&meta->key), err);
        comma = ",";
    }
    if (st == TARN_OK && meta->has_created) {
        st = tarn__buf_printf(out, err, "%s\"created_at\":%lld", comma,
            (long long)meta->created_us);
        comma = ",";
    }
    if (st == TARN_OK && meta->layout.len > 0) {
        st = tarn__buf_printf(out, err, "%s\"layout\":", comma);
        if (st == TARN_OK)
            st = tarn__json_quote(out, meta->layout, err);
        comma = ",";
    }
    if (st == TARN_OK && meta->deleted)
        st = tarn__buf_printf(out, err, "%s\"deleted\":true", comma);
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}
