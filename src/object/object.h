/* Immutable bytes named by their SHA-256, in a folder: objects/ab/cdef….
 * Parquet objects end in .parquet and are addressed with parquet = true. */
#ifndef TARN_OBJECT_OBJECT_H
#define TARN_OBJECT_OBJECT_H

#include "base/hash.h"
#include "os/file.h"
#include "os/scratch.h"

typedef struct tarn__objects tarn__objects;

typedef struct tarn__object_id {
    uint8_t sha256[TARN__SHA256_BYTES];
    bool parquet;
} tarn__object_id;

/* Staged content: whole, hashed, fsynced, in the process's scratch folder. */
typedef struct tarn__staged {
    tarn__object_id id;
    uint64_t size_bytes;
    char *path; /* owned; in the scratch folder */
} tarn__staged;

TARN_MUST_CHECK tarn_status tarn__objects_open(
    const char *dir, tarn__objects **out, tarn_error *err); /* no I/O */
void tarn__objects_close(tarn__objects *objects);
/* Absolute or lake-relative path of an object; NULL when memory is out. */
char *tarn__object_path(const tarn__objects *objects, tarn__object_id id);
bool tarn__object_exists(const tarn__objects *objects, tarn__object_id id);

/* Stage: stream bytes in, hash while writing, fsync at the end.  Writing and
 * hashing overlap in two threads for large content; memory stays below 8 MiB;
 * pages are handed to the disk early so that the final fsync is short. */
typedef struct tarn__stager tarn__stager;
TARN_MUST_CHECK tarn_status tarn__stager_open(
    tarn__scratch *scratch, bool parquet, tarn__stager **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__stager_write(
    tarn__stager *stager, const void *ptr, size_t len, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__stager_finish(
    tarn__stager *stager, tarn__staged *out, tarn_error *err); /* frees */
void tarn__stager_abort(tarn__stager *stager);
/* Hash and fsync a file that stands in the scratch folder already (DuckDB wrote
 * it); takes the path over on success. */
TARN_MUST_CHECK tarn_status tarn__stage_file(
    char *path, bool parquet, tarn__staged *out, tarn_error *err);
void tarn__staged_reset(tarn__staged *staged); /* removes the file if there */

/* Commit step 3: rename into place (also when the object is there already),
 * fsync each folder touched once, and the root when a folder is new.  The
 * staged paths are gone after. */
TARN_MUST_CHECK tarn_status tarn__objects_publish(tarn__objects *objects,
    tarn__staged *staged, size_t count, tarn_error *err);

/* Read. tarn__object_read() verifies the hash when the whole object has been
 * read in order from 0: TARN_CORRUPT at its end. */
typedef struct tarn__object_reader tarn__object_reader;
TARN_MUST_CHECK tarn_status tarn__object_open(const tarn__objects *objects,
    tarn__object_id id, tarn__object_reader **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__object_read(tarn__object_reader *reader,
    void *ptr, size_t len, size_t *got, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__object_seek(
    tarn__object_reader *reader, uint64_t at, tarn_error *err);
uint64_t tarn__object_size(const tarn__object_reader *reader);
void tarn__object_close(tarn__object_reader *reader);
TARN_MUST_CHECK tarn_status tarn__object_verify(
    const tarn__objects *objects, tarn__object_id id, tarn_error *err);

/* Walk all objects in order of name: TARN_ROW … TARN_OK.  A file in the folder
 * that is no object comes as stray (id zero, path set). */
typedef struct tarn__object_walk tarn__object_walk;
typedef struct tarn__object_item {
    tarn__object_id id;
    bool stray;
    const char *path; /* borrowed until next */
    uint64_t size_bytes;
    int64_t mtime_us;
} tarn__object_item;
TARN_MUST_CHECK tarn_status tarn__object_walk_open(
    const tarn__objects *objects, tarn__object_walk **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__object_walk_next(
    tarn__object_walk *walk, tarn__object_item *out, tarn_error *err);
void tarn__object_walk_close(tarn__object_walk *walk);
TARN_MUST_CHECK tarn_status tarn__object_remove(
    const tarn__objects *objects, tarn__object_id id, tarn_error *err);

#endif
