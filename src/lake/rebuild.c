/* tarn_lake_rebuild(): views made anew. */
#include <string.h>

#include "lake/lake_internal.h"

tarn_status tarn_lake_rebuild(
    tarn_lake *lake, const char *what, tarn_error *err)
{
    bool all = what == NULL || strcmp(what, "all") == 0;
    bool key = all || strcmp(what, "key") == 0;

    if (!key && strcmp(what, "column") != 0 && strcmp(what, "vector") != 0)
        return tarn__fail(err, TARN_INVALID,
            "rebuild %s: no such view (give key, column, vector or all)", what);
    tarn_status st = tarn__lake_usable(lake, true, err);
    if (st != TARN_OK || lake->memory || !key)
        return st;
    st = tarn__writer_take(lake, lake->options.wait_us, err);
    if (st != TARN_OK)
        return st;
    st = tarn__rebuild_key(lake, err);
    tarn__writer_give(lake);
    return st;
}
