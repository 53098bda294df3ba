/* A line of a batch into words, quoted as in a shell.  Nothing is expanded: $,
 * *, ~ and backquotes are what they are. */
#include <string.h>

#include "cli/cli.h"

typedef struct scan {
    const char *line;
    size_t len;
    size_t at;
    cli_words *words;
} scan;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* In a shell these would not be part of a word. */
static bool is_operator(char c)
{
    return c == ';' || c == '|' || c == '&' || c == '<' || c == '>';
}

static tarn_status unfinished(const char *what, tarn_error *err)
{
    return tarn__cli_fail(
        err, TARN_BAD_INPUT, "%s is not finished on the line (close it)", what);
}

static tarn_status scan_single(scan *s, tarn_error *err)
{
    const char *start = s->line + ++s->at;
    const char *end = memchr(start, '\'', s->len - s->at);
    if (end == NULL)
        return unfinished("a '…' quote", err);
    tarn__cli_add(&s->words->bytes, start, (size_t)(end - start));
    s->at += (size_t)(end - start) + 1;
    return TARN_OK;
}

static tarn_status scan_double(scan *s, tarn_error *err)
{
    for (s->at++; s->at < s->len; s->at++) {
        char c = s->line[s->at];
        if (c == '"') {
            s->at++;
            return TARN_OK;
        }
        if (c == '\\' && s->at + 1 < s->len &&
            strchr("\"\\$`", s->line[s->at + 1]) != NULL)
            c = s->line[++s->at];
        tarn__cli_add_char(&s->words->bytes, c);
    }
    return unfinished("a \"…\" quote", err);
}

static tarn_status scan_word(scan *s, tarn_error *err)
{
    tarn_status st = TARN_OK;
    while (st == TARN_OK && s->at < s->len && !is_blank(s->line[s->at])) {
        char c = s->line[s->at];
        if (c == '\'') {
            st = scan_single(s, err);
        } else if (c == '"') {
            st = scan_double(s, err);
        } else if (is_operator(c)) {
            st = tarn__cli_fail(err, TARN_BAD_INPUT,
                "'%c' stands outside of quotes, and no shell runs here "
                "(quote it)",
                c);
        } else if (c == '\\' && s->at + 1 >= s->len) {
            st = unfinished("a \\ escape", err);
        } else {
            s->at += c == '\\';
            tarn__cli_add_char(&s->words->bytes, s->line[s->at++]);
        }
    }
    return st;
}

/* The bytes move while they grow, so words are offsets until the end. */
static void point_words(cli_words *words)
{
    const char *word = words->bytes.ptr;
    words->ptr = tarn__cli_grow(
        words->ptr, &words->cap, words->count + 1, sizeof(*words->ptr));
    for (size_t i = 0; i < words->count; i++) {
        words->ptr[i] = word;
        word += strlen(word) + 1;
    }
    words->ptr[words->count] = NULL;
}

tarn_status tarn__cli_split(
    cli_words *words, const char *line, size_t len, tarn_error *err)
{
    scan s = {line, len, 0, words};
    words->count = 0;
    words->bytes.len = 0;
    if (memchr(line, '\0', len) != NULL)
        return tarn__cli_fail(
            err, TARN_BAD_INPUT, "the line holds a NUL byte (a name cannot)");
    for (;;) {
        while (s.at < s.len && is_blank(s.line[s.at]))
            s.at++;
        if (s.at >= s.len || s.line[s.at] == '#')
            break;
        tarn_status st = scan_word(&s, err);
        if (st != TARN_OK)
            return st;
        tarn__cli_add_char(&words->bytes, '\0');
        words->count++;
    }
    point_words(words);
    return TARN_OK;
}

void tarn__cli_words_reset(cli_words *words)
{
    tarn__cli_free(words->ptr);
    tarn__cli_buf_reset(&words->bytes);
    *words = (cli_words)CLI_WORDS_INIT;
}
