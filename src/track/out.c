/* OUT, made beside its place and renamed.
 *
 * It is made in .NAME.tarn/PID-START/out, and .NAME.tarn is removed with it;
 * what a killed process left there goes at the next start.
 */
#include "track/out.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/durable.h"
#include "os/file.h"
#include "store/store.h"
#include "track/config.h"

static tarn_status is_empty(const char *path, bool *empty, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    tarn_status st = tarn__dir_open(path, &dir, err);
    if (st != TARN_OK)
        return st;
    st = tarn__dir_next(dir, &entry, err);
    *empty = st == TARN_OK;
    tarn__dir_close(dir);
    return st == TARN_ROW ? TARN_OK : st;
}

static tarn_status look(tarn__track_out *out, bool replace, tarn_error *err)
{
    bool there, empty;
    tarn_status st = tarn__path_look(out->path, &there, err);
    if (st != TARN_OK || !there)
        return st;
    if (!tarn__path_is_dir(out->path))
        return tarn__fail(err, TARN_EXISTS,
            "%s: is there and no folder (choose another)", out->path);
    st = is_empty(out->path, &empty, err);
    if (st != TARN_OK)
        return st;
    out->there = !empty;
    return empty || replace
        ? TARN_OK
        : tarn__fail(err, TARN_EXISTS,
              "%s: is not empty (choose another, or --replace)", out->path);
}

/* The path without a final '/', links at its end followed. */
static tarn_status settle_path(const char *path, char **out, tarn_error *err)
{
    size_t len = strlen(path);
    if (len == 0)
        return tarn__fail(
            err, TARN_INVALID, "the output folder: has no name (write one)");
    while (len > 1 && path[len - 1] == '/')
        len--;
    *out = tarn__strndup(path, len);
    if (*out == NULL)
        return tarn__no_memory(err);
    if (!tarn__path_is_dir(*out))
        return TARN_OK;
    char *real;
    tarn_status st = tarn__realpath(*out, &real, err);
    tarn__free(*out);
    *out = st == TARN_OK ? real : NULL;
    return st;
}

static tarn_status make_stage(tarn__track_out *out, tarn_error *err)
{
    const char *base = tarn__path_base(out->path);
    size_t above = (size_t)(base - out->path);
    char *parent =
        above == 0 ? tarn__strdup(".") : tarn__strndup(out->path, above);
    if (parent == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__mkdirs(parent, err);
    if (st == TARN_OK) {
        out->waiting = tarn__sprintf("%s/.%s.tarn", parent, base);
        st = out->waiting == NULL
            ? tarn__no_memory(err)
            : tarn__store_scratch(&out->scratch, out->waiting, err);
    }
    if (st == TARN_OK) {
        out->stage = tarn__path_join(out->scratch.path, "out");
        st = out->stage == NULL ? tarn__no_memory(err)
                                : tarn__mkdir(out->stage, err);
    }
    tarn__free(parent);
    return st;
}

tarn_status tarn__track_out_open(
    tarn__track_out *out, const char *path, bool replace, tarn_error *err)
{
    *out = (tarn__track_out)TARN__TRACK_OUT_INIT;
    tarn_status st = settle_path(path, &out->path, err);
    if (st == TARN_OK)
        st = look(out, replace, err);
    if (st == TARN_OK)
        st = make_stage(out, err);
    if (st != TARN_OK)
        tarn__track_out_close(out);
    return st;
}

static bool would_destroy(const char *out, const char *state, bool same)
{
    const char *rest = tarn__path_below(out, state);
    if (rest != NULL && rest[0] == '\0')
        return !same;
    for (int i = 0; rest != NULL && i < TARN__TRACK_KINDS; i++)
        if (tarn__path_below(rest, tarn__track_kinds[i]) != NULL)
            return true;
    return tarn__path_below(state, out) != NULL;
}

tarn_status tarn__track_out_apart(
    const tarn__track_out *out, const char *state, bool same, tarn_error *err)
{
    char *real;
    bool there;
    if (!out->there || state == NULL)
        return TARN_OK;
    tarn_status st = tarn__path_look(state, &there, err);
    if (st != TARN_OK || !there)
        return st;
    st = tarn__realpath(state, &real, err);
    if (st != TARN_OK)
        return st;
    if (would_destroy(out->path, real, same))
        st = tarn__fail(err, TARN_INVALID,
            "%s: to replace it would destroy %s (choose another)", out->path,
            state);
    tarn__free(real);
    return st;
}

tarn_status tarn__track_out_publish(tarn__track_out *out, tarn_error *err)
{
    if (!out->there)
        return tarn__rename(out->stage, out->path, err);
    /* The old one goes with the scratch folder, and may be all that there was
     * of the state: the new one is on the disk before it takes its place. */
    tarn_status st = tarn__sync_tree(out->stage, NULL, err);
    return st == TARN_OK ? tarn__swap_names(out->stage, out->path, err) : st;
}

void tarn__track_out_close(tarn__track_out *out)
{
    tarn__store_scratch_close(&out->scratch);
    if (out->waiting != NULL) {
        tarn_status st = tarn__rmdir(out->waiting, NULL);
        (void)st; /* another process makes the same folder */
    }
    tarn__free(out->path);
    tarn__free(out->waiting);
    tarn__free(out->stage);
    *out = (tarn__track_out)TARN__TRACK_OUT_INIT;
}
