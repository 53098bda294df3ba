/* Patterns over names and paths.
 *
 * In a name: '*' any bytes, '?' one character, '[a-z]', '[!a-z]' or '[^a-z]' one
 * character of a set (']' first in it stands for itself; without a closing ']'
 * the '[' does).  A part "**" stands for zero or more levels, and at the end of
 * a pattern for "**" and one name more: what is below, not the folder itself.
 * A name that begins with a dot is matched only by a part that begins with
 * one. */
#ifndef TARN_TREE_GLOB_H
#define TARN_TREE_GLOB_H

#include "tree/content.h"

/* One part against one name. `all`: dots at the beginning are nothing
 * special. */
bool tarn__glob_name(tarn_slice part, tarn_slice name, bool all);
/* Does a part hold '*', '?' or '['? */
bool tarn__glob_wild(tarn_slice part);
/* Is it "**"? */
bool tarn__glob_deep(tarn_slice part);

/* A set of places in a pattern of at most TARN__GLOB_PARTS parts: place i means
 * that parts i.. are still to be matched; place `count` that all are. */
#define TARN__GLOB_PARTS 255
typedef struct tarn__glob_set {
    uint64_t bits[4];
} tarn__glob_set;

typedef struct tarn__glob {
    tarn_slice *parts; /* point into text */
    size_t count;
    char *text; /* owned */
} tarn__glob;
#define TARN__GLOB_INIT \
    {                   \
        NULL, 0, NULL   \
    }

/* TARN_INVALID: too many parts. */
TARN_MUST_CHECK tarn_status tarn__glob_init(
    tarn__glob *glob, tarn_slice pattern, tarn_error *err);
void tarn__glob_reset(tarn__glob *glob);
/* Before anything is matched. */
tarn__glob_set tarn__glob_start(const tarn__glob *glob);
/* After one more name. */
tarn__glob_set tarn__glob_next(const tarn__glob *glob,
    const tarn__glob_set *from, tarn_slice name, bool all);
/* Is the path so far a match?  Can a longer one be? */
bool tarn__glob_done(const tarn__glob *glob, const tarn__glob_set *set);
bool tarn__glob_goes_on(const tarn__glob *glob, const tarn__glob_set *set);
/* When every match goes on with the same literal text, that: the whole next
 * name (*whole), or what it begins with. Empty otherwise. */
tarn_slice tarn__glob_literal(
    const tarn__glob *glob, const tarn__glob_set *set, bool *whole);

#endif
