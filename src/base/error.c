#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* s[len] was cut off at len: take away a last code point that lost its tail. */
static void trim_code_point(char *s, size_t len)
{
    size_t tail = 0; /* continuation bytes at the end */
    while (tail < 3 && tail + 1 < len &&
        ((unsigned char)s[len - 1 - tail] & 0xC0) == 0x80)
        tail++;
    size_t first = len - 1 - tail;
    unsigned char lead = (unsigned char)s[first];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (want > tail + 1)
        s[first] = '\0';
}

/* vsnprintf() that cuts on a code point. */
static void vformat(char *out, size_t size, const char *fmt, va_list args)
{
    int n = vsnprintf(out, size, fmt, args);
    if (n < 0)
        out[0] = '\0';
    else if ((size_t)n >= size)
        trim_code_point(out, size - 1);
}

static void TARN_PRINTF(3, 4)
    format(char *out, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vformat(out, size, fmt, args);
    va_end(args);
}

/* One line, and nothing that drives a terminal. */
static void flatten(char *s)
{
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < 0x20 || c == 0x7F)
            *s = ' ';
    }
}

static tarn_status fill(tarn_error *err, tarn_status code, tarn_origin origin,
    int origin_code, const char *message)
{
    if (err == NULL)
        return code;
    err->code = code;
    err->origin = origin;
    err->origin_code = origin_code;
    format(err->message, sizeof(err->message), "%s", message);
    flatten(err->message);
    return code;
}

tarn_status tarn__fail(tarn_error *err, tarn_status code, const char *fmt, ...)
{
    /* Formatted aside, because an argument may be err->message itself. */
    char message[TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vformat(message, sizeof(message), fmt, args);
    va_end(args);
    return fill(err, code, TARN_ORIGIN_SELF, 0, message);
}

static tarn_status status_of_errno(int os_errno)
{
    switch (os_errno) {
    case ENOENT:
    case ENOTDIR:
        return TARN_NOT_FOUND;
    case EEXIST:
        return TARN_EXISTS;
    case ENOMEM:
        return TARN_NO_MEMORY;
    default:
        return TARN_IO;
    }
}

static const char *mend_of_errno(int os_errno)
{
    switch (os_errno) {
    case ENOSPC:
        return " (free some space on that file system)";
    case EDQUOT:
        return " (free some space, or have the quota raised)";
    case EROFS:
        return " (mount it writable, or use another place)";
    case EACCES:
        return " (check the owner and the permissions)";
    case EMFILE:
        return " (raise the limit of open files: ulimit -n)";
    default:
        return "";
    }
}

tarn_status tarn__fail_os(tarn_error *err, int os_errno, const char *fmt, ...)
{
    char reason[160];
    format(reason, sizeof(reason), ": %s%s", strerror(os_errno),
        mend_of_errno(os_errno));
    /* The reason is always kept whole; the context gives way. */
    char context[TARN_ERROR_MESSAGE_BYTES - sizeof(reason)];
    va_list args;
    va_start(args, fmt);
    vformat(context, sizeof(context), fmt, args);
    va_end(args);
    char message[TARN_ERROR_MESSAGE_BYTES];
    format(message, sizeof(message), "%s%s", context, reason);
    return fill(
        err, status_of_errno(os_errno), TARN_ORIGIN_OS, os_errno, message);
}

tarn_status tarn__no_memory(tarn_error *err)
{
    return fill(err, TARN_NO_MEMORY, TARN_ORIGIN_SELF, 0,
        "out of memory (allow the process more)");
}

void tarn__error_prefix(tarn_error *err, const char *fmt, ...)
{
    if (err == NULL)
        return;
    char context[TARN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, fmt);
    vformat(context, sizeof(context), fmt, args);
    va_end(args);
    char old[TARN_ERROR_MESSAGE_BYTES];
    memcpy(old, err->message, sizeof(old));
    format(err->message, sizeof(err->message), "%s: %s", context, old);
    flatten(err->message);
}
