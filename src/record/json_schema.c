#include "record/json_schema.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_canon.h"
#include "base/str.h"
#include "base/utf8.h"
#include "record/json_schema_internal.h"

#define MAX_NAME_BYTES 128

void tarn__json_schema_free(tarn__json_schema *schema)
{
    if (schema == NULL)
        return;
    tarn__regex_free_all(schema->regexes);
    tarn__arena arena = schema->arena;
    tarn__arena_reset(&arena);
    tarn__free(schema);
}

const char *tarn__json_schema_name(const tarn__json_schema *schema)
{
    return schema->name;
}

const char *tarn__json_schema_title(const tarn__json_schema *schema)
{
    return schema->title;
}

const char *tarn__json_schema_version(const tarn__json_schema *schema)
{
    return schema->version;
}

tarn_slice tarn__json_schema_source(const tarn__json_schema *schema)
{
    return schema->source;
}

bool tarn__json_schema_free_form(const tarn__json_schema *schema)
{
    return schema->free_form;
}

const char *tarn__json_schema_key(const tarn__json_schema *schema)
{
    return schema->key;
}

const tarn__json_schema_field *tarn__json_schema_fields(
    const tarn__json_schema *schema, size_t *count)
{
    *count = schema->field_count;
    return schema->fields;
}

const tarn__json_schema_field *tarn__json_schema_embed(
    const tarn__json_schema *schema, size_t *count)
{
    *count = schema->embed_count;
    return schema->embed;
}

const char *tarn__json_schema_metric(const tarn__json_schema *schema)
{
    return schema->metric;
}

tarn_status tarn__json_schema_layout(
    const tarn__json_schema *schema, tarn_buf *out, tarn_error *err)
{
    tarn_status st = TARN_OK;
    size_t count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < schema->field_count; i++) {
            const tarn__json_schema_field *f = &schema->fields[i];
            if (f->type == 0 || f->indexed != (pass == 0) ||
                count == TARN__ROW_MAX_FIELDS)
                continue;
            if (count++ > 0)
                st = tarn__buf_char(out, ',', err);
            if (st == TARN_OK)
                st = tarn__row_field_text(out, f->type, f->path, f->depth, err);
            if (st != TARN_OK)
                return st;
        }
    return TARN_OK;
}

/* --- one after the other --- */

static tarn_status same_document(const tarn__json_schema *a,
    const tarn__json_schema *b, bool *same, tarn_error *err)
{
    tarn_buf x = TARN_BUF_INIT;
    tarn_buf y = TARN_BUF_INIT;
    tarn_status st = tarn__json_canon(a->source, &x, err);
    if (st == TARN_OK)
        st = tarn__json_canon(b->source, &y, err);
    *same = st == TARN_OK &&
        tarn__slice_eq(tarn__buf_slice(&x), tarn__buf_slice(&y));
    tarn_buf_reset(&x);
    tarn_buf_reset(&y);
    return st;
}

tarn_status tarn__json_schema_change(const tarn__json_schema *old,
    const tarn__json_schema *next, bool migrate, bool *same, tarn_error *err)
{
    int order = tarn__semver_cmp(&next->semver, &old->semver);
    tarn_status st = same_document(old, next, same, err);
    if (st != TARN_OK || *same)
        return st;
    if (order == 0)
        return tarn__fail(err, TARN_CONFLICT,
            "%s: version %s is there with another text (give the changed "
            "schema a higher version)",
            next->name, old->version);
    if (order < 0)
        return tarn__fail(err, TARN_CONFLICT,
            "%s: version %s is below %s, which is there (a schema's version "
            "only rises)",
            next->name, next->version, old->version);
    if (next->semver.major != old->semver.major && !migrate)
        return tarn__fail(err, TARN_CONFLICT,
            "%s: from version %s to %s is a breaking change (--migrate puts it "
            "all the same, and leaves old records as they are; else keep to "
            "%" PRIu64 ".x)",
            next->name, old->version, next->version, old->semver.major);
    return TARN_OK;
}

bool tarn__record_table_name_valid(tarn_slice name)
{
    if (name.len == 0 || name.len > MAX_NAME_BYTES)
        return false;
    for (size_t at = 0; at < name.len;) {
        uint32_t code;
        size_t len = tarn__utf8_next(name, at, &code);
        bool letter =
            (code | 0x20) >= 'a' && (code | 0x20) <= 'z' && code < 0x80;
        bool digit = code >= '0' && code <= '9';
        bool blank = code == 0xA0 || code == 0x1680 || code == 0x3000 ||
            code == 0xFEFF || code == 0x202F || code == 0x205F ||
            (code >= 0x2000 && code <= 0x200F) ||
            (code >= 0x2028 && code <= 0x202E);
        if (len == 0 || (at == 0 && (digit || code == '-')) || blank ||
            (code < 0xA0 && !letter && !digit && code != '_' && code != '-'))
            return false;
        at += len;
    }
    return true;
}
