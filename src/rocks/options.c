/* How a database is set up: little memory, quick to open, quick to read. */
#include "rocks/rocks_internal.h"

#define MIB ((uint64_t)1 << 20)
#define WRITE_BUFFER_BYTES (64 * MIB)
#define BLOCK_CACHE_BYTES (32 * MIB)
#define WAL_BYTES (16 * MIB)
#define BLOOM_BITS 10
#define BACKGROUND_JOBS 2
#define LOG_FILES 2
/* On a full disk the log's own writer aborts in Debian's build: nothing is
 * written to it. */
#define LOG_LEVEL_FATAL 4
/* A writer opens files when it needs them.  A reader opens all at once, so
 * that none can go before it has looked. */
#define WRITER_FILES 256
#define READER_FILES (-1)
#define OPENING_THREADS 2

static uint64_t value_or(uint64_t value, uint64_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static rocksdb_options_t *whole_database(
    const tarn__rocks_options *options, bool read_only)
{
    rocksdb_options_t *o = rocksdb_options_create();
    rocksdb_options_set_create_if_missing(o, !read_only);
    rocksdb_options_set_create_missing_column_families(o, !read_only);
    rocksdb_options_set_paranoid_checks(o, 1);
    rocksdb_options_set_max_open_files(
        o, read_only ? READER_FILES : WRITER_FILES);
    rocksdb_options_set_max_file_opening_threads(o, OPENING_THREADS);
    rocksdb_options_set_max_background_jobs(o, BACKGROUND_JOBS);
    rocksdb_options_set_max_total_wal_size(
        o, value_or(options->max_wal_bytes, WAL_BYTES));
    rocksdb_options_set_db_write_buffer_size(
        o, (size_t)options->db_write_buffer_bytes);
    rocksdb_options_set_keep_log_file_num(o, LOG_FILES);
    rocksdb_options_set_info_log_level(o, LOG_LEVEL_FATAL);
    rocksdb_options_set_skip_stats_update_on_db_open(o, 1);
    rocksdb_options_set_stats_dump_period_sec(o, 0);
    rocksdb_options_set_stats_persist_period_sec(o, 0);
    return o;
}

/* The setting without a function of its own in the C API: a scratch database
 * is thrown away, not written out when it is closed. */
static tarn_status drop_at_close(
    rocksdb_options_t *o, const char *path, tarn_error *err)
{
    char *text = NULL;
    rocksdb_get_options_from_string(
        o, "avoid_flush_during_shutdown=true", o, &text);
    return tarn__rocks_check(&text, path, err);
}

static rocksdb_options_t *one_family(const rocksdb_options_t *whole,
    const tarn__rocks_options *options, const tarn__rocks_family *family,
    rocksdb_cache_t *cache)
{
    rocksdb_options_t *o =
        rocksdb_options_create_copy((rocksdb_options_t *)whole);
    rocksdb_options_set_write_buffer_size(
        o, (size_t)value_or(options->write_buffer_bytes, WRITE_BUFFER_BYTES));
    rocksdb_options_set_compression(o, rocksdb_lz4_compression);
    rocksdb_options_set_level0_file_num_compaction_trigger(
        o, TARN__ROCKS_LEVEL0_TRIGGER);
    rocksdb_block_based_table_options_t *table =
        rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_block_cache(table, cache);
    rocksdb_block_based_options_set_filter_policy(
        table, rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
    rocksdb_block_based_options_set_whole_key_filtering(table, 1);
    rocksdb_options_set_block_based_table_factory(o, table);
    rocksdb_block_based_options_destroy(table);
    if (family->prefix_bytes > 0)
        rocksdb_options_set_prefix_extractor(o,
            rocksdb_slicetransform_create_fixed_prefix(family->prefix_bytes));
    return o;
}

tarn_status tarn__rocks_options_make(const tarn__rocks_options *options,
    const char *path, bool read_only, rocksdb_options_t **whole,
    rocksdb_options_t **families, tarn_error *err)
{
    rocksdb_options_t *o = whole_database(options, read_only);
    *whole = NULL;
    if (options->no_wal) {
        tarn_status st = drop_at_close(o, path, err);
        if (st != TARN_OK) {
            rocksdb_options_destroy(o);
            return st;
        }
    }
    rocksdb_cache_t *cache = rocksdb_cache_create_lru(
        (size_t)value_or(options->block_cache_bytes, BLOCK_CACHE_BYTES));
    for (size_t i = 0; i < options->family_count; i++)
        families[i] = one_family(o, options, &options->families[i], cache);
    rocksdb_cache_destroy(cache); /* the tables hold it */
    *whole = o;
    return TARN_OK;
}
