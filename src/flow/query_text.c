/* A query's text, taken apart at its references: where each of them stands is
 * found as the dialect's own lexer would. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "flow/flow_internal.h"

typedef struct scan {
    tarn__query_text *out;
    const char *sql;
    size_t len;
    size_t at;
    size_t piece_from; /* where the text before the next reference begins */
    tarn_slice word;   /* the last token outside quotes */
    bool ended;        /* a `;` was seen */
} scan;

static bool word_byte(char ch)
{
    return isalnum((unsigned char)ch) || ch == '_' || (unsigned char)ch >= 0x80;
}

static bool is(const scan *s, tarn__sql_dialect a, tarn__sql_dialect b)
{
    return s->out->dialect == a || s->out->dialect == b;
}

static char peek(const scan *s, size_t ahead)
{
    return s->at + ahead < s->len ? s->sql[s->at + ahead] : '\0';
}

static bool at_reference(const scan *s)
{
    return peek(s, 0) == '$' && peek(s, 1) == '{';
}

/* The reference here, as a piece; s->at moves past it. */
static tarn_status add_piece(
    scan *s, tarn__query_place place, char quote, bool escapes, tarn_error *err)
{
    tarn__query_text *out = s->out;
    void *list = out->pieces;
    tarn_status st = tarn__grow(
        &list, &out->cap, out->count + 1, sizeof(tarn__query_piece), err);
    out->pieces = list;
    if (st != TARN_OK)
        return st;
    tarn__query_piece *piece = &out->pieces[out->count++];
    memset(piece, 0, sizeof(*piece));
    piece->before = (tarn_slice){s->sql + s->piece_from, s->at - s->piece_from};
    piece->place = place;
    piece->quote = quote;
    piece->escapes = escapes;
    tarn_slice text = {s->sql, s->len};
    (void)tarn__reference_next(text, &s->at, &piece->reference);
    s->piece_from = s->at;
    return TARN_OK;
}

/* From one mark to the next; a doubled one, or one behind a backslash, is part
 * of it. */
static tarn_status quoted(
    scan *s, tarn__query_place place, bool escapes, tarn_error *err)
{
    char mark = s->sql[s->at++];
    tarn_status st = TARN_OK;
    while (st == TARN_OK && s->at < s->len) {
        if (at_reference(s)) {
            st = add_piece(s, place, mark, escapes, err);
        } else if (escapes && peek(s, 0) == '\\') {
            s->at += s->at + 1 < s->len ? 2 : 1;
        } else if (peek(s, 0) == mark && peek(s, 1) == mark) {
            s->at += 2;
        } else if (s->sql[s->at++] == mark) {
            return TARN_OK;
        }
    }
    s->out->unclosed = mark == '\'' ? "a text" : "a name";
    return st;
}

static tarn_status line_comment(scan *s, tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && s->at < s->len && s->sql[s->at] != '\n') {
        if (at_reference(s))
            st = add_piece(s, TARN__PLACE_COMMENT, 0, false, err);
        else
            s->at++;
    }
    return st;
}

static tarn_status block_comment(scan *s, tarn_error *err)
{
    bool nests = is(s, TARN__SQL_DUCKDB, TARN__SQL_POSTGRES);
    int depth = 0;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && s->at < s->len) {
        if (peek(s, 0) == '/' && peek(s, 1) == '*') {
            depth += depth == 0 || nests ? 1 : 0;
            s->at += 2;
        } else if (peek(s, 0) == '*' && peek(s, 1) == '/') {
            s->at += 2;
            if (--depth == 0)
                return TARN_OK;
        } else if (at_reference(s)) {
            st = add_piece(s, TARN__PLACE_COMMENT, 0, false, err);
        } else {
            s->at++;
        }
    }
    s->out->unclosed = "a comment";
    return st;
}

/* What ends the block that begins here ($tag$ or """); its length, 0 when none
 * begins. */
static size_t block_mark(const scan *s)
{
    if (s->out->dialect == TARN__SQL_GRAPHQL)
        return peek(s, 0) == '"' && peek(s, 1) == '"' && peek(s, 2) == '"' ? 3
                                                                           : 0;
    if (!is(s, TARN__SQL_DUCKDB, TARN__SQL_POSTGRES) || peek(s, 0) != '$' ||
        isdigit((unsigned char)peek(s, 1)))
        return 0;
    size_t n = 1;
    while (word_byte(peek(s, n)))
        n++;
    return peek(s, n) == '$' ? n + 1 : 0;
}

static tarn_status block_text(scan *s, size_t mark, tarn_error *err)
{
    const char *open = s->sql + s->at;
    tarn_status st = TARN_OK;
    s->at += mark;
    while (st == TARN_OK && s->at < s->len) {
        if (s->len - s->at >= mark && memcmp(s->sql + s->at, open, mark) == 0) {
            s->at += mark;
            return TARN_OK;
        }
        if (at_reference(s))
            st = add_piece(s, TARN__PLACE_DOLLAR, 0, false, err);
        else
            s->at++;
    }
    s->out->unclosed = "a text";
    return st;
}

static bool word_is(tarn_slice word, const char *const *words)
{
    for (; *words != NULL; words++) {
        size_t len = strlen(*words);
        size_t i = 0;
        while (i < len && i < word.len &&
            toupper((unsigned char)word.ptr[i]) == (*words)[i])
            i++;
        if (i == len && i == word.len)
            return true;
    }
    return false;
}

static tarn_status bare_reference(scan *s, tarn_error *err)
{
    static const char *const before_names[] = {
        "FROM", "JOIN", "INTO", "UPDATE", "TABLE", "AS", ".", NULL};
    static const char *const by[] = {"BY", NULL};
    char before = s->at > 0 ? s->sql[s->at - 1] : ' ';
    tarn_status st = add_piece(s, TARN__PLACE_VALUE, 0, false, err);
    if (st != TARN_OK)
        return st;
    tarn__query_piece *piece = &s->out->pieces[s->out->count - 1];
    char after = peek(s, 0);
    piece->sorts = word_is(s->word, by);
    piece->named =
        word_is(s->word, before_names) || after == '.' || piece->sorts;
    bool parsed = is(s, TARN__SQL_DUCKDB, TARN__SQL_GRAPHQL);
    if (word_byte(before) || before == '}' || before == '$' ||
        (before != ' ' && strchr("'\"`", before) != NULL) || word_byte(after) ||
        at_reference(s) || (after != '\0' && strchr("'\"`$", after) != NULL))
        piece->place = TARN__PLACE_GLUED;
    else if (!parsed && piece->named)
        piece->place = TARN__PLACE_NAME;
    s->word = piece->reference.whole;
    return TARN_OK;
}

/* A parameter of the query's own: $1, $name, ?, :name, @name. */
static bool own_parameter(const scan *s)
{
    char ch = peek(s, 0);
    char next = peek(s, 1);
    switch (s->out->dialect) {
    case TARN__SQL_DUCKDB:
        return ch == '?' || (ch == '$' && word_byte(next));
    case TARN__SQL_POSTGRES:
        return ch == '$' && isdigit((unsigned char)next);
    case TARN__SQL_MYSQL:
        return ch == '?';
    case TARN__SQL_SQLITE:
        return ch == '?' ||
            ((ch == '$' || ch == ':' || ch == '@') && word_byte(next));
    case TARN__SQL_NONE:
    case TARN__SQL_GRAPHQL:
    case TARN__SQL_ENGINE:
        break;
    }
    return false;
}

static bool comment_begins(const scan *s)
{
    if (s->out->dialect == TARN__SQL_GRAPHQL)
        return peek(s, 0) == '#';
    return (peek(s, 0) == '-' && peek(s, 1) == '-') ||
        (s->out->dialect == TARN__SQL_MYSQL && peek(s, 0) == '#');
}

/* Past a word, a number or one other byte. */
static void token(scan *s)
{
    size_t from = s->at;
    if (s->ended)
        s->out->second = true;
    if (own_parameter(s))
        s->out->own_parameter = true;
    if (peek(s, 0) == ';' && s->out->dialect != TARN__SQL_GRAPHQL)
        s->ended = true;
    s->at++;
    while (word_byte(s->sql[from]) && s->at < s->len &&
        (word_byte(peek(s, 0)) || (peek(s, 0) == '$' && peek(s, 1) != '{')))
        s->at++;
    s->word = (tarn_slice){s->sql + from, s->at - from};
}

/* The quotes of this dialect: TEXT, QUOTED, or 0 for no quote. */
static int quote_kind(const scan *s, char ch)
{
    if (s->out->dialect == TARN__SQL_GRAPHQL)
        return ch == '"' ? TARN__PLACE_TEXT : 0;
    if (ch == '\'')
        return TARN__PLACE_TEXT;
    if (ch == '"')
        return s->out->dialect == TARN__SQL_MYSQL ? TARN__PLACE_TEXT
                                                  : TARN__PLACE_QUOTED;
    return ch == '`' && is(s, TARN__SQL_MYSQL, TARN__SQL_SQLITE)
        ? TARN__PLACE_QUOTED
        : 0;
}

static bool escapes(const scan *s, int kind)
{
    if (kind != TARN__PLACE_TEXT)
        return false;
    if (is(s, TARN__SQL_MYSQL, TARN__SQL_GRAPHQL))
        return true;
    return is(s, TARN__SQL_DUCKDB, TARN__SQL_POSTGRES) && s->word.len == 1 &&
        s->word.ptr + 1 == s->sql + s->at &&
        (*s->word.ptr == 'e' || *s->word.ptr == 'E');
}

static tarn_status step(scan *s, tarn_error *err)
{
    char ch = peek(s, 0);
    int kind = quote_kind(s, ch);
    size_t mark = block_mark(s);
    if (isspace((unsigned char)ch)) {
        s->at++;
        return TARN_OK;
    }
    if (comment_begins(s))
        return line_comment(s, err);
    if (ch == '/' && peek(s, 1) == '*' && s->out->dialect != TARN__SQL_GRAPHQL)
        return block_comment(s, err);
    s->out->second = s->out->second || (s->ended && ch != ';');
    if (at_reference(s))
        return bare_reference(s, err);
    if (mark > 0)
        return block_text(s, mark, err);
    if (kind != 0) {
        tarn_status st =
            quoted(s, (tarn__query_place)kind, escapes(s, kind), err);
        s->word = (tarn_slice){s->sql, 0};
        return st;
    }
    token(s);
    return TARN_OK;
}

tarn_status tarn__query_read(tarn__sql_dialect dialect, const char *sql,
    tarn__query_text *out, tarn_error *err)
{
    memset(out, 0, sizeof(*out));
    out->dialect = dialect == TARN__SQL_ENGINE ? TARN__SQL_DUCKDB : dialect;
    scan s = {out, sql, strlen(sql), 0, 0, {sql, 0}, false};
    tarn_status st = TARN_OK;
    while (st == TARN_OK && s.at < s.len)
        st = step(&s, err);
    out->rest = (tarn_slice){sql + s.piece_from, s.len - s.piece_from};
    if (st != TARN_OK)
        tarn__query_reset(out);
    return st;
}

void tarn__query_reset(tarn__query_text *text)
{
    tarn__free(text->pieces);
    memset(text, 0, sizeof(*text));
}

tarn__sql_dialect tarn__sql_dialect_of(const json_t *property)
{
    static const char *const names[] = {
        "", "duckdb", "mysql", "postgres", "sqlite", "graphql"};
    const char *name = tarn__json_text(property, "x-sql");
    for (size_t i = 1; name != NULL && i < sizeof(names) / sizeof(names[0]);
         i++)
        if (strcmp(names[i], name) == 0)
            return (tarn__sql_dialect)i;
    return TARN__SQL_NONE;
}
