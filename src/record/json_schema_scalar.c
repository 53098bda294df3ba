/* Numbers, strings and listed values against their keywords. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_canon.h"
#include "base/str.h"
#include "record/json_schema_check.h"

/* --- numbers --- */

static bool out_of(tarn__schema_check *c, const tarn__schema_place *place,
    tarn_slice text, const char *how, tarn_slice bound)
{
    return tarn__schema_fault(c, place, "%.*s %s %.*s", tarn__schema_cut(text),
        text.ptr, how, tarn__schema_cut(bound), bound.ptr);
}

bool tarn__schema_check_number(tarn__schema_check *c,
    const tarn__schema_numbers *rules, const tarn__json_number *n,
    tarn_slice text, const tarn__schema_place *place)
{
    const tarn__schema_bound *b = &rules->minimum;
    if (b->text.ptr != NULL && tarn__json_number_cmp(n, &b->number) < 0)
        return out_of(c, place, text, "is below the minimum", b->text);
    b = &rules->maximum;
    if (b->text.ptr != NULL && tarn__json_number_cmp(n, &b->number) > 0)
        return out_of(c, place, text, "is above the maximum", b->text);
    b = &rules->above;
    if (b->text.ptr != NULL && tarn__json_number_cmp(n, &b->number) <= 0)
        return out_of(c, place, text, "is not above", b->text);
    b = &rules->below;
    if (b->text.ptr != NULL && tarn__json_number_cmp(n, &b->number) >= 0)
        return out_of(c, place, text, "is not below", b->text);
    b = &rules->unit;
    return b->text.ptr == NULL ||
        tarn__json_number_is_multiple(n, &b->number) ||
        out_of(c, place, text, "is no multiple of", b->text);
}

/* --- strings --- */

bool tarn__schema_plain(
    tarn__schema_check *c, const tarn__json_scan_value *v, tarn_slice *out)
{
    *out = v->text;
    if (!v->escaped)
        return true;
    tarn__buf_clear(&c->text);
    tarn_status st = tarn__buf_reserve(&c->text, v->text.len, c->err);
    if (st != TARN_OK)
        return tarn__schema_hard(c, st);
    c->text.len = tarn__json_scan_unescape(v->text, c->text.ptr);
    *out = tarn__buf_slice(&c->text);
    return true;
}

bool tarn__schema_match(tarn__schema_check *c, const tarn__regex *regex,
    tarn_slice text, bool *match, const tarn__schema_place *place)
{
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__regex_match(regex, text, &c->room, match, &why);
    if (st == TARN_OK)
        return true;
    if (st != TARN_BAD_INPUT)
        return tarn__schema_hard(c, tarn__no_memory(c->err));
    c->quiet = false;
    (void)tarn__schema_fault(c, place, "%s", why.message);
    return tarn__schema_hard(c, TARN_BAD_INPUT);
}

static uint64_t code_points(tarn_slice text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool length_ok(tarn__schema_check *c, const tarn__schema_strings *rules,
    tarn_slice text, const tarn__schema_place *place)
{
    if (text.len / 4 >= rules->min_length && text.len <= rules->max_length)
        return true;
    uint64_t count = code_points(text);
    if (count < rules->min_length)
        return tarn__schema_fault(c, place,
            "has %" PRIu64 " characters, at least %" PRIu64 " are needed",
            count, rules->min_length);
    return count <= rules->max_length ||
        tarn__schema_fault(c, place,
            "has %" PRIu64 " characters, at most %" PRIu64 " are allowed",
            count, rules->max_length);
}

bool tarn__schema_check_string(tarn__schema_check *c,
    const tarn__schema_strings *rules, const tarn__json_scan_value *v,
    const tarn__schema_place *place)
{
    tarn_slice text;
    bool match = true;
    if (!tarn__schema_plain(c, v, &text) || !length_ok(c, rules, text, place))
        return false;
    if (rules->format != TARN__FORMAT_NONE &&
        !tarn__schema_format_ok(rules->format, text))
        return tarn__schema_fault(c, place, "'%.*s' is no %s",
            tarn__schema_cut(text), text.ptr,
            tarn__schema_format_name(rules->format));
    if (rules->pattern == NULL)
        return true;
    if (!tarn__schema_match(c, rules->pattern, text, &match, place))
        return false;
    return match ||
        tarn__schema_fault(c, place, "'%.*s' does not match the pattern %.*s",
            tarn__schema_cut(text), text.ptr,
            tarn__schema_cut(rules->pattern_text), rules->pattern_text.ptr);
}

/* --- enum and const --- */

/* A form of a string without escapes: 9 bytes before its text. */
static bool is_text(tarn_slice form, tarn_slice text)
{
    return form.len == text.len + 9 && form.ptr[0] == 's' &&
        memcmp(form.ptr + 9, text.ptr, text.len) == 0;
}

static int by_bytes(const void *a, const void *b)
{
    return tarn__slice_cmp(*(const tarn_slice *)a, *(const tarn_slice *)b);
}

static bool listed(tarn__schema_check *c, const tarn__schema_values *rules,
    tarn_slice text, bool *found)
{
    *found = false;
    if (text.ptr[0] == '"' && rules->count <= 16 &&
        memchr(text.ptr, '\\', text.len) == NULL) {
        tarn_slice inner = {text.ptr + 1, text.len - 2};
        for (size_t i = 0; i < rules->count && !*found; i++)
            *found = is_text(rules->forms[i], inner);
        return true;
    }
    size_t before = c->forms.len;
    tarn_status st = tarn__json_canon(text, &c->forms, c->err);
    if (st != TARN_OK)
        return tarn__schema_hard(c, st);
    tarn_slice form = {c->forms.ptr + before, c->forms.len - before};
    *found = bsearch(&form, rules->forms, rules->count, sizeof *rules->forms,
                 by_bytes) != NULL;
    c->forms.len = before;
    return true;
}

bool tarn__schema_check_values(tarn__schema_check *c,
    const tarn__schema_values *rules, tarn_slice text,
    const tarn__schema_place *place)
{
    bool found;
    if (!listed(c, rules, text, &found))
        return false;
    return found ||
        out_of(c, place, text, rules->is_const ? "is not" : "is none of",
            rules->text);
}
