/* The source: its queries, and their rows as records. */
#ifndef TARN_TRACK_SOURCE_H
#define TARN_TRACK_SOURCE_H

#include "flow/driver/query.h"
#include "track/config.h"
#include "track/record.h"

/* How to get connections: resolved once, opened by each thread. */
typedef struct tarn__track_source {
    const tarn__track_config *config;
    tarn_buf engine;
    tarn_buf fields;
} tarn__track_source;

TARN_MUST_CHECK tarn_status tarn__track_source_find(
    const tarn__track_config *config, const char *connections,
    tarn__track_source *out, tarn_error *err);
void tarn__track_source_reset(tarn__track_source *source);
TARN_MUST_CHECK tarn_status tarn__track_source_connect(
    const tarn__track_source *source, tarn__db **out, tarn_error *err);

/* A query's rows, its columns known by name. */
typedef struct tarn__track_rows {
    const tarn__track_config *config;
    tarn_rows *rows;
    tarn__track_kind kind;
    int database; /* columns; -1: it has none */
    int schema;
    int table;
    int type;
    int column;
    int created;
    int modified;
    int fingerprint;
    int label;
    /* Of the current row: */
    const char *database_name;
    const char *schema_name;
    const char *table_name;
    const char *type_name;
    const char *column_name;
    tarn_buf name;  /* qualified */
    tarn_buf stamp; /* of a table: what the source says about its age */
} tarn__track_rows;

TARN_MUST_CHECK tarn_status tarn__track_rows_open(
    const tarn__track_config *config, tarn__db *db, tarn__track_kind kind,
    const char *marker, const char *const *ids, size_t id_count,
    tarn__track_rows *out, tarn_error *err);
/* TARN_ROW on a row that is in scope, TARN_OK at the end. */
TARN_MUST_CHECK tarn_status tarn__track_rows_next(
    tarn__track_rows *rows, tarn_error *err);
/* Append the row as a record, a line with its end; `label` is NULL or stands in
 * customAttributes with the stamp. */
TARN_MUST_CHECK tarn_status tarn__track_rows_write(
    tarn__track_rows *rows, const char *label, tarn_buf *out, tarn_error *err);
void tarn__track_rows_close(tarn__track_rows *rows);

#endif
