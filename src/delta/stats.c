#include "delta/stats.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"

/* Bytes of the code point that begins with `lead`. */
static size_t code_point_bytes(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xe0)
        return 2;
    return lead < 0xf0 ? 3 : 4;
}

static void first_chars(tarn__bound_text *t, tarn_slice v)
{
    size_t len = 0;
    for (int n = 0; n < TARN__BOUND_CHARS; n++) {
        if (len >= v.len || v.ptr[len] == '\0')
            break;
        len += code_point_bytes((unsigned char)v.ptr[len]);
    }
    if (len > v.len)
        len = v.len;
    memcpy(t->bytes, v.ptr, len);
    t->len = (uint8_t)len;
    t->cut = len < v.len;
}

static tarn_slice text_slice(const tarn__bound_text *t)
{
    return (tarn_slice){t->bytes, t->len};
}

static void lower_text(tarn__bound_text *min, const tarn__bound_text *t)
{
    int c = tarn__slice_cmp(text_slice(t), text_slice(min));
    if (c < 0)
        *min = *t;
    else if (c == 0)
        min->cut = min->cut || t->cut;
}

static void raise_text(tarn__bound_text *max, const tarn__bound_text *t)
{
    int c = tarn__slice_cmp(text_slice(t), text_slice(max));
    if (c > 0)
        *max = *t;
    else if (c == 0)
        max->cut = max->cut || t->cut;
}

void tarn__bounds_i64(tarn__bounds *b, int64_t v)
{
    if (!b->any || v < b->min)
        b->min = v;
    if (!b->any || v > b->max)
        b->max = v;
    b->any = true;
}

void tarn__bounds_text(tarn__bounds *b, tarn_slice v)
{
    tarn__bound_text t;
    first_chars(&t, v);
    if (!b->any) {
        b->min_text = t;
        b->max_text = t;
        b->any = true;
        return;
    }
    lower_text(&b->min_text, &t);
    raise_text(&b->max_text, &t);
}

void tarn__bounds_null(tarn__bounds *b)
{
    b->nulls++;
}

void tarn__bounds_merge(tarn__bounds *into, const tarn__bounds *from)
{
    int64_t nulls = into->nulls + from->nulls;
    if (from->any && !into->any) {
        *into = *from;
    } else if (from->any) {
        tarn__bounds_i64(into, from->min);
        tarn__bounds_i64(into, from->max);
        lower_text(&into->min_text, &from->min_text);
        raise_text(&into->max_text, &from->max_text);
    }
    into->nulls = nulls;
}

static uint32_t decode(const char *ptr, size_t len)
{
    unsigned char lead = (unsigned char)ptr[0];
    uint32_t cp = len == 1 ? lead : lead & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        cp = cp << 6 | ((unsigned char)ptr[i] & 0x3fu);
    return cp;
}

static size_t encode(uint32_t cp, char *ptr)
{
    if (cp < 0x80) {
        ptr[0] = (char)cp;
        return 1;
    }
    size_t len = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, cp >>= 6)
        ptr[i] = (char)(0x80u | (cp & 0x3fu));
    ptr[0] = (char)(leads[len] | cp);
    return len;
}

bool tarn__bound_raise(tarn__bound_text *t)
{
    size_t len = t->len;
    while (len > 0) {
        size_t at = len - 1;
        while (at > 0 && ((unsigned char)t->bytes[at] & 0xc0) == 0x80)
            at--;
        uint32_t cp = decode(t->bytes + at, len - at) + 1;
        if (cp == 0xd800) /* no text holds a surrogate */
            cp = 0xe000;
        if (cp <= 0x10ffff) {
            t->len = (uint8_t)(at + encode(cp, t->bytes + at));
            t->cut = false;
            return true;
        }
        len = at;
    }
    return false;
}

/* Milliseconds, rounded down or up; false for years that not every reader
 * takes. */
static bool format_ms(int64_t us, bool up, char text[TARN__TIME_TEXT_BYTES])
{
    static const int64_t year_1 = INT64_C(-62135596800000000);
    static const int64_t year_9999 = INT64_C(253402300799000000);
    int64_t rest = us % 1000;
    if (rest < 0)
        rest += 1000;
    int64_t at = us;
    if (us < year_1 || us > year_9999)
        return false;
    at -= rest;
    if (up && rest > 0)
        at += 1000;
    tarn__time_format(at, text);
    if (strchr(text, '.') == NULL)
        memcpy(text + strlen(text) - 1, ".000Z", sizeof ".000Z");
    return true;
}

/* One bound as JSON; *told false when it is left out. */
static tarn_status put_bound(const tarn__pq_column *column,
    const tarn__bounds *b, bool max, tarn_buf *out, bool *told, tarn_error *err)
{
    *told = true;
    if (column->type == TARN__PQ_STRING) {
        tarn__bound_text t = max ? b->max_text : b->min_text;
        if (max && t.cut && !tarn__bound_raise(&t)) {
            *told = false;
            return TARN_OK;
        }
        return tarn__json_quote(out, text_slice(&t), err);
    }
    int64_t v = max ? b->max : b->min;
    if (column->type == TARN__PQ_TIMESTAMP) {
        char text[TARN__TIME_TEXT_BYTES];
        *told = format_ms(v, max, text);
        return *told ? tarn__buf_printf(out, err, "\"%s\"", text) : TARN_OK;
    }
    return tarn__buf_printf(out, err, "%lld", (long long)v);
}

/* "minValues":{…} or "maxValues":{…}. */
static tarn_status put_bounds(const tarn__pq_column *columns,
    size_t column_count, const tarn__bounds *bounds, bool max, tarn_buf *out,
    tarn_error *err)
{
    tarn_status st =
        tarn__buf_printf(out, err, ",\"%sValues\":{", max ? "max" : "min");
    const char *comma = "";
    for (size_t i = 0; st == TARN_OK && i < column_count; i++) {
        if (!columns[i].stats || !bounds[i].any)
            continue;
        size_t before = out->len;
        bool told = false;
        st = tarn__buf_printf(out, err, "%s\"%s\":", comma, columns[i].name);
        if (st == TARN_OK)
            st = put_bound(&columns[i], &bounds[i], max, out, &told, err);
        if (st == TARN_OK && !told)
            out->len = before;
        else
            comma = ",";
    }
    return st == TARN_OK ? tarn__buf_char(out, '}', err) : st;
}

tarn_status tarn__stats_json(const tarn__pq_column *columns,
    size_t column_count, const tarn__bounds *bounds, int64_t row_count,
    tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(
        out, err, "{\"numRecords\":%lld", (long long)row_count);
    if (st == TARN_OK)
        st = put_bounds(columns, column_count, bounds, false, out, err);
    if (st == TARN_OK)
        st = put_bounds(columns, column_count, bounds, true, out, err);
    if (st == TARN_OK)
        st = tarn__buf_str(out, ",\"nullCount\":{", err);
    const char *comma = "";
    for (size_t i = 0; st == TARN_OK && i < column_count; i++) {
        if (!columns[i].stats)
            continue;
        st = tarn__buf_printf(out, err, "%s\"%s\":%lld", comma, columns[i].name,
            (long long)bounds[i].nulls);
        comma = ",";
    }
    return st == TARN_OK ? tarn__buf_str(out, "}}", err) : st;
}

tarn_status tarn__stats_range(const char *stats, const char *column,
    int64_t *min, int64_t *max, tarn_error *err)
{
    *min = 0;
    *max = INT64_MAX;
    if (stats == NULL)
        return TARN_OK;
    json_t *json = NULL;
    tarn_status st = tarn__json_parse(tarn_str(stats), "stats", &json, err);
    if (st == TARN_NO_MEMORY)
        return st;
    if (st != TARN_OK) /* a foreign writer's; told nothing is not wrong */
        return TARN_OK;
    int64_t v;
    if (tarn__json_i64(json_object_get(json, "minValues"), column, &v))
        *min = v;
    if (tarn__json_i64(json_object_get(json, "maxValues"), column, &v))
        *max = v;
    json_decref(json);
    return TARN_OK;
}
