/* A load: one transaction from the first line to the metadata.
 *
 * L1  Everything happens in one transaction, so that a failure or a kill at
 *     any moment leaves the table as it was.
 * L2  A file of bad lines gets its name when the transaction is about to be
 *     committed.
 *
 * Rows of a fresh table go straight in.  Those for a table that has rows go
 * through a temporary one, and from there what the table has not: the join
 * holds the new ids, not the table's. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "event/load.h"
#include "os/file.h"
#include "os/process.h"
#include "store/store.h"

#define ENGINE_BYTES 128000000U /* while the ids take the rest */
#define MERGE_BYTES 512000000U  /* what the join may have */

static tarn_status run_f(
    tarn__event_load *l, tarn_buf *sql, tarn_status st, tarn_error *err)
{
    if (st == TARN_OK)
        st = tarn_store_exec(l->store, sql->ptr, err);
    tarn_buf_reset(sql);
    return st;
}

static tarn_status set_engine(
    tarn__event_load *l, uint64_t bytes, bool ordered, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__buf_printf(&sql, err,
        "SET memory_limit = '%lluB'; SET preserve_insertion_order = %s",
        (unsigned long long)bytes, ordered ? "true" : "false");
    return run_f(l, &sql, st, err);
}

/* INSERT INTO target SELECT * FROM feed(). */
static tarn_status insert(
    tarn__event_load *l, const char *feed, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn__column columns[5 + TARN__EVENT_SHRED_MAX];
    size_t count = tarn__ingest_columns(&l->intake, columns);
    tarn_status st = tarn__buf_str(&sql, "INSERT INTO ", err);
    if (st == TARN_OK)
        st = tarn__event_load_target(l, l->stage, &sql, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        st = tarn__buf_str(&sql, i == 0 ? " (" : ", ", err);
        if (st == TARN_OK)
            st = tarn_store_quote_name(&sql, columns[i].name, err);
    }
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, ") SELECT * FROM %s()", feed);
    return run_f(l, &sql, st, err);
}

/* From the temporary table what the table has not. */
static tarn_status merge(tarn__event_load *l, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    const char *key = l->options->profiles ? "distinct_id" : "insert_id";
    int64_t added = 0;
    tarn_status st = tarn__buf_str(&sql, "INSERT INTO ", err);
    if (st == TARN_OK)
        st = tarn__event_load_target(l, false, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql,
            " BY NAME SELECT s.* FROM _tarn_stage s "
            "ANTI JOIN ",
            err);
    if (st == TARN_OK)
        st = tarn__event_load_target(l, false, &sql, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err, " t ON s.%s = t.%s", key, key);
    if (st == TARN_OK)
        st = tarn_store_exec_values(l->store, sql.ptr, NULL, 0, &added, err);
    tarn_buf_reset(&sql);
    if (st != TARN_OK)
        return st;
    l->counts->duplicates += l->counts->loaded - (uint64_t)added;
    l->counts->loaded = (uint64_t)added;
    return tarn_store_exec(l->store, "DROP TABLE _tarn_stage", err);
}

static tarn_status quarantine(tarn__event_load *l, tarn_error *err)
{
    if (l->spool.count == 0 && l->options->quarantine == NULL)
        return TARN_OK;
    tarn_status st = tarn__aside_finish(&l->spool, err);
    if (st != TARN_OK)
        return st;
    if (l->options->on_quarantined != NULL)
        return TARN_OK;
    if (l->bad.path != NULL)
        return tarn__bad_file_make(&l->bad, &l->spool, err);
    tarn_buf sql = TARN_BUF_INIT;
    st = tarn__buf_str(&sql, "INSERT INTO _quarantine SELECT ", err);
    if (st == TARN_OK)
        st = tarn_store_quote_text(&sql, l->name, err);
    if (st == TARN_OK)
        st = tarn__buf_str(&sql,
            ", source, line, reason, text, now()::TIMESTAMP FROM read_json(",
            err);
    if (st == TARN_OK)
        st = tarn_store_quote_text(&sql, l->spool.path, err);
    if (st == TARN_OK)
        st = tarn__buf_printf(&sql, err,
            ", format = 'newline_delimited', maximum_object_size = %zu, "
            "columns = {source: 'VARCHAR', line: 'BIGINT', reason: 'VARCHAR', "
            "text: 'VARCHAR'})",
            l->spool.longest + 4096);
    return run_f(l, &sql, st, err);
}

/* Inside the transaction. */
static tarn_status work(tarn__event_load *l, const char *feed, tarn_error *err)
{
    tarn_status st = tarn__event_load_prepare(l, err);
    if (st == TARN_OK)
        st = insert(l, feed, err);
    if (st != TARN_OK)
        return st;
    tarn__event_ids_free(l->intake.ids);
    l->intake.ids = NULL;
    if (l->options->on_batch != NULL && l->intake.batch_read > 0)
        l->options->on_batch(l->options->arg, l->counts->loaded);
    uint64_t memory = tarn__store_memory(l->store);
    st = set_engine(l, memory < MERGE_BYTES ? memory : MERGE_BYTES, false, err);
    if (st == TARN_OK && l->stage)
        st = merge(l, err);
    if (st == TARN_OK)
        st = tarn__event_load_widen(l, err);
    if (st == TARN_OK)
        st = tarn__event_load_record(l, err);
    return st == TARN_OK ? quarantine(l, err) : st;
}

static tarn_status transact(tarn__event_load *l, tarn_error *err)
{
    char name[48];
    tarn__column columns[5 + TARN__EVENT_SHRED_MAX];
    tarn__feed feed = {.name = name,
        .columns = columns,
        .ctx = &l->intake,
        .open = tarn__ingest_open,
        .fill = tarn__ingest_fill,
        .close = tarn__ingest_close};
    feed.column_count = tarn__ingest_columns(&l->intake, columns);
    feed.threads = tarn__store_threads(l->store);
    (void)snprintf(name, sizeof name, "tarn_load_%llx",
        (unsigned long long)tarn__monotonic_us());
    tarn_status st = tarn__duck_feed(tarn__store_duck(l->store), &feed, err);
    if (st == TARN_OK)
        st = tarn_store_exec(l->store, "BEGIN TRANSACTION", err);
    if (st != TARN_OK)
        return st;
    st = work(l, name, err);
    if (st == TARN_OK)
        return tarn_store_exec(l->store, "COMMIT", err);
    tarn_status undone = tarn_store_exec(l->store, "ROLLBACK", NULL);
    (void)undone; /* what was begun cannot be committed any more */
    return st;
}

static tarn_status open_spool(
    tarn__event_load *l, size_t sources, tarn_error *err)
{
    bool own = l->options->quarantine != NULL;
    bool paths = l->intake.paths != NULL;
    tarn_status st = own ? tarn__bad_file_find(&l->bad, l->options->quarantine,
                               tarn_store_path(l->store), l->intake.paths,
                               paths ? sources : 0, err)
                         : TARN_OK;
    if (st != TARN_OK)
        return st;
    l->spool.sources =
        sources > 1 || (!own && l->options->on_quarantined == NULL);
    return tarn__store_temp_name(l->store, ".jsonl", &l->spool.path, err);
}

static tarn_status prepare(tarn__event_load *l, tarn_error *err)
{
    uint64_t memory = tarn__store_memory(l->store);
    uint64_t engine = memory / 4 < ENGINE_BYTES ? memory / 4 : ENGINE_BYTES;
    tarn_status st = tarn__event_load_check(l, err);
    if (st == TARN_OK)
        st = tarn__event_ids_create(memory - engine, &l->intake.ids, err);
    if (st == TARN_OK)
        st = tarn__event_load_columns(l, err);
    l->stage = l->options->mode == TARN_EVENT_APPEND;
    return st == TARN_OK ? set_engine(l, engine, false, err) : st;
}

static void clean_up(tarn__event_load *l)
{
    if (l->spool.path != NULL) {
        tarn_status gone = tarn__unlink(l->spool.path, NULL);
        (void)gone; /* never made, or its folder goes with the store */
    }
    tarn__aside_reset(&l->spool);
    tarn__bad_file_reset(&l->bad);
    tarn__ingest_reset(&l->intake);
    tarn__arena_reset(&l->arena);
    if (tarn_store_is_open(l->store)) {
        tarn_status set =
            set_engine(l, tarn__store_memory(l->store), true, NULL);
        (void)set; /* it is a smaller engine then */
    }
}

static tarn_status load(tarn_store *store, const char *name,
    const char *const *paths, size_t count, tarn__line_bytes *first,
    const tarn_event_options *options, tarn_event_counts *counts,
    tarn_error *err)
{
    tarn__event_load l = {.store = store,
        .name = name,
        .options = options,
        .counts = counts,
        .spool = TARN__ASIDE_INIT,
        .arena = TARN__ARENA_INIT};
    memset(counts, 0, sizeof(*counts));
    tarn__ingest_init(&l.intake);
    l.intake.options = options;
    l.intake.counts = counts;
    l.intake.spool = &l.spool;
    l.intake.paths = paths;
    l.intake.records = first != NULL;
    l.intake.max_line = options->max_line_bytes == 0 ? TARN_EVENT_MAX_LINE_BYTES
                                                     : options->max_line_bytes;
    tarn_status st = tarn__line_blocks_create(
        paths, count, first, l.intake.max_line, &l.intake.blocks, err);
    if (st != TARN_OK)
        tarn__line_bytes_free(first);
    else
        tarn__line_blocks_watch(
            l.intake.blocks, options->progress, options->arg);
    if (st == TARN_OK)
        st = open_spool(&l, count, err);
    if (st == TARN_OK)
        st = prepare(&l, err);
    if (st == TARN_OK)
        st = transact(&l, err);
    if (st != TARN_OK)
        counts->loaded = 0;
    else if (options->on_quarantined != NULL && l.spool.count > 0)
        st = tarn__aside_tell(
            &l.spool, options->on_quarantined, options->arg, err);
    clean_up(&l);
    return st;
}

tarn_status tarn_event_load(tarn_store *store, const char *name,
    const char *const *paths, size_t count, const tarn_event_options *options,
    tarn_event_counts *counts, tarn_error *err)
{
    static const tarn_event_options defaults = TARN_EVENT_OPTIONS_INIT;
    if (options == NULL)
        options = &defaults;
    return load(store, name, paths, count, NULL, options, counts, err);
}

tarn_status tarn_event_load_records(tarn_store *store, const char *name,
    tarn_event_next_fn next, void *next_arg, const tarn_event_options *options,
    tarn_event_counts *counts, tarn_error *err)
{
    static const tarn_event_options strict = {.max_bad = 0};
    tarn__line_bytes *bytes;
    if (options == NULL)
        options = &strict;
    memset(counts, 0, sizeof(*counts));
    tarn_status st = tarn__line_bytes_iterator(next, next_arg, &bytes, err);
    if (st != TARN_OK)
        return st;
    return load(store, name, NULL, 0, bytes, options, counts, err);
}
