/* What the executables of the sweeps share: the recording is made once for all
 * tests of one, and the executable is also the processes that it starts. */
#ifndef TARN_CRASH_SWEEP_MAIN_H
#define TARN_CRASH_SWEEP_MAIN_H

#include "crash/support/sweep_points.h"
#include "support/sandbox.h"

/* Group set-up and tear-down; *state is the sandbox, its user the workload. */
int sweep_setup(void **state);
int sweep_teardown(void **state);
/* Runs a plan and ends the test when images failed. */
void sweep_must_pass(void **state, const sweep_plan *plan);
/* ... when none did. */
void sweep_must_fail(void **state, const sweep_plan *plan);
/* True, and *code is the exit code: argv names a role of the executable. */
bool sweep_role(int argc, char **argv, int *code);

#endif
