/* Putting edges from JSON lines: read and checked once into a spool; then, in
 * the step, first all ends are found and the edges sorted, then the operations
 * added in the order of the view. */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_scan.h"
#include "base/str.h"
#include "lake/edge_key.h"
#include "lake/sorter.h"
#include "record/edge_internal.h"
#include "record/record_internal.h"

#define READ_BYTES ((size_t)256 << 10)
#define LINE_MAX_BYTES ((size_t)1 << 20)
#define SPOOL_BYTES ((size_t)16 << 20)
#define SORT_BYTES ((size_t)32 << 20)
#define NAMES_MAX 1000000 /* names whose ids are remembered */

/* --- lines --- */

typedef struct line_reader {
    tarn_record_read_fn read;
    void *arg;
    tarn_buf buf;
    size_t at; /* what was handed out */
    bool ended;
    int64_t number; /* of the line handed out last, from 1 */
} line_reader;

static tarn_status refill(line_reader *r, tarn_error *err)
{
    size_t got = 0;

    r->buf.len -= r->at;
    if (r->at > 0)
        memmove(r->buf.ptr, r->buf.ptr + r->at, r->buf.len);
    r->at = 0;
    tarn_status st = tarn__buf_reserve(&r->buf, READ_BYTES, err);
    if (st == TARN_OK)
        st = r->read(r->arg, r->buf.ptr + r->buf.len, READ_BYTES, &got, err);
    if (st != TARN_OK)
        return st;
    r->buf.len += got;
    r->ended = got == 0;
    return TARN_OK;
}

/* TARN_ROW and a line without its end, or TARN_OK. */
static tarn_status next_line(line_reader *r, tarn_slice *line, tarn_error *err)
{
    size_t seen = 0;

    for (;;) {
        size_t left = r->buf.len - r->at;
        const char *start = r->buf.ptr + r->at;
        const char *end =
            left == seen ? NULL : memchr(start + seen, '\n', left - seen);
        if (end == NULL && r->ended && left > 0)
            end = start + left;
        if (end != NULL) {
            *line = (tarn_slice){start, (size_t)(end - start)};
            r->at += line->len + (end < r->buf.ptr + r->buf.len ? 1 : 0);
            r->number++;
            return TARN_ROW;
        }
        if (r->ended)
            return TARN_OK;
        if (left > LINE_MAX_BYTES) {
            r->number++;
            return tarn__fail(err, TARN_BAD_INPUT,
                "longer than %zu bytes (is it one edge a line?)",
                LINE_MAX_BYTES);
        }
        seen = left;
        tarn_status st = refill(r, err);
        if (st != TARN_OK)
            return st;
    }
}

static bool is_blank(tarn_slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (memchr(" \t\r", line.ptr[i], 3) == NULL)
            return false;
    return true;
}

/* --- one line --- */

enum { SRC, REL, DST, WORD_COUNT };
static const char *const word_names[WORD_COUNT] = {"src", "rel", "dst"};

typedef struct parsed {
    tarn_buf words[WORD_COUNT];
    bool has[WORD_COUNT];
    tarn_slice props; /* in the line */
} parsed;

static tarn_status take_word(
    parsed *p, int which, const tarn__json_scan_value *value, tarn_error *err)
{
    bool is_key;

    tarn_status st =
        tarn__record_key_text(value, &p->words[which], &is_key, err);
    if (st == TARN_OK && (!is_key || p->words[which].len == 0))
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: it is no text (give an id, a key or TABLE/KEY)",
            word_names[which]);
    p->has[which] = st == TARN_OK;
    return st;
}

/* What tarn edge ls gives besides. */
static bool is_shown(tarn_slice name)
{
    return tarn__slice_is(name, "src_key") || tarn__slice_is(name, "dst_key") ||
        tarn__slice_is(name, "created_at");
}

static tarn_status take_member(parsed *p, tarn_slice name,
    const tarn__json_scan_value *value, tarn_error *err)
{
    for (int i = 0; i < WORD_COUNT; i++)
        if (tarn__slice_is(name, word_names[i]))
            return take_word(p, i, value, err);
    if (tarn__slice_is(name, "props")) {
        if (value->kind == TARN__JSON_OBJECT)
            p->props = value->text;
        else if (value->kind != TARN__JSON_NULL)
            return tarn__fail(err, TARN_BAD_INPUT,
                "props: no object (give {\"name\": value})");
        return TARN_OK;
    }
    if (is_shown(name))
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%.*s: no member of an edge (src, rel, dst and props are)",
        (int)(name.len < 60 ? name.len : 60), name.ptr);
}

static tarn_status parse_line(
    const tarn__json_schema *any, tarn_slice line, parsed *p, tarn_error *err)
{
    tarn__json_scan scan = tarn__json_scan_of(line);
    tarn__json_scan_value name, value;
    int state = 0;

    p->props = (tarn_slice){NULL, 0};
    memset(p->has, 0, sizeof p->has);
    /* It is one JSON object, and no member is there twice, at any depth. */
    tarn_status st = tarn__json_schema_check(any, line, err);
    while (st == TARN_OK &&
        tarn__json_scan_member(&scan, &state, &name, &value) &&
        name.text.ptr != NULL)
        st = take_member(p, name.text, &value, err);
    for (int i = 0; i < WORD_COUNT && st == TARN_OK; i++)
        if (!p->has[i])
            st = tarn__fail(err, TARN_BAD_INPUT,
                "%s is missing (a line is {\"src\", \"rel\", \"dst\", "
                "\"props\"})",
                word_names[i]);
    if (st == TARN_OK)
        st = tarn__relation_check(tarn__buf_slice(&p->words[REL]), err);
    if (st == TARN_INVALID)
        st = TARN_BAD_INPUT;
    if (st == TARN_OK && p->props.ptr != NULL)
        st = tarn__props_check(any, p->props, err);
    if (st == TARN_BAD_INPUT && err != NULL)
        err->code = st;
    return st;
}

/* --- the spools --- */

typedef struct lines_step {
    tarn_lake *lake;
    char *name;
    tarn_buf tenant;
    tarn__spool lines;   /* number, src, rel, dst, props */
    tarn__sorter *found; /* in the step: key of the view, props */
    tarn_buf bytes;
    /* Ids of names, by digest. */
    uint64_t key[2];
    tarn__id_map names;
    tarn__id *ids;
    size_t ids_cap;
} lines_step;

static void free_step(void *arg)
{
    lines_step *s = arg;

    tarn__spool_reset(&s->lines);
    tarn__sorter_free(s->found);
    tarn__id_map_reset(&s->names);
    tarn_buf_reset(&s->tenant);
    tarn_buf_reset(&s->bytes);
    tarn__free(s->ids);
    tarn__free(s->name);
    tarn__free(s);
}

static tarn_status put_text(tarn_buf *out, tarn_slice text, tarn_error *err)
{
    tarn_status st = tarn__buf_varint(out, text.len, err);
    return st == TARN_OK ? tarn__buf_append(out, text.ptr, text.len, err) : st;
}

/* false: malformed, which the spool's own bytes are not. */
static bool get_text(tarn__cursor *c, tarn_slice *text)
{
    uint64_t len;
    return tarn__cursor_varint(c, &len) &&
        tarn__cursor_bytes(c, (size_t)len, text);
}

static tarn_status keep_line(
    lines_step *s, int64_t number, const parsed *p, tarn_error *err)
{
    tarn__buf_clear(&s->bytes);
    tarn_status st = tarn__buf_varint(&s->bytes, (uint64_t)number, err);
    for (int i = 0; i < WORD_COUNT && st == TARN_OK; i++)
        st = put_text(&s->bytes, tarn__buf_slice(&p->words[i]), err);
    if (st == TARN_OK)
        st = put_text(&s->bytes, p->props, err);
    if (st == TARN_OK)
        st = tarn__spool_add(&s->lines, tarn__buf_slice(&s->bytes),
            tarn__lake_scratch_of, s->lake, err);
    return st;
}

static tarn_status read_lines(
    lines_step *s, line_reader *r, int64_t *count, tarn_error *err)
{
    parsed p = {
        {TARN_BUF_INIT, TARN_BUF_INIT, TARN_BUF_INIT}, {false}, {NULL, 0}};
    tarn__json_schema *any = NULL;
    tarn_slice line = {NULL, 0};

    tarn_status st = tarn__props_check_create(&any, err);
    while (st == TARN_OK && (st = next_line(r, &line, err)) == TARN_ROW) {
        st = TARN_OK;
        if (is_blank(line))
            continue;
        ++*count;
        st = parse_line(any, line, &p, err);
        if (st == TARN_OK)
            st = keep_line(s, r->number, &p, err);
    }
    if (st == TARN_BAD_INPUT)
        tarn__error_prefix(err, "%s line %lld", s->name, (long long)r->number);
    for (int i = 0; i < WORD_COUNT; i++)
        tarn_buf_reset(&p.words[i]);
    tarn__json_schema_free(any);
    return st;
}

/* --- finding ends --- */

/* The id of a name, found once. */
static tarn_status id_of(lines_step *s, tarn_snapshot *snap, tarn_slice word,
    tarn__id *out, tarn_error *err)
{
    tarn__hash128 digest = tarn__sip128(s->key, word);
    tarn__id by;
    uint32_t at;

    memcpy(by.bytes, &digest.a, 8);
    memcpy(by.bytes + 8, &digest.b, 8);
    if (tarn__id_map_get(&s->names, &by, &at)) {
        *out = s->ids[at];
        return TARN_OK;
    }
    tarn_status st =
        tarn__edge_end_id(snap, tarn__buf_slice(&s->tenant), word, out, err);
    if (st != TARN_OK)
        return st;
    if (s->names.count == NAMES_MAX)
        tarn__id_map_reset(&s->names);
    at = (uint32_t)s->names.count;
    st = tarn__grow((void **)&s->ids, &s->ids_cap, at + 1, sizeof *s->ids, err);
    if (st == TARN_OK)
        st = tarn__id_map_add(&s->names, &by, at, err);
    if (st == TARN_OK)
        s->ids[at] = *out;
    return st;
}

static tarn_status find_line(
    lines_step *s, tarn_snapshot *snap, tarn_slice bytes, tarn_error *err)
{
    tarn__cursor c = tarn__cursor_of(bytes);
    tarn_slice words[WORD_COUNT], props;
    uint64_t number;
    tarn__id src, dst;

    if (!tarn__cursor_varint(&c, &number) || !get_text(&c, &words[SRC]) ||
        !get_text(&c, &words[REL]) || !get_text(&c, &words[DST]) ||
        !get_text(&c, &props))
        return tarn__fail(err, TARN_CORRUPT,
            "%s: the scratch file changed meanwhile (try again)", s->name);
    tarn_status st = id_of(s, snap, words[SRC], &src, err);
    if (st == TARN_OK)
        st = id_of(s, snap, words[DST], &dst, err);
    if (st != TARN_OK) {
        tarn__error_prefix(err, "%s line %lld", s->name, (long long)number);
        return st;
    }
    tarn__buf_clear(&s->bytes);
    st = tarn__edge_key(
        &s->bytes, tarn__buf_slice(&s->tenant), &src, words[REL], &dst, err);
    return st == TARN_OK
        ? tarn__sorter_add(s->found, tarn__buf_slice(&s->bytes), props, err)
        : st;
}

static tarn_status find_all(lines_step *s, tarn_snapshot *snap, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    tarn_status st;

    tarn__id_map_reset(&s->names);
    tarn__sorter_free(s->found);
    st = tarn__sorter_create(
        SORT_BYTES, tarn__lake_scratch_of, s->lake, &s->found, err);
    if (st != TARN_OK)
        return st;
    tarn__spool_read_init(&reader, &s->lines);
    while ((st = tarn__spool_read(&reader, &bytes, err)) == TARN_ROW) {
        st = find_line(s, snap, bytes, err);
        if (st != TARN_OK)
            break;
    }
    tarn__spool_read_reset(&reader);
    return st;
}

/* --- adding --- */

static tarn_status any_edges(
    tarn_snapshot *snap, tarn_slice tenant, bool *there, tarn_error *err)
{
    tarn__edge_scan *scan = NULL;
    tarn__edge edge;

    tarn_status st = tarn__edge_scan_open(
        snap, tenant, NULL, false, (tarn_slice){NULL, 0}, &scan, err);
    if (st == TARN_OK)
        st = tarn__edge_scan_next(scan, &edge, err);
    *there = st == TARN_ROW;
    tarn__edge_scan_free(scan);
    return st == TARN_ROW ? TARN_OK : st;
}

/* The edge of a sorted entry; its relation is copied into `rel`. */
static tarn_status entry_edge(const lines_step *s, size_t skip, tarn_slice key,
    tarn_buf *rel, tarn__edge_put *put, tarn_error *err)
{
    bool ok;

    tarn_status st =
        tarn__edge_key_parse(key, skip, &put->src, rel, &put->dst, &ok, err);
    if (st == TARN_OK && !ok)
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: the scratch file changed meanwhile (try again)", s->name);
    put->rel = tarn__buf_slice(rel);
    return st;
}

typedef struct adder {
    tarn_txn *txn;
    bool look;   /* there are edges: one may be there already */
    size_t skip; /* bytes of part(tenant) in a key */
    tarn_buf key, rel, props, other, payload;
    bool held; /* key and props: not added yet, the next may replace it */
} adder;

static tarn_status add_held(lines_step *s, adder *a, tarn_error *err)
{
    tarn_slice tenant = tarn__buf_slice(&s->tenant);
    tarn__edge_put put = {.same = false};

    if (!a->held)
        return TARN_OK;
    a->held = false;
    tarn_status st =
        entry_edge(s, a->skip, tarn__buf_slice(&a->key), &a->rel, &put, err);
    if (a->props.len > 0)
        put.props = tarn__buf_slice(&a->props);
    if (st == TARN_OK && a->look)
        st = tarn__edge_put_look(tarn_txn_snapshot(a->txn), tenant, &put,
            &a->other, &a->payload, err);
    if (st == TARN_OK && !put.same)
        st = tarn__edge_put_add(a->txn, tenant, &put, &a->other, err);
    return st;
}

static tarn_status hold(
    adder *a, tarn_slice key, tarn_slice props, tarn_error *err)
{
    tarn__buf_clear(&a->key);
    tarn__buf_clear(&a->props);
    tarn_status st = tarn__buf_append(&a->key, key.ptr, key.len, err);
    if (st == TARN_OK)
        st = tarn__buf_append(&a->props, props.ptr, props.len, err);
    a->held = st == TARN_OK;
    return st;
}

/* Of several lines with one edge the last stands. */
static tarn_status add_all(lines_step *s, adder *a, tarn_error *err)
{
    tarn_slice tenant = tarn__buf_slice(&s->tenant);
    tarn_slice key, props;

    tarn_status st =
        tarn__edge_key(&a->key, tenant, NULL, (tarn_slice){NULL, 0}, NULL, err);
    a->skip = a->key.len;
    if (st == TARN_OK)
        st = any_edges(tarn_txn_snapshot(a->txn), tenant, &a->look, err);
    if (st == TARN_OK)
        st = tarn__sorter_rewind(s->found, err);
    tarn__txn_bulk(a->txn);
    while (st == TARN_OK &&
        (st = tarn__sorter_next(s->found, &key, &props, err)) == TARN_ROW) {
        st = TARN_OK;
        if (!tarn__slice_eq(key, tarn__buf_slice(&a->key)))
            st = add_held(s, a, err);
        if (st == TARN_OK)
            st = hold(a, key, props, err);
    }
    return st == TARN_OK ? add_held(s, a, err) : st;
}

static tarn_status run_step(tarn_txn *txn, void *arg, tarn_error *err)
{
    lines_step *s = arg;
    adder a = {.txn = txn,
        .key = TARN_BUF_INIT,
        .rel = TARN_BUF_INIT,
        .props = TARN_BUF_INIT,
        .other = TARN_BUF_INIT,
        .payload = TARN_BUF_INIT};

    tarn_status st = find_all(s, tarn_txn_snapshot(txn), err);
    if (st == TARN_OK)
        st = add_all(s, &a, err);
    tarn__sorter_free(s->found);
    s->found = NULL;
    tarn_buf_reset(&a.key);
    tarn_buf_reset(&a.rel);
    tarn_buf_reset(&a.props);
    tarn_buf_reset(&a.other);
    tarn_buf_reset(&a.payload);
    return st;
}

tarn_status tarn_edge_put_lines(tarn_txn *txn, const char *name,
    tarn_record_read_fn read, void *arg, const tarn_edge_options *options,
    int64_t *count, tarn_error *err)
{
    static const tarn__step step = {run_step, free_step};
    line_reader reader = {read, arg, TARN_BUF_INIT, 0, false, 0};
    int64_t lines = 0;
    tarn_slice tenant;
    lines_step *s;

    if (count != NULL)
        *count = 0;
    tarn_status st =
        tarn__tenant_of(options != NULL ? options->tenant : NULL, &tenant, err);
    if (st != TARN_OK)
        return st;
    s = tarn__calloc(1, sizeof *s);
    if (s == NULL)
        return tarn__no_memory(err);
    s->lake = tarn__txn_lake(txn);
    s->tenant = s->bytes = (tarn_buf)TARN_BUF_INIT;
    tarn__spool_init(&s->lines, SPOOL_BYTES);
    s->name = tarn__strdup(name);
    if (s->name == NULL)
        st = tarn__no_memory(err);
    if (st == TARN_OK && !tarn__random(s->key, sizeof s->key))
        st = tarn__fail(err, TARN_IO, "%s: no random bytes to be had", name);
    if (st == TARN_OK)
        st = tarn__buf_append(&s->tenant, tenant.ptr, tenant.len, err);
    if (st == TARN_OK)
        st = read_lines(s, &reader, &lines, err);
    tarn_buf_reset(&reader.buf);
    if (st != TARN_OK) {
        free_step(s);
        return st;
    }
    st = tarn__txn_step(txn, &step, s, err);
    if (st == TARN_OK && count != NULL)
        *count = lines;
    return st;
}
