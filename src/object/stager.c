/* Streaming content into the scratch folder.
 *
 * Two pieces of memory take turns.  When one is full, the hasher's thread gets
 * it, and the caller's thread writes the same bytes to the file and then fills
 * the other; it waits only where hashing is the slower half.
 *
 *   filling --full--> hashed and written --both done--> filling
 *
 * H1 `job` is NULL or the piece that the hasher reads; nobody writes to it.
 * H2 Without a thread (small content, or none to be had) the caller hashes. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "object/object_internal.h"
#include "os/durable.h"
#include "os/threads.h"

#define HINT_BYTES ((uint64_t)8 << 20)
/* What a large content leaves in the machine's cache: its newest part.  All of
 * it would push out what others read, and memory that the cache has never used
 * is several times slower to fill than pages that it has just let go.  What is
 * still being written out is passed over, and seen again the next time. */
#define KEEP_BYTES ((uint64_t)64 << 20)
#define FORGET_BYTES ((uint64_t)256 << 20)

struct tarn__stager {
    bool parquet;
    tarn__file file;
    tarn__sha256 *sha;
    unsigned char *pieces[2]; /* the second is there with the thread */
    int current;
    size_t used; /* of the current piece */
    uint64_t written;
    uint64_t hinted;

    bool threaded;
    pthread_t thread;
    pthread_cond_t changed;
    tarn__mutex mutex; /* guards what follows */
    const unsigned char *job;
    size_t job_len;
    bool stop;
};

static void *hash_jobs(void *arg)
{
    tarn__stager *s = arg;
    tarn__mutex_lock(&s->mutex);
    for (;;) {
        while (s->job == NULL && !s->stop)
            (void)pthread_cond_wait(&s->changed, &s->mutex);
        if (s->job == NULL)
            break;
        tarn__mutex_unlock(&s->mutex);
        tarn__sha256_update(s->sha, s->job, s->job_len);
        tarn__mutex_lock(&s->mutex);
        s->job = NULL;
        (void)pthread_cond_broadcast(&s->changed);
    }
    tarn__mutex_unlock(&s->mutex);
    return NULL;
}

static void start_thread(tarn__stager *s)
{
    s->pieces[1] = tarn__malloc(TARN__OBJECT_PIECE_BYTES);
    if (s->pieces[1] == NULL)
        return;
    tarn__mutex_init(&s->mutex);
    (void)pthread_cond_init(&s->changed, NULL);
    if (pthread_create(&s->thread, NULL, hash_jobs, s) == 0) {
        s->threaded = true;
        return;
    }
    (void)pthread_cond_destroy(&s->changed);
    tarn__mutex_free(&s->mutex);
    tarn__free(s->pieces[1]);
    s->pieces[1] = NULL;
}

/* The hasher has done all that it was given when this returns. */
static void stop_thread(tarn__stager *s)
{
    if (!s->threaded)
        return;
    tarn__mutex_lock(&s->mutex);
    s->stop = true;
    (void)pthread_cond_broadcast(&s->changed);
    tarn__mutex_unlock(&s->mutex);
    (void)pthread_join(s->thread, NULL);
    (void)pthread_cond_destroy(&s->changed);
    tarn__mutex_free(&s->mutex);
    s->threaded = false;
}

/* Give the current piece to the hasher as soon as it is done with the other. */
static void submit(tarn__stager *s)
{
    tarn__mutex_lock(&s->mutex);
    while (s->job != NULL)
        (void)pthread_cond_wait(&s->changed, &s->mutex);
    s->job = s->pieces[s->current];
    s->job_len = s->used;
    (void)pthread_cond_broadcast(&s->changed);
    tarn__mutex_unlock(&s->mutex);
}

static void hint(tarn__stager *s)
{
    tarn__file_flush_hint(&s->file, s->hinted, s->written - s->hinted);
    s->hinted = s->written;
    if (s->written < 2 * KEEP_BYTES)
        return;
    uint64_t end = s->written - KEEP_BYTES;
    uint64_t at = end > FORGET_BYTES ? end - FORGET_BYTES : 0;
    tarn__file_forget_hint(&s->file, at, end - at);
}

static tarn_status flush(tarn__stager *s, tarn_error *err)
{
    if (s->used == 0)
        return TARN_OK;
    const unsigned char *piece = s->pieces[s->current];
    if (s->threaded)
        submit(s);
    else
        tarn__sha256_update(s->sha, piece, s->used);
    tarn_status st = tarn__file_write(&s->file, piece, s->used, err);
    if (st != TARN_OK)
        return st;
    s->written += s->used;
    s->used = 0;
    if (s->threaded)
        s->current = 1 - s->current;
    if (s->written - s->hinted >= HINT_BYTES)
        hint(s);
    return TARN_OK;
}

/* Everything but the file on the disk. */
static void stager_free(tarn__stager *s)
{
    stop_thread(s);
    tarn__sha256_free(s->sha);
    tarn__free(s->pieces[0]);
    tarn__free(s->pieces[1]);
    tarn__file_close(&s->file);
    tarn__free(s);
}

tarn_status tarn__stager_open(
    tarn__scratch *scratch, bool parquet, tarn__stager **out, tarn_error *err)
{
    static const tarn__file closed = TARN__FILE_INIT;
    *out = NULL;
    tarn__stager *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
    s->file = closed;
    s->parquet = parquet;
    s->pieces[0] = tarn__malloc(TARN__OBJECT_PIECE_BYTES);
    char *path = tarn__scratch_name(scratch, parquet ? ".parquet" : "");
    tarn_status st = s->pieces[0] == NULL || path == NULL
        ? tarn__no_memory(err)
        : tarn__sha256_create(&s->sha, err);
    if (st == TARN_OK)
        st = tarn__file_open(&s->file, path, TARN__OPEN_CREATE, err);
    tarn__free(path);
    if (st != TARN_OK) {
        stager_free(s);
        return st;
    }
    *out = s;
    return TARN_OK;
}

tarn_status tarn__stager_write(
    tarn__stager *s, const void *ptr, size_t len, tarn_error *err)
{
    const unsigned char *from = ptr;
    while (len > 0) {
        if (s->used == TARN__OBJECT_PIECE_BYTES) {
            if (!s->threaded && s->written == 0)
                start_thread(s);
            tarn_status st = flush(s, err);
            if (st != TARN_OK)
                return st;
        }
        size_t room = TARN__OBJECT_PIECE_BYTES - s->used;
        size_t take = len < room ? len : room;
        memcpy(s->pieces[s->current] + s->used, from, take);
        s->used += take;
        from += take;
        len -= take;
    }
    return TARN_OK;
}

tarn_status tarn__stager_finish(
    tarn__stager *s, tarn__staged *out, tarn_error *err)
{
    static const tarn__staged none = {.path = NULL};
    *out = none;
    tarn_status st = flush(s, err);
    char *path = NULL;
    if (st == TARN_OK)
        st = tarn__file_sync(&s->file, err);
    if (st == TARN_OK) {
        path = tarn__strdup(s->file.path);
        if (path == NULL)
            st = tarn__no_memory(err);
    }
    if (st != TARN_OK) {
        tarn__stager_abort(s);
        return st;
    }
    stop_thread(s);
    out->id.parquet = s->parquet;
    tarn__sha256_finish(s->sha, out->id.sha256);
    out->size_bytes = s->written;
    out->path = path;
    stager_free(s);
    return TARN_OK;
}

void tarn__stager_abort(tarn__stager *s)
{
    if (s == NULL)
        return;
    tarn_status st = tarn__unlink(s->file.path, NULL);
    (void)st; /* the scratch folder goes whole, later */
    stager_free(s);
}

tarn_status tarn__stage_file(
    char *path, bool parquet, tarn__staged *out, tarn_error *err)
{
    static const tarn__staged none = {.path = NULL};
    *out = none;
    tarn__staged staged = {.id = {.parquet = parquet}};
    tarn__file file = TARN__FILE_INIT;
    tarn__sha256 *sha = NULL;
    unsigned char *piece = tarn__malloc(TARN__OBJECT_PIECE_BYTES);
    tarn_status st =
        piece == NULL ? tarn__no_memory(err) : tarn__sha256_create(&sha, err);
    if (st == TARN_OK)
        st = tarn__file_open(&file, path, TARN__OPEN_READ, err);
    size_t got = 1;
    while (st == TARN_OK && got > 0) {
        st = tarn__file_read(&file, piece, TARN__OBJECT_PIECE_BYTES, &got, err);
        if (st == TARN_OK && got > 0) {
            tarn__sha256_update(sha, piece, got);
            staged.size_bytes += got;
        }
    }
    if (st == TARN_OK)
        st = tarn__sync_path(path, err);
    if (st == TARN_OK) {
        tarn__sha256_finish(sha, staged.id.sha256);
        staged.path = path;
        *out = staged;
    }
    tarn__file_close(&file);
    tarn__sha256_free(sha);
    tarn__free(piece);
    return st;
}

void tarn__staged_reset(tarn__staged *staged)
{
    static const tarn__staged none = {.path = NULL};
    if (staged->path != NULL) {
        tarn_status st = tarn__unlink(staged->path, NULL);
        (void)st; /* published, or the scratch folder goes whole, later */
        tarn__free(staged->path);
    }
    *staged = none;
}
