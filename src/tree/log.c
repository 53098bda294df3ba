/* tarn_tree_log(): the commits that touched a node or what is below it. */
#include "base/error.h"
#include "base/json.h"
#include "base/ordmap.h"
#include "base/rows.h"
#include "lake/history.h"
#include "tree/node.h"

/* The walk goes over the log once, oldest first: ids of the folder's family
 * grow as nodes appear below it, under whatever path. */
typedef struct family {
    tarn__ordmap *ids; /* text of ids */
    int64_t *versions;
    size_t count, cap;
} family;

static const tarn_slice present = {"", 0};

static tarn_status note(family *f, int64_t version, tarn_error *err)
{
    if (f->count > 0 && f->versions[f->count - 1] == version)
        return TARN_OK;
    void *raw = f->versions;
    tarn_status st =
        tarn__grow(&raw, &f->cap, f->count + 1, sizeof *f->versions, err);
    f->versions = raw;
    if (st == TARN_OK)
        f->versions[f->count++] = version;
    return st;
}

static tarn_slice parent_of(const json_t *meta)
{
    const char *text = tarn__json_text(meta, "parent");
    return text != NULL ? tarn_str(text) : (tarn_slice){"", 0};
}

static tarn_status visit(void *arg, const tarn__op *op, tarn_error *err)
{
    family *f = arg;
    json_t *meta = NULL;
    tarn_slice ignored;

    tarn_status st = tarn__json_parse(op->meta, "meta", &meta, err);
    if (st != TARN_OK)
        return st;
    bool known = tarn__ordmap_get(f->ids, op->key, &ignored);
    bool below = tarn__ordmap_get(f->ids, parent_of(meta), &ignored);
    json_decref(meta);
    if (below && !known)
        st = tarn__ordmap_put(f->ids, op->key, present, err);
    return st == TARN_OK && (known || below) ? note(f, op->version, err) : st;
}

typedef struct log_rows {
    tarn_lake *lake;
    family family;
    size_t left;  /* versions not given yet; the last is next */
    size_t limit; /* of rows still to give */
    tarn__commit_info info;
} log_rows;

static void free_rows(void *self)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    tarn__ordmap_free(rows->family.ids);
    tarn__free(rows->family.versions);
    tarn__free(rows);
}

static tarn_status next_row(void *self, tarn__cell *cells, tarn_error *err)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    if (rows->left == 0 || rows->limit == 0)
        return TARN_OK;
    tarn_status st = tarn__lake_commit_info(rows->lake,
        rows->family.versions[rows->left - 1], &rows->info, err);
    if (st != TARN_OK)
        return st;
    rows->left--;
    rows->limit--;
    tarn__commit_cells(&rows->info, cells);
    return TARN_ROW;
}

/* The node that stands at `path` now. */
static tarn_status find_node(tarn_lake *lake, const char *path, int64_t *head,
    tarn__id *id, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    tarn_buf payload = TARN_BUF_INIT;
    tarn__node node;

    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK) {
        *head = tarn_snapshot_version(snap);
        st = tarn__tree_resolve(snap, path, false, &node, &payload, err);
    }
    if (st == TARN_OK)
        *id = node.id;
    tarn_buf_reset(&payload);
    tarn_snapshot_free(snap);
    return st;
}

static tarn_status gather(
    log_rows *rows, const char *path, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    tarn__id id;
    int64_t head, horizon;

    tarn_status st = find_node(rows->lake, path, &head, &id, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(rows->lake, &horizon, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&rows->family.ids, err);
    if (st == TARN_OK)
        st = tarn__ordmap_put(rows->family.ids,
            tarn_str(tarn__id_format(&id, text)), present, err);
    if (st == TARN_OK)
        st = tarn__lake_ops(rows->lake, horizon, head, "space = 'tree'",
            false, visit, &rows->family, err);
    rows->left = rows->family.count;
    return st;
}

tarn_status tarn_tree_log(tarn_lake *lake, const char *path, int64_t limit,
    tarn_rows **out, tarn_error *err)
{
    static const tarn__rows_class cls = {next_row, free_rows};
    log_rows *rows = tarn__calloc(1, sizeof *rows);

    *out = NULL;
    if (rows == NULL)
        return tarn__no_memory(err);
    rows->lake = lake;
    rows->limit = limit < 0 ? SIZE_MAX : (size_t)limit;
    tarn_status st = gather(rows, path, err);
    if (st == TARN_OK)
        st = tarn__rows_create(&cls, rows, tarn__commit_columns,
            TARN__COMMIT_COLUMN_COUNT, out, err);
    if (st != TARN_OK)
        free_rows(rows);
    return st;
}
