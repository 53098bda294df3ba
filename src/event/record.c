/* One line as one event or profile.
 *
 * Of a member that is there twice the last one counts, as everywhere in the
 * world of JavaScript; all of them are left out of the properties. */
#include "event/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"

/* What is taken out of the properties, at most so many places. */
#define MAX_TAKEN 16

typedef struct taken {
    const char *from; /* from the name's quote to behind the value */
    const char *to;
} taken;

typedef struct reading {
    bool profile;
    const tarn__event_shreds *shreds;
    tarn__event_room *room;
    tarn__event_record *out;
    tarn__event_shred *out_shreds;
    tarn__json_scan_value id;
    tarn__json_scan_value insert_id;
    tarn__json_scan_value time;
    tarn__json_scan_value event;
    tarn__json_scan_value properties;
    bool has_event, has_id, has_insert_id, has_time, has_properties;
    taken taken[MAX_TAKEN];
    size_t taken_count;
    const char *why;
} reading;

static bool refuse(reading *r, const char *why)
{
    r->why = why;
    return false;
}

static tarn_slice text_of(reading *r, const tarn__json_scan_value *v)
{
    if (!v->escaped)
        return v->text;
    tarn_slice out = {r->room->at, 0};
    out.len = tarn__json_scan_unescape(v->text, r->room->at);
    r->room->at += out.len;
    return out;
}

/* Is this the name, escapes and all? */
static bool is_name(
    const tarn__json_scan_value *name, const char *text, size_t len)
{
    char plain[128];
    if (!name->escaped)
        return name->text.len == len && memcmp(name->text.ptr, text, len) == 0;
    if (name->text.len > sizeof plain)
        return false;
    size_t got = tarn__json_scan_unescape(name->text, plain);
    return got == len && memcmp(plain, text, len) == 0;
}

#define IS(name, literal) is_name(name, literal, sizeof(literal) - 1)

static bool take(reading *r, const tarn__json_scan_value *name, const char *end)
{
    if (r->taken_count == MAX_TAKEN)
        return refuse(r, "the same property again and again");
    r->taken[r->taken_count++] = (taken){name->text.ptr - 1, end};
    return true;
}

static bool is_time(const tarn__json_scan_value *v, int64_t *us)
{
    return (v->kind == TARN__JSON_STRING || v->kind == TARN__JSON_NUMBER) &&
        !v->escaped && tarn__event_record_time(v->text, us);
}

static void shred(reading *r, const tarn__json_scan_value *name,
    const tarn__json_scan_value *value)
{
    for (size_t i = 0; i < r->shreds->count; i++) {
        if (!is_name(name, r->shreds->names[i], r->shreds->lens[i]))
            continue;
        r->out_shreds[i] = (tarn__event_shred){value->kind, text_of(r, value)};
        return;
    }
}

static bool property(reading *r, const tarn__json_scan_value *name,
    const tarn__json_scan_value *value, const char *end)
{
    int64_t us;
    if (r->profile) {
        /* A last_seen that is no time stays a property. */
        if (!IS(name, "$last_seen") ||
            (value->kind != TARN__JSON_NULL && !is_time(value, &us)))
            return true;
        r->time = *value;
        r->has_time = true;
        return take(r, name, end);
    }
    if (name->escaped || name->text.len == 4 || name->text.len == 11 ||
        name->text.len == 10) {
        if (IS(name, "time")) {
            r->time = *value;
            r->has_time = true;
            return take(r, name, end);
        }
        if (IS(name, "distinct_id")) {
            r->id = *value;
            r->has_id = true;
            return take(r, name, end);
        }
        if (IS(name, "$insert_id")) {
            r->insert_id = *value;
            r->has_insert_id = true;
            return take(r, name, end);
        }
    }
    return true;
}

static bool properties(reading *r, tarn__json_scan *s)
{
    tarn__json_scan_value name = {TARN__JSON_NULL, false, {NULL, 0}};
    tarn__json_scan_value value = name;
    int state = 0;
    r->taken_count = 0;
    r->has_time = false;
    r->has_insert_id = false;
    if (!r->profile)
        r->has_id = false;
    for (size_t i = 0; i < r->shreds->count; i++)
        r->out_shreds[i] = (tarn__event_shred){TARN__JSON_NULL, {NULL, 0}};
    const char *start = s->at;
    for (;;) {
        if (!tarn__json_scan_member(s, &state, &name, &value))
            return false;
        if (name.text.ptr == NULL)
            break;
        if (r->shreds->count > 0)
            shred(r, &name, &value);
        if (!property(r, &name, &value, s->at))
            return false;
    }
    r->properties = (tarn__json_scan_value){
        TARN__JSON_OBJECT, false, {start, (size_t)(s->at - start)}};
    r->has_properties = true;
    return true;
}

/* A member of the line's object, its name just read. */
static bool outer(reading *r, tarn__json_scan *s,
    const tarn__json_scan_value *name, const tarn__json_scan_value *value)
{
    if (!r->profile && IS(name, "event")) {
        r->event = *value;
        r->has_event = true;
    } else if (r->profile && IS(name, "$distinct_id")) {
        r->id = *value;
        r->has_id = true;
    } else if (r->profile ? IS(name, "$properties") : IS(name, "properties")) {
        if (value->kind == TARN__JSON_NULL) {
            r->has_properties = false;
            return true;
        }
        if (value->kind != TARN__JSON_OBJECT)
            return refuse(r, "properties is no object");
        tarn__json_scan inner = tarn__json_scan_of(value->text);
        if (!properties(r, &inner)) {
            s->why = inner.why;
            return false;
        }
    }
    return true;
}

/* Text of an id: a string or a number.  NULL is as if it were not there. */
static bool id_of(reading *r, bool has, const tarn__json_scan_value *v,
    const char *missing, const char *wrong, tarn_slice *out)
{
    if (!has || v->kind == TARN__JSON_NULL)
        return refuse(r, missing);
    if (v->kind != TARN__JSON_STRING && v->kind != TARN__JSON_NUMBER)
        return refuse(r, wrong);
    *out = text_of(r, v);
    return true;
}

static bool ids(reading *r)
{
    tarn__event_record *out = r->out;
    if (r->profile)
        return id_of(r, r->has_id, &r->id, "has no $distinct_id",
            "$distinct_id is no text", &out->distinct_id);
    if (!r->has_event || r->event.kind == TARN__JSON_NULL)
        return refuse(r, "has no event");
    if (r->event.kind != TARN__JSON_STRING)
        return refuse(r, "event is no text");
    out->event = text_of(r, &r->event);
    if (!r->has_time || r->time.kind == TARN__JSON_NULL)
        return refuse(r, "has no time");
    if (!id_of(r, r->has_id, &r->id, "has no distinct_id",
            "distinct_id is no text", &out->distinct_id))
        return false;
    if (!r->has_insert_id || r->insert_id.kind == TARN__JSON_NULL)
        return true;
    return id_of(
        r, true, &r->insert_id, "", "$insert_id is no text", &out->insert_id);
}

/* The properties without what was taken: the members that stay, as they
 * stand, and a comma between them. */
static void compact(reading *r)
{
    tarn_slice whole = r->properties.text;
    if (r->taken_count == 0) {
        r->out->properties = whole;
        return;
    }
    const char *end = whole.ptr + whole.len - 1; /* the brace */
    const char *at = whole.ptr + 1;
    char *start = r->room->at;
    char *to = start;
    *to++ = '{';
    for (size_t i = 0; i <= r->taken_count; i++) {
        const char *stop = i < r->taken_count ? r->taken[i].from : end;
        /* [at, stop): members with commas around them. */
        while (at < stop && memchr(" \t\r\n,", *at, 5) != NULL)
            at++;
        const char *last = stop;
        while (last > at && memchr(" \t\r\n,", last[-1], 5) != NULL)
            last--;
        if (last > at) {
            if (to > start + 1)
                *to++ = ',';
            memcpy(to, at, (size_t)(last - at));
            to += last - at;
        }
        if (i < r->taken_count)
            at = r->taken[i].to;
    }
    *to++ = '}';
    r->out->properties = (tarn_slice){start, (size_t)(to - start)};
    r->room->at = to;
}

static bool finish(reading *r)
{
    static const char empty[] = "{}";
    tarn__event_record *out = r->out;
    if (!r->has_properties) {
        r->has_time = false;
        if (!r->profile)
            r->has_id = false;
    }
    if (!ids(r))
        return false;
    if (r->has_time && r->time.kind != TARN__JSON_NULL) {
        if (!is_time(&r->time, &out->time_us))
            return refuse(r, "time is no time");
        out->has_time = true;
    }
    if (r->has_properties)
        compact(r);
    else
        out->properties = (tarn_slice){empty, 2};
    return true;
}

static bool whole(reading *r, tarn__json_scan *s)
{
    tarn__json_scan_value name = {TARN__JSON_NULL, false, {NULL, 0}};
    tarn__json_scan_value value = name;
    int state = 0;
    for (;;) {
        if (!tarn__json_scan_member(s, &state, &name, &value))
            return false;
        if (name.text.ptr == NULL)
            break;
        if (!outer(r, s, &name, &value))
            return false;
    }
    return tarn__json_scan_end(s);
}

bool tarn__event_record_read(tarn_slice line, bool profile, bool cut,
    const tarn__event_shreds *shreds, tarn__event_room *room,
    tarn__event_record *out, tarn__event_shred *out_shreds,
    char reason[TARN__EVENT_RECORD_REASON_BYTES])
{
    reading r;
    memset(&r, 0, offsetof(reading, taken));
    r.taken_count = 0;
    r.why = NULL;
    r.profile = profile;
    r.shreds = shreds;
    r.room = room;
    r.out = out;
    r.out_shreds = out_shreds;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < shreds->count; i++)
        out_shreds[i] = (tarn__event_shred){TARN__JSON_NULL, {NULL, 0}};
    tarn__json_scan s = tarn__json_scan_of(line);
    if (whole(&r, &s) && finish(&r))
        return true;
    if (!tarn__utf8_valid(line))
        (void)snprintf(reason, TARN__EVENT_RECORD_REASON_BYTES, "is no UTF-8");
    else if (r.why != NULL)
        (void)snprintf(reason, TARN__EVENT_RECORD_REASON_BYTES, "%s", r.why);
    else if (s.ended && cut)
        (void)snprintf(reason, TARN__EVENT_RECORD_REASON_BYTES,
            "is cut: the input ends inside it");
    else if (memchr(line.ptr, '{', line.len) == NULL || s.at == line.ptr)
        (void)snprintf(
            reason, TARN__EVENT_RECORD_REASON_BYTES, "is no JSON object");
    else
        (void)snprintf(reason, TARN__EVENT_RECORD_REASON_BYTES,
            "is no JSON object: byte %zu: %s", (size_t)(s.at - line.ptr) + 1,
            s.why);
    return false;
}

/* --- time --- */

static bool scaled(double v, int64_t *us)
{
    double size = fabs(v);
    double factor = size < 1e11 ? 1e6 : size < 1e14 ? 1e3 : 1.0;
    if (!(size < 1e17))
        return false;
    *us = (int64_t)llround(v * factor);
    return true;
}

bool tarn__event_record_time(tarn_slice text, int64_t *us)
{
    char buf[64];
    int64_t v = 0;
    size_t i = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t first = i;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9' &&
        i - first < 18)
        v = v * 10 + (text.ptr[i++] - '0');
    if (i == text.len && i > first) {
        int64_t factor = v < 100000000000 ? 1000000
            : v < 100000000000000         ? 1000
                                          : 1;
        if (v >= 100000000000000000)
            return false;
        *us = (first > 0 ? -v : v) * factor;
        return true;
    }
    if (text.len == 0 || text.len >= sizeof buf ||
        memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    memcpy(buf, text.ptr, text.len);
    buf[text.len] = '\0';
    double f;
    if (tarn__parse_double(buf, &f))
        return scaled(f, us);
    return tarn__time_parse(buf, us);
}
