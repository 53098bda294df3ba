/* A line as a record.
 *
 * The fields stand in `attributes`, the state in `customAttributes` or there;
 * both may be objects or texts that hold one.  Nothing is decoded but what is
 * asked for, and the line stays as it is.
 */
#include "track/record.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json_scan.h"
#include "base/memory.h"
#include "base/str.h"

typedef enum place { TOP, ATTRIBUTES, CUSTOM, PLACES } place;

typedef enum field {
    NAME,
    TYPE,
    TABLE,
    VIEW,
    DATABASE,
    SCHEMA,
    SHORT,
    LABEL,
    STAMP,
    FIELDS, /* any other member */
    IN_ATTRIBUTES,
    IN_CUSTOM,
    NO_MEMBER /* the object's end */
} field;

static const struct {
    const char *name;
    size_t len;
} names[FIELDS] = {{"qualifiedName", 13}, {"typeName", 8},
    {"tableQualifiedName", 18}, {"viewQualifiedName", 17}, {"databaseName", 12},
    {"schemaName", 10}, {"name", 4}, {"incremental_state", 17},
    {"tarn_stamp", 10}};

typedef struct parser {
    tarn__track_room *room;
    tarn_slice fields[PLACES][FIELDS];
    tarn_slice label_text[PLACES];
    char *reason;
} parser;

/* --- habits --- */

/* Lines of one producer have the same members in much the same order.  So of
 * each member what stands between the value before it and its own value is
 * kept, with what it was found to be and what came after it: where the next
 * line goes on with the same bytes, it is the same member. */
#define HABIT_BYTES 44
#define HABIT_COUNT 128

typedef struct habit {
    char text[HABIT_BYTES]; /* ,"name": */
    uint8_t len;
    uint8_t place;
    uint8_t what;    /* a field */
    uint8_t next[2]; /* habits, the likelier first; 0: none */
} habit;

/* The first is none, those after it are the places' beginnings. */
#define FIRST_HABIT (1 + PLACES)

struct tarn__track_habits {
    size_t count;
    habit all[HABIT_COUNT];
};

/* The habit that `s` goes on with after `last`, and past it; 0: none. */
static uint8_t follow(
    const struct tarn__track_habits *habits, uint8_t last, tarn__json_scan *s)
{
    const uint8_t *next = habits->all[last].next;
    size_t left = (size_t)(s->end - s->at);
    for (int i = 0; i < 2; i++) {
        const habit *h = &habits->all[next[i]];
        if (h->len > 0 && h->len <= left &&
            memcmp(s->at, h->text, h->len) == 0) {
            s->at += h->len;
            return next[i];
        }
    }
    return 0;
}

/* What came after `last`; the habit, 0 when there is no room for it. */
static uint8_t learn(struct tarn__track_habits *habits, uint8_t last,
    place where, tarn_slice text, field what)
{
    size_t at = FIRST_HABIT;
    if (text.len > HABIT_BYTES)
        return 0;
    for (; at < habits->count; at++) {
        const habit *h = &habits->all[at];
        if (h->len == text.len && h->place == where &&
            memcmp(h->text, text.ptr, text.len) == 0)
            break;
    }
    if (at == HABIT_COUNT)
        return 0;
    if (at == habits->count) {
        habit *h = &habits->all[habits->count++];
        memcpy(h->text, text.ptr, text.len);
        h->len = (uint8_t)text.len;
        h->place = (uint8_t)where;
        h->what = (uint8_t)what;
    }
    habit *before = &habits->all[last];
    if (last > 0 && before->next[0] != at) {
        before->next[1] = before->next[0];
        before->next[0] = (uint8_t)at;
    }
    return (uint8_t)at;
}

/* --- members --- */

/* An object whose text was an escaped string. */
typedef struct inner {
    tarn_slice raw;   /* as it stands in the line */
    tarn_slice plain; /* what the scanner reads */
} inner;

void tarn__track_room_reset(tarn__track_room *room)
{
    tarn__free(room->ptr);
    tarn__free(room->habits);
    *room = (tarn__track_room)TARN__TRACK_ROOM_INIT;
}

static bool say(parser *p, const char *what, const char *why)
{
    (void)snprintf(p->reason, TARN__TRACK_REASON_BYTES, "%s%s", what, why);
    return false;
}

static tarn_slice unescaped(parser *p, tarn_slice text)
{
    char *to = p->room->ptr + p->room->len;
    size_t len = tarn__json_scan_unescape(text, to);
    p->room->len += len;
    return (tarn_slice){to, len};
}

static field field_of(place where, tarn_slice name)
{
    if (where == TOP && tarn__slice_is(name, "attributes"))
        return IN_ATTRIBUTES;
    if (where == TOP && tarn__slice_is(name, "customAttributes"))
        return IN_CUSTOM;
    for (int f = 0; f < FIELDS; f++)
        if (names[f].len == name.len &&
            memcmp(names[f].name, name.ptr, name.len) == 0)
            return (field)f;
    return FIELDS;
}

/* Where the byte of plain text at `offset` comes from in the raw text. */
static size_t raw_offset(tarn_slice raw, size_t offset)
{
    size_t at = 0;
    char bytes[8];
    for (size_t done = 0; done < offset;) {
        if (raw.ptr[at] != '\\') {
            size_t plain = 1;
            at += plain;
            done += plain;
            continue;
        }
        size_t len = raw.ptr[at + 1] != 'u' ? 2 : 6;
        if (len == 6 && (raw.ptr[at + 2] == 'd' || raw.ptr[at + 2] == 'D') &&
            strchr("89abAB", raw.ptr[at + 3]) != NULL)
            len = 12; /* a pair */
        done +=
            tarn__json_scan_unescape((tarn_slice){raw.ptr + at, len}, bytes);
        at += len;
    }
    return at;
}

static void keep_label(parser *p, place where, const inner *in, tarn_slice text)
{
    if (in != NULL) {
        size_t from = (size_t)(text.ptr - in->plain.ptr);
        size_t begin = raw_offset(in->raw, from);
        size_t end = raw_offset(in->raw, from + text.len);
        text = (tarn_slice){in->raw.ptr + begin, end - begin};
    }
    p->label_text[where] = text;
}

static bool take(parser *p, place where, const inner *in, field f,
    const tarn__json_scan_value *value)
{
    p->fields[where][f] = (tarn_slice){NULL, 0};
    if (value->kind == TARN__JSON_NULL)
        return true;
    if (value->kind != TARN__JSON_STRING)
        return f >= DATABASE && f != LABEL
            ? true
            : say(p, names[f].name, " is no string");
    p->fields[where][f] =
        value->escaped ? unescaped(p, value->text) : value->text;
    if (f == LABEL)
        keep_label(p, where, in, value->text);
    return true;
}

static bool bad_json(parser *p, const tarn__json_scan *s)
{
    if (strncmp(s->why, "is ", 3) == 0) /* "is no UTF-8" */
        return say(p, s->why, "");
    return say(p, s->ended ? "ends too early: " : "is no good JSON: ", s->why);
}

static bool members(
    parser *p, tarn__json_scan *s, place where, const inner *in);

/* `attributes` or `customAttributes`, whatever it is. */
static bool nested(parser *p, tarn__json_scan *s, place where)
{
    /* Of two of them the last one counts, as of all members. */
    memset(p->fields[where], 0, sizeof p->fields[where]);
    tarn__json_scan_space(s);
    if (s->at < s->end && *s->at == '{')
        return members(p, s, where, NULL);
    tarn__json_scan_value value;
    if (!tarn__json_scan_next(s, &value))
        return bad_json(p, s);
    const char *which = where == ATTRIBUTES ? "attributes" : "customAttributes";
    if (value.kind == TARN__JSON_NULL ||
        (value.kind == TARN__JSON_STRING && value.text.len == 0))
        return true;
    if (value.kind != TARN__JSON_STRING)
        return say(p, which, " is neither an object nor a text of one");
    inner in = {value.text, value.text};
    if (value.escaped)
        in.plain = unescaped(p, value.text);
    tarn__json_scan deeper = tarn__json_scan_of(in.plain);
    if (members(p, &deeper, where, &in) && tarn__json_scan_end(&deeper))
        return true;
    return say(p, which, " is a text that holds no JSON object");
}

/* Past the next member's name and colon. */
static bool next_member(parser *p, tarn__json_scan *s, place where, int *state,
    uint8_t *last, field *what)
{
    struct tarn__track_habits *habits = p->room->habits;
    uint8_t known = follow(habits, *last, s);
    if (known > 0) {
        *state = 1;
        *last = known;
        *what = (field)habits->all[known].what;
        return true;
    }
    tarn__json_scan_value name;
    const char *from = s->at;
    if (!tarn__json_scan_name(s, state, &name))
        return bad_json(p, s);
    *what = NO_MEMBER;
    if (name.text.ptr == NULL)
        return true;
    *what = field_of(where, name.escaped ? unescaped(p, name.text) : name.text);
    tarn_slice text = {from, (size_t)(s->at - from)};
    *last = learn(habits, *last, where, text, *what);
    return true;
}

static bool members(parser *p, tarn__json_scan *s, place where, const inner *in)
{
    tarn__json_scan_value value;
    uint8_t last = (uint8_t)(1 + where);
    int state = 0;
    for (;;) {
        field what = NO_MEMBER;
        if (!next_member(p, s, where, &state, &last, &what))
            return false;
        if (what == NO_MEMBER)
            return true;
        if (what == IN_ATTRIBUTES || what == IN_CUSTOM) {
            if (!nested(p, s, what == IN_CUSTOM ? CUSTOM : ATTRIBUTES))
                return false;
            continue;
        }
        if (!tarn__json_scan_next(s, &value))
            return bad_json(p, s);
        if (what != FIELDS && !take(p, where, in, what, &value))
            return false;
    }
}

static tarn_slice either(const parser *p, field f)
{
    tarn_slice in = p->fields[ATTRIBUTES][f];
    return in.len > 0 ? in : p->fields[TOP][f];
}

static bool read_label(parser *p, tarn__track_record *r)
{
    place where = p->fields[CUSTOM][LABEL].len > 0 ? CUSTOM : ATTRIBUTES;
    tarn_slice text = p->fields[where][LABEL];
    r->label = TARN__TRACK_NONE;
    r->label_text = (tarn_slice){NULL, 0};
    if (text.len == 0)
        return true;
    r->label_text = p->label_text[where];
    if (tarn__slice_is(text, "NO CHANGE"))
        r->label = TARN__TRACK_NO_CHANGE;
    else if (tarn__slice_is(text, "CREATED"))
        r->label = TARN__TRACK_CREATED;
    else if (tarn__slice_is(text, "UPDATED"))
        r->label = TARN__TRACK_UPDATED;
    else
        return say(p, "incremental_state is none of CREATED, UPDATED and NO ",
            "CHANGE");
    return true;
}

static bool read_fields(parser *p, tarn__track_need need, tarn__track_record *r)
{
    r->name = either(p, NAME);
    r->type = p->fields[TOP][TYPE].len > 0 ? p->fields[TOP][TYPE]
                                           : p->fields[ATTRIBUTES][TYPE];
    tarn_slice table = either(p, TABLE);
    r->parent = table.len > 0 ? table : either(p, VIEW);
    r->database = either(p, DATABASE);
    r->schema = either(p, SCHEMA);
    r->short_name = either(p, SHORT);
    r->stamp = p->fields[CUSTOM][STAMP];
    if (r->name.len == 0)
        return say(p, "has no qualifiedName", "");
    if (need == TARN__TRACK_NAME_AND_PARENT && r->parent.len == 0)
        return say(
            p, "has neither tableQualifiedName nor viewQualifiedName", "");
    return read_label(p, r);
}

static tarn_status make_room(
    tarn__track_room *room, size_t line_bytes, tarn_error *err)
{
    if (room->habits == NULL) {
        room->habits = tarn__calloc(1, sizeof(*room->habits));
        if (room->habits == NULL)
            return tarn__no_memory(err);
        room->habits->count = FIRST_HABIT;
    }
    /* A text in a text: each byte is written at most twice. */
    return tarn__grow(
        (void **)&room->ptr, &room->cap, line_bytes * 2 + 8, 1, err);
}

tarn_status tarn__track_parse(tarn_slice line, tarn__track_need need,
    tarn__track_room *room, tarn__track_record *record, bool *good,
    char reason[TARN__TRACK_REASON_BYTES], tarn_error *err)
{
    parser p;
    memset(&p, 0, sizeof p);
    p.room = room;
    p.reason = reason;
    *good = false;
    reason[0] = '\0';
    tarn_status st = make_room(room, line.len, err);
    if (st != TARN_OK)
        return st;
    room->len = 0;
    record->line = line;
    tarn__json_scan s = tarn__json_scan_of(line);
    tarn__json_scan_space(&s);
    if (s.at < s.end && *s.at == '[')
        (void)say(&p, "is an array; a record a line is needed (jq -c '.[]' ",
            "makes it so)");
    else if (s.at < s.end && *s.at != '{')
        (void)say(&p, "is no JSON object", "");
    else if (members(&p, &s, TOP, NULL) &&
        (tarn__json_scan_end(&s) || bad_json(&p, &s)))
        *good = read_fields(&p, need, record);
    return TARN_OK;
}

/* The last three parts of a/b/c/d, parted by points. */
static tarn_status id_of_name(tarn_slice name, tarn_buf *out, tarn_error *err)
{
    size_t from = name.len;
    size_t slashes = 0;
    while (from > 0 && (name.ptr[from - 1] != '/' || ++slashes < 3))
        from--;
    size_t start = out->len;
    tarn_status st =
        tarn__buf_append(out, name.ptr + from, name.len - from, err);
    for (size_t i = start; st == TARN_OK && i < out->len; i++)
        if (out->ptr[i] == '/')
            out->ptr[i] = '.';
    return st;
}

tarn_status tarn__track_id(
    const tarn__track_record *r, tarn_buf *out, tarn_error *err)
{
    if (r->database.len == 0 || r->schema.len == 0 || r->short_name.len == 0)
        return id_of_name(r->name, out, err);
    tarn_status st =
        tarn__buf_append(out, r->database.ptr, r->database.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '.', err);
    if (st == TARN_OK)
        st = tarn__buf_append(out, r->schema.ptr, r->schema.len, err);
    if (st == TARN_OK)
        st = tarn__buf_char(out, '.', err);
    return st == TARN_OK
        ? tarn__buf_append(out, r->short_name.ptr, r->short_name.len, err)
        : st;
}
