/* Lines of events and profiles: no line is lost or counted twice, what is
 * kept is JSON of the same members, and nothing outside the line is read. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/str.h"
#include "event/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(const char *text, size_t len, bool profile, bool cut)
{
    static const tarn__event_shreds shreds = {{"x", "time"}, {1, 4}, 2};
    tarn__event_shred values[2];
    tarn__event_record record;
    char reason[TARN__EVENT_RECORD_REASON_BYTES] = "";
    /* Blocks of exactly their size: a sanitizer sees the first byte beyond. */
    char *line = malloc(len > 0 ? len : 1);
    char *room = malloc(2 * len + 64);
    tarn__event_room at = {room};
    memcpy(line, text, len);
    if (tarn__event_record_read((tarn_slice){line, len}, profile, cut, &shreds,
            &at, &record, values, reason)) {
        json_error_t why;
        json_t *json = json_loadb(record.properties.ptr,
            record.properties.len,
            JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
        assert(at.at <= room + 2 * len + 64);
        assert(tarn__utf8_valid(record.properties));
        assert(tarn__utf8_valid(record.distinct_id));
        assert(tarn__utf8_valid(record.event));
        assert(profile || record.has_time);
        /* jansson refuses reals that are too large, and depth beyond 2048. */
        assert(json != NULL ||
            json_error_code(&why) == json_error_numeric_overflow ||
            json_error_code(&why) == json_error_stack_overflow);
        assert(json == NULL || json_is_object(json));
        assert(json == NULL || profile || json_object_get(json, "time") == NULL);
        json_decref(json);
    } else {
        assert(reason[0] != '\0');
        assert(tarn__utf8_valid(tarn_str(reason)));
    }
    free(line);
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *at = (const char *)bytes;
    const char *end = at + len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop == NULL ? end : stop) - at);
        check(at, n, false, stop == NULL);
        check(at, n, true, stop == NULL);
        at += n + 1;
    }
    return 0;
}
