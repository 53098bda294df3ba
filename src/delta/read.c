/* Reading commits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "os/file.h"

tarn_status tarn__commit_slurp(const tarn__delta *delta, int64_t version,
    char **path, tarn_buf *text, tarn_error *err)
{
    *path = tarn__commit_path(delta, version);
    if (*path == NULL)
        return tarn__no_memory(err);
    tarn__buf_clear(text);
    tarn_status st =
        tarn__file_slurp(*path, TARN__DELTA_COMMIT_BYTES, text, err);
    if (st == TARN_OK)
        return TARN_OK;
    tarn__free(*path);
    *path = NULL;
    return tarn__as_corrupt(st, err);
}

/* The line that begins at *at; false at the end. */
static bool next_line(tarn_slice text, size_t *at, tarn_slice *line)
{
    if (*at >= text.len)
        return false;
    line->ptr = text.ptr + *at;
    const char *end = memchr(line->ptr, '\n', text.len - *at);
    line->len = end != NULL ? (size_t)(end - line->ptr) : text.len - *at;
    *at += line->len + 1;
    return true;
}

static bool is_blank(tarn_slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] != ' ' && line.ptr[i] != '\r' && line.ptr[i] != '\t')
            return false;
    return true;
}

/* One line into one action; `name` and `number` place it in messages. */
static tarn_status parse_line(const tarn__delta_options *options,
    tarn_slice line, const char *name, size_t number, tarn__action *out,
    tarn_error *err)
{
    char where[320];
    int len = snprintf(where, sizeof(where), "%.280s: line %zu", name, number);
    (void)len;
    json_t *json = NULL;
    tarn_status st = tarn__json_parse(line, where, &json, err);
    if (st != TARN_OK)
        return tarn__as_corrupt(st, err);
    st = tarn__action_parse(options, json, where, out, err);
    json_decref(json);
    return st;
}

tarn_status tarn__actions_each(const tarn__delta_options *options,
    tarn_slice text, const char *name, tarn__action_fn fn, void *arg,
    const bool *stop, tarn_error *err)
{
    tarn_slice line;
    size_t number = 0;
    size_t actions = 0;
    for (size_t at = 0; next_line(text, &at, &line);) {
        number++;
        if (is_blank(line))
            continue;
        tarn__action action;
        tarn_status st = parse_line(options, line, name, number, &action, err);
        if (st == TARN_OK) {
            st = fn(arg, &action, err);
            tarn__action_reset(&action);
        }
        if (st != TARN_OK)
            return st;
        actions++;
        if (stop != NULL && *stop)
            return TARN_OK;
    }
    if (actions == 0)
        return tarn__fail(
            err, TARN_CORRUPT, "%s: the file is empty (restore it)", name);
    return TARN_OK;
}

struct collect {
    tarn__delta_commit commit;
    size_t add_cap;
    size_t remove_cap;
};

static void take(char **to, char **from)
{
    tarn__free(*to);
    *to = *from;
    *from = NULL;
}

static tarn_status collect_action(
    void *arg, tarn__action *action, tarn_error *err)
{
    struct collect *c = arg;
    tarn__delta_commit *commit = &c->commit;
    void *raw;
    tarn_status st = TARN_OK;
    switch (action->kind) {
    case TARN__ACTION_ADD:
        raw = commit->adds;
        st = tarn__grow(&raw, &c->add_cap, commit->add_count + 1,
            sizeof(*commit->adds), err);
        commit->adds = raw;
        if (st != TARN_OK)
            return st;
        commit->adds[commit->add_count++] = action->file;
        action->file.path = NULL;
        action->file.stats = NULL;
        return TARN_OK;
    case TARN__ACTION_REMOVE:
        raw = commit->removes;
        st = tarn__grow(&raw, &c->remove_cap, commit->remove_count + 1,
            sizeof(*commit->removes), err);
        commit->removes = raw;
        if (st != TARN_OK)
            return st;
        commit->removes[commit->remove_count++] = action->file.path;
        action->file.path = NULL;
        return TARN_OK;
    case TARN__ACTION_COMMIT_INFO:
        commit->timestamp_ms = action->timestamp_ms;
        take(&commit->operation, &action->operation);
        take(&commit->tarn, &action->tarn);
        return TARN_OK;
    case TARN__ACTION_METADATA:
    case TARN__ACTION_PROTOCOL:
        break;
    }
    return TARN_OK;
}

/* The time of a commit that does not tell one. */
static tarn_status mtime_ms(const char *path, int64_t *ms, tarn_error *err)
{
    tarn__stat stat;
    tarn_status st = tarn__stat_path(path, true, &stat, err);
    if (st == TARN_OK)
        *ms = stat.mtime_us / 1000;
    return st;
}

tarn_status tarn__delta_read(tarn__delta *delta, int64_t version,
    tarn__delta_commit *out, tarn_error *err)
{
    static const tarn__delta_commit none = {.version = 0};
    *out = none;
    struct collect c = {.commit = {.version = version, .timestamp_ms = -1}};
    char *path = NULL;
    tarn_buf text = TARN_BUF_MAX(TARN__DELTA_COMMIT_BYTES);
    tarn_status st = tarn__commit_slurp(delta, version, &path, &text, err);
    if (st == TARN_OK)
        st = tarn__actions_each(&delta->options, tarn__buf_slice(&text), path,
            collect_action, &c, NULL, err);
    if (st == TARN_OK)
        st = tarn__sha256_of(tarn__buf_slice(&text), c.commit.sha256, err);
    if (st == TARN_OK && c.commit.timestamp_ms < 0)
        st = mtime_ms(path, &c.commit.timestamp_ms, err);
    if (st == TARN_OK && c.commit.operation == NULL)
        st = tarn__copy_text(&c.commit.operation, "UNKNOWN", err);
    tarn_buf_reset(&text);
    tarn__free(path);
    if (st != TARN_OK) {
        tarn__delta_commit_reset(&c.commit);
        return st;
    }
    *out = c.commit;
    return TARN_OK;
}

struct info {
    bool found;
    int64_t timestamp_ms;
    bool ours;
};

static tarn_status find_info(void *arg, tarn__action *action, tarn_error *err)
{
    (void)err;
    struct info *info = arg;
    if (action->kind == TARN__ACTION_COMMIT_INFO) {
        info->found = true;
        info->timestamp_ms = action->timestamp_ms;
        info->ours = action->tarn != NULL;
    }
    return TARN_OK;
}

tarn_status tarn__commit_info(const tarn__delta *delta, const char *path,
    tarn_slice text, int64_t *timestamp_ms, bool *ours, tarn_error *err)
{
    struct info info = {false, -1, false};
    *timestamp_ms = 0;
    *ours = false;
    tarn_status st = tarn__actions_each(
        &delta->options, text, path, find_info, &info, &info.found, err);
    if (st == TARN_OK && info.timestamp_ms < 0)
        st = mtime_ms(path, &info.timestamp_ms, err);
    if (st != TARN_OK)
        return st;
    *timestamp_ms = info.timestamp_ms;
    *ours = info.ours;
    return TARN_OK;
}
