#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/file.h"
#include "os/process.h"

#define CONFIG_MAX_BYTES 65536
#define MEMORY_BYTES ((uint64_t)2000000000)

static void recursive_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(mutex, &attr);
    pthread_mutexattr_destroy(&attr);
}

static tarn_status create(
    const tarn_lake_options *options, tarn_lake **out, tarn_error *err)
{
    static const tarn_lake_options defaults = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = tarn__calloc(1, sizeof *lake);
    const char *level;

    *out = NULL;
    if (lake == NULL)
        return tarn__no_memory(err);
    lake->options = options != NULL ? *options : defaults;
    if (lake->options.memory_bytes == 0)
        lake->options.memory_bytes = MEMORY_BYTES;
    if (lake->options.threads <= 0)
        lake->options.threads = tarn__cpu_count();
    level = lake->options.log_level != NULL ? lake->options.log_level
                                            : tarn__env("TARN_LOG");
    if (lake->options.tenant != NULL)
        lake->tenant = tarn__strdup(lake->options.tenant);
    lake->bounds = (tarn__bounds)TARN__BOUNDS_INIT;
    lake->pid = tarn__pid();
    lake->progress.fn = lake->options.progress;
    lake->progress.arg = lake->options.progress_arg;
    lake->head_seen = -1;
    lake->scratch = (tarn__scratch)TARN__SCRATCH_INIT;
    tarn__writer_init(&lake->writer);
    recursive_mutex(&lake->delta_mutex);
    recursive_mutex(&lake->open_mutex);
    pthread_mutex_init(&lake->scratch_mutex, NULL);
    *out = lake;
    if (lake->options.tenant != NULL && lake->tenant == NULL)
        return tarn__no_memory(err);
    if (level != NULL && !tarn__log_level_parse(level, &lake->logger.level))
        return tarn__fail(err, TARN_INVALID,
            "log level %s: unknown (give off, info or debug)", level);
    return TARN_OK;
}

static tarn_status bad_config(
    const tarn_lake *lake, const char *why, tarn_error *err)
{
    return tarn__fail(err, TARN_CORRUPT,
        "%s: %s (restore it from a remote or a backup)", lake->at.config, why);
}

static tarn_status read_fields(
    tarn_lake *lake, const json_t *config, tarn_error *err)
{
    const char *id = tarn__json_text(config, "id");
    const char *label = tarn__json_text(config, "label");
    const char *created = tarn__json_text(config, "created");
    int64_t format;

    if (!tarn__json_i64(config, "format", &format))
        return bad_config(lake, "format is missing", err);
    if (format > TARN__FORMAT_VERSION)
        return tarn__fail(err, TARN_FAILED,
            "%s: format %lld is newer than this tarn, which knows %d (use a "
            "newer tarn)",
            lake->at.dir, (long long)format, TARN__FORMAT_VERSION);
    if (id == NULL || !tarn__id_parse(tarn_str(id), &lake->id))
        return bad_config(lake, "id is missing or malformed", err);
    if (created == NULL || !tarn__time_parse(created, &lake->created_us))
        return bad_config(lake, "created is missing or malformed", err);
    if (label != NULL) {
        lake->label = tarn__strdup(label);
        if (lake->label == NULL)
            return tarn__no_memory(err);
    }
    return TARN_OK;
}

static tarn_status read_config(tarn_lake *lake, tarn_error *err)
{
    tarn_buf text = TARN_BUF_INIT;
    json_t *config = NULL;

    tarn_status st =
        tarn__file_slurp(lake->at.config, CONFIG_MAX_BYTES, &text, err);
    if (st == TARN_NOT_FOUND)
        return tarn__fail(err, st,
            "%s: no lake there (make one with tarn init)", lake->at.dir);
    if (st == TARN_OK)
        st = tarn__json_parse(
            tarn__buf_slice(&text), lake->at.config, &config, err);
    if (st == TARN_BAD_INPUT)
        st = bad_config(lake, "not JSON", err);
    if (st == TARN_OK)
        st = read_fields(lake, config, err);
    json_decref(config);
    tarn_buf_reset(&text);
    return st;
}

static tarn__delta_options log_options(const tarn_lake *lake)
{
    return (tarn__delta_options){
        .columns = tarn__op_columns,
        .column_count = TARN__OP_COLUMN_COUNT,
        .tmp_dir = lake->at.tmp,
        .memory_bytes = lake->options.memory_bytes / 4,
        .threads = lake->options.threads,
    };
}

static tarn_status open_log(tarn_lake *lake, tarn_error *err)
{
    const tarn__delta_options options = log_options(lake);
    return tarn__delta_open(lake->at.log, &options, &lake->delta, err);
}

tarn_status tarn__delta_for(tarn_lake *lake, tarn__delta **out, tarn_error *err)
{
    tarn__delta_options options = log_options(lake);
    tarn__scratch *scratch = NULL;

    *out = NULL;
    /* A medium that cannot be written to has no scratch: nothing spills. */
    if (!lake->options.read_only &&
        tarn__lake_scratch(lake, &scratch, NULL) == TARN_OK)
        options.tmp_dir = scratch->path;
    return tarn__delta_open(lake->at.log, &options, out, err);
}

tarn_status tarn_lake_open(const char *dir, const tarn_lake_options *options,
    tarn_lake **out, tarn_error *err)
{
    tarn_lake *lake = NULL;
    char *real = NULL;

    *out = NULL;
    tarn_status st = create(options, &lake, err);
    if (st == TARN_OK)
        st = tarn__view_init(&lake->view, false, err);
    if (st == TARN_OK) {
        st = tarn__realpath(dir, &real, err);
        if (st == TARN_NOT_FOUND)
            st = tarn__fail(
                err, st, "%s: no lake there (make one with tarn init)", dir);
    }
    if (st == TARN_OK)
        st = tarn__layout_make(&lake->at, real, err);
    tarn__free(real);
    if (st == TARN_OK)
        st = read_config(lake, err);
    if (st == TARN_OK)
        st = open_log(lake, err);
    if (st == TARN_OK)
        st = tarn__objects_open(lake->at.objects, &lake->objects, err);
    if (st != TARN_OK) {
        tarn_lake_close(lake);
        return st;
    }
    *out = lake;
    return TARN_OK;
}

tarn_status tarn_lake_open_memory(tarn_lake **out, tarn_error *err)
{
    tarn_lake *lake = NULL;

    *out = NULL;
    tarn_status st = create(NULL, &lake, err);
    if (st == TARN_OK) {
        lake->memory = true;
        st = tarn__view_init(&lake->view, true, err);
    }
    if (st == TARN_OK)
        st = tarn__id_new(&lake->id, err);
    if (st == TARN_OK)
        st = tarn__grow((void **)&lake->version_times, &lake->version_times_cap,
            1, sizeof(int64_t), err);
    if (st != TARN_OK) {
        tarn_lake_close(lake);
        return st;
    }
    lake->created_us = tarn__now_us() / 1000 * 1000;
    lake->version_times[0] = lake->created_us;
    *out = lake;
    return TARN_OK;
}

void tarn_lake_close(tarn_lake *lake)
{
    /* A forked handle is the parent's, threads and locks and files. */
    if (lake == NULL || tarn__lake_forked(lake))
        return;
    for (int i = 0; i < TARN__SLOT_COUNT; i++)
        if (lake->kept[i].ptr != NULL)
            lake->kept[i].destroy(lake->kept[i].ptr);
    tarn__writer_close(lake);
    tarn__view_free(&lake->view);
    tarn__delta_close(lake->delta);
    tarn__objects_close(lake->objects);
    tarn__scratch_close(&lake->scratch);
    pthread_mutex_destroy(&lake->delta_mutex);
    pthread_mutex_destroy(&lake->open_mutex);
    pthread_mutex_destroy(&lake->scratch_mutex);
    tarn__layout_reset(&lake->at);
    tarn__free(lake->label);
    tarn__free(lake->tenant);
    tarn__free(lake->version_times);
    tarn__free(lake);
}

const char *tarn_lake_dir(const tarn_lake *lake)
{
    return lake->at.dir;
}

bool tarn__lake_forked(const tarn_lake *lake)
{
    return lake->pid != tarn__pid();
}

tarn_status tarn__lake_usable(tarn_lake *lake, bool writing, tarn_error *err)
{
    if (tarn__lake_forked(lake))
        return tarn__fail(err, TARN_INVALID,
            "%s: this handle was opened before a fork (fork first and open "
            "then, "
            "or start a program in the child)",
            lake->memory ? "memory lake" : lake->at.dir);
    if (!writing)
        return TARN_OK;
    if (lake->options.read_only)
        return tarn__fail(err, TARN_INVALID,
            "%s: opened read-only (open it for writing)", lake->at.dir);
    pthread_mutex_lock(&lake->writer.keeper_mutex);
    bool poisoned = lake->writer.poisoned;
    pthread_mutex_unlock(&lake->writer.keeper_mutex);
    if (poisoned && lake->memory)
        return tarn__no_memory(err); /* a commit was left half-way */
    if (poisoned)
        return tarn__fail(err, TARN_UNKNOWN,
            "%s: an earlier commit's outcome is unknown (open the lake "
            "anew)",
            lake->at.dir);
    return TARN_OK;
}

bool tarn__lake_is_memory(const tarn_lake *lake)
{
    return lake->memory;
}

const tarn__objects *tarn__lake_objects(const tarn_lake *lake)
{
    return lake->objects;
}

const tarn__logger *tarn__lake_logger(const tarn_lake *lake)
{
    return &lake->logger;
}

uint64_t tarn__lake_memory_bytes(const tarn_lake *lake)
{
    return lake->options.memory_bytes;
}

int tarn__lake_threads(const tarn_lake *lake)
{
    return lake->options.threads;
}

tarn__progress *tarn__lake_progress(tarn_lake *lake)
{
    return &lake->progress;
}

/* Where nobody may write to the lake, or it is in memory. */
static tarn_status scratch_elsewhere(tarn__scratch *scratch, tarn_error *err)
{
    const char *parent = tarn__env("TMPDIR");

    return tarn__scratch_open(scratch, parent != NULL ? parent : "/tmp", err);
}

static tarn_status make_scratch(tarn_lake *lake, tarn_error *err)
{
    tarn_error why = TARN_ERROR_INIT;

    if (lake->memory)
        return scratch_elsewhere(&lake->scratch, err);
    tarn_status st = tarn__scratch_open(&lake->scratch, lake->at.tmp, &why);
    if (why.origin_code == EROFS || why.origin_code == EACCES)
        return scratch_elsewhere(&lake->scratch, err);
    if (st != TARN_OK && err != NULL)
        *err = why;
    return st;
}

tarn_status tarn__lake_scratch(
    tarn_lake *lake, tarn__scratch **out, tarn_error *err)
{
    tarn_status st = TARN_OK;

    pthread_mutex_lock(&lake->scratch_mutex);
    if (lake->scratch.path == NULL)
        st = make_scratch(lake, err);
    pthread_mutex_unlock(&lake->scratch_mutex);
    *out = st == TARN_OK ? &lake->scratch : NULL;
    return st;
}

tarn_status tarn__lake_scratch_of(
    void *lake, tarn__scratch **out, tarn_error *err)
{
    return tarn__lake_scratch(lake, out, err);
}

tarn_status tarn__lake_kept(tarn_lake *lake, tarn__slot slot,
    tarn_status (*make)(void **out, tarn_error *err),
    void (*destroy)(void *ptr), void **out, tarn_error *err)
{
    tarn_status st = TARN_OK;

    pthread_mutex_lock(&lake->scratch_mutex);
    if (lake->kept[slot].ptr == NULL) {
        st = make(&lake->kept[slot].ptr, err);
        lake->kept[slot].destroy = destroy;
    }
    *out = lake->kept[slot].ptr;
    pthread_mutex_unlock(&lake->scratch_mutex);
    return st;
}
