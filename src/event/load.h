/* One load, as its files share it. */
#ifndef TARN_EVENT_LOAD_H
#define TARN_EVENT_LOAD_H

#include "base/memory.h"
#include "event/bad_file.h"
#include "event/ingest.h"
#include "event/table.h"

typedef struct tarn__event_load {
    tarn_store *store;
    const char *name;
    const tarn_event_options *options;
    tarn_event_counts *counts;
    tarn__ingest intake;
    tarn__aside spool;
    tarn__bad_file bad;           /* gets what the spool holds */
    tarn__event_table_kind found; /* what the table was before */
    tarn__arena arena;
    bool stage; /* rows go through a table of their own first */
} tarn__event_load;

/* target.c: the table and its columns, before and after the rows. */
TARN_MUST_CHECK tarn_status tarn__event_load_check(
    tarn__event_load *l, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__event_load_columns(
    tarn__event_load *l, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__event_load_prepare(
    tarn__event_load *l, tarn_error *err);
/* Columns whose values did not all fit get a type that takes them. */
TARN_MUST_CHECK tarn_status tarn__event_load_widen(
    tarn__event_load *l, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__event_load_record(
    tarn__event_load *l, tarn_error *err);
/* "_tarn_stage" or the table's name, quoted. */
TARN_MUST_CHECK tarn_status tarn__event_load_target(
    const tarn__event_load *l, bool stage, tarn_buf *sql, tarn_error *err);

#endif
