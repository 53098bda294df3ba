/* Any bytes as a path: what comes out is clean, and clean text stays. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tree/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(tarn_slice path)
{
    if (path.ptr[0] != '/' || !tarn__utf8_valid(path))
        abort();
    tarn__parts parts = tarn__parts_of(path);
    tarn_slice name;
    size_t len = 0;
    while (tarn__parts_next(&parts, &name)) {
        if (tarn__name_check(name, NULL) != TARN_OK)
            abort();
        len += 1 + name.len;
    }
    if (path.len != (len > 0 ? len : 1))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tarn_slice path = {(const char *)data, size};
    tarn_buf once = TARN_BUF_INIT;
    tarn_buf twice = TARN_BUF_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = tarn__path_clean(path, &once, &err);
    if (st == TARN_OK) {
        tarn_slice clean = {once.ptr, once.len};
        check_clean(clean);
        if (tarn__path_clean(clean, &twice, NULL) != TARN_OK ||
            twice.len != once.len || memcmp(twice.ptr, once.ptr, once.len) != 0)
            abort();
        if (tarn__path_name(clean).len > TARN__NAME_MAX_BYTES)
            abort();
    } else if (st != TARN_INVALID || err.message[0] == '\0') {
        abort();
    }
    tarn_buf_reset(&once);
    tarn_buf_reset(&twice);
    return 0;
}
