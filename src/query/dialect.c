/* LOOKUP 'k', ...
 * TRAVERSE FROM 'key' [DEPTH n] [DIRECTION out|in|both] [TYPE 'rel']
 *
 * A key is a text in quotes or a parameter $name. */
#include "query/dialect.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "duck/lex.h"

#define KEYS_MAX 10000

typedef struct reader {
    tarn__session *session;
    const tarn_query_options *options;
    bool *used; /* of the parameters */
    const char *what;
    const char *at;
} reader;

static const char lookup_form[] = "LOOKUP 'key', ...";
static const char traverse_form[] =
    "TRAVERSE FROM 'key' DEPTH n DIRECTION out|in|both TYPE 'relation'";

static tarn_status not_so(const reader *r, const char *why, tarn_error *err)
{
    bool lookup = strcmp(r->what, "LOOKUP") == 0;
    return tarn__fail(err, TARN_BAD_INPUT, "%s: %s (write %s)", r->what, why,
        lookup ? lookup_form : traverse_form);
}

static void skip(reader *r)
{
    r->at = tarn__sql_space(r->at);
}

/* A text between quotes; '' in it is one quote. */
static tarn_status take_quoted(reader *r, tarn_slice *out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = tarn__buf_str(&text, "", err);
    const char *p = r->at + 1;
    for (; st == TARN_OK && *p != '\0'; p++) {
        if (*p == '\'' && *++p != '\'')
            break;
        st = tarn__buf_char(&text, *p, err);
    }
    if (st == TARN_OK && p[-1] != '\'')
        st = not_so(r, "a quote is not closed", err);
    if (st == TARN_OK) {
        *out = tarn__arena_copy(&r->session->arena, tarn__buf_slice(&text));
        if (out->ptr == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&text);
    r->at = p;
    skip(r);
    return st;
}

static tarn_status take_param(reader *r, tarn_slice *out, tarn_error *err)
{
    const char *end = r->at + 1;
    while (*end == '_' || (*end >= '0' && *end <= '9') ||
        (*end >= 'a' && *end <= 'z') || (*end >= 'A' && *end <= 'Z'))
        end++;
    tarn_slice name = tarn__arena_copy(
        &r->session->arena, (tarn_slice){r->at + 1, (size_t)(end - r->at) - 1});
    if (name.ptr == NULL)
        return tarn__no_memory(err);
    r->at = end;
    skip(r);
    for (size_t i = 0; i < r->options->param_count; i++)
        if (tarn__eq_nocase(r->options->params[i].name, name.ptr)) {
            r->used[i] = true;
            *out = tarn__arena_copy(
                &r->session->arena, tarn_str(r->options->params[i].value));
            return out->ptr == NULL ? tarn__no_memory(err) : TARN_OK;
        }
    return tarn__fail(err, TARN_BAD_INPUT,
        "parameter $%s: has no value (give one with --param %s=VALUE)",
        name.ptr, name.ptr);
}

static tarn_status take_text(reader *r, tarn_slice *out, tarn_error *err)
{
    if (*r->at == '\'')
        return take_quoted(r, out, err);
    if (*r->at == '$')
        return take_param(r, out, err);
    return not_so(r,
        *r->at == '\0' ? "a text is missing" : "a text in quotes is wanted",
        err);
}

static tarn_status take_end(reader *r, tarn_error *err)
{
    if (*r->at == ';') {
        r->at++;
        skip(r);
    }
    if (*r->at != '\0')
        return not_so(r, "more follows", err);
    for (size_t i = 0; i < r->options->param_count; i++)
        if (!r->used[i])
            return tarn__fail(err, TARN_BAD_INPUT,
                "parameter %s: the statement has no $%s",
                r->options->params[i].name, r->options->params[i].name);
    return TARN_OK;
}

/* --- LOOKUP --- */

static tarn_status read_lookup(reader *r, tarn__dialect *d, tarn_error *err)
{
    size_t cap = 0;
    void *keys = NULL;
    tarn_status st = TARN_OK;
    d->lookup = true;
    do {
        if (d->key_count > 0) {
            r->at++;
            skip(r);
        }
        st = d->key_count == KEYS_MAX
            ? not_so(r, "more than 10000 keys", err)
            : tarn__grow(&keys, &cap, d->key_count + 1, sizeof(*d->keys), err);
        if (st == TARN_OK)
            st = take_text(r, (tarn_slice *)keys + d->key_count, err);
        if (st == TARN_OK)
            d->key_count++;
    } while (st == TARN_OK && *r->at == ',');
    if (st == TARN_OK) {
        tarn_slice all = {keys, d->key_count * sizeof(*d->keys)};
        d->keys =
            (tarn_slice *)(void *)tarn__arena_copy(&r->session->arena, all).ptr;
        if (d->keys == NULL)
            st = tarn__no_memory(err);
    }
    tarn__free(keys);
    return st == TARN_OK ? take_end(r, err) : st;
}

/* --- TRAVERSE --- */

static bool take_word(reader *r, const char *word)
{
    if (!tarn__sql_word(r->at, word))
        return false;
    r->at = tarn__sql_token(r->at);
    skip(r);
    return true;
}

static tarn_status take_depth(reader *r, int64_t *depth, tarn_error *err)
{
    const char *end = tarn__sql_token(r->at);
    char digits[20] = "";
    size_t len = (size_t)(end - r->at);
    if (len < sizeof(digits))
        memcpy(digits, r->at, len);
    if (!tarn__parse_i64(digits, depth) || *depth < 1)
        return not_so(r, "DEPTH is a whole number from 1 on", err);
    r->at = end;
    skip(r);
    return TARN_OK;
}

static tarn_status take_direction(
    reader *r, tarn_edge_direction *out, tarn_error *err)
{
    if (take_word(r, "OUT"))
        *out = TARN_EDGE_OUT;
    else if (take_word(r, "IN"))
        *out = TARN_EDGE_IN;
    else if (take_word(r, "BOTH"))
        *out = TARN_EDGE_BOTH;
    else
        return not_so(r, "DIRECTION is out, in or both", err);
    return TARN_OK;
}

static tarn_status take_type(reader *r, const char **out, tarn_error *err)
{
    tarn_slice text;
    tarn_status st = take_text(r, &text, err);
    if (st == TARN_OK && strlen(text.ptr) != text.len)
        st = not_so(r, "TYPE holds a NUL", err);
    *out = st == TARN_OK ? text.ptr : NULL;
    return st;
}

static tarn_status read_traverse(reader *r, tarn__dialect *d, tarn_error *err)
{
    bool depth = false, direction = false, type = false;
    tarn_slice *from = tarn__arena_alloc(&r->session->arena, sizeof(*from));
    if (from == NULL)
        return tarn__no_memory(err);
    d->traverse = (tarn_traverse_options)TARN_TRAVERSE_OPTIONS_INIT;
    d->traverse.tenant = r->session->tenant;
    d->keys = from;
    d->key_count = 1;
    if (!take_word(r, "FROM"))
        return not_so(r, "FROM is missing", err);
    tarn_status st = take_text(r, from, err);
    while (st == TARN_OK) {
        if (!depth && (depth = take_word(r, "DEPTH")))
            st = take_depth(r, &d->traverse.depth, err);
        else if (!direction && (direction = take_word(r, "DIRECTION")))
            st = take_direction(r, &d->traverse.direction, err);
        else if (!type && (type = take_word(r, "TYPE")))
            st = take_type(r, &d->traverse.type, err);
        else
            break;
    }
    return st == TARN_OK ? take_end(r, err) : st;
}

tarn_status tarn__dialect_parse(tarn__session *s, const char *sql,
    const tarn_query_options *options, tarn__dialect **out, tarn_error *err)
{
    const char *at = tarn__sql_space(sql);
    bool lookup = tarn__sql_word(at, "LOOKUP");
    *out = NULL;
    if (!lookup && !tarn__sql_word(at, "TRAVERSE"))
        return TARN_OK;
    tarn__dialect *d = tarn__arena_alloc(&s->arena, sizeof(*d));
    bool *used = tarn__arena_alloc(&s->arena, options->param_count + 1);
    if (d == NULL || used == NULL)
        return tarn__no_memory(err);
    *d = (tarn__dialect){.session = s};
    memset(used, 0, options->param_count + 1);
    d->pushed =
        tarn__arena_strdup(&s->arena, tarn__sql_space(tarn__sql_token(at)));
    if (d->pushed == NULL)
        return tarn__no_memory(err);
    reader r = {s, options, used, lookup ? "LOOKUP" : "TRAVERSE", at};
    r.at = tarn__sql_space(tarn__sql_token(at));
    tarn_status st =
        lookup ? read_lookup(&r, d, err) : read_traverse(&r, d, err);
    if (st == TARN_OK)
        *out = d;
    return st;
}
