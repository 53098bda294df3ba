/* A query as the driver gets it: bound values, escaped parts, quoted names. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "flow/flow_internal.h"

typedef struct writer {
    const tarn__filling *filling;
    tarn__sql_dialect dialect;
    json_t *values;
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

/* The value, doubling the mark, and backslashes where they escape. */
static tarn_status write_escaped(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = text_of(w, &piece->reference, &value, err);
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

static tarn_status write_name(
    writer *w, const tarn__query_piece *piece, tarn_error *err)
{
    tarn__query_piece quoted = *piece;
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
    if (json_array_append_new(w->values, value) != 0)
        return tarn__no_memory(err);
    bool date = param != NULL && strcmp(param->type, "date") == 0 &&
        w->dialect != TARN__SQL_SQLITE;
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

/* The query, and a list of its values. */
static tarn_status write_query(const tarn__query_plan *plan,
    const tarn__filling *filling, const char *sql, json_t **text,
    json_t **values, tarn_error *err)
{
    tarn__query_text pieces;
    writer w = {filling, plan->dialect, json_array(), TARN_BUF_INIT};
    *text = NULL;
    *values = NULL;
    if (w.values == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__query_read(plan->dialect, sql, &pieces, err);
    if (st != TARN_OK) {
        json_decref(w.values);
        return st;
    }
    for (size_t i = 0; st == TARN_OK && i < pieces.count; i++) {
        pieces.pieces[i].place = (tarn__query_place)plan->places[i];
        st = write_piece(&w, &pieces.pieces[i], err);
    }
    if (st == TARN_OK)
        st = tarn__buf_append(&w.text, pieces.rest.ptr, pieces.rest.len, err);
    if (st == TARN_OK) {
        *text = json_stringn(w.text.ptr == NULL ? "" : w.text.ptr, w.text.len);
        st = *text == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    if (st == TARN_OK)
        *values = json_incref(w.values);
    json_decref(w.values);
    tarn_buf_reset(&w.text);
    tarn__query_reset(&pieces);
    return st;
}

/* `config` gets `query_values` beside `query`, or in `queries_values` a member
 * of the query's name. */
static tarn_status put_values(const tarn__query_plan *plan, json_t *config,
    json_t *values, tarn_error *err)
{
    char *name = tarn__sprintf("%s_values", plan->key);
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
        json_t *text;
        json_t *values;
        st = write_query(
            plan, filling, json_string_value(from), &text, &values, err);
        if (st != TARN_OK)
            return st;
        if (json_object_set_new(into, name, text) != 0)
            st = tarn__no_memory(err);
        if (st == TARN_OK && json_array_size(values) > 0)
            st = put_values(plan, config, values, err);
        json_decref(values);
    }
    return st;
}
