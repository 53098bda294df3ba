/* Opening and closing.
 *
 * R1  Family handles are destroyed before their database, and iterators and
 *     SST writers are gone before that: Debian's build aborts otherwise.
 * R2  With keep_files nothing is deleted between the end of the open and
 *     tarn__rocks_keep_files(false), the close included.  The open itself
 *     deletes what an earlier writer left behind, and no setting of RocksDB
 *     7.8 prevents that: who has readers keeps them out while it opens.
 */
#include <assert.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "rocks/rocks_internal.h"

static void free_options(rocksdb_options_t **options, size_t count)
{
    for (size_t i = 0; options != NULL && i < count; i++)
        if (options[i] != NULL)
            rocksdb_options_destroy(options[i]);
    tarn__free(options);
}

void tarn__rocks_close(tarn__rocks *db)
{
    if (db == NULL)
        return;
    assert(atomic_load(&db->users) == 0); /* R1 */
    for (size_t i = 0; db->handles != NULL && i < db->family_count; i++)
        if (db->handles[i] != NULL)
            rocksdb_column_family_handle_destroy(db->handles[i]);
    if (db->db != NULL)
        rocksdb_close(db->db);
    free_options(db->options, db->family_count);
    if (db->read != NULL)
        rocksdb_readoptions_destroy(db->read);
    if (db->read_scan != NULL)
        rocksdb_readoptions_destroy(db->read_scan);
    if (db->read_prefix != NULL)
        rocksdb_readoptions_destroy(db->read_prefix);
    if (db->write != NULL)
        rocksdb_writeoptions_destroy(db->write);
    if (db->write_sync != NULL)
        rocksdb_writeoptions_destroy(db->write_sync);
    tarn__free(db->prefix_bytes);
    tarn__free(db->handles);
    tarn__free(db->path);
    tarn__free(db);
}

/* What can be made before the database is there. */
static tarn_status prepare(const char *path, const tarn__rocks_options *options,
    tarn__rocks **out, tarn_error *err)
{
    size_t count = options->family_count;
    *out = NULL;
    tarn__rocks *db = tarn__calloc(1, sizeof *db);
    if (db == NULL)
        return tarn__no_memory(err);
    db->family_count = count;
    db->no_wal = options->no_wal;
    db->path = tarn__strdup(path);
    db->handles = tarn__calloc(count, sizeof *db->handles);
    db->options = tarn__calloc(count, sizeof *db->options);
    db->prefix_bytes = tarn__calloc(count, sizeof *db->prefix_bytes);
    if (db->path == NULL || db->handles == NULL || db->options == NULL ||
        db->prefix_bytes == NULL) {
        tarn__rocks_close(db);
        return tarn__no_memory(err);
    }
    for (size_t i = 0; i < count; i++)
        db->prefix_bytes[i] = options->families[i].prefix_bytes;
    db->read = rocksdb_readoptions_create();
    rocksdb_readoptions_set_total_order_seek(db->read, 1);
    db->read_scan = rocksdb_readoptions_create();
    rocksdb_readoptions_set_total_order_seek(db->read_scan, 1);
    rocksdb_readoptions_set_fill_cache(db->read_scan, 0);
    rocksdb_readoptions_set_readahead_size(
        db->read_scan, TARN__ROCKS_READAHEAD_BYTES);
    db->read_prefix = rocksdb_readoptions_create();
    rocksdb_readoptions_set_prefix_same_as_start(db->read_prefix, 1);
    db->write = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(db->write, options->no_wal);
    db->write_sync = rocksdb_writeoptions_create();
    rocksdb_writeoptions_disable_WAL(db->write_sync, options->no_wal);
    rocksdb_writeoptions_set_sync(db->write_sync, !options->no_wal);
    *out = db;
    return TARN_OK;
}

/* The families to open: `index` says which of ours each one is. */
typedef struct selection {
    const char **names;
    const rocksdb_options_t **options;
    rocksdb_column_family_handle_t **handles;
    size_t *index;
    size_t count;
} selection;

static void selection_reset(selection *s)
{
    tarn__free(s->names);
    tarn__free(s->options);
    tarn__free(s->handles);
    tarn__free(s->index);
}

static bool is_among(const char *name, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* All of our families, or those that are also in `present`.  The caller
 * resets the selection, after a failure too. */
static tarn_status select_families(const tarn__rocks *db,
    const tarn__rocks_options *options, char *const *present,
    size_t present_count, selection *s, tarn_error *err)
{
    size_t count = options->family_count;
    *s = (selection){
        .names = tarn__calloc(count, sizeof *s->names),
        .options = tarn__calloc(count, sizeof *s->options),
        .handles = tarn__calloc(count, sizeof *s->handles),
        .index = tarn__calloc(count, sizeof *s->index),
    };
    if (s->names == NULL || s->options == NULL || s->handles == NULL ||
        s->index == NULL)
        return tarn__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const char *name = options->families[i].name;
        if (present != NULL && !is_among(name, present, present_count))
            continue;
        s->names[s->count] = name;
        s->options[s->count] = db->options[i];
        s->index[s->count++] = i;
    }
    return TARN_OK;
}

/* Open the selected families; the handles go to their places in db. */
static tarn_status open_selected(tarn__rocks *db,
    const rocksdb_options_t *whole, bool read_only, selection *s,
    tarn_error *err)
{
    char *text = NULL;
    db->db = read_only
        ? rocksdb_open_for_read_only_column_families(whole, db->path,
              (int)s->count, s->names, s->options, s->handles, 0, &text)
        : rocksdb_open_column_families(whole, db->path, (int)s->count, s->names,
              s->options, s->handles, &text);
    tarn_status st = tarn__rocks_check(&text, db->path, err);
    for (size_t i = 0; st == TARN_OK && i < s->count; i++)
        db->handles[s->index[i]] = s->handles[i];
    return st;
}

/* A writer creates the families that are not there yet; a reader goes
 * without them. */
static tarn_status open_families(tarn__rocks *db,
    const tarn__rocks_options *options, const rocksdb_options_t *whole,
    bool read_only, tarn_error *err)
{
    char **present = NULL;
    size_t present_count = 0;
    tarn_status st = TARN_OK;
    if (read_only) {
        char *text = NULL;
        present = rocksdb_list_column_families(
            whole, db->path, &present_count, &text);
        st = tarn__rocks_check(&text, db->path, err);
    }
    if (st == TARN_OK) {
        selection s;
        st = select_families(db, options, present, present_count, &s, err);
        if (st == TARN_OK)
            st = open_selected(db, whole, read_only, &s, err);
        selection_reset(&s);
    }
    /* Also when the listing failed: it comes with an empty list. */
    if (present != NULL)
        rocksdb_list_column_families_destroy(present, present_count);
    return st;
}

static tarn_status open_any(const char *path,
    const tarn__rocks_options *options, bool read_only, tarn__rocks **out,
    tarn_error *err)
{
    tarn__rocks *db;
    rocksdb_options_t *whole;
    *out = NULL;
    tarn_status st = prepare(path, options, &db, err);
    if (st != TARN_OK)
        return st;
    st = tarn__rocks_options_make(
        options, path, read_only, &whole, db->options, err);
    if (st == TARN_OK) {
        st = open_families(db, options, whole, read_only, err);
        rocksdb_options_destroy(whole);
    }
    if (st == TARN_OK && options->keep_files && !read_only)
        st = tarn__rocks_keep_files(db, true, err);
    if (st == TARN_OK)
        *out = db;
    else
        tarn__rocks_close(db);
    return st;
}

tarn_status tarn__rocks_open(const char *path,
    const tarn__rocks_options *options, tarn__rocks **out, tarn_error *err)
{
    return open_any(path, options, false, out, err);
}

tarn_status tarn__rocks_open_read(const char *path,
    const tarn__rocks_options *options, tarn__rocks **out, tarn_error *err)
{
    return open_any(path, options, true, out, err);
}

tarn_status tarn__rocks_destroy(const char *path, tarn_error *err)
{
    if (!tarn__path_exists(path))
        return TARN_OK;
    char *text = NULL;
    rocksdb_options_t *o = rocksdb_options_create();
    rocksdb_destroy_db(o, path, &text);
    rocksdb_options_destroy(o);
    tarn_status st = tarn__rocks_check(&text, path, err);
    /* A broken one goes as well; one in use does not. */
    return st == TARN_LOCKED ? st : tarn__remove_tree(path, err);
}
