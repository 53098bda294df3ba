/* Rows on the host -> one Parquet file, and what a Parquet file says of
 * itself.  All through DuckDB. */
#ifndef TARN_TREE_PARQUET_H
#define TARN_TREE_PARQUET_H

#include "duck/duck.h"
#include "lake/txn.h"
#include "tree/content.h"
#include "tree/unpack.h"

typedef enum tarn__format {
    TARN__FORMAT_NONE,
    TARN__FORMAT_CSV,
    TARN__FORMAT_TSV,
    TARN__FORMAT_JSON,
    TARN__FORMAT_JSONL,
    TARN__FORMAT_PARQUET
} tarn__format;

/* By the ending of a name, .gz and .zst looked through; NONE: unknown. */
tarn__format tarn__format_of(const char *name, tarn__packing *packing);
/* "csv", "tsv", "json", "jsonl", "ndjson", "parquet"; NONE: none of them. */
tarn__format tarn__format_parse(const char *word);

/* A session for the lake's conversions. */
TARN_MUST_CHECK tarn_status tarn__tree_duck(
    tarn_lake *lake, tarn__duck **out, tarn_error *err);
/* Append a path as DuckDB's readers take it, quoted, its glob characters
 * meaning themselves. */
TARN_MUST_CHECK tarn_status tarn__sql_path(
    tarn_buf *sql, const char *path, tarn_error *err);
/* COPY (query) TO a Parquet file. */
TARN_MUST_CHECK tarn_status tarn__copy_parquet(tarn__duck *duck,
    const char *query, const char *out_path, int64_t group_rows,
    tarn_error *err);

/* A plain (unpacked) csv, tsv, json or jsonl file -> Parquet.  Types are
 * inferred over the whole file.  TARN_BAD_INPUT names `shown`, and line and
 * column where DuckDB tells them. */
TARN_MUST_CHECK tarn_status tarn__rows_to_parquet(tarn__duck *duck,
    const char *path, const char *shown, tarn__format format,
    const char *out_path, tarn_error *err);
/* TARN_BAD_INPUT, with the line: text stands behind a closing quote of a csv. */
TARN_MUST_CHECK tarn_status tarn__csv_quotes_check(
    const char *path, const char *shown, char delimiter, tarn_error *err);
/* Append types that keep all digits, as members of a STRUCT literal, for those
 * DOUBLE columns of a Parquet file that were whole numbers beyond 2^53 in
 * `text`, a FROM clause with all columns as text.  Nothing when there is none. */
TARN_MUST_CHECK tarn_status tarn__wide_types(tarn__duck *duck,
    const char *parquet, const char *text, tarn_buf *types, tarn_error *err);
/* A table of a DuckDB file -> Parquet.  TARN_NOT_FOUND: no such table. */
TARN_MUST_CHECK tarn_status tarn__store_to_parquet(tarn__duck *duck,
    const char *store, const char *table, const char *out_path,
    tarn_error *err);

/* A digest of columns, their order and types, as hex: files with the same one
 * unite without a change of type. */
#define TARN__SCHEMA_BYTES 17

/* What a Parquet file holds. */
typedef struct tarn__facts {
    int64_t rows;
    char *time_column; /* NULL: none; tarn__free() it */
    bool has_bounds;
    int64_t min_time_us, max_time_us;
    char schema[TARN__SCHEMA_BYTES]; /* empty when untyped */
    bool untyped; /* text without rows: nothing says what its columns are */
} tarn__facts;
/* time_column: the name to look at (TARN_BAD_INPUT when it is not there or no
 * time), NULL with find: the first that is there of timestamp, time, ts,
 * event_time and datetime in any case and has a time type.  `lenient`: a given
 * column may be absent (no bounds then).  `text`: it was made from text. */
TARN_MUST_CHECK tarn_status tarn__parquet_facts(tarn__duck *duck,
    const char *path, const char *shown, const char *time_column, bool find,
    bool lenient, bool text, tarn__facts *out, tarn_error *err);

#endif
