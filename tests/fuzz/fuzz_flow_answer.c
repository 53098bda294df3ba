/* A way, a newline, an answer of a service: what is given out are values of the
 * answer, each of them JSON; and in the way, read as SQL, no parameter stands
 * outside of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_scan.h"
#include "base/memory.h"
#include "flow/driver/http_call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static tarn_status take(void *ctx, tarn_slice value, tarn_error *err)
{
    const tarn_slice *answer = ctx;
    tarn__json_scan s = tarn__json_scan_of(value);
    tarn__json_scan_value found;
    (void)err;
    if (value.ptr < answer->ptr ||
        value.ptr + value.len > answer->ptr + answer->len ||
        !tarn__json_scan_next(&s, &found) || !tarn__json_scan_end(&s))
        abort();
    return TARN_OK;
}

static void look_for_parameters(const char *sql)
{
    static const tarn__db_class classes[] = {
        {.backslash = true}, {.dollar = true}, {.quote = '"'}};
    size_t len = strlen(sql);
    for (size_t i = 0; i < 6; i++) {
        tarn__db_parameter p;
        size_t at = 0;
        size_t before = 0;
        while (tarn__db_parameter_next(&classes[i % 3], sql, i >= 3, &at, &p)) {
            if (p.at < before || p.at + p.len > len || at <= before)
                abort();
            before = at;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    bool found;
    char *text = NULL;
    if (line == NULL)
        return 0;
    size_t len = (size_t)(line - data);
    char *path = tarn__strndup((const char *)data, len);
    char *copy = tarn__strndup((const char *)line + 1, size - len - 1);
    if (path == NULL || copy == NULL)
        abort();
    tarn_slice answer = {copy, size - len - 1};
    tarn__json_scan s = tarn__json_scan_of(answer);
    tarn__json_scan_value value;
    look_for_parameters(path);
    if (tarn__json_scan_next(&s, &value) && tarn__json_scan_end(&s)) {
        if (tarn__json_path_each(answer, path, &found, take, &answer, NULL) !=
                TARN_OK ||
            tarn__json_path_text(answer, path, &text, NULL) != TARN_OK)
            abort();
        tarn__free(text);
    }
    tarn__free(path);
    tarn__free(copy);
    return 0;
}
