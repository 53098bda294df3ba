/* Fault injection for our own I/O, for tests only.  Every function in this room
 * that touches the disk passes tarn__fault_io() first. */
#ifndef TARN_OS_FAULT_H
#define TARN_OS_FAULT_H

#include <tarn/base.h>

/* Fail the nth (1-based) I/O call from now on with `os_errno`, once, or, if
 * sticky, it and all that follow.  nth 0 switches off. */
void tarn__fault_io(int64_t nth, int os_errno, bool sticky);
int64_t tarn__fault_io_count(void); /* I/O calls since tarn__fault_io() */
/* For the room itself: 0, or the errno that the call is to fail with. */
int tarn__fault_io_next(void);

#endif
