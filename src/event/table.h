/* The tables of an event store: names, kinds, columns, _metadata. */
#ifndef TARN_EVENT_TABLE_H
#define TARN_EVENT_TABLE_H

#include <tarn/event.h>

#include "event/record.h"

typedef enum tarn__event_table_kind {
    TARN__EVENT_TABLE_NONE, /* there is no such table */
    TARN__EVENT_TABLE_EVENTS,
    TARN__EVENT_TABLE_PROFILES,
    TARN__EVENT_TABLE_OTHER /* a table that no load made */
} tarn__event_table_kind;

/* [A-Za-z][A-Za-z0-9_]*, at most 128 bytes. */
TARN_MUST_CHECK tarn_status tarn__event_table_check_name(
    const char *name, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__event_table_find(tarn_store *store,
    const char *name, tarn__event_table_kind *kind, tarn_error *err);
/* The same, but that it is not there is TARN_NOT_FOUND. */
TARN_MUST_CHECK tarn_status tarn__event_table_need(tarn_store *store,
    const char *name, bool events, tarn__event_table_kind *kind,
    tarn_error *err);
/* Has the table this column? */
TARN_MUST_CHECK tarn_status tarn__event_table_has(tarn_store *store,
    const char *name, const char *column, bool *has, tarn_error *err);
/* Is it one of the columns that all tables of its kind have? */
bool tarn__event_table_is_base(bool profiles, const char *column);
/* Make _metadata and _quarantine when they are not there. */
TARN_MUST_CHECK tarn_status tarn__event_table_catalogue(
    tarn_store *store, tarn_error *err);
/* SQL for a property of a row: its column, or its place in the JSON. */
TARN_MUST_CHECK tarn_status tarn__event_table_property(tarn_store *store,
    const char *name, const char *property, tarn_buf *sql, tarn_error *err);
/* The text of one member of the JSON in `properties`, dots and all. */
TARN_MUST_CHECK tarn_status tarn__event_table_member(
    const char *property, tarn_buf *sql, tarn_error *err);
/* The text at a dotted path of the JSON in `properties`. */
TARN_MUST_CHECK tarn_status tarn__event_table_json_path(
    const char *property, tarn_buf *sql, tarn_error *err);

#endif
