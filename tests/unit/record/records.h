/* A lake on disk with two tables of records, one with a key and an indexed
 * field and one free-form, and short ways to put and read in it. */
#ifndef TARN_TEST_RECORD_RECORDS_H
#define TARN_TEST_RECORD_RECORDS_H

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/record_internal.h"
#include "support/sandbox.h"

static const char records_people[] =
    "{\"name\":\"people\",\"version\":\"1.0.0\",\"properties\":{"
    "\"email\":{\"type\":\"string\"},\"name\":{\"type\":\"string\"},"
    "\"age\":{\"type\":\"integer\"}},\"required\":[\"name\"],"
    "\"x-tarn\":{\"key\":\"email\",\"indexed\":[\"age\"]}}";
static const char records_things[] =
    "{\"name\":\"things\",\"version\":\"1.0.0\"}";

static inline void records_good(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static inline int64_t records_commit(tarn_txn *txn)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version;
    records_good(tarn_txn_commit(txn, &version, &err), &err);
    return version;
}

static inline tarn_txn *records_begin(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn;
    records_good(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    return txn;
}

static inline void records_put_schema(
    tarn_lake *lake, const char *text, const char *tenant)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = records_begin(lake);
    options.tenant = tenant;
    records_good(tarn_schema_put(txn, tarn_str(text), &options, &err), &err);
    records_commit(txn);
}

/* A lake on disk with both tables. */
static inline tarn_lake *records_lake(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake;
    const char *dir = sandbox_path(state, "lake");
    records_good(tarn_lake_init(dir, NULL, &err), &err);
    records_good(tarn_lake_open(dir, NULL, &lake, &err), &err);
    records_put_schema(lake, records_people, NULL);
    records_put_schema(lake, records_things, NULL);
    return lake;
}

static inline int64_t records_put_as(tarn_lake *lake, const char *tenant,
    const char *table, const char *json, char id[37])
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = records_begin(lake);
    options.tenant = tenant;
    records_good(
        tarn_record_put(txn, table, tarn_str(json), &options, id, &err), &err);
    return records_commit(txn);
}

static inline int64_t records_put(
    tarn_lake *lake, const char *table, const char *json)
{
    char id[37];
    return records_put_as(lake, NULL, table, json, id);
}

static inline tarn_status records_get_at(tarn_lake *lake, int64_t version,
    const char *name, const tarn_record_options *options, tarn_record *out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    records_good(tarn_snapshot_open(lake, version, &snap, &err), &err);
    tarn_status st = tarn_record_get(snap, name, options, out, &err);
    tarn_snapshot_free(snap);
    return st;
}

static inline void records_is(
    tarn_lake *lake, const char *name, const char *json)
{
    tarn_record r = TARN_RECORD_INIT;
    assert_int_equal(
        TARN_OK, records_get_at(lake, TARN_LATEST, name, NULL, &r));
    assert_string_equal(json, r.json.ptr);
    tarn_record_reset(&r);
}

static inline void records_is_not(tarn_lake *lake, const char *name)
{
    tarn_record r = TARN_RECORD_INIT;
    assert_int_equal(
        TARN_NOT_FOUND, records_get_at(lake, TARN_LATEST, name, NULL, &r));
}

static inline int64_t records_count(
    tarn_lake *lake, const char *table, bool deleted)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    int64_t n;
    options.deleted = deleted;
    records_good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    records_good(tarn_record_count(snap, table, &options, &n, &err), &err);
    tarn_snapshot_free(snap);
    return n;
}

static inline void records_rm(tarn_lake *lake, const char *name, bool hard)
{
    tarn_record_options options = TARN_RECORD_OPTIONS_INIT;
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = records_begin(lake);
    options.hard = hard;
    records_good(tarn_record_rm(txn, name, &options, &err), &err);
    records_commit(txn);
}

static inline tarn_status records_update(
    tarn_lake *lake, const char *name, const char *json, tarn_error *err)
{
    tarn_txn *txn = records_begin(lake);
    tarn_status st = tarn_record_update(txn, name, tarn_str(json), NULL, err);
    if (st == TARN_OK)
        records_commit(txn);
    else
        tarn_txn_abort(txn);
    return st;
}

static inline int64_t records_entries(tarn_lake *lake, tarn__family family)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap;
    tarn__scan *scan;
    tarn_slice key, payload;
    int64_t n = 0;
    records_good(tarn_snapshot_open(lake, TARN_LATEST, &snap, &err), &err);
    records_good(tarn__read_scan(snap, family, (tarn_slice){"", 0},
                     (tarn_slice){NULL, 0}, &scan, &err),
        &err);
    while (tarn__scan_next(scan, &key, &payload, NULL, &err) == TARN_ROW)
        n++;
    tarn__scan_free(scan);
    tarn_snapshot_free(snap);
    return n;
}

#endif
