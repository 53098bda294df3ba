#include "base/yaml_scalar.h"

#include <string.h>

#include "base/str.h"

#define TAG_PREFIX "tag:yaml.org,2002:"
#define TAG_PREFIX_LEN (sizeof(TAG_PREFIX) - 1)

static bool is_one_of(tarn_slice text, const char *const *words)
{
    for (; *words != NULL; words++)
        if (tarn__slice_is(text, *words))
            return true;
    return false;
}

static bool is_null(tarn_slice text)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL", NULL};
    return is_one_of(text, words);
}

static bool is_true(tarn_slice text)
{
    static const char *const words[] = {"true", "True", "TRUE", NULL};
    return is_one_of(text, words);
}

static bool is_false(tarn_slice text)
{
    static const char *const words[] = {"false", "False", "FALSE", NULL};
    return is_one_of(text, words);
}

static bool is_no_number(tarn_slice text)
{
    static const char *const words[] = {".nan", ".NaN", ".NAN", ".inf", ".Inf",
        ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", NULL};
    return is_one_of(text, words);
}

/* [-+]?[0-9]+, 0o[0-7]+ or 0x[0-9a-fA-F]+ of any size. */
static bool is_integer(const char *s)
{
    const char *digits = "0123456789";
    if (s[0] == '0' && (s[1] == 'o' || s[1] == 'x')) {
        digits = s[1] == 'o' ? "01234567" : "0123456789abcdefABCDEF";
        s += 2;
    } else if (*s == '-' || *s == '+') {
        s++;
    }
    return *s != '\0' && s[strspn(s, digits)] == '\0';
}

/* Of what is_integer(); false when it has more than 64 bits. */
static bool integer_value(const char *s, int64_t *out)
{
    if (s[0] != '0' || (s[1] != 'o' && s[1] != 'x'))
        return tarn__parse_i64(s, out);
    int64_t base = s[1] == 'o' ? 8 : 16;
    int64_t v = 0;
    for (s += 2; *s != '\0'; s++) {
        int64_t digit = *s <= '9' ? *s - '0' : (*s | 0x20) - 'a' + 10;
        if (__builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, digit, &v))
            return false;
    }
    *out = v;
    return true;
}

static json_t *string_of(tarn_slice text)
{
    return json_stringn(text.ptr, text.len);
}

/* What a plain scalar stands for; `wanted` is the type that a tag asks for, ""
 * without one. */
static json_t *resolve(tarn_slice text, const char *wanted, const char **why)
{
    bool any = *wanted == '\0';
    double real;
    int64_t integer;
    if ((any || strcmp(wanted, "null") == 0) && is_null(text))
        return json_null();
    if ((any || strcmp(wanted, "bool") == 0) &&
        (is_true(text) || is_false(text)))
        return json_boolean(is_true(text));
    bool whole = strlen(text.ptr) == text.len;
    if ((any || strcmp(wanted, "int") == 0) && whole && is_integer(text.ptr)) {
        if (integer_value(text.ptr, &integer))
            return json_integer(integer);
        *why = "the integer has more than 64 bits (quote it)";
        return NULL;
    }
    if ((any || strcmp(wanted, "float") == 0) && whole) {
        if (tarn__parse_double(text.ptr, &real))
            return json_real(real);
        if (is_no_number(text)) {
            *why = "JSON has neither infinity nor NaN (quote it)";
            return NULL;
        }
    }
    if (any)
        return string_of(text);
    *why = "the text is not of the type that its tag names";
    return NULL;
}

json_t *tarn__yaml_scalar(
    tarn_slice text, const char *tag, bool plain, const char **why)
{
    static const char *const types[] = {"null", "bool", "int", "float", NULL};
    *why = NULL;
    if (tag == NULL)
        return plain ? resolve(text, "", why) : string_of(text);
    if (strcmp(tag, "!") == 0 || strcmp(tag, TAG_PREFIX "str") == 0)
        return string_of(text);
    if (tarn__starts_with(tag, TAG_PREFIX) &&
        is_one_of(tarn_str(tag + TAG_PREFIX_LEN), types))
        return resolve(text, tag + TAG_PREFIX_LEN, why);
    *why = "the tag is not known (remove it)";
    return NULL;
}
