/* Byte strings in order: in memory up to a bound, then in a file. */
#ifndef TARN_LAKE_SPOOL_H
#define TARN_LAKE_SPOOL_H

#include "base/buf.h"
#include "os/file.h"
#include "os/scratch.h"

typedef struct tarn__spool {
    tarn_buf memory; /* what is not in the file yet */
    tarn__file file; /* fd -1 until the bound is crossed */
    uint64_t file_bytes;
    uint64_t count;
    size_t max_bytes; /* of memory */
} tarn__spool;

void tarn__spool_init(tarn__spool *spool, size_t max_bytes);
/* scratch is asked for only when the bound is crossed. */
typedef tarn_status (*tarn__scratch_fn)(
    void *arg, tarn__scratch **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__spool_add(tarn__spool *spool,
    tarn_slice bytes, tarn__scratch_fn scratch, void *arg, tarn_error *err);
/* Empty it; the file is gone. */
void tarn__spool_reset(tarn__spool *spool);

/* Read back from the start.  Nothing may be added meanwhile. */
typedef struct tarn__spool_reader {
    tarn__spool *spool;
    uint64_t file_at;
    size_t memory_at;
    tarn_buf chunk; /* from the file */
    size_t chunk_at;
} tarn__spool_reader;
void tarn__spool_read_init(tarn__spool_reader *reader, tarn__spool *spool);
/* From where the spool ended when it had so many bytes (tarn__spool_bytes). */
void tarn__spool_read_from(
    tarn__spool_reader *reader, tarn__spool *spool, uint64_t bytes);
uint64_t tarn__spool_bytes(const tarn__spool *spool);
/* TARN_ROW and bytes borrowed until the next call, or TARN_OK at the end. */
TARN_MUST_CHECK tarn_status tarn__spool_read(
    tarn__spool_reader *reader, tarn_slice *bytes, tarn_error *err);
void tarn__spool_read_reset(tarn__spool_reader *reader);

#endif
