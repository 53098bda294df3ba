/* Lines as records: what is read is what jansson reads, whatever lines came
 * before, and a label that is written anew changes nothing else. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/str.h"
#include "track/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_label(const tarn__track_record *r, size_t len)
{
    const char *text = "NO CHANGE";
    tarn_slice at = r->label_text;
    size_t before = (size_t)(at.ptr - r->line.ptr);
    assert(at.ptr >= r->line.ptr && before + at.len <= len);
    size_t new_len = len - at.len + strlen(text);
    char *line = malloc(new_len + 1);
    memcpy(line, r->line.ptr, before);
    memcpy(line + before, text, strlen(text));
    memcpy(
        line + before + strlen(text), at.ptr + at.len, len - before - at.len);
    tarn__track_room room = TARN__TRACK_ROOM_INIT;
    tarn__track_record again;
    char reason[TARN__TRACK_REASON_BYTES];
    bool good;
    assert(tarn__track_parse((tarn_slice){line, new_len}, TARN__TRACK_NAME,
               &room, &again, &good, reason, NULL) == TARN_OK);
    assert(good && again.label == TARN__TRACK_NO_CHANGE);
    assert(tarn__slice_eq(again.name, r->name));
    assert(tarn__slice_eq(again.type, r->type));
    assert(tarn__slice_eq(again.parent, r->parent));
    tarn__track_room_reset(&room);
    free(line);
}

/* A parser that has seen other lines reads what a fresh one does. */
static void check_habits(tarn_slice line, tarn__track_room *room, bool good,
    const tarn__track_record *r, const char *reason)
{
    tarn__track_record again;
    char other[TARN__TRACK_REASON_BYTES];
    bool also;
    assert(tarn__track_parse(line, TARN__TRACK_NAME, room, &again, &also, other,
               NULL) == TARN_OK);
    assert(also == good && strcmp(reason, other) == 0);
    if (!good)
        return;
    assert(tarn__slice_eq(again.name, r->name));
    assert(tarn__slice_eq(again.type, r->type));
    assert(tarn__slice_eq(again.parent, r->parent));
    assert(tarn__slice_eq(again.database, r->database));
    assert(tarn__slice_eq(again.schema, r->schema));
    assert(tarn__slice_eq(again.short_name, r->short_name));
    assert(tarn__slice_eq(again.stamp, r->stamp));
    assert(again.label == r->label);
    assert(again.label_text.ptr == r->label_text.ptr &&
        again.label_text.len == r->label_text.len);
}

static void check(const char *text, size_t len, tarn__track_room *used)
{
    /* Exactly its size: a sanitizer sees the first byte beyond. */
    char *line = malloc(len > 0 ? len : 1);
    memcpy(line, text, len);
    tarn__track_room room = TARN__TRACK_ROOM_INIT;
    tarn__track_record r;
    char reason[TARN__TRACK_REASON_BYTES];
    bool good;
    assert(tarn__track_parse((tarn_slice){line, len}, TARN__TRACK_NAME, &room,
               &r, &good, reason, NULL) == TARN_OK);
    check_habits((tarn_slice){line, len}, used, good, &r, reason);
    if (good) {
        json_error_t why;
        json_t *json = json_loadb(
            line, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
        assert(json != NULL ||
            json_error_code(&why) == json_error_numeric_overflow ||
            json_error_code(&why) == json_error_stack_overflow);
        assert(json == NULL || json_is_object(json));
        assert(r.name.len > 0 && tarn__utf8_valid(r.name));
        json_decref(json);
        if (r.label != TARN__TRACK_NONE)
            check_label(&r, len);
    } else {
        assert(reason[0] != '\0' && tarn__utf8_valid(tarn_str(reason)));
    }
    tarn__track_room_reset(&room);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *at = (const char *)bytes;
    const char *end = at + len;
    tarn__track_room room = TARN__TRACK_ROOM_INIT;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((stop == NULL ? end : stop) - at);
        check(at, n, &room);
        at += n + 1;
    }
    tarn__track_room_reset(&room);
    return 0;
}
