/* Advisory whole-file locks (flock), O_CLOEXEC, the inode compared with the
 * path's after locking. */
#ifndef TARN_OS_LOCK_H
#define TARN_OS_LOCK_H

#include <tarn/base.h>

typedef struct tarn__lock {
    int fd;     /* -1 when not held */
    char *path; /* owned */
} tarn__lock;
#define TARN__LOCK_INIT \
    {                   \
        -1, NULL        \
    }

/* Take the lock, making the file (mode 0666 less umask) if it is absent.
 * wait_us 0 tries once, < 0 waits for ever.  TARN_LOCKED after the wait (the
 * message is the caller's to fill).  Waiting polls with a growing pause of
 * 0.2 to 10 ms.  A read-only file system: shared locks open read-only. */
TARN_MUST_CHECK tarn_status tarn__lock_take(tarn__lock *lock, const char *path,
    bool shared, int64_t wait_us, tarn_error *err);
/* Does someone hold it exclusively?  Keeps nothing, but who asks for it
 * exclusively in that moment is refused. */
bool tarn__lock_busy(const char *path);
/* Does someone hold it, sharing or not?  Who asks for it in that moment in
 * whatever way is refused, and who asks this as well is told so. */
bool tarn__lock_in_use(const char *path);
/* The text in a held exclusive lock's file (holder), replaced whole. */
TARN_MUST_CHECK tarn_status tarn__lock_write(
    tarn__lock *lock, tarn_slice text, tarn_error *err);
/* Shared -> exclusive or back without a gap being promised; TARN_LOCKED when
 * not to be had at once (the old mode may then be lost: release). */
void tarn__lock_release(tarn__lock *lock); /* idempotent */

#endif
