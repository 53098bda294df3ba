#include "tree/path.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"

tarn__parts tarn__parts_of(tarn_slice path)
{
    tarn__parts parts = {path.ptr, path.ptr};
    if (path.len > 0)
        parts.end = path.ptr + path.len;
    return parts;
}

bool tarn__parts_next(tarn__parts *parts, tarn_slice *name)
{
    while (parts->ptr < parts->end && *parts->ptr == '/')
        parts->ptr++;
    if (parts->ptr == parts->end)
        return false;
    name->ptr = parts->ptr;
    while (parts->ptr < parts->end && *parts->ptr != '/')
        parts->ptr++;
    name->len = (size_t)(parts->ptr - name->ptr);
    return true;
}

/* Enough of a name for a message. */
static int shown(tarn_slice name)
{
    return (int)tarn__utf8_cut(name, 60);
}

tarn_status tarn__name_check(tarn_slice name, tarn_error *err)
{
    if (name.len == 0)
        return tarn__fail(
            err, TARN_INVALID, "a name: is empty (give it 1 to 255 bytes)");
    if (!tarn__utf8_valid(name))
        return tarn__fail(err, TARN_INVALID,
            "the name '%.*s': is not UTF-8 (rename it)", shown(name), name.ptr);
    if (name.len > TARN__NAME_MAX_BYTES)
        return tarn__fail(err, TARN_INVALID,
            "the name '%.*s...': has %zu bytes (255 are the most)", shown(name),
            name.ptr, name.len);
    if (memchr(name.ptr, '\0', name.len) != NULL ||
        memchr(name.ptr, '/', name.len) != NULL)
        return tarn__fail(err, TARN_INVALID,
            "the name '%.*s': holds '/' or NUL (a name cannot)", shown(name),
            name.ptr);
    if (tarn__slice_is(name, ".") || tarn__slice_is(name, ".."))
        return tarn__fail(err, TARN_INVALID,
            "the name '%.*s': means a folder (use another)", (int)name.len,
            name.ptr);
    return TARN_OK;
}

/* Take the last name away. */
static void cut_name(tarn_buf *out, size_t start)
{
    while (out->len > start && out->ptr[out->len - 1] != '/')
        out->len--;
    if (out->len > start)
        out->len--;
}

tarn_status tarn__path_clean(tarn_slice path, tarn_buf *out, tarn_error *err)
{
    if (path.len == 0)
        return tarn__fail(
            err, TARN_INVALID, "a path: is empty ('/' is the root)");
    if (path.len > TARN__PATH_MAX_BYTES)
        return tarn__fail(err, TARN_INVALID,
            "a path: has %zu bytes (%d are the most)", path.len,
            TARN__PATH_MAX_BYTES);
    size_t start = out->len;
    tarn__parts parts = tarn__parts_of(path);
    tarn_slice name;
    while (tarn__parts_next(&parts, &name)) {
        if (tarn__slice_is(name, "."))
            continue;
        if (tarn__slice_is(name, "..")) {
            cut_name(out, start);
            continue;
        }
        tarn_status st = tarn__name_check(name, err);
        if (st == TARN_OK)
            st = tarn__buf_char(out, '/', err);
        if (st == TARN_OK)
            st = tarn__buf_append(out, name.ptr, name.len, err);
        if (st != TARN_OK)
            return st;
    }
    return out->len == start ? tarn__buf_char(out, '/', err) : TARN_OK;
}

bool tarn__path_within(tarn_slice outer, tarn_slice inner)
{
    if (outer.len == 1)
        return true;
    if (inner.len < outer.len || memcmp(outer.ptr, inner.ptr, outer.len) != 0)
        return false;
    return inner.len == outer.len || inner.ptr[outer.len] == '/';
}

tarn_slice tarn__path_name(tarn_slice path)
{
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/')
        at--;
    tarn_slice name = {path.ptr + at, path.len - at};
    return name;
}

bool tarn__path_names_folder(const char *path)
{
    tarn_slice name = tarn__path_name(tarn_str(path));
    return name.len == 0 || tarn__slice_is(name, ".") ||
        tarn__slice_is(name, "..");
}
