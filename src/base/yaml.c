#include "base/yaml.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/yaml_tree.h"

/* The line of the first byte that is not UTF-8. */
static int bad_line(tarn_slice text)
{
    int line = 1;
    size_t start = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n')
            continue;
        tarn_slice whole = {text.ptr + start, i - start};
        if (!tarn__utf8_valid(whole))
            break;
        start = i + 1;
        line++;
    }
    return line;
}

static tarn_status not_utf8(
    tarn_slice text, const char *what, tarn__yaml_fault *fault, tarn_error *err)
{
    int line = bad_line(text);
    if (fault == NULL)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: line %d: not UTF-8 (convert the file)", what, line);
    *fault = (tarn__yaml_fault){line, 1};
    return tarn__fail(err, TARN_BAD_INPUT, "not UTF-8 (convert the file)");
}

static tarn_status parse(tarn_slice text, const char *what, tarn__yaml **out,
    tarn__yaml_fault *fault, tarn_error *err)
{
    *out = NULL;
    if (!tarn__utf8_valid(text))
        return not_utf8(text, what, fault, err);
    tarn__yaml *yaml = tarn__calloc(1, sizeof(*yaml));
    if (yaml == NULL)
        return tarn__no_memory(err);
    tarn_status st = TARN_OK;
    if (text.len > 0) /* the parser takes length 0 for "up to the NUL" */
        st = tarn__yaml_build(yaml, text, what, fault, err);
    if (st != TARN_OK) {
        tarn__yaml_free(yaml);
        return st;
    }
    *out = yaml;
    return TARN_OK;
}

tarn_status tarn__yaml_parse(
    tarn_slice text, const char *what, tarn__yaml **out, tarn_error *err)
{
    return parse(text, what, out, NULL, err);
}

tarn_status tarn__yaml_parse_placed(
    tarn_slice text, tarn__yaml **out, tarn__yaml_fault *fault, tarn_error *err)
{
    *fault = (tarn__yaml_fault){0, 0};
    return parse(text, NULL, out, fault, err);
}

size_t tarn__yaml_count(const tarn__yaml *yaml)
{
    return yaml->count;
}

json_t *tarn__yaml_root(const tarn__yaml *yaml, size_t index)
{
    return index < yaml->count ? yaml->documents[index].root : NULL;
}

/* Does a JSON pointer's token, ~0 and ~1 in it, name this key? */
static bool token_is(tarn_slice token, const char *key)
{
    for (size_t i = 0; i < token.len; i++, key++) {
        char c = token.ptr[i];
        if (c == '~' && i + 1 < token.len &&
            (token.ptr[i + 1] == '0' || token.ptr[i + 1] == '1'))
            c = token.ptr[++i] == '0' ? '~' : '/';
        if (*key == '\0' || *key != c)
            return false;
    }
    return *key == '\0';
}

static const tarn__place *child(const tarn__place *parent, tarn_slice token)
{
    const tarn__place *at = parent->first;
    if (at == NULL)
        return NULL;
    if (at->key != NULL) {
        while (at != NULL && !token_is(token, at->key))
            at = at->next;
        return at;
    }
    char digits[12];
    uint64_t index;
    if (token.len >= sizeof(digits))
        return NULL;
    memcpy(digits, token.ptr, token.len);
    digits[token.len] = '\0';
    if (!tarn__parse_u64(digits, &index))
        return NULL;
    while (at != NULL && index-- > 0)
        at = at->next;
    return at;
}

bool tarn__yaml_where(const tarn__yaml *yaml, size_t index, const char *pointer,
    int *line, int *column)
{
    const tarn__place *at =
        index < yaml->count ? yaml->documents[index].where : NULL;
    while (at != NULL && *pointer == '/') {
        tarn_slice token = {pointer + 1, strcspn(pointer + 1, "/")};
        at = child(at, token);
        pointer += 1 + token.len;
    }
    if (at == NULL || *pointer != '\0')
        return false;
    *line = at->line;
    *column = at->column;
    return true;
}

void tarn__yaml_free(tarn__yaml *yaml)
{
    if (yaml == NULL)
        return;
    for (size_t i = 0; i < yaml->count; i++)
        json_decref(yaml->documents[i].root);
    tarn__free(yaml->documents);
    tarn__arena_reset(&yaml->arena);
    tarn__free(yaml);
}
