/* A writer's file: whole or not at all. */
#ifndef TARN_FLOW_DRIVER_WRITE_FILE_H
#define TARN_FLOW_DRIVER_WRITE_FILE_H

#include "flow/driver/config.h"
#include "flow/exchange.h"

/* One column of what is written. */
typedef struct tarn__out_column {
    char *name;
    bool nested; /* STRUCT, LIST, MAP ... */
    bool number;
} tarn__out_column;

typedef struct tarn__out_file {
    const tarn_driver_call *call;
    json_t *config;
    tarn__exchange *x;
    tarn_buf input; /* the relation that is written, for FROM */
    tarn__out_column *columns;
    size_t column_count;
    char *path; /* absolute */
    char *temp; /* beside it; gone when the writing fails */
} tarn__out_file;

/* What a writer adds: the query of what is written and COPY's options;
 * *folder: it is one, of a partitioned table. */
typedef tarn_status (*tarn__out_build)(tarn__out_file *out, tarn_buf *query,
    tarn_buf *options, bool *folder, tarn_error *err);
/* A whole call of a writer: read the configuration, attach the input, COPY
 * beside the file, give it its name, tell the metrics. */
TARN_MUST_CHECK tarn_status tarn__out_write(
    const tarn_driver_call *call, tarn__out_build build, tarn_error *err);
/* Where a call writes what will be `path`: beside it, a name that no other run
 * has, and nothing there; the folder is made.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__out_begin(const tarn_driver_call *call,
    const char *path, char **temp, tarn_error *err);
/* Make what was written at `temp` durable, and give it its name; *bytes (may be
 * NULL): how much it is. */
TARN_MUST_CHECK tarn_status tarn__out_place(const char *temp, const char *path,
    bool folder, uint64_t *bytes, tarn_error *err);
/* "gzip", "zstd" or "none", by the name's ending. */
const char *tarn__out_compression(const tarn__out_file *out);

#endif
