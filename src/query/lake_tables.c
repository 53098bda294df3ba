/* lake.log, lake.nodes, lake.edges and what SHOW TABLES lists. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/table_function.h"
#include "lake/history.h"
#include "os/file.h"
#include "query/query_internal.h"
#include "record/edge.h"

/* --- lake.log --- */

/* Of the tree, and of the call's tenant only; nothing newer than the snapshot,
 * though a compacted file may hold it. */
static tarn_status log_sql(
    tarn__session *s, tarn_snapshot *snap, tarn_buf *sql, tarn_error *err)
{
    int64_t version = tarn_snapshot_version(snap);
    tarn_status st = tarn__buf_str(sql,
        "SELECT version, seq, space, tenant, op, kind, key, time, min_time, "
        "max_time, size, object, content, meta FROM ",
        err);
    if (st == TARN_OK)
        st = tarn__lake_log_relation(s->lake, version, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(sql, err,
            " WHERE version <= %" PRId64 " AND (space = 'tree' OR tenant = ",
            version);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(sql, tarn_str(s->tenant), err);
    /* The limit takes nothing away: it keeps DuckDB from asking the statement's
     * own filter of rows that ours hides, where an error could show them. */
    if (st == TARN_OK)
        st = tarn__buf_str(sql, ") LIMIT 9223372036854775807", err);
    if (st != TARN_OK || s->lake_dir == NULL)
        return st;
    char *data = tarn__path_join(s->lake_dir, "log/data");
    if (data == NULL)
        return tarn__no_memory(err);
    st = tarn__session_allow_dir(s, data, err);
    s->reads_log = true;
    tarn__free(data);
    return st;
}

/* --- lake.nodes --- */

enum {
    NODE_PATH,
    NODE_KIND,
    NODE_ID,
    NODE_PARENT,
    NODE_NAME,
    NODE_SIZE,
    NODE_VERSION,
    NODE_CREATED,
    NODE_MODIFIED,
    NODE_TARGET,
    NODE_ITEMS,
    NODE_ROWS,
    NODE_COLUMNS
};

static const tarn__column node_columns[NODE_COLUMNS] = {
    {"path", TARN_TEXT},
    {"kind", TARN_TEXT},
    {"id", TARN_TEXT},
    {"parent", TARN_TEXT},
    {"name", TARN_TEXT},
    {"size", TARN_INT64},
    {"version", TARN_INT64},
    {"created_at", TARN_TIME},
    {"modified_at", TARN_TIME},
    {"target", TARN_TEXT},
    {"item_count", TARN_INT64},
    {"row_count", TARN_INT64},
};

static tarn_status nodes_open(void *ctx, const char *const *args, void **scan,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    tarn__session *s = ctx;
    tarn_snapshot *snap = NULL;
    tarn_tree_list *list = NULL;
    tarn_tree_list_options options = TARN_TREE_LIST_OPTIONS_INIT;
    int64_t version;
    options.recursive = true;
    options.all = true;
    if (max_columns < NODE_COLUMNS || !tarn__parse_i64(args[0], &version))
        return tarn__fail(err, TARN_INVALID, "lake.nodes: not called so");
    memcpy(columns, node_columns, sizeof(node_columns));
    *column_count = NODE_COLUMNS;
    tarn_status st = tarn__session_pin(s, version, &snap, err);
    if (st == TARN_OK)
        st = tarn_tree_list_open(snap, "/", &options, &list, err);
    *scan = list;
    return st;
}

static tarn__cell text_cell(const char *text, size_t len)
{
    return text == NULL ? (tarn__cell){.type = TARN_NULL}
                        : (tarn__cell){.type = TARN_TEXT, .bytes = {text, len}};
}

static tarn__cell number_cell(tarn_type type, int64_t value)
{
    return (tarn__cell){.type = type, .i64 = value};
}

static tarn_status nodes_next(
    void *scan, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    (void)wanted;
    const tarn_node *n = NULL;
    tarn_status st = tarn_tree_list_next(scan, &n, err);
    if (st != TARN_ROW)
        return st;
    const char *slash = strrchr(n->path, '/');
    const char *kind = tarn_kind_name(n->kind);
    size_t above = slash == n->path ? 1 : (size_t)(slash - n->path);
    cells[NODE_PATH] = text_cell(n->path, strlen(n->path));
    cells[NODE_KIND] = text_cell(kind, strlen(kind));
    cells[NODE_ID] = text_cell(n->id, strlen(n->id));
    cells[NODE_PARENT] = text_cell(n->path, above);
    cells[NODE_NAME] = text_cell(slash + 1, strlen(slash + 1));
    cells[NODE_SIZE] = number_cell(TARN_INT64, n->size_bytes);
    cells[NODE_VERSION] = number_cell(TARN_INT64, n->version);
    cells[NODE_CREATED] = number_cell(TARN_TIME, n->created_us);
    cells[NODE_MODIFIED] = number_cell(TARN_TIME, n->modified_us);
    cells[NODE_TARGET] =
        text_cell(n->target, n->target == NULL ? 0 : strlen(n->target));
    cells[NODE_ITEMS] = number_cell(TARN_INT64, n->item_count);
    cells[NODE_ROWS] = n->row_count < 0 ? (tarn__cell){.type = TARN_NULL}
                                        : number_cell(TARN_INT64, n->row_count);
    return TARN_ROW;
}

static void nodes_close(void *scan)
{
    tarn_tree_list_free(scan);
}

static tarn_status nodes_sql(
    tarn__session *s, tarn_snapshot *snap, tarn_buf *sql, tarn_error *err)
{
    static const tarn__source source = {
        "tarn__nodes", 1, nodes_open, nodes_next, nodes_close};
    tarn_status st = TARN_OK;
    if (!s->has_nodes)
        st = tarn__duck_register(s->duck, &source, s, err);
    if (st != TARN_OK)
        return st;
    s->has_nodes = true;
    return tarn__buf_printf(sql, err,
        "SELECT * FROM tarn__nodes('%" PRId64 "')",
        tarn_snapshot_version(snap));
}

/* --- lake.edges --- */

enum {
    EDGE_SRC,
    EDGE_REL,
    EDGE_DST,
    EDGE_PROPS,
    EDGE_SRC_KEY,
    EDGE_DST_KEY,
    EDGE_CREATED,
    EDGE_COLUMNS
};

static const tarn__column edge_columns[EDGE_COLUMNS] = {
    {"src", TARN_TEXT},
    {"rel", TARN_TEXT},
    {"dst", TARN_TEXT},
    {"props", TARN_JSON},
    {"src_key", TARN_TEXT},
    {"dst_key", TARN_TEXT},
    {"created_at", TARN_TIME},
};

typedef struct edges_scan {
    tarn__edge_list *list;
    char src[TARN__ID_TEXT_BYTES];
    char dst[TARN__ID_TEXT_BYTES];
} edges_scan;

static void edges_close(void *ptr)
{
    edges_scan *scan = ptr;
    if (scan == NULL)
        return;
    tarn__edge_list_free(scan->list);
    tarn__free(scan);
}

/* Of the call's tenant only. */
static tarn_status edges_open(void *ctx, const char *const *args, void **out,
    tarn__column *columns, size_t max_columns, size_t *column_count,
    tarn_error *err)
{
    tarn__session *s = ctx;
    tarn_snapshot *snap = NULL;
    int64_t version;
    *out = NULL;
    if (max_columns < EDGE_COLUMNS || !tarn__parse_i64(args[0], &version))
        return tarn__fail(err, TARN_INVALID, "lake.edges: not called so");
    memcpy(columns, edge_columns, sizeof(edge_columns));
    *column_count = EDGE_COLUMNS;
    edges_scan *scan = tarn__calloc(1, sizeof(*scan));
    if (scan == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__session_pin(s, version, &snap, err);
    if (st == TARN_OK)
        st = tarn__edge_list_open(snap, tarn_str(s->tenant), NULL,
            TARN_EDGE_OUT, (tarn_slice){NULL, 0}, &scan->list, err);
    if (st == TARN_OK)
        *out = scan;
    else
        edges_close(scan);
    return st;
}

static tarn__cell slice_cell(tarn_type type, tarn_slice text)
{
    return text.ptr == NULL ? (tarn__cell){.type = TARN_NULL}
                            : (tarn__cell){.type = type, .bytes = text};
}

static tarn_status edges_next(
    void *ptr, const bool *wanted, tarn__cell *cells, tarn_error *err)
{
    edges_scan *scan = ptr;
    tarn__edge_row row;
    (void)wanted;
    tarn_status st = tarn__edge_list_next(scan->list, &row, err);
    if (st != TARN_ROW)
        return st;
    tarn__id_format(&row.edge.src, scan->src);
    tarn__id_format(&row.edge.dst, scan->dst);
    cells[EDGE_SRC] = slice_cell(TARN_TEXT, tarn_str(scan->src));
    cells[EDGE_REL] = slice_cell(TARN_TEXT, row.edge.rel);
    cells[EDGE_DST] = slice_cell(TARN_TEXT, tarn_str(scan->dst));
    cells[EDGE_PROPS] = slice_cell(TARN_JSON, row.edge.props);
    if (row.src.has_key)
        cells[EDGE_SRC_KEY] = slice_cell(TARN_TEXT, row.src.key);
    if (row.dst.has_key)
        cells[EDGE_DST_KEY] = slice_cell(TARN_TEXT, row.dst.key);
    cells[EDGE_CREATED] = number_cell(TARN_TIME, row.edge.created_us);
    return TARN_ROW;
}

static tarn_status edges_sql(
    tarn__session *s, tarn_snapshot *snap, tarn_buf *sql, tarn_error *err)
{
    static const tarn__source source = {
        "tarn__edges", 1, edges_open, edges_next, edges_close};
    tarn_status st = TARN_OK;
    if (!s->has_edges)
        st = tarn__duck_register(s->duck, &source, s, err);
    if (st != TARN_OK)
        return st;
    s->has_edges = true;
    return tarn__buf_printf(sql, err,
        "SELECT * FROM tarn__edges('%" PRId64 "')",
        tarn_snapshot_version(snap));
}

/* --- SHOW TABLES --- */

static tarn_status add_table(void *arg, tarn_slice name, tarn_error *err)
{
    tarn_buf *sql = arg;
    tarn_status st = tarn__buf_str(sql, ", (", err);
    if (st == TARN_OK)
        st = tarn__duck_quote_text(sql, name, err);
    return st == TARN_OK ? tarn__buf_char(sql, ')', err) : st;
}

/* What SHOW TABLES lists. */
static tarn_status tables_sql(
    tarn__session *s, tarn_snapshot *snap, tarn_buf *sql, tarn_error *err)
{
    tarn_status st = tarn__buf_str(sql, "SELECT path AS name FROM (", err);
    if (st == TARN_OK)
        st = nodes_sql(s, snap, sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(sql,
            ") WHERE kind IN ('table', 'series') UNION ALL VALUES "
            "('lake.edges'), ('lake.log'), ('lake.nodes'), "
            "('lake.run_events'), ('lake.runs')",
            err);
    if (st == TARN_OK)
        st =
            tarn__record_tables(snap, tarn_str(s->tenant), add_table, sql, err);
    return st == TARN_OK ? tarn__buf_str(sql, " ORDER BY 1", err) : st;
}

tarn_status tarn__lake_table_sql(tarn__session *s, const char *name,
    tarn_snapshot *snap, tarn_buf *sql, tarn_error *err)
{
    if (tarn__eq_nocase(name, "log"))
        return log_sql(s, snap, sql, err);
    if (tarn__eq_nocase(name, "nodes"))
        return nodes_sql(s, snap, sql, err);
    if (tarn__eq_nocase(name, "edges"))
        return edges_sql(s, snap, sql, err);
    if (tarn__eq_nocase(name, "tables"))
        return tables_sql(s, snap, sql, err);
    if (tarn__eq_nocase(name, "runs") || tarn__eq_nocase(name, "run_events"))
        return tarn__run_table_sql(s, name, sql, err);
    return tarn__fail(err, TARN_NOT_FOUND,
        "lake.%s: no such table (there are lake.edges, lake.log, lake.nodes, "
        "lake.run_events, lake.runs and lake.tables)",
        name);
}
