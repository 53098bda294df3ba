/* Frames of the worker protocol (docs/FLOWS.md): what a run and a worker say to
 * each other over two pipes. */
#ifndef TARN_FLOW_FRAME_H
#define TARN_FLOW_FRAME_H

#include "base/json.h"

#define TARN__WORKER_PROTOCOL 1
#define TARN__FRAME_HEADER_BYTES 12
#define TARN__FRAME_PAYLOAD_MAX ((size_t)64 * 1024 * 1024)
#define TARN__FRAME_DATA_BYTES ((size_t)256 * 1024)

typedef enum tarn__frame_type {
    TARN__FRAME_HELLO = 'H',  /* both: protocol, version */
    TARN__FRAME_HAVE = 'Q',   /* to the worker: sha, size of a file */
    TARN__FRAME_AT = 'A',     /* from it: at, how much of it is there */
    TARN__FRAME_STEP = 'S',   /* to it: what to run */
    TARN__FRAME_CANCEL = 'X', /* to it: stop the step */
    TARN__FRAME_FILE = 'F',   /* from it: a result's file begins */
    TARN__FRAME_DATA = 'D',   /* both: raw bytes */
    TARN__FRAME_END = 'E',    /* both: sha of the whole file */
    TARN__FRAME_METRIC = 'M', /* from it, and all that follow */
    TARN__FRAME_EVENT = 'V',
    TARN__FRAME_PROGRESS = 'P',
    TARN__FRAME_TABLE = 'T',
    TARN__FRAME_CURSOR = 'C',
    TARN__FRAME_BEAT = 'B', /* it is alive */
    TARN__FRAME_RESULT = 'R'
} tarn__frame_type;

typedef struct tarn__frame {
    char type;
    tarn_slice payload; /* borrowed from the bytes that were parsed */
} tarn__frame;

/* The frame that begins `bytes`.  TARN_ROW: here it is, *used bytes long;
 * TARN_OK: more bytes are needed; TARN_CORRUPT: this is no frame. */
TARN_MUST_CHECK tarn_status tarn__frame_parse(
    tarn_slice bytes, tarn__frame *out, size_t *used, tarn_error *err);
/* Its payload as a JSON object; json_decref() it. */
TARN_MUST_CHECK tarn_status tarn__frame_object(
    const tarn__frame *frame, json_t **out, tarn_error *err);
/* Append a frame. */
TARN_MUST_CHECK tarn_status tarn__frame_add(
    tarn_buf *out, char type, tarn_slice payload, tarn_error *err);
/* Append one with an object, which is taken over. */
TARN_MUST_CHECK tarn_status tarn__frame_add_object(
    tarn_buf *out, char type, json_t *object, tarn_error *err);

/* Where frames go. */
typedef struct tarn__frame_sink {
    void *ctx;
    tarn_status (*send)(void *ctx, tarn_slice bytes, tarn_error *err);
} tarn__frame_sink;
/* A file from `at` on as DATA frames, and END. */
TARN_MUST_CHECK tarn_status tarn__frame_send_file(const tarn__frame_sink *sink,
    const char *path, uint64_t at, tarn_error *err);

/* A file that comes in: opened for appending, checked at its END. */
#define TARN__SHA_HEX 65
TARN_MUST_CHECK tarn_status tarn__file_sha(
    const char *path, char hex[TARN__SHA_HEX], tarn_error *err);

/* "a/b", or "": nothing that leads out of the folder that it is put in. */
bool tarn__frame_inner(const char *path);

#endif
