/* Bad lines, kept aside in a file of JSON lines until the load stands. */
#ifndef TARN_EVENT_ASIDE_H
#define TARN_EVENT_ASIDE_H

#include <tarn/base.h>

#include "os/file.h"

typedef struct tarn__aside {
    char *path;   /* owned */
    bool sources; /* name each line's source */
    bool open;
    tarn__file file;
    tarn_buf buf;
    uint64_t count;
    size_t longest; /* bytes of a line of the file */
} tarn__aside;
/* clang-format off */
#define TARN__ASIDE_INIT \
    {NULL, false, false, TARN__FILE_INIT, TARN_BUF_INIT, 0, 0}
/* clang-format on */

/* The file is made with the first line. */
TARN_MUST_CHECK tarn_status tarn__aside_add(tarn__aside *spool,
    const char *source, uint64_t line, const char *reason, tarn_slice text,
    tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__aside_finish(
    tarn__aside *spool, tarn_error *err);
/* Give what a finished one holds to `fn`, whole lines a call. */
TARN_MUST_CHECK tarn_status tarn__aside_tell(const tarn__aside *spool,
    tarn_status (*fn)(void *arg, tarn_slice lines, tarn_error *err), void *arg,
    tarn_error *err);
void tarn__aside_reset(tarn__aside *spool); /* the file stays */

#endif
