/* Between the files of this room. */
#ifndef TARN_OS_INTERNAL_H
#define TARN_OS_INTERNAL_H

#include <tarn/base.h>

/* Stands before every call that touches the disk: true when a test wants that
 * call to fail, with errno set.
 *
 *     rc = tarn__io_fails() ? -1 : fsync(fd);
 */
bool tarn__io_fails(void);

/* For an outcome that nobody waits for. */
static inline void tarn__ignore(tarn_status st)
{
    (void)st;
}

#endif
