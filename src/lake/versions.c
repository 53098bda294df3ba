/* What a lake is written by. */
#include <string.h>

#include "duck/duck.h"
#include "lake/lake_internal.h"

int tarn_format_version(void)
{
    return TARN__FORMAT_VERSION;
}

const char *tarn_engine_version(const char *engine)
{
    if (strcmp(engine, "duckdb") == 0)
        return tarn__duck_version();
    /* Its C interface does not tell: that of the build. */
    if (strcmp(engine, "rocksdb") == 0)
        return TARN_ROCKSDB_VERSION;
    return NULL;
}
