/* One line of a state: an entity as JSON, of which a few fields are read and
 * one may be changed. */
#ifndef TARN_TRACK_RECORD_H
#define TARN_TRACK_RECORD_H

#include <tarn/base.h>

typedef enum tarn__track_label {
    TARN__TRACK_NONE = 0, /* the record says nothing */
    TARN__TRACK_CREATED,
    TARN__TRACK_UPDATED,
    TARN__TRACK_NO_CHANGE
} tarn__track_label;

typedef struct tarn__track_record {
    tarn_slice line;
    tarn_slice name;   /* qualified */
    tarn_slice type;   /* empty: none */
    tarn_slice parent; /* of a column; empty: none */
    tarn__track_label label;
    tarn_slice label_text; /* what stands between its quotes in `line` */
    /* Of a table; empty when the record does not have them. */
    tarn_slice database;
    tarn_slice schema;
    tarn_slice short_name;
    tarn_slice stamp; /* what the source said about its age */
} tarn__track_record;

/* One thread's: where texts without their escapes lie until the next line, and
 * the members that lines have had, by which the next line is read faster. */
typedef struct tarn__track_room {
    char *ptr;
    size_t len;
    size_t cap;
    struct tarn__track_habits *habits; /* NULL until the first line */
} tarn__track_room;
/* clang-format off */
#define TARN__TRACK_ROOM_INIT {NULL, 0, 0, NULL}
/* clang-format on */
void tarn__track_room_reset(tarn__track_room *room);

/* What a line has to have. */
typedef enum tarn__track_need {
    TARN__TRACK_NAME,
    TARN__TRACK_NAME_AND_PARENT
} tarn__track_need;

#define TARN__TRACK_REASON_BYTES 160

/* Read a line (no line end in it).  `record` borrows from the line and from
 * `room`.  *good false: it is no such record, `reason` says why. */
TARN_MUST_CHECK tarn_status tarn__track_parse(tarn_slice line,
    tarn__track_need need, tarn__track_room *room, tarn__track_record *record,
    bool *good, char reason[TARN__TRACK_REASON_BYTES], tarn_error *err);

/* A table as the queries name it: database.schema.table, of its own fields, or
 * the last three parts of its qualified name.  Appended to `out`. */
TARN_MUST_CHECK tarn_status tarn__track_id(
    const tarn__track_record *record, tarn_buf *out, tarn_error *err);

#endif
