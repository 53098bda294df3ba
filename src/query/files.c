/* Files on disk that hold what a name stands for.
 *
 * An object is read where it lies.  Content that is inline, or in several
 * items that together are one stream of bytes, is written to scratch first, a
 * block at a time. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "os/file.h"
#include "query/query_internal.h"
#include "tree/path.h"
#include "tree/unpack.h"

#define BLOCK_BYTES ((size_t)256 * 1024)

/* --- sets --- */

static tarn_status find_set(tarn__session *s, tarn__sources *sources,
    tarn__format format, tarn__source_set **out, tarn_error *err)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->sets[i].format == format) {
            *out = &sources->sets[i];
            return TARN_OK;
        }
    if (sources->count == sources->cap) {
        size_t cap = sources->cap == 0 ? 4 : sources->cap * 2;
        tarn__source_set *sets =
            tarn__arena_alloc(&s->arena, cap * sizeof(*sets));
        if (sets == NULL)
            return tarn__no_memory(err);
        if (sources->count > 0)
            memcpy(sets, sources->sets, sources->count * sizeof(*sets));
        sources->sets = sets;
        sources->cap = cap;
    }
    *out = &sources->sets[sources->count++];
    **out = (tarn__source_set){.format = format};
    return format == TARN__FORMAT_NONE ? tarn__lines_register(s, err) : TARN_OK;
}

/* `path` is in the arena. */
static tarn_status add_file(tarn__session *s, tarn__source_set *set,
    const char *path, uint64_t size_bytes, tarn_error *err)
{
    if (set->count == set->cap) {
        size_t cap = set->cap == 0 ? 8 : set->cap * 2;
        tarn__source_file *files =
            tarn__arena_alloc(&s->arena, cap * sizeof(*files));
        if (files == NULL)
            return tarn__no_memory(err);
        if (set->count > 0)
            memcpy(files, set->files, set->count * sizeof(*files));
        set->files = files;
        set->cap = cap;
    }
    set->files[set->count++] = (tarn__source_file){path, size_bytes};
    set->total_bytes += size_bytes;
    return tarn__session_allow_path(s, path, err);
}

/* --- content --- */

/* Remembered, so that its hash can be looked at (statement.c). */
static tarn_status keep_object(
    tarn__session *s, tarn__object_id id, tarn_error *err)
{
    if (s->object_count == s->object_cap) {
        size_t cap = s->object_cap == 0 ? 8 : s->object_cap * 2;
        tarn__object_id *ids = tarn__arena_alloc(&s->arena, cap * sizeof(*ids));
        if (ids == NULL)
            return tarn__no_memory(err);
        if (s->object_count > 0)
            memcpy(ids, s->objects, s->object_count * sizeof(*ids));
        s->objects = ids;
        s->object_cap = cap;
    }
    s->objects[s->object_count++] = id;
    return TARN_OK;
}

static tarn_status object_file(tarn__session *s, tarn_snapshot *snap,
    const tarn__item *item, const char **path, tarn_error *err)
{
    tarn__object_id id = {.parquet = item->parquet};
    memcpy(id.sha256, item->sha256, sizeof(id.sha256));
    char *found = NULL;
    tarn_status st = keep_object(s, id, err);
    if (st == TARN_OK)
        st = tarn__read_object_path(snap, id, &found, err);
    if (st == TARN_OK && found[0] != '/') {
        char *real = NULL;
        st = tarn__realpath(found, &real, err);
        tarn__free(found);
        found = real;
    }
    if (st != TARN_OK)
        return st;
    *path = tarn__arena_strdup(&s->arena, found);
    tarn__free(found);
    return *path == NULL ? tarn__no_memory(err) : TARN_OK;
}

static tarn_status copy_all(
    tarn_reader *reader, tarn__file *file, tarn_error *err)
{
    char *block = tarn__malloc(BLOCK_BYTES);
    if (block == NULL)
        return tarn__no_memory(err);
    size_t got;
    tarn_status st;
    do {
        st = tarn_reader_read(reader, block, BLOCK_BYTES, &got, err);
        if (st == TARN_OK && got > 0)
            st = tarn__file_write(file, block, got, err);
    } while (st == TARN_OK && got > 0);
    tarn__free(block);
    return st;
}

static tarn_status spill_stream(tarn__session *s, tarn_snapshot *snap,
    const char *node_path, const char **path, uint64_t *size_bytes,
    tarn_error *err)
{
    tarn_reader *reader = NULL;
    tarn__file file = TARN__FILE_INIT;
    tarn_status st = tarn__session_scratch(s, ".data", path, err);
    if (st == TARN_OK)
        st = tarn_tree_open(snap, node_path, &reader, err);
    if (st == TARN_OK)
        st = tarn__file_open(&file, *path, TARN__OPEN_CREATE, err);
    if (st == TARN_OK)
        st = copy_all(reader, &file, err);
    if (st == TARN_OK)
        *size_bytes = tarn_reader_size(reader);
    tarn__file_close(&file);
    tarn_reader_close(reader);
    return st;
}

static tarn_status add_item(tarn__session *s, tarn_snapshot *snap,
    const tarn__item *item, tarn__source_set *set, tarn_error *err)
{
    const char *path = NULL;
    tarn_status st = TARN_OK;
    if (item->is_object) {
        st = object_file(s, snap, item, &path, err);
    } else {
        st = tarn__session_scratch(s, ".parquet", &path, err);
        if (st == TARN_OK)
            st = tarn__file_spill(path, item->content, err);
    }
    return st == TARN_OK ? add_file(s, set, path, item->size_bytes, err) : st;
}

static tarn_status parse_attrs(
    const tarn__node *node, json_t **attrs, tarn_error *err)
{
    tarn_slice text = node->attrs.len == 0 ? tarn_str("{}") : node->attrs;
    return tarn__json_parse(text, "a node's attributes", attrs, err);
}

/* A table or series: a Parquet file an item. */
static tarn_status add_rows(tarn__session *s, tarn_snapshot *snap,
    const tarn__node *node, tarn__ref *ref, tarn__sources *out, tarn_error *err)
{
    tarn__content content = TARN__CONTENT_INIT;
    tarn__source_set *set = NULL;
    json_t *attrs = NULL;
    tarn_status st = find_set(s, out, TARN__FORMAT_PARQUET, &set, err);
    if (st == TARN_OK)
        st = parse_attrs(node, &attrs, err);
    if (st == TARN_OK)
        st = tarn__tree_content(
            snap, &node->id, tarn__lake_is_memory(s->lake), &content, err);
    if (st == TARN_OK)
        st = tarn__prune(s, ref, attrs, &content, err);
    if (st == TARN_OK)
        set->uniform = set->count == 0 && tarn__series_uniform(attrs);
    for (size_t i = 0; st == TARN_OK && i < content.count; i++)
        st = add_item(s, snap, &content.items[i], set, err);
    json_decref(attrs);
    tarn__content_reset(&content);
    return st;
}

/* What came packed is unpacked first: where it is damaged, that is an error and
 * not an end. */
static tarn_status unpack(tarn__session *s, const char *shown,
    tarn__packing packing, const char **path, uint64_t *size_bytes,
    tarn_error *err)
{
    tarn__stat stat;
    const char *plain = NULL;
    tarn_status st = tarn__session_scratch(s, ".data", &plain, err);
    if (st == TARN_OK)
        st = tarn__unpack(*path, shown, packing, plain, err);
    if (st == TARN_OK)
        st = tarn__stat_path(plain, true, &stat, err);
    if (st != TARN_OK)
        return st;
    *path = plain;
    *size_bytes = stat.size_bytes;
    return TARN_OK;
}

/* A file of bytes: `shown` is how it was named. */
static tarn_status add_plain(tarn__session *s, const char *shown,
    tarn__format format, tarn__packing packing, const char *path,
    uint64_t size_bytes, tarn__sources *out, tarn_error *err)
{
    tarn__source_set *set = NULL;
    tarn_status st = find_set(s, out, format, &set, err);
    if (st == TARN_OK)
        set->uniform = false;
    if (st == TARN_OK && packing != TARN__PACKING_NONE) {
        set->unpacked = true;
        st = unpack(s, shown, packing, &path, &size_bytes, err);
    }
    return st == TARN_OK ? add_file(s, set, path, size_bytes, err) : st;
}

static tarn_status add_bytes(tarn__session *s, tarn_snapshot *snap,
    const tarn__id *id, const char *node_path, tarn__format format,
    tarn__packing packing, tarn__sources *out, tarn_error *err)
{
    tarn__content content = TARN__CONTENT_INIT;
    const char *path = NULL;
    uint64_t size_bytes = 0;
    tarn_status st = tarn__tree_content(snap, id, false, &content, err);
    if (st == TARN_OK && content.count == 1 && content.items[0].is_object) {
        size_bytes = content.items[0].size_bytes;
        st = object_file(s, snap, &content.items[0], &path, err);
    } else if (st == TARN_OK) {
        st = spill_stream(s, snap, node_path, &path, &size_bytes, err);
    }
    tarn__content_reset(&content);
    return st == TARN_OK
        ? add_plain(s, node_path, format, packing, path, size_bytes, out, err)
        : st;
}

/* The ending is that of the path as written, which may be a link's, else the
 * node's own. */
static tarn_status format_of_node(const char *path, const tarn__node *node,
    tarn__format *format, tarn__packing *packing, tarn_error *err)
{
    *format = tarn__format_of(path, packing);
    if (*format != TARN__FORMAT_NONE)
        return TARN_OK;
    char *own = tarn__strndup(node->name.ptr, node->name.len);
    if (own == NULL)
        return tarn__no_memory(err);
    *format = tarn__format_of(own, packing);
    tarn__free(own);
    return TARN_OK;
}

/* `in_glob`: a folder is passed over. */
static tarn_status add_node(tarn__session *s, tarn_snapshot *snap,
    const char *path, bool in_glob, tarn__ref *ref, tarn__sources *out,
    tarn_error *err)
{
    tarn__node node;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__format format;
    tarn__packing packing;
    tarn_status st = tarn__tree_resolve(snap, path, true, &node, &payload, err);
    if (st != TARN_OK) {
        tarn_buf_reset(&payload);
        return st;
    }
    switch (node.kind) {
    case TARN__KIND_TABLE:
    case TARN__KIND_SERIES:
        st = add_rows(s, snap, &node, ref, out, err);
        break;
    case TARN__KIND_FILE:
    case TARN__KIND_STREAM:
        st = format_of_node(path, &node, &format, &packing, err);
        if (st == TARN_OK)
            st = add_bytes(s, snap, &node.id, path, format, packing, out, err);
        break;
    case TARN__KIND_COMPUTED:
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: computed by a factory that this version does not have", path);
        break;
    default:
        if (!in_glob)
            st = tarn__fail(err, TARN_BAD_INPUT,
                "%s: a folder (name what is in it, or a glob such as '%s/*')",
                path, strcmp(path, "/") == 0 ? "" : path);
    }
    tarn_buf_reset(&payload);
    return st;
}

static tarn_status add_matches(tarn__session *s, const tarn__name *name,
    tarn__sources *out, tarn_error *err)
{
    tarn_tree_list *list = NULL;
    const tarn_node *node = NULL;
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    tarn_status st =
        tarn_tree_list_open(name->snap, name->path, &options, &list, err);
    while (st == TARN_OK &&
        (st = tarn_tree_list_next(list, &node, err)) == TARN_ROW)
        st = node->kind == TARN_KIND_DIR
            ? TARN_OK
            : add_node(s, name->snap, node->path, true, NULL, out, err);
    tarn_tree_list_free(list);
    return st;
}

static tarn_status some(
    const tarn__sources *sources, const char *path, tarn_error *err)
{
    for (size_t i = 0; i < sources->count; i++)
        if (sources->sets[i].count > 0)
            return TARN_OK;
    return tarn__fail(
        err, TARN_NOT_FOUND, "%s: nothing to read (see tarn ls)", path);
}

tarn_status tarn__sources_of_name(tarn__session *s, const tarn__name *name,
    tarn__ref *ref, tarn__sources *out, tarn_error *err)
{
    tarn_status st = name->glob
        ? add_matches(s, name, out, err)
        : add_node(s, name->snap, name->path, false, ref, out, err);
    return st == TARN_OK ? some(out, name->path, err) : st;
}

/* --- the host --- */

tarn_status tarn__host_path(
    tarn__session *s, const char *text, const char **path, tarn_error *err)
{
    *path = text;
    if (!s->allow_host)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: a file on the host (give --allow-host, or put it into the "
            "lake first)",
            text);
    if (tarn__starts_with(text, "host:"))
        *path += strlen("host:");
    return TARN_OK;
}

tarn_status tarn__host_real(
    tarn__session *s, const char *written, const char **path, tarn_error *err)
{
    char *real = NULL;
    tarn_status st = tarn__realpath(written, &real, err);
    if (st != TARN_OK)
        return st;
    *path = tarn__arena_strdup(&s->arena, real);
    tarn__free(real);
    if (*path == NULL)
        return tarn__no_memory(err);
    if (s->lake_dir != NULL &&
        tarn__path_within(tarn_str(s->lake_dir), tarn_str(*path)))
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: inside the lake's own folder (name its content by lake paths)",
            written);
    return TARN_OK;
}

static tarn_status add_host(
    tarn__session *s, const char *written, tarn__sources *out, tarn_error *err)
{
    tarn__stat stat;
    tarn__format format;
    tarn__packing packing;
    const char *path;
    tarn_status st = tarn__host_real(s, written, &path, err);
    if (st != TARN_OK)
        return st;
    st = tarn__stat_path(path, true, &stat, err);
    if (st == TARN_OK && stat.kind != TARN__FILE_REGULAR)
        return tarn__fail(
            err, TARN_BAD_INPUT, "%s: not a regular file", written);
    format = tarn__format_of(written, &packing);
    return st == TARN_OK ? add_plain(s, written, format, packing, path,
                               stat.size_bytes, out, err)
                         : st;
}

/* DuckDB expands the pattern; nothing is read yet. */
static tarn_status add_host_glob(
    tarn__session *s, const char *pattern, tarn__sources *out, tarn_error *err)
{
    tarn__duck_result *r = NULL;
    tarn__cell cell;
    const tarn__duck_value value = {
        .type = TARN_TEXT, .bytes = tarn_str(pattern)};
    tarn_status st = tarn__duck_query(
        s->duck, "SELECT file FROM glob(?) ORDER BY file", &value, 1, &r, err);
    while (st == TARN_OK && (st = tarn__duck_next(r, &cell, err)) == TARN_ROW)
        st = add_host(s, cell.bytes.ptr, out, err);
    tarn__duck_result_free(r);
    return st;
}

tarn_status tarn__sources_of_host(
    tarn__session *s, const char *text, tarn__sources *out, tarn_error *err)
{
    const char *path;
    tarn_status st = tarn__host_path(s, text, &path, err);
    if (st != TARN_OK)
        return st;
    st = !tarn__path_exists(path) && tarn__is_glob(path)
        ? add_host_glob(s, path, out, err)
        : add_host(s, path, out, err);
    return st == TARN_OK ? some(out, text, err) : st;
}
