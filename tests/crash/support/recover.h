/* What the sweeps do to a lake that they found somewhere.  Call these in a
 * process of its own: what it finds may be broken. */
#ifndef TARN_CRASH_RECOVER_H
#define TARN_CRASH_RECOVER_H

#include <stdbool.h>

#include <tarn/lake.h>

/* NULL, false: it says why on stderr. */
tarn_lake *recover_open(const char *path);
bool recover_check(tarn_lake *lake); /* as `check --deep` does */
bool recover_write(tarn_lake *lake); /* one commit */

#endif
