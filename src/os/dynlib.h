/* Shared libraries that are loaded at their first use, so that a command that
 * needs none of them does not pay for it when it starts.
 *
 * A library's functions are a table of pointers, typed by its own header:
 *
 *     #define FUNCTIONS(X) X(sqlite3_open_v2) X(sqlite3_close)
 *     typedef struct api {
 *         FUNCTIONS(TARN__DYNLIB_FIELD)
 *     } api;
 *     static const char *const names[] = {FUNCTIONS(TARN__DYNLIB_NAME)};
 *
 * What is loaded stays until the process ends. */
#ifndef TARN_OS_DYNLIB_H
#define TARN_OS_DYNLIB_H

#include <tarn/base.h>

#define TARN__DYNLIB_FIELD(function) __typeof__(function) *function;
#define TARN__DYNLIB_NAME(function) #function,

typedef struct tarn__dynlib {
    const char *what;         /* for messages, such as "libcurl" */
    const char *package;      /* Debian's, for the mend */
    const char *const *files; /* tried in turn; ends with NULL */
    const char *const *names; /* of functions, in the order of the table */
    size_t count;
} tarn__dynlib;

/* Fill `table`, which holds `count` pointers to functions and nothing else.
 * TARN_FAILED: no such library, or it is too old to have one of them. */
TARN_MUST_CHECK tarn_status tarn__dynlib_load(
    const tarn__dynlib *lib, void *table, tarn_error *err);

/* One function of the library at `path`, into the pointer at `function`.
 * TARN_NOT_FOUND: no such file; TARN_BAD_INPUT: it is no library, or has no
 * such function. */
TARN_MUST_CHECK tarn_status tarn__dynlib_function(
    const char *path, const char *name, void *function, tarn_error *err);
/* The same of a library by its bare name, such as libsqlite3.so.0, where the
 * loader searches.  TARN_NOT_FOUND: it finds none. */
TARN_MUST_CHECK tarn_status tarn__dynlib_search(
    const char *file, const char *name, void *function, tarn_error *err);

#endif
