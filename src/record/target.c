/* What a call is about, kept for the runs of its step. */
#include "base/error.h"
#include "record/record_internal.h"

static tarn_status copy(char **out, const char *text, tarn_error *err)
{
    *out = text != NULL ? tarn__strdup(text) : NULL;
    return text == NULL || *out != NULL ? TARN_OK : tarn__no_memory(err);
}

tarn_status tarn__record_target_init(tarn__record_target *t,
    const tarn_record_options *options, const char *record, const char *table,
    tarn_error *err)
{
    tarn_slice tenant;

    *t = (tarn__record_target){NULL, NULL, NULL};
    tarn_status st = tarn__record_tenant(options, &tenant, err);
    if (st == TARN_OK)
        st = copy(&t->tenant, tenant.ptr, err);
    if (st == TARN_OK)
        st = copy(&t->record, record, err);
    if (st == TARN_OK)
        st = copy(&t->table, table, err);
    return st;
}

void tarn__record_target_reset(tarn__record_target *t)
{
    tarn__free(t->tenant);
    tarn__free(t->record);
    tarn__free(t->table);
}
