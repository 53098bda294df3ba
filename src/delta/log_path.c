/* Paths as the log spells them: URIs relative to the table. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "delta/delta_internal.h"

static tarn_status percent_decode(
    const char *text, const char *where, char *out, tarn_error *err)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '%') {
            if (strlen(text) < 3 || !tarn__unhex(text + 1, 2, &byte) ||
                byte == 0)
                return tarn__fail(err, TARN_CORRUPT,
                    "%s: path %.200s: no percent-encoding", where, text);
            text += 2;
        }
        *out++ = (char)byte;
    }
    *out = '\0';
    return TARN_OK;
}

/* "scheme:": letters, digits, '+', '-', '.' before a colon, no slash. */
static bool has_scheme(const char *text)
{
    size_t len = strspn(text,
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return len > 0 && text[len] == ':';
}

/* Every part between slashes is a name. */
static bool parts_are_names(const char *path)
{
    for (;;) {
        size_t len = strcspn(path, "/");
        if (len == 0 || (len == 1 && path[0] == '.') ||
            (len == 2 && path[0] == '.' && path[1] == '.'))
            return false;
        if (path[len] == '\0')
            return true;
        path += len + 1;
    }
}

tarn_status tarn__log_path_decode(
    const char *text, const char *where, char **out, tarn_error *err)
{
    *out = NULL;
    if (text[0] == '/' || has_scheme(text))
        return tarn__fail(err, TARN_CORRUPT,
            "%s: path %.200s leads out of the table: only relative paths are "
            "taken",
            where, text);
    char *path = tarn__malloc(strlen(text) + 1);
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = percent_decode(text, where, path, err);
    if (st == TARN_OK && !parts_are_names(path))
        st = tarn__fail(err, TARN_CORRUPT,
            "%s: path %.200s is not one beneath the table", where, text);
    if (st == TARN_OK && !tarn__utf8_valid(tarn_str(path)))
        st = tarn__fail(
            err, TARN_CORRUPT, "%s: path %.200s is not UTF-8", where, text);
    if (st != TARN_OK) {
        tarn__free(path);
        return st;
    }
    *out = path;
    return TARN_OK;
}

tarn_status tarn__log_path_encode(
    tarn_buf *out, const char *path, tarn_error *err)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-._~/=+,@()!$&";
    tarn_status st = TARN_OK;
    for (; st == TARN_OK && *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL)
            st = tarn__buf_char(out, *path, err);
        else
            st = tarn__buf_printf(out, err, "%%%02X", (unsigned char)*path);
    }
    return st;
}
