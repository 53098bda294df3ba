/* Layouts: the text that types a row's prefix, and its fields as a tree. */
#include "base/error.h"
#include "base/str.h"
#include "lake/record_row.h"

static tarn_status malformed(tarn_slice text, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "record layout \"%.*s\": malformed (restore the log from a remote)",
        (int)(text.len < 200 ? text.len : 200), text.ptr);
}

static bool number_of(tarn_slice *text, uint32_t *out)
{
    uint64_t v = 0;
    size_t i = 0;

    for (; i < text->len && text->ptr[i] >= '0' && text->ptr[i] <= '9'; i++) {
        v = v * 10 + (uint64_t)(text->ptr[i] - '0');
        if (v > UINT32_MAX)
            return false;
    }
    if (i == 0 || v == 0 || i == text->len || text->ptr[i] != ';')
        return false;
    *out = (uint32_t)v;
    *text = (tarn_slice){text->ptr + i + 1, text->len - i - 1};
    return true;
}

static size_t count_of(tarn_slice s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == c;
    return n;
}

/* One name of a pointer, up to the next '/', without its escapes. */
static bool read_name(tarn_slice *pointer, tarn__arena *arena, tarn_slice *out)
{
    const char *end = memchr(pointer->ptr + 1, '/', pointer->len - 1);
    size_t len =
        (end != NULL ? (size_t)(end - pointer->ptr) : pointer->len) - 1;
    char *to = tarn__arena_alloc(arena, len + 1);

    out->ptr = to;
    out->len = 0;
    if (to == NULL)
        return true; /* the caller looks */
    for (size_t i = 0; i < len; i++) {
        char c = pointer->ptr[1 + i];
        if (c == '~') {
            if (++i == len)
                return false;
            c = pointer->ptr[1 + i];
            if (c < '0' || c > '2')
                return false;
            c = "~/,"[c - '0'];
        }
        to[out->len++] = c;
    }
    *pointer = (tarn_slice){pointer->ptr + 1 + len, pointer->len - 1 - len};
    return out->len <= TARN__ROW_MAX_NAME_BYTES;
}

static bool is_type(char c)
{
    return c != '\0' && strchr("idbstD", c) != NULL;
}

static tarn_status parse_field(tarn__row_layout *layout, tarn_slice text,
    tarn__row_field *out, bool *ok, tarn_error *err)
{
    tarn_slice pointer = {text.ptr + 1, text.len - 1};
    tarn_slice *path;

    *ok = false;
    if (text.len < 2 || !is_type(text.ptr[0]) || text.ptr[1] != '/')
        return TARN_OK;
    out->type = (tarn__row_type)text.ptr[0];
    out->depth = 0;
    path = tarn__arena_alloc(
        &layout->memory, count_of(pointer, '/') * sizeof *path);
    if (path == NULL)
        return tarn__no_memory(err);
    while (pointer.len > 0) {
        tarn_slice *name = &path[out->depth++];
        if (!read_name(&pointer, &layout->memory, name))
            return TARN_OK;
        if (name->ptr == NULL)
            return tarn__no_memory(err);
    }
    out->path = path;
    *ok = true;
    return TARN_OK;
}

static tarn_status parse_fields(
    tarn__row_layout *layout, tarn_slice text, bool *ok, tarn_error *err)
{
    size_t count = count_of(text, ',') + 1;
    tarn_status st = TARN_OK;

    *ok = false;
    if (count > TARN__ROW_MAX_FIELDS)
        return TARN_OK;
    layout->fields =
        tarn__arena_alloc(&layout->memory, count * sizeof *layout->fields);
    if (layout->fields == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const char *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma != NULL ? (size_t)(comma - text.ptr) : text.len;
        tarn_slice one = {text.ptr, len};
        *ok = len >= 2;
        if (*ok)
            st = parse_field(layout, one, &layout->fields[i], ok, err);
        if (st != TARN_OK || !*ok)
            return st;
        if (comma != NULL)
            text = (tarn_slice){comma + 1, text.len - len - 1};
    }
    layout->field_count = (uint16_t)count;
    return TARN_OK;
}

/* The child of this name, made when missing. */
static int child_of(
    tarn__row_member *members, int *used, int parent, tarn_slice name)
{
    int *link = &members[parent].first_child;

    while (*link >= 0) {
        if (tarn__slice_eq(members[*link].name, name))
            return *link;
        link = &members[*link].next_sibling;
    }
    *link = *used;
    members[*used] = (tarn__row_member){name, -1, -1, -1};
    return (*used)++;
}

/* false: a field stands there twice. */
static tarn_status make_members(
    tarn__row_layout *layout, bool *ok, tarn_error *err)
{
    size_t most = 1;
    int used = 1;

    for (int i = 0; i < layout->field_count; i++)
        most += layout->fields[i].depth;
    layout->members =
        tarn__arena_alloc(&layout->memory, most * sizeof *layout->members);
    if (layout->members == NULL)
        return tarn__no_memory(err);
    layout->members[0] = (tarn__row_member){{NULL, 0}, -1, -1, -1};
    *ok = true;
    for (int i = 0; i < layout->field_count; i++) {
        const tarn__row_field *f = &layout->fields[i];
        int at = 0;
        for (size_t d = 0; d < f->depth; d++)
            at = child_of(layout->members, &used, at, f->path[d]);
        *ok = *ok && layout->members[at].field < 0;
        layout->members[at].field = i;
    }
    return TARN_OK;
}

tarn_status tarn__row_layout_parse(
    tarn_slice text, tarn__row_layout **out, tarn_error *err)
{
    tarn__row_layout *layout = tarn__calloc(1, sizeof *layout);
    tarn_slice rest = text;
    bool ok = true;
    tarn_status st = TARN_OK;

    *out = NULL;
    if (layout == NULL)
        return tarn__no_memory(err);
    if (text.len > 0)
        ok = number_of(&rest, &layout->number);
    if (ok && text.len > 0)
        st = parse_fields(layout, rest, &ok, err);
    if (st == TARN_OK && ok)
        st = make_members(layout, &ok, err);
    if (st == TARN_OK && !ok)
        st = malformed(text, err);
    if (st != TARN_OK) {
        tarn__row_layout_free(layout);
        return st;
    }
    *out = layout;
    return TARN_OK;
}

void tarn__row_layout_free(tarn__row_layout *layout)
{
    if (layout == NULL)
        return;
    tarn__arena_reset(&layout->memory);
    tarn__free(layout);
}

tarn_status tarn__row_field_text(tarn_buf *out, tarn__row_type type,
    const tarn_slice *path, size_t depth, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, (char)type, err);

    for (size_t d = 0; d < depth && st == TARN_OK; d++) {
        st = tarn__buf_char(out, '/', err);
        for (size_t i = 0; i < path[d].len && st == TARN_OK; i++) {
            char c = path[d].ptr[i];
            const char *at = c != '\0' ? strchr("~/,", c) : NULL;
            char escaped[2] = {'~', (char)('0' + (at - "~/,"))};
            st = at == NULL ? tarn__buf_char(out, c, err)
                            : tarn__buf_append(out, escaped, 2, err);
        }
    }
    return st;
}
