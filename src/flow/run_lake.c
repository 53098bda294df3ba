/* Opening, and the one transaction. */
#include "flow/run_lake.h"

#include "base/error.h"

/* The lake asks this often while it works. */
static bool wants_to_stop(
    void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    (void)done;
    (void)total;
    const tarn__run_lake *lake = arg;
    return lake->cancelled != NULL && atomic_load(lake->cancelled);
}

tarn_status tarn__run_lake_open(tarn__run_lake *lake,
    const tarn__run_lake_options *options, tarn_error *err)
{
    tarn_lake_options o = TARN_LAKE_OPTIONS_INIT;
    o.memory_bytes = options->memory_bytes;
    o.threads = options->threads;
    o.wait_us = options->wait_us;
    o.progress = wants_to_stop;
    o.progress_arg = lake;
    tarn__mutex_init(&lake->lock);
    tarn_status st = tarn_lake_open(options->dir, &o, &lake->lake, err);
    if (st != TARN_OK) {
        tarn__mutex_free(&lake->lock);
        return st;
    }
    st = tarn_snapshot_open(lake->lake, options->version, &lake->snap, err);
    /* Its history went meanwhile: what is there now has to do. */
    if (st == TARN_NOT_FOUND && options->version != TARN_LATEST)
        st = tarn_snapshot_open(lake->lake, TARN_LATEST, &lake->snap, err);
    return st;
}

void tarn__run_lake_close(tarn__run_lake *lake)
{
    if (lake->lake == NULL)
        return;
    if (lake->txn != NULL)
        tarn_txn_abort(lake->txn);
    lake->txn = NULL;
    tarn_snapshot_free(lake->snap);
    lake->snap = NULL;
    tarn_lake_close(lake->lake);
    lake->lake = NULL;
    tarn__mutex_free(&lake->lock);
}

tarn_status tarn__run_lake_txn(
    tarn__run_lake *lake, tarn_txn **txn, tarn_error *err)
{
    tarn_status st = TARN_OK;
    tarn__mutex_lock(&lake->lock);
    if (lake->txn == NULL) {
        tarn_txn_options options = TARN_TXN_OPTIONS_INIT;
        options.message = lake->message;
        options.argv = lake->argv;
        st = tarn_txn_begin(lake->lake, &options, &lake->txn, err);
    }
    *txn = lake->txn;
    if (st != TARN_OK)
        tarn__mutex_unlock(&lake->lock);
    return st;
}
