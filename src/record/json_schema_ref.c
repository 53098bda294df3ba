/* Walking over a schema's text: parts, JSON pointers, $ref, $anchor. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/json_schema_internal.h"

static bool name_is(const tarn__json_scan_value *name, tarn_slice want)
{
    if (!name->escaped)
        return tarn__slice_eq(name->text, want);
    /* An escape takes at least as many bytes as what it stands for. */
    if (name->text.len < want.len || name->text.len > 6 * want.len)
        return false;
    char *text = tarn__malloc(name->text.len);
    bool same = text != NULL &&
        tarn__slice_eq(
            (tarn_slice){text, tarn__json_scan_unescape(name->text, text)},
            want);
    tarn__free(text);
    return same;
}

tarn__schema_parts tarn__schema_parts_of(const tarn__json_scan_value *whole)
{
    tarn__schema_parts parts = {.kind = whole->kind};
    if (whole->kind == TARN__JSON_OBJECT || whole->kind == TARN__JSON_ARRAY)
        parts.scan = tarn__json_scan_of(whole->text);
    return parts;
}

bool tarn__schema_next(tarn__schema_parts *parts)
{
    bool more = false;
    parts->name.kind = TARN__JSON_STRING;
    if (parts->kind == TARN__JSON_OBJECT)
        return tarn__json_scan_member(
                   &parts->scan, &parts->state, &parts->name, &parts->value) &&
            parts->name.text.ptr != NULL;
    return parts->kind == TARN__JSON_ARRAY &&
        tarn__json_scan_item(&parts->scan, &parts->state, &more) && more &&
        tarn__json_scan_next(&parts->scan, &parts->value);
}

size_t tarn__schema_count_parts(const tarn__json_scan_value *whole)
{
    tarn__schema_parts parts = tarn__schema_parts_of(whole);
    size_t count = 0;
    while (tarn__schema_next(&parts))
        count++;
    return count;
}

static bool member_of(
    tarn_slice object, tarn_slice want, tarn__json_scan_value *out)
{
    tarn__json_scan_value whole = {TARN__JSON_OBJECT, false, object};
    tarn__schema_parts parts = tarn__schema_parts_of(&whole);
    while (tarn__schema_next(&parts))
        if (name_is(&parts.name, want)) {
            *out = parts.value;
            return true;
        }
    return false;
}

bool tarn__schema_get(
    tarn_slice object, const char *name, tarn__json_scan_value *out)
{
    return member_of(object, tarn_str(name), out);
}

static bool item_of(
    tarn_slice array, tarn_slice index, tarn__json_scan_value *out)
{
    uint64_t want;
    char text[24];
    if (index.len == 0 || index.len >= sizeof text || index.ptr[0] == '+' ||
        (index.len > 1 && index.ptr[0] == '0'))
        return false;
    memcpy(text, index.ptr, index.len);
    text[index.len] = '\0';
    if (!tarn__parse_u64(text, &want))
        return false;
    tarn__json_scan_value whole = {TARN__JSON_ARRAY, false, array};
    tarn__schema_parts parts = tarn__schema_parts_of(&whole);
    while (tarn__schema_next(&parts))
        if (want-- == 0) {
            *out = parts.value;
            return true;
        }
    return false;
}

/* --- where something stands --- */

static void add(char *out, size_t size, tarn_slice token)
{
    size_t len = strlen(out);
    if (len + 2 >= size)
        return;
    out[len++] = '/';
    for (size_t i = 0; i < token.len && len + 3 < size; i++) {
        char c = token.ptr[i];
        if (c == '~' || c == '/') {
            out[len++] = '~';
            out[len++] = c == '~' ? '0' : '1';
        } else {
            out[len++] = c;
        }
    }
    out[tarn__utf8_cut((tarn_slice){out, len}, len)] = '\0';
}

static bool holds(const tarn__json_scan_value *value, const char *at)
{
    return at >= value->text.ptr && at < value->text.ptr + value->text.len;
}

/* The part of `value` that holds `at`, with its name or index. */
static bool part_at(const tarn__json_scan_value *value, const char *at,
    char index[24], tarn_slice *token, tarn__json_scan_value *part)
{
    tarn__schema_parts parts = tarn__schema_parts_of(value);
    bool object = value->kind == TARN__JSON_OBJECT;
    for (size_t i = 0; tarn__schema_next(&parts); i++)
        if (holds(&parts.value, at) || (object && holds(&parts.name, at))) {
            snprintf(index, 24, "%zu", i);
            *token = object ? parts.name.text : tarn_str(index);
            *part = parts.value;
            return true;
        }
    return false;
}

void tarn__schema_pointer(
    tarn_slice source, const char *at, char *out, size_t size)
{
    tarn__json_scan s = tarn__json_scan_of(source);
    tarn__json_scan_value value;
    tarn__json_scan_value part;
    char index[24];
    tarn_slice token;
    snprintf(out, size, "#");
    if (!tarn__json_scan_next(&s, &value))
        return;
    while (value.text.ptr != at && part_at(&value, at, index, &token, &part)) {
        add(out, size, token);
        value = part;
    }
}

/* --- $ref --- */

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 -> A, in place; false: a percent sign without two digits. */
static bool unpercent(char *text, size_t *len)
{
    size_t to = 0;
    for (size_t i = 0; i < *len; i++, to++) {
        text[to] = text[i];
        if (text[i] != '%')
            continue;
        int high = i + 2 < *len ? hex_value(text[i + 1]) : -1;
        int low = i + 2 < *len ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        text[to] = (char)(high * 16 + low);
        i += 2;
    }
    *len = to;
    return true;
}

/* ~1 -> /, ~0 -> ~, in place. */
static bool untilde(char *text, size_t *len)
{
    size_t to = 0;
    for (size_t i = 0; i < *len; i++, to++) {
        text[to] = text[i];
        if (text[i] != '~')
            continue;
        if (i + 1 == *len || (text[i + 1] != '0' && text[i + 1] != '1'))
            return false;
        text[to] = text[i + 1] == '0' ? '~' : '/';
        i++;
    }
    *len = to;
    return true;
}

/* "/$defs/x" from the document's start. */
static bool follow(
    tarn_slice source, char *pointer, size_t len, tarn__json_scan_value *out)
{
    tarn__json_scan s = tarn__json_scan_of(source);
    if (!tarn__json_scan_next(&s, out))
        return false;
    char *end = pointer + len;
    while (pointer < end) {
        if (*pointer++ != '/')
            return false;
        char *slash = memchr(pointer, '/', (size_t)(end - pointer));
        char *stop = slash != NULL ? slash : end;
        size_t token_len = (size_t)(stop - pointer);
        if (!untilde(pointer, &token_len))
            return false;
        tarn_slice token = {pointer, token_len};
        tarn_slice within = out->text;
        if (out->kind == TARN__JSON_OBJECT      ? !member_of(within, token, out)
                : out->kind == TARN__JSON_ARRAY ? !item_of(within, token, out)
                                                : true)
            return false;
        pointer = stop;
    }
    return true;
}

/* The object whose $anchor is `name`: the text is searched, place by place. */
static bool anchored(
    tarn_slice source, tarn_slice name, tarn__json_scan_value *out)
{
    const char *end = source.ptr + source.len;
    for (const char *at = source.ptr; at < end; at++) {
        if (*at == '"') { /* past a string: no brace in it counts */
            tarn__json_scan skip = {at, end, NULL, false};
            if (!tarn__json_scan_next(&skip, out))
                return false;
            at = skip.at - 1;
            continue;
        }
        tarn__json_scan s = {at, end, NULL, false};
        tarn__json_scan_value anchor;
        if (*at == '{' && tarn__json_scan_next(&s, out) &&
            tarn__schema_get(out->text, "$anchor", &anchor) &&
            anchor.kind == TARN__JSON_STRING && name_is(&anchor, name))
            return true;
    }
    return false;
}

tarn_status tarn__schema_ref(tarn__schema_compiler *c,
    const tarn__json_scan_value *ref, tarn__schema_node **out)
{
    const char *at = ref->text.ptr;
    tarn_slice source = c->schema->source;
    tarn_slice text;
    tarn_status st = tarn__schema_string(c, ref, &text);
    if (st != TARN_OK)
        return st;
    char *fragment = memchr(text.ptr, '#', text.len);
    tarn__json_scan_value id;
    size_t base_len =
        fragment != NULL ? (size_t)(fragment - text.ptr) : text.len;
    bool within = base_len == 0 && fragment != NULL;
    if (!within && tarn__schema_get(source, "$id", &id) &&
        id.kind == TARN__JSON_STRING)
        within = name_is(&id, (tarn_slice){text.ptr, base_len});
    if (!within)
        return tarn__schema_refuse(c, at,
            "'%.80s' is not in this document (only references that begin "
            "with '#' are followed)",
            text.ptr);
    size_t len = text.len - base_len;
    bool found = true;
    tarn__json_scan_value value;
    char none[] = "";
    char *pointer = fragment != NULL ? fragment + 1 : none;
    len -= fragment != NULL;
    if (len == 0)
        found = follow(source, none, 0, &value);
    else if (!unpercent(pointer, &len))
        found = false;
    else if (*pointer == '/')
        found = follow(source, pointer, len, &value);
    else
        found = anchored(source, (tarn_slice){pointer, len}, &value);
    if (!found)
        return tarn__schema_refuse(
            c, at, "nothing stands where the reference leads");
    return tarn__schema_node_of(c, &value, out);
}
