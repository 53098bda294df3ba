#include "cli/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <tarn/text.h>

/* One line that drives no terminal, of as many whole code points as fit. */
static tarn_status fill(tarn_error *err, tarn_status code, tarn_origin origin,
    int origin_code, const char *message)
{
    err->code = code;
    err->origin = origin;
    err->origin_code = origin_code;
    size_t len = tarn_text_cut(tarn_str(message), sizeof(err->message) - 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)message[i];
        err->message[i] = c < 0x20 || c == 0x7F ? ' ' : message[i];
    }
    err->message[len] = '\0';
    return code;
}

tarn_status tarn__cli_fail(
    tarn_error *err, tarn_status code, const char *fmt, ...)
{
    char message[2 * TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof(message), fmt, args);
    va_end(args);
    return fill(err, code, TARN_ORIGIN_SELF, 0, message);
}

static tarn_status status_of(int os_errno)
{
    switch (os_errno) {
    case ENOENT:
    case ENOTDIR:
        return TARN_NOT_FOUND;
    case EEXIST:
        return TARN_EXISTS;
    case EINTR:
        return TARN_INTERRUPTED;
    default:
        return TARN_IO;
    }
}

tarn_status tarn__cli_fail_os(
    tarn_error *err, int os_errno, const char *fmt, ...)
{
    if (os_errno == EINTR)
        return tarn__cli_fail_interrupted(err);
    char what[2 * TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    char message[sizeof(what) + 100];
    (void)snprintf(
        message, sizeof(message), "%s: %s", what, strerror(os_errno));
    return fill(err, status_of(os_errno), TARN_ORIGIN_OS, os_errno, message);
}

tarn_status tarn__cli_fail_interrupted(tarn_error *err)
{
    return fill(err, TARN_INTERRUPTED, TARN_ORIGIN_SELF, 0,
        "interrupted: nothing was committed");
}

void tarn__cli_prefix(tarn_error *err, const char *fmt, ...)
{
    char what[TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    char message[2 * TARN_ERROR_MESSAGE_BYTES + 3];
    (void)snprintf(message, sizeof(message), "%s: %s", what, err->message);
    (void)fill(err, err->code, err->origin, err->origin_code, message);
}
