/* What a lake holds, as the text that a model makes (model.h).  Run as a process
 * of its own: what it finds may be broken. */
#ifndef TARN_CRASH_DUMP_H
#define TARN_CRASH_DUMP_H

#include <tarn/tree.h>

/* From here on, in this process and those forked from it, the rows of a table
 * or series are asked for once for the same objects. */
void dump_remembers_rows(void);

/* The snapshot's tree and states, and the default tenant's records and edges;
 * free() it.  NULL: err says why. */
char *dump_text(tarn_snapshot *snap, tarn_error *err);

/* Prints "head N", then for each version (NULL-ended), which may be "head" or
 * "head-1", "version N", its text, and a line with a dot; "version N gone" when
 * it cannot be found.  False and a line on stderr otherwise. */
bool dump_lake(tarn_lake *lake, const char *const *versions);
/* `dump LAKE VERSION...`: the exit code. */
int dump_main(int argc, char **argv);

#endif
