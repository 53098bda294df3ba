#include "crash/support/dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <tarn/edge.h>
#include <tarn/query.h>

#include "crash/support/model.h"
#include "support/sandbox.h"
#include "tree/content.h"

#define CONTENT_MAX ((size_t)64 << 20)
#define KNOWN_MAX 256

/* Which line the rows of some objects gave: a sweep meets the same ones again
 * and again, and `check --deep` holds each object against its name. */
typedef struct known_rows {
    uint64_t objects;
    char line[120];
} known_rows;

static struct {
    known_rows *rows; /* of every process of a sweep */
    size_t *count;
} known;

void dump_remembers_rows(void)
{
    size_t size = sizeof(size_t) + KNOWN_MAX * sizeof(known_rows);
    char *shared = mmap(
        NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    known.count = (size_t *)(void *)shared;
    known.rows = (known_rows *)(void *)(shared + sizeof(size_t));
}

/* 0: some of its content is no object. */
static tarn_status print_objects(
    tarn_snapshot *snap, const tarn_node *node, uint64_t *out, tarn_error *err)
{
    tarn__content content;
    tarn__id id;
    uint64_t part;
    *out = 0;
    if (!tarn__id_parse(tarn_str(node->id), &id))
        return TARN_OK;
    tarn_status st = tarn__tree_content(snap, &id, false, &content, err);
    if (st != TARN_OK)
        return st;
    uint64_t all = content.count;
    bool objects = true;
    for (size_t i = 0; i < content.count; i++) {
        memcpy(&part, content.items[i].sha256, sizeof part);
        all = (all ^ part) * 1099511628211u;
        objects = objects && content.items[i].is_object;
    }
    tarn__content_reset(&content);
    *out = objects ? all : 0;
    return TARN_OK;
}

static const char *known_line(uint64_t objects, const char *begins)
{
    size_t len = strlen(begins);
    for (size_t i = 0; objects != 0 && i < *known.count; i++)
        if (known.rows[i].objects == objects &&
            strncmp(known.rows[i].line, begins, len) == 0)
            return known.rows[i].line;
    return NULL;
}

static void remember_line(uint64_t objects, const char *line)
{
    if (objects == 0 || *known.count == KNOWN_MAX ||
        strlen(line) >= sizeof known.rows->line)
        return;
    known_rows *rows = &known.rows[*known.count];
    rows->objects = objects;
    (void)snprintf(rows->line, sizeof rows->line, "%s", line);
    ++*known.count;
}

static tarn_status add_rows(text_list *list, tarn_snapshot *snap,
    const tarn_node *node, tarn_error *err)
{
    text_list lines = {0};
    tarn_rows *rows = NULL;
    char line[256];
    int id = -1;
    int v = -1;
    tarn_status st = tarn_query_table(snap, node->path, &rows, err);
    for (size_t c = 0; st == TARN_OK && c < tarn_rows_column_count(rows); c++) {
        const char *name = tarn_rows_column_name(rows, c);
        if (strcmp(name, "id") == 0)
            id = (int)c;
        if (strcmp(name, "v") == 0)
            v = (int)c;
    }
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        int len = snprintf(
            line, sizeof line, "%s,", tarn_rows_text(rows, (size_t)id));
        (void)snprintf(line + len, sizeof line - (size_t)len, "%s",
            tarn_rows_text(rows, (size_t)v));
        text_add(&lines, line);
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    size_t len;
    char *text = text_join(&lines, &len);
    if (st == TARN_OK)
        text_add_bytes(list, tarn_kind_name(node->kind), node->path, text, len);
    free(text);
    return st;
}

static tarn_status add_table_node(text_list *list, tarn_snapshot *snap,
    const tarn_node *node, tarn_error *err)
{
    char begins[120];
    uint64_t objects;
    if (known.count == NULL)
        return add_rows(list, snap, node, err);
    (void)snprintf(begins, sizeof begins, "%s %s ", tarn_kind_name(node->kind),
        node->path);
    tarn_status st = print_objects(snap, node, &objects, err);
    if (st != TARN_OK)
        return st;
    const char *line = known_line(objects, begins);
    if (line != NULL) {
        text_add(list, line);
        return TARN_OK;
    }
    st = add_rows(list, snap, node, err);
    if (st == TARN_OK)
        remember_line(objects, list->lines[list->count - 1]);
    return st;
}

static tarn_status add_node(text_list *list, tarn_snapshot *snap,
    const tarn_node *node, tarn_error *err)
{
    const char *kind = tarn_kind_name(node->kind);
    tarn_buf bytes = TARN_BUF_INIT;
    tarn_status st = TARN_OK;
    switch (node->kind) {
    case TARN_KIND_DIR:
        text_add_bytes(list, kind, node->path, "", 0);
        break;
    case TARN_KIND_LINK:
        text_add_bytes(
            list, kind, node->path, node->target, strlen(node->target));
        break;
    case TARN_KIND_TABLE:
    case TARN_KIND_SERIES:
        st = add_table_node(list, snap, node, err);
        break;
    default:
        st = tarn_tree_read(snap, node->path, CONTENT_MAX, &bytes, err);
        if (st == TARN_OK)
            text_add_bytes(list, kind, node->path,
                bytes.ptr != NULL ? bytes.ptr : "", bytes.len);
        tarn_buf_reset(&bytes);
        break;
    }
    return st;
}

static tarn_status add_states(
    text_list *list, tarn_snapshot *snap, tarn_error *err)
{
    tarn_rows *rows = NULL;
    char path[512];
    tarn_status st = tarn_state_ls(snap, NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        /* What gc notes for itself is no promise to anyone. */
        int len = snprintf(path, sizeof path, "%s", tarn_rows_text(rows, 0));
        (void)snprintf(path + len, sizeof path - (size_t)len, " %s",
            tarn_rows_text(rows, 1));
        const char *value = tarn_rows_text(rows, 2);
        if (strcmp(path, "lake horizon") != 0)
            text_add_bytes(list, "state", path, value, strlen(value));
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    return st;
}

static tarn_status add_table(
    text_list *list, tarn_snapshot *snap, const char *table, tarn_error *err)
{
    enum { KEY = 1, DOC = 5 };
    tarn_rows *rows = NULL;
    char path[512];
    tarn_status st = tarn_record_ls(snap, table, NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        tarn_slice doc = tarn_rows_bytes(rows, DOC);
        (void)snprintf(path, sizeof path, "%s/%s", table,
            tarn_rows_is_null(rows, KEY) ? "" : tarn_rows_text(rows, KEY));
        text_add_bytes(list, "record", path, doc.ptr, doc.len);
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    return st;
}

static tarn_status add_records(
    text_list *list, tarn_snapshot *snap, tarn_error *err)
{
    tarn_rows *rows = NULL;
    tarn_status st = tarn_schema_ls(snap, NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW)
        st = add_table(list, snap, tarn_rows_text(rows, 0), err);
    tarn_rows_free(rows);
    return st;
}

static tarn_status add_edges(
    text_list *list, tarn_snapshot *snap, tarn_error *err)
{
    enum { REL = 1, PROPS = 3, SRC_KEY, DST_KEY };
    tarn_rows *rows = NULL;
    char path[512];
    tarn_status st = tarn_edge_ls(snap, NULL, NULL, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        tarn_slice props = tarn_rows_bytes(rows, PROPS);
        int len = snprintf(path, sizeof path, "%s",
            tarn_rows_is_null(rows, SRC_KEY) ? ""
                                             : tarn_rows_text(rows, SRC_KEY));
        len += snprintf(path + len, sizeof path - (size_t)len, " %s ",
            tarn_rows_text(rows, REL));
        (void)snprintf(path + len, sizeof path - (size_t)len, "%s",
            tarn_rows_is_null(rows, DST_KEY) ? ""
                                             : tarn_rows_text(rows, DST_KEY));
        text_add_bytes(
            list, "edge", path, props.ptr != NULL ? props.ptr : "", props.len);
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    return st;
}

char *dump_text(tarn_snapshot *snap, tarn_error *err)
{
    text_list list = {0};
    tarn_tree_list *nodes = NULL;
    const tarn_node *node;
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    options.recursive = true;
    options.all = true;
    tarn_status st = tarn_tree_list_open(snap, "/", &options, &nodes, err);
    while (st == TARN_OK &&
        (st = tarn_tree_list_next(nodes, &node, err)) == TARN_ROW)
        st = add_node(&list, snap, node, err);
    tarn_tree_list_free(nodes);
    if (st == TARN_OK)
        st = add_states(&list, snap, err);
    if (st == TARN_OK)
        st = add_records(&list, snap, err);
    if (st == TARN_OK)
        st = add_edges(&list, snap, err);
    char *text = text_join(&list, NULL);
    if (st != TARN_OK) {
        free(text);
        return NULL;
    }
    return text;
}

static tarn_status dump_version(
    tarn_lake *lake, const char *word, int64_t head, tarn_error *err)
{
    int64_t version = head;
    if (strcmp(word, "head-1") == 0)
        version = head - 1;
    else if (strcmp(word, "head") != 0)
        version = (int64_t)strtoll(word, NULL, 10);
    tarn_snapshot *snap = NULL;
    tarn_status st = tarn_snapshot_open(lake, version, &snap, err);
    printf("version %" PRId64 "%s\n", version,
        st == TARN_NOT_FOUND ? " gone" : "");
    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    char *text = st == TARN_OK ? dump_text(snap, err) : NULL;
    if (text != NULL)
        printf("%s.\n", text);
    else if (st == TARN_OK)
        st = err->code;
    free(text);
    tarn_snapshot_free(snap);
    return st;
}

bool dump_lake(tarn_lake *lake, const char *const *versions)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t head = -1;
    tarn_status st = tarn_lake_head(lake, &head, &err);
    if (st == TARN_OK)
        printf("head %" PRId64 "\n", head);
    for (size_t i = 0; st == TARN_OK && versions[i] != NULL; i++)
        st = dump_version(lake, versions[i], head, &err);
    if (st != TARN_OK)
        fprintf(stderr, "%s\n", err.message);
    return st == TARN_OK;
}

int dump_main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    if (argc < 3)
        return 2;
    if (tarn_lake_open(argv[2], NULL, &lake, &err) != TARN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    bool ok = dump_lake(lake, (const char *const *)(uintptr_t)(argv + 3));
    tarn_lake_close(lake);
    return ok ? 0 : 1;
}
