/* A query's text, for an engine: its tables' names, its parameters.
 *
 * The words of a query are found as DuckDB's lexer finds them, whatever dialect
 * it is of; what a name means is for the engine to say.  A name that is no table
 * after all costs a table that nobody reads. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "duck/lex.h"
#include "flow/driver/engine_internal.h"

/* --- the text --- */

typedef struct rewriting {
    const tarn_driver_call *call;
    tarn__engine_tables *tables;
    const tarn__sql_query *query;
    tarn__paramstyle style;
    tarn_buf *out;
    const char *at;   /* here is a token */
    const char *done; /* so far it is written */
    size_t value;     /* the next one */
    bool from;        /* in a list of tables */
    bool table;       /* and one begins here */
    bool condition;   /* in one of a join in such a list */
    bool clause;      /* FROM is one here: not a call's, as in extract() */
    tarn_buf outer;   /* these of the parentheses around, a byte each */
    bool first;       /* the token before was an opening parenthesis */
    bool distinct;    /* it was DISTINCT, */
    bool dotted;      /* a dot */
} rewriting;

static bool word_begins(char c)
{
    return isalpha((unsigned char)c) || c == '_' || c == '"' ||
        (unsigned char)c >= 0x80;
}

/* Is the token [from, to), a name, this one, whatever its case? */
static bool is_name(
    const char *from, const char *to, const char *name, size_t len)
{
    bool quoted = *from == '"';
    if (quoted) {
        from++;
        to -= to > from && to[-1] == '"' ? 1 : 0;
    }
    for (; len > 0 && from < to; len--, from++, name++) {
        if (tolower((unsigned char)*from) != tolower((unsigned char)*name))
            return false;
        /* A mark inside quotes is doubled; the lexer gives two stretches. */
        if (quoted && *from == '"')
            from++;
    }
    return len == 0 && from == to;
}

/* Past a name: the lexer takes "a""b" for two stretches. */
static const char *past_name(const char *p)
{
    const char *end = tarn__sql_token(p);
    while (*p == '"' && *end == '"')
        end = tarn__sql_token(end);
    return end;
}

static tarn_status write_to(rewriting *r, const char *to, tarn_error *err)
{
    tarn_status st =
        tarn__buf_append(r->out, r->done, (size_t)(to - r->done), err);
    r->done = to;
    return st;
}

static tarn_status spell(
    tarn__engine_table *t, const char *from, const char *to, tarn_error *err)
{
    if (t->spelled != NULL)
        return TARN_OK;
    t->spelled = tarn__strndup(from, (size_t)(to - from));
    return t->spelled == NULL ? tarn__no_memory(err) : TARN_OK;
}

static bool plain(const char *name)
{
    for (const char *p = name; *p != '\0'; p++)
        if (!(*p >= 'a' && *p <= 'z') && *p != '_' &&
            !(p > name && *p >= '0' && *p <= '9'))
            return false;
    return *name != '\0';
}

/* `step.table` becomes one name: the table's, or where another has it,
 * step_table. */
static tarn_status write_pair(rewriting *r, tarn__engine_table *t,
    const char *from, const char *second, const char *end, tarn_error *err)
{
    tarn_status st = write_to(r, from, err);
    if (st == TARN_OK && !t->joined) {
        st = spell(t, second, end, err);
        r->done = second;
        return st == TARN_OK ? write_to(r, end, err) : st;
    }
    size_t at = r->out->len;
    if (st == TARN_OK)
        st = plain(t->name) ? tarn__buf_str(r->out, t->name, err)
                            : tarn__sql_add(r->out, err, "%n", t->name);
    if (st == TARN_OK)
        st = spell(t, r->out->ptr + at, r->out->ptr + r->out->len, err);
    r->done = end;
    return st;
}

/* The table that `first.second` is, or `first` alone. */
static tarn__engine_table *table_of(const rewriting *r, const char *first,
    const char *first_end, const char *second, const char *second_end)
{
    for (size_t i = 0; i < r->tables->count; i++) {
        tarn__engine_table *t = &r->tables->items[i];
        if ((t->step == NULL) != (second == NULL))
            continue;
        if (second == NULL &&
            is_name(first, first_end, t->name, strlen(t->name)))
            return t;
        if (second == NULL)
            continue;
        const char *table = r->call->inputs[t->input].tables[t->table];
        const char *point = strchr(t->step, '.');
        bool own = strcmp(r->call->inputs[t->input].id, t->step) == 0;
        if (!own && point != NULL)
            table = point + 1;
        if (is_name(first, first_end, t->step,
                own || point == NULL ? strlen(t->step)
                                     : (size_t)(point - t->step)) &&
            is_name(second, second_end, table, strlen(table)))
            return t;
    }
    return NULL;
}

static tarn_status one_name(rewriting *r, const char **next, tarn_error *err)
{
    const char *end = past_name(r->at);
    const char *behind = tarn__sql_space(end);
    tarn__engine_table *t = NULL;
    *next = end;
    if (*behind == '.') {
        const char *second = tarn__sql_space(behind + 1);
        const char *second_end = past_name(second);
        bool deeper = *tarn__sql_space(second_end) == '.';
        if (word_begins(*second) && r->table != deeper)
            t = table_of(r, r->at, end, second, second_end);
        if (t == NULL)
            return TARN_OK;
        *next = second_end;
        return write_pair(r, t, r->at, second, second_end, err);
    }
    t = *behind == '(' ? NULL : table_of(r, r->at, end, NULL, NULL);
    if (t == NULL)
        return TARN_OK;
    const tarn_driver_input *input = &r->call->inputs[t->input];
    if (t->several && r->table)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: has %zu tables (name one, such as %s.%s)", input->id,
            input->table_count, input->id, input->tables[0]);
    return t->several ? TARN_OK : spell(t, r->at, end, err);
}

static tarn_status write_text_literal(
    tarn_buf *out, const char *text, const char *before, tarn_error *err)
{
    if (strchr(text, '\\') != NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "a parameter: has a backslash, which in a literal is an escape to "
            "some engines (use a driver that binds values)");
    return tarn__sql_add(out, err, "%s%t", before, text);
}

/* A value where the engine binds none: nothing in it can end the literal. */
static tarn_status write_literal(
    tarn_buf *out, const json_t *value, tarn_error *err)
{
    char digits[40];
    if (json_is_string(value))
        return write_text_literal(out, json_string_value(value), "", err);
    if (json_is_object(value)) {
        const char *date = tarn__json_text(value, "date");
        return write_text_literal(out, date == NULL ? "" : date, "DATE ", err);
    }
    /* In parentheses: a minus before it would make a comment. */
    if (json_is_real(value))
        return tarn__buf_printf(out, err, "(%s)",
            tarn__format_double(json_real_value(value), digits));
    if (json_is_integer(value))
        return tarn__buf_printf(
            out, err, "(%lld)", (long long)json_integer_value(value));
    return tarn__buf_str(out,
        json_is_true(value)        ? "TRUE"
            : json_is_false(value) ? "FALSE"
                                   : "NULL",
        err);
}

static tarn_status one_value(rewriting *r, const char **next, tarn_error *err)
{
    char mark[32];
    size_t n = ++r->value;
    (void)snprintf(mark, sizeof(mark), "$%zu", n);
    tarn_status st = write_to(r, r->at, err);
    r->done = r->at + strlen(mark);
    *next = r->done;
    if (st != TARN_OK)
        return st;
    if (r->style == TARN__PARAMS_QMARK)
        return tarn__buf_char(r->out, '?', err);
    if (r->style == TARN__PARAMS_LITERAL)
        return write_literal(
            r->out, json_array_get(r->query->values, n - 1), err);
    return tarn__buf_str(r->out, mark, err);
}

static bool is_word_of(const char *at, const char *const *words)
{
    for (; *words != NULL; words++)
        if (tarn__sql_word(at, *words))
            return true;
    return false;
}

enum { FROM = 1, CONDITION = 2, QUERY = 4 };

static tarn_status open_parenthesis(rewriting *r, tarn_error *err)
{
    tarn_status st = tarn__buf_char(&r->outer,
        (char)((r->from ? FROM : 0) | (r->condition ? CONDITION : 0) |
            (r->clause ? QUERY : 0)),
        err);
    /* Of a list of tables, or of something else: a call, columns' names. */
    r->from = r->table;
    r->condition = r->clause = false;
    return st;
}

static void close_parenthesis(rewriting *r)
{
    int was = r->outer.len > 0 ? r->outer.ptr[--r->outer.len] : QUERY;
    r->from = (was & FROM) != 0;
    r->condition = (was & CONDITION) != 0;
    r->clause = (was & QUERY) != 0;
    r->table = false;
}

static bool opens_list(const rewriting *r)
{
    static const char *const opens[] = {
        "JOIN", "PIVOT", "UNPIVOT", "DESCRIBE", "SUMMARIZE", "TABLE", NULL};
    if (tarn__sql_word(r->at, "FROM"))
        return !r->distinct && (r->clause || r->first);
    return is_word_of(r->at, opens) || (*r->at == ',' && r->condition);
}

/* Is this a list of tables, behind this token, and does one begin there?  One
 * goes on at a comma behind a join's condition, and behind a closing parenthesis
 * as it was before. */
static tarn_status note_clause(rewriting *r, tarn_error *err)
{
    static const char *const queries[] = {"SELECT", "WITH", "VALUES", "FROM",
        "TABLE", "PIVOT", "UNPIVOT", "DESCRIBE", "SUMMARIZE", NULL};
    static const char *const unions[] = {"UNION", "EXCEPT", "INTERSECT", NULL};
    static const char *const conditions[] = {"ON", "USING", NULL};
    static const char *const closes[] = {"SELECT", "WHERE", "GROUP", "ORDER",
        "HAVING", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "QUALIFY", "WINDOW",
        "VALUES", NULL};
    bool opens = opens_list(r);
    bool queried =
        (r->first && is_word_of(r->at, queries)) || is_word_of(r->at, unions);
    r->first = *r->at == '(';
    r->distinct = tarn__sql_word(r->at, "DISTINCT");
    r->clause = r->clause || queried;
    if (*r->at == '(')
        return open_parenthesis(r, err);
    if (*r->at == ')')
        close_parenthesis(r);
    else if (opens) {
        r->from = r->table = true;
        r->condition = false;
    } else if (*r->at == ',')
        r->table = r->from;
    else if (is_word_of(r->at, conditions)) {
        r->condition = r->from;
        r->from = r->table = false;
    } else if (is_word_of(r->at, closes))
        r->from = r->table = r->condition = false;
    return TARN_OK;
}

static tarn_status one_token(rewriting *r, const char **next, tarn_error *err)
{
    static const char *const before[] = {"LATERAL", "FROM", "JOIN", "PIVOT",
        "UNPIVOT", "DESCRIBE", "SUMMARIZE", "TABLE", NULL};
    const json_t *place = json_array_get(r->query->places, r->value);
    bool dotted = r->dotted;
    *next = tarn__sql_token(r->at);
    r->dotted = *r->at == '.';
    if (json_is_integer(place) &&
        r->at == r->query->query + json_integer_value(place)) {
        r->first = r->distinct = r->table = false;
        return one_value(r, next, err);
    }
    tarn_status st = dotted ? TARN_OK : note_clause(r, err);
    if (st == TARN_OK && !dotted && word_begins(*r->at))
        st = one_name(r, next, err);
    if (*r->at != '(' && *r->at != ',' && !is_word_of(r->at, before))
        r->table = false;
    return st;
}

tarn_status tarn__engine_sql(const tarn_driver_call *call,
    tarn__engine_tables *tables, const tarn__sql_query *query,
    tarn__paramstyle style, tarn_buf *out, tarn_error *err)
{
    const char *end = query->query + strlen(query->query);
    rewriting r = {.call = call,
        .tables = tables,
        .query = query,
        .style = style,
        .out = out,
        .done = query->query,
        .clause = true,
        .outer = TARN_BUF_INIT};
    tarn_status st = TARN_OK;
    r.at = tarn__sql_space(query->query);
    while (st == TARN_OK && *r.at != '\0' && *r.at != ';') {
        const char *next;
        st = one_token(&r, &next, err);
        r.at = tarn__sql_space(next);
    }
    tarn_buf_reset(&r.outer);
    if (st == TARN_OK)
        st = write_to(&r, *r.at == ';' ? r.at : end, err);
    while (st == TARN_OK && *r.at == ';')
        r.at = tarn__sql_space(r.at + 1);
    if (st == TARN_OK && *r.at != '\0')
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: something stands behind the `;` (a query is one statement)");
    if (st == TARN_OK && r.value != json_array_size(query->values))
        return tarn__fail(err, TARN_BAD_INPUT,
            "SQL: a reference stands inside a text or a comment as we read "
            "it (let it stand alone)");
    return st;
}

tarn_status tarn__engine_sql_with(const tarn__engine_tables *tables, char quote,
    tarn_buf *sql, tarn_error *err)
{
    tarn_buf with = TARN_BUF_INIT;
    const char *at = tarn__sql_space(sql->ptr == NULL ? "" : sql->ptr);
    const char *rest = at;
    bool first = true;
    bool own = tarn__sql_word(at, "WITH");
    if (own)
        rest = tarn__sql_space(at + strlen("WITH"));
    if (own && tarn__sql_word(rest, "RECURSIVE"))
        rest = tarn__sql_space(rest + strlen("RECURSIVE"));
    tarn_status st = own ? tarn__buf_append(&with, at, (size_t)(rest - at), err)
                         : tarn__buf_str(&with, "WITH ", err);
    for (size_t i = 0; st == TARN_OK && i < tables->count; i++) {
        const tarn__engine_table *t = &tables->items[i];
        if (t->real == NULL)
            continue;
        st = tarn__buf_printf(&with, err, "%s%s AS (SELECT * FROM %c%s%c)",
            first ? "" : ", ", t->spelled, quote, t->real, quote);
        first = false;
    }
    if (st == TARN_OK && !first) {
        st = tarn__buf_str(&with, own ? ", " : " ", err);
        if (st == TARN_OK)
            st = tarn__buf_str(&with, rest, err);
        if (st == TARN_OK) {
            tarn_buf_reset(sql);
            *sql = with;
            return TARN_OK;
        }
    }
    tarn_buf_reset(&with);
    return st;
}
