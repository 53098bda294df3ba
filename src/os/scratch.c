/* Scratch folders.
 *
 * C1  A folder of a final name has a `lock` file that its owner holds: the
 *     lock is taken while the folder still has its temporary name.
 * C2  A sweeper removes a folder only while it holds that lock, or, when the
 *     file is not there (its owner, or another sweeper, was killed at work),
 *     when the folder is older than a minute.
 * C3  A sweeper touches nothing but folders of our two forms of name.
 */
#include "os/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/file.h"
#include "os/os_internal.h"
#include "os/process.h"

#define TEMP_PREFIX ".making-"
#define LOCK_NAME "lock"
#define OPEN_TRIES 8
#define ABANDONED_US (60 * 1000000LL)

/* A folder of temporary name, locked (C1); *out is its path. */
static tarn_status make_locked(
    const char *parent, char **out, tarn__lock *lock, tarn_error *err)
{
    *out = NULL;
    uint8_t noise[8];
    char hex[2 * sizeof noise + 1];
    if (getrandom(noise, sizeof noise, 0) != (ssize_t)sizeof noise)
        return tarn__fail(err, TARN_IO, "%s: no random bytes", parent);
    tarn__hex(noise, sizeof noise, hex);
    char *dir = tarn__sprintf("%s/" TEMP_PREFIX "%s", parent, hex);
    char *file = dir != NULL ? tarn__path_join(dir, LOCK_NAME) : NULL;
    if (file == NULL) {
        tarn__free(dir);
        return tarn__no_memory(err);
    }
    tarn_status st = tarn__mkdir(dir, err);
    if (st == TARN_OK) {
        st = tarn__lock_take(lock, file, false, 0, err);
        if (st != TARN_OK)
            tarn__ignore(tarn__remove_tree(dir, NULL));
    }
    tarn__free(file);
    if (st == TARN_OK)
        *out = dir;
    else
        tarn__free(dir);
    return st;
}

/* Give the locked folder the first final name that is free.  Renaming a folder
 * onto another works only when that is empty, and ours never are. */
static tarn_status settle_name(const char *parent, char **dir, tarn_error *err)
{
    int64_t pid = tarn__pid();
    uint64_t start = tarn__process_start(pid);
    for (unsigned n = 0;; n++) {
        char suffix[16] = "";
        if (n > 0)
            (void)snprintf(suffix, sizeof suffix, "-%u", n);
        char *name = tarn__sprintf("%s/%lld-%llu%s", parent, (long long)pid,
            (unsigned long long)start, suffix);
        if (name == NULL)
            return tarn__no_memory(err);
        if (tarn__path_exists(name)) {
            tarn__free(name);
            continue;
        }
        tarn_error why = TARN_ERROR_INIT;
        tarn_status st = tarn__rename(*dir, name, &why);
        if (st == TARN_OK) {
            tarn__free(*dir);
            *dir = name;
            return TARN_OK;
        }
        tarn__free(name);
        /* Taken meanwhile, though it may be free again by now. */
        if (why.origin_code == EEXIST || why.origin_code == ENOTEMPTY)
            continue;
        if (err != NULL)
            *err = why;
        return st;
    }
}

tarn_status tarn__scratch_open(
    tarn__scratch *scratch, const char *parent, tarn_error *err)
{
    *scratch = (tarn__scratch)TARN__SCRATCH_INIT;
    tarn_status st = tarn__mkdir(parent, err);
    if (st != TARN_OK && !(st == TARN_EXISTS && tarn__path_is_dir(parent)))
        return st;
    char *dir = NULL;
    for (int i = 0; i < OPEN_TRIES; i++) {
        /* A sweeper that looked in between mkdir and flock may hold the lock
         * or have removed the folder. */
        st = make_locked(parent, &dir, &scratch->lock, err);
        if (st != TARN_LOCKED && st != TARN_NOT_FOUND)
            break;
    }
    if (st != TARN_OK)
        return st;
    st = settle_name(parent, &dir, err);
    char *file = st == TARN_OK ? tarn__path_join(dir, LOCK_NAME) : NULL;
    if (st == TARN_OK && file == NULL)
        st = tarn__no_memory(err);
    if (st != TARN_OK) {
        tarn__ignore(tarn__remove_tree(dir, NULL));
        tarn__lock_release(&scratch->lock);
        tarn__free(dir);
        return st;
    }
    tarn__free(scratch->lock.path);
    scratch->lock.path = file;
    scratch->path = dir;
    return TARN_OK;
}

char *tarn__scratch_name(tarn__scratch *scratch, const char *suffix)
{
    uint64_t n = __atomic_fetch_add(&scratch->next, 1, __ATOMIC_RELAXED);
    return tarn__sprintf(
        "%s/%llu%s", scratch->path, (unsigned long long)n, suffix);
}

void tarn__scratch_close(tarn__scratch *scratch)
{
    if (scratch->path != NULL)
        tarn__ignore(tarn__remove_tree(scratch->path, NULL));
    tarn__lock_release(&scratch->lock);
    tarn__free(scratch->path);
    *scratch = (tarn__scratch)TARN__SCRATCH_INIT;
}

/* C3.  "<pid>-<start>[-n]" or a temporary name. */
static bool is_ours(const char *name)
{
    if (tarn__starts_with(name, TEMP_PREFIX))
        return true;
    size_t digits = strspn(name, "0123456789");
    if (digits == 0 || name[digits] != '-')
        return false;
    const char *rest = name + digits + 1;
    return *rest != '\0' && strspn(rest, "0123456789-") == strlen(rest);
}

static bool is_abandoned(const char *dir)
{
    tarn__stat st;
    return tarn__stat_path(dir, false, &st, NULL) == TARN_OK &&
        tarn__now_us() - st.mtime_us > ABANDONED_US;
}

/* C2. */
static tarn_status sweep_one(const char *dir, tarn_error *err)
{
    char *file = tarn__path_join(dir, LOCK_NAME);
    if (file == NULL)
        return tarn__no_memory(err);
    tarn__lock lock = TARN__LOCK_INIT;
    bool locked;
    tarn_status st = tarn__path_look(file, &locked, err);
    if (st == TARN_OK && locked) {
        st = tarn__lock_take(&lock, file, false, 0, err);
        if (st == TARN_OK)
            st = tarn__remove_tree(dir, err);
    } else if (st == TARN_OK && is_abandoned(dir)) {
        st = tarn__remove_tree(dir, err);
    }
    tarn__lock_release(&lock);
    tarn__free(file);
    return st == TARN_LOCKED || st == TARN_NOT_FOUND ? TARN_OK : st;
}

tarn_status tarn__scratch_sweep(
    const char *parent, const char *keep, tarn_error *err)
{
    tarn__dir *entries;
    tarn_status st = tarn__dir_open(parent, &entries, err);
    if (st == TARN_NOT_FOUND)
        return TARN_OK;
    if (st != TARN_OK)
        return st;
    tarn__dirent entry;
    while ((st = tarn__dir_next(entries, &entry, err)) == TARN_ROW) {
        if (entry.kind != TARN__FILE_DIR || !is_ours(entry.name))
            continue;
        if (keep != NULL && strcmp(entry.name, keep) == 0)
            continue;
        char *dir = tarn__path_join(parent, entry.name);
        st = dir != NULL ? sweep_one(dir, err) : tarn__no_memory(err);
        tarn__free(dir);
        if (st != TARN_OK)
            break;
    }
    tarn__dir_close(entries);
    return st;
}
