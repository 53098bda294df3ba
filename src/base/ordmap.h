/* An ordered map from bytes to bytes in one arena (a skip list): the overlay of
 * a transaction and the memory backend.  Keys compare as memcmp does.  Any
 * number of threads may read while none puts. */
#ifndef TARN_BASE_ORDMAP_H
#define TARN_BASE_ORDMAP_H

#include <tarn/base.h>

typedef struct tarn__ordmap tarn__ordmap;
typedef struct tarn__ordnode tarn__ordnode; /* a position; stable for life */

TARN_MUST_CHECK tarn_status tarn__ordmap_create(
    tarn__ordmap **out, tarn_error *err);
/* Copies both; replaces the value of an equal key, in its place when it fits:
 * a borrowed value lives until the next put of its key, a borrowed key as long
 * as the map.  On failure nothing has changed. */
TARN_MUST_CHECK tarn_status tarn__ordmap_put(
    tarn__ordmap *map, tarn_slice key, tarn_slice value, tarn_error *err);
bool tarn__ordmap_get(
    const tarn__ordmap *map, tarn_slice key, tarn_slice *value);
/* First position with key >= `key`, last with key < `key`; NULL when none. */
const tarn__ordnode *tarn__ordmap_seek(const tarn__ordmap *map, tarn_slice key);
const tarn__ordnode *tarn__ordmap_before(
    const tarn__ordmap *map, tarn_slice key);
const tarn__ordnode *tarn__ordnode_next(const tarn__ordnode *node);
tarn_slice tarn__ordnode_key(const tarn__ordnode *node);
tarn_slice tarn__ordnode_value(const tarn__ordnode *node);
size_t tarn__ordmap_bytes(const tarn__ordmap *map); /* memory in use */
size_t tarn__ordmap_count(const tarn__ordmap *map);
void tarn__ordmap_free(tarn__ordmap *map);

#endif
