/* Cursors of incremental steps: in the lake's state (scope "flow.NAME", a name
 * a step), or without a lake in cursors.json among the runs. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "flow/run_internal.h"
#include "os/file.h"

/* Member of cursors.json that no flow's name is: which run moved its cursors. */
#define MOVER ""
#define FILE_MAX ((size_t)64 * 1024 * 1024)

bool tarn__run_has_cursors(const tarn__run *run)
{
    for (size_t i = 0; i < run->flow->step_count; i++)
        if (run->flow->steps[i].incremental.column != NULL)
            return true;
    return false;
}

static char *scope_of(const tarn__run *run)
{
    return tarn__sprintf("flow.%s", run->flow->name);
}

static char *file_of(const tarn__run *run)
{
    return tarn__path_join(run->folder.runs, "cursors.json");
}

/* --- reading --- */

/* As it is now, whatever version is read: another run may have moved it since
 * this one first began. */
static tarn_status from_lake(const tarn__run *run, tarn_snapshot *head,
    tarn__step_run *s, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    char *scope = scope_of(run);
    if (scope == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn_state_get(head, scope, s->step->id, &value, err);
    if (st == TARN_OK && (s->cursor_from = tarn__buf_take(&value)) == NULL)
        st = tarn__no_memory(err);
    tarn_buf_reset(&value);
    tarn__free(scope);
    return st == TARN_NOT_FOUND ? TARN_OK : st;
}

static tarn_status read_file(
    const tarn__run *run, json_t **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    char *path = file_of(run);
    *out = NULL;
    if (path == NULL)
        return tarn__no_memory(err);
    bool there;
    tarn_status st = tarn__path_look(path, &there, err);
    if (st == TARN_OK && there) {
        st = tarn__file_slurp(path, FILE_MAX, &text, err);
        if (st == TARN_OK)
            st = tarn__json_parse(tarn__buf_slice(&text), path, out, err);
    } else if (st == TARN_OK && (*out = json_object()) == NULL) {
        st = tarn__no_memory(err);
    }
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

static tarn_status from_file(const tarn__run *run, const json_t *file,
    tarn__step_run *s, tarn_error *err)
{
    const char *cursor =
        tarn__json_text(json_object_get(file, run->flow->name), s->step->id);
    if (cursor != NULL && (s->cursor_from = tarn__strdup(cursor)) == NULL)
        return tarn__no_memory(err);
    return TARN_OK;
}

static tarn_status read_all(
    tarn__run *run, tarn_snapshot *head, const json_t *file, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < run->flow->step_count; i++) {
        tarn__step_run *s = &run->steps[i];
        if (s->step->incremental.column != NULL && !run->given.full)
            st = head != NULL ? from_lake(run, head, s, err)
                              : from_file(run, file, s, err);
    }
    return st;
}

tarn_status tarn__cursors_read(tarn__run *run, tarn_error *err)
{
    json_t *file = NULL;
    tarn_snapshot *head = NULL;
    if (!tarn__run_has_cursors(run))
        return TARN_OK;
    tarn_status st = run->lake.lake == NULL
        ? read_file(run, &file, err)
        : tarn_snapshot_open(run->lake.lake, TARN_LATEST, &head, err);
    const char *mover =
        tarn__json_text(json_object_get(file, MOVER), run->flow->name);
    if (mover != NULL && strcmp(mover, run->folder.name) == 0)
        run->committed = run->resumed;
    if (st == TARN_OK)
        st = read_all(run, head, file, err);
    tarn_snapshot_free(head);
    json_decref(file);
    return st;
}

/* In the form that the cursor has: a date, a time with 'T' and 'Z', or one with
 * a space. */
static char *without_lag(const char *cursor, int64_t us, int64_t lag_us)
{
    char text[TARN__TIME_TEXT_BYTES];
    (void)tarn__time_format(us - lag_us, text);
    char *out = tarn__strdup(text);
    if (out == NULL)
        return NULL;
    char *t = strchr(out, 'T');
    if (t != NULL && strchr(cursor, 'T') == NULL)
        *t = ' ';
    size_t len = strlen(out);
    if (len > 0 && out[len - 1] == 'Z' && strchr(cursor, 'Z') == NULL)
        out[len - 1] = '\0';
    return out;
}

tarn_status tarn__cursor_ask(
    const tarn__step_run *s, char **out, tarn_error *err)
{
    const tarn__flow_incremental *in = &s->step->incremental;
    const char *cursor = s->cursor_from == NULL ? in->initial : s->cursor_from;
    int64_t us;
    *out = NULL;
    if (in->column == NULL || cursor == NULL)
        return TARN_OK;
    *out = s->cursor_from != NULL && in->lag_us > 0 &&
            tarn__time_parse(cursor, &us)
        ? without_lag(cursor, us, in->lag_us)
        : tarn__strdup(cursor);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* --- writing --- */

tarn_status tarn__cursors_put(tarn__run *run, tarn_txn *txn, tarn_error *err)
{
    tarn_status st = TARN_OK;
    char *scope = scope_of(run);
    if (scope == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < run->flow->step_count; i++) {
        const tarn__step_run *s = &run->steps[i];
        if (s->step->incremental.column != NULL && s->made.cursor != NULL)
            st = tarn_state_put(
                txn, scope, s->step->id, tarn_str(s->made.cursor), err);
    }
    tarn__free(scope);
    return st;
}

/* The member of `file`, made when it is not there; borrowed. */
static json_t *member(json_t *file, const char *name)
{
    json_t *object = json_object_get(file, name);
    if (json_is_object(object))
        return object;
    object = json_object();
    return json_object_set_new_nocheck(file, name, object) == 0 ? object : NULL;
}

static tarn_status put_file(tarn__run *run, json_t *file, tarn_error *err)
{
    json_t *flow = member(file, run->flow->name);
    json_t *movers = member(file, MOVER);
    if (flow == NULL || movers == NULL ||
        json_object_set_new_nocheck(
            movers, run->flow->name, json_string(run->folder.name)) != 0)
        return tarn__no_memory(err);
    for (size_t i = 0; i < run->flow->step_count; i++) {
        const tarn__step_run *s = &run->steps[i];
        if (s->step->incremental.column != NULL && s->made.cursor != NULL &&
            json_object_set_new_nocheck(
                flow, s->step->id, json_string_nocheck(s->made.cursor)) != 0)
            return tarn__no_memory(err);
    }
    char *path = file_of(run);
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__run_write_json(path, run->folder.dir, file, err);
    tarn__free(path);
    return st;
}

tarn_status tarn__cursors_write(tarn__run *run, tarn_error *err)
{
    tarn__lock lock = TARN__LOCK_INIT;
    json_t *file = NULL;
    if (!tarn__run_has_cursors(run))
        return TARN_OK;
    char *path = tarn__path_join(run->folder.runs, "cursors.lock");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st =
        tarn__lock_take(&lock, path, false, run->options->wait_us, err);
    if (st == TARN_OK)
        st = read_file(run, &file, err);
    if (st == TARN_OK)
        st = put_file(run, file, err);
    json_decref(file);
    tarn__lock_release(&lock);
    tarn__free(path);
    return st;
}
