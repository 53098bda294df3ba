/* Which step runs when: a thread each, as many as jobs at a time. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/run_internal.h"
#include "os/process.h"

#define TICK_US 50000

static bool done(const tarn__step_run *s)
{
    return s->state == TARN__STEP_SUCCESS || s->state == TARN__STEP_SKIPPED;
}

static bool ready(const tarn__run *run, const tarn__step_run *s)
{
    if (s->state != TARN__STEP_PENDING)
        return false;
    for (size_t i = 0; i < s->step->need_count; i++)
        if (!done(&run->steps[s->step->needs[i].step]))
            return false;
    return true;
}

static void *step_main(void *arg)
{
    tarn__step_execute(arg);
    return NULL;
}

static tarn_status start(tarn__step_run *s, tarn_error *err)
{
    s->state = TARN__STEP_RUNNING;
    int failed = pthread_create(&s->thread, NULL, step_main, s);
    s->joinable = failed == 0;
    if (failed == 0)
        return TARN_OK;
    s->state = TARN__STEP_FAILED;
    return tarn__fail_os(
        err, failed, "step %s: no thread to run it", s->step->id);
}

/* The caller's wish to stop, and what it shows meanwhile.  Outside the lock. */
static void tick(tarn__run *run)
{
    const tarn_flow_run_options *o = run->options;
    char what[200];
    int64_t rows = 0;
    const char *id = "flow";
    tarn__mutex_lock(&run->lock);
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (run->steps[i].state == TARN__STEP_RUNNING) {
            id = run->steps[i].step->id;
            rows = atomic_load(&run->steps[i].progress);
        }
    tarn__mutex_unlock(&run->lock);
    (void)snprintf(what, sizeof(what), "%s rows", id);
    bool stop = o->progress != NULL &&
        o->progress(o->progress_arg, what, (uint64_t)rows, 0);
    if (stop || tarn__interrupted())
        atomic_store(&run->cancelled, true);
}

/* Starts what can start; counts what runs and what has failed. */
static tarn_status look(
    tarn__run *run, int jobs, int *running, bool *failed, tarn_error *err)
{
    tarn_status st = TARN_OK;
    *running = 0;
    *failed = atomic_load(&run->cancelled);
    for (size_t i = 0; i < run->flow->step_count; i++) {
        *running += run->steps[i].state == TARN__STEP_RUNNING;
        *failed = *failed || run->steps[i].state == TARN__STEP_FAILED ||
            run->steps[i].state == TARN__STEP_CANCELLED;
    }
    for (size_t i = 0; st == TARN_OK && !*failed && *running < jobs &&
         i < run->flow->step_count;
         i++) {
        if (!ready(run, &run->steps[i]))
            continue;
        st = start(&run->steps[i], err);
        *running += st == TARN_OK;
    }
    return st;
}

/* What runs goes on when another step has failed: a resumed run has it. */
tarn_status tarn__run_schedule(tarn__run *run, tarn_error *err)
{
    int jobs = run->options->jobs > 0 ? run->options->jobs : tarn__cpu_count();
    int running = 0;
    bool failed = false;
    tarn_status st = TARN_OK;
    tarn__mutex_lock(&run->lock);
    for (;;) {
        tarn_status looked = look(run, jobs, &running, &failed, err);
        st = st == TARN_OK ? looked : st;
        if (running == 0)
            break;
        (void)tarn__cond_wait_for(&run->changed, &run->lock, TICK_US);
        tarn__mutex_unlock(&run->lock);
        tick(run);
        tarn__mutex_lock(&run->lock);
    }
    tarn__mutex_unlock(&run->lock);
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (run->steps[i].joinable)
            pthread_join(run->steps[i].thread, NULL);
    if (st != TARN_OK)
        return st;
    if (atomic_load(&run->cancelled))
        return tarn__fail(err, TARN_INTERRUPTED,
            "run %s: cancelled (go on with --resume %s)", run->folder.name,
            run->folder.name);
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (run->steps[i].state == TARN__STEP_FAILED)
            return tarn__fail(err, TARN_FAILED, "step %s: %s",
                run->steps[i].step->id,
                run->steps[i].error == NULL ? "no thread to run it"
                                            : run->steps[i].error);
    return TARN_OK;
}
