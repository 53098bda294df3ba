/* Names, locks and small files of runs. */
#include "flow/run_folder.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/durable.h"
#include "os/file.h"

#define SLUG_MAX 80
#define STAMP_LENGTH 15
#define TRIES 100
#define DIGIT_US 16 /* the next name */
#define STATUS_MAX ((size_t)64 * 1024 * 1024)

static bool plain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
        (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

char *tarn__run_file_name(const char *id)
{
    size_t len = strlen(id);
    char *name = tarn__malloc(3 * len + 1);
    char *to = name;
    for (size_t i = 0; name != NULL && i < len; i++) {
        if (plain(id[i]) || (id[i] == '.' && i > 0)) {
            *to++ = id[i];
            continue;
        }
        *to = '%';
        tarn__hex(&id[i], 1, to + 1);
        to += 3;
    }
    if (name != NULL)
        *to = '\0';
    return name;
}

char *tarn__run_path(
    const char *dir, const char *part, const char *name, const char *suffix)
{
    return tarn__sprintf("%s/%s/%s%s", dir, part, name, suffix);
}

tarn_status tarn__run_replace(
    const char *path, tarn_slice bytes, tarn_error *err)
{
    char *temp = tarn__sprintf("%s.tmp", path);
    if (temp == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_spill(temp, bytes, err);
    if (st == TARN_OK)
        st = tarn__rename(temp, path, err);
    tarn__free(temp);
    return st;
}

tarn_status tarn__run_write_json(
    const char *path, const char *tmp_dir, const json_t *json, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    tarn_status st = tarn__json_dump(json, &text, err);
    if (st == TARN_OK)
        st = tarn__buf_char(&text, '\n', err);
    if (st == TARN_OK)
        st = tmp_dir == NULL
            ? tarn__run_replace(path, tarn__buf_slice(&text), err)
            : tarn__replace_durably(path, tmp_dir, tarn__buf_slice(&text), err);
    tarn_buf_reset(&text);
    return st;
}

/* --- a new one --- */

/* "20261121-075420" */
static void stamp(int64_t now_us, char out[STAMP_LENGTH + 1])
{
    char text[TARN__TIME_TEXT_BYTES];
    size_t n = 0;
    (void)tarn__time_format(now_us - now_us % 1000000, text);
    for (const char *p = text; *p != '\0' && n < STAMP_LENGTH; p++) {
        if (*p == 'T')
            out[n++] = '-';
        else if (*p >= '0' && *p <= '9')
            out[n++] = *p;
    }
    out[n] = '\0';
}

static void slug_of(const char *flow, char slug[SLUG_MAX + 1])
{
    size_t n = 0;
    for (; flow[n] != '\0' && n < SLUG_MAX; n++)
        slug[n] = plain(flow[n]) ? flow[n] : '-';
    slug[n] = '\0';
}

/* The digits at the end are the second's fraction: names of one second sort as
 * the runs began. */
static char *new_name(const char *flow, int64_t now_us)
{
    char when[STAMP_LENGTH + 1];
    char slug[SLUG_MAX + 1];
    unsigned fraction = (unsigned)(now_us % 1000000 * 65536 / 1000000);
    stamp(now_us, when);
    slug_of(flow, slug);
    return tarn__sprintf("%s-%s-%04x", when, slug, fraction & 0xffffU);
}

static tarn_status make_parts(const char *dir, tarn_error *err)
{
    static const char *const parts[] = {"data", "artifacts", "logs", "tmp"};
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < 4; i++) {
        char *path = tarn__path_join(dir, parts[i]);
        if (path == NULL)
            st = tarn__no_memory(err);
        else if (!tarn__path_is_dir(path))
            st = tarn__mkdir(path, err);
        tarn__free(path);
    }
    return st;
}

static tarn_status take_lock(tarn__run_folder *folder, tarn_error *err)
{
    char *path = tarn__path_join(folder->dir, "lock");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__lock_take(&folder->lock, path, false, 0, err);
    if (st == TARN_LOCKED)
        st = tarn__fail(err, TARN_LOCKED,
            "run %s: is at work in another process (wait for it to end)",
            folder->name);
    tarn__free(path);
    return st;
}

static tarn_status set_names(tarn__run_folder *folder, const char *runs,
    char *name, const char *prefix, tarn_error *err)
{
    tarn__free(folder->name);
    tarn__free(folder->dir);
    folder->name = name;
    folder->dir =
        name == NULL ? NULL : tarn__sprintf("%s/%s%s", runs, prefix, name);
    if (folder->runs == NULL)
        folder->runs = tarn__strdup(runs);
    return folder->dir == NULL || folder->runs == NULL ? tarn__no_memory(err)
                                                       : TARN_OK;
}

/* Whose hidden folder is made has the name: who comes later finds that folder,
 * or the one that is seen. */
static tarn_status reserve(tarn__run_folder *folder, tarn_error *err)
{
    tarn_status st = tarn__mkdir(folder->dir, err);
    folder->hidden = st == TARN_OK;
    if (st != TARN_OK) {
        tarn__free(folder->dir);
        folder->dir = NULL;
        return st;
    }
    char *seen = tarn__path_join(folder->runs, folder->name);
    if (seen == NULL) {
        st = tarn__no_memory(err);
    } else if (tarn__path_exists(seen)) {
        st = tarn__remove_tree(folder->dir, err);
        if (st == TARN_OK)
            st = tarn__fail(
                err, TARN_EXISTS, "%s: is there already (try again)", seen);
    }
    tarn__free(seen);
    return st;
}

tarn_status tarn__run_folder_make(tarn__run_folder *folder, const char *runs,
    const char *flow, int64_t now_us, tarn_error *err)
{
    tarn_status st =
        tarn__path_is_dir(runs) ? TARN_OK : tarn__mkdirs(runs, err);
    for (int i = 0; st == TARN_OK && i < TRIES; i++) {
        st =
            set_names(folder, runs, new_name(flow, now_us), TARN__RUN_NEW, err);
        if (st == TARN_OK)
            st = reserve(folder, err);
        if (st != TARN_EXISTS)
            break;
        st = i + 1 < TRIES ? TARN_OK : st;
    }
    if (st == TARN_OK)
        st = take_lock(folder, err);
    return st == TARN_OK ? make_parts(folder->dir, err) : st;
}

tarn_status tarn__run_folder_show(tarn__run_folder *folder, tarn_error *err)
{
    char *seen = tarn__path_join(folder->runs, folder->name);
    if (seen == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__rename(folder->dir, seen, err);
    if (st == TARN_OK) {
        tarn__free(folder->dir);
        folder->dir = seen;
        folder->hidden = false;
        return TARN_OK;
    }
    tarn__free(seen);
    return st;
}

tarn_status tarn__run_folder_take(tarn__run_folder *folder, const char *runs,
    const char *name, const char *flow, tarn_error *err)
{
    char *found = NULL;
    tarn_status st = tarn__run_find(runs, name, flow, &found, err);
    if (st == TARN_OK)
        st = set_names(folder, runs, found, "", err);
    if (st == TARN_OK)
        st = take_lock(folder, err);
    char *temp = st == TARN_OK ? tarn__path_join(folder->dir, "tmp") : NULL;
    if (st == TARN_OK)
        st = temp == NULL ? tarn__no_memory(err) : tarn__remove_tree(temp, err);
    tarn__free(temp);
    return st == TARN_OK ? make_parts(folder->dir, err) : st;
}

void tarn__run_folder_reset(tarn__run_folder *folder)
{
    if (folder->dir != NULL && folder->hidden) {
        (void)!tarn__remove_tree(folder->dir, NULL);
    } else if (folder->dir != NULL) {
        char *temp = tarn__path_join(folder->dir, "tmp");
        if (temp != NULL)
            (void)!tarn__remove_tree(temp, NULL);
        tarn__free(temp);
    }
    tarn__lock_release(&folder->lock);
    tarn__free(folder->runs);
    tarn__free(folder->name);
    tarn__free(folder->dir);
    *folder = (tarn__run_folder)TARN__RUN_FOLDER_INIT;
}

/* --- those that are there --- */

bool tarn__run_busy(const char *dir)
{
    char *path = tarn__path_join(dir, "lock");
    bool busy =
        path != NULL && tarn__path_exists(path) && tarn__lock_busy(path);
    tarn__free(path);
    return busy;
}

/* Does it begin as the names of runs do? */
static bool is_name(const char *name)
{
    return strspn(name, "0123456789") == 8 && name[8] == '-' &&
        strspn(name + 9, "0123456789") == 6 && name[15] == '-';
}

/* By the second, then by its fraction. */
static int newest_first(const void *a, const void *b)
{
    const char *x = *(char *const *)a;
    const char *y = *(char *const *)b;
    int by_second = strncmp(y, x, STAMP_LENGTH);
    if (by_second != 0)
        return by_second;
    size_t tail_x = strlen(x) < 4 ? 0 : strlen(x) - 4;
    size_t tail_y = strlen(y) < 4 ? 0 : strlen(y) - 4;
    int by_fraction = strcmp(y + tail_y, x + tail_x);
    return by_fraction != 0 ? by_fraction : strcmp(y, x);
}

void tarn__run_names_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tarn__free(names[i]);
    tarn__free(names);
}

static tarn_status read_names(const char *runs, char ***names, size_t *count,
    size_t *cap, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    tarn_status st = tarn__dir_open(runs, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        if (entry.kind != TARN__FILE_DIR || !is_name(entry.name))
            continue;
        st = tarn__grow((void **)names, cap, *count + 1, sizeof(char *), err);
        char *copy = st == TARN_OK ? tarn__strdup(entry.name) : NULL;
        if (copy == NULL) {
            st = tarn__no_memory(err);
            break;
        }
        (*names)[(*count)++] = copy;
    }
    tarn__dir_close(dir);
    return st;
}

tarn_status tarn__run_names(
    const char *runs, char ***out, size_t *count, tarn_error *err)
{
    size_t cap = 0;
    *out = NULL;
    *count = 0;
    if (!tarn__path_is_dir(runs))
        return TARN_OK;
    tarn_status st = read_names(runs, out, count, &cap, err);
    if (st != TARN_OK) {
        tarn__run_names_free(*out, *count);
        *out = NULL;
        *count = 0;
    } else if (*count > 0) {
        qsort(*out, *count, sizeof(char *), newest_first);
    }
    return st;
}

tarn_status tarn__run_status(
    const char *runs, const char *name, json_t **out, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    *out = NULL;
    char *path = tarn__run_path(runs, name, "status", ".json");
    if (path == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__file_slurp(path, STATUS_MAX, &text, err);
    if (st == TARN_OK)
        st = tarn__json_parse(tarn__buf_slice(&text), path, out, err);
    tarn_buf_reset(&text);
    tarn__free(path);
    return st;
}

/* Whose run is it?  One that was killed at once has no status yet: its name
 * tells. */
static bool is_of(const char *runs, const char *name, const char *flow)
{
    json_t *status;
    if (flow == NULL)
        return true;
    if (tarn__run_status(runs, name, &status, NULL) != TARN_OK) {
        char slug[SLUG_MAX + 1];
        slug_of(flow, slug);
        return strncmp(name + STAMP_LENGTH + 1, slug, strlen(slug)) == 0 &&
            strlen(name) == STAMP_LENGTH + 1 + strlen(slug) + 5;
    }
    const char *of = tarn__json_text(status, "flow");
    bool is = of != NULL && strcmp(of, flow) == 0;
    json_decref(status);
    return is;
}

static tarn_status find_last(
    const char *runs, const char *flow, char **out, tarn_error *err)
{
    char **names;
    size_t count;
    tarn_status st = tarn__run_names(runs, &names, &count, err);
    for (size_t i = 0; st == TARN_OK && *out == NULL && i < count; i++)
        if (is_of(runs, names[i], flow) &&
            (*out = tarn__strdup(names[i])) == NULL)
            st = tarn__no_memory(err);
    if (st == TARN_OK && *out == NULL)
        st = tarn__fail(err, TARN_NOT_FOUND,
            "run last: there is no run%s%s yet in %s",
            flow == NULL ? "" : " of flow ", flow == NULL ? "" : flow, runs);
    tarn__run_names_free(names, count);
    return st;
}

tarn_status tarn__run_find(const char *runs, const char *name, const char *flow,
    char **out, tarn_error *err)
{
    *out = NULL;
    if (strcmp(name, "last") == 0)
        return find_last(runs, flow, out, err);
    char *dir = is_name(name) && strchr(name, '/') == NULL
        ? tarn__path_join(runs, name)
        : NULL;
    bool there = dir != NULL && tarn__path_is_dir(dir);
    tarn__free(dir);
    if (!there)
        return tarn__fail(err, TARN_NOT_FOUND,
            "run %s: is not in %s (tarn flow runs lists them)", name, runs);
    if (!is_of(runs, name, flow))
        return tarn__fail(err, TARN_INVALID,
            "run %s: is not one of flow %s (name the flow's own)", name, flow);
    *out = tarn__strdup(name);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}
