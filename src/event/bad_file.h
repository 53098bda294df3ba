/* The caller's own file of bad lines: what it may be, and how it comes about. */
#ifndef TARN_EVENT_BAD_FILE_H
#define TARN_EVENT_BAD_FILE_H

#include "event/aside.h"

typedef struct tarn__bad_file {
    char *path;   /* owned; links followed; NULL: there is none */
    bool written; /* a device or pipe: written to, where a file is replaced */
} tarn__bad_file;
#define TARN__BAD_FILE_INIT \
    {                       \
        NULL, false         \
    }

/* TARN_INVALID, and nothing is touched: a folder, no name, the store or one of
 * the sources, whose content would be gone. */
TARN_MUST_CHECK tarn_status tarn__bad_file_find(tarn__bad_file *file,
    const char *given, const char *store, const char *const *sources,
    size_t count, tarn_error *err);
/* The file with what a finished spool holds: durable, and whole or not at all. */
TARN_MUST_CHECK tarn_status tarn__bad_file_make(
    const tarn__bad_file *file, const tarn__aside *spool, tarn_error *err);
void tarn__bad_file_reset(tarn__bad_file *file);

#endif
