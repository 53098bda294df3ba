/**
 * What every public header of Tarn stands on: status codes, errors, slices,
 * buffers and row streams.
 *
 * Conventions, which hold for every function unless it says otherwise:
 *  1. A function that can fail returns tarn_status and takes `tarn_error *err`
 *     last; err may be NULL.
 *  2. Outputs are NULL or 0 after a failure; ownership moves only on success.
 *  3. `T **out` hands over ownership; a returned `const T *` is borrowed.
 *  4. `_free(NULL)` is fine; `_free` and `_close` never fail unless they return
 *     a status.
 *  5. Strings are UTF-8.  Times are microseconds since 1970-01-01 UTC.
 *  6. An options struct is filled with its `_INIT` and may be NULL.
 */
#ifndef TARN_BASE_H
#define TARN_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define TARN_API __attribute__((visibility("default")))
#define TARN_MUST_CHECK __attribute__((warn_unused_result))
#define TARN_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define TARN_API
#define TARN_MUST_CHECK
#define TARN_PRINTF(fmt, args)
#endif

/** What became of a call.  The comment is the command's exit code. */
typedef enum tarn_status {
    TARN_OK = 0,          /* 0 */
    TARN_ROW = 1,         /* not an error: an iterator stands on a row */
    TARN_FAILED = 2,      /* 1 */
    TARN_NO_MEMORY = 3,   /* 1 */
    TARN_IO = 4,          /* 1 disk full, EIO, missing rights */
    TARN_UNKNOWN = 5,     /* 1 outcome unknown: see tarn_txn_commit() */
    TARN_INVALID = 6,     /* 2 bad arguments */
    TARN_NOT_FOUND = 7,   /* 3 */
    TARN_EXISTS = 8,      /* 4 already there */
    TARN_CONFLICT = 9,    /* 4 */
    TARN_BAD_INPUT = 10,  /* 5 bad input or query */
    TARN_LOCKED = 11,     /* 6 */
    TARN_CORRUPT = 12,    /* 7 */
    TARN_INTERRUPTED = 13 /* 130 */
} tarn_status;

/** Who reported an error first. */
typedef enum tarn_origin {
    TARN_ORIGIN_SELF = 0,
    TARN_ORIGIN_OS,     /* origin_code is errno */
    TARN_ORIGIN_DUCKDB, /* origin_code is duckdb_error_type */
    TARN_ORIGIN_ROCKSDB,
    TARN_ORIGIN_REMOTE
} tarn_origin;

#define TARN_ERROR_MESSAGE_BYTES 500

/** An error on the caller's stack; never allocated.  The message is one line,
 * "WHAT: WHY (MEND)", without a trailing newline. */
typedef struct tarn_error {
    tarn_status code;
    tarn_origin origin;
    int origin_code;
    char message[TARN_ERROR_MESSAGE_BYTES];
} tarn_error;

/* clang-format off */
#define TARN_ERROR_INIT {TARN_OK, TARN_ORIGIN_SELF, 0, {0}}
/* clang-format on */

/** Borrowed bytes. */
typedef struct tarn_slice {
    const char *ptr;
    size_t len;
} tarn_slice;

/** The bytes of a C string, without its NUL.  `s` must outlive the slice. */
TARN_API tarn_slice tarn_str(const char *s);

/** Owned bytes with a maximum.  `ptr` is NUL-terminated when not NULL. */
typedef struct tarn_buf {
    char *ptr;
    size_t len;
    size_t cap;
    size_t max;
} tarn_buf;

/* clang-format off */
#define TARN_BUF_INIT {NULL, 0, 0, SIZE_MAX}
#define TARN_BUF_MAX(bytes) {NULL, 0, 0, (bytes)}
/* clang-format on */

/** Release a buffer's bytes; it is empty and usable afterwards. */
TARN_API void tarn_buf_reset(tarn_buf *buf);

/** Free memory that the library returned as a plain pointer. */
TARN_API void tarn_free(void *ptr);

/** The command's exit code for a status: 0-7 or 130. */
TARN_API int tarn_exit_code(tarn_status status);

/** A short lower-case name, such as "not found". */
TARN_API const char *tarn_status_name(tarn_status status);

/** "0.1.0". */
TARN_API const char *tarn_version(void);

/** Kinds of cells in a row stream. */
typedef enum tarn_type {
    TARN_NULL = 0,
    TARN_BOOL,
    TARN_INT64,
    TARN_DOUBLE,
    TARN_TEXT, /* UTF-8; also every type without a case of its own */
    TARN_BLOB,
    TARN_TIME, /* microseconds, UTC; text is ISO 8601 with Z */
    TARN_JSON  /* nested values and JSON: text is JSON */
} tarn_type;

/**
 * A stream of rows with named, typed columns.
 *
 *     while ((st = tarn_rows_next(rows, &err)) == TARN_ROW)
 *         use(tarn_rows_text(rows, 0));
 *     // st is TARN_OK at the end, else a failure
 *
 * Threads: one at a time.
 */
typedef struct tarn_rows tarn_rows;

TARN_API size_t tarn_rows_column_count(const tarn_rows *rows);
/** Borrowed until the rows are freed. */
TARN_API const char *tarn_rows_column_name(const tarn_rows *rows, size_t col);
/** The column's type; cells may be NULL besides. */
TARN_API tarn_type tarn_rows_column_type(const tarn_rows *rows, size_t col);
/** Are the column's values bare numbers: INT64, DOUBLE, and TEXT that holds
 * decimals or integers wider than 64 bits, digits exact? */
TARN_API bool tarn_rows_is_number(const tarn_rows *rows, size_t col);
/** @return TARN_ROW on a row, TARN_OK after the last, else a failure. */
TARN_API TARN_MUST_CHECK tarn_status tarn_rows_next(
    tarn_rows *rows, tarn_error *err);
TARN_API bool tarn_rows_is_null(const tarn_rows *rows, size_t col);
/** 0 when NULL or not a number; booleans are 0 and 1, times microseconds. */
TARN_API int64_t tarn_rows_int64(const tarn_rows *rows, size_t col);
TARN_API double tarn_rows_double(const tarn_rows *rows, size_t col);
/** The cell as text, NULL when SQL NULL; NUL-terminated; borrowed until the
 * next call of tarn_rows_next() or tarn_rows_free(). */
TARN_API const char *tarn_rows_text(tarn_rows *rows, size_t col);
/** The cell's bytes, for text with NULs and blobs; as tarn_rows_text(). */
TARN_API tarn_slice tarn_rows_bytes(tarn_rows *rows, size_t col);
TARN_API void tarn_rows_free(tarn_rows *rows);

#ifdef __cplusplus
}
#endif
#endif
