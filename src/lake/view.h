/* The key view as a handle: closed, open for reading, open for writing, or in
 * memory.  It may be closed and reopened under its readers: they hold registered
 * iterators, which closing destroys and the next use makes anew.
 *
 *              open_read          close
 *   CLOSED ───────────────▶ READ ───────▶ CLOSED
 *   CLOSED ── open_write ─▶ WRITE ─ close ▶ CLOSED
 *   MEMORY (for life: a memory lake; else: no view on a read-only medium)
 *
 * Versions only grow from one opening to the next, so that whatever a snapshot
 * could see it still sees. */
#ifndef TARN_LAKE_VIEW_H
#define TARN_LAKE_VIEW_H

#include "lake/versioned.h"
#include "os/threads.h"

typedef enum tarn__view_mode {
    TARN__VIEW_CLOSED,
    TARN__VIEW_READ,
    TARN__VIEW_WRITE,
    TARN__VIEW_MEMORY
} tarn__view_mode;

/* The log version that the view holds, and the hash of that version's log file
 * (I7).  version -1: nothing applied.  excess: the view holds history that gc
 * has taken out of the log, or is about to; it is to be made anew (I3). */
typedef struct tarn__applied {
    int64_t version;
    uint8_t sha256[TARN__SHA256_BYTES];
    bool excess;
    int64_t horizon; /* what was below it was not in the log any more */
} tarn__applied;
#define TARN__APPLIED_INIT \
    {                      \
        -1, {0}, false, 0  \
    }

typedef struct tarn__view_iter {
    struct tarn__view *view;
    tarn__family family;
    bool same_prefix;
    bool scans; /* a long way: set after tarn__view_iter_init() */
    tarn__rocks_iter *it; /* NULL when closed under it */
    struct tarn__view_iter *prev, *next;
} tarn__view_iter;

typedef struct tarn__view {
    pthread_rwlock_t lock; /* read: using db or maps; write: changing mode */
    tarn__view_mode mode;
    bool memory;                      /* a memory lake's: MEMORY for life */
    const tarn__rocks_options *rocks; /* tarn__view_rocks; less in a test */
    tarn__rocks *db;
    tarn__applied applied;
    /* MEMORY: everything.  READ: the log's tail beyond `applied`, when nobody
     * may write it to disk; else NULL. */
    tarn__ordmap *maps[TARN__FAMILY_COUNT];
    int64_t tail_version; /* of maps; -1 none */
    /* Rises whenever db or maps are others: positions in them are lost. */
    uint64_t generation;
    pthread_mutex_t iters_lock;
    tarn__view_iter *iters;
} tarn__view;

TARN_MUST_CHECK tarn_status tarn__view_init(
    tarn__view *view, bool memory, tarn_error *err);
void tarn__view_free(tarn__view *view);

/* The write side of the rwlock is taken inside.  gate_path may not exist on a
 * read-only file system. */
TARN_MUST_CHECK tarn_status tarn__view_open_read(
    tarn__view *view, const char *path, const char *gate_path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__view_open_write(
    tarn__view *view, const char *path, const char *gate_path, tarn_error *err);
/* Flushes a large WAL, compacts a tall level 0, lets obsolete files go when the
 * gate is free. */
void tarn__view_close(tarn__view *view, const char *gate_path);
/* Let obsolete files go if the gate is free; after a commit. */
void tarn__view_release_files(tarn__view *view, const char *gate_path);

void tarn__view_iter_init(tarn__view_iter *vi, tarn__view *view,
    tarn__family family, bool same_prefix);
/* Under the read side of view->lock: the iterator, made when needed; its
 * position is lost when the view's generation has risen. */
TARN_MUST_CHECK tarn_status tarn__view_iter_use(
    tarn__view_iter *vi, tarn_error *err);
void tarn__view_iter_free(tarn__view_iter *vi);

/* Families of the key view for RocksDB. */
extern const tarn__rocks_options tarn__view_rocks;

/* The newest version that the view answers for; under the read side of
 * view->lock, or with no other thread. */
int64_t tarn__view_reach(const tarn__view *view);
/* What readers may see from now on. */
void tarn__view_set_applied(tarn__view *view, const tarn__applied *applied);

/* Durably: the history below the horizon is about to leave the log, and with it
 * this view.  Open for writing. */
TARN_MUST_CHECK tarn_status tarn__view_mark_excess(
    tarn__view *view, tarn_error *err);

/* META entries. */
TARN_MUST_CHECK tarn_status tarn__applied_read(
    tarn__rocks *db, tarn__applied *out, tarn_error *err);
void tarn__applied_put(
    tarn__rocks_batch *batch, tarn__rocks *db, const tarn__applied *applied);

#endif
