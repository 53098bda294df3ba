/* A run's lake: one snapshot that is read, one transaction that is written. */
#ifndef TARN_FLOW_RUN_LAKE_H
#define TARN_FLOW_RUN_LAKE_H

#include <stdatomic.h>
#include <tarn/driver.h>
#include <tarn/lake.h>

#include "os/threads.h"

typedef struct tarn__run_lake {
    tarn_lake *lake; /* NULL: the flow needs none */
    tarn_snapshot *snap;
    tarn_txn *txn; /* begun by who writes first */
    const char *tenant;
    const char *message;
    const char *const *argv;
    tarn__mutex lock; /* over the transaction */
    atomic_bool *cancelled;
} tarn__run_lake;

/* How lake.extractor and lake.writer are called: by a run, in its process. */
typedef struct tarn__lake_call {
    tarn_driver_call call;
    tarn__run_lake *lake;
} tarn__lake_call;

typedef struct tarn__run_lake_options {
    const char *dir;
    int64_t version; /* to read; -1: the head */
    uint64_t memory_bytes;
    int threads;
    int64_t wait_us;
} tarn__run_lake_options;
TARN_MUST_CHECK tarn_status tarn__run_lake_open(tarn__run_lake *lake,
    const tarn__run_lake_options *options, tarn_error *err);
void tarn__run_lake_close(tarn__run_lake *lake);
/* The transaction, with the lock held; unlock when done. */
TARN_MUST_CHECK tarn_status tarn__run_lake_txn(
    tarn__run_lake *lake, tarn_txn **txn, tarn_error *err);

#endif
