/* A whole list of seeds, with the folders on the way to each. */
#include <string.h>

#include "base/error.h"
#include "tree/seed.h"

typedef struct row {
    tarn__id id;
    bool fresh;      /* made here: nothing can be in it */
    size_t path_len; /* of its path, for messages */
} row;

typedef struct planting {
    tarn_txn *txn;
    const tarn__plant_rules *rules;
    tarn_buf path; /* of the folder that is being filled */
    int64_t *count;
    bool writing; /* else checking */
    row *rows;    /* from the parent to the folder that is being filled */
    size_t depth;
    size_t cap;
} planting;

static tarn_status push(
    planting *p, const tarn__id *id, bool fresh, tarn_error *err)
{
    void *rows = p->rows;
    tarn_status st = tarn__grow(&rows, &p->cap, p->depth + 1, sizeof(row), err);
    p->rows = rows;
    if (st != TARN_OK)
        return st;
    p->rows[p->depth].id = *id;
    p->rows[p->depth].fresh = fresh;
    p->rows[p->depth].path_len = p->path.len;
    p->depth++;
    return TARN_OK;
}

static tarn_status enter(planting *p, const tarn__seed *seed, tarn_error *err)
{
    row at = p->rows[p->depth - 1];
    tarn__id id = {{0}};
    tarn__kind kind;
    bool there = false;
    tarn_status st = TARN_OK;
    if (!at.fresh)
        st =
            tarn__plant_check(p->txn, &at.id, seed, p->rules, p->path.ptr, err);
    if (st == TARN_OK && !at.fresh)
        st = tarn__entry_find(tarn_txn_snapshot(p->txn), &at.id, seed->name,
            &id, &kind, &there, err);
    if (st == TARN_OK && !there && p->writing) {
        st = tarn__plant_dir(p->txn, &at.id, seed->name, &id, err);
        ++*p->count;
    }
    if (st == TARN_OK && p->path.ptr[p->path.len - 1] != '/')
        st = tarn__buf_char(&p->path, '/', err);
    if (st == TARN_OK)
        st = tarn__buf_append(&p->path, seed->name.ptr, seed->name.len, err);
    return st == TARN_OK ? push(p, &id, !there, err) : st;
}

static void leave(planting *p)
{
    p->depth--;
    if (p->depth > 0)
        p->path.len = p->rows[p->depth - 1].path_len;
    p->path.ptr[p->path.len] = '\0';
}

static tarn_status sow(planting *p, tarn_slice bytes, tarn_error *err)
{
    tarn__seed seed;
    if (!tarn__seed_decode(bytes, &seed) || p->depth == 0)
        return tarn__fail(err, TARN_FAILED,
            "a list in the scratch folder: is not as it was written (is the "
            "disk good?)");
    if (seed.type == TARN__SEED_DIR)
        return enter(p, &seed, err);
    if (seed.type == TARN__SEED_LEAVE) {
        leave(p);
        return TARN_OK;
    }
    row at = p->rows[p->depth - 1];
    if (p->writing)
        return tarn__plant_one(p->txn, &at.id, at.fresh, &seed, p->rules,
            p->path.ptr, p->count, err);
    if (at.fresh)
        return TARN_OK;
    return tarn__plant_check(p->txn, &at.id, &seed, p->rules, p->path.ptr, err);
}

static tarn_status pass(planting *p, const tarn__id *parent, bool parent_new,
    size_t top_len, tarn__seeds *seeds, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    p->depth = 0;
    p->path.len = top_len;
    p->path.ptr[top_len] = '\0';
    tarn_status st = push(p, parent, parent_new, err);
    tarn__spool_read_init(&reader, &seeds->spool);
    while (st == TARN_OK) {
        st = tarn__spool_read(&reader, &bytes, err);
        if (st != TARN_ROW)
            break;
        st = sow(p, bytes, err);
    }
    tarn__spool_read_reset(&reader);
    return st;
}

tarn_status tarn__plant_all(tarn_txn *txn, const tarn__id *parent,
    bool parent_new, tarn__seeds *seeds, const tarn__plant_rules *rules,
    const char *shown, int64_t *count, tarn_error *err)
{
    planting p = {txn, rules, TARN_BUF_INIT, count, false, NULL, 0, 0};
    tarn_status st = tarn__buf_str(&p.path, shown, err);
    const size_t top_len = p.path.len;
    if (st == TARN_OK && !parent_new)
        st = pass(&p, parent, parent_new, top_len, seeds, err);
    p.writing = true;
    if (st == TARN_OK)
        st = pass(&p, parent, parent_new, top_len, seeds, err);
    tarn_buf_reset(&p.path);
    tarn__free(p.rows);
    return st;
}
