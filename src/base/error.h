/* Filling in tarn_error.  See include/tarn/base.h for the codes. */
#ifndef TARN_BASE_ERROR_H
#define TARN_BASE_ERROR_H

#include <tarn/base.h>

/* Set `err` (may be NULL) and return `code`.  Newlines in the formatted text
 * become spaces; text beyond the limit is cut on a code point. */
TARN_MUST_CHECK tarn_status tarn__fail(
    tarn_error *err, tarn_status code, const char *fmt, ...) TARN_PRINTF(3, 4);

/* The same for an errno: ENOENT is TARN_NOT_FOUND, EEXIST TARN_EXISTS, ENOMEM
 * TARN_NO_MEMORY, all others TARN_IO; ": REASON (MEND)" is added, with a mend
 * for ENOSPC, EDQUOT, EROFS, EACCES, EMFILE. */
TARN_MUST_CHECK tarn_status tarn__fail_os(
    tarn_error *err, int os_errno, const char *fmt, ...) TARN_PRINTF(3, 4);

/* Out of memory.  Never allocates. */
TARN_MUST_CHECK tarn_status tarn__no_memory(tarn_error *err);

/* Put "CONTEXT: " before the message that err already holds. */
void tarn__error_prefix(tarn_error *err, const char *fmt, ...)
    TARN_PRINTF(2, 3);

#endif
