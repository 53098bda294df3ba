/* One line as one event or profile. */
#ifndef TARN_EVENT_RECORD_H
#define TARN_EVENT_RECORD_H

#include "base/json_scan.h"

#define TARN__EVENT_RECORD_REASON_BYTES 120
#define TARN__EVENT_SHRED_MAX 64

/* Properties that get columns of their own. */
typedef struct tarn__event_shreds {
    const char *names[TARN__EVENT_SHRED_MAX];
    size_t lens[TARN__EVENT_SHRED_MAX];
    size_t count;
} tarn__event_shreds;

/* A property's value: text of a string, or as it stands; NULL and absent are
 * TARN__JSON_NULL. */
typedef struct tarn__event_shred {
    tarn__json_scan_kind kind;
    tarn_slice text;
} tarn__event_shred;

/* Slices lie in the line, or in the room that was given. */
typedef struct tarn__event_record {
    tarn_slice event; /* of an event only */
    tarn_slice distinct_id;
    tarn_slice insert_id; /* NULL: none was given */
    int64_t time_us;      /* event_time, or last_seen */
    bool has_time;
    tarn_slice properties; /* an object, without what stands above */
} tarn__event_record;

/* Bytes to write derived texts to: 2 * length of the lines is enough. */
typedef struct tarn__event_room {
    char *at;
} tarn__event_room;

/* false: `reason` says what is wrong with the line.  `cut`: the line is the
 * last one and no line end follows it.  `out_shreds` has shreds->count
 * entries. */
bool tarn__event_record_read(tarn_slice line, bool profile, bool cut,
    const tarn__event_shreds *shreds, tarn__event_room *room,
    tarn__event_record *out, tarn__event_shred *out_shreds,
    char reason[TARN__EVENT_RECORD_REASON_BYTES]);

/* Seconds, milliseconds or microseconds since 1970, told apart by their size,
 * as a number or its text, or ISO 8601. */
bool tarn__event_record_time(tarn_slice text, int64_t *us);

#endif
