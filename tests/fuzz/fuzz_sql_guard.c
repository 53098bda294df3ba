/* Any text as a statement: what the guard lets through comes back from DuckDB as
 * text that names the same data, or is refused then. */
#include <stdlib.h>
#include <string.h>

#include "query/query_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* The statement's tree as text again; NULL when it was refused. */
static char *guarded(tarn__duck *duck, const char *sql, tarn__guard *guard)
{
    json_t *tree = NULL;
    char *back = NULL;
    *guard = (tarn__guard){0};
    if (tarn__duck_parse(duck, sql, &tree, NULL) == TARN_OK &&
        tarn__guard_run(guard, tree, NULL, 0, NULL) == TARN_OK)
        (void)!tarn__duck_unparse(duck, tree, &back, NULL);
    json_decref(tree);
    return back;
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
    tarn__guard first;
    tarn__guard second = {0};
    char *once = guarded(duck, sql, &first);
    char *twice = once == NULL ? NULL : guarded(duck, once, &second);
    /* Once written by DuckDB, a statement does not change any more. */
    if (twice != NULL && tarn__guard_same(&first, &second)) {
        tarn__guard third;
        char *thrice = guarded(duck, twice, &third);
        if (thrice != NULL && !tarn__guard_same(&second, &third))
            abort();
        tarn__guard_reset(&third);
        tarn__free(thrice);
    }
    tarn__guard_reset(&first);
    tarn__guard_reset(&second);
    tarn__free(once);
    tarn__free(twice);
    free(sql);
    return 0;
}
