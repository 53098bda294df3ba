/* A query as the driver gets it: bound values, escaped parts, quoted names. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "flow/flow_internal.h"

typedef struct writer {
    const tarn__filling *filling;
    tarn__sql_dialect dialect;
    json_t *values;
    json_t *places; /* where in the text each value's $n begins */
    tarn_buf text;
} writer;

static const tarn__flow_param *param_of(
    const writer *w, const tarn__reference *r)
{
    return r->kind != TARN__REFERENCE_PARAM
        ? NULL
        : tarn__param_find(
              w->filling->params, w->filling->param_count, r->name);
}

/* The reference's value as text. */
static tarn_status text_of(
    const writer *w, const tarn__reference *r, tarn_buf *out, tarn_error *err)
{
    const tarn__flow_param *param = param_of(w, r);
    if (w->filling->masked && tarn__reference_secret(r, param))
        return tarn__buf_str(out, TARN__MASK, err);
    return tarn__reference_text(r, param, out, err);
}

/* Where it is not known whether a backslash escapes, none may come in. */
static tarn_status refuse_backslash(const writer *w,
    const tarn__query_piece *piece, tarn_slice value, tarn_error *err)
{
    if (w->dialect != TARN__SQL_ENGINE || value.len == 0 ||
        memchr(value.ptr, '\\', value.len) == NULL)
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "%.*s: has a backslash, which in a text is an escape to some engines "
        "(let the reference stand alone, without quotes: then it is bound)",
        (int)(piece->reference.whole.len < 100 ? piece->reference.whole.len
                                               : 100),
        piece->reference.whole.ptr);
}

/* The value, doubling the mark, and backslashes where they escape. */
static tarn_status write_escaped(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = text_of(w, &piece->reference, &value, err);
    if (st == TARN_OK)
        st = refuse_backslash(w, piece, tarn__buf_slice(&value), err);
    for (size_t i = 0; st == TARN_OK && i < value.len; i++) {
        char ch = value.ptr[i];
        if (ch == piece->quote || (piece->escapes && ch == '\\'))
            st = tarn__buf_char(&w->text, ch, err);
        if (st == TARN_OK)
            st = tarn__buf_char(&w->text, ch, err);
    }
    tarn_buf_reset(&value);
    return st;
}

static bool plain_name(tarn_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.ptr[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
            ch == '_' || (i > 0 && ch >= '0' && ch <= '9');
        if (!letter)
            return false;
    }
    return name.len > 0;
}

/* Bare where it can be: not every engine quotes, or folds, alike. */
static tarn_status write_engine_name(
    writer *w, const tarn__query_piece *piece, bool *done, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = text_of(w, &piece->reference, &value, err);
    *done = st == TARN_OK && plain_name(tarn__buf_slice(&value));
    if (*done)
        st = tarn__buf_append(&w->text, value.ptr, value.len, err);
    tarn_buf_reset(&value);
    return st;
}

static tarn_status write_name(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn__query_piece quoted = *piece;
    if (w->dialect == TARN__SQL_ENGINE) {
        bool done;
        tarn_status got = write_engine_name(w, piece, &done, err);
        if (got != TARN_OK || done)
            return got;
    }
    quoted.quote = w->dialect == TARN__SQL_MYSQL ? '`' : '"';
    tarn_status st = tarn__buf_char(&w->text, quoted.quote, err);
    if (st == TARN_OK)
        st = write_escaped(w, &quoted, err);
    return st == TARN_OK ? tarn__buf_char(&w->text, quoted.quote, err) : st;
}

static tarn_status value_of(
    const writer *w, const tarn__reference *r, json_t **out, tarn_error *err)
{
    const tarn__flow_param *param = param_of(w, r);
    tarn_buf text = TARN_BUF_INIT;
    *out = NULL;
    if (param != NULL && param->value != NULL &&
        !(w->filling->masked && param->secret)) {
        *out = json_deep_copy(param->value);
    } else {
        tarn_status st = text_of(w, r, &text, err);
        if (st != TARN_OK) {
            tarn_buf_reset(&text);
            return st;
        }
        *out = json_stringn(text.ptr == NULL ? "" : text.ptr, text.len);
    }
    tarn_buf_reset(&text);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* Where the parameter stands, for who finds out how the engine writes one; a
 * date is told from a text, for there may be no cast either. */
static tarn_status write_engine_value(
    writer *w, json_t *value, bool date, tarn_error *err)
{
    if (date)
        value = json_pack("{s:o}", "date", value);
    if (value == NULL || json_array_append_new(w->values, value) != 0 ||
        json_array_append_new(
            w->places, json_integer((json_int_t)w->text.len)) != 0)
        return tarn__no_memory(err);
    return tarn__buf_printf(&w->text, err, "$%zu", json_array_size(w->values));
}

static tarn_status write_value(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    const tarn__flow_param *param = param_of(w, &piece->reference);
    json_t *value;
    tarn_status st = value_of(w, &piece->reference, &value, err);
    if (st != TARN_OK)
        return st;
    if (w->dialect == TARN__SQL_GRAPHQL) {
        st = json_is_string(value)
            ? tarn__json_quote(
                  &w->text, tarn_str(json_string_value(value)), err)
            : tarn__json_dump(value, &w->text, err);
        json_decref(value);
        return st;
    }
    bool date = param != NULL && strcmp(param->type, "date") == 0 &&
        w->dialect != TARN__SQL_SQLITE;
    if (w->dialect == TARN__SQL_ENGINE)
        return write_engine_value(w, value, date, err);
    if (json_array_append_new(w->values, value) != 0)
        return tarn__no_memory(err);
    return tarn__buf_printf(&w->text, err, date ? "CAST($%zu AS DATE)" : "$%zu",
        json_array_size(w->values));
}

/* A part of a GraphQL text: as inside a JSON text. */
static tarn_status write_json_part(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_buf quoted = TARN_BUF_INIT;
    tarn_status st = text_of(w, &piece->reference, &value, err);
    if (st == TARN_OK)
        st = tarn__json_quote(&quoted, tarn__buf_slice(&value), err);
    if (st == TARN_OK)
        st = tarn__buf_append(&w->text, quoted.ptr + 1, quoted.len - 2, err);
    tarn_buf_reset(&quoted);
    tarn_buf_reset(&value);
    return st;
}

static tarn_status write_piece(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn_status st =
        tarn__buf_append(&w->text, piece->before.ptr, piece->before.len, err);
    if (st != TARN_OK)
        return st;
    switch (piece->place) {
    case TARN__PLACE_VALUE:
        return write_value(w, piece, err);
    case TARN__PLACE_TEXT:
        return w->dialect == TARN__SQL_GRAPHQL ? write_json_part(w, piece, err)
                                               : write_escaped(w, piece, err);
    case TARN__PLACE_QUOTED:
        return write_escaped(w, piece, err);
    case TARN__PLACE_NAME:
        return write_name(w, piece, err);
    case TARN__PLACE_COMMENT:
        return tarn__buf_append(&w->text, piece->reference.whole.ptr,
            piece->reference.whole.len, err);
    case TARN__PLACE_GLUED:
    case TARN__PLACE_DOLLAR:
        break;
    }
    return tarn__fail(err, TARN_BAD_INPUT,
        "a query: a reference stands where none may (see tarn flow check)");
}

typedef struct written {
    json_t *text;
    json_t *values;
    json_t *places;
} written;

static tarn_status write_pieces(
    writer *w, const tarn__query_plan *plan, const char *sql, tarn_error *err)
{
    tarn__query_text pieces;
    tarn_status st = tarn__query_read(plan->dialect, sql, &pieces, err);
    if (st != TARN_OK)
        return st;
    for (size_t i = 0; st == TARN_OK && i < pieces.count; i++) {
        pieces.pieces[i].place = (tarn__query_place)plan->places[i];
        st = write_piece(w, &pieces.pieces[i], err);
    }
    if (st == TARN_OK)
        st = tarn__buf_append(&w->text, pieces.rest.ptr, pieces.rest.len, err);
    tarn__query_reset(&pieces);
    return st;
}

/* The query, and lists of its values and of their places. */
static tarn_status write_query(const tarn__query_plan *plan,
    const tarn__filling *filling, const char *sql, written *out,
    tarn_error *err)
{
    writer w = {
        filling, plan->dialect, json_array(), json_array(), TARN_BUF_INIT};
    *out = (written){NULL, w.values, w.places};
    tarn_status st = w.values == NULL || w.places == NULL
        ? tarn__no_memory(err)
        : write_pieces(&w, plan, sql, err);
    if (st == TARN_OK) {
        out->text =
            json_stringn(w.text.ptr == NULL ? "" : w.text.ptr, w.text.len);
        st = out->text == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    tarn_buf_reset(&w.text);
    return st;
}

static void written_free(written *w)
{
    json_decref(w->text);
    json_decref(w->values);
    json_decref(w->places);
}

/* `config` gets `query_values` beside `query`, or in `queries_values` a member
 * of the query's name. */
static tarn_status put_list(const tarn__query_plan *plan, json_t *config,
    const char *what, json_t *values, tarn_error *err)
{
    char *name = tarn__sprintf("%s_%s", plan->key, what);
    json_t *holder = config;
    const char *member = name;
    bool done = name != NULL;
    if (done && plan->member != NULL) {
        holder = json_object_get(config, name);
        member = plan->member;
        if (holder == NULL) {
            holder = json_object();
            done = holder != NULL &&
                json_object_set_new(config, name, holder) == 0;
        }
    }
    done = done && json_object_set(holder, member, values) == 0;
    tarn__free(name);
    return done ? TARN_OK : tarn__no_memory(err);
}

tarn_status tarn__queries_write(const tarn__query_plans *plans,
    const tarn__filling *filling, const json_t *raw, json_t *config,
    tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < plans->count; i++) {
        const tarn__query_plan *plan = &plans->ptr[i];
        const json_t *from = json_object_get(raw, plan->key);
        json_t *into = config;
        const char *name = plan->key;
        if (plan->member != NULL) {
            from = json_object_get(from, plan->member);
            into = json_object_get(config, plan->key);
            name = plan->member;
        }
        written w;
        st = write_query(plan, filling, json_string_value(from), &w, err);
        if (st == TARN_OK && json_object_set(into, name, w.text) != 0)
            st = tarn__no_memory(err);
        if (st == TARN_OK && json_array_size(w.values) > 0)
            st = put_list(plan, config, "values", w.values, err);
        if (st == TARN_OK && json_array_size(w.places) > 0 && !filling->masked)
            st = put_list(plan, config, "places", w.places, err);
        written_free(&w);
    }
    return st;
}
