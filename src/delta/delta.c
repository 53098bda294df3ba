/* Opening, closing, and where the files are. */
#include "delta/delta_internal.h"

#include <inttypes.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"

tarn_status tarn__as_corrupt(tarn_status st, tarn_error *err)
{
    if (st != TARN_BAD_INPUT)
        return st;
    if (err != NULL)
        err->code = TARN_CORRUPT;
    return TARN_CORRUPT;
}

tarn_status tarn__copy_text(char **out, const char *text, tarn_error *err)
{
    *out = NULL;
    if (text == NULL)
        return TARN_OK;
    *out = tarn__strdup(text);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn__delta_open(const char *dir,
    const tarn__delta_options *options, tarn__delta **out, tarn_error *err)
{
    *out = NULL;
    tarn__delta *delta = tarn__calloc(1, sizeof(*delta));
    if (delta == NULL)
        return tarn__no_memory(err);
    tarn__state_init(&delta->state);
    delta->pointer.version = -1;
    delta->options = *options;
    delta->dir = tarn__strdup(dir);
    delta->log_dir = tarn__path_join(dir, "_delta_log");
    delta->data_dir = tarn__path_join(dir, "data");
    delta->tmp_dir = tarn__strdup(options->tmp_dir);
    if (delta->dir == NULL || delta->log_dir == NULL ||
        delta->data_dir == NULL || delta->tmp_dir == NULL) {
        tarn__delta_close(delta);
        return tarn__no_memory(err);
    }
    delta->options.tmp_dir = delta->tmp_dir;
    *out = delta;
    return TARN_OK;
}

void tarn__delta_close(tarn__delta *delta)
{
    if (delta == NULL)
        return;
    tarn__state_reset(&delta->state);
    tarn__duck_close(delta->duck);
    tarn__free(delta->dir);
    tarn__free(delta->log_dir);
    tarn__free(delta->data_dir);
    tarn__free(delta->tmp_dir);
    tarn__free(delta);
}

tarn_status tarn__delta_use_tmp(
    tarn__delta *delta, const char *tmp_dir, tarn_error *err)
{
    char *copy = tarn__strdup(tmp_dir);
    if (copy == NULL)
        return tarn__no_memory(err);
    tarn__free(delta->tmp_dir);
    delta->tmp_dir = copy;
    delta->options.tmp_dir = copy;
    return TARN_OK;
}

tarn_status tarn__delta_session(
    tarn__delta *delta, tarn__duck **out, tarn_error *err)
{
    *out = NULL;
    if (delta->duck == NULL) {
        tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
        options.memory_bytes = delta->options.memory_bytes;
        options.threads = delta->options.threads;
        options.temp_dir = delta->tmp_dir;
        options.unordered = true;
        tarn_status st = tarn__duck_open(&options, &delta->duck, err);
        if (st != TARN_OK)
            return st;
    }
    *out = delta->duck;
    return TARN_OK;
}

char *tarn__commit_path(const tarn__delta *delta, int64_t version)
{
    return tarn__sprintf("%s/%020" PRId64 ".json", delta->log_dir, version);
}

char *tarn__checkpoint_path(const tarn__delta *delta, int64_t version)
{
    return tarn__sprintf(
        "%s/%020" PRId64 ".checkpoint.parquet", delta->log_dir, version);
}

tarn_status tarn__delta_has(char *path, bool *there, tarn_error *err)
{
    *there = false;
    if (path == NULL)
        return tarn__no_memory(err);
    tarn__stat st_buf;
    tarn_status st = tarn__stat_path(path, true, &st_buf, err);
    tarn__free(path);
    if (st == TARN_NOT_FOUND) {
        if (err != NULL)
            err->code = TARN_OK;
        return TARN_OK;
    }
    *there = st == TARN_OK;
    return st;
}

void tarn__delta_file_reset(tarn__delta_file *file)
{
    tarn__free(file->path);
    tarn__free(file->stats);
    file->path = NULL;
    file->stats = NULL;
}

void tarn__delta_files_free(tarn__delta_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tarn__delta_file_reset(&files[i]);
    tarn__free(files);
}

void tarn__delta_paths_free(char **paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tarn__free(paths[i]);
    tarn__free(paths);
}

tarn_status tarn__copy_paths(
    const tarn__delta_file *files, size_t count, char ***out, tarn_error *err)
{
    char **paths = tarn__calloc(count, sizeof(*paths));
    if (paths == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        tarn_status st = tarn__copy_text(&paths[i], files[i].path, err);
        if (st != TARN_OK) {
            tarn__delta_paths_free(paths, i);
            return st;
        }
    }
    *out = paths;
    return TARN_OK;
}

void tarn__delta_commit_reset(tarn__delta_commit *commit)
{
    static const tarn__delta_commit none = {.version = 0};
    tarn__free(commit->operation);
    tarn__free(commit->tarn);
    tarn__delta_files_free(commit->adds, commit->add_count);
    tarn__delta_paths_free(commit->removes, commit->remove_count);
    *commit = none;
}
