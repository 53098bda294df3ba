/* Opening stores, and closing them.
 *
 * S1  A store has its file open, or is closed; a closed one stays closed.
 * S2  An ephemeral store's file lies in a scratch folder that is removed when
 *     it is closed, when the process ends, or by the next sweep.
 * S3  What spills lies in a folder of this store's own: in its scratch folder,
 *     or, for the one writer of a file, beside it.
 */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/file.h"
#include "os/process.h"
#include "store/store_internal.h"

#define LOCK_PAUSE_US 50000
#define DEFAULT_MEMORY_BYTES 2000000000U

static const tarn_store_options defaults = TARN_STORE_OPTIONS_INIT;

tarn_status tarn_store_default_path(
    const char *id, tarn_buf *out, tarn_error *err)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char *home = NULL;
    if (*id == '\0' || *id == '.' || strspn(id, legal) != strlen(id))
        return tarn__fail(err, TARN_INVALID,
            "project %s: is no project's id (letters, digits, '.', '-' and "
            "'_')",
            id);
    tarn_status st = tarn__store_home(&home, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(out, err, "%s/%s.db", home, id);
    tarn__free(home);
    return st;
}

/* The pid in "... (PID 123)", as DuckDB names the holder of a lock. */
static long long holder(const char *message)
{
    const char *at = strstr(message, "PID ");
    size_t digits = at == NULL ? 0 : strspn(at + 4, "0123456789");
    char text[24];
    int64_t pid = 0;
    if (digits == 0 || digits >= sizeof text)
        return 0;
    memcpy(text, at + 4, digits);
    text[digits] = '\0';
    return tarn__parse_i64(text, &pid) ? pid : 0;
}

static tarn_status explain(
    const tarn_store *store, tarn_status st, tarn_error *err)
{
    char cause[TARN_ERROR_MESSAGE_BYTES] = "";
    if (err != NULL)
        memcpy(cause, err->message, sizeof cause);
    if (st == TARN_LOCKED) {
        long long pid = holder(cause);
        char who[64] = "another process";
        if (pid > 0)
            (void)snprintf(who, sizeof who, "process %lld", pid);
        return tarn__fail(err, TARN_LOCKED,
            "%s: is held by %s (wait with --wait SECONDS, or end it)",
            store->path, who);
    }
    if (st == TARN_CORRUPT)
        return tarn__fail(err, TARN_CORRUPT, "%s: is no sound DuckDB file: %s",
            store->path, cause);
    if (store->path != NULL && strstr(cause, store->path) == NULL)
        tarn__error_prefix(err, "%s", store->path);
    return st;
}

/* Waits for another process's lock, in short naps. */
static tarn_status open_duck(
    tarn_store *store, const tarn_store_options *o, tarn_error *err)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    tarn_error local = TARN_ERROR_INIT;
    tarn_error *e = err == NULL ? &local : err;
    options.path = store->path;
    options.read_only = store->read_only;
    options.memory_bytes = store->memory_bytes;
    options.threads = store->threads;
    options.temp_dir = store->spill;
    options.external_access = !o->no_host;
    options.unordered = o->unordered;
    int64_t until = tarn__monotonic_us() + o->wait_us;
    tarn_status st;
    while ((st = tarn__duck_open(&options, &store->duck, e)) == TARN_LOCKED) {
        if (tarn__monotonic_us() >= until)
            break;
        if (tarn__interrupted())
            return tarn__fail(
                e, TARN_INTERRUPTED, "%s: interrupted", store->path);
        tarn__sleep_us(LOCK_PAUSE_US);
    }
    return st == TARN_OK ? st : explain(store, st, e);
}

static tarn_status set_spill(
    tarn_store *store, const char *parent, tarn_error *err)
{
    if (store->kind == STORE_PERSISTENT && !store->read_only &&
        parent == NULL) {
        store->spill = tarn__sprintf("%s.tmp", store->path);
        return store->spill == NULL ? tarn__no_memory(err) : TARN_OK;
    }
    /* Without a place of its own, as where the home folder is not to be
     * written, a store does without. */
    if (store->scratch.path == NULL &&
        tarn__store_scratch(&store->scratch, parent, NULL) != TARN_OK)
        return TARN_OK;
    store->spill = tarn__path_join(store->scratch.path, "spill");
    return store->spill == NULL ? tarn__no_memory(err) : TARN_OK;
}

/* FILE.tmp is named after the store, and may hold what is not of its making:
 * only DuckDB's own files go, and the folder when nothing else is in it. */
static tarn_status clear_spill(const char *spill, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    tarn_error why = TARN_ERROR_INIT;
    tarn_status st = tarn__dir_open(spill, &dir, &why);
    while (
        st == TARN_OK && (st = tarn__dir_next(dir, &entry, &why)) == TARN_ROW) {
        st = TARN_OK;
        if (entry.kind != TARN__FILE_REGULAR ||
            !tarn__starts_with(entry.name, "duckdb_temp_"))
            continue;
        char *path = tarn__path_join(spill, entry.name);
        st = path == NULL ? tarn__no_memory(&why) : tarn__unlink(path, &why);
        st = st == TARN_NOT_FOUND ? TARN_OK : st;
        tarn__free(path);
    }
    tarn__dir_close(dir);
    if (st == TARN_OK)
        (void)!tarn__rmdir(spill, NULL);
    if (st == TARN_OK || st == TARN_NOT_FOUND)
        return TARN_OK;
    if (err != NULL)
        *err = why;
    return st;
}

static tarn_status start(tarn_store *store, const tarn_store_options *options,
    tarn_store **out, tarn_error *err)
{
    const tarn_store_options *o = options == NULL ? &defaults : options;
    store->memory_bytes =
        o->memory_bytes == 0 ? DEFAULT_MEMORY_BYTES : o->memory_bytes;
    store->threads = o->threads > 0 ? o->threads : tarn__cpu_count();
    tarn_status st = set_spill(store, o->temp_dir, err);
    if (st == TARN_OK)
        st = open_duck(store, o, err);
    if (st != TARN_OK) {
        tarn_store_free(store);
        return st;
    }
    /* Left by a writer that was killed; ours is made when first needed. */
    if (store->scratch.path == NULL && store->spill != NULL)
        st = clear_spill(store->spill, err);
    if (st != TARN_OK) {
        tarn_store_free(store);
        return st;
    }
    *out = store;
    return TARN_OK;
}

static tarn_status create(store_kind kind, const char *path, bool read_only,
    tarn_store **out, tarn_error *err)
{
    *out = NULL;
    tarn_store *store = tarn__calloc(1, sizeof(*store));
    if (store == NULL)
        return tarn__no_memory(err);
    store->kind = kind;
    store->read_only = read_only;
    store->pid = tarn__pid();
    store->scratch = (tarn__scratch)TARN__SCRATCH_INIT;
    if (path != NULL && (store->path = tarn__strdup(path)) == NULL) {
        tarn__free(store);
        return tarn__no_memory(err);
    }
    *out = store;
    return TARN_OK;
}

static tarn_status make_parents(const char *path, tarn_error *err)
{
    const char *base = tarn__path_base(path);
    if (base == path)
        return TARN_OK;
    char *dir = tarn__strndup(path, (size_t)(base - path));
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__path_is_dir(dir) ? TARN_OK : tarn__mkdirs(dir, err);
    tarn__free(dir);
    return st;
}

static tarn_status check_path(const char *path, tarn_error *err)
{
    if (path == NULL || *path == '\0')
        return tarn__fail(err, TARN_INVALID,
            "store: a path is missing (a store without one is ephemeral or in "
            "memory)");
    if (tarn__path_is_dir(path))
        return tarn__fail(
            err, TARN_INVALID, "%s: is a folder (name a file in it)", path);
    return TARN_OK;
}

tarn_status tarn_store_open(const char *path, const tarn_store_options *options,
    tarn_store **out, tarn_error *err)
{
    tarn_store *store;
    *out = NULL;
    tarn_status st = check_path(path, err);
    if (st == TARN_OK)
        st = make_parents(path, err);
    if (st == TARN_OK)
        st = create(STORE_PERSISTENT, path, false, &store, err);
    return st == TARN_OK ? start(store, options, out, err) : st;
}

tarn_status tarn_store_open_existing(const char *path, bool read_only,
    const tarn_store_options *options, tarn_store **out, tarn_error *err)
{
    tarn_store *store;
    *out = NULL;
    tarn_status st = check_path(path, err);
    if (st == TARN_OK && !tarn__path_exists(path))
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: there is no such store (load or fetch events first: tarn "
            "events load)",
            path);
    if (st == TARN_OK)
        st = create(STORE_PERSISTENT, path, read_only, &store, err);
    return st == TARN_OK ? start(store, options, out, err) : st;
}

tarn_status tarn_store_memory(
    const tarn_store_options *options, tarn_store **out, tarn_error *err)
{
    tarn_store *store;
    *out = NULL;
    tarn_status st = create(STORE_MEMORY, NULL, false, &store, err);
    return st == TARN_OK ? start(store, options, out, err) : st;
}

tarn_status tarn_store_ephemeral(
    const tarn_store_options *options, tarn_store **out, tarn_error *err)
{
    const tarn_store_options *o = options == NULL ? &defaults : options;
    tarn_store *store;
    *out = NULL;
    tarn_status st = create(STORE_EPHEMERAL, NULL, false, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn__store_scratch(&store->scratch, o->temp_dir, err);
    if (st == TARN_OK) {
        store->path = tarn__path_join(store->scratch.path, "store.duckdb");
        if (store->path == NULL)
            st = tarn__no_memory(err);
    }
    if (st != TARN_OK) {
        tarn_store_free(store);
        return st;
    }
    return start(store, options, out, err);
}

const char *tarn_store_path(const tarn_store *store)
{
    return store->path;
}

bool tarn_store_is_read_only(const tarn_store *store)
{
    return store->read_only;
}

bool tarn_store_is_open(const tarn_store *store)
{
    return store->duck != NULL;
}

tarn__duck *tarn__store_duck(tarn_store *store)
{
    return store->duck;
}

uint64_t tarn__store_memory(const tarn_store *store)
{
    return store->memory_bytes;
}

int tarn__store_threads(const tarn_store *store)
{
    return store->threads;
}

tarn_status tarn__store_temp_name(
    tarn_store *store, const char *suffix, char **out, tarn_error *err)
{
    *out = NULL;
    tarn_status st = TARN_OK;
    if (store->scratch.path == NULL)
        st = tarn__store_scratch(&store->scratch, NULL, err);
    if (st != TARN_OK)
        return st;
    *out = tarn__scratch_name(&store->scratch, suffix);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn_store_close(tarn_store *store, tarn_error *err)
{
    /* A forked handle is the parent's, threads and locks and files. */
    if (store->duck == NULL || store->pid != tarn__pid())
        return TARN_OK;
    tarn_status st = TARN_OK;
    /* Closing checkpoints too, but cannot say how that went. */
    if (store->kind == STORE_PERSISTENT && !store->read_only)
        st = tarn__duck_exec(store->duck, "CHECKPOINT", err);
    if (st != TARN_OK)
        tarn__error_prefix(err, "%s: closing", store->path);
    tarn__duck_close(store->duck);
    store->duck = NULL;
    /* DuckDB has removed its files; the next writer's may be there by now. */
    if (store->scratch.path == NULL && store->spill != NULL)
        (void)!tarn__rmdir(store->spill, NULL);
    tarn__store_scratch_close(&store->scratch);
    return st;
}

void tarn_store_free(tarn_store *store)
{
    if (store == NULL || store->pid != tarn__pid())
        return;
    tarn_status st = tarn_store_close(store, NULL);
    (void)st; /* who wants to know closes first */
    tarn__store_scratch_close(&store->scratch);
    tarn__free(store->path);
    tarn__free(store->spill);
    tarn__free(store->query);
    tarn__free(store->failure_type);
    tarn__free(store->failure_message);
    tarn__free(store);
}
