/* One run: what changed at the source since the last one, into the lake.
 *
 * R1  Nothing is in the lake before the one commit at the end: a run that ends
 *     before it is as if it had not been, and the next one finds the same
 *     changes.
 * R2  The marker is the time at which the run began, before the source was
 *     asked anything.
 * R3  A lock on the connection's own file keeps a second run out; it is the
 *     system's, so that no dead run holds it.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/process.h"
#include "store/store.h"
#include "track/run_internal.h"

tarn_track_options tarn__track_step_options(const tarn__track_run *run)
{
    tarn_track_options o = TARN_TRACK_OPTIONS_INIT;
    o.threads = run->options->threads;
    o.temp_dir = run->scratch.path;
    o.chunk_size = (uint64_t)run->config.chunk_size;
    o.progress = run->options->progress;
    o.progress_arg = run->options->progress_arg;
    o.mend = "the state in the lake is damaged: start over with --full";
    return o;
}

/* --- one at a time --- */

static tarn_status name_holder(
    const char *path, const char *root, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status read = tarn__file_slurp(path, 400, &text, NULL);
    bool known = read == TARN_OK && text.len > 0;
    tarn_status st = tarn__fail(err, TARN_LOCKED,
        "%s: another run is at work: %s (wait for it)", root,
        known ? text.ptr : "its name is not known");
    tarn_buf_reset(&text);
    return st;
}

static tarn_status take_lock(
    tarn__track_run *run, tarn__lock *lock, tarn_error *err)
{
    uint8_t digest[TARN__SHA256_BYTES];
    char hex[TARN__SHA256_HEX_BYTES];
    char holder[200];
    char since[TARN__TIME_TEXT_BYTES];
    const char *dir = tarn_lake_dir(run->lake);
    if (dir == NULL) /* in memory: nobody else has it */
        return TARN_OK;
    tarn_status st = tarn__sha256_of(tarn_str(run->config.root), digest, err);
    if (st != TARN_OK)
        return st;
    tarn__hex(digest, 8, hex);
    char *path = tarn__sprintf("%s/tmp/track-%s.lock", dir, hex);
    if (path == NULL)
        return tarn__no_memory(err);
    st = tarn__lock_take(lock, path, false, 0, err);
    if (st == TARN_LOCKED)
        st = name_holder(path, run->config.root, err);
    tarn__free(path);
    if (st != TARN_OK)
        return st;
    int len = snprintf(holder, sizeof holder, "run %s, pid %lld, since %s",
        run->result->run, (long long)tarn__pid(),
        tarn__time_format(run->started_us, since));
    return tarn__lock_write(lock, (tarn_slice){holder, (size_t)len}, err);
}

/* --- ids --- */

static tarn_status name_run(tarn__track_run *run, tarn_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP"
                                  "QRSTUVWXYZ0123456789._-";
    const char *given = run->options->run_id;
    char *name = run->result->run;
    if (given != NULL) {
        size_t len = strlen(given);
        if (len == 0 || len >= sizeof run->result->run || given[0] == '.' ||
            strspn(given, letters) != len)
            return tarn__fail(err, TARN_INVALID,
                "--run-id %s: is no id (letters, digits, '.', '_' and '-')",
                given);
        memcpy(name, given, len + 1);
        return TARN_OK;
    }
    uint8_t noise[2];
    char text[TARN__TIME_TEXT_BYTES];
    if (!tarn__random(noise, sizeof noise))
        return tarn__fail(err, TARN_IO, "no random bytes");
    const char *t = tarn__time_format(run->started_us, text);
    (void)snprintf(name, sizeof run->result->run,
        "%.4s%.2s%.2s-%.2s%.2s%.2s-%02x%02x", t, t + 5, t + 8, t + 11, t + 14,
        t + 17, noise[0], noise[1]);
    return TARN_OK;
}

/* --- the steps --- */

static tarn_status make_folders(tarn__track_run *run, tarn_error *err)
{
    const char *dir = run->scratch.path;
    run->current = tarn__path_join(dir, "current");
    run->batches = tarn__path_join(dir, "batches");
    run->state = tarn__path_join(dir, "current-state");
    run->diff = tarn__path_join(dir, "incremental-diff");
    return run->current == NULL || run->batches == NULL || run->state == NULL ||
            run->diff == NULL
        ? tarn__no_memory(err)
        : TARN_OK;
}

static tarn_status merge_and_diff(tarn__track_run *run, tarn_error *err)
{
    const tarn_track_options options = tarn__track_step_options(run);
    tarn_track_merge_counts m;
    tarn_track_diff_counts d;
    tarn_track_run_result *r = run->result;
    tarn_status st = tarn_track_merge(
        run->current, run->previous, run->state, &options, &m, err);
    if (st == TARN_OK)
        st = tarn_track_diff(
            run->current, run->previous, run->diff, &options, &d, err);
    if (st != TARN_OK)
        return st;
    r->is_incremental = d.is_incremental;
    r->tables_created = d.tables_created;
    r->tables_updated = d.tables_updated;
    r->tables_deleted = d.tables_deleted;
    r->tables_backfilled = d.tables_backfill;
    r->columns_carried = m.columns_carried;
    r->columns_total = m.columns_total;
    r->columns_deleted = d.columns_deleted;
    return TARN_OK;
}

static tarn_status run_steps(tarn__track_run *run, tarn_error *err)
{
    tarn_status st = tarn__random(run->key, sizeof run->key)
        ? TARN_OK
        : tarn__fail(err, TARN_IO, "no random bytes");
    if (st == TARN_OK)
        st = tarn__store_scratch(&run->scratch, run->options->temp_dir, err);
    if (st == TARN_OK)
        st = make_folders(run, err);
    if (st == TARN_OK)
        st = tarn__track_fetch(run, err);
    if (st == TARN_OK)
        st = tarn__track_extract(run, err);
    if (st == TARN_OK)
        st = merge_and_diff(run, err);
    return st == TARN_OK ? tarn__track_commit(run, err) : st;
}

static void close_run(tarn__track_run *run)
{
    tarn__store_scratch_close(&run->scratch);
    tarn__track_source_reset(&run->source);
    tarn__track_config_reset(&run->config);
    tarn__free(run->previous);
    tarn__free(run->current);
    tarn__free(run->batches);
    tarn__free(run->state);
    tarn__free(run->diff);
}

tarn_status tarn_track_run(tarn_lake *lake, const char *config,
    const tarn_track_run_options *options, tarn_track_run_result *result,
    tarn_error *err)
{
    static const tarn_track_run_options defaults = TARN_TRACK_RUN_OPTIONS_INIT;
    int64_t began = tarn__monotonic_us();
    tarn__lock lock = TARN__LOCK_INIT;
    memset(result, 0, sizeof(*result));
    result->version = -1;
    tarn__track_run run = {.lake = lake,
        .options = options == NULL ? &defaults : options,
        .result = result,
        .scratch = TARN__SCRATCH_INIT,
        .started_us = tarn__now_us()};
    tarn_status st = tarn__track_config_read(config, &run.config, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_source_find(
        &run.config, run.options->connections, &run.source, err);
    if (st == TARN_OK)
        st = name_run(&run, err);
    if (st == TARN_OK)
        st = take_lock(&run, &lock, err);
    if (st == TARN_OK)
        st = run_steps(&run, err);
    close_run(&run);
    tarn__lock_release(&lock);
    result->seconds = (double)(tarn__monotonic_us() - began) / 1e6;
    return st;
}
