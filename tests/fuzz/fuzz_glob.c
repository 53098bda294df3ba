/* A pattern, a newline, a path: both ways of matching give the same answer, and
 * neither reads beyond its text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tree/glob.h"
#include "tree/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool by_steps(const tarn__glob *glob, const char *path)
{
    tarn__glob_set set = tarn__glob_start(glob);
    tarn__parts parts = tarn__parts_of(tarn_str(path));
    tarn_slice name;
    bool whole;
    while (tarn__parts_next(&parts, &name)) {
        (void)tarn__glob_literal(glob, &set, &whole);
        set = tarn__glob_next(glob, &set, name, false);
    }
    return tarn__glob_done(glob, &set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = size > 0 ? memchr(data, '\n', size) : NULL;
    if (line == NULL)
        return 0;
    size_t pattern_len = (size_t)(line - data);
    char *pattern = tarn__strndup((const char *)data, pattern_len);
    char *path = tarn__strndup((const char *)line + 1, size - pattern_len - 1);
    tarn__glob glob = TARN__GLOB_INIT;
    if (pattern == NULL || path == NULL)
        abort();
    bool at_once = tarn__glob_match(pattern, path);
    if (tarn__glob_init(&glob, tarn_str(pattern), NULL) == TARN_OK &&
        by_steps(&glob, path) != at_once)
        abort();
    tarn__glob_reset(&glob);
    tarn__free(pattern);
    tarn__free(path);
    return 0;
}
