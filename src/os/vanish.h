/* Folders that are gone when the process is: removed at exit(), and when
 * SIGINT, SIGTERM or SIGHUP is about to end a process that has no handler of
 * its own for it.  SIGKILL leaves them to a sweep (scratch.h). */
#ifndef TARN_OS_VANISH_H
#define TARN_OS_VANISH_H

#include <tarn/base.h>

/* Remember the folder; the path is copied.  Thread safe. */
TARN_MUST_CHECK tarn_status tarn__vanish_add(const char *dir, tarn_error *err);
/* Forget it: its owner removes it now. */
void tarn__vanish_forget(const char *dir);

#endif
