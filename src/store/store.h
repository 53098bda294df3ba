/* A store's engine, for the rooms above. */
#ifndef TARN_STORE_STORE_H
#define TARN_STORE_STORE_H

#include <tarn/store.h>

#include "duck/duck.h"
#include "os/scratch.h"

/* Borrowed until the store is closed; NULL when it is. */
tarn__duck *tarn__store_duck(tarn_store *store);
uint64_t tarn__store_memory(const tarn_store *store); /* its limit */
int tarn__store_threads(const tarn_store *store);     /* at least 1 */
/* A fresh path in a folder of the store's own that is gone with it; the folder
 * is made when first needed.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__store_temp_name(
    tarn_store *store, const char *suffix, char **out, tarn_error *err);
/* A scratch folder that is gone with the process; leftovers of dead processes
 * go first.  parent NULL: ~/.tarn/tmp. */
TARN_MUST_CHECK tarn_status tarn__store_scratch(
    tarn__scratch *scratch, const char *parent, tarn_error *err);
void tarn__store_scratch_close(tarn__scratch *scratch);

#endif
