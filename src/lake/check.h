/* The checkers behind `tarn check`, one an invariant (DESIGN 3). */
#ifndef TARN_LAKE_CHECK_H
#define TARN_LAKE_CHECK_H

#include "lake/lake_internal.h"

/* Collects faults: rows of fault, where, what. */
typedef struct tarn__faults {
    tarn__table *table;
    int64_t count;
} tarn__faults;

TARN_MUST_CHECK tarn_status tarn__fault(tarn__faults *faults, const char *fault,
    const char *where, const char *what, tarn_error *err);

/* I5, foreign commits, data files that are not there. */
TARN_MUST_CHECK tarn_status tarn__check_log(tarn_lake *lake, int64_t head,
    int64_t horizon, tarn__faults *faults, tarn_error *err);
/* I2: objects are there, and as large as the log says; deep: hashes. */
TARN_MUST_CHECK tarn_status tarn__check_objects(tarn_lake *lake, int64_t head,
    bool deep, tarn__faults *faults, tarn_error *err);
/* I3, I7. */
TARN_MUST_CHECK tarn_status tarn__check_key_view(
    tarn_lake *lake, int64_t head, tarn__faults *faults, tarn_error *err);
/* Every node has its folder and its entry, every entry its node. */
TARN_MUST_CHECK tarn_status tarn__check_tree(
    tarn_lake *lake, tarn__faults *faults, tarn_error *err);
/* Every record is found by id and key, every key has its record, every edge is
 * the same from both ends, which are records.  Some point reads an entry. */
TARN_MUST_CHECK tarn_status tarn__check_records(
    tarn_lake *lake, tarn__faults *faults, tarn_error *err);

#endif
