/* A folder made of two states. */
#ifndef TARN_TRACK_MAKE_H
#define TARN_TRACK_MAKE_H

#include "track/scope.h"

typedef struct tarn__track_making tarn__track_making;
struct tarn__track_making {
    const char *current;
    const char *previous; /* NULL: none */
    const char *out;      /* NULL: no folder is made */
    bool in_place;        /* it may take the place of one of the two */
    bool columns;         /* as in tarn__track_scope_open() */
    const tarn_track_options *options; /* NULL: the defaults */
    /* Fill the folder `dir`, NULL when none is made. */
    tarn_status (*fill)(void *ctx, tarn__track_scope *scope,
        const tarn__track_making *making, const char *dir, tarn_error *err);
    void *ctx;
};

/* The folder appears whole, or not at all. */
TARN_MUST_CHECK tarn_status tarn__track_make(
    const tarn__track_making *making, tarn_error *err);

#endif
