/* Between the files of the asking side. */
#ifndef TARN_FLOW_WORKER_INTERNAL_H
#define TARN_FLOW_WORKER_INTERNAL_H

#include "base/time.h"
#include "flow/driver/registry.h"
#include "flow/exchange.h"
#include "flow/frame.h"
#include "flow/worker.h"
#include "os/child.h"
#include "os/threads.h"

typedef struct tarn__worker {
    tarn__child child;
    tarn_buf in; /* heard, not yet parsed from `at` on */
    size_t at;
    int64_t waited_us;            /* for a word of it */
    int64_t patience_us;          /* so long at most */
    bool answer_due;              /* its heartbeats are no word of it */
    bool cancelled;               /* it was told to stop, */
    int64_t stopping_us;          /* and so long was waited for that */
    const tarn_driver_call *call; /* that it works for */
    bool lost;                    /* not to be used any more */
    char said[300];               /* the last line on its standard error */
    size_t said_len;
    bool line_ended;
    struct tarn__worker *next;
} tarn__worker;

struct tarn__remote {
    char *command; /* NULL: this program */
    tarn__mutex lock;
    tarn__worker *idle;
};

/* The next frame that is no heartbeat; borrowed until the next call.  Tells the
 * worker when the call was cancelled. */
TARN_MUST_CHECK tarn_status tarn__worker_next(
    tarn__worker *w, tarn__frame *frame, tarn_error *err);
/* Let it have a file; `sha` is its name there. */
TARN_MUST_CHECK tarn_status tarn__worker_send(tarn__worker *w, const char *path,
    char sha[TARN__SHA_HEX], tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__worker_say_step(
    tarn__worker *w, json_t *step, tarn_error *err); /* takes `step` over */

/* worker_step.c: one call from its files to its result. */
TARN_MUST_CHECK tarn_status tarn__worker_run(tarn__worker *w,
    const tarn_driver *driver, const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err);

#endif
