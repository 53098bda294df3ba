/* Actions of the log, from JSON that may come from anyone.
 *
 * Taken: add, remove, metaData, protocol, commitInfo.  Refused by name: every
 * other action.  txn belongs to protocol (1,2), but an application that keeps
 * its progress in the log of a lake would lose it at our next checkpoint;
 * domainMetadata, cdc, sidecar and checkpointMetadata are features that
 * (1,2) lacks. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"
#include "delta/stats.h"

void tarn__action_reset(tarn__action *action)
{
    static const tarn__action none = {.timestamp_ms = -1};
    tarn__delta_file_reset(&action->file);
    tarn__free(action->metadata);
    tarn__free(action->operation);
    tarn__free(action->tarn);
    *action = none;
}

static tarn_status wrong(
    const char *where, const char *action, const char *name, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "%s: %s.%s is missing or of another type", where, action, name);
}

/* A text without NUL; NULL when absent or anything else. */
static const char *get_text(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    const char *text = json_string_value(v);
    return text != NULL && strlen(text) == json_string_length(v) ? text : NULL;
}

static bool is_null(const json_t *object, const char *name)
{
    const json_t *v = json_object_get(object, name);
    return v == NULL || json_is_null(v);
}

/* A boolean, or `absent` when it is not told. */
static bool get_bool(
    const json_t *object, const char *name, bool absent, bool *out)
{
    const json_t *v = json_object_get(object, name);
    *out = is_null(object, name) ? absent : json_is_true(v);
    return is_null(object, name) || json_is_boolean(v);
}

static tarn_status refuse_features(
    const json_t *json, const char *action, const char *where, tarn_error *err)
{
    if (!is_null(json, "deletionVector"))
        return tarn__fail(err, TARN_FAILED,
            "%s: %s has a deletionVector, a table feature that Tarn does not "
            "read",
            where, action);
    const json_t *values = json_object_get(json, "partitionValues");
    if (json_object_size(values) > 0)
        return tarn__fail(err, TARN_FAILED,
            "%s: %s has partitionValues: Tarn reads no partitioned table",
            where, action);
    return TARN_OK;
}

static tarn_status parse_path(const json_t *json, const char *action,
    const char *where, char **out, tarn_error *err)
{
    const char *text = get_text(json, "path");
    if (text == NULL)
        return wrong(where, action, "path", err);
    return tarn__log_path_decode(text, where, out, err);
}

static tarn_status parse_add(const tarn__delta_options *options,
    const json_t *json, const char *where, tarn__action *out, tarn_error *err)
{
    tarn__delta_file *file = &out->file;
    tarn_status st = refuse_features(json, "add", where, err);
    if (st == TARN_OK)
        st = parse_path(json, "add", where, &file->path, err);
    if (st != TARN_OK)
        return st;
    if (!tarn__json_i64(json, "size", &file->size_bytes) ||
        file->size_bytes < 0)
        return wrong(where, "add", "size", err);
    if (!tarn__json_i64(json, "modificationTime", &file->modified_ms))
        return wrong(where, "add", "modificationTime", err);
    if (!get_bool(json, "dataChange", true, &file->data_change))
        return wrong(where, "add", "dataChange", err);
    const char *stats = get_text(json, "stats");
    if (stats == NULL && !is_null(json, "stats"))
        return wrong(where, "add", "stats", err);
    st = tarn__copy_text(&file->stats, stats, err);
    if (st == TARN_OK)
        st = tarn__stats_range(file->stats, options->columns[0].name,
            &file->min_version, &file->max_version, err);
    return st;
}

static tarn_status parse_remove(
    const json_t *json, const char *where, tarn__action *out, tarn_error *err)
{
    tarn_status st = refuse_features(json, "remove", where, err);
    if (st == TARN_OK)
        st = parse_path(json, "remove", where, &out->file.path, err);
    if (st != TARN_OK)
        return st;
    if (!get_bool(json, "dataChange", true, &out->file.data_change))
        return wrong(where, "remove", "dataChange", err);
    out->deletion_ms = 0; /* optional in the protocol */
    if (!is_null(json, "deletionTimestamp") &&
        !tarn__json_i64(json, "deletionTimestamp", &out->deletion_ms))
        return wrong(where, "remove", "deletionTimestamp", err);
    return TARN_OK;
}

static tarn_status parse_protocol(
    const json_t *json, const char *where, tarn_error *err)
{
    int64_t reader;
    int64_t writer;
    if (!tarn__json_i64(json, "minReaderVersion", &reader))
        return wrong(where, "protocol", "minReaderVersion", err);
    if (!tarn__json_i64(json, "minWriterVersion", &writer))
        return wrong(where, "protocol", "minWriterVersion", err);
    if (reader > TARN__DELTA_READER || writer > TARN__DELTA_WRITER)
        return tarn__fail(err, TARN_FAILED,
            "%s: protocol (%" PRId64 ",%" PRId64
            ") is beyond (%d,%d), which is all that Tarn reads and writes",
            where, reader, writer, TARN__DELTA_READER, TARN__DELTA_WRITER);
    if (reader < 1 || writer < 1)
        return tarn__fail(err, TARN_CORRUPT,
            "%s: protocol (%" PRId64 ",%" PRId64 ") does not exist", where,
            reader, writer);
    static const char *const lists[] = {"readerFeatures", "writerFeatures"};
    for (size_t i = 0; i < 2; i++)
        if (!is_null(json, lists[i]))
            return tarn__fail(err, TARN_FAILED,
                "%s: protocol.%s: Tarn reads no table features", where,
                lists[i]);
    return TARN_OK;
}

static tarn_status parse_metadata(const tarn__delta_options *options,
    const json_t *json, const char *where, tarn__action *out, tarn_error *err)
{
    const char *schema = get_text(json, "schemaString");
    if (schema == NULL)
        return wrong(where, "metaData", "schemaString", err);
    if (get_text(json, "id") == NULL)
        return wrong(where, "metaData", "id", err);
    if (json_array_size(json_object_get(json, "partitionColumns")) > 0)
        return tarn__fail(err, TARN_FAILED,
            "%s: metaData.partitionColumns: Tarn reads no partitioned table",
            where);
    const char *provider =
        get_text(json_object_get(json, "format"), "provider");
    if (provider == NULL || strcmp(provider, "parquet") != 0)
        return wrong(where, "metaData", "format.provider", err);
    const char *mapping = get_text(
        json_object_get(json, "configuration"), "delta.columnMapping.mode");
    if (mapping != NULL && strcmp(mapping, "none") != 0)
        return tarn__fail(err, TARN_FAILED,
            "%s: delta.columnMapping.mode=%.40s is a table feature that Tarn "
            "does not read",
            where, mapping);
    tarn_status st = tarn__schema_check(options, schema, where, err);
    if (st != TARN_OK)
        return st;
    tarn_buf text = TARN_BUF_INIT;
    st = tarn__json_dump(json, &text, err);
    if (st == TARN_OK) {
        out->metadata = tarn__buf_take(&text);
        if (out->metadata == NULL)
            st = tarn__no_memory(err);
    }
    tarn_buf_reset(&text);
    return st;
}

static tarn_status parse_commit_info(
    const json_t *json, tarn__action *out, tarn_error *err)
{
    int64_t timestamp_ms;
    if (tarn__json_i64(json, "timestamp", &timestamp_ms))
        out->timestamp_ms = timestamp_ms;
    tarn_status st =
        tarn__copy_text(&out->operation, get_text(json, "operation"), err);
    if (st == TARN_OK)
        st = tarn__copy_text(&out->tarn, get_text(json, "tarn"), err);
    return st;
}

/* The one member that is not null: a checkpoint's rows name the others too. */
static tarn_status only_member(const json_t *json, const char *where,
    const char **name, const json_t **value, tarn_error *err)
{
    *name = NULL;
    *value = NULL;
    void *iter = json_object_iter((json_t *)(uintptr_t)json);
    for (; iter != NULL;
         iter = json_object_iter_next((json_t *)(uintptr_t)json, iter)) {
        if (json_is_null(json_object_iter_value(iter)))
            continue;
        if (*name != NULL)
            return tarn__fail(err, TARN_CORRUPT,
                "%s: two actions, %.40s and %.40s, stand together", where,
                *name, json_object_iter_key(iter));
        *name = json_object_iter_key(iter);
        *value = json_object_iter_value(iter);
    }
    if (*name == NULL || !json_is_object(*value))
        return tarn__fail(
            err, TARN_CORRUPT, "%s: this is not an action", where);
    return TARN_OK;
}

tarn_status tarn__action_parse(const tarn__delta_options *options,
    const json_t *json, const char *where, tarn__action *out, tarn_error *err)
{
    static const tarn__action none = {.timestamp_ms = -1};
    *out = none;
    const char *name;
    const json_t *value;
    tarn_status st = only_member(json, where, &name, &value, err);
    if (st != TARN_OK)
        return st;
    if (strcmp(name, "add") == 0) {
        out->kind = TARN__ACTION_ADD;
        st = parse_add(options, value, where, out, err);
    } else if (strcmp(name, "remove") == 0) {
        out->kind = TARN__ACTION_REMOVE;
        st = parse_remove(value, where, out, err);
    } else if (strcmp(name, "commitInfo") == 0) {
        out->kind = TARN__ACTION_COMMIT_INFO;
        st = parse_commit_info(value, out, err);
    } else if (strcmp(name, "metaData") == 0) {
        out->kind = TARN__ACTION_METADATA;
        st = parse_metadata(options, value, where, out, err);
    } else if (strcmp(name, "protocol") == 0) {
        out->kind = TARN__ACTION_PROTOCOL;
        st = parse_protocol(value, where, err);
    } else {
        st = tarn__fail(err, TARN_FAILED,
            "%s: action %.40s is one that Tarn does not read", where, name);
    }
    if (st != TARN_OK)
        tarn__action_reset(out);
    return st;
}
