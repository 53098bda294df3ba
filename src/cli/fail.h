/* Errors of the command's own. */
#ifndef TARN_CLI_FAIL_H
#define TARN_CLI_FAIL_H

#include <tarn/base.h>

/* Fill `err` with one line, and return `code`. */
TARN_MUST_CHECK tarn_status tarn__cli_fail(
    tarn_error *err, tarn_status code, const char *fmt, ...) TARN_PRINTF(3, 4);
/* The same for an errno: ": REASON" is added; ENOENT is TARN_NOT_FOUND, EEXIST
 * TARN_EXISTS, EINTR TARN_INTERRUPTED, all others TARN_IO. */
TARN_MUST_CHECK tarn_status tarn__cli_fail_os(
    tarn_error *err, int os_errno, const char *fmt, ...) TARN_PRINTF(3, 4);
TARN_MUST_CHECK tarn_status tarn__cli_fail_interrupted(tarn_error *err);
/* Put "CONTEXT: " before the message that err holds. */
void tarn__cli_prefix(tarn_error *err, const char *fmt, ...) TARN_PRINTF(2, 3);

#endif
