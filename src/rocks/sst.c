/* Bulk loading: sorted files made beside the database and moved into it.
 *
 * The writer keeps a filter entry for every key until a file is finished, so
 * a load is cut into files of bounded size; they go in together. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "rocks/rocks_internal.h"

#define FILE_BYTES ((uint64_t)64 << 20)
#define LOOK_BYTES ((uint64_t)1 << 20)

struct tarn__rocks_sst {
    tarn__rocks *db;
    size_t family;
    char *path;
    rocksdb_envoptions_t *env;
    rocksdb_sstfilewriter_t *writer; /* NULL between files */
    uint64_t unlooked_bytes;         /* since we last asked for its size */
    char **files;                    /* begun, the last one maybe unfinished */
    size_t file_count;
    size_t file_cap;
};

static void sst_free(tarn__rocks_sst *sst)
{
    if (sst->writer != NULL)
        rocksdb_sstfilewriter_destroy(sst->writer);
    rocksdb_envoptions_destroy(sst->env);
    for (size_t i = 0; i < sst->file_count; i++) {
        /* Moved away after an ingest, else in the way. */
        tarn_status st = tarn__unlink(sst->files[i], NULL);
        (void)st;
        tarn__free(sst->files[i]);
    }
    tarn__free(sst->files);
    tarn__free(sst->path);
    atomic_fetch_sub(&sst->db->users, 1);
    tarn__free(sst);
}

static tarn_status begin_file(tarn__rocks_sst *sst, tarn_error *err)
{
    tarn_status st = tarn__grow((void **)&sst->files, &sst->file_cap,
        sst->file_count + 1, sizeof *sst->files, err);
    if (st != TARN_OK)
        return st;
    char *file = sst->file_count == 0
        ? tarn__strdup(sst->path)
        : tarn__sprintf("%s.%zu", sst->path, sst->file_count);
    if (file == NULL)
        return tarn__no_memory(err);
    sst->files[sst->file_count++] = file;
    char *text = NULL;
    sst->unlooked_bytes = 0;
    sst->writer =
        rocksdb_sstfilewriter_create(sst->env, sst->db->options[sst->family]);
    rocksdb_sstfilewriter_open(sst->writer, file, &text);
    return tarn__rocks_check(&text, sst->db->path, err);
}

static tarn_status finish_file(tarn__rocks_sst *sst, tarn_error *err)
{
    char *text = NULL;
    rocksdb_sstfilewriter_finish(sst->writer, &text);
    rocksdb_sstfilewriter_destroy(sst->writer);
    sst->writer = NULL;
    return tarn__rocks_check(&text, sst->db->path, err);
}

tarn_status tarn__rocks_sst_create(tarn__rocks *db, size_t family,
    const char *path, tarn__rocks_sst **out, tarn_error *err)
{
    *out = NULL;
    tarn__rocks_sst *sst = tarn__calloc(1, sizeof *sst);
    if (sst == NULL)
        return tarn__no_memory(err);
    sst->path = tarn__strdup(path);
    if (sst->path == NULL) {
        tarn__free(sst);
        return tarn__no_memory(err);
    }
    sst->db = db;
    sst->family = family;
    sst->env = rocksdb_envoptions_create();
    atomic_fetch_add(&db->users, 1);
    *out = sst;
    return TARN_OK;
}

tarn_status tarn__rocks_sst_put(
    tarn__rocks_sst *sst, tarn_slice key, tarn_slice value, tarn_error *err)
{
    tarn_status st = TARN_OK;
    if (sst->writer != NULL && sst->unlooked_bytes >= LOOK_BYTES) {
        uint64_t bytes = 0;
        sst->unlooked_bytes = 0;
        rocksdb_sstfilewriter_file_size(sst->writer, &bytes);
        if (bytes >= FILE_BYTES)
            st = finish_file(sst, err);
    }
    if (st == TARN_OK && sst->writer == NULL)
        st = begin_file(sst, err);
    if (st != TARN_OK)
        return st;
    char *text = NULL;
    rocksdb_sstfilewriter_put(
        sst->writer, key.ptr, key.len, value.ptr, value.len, &text);
    sst->unlooked_bytes += key.len + value.len;
    return tarn__rocks_check(&text, sst->db->path, err);
}

static tarn_status ingest(tarn__rocks_sst *sst, tarn_error *err)
{
    char *text = NULL;
    rocksdb_ingestexternalfileoptions_t *o =
        rocksdb_ingestexternalfileoptions_create();
    rocksdb_ingestexternalfileoptions_set_move_files(o, 1);
    rocksdb_ingest_external_file_cf(sst->db->db, sst->db->handles[sst->family],
        (const char *const *)sst->files, sst->file_count, o, &text);
    rocksdb_ingestexternalfileoptions_destroy(o);
    return tarn__rocks_check(&text, sst->db->path, err);
}

tarn_status tarn__rocks_sst_end(tarn__rocks_sst *sst, tarn_error *err)
{
    return sst->writer != NULL ? finish_file(sst, err) : TARN_OK;
}

tarn_status tarn__rocks_sst_ingest(tarn__rocks_sst *sst, tarn_error *err)
{
    tarn_status st = tarn__rocks_sst_end(sst, err);
    if (st == TARN_OK && sst->file_count > 0)
        st = ingest(sst, err);
    sst_free(sst);
    return st;
}

void tarn__rocks_sst_abort(tarn__rocks_sst *sst)
{
    if (sst != NULL)
        sst_free(sst);
}
