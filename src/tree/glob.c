#include "tree/glob.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/utf8.h"
#include "tree/path.h"

bool tarn__glob_wild(tarn_slice part)
{
    for (size_t i = 0; i < part.len; i++) {
        if (part.ptr[i] == '*' || part.ptr[i] == '?' || part.ptr[i] == '[')
            return true;
    }
    return false;
}

bool tarn__glob_deep(tarn_slice part)
{
    return part.len == 2 && part.ptr[0] == '*' && part.ptr[1] == '*';
}

bool tarn__is_glob(const char *path)
{
    return tarn__glob_wild(tarn_str(path));
}

/* One character; a byte that begins none counts as one. */
static uint32_t take(tarn_slice s, size_t *at)
{
    uint32_t code_point = 0;
    size_t len = tarn__utf8_next(s, *at, &code_point);
    if (len == 0) {
        code_point = 0x110000U + (unsigned char)s.ptr[*at];
        len = 1;
    }
    *at += len;
    return code_point;
}

/* The set at part[*at] == '['; moves *at behind it and says whether `c` is in
 * it.  False with *at unmoved: there is no ']', so it is no set. */
static bool match_set(tarn_slice part, size_t *at, uint32_t c, bool *is_set)
{
    size_t i = *at + 1;
    bool negated = i < part.len && (part.ptr[i] == '!' || part.ptr[i] == '^');
    if (negated)
        i++;
    bool in = false;
    for (bool first = true; i < part.len; first = false) {
        if (part.ptr[i] == ']' && !first) {
            *at = i + 1;
            *is_set = true;
            return in != negated;
        }
        uint32_t low = take(part, &i);
        uint32_t high = low;
        if (i + 1 < part.len && part.ptr[i] == '-' && part.ptr[i + 1] != ']') {
            i++;
            high = take(part, &i);
        }
        in = in || (low <= c && c <= high);
    }
    *is_set = false;
    return false;
}

/* One pattern character (not '*') against the character at name[*n]; moves both
 * on a match. */
static bool match_one(tarn_slice part, size_t *p, tarn_slice name, size_t *n)
{
    size_t name_next = *n;
    uint32_t c = take(name, &name_next);
    size_t part_next = *p;
    bool matched;
    bool is_set = false;
    if (part.ptr[*p] == '?') {
        part_next++;
        matched = true;
    } else {
        matched =
            part.ptr[*p] == '[' && match_set(part, &part_next, c, &is_set);
        if (!is_set)
            matched = take(part, &part_next) == c;
    }
    if (matched) {
        *p = part_next;
        *n = name_next;
    }
    return matched;
}

bool tarn__glob_name(tarn_slice part, tarn_slice name, bool all)
{
    if (!all && name.len > 0 && name.ptr[0] == '.' &&
        (part.len == 0 || part.ptr[0] != '.'))
        return false;
    size_t p = 0;
    size_t n = 0;
    size_t star = SIZE_MAX; /* behind the last '*' */
    size_t star_name = 0;   /* where what it swallows ends */
    while (n < name.len) {
        if (p < part.len && part.ptr[p] == '*') {
            star = ++p;
            star_name = n;
        } else if (p < part.len && match_one(part, &p, name, &n)) {
            continue;
        } else if (star != SIZE_MAX) {
            p = star;
            (void)take(name, &star_name);
            n = star_name;
        } else {
            return false;
        }
    }
    while (p < part.len && part.ptr[p] == '*')
        p++;
    return p == part.len;
}

/* As tarn__glob_name() goes over characters, with "**" in place of '*'. One
 * place to come back to is enough also with dots: a dot is swallowed by no
 * "**", so where one must be matched there is no choice. */
bool tarn__glob_match(const char *pattern, const char *path)
{
    tarn__parts parts = tarn__parts_of(tarn_str(pattern));
    tarn__parts names = tarn__parts_of(tarn_str(path));
    tarn__parts after_deep = parts;
    tarn__parts deep_names = names;
    bool deep = false;
    tarn_slice part = {NULL, 0};
    tarn_slice name;
    for (;;) {
        tarn__parts ahead = parts;
        bool more = tarn__parts_next(&ahead, &part);
        if (more && tarn__glob_deep(part)) {
            tarn__parts last = ahead;
            if (!tarn__parts_next(&last, &part))
                ahead = tarn__parts_of(tarn_str("*"));
            parts = after_deep = ahead;
            deep_names = names;
            deep = true;
            continue;
        }
        tarn__parts rest = names;
        if (!tarn__parts_next(&rest, &name))
            return !more;
        if (more && tarn__glob_name(part, name, false)) {
            parts = ahead;
            names = rest;
            continue;
        }
        if (!deep || !tarn__parts_next(&deep_names, &name) ||
            name.ptr[0] == '.')
            return false;
        parts = after_deep;
        names = deep_names;
    }
}

tarn_status tarn__glob_init(
    tarn__glob *glob, tarn_slice pattern, tarn_error *err)
{
    *glob = (tarn__glob)TARN__GLOB_INIT;
    size_t count = 0;
    tarn_slice part;
    tarn__parts parts = tarn__parts_of(pattern);
    while (tarn__parts_next(&parts, &part))
        count++;
    if (count >= TARN__GLOB_PARTS)
        return tarn__fail(err, TARN_INVALID,
            "a pattern: has %zu levels after its first * ? or [ (at most %d)",
            count, TARN__GLOB_PARTS - 1);
    glob->text = tarn__strndup(pattern.ptr, pattern.len);
    glob->parts = tarn__calloc(count + 2, sizeof(*glob->parts));
    if (glob->text == NULL || glob->parts == NULL) {
        tarn__glob_reset(glob);
        return tarn__no_memory(err);
    }
    tarn_slice text = {glob->text, pattern.len};
    parts = tarn__parts_of(text);
    while (tarn__parts_next(&parts, &part))
        glob->parts[glob->count++] = part;
    if (glob->count > 0 && tarn__glob_deep(glob->parts[glob->count - 1]))
        glob->parts[glob->count++] = tarn_str("*");
    return TARN_OK;
}

void tarn__glob_reset(tarn__glob *glob)
{
    tarn__free(glob->text);
    tarn__free(glob->parts);
    *glob = (tarn__glob)TARN__GLOB_INIT;
}

static bool has(const tarn__glob_set *set, size_t i)
{
    return (set->bits[i / 64] >> (i % 64) & 1) != 0;
}

/* Add place i, and those behind a "**" that may stand for nothing. */
static void add(const tarn__glob *glob, tarn__glob_set *set, size_t i)
{
    for (;; i++) {
        set->bits[i / 64] |= UINT64_C(1) << (i % 64);
        if (i == glob->count || !tarn__glob_deep(glob->parts[i]))
            return;
    }
}

tarn__glob_set tarn__glob_start(const tarn__glob *glob)
{
    tarn__glob_set set = {{0}};
    add(glob, &set, 0);
    return set;
}

tarn__glob_set tarn__glob_next(const tarn__glob *glob,
    const tarn__glob_set *from, tarn_slice name, bool all)
{
    tarn__glob_set set = {{0}};
    for (size_t i = 0; i < glob->count; i++) {
        if (!has(from, i))
            continue;
        if (tarn__glob_deep(glob->parts[i])) {
            if (all || name.ptr[0] != '.')
                add(glob, &set, i);
        } else if (tarn__glob_name(glob->parts[i], name, all)) {
            add(glob, &set, i + 1);
        }
    }
    return set;
}

bool tarn__glob_done(const tarn__glob *glob, const tarn__glob_set *set)
{
    return has(set, glob->count);
}

bool tarn__glob_goes_on(const tarn__glob *glob, const tarn__glob_set *set)
{
    for (size_t i = 0; i < glob->count; i++) {
        if (has(set, i))
            return true;
    }
    return false;
}

tarn_slice tarn__glob_literal(
    const tarn__glob *glob, const tarn__glob_set *set, bool *whole)
{
    tarn_slice none = {NULL, 0};
    tarn_slice literal = none;
    *whole = false;
    for (size_t i = 0; i < glob->count; i++) {
        if (!has(set, i))
            continue;
        if (literal.ptr != NULL)
            return none; /* two ways on */
        literal = glob->parts[i];
    }
    if (literal.ptr == NULL)
        return none;
    *whole = !tarn__glob_wild(literal);
    for (size_t i = 0; i < literal.len; i++) {
        if (memchr("*?[", literal.ptr[i], 3) != NULL)
            literal.len = i;
    }
    return literal;
}
