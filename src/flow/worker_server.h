/* Between the files of `tarn worker`. */
#ifndef TARN_FLOW_WORKER_SERVER_H
#define TARN_FLOW_WORKER_SERVER_H

#include <stdatomic.h>

#include "flow/frame.h"
#include "os/file.h"
#include "os/scratch.h"
#include "os/threads.h"

typedef struct tarn__server {
    tarn__file in;
    tarn__file out;
    tarn__mutex out_lock;
    tarn_buf bytes; /* read, not yet parsed from `at` on */
    size_t at;
    char *dir;
    char *step_dir;
    bool keeps; /* dir was given, and may outlast this process */
    tarn__lock in_use;
    tarn__scratch scratch; /* when `dir` is ours */
    char *coming;          /* the .part that comes in; NULL: none */
    char *whole;           /* its name when it is whole */
    tarn__lock part_lock;
    tarn__file part;
    uint64_t part_at;
    /* the step */
    pthread_t thread;
    bool running;     /* the thread is to be joined */
    atomic_bool done; /* all but telling so */
    atomic_bool cancelled;
    json_t *step;
    atomic_bool broken; /* the run does not listen any more */
} tarn__server;

/* Bytes to the run; `ctx` is a tarn__server.  Once that failed it is broken. */
TARN_MUST_CHECK tarn_status tarn__server_send(
    void *ctx, tarn_slice bytes, tarn_error *err);
/* A frame with an object, which is taken over. */
TARN_MUST_CHECK tarn_status tarn__server_say(
    tarn__server *s, char type, json_t *object, tarn_error *err);
/* The same for what nobody waits for: a run that is gone is noticed by all. */
void tarn__server_tell(tarn__server *s, char type, json_t *object);

/* worker_serve_files.c: files that come in, frame by frame. */
bool tarn__is_sha(const char *text);
/* Where a file of that hash lies; tarn__free() it. */
char *tarn__server_blob(
    const tarn__server *s, const char *sha, const char *suffix);
TARN_MUST_CHECK tarn_status tarn__server_have(
    tarn__server *s, const tarn__frame *frame, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__server_data(
    tarn__server *s, const tarn__frame *frame, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__server_end(tarn__server *s, tarn_error *err);
/* Let go of the one that comes in; what came of it stays. */
void tarn__server_forget(tarn__server *s);

/* worker_serve_step.c: a step in a thread of its own.  TARN_CORRUPT while
 * another runs. */
TARN_MUST_CHECK tarn_status tarn__server_start(
    tarn__server *s, const tarn__frame *frame, tarn_error *err);
void tarn__server_join(tarn__server *s);

#endif
