/* What a writer does besides writing. */
#include <stdlib.h>

#include "base/error.h"
#include "os/process.h"
#include "rocks/rocks_internal.h"

#define SETTLE_PAUSE_US 2000
#define SETTLE_IDLE_MAX 50 /* looks at which nothing was going on */

static uint64_t number(tarn__rocks *db, size_t family, const char *property)
{
    uint64_t value = 0;
    if (db->handles[family] != NULL)
        (void)rocksdb_property_int_cf(
            db->db, db->handles[family], property, &value);
    return value;
}

static uint64_t sum(tarn__rocks *db, const char *property)
{
    uint64_t total = 0;
    for (size_t i = 0; i < db->family_count; i++)
        total += number(db, i, property);
    return total;
}

tarn_status tarn__rocks_flush(tarn__rocks *db, tarn_error *err)
{
    char *text = NULL;
    rocksdb_flushoptions_t *o = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(o, 1);
    for (size_t i = 0; text == NULL && i < db->family_count; i++)
        rocksdb_flush_cf(db->db, o, db->handles[i], &text);
    rocksdb_flushoptions_destroy(o);
    tarn_status st = tarn__rocks_check(&text, db->path, err);
    if (st == TARN_OK)
        atomic_store(&db->written_bytes, 0);
    return st;
}

/* compact_range keeps its failures to itself; the count of background errors
 * tells of them. */
static tarn_status check_background(
    tarn__rocks *db, uint64_t errors_before, tarn_error *err)
{
    if (number(db, 0, "rocksdb.background-errors") == errors_before)
        return TARN_OK;
    return tarn__fail(err, TARN_IO,
        "database %s: cannot merge its files (is the disk full?)", db->path);
}

tarn_status tarn__rocks_compact(tarn__rocks *db, size_t family, tarn_error *err)
{
    uint64_t before = number(db, 0, "rocksdb.background-errors");
    rocksdb_compact_range_cf(db->db, db->handles[family], NULL, 0, NULL, 0);
    return check_background(db, before, err);
}

tarn_status tarn__rocks_settle(tarn__rocks *db, size_t family, tarn_error *err)
{
    uint64_t before = number(db, 0, "rocksdb.background-errors");
    int idle = 0;
    while (tarn__rocks_level0_files(db, family) >= TARN__ROCKS_LEVEL0_TRIGGER &&
        idle < SETTLE_IDLE_MAX && !tarn__interrupted()) {
        bool busy = number(db, family, "rocksdb.compaction-pending") > 0 ||
            number(db, family, "rocksdb.num-running-compactions") > 0;
        idle = busy ? 0 : idle + 1;
        tarn_status st = check_background(db, before, err);
        if (st != TARN_OK)
            return st;
        tarn__sleep_us(SETTLE_PAUSE_US);
    }
    return TARN_OK;
}

tarn_status tarn__rocks_keep_files(tarn__rocks *db, bool keep, tarn_error *err)
{
    if (keep == db->keeps_files)
        return TARN_OK;
    char *text = NULL;
    if (keep)
        rocksdb_disable_file_deletions(db->db, &text);
    else
        rocksdb_enable_file_deletions(db->db, 1, &text);
    tarn_status st = tarn__rocks_check(&text, db->path, err);
    if (st == TARN_OK)
        db->keeps_files = keep;
    return st;
}

/* What was written since the last flush, unless RocksDB flushed of itself:
 * then the memory tables hold less. */
uint64_t tarn__rocks_wal_bytes(tarn__rocks *db)
{
    uint64_t written = atomic_load(&db->written_bytes);
    uint64_t in_memory = sum(db, "rocksdb.cur-size-all-mem-tables");
    return written < in_memory ? written : in_memory;
}

int tarn__rocks_level0_files(tarn__rocks *db, size_t family)
{
    if (db->handles[family] == NULL)
        return 0;
    char *text = rocksdb_property_value_cf(
        db->db, db->handles[family], "rocksdb.num-files-at-level0");
    long count = text != NULL ? strtol(text, NULL, 10) : 0;
    rocksdb_free(text);
    return (int)count;
}

uint64_t tarn__rocks_disk_bytes(tarn__rocks *db)
{
    return sum(db, "rocksdb.live-sst-files-size");
}

uint64_t tarn__rocks_estimated_keys(tarn__rocks *db, size_t family)
{
    return number(db, family, "rocksdb.estimate-num-keys");
}
