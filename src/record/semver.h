/* Semantic versions (semver.org 2.0.0). */
#ifndef TARN_RECORD_SEMVER_H
#define TARN_RECORD_SEMVER_H

#include <tarn/base.h>

typedef struct tarn__semver {
    uint64_t major;
    uint64_t minor;
    uint64_t patch;
    tarn_slice pre; /* "rc.1"; empty: none.  Into the text. */
} tarn__semver;

/* "MAJOR.MINOR.PATCH", "-PRE" and "+BUILD" after it, and nothing else. */
bool tarn__semver_parse(tarn_slice text, tarn__semver *out);
/* -1, 0 or 1, by precedence: what stands after '+' does not count. */
int tarn__semver_cmp(const tarn__semver *a, const tarn__semver *b);

#endif
