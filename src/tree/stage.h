/* Content on its way into the lake: hashed, converted, written to the scratch
 * folder; before any step, once. */
#ifndef TARN_TREE_STAGE_H
#define TARN_TREE_STAGE_H

#include "tree/draft.h"
#include "tree/parquet.h"

/* What one call needs for staging. */
typedef struct tarn__stage {
    tarn_txn *txn;
    tarn_lake *lake;
    bool memory;      /* a lake in memory: everything is inline */
    tarn__duck *duck; /* opened when first needed */
    char *block;      /* for reading, made when first needed */
} tarn__stage;
void tarn__stage_init(tarn__stage *stage, tarn_txn *txn);
void tarn__stage_reset(tarn__stage *stage);

/* What stands at the destination, for -u and for a series' time column. */
typedef struct tarn__had {
    bool there;
    tarn__kind kind;
    tarn__item item; /* its newest; content in hold */
    tarn_buf hold;
    char *time_column;
    char *source; /* SHA-256 (hex) of the host bytes that were converted */
} tarn__had;
#define TARN__HAD_INIT                                         \
    {                                                          \
        false, TARN__KIND_FILE, {0}, TARN_BUF_INIT, NULL, NULL \
    }
TARN_MUST_CHECK tarn_status tarn__had_load(
    tarn_snapshot *snap, const tarn__id *id, tarn__had *out, tarn_error *err);
void tarn__had_reset(tarn__had *had);

/* Content ready for a step.  Its objects are the transaction's already. */
typedef struct tarn__cargo {
    tarn__kind kind;
    tarn__piece piece; /* bytes point into hold */
    tarn_buf hold;
    bool unstaged;     /* -u found it there; the piece has its digest only */
    char *time_column; /* of a series; NULL: none */
    char *source;      /* as above; NULL: stored byte by byte */
    char schema[TARN__SCHEMA_BYTES]; /* of Parquet, else empty */
} tarn__cargo;
#define TARN__CARGO_INIT                                        \
    {                                                           \
        TARN__KIND_FILE, {0}, TARN_BUF_INIT, false, NULL, NULL, \
        {                                                       \
            0                                                   \
        }                                                       \
    }
void tarn__cargo_reset(tarn__cargo *cargo);

/* Kind for a host file: as options say, else as what is there, else by name. */
tarn__kind tarn__stage_kind(
    const tarn_put_options *options, const tarn__had *had, const char *name);
/* Stage a host file; `shown` stands in messages and gives the format. */
TARN_MUST_CHECK tarn_status tarn__stage_file_at(tarn__stage *stage,
    const char *host_path, const char *shown, tarn__kind kind,
    const tarn_put_options *options, const tarn__had *had, tarn__cargo *out,
    tarn_error *err);
/* A table of a DuckDB file. */
TARN_MUST_CHECK tarn_status tarn__stage_store(tarn__stage *stage,
    const char *store, const char *table, tarn__kind kind,
    const tarn_put_options *options, const tarn__had *had, tarn__cargo *out,
    tarn_error *err);

/* Bytes as they come, for file and stream; memory is bounded. */
typedef struct tarn__intake {
    tarn__stage *stage;
    tarn__kind kind;
    tarn_buf hold;
    tarn__stager *stager; /* once it is to be an object */
    tarn__roll roll;
    uint64_t size_bytes;
} tarn__intake;
void tarn__intake_init(
    tarn__intake *intake, tarn__stage *stage, tarn__kind kind);
TARN_MUST_CHECK tarn_status tarn__intake_write(
    tarn__intake *intake, const void *ptr, size_t len, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__intake_finish(
    tarn__intake *intake, tarn__cargo *out, tarn_error *err);
void tarn__intake_reset(tarn__intake *intake);

#endif
