#include "crash/support/model.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/sandbox.h"

/* --- sorted text --- */

void text_add(text_list *list, const char *line)
{
    if (list->count == list->cap) {
        list->cap = list->cap == 0 ? 64 : list->cap * 2;
        list->lines = realloc(list->lines, list->cap * sizeof(char *));
        if (list->lines == NULL)
            abort();
    }
    list->lines[list->count] = strdup(line);
    if (list->lines[list->count++] == NULL)
        abort();
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *text_join(text_list *list, size_t *len)
{
    size_t size = 1;
    for (size_t i = 0; i < list->count; i++)
        size += strlen(list->lines[i]) + 1;
    char *text = malloc(size);
    if (text == NULL)
        abort();
    char *at = text;
    if (list->count > 0)
        qsort(list->lines, list->count, sizeof(char *), by_text);
    for (size_t i = 0; i < list->count; i++) {
        at = stpcpy(stpcpy(at, list->lines[i]), "\n");
        free(list->lines[i]);
    }
    *at = '\0';
    if (len != NULL)
        *len = (size_t)(at - text);
    free(list->lines);
    *list = (text_list){0};
    return text;
}

/* FNV-1a in words: Tarn's own hashes are under test. */
static uint64_t hash_of(const char *bytes, size_t len)
{
    uint64_t h = 14695981039346656037u;
    uint64_t word;
    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        h = (h ^ word) * 1099511628211u;
        h ^= h >> 32;
    }
    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)bytes[i]) * 1099511628211u;
    return h;
}

void text_add_bytes(text_list *list, const char *kind, const char *path,
    const char *bytes, size_t len)
{
    char line[4096];
    (void)snprintf(line, sizeof line, "%s %s %zu %016" PRIx64, kind, path, len,
        hash_of(bytes, len));
    text_add(list, line);
}

/* --- the table --- */

typedef struct entry {
    char *kind; /* of a node, or "state", "record", "edge" */
    char *path; /* of these: their words */
    char *bytes;
    size_t len;
} entry;

typedef struct table {
    char *name; /* of a mark */
    entry *entries;
    size_t count;
} table;

struct model {
    char *inputs;
    table now;
    table *marks;
    size_t mark_count;
};

static void *need(void *p)
{
    assert_non_null(p);
    return p;
}

static char *copy_bytes(const char *bytes, size_t len)
{
    char *copy = need(malloc(len + 1));
    memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

model *model_create(const char *inputs)
{
    model *m = need(calloc(1, sizeof *m));
    m->inputs = need(strdup(inputs));
    return m;
}

static void free_entry(entry *e)
{
    free(e->kind);
    free(e->path);
    free(e->bytes);
}

static void free_table(table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free_entry(&t->entries[i]);
    free(t->entries);
    free(t->name);
}

void model_free(model *m)
{
    free_table(&m->now);
    for (size_t i = 0; i < m->mark_count; i++)
        free_table(&m->marks[i]);
    free(m->marks);
    free(m->inputs);
    free(m);
}

static entry *find(table *t, const char *path)
{
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->entries[i].path, path) == 0)
            return &t->entries[i];
    return NULL;
}

static bool is_below(const char *path, const char *top)
{
    size_t len = strlen(top);
    return strncmp(path, top, len) == 0 &&
        (path[len] == '\0' || path[len] == '/');
}

static void drop(table *t, const char *top)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (is_below(t->entries[i].path, top))
            free_entry(&t->entries[i]);
        else
            t->entries[kept++] = t->entries[i];
    }
    t->count = kept;
}

static void set(
    table *t, const char *kind, const char *path, const char *bytes, size_t len)
{
    entry e = {
        need(strdup(kind)), need(strdup(path)), copy_bytes(bytes, len), len};
    entry *old = find(t, path);
    if (old != NULL) {
        free_entry(old);
        *old = e;
        return;
    }
    t->entries = need(realloc(t->entries, (t->count + 1) * sizeof *t->entries));
    t->entries[t->count++] = e;
}

static void make_folders(table *t, const char *path)
{
    char *copy = need(strdup(path));
    for (char *p = strchr(copy + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (find(t, copy) == NULL)
            set(t, "dir", copy, "", 0);
        *p = '/';
    }
    free(copy);
}

/* What lies at and below `from` in one table, at `to` in another. */
static void copy_tree(
    table *into, const char *to, const table *of, const char *from)
{
    char path[4096];
    size_t count = of->count;
    for (size_t i = 0; i < count; i++) {
        entry e = of->entries[i];
        if (!is_below(e.path, from))
            continue;
        (void)snprintf(path, sizeof path, "%s%s", to, e.path + strlen(from));
        set(into, e.kind, path, e.bytes, e.len);
    }
}

/* --- lines --- */

static char *input(const model *m, const char *name, size_t *len)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", m->inputs, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("no input %s", path);
    assert_int_equal(0, fseek(file, 0, SEEK_END));
    *len = (size_t)ftell(file);
    rewind(file);
    char *bytes = need(malloc(*len + 1));
    assert_int_equal(*len, fread(bytes, 1, *len, file));
    bytes[*len] = '\0';
    (void)fclose(file);
    return bytes;
}

/* "id,v" of the lines "ts,id,v" below the header, added to what was there. */
static char *rows(const char *before, char *csv, size_t *len)
{
    text_list list = {0};
    char *save = NULL;
    char *old = need(strdup(before));
    for (char *p = strtok_r(old, "\n", &save); p != NULL;
         p = strtok_r(NULL, "\n", &save))
        text_add(&list, p);
    free(old);
    char *line = strtok_r(csv, "\n", &save); /* the header */
    assert_non_null(line);
    while ((line = strtok_r(NULL, "\n", &save)) != NULL) {
        const char *comma = need(strchr(line, ','));
        text_add(&list, comma + 1);
    }
    return text_join(&list, len);
}

static void put_input(
    model *m, const char *verb, const char *path, const char *name)
{
    size_t len;
    char *bytes = input(m, name, &len);
    entry *old = find(&m->now, path);
    const char *before = old != NULL && strchr(verb, '+') ? old->bytes : "";
    char kind[16];
    (void)snprintf(kind, sizeof kind, "%.*s", (int)strcspn(verb, "+"), verb);
    make_folders(&m->now, path);
    if (strcmp(kind, "table") == 0 || strcmp(kind, "series") == 0) {
        char *joined = rows(before, bytes, &len);
        set(&m->now, kind, path, joined, len);
        free(joined);
    } else {
        size_t old_len = *before != '\0' ? old->len : 0;
        char *joined = need(malloc(old_len + len + 1));
        memcpy(joined, before, old_len);
        memcpy(joined + old_len, bytes, len);
        set(&m->now, kind, path, joined, old_len + len);
        free(joined);
    }
    free(bytes);
}

static void mark(model *m, const char *name)
{
    m->marks = need(realloc(m->marks, (m->mark_count + 1) * sizeof *m->marks));
    table *t = &m->marks[m->mark_count++];
    *t = (table){.name = need(strdup(name))};
    copy_tree(t, "", &m->now, "");
}

static void back(model *m, const char *path, const char *name)
{
    for (size_t i = 0; i < m->mark_count; i++)
        if (strcmp(m->marks[i].name, name) == 0) {
            drop(&m->now, path);
            copy_tree(&m->now, path, &m->marks[i], path);
            return;
        }
    fail_msg("no mark %s", name);
}

/* What is known by `names` words after the verb; a verb with '-' drops it. */
static void set_words(
    model *m, char *const *w, size_t count, const char *kind, size_t names)
{
    char path[256] = "";
    const char *value = count > names + 1 ? w[names + 1] : "";
    assert_true(count > names);
    for (size_t i = 1; i <= names; i++) {
        size_t len = strlen(path);
        (void)snprintf(
            path + len, sizeof path - len, "%s%s", i > 1 ? " " : "", w[i]);
    }
    if (w[0][0] == '-')
        drop(&m->now, path);
    else
        set(&m->now, kind, path, value, strlen(value));
}

void model_do(model *m, const char *line)
{
    char *w[8] = {NULL};
    size_t count = 0;
    char *save = NULL;
    char *copy = need(strdup(line));
    for (char *p = strtok_r(copy, " ", &save); p != NULL && count < 7;
         p = strtok_r(NULL, " ", &save))
        w[count++] = p;
    assert_true(count >= 2);
    const char *verb = w[0];
    if (strstr(verb, "state") != NULL) {
        set_words(m, w, count, "state", 2);
    } else if (strstr(verb, "record") != NULL) {
        set_words(m, w, count, "record", 1);
    } else if (strstr(verb, "edge") != NULL) {
        set_words(m, w, count, "edge", 3);
    } else if (strcmp(verb, "mark") == 0) {
        mark(m, w[1]);
    } else if (strcmp(verb, "rm") == 0) {
        drop(&m->now, w[1]);
    } else if (strcmp(verb, "dir") == 0) {
        make_folders(&m->now, w[1]);
        set(&m->now, verb, w[1], "", 0);
    } else if (count < 3) {
        fail_msg("the model does not know: %s", line);
    } else if (strcmp(verb, "back") == 0) {
        back(m, w[1], w[2]);
    } else if (strcmp(verb, "mv") == 0 || strcmp(verb, "cp") == 0) {
        make_folders(&m->now, w[2]);
        copy_tree(&m->now, w[2], &m->now, w[1]);
        if (verb[0] == 'm')
            drop(&m->now, w[1]);
    } else if (strcmp(verb, "link") == 0) {
        set(&m->now, verb, w[1], w[2], strlen(w[2]));
    } else if (strcmp(verb, "text") == 0) {
        make_folders(&m->now, w[1]);
        set(&m->now, "file", w[1], w[2], strlen(w[2]));
    } else {
        put_input(m, verb, w[1], w[2]);
    }
    free(copy);
}

char *model_text(const model *m)
{
    text_list list = {0};
    for (size_t i = 0; i < m->now.count; i++) {
        const entry *e = &m->now.entries[i];
        text_add_bytes(&list, e->kind, e->path, e->bytes, e->len);
    }
    return text_join(&list, NULL);
}
