/* Regular expressions as JSON Schema has them (ECMA-262), through PCRE2.  The
 * only files that know it. */
#ifndef TARN_RECORD_JSON_SCHEMA_REGEX_H
#define TARN_RECORD_JSON_SCHEMA_REGEX_H

#include <tarn/base.h>

typedef struct tarn__regex tarn__regex;
typedef struct tarn__regex_room tarn__regex_room; /* of one matching thread */

/* Put before `*list`, which then owns it.  TARN_BAD_INPUT: what is wrong and at
 * which byte, without naming the expression. */
TARN_MUST_CHECK tarn_status tarn__regex_compile(
    tarn_slice pattern, tarn__regex **list, tarn_error *err);
void tarn__regex_free_all(tarn__regex *list);

/* Does it match anywhere in `text` (UTF-8)?  *room is NULL at first and kept
 * for the next match.  TARN_BAD_INPUT: it takes too many steps to tell. */
TARN_MUST_CHECK tarn_status tarn__regex_match(const tarn__regex *regex,
    tarn_slice text, tarn__regex_room **room, bool *match, tarn_error *err);
void tarn__regex_room_free(tarn__regex_room *room);

#endif
