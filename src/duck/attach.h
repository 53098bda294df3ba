/* Tables of another database file, attached read-only. */
#ifndef TARN_DUCK_ATTACH_H
#define TARN_DUCK_ATTACH_H

#include "duck/duck.h"

/* STORE.duckdb:NAME -> the two, when the part before the last colon is a file
 * and the whole is none.  *path NULL: it is not of that form; else free it with
 * tarn__free().  *table points into `source`. */
TARN_MUST_CHECK tarn_status tarn__duck_split_store(
    const char *source, char **path, const char **table, tarn_error *err);
/* ATTACH 'path' AS alias (READ_ONLY); `alias` is a plain name. */
TARN_MUST_CHECK tarn_status tarn__duck_attach(
    tarn__duck *duck, const char *path, const char *alias, tarn_error *err);
/* Append the SQL name of a table or view of the attached file: "name" as it
 * stands, else "schema.name"; *view says which it is, and is not bound: what it
 * reads is up to the file's maker.  TARN_NOT_FOUND: there is none; `shown` names
 * the file in the error, which lists what there is. */
TARN_MUST_CHECK tarn_status tarn__duck_attached_name(tarn__duck *duck,
    const char *alias, const char *table, const char *shown, tarn_buf *sql,
    bool *view, tarn_error *err);

#endif
