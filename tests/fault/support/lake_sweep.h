/*
 * Fault sweeps over pieces of work on a lake.
 *
 * Each point begins with a copy of one lake that was made without faults, and
 * ends with the lake opened anew without faults: it must check clean, and hold
 * what it held before when the work failed, and what the work makes of it when
 * it passed.
 */
#ifndef TARN_FAULT_LAKE_SWEEP_H
#define TARN_FAULT_LAKE_SWEEP_H

#include <tarn/query.h>

#include "support/fault_sweep.h"

/* A piece of work: on an open lake, or in a transaction that is committed
 * after it.  `in` is a folder of inputs: small.txt, large.bin, rows.csv,
 * folder/. */
typedef tarn_status (*lake_work)(
    tarn_lake *lake, const char *in, tarn_error *err);
typedef tarn_status (*txn_work)(tarn_txn *txn, const char *in, tarn_error *err);

/* Group set-up: makes the lake; *state is the sandbox. */
int lake_sweep_setup(void **state);
int lake_sweep_teardown(void **state);

/* Opening, work and commit fail in all three ways in turn.  Ends the test when
 * a promise breaks. */
void lake_sweep_txn(void **state, txn_work work);
void lake_sweep_lake(void **state, lake_work work);
/* The same on a lake without views: what opening replays. */
void lake_sweep_without_views(void **state, lake_work work);

/* What the lake holds at the beginning:
 *   /file "small", /large.bin (an object), /stream of three items, /table,
 *   /series of two versions, /dir/sub/leaf, /dir/link, state scope name value */
#define LAKE_FIRST_VERSION 1 /* /file says "first" there */

#endif
