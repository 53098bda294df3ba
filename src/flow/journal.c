/* What happened, a line at a time. */
#include "flow/journal.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/run_folder.h"
#include "os/file.h"
#include "os/threads.h"

#define LOG_MAX ((size_t)1024 * 1024 * 1024)

typedef struct log {
    tarn__file file;
    uint64_t at;
} log;

struct tarn__journal {
    char *run;
    const tarn__flow_secrets *secrets;
    tarn__mutex lock;
    log events;
    log metrics;
    tarn_status status; /* of the first trouble */
    tarn_error trouble;
};

/* Where the last whole line ends. */
static tarn_status find_end(log *l, tarn_error *err)
{
    tarn__stat stat;
    char block[4096];
    tarn_status st = tarn__file_stat(&l->file, &stat, err);
    l->at = st == TARN_OK ? stat.size_bytes : 0;
    while (st == TARN_OK && l->at > 0) {
        uint64_t from = l->at < sizeof(block) ? 0 : l->at - sizeof(block);
        size_t got = 0;
        st = tarn__file_read_at(
            &l->file, from, block, (size_t)(l->at - from), &got, err);
        while (got > 0 && block[got - 1] != '\n')
            got--;
        l->at = from + got;
        if (got > 0)
            break;
    }
    return st == TARN_OK && l->at < stat.size_bytes
        ? tarn__file_truncate(&l->file, l->at, err)
        : st;
}

static tarn_status open_log(
    log *l, const char *dir, const char *name, tarn_error *err)
{
    l->file = (tarn__file)TARN__FILE_INIT;
    char *path = tarn__run_path(dir, "logs", name, ".jsonl");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__file_open(&l->file, path, TARN__OPEN_READ_WRITE, err);
    tarn__free(path);
    return st == TARN_OK ? find_end(l, err) : st;
}

tarn_status tarn__journal_open(const char *dir, const char *run,
    const tarn__flow_secrets *secrets, tarn__journal **out, tarn_error *err)
{
    *out = NULL;
    tarn__journal *j = tarn__calloc(1, sizeof(*j));
    if (j == NULL)
        return tarn__no_memory(err);
    tarn__mutex_init(&j->lock);
    j->secrets = secrets;
    j->events.file = j->metrics.file = (tarn__file)TARN__FILE_INIT;
    j->run = tarn__strdup(run);
    tarn_status st = j->run == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = open_log(&j->events, dir, "events", err);
    if (st == TARN_OK)
        st = open_log(&j->metrics, dir, "metrics", err);
    if (st == TARN_OK) {
        *out = j;
        return TARN_OK;
    }
    (void)!tarn__journal_close(j, NULL);
    return st;
}

tarn_status tarn__journal_close(tarn__journal *j, tarn_error *err)
{
    if (j == NULL)
        return TARN_OK;
    tarn_status st = j->status;
    if (st != TARN_OK && err != NULL)
        *err = j->trouble;
    tarn__file_close(&j->events.file);
    tarn__file_close(&j->metrics.file);
    tarn__mutex_free(&j->lock);
    tarn__free(j->run);
    tarn__free(j);
    return st;
}

/* --- secrets --- */

static tarn_status mask_text(const tarn__flow_secrets *secrets,
    const char *text, size_t len, json_t **out, tarn_error *err)
{
    tarn_buf masked = TARN_BUF_INIT;
    tarn_slice slice = {text, len};
    tarn_status st = tarn__flow_secrets_mask(secrets, slice, &masked, err);
    *out = NULL;
    if (st == TARN_OK) {
        *out = json_stringn_nocheck(
            masked.ptr == NULL ? "" : masked.ptr, masked.len);
        if (*out == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&masked);
    return st;
}

/* Every text of a value, in place. */
static tarn_status mask(const tarn__flow_secrets *secrets, json_t *value,
    int depth, tarn_error *err)
{
    const char *key;
    json_t *member;
    size_t i;
    tarn_status st = TARN_OK;
    json_t *text;
    if (depth > 100)
        return tarn__fail(err, TARN_BAD_INPUT, "event: nested too deep");
    json_object_foreach(value, key, member)
    {
        if (st == TARN_OK && json_is_string(member)) {
            st = mask_text(secrets, json_string_value(member),
                json_string_length(member), &text, err);
            if (st == TARN_OK)
                (void)json_object_set_new_nocheck(value, key, text);
        } else if (st == TARN_OK) {
            st = mask(secrets, member, depth + 1, err);
        }
    }
    json_array_foreach(value, i, member)
    {
        if (st == TARN_OK && json_is_string(member)) {
            st = mask_text(secrets, json_string_value(member),
                json_string_length(member), &text, err);
            if (st == TARN_OK)
                (void)json_array_set_new(value, i, text);
        } else if (st == TARN_OK) {
            st = mask(secrets, member, depth + 1, err);
        }
    }
    return st;
}

/* --- lines --- */

static tarn_status begin(
    const tarn__journal *j, tarn_buf *line, tarn_error *err)
{
    char now[TARN__TIME_TEXT_BYTES];
    tarn_status st = tarn__buf_printf(line, err,
        "{\"ts\":\"%s\",\"run\":", tarn__time_format(tarn__now_us(), now));
    return st == TARN_OK ? tarn__json_quote(line, tarn_str(j->run), err) : st;
}

static tarn_status member(
    tarn_buf *line, const char *name, const char *text, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(line, err, ",\"%s\":", name);
    return st == TARN_OK ? tarn__json_quote(line, tarn_str(text), err) : st;
}

/* Whole lines, in order of time. */
static void put(tarn__journal *j, log *l, tarn_buf *line, tarn_status st,
    const tarn_error *err)
{
    tarn_error own = *err;
    tarn__mutex_lock(&j->lock);
    if (st == TARN_OK && j->status == TARN_OK)
        st = tarn__file_write_at(&l->file, l->at, line->ptr, line->len, &own);
    if (st == TARN_OK && j->status == TARN_OK)
        l->at += line->len;
    if (st != TARN_OK && j->status == TARN_OK) {
        j->status = st;
        j->trouble = own;
    }
    tarn__mutex_unlock(&j->lock);
    tarn_buf_reset(line);
}

void tarn__journal_event(
    tarn__journal *j, const char *event, const char *step, json_t *fields)
{
    tarn_buf line = TARN_BUF_INIT;
    tarn_buf more = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = begin(j, &line, &err);
    if (st == TARN_OK)
        st = member(&line, "event", event, &err);
    if (st == TARN_OK && step != NULL)
        st = member(&line, "step", step, &err);
    if (st == TARN_OK && json_object_size(fields) > 0) {
        st = mask(j->secrets, fields, 0, &err);
        if (st == TARN_OK)
            st = tarn__json_dump(fields, &more, &err);
        if (st == TARN_OK)
            st = tarn__buf_printf(
                &line, &err, ",%.*s", (int)more.len - 2, more.ptr + 1);
    }
    if (st == TARN_OK)
        st = tarn__buf_str(&line, "}\n", &err);
    tarn_buf_reset(&more);
    json_decref(fields);
    put(j, &j->events, &line, st, &err);
}

void tarn__journal_metric(
    tarn__journal *j, const char *step, const char *metric, double value)
{
    tarn_buf line = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = begin(j, &line, &err);
    if (st == TARN_OK && step != NULL)
        st = member(&line, "step", step, &err);
    if (st == TARN_OK)
        st = member(&line, "metric", metric, &err);
    if (st == TARN_OK)
        st = tarn__buf_str(&line, ",\"value\":", &err);
    /* Counts are whole numbers, and look like it. */
    if (st == TARN_OK && value >= -9007199254740992.0 &&
        value <= 9007199254740992.0 && value == (double)(int64_t)value)
        st = tarn__buf_printf(&line, &err, "%lld", (long long)value);
    else if (st == TARN_OK)
        st = tarn__json_double(&line, value, &err);
    if (st == TARN_OK)
        st = tarn__buf_str(&line, "}\n", &err);
    put(j, &j->metrics, &line, st, &err);
}
