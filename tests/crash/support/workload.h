/*
 * The scripted workload (workload.txt): run once under the shim, after which
 * its recording and what it promised are known.
 */
#ifndef TARN_CRASH_WORKLOAD_H
#define TARN_CRASH_WORKLOAD_H

#include <stdbool.h>

#include "crash/support/recording.h"

/* What is acknowledged from one record on. */
typedef struct promise {
    size_t record; /* of the acknowledgement */
    long version;  /* -1: there is a lake */
    char *text;    /* that the version holds */
    char *step;    /* the line of the script */
    bool forgets;  /* older versions may be gone */
    bool quiet;
} promise;

typedef struct workload {
    recording recording;
    promise *promises;
    size_t promise_count;
} workload;

/* In `dir`, an empty folder: inputs in dir/in, the lake in dir/root/lake. */
void workload_run(workload *w, const char *dir);
void workload_free(workload *w);

/* `session LAKE RECORDING COUNT`: the role of a session. */
int session_main(int argc, char **argv);
/* The shim, beside this executable. */
const char *workload_shim(void);

#endif
