/* Which files are live, and which were removed, after some actions. */
#include "base/error.h"
#include "base/memory.h"
#include "delta/delta_internal.h"

void tarn__state_init(tarn__delta_state *state)
{
    static const tarn__delta_state none = {.version = -1};
    *state = none;
}

void tarn__state_reset(tarn__delta_state *state)
{
    tarn__delta_files_free(state->files, state->file_count);
    for (size_t i = 0; i < state->tomb_count; i++)
        tarn__free(state->tombs[i].path);
    tarn__free(state->tombs);
    tarn__path_map_reset(&state->file_map);
    tarn__path_map_reset(&state->tomb_map);
    tarn__free(state->metadata);
    tarn__state_init(state);
}

/* The last element takes the place of the one that goes. */
static void drop_tomb(tarn__delta_state *s, const char *path)
{
    size_t at;
    if (!tarn__path_map_get(&s->tomb_map, path, &at))
        return;
    tarn__path_map_remove(&s->tomb_map, path);
    tarn__free(s->tombs[at].path);
    size_t last = --s->tomb_count;
    if (at == last)
        return;
    s->tombs[at] = s->tombs[last];
    /* Replaces: it takes no memory. */
    tarn_status st =
        tarn__path_map_put(&s->tomb_map, s->tombs[at].path, at, NULL);
    (void)st;
}

static void drop_file(tarn__delta_state *s, const char *path)
{
    size_t at;
    if (!tarn__path_map_get(&s->file_map, path, &at))
        return;
    tarn__path_map_remove(&s->file_map, path);
    tarn__delta_file_reset(&s->files[at]);
    size_t last = --s->file_count;
    if (at == last)
        return;
    s->files[at] = s->files[last];
    tarn_status st =
        tarn__path_map_put(&s->file_map, s->files[at].path, at, NULL);
    (void)st;
}

static tarn_status add_file(
    tarn__delta_state *s, tarn__action *action, tarn_error *err)
{
    drop_file(s, action->file.path);
    void *raw = s->files;
    tarn_status st = tarn__grow(
        &raw, &s->file_cap, s->file_count + 1, sizeof(*s->files), err);
    s->files = raw;
    if (st == TARN_OK)
        st = tarn__path_map_put(
            &s->file_map, action->file.path, s->file_count, err);
    if (st != TARN_OK)
        return st;
    s->files[s->file_count++] = action->file;
    drop_tomb(s, action->file.path);
    action->file.path = NULL;
    action->file.stats = NULL;
    return TARN_OK;
}

static tarn_status remove_file(
    tarn__delta_state *s, tarn__action *action, tarn_error *err)
{
    char *path = action->file.path;
    drop_file(s, path);
    drop_tomb(s, path);
    void *raw = s->tombs;
    tarn_status st = tarn__grow(
        &raw, &s->tomb_cap, s->tomb_count + 1, sizeof(*s->tombs), err);
    s->tombs = raw;
    if (st == TARN_OK)
        st = tarn__path_map_put(&s->tomb_map, path, s->tomb_count, err);
    if (st != TARN_OK)
        return st;
    s->tombs[s->tomb_count++] =
        (tarn__tombstone){path, action->deletion_ms, action->file.data_change};
    action->file.path = NULL;
    return TARN_OK;
}

tarn_status tarn__state_apply(void *arg, tarn__action *action, tarn_error *err)
{
    tarn__delta_state *s = arg;
    switch (action->kind) {
    case TARN__ACTION_ADD:
        return add_file(s, action, err);
    case TARN__ACTION_REMOVE:
        return remove_file(s, action, err);
    case TARN__ACTION_METADATA:
        tarn__free(s->metadata);
        s->metadata = action->metadata;
        action->metadata = NULL;
        return TARN_OK;
    case TARN__ACTION_PROTOCOL:
        s->has_protocol = true;
        return TARN_OK;
    case TARN__ACTION_COMMIT_INFO:
        break;
    }
    return TARN_OK;
}
