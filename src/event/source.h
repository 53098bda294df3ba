/* Where lines come from: files, standard input, a caller's iterator; gzip and
 * zstd are known by their first bytes. */
#ifndef TARN_EVENT_SOURCE_H
#define TARN_EVENT_SOURCE_H

#include <tarn/event.h>

typedef struct tarn__line_bytes tarn__line_bytes;

/* path "-": standard input. */
TARN_MUST_CHECK tarn_status tarn__line_bytes_open(
    const char *path, tarn__line_bytes **out, tarn_error *err);
/* Each record is a line: line ends inside it become spaces. */
TARN_MUST_CHECK tarn_status tarn__line_bytes_iterator(tarn_event_next_fn next,
    void *arg, tarn__line_bytes **out, tarn_error *err);
/* While it waits for input: TARN_INTERRUPTED when `fn` says so. */
void tarn__line_bytes_watch(
    tarn__line_bytes *b, tarn_progress_fn fn, void *arg);
/* Up to len bytes; *got 0 at the end. */
TARN_MUST_CHECK tarn_status tarn__line_bytes_read(
    tarn__line_bytes *b, char *to, size_t len, size_t *got, tarn_error *err);
/* Bytes of the file that were read so far, as they lie on disk. */
uint64_t tarn__line_bytes_done(const tarn__line_bytes *b);
uint64_t tarn__line_bytes_total(const tarn__line_bytes *b); /* 0: unknown */
void tarn__line_bytes_free(tarn__line_bytes *b);

#endif
