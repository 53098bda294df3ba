/* From the source into the run's folders. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/time.h"
#include "os/file.h"
#include "os/process.h"
#include "os/threads.h"
#include "track/run_internal.h"

#define BUFFER_BYTES ((size_t)1 << 20)
#define BATCH_MAX_BYTES ((size_t)256 << 20)
/* A change in the same second as the listing may have come after it. */
#define TICK_US 1000000

/* Lines into one file, which is there when there is a line. */
typedef struct lines {
    tarn__file file;
    tarn_buf buf;
    int64_t count;
} lines;
/* clang-format off */
#define LINES_INIT {TARN__FILE_INIT, TARN_BUF_INIT, 0}
/* clang-format on */

static tarn_status lines_open(lines *l, const char *dir, const char *kind,
    const char *name, int64_t number, tarn_error *err)
{
    char *folder = tarn__path_join(dir, kind);
    char *path = folder == NULL
        ? NULL
        : tarn__sprintf("%s/%s-%lld.json", folder, name, (long long)number);
    tarn_status st =
        path == NULL ? tarn__no_memory(err) : tarn__mkdirs(folder, err);
    if (st == TARN_OK)
        st = tarn__file_open(&l->file, path, TARN__OPEN_CREATE, err);
    tarn__free(folder);
    tarn__free(path);
    return st;
}

static tarn_status lines_flush(lines *l, tarn_error *err)
{
    tarn_status st = tarn__file_write(&l->file, l->buf.ptr, l->buf.len, err);
    tarn__buf_clear(&l->buf);
    return st;
}

static void lines_close(lines *l)
{
    tarn__file_close(&l->file);
    tarn_buf_reset(&l->buf);
}

static tarn_status lines_add(
    lines *l, tarn__track_rows *rows, const char *label, tarn_error *err)
{
    tarn_status st = tarn__track_rows_write(rows, label, &l->buf, err);
    l->count++;
    return st == TARN_OK && l->buf.len > BUFFER_BYTES ? lines_flush(l, err)
                                                      : st;
}

/* --- what happened to a table --- */

static int64_t time_of(tarn__track_rows *r, int column)
{
    int64_t us = INT64_MIN;
    const char *text =
        column < 0 ? NULL : tarn_rows_text(r->rows, (size_t)column);
    if (text != NULL)
        (void)tarn__time_parse(text, &us);
    return us;
}

static const char *label_new(const tarn__track_run *run, tarn__track_rows *r)
{
    int64_t created = time_of(r, r->created);
    int64_t since =
        run->marker_us - (int64_t)(run->config.prepone_hours * 3600 * 1000000);
    /* An old table that has come into scope is for backfill. */
    return created == INT64_MIN || created > since ? "CREATED" : "NO CHANGE";
}

static const char *label_known(const tarn__track_run *run, tarn__track_rows *r,
    const tarn__track_state *old)
{
    tarn_slice stamp = tarn__buf_slice(&r->stamp);
    if (stamp.len == 0 ||
        tarn__track_stamp(run->key, tarn_str(r->type_name), stamp) != old->at)
        return "UPDATED";
    if (r->fingerprint >= 0 &&
        !tarn_rows_is_null(r->rows, (size_t)r->fingerprint))
        return "NO CHANGE";
    int64_t created = time_of(r, r->created);
    int64_t modified = time_of(r, r->modified);
    int64_t last = created > modified ? created : modified;
    return last >= run->marker_us - TICK_US ? "UPDATED" : "NO CHANGE";
}

static tarn_status label_of(const tarn__track_run *run, tarn__track_rows *r,
    tarn__track_look *look, const char **label, tarn_error *err)
{
    const tarn__track_state *old;
    const char *given =
        r->label < 0 ? NULL : tarn_rows_text(r->rows, (size_t)r->label);
    if (given != NULL) {
        bool known = strcmp(given, "CREATED") == 0 ||
            strcmp(given, "UPDATED") == 0 || strcmp(given, "NO CHANGE") == 0;
        *label = given;
        return known ? TARN_OK
                     : tarn__fail(err, TARN_BAD_INPUT,
                           "%s: the table query gives incremental_state %s "
                           "(CREATED, UPDATED or NO CHANGE)",
                           run->config.path, given);
    }
    *label = "CREATED";
    if (look == NULL)
        return TARN_OK;
    tarn_status st =
        tarn__track_look_up(look, tarn__buf_slice(&r->name), &old, err);
    if (st == TARN_OK)
        *label = old->known ? label_known(run, r, old) : label_new(run, r);
    return st;
}

/* --- databases, schemas, tables --- */

static tarn_status write_rows(const tarn__track_run *run,
    tarn__track_rows *rows, tarn__track_look *look, lines *to, tarn_error *err)
{
    tarn_status st;
    while ((st = tarn__track_rows_next(rows, err)) == TARN_ROW) {
        const char *label = NULL;
        st = TARN_OK;
        if (rows->kind == TARN__TRACK_TABLE)
            st = label_of(run, rows, look, &label, err);
        if (st == TARN_OK)
            st = lines_add(to, rows, label, err);
        if (st != TARN_OK)
            break;
        if (run->options->progress != NULL &&
            run->options->progress(run->options->progress_arg,
                tarn__track_kinds[rows->kind], (uint64_t)to->count, 0))
            return tarn__fail(
                err, TARN_INTERRUPTED, "interrupted (nothing was committed)");
    }
    return st == TARN_OK ? lines_flush(to, err) : st;
}

static tarn_status extract_kind(tarn__track_run *run, tarn__db *db,
    tarn__track_kind kind, tarn__track_look *look, tarn_error *err)
{
    tarn__track_rows rows;
    lines to = LINES_INIT;
    if (run->config.queries[kind] == NULL)
        return TARN_OK;
    tarn_status st =
        lines_open(&to, run->current, tarn__track_kinds[kind], "chunk", 0, err);
    if (st == TARN_OK) {
        st = tarn__track_rows_open(
            &run->config, db, kind, run->marker, NULL, 0, &rows, err);
        if (st == TARN_OK) {
            st = write_rows(run, &rows, look, &to, err);
            tarn__track_rows_close(&rows);
        }
    }
    lines_close(&to);
    return st;
}

static tarn_status extract_tables(
    tarn__track_run *run, tarn__db *db, tarn_error *err)
{
    const tarn_track_options options = tarn__track_step_options(run);
    const tarn__track_work work = {.options = &options,
        .threads = run->options->threads > 0 ? run->options->threads
                                             : tarn__cpu_count()};
    tarn__track_states *stamps = NULL;
    tarn__track_look *look = NULL;
    tarn_status st = TARN_OK;
    if (run->previous != NULL) {
        st = tarn__track_stamps_read(
            &run->scratch, run->key, run->previous, &work, &stamps, err);
        if (st == TARN_OK)
            st = tarn__track_look_create(stamps, run->key, &look, err);
    }
    if (st == TARN_OK)
        st = extract_kind(run, db, TARN__TRACK_TABLE, look, err);
    tarn__track_look_free(look);
    tarn__track_states_free(stamps);
    return st;
}

/* --- columns, batch by batch --- */

typedef struct columns {
    tarn__track_run *run;
    int64_t batches;
    tarn__mutex lock;
    int64_t next;
    bool failed;
    int64_t extracted;
} columns;

static tarn_status read_ids(const tarn__track_run *run, int64_t batch,
    json_t **json, const char ***ids, size_t *count, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    *json = NULL;
    *ids = NULL;
    char *path =
        tarn__sprintf("%s/batch-%lld.json", run->batches, (long long)batch);
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__file_slurp(path, BATCH_MAX_BYTES, &text, err);
    if (st == TARN_OK)
        st = tarn__json_parse(tarn__buf_slice(&text), path, json, err);
    *count = json_array_size(*json);
    if (st == TARN_OK) {
        *ids = tarn__calloc(*count + 1, sizeof(**ids));
        st = *ids == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    for (size_t i = 0; st == TARN_OK && i < *count; i++)
        (*ids)[i] = json_string_value(json_array_get(*json, i));
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

static tarn_status do_batch(
    columns *c, tarn__db *db, int64_t batch, tarn_error *err)
{
    json_t *json;
    const char **ids;
    size_t count;
    tarn__track_rows rows;
    lines to = LINES_INIT;
    tarn__track_run *run = c->run;
    tarn_status st = read_ids(run, batch, &json, &ids, &count, err);
    if (st == TARN_OK)
        st = lines_open(&to, run->current, "column", "batch", batch, err);
    if (st == TARN_OK) {
        st = tarn__track_rows_open(&run->config, db, TARN__TRACK_COLUMN,
            run->marker, ids, count, &rows, err);
        if (st == TARN_OK) {
            st = write_rows(run, &rows, NULL, &to, err);
            tarn__track_rows_close(&rows);
        }
    }
    tarn__mutex_lock(&c->lock);
    c->extracted += to.count;
    tarn__mutex_unlock(&c->lock);
    lines_close(&to);
    tarn__free(ids);
    json_decref(json);
    return st;
}

static bool next_batch(columns *c, int64_t *batch)
{
    tarn__mutex_lock(&c->lock);
    *batch = c->next;
    bool there = c->next < c->batches && !c->failed;
    c->next += there;
    tarn__mutex_unlock(&c->lock);
    return there;
}

static tarn_status do_batches(void *ctx, tarn_error *err)
{
    columns *c = ctx;
    tarn__db *db;
    int64_t batch;
    tarn_status st = tarn__track_source_connect(&c->run->source, &db, err);
    if (st == TARN_OK) {
        while (st == TARN_OK && next_batch(c, &batch))
            st = do_batch(c, db, batch, err);
        tarn__db_close(db);
    }
    tarn__mutex_lock(&c->lock);
    c->failed = c->failed || st != TARN_OK;
    tarn__mutex_unlock(&c->lock);
    return st;
}

static tarn_status extract_columns(tarn__track_run *run, tarn_error *err)
{
    tarn_track_options options = tarn__track_step_options(run);
    tarn_track_plan_counts counts;
    columns c = {.run = run};
    options.batch_size = (uint64_t)run->config.batch_size;
    tarn_status st = tarn_track_plan(run->current, run->previous, run->batches,
        &options, NULL, NULL, &counts, err);
    if (st != TARN_OK || counts.batches == 0)
        return st;
    c.batches = counts.batches;
    int64_t jobs =
        run->config.jobs < counts.batches ? run->config.jobs : counts.batches;
    tarn__mutex_init(&c.lock);
    st = tarn__parallel((int)jobs, do_batches, &c, err);
    tarn__mutex_free(&c.lock);
    run->result->columns_extracted = c.extracted;
    return st;
}

tarn_status tarn__track_extract(tarn__track_run *run, tarn_error *err)
{
    tarn__db *db;
    tarn_status st = tarn__track_source_connect(&run->source, &db, err);
    if (st != TARN_OK)
        return st;
    st = extract_kind(run, db, TARN__TRACK_DATABASE, NULL, err);
    if (st == TARN_OK)
        st = extract_kind(run, db, TARN__TRACK_SCHEMA, NULL, err);
    if (st == TARN_OK)
        st = extract_tables(run, db, err);
    tarn__db_close(db);
    return st == TARN_OK ? extract_columns(run, err) : st;
}
