/* collapse: a stream's or series' versions merged into one. */
#include <string.h>

#include "base/error.h"
#include "os/file.h"
#include "tree/items.h"
#include "tree/node.h"
#include "tree/rows_sql.h"
#include "tree/stage.h"

#define BLOCK_BYTES ((size_t)256 * 1024)

typedef struct collapse {
    char *path;
    tarn__id id;
    int64_t version; /* of the newest item that was merged */
    int32_t seq;
    tarn__cargo cargo;
} collapse;

static void collapse_free(void *arg)
{
    collapse *c = arg;

    tarn__cargo_reset(&c->cargo);
    tarn__free(c->path);
    tarn__free(c);
}

static tarn_status run(tarn_txn *txn, void *arg, tarn_error *err)
{
    const collapse *c = arg;
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf hold = TARN_BUF_INIT;
    tarn__node node;
    tarn__item newest;
    bool there = false, found = false;

    tarn_status st =
        tarn__node_find(snap, &c->id, &node, &payload, &there, err);
    if (st == TARN_OK && there)
        st = tarn__item_newest(snap, &c->id, &newest, &hold, &found, err);
    if (st == TARN_OK &&
        (!found || newest.version != c->version || newest.seq != c->seq))
        st = tarn__fail(err, TARN_CONFLICT,
            "%s: was changed by another meanwhile (run it again)", c->path);
    if (st == TARN_OK) {
        const tarn__draft draft = tarn__draft_of(&node);
        st = tarn__draft_content(txn, &draft, &c->cargo.piece, err);
    }
    tarn_buf_reset(&payload);
    tarn_buf_reset(&hold);
    return st;
}

static tarn_status merge_bytes(tarn__stage *stage, collapse *c, tarn_error *err)
{
    tarn_reader *reader = NULL;
    tarn__intake intake;
    size_t got = 1;
    char *block = tarn__malloc(BLOCK_BYTES);

    tarn__intake_init(&intake, stage, TARN__KIND_STREAM);
    tarn_status st = block != NULL ? TARN_OK : tarn__no_memory(err);
    if (st == TARN_OK)
        st = tarn__reader_open(
            tarn_txn_snapshot(stage->txn), &c->id, c->path, &reader, err);
    while (st == TARN_OK && got > 0) {
        st = tarn_reader_read(reader, block, BLOCK_BYTES, &got, err);
        if (st == TARN_OK && got > 0)
            st = tarn__intake_write(&intake, block, got, err);
    }
    if (st == TARN_OK)
        st = tarn__intake_finish(&intake, &c->cargo, err);
    tarn__intake_reset(&intake);
    tarn_reader_close(reader);
    tarn__free(block);
    return st;
}

static tarn_status write_merged(tarn__stage *stage, const collapse *c,
    const char *out_path, tarn_error *err)
{
    tarn__duck *duck = NULL;
    tarn_buf sql = TARN_BUF_INIT;

    tarn_status st = tarn__tree_duck(stage->lake, &duck, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql, "FROM ", err);
    if (st == TARN_OK)
        st = tarn__rows_sql(tarn_txn_snapshot(stage->txn), &c->id, &sql, err);
    if (st == TARN_OK)
        st = tarn__copy_parquet(duck, sql.ptr, out_path, 0, err);
    tarn__duck_close(duck);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status merge_rows(tarn__stage *stage, collapse *c, tarn_error *err)
{
    static const tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    tarn_put_options as_parquet = options;
    tarn__scratch *scratch = NULL;
    tarn__had had = TARN__HAD_INIT;

    as_parquet.format = "parquet";
    tarn_status st = tarn__lake_scratch(stage->lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__scratch_name(scratch, ".merged");
    if (path == NULL)
        return tarn__no_memory(err);
    st = write_merged(stage, c, path, err);
    if (st == TARN_OK)
        st = tarn__had_load(tarn_txn_snapshot(stage->txn), &c->id, &had, err);
    if (st == TARN_OK)
        st = tarn__stage_file_at(stage, path, c->path, TARN__KIND_SERIES,
            &as_parquet, &had, &c->cargo, err);
    /* What stays goes with the scratch folder. */
    if (tarn__path_exists(path))
        (void)!tarn__unlink(path, NULL);
    tarn__had_reset(&had);
    tarn__free(path);
    return st;
}

/* Looks the node up; *items is 0 or 1 when there is nothing to merge. */
static tarn_status find(tarn_snapshot *snap, collapse *c, uint64_t *items,
    tarn__kind *kind, tarn_error *err)
{
    tarn_buf payload = TARN_BUF_INIT;
    tarn_buf hold = TARN_BUF_INIT;
    tarn__node node;
    tarn__item newest;
    bool found = false;

    tarn_status st =
        tarn__tree_resolve(snap, c->path, true, &node, &payload, err);
    if (st == TARN_OK && !tarn__kind_grows(node.kind))
        st = tarn__fail(err, TARN_INVALID,
            "%s: is a %s, which has one version at a time (collapse is for "
            "streams and series)",
            c->path, tarn__kind_name(node.kind));
    if (st == TARN_OK)
        st = tarn__item_newest(snap, &node.id, &newest, &hold, &found, err);
    *items = 0;
    if (st == TARN_OK && found) {
        *items = newest.total_items;
        *kind = node.kind;
        c->id = node.id;
        c->version = newest.version;
        c->seq = newest.seq;
    }
    tarn_buf_reset(&payload);
    tarn_buf_reset(&hold);
    return st;
}

tarn_status tarn_tree_collapse(tarn_txn *txn, const char *path, tarn_error *err)
{
    static const tarn__step step = {run, collapse_free};
    collapse *c = tarn__calloc(1, sizeof *c);
    tarn__stage stage;
    tarn__kind kind = TARN__KIND_STREAM;
    uint64_t items = 0;

    if (c == NULL)
        return tarn__no_memory(err);
    c->cargo = (tarn__cargo)TARN__CARGO_INIT;
    c->path = tarn__strdup(path);
    tarn__stage_init(&stage, txn);
    tarn_status st = c->path != NULL ? TARN_OK : tarn__no_memory(err);
    if (st == TARN_OK)
        st = find(tarn_txn_snapshot(txn), c, &items, &kind, err);
    if (st == TARN_OK && items > 1)
        st = kind == TARN__KIND_STREAM ? merge_bytes(&stage, c, err)
                                       : merge_rows(&stage, c, err);
    tarn__stage_reset(&stage);
    if (st != TARN_OK || items < 2) {
        collapse_free(c);
        return st;
    }
    return tarn__txn_step(txn, &step, c, err);
}
