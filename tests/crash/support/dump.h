/* What a lake holds, as the text that a model makes (model.h).  Run as a process
 * of its own: what it finds may be broken. */
#ifndef TARN_CRASH_DUMP_H
#define TARN_CRASH_DUMP_H

#include <tarn/tree.h>

/* The snapshot's tree and states, and the default tenant's records and edges;
 * free() it.  NULL: err says why. */
char *dump_text(tarn_snapshot *snap, tarn_error *err);

/* `dump LAKE VERSION...`: prints "head N", then for each version, which may be
 * "head" or "head-1", "version N", its text, and a line with a dot; "version N
 * gone" when it cannot be found.  Exit 1 and a line on stderr otherwise. */
int dump_main(int argc, char **argv);

#endif
