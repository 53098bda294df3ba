/*
 * A file system in memory that knows, besides what is there, what would be
 * there after a power cut.
 *
 * It replays recorded calls.  What a file holds is what was synced plus the
 * changes since; what a name stands for likewise, synced with its folder.  From
 * that it writes images to the real disk.
 *
 *   DISK_KILLED   all that was done: the process is gone, the kernel is not
 *   DISK_SYNCED   nothing that was not synced: files by a sync of the file, names
 *                 by a sync of their folder
 *   DISK_JOURNAL  as a journalling file system has it (ext4, ordered): names
 *                 reach the disk in order, all that came before any sync is
 *                 there, a part of the rest; files keep a part of what was
 *                 written since their sync, from its beginning
 *   DISK_CHAOS    any part of what was not synced: some blocks of a write and
 *                 not others, a later name without the earlier one
 *
 * A rename is atomic in this alone: a file is never lost between its names.
 */
#ifndef TARN_CRASH_DISK_H
#define TARN_CRASH_DISK_H

#include "crash/support/recording.h"

typedef struct disk disk;

typedef enum disk_cut {
    DISK_KILLED,
    DISK_SYNCED,
    DISK_JOURNAL,
    DISK_CHAOS
} disk_cut;

disk *disk_create(void);
void disk_free(disk *d);
/* Ends the test when the record does not fit what is there: a call was missed.
 * The record's content must outlive the disk. */
void disk_apply(disk *d, const record *r);
/* Into `dir`, which must not be there.  `seed` chooses the part that is kept. */
void disk_write(disk *d, disk_cut cut, unsigned seed, const char *dir);
/* A number that the images of two disks share when they hold the same, but for
 * what RocksDB writes for people to read. */
uint64_t disk_print(disk *d, disk_cut cut, unsigned seed);

#endif
