/* RocksDB tells what went wrong in a text that begins with the kind. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "rocks/rocks_internal.h"

static tarn_status kind_of(const char *text)
{
    if (tarn__starts_with(text, "Corruption"))
        return TARN_CORRUPT;
    if (tarn__starts_with(text, "NotFound"))
        return TARN_NOT_FOUND;
    if (tarn__starts_with(text, "Invalid argument"))
        return TARN_INVALID;
    if (!tarn__starts_with(text, "IO error"))
        return TARN_FAILED;
    if (strstr(text, "/LOCK: ") != NULL)
        return TARN_LOCKED;
    if (strstr(text, "No such file or directory") == NULL)
        return TARN_IO;
    /* Without CURRENT there is no database; without any other file there is
     * one with a part missing. */
    return strstr(text, "/CURRENT") != NULL ? TARN_NOT_FOUND : TARN_CORRUPT;
}

static const char *mend_of(tarn_status code, const char *text)
{
    if (code == TARN_LOCKED)
        return " (it is already open for writing)";
    if (strstr(text, "No space left on device") != NULL)
        return " (free some space on that disk)";
    if (strstr(text, "Too many open files") != NULL)
        return " (raise the limit on open files, ulimit -n)";
    return "";
}

tarn_status tarn__rocks_check(char **text, const char *path, tarn_error *err)
{
    if (*text == NULL)
        return TARN_OK;
    tarn_status code = kind_of(*text);
    tarn_status st = tarn__fail(
        err, code, "database %s: %s%s", path, *text, mend_of(code, *text));
    if (err != NULL)
        err->origin = TARN_ORIGIN_ROCKSDB;
    rocksdb_free(*text);
    *text = NULL;
    return st;
}
