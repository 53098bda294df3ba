/* That no secret is seen: a flow's secrets, found in what is told. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "flow/flow_internal.h"

/* So much of a secret's beginning, or of one of its lines, is as telling. */
#define KNOWN_BYTES 8

struct tarn__flow_secrets {
    char **values;
    size_t count;
    size_t cap;
};

static tarn_status remember(
    tarn__flow_secrets *s, const char *value, tarn_error *err)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->values[i], value) == 0)
            return TARN_OK;
    if (*value == '\0')
        return TARN_OK;
    void *list = s->values;
    tarn_status st =
        tarn__grow(&list, &s->cap, s->count + 1, sizeof(char *), err);
    s->values = list;
    if (st != TARN_OK)
        return st;
    char *copy = tarn__strdup(value);
    if (copy == NULL)
        return tarn__no_memory(err);
    s->values[s->count++] = copy;
    return TARN_OK;
}

/* As a message of one line has it: with a blank for each byte that drives a
 * terminal, or, `folded`, for each stretch of white space. */
static tarn_status remember_line(
    tarn__flow_secrets *s, const char *value, bool folded, tarn_error *err)
{
    tarn_buf line = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    bool blank = false;
    for (; st == TARN_OK && *value != '\0'; value++) {
        bool is_blank = iscntrl((unsigned char)*value) || *value == ' ';
        if (!folded || !is_blank || !blank)
            st = tarn__buf_char(&line, is_blank ? ' ' : *value, err);
        blank = is_blank;
    }
    while (line.len > 0 && line.ptr[line.len - 1] == ' ')
        line.ptr[--line.len] = '\0';
    const char *from = line.ptr == NULL ? "" : line.ptr;
    if (st == TARN_OK)
        st = remember(s, from + strspn(from, " "), err);
    tarn_buf_reset(&line);
    return st;
}

/* A message may have one line of a key that has many. */
static tarn_status remember_lines(
    tarn__flow_secrets *s, const char *value, tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && *value != '\0') {
        size_t len = strcspn(value, "\r\n");
        char *line = tarn__strndup(value, len);
        if (line == NULL)
            return tarn__no_memory(err);
        if (len >= KNOWN_BYTES)
            st = remember(s, line, err);
        tarn__free(line);
        value += len + strspn(value + len, "\r\n");
    }
    return st;
}

/* The value, its form inside a JSON text, and how a message may tell it. */
static tarn_status remember_forms(
    tarn__flow_secrets *s, const char *value, tarn_error *err)
{
    tarn_buf quoted = TARN_BUF_INIT;
    tarn_status st = remember(s, value, err);
    if (st == TARN_OK)
        st = tarn__json_quote(&quoted, tarn_str(value), err);
    if (st == TARN_OK) {
        quoted.ptr[quoted.len - 1] = '\0';
        st = remember(s, quoted.ptr + 1, err);
    }
    if (st == TARN_OK)
        st = remember_line(s, value, false, err);
    if (st == TARN_OK)
        st = remember_line(s, value, true, err);
    if (st == TARN_OK && strpbrk(value, "\r\n") != NULL)
        st = remember_lines(s, value, err);
    tarn_buf_reset(&quoted);
    return st;
}

static tarn_status remember_json(
    tarn__flow_secrets *s, const json_t *value, tarn_error *err)
{
    char digits[32];
    const char *text = json_string_value(value);
    if (json_is_integer(value)) {
        json_int_t v = json_integer_value(value);
        char *made = tarn__sprintf("%lld", (long long)v);
        tarn_status st =
            made == NULL ? tarn__no_memory(err) : remember(s, made, err);
        tarn__free(made);
        return st;
    }
    if (json_is_real(value))
        text = tarn__format_double(json_real_value(value), digits);
    return text == NULL ? TARN_OK : remember_forms(s, text, err);
}

typedef struct gathering {
    const tarn__flow *flow;
    tarn__flow_secrets *secrets;
} gathering;

/* Variables that are secret by their name, or by the member they fill. */
static tarn_status gather_text(
    gathering *g, const char *text, bool secret, tarn_error *err)
{
    tarn_status st = TARN_OK;
    tarn__reference r;
    size_t at = 0;
    while (st == TARN_OK && tarn__reference_next(tarn_str(text), &at, &r)) {
        const tarn__flow_param *param = r.kind != TARN__REFERENCE_PARAM
            ? NULL
            : tarn__param_find(g->flow->params, g->flow->param_count, r.name);
        if (r.kind == TARN__REFERENCE_BAD ||
            (!secret && !tarn__reference_secret(&r, param)))
            continue;
        tarn_buf value = TARN_BUF_INIT;
        tarn_error unset = TARN_ERROR_INIT;
        tarn_status got = tarn__reference_text(&r, param, &value, &unset);
        if (got == TARN_NO_MEMORY)
            st = tarn__no_memory(err);
        else if (got == TARN_OK && value.len > 0)
            st = remember_forms(g->secrets, value.ptr, err);
        tarn_buf_reset(&value);
    }
    return st;
}

/* %40 is @, in place. */
static void decode(char *text)
{
    char *to = text;
    for (const char *p = text; *p != '\0'; to++) {
        const char pair[] = {p[1], p[1] == '\0' ? '\0' : p[2], '\0'};
        bool coded = *p == '%' && isxdigit((unsigned char)pair[0]) &&
            isxdigit((unsigned char)pair[1]);
        *to = coded ? (char)strtol(pair, NULL, 16) : *p;
        p += coded ? 3 : 1;
    }
    *to = '\0';
}

/* Of an address, wherever it stands and whoever gave it. */
static tarn_status gather_password(
    gathering *g, const json_t *address, tarn_error *err)
{
    const tarn__filling filling = {
        g->flow->params, g->flow->param_count, false, true};
    json_t *filled = NULL;
    tarn_error unset = TARN_ERROR_INIT;
    tarn_status st = tarn__fill(&filling, address, &filled, &unset);
    if (st != TARN_OK)
        return st == TARN_NO_MEMORY ? tarn__no_memory(err) : TARN_OK;
    tarn_slice found = json_is_string(filled)
        ? tarn__url_password(json_string_value(filled))
        : (tarn_slice){NULL, 0};
    if (found.ptr != NULL) {
        char *password = tarn__strndup(found.ptr, found.len);
        st = password == NULL ? tarn__no_memory(err)
                              : remember_forms(g->secrets, password, err);
        /* As a server gets it. */
        if (st == TARN_OK) {
            decode(password);
            st = remember_forms(g->secrets, password, err);
        }
        tarn__free(password);
    }
    json_decref(filled);
    return st;
}

static tarn_status gather(gathering *g, const json_t *value,
    const json_t *schema, bool secret, tarn_error *err)
{
    tarn_status st = TARN_OK;
    const char *text = json_string_value(value);
    if (text != NULL && secret && !tarn__reference_any(text))
        return remember_forms(g->secrets, text, err);
    if (text != NULL) {
        st = gather_text(g, text, secret, err);
        return st == TARN_OK && tarn__reference_any(text)
            ? gather_password(g, value, err)
            : st;
    }
    for (size_t i = 0; st == TARN_OK && i < json_array_size(value); i++)
        st = gather(g, json_array_get(value, i),
            json_object_get(schema, "items"), secret, err);
    const json_t *properties = json_object_get(schema, "properties");
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)value, key, member)
    {
        bool own = secret || tarn__secret_member(schema, key);
        if (st == TARN_OK)
            st = gather(g, member, json_object_get(properties, key), own, err);
    }
    return st;
}

static bool is_uri(const char *key)
{
    return strcmp(key, "uri") == 0 || tarn__ends_with(key, ".uri");
}

/* What a variable puts into a uri may have a password in it, and a driver may
 * say only that. */
static tarn_status gather_connection(
    gathering *g, const json_t *fields, tarn_error *err)
{
    const json_t *const lists[] = {fields, json_object_get(fields, "options")};
    tarn_status st = gather(g, fields, NULL, false, err);
    const char *key;
    json_t *value;
    for (size_t i = 0; i < 2; i++)
        json_object_foreach((json_t *)lists[i], key, value)
        {
            if (st == TARN_OK && is_uri(key) && json_is_string(value))
                st = gather_text(g, json_string_value(value), true, err);
        }
    return st;
}

static tarn_status gather_step(
    gathering *g, const tarn__flow_step *step, tarn_error *err)
{
    json_t *schema = NULL;
    tarn_status st = TARN_OK;
    if (step->driver->config_schema != NULL)
        st = tarn__json_parse(tarn_str(step->driver->config_schema),
            step->driver->name, &schema, err);
    if (st == TARN_OK)
        st = gather(g, step->config, schema, false, err);
    if (st == TARN_OK && step->connection_value != NULL)
        st = gather_connection(g, step->connection_value, err);
    json_decref(schema);
    return st;
}

tarn_status tarn__flow_secrets_create(
    const tarn__flow *flow, tarn__flow_secrets **out, tarn_error *err)
{
    *out = NULL;
    tarn__flow_secrets *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
    gathering g = {flow, s};
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < flow->param_count; i++)
        if (flow->params[i].secret)
            st = remember_json(s, flow->params[i].value, err);
    for (size_t i = 0; st == TARN_OK && i < flow->step_count; i++)
        st = gather_step(&g, &flow->steps[i], err);
    if (st == TARN_OK && flow->engine != NULL)
        st = gather_connection(&g, flow->engine, err);
    if (st != TARN_OK) {
        tarn__flow_secrets_free(s);
        return st;
    }
    *out = s;
    return TARN_OK;
}

tarn_status tarn__flow_mask_connection(
    const json_t *fields, const char *text, tarn_buf *out, tarn_error *err)
{
    const tarn__flow none = {0};
    tarn__flow_secrets s = {NULL, 0, 0};
    gathering g = {&none, &s};
    tarn_status st = gather_connection(&g, fields, err);
    if (st == TARN_OK)
        st = tarn__flow_secrets_mask(&s, tarn_str(text), out, err);
    for (size_t i = 0; i < s.count; i++)
        tarn__free(s.values[i]);
    tarn__free(s.values);
    return st;
}

/* How much of a secret must stand somewhere to be known for its beginning: an
 * address is one as a whole, and begins as many do. */
static size_t known_bytes(const char *value, size_t len)
{
    const char *host = strstr(value, "://");
    size_t known =
        KNOWN_BYTES + (host == NULL ? 0 : (size_t)(host + 3 - value));
    return known < len ? known : len;
}

/* Length of the secret that stands here, or of the beginning of one: messages
 * are cut.  0: none does. */
static size_t secret_at(
    const tarn__flow_secrets *s, const char *at, const char *end)
{
    size_t longest = 0;
    for (size_t i = 0; i < s->count; i++) {
        const char *value = s->values[i];
        size_t len = strlen(value);
        size_t n = 0;
        while (n < len && at + n < end && at[n] == value[n])
            n++;
        if (n > longest && n >= known_bytes(value, len))
            longest = n;
    }
    return longest;
}

/* Does a text of this length, that was cut, end in the beginning of one? */
static bool cut_at(const tarn__flow_secrets *s, const char *at, size_t len)
{
    for (size_t i = 0; i < s->count; i++)
        if (strncmp(s->values[i], at, len) == 0)
            return true;
    return false;
}

tarn_status tarn__flow_secrets_mask(const tarn__flow_secrets *s,
    tarn_slice text, tarn_buf *out, tarn_error *err)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    /* A message is cut on a code point. */
    bool cut = text.len + 4 >= TARN_ERROR_MESSAGE_BYTES;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && at < end) {
        size_t left = (size_t)(end - at);
        size_t len = secret_at(s, at, end);
        if (len == 0 && cut && left < KNOWN_BYTES && cut_at(s, at, left))
            len = left;
        if (len == 0) {
            st = tarn__buf_char(out, *at++, err);
            continue;
        }
        st = tarn__buf_str(out, TARN__MASK, err);
        at += len;
    }
    return st;
}

void tarn__flow_secrets_free(tarn__flow_secrets *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->count; i++)
        tarn__free(s->values[i]);
    tarn__free(s->values);
    tarn__free(s);
}
