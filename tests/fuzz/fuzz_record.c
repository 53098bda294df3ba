/* Records: lines as users write them, rows, layouts and meta as a view or a log
 * may hold them.  They are refused, or mean what they say.
 *
 * The first byte chooses what the rest is. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "lake/keys.h"
#include "record/record_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char layout_text[] =
    "7;s/name,i/age,d/n,b/b,t/t,D/d,s/a/b,i/a/c/d,s/x~1y~0z~2w";

static tarn__row_layout *layout_of(tarn_slice text)
{
    tarn__row_layout *layout;

    if (tarn__row_layout_parse(text, &layout, NULL) != TARN_OK)
        return NULL;
    return layout;
}

/* Every slot of a row that decodes can be read. */
static size_t look_at(tarn_slice payload)
{
    tarn__row row;
    size_t sum = 0;

    if (!tarn__row_decode(payload, &row))
        return 0;
    for (size_t i = 0; i < row.field_count; i++) {
        tarn_slice text;
        bool escaped;
        sum += (size_t)tarn__row_state_of(&row, i);
        sum += tarn__row_double(&row, i) > 0;
        sum += (size_t)tarn__row_i64(&row, i) & 1;
        if (tarn__row_text(&row, i, &text, &escaped) && text.len > 0)
            sum += (uint8_t)text.ptr[text.len - 1];
    }
    if (row.key.len > 0)
        sum += (uint8_t)row.key.ptr[row.key.len - 1];
    return sum;
}

static void row(tarn_slice in)
{
    (void)look_at(in);
}

static void layout(tarn_slice in)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn__row_layout *l = layout_of(in);

    if (l == NULL)
        return;
    /* One text a field. */
    for (size_t i = 0; i < l->field_count; i++) {
        const tarn__row_field *f = &l->fields[i];
        (void)!tarn__buf_str(&text, i == 0 ? "1;" : ",", NULL);
        (void)!tarn__row_field_text(&text, f->type, f->path, f->depth, NULL);
    }
    if (l->field_count > 0) {
        tarn__row_layout *again = layout_of(tarn__buf_slice(&text));
        assert(again != NULL && again->field_count == l->field_count);
        tarn__row_layout_free(again);
    }
    tarn__row_layout_free(l);
    tarn_buf_reset(&text);
}

static void meta(tarn_slice in)
{
    tarn__record_meta m = TARN__RECORD_META_INIT;
    tarn__record_meta back = TARN__RECORD_META_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool ok;

    if (tarn__record_meta_read(in, &m, &ok, NULL) == TARN_OK && ok &&
        tarn__record_meta_write(&text, &m, NULL) == TARN_OK) {
        assert(tarn__record_meta_read(
                   tarn__buf_slice(&text), &back, &ok, NULL) == TARN_OK &&
            ok);
        assert(back.has_key == m.has_key && back.key.len == m.key.len &&
            back.deleted == m.deleted && back.created_us == m.created_us);
        assert(tarn__slice_eq(back.layout, m.layout));
    }
    tarn__record_meta_reset(&m);
    tarn__record_meta_reset(&back);
    tarn_buf_reset(&text);
}

static bool is_object(tarn_slice in)
{
    tarn__json_scan scan = tarn__json_scan_of(in);
    tarn__json_scan_value value;

    return tarn__json_scan_next(&scan, &value) &&
        value.kind == TARN__JSON_OBJECT && tarn__json_scan_end(&scan);
}

/* A line: its key, its row, and itself merged with itself, which changes
 * nothing. */
static void line(tarn_slice in)
{
    tarn_slice json = tarn__record_trim(in);
    tarn__record_key_of key = TARN__RECORD_KEY_OF_INIT;
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf merged = TARN_BUF_INIT;
    tarn__row_layout *l = layout_of(tarn_str(layout_text));
    const tarn__row_source source = {.layout = l, .json = json};
    tarn__row back;

    if (l != NULL && is_object(json)) {
        (void)!tarn__record_key_find(json, "email", &key, NULL);
        assert(tarn__row_encode(&payload, &source, NULL) == TARN_OK);
        assert(tarn__row_decode(tarn__buf_slice(&payload), &back));
        assert(tarn__slice_eq(back.json, json));
        (void)look_at(tarn__buf_slice(&payload));
        if (tarn__record_merge(json, json, &merged, NULL) == TARN_OK)
            assert(tarn__slice_eq(tarn__buf_slice(&merged), json));
    }
    tarn__row_layout_free(l);
    tarn__record_key_reset(&key);
    tarn_buf_reset(&payload);
    tarn_buf_reset(&merged);
}

/* Two documents, parted by a NUL: what changes, and what it changes. */
static void merge(tarn_slice in)
{
    const char *nul = memchr(in.ptr, 0, in.len);
    tarn_buf merged = TARN_BUF_INIT;

    if (nul == NULL)
        return;
    tarn_slice json = {in.ptr, (size_t)(nul - in.ptr)};
    tarn_slice changes = {nul + 1, in.len - json.len - 1};
    json = tarn__record_trim(json);
    if (is_object(json) &&
        tarn__record_merge(json, changes, &merged, NULL) == TARN_OK)
        assert(is_object(tarn__buf_slice(&merged)));
    tarn_buf_reset(&merged);
}

static tarn_status look(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    size_t *sum = arg;

    (void)err;
    assert(family == TARN__FAMILY_RECORD || family == TARN__FAMILY_KEY);
    *sum += key.len;
    if (family == TARN__FAMILY_RECORD && payload.ptr != NULL)
        *sum += look_at(payload);
    return TARN_OK;
}

/* Meta and content, parted by a NUL, in an operation that is else good. */
static void operation(tarn_slice in)
{
    const char *nul = memchr(in.ptr, 0, in.len);
    tarn__op op = TARN__OP_INIT;
    size_t sum = 0;

    if (nul == NULL)
        return;
    op.space = "record";
    op.tenant = tarn_str("default");
    op.kind = tarn_str("t");
    op.key = tarn_str("00000000-0000-8000-8000-000000000001");
    op.meta = (tarn_slice){in.ptr, (size_t)(nul - in.ptr)};
    op.content = (tarn_slice){nul + 1, in.len - op.meta.len - 1};
    op.size_bytes = (int64_t)op.content.len;
    for (int type = TARN__OP_PUT; type <= TARN__OP_DELETE; type++) {
        op.type = (tarn__op_type)type;
        (void)!tarn__op_apply(&op, NULL, look, &sum, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static void (*const readers[])(tarn_slice) = {
        row, layout, meta, line, merge, operation};

    if (len == 0)
        return 0;
    /* A copy of its own, so that reading beyond it is seen. */
    char *copy = malloc(len);
    if (copy == NULL)
        return 0;
    memcpy(copy, bytes + 1, len - 1);
    readers[bytes[0] % (sizeof readers / sizeof readers[0])](
        (tarn_slice){copy, len - 1});
    free(copy);
    return 0;
}
