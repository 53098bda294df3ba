/* Fetching events and profiles: into parts beside the store, and from there
 * into the table as one load.
 *
 * F1  Parts lie in STORE.fetch/NAME-QUERY/, QUERY being a digest of what was
 *     asked, and stay there until they are loaded: another run of the same
 *     query fetches only what is missing.
 * F2  A part whose last day was not over when it was fetched is not used
 *     again. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "event/fetch.h"
#include "event/table.h"
#include "os/http.h"

#define DAY_US INT64_C(86400000000)
#define MAX_PARTS 100000

static tarn_status parse_date(
    const char *flag, const char *text, int64_t *us, tarn_error *err)
{
    if (text != NULL && strlen(text) == 10 && text[4] == '-' &&
        tarn__time_parse(text, us))
        return TARN_OK;
    return tarn__fail(err, TARN_INVALID, "%s %s: is no date (write 2024-01-31)",
        flag, text == NULL ? "" : text);
}

/* ["a","b"] */
static tarn_status event_list(
    const tarn_event_fetch_options *o, tarn_buf *out, tarn_error *err)
{
    tarn_status st = tarn__buf_char(out, '[', err);
    for (size_t i = 0; st == TARN_OK && i < o->event_count; i++) {
        if (i > 0)
            st = tarn__buf_char(out, ',', err);
        if (st == TARN_OK)
            st = tarn__json_quote(out, tarn_str(o->events[i]), err);
    }
    return st == TARN_OK ? tarn__buf_char(out, ']', err) : st;
}

/* The folder of this query's parts (F1). */
static tarn_status parts_dir(tarn_store *store, const char *name,
    const tarn_event_fetch_options *o, char **out, tarn_error *err)
{
    tarn_buf query = TARN_BUF_INIT;
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[17];
    *out = NULL;
    tarn_status st = tarn__buf_printf(&query, err, "%d\n%s\n%s\n%s\n",
        o->profiles, o->base_url == NULL ? "" : o->base_url,
        o->user == NULL ? "" : o->user, o->where == NULL ? "" : o->where);
    if (st == TARN_OK)
        st = event_list(o, &query, err);
    if (st == TARN_OK)
        st = tarn__sha256_of(tarn__buf_slice(&query), digest, err);
    tarn_buf_reset(&query);
    if (st != TARN_OK)
        return st;
    tarn__hex(digest, 8, hex);
    *out = tarn__sprintf("%s.fetch/%s-%s", tarn_store_path(store), name, hex);
    return *out == NULL ? tarn__no_memory(err) : tarn__mkdirs(*out, err);
}

/* --- parts of days --- */

typedef struct parts {
    tarn__event_request *requests;
    char (*what)[32];
    size_t count;
} parts;

static void free_parts(parts *p)
{
    for (size_t i = 0; p->requests != NULL && i < p->count; i++)
        tarn__event_request_reset(&p->requests[i]);
    tarn__free(p->requests);
    tarn__free(p->what);
}

/* F2. */
static bool is_there(const char *path, int64_t last_day_us)
{
    tarn__stat st;
    return tarn__stat_path(path, true, &st, NULL) == TARN_OK &&
        st.kind == TARN__FILE_REGULAR && st.mtime_us >= last_day_us + DAY_US;
}

static void date_text(int64_t us, char out[11])
{
    char text[TARN__TIME_TEXT_BYTES];
    memcpy(out, tarn__time_format(us, text), 10);
    out[10] = '\0';
}

static tarn_status make_part(const tarn__event_fetch *f, int64_t from,
    int64_t to, char what[32], tarn__event_request *r, tarn_error *err)
{
    const tarn_event_fetch_options *o = f->options;
    char first[11];
    char last[11];
    tarn_buf query = TARN_BUF_INIT;
    date_text(from, first);
    date_text(to, last);
    (void)snprintf(what, 32, "%s to %s", first, last);
    r->what = what;
    r->lines = true;
    r->path = tarn__sprintf("%s/%s_%s.jsonl", f->dir, first, last);
    tarn_status st = r->path == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__http_pair(&query, "from_date", first, err);
    if (st == TARN_OK)
        st = tarn__http_pair(&query, "to_date", last, err);
    if (st == TARN_OK && o->event_count > 0) {
        tarn_buf list = TARN_BUF_INIT;
        st = event_list(o, &list, err);
        if (st == TARN_OK)
            st = tarn__http_pair(&query, "event", list.ptr, err);
        tarn_buf_reset(&list);
    }
    if (st == TARN_OK && o->where != NULL)
        st = tarn__http_pair(&query, "where", o->where, err);
    if (st == TARN_OK) {
        r->url = tarn__sprintf("%s/api/2.0/export?%s",
            o->base_url == NULL ? "https://data.mixpanel.com" : o->base_url,
            query.ptr);
        st = r->url == NULL ? tarn__no_memory(err) : TARN_OK;
        r->done = st == TARN_OK && is_there(r->path, to);
    }
    tarn_buf_reset(&query);
    return st;
}

static tarn_status make_parts(
    const tarn__event_fetch *f, parts *p, tarn_error *err)
{
    int64_t from = 0;
    int64_t to = 0;
    int64_t days = f->options->chunk_days > 0 ? f->options->chunk_days : 7;
    tarn_status st = parse_date("--from", f->options->from, &from, err);
    if (st == TARN_OK)
        st = parse_date("--to", f->options->to, &to, err);
    if (st == TARN_OK && from > to)
        st = tarn__fail(err, TARN_INVALID, "--from %s: is later than --to %s",
            f->options->from, f->options->to);
    if (st != TARN_OK)
        return st;
    int64_t count = ((to - from) / DAY_US + days) / days;
    if (count > MAX_PARTS)
        return tarn__fail(err, TARN_INVALID,
            "--chunk-days %lld: makes %lld requests (take more days)",
            (long long)days, (long long)count);
    p->requests = tarn__calloc((size_t)count, sizeof(*p->requests));
    p->what = tarn__calloc((size_t)count, sizeof(*p->what));
    if (p->requests == NULL || p->what == NULL)
        return tarn__no_memory(err);
    p->count = (size_t)count;
    for (size_t i = 0; st == TARN_OK && i < p->count; i++) {
        int64_t first = from + (int64_t)i * days * DAY_US;
        int64_t last = first + (days - 1) * DAY_US;
        st = make_part(
            f, first, last < to ? last : to, p->what[i], &p->requests[i], err);
    }
    return st;
}

/* --- the whole of it --- */

static tarn_status load(tarn_store *store, const char *name,
    const tarn_event_fetch_options *o, const char *const *paths, size_t count,
    tarn_event_counts *counts, tarn_error *err)
{
    tarn_event_options options = TARN_EVENT_OPTIONS_INIT;
    options.profiles = o->profiles;
    options.mode = o->mode;
    options.progress = o->progress;
    options.arg = o->arg;
    options.from_date = o->profiles ? NULL : o->from;
    options.to_date = o->profiles ? NULL : o->to;
    tarn_status st =
        tarn_event_load(store, name, paths, count, &options, counts, err);
    /* The parts are about to be removed. */
    for (size_t i = 0; i < 3; i++)
        counts->bad[i].source = "the export";
    return st;
}

static tarn_status fetch_events(const tarn__event_fetch *f, tarn_store *store,
    const char *name, tarn_event_counts *counts, tarn_error *err)
{
    parts p = {NULL, NULL, 0};
    const char **paths = NULL;
    tarn_status st = make_parts(f, &p, err);
    if (st == TARN_OK)
        st = tarn__event_http(f->options, p.requests, p.count, err);
    if (st == TARN_OK) {
        paths = tarn__calloc(p.count, sizeof(*paths));
        st = paths == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    for (size_t i = 0; st == TARN_OK && i < p.count; i++)
        paths[i] = p.requests[i].path;
    if (st == TARN_OK)
        st = load(store, name, f->options, paths, p.count, counts, err);
    tarn__free(paths);
    free_parts(&p);
    return st;
}

static tarn_status fetch_profiles(const tarn__event_fetch *f, tarn_store *store,
    const char *name, tarn_event_counts *counts, tarn_error *err)
{
    char *path = NULL;
    tarn_status st = tarn__event_fetch_pages(f, &path, err);
    if (st == TARN_OK) {
        const char *const paths[] = {path};
        st = load(store, name, f->options, paths, 1, counts, err);
    }
    tarn__free(path);
    return st;
}

/* Before anything is fetched. */
static tarn_status check(tarn_store *store, const char *name,
    const tarn_event_fetch_options *o, tarn_error *err)
{
    tarn__event_table_kind kind;
    tarn_status st = tarn__event_table_check_name(name, err);
    if (st == TARN_OK && tarn_store_path(store) == NULL)
        st = tarn__fail(err, TARN_INVALID,
            "a store in memory: has no place for what is fetched (open a "
            "file)");
    if (st == TARN_OK)
        st = tarn__event_table_find(store, name, &kind, err);
    if (st == TARN_OK && kind != TARN__EVENT_TABLE_NONE &&
        o->mode == TARN_EVENT_CREATE)
        st = tarn__fail(err, TARN_EXISTS,
            "table %s: is already there (--append adds to it, --replace makes "
            "it anew)",
            name);
    return st;
}

tarn_status tarn_event_fetch(tarn_store *store, const char *name,
    const tarn_event_fetch_options *options, tarn_event_counts *counts,
    tarn_error *err)
{
    char *dir = NULL;
    memset(counts, 0, sizeof(*counts));
    tarn_status st = check(store, name, options, err);
    if (st == TARN_OK)
        st = parts_dir(store, name, options, &dir, err);
    tarn__event_fetch f = {options, dir};
    if (st == TARN_OK)
        st = options->profiles ? fetch_profiles(&f, store, name, counts, err)
                               : fetch_events(&f, store, name, counts, err);
    if (st == TARN_OK) {
        char *parent = tarn__sprintf("%s.fetch", tarn_store_path(store));
        tarn_status gone = tarn__remove_tree(dir, NULL);
        if (gone == TARN_OK && parent != NULL)
            gone = tarn__rmdir(parent, NULL);
        (void)gone; /* another query's parts lie there */
        tarn__free(parent);
    }
    tarn__free(dir);
    return st;
}
