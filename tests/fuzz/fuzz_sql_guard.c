/* Any text as a statement: what the guard lets through comes back from DuckDB
 * as text that it lets through too, with the same references. */
#include <stdlib.h>
#include <string.h>

#include "query/query_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static tarn_status guard(
    tarn__duck *duck, const char *sql, size_t *refs, char **back)
{
    json_t *tree = NULL;
    tarn__guard g = {0};
    *back = NULL;
    *refs = 0;
    tarn_status st = tarn__duck_parse(duck, sql, &tree, NULL);
    if (st == TARN_OK) {
        st = tarn__guard_run(&g, tree, NULL, 0, NULL);
        *refs = g.ref_count;
        /* What SHOW TABLES becomes is never put back as it stands. */
        for (size_t i = 0; i < g.ref_count; i++)
            if (g.refs[i].kind == TARN__REF_LISTING)
                st = TARN_BAD_INPUT;
        if (st == TARN_OK)
            st = tarn__duck_unparse(duck, tree, back, NULL);
        tarn__guard_reset(&g);
    }
    json_decref(tree);
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static tarn__duck *duck;
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    options.external_access = false;
    options.threads = 1;
    if (duck == NULL && tarn__duck_open(&options, &duck, NULL) != TARN_OK)
        abort();
    char *sql = malloc(len + 1);
    if (sql == NULL)
        return 0;
    memcpy(sql, bytes, len);
    sql[len] = '\0';
    char *once;
    char *twice;
    size_t refs;
    size_t again;
    if (guard(duck, sql, &refs, &once) == TARN_OK) {
        if (guard(duck, once, &again, &twice) != TARN_OK || refs != again)
            abort();
        tarn__free(twice);
    }
    tarn__free(once);
    free(sql);
    return 0;
}
