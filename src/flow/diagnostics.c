/* Diagnostics: what check finds, each with its place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

typedef struct diagnostic {
    tarn_flow_diagnostic shown; /* texts in the arena */
    tarn__doc doc;
    int line;
    int column;
    size_t serial;
} diagnostic;

struct tarn_flow_diagnostics {
    diagnostic *list;
    size_t count;
    size_t cap;
    size_t errors;
    tarn__arena arena;
};

tarn_status tarn__diagnostics_create(
    tarn_flow_diagnostics **out, tarn_error *err)
{
    *out = tarn__calloc(1, sizeof(**out));
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

void tarn_flow_diagnostics_free(tarn_flow_diagnostics *d)
{
    if (d == NULL)
        return;
    tarn__arena_reset(&d->arena);
    tarn__free(d->list);
    tarn__free(d);
}

size_t tarn_flow_diagnostic_count(const tarn_flow_diagnostics *d)
{
    return d == NULL ? 0 : d->count;
}

size_t tarn_flow_error_count(const tarn_flow_diagnostics *d)
{
    return d == NULL ? 0 : d->errors;
}

tarn_flow_diagnostic tarn_flow_diagnostic_get(
    const tarn_flow_diagnostics *d, size_t index)
{
    return d->list[index].shown;
}

tarn__spot tarn__spot_key(const tarn__spot *up, const char *key)
{
    return (tarn__spot){up, key, 0};
}

tarn__spot tarn__spot_item(const tarn__spot *up, size_t index)
{
    return (tarn__spot){up, NULL, index};
}

static tarn__doc doc_of(const tarn__spot *at)
{
    while (at->up != NULL)
        at = at->up;
    return (tarn__doc)at->index;
}

/* "steps[2].config.path", "--param NAME" */
static tarn_status write_place(
    const tarn__spot *at, tarn_buf *out, tarn_error *err)
{
    if (at->up == NULL)
        return TARN_OK;
    tarn_status st = write_place(at->up, out, err);
    if (st == TARN_OK && at->key == NULL)
        return tarn__buf_printf(out, err, "[%zu]", at->index);
    if (st == TARN_OK && out->len > 0 && at->up->up != NULL)
        st = tarn__buf_char(out, out->ptr[0] == '-' ? ' ' : '.', err);
    return st == TARN_OK ? tarn__buf_str(out, at->key, err) : st;
}

/* "/steps/2/config/path" */
static tarn_status write_pointer(
    const tarn__spot *at, tarn_buf *out, tarn_error *err)
{
    if (at->up == NULL)
        return TARN_OK;
    tarn_status st = write_pointer(at->up, out, err);
    if (st == TARN_OK && at->key == NULL)
        return tarn__buf_printf(out, err, "/%zu", at->index);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '/', err);
    for (const char *p = at->key; st == TARN_OK && *p != '\0'; p++)
        st = *p == '~'  ? tarn__buf_str(out, "~0", err)
            : *p == '/' ? tarn__buf_str(out, "~1", err)
                        : tarn__buf_char(out, *p, err);
    return st;
}

/* Line and column of the place, or of the nearest above that is there. */
static tarn_status find_lines(const tarn__compiler *c, const tarn__spot *at,
    diagnostic *d, tarn_error *err)
{
    const tarn__yaml *yaml = d->doc == TARN__DOC_FLOW ? c->yaml
        : d->doc == TARN__DOC_CONNECTIONS             ? c->connections_yaml
                                                      : NULL;
    tarn_status st = TARN_OK;
    tarn_buf pointer = TARN_BUF_INIT;
    for (; yaml != NULL && st == TARN_OK && d->line == 0 && at != NULL;
         at = at->up) {
        tarn__buf_clear(&pointer);
        st = write_pointer(at, &pointer, err);
        if (st == TARN_OK)
            (void)tarn__yaml_where(yaml, 0,
                pointer.ptr == NULL ? "" : pointer.ptr, &d->line, &d->column);
    }
    tarn_buf_reset(&pointer);
    return st;
}

static tarn_status write_location(const tarn__compiler *c, const tarn__spot *at,
    diagnostic *d, tarn_buf *out, tarn_error *err)
{
    tarn_status st = d->line > 0 ? TARN_OK : find_lines(c, at, d, err);
    if (st == TARN_OK)
        st = write_place(at, out, err);
    if (st == TARN_OK && out->len == 0 && d->doc == TARN__DOC_CONNECTIONS)
        st = tarn__buf_str(out, "connections", err);
    if (st == TARN_OK && d->line > 0)
        st = tarn__buf_printf(
            out, err, "%s%d:%d", out->len > 0 ? ":" : "", d->line, d->column);
    return st;
}

static tarn_status add(tarn__compiler *c, diagnostic *d, const tarn__spot *at,
    const char *message, tarn_error *err)
{
    tarn_flow_diagnostics *all = c->diagnostics;
    tarn_buf place = TARN_BUF_INIT;
    void *list = all->list;
    d->doc = doc_of(at);
    d->serial = all->count;
    tarn_status st =
        tarn__grow(&list, &all->cap, all->count + 1, sizeof(*d), err);
    all->list = list;
    if (st == TARN_OK)
        st = write_location(c, at, d, &place, err);
    if (st == TARN_OK) {
        d->shown.location =
            tarn__arena_strdup(&all->arena, place.ptr == NULL ? "" : place.ptr);
        d->shown.message = tarn__arena_strdup(&all->arena, message);
        if (d->shown.location == NULL || d->shown.message == NULL)
            st = tarn__no_memory(err);
    }
    if (st == TARN_OK) {
        all->list[all->count++] = *d;
        all->errors += d->shown.error ? 1 : 0;
    }
    tarn_buf_reset(&place);
    return st;
}

/* One line, cut on a code point: what tarn__fail() makes of a message. */
void tarn__diagnose(tarn__compiler *c, tarn__severity severity,
    const char *code, const tarn__spot *at, const char *fmt, ...)
{
    if (c->st != TARN_OK)
        return;
    tarn_error text = TARN_ERROR_INIT;
    char message[TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    if (tarn__fail(&text, TARN_BAD_INPUT, "%s", message) == TARN_OK)
        return;
    diagnostic d = {.shown = {severity == TARN__ERROR, code, NULL, NULL}};
    c->st = add(c, &d, at, text.message, &c->err);
}

void tarn__diagnose_syntax(tarn__compiler *c, const char *code,
    const tarn__spot *root, const tarn__yaml_fault *at, const char *why)
{
    if (c->st != TARN_OK)
        return;
    diagnostic d = {.shown = {true, code, NULL, NULL},
        .line = at->line,
        .column = at->column};
    char *message = tarn__sprintf("YAML: %s%s", why,
        tarn__ends_with(why, ")") ? "" : " (mend the file there)");
    if (message == NULL)
        tarn__compiler_no_memory(c);
    else
        c->st = add(c, &d, root, message, &c->err);
    tarn__free(message);
}

static int by_place(const void *a, const void *b)
{
    const diagnostic *x = a;
    const diagnostic *y = b;
    if (x->doc != y->doc)
        return x->doc < y->doc ? -1 : 1;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

void tarn__diagnostics_sort(tarn_flow_diagnostics *d)
{
    if (d->count > 1)
        qsort(d->list, d->count, sizeof(*d->list), by_place);
}

tarn_status tarn__diagnostics_fail(
    const tarn_flow_diagnostics *d, const char *path, tarn_error *err)
{
    for (size_t i = 0; i < d->count; i++) {
        const tarn_flow_diagnostic *shown = &d->list[i].shown;
        if (!shown->error)
            continue;
        size_t more = d->errors - 1;
        const char *glue = *shown->location == '\0' ? "" : ": ";
        if (more > 0)
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: %s%s%s; %zu more error%s (tarn flow check tells all)",
                path, shown->location, glue, shown->message, more,
                more == 1 ? "" : "s");
        return tarn__fail(err, TARN_BAD_INPUT, "%s: %s%s%s", path,
            shown->location, glue, shown->message);
    }
    return TARN_OK;
}
