/* What a name in FROM stands for: a path, at a version. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "query/query_internal.h"

bool tarn__name_is_host(const char *text)
{
    return tarn__starts_with(text, "host:") || tarn__starts_with(text, "./") ||
        tarn__starts_with(text, "../");
}

static tarn_status pin_text(tarn__session *s, const char *version_or_time,
    tarn_snapshot **snap, tarn_error *err)
{
    int64_t version;
    tarn_status st = tarn_lake_resolve(s->lake, version_or_time, &version, err);
    if (st == TARN_INVALID) /* of the statement, not of the command */
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: no version and no time (such as 42 or 2026-01-31T12:00:00Z)",
            version_or_time);
    return st == TARN_OK ? tarn__session_pin(s, version, snap, err) : st;
}

tarn_status tarn__at_resolve(
    tarn__session *s, const json_t *at, tarn_snapshot **snap, tarn_error *err)
{
    *snap = s->snap;
    if (!json_is_object(at))
        return TARN_OK;
    const char *unit = tarn__json_text(at, "unit");
    const json_t *expr = json_object_get(at, "expr");
    const char *text = tarn__constant_text(expr);
    const json_t *value =
        json_object_get(json_object_get(expr, "value"), "value");
    char number[24];
    if (unit != NULL && tarn__eq_nocase(unit, "VERSION")) {
        int64_t version;
        if (json_is_integer(value)) {
            snprintf(number, sizeof(number), "%" PRId64,
                (int64_t)json_integer_value(value));
            return pin_text(s, number, snap, err);
        }
        if (text != NULL && tarn__parse_i64(text, &version))
            return pin_text(s, text, snap, err);
        return tarn__fail(err, TARN_BAD_INPUT,
            "AT (VERSION => ...): not a whole number (give a version such as "
            "42)");
    }
    if (unit != NULL && tarn__eq_nocase(unit, "TIMESTAMP")) {
        if (text != NULL)
            return pin_text(s, text, snap, err);
        return tarn__fail(err, TARN_BAD_INPUT,
            "AT (TIMESTAMP => ...): not a time (give one as text, such as "
            "'2026-01-31T12:00:00Z')");
    }
    return tarn__fail(err, TARN_BAD_INPUT,
        "AT (%s => ...): not known (VERSION or TIMESTAMP)",
        unit == NULL ? "" : unit);
}

/* Does a node of exactly this path exist?  Only its absence is no failure. */
static tarn_status exists(
    tarn_snapshot *snap, const char *path, bool *found, tarn_error *err)
{
    tarn__node node;
    tarn_buf payload = TARN_BUF_INIT;
    *found = false;
    tarn_status st = tarn__tree_resolve(snap, path, true, &node, &payload, err);
    tarn_buf_reset(&payload);
    if (st == TARN_OK)
        *found = true;
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

static tarn_status as_path(tarn_snapshot *snap, const char *path,
    tarn__name *out, bool *found, tarn_error *err)
{
    tarn_status st = exists(snap, path, found, err);
    out->snap = snap;
    out->path = path;
    out->glob = !*found && tarn__is_glob(path);
    *found = *found || out->glob;
    return st;
}

/* '/path@42': the part before the last '@', at what stands after it. */
static tarn_status as_versioned(tarn__session *s, const char *text,
    tarn__name *out, bool *found, tarn_error *err)
{
    const char *mark = strrchr(text, '@');
    *found = false;
    if (mark == NULL || mark[1] == '\0' || strchr(mark, '/') != NULL ||
        strchr("0123456789", mark[1]) == NULL)
        return TARN_OK;
    tarn_slice before = {text, (size_t)(mark - text)};
    const char *path = tarn__arena_copy(&s->arena, before).ptr;
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_snapshot *snap;
    tarn_status st = pin_text(s, mark + 1, &snap, err);
    if (st != TARN_OK) {
        tarn__error_prefix(err, "%s", text);
        return st;
    }
    return as_path(snap, path, out, found, err);
}

tarn_status tarn__name_resolve(tarn__session *s, const char *text,
    const json_t *at, tarn__name *out, tarn_error *err)
{
    *out = (tarn__name){NULL, NULL, false};
    if (text[0] != '/')
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: no such table (a path begins with '/' and stands in quotes)",
            text);
    tarn_snapshot *snap;
    bool found = false;
    tarn__name exact;
    tarn_status st = tarn__at_resolve(s, at, &snap, err);
    if (st == TARN_OK)
        st = as_path(snap, text, &exact, &found, err);
    if (st == TARN_OK && (!found || exact.glob) && !json_is_object(at)) {
        bool versioned;
        st = as_versioned(s, text, out, &versioned, err);
        if (st == TARN_OK && versioned)
            return TARN_OK;
    }
    if (st == TARN_OK && !found)
        return tarn__fail(err, TARN_NOT_FOUND,
            "%s: no such path at version %" PRId64 " (see tarn ls)", text,
            tarn_snapshot_version(snap));
    *out = exact;
    return st;
}
