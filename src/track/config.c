/* The configuration file. */
#include "track/config.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "os/file.h"

#define MAX_BYTES ((size_t)1 << 20)

const char *const tarn__track_kinds[TARN__TRACK_KINDS] = {
    "database", "schema", "table", "column"};

typedef struct checker {
    tarn__track_config *config;
    tarn_buf faults; /* parted by "; " */
    tarn_status st;  /* of the checker itself */
    tarn_error *err;
} checker;

/* A fault at a JSON pointer. */
static void fault(checker *c, const char *pointer, const char *what)
{
    int line = 1;
    int column = 1;
    (void)tarn__yaml_where(c->config->yaml, 0, pointer, &line, &column);
    if (c->st == TARN_OK)
        c->st = tarn__buf_printf(&c->faults, c->err, "%s%d:%d: %s: %s",
            c->faults.len == 0 ? "" : "; ", line, column,
            pointer[0] == '/' ? pointer + 1 : "the file", what);
}

static json_t *member(const char *pointer, json_t *root)
{
    json_t *at = root;
    const char *from = pointer + 1;
    while (at != NULL && *from != '\0') {
        size_t len = strcspn(from, "/");
        char name[64] = "";
        if (len < sizeof name)
            memcpy(name, from, len);
        at = json_object_get(at, name);
        from += len + (from[len] == '/');
    }
    return at;
}

static const char *text(checker *c, const char *pointer, bool required)
{
    json_t *value = member(pointer, tarn__yaml_root(c->config->yaml, 0));
    if (value == NULL) {
        if (required)
            fault(c, pointer, "is missing (write it)");
        return NULL;
    }
    if (!json_is_string(value) || json_string_length(value) == 0) {
        fault(c, pointer, "is no text (quote it)");
        return NULL;
    }
    return json_string_value(value);
}

static int64_t number(
    checker *c, const char *pointer, int64_t most, int64_t otherwise)
{
    json_t *value = member(pointer, tarn__yaml_root(c->config->yaml, 0));
    if (value == NULL)
        return otherwise;
    int64_t n = json_is_integer(value) ? json_integer_value(value) : 0;
    if (n >= 1 && n <= most)
        return n;
    fault(c, pointer, "is no whole number above 0, or too large");
    return otherwise;
}

static void hours(checker *c)
{
    json_t *value =
        member("/prepone_hours", tarn__yaml_root(c->config->yaml, 0));
    c->config->prepone_hours = 3;
    if (value == NULL)
        return;
    double h = json_is_number(value) ? json_number_value(value) : -1;
    if (h < 0 || h > 24 * 366)
        fault(c, "/prepone_hours", "is no number of hours from 0 to 8784");
    else
        c->config->prepone_hours = h;
}

static void patterns(checker *c, const char *pointer, tarn__track_patterns *out)
{
    json_t *list = member(pointer, tarn__yaml_root(c->config->yaml, 0));
    if (list == NULL || c->st != TARN_OK)
        return;
    if (!json_is_array(list)) {
        fault(c, pointer, "is no list (write [\"shop%\"])");
        return;
    }
    size_t count = json_array_size(list);
    out->texts = tarn__calloc(count + 1, sizeof(*out->texts));
    if (out->texts == NULL) {
        c->st = tarn__no_memory(c->err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *one = json_string_value(json_array_get(list, i));
        if (one == NULL)
            fault(c, pointer, "has an item that is no text (quote it)");
        else
            out->texts[out->count++] = one;
    }
}

static void known_keys(
    checker *c, const char *pointer, const char *const *names, size_t count)
{
    json_t *root = tarn__yaml_root(c->config->yaml, 0);
    json_t *object = pointer[0] == '\0' ? root : member(pointer, root);
    const char *key;
    json_t *value;
    if (object == NULL)
        return;
    if (!json_is_object(object)) {
        fault(c, pointer, "is no mapping (write NAME: VALUE lines)");
        return;
    }
    json_object_foreach(object, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(names[i], key) == 0;
        if (known)
            continue;
        char *where = tarn__sprintf("%s/%s", pointer, key);
        if (where == NULL)
            c->st = tarn__no_memory(c->err);
        else
            fault(c, where, "there is no such key (take it out)");
        tarn__free(where);
    }
}

static void all_keys(checker *c)
{
    static const char *const top[] = {"application", "connection", "source",
        "preset", "include", "exclude", "prepone_hours", "columns", "queries"};
    static const char *const columns[] = {"batch_size", "jobs", "chunk_size"};
    known_keys(c, "", top, sizeof top / sizeof top[0]);
    known_keys(c, "/columns", columns, 3);
    known_keys(c, "/queries", tarn__track_kinds, TARN__TRACK_KINDS);
}

static void queries(checker *c)
{
    tarn__track_config *config = c->config;
    const char *preset = text(c, "/preset", false);
    json_t *own = member("/queries", tarn__yaml_root(config->yaml, 0));
    if (preset != NULL && !tarn__track_preset(preset, config->queries))
        fault(c, "/preset", "is neither mysql, mariadb nor postgres");
    config->preset = preset != NULL;
    if (preset != NULL && own != NULL)
        fault(c, "/queries", "goes with no preset (take one of them out)");
    if (preset == NULL && own == NULL)
        fault(c, "/preset", "is missing (name one, or write queries)");
    if (own == NULL || preset != NULL)
        return;
    for (size_t i = 0; i < TARN__TRACK_KINDS; i++) {
        char *pointer = tarn__sprintf("/queries/%s", tarn__track_kinds[i]);
        if (pointer == NULL)
            c->st = tarn__no_memory(c->err);
        else
            config->queries[i] = text(c, pointer, i >= TARN__TRACK_TABLE);
        tarn__free(pointer);
    }
}

/* A name that may stand in a path. */
static bool is_segment(const char *s)
{
    return s[0] != '\0' && s[0] != '.' && strpbrk(s, "/*?[]{}") == NULL;
}

static void names(checker *c)
{
    tarn__track_config *config = c->config;
    config->application = text(c, "/application", true);
    config->connection = text(c, "/connection", true);
    config->source = text(c, "/source", true);
    if (config->application != NULL && !is_segment(config->application))
        fault(c, "/application", "may not begin with '.' or hold / * ? [ ]");
    if (config->source != NULL && config->source[0] != '@')
        fault(c, "/source", "is no connection (write \"@FAMILY.ALIAS\")");
    if (config->connection == NULL)
        return;
    const char *slash = strrchr(config->connection, '/');
    config->id = slash == NULL ? "" : slash + 1;
    if (slash == NULL ||
        memchr(config->connection, '/', (size_t)(slash - config->connection)) ==
            NULL ||
        !is_segment(config->id))
        fault(c, "/connection",
            "needs three parts, the last of which is its id (write "
            "default/mysql/1764230875)");
}

static tarn_status check(tarn__track_config *config, tarn_error *err)
{
    checker c = {.config = config, .faults = TARN_BUF_INIT, .err = err};
    if (tarn__yaml_count(config->yaml) != 1 ||
        !json_is_object(tarn__yaml_root(config->yaml, 0)))
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: is no mapping (write application: NAME and so on)",
            config->path);
    all_keys(&c);
    names(&c);
    hours(&c);
    patterns(&c, "/include", &config->include);
    patterns(&c, "/exclude", &config->exclude);
    queries(&c);
    config->batch_size = number(&c, "/columns/batch_size", 60000, 25000);
    config->jobs = number(&c, "/columns/jobs", 64, 3);
    config->chunk_size = number(&c, "/columns/chunk_size", INT32_MAX, 100000);
    tarn_status st = c.st;
    if (st == TARN_OK && c.faults.len > 0)
        st = tarn__fail(
            err, TARN_BAD_INPUT, "%s:%s", config->path, c.faults.ptr);
    tarn_buf_reset(&c.faults);
    return st;
}

static tarn_status settle(tarn__track_config *c, tarn_error *err)
{
    const char *base = tarn__path_base(c->path);
    size_t above = (size_t)(base - c->path);
    c->base_dir =
        above == 0 ? tarn__strdup(".") : tarn__strndup(c->path, above);
    c->root = tarn__sprintf(
        "/persistent-artifacts/apps/%s/connection/%s", c->application, c->id);
    return c->base_dir == NULL || c->root == NULL ? tarn__no_memory(err)
                                                  : TARN_OK;
}

tarn_status tarn__track_config_read(
    const char *path, tarn__track_config *out, tarn_error *err)
{
    tarn_buf bytes = TARN_BUF_INIT;
    memset(out, 0, sizeof(*out));
    out->path = tarn__strdup(path);
    tarn_status st = out->path == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__file_slurp(path, MAX_BYTES, &bytes, err);
    if (st == TARN_OK)
        st = tarn__yaml_parse(tarn__buf_slice(&bytes), path, &out->yaml, err);
    if (st == TARN_OK)
        st = check(out, err);
    if (st == TARN_OK)
        st = settle(out, err);
    tarn_buf_reset(&bytes);
    if (st != TARN_OK)
        tarn__track_config_reset(out);
    return st;
}

void tarn__track_config_reset(tarn__track_config *c)
{
    tarn__yaml_free(c->yaml);
    tarn__free(c->include.texts);
    tarn__free(c->exclude.texts);
    tarn__free(c->path);
    tarn__free(c->base_dir);
    tarn__free(c->root);
    memset(c, 0, sizeof(*c));
}

/* LIKE: % any bytes, _ one code point, \ takes the next as it is. */
static bool like(const char *s, const char *pattern)
{
    const char *retry_s = NULL;
    const char *retry_pattern = NULL;
    while (*s != '\0') {
        size_t step = 1;
        const char *p = pattern;
        while (((unsigned char)s[step] & 0xC0) == 0x80)
            step++;
        if (*p == '%') {
            retry_pattern = ++pattern;
            retry_s = s;
            continue;
        }
        if (*p == '_') {
            s += step;
            pattern++;
            continue;
        }
        if (*p == '\\' && p[1] != '\0')
            p++;
        if (*p != '\0' && *p == *s) {
            s++;
            pattern = p + 1;
            continue;
        }
        if (retry_pattern == NULL)
            return false;
        s = ++retry_s;
        pattern = retry_pattern;
    }
    while (*pattern == '%')
        pattern++;
    return *pattern == '\0';
}

bool tarn__track_in_scope(const tarn__track_config *c, const char *schema)
{
    bool in = c->include.count == 0;
    for (size_t i = 0; i < c->include.count && !in; i++)
        in = like(schema, c->include.texts[i]);
    for (size_t i = 0; i < c->exclude.count && in; i++)
        in = !like(schema, c->exclude.texts[i]);
    return in;
}
