/* What the files of a run share.
 *
 * R1 A step's data file, and its record, are there when the step succeeded, and
 *    only then; the record comes last.
 * R2 The lake is written by one commit, which also moves the cursors and says
 *    that this run has committed.
 * R3 What a run writes down holds no secret: texts from drivers pass
 *    tarn__journal_event() and tarn__run_mask(). */
#ifndef TARN_FLOW_RUN_INTERNAL_H
#define TARN_FLOW_RUN_INTERNAL_H

#include <stdatomic.h>
#include <tarn/flow.h>

#include "base/memory.h"
#include "flow/exchange.h"
#include "flow/flow.h"
#include "flow/journal.h"
#include "flow/run_folder.h"
#include "flow/run_lake.h"
#include "os/lock.h"
#include "os/threads.h"

/* Scope of the lake's state: which runs have committed. */
#define TARN__RUN_COMMITTED "flow.runs"

typedef enum tarn__step_state {
    TARN__STEP_PENDING,
    TARN__STEP_RUNNING,
    TARN__STEP_SUCCESS,
    TARN__STEP_SKIPPED, /* of an earlier attempt at this run */
    TARN__STEP_FAILED,
    TARN__STEP_CANCELLED
} tarn__step_state;

/* What a step's call told of. */
typedef struct tarn__made {
    tarn__made_table *tables;
    size_t count;
    size_t cap;
    char *cursor; /* the new one; NULL: unchanged */
    tarn__metric *metrics;
    size_t metric_count;
    size_t metric_cap;
    tarn__mutex lock;
} tarn__made;
void tarn__made_init(tarn__made *made);
void tarn__made_clear(tarn__made *made);
void tarn__made_free(tarn__made *made);

typedef struct tarn__step_run {
    struct tarn__run *run;
    const tarn__flow_step *step;
    size_t index;
    char *file_name;   /* the id, as a name of files */
    char *config;      /* as the driver gets it; secret */
    char *connection;  /* likewise; NULL: none */
    char *cursor_from; /* the stored one; NULL: there is none */
    json_t *inputs;    /* files that it reads, as they were before its call */
    tarn__made made;
    tarn__step_state state;
    int attempts;
    int64_t rows;
    double seconds;
    char *error;         /* masked; NULL: none */
    tarn_status failure; /* of the last attempt */
    _Atomic int64_t progress;
    _Atomic int64_t deadline_us; /* of the call that runs; 0: none */
    pthread_t thread;
    bool joinable;
} tarn__step_run;

/* What a run is given: now, and when it first began. */
typedef struct tarn__given {
    char *run;                 /* that goes on; NULL: a new one */
    tarn_flow_options options; /* those of the flow */
    bool full;
    tarn__arena texts;
} tarn__given;

typedef struct tarn__run {
    const tarn_flow_run_options *options;
    tarn__given given;
    tarn__flow *flow;
    tarn__flow_secrets *secrets;
    tarn__run_folder folder;
    tarn__journal *journal;
    tarn__run_lake lake;
    tarn__lock flow_lock; /* where there are cursors */
    tarn__step_run *steps;
    struct tarn__remote *remote; /* workers; NULL: the target is another */
    const char *engine_name;     /* of --target adbc:NAME; NULL: another */
    struct tarn__engine *engine; /* that makes transforms of SQL */
    int64_t started_us;          /* of the first attempt at this run */
    int64_t begun_us;            /* monotonic, of this one */
    bool resumed;
    bool committed; /* before it was resumed: its cursors have moved */
    atomic_bool cancelled;
    tarn__mutex lock; /* over states of steps */
    tarn__cond changed;
} tarn__run;

/* run_given.c: TARN_NOT_FOUND there is no such run; TARN_INVALID a secret that
 * it was given is not given again. */
TARN_MUST_CHECK tarn_status tarn__given_take(
    tarn__run *run, const char *path, tarn_error *err);
/* Into status.json: what tarn__given_take() takes from there. */
TARN_MUST_CHECK tarn_status tarn__given_json(
    const tarn__run *run, json_t *status, tarn_error *err);
void tarn__given_reset(tarn__given *given);

/* run_begin.c, in the order of a run's beginning */
void tarn__run_note(const tarn__run *run, const char *line);
TARN_MUST_CHECK tarn_status tarn__run_prepare(
    tarn__run *run, const char *path, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__run_begin(tarn__run *run, int64_t *version,
    bool *success, tarn_flow_result *result, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__run_open_lake(
    tarn__run *run, int64_t version, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__run_resolve(tarn__run *run, tarn_error *err);

/* run_step.c: all of one step, with its attempts; sets its state under the
 * run's lock. */
void tarn__step_execute(tarn__step_run *step);
/* The memory that a step may take beside those that can run at the same time,
 * and its threads (run_share.c). */
void tarn__run_share(
    const tarn__run *run, size_t step, uint64_t *memory_bytes, int *threads);
/* run_schedule.c: run what is to be run; false when a step failed. */
TARN_MUST_CHECK tarn_status tarn__run_schedule(tarn__run *run, tarn_error *err);
/* `text` without secrets; NULL when memory is out.  tarn__free() it. */
char *tarn__run_mask(const tarn__run *run, const char *text);

/* resume.c: files that a step reads, and records of steps that succeeded. */
TARN_MUST_CHECK tarn_status tarn__trace_inputs(
    const tarn__step_run *step, json_t **out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__trace_write(
    const tarn__step_run *step, tarn_error *err);
/* Does the record say that the step need not run again?  Then what it made is
 * taken from it. */
TARN_MUST_CHECK tarn_status tarn__trace_read(
    tarn__step_run *step, bool *finished, tarn_error *err);

/* run_status.c */
TARN_MUST_CHECK tarn_status tarn__run_write_status(const tarn__run *run,
    const char *status, const char *error, bool durable,
    tarn_flow_result *result, tarn_error *err);
int64_t tarn__run_rows(const tarn__run *run);

/* run_cursor.c */
TARN_MUST_CHECK tarn_status tarn__cursors_read(tarn__run *run, tarn_error *err);
/* Into the transaction of the run's lake. */
TARN_MUST_CHECK tarn_status tarn__cursors_put(
    tarn__run *run, tarn_txn *txn, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__cursors_write(
    tarn__run *run, tarn_error *err); /* without a lake */
/* The cursor that a call asks above: the lag taken off.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__cursor_ask(
    const tarn__step_run *step, char **out, tarn_error *err);
bool tarn__run_has_cursors(const tarn__run *run);

#endif
