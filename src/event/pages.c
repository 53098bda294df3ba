/* Profiles, page after page. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"
#include "event/fetch.h"
#include "os/http.h"

#define MAX_PAGE_BYTES (256U << 20)

typedef struct page {
    tarn_slice results; /* an array; NULL: none */
    tarn_slice session;
    tarn_slice number;
} page;

static bool is(const tarn__json_scan_value *name, const char *text)
{
    return !name->escaped && tarn__slice_is(name->text, text);
}

static bool read_page(tarn_slice text, page *out)
{
    tarn__json_scan s = tarn__json_scan_of(text);
    tarn__json_scan_value name = {TARN__JSON_NULL, false, {NULL, 0}};
    tarn__json_scan_value value = name;
    int state = 0;
    memset(out, 0, sizeof(*out));
    for (;;) {
        if (!tarn__json_scan_member(&s, &state, &name, &value))
            return false;
        if (name.text.ptr == NULL)
            break;
        if (is(&name, "results") && value.kind == TARN__JSON_ARRAY)
            out->results = value.text;
        else if (is(&name, "session_id") && value.kind == TARN__JSON_STRING &&
            !value.escaped)
            out->session = value.text;
        else if (is(&name, "page") && value.kind == TARN__JSON_NUMBER)
            out->number = value.text;
    }
    return tarn__json_scan_end(&s);
}

/* Each element of a checked array as a line. */
static tarn_status write_lines(
    tarn__file *file, tarn_slice array, size_t *count, tarn_error *err)
{
    tarn_buf lines = TARN_BUF_INIT;
    tarn__json_scan s =
        tarn__json_scan_of((tarn_slice){array.ptr + 1, array.len - 2});
    tarn__json_scan_value value;
    tarn_status st = TARN_OK;
    *count = 0;
    tarn__json_scan_space(&s);
    while (st == TARN_OK && s.at < s.end && tarn__json_scan_next(&s, &value)) {
        size_t start = lines.len;
        st = tarn__buf_append(&lines, value.text.ptr, value.text.len, err);
        for (size_t i = start; st == TARN_OK && i < lines.len; i++)
            if (lines.ptr[i] == '\n' || lines.ptr[i] == '\r')
                lines.ptr[i] = ' ';
        if (st == TARN_OK)
            st = tarn__buf_char(&lines, '\n', err);
        (*count)++;
        tarn__json_scan_space(&s);
        s.at += s.at < s.end; /* the comma */
    }
    if (st == TARN_OK && lines.len > 0)
        st = tarn__file_write(file, lines.ptr, lines.len, err);
    tarn_buf_reset(&lines);
    return st;
}

static tarn_status form_of(const tarn_event_fetch_options *o, long number,
    const tarn_buf *session, char **out, tarn_error *err)
{
    char text[24];
    tarn_buf form = TARN_BUF_INIT;
    (void)snprintf(text, sizeof text, "%ld", number);
    tarn_status st = tarn__http_pair(&form, "page", text, err);
    if (st == TARN_OK && session->len > 0)
        st = tarn__http_pair(&form, "session_id", session->ptr, err);
    if (st == TARN_OK && o->where != NULL)
        st = tarn__http_pair(&form, "where", o->where, err);
    if (st == TARN_OK && (*out = tarn__buf_take(&form)) == NULL)
        st = tarn__no_memory(err);
    tarn_buf_reset(&form);
    return st;
}

/* One page into `text`. */
static tarn_status fetch_page(const tarn__event_fetch *f, long number,
    const tarn_buf *session, tarn_buf *text, tarn_error *err)
{
    char what[48];
    const char *base = f->options->base_url;
    tarn__event_request r = {.what = what};
    (void)snprintf(what, sizeof what, "page %ld of the profiles", number);
    r.url = tarn__sprintf(
        "%s/api/query/engage", base == NULL ? "https://mixpanel.com" : base);
    r.path = tarn__sprintf("%s/page", f->dir);
    tarn_status st = r.url == NULL || r.path == NULL
        ? tarn__no_memory(err)
        : form_of(f->options, number, session, &r.form, err);
    if (st == TARN_OK)
        st = tarn__event_http(f->options, &r, 1, err);
    tarn__buf_clear(text);
    if (st == TARN_OK)
        st = tarn__file_slurp(r.path, MAX_PAGE_BYTES, text, err);
    tarn__event_request_reset(&r);
    return st;
}

/* A server that gives the same page for ever would never let us end. */
static tarn_status check_page(const page *p, long number, tarn_error *err)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%ld", number);
    if (p->number.ptr == NULL || tarn__slice_is(p->number, text))
        return TARN_OK;
    return tarn__fail(err, TARN_FAILED,
        "page %ld of the profiles: the server gave page %.*s (run it again)",
        number, (int)p->number.len, p->number.ptr);
}

static tarn_status all_pages(
    const tarn__event_fetch *f, tarn__file *file, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_buf session = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    size_t count = 1;
    for (long number = 0; st == TARN_OK && count > 0; number++) {
        page p = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
        st = fetch_page(f, number, &session, &text, err);
        if (st == TARN_OK && !read_page(tarn__buf_slice(&text), &p))
            st = tarn__fail(err, TARN_FAILED,
                "page %ld of the profiles: is no JSON object (run it again)",
                number);
        if (st == TARN_OK)
            st = check_page(&p, number, err);
        count = 0;
        if (st == TARN_OK && p.results.ptr != NULL)
            st = write_lines(file, p.results, &count, err);
        tarn__buf_clear(&session);
        if (st == TARN_OK && p.session.len > 0)
            st = tarn__buf_append(&session, p.session.ptr, p.session.len, err);
        if (p.session.len == 0)
            count = 0;
    }
    tarn_buf_reset(&text);
    tarn_buf_reset(&session);
    return st;
}

tarn_status tarn__event_fetch_pages(
    const tarn__event_fetch *f, char **path, tarn_error *err)
{
    tarn__file file = TARN__FILE_INIT;
    *path = tarn__sprintf("%s/profiles.jsonl", f->dir);
    if (*path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_open(&file, *path, TARN__OPEN_TRUNCATE, err);
    if (st == TARN_OK)
        st = all_pages(f, &file, err);
    tarn__file_close(&file);
    return st;
}
