/* References of a statement into SQL that gives their data.
 *
 * What stands for a name is always a subquery: its columns are those of the
 * content and no others (no file names, no row ids of files), and DuckDB
 * pushes filters and columns through it all the same. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "query/record.h"

/* Below this, types are found from every row and not from a sample. */
#define SNIFF_WHOLE_BYTES ((uint64_t)32 * 1024 * 1024)
/* Room for one JSON document that is larger than DuckDB expects. */
#define DOCUMENT_BYTES ((uint64_t)16 * 1024 * 1024)
#define DOCUMENT_MAX_BYTES ((uint64_t)256 * 1024 * 1024)

tarn_status tarn__path_list_sql(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_char(sql, '[', err);
    for (size_t i = 0; st == TARN_OK && i < set->count; i++) {
        if (i > 0)
            st = tarn__buf_str(sql, ", ", err);
        if (st == TARN_OK)
            st = tarn__sql_path(sql, set->files[i].path, err);
    }
    return st == TARN_OK ? tarn__buf_char(sql, ']', err) : st;
}

/* read_x([...]OPTIONS, hive_partitioning=false): the lake's own folder may
 * well lie below one called `year=2020`. */
static tarn_status call(const char *function, const tarn__source_set *set,
    const char *options, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_printf(sql, err, "SELECT * FROM %s(", function);
    if (st == TARN_OK)
        st = tarn__path_list_sql(set, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err, "%s%s, hive_partitioning=false)",
            options,
            set->count > 1 && !set->uniform ? ", union_by_name=true" : "");
    return st;
}

static tarn_status csv(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err)
{
    char options[120];
    snprintf(options, sizeof(options), ", compression='none'%s%s",
        set->format == TARN__FORMAT_TSV ? ", delim='\t'" : "",
        set->total_bytes <= SNIFF_WHOLE_BYTES ? ", sample_size=-1" : "");
    return call("read_csv", set, options, sql, err);
}

static tarn_status json(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err)
{
    char options[160];
    char room[60] = "";
    uint64_t largest = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->files[i].size_bytes > largest)
            largest = set->files[i].size_bytes;
    if (set->format == TARN__FORMAT_JSON && largest > DOCUMENT_BYTES &&
        largest <= DOCUMENT_MAX_BYTES)
        snprintf(
            room, sizeof(room), ", maximum_object_size=%" PRIu64, largest + 1);
    snprintf(options, sizeof(options),
        ", compression='uncompressed', format='%s'%s%s",
        set->format == TARN__FORMAT_JSONL ? "newline_delimited" : "auto", room,
        set->total_bytes <= SNIFF_WHOLE_BYTES ? ", sample_size=-1" : "");
    return call("read_json", set, options, sql, err);
}

static tarn_status lines(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < set->count; i++) {
        st = tarn__buf_printf(sql, err, "%sSELECT * FROM tarn__lines(",
            i > 0 ? " UNION ALL " : "");
        if (st == TARN_OK)
            st = tarn__duck_quote_text(sql, tarn_str(set->files[i].path), err);
        if (st == TARN_OK)
            st = tarn__buf_char(sql, ')', err);
    }
    return st;
}

static tarn_status set_sql(
    const tarn__source_set *set, tarn_buf *sql, tarn_error *err)
{
    switch (set->format) {
    case TARN__FORMAT_PARQUET:
        return call("read_parquet", set, "", sql, err);
    case TARN__FORMAT_CSV:
    case TARN__FORMAT_TSV:
        return csv(set, sql, err);
    case TARN__FORMAT_JSON:
    case TARN__FORMAT_JSONL:
        return json(set, sql, err);
    case TARN__FORMAT_NONE:
    default:
        return lines(set, sql, err);
    }
}

tarn_status tarn__relation_sql(
    const tarn__sources *sources, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = TARN_OK;
    bool first = true;
    for (size_t i = 0; st == TARN_OK && i < sources->count; i++) {
        if (sources->sets[i].count == 0)
            continue;
        if (!first)
            st = tarn__buf_str(sql, " UNION ALL BY NAME ", err);
        first = false;
        if (st == TARN_OK)
            st = set_sql(&sources->sets[i], sql, err);
    }
    return st;
}

/* --- into the tree --- */

/* FROM (SQL) as the node of a table reference; the caller decrefs. */
static tarn_status parse_from(
    tarn__session *s, const char *sql, json_t **from, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    json_t *tree = NULL;
    *from = NULL;
    tarn_status st = tarn__buf_printf(&text, err, "FROM (%s)", sql);
    if (st == TARN_OK)
        st = tarn__duck_parse(s->duck, text.ptr, &tree, err);
    if (st == TARN_OK) {
        *from = json_incref(
            json_object_get(json_object_get(tree, "node"), "from_table"));
        if (*from == NULL)
            st = tarn__fail(
                err, TARN_FAILED, "DuckDB's parser: FROM without a table");
    }
    json_decref(tree);
    tarn_buf_reset(&text);
    return st;
}

tarn_status tarn__graft(tarn__session *s, json_t *node, const char *sql,
    const char *alias, tarn_error *err)
{
    static const char *const kept[] = {
        "sample", "column_name_alias", "query_location", NULL};
    json_t *from = NULL;
    tarn_status st = parse_from(s, sql, &from, err);
    if (st != TARN_OK)
        return st;
    int failed = json_object_set_new(from, "alias", json_string(alias));
    for (const char *const *name = kept; *name != NULL; name++)
        if (json_object_get(node, *name) != NULL)
            failed |=
                json_object_set(from, *name, json_object_get(node, *name));
    json_object_clear(node);
    failed |= json_object_update(node, from);
    json_decref(from);
    return failed != 0 ? tarn__no_memory(err) : TARN_OK;
}

/* --- references --- */

static tarn_status path_sql(tarn__session *s, tarn__ref *ref, const json_t *at,
    tarn_buf *sql, tarn_error *err)
{
    tarn__sources sources = {0};
    tarn__name name;
    tarn_status st;
    if (tarn__name_is_host(ref->text)) {
        if (json_is_object(at))
            return tarn__fail(err, TARN_BAD_INPUT,
                "%s: a file on the host has no versions", ref->text);
        bool stored;
        st = tarn__host_store_sql(s, ref->text, sql, &stored, err);
        if (st != TARN_OK || stored)
            return st;
        st = tarn__sources_of_host(s, ref->text, &sources, err);
    } else {
        if (ref->record != NULL)
            return tarn__record_sql(s, ref, sql, err);
        st = tarn__name_resolve(s, ref->text, at, &name, err);
        if (st == TARN_OK) {
            ref->version = tarn_snapshot_version(name.snap);
            st = tarn__sources_of_name(s, &name, ref, &sources, err);
        }
    }
    return st == TARN_OK ? tarn__relation_sql(&sources, sql, err) : st;
}

static tarn_status lake_sql(tarn__session *s, tarn__ref *ref, const json_t *at,
    tarn_buf *sql, tarn_error *err)
{
    tarn_snapshot *snap;
    ref->shown = tarn__arena_alloc(&s->arena, strlen(ref->text) + 6);
    if (ref->shown == NULL)
        return tarn__no_memory(err);
    memcpy((char *)ref->shown, "lake.", 5);
    memcpy((char *)ref->shown + 5, ref->text, strlen(ref->text) + 1);
    tarn_status st = tarn__at_resolve(s, at, &snap, err);
    if (st != TARN_OK)
        return st;
    ref->version = tarn_snapshot_version(snap);
    return tarn__lake_table_sql(s, ref->text, snap, sql, err);
}

static tarn_status replace(tarn__session *s, tarn__ref *ref, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    if (ref->kind == TARN__REF_READ)
        return tarn__read_replace(s, ref, err);
    const json_t *at = json_object_get(ref->node, "at_clause");
    tarn_status st = *ref->schema != '\0' ? lake_sql(s, ref, at, &sql, err)
                                          : path_sql(s, ref, at, &sql, err);
    if (st == TARN_OK)
        st = tarn__graft(s, ref->node, sql.ptr, ref->called, err);
    tarn_buf_reset(&sql);
    return st;
}

/* By which name the statement calls it. */
static tarn_status name_it(tarn__session *s, const tarn__guard *guard,
    size_t index, json_t *tree, tarn_error *err)
{
    tarn__ref *ref = &guard->refs[index];
    ref->called = ref->alias;
    if (ref->kind == TARN__REF_READ || *ref->alias != '\0')
        return TARN_OK;
    return tarn__aliases_choose(s, guard, index, tree, &ref->called, err);
}

static tarn_status open_record(
    tarn__session *s, tarn__ref *ref, tarn_error *err)
{
    if (ref->kind == TARN__REF_READ || *ref->schema != '\0' ||
        *ref->text == '/' || tarn__name_is_host(ref->text))
        return TARN_OK;
    tarn_status st = tarn__record_open(s, ref, err);
    return st == TARN_OK && ref->record != NULL
        ? tarn__record_paths_take(s, ref, ref->record, err)
        : st;
}

tarn_status tarn__refs_replace(
    tarn__session *s, tarn__guard *guard, json_t *tree, tarn_error *err)
{
    bool records = false;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < guard->ref_count; i++)
        st = name_it(s, guard, i, tree, err);
    if (st == TARN_OK)
        st = tarn__needs_find(s, guard, tree, err);
    for (size_t i = 0; st == TARN_OK && i < guard->ref_count; i++) {
        st = open_record(s, &guard->refs[i], err);
        records = records || guard->refs[i].record != NULL;
    }
    if (st == TARN_OK && records) /* members are columns now */
        st = tarn__needs_find(s, guard, tree, err);
    for (size_t i = 0; st == TARN_OK && i < guard->ref_count; i++)
        st = replace(s, &guard->refs[i], err);
    return st;
}
