/* What the lake holds of a connection. */
#include <stdio.h>
#include <string.h>

#include <tarn/track.h>
#include <tarn/tree.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/rows.h"
#include "track/run_internal.h"

#define MARKER_MAX_BYTES 100

static tarn_status add_row(
    tarn__table *table, const char *item, const char *value, tarn_error *err)
{
    tarn_status st = tarn__table_text(table, item, err);
    return st == TARN_OK ? tarn__table_text(table, value, err) : st;
}

static tarn_status add_marker(
    tarn__table *table, tarn_snapshot *snap, const char *root, tarn_error *err)
{
    tarn_kind kind;
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = tarn__track_kind_at(snap, root, "marker.txt", &kind, err);
    if (st != TARN_OK || kind == TARN_KIND_ANY)
        return st == TARN_OK ? add_row(table, "marker", NULL, err) : st;
    char *path = tarn__sprintf("%s/marker.txt", root);
    st = path == NULL
        ? tarn__no_memory(err)
        : tarn_tree_read(snap, path, MARKER_MAX_BYTES, &text, err);
    if (st == TARN_OK)
        st = add_row(table, "marker", text.ptr, err);
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

static tarn_status add_last_run(tarn__table *table, tarn_snapshot *snap,
    const tarn__track_config *config, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    json_t *json = NULL;
    tarn_error none = TARN_ERROR_INIT;
    char *scope = tarn__sprintf("track/%s/%s", config->application, config->id);
    if (scope == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn_state_get(snap, scope, "last_run", &text, &none);
    if (st == TARN_OK)
        st = tarn__json_parse(tarn__buf_slice(&text), scope, &json, &none);
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        char number[32];
        (void)snprintf(number, sizeof number, "%lld",
            (long long)json_integer_value(value));
        const char *item = strcmp(key, "run") == 0 ? "last_run" : key;
        if (st == TARN_OK)
            st = add_row(table, item,
                json_is_string(value) ? json_string_value(value) : number,
                &none);
    }
    json_decref(json);
    tarn_buf_reset(&text);
    tarn__free(scope);
    if (st == TARN_NOT_FOUND)
        return add_row(table, "last_run", NULL, err);
    if (st != TARN_OK && err != NULL)
        *err = none;
    return st;
}

static tarn_status add_sizes(
    tarn__table *table, tarn_snapshot *snap, const char *root, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < TARN__TRACK_KINDS; i++) {
        tarn_tree_list *list;
        const tarn_node *node;
        int64_t files = 0;
        int64_t bytes = 0;
        char text[80];
        char item[32];
        char *pattern = tarn__sprintf(
            "%s/current-state/%s/*.json", root, tarn__track_kinds[i]);
        st = pattern == NULL
            ? tarn__no_memory(err)
            : tarn_tree_list_open(snap, pattern, NULL, &list, err);
        tarn__free(pattern);
        if (st != TARN_OK)
            return st;
        while ((st = tarn_tree_list_next(list, &node, err)) == TARN_ROW) {
            files++;
            bytes += node->size_bytes;
        }
        tarn_tree_list_free(list);
        (void)snprintf(item, sizeof item, "%s_bytes", tarn__track_kinds[i]);
        (void)snprintf(text, sizeof text, "%lld", (long long)bytes);
        if (st == TARN_OK)
            st = add_row(table, item, text, err);
        (void)snprintf(item, sizeof item, "%s_files", tarn__track_kinds[i]);
        (void)snprintf(text, sizeof text, "%lld", (long long)files);
        if (st == TARN_OK)
            st = add_row(table, item, text, err);
    }
    return st;
}

tarn_status tarn_track_status(tarn_snapshot *snap, const char *config_path,
    tarn_rows **out, tarn_error *err)
{
    static const tarn__column columns[] = {
        {"item", TARN_TEXT}, {"value", TARN_TEXT}};
    tarn__track_config config;
    tarn__table *table = NULL;
    *out = NULL;
    tarn_status st = tarn__track_config_read(config_path, &config, err);
    if (st != TARN_OK)
        return st;
    st = tarn__table_create(columns, 2, &table, err);
    if (st == TARN_OK)
        st = add_row(table, "path", config.root, err);
    if (st == TARN_OK)
        st = add_marker(table, snap, config.root, err);
    if (st == TARN_OK)
        st = add_last_run(table, snap, &config, err);
    if (st == TARN_OK)
        st = add_sizes(table, snap, config.root, err);
    if (st == TARN_OK)
        st = tarn__table_rows(table, out, err);
    if (st != TARN_OK)
        tarn__table_free(table);
    tarn__track_config_reset(&config);
    return st;
}
