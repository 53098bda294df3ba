/* Making a lake.  tarn.json comes last: without it there is no lake. */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/durable.h"
#include "os/file.h"

static tarn_status config_text(const tarn__id *id, const char *label,
    int64_t now_us, tarn_buf *out, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    char time[TARN__TIME_TEXT_BYTES];

    tarn_status st = tarn__buf_printf(out, err,
        "{\"format\":%d,\"id\":\"%s\",\"label\":", TARN__FORMAT_VERSION,
        tarn__id_format(id, text));
    if (st == TARN_OK && label != NULL)
        st = tarn__json_quote(out, tarn_str(label), err);
    else if (st == TARN_OK)
        st = tarn__buf_str(out, "null", err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err, ",\"created\":\"%s\"}\n",
            tarn__time_format(now_us, time));
    return st;
}

static tarn_status make_folders(const tarn__layout *at, tarn_error *err)
{
    const char *const folders[] = {
        at->dir, at->objects, at->views, at->runs, at->tmp, at->pins};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        tarn_status st = tarn__mkdirs(folders[i], err);
        if (st != TARN_OK)
            return st;
    }
    return TARN_OK;
}

static tarn_status make_log(const tarn__layout *at, const char *tmp,
    const tarn__id *id, int64_t now_us, tarn_error *err)
{
    char text[TARN__ID_TEXT_BYTES];
    const tarn__delta_options options = {
        .columns = tarn__op_columns,
        .column_count = TARN__OP_COLUMN_COUNT,
        .tmp_dir = tmp,
    };
    const tarn__delta_write first = {
        .timestamp_ms = now_us / 1000,
        .operation = "CREATE TABLE",
        .tarn = TARN__OWN_FIELDS("init"),
        .data_change = true,
    };

    return tarn__delta_create(
        at->log, &options, tarn__id_format(id, text), &first, err);
}

/* Has it entries of these names alone?  One that is not there has. */
static tarn_status holds_only(const char *dir, const char *const *names,
    size_t count, bool *only, tarn_error *err)
{
    tarn__dir *entries = NULL;
    tarn__dirent entry;
    tarn_error why = TARN_ERROR_INIT;

    tarn_status st = tarn__dir_open(dir, &entries, &why);
    *only = true;
    while (st == TARN_OK && *only &&
        (st = tarn__dir_next(entries, &entry, &why)) == TARN_ROW) {
        st = TARN_OK;
        *only = false;
        for (size_t i = 0; i < count; i++)
            *only = *only || strcmp(entry.name, names[i]) == 0;
    }
    tarn__dir_close(entries);
    if (st == TARN_OK || st == TARN_NOT_FOUND)
        return TARN_OK;
    if (err != NULL)
        *err = why;
    return st;
}

static tarn_status refuse_foreign_log(const char *dir, tarn_error *err)
{
    return tarn__fail(err, TARN_EXISTS,
        "%s: holds a folder \"log\" that is not a lake's (choose another "
        "folder)",
        dir);
}

/* An init that was killed leaves a log with nothing in it, and only that is
 * ours to remove.  One with commits is a lake that has lost its tarn.json, and
 * all that is left of it. */
static tarn_status check_log(const tarn__layout *at, tarn_error *err)
{
    static const char *const parts[] = {"_delta_log", "data"};
    static const char *const first[] = {"00000000000000000000.json"};
    char *commits = tarn__path_join(at->log, parts[0]);
    char *data = tarn__path_join(at->log, parts[1]);
    bool ours = true, begun = true, empty = true;
    tarn_status st =
        commits == NULL || data == NULL ? tarn__no_memory(err) : TARN_OK;

    if (st == TARN_OK)
        st = holds_only(at->log, parts, 2, &ours, err);
    if (st == TARN_OK && ours)
        st = holds_only(commits, first, 1, &begun, err);
    if (st == TARN_OK && ours)
        st = holds_only(data, NULL, 0, &empty, err);
    tarn__free(commits);
    tarn__free(data);
    if (st == TARN_OK && !ours)
        return refuse_foreign_log(at->dir, err);
    if (st == TARN_OK && !(begun && empty))
        return tarn__fail(err, TARN_EXISTS,
            "%s: holds the log of a lake, only its tarn.json is missing "
            "(restore that file, or choose another folder)",
            at->dir);
    return st;
}

/* Makes the folder, and durable in the folders above it as far as they are
 * new. */
static tarn_status make_dir(const char *dir, tarn_error *err)
{
    char *up = tarn__strdup(dir);
    size_t len = strlen(dir);
    tarn_status st = up == NULL ? tarn__no_memory(err) : TARN_OK;
    bool stood = up != NULL && tarn__path_exists(dir);

    if (st == TARN_OK)
        st = tarn__mkdirs(dir, err);
    /* The parents of what was made; where it stood already, its own parent: a
     * killed init may have made it. */
    while (st == TARN_OK && len > 1) {
        while (len > 1 && up[len - 1] == '/')
            len--;
        while (len > 0 && up[len - 1] != '/')
            len--;
        up[len] = '\0';
        (void)!tarn__sync_dir(len > 0 ? up : ".", NULL); /* not ours to read */
        if (stood || len == 0)
            break;
    }
    tarn__free(up);
    return st;
}

/* Under the lock: two inits of one folder make one lake. */
static tarn_status make_lake(const tarn__layout *at, const tarn__id *id,
    const char *label, tarn_error *err)
{
    tarn__scratch scratch = TARN__SCRATCH_INIT;
    tarn_buf config = TARN_BUF_INIT;
    int64_t now_us = tarn__now_us() / 1000 * 1000;
    bool there;

    tarn_status st = tarn__path_look(at->config, &there, err);
    if (st == TARN_OK && there)
        st = tarn__fail(err, TARN_EXISTS,
            "%s: there is a lake already (choose another folder)", at->dir);
    if (st == TARN_OK)
        st = check_log(at, err);
    if (st == TARN_OK)
        st = tarn__remove_tree(at->log, err);
    if (st == TARN_OK)
        st = make_folders(at, err);
    /* The lock file outlasts a power cut that the log outlasts: by it the next
     * init knows that the log is its own to remove. */
    if (st == TARN_OK)
        st = tarn__sync_dir(at->dir, err);
    if (st == TARN_OK)
        st = tarn__scratch_open(&scratch, at->tmp, err);
    if (st == TARN_OK)
        st = make_log(at, scratch.path, id, now_us, err);
    if (st == TARN_OK)
        st = config_text(id, label, now_us, &config, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(at->dir, err);
    if (st == TARN_OK)
        st = tarn__create_durably(
            at->config, scratch.path, tarn__buf_slice(&config), 0, err);
    tarn__scratch_close(&scratch);
    tarn_buf_reset(&config);
    return st;
}

tarn_status tarn_lake_init(const char *dir, const char *label, tarn_error *err)
{
    tarn__layout at = {0};
    tarn__lock lock = TARN__LOCK_INIT;
    tarn__id id;
    bool log = false, locked = false;

    if (dir[0] == '\0')
        return tarn__fail(err, TARN_INVALID,
            "init: the folder's name is empty (give one, such as .)");
    if (label != NULL && !tarn__utf8_valid(tarn_str(label)))
        return tarn__fail(
            err, TARN_INVALID, "init: the label is not UTF-8 (give another)");
    tarn_status st = tarn__layout_make(&at, dir, err);
    if (st == TARN_OK)
        st = tarn__id_new(&id, err);
    if (st == TARN_OK)
        st = tarn__path_look(at.log, &log, err);
    if (st == TARN_OK && log)
        st = tarn__path_look(at.lock, &locked, err);
    if (st == TARN_OK && log && !locked)
        st = refuse_foreign_log(dir, err);
    if (st == TARN_OK)
        st = make_dir(dir, err);
    if (st == TARN_OK)
        st = tarn__lock_take(&lock, at.lock, false, 0, err);
    if (st == TARN_LOCKED)
        st = tarn__fail(
            err, st, "%s: another process is at work there (try again)", dir);
    if (st == TARN_OK)
        st = make_lake(&at, &id, label, err);
    tarn__lock_release(&lock);
    tarn__layout_reset(&at);
    return st;
}

tarn_status tarn_lake_find(const char *start, char **dir, tarn_error *err)
{
    char *at = NULL;

    *dir = NULL;
    tarn_status st = tarn__realpath(start, &at, err);
    if (st != TARN_OK)
        return st;
    for (size_t len = strlen(at); len > 0;) {
        char *config = tarn__path_join(at, "tarn.json");
        if (config == NULL) {
            st = tarn__no_memory(err);
            break;
        }
        bool found;
        st = tarn__path_look(config, &found, err);
        tarn__free(config);
        if (st != TARN_OK)
            break;
        if (found) {
            *dir = at;
            return TARN_OK;
        }
        if (len == 1)
            break;
        while (len > 1 && at[len - 1] != '/')
            len--;
        if (len > 1)
            len--;
        at[len] = '\0';
    }
    tarn__free(at);
    if (st != TARN_OK)
        return st;
    return tarn__fail(err, TARN_NOT_FOUND,
        "%s: no lake here or above (give one with -C or $TARN, or make one "
        "with tarn init)",
        start);
}
