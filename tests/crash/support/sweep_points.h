/*
 * The sweeps: at chosen records of a workload's recording an image of the disk
 * is written, recovered with the plain command, and held against what had been
 * promised by then.
 */
#ifndef TARN_CRASH_SWEEP_POINTS_H
#define TARN_CRASH_SWEEP_POINTS_H

#include "crash/support/disk.h"
#include "crash/support/workload.h"

typedef struct sweep_plan {
    disk_cut cut;
    /* Points of a short run, spread over the script's steps; a long run visits
     * all. */
    size_t points;
    /* All points of the steps in whose line this stands, in a short run too.
     * NULL: as above. */
    const char *steps;
    /* At each point as many images, with different parts kept. */
    int images;
    /* Strike out the syncs of files and folders whose path begins so: what a
     * program that does not make them would have left.  NULL: none. */
    const char *without_syncs_of;
    /* Promise each step when it begins. */
    bool promise_early;
    /* A control: stop at the first failure, and do not print it. */
    bool expect_failure;
} sweep_plan;

/* How many images failed; each is described on stderr.  Images are made in
 * `dir`. */
size_t sweep_points_run(
    const workload *w, const sweep_plan *plan, const char *dir);

/* NULL, or why the lake `image` breaks a promise: `last` is the newest one
 * acknowledged (NULL: none yet), `next` the one at work (NULL: none).  Static
 * buffer. */
const char *verify_image(const char *image, const promise *last,
    const promise *next, const promise *older, unsigned seed);
void verify_end(void); /* of the process that served it */

#endif
