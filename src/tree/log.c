/* tarn_tree_log(): the commits that touched a node or what is below it. */
#include "base/error.h"
#include "base/json.h"
#include "base/ordmap.h"
#include "base/rows.h"
#include "base/str.h"
#include "lake/history.h"
#include "tree/node.h"
#include "tree/path.h"

/* The walk goes over the log once, oldest first, and knows at each operation
 * which folder lies in which: so a node counts while it is below the one that
 * was asked for, under whatever path, and no longer. */
typedef struct family {
    tarn_slice top;        /* id, as text */
    tarn__ordmap *folders; /* id of a folder -> id of the folder it is in */
    int64_t *versions;
    size_t count, cap;
} family;

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

static tarn_slice parent_of(const json_t *place)
{
    const char *text = tarn__json_text(place, "parent");
    return text != NULL ? tarn_str(text) : (tarn_slice){"", 0};
}

/* Is a folder the top one or below it? */
static bool is_below(const family *f, tarn_slice folder)
{
    while (!tarn__slice_eq(folder, f->top)) {
        const tarn_slice at = folder;
        if (!tarn__ordmap_get(f->folders, at, &folder) ||
            tarn__slice_eq(at, folder)) /* the root */
            return false;
    }
    return true;
}

static tarn_status visit(void *arg, const tarn__op *op, tarn_error *err)
{
    family *f = arg;
    json_t *meta = NULL;

    tarn_status st = tarn__json_parse(op->meta, "meta", &meta, err);
    if (st != TARN_OK)
        return st;
    tarn_slice parent = parent_of(meta);
    const json_t *from = json_object_get(meta, "from");
    bool touched = tarn__slice_eq(op->key, f->top) || is_below(f, parent) ||
        (from != NULL && is_below(f, parent_of(from)));
    if (tarn__slice_is(op->kind, "dir"))
        st = tarn__ordmap_put(f->folders, op->key, parent, err);
    json_decref(meta);
    return st == TARN_OK && touched ? note(f, op->version, err) : st;
}

typedef struct log_rows {
    tarn_lake *lake;
    family family;
    char top[TARN__ID_TEXT_BYTES];
    size_t left;  /* versions not given yet; the last is next */
    size_t limit; /* of rows still to give */
    tarn__commit_info info;
} log_rows;

static void free_rows(void *self)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    tarn__ordmap_free(rows->family.folders);
    tarn__free(rows->family.versions);
    tarn__free(rows);
}

static tarn_status next_row(void *self, tarn__cell *cells, tarn_error *err)
{
    log_rows *rows = self;

    tarn__commit_info_reset(&rows->info);
    if (rows->left == 0 || rows->limit == 0)
        return TARN_OK;
    tarn_status st = tarn__lake_commit_info(
        rows->lake, rows->family.versions[rows->left - 1], &rows->info, err);
    if (st != TARN_OK)
        return st;
    rows->left--;
    rows->limit--;
    tarn__commit_cells(&rows->info, cells);
    return TARN_ROW;
}

/* Which node stood last at a path that is empty now? */
typedef struct search {
    tarn_lake *lake;
    tarn_buf path; /* clean */
    tarn_slice name;
    int64_t horizon;
    tarn__id id;
    bool found;
} search;

static tarn_status look_at(
    search *s, const tarn__op *op, const tarn__id *id, tarn_error *err)
{
    tarn_snapshot *before = NULL;
    tarn_buf path = TARN_BUF_INIT;
    bool there = false;

    tarn_status st = tarn_snapshot_open(s->lake, op->version - 1, &before, err);
    if (st == TARN_OK)
        st = tarn__node_path(before, id, &path, &there, err);
    if (st == TARN_OK && there &&
        tarn__slice_eq(tarn__buf_slice(&path), tarn__buf_slice(&s->path))) {
        s->id = *id;
        s->found = true;
    }
    tarn_buf_reset(&path);
    tarn_snapshot_free(before);
    return st;
}

/* A delete, or a move away, of a node of that name. */
static tarn_status visit_gone(void *arg, const tarn__op *op, tarn_error *err)
{
    search *s = arg;
    json_t *meta = NULL;
    tarn__id id;

    if (op->version <= s->horizon || !tarn__id_parse(op->key, &id))
        return TARN_OK;
    tarn_status st = tarn__json_parse(op->meta, "meta", &meta, err);
    if (st != TARN_OK)
        return st;
    const json_t *place =
        op->type == TARN__OP_DELETE ? meta : json_object_get(meta, "from");
    const char *name = place != NULL ? tarn__json_text(place, "name") : NULL;
    if (name != NULL && tarn__slice_is(s->name, name))
        st = look_at(s, op, &id, err);
    json_decref(meta);
    return st;
}

static tarn_status find_gone(tarn_lake *lake, const char *path, int64_t head,
    tarn__id *id, tarn_error *err)
{
    search s = {.lake = lake, .path = TARN_BUF_INIT};

    tarn_status st = tarn__path_clean(tarn_str(path), &s.path, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(lake, &s.horizon, err);
    if (st == TARN_OK) {
        s.name = tarn__path_name(tarn__buf_slice(&s.path));
        st = tarn__lake_ops(lake, s.horizon, head, "space = 'tree'", false,
            visit_gone, &s, err);
    }
    if (st == TARN_OK && !s.found)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: is not there, and was not in the versions that are kept "
            "(tarn log shows them)",
            path);
    *id = s.id;
    tarn_buf_reset(&s.path);
    return st;
}

/* The node that stands at `path` now, else the last that stood there. */
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
    return st == TARN_NOT_FOUND ? find_gone(lake, path, *head, id, err) : st;
}

static tarn_status gather(log_rows *rows, const char *path, tarn_error *err)
{
    tarn__id id;
    int64_t head = -1, horizon;

    tarn_status st = find_node(rows->lake, path, &head, &id, err);
    if (st == TARN_OK)
        st = tarn__lake_horizon(rows->lake, &horizon, err);
    if (st == TARN_OK)
        st = tarn__ordmap_create(&rows->family.folders, err);
    if (st == TARN_OK)
        rows->family.top = tarn_str(tarn__id_format(&id, rows->top));
    if (st == TARN_OK)
        st = tarn__lake_ops(rows->lake, horizon, head, "space = 'tree'", false,
            visit, &rows->family, err);
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
