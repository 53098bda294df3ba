/*
 * What the shim writes and the sweeps read: one record for every call that
 * changes the disk below the watched folder, in the order of their effects.
 *
 * A record is this head, then path_bytes of a path relative to the folder,
 * other_bytes of a second one, data_bytes of content; nothing ends in a NUL.
 */
#ifndef TARN_CRASH_RECORDING_H
#define TARN_CRASH_RECORDING_H

#include <stddef.h>
#include <stdint.h>

typedef enum record_op {
    RECORD_OPEN,     /* path, handle; flag CREATE, TRUNCATE */
    RECORD_WRITE,    /* handle, at, content */
    RECORD_TRUNCATE, /* handle, at: the new size */
    RECORD_EXTEND,   /* handle, at: the least size from now on */
    RECORD_TIME,     /* handle, at: mtime in ns */
    RECORD_PATH_TIME,
    RECORD_SYNC, /* handle */
    RECORD_MKDIR,
    RECORD_RENAME, /* path -> other, which it replaces */
    RECORD_LINK,
    RECORD_SYMLINK, /* path; the target is the content */
    RECORD_UNLINK,  /* a file or a link */
    RECORD_RMDIR,
    RECORD_ACK,    /* by the workload: the content says what is now promised */
    RECORD_MISSED, /* a call that the shim cannot record; path says which */
    RECORD_OP_COUNT
} record_op;

enum { RECORD_CREATE = 1, RECORD_CUT = 2 };

typedef struct record_head {
    uint32_t total_bytes; /* head included */
    uint16_t op;
    uint16_t flags;
    uint64_t handle; /* of one opening of a file or folder */
    uint64_t at;
    uint32_t path_bytes;
    uint32_t other_bytes;
    uint32_t data_bytes;
    uint32_t unused;
} record_head;

/* One of them, read. */
typedef struct record {
    record_op op;
    int flags;
    uint64_t handle;
    uint64_t at;
    char *path;
    char *other;
    const char *data; /* of the recording */
    size_t len;
} record;

typedef struct recording {
    char *map;
    size_t bytes;
    record *records;
    size_t count;
} recording;

/* An empty recording for processes to append to. */
void recording_begin(const char *path);
/* A promise by the workload, after all that has been recorded so far. */
void recording_ack(const char *path, const char *text);
void recording_load(recording *out, const char *path);
void recording_free(recording *recording);

/* Environment of a recorded process, besides LD_PRELOAD. */
#define RECORD_ROOT_ENV "TARN_TEST_SHIM_ROOT"
#define RECORD_FILE_ENV "TARN_TEST_SHIM_FILE"

#endif
