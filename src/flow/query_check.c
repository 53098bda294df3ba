/* Judging queries: what each reference becomes, and whether it may.
 *
 * A bare reference is a bound value where the grammar takes one.  In DuckDB's
 * dialect its parser says so: every bare reference is tried as $1, $2 ...; one
 * at which the parser stops can only be a name, and is one when its param has
 * an enum or a pattern.  A value behind ORDER BY or GROUP BY would parse and
 * sort nothing: a name is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/lex.h"
#include "flow/flow_internal.h"

typedef struct judgement {
    tarn__compiler *c;
    tarn__query_text *text;
    const tarn__spot *at;
    bool fine;
    bool engine; /* the text is of an engine's dialect */
} judgement;

#define SECOND "something stands behind the `;` (a query is one statement)"

static const tarn__flow_param *param_of(
    const judgement *j, const tarn__query_piece *piece)
{
    return piece->reference.kind != TARN__REFERENCE_PARAM
        ? NULL
        : tarn__param_find(
              j->c->params, j->c->param_count, piece->reference.name);
}

static bool may_be_name(const judgement *j, const tarn__query_piece *piece)
{
    const tarn__flow_param *param = param_of(j, piece);
    return param != NULL && param->may_be_name;
}

static void complain(judgement *j, const char *code,
    const tarn__query_piece *piece, const char *why)
{
    size_t len = piece->reference.whole.len;
    j->fine = false;
    tarn__diagnose(j->c, TARN__ERROR, code, j->at, "%.*s: %s",
        (int)(len < 100 ? len : 100), piece->reference.whole.ptr, why);
}

static void refuse_name(judgement *j, const tarn__query_piece *piece)
{
    if (piece->reference.kind == TARN__REFERENCE_ENV)
        complain(j, "query_name", piece,
            "a variable stands where no value may (use a param with an enum "
            "or a pattern)");
    else
        complain(j, "query_name", piece,
            "no value may stand here (a name needs a param with an enum or a "
            "pattern)");
}

/* What needs no parser. */
static void judge_piece(judgement *j, const tarn__query_piece *piece)
{
    switch (piece->place) {
    case TARN__PLACE_GLUED:
        complain(j, "query_glued", piece,
            "is part of a word or a number (put a blank, or quotes around "
            "the whole)");
        break;
    case TARN__PLACE_DOLLAR:
        complain(j, "query_dollar", piece,
            "stands in a block text, where nothing can be escaped (use "
            "simple quotes)");
        break;
    case TARN__PLACE_NAME:
    case TARN__PLACE_QUOTED:
        if (!may_be_name(j, piece) &&
            piece->reference.kind != TARN__REFERENCE_BAD)
            refuse_name(j, piece);
        break;
    case TARN__PLACE_VALUE:
    case TARN__PLACE_TEXT:
    case TARN__PLACE_COMMENT:
        break;
    }
}

/* --- DuckDB's parser --- */

/* The query with $n for values and a name for names; starts[i] is where the
 * nth piece's stand-in begins. */
static tarn_status trial(const tarn__query_text *text, tarn_buf *out,
    size_t *starts, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < text->count; i++) {
        const tarn__query_piece *p = &text->pieces[i];
        st = tarn__buf_append(out, p->before.ptr, p->before.len, err);
        starts[i] = out->len;
        if (st == TARN_OK && p->place == TARN__PLACE_VALUE)
            st = tarn__buf_printf(out, err, "$%zu", i + 1);
        else if (st == TARN_OK && p->place == TARN__PLACE_NAME)
            st = tarn__buf_printf(out, err, "\"n%zu\"", i + 1);
        else if (st == TARN_OK)
            st = tarn__buf_char(out, 'x', err);
    }
    if (st == TARN_OK)
        st = tarn__buf_append(out, text->rest.ptr, text->rest.len, err);
    return st;
}

/* Byte offset of "SQL, line L, column C: ..."; columns are code points.  False
 * when the message has no place. */
static bool place_of(const char *message, const char *sql, size_t *offset)
{
    int line;
    int column;
    if (sscanf(message, "SQL, line %d, column %d:", &line, &column) != 2)
        return false;
    const char *p = sql;
    for (; line > 1 && p != NULL; line--) {
        p = strchr(p, '\n');
        p = p == NULL ? NULL : p + 1;
    }
    for (; p != NULL && column > 1 && *p != '\0'; column--) {
        p++;
        while (((unsigned char)*p & 0xC0) == 0x80)
            p++;
    }
    *offset = p == NULL ? 0 : (size_t)(p - sql);
    return p != NULL;
}

/* The bare piece at which the parser stopped. */
static tarn__query_piece *piece_at(
    const tarn__query_text *text, const size_t *starts, size_t offset)
{
    for (size_t i = 0; i < text->count; i++)
        if (starts[i] == offset && text->pieces[i].place == TARN__PLACE_VALUE)
            return &text->pieces[i];
    return NULL;
}

/* Mark the pieces whose $n is what a list of the tree sorts or groups by. */
static void note_sorting(const json_t *node, tarn__query_text *text, int depth)
{
    const char *key;
    json_t *child;
    const char *class = tarn__json_text(node, "class");
    const char *name = tarn__json_text(node, "identifier");
    int64_t n;
    if (depth > 1000)
        return;
    if (class != NULL && name != NULL && strcmp(class, "PARAMETER") == 0 &&
        tarn__parse_i64(name, &n) && n >= 1 && (size_t)n <= text->count)
        text->pieces[n - 1].sorts = true;
    for (size_t i = 0; i < json_array_size(node); i++)
        note_sorting(json_array_get(node, i), text, depth + 1);
    json_object_foreach((json_t *)node, key, child)
    {
        if (strcmp(key, "expression") == 0)
            note_sorting(child, text, depth + 1);
    }
}

static void find_sorting(const json_t *node, tarn__query_text *text, int depth)
{
    const char *key;
    json_t *child;
    if (depth > 1000)
        return;
    for (size_t i = 0; i < json_array_size(node); i++)
        find_sorting(json_array_get(node, i), text, depth + 1);
    json_object_foreach((json_t *)node, key, child)
    {
        if (strcmp(key, "orders") == 0 || strcmp(key, "group_expressions") == 0)
            for (size_t i = 0; i < json_array_size(child); i++)
                note_sorting(json_array_get(child, i), text, depth + 1);
        find_sorting(child, text, depth + 1);
    }
}

static void judge_sorting(judgement *j, const json_t *tree)
{
    for (size_t i = 0; i < j->text->count; i++)
        j->text->pieces[i].sorts = false;
    find_sorting(tree, j->text, 0);
    for (size_t i = 0; i < j->text->count; i++) {
        tarn__query_piece *piece = &j->text->pieces[i];
        if (!piece->sorts || piece->place != TARN__PLACE_VALUE)
            continue;
        piece->place = TARN__PLACE_NAME;
        if (!may_be_name(j, piece))
            complain(j, "query_name", piece,
                "a value sorts and groups nothing (a column's name needs a "
                "param with an enum or a pattern)");
    }
}

/* A text that is not DuckDB's, for an engine that may know it: what can be
 * said of it without a parser. */
static void judge_foreign(judgement *j)
{
    static const char *const reads[] = {
        "SELECT", "WITH", "VALUES", "FROM", "TABLE", NULL};
    const tarn__query_text *text = j->text;
    tarn_slice first = text->count > 0 ? text->pieces[0].before : text->rest;
    const char *word = tarn__sql_space(first.ptr);
    bool fine = *word == '(';
    for (size_t i = 0; reads[i] != NULL; i++)
        fine = fine || tarn__sql_word(word, reads[i]);
    if (text->second)
        tarn__diagnose(j->c, TARN__ERROR, "query_syntax", j->at, SECOND);
    else if (!fine)
        tarn__diagnose(j->c, TARN__ERROR, "query_syntax", j->at,
            "is not a statement that reads (SELECT, WITH, VALUES, FROM or "
            "TABLE)");
    for (size_t i = 0; i < text->count; i++) {
        tarn__query_piece *piece = &text->pieces[i];
        if (piece->place != TARN__PLACE_VALUE || !piece->named)
            continue;
        piece->place = TARN__PLACE_NAME;
        judge_piece(j, piece);
    }
}

/* One try; true: try again, a piece has become a name. */
static bool try_parse(judgement *j, tarn__duck *duck, size_t *starts)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    json_t *tree = NULL;
    tarn__query_piece *piece = NULL;
    bool syntax = false;
    size_t offset;
    tarn_status st = trial(j->text, &sql, starts, &err);
    if (st == TARN_OK)
        st =
            tarn__duck_parse(duck, sql.ptr == NULL ? "" : sql.ptr, &tree, &err);
    if (st == TARN_NO_MEMORY)
        tarn__compiler_no_memory(j->c);
    else if (st == TARN_OK)
        judge_sorting(j, tree);
    else if ((syntax = place_of(err.message, sql.ptr, &offset)))
        piece = piece_at(j->text, starts, offset);
    if (piece != NULL) {
        piece->place = TARN__PLACE_NAME;
        if (!may_be_name(j, piece)) {
            refuse_name(j, piece);
            piece = NULL;
        }
    } else if (syntax && j->engine) {
        judge_foreign(j);
    } else if (st != TARN_OK && j->c->st == TARN_OK) {
        j->fine = false;
        tarn__diagnose(
            j->c, TARN__ERROR, "query_syntax", j->at, "%s", err.message);
    }
    json_decref(tree);
    tarn_buf_reset(&sql);
    return piece != NULL;
}

static void ask_parser(judgement *j)
{
    tarn__duck *duck = tarn__compiler_duck(j->c);
    size_t *starts = tarn__calloc(j->text->count + 1, sizeof(*starts));
    if (starts == NULL)
        tarn__compiler_no_memory(j->c);
    for (size_t i = 0; duck != NULL && starts != NULL && i <= j->text->count;
         i++)
        if (!try_parse(j, duck, starts))
            break;
    tarn__free(starts);
}

/* Does a text before `end` end in a backslash?  To an engine for which that is
 * an escape it goes on, and what then stands in quotes for us does not there. */
static bool ends_unlike(const char *sql, const char *end)
{
    for (const char *p = tarn__sql_space(sql); p < end;) {
        const char *next = tarn__sql_token(p);
        const char *mark = next - 1;
        size_t slashes = 0;
        while (mark - slashes > p + 1 && *(mark - slashes - 1) == '\\')
            slashes++;
        if (*p == '\'' && *mark == '\'' && slashes % 2 == 1)
            return true;
        p = tarn__sql_space(next);
    }
    return false;
}

/* What a reference stands for may be where an engine reads code. */
static void judge_quotes(judgement *j)
{
    const tarn__query_text *text = j->text;
    const char *sql = text->count > 0 ? text->pieces[0].before.ptr : NULL;
    for (size_t i = 0; i < text->count; i++) {
        const tarn__query_piece *piece = &text->pieces[i];
        if (piece->place == TARN__PLACE_COMMENT ||
            !ends_unlike(sql, piece->reference.whole.ptr))
            continue;
        complain(j, "query_syntax", piece,
            "a text before it ends in a backslash, behind which some engines "
            "read on (put the reference before it, or into another step)");
        return;
    }
}

static void judge(judgement *j)
{
    const tarn__query_text *text = j->text;
    if (j->engine)
        judge_quotes(j);
    for (size_t i = 0; i < text->count; i++) {
        const tarn__query_piece *piece = &text->pieces[i];
        if (piece->place != TARN__PLACE_COMMENT)
            tarn__check_reference(j->c, &piece->reference, j->at, true);
        judge_piece(j, piece);
    }
    if (text->own_parameter)
        tarn__diagnose(j->c, TARN__ERROR, "query_parameter", j->at,
            "the query has a parameter of its own, which nothing binds (write "
            "${params.NAME})");
    if (text->unclosed != NULL)
        tarn__diagnose(j->c, TARN__ERROR, "query_syntax", j->at,
            "the query ends inside %s (close it)", text->unclosed);
    else if (text->dialect == TARN__SQL_DUCKDB && j->fine &&
        !text->own_parameter)
        ask_parser(j);
    else if (text->second)
        tarn__diagnose(j->c, TARN__ERROR, "query_syntax", j->at, SECOND);
}

/* --- a step's queries --- */

static void keep_plan(tarn__compiler *c, tarn__query_plans *plans,
    const char *key, const char *member, const tarn__query_text *text,
    bool engine)
{
    void *list = plans->ptr;
    char *places = tarn__keep_alloc(c, text->count + 1);
    if (c->st == TARN_OK)
        c->st = tarn__grow(&list, &plans->cap, plans->count + 1,
            sizeof(tarn__query_plan), &c->err);
    plans->ptr = list;
    if (c->st != TARN_OK)
        return;
    for (size_t i = 0; i < text->count; i++)
        places[i] = (char)text->pieces[i].place;
    plans->ptr[plans->count++] = (tarn__query_plan){tarn__keep_text(c, key),
        member == NULL ? NULL : tarn__keep_text(c, member),
        engine ? TARN__SQL_ENGINE : text->dialect, places};
}

static void check_query(tarn__compiler *c, tarn__raw_step *step,
    tarn__sql_dialect dialect, const char *key, const char *member,
    const json_t *value, const tarn__spot *at)
{
    tarn__query_text text;
    if (!json_is_string(value) || c->st != TARN_OK)
        return;
    c->st = tarn__query_read(dialect, json_string_value(value), &text, &c->err);
    if (c->st != TARN_OK)
        return;
    bool engine = c->engine != NULL && dialect == TARN__SQL_DUCKDB &&
        step->mode == TARN_STEP_TRANSFORM;
    judgement j = {c, &text, at, true, engine};
    judge(&j);
    keep_plan(c, step->plans, key, member, &text, engine);
    tarn__query_reset(&text);
}

void tarn__check_queries(
    tarn__compiler *c, tarn__raw_step *step, const json_t *schema)
{
    const char *key;
    json_t *property;
    json_object_foreach(json_object_get(schema, "properties"), key, property)
    {
        tarn__sql_dialect dialect = tarn__sql_dialect_of(property);
        json_t *value = json_object_get(step->config, key);
        tarn__spot spot = tarn__spot_key(&step->config_spot, key);
        if (dialect == TARN__SQL_NONE || value == NULL)
            continue;
        check_query(c, step, dialect, key, NULL, value, &spot);
        const char *member;
        json_t *one;
        json_object_foreach(value, member, one)
        {
            tarn__spot below = tarn__spot_key(&spot, member);
            if (!json_is_string(one))
                tarn__diagnose(c, TARN__ERROR, "bad_type", &below,
                    "%s: is %s (give a query)", member, tarn__json_kind(one));
            check_query(c, step, dialect, key, member, one, &below);
        }
    }
}
