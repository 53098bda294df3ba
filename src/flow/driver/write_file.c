/* Writing beside, then renaming: who looks sees the old file or the new. */
#include "flow/driver/write_file.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "os/durable.h"
#include "os/file.h"

#define TEMP ".tarn-tmp"
#define ASIDE "-old"
#define LEFT_US (INT64_C(24) * 3600 * 1000000)

static tarn_status read_columns(tarn__out_file *out, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn__duck_result *r = NULL;
    tarn_status st =
        tarn__sql_add(&sql, err, "FROM %s LIMIT 0", out->input.ptr);
    if (st == TARN_OK)
        st = tarn__duck_query(
            tarn__exchange_duck(out->x), sql.ptr, NULL, 0, &r, err);
    tarn_buf_reset(&sql);
    if (st != TARN_OK)
        return st;
    size_t count = tarn__duck_columns(r);
    out->columns = tarn__calloc(count, sizeof(*out->columns));
    if (out->columns == NULL)
        st = tarn__no_memory(err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        char *type = tarn__duck_column_sql_type(r, i);
        tarn__out_column *c = &out->columns[out->column_count++];
        c->name = tarn__strdup(tarn__duck_column_name(r, i));
        c->number = tarn__duck_column_is_number(r, i);
        if (c->name == NULL || type == NULL)
            st = tarn__no_memory(err);
        else
            c->nested = tarn__duck_column_type(r, i) == TARN_JSON &&
                strcmp(type, "JSON") != 0;
        tarn__free(type);
    }
    tarn__duck_result_free(r);
    return st;
}

/* What runs that were killed long ago left beside a file.  What went aside and
 * has no successor stays: it is all that there is. */
static void sweep(const char *dir, const char *prefix, bool there)
{
    tarn__dir *handle;
    tarn__dirent entry;
    int64_t before = tarn__now_us() - LEFT_US;
    if (tarn__dir_open(dir, &handle, NULL) != TARN_OK)
        return;
    while (tarn__dir_next(handle, &entry, NULL) == TARN_ROW) {
        tarn__stat stat;
        char *path = strncmp(entry.name, prefix, strlen(prefix)) == 0 &&
                (tarn__ends_with(entry.name, TEMP) ||
                    (there && tarn__ends_with(entry.name, TEMP ASIDE)))
            ? tarn__path_join(dir, entry.name)
            : NULL;
        if (path != NULL &&
            tarn__stat_path(path, false, &stat, NULL) == TARN_OK &&
            stat.mtime_us < before)
            (void)!tarn__remove_tree(path, NULL);
        tarn__free(path);
    }
    tarn__dir_close(handle);
}

/* A run that was killed between the two renames of give_name() left what it
 * meant to replace aside: that has its name again until there is a successor. */
static tarn_status bring_back(
    const char *temp, const char *path, bool *there, tarn_error *err)
{
    bool left = false;
    char *aside = tarn__sprintf("%s" ASIDE, temp);
    tarn_status st = aside == NULL ? tarn__no_memory(err)
                                   : tarn__path_look(path, there, err);
    if (st == TARN_OK && !*there)
        st = tarn__path_look(aside, &left, err);
    if (st == TARN_OK && left) {
        st = tarn__rename(aside, path, err);
        *there = st == TARN_OK;
    }
    tarn__free(aside);
    return st;
}

/* The name is the call's: two runs that write one file do not write into each
 * other's, and what a killed run left is written over when it is resumed. */
tarn_status tarn__out_begin(const tarn_driver_call *call, const char *path,
    char **temp, tarn_error *err)
{
    const char *base = tarn__path_base(path);
    const char *own = call->temp_dir == NULL ? "" : call->temp_dir;
    char *dir = tarn__strndup(path, (size_t)(base - path));
    char *prefix = tarn__sprintf(".%s.", base);
    *temp = dir == NULL || prefix == NULL
        ? NULL
        : tarn__sprintf("%s%s%08x" TEMP, dir, prefix,
              (unsigned)tarn__crc32c(0, own, strlen(own)));
    tarn_status st = *temp == NULL ? tarn__no_memory(err) : TARN_OK;
    if (st == TARN_OK && !tarn__path_is_dir(dir))
        st = tarn__mkdirs(dir, err);
    bool there;
    if (st == TARN_OK)
        st = bring_back(*temp, path, &there, err);
    if (st == TARN_OK) {
        sweep(dir, prefix, there);
        st = tarn__remove_tree(*temp, err);
    }
    tarn__free(dir);
    tarn__free(prefix);
    return st;
}

static tarn_status open_out(
    const tarn_driver_call *call, tarn__out_file *out, tarn_error *err)
{
    const char *path = NULL;
    *out = (tarn__out_file){.call = call, .input = TARN_BUF_INIT};
    tarn_status st = tarn__config_open(call, &out->config, err);
    if (st == TARN_OK)
        st = tarn__config_need(call, out->config, "path", &path, err);
    if (st == TARN_OK)
        st = tarn__exchange_single(call, &out->input, err);
    if (st == TARN_OK)
        st = tarn__call_path(call, path, &out->path, err);
    while (st == TARN_OK && strlen(out->path) > 1 &&
        tarn__ends_with(out->path, "/"))
        out->path[strlen(out->path) - 1] = '\0';
    if (st == TARN_OK && tarn__path_is_dir(out->path) &&
        json_object_get(out->config, "partition_by") == NULL)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: is a folder (name a file in config.path)", out->path);
    tarn__stat stat = {0};
    bool there = false;
    if (st == TARN_OK)
        st = tarn__path_look(out->path, &there, err);
    if (st == TARN_OK && there &&
        tarn__stat_path(out->path, true, &stat, NULL) == TARN_OK &&
        stat.kind == TARN__FILE_OTHER)
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: is a device or pipe, and would be replaced (name a file in "
            "config.path)",
            out->path);
    if (st == TARN_OK)
        st = tarn__out_begin(call, out->path, &out->temp, err);
    if (st == TARN_OK)
        st = tarn__exchange_open(call, &out->x, err);
    return st == TARN_OK ? read_columns(out, err) : st;
}

static void reset(tarn__out_file *out)
{
    tarn__exchange_free(out->x);
    if (out->temp != NULL && tarn__path_exists(out->temp))
        (void)!tarn__remove_tree(out->temp, NULL);
    for (size_t i = 0; i < out->column_count; i++)
        tarn__free(out->columns[i].name);
    tarn__free(out->columns);
    tarn_buf_reset(&out->input);
    tarn__free(out->path);
    tarn__free(out->temp);
    json_decref(out->config);
}

const char *tarn__out_compression(const tarn__out_file *out)
{
    if (tarn__ends_with_nocase(out->path, ".gz"))
        return "gzip";
    return tarn__ends_with_nocase(out->path, ".zst") ? "zstd" : "none";
}

/* A folder is replaced with all that is in it: it may hold partitions only. */
static tarn_status check_folder(const char *path, tarn_error *err)
{
    tarn__dir *dir;
    tarn__dirent entry;
    tarn__stat stat;
    bool there;
    tarn_status st = tarn__path_look(path, &there, err);
    if (st == TARN_OK && there)
        st = tarn__stat_path(path, false, &stat, err);
    if (st != TARN_OK || !there || stat.kind != TARN__FILE_DIR)
        return st;
    st = tarn__dir_open(path, &dir, err);
    if (st != TARN_OK)
        return st;
    while ((st = tarn__dir_next(dir, &entry, err)) == TARN_ROW) {
        if (entry.kind == TARN__FILE_DIR && strchr(entry.name, '=') != NULL)
            continue;
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: holds %s, which is no partition and would be removed (move it "
            "away, or name another folder in config.path)",
            path, entry.name);
        break;
    }
    tarn__dir_close(dir);
    return st;
}

/* Where names cannot be exchanged there is no folder between the two renames;
 * see bring_back(). */
static tarn_status replace_in_two(
    const char *temp, const char *path, tarn_error *err)
{
    char *aside = tarn__sprintf("%s" ASIDE, temp);
    tarn_status st =
        aside == NULL ? tarn__no_memory(err) : tarn__remove_tree(aside, err);
    if (st == TARN_OK)
        st = tarn__rename(path, aside, err);
    if (st == TARN_OK) {
        st = tarn__rename(temp, path, err);
        (void)!tarn__rename(aside, st == TARN_OK ? temp : path, NULL);
    }
    tarn__free(aside);
    return st;
}

/* What was there, if it was a folder, is at temp then. */
static tarn_status replace_folder(
    const char *temp, const char *path, tarn_error *err)
{
    bool there;
    tarn_status st = tarn__path_look(path, &there, err);
    if (st != TARN_OK || !there)
        return st == TARN_OK ? tarn__rename(temp, path, err) : st;
    return tarn__swap_names(temp, path, NULL) == TARN_OK
        ? TARN_OK
        : replace_in_two(temp, path, err);
}

static tarn_status give_name(
    const char *temp, const char *path, bool folder, tarn_error *err)
{
    tarn_status st = folder ? replace_folder(temp, path, err)
                            : tarn__rename(temp, path, err);
    const char *base = tarn__path_base(path);
    char *dir = tarn__strndup(path, (size_t)(base - path));
    if (st == TARN_OK)
        st = dir == NULL ? tarn__no_memory(err) : tarn__sync_dir(dir, err);
    if (st == TARN_OK && folder)
        st = tarn__remove_tree(temp, err);
    tarn__free(dir);
    return st;
}

tarn_status tarn__out_place(const char *temp, const char *path, bool folder,
    uint64_t *bytes, tarn_error *err)
{
    uint64_t count = 0;
    tarn_status st = folder ? check_folder(path, err) : TARN_OK;
    if (st == TARN_OK)
        st = tarn__sync_tree(temp, &count, err);
    if (bytes != NULL)
        *bytes = count;
    return st == TARN_OK ? give_name(temp, path, folder, err) : st;
}

static tarn_status copy(tarn__out_file *out, const char *query,
    const char *options, bool folder, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    int64_t rows = 0;
    uint64_t bytes = 0;
    tarn_status st = tarn__sql_add(&sql, err, "COPY (%s) TO %t (%s%s)", query,
        out->temp, options, folder ? "" : ", USE_TMP_FILE false");
    if (st == TARN_OK)
        st = tarn__exchange_exec(out->x, sql.ptr, NULL, 0, &rows, err);
    tarn_buf_reset(&sql);
    /* Without rows a partitioned table has no folder. */
    if (st == TARN_OK && folder && !tarn__path_exists(out->temp))
        st = tarn__mkdirs(out->temp, err);
    if (st == TARN_OK)
        st = tarn__exchange_finish(out->x, err);
    if (st == TARN_OK)
        st = tarn__out_place(out->temp, out->path, folder, &bytes, err);
    if (st == TARN_OK) {
        tarn__call_metric(out->call, "rows_read", (double)rows);
        tarn__call_metric(out->call, "rows_written", (double)rows);
        tarn__call_metric(out->call, "bytes", (double)bytes);
    }
    return st;
}

tarn_status tarn__out_write(
    const tarn_driver_call *call, tarn__out_build build, tarn_error *err)
{
    tarn__out_file out;
    tarn_buf query = TARN_BUF_INIT;
    tarn_buf options = TARN_BUF_INIT;
    bool folder = false;
    tarn_status st = open_out(call, &out, err);
    if (st == TARN_OK)
        st = build(&out, &query, &options, &folder, err);
    if (st == TARN_OK && folder) /* before the work is done, too */
        st = check_folder(out.path, err);
    if (st == TARN_OK)
        st = copy(&out, query.ptr, options.ptr, folder, err);
    tarn_buf_reset(&query);
    tarn_buf_reset(&options);
    reset(&out);
    return st;
}
