/* Another program, started with pipes and in a process group of its own, so
 * that it ends with all that it started. */
#ifndef TARN_OS_CHILD_H
#define TARN_OS_CHILD_H

#include <tarn/base.h>

typedef struct tarn__child_options {
    /* Program and arguments, ends with NULL; a program without a slash is
     * looked for in PATH. */
    const char *const *argv;
    const char *const *env; /* NAME=VALUE besides ours, ends with NULL; or
                               NULL */
    const char *dir;        /* to run in; NULL: here */
} tarn__child_options;

typedef struct tarn__child {
    int64_t pid; /* 0: none runs */
    int in;      /* its standard input, for writing; -1: closed */
    int out;     /* its standard output; -1: at its end */
    int err;
    bool ended; /* code is known */
    int code;   /* exit code, or 128 + the signal that ended it */
} tarn__child;
/* clang-format off */
#define TARN__CHILD_INIT {0, -1, -1, -1, false, 0}
/* clang-format on */

/* What can be done without waiting. */
typedef struct tarn__child_ready {
    bool in;
    bool out;
    bool err;
} tarn__child_ready;

/* TARN_NOT_FOUND: no such program. */
TARN_MUST_CHECK tarn_status tarn__child_start(
    tarn__child *child, const tarn__child_options *options, tarn_error *err);
/* Wait at most timeout_us until one of its pipes is ready; `in` says whether
 * we have something to write. */
tarn__child_ready tarn__child_wait_ready(
    const tarn__child *child, bool in, int64_t timeout_us);
/* One write of up to len bytes that does not wait; *done 0 and the pipe closed
 * when the program reads no more. */
TARN_MUST_CHECK tarn_status tarn__child_write(tarn__child *child,
    const char *ptr, size_t len, size_t *done, tarn_error *err);
/* One read from child->out or child->err; *got 0 at the end, and the pipe is
 * closed. */
TARN_MUST_CHECK tarn_status tarn__child_read(tarn__child *child, int *pipe,
    char *ptr, size_t len, size_t *got, tarn_error *err);
void tarn__child_close_in(tarn__child *child);
/* Has it ended?  Waits at most timeout_us for that.  Its number, which is its
 * group's, stays its own until it is stopped. */
bool tarn__child_ended(tarn__child *child, int64_t timeout_us);
/* End it and all of its group: SIGTERM, and SIGKILL after grace_us; then let
 * go of it.  Fine for one that has ended. */
void tarn__child_stop(tarn__child *child, int64_t grace_us);

#endif
