#include "record/json_schema_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/error.h"
#include "base/memory.h"

/* An expression that needs more to tell is refused: it would hold up a load.
 * One match looks at each place of the text, so that the bound is for all. */
#define MAX_STEPS 1000000
#define MAX_MEMORY_KIB 65536

struct tarn__regex {
    tarn__regex *next;
    pcre2_code *code;
};

struct tarn__regex_room {
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

static void *take(size_t size, void *arg)
{
    (void)arg;
    return tarn__malloc(size);
}

static void give(void *ptr, void *arg)
{
    (void)arg;
    tarn__free(ptr);
}

/* Verbs such as (*UTF), and ends of our own options, are no ECMA-262. */
static bool has_verb(tarn_slice pattern)
{
    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if (pattern.ptr[i] == '\\')
            i++;
        else if (pattern.ptr[i] == '(' && pattern.ptr[i + 1] == '*')
            return true;
    }
    return false;
}

static tarn_status compile(tarn_slice pattern, pcre2_general_context *memory,
    pcre2_code **out, tarn_error *err)
{
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    if (context == NULL)
        return tarn__no_memory(err);
    /* As ECMA-262 has them: \uXXXX, [] and [^], `$` at the very end only. */
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX |
        PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF |
        PCRE2_NEVER_BACKSLASH_C;
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    int code;
    PCRE2_SIZE at;
    *out = pcre2_compile(
        (PCRE2_SPTR)pattern.ptr, pattern.len, options, &code, &at, context);
    pcre2_compile_context_free(context);
    if (*out != NULL) {
        /* Faster where the machine allows it; the same answers where not. */
        (void)pcre2_jit_compile(*out, PCRE2_JIT_COMPLETE);
        return TARN_OK;
    }
    if (code == PCRE2_ERROR_HEAP_FAILED)
        return tarn__no_memory(err);
    PCRE2_UCHAR text[200] = "";
    (void)pcre2_get_error_message(code, text, sizeof text);
    return tarn__fail(
        err, TARN_BAD_INPUT, "%s, at byte %zu", (const char *)text, at);
}

tarn_status tarn__regex_compile(
    tarn_slice pattern, tarn__regex **list, tarn_error *err)
{
    if (has_verb(pattern))
        return tarn__fail(err, TARN_BAD_INPUT, "nothing to repeat after '('");
    tarn__regex *regex = tarn__calloc(1, sizeof *regex);
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give, NULL);
    tarn_status st = regex != NULL && memory != NULL
        ? compile(pattern, memory, &regex->code, err)
        : tarn__no_memory(err);
    pcre2_general_context_free(memory);
    if (st != TARN_OK) {
        tarn__free(regex);
        return st;
    }
    regex->next = *list;
    *list = regex;
    return TARN_OK;
}

void tarn__regex_free_all(tarn__regex *list)
{
    while (list != NULL) {
        tarn__regex *next = list->next;
        pcre2_code_free(list->code);
        tarn__free(list);
        list = next;
    }
}

static tarn_status make_room(tarn__regex_room **out, tarn_error *err)
{
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give, NULL);
    tarn__regex_room *room = tarn__calloc(1, sizeof *room);
    if (memory != NULL && room != NULL) {
        room->data = pcre2_match_data_create(1, memory);
        room->limits = pcre2_match_context_create(memory);
    }
    pcre2_general_context_free(memory);
    if (room == NULL || room->data == NULL || room->limits == NULL) {
        tarn__regex_room_free(room);
        return tarn__no_memory(err);
    }
    pcre2_set_match_limit(room->limits, MAX_STEPS);
    pcre2_set_heap_limit(room->limits, MAX_MEMORY_KIB);
    *out = room;
    return TARN_OK;
}

tarn_status tarn__regex_match(const tarn__regex *regex, tarn_slice text,
    tarn__regex_room **room, bool *match, tarn_error *err)
{
    *match = false;
    tarn_status st = *room == NULL ? make_room(room, err) : TARN_OK;
    if (st != TARN_OK)
        return st;
    PCRE2_SPTR at = (PCRE2_SPTR)text.ptr;
    int code = pcre2_match(regex->code, at, text.len, 0, PCRE2_NO_UTF_CHECK,
        (*room)->data, (*room)->limits);
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) /* 32 KiB; else the heap's limit */
        code = pcre2_match(regex->code, at, text.len, 0,
            PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, (*room)->data, (*room)->limits);
    *match = code >= 0;
    if (code >= 0 || code == PCRE2_ERROR_NOMATCH)
        return TARN_OK;
    if (code == PCRE2_ERROR_NOMEMORY)
        return tarn__no_memory(err);
    return tarn__fail(
        err, TARN_BAD_INPUT, "matching the pattern takes too many steps");
}

void tarn__regex_room_free(tarn__regex_room *room)
{
    if (room == NULL)
        return;
    pcre2_match_data_free(room->data);
    pcre2_match_context_free(room->limits);
    tarn__free(room);
}
