/* A row's column as a value of SQL: from the typed prefix where it stands there,
 * else from the JSON text. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "record/live.h"

struct tarn__live_map {
    uint32_t number;
    int slots[];
};

/* --- finding a member --- */

/* A stored text was checked when it was put: what follows only finds its way,
 * and never past the end. */

static const char *skip_space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* Behind the string that begins at p (a quote); *escaped when it has a \. */
static const char *skip_string(const char *p, const char *end, bool *escaped)
{
    *escaped = false;
    for (p++; p < end && *p != '"'; p++)
        if (*p == '\\') {
            *escaped = true;
            p++;
        }
    return p < end ? p + 1 : end;
}

static const char *skip_nested(const char *p, const char *end)
{
    size_t depth = 0;
    bool escaped;
    while (p < end) {
        if (*p == '"') {
            p = skip_string(p, end, &escaped);
            continue;
        }
        if (*p == '{' || *p == '[')
            depth++;
        else if ((*p == '}' || *p == ']') && --depth == 0)
            return p + 1;
        p++;
    }
    return end;
}

static const char *skip_word(const char *p, const char *end)
{
    while (p < end && *p != ',' && *p != '}' && *p != ']' && *p != ' ' &&
        *p != '\n' && *p != '\t' && *p != '\r')
        p++;
    return p;
}

static tarn__json_scan_kind kind_of(char first)
{
    switch (first) {
    case '{':
        return TARN__JSON_OBJECT;
    case '[':
        return TARN__JSON_ARRAY;
    case 't':
        return TARN__JSON_TRUE;
    case 'f':
        return TARN__JSON_FALSE;
    case 'n':
        return TARN__JSON_NULL;
    default:
        return TARN__JSON_NUMBER;
    }
}

static const char *take_value(
    const char *p, const char *end, tarn__json_scan_value *out)
{
    const char *start = p;
    if (p >= end)
        return end;
    out->escaped = false;
    if (*p == '"') {
        p = skip_string(p, end, &out->escaped);
        out->kind = TARN__JSON_STRING;
        out->text = (tarn_slice){
            start + 1, p - start < 2 ? 0 : (size_t)(p - start) - 2};
        return p;
    }
    out->kind = kind_of(*p);
    p = *p == '{' || *p == '[' ? skip_nested(p, end) : skip_word(p, end);
    out->text = (tarn_slice){start, (size_t)(p - start)};
    return p;
}

static bool same_name(tarn_slice raw, bool escaped, tarn_slice name)
{
    char plain[TARN__ROW_MAX_NAME_BYTES * 6];
    if (!escaped)
        return tarn__slice_eq(raw, name);
    if (raw.len > sizeof(plain))
        return false;
    size_t len = tarn__json_scan_unescape(raw, plain);
    return tarn__slice_eq((tarn_slice){plain, len}, name);
}

static bool find_member(
    tarn_slice object, tarn_slice name, tarn__json_scan_value *out)
{
    const char *end = object.ptr + object.len;
    const char *p = skip_space(object.ptr, end);
    if (p >= end || *p != '{')
        return false;
    p = skip_space(p + 1, end);
    while (p < end && *p == '"') {
        bool escaped;
        const char *start = p + 1;
        p = skip_string(p, end, &escaped);
        tarn_slice raw = {start, p - start < 1 ? 0 : (size_t)(p - start) - 1};
        p = skip_space(p, end);
        if (p >= end || *p != ':')
            return false;
        p = take_value(skip_space(p + 1, end), end, out);
        if (same_name(raw, escaped, name))
            return true;
        p = skip_space(p, end);
        if (p >= end || *p != ',')
            return false;
        p = skip_space(p + 1, end);
    }
    return false;
}

bool tarn__live_find(tarn_slice json, const tarn_slice *path, size_t depth,
    tarn__json_scan_value *out)
{
    *out = (tarn__json_scan_value){
        .kind = TARN__JSON_OBJECT, .text = json, .escaped = false};
    for (size_t i = 0; i < depth; i++)
        if (out->kind != TARN__JSON_OBJECT ||
            !find_member(out->text, path[i], out))
            return false;
    return true;
}

/* --- maps --- */

static int slot_of(
    const tarn__live_column *column, const tarn__row_layout *layout)
{
    if (column->kind != TARN__LIVE_FIELD || column->type == 0 || layout == NULL)
        return -1;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const tarn__row_field *f = &layout->fields[i];
        bool same = f->type == column->type && f->depth == column->depth;
        for (size_t k = 0; same && k < f->depth; k++)
            same = tarn__slice_eq(f->path[k], column->path[k]);
        if (same)
            return i;
    }
    return -1;
}

tarn_status tarn__live_map_create(const tarn__live_column *columns,
    size_t count, const tarn__row_layout *layout, tarn__live_map **out,
    tarn_error *err)
{
    tarn__live_map *map =
        tarn__calloc(1, sizeof(*map) + count * sizeof(map->slots[0]));
    *out = map;
    if (map == NULL)
        return tarn__no_memory(err);
    map->number = layout == NULL ? 0 : layout->number;
    for (size_t i = 0; i < count; i++)
        map->slots[i] = slot_of(&columns[i], layout);
    return TARN_OK;
}

void tarn__live_map_free(tarn__live_map *map)
{
    tarn__free(map);
}

uint32_t tarn__live_map_number(const tarn__live_map *map)
{
    return map->number;
}

int tarn__live_slot(const tarn__live_map *map, size_t column)
{
    return map->slots[column];
}

/* --- values --- */

static const tarn__live_datum null_datum = {.tag = TARN__LIVE_NULL};

static tarn__live_datum of_bytes(tarn_slice bytes)
{
    return (tarn__live_datum){.tag = TARN__LIVE_BYTES, .bytes = bytes};
}

static tarn__live_datum of_i64(int64_t v)
{
    return (tarn__live_datum){.tag = TARN__LIVE_I64, .i64 = v};
}

/* A string's text without its escapes. */
static tarn_status string_value(tarn_slice text, bool escaped,
    tarn_buf *scratch, tarn__live_datum *out, tarn_error *err)
{
    if (!escaped) {
        *out = of_bytes(text);
        return TARN_OK;
    }
    tarn__buf_clear(scratch);
    tarn_status st = tarn__buf_reserve(scratch, text.len + 1, err);
    if (st != TARN_OK)
        return st;
    scratch->len = tarn__json_scan_unescape(text, scratch->ptr);
    *out = of_bytes(tarn__buf_slice(scratch));
    return TARN_OK;
}

/* JSON, a string with its quotes. */
static tarn__live_datum of_json(const tarn__json_scan_value *value)
{
    size_t quote = value->kind == TARN__JSON_STRING;
    return of_bytes(
        (tarn_slice){value->text.ptr - quote, value->text.len + 2 * quote});
}

/* A value that stands in a slot, or would. */
static tarn_status slot_value(const tarn__row *row, tarn__row_type type,
    size_t field, tarn_buf *scratch, tarn__live_datum *out, tarn_error *err)
{
    tarn_slice text;
    bool escaped;
    if (type == TARN__ROW_DOUBLE) {
        *out = (tarn__live_datum){
            .tag = TARN__LIVE_F64, .f64 = tarn__row_double(row, field)};
        return TARN_OK;
    }
    if (type != TARN__ROW_VARCHAR) {
        *out = of_i64(tarn__row_i64(row, field));
        return TARN_OK;
    }
    if (!tarn__row_text(row, field, &text, &escaped))
        return tarn__fail(err, TARN_CORRUPT,
            "views/key: a record's prefix is malformed (tarn rebuild key)");
    return string_value(text, escaped, scratch, out, err);
}

/* A member that is not as its type has it: a text is its JSON, all else has no
 * value (docs/FORMAT.md). */
static tarn_status misfit(tarn__row_type type,
    const tarn__json_scan_value *value, tarn_buf *scratch,
    tarn__live_datum *out, tarn_error *err)
{
    *out = null_datum;
    if (type != TARN__ROW_VARCHAR || value->kind == TARN__JSON_NULL)
        return TARN_OK;
    if (value->kind == TARN__JSON_STRING)
        return string_value(value->text, value->escaped, scratch, out, err);
    *out = of_bytes(value->text);
    return TARN_OK;
}

static tarn_status json_value(const tarn__live_column *column,
    const tarn__row *row, tarn_buf *scratch, tarn__live_datum *out,
    tarn_error *err)
{
    tarn__json_scan_value value;
    char slot[8];
    *out = null_datum;
    if (!tarn__live_find(row->json, column->path, column->depth, &value) ||
        value.kind == TARN__JSON_NULL)
        return TARN_OK;
    if (column->type == 0) {
        *out = of_json(&value);
        return TARN_OK;
    }
    if (tarn__row_slot(column->type, &value, row->json.ptr, slot) !=
        TARN__ROW_VALUE)
        return misfit(column->type, &value, scratch, out, err);
    tarn__row one = *row;
    one.slots = slot;
    return slot_value(&one, column->type, 0, scratch, out, err);
}

static tarn_status field_value(const tarn__live_column *column, int slot,
    const tarn__row *row, tarn_buf *scratch, tarn__live_datum *out,
    tarn_error *err)
{
    if (slot >= 0) {
        tarn__row_state state = tarn__row_state_of(row, (size_t)slot);
        if (state == TARN__ROW_VALUE)
            return slot_value(
                row, column->type, (size_t)slot, scratch, out, err);
        *out = null_datum;
        if (state == TARN__ROW_ABSENT)
            return TARN_OK;
    }
    return json_value(column, row, scratch, out, err);
}

static tarn__live_datum path_value(
    const tarn__live_column *column, const tarn__row *row)
{
    tarn__json_scan_value value;
    return tarn__live_find(row->json, column->path, column->depth, &value)
        ? of_json(&value)
        : null_datum;
}

tarn_status tarn__live_text(tarn_slice json, tarn_buf *scratch,
    tarn__live_datum *out, bool *known, tarn_error *err)
{
    *out = null_datum;
    *known = true;
    if (json.ptr == NULL || tarn__slice_is(json, "null"))
        return TARN_OK;
    *known = *json.ptr == '"';
    if (!*known)
        return TARN_OK;
    tarn_slice text = {json.ptr + 1, json.len - 2};
    bool escaped = memchr(text.ptr, '\\', text.len) != NULL;
    return string_value(text, escaped, scratch, out, err);
}

tarn_status tarn__live_value(const tarn__live_column *column, int slot,
    const tarn__row *row, const char *id, tarn_buf *scratch,
    tarn__live_datum *out, tarn_error *err)
{
    switch (column->kind) {
    case TARN__LIVE_ID:
        *out = of_bytes((tarn_slice){id, TARN__ID_TEXT_BYTES - 1});
        return TARN_OK;
    case TARN__LIVE_KEY:
        *out = row->key.ptr == NULL ? null_datum : of_bytes(row->key);
        return TARN_OK;
    case TARN__LIVE_CREATED:
        *out = of_i64(row->created_us);
        return TARN_OK;
    case TARN__LIVE_MODIFIED:
        *out = of_i64(row->modified_us);
        return TARN_OK;
    case TARN__LIVE_DOC:
        *out = of_bytes(row->json);
        return TARN_OK;
    case TARN__LIVE_PATH:
        *out = path_value(column, row);
        return TARN_OK;
    case TARN__LIVE_FIELD:
        break;
    }
    return field_value(column, slot, row, scratch, out, err);
}

/* --- into a feed --- */

tarn__column tarn__live_feed_column(
    const tarn__live_column *column, tarn__feed_type *type)
{
    tarn__column out = {column->name, TARN_TEXT};
    *type = TARN__FEED_AS_COLUMN;
    if (column->kind == TARN__LIVE_CREATED ||
        column->kind == TARN__LIVE_MODIFIED) {
        out.type = TARN_TIME;
        *type = TARN__FEED_TIMESTAMPTZ;
    } else if (column->kind == TARN__LIVE_DOC ||
        column->kind == TARN__LIVE_PATH) {
        out.type = TARN_JSON;
    } else if (column->kind == TARN__LIVE_FIELD) {
        switch (column->type) {
        case TARN__ROW_BIGINT:
            out.type = TARN_INT64;
            break;
        case TARN__ROW_DOUBLE:
            out.type = TARN_DOUBLE;
            break;
        case TARN__ROW_BOOLEAN:
            out.type = TARN_BOOL;
            break;
        case TARN__ROW_TIMESTAMP:
            out.type = TARN_TIME;
            break;
        case TARN__ROW_DATE:
            out.type = TARN_INT64;
            *type = TARN__FEED_DATE;
            break;
        case TARN__ROW_VARCHAR:
            break;
        default:
            out.type = TARN_JSON;
            break;
        }
    }
    return out;
}

void tarn__live_put(const tarn__live_column *column,
    const tarn__live_datum *datum, tarn__feed_chunk *chunk, size_t col,
    size_t row)
{
    switch (datum->tag) {
    case TARN__LIVE_NULL:
        tarn__feed_null(chunk, col, row);
        return;
    case TARN__LIVE_F64:
        tarn__feed_double(chunk, col, row, datum->f64);
        return;
    case TARN__LIVE_BYTES:
        tarn__feed_text(chunk, col, row, datum->bytes);
        return;
    case TARN__LIVE_I64:
        break;
    }
    if (column->kind == TARN__LIVE_FIELD && column->type == TARN__ROW_BOOLEAN)
        tarn__feed_bool(chunk, col, row, datum->i64 != 0);
    else if (column->kind == TARN__LIVE_FIELD && column->type == TARN__ROW_DATE)
        tarn__feed_date(chunk, col, row, (int32_t)datum->i64);
    else
        tarn__feed_i64(chunk, col, row, datum->i64);
}
