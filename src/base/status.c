#include <stddef.h>
#include <string.h>
#include <tarn/base.h>

tarn_slice tarn_str(const char *s)
{
    tarn_slice slice = {s, s == NULL ? 0 : strlen(s)};
    return slice;
}

int tarn_exit_code(tarn_status status)
{
    switch (status) {
    case TARN_OK:
    case TARN_ROW:
        return 0;
    case TARN_FAILED:
    case TARN_NO_MEMORY:
    case TARN_IO:
    case TARN_UNKNOWN:
        return 1;
    case TARN_INVALID:
        return 2;
    case TARN_NOT_FOUND:
        return 3;
    case TARN_EXISTS:
    case TARN_CONFLICT:
        return 4;
    case TARN_BAD_INPUT:
        return 5;
    case TARN_LOCKED:
        return 6;
    case TARN_CORRUPT:
        return 7;
    case TARN_INTERRUPTED:
        return 130;
    }
    return 1;
}

const char *tarn_status_name(tarn_status status)
{
    switch (status) {
    case TARN_OK:
        return "ok";
    case TARN_ROW:
        return "row";
    case TARN_FAILED:
        return "failed";
    case TARN_NO_MEMORY:
        return "out of memory";
    case TARN_IO:
        return "i/o error";
    case TARN_UNKNOWN:
        return "outcome unknown";
    case TARN_INVALID:
        return "bad arguments";
    case TARN_NOT_FOUND:
        return "not found";
    case TARN_EXISTS:
        return "already there";
    case TARN_CONFLICT:
        return "conflict";
    case TARN_BAD_INPUT:
        return "bad input";
    case TARN_LOCKED:
        return "locked";
    case TARN_CORRUPT:
        return "corrupt";
    case TARN_INTERRUPTED:
        return "interrupted";
    }
    return "unknown status";
}

const char *tarn_version(void)
{
    return TARN_VERSION_STRING;
}
