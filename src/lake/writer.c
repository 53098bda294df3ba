/* The writer: one a process, one of all processes (I6). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/file.h"
#include "os/process.h"

#define WANT_US 5000    /* for saying that we wait */
#define POLITE_US 30000 /* for letting those before us go first */
#define POLITE_STEP_US 500

void tarn__writer_init(tarn__writer *w)
{
    pthread_condattr_t attr;

    memset(w, 0, sizeof *w);
    w->lock = (tarn__lock)TARN__LOCK_INIT;
    pthread_mutex_init(&w->mutex, NULL);
    pthread_mutex_init(&w->keeper_mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->keeper_wake, &attr);
    pthread_condattr_destroy(&attr);
}

tarn_status tarn__writer_note(
    tarn_lake *lake, int64_t committing, tarn_error *err)
{
    char text[256];
    char host[128];
    char since[TARN__TIME_TEXT_BYTES];
    int len = snprintf(text, sizeof text, "pid %lld\nhost %s\nsince %s\n",
        (long long)lake->pid, tarn__hostname(host, sizeof host),
        tarn__time_format(lake->writer.since_us, since));

    if (committing >= 0 && len > 0 && (size_t)len < sizeof text)
        len += snprintf(text + len, sizeof text - (size_t)len,
            "committing %lld\n", (long long)committing);
    return tarn__lock_write(
        &lake->writer.lock, (tarn_slice){text, (size_t)len}, err);
}

static void read_line(const char *line, tarn__holder *out)
{
    if (tarn__starts_with(line, "pid "))
        (void)tarn__parse_i64(line + 4, &out->pid);
    else if (tarn__starts_with(line, "host "))
        snprintf(out->host, sizeof out->host, "%s", line + 5);
    else if (tarn__starts_with(line, "since "))
        (void)tarn__time_parse(line + 6, &out->since_us);
    else if (tarn__starts_with(line, "committing "))
        (void)tarn__parse_i64(line + 11, &out->committing);
}

bool tarn__holder_read(const tarn_lake *lake, tarn__holder *out)
{
    tarn_buf text = TARN_BUF_INIT;
    char *save = NULL;

    memset(out, 0, sizeof *out);
    out->committing = -1;
    if (tarn__file_slurp(lake->at.lock, 4096, &text, NULL) != TARN_OK)
        return false;
    if (text.ptr != NULL)
        for (char *line = strtok_r(text.ptr, "\n", &save); line != NULL;
             line = strtok_r(NULL, "\n", &save))
            read_line(line, out);
    tarn_buf_reset(&text);
    return out->pid > 0;
}

static tarn_status locked(const tarn_lake *lake, tarn_error *err)
{
    tarn__holder holder;
    char since[TARN__TIME_TEXT_BYTES];

    if (!tarn__holder_read(lake, &holder))
        return tarn__fail(err, TARN_LOCKED,
            "%s: locked by another process (wait for it, or longer with "
            "--wait)",
            lake->at.dir);
    return tarn__fail(err, TARN_LOCKED,
        "%s: locked by process %lld on %s since %s (wait for it, or longer "
        "with --wait)",
        lake->at.dir, (long long)holder.pid, holder.host,
        tarn__time_format(holder.since_us, since));
}

void tarn__writer_poison(tarn_lake *lake)
{
    pthread_mutex_lock(&lake->writer.keeper_mutex);
    lake->writer.poisoned = true;
    pthread_mutex_unlock(&lake->writer.keeper_mutex);
}

static void set_held(tarn__writer *w, bool held)
{
    pthread_mutex_lock(&w->keeper_mutex);
    w->keeper_held = held;
    pthread_cond_signal(&w->keeper_wake);
    pthread_mutex_unlock(&w->keeper_mutex);
}

static tarn_status take_lock(tarn_lake *lake, int64_t wait_us, tarn_error *err)
{
    tarn__writer *w = &lake->writer;
    tarn__lock want = TARN__LOCK_INIT;
    const char *network;

    /* A writer in a loop would take the lock again before those who wait for
     * it look. */
    if (wait_us != 0)
        for (int64_t us = 0; us < POLITE_US && tarn__lock_in_use(lake->at.want);
             us += POLITE_STEP_US)
            tarn__sleep_us(POLITE_STEP_US);
    tarn_status st = tarn__lock_take(&w->lock, lake->at.lock, false, 0, err);
    if (st == TARN_LOCKED && wait_us != 0) {
        /* Says to the holder that someone waits; who looks whether someone does
         * may hold it for a moment. */
        (void)!tarn__lock_take(&want, lake->at.want, true, WANT_US, NULL);
        st = tarn__lock_take(&w->lock, lake->at.lock, false, wait_us, err);
        tarn__lock_release(&want);
    }
    if (st == TARN_LOCKED)
        return locked(lake, err);
    if (st == TARN_OK && tarn__is_network_fs(lake->at.dir, &network)) {
        tarn__lock_release(&w->lock);
        return tarn__fail(err, TARN_IO,
            "%s: on a network file system (%s), where locks do not hold "
            "(move the lake to a local disk)",
            lake->at.dir, network);
    }
    return st;
}

/* What a copy of log and objects alone lacks. */
static tarn_status make_folders(const tarn_lake *lake, tarn_error *err)
{
    const char *const folders[] = {
        lake->at.objects, lake->at.views, lake->at.pins};
    tarn_status st = TARN_OK;

    for (size_t i = 0; i < 3 && st == TARN_OK; i++)
        if (!tarn__path_exists(folders[i]))
            st = tarn__mkdirs(folders[i], err);
    return st;
}

/* Commit step 2. */
static tarn_status settle(tarn_lake *lake, tarn_error *err)
{
    tarn__writer *w = &lake->writer;
    tarn__scratch *scratch = NULL;

    w->since_us = tarn__now_us();
    tarn_status st = tarn__writer_note(lake, -1, err);
    if (st == TARN_OK)
        st = make_folders(lake, err);
    if (st == TARN_OK)
        st = tarn__scratch_sweep(lake->at.tmp, "pins", err);
    if (st == TARN_OK)
        st = tarn__lake_scratch(lake, &scratch, err);
    if (st == TARN_OK)
        st = tarn__delta_use_tmp(lake->delta, scratch->path, err);
    if (st == TARN_OK)
        st = tarn__view_open_write(
            &lake->view, lake->at.key, lake->at.gate, err);
    if (st == TARN_CORRUPT) {
        /* Derived: made anew from the log. */
        st = tarn__remove_tree(lake->at.key, err);
        if (st == TARN_OK)
            st = tarn__view_open_write(
                &lake->view, lake->at.key, lake->at.gate, err);
    }
    if (st != TARN_OK)
        return st;
    pthread_mutex_lock(&lake->delta_mutex);
    st = tarn__delta_head(lake->delta,
        lake->view.applied.version > lake->head_seen
            ? lake->view.applied.version
            : lake->head_seen,
        &w->head, err);
    if (st == TARN_OK)
        lake->head_seen = w->head;
    if (st == TARN_OK)
        st = tarn__delta_sync(lake->delta, w->head, err);
    if (st == TARN_OK)
        st = tarn__replay(lake, w->head, err);
    pthread_mutex_unlock(&lake->delta_mutex);
    if (st == TARN_OK)
        st = tarn__lake_version_time(lake, w->head, &w->head_time_us, err);
    return st;
}

/* The thread that gives the lock up when the handle is idle. */
static void *keep(void *arg)
{
    tarn_lake *lake = arg;
    tarn__writer *w = &lake->writer;
    struct timespec until;

    pthread_mutex_lock(&w->keeper_mutex);
    while (!w->keeper_stop) {
        if (!w->keeper_held) {
            pthread_cond_wait(&w->keeper_wake, &w->keeper_mutex);
            continue;
        }
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TARN__IDLE_US * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&w->keeper_wake, &w->keeper_mutex, &until) !=
            ETIMEDOUT)
            continue;
        pthread_mutex_unlock(&w->keeper_mutex);
        if (pthread_mutex_trylock(&w->mutex) == 0) {
            if (tarn__monotonic_us() - w->last_use_us >= TARN__IDLE_US)
                tarn__writer_release(lake);
            pthread_mutex_unlock(&w->mutex);
        }
        pthread_mutex_lock(&w->keeper_mutex);
    }
    pthread_mutex_unlock(&w->keeper_mutex);
    return NULL;
}

tarn_status tarn__writer_take(tarn_lake *lake, int64_t wait_us, tarn_error *err)
{
    tarn__writer *w = &lake->writer;

    pthread_mutex_lock(&w->mutex);
    set_held(w, false);
    if (lake->memory || w->lock.fd >= 0)
        return TARN_OK;
    tarn_status st = take_lock(lake, wait_us, err);
    if (st == TARN_OK) {
        pthread_mutex_lock(&lake->open_mutex);
        st = settle(lake, err);
        pthread_mutex_unlock(&lake->open_mutex);
    }
    if (st != TARN_OK) {
        tarn__writer_release(lake);
        pthread_mutex_unlock(&w->mutex);
    }
    return st;
}

void tarn__writer_release(tarn_lake *lake)
{
    tarn__writer *w = &lake->writer;

    if (w->lock.fd < 0)
        return;
    set_held(w, false);
    pthread_mutex_lock(&lake->open_mutex);
    tarn__view_close(&lake->view, lake->at.gate);
    (void)!tarn__lock_write(&w->lock, (tarn_slice){"", 0}, NULL);
    tarn__lock_release(&w->lock);
    pthread_mutex_unlock(&lake->open_mutex);
}

void tarn__writer_give(tarn_lake *lake)
{
    tarn__writer *w = &lake->writer;

    if (!lake->memory) {
        w->last_use_us = tarn__monotonic_us();
        if (w->behind || tarn__lock_in_use(lake->at.want))
            tarn__writer_release(lake);
        w->behind = false;
        if (!w->keeper_runs)
            w->keeper_runs = pthread_create(&w->keeper, NULL, keep, lake) == 0;
        if (!w->keeper_runs)
            tarn__writer_release(lake); /* nobody else would */
        else if (w->lock.fd >= 0)
            set_held(w, true);
    }
    pthread_mutex_unlock(&w->mutex);
}

void tarn__writer_close(tarn_lake *lake)
{
    tarn__writer *w = &lake->writer;

    if (w->keeper_runs) {
        pthread_mutex_lock(&w->keeper_mutex);
        w->keeper_stop = true;
        pthread_cond_signal(&w->keeper_wake);
        pthread_mutex_unlock(&w->keeper_mutex);
        pthread_join(w->keeper, NULL);
    }
    if (!lake->memory)
        tarn__writer_release(lake);
    pthread_mutex_destroy(&w->mutex);
    pthread_mutex_destroy(&w->keeper_mutex);
    pthread_cond_destroy(&w->keeper_wake);
}
