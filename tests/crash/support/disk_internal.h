/* What disk.c, which replays, and disk_image.c, which writes, share. */
#ifndef TARN_CRASH_DISK_INTERNAL_H
#define TARN_CRASH_DISK_INTERNAL_H

#include <stdbool.h>

#include "crash/support/disk.h"

typedef enum inode_kind { INODE_FILE, INODE_DIR, INODE_LINK } inode_kind;

typedef enum change_kind {
    CHANGE_WRITE,
    CHANGE_CUT,    /* size becomes `at` */
    CHANGE_EXTEND, /* size becomes at least `at` */
    CHANGE_TIME    /* mtime becomes `at` */
} change_kind;

typedef struct change {
    change_kind kind;
    size_t at;
    const char *data; /* borrowed from the recording */
    size_t len;
} change;

typedef struct inode inode;
typedef struct name name;

/* What a name stood for from then on; to NULL: nothing. */
typedef struct name_event {
    inode *to;
    uint64_t when;
    name *moved_to; /* a rename took it there, at the same `when` */
} name_event;

struct name {
    char *text;
    inode *base; /* synced */
    name_event *events;
    size_t count, cap;
    size_t kept; /* of events, in the image being written */
};

struct inode {
    inode_kind kind;
    inode *next; /* of all */
    /* DIR */
    name **names;
    size_t name_count, name_cap;
    /* FILE: what was synced, and what came since */
    char *base;
    size_t base_len, base_cap;
    int64_t mtime_ns; /* -1: never set */
    change *changes;
    size_t change_count, change_cap;
    /* LINK */
    char *target;
    /* The image being written. */
    uint64_t image;
    char *image_path;
    uint64_t print;    /* of its content in that image */
    bool base_printed; /* of what was synced, and still is */
};

typedef struct disk_handle {
    uint64_t handle;
    inode *node;
} disk_handle;

struct disk {
    inode *root;
    inode *inodes;
    disk_handle *handles;
    size_t handle_count, handle_cap;
    uint64_t clock;      /* records so far */
    uint64_t journalled; /* clock of the last sync of anything */
    uint64_t images;
};

typedef struct content {
    char *bytes;
    size_t len, cap;
    int64_t mtime_ns;
} content;

void *disk_grow(void *list, size_t count, size_t *cap, size_t size);
inode *disk_now(const name *n);
void disk_change_content(content *c, const change *ch);

#endif
