/* Host files -> pieces. */
#include "tree/stage.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/node.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define WAIT_US 100000
#define ANY_BYTES ((size_t)1 << 40)

void tarn__stage_init(tarn__stage *stage, tarn_txn *txn)
{
    tarn_lake *lake = tarn__txn_lake(txn);
    *stage = (tarn__stage){txn, lake, tarn__lake_is_memory(lake), NULL, NULL};
}

void tarn__stage_reset(tarn__stage *stage)
{
    tarn__duck_close(stage->duck);
    tarn__free(stage->block);
    stage->duck = NULL;
    stage->block = NULL;
}

static tarn_status open_duck(tarn__stage *stage, tarn_error *err)
{
    return stage->duck != NULL
        ? TARN_OK
        : tarn__tree_duck(stage->lake, &stage->duck, err);
}

static tarn_status scratch_name(
    tarn__stage *stage, const char *suffix, char **out, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    *out = NULL;
    tarn_status st = tarn__lake_scratch(stage->lake, &scratch, err);
    if (st != TARN_OK)
        return st;
    *out = tarn__scratch_name(scratch, suffix);
    return *out == NULL ? tarn__no_memory(err) : TARN_OK;
}

tarn_status tarn__had_load(
    tarn_snapshot *snap, const tarn__id *id, tarn__had *out, tarn_error *err)
{
    *out = (tarn__had)TARN__HAD_INIT;
    tarn__node node;
    tarn_buf payload = TARN_BUF_INIT;
    bool found = false;
    tarn_status st = tarn__node_load(snap, id, &node, &payload, err);
    if (st == TARN_OK) {
        out->there = true;
        out->kind = node.kind;
        st = tarn__node_attr(&node, "time_column", &out->time_column, err);
    }
    if (st == TARN_OK)
        st = tarn__node_attr(&node, "source", &out->source, err);
    if (st == TARN_OK)
        st = tarn__item_newest(snap, id, &out->item, &out->hold, &found, err);
    tarn_buf_reset(&payload);
    if (st != TARN_OK)
        tarn__had_reset(out);
    return st;
}

void tarn__had_reset(tarn__had *had)
{
    tarn_buf_reset(&had->hold);
    tarn__free(had->time_column);
    tarn__free(had->source);
    *had = (tarn__had)TARN__HAD_INIT;
}

tarn__kind tarn__stage_kind(
    const tarn_put_options *options, const tarn__had *had, const char *name)
{
    tarn__packing packing;
    if (options->as != TARN_KIND_ANY)
        return (tarn__kind)options->as;
    if (had->there && tarn__kind_has_content(had->kind))
        return had->kind;
    tarn__format format = options->format != NULL
        ? tarn__format_parse(options->format)
        : tarn__format_of(name, &packing);
    return format == TARN__FORMAT_PARQUET ? TARN__KIND_TABLE : TARN__KIND_FILE;
}

/* Calls fn with every block of a file, and tells the caller's progress. */
typedef tarn_status (*block_fn)(
    void *arg, const void *ptr, size_t len, tarn_error *err);

/* A pipe may say nothing for long, or have nobody at its other end yet: who
 * waits for it can be stopped. */
static tarn_status wait_for(const tarn__file *file, const char *path,
    const char *what, uint64_t done, tarn__progress *progress, tarn_error *err)
{
    while (!tarn__file_ready(file, WAIT_US))
        if (tarn__progress_step(progress, what, done, 0))
            return tarn__fail(err, TARN_INTERRUPTED,
                "%s: interrupted (nothing was changed)", path);
    return TARN_OK;
}

static tarn_status each_block(tarn__stage *stage, const char *path,
    const char *what, block_fn fn, void *arg, tarn_error *err)
{
    if (stage->block == NULL)
        stage->block = tarn__malloc(BLOCK_BYTES);
    if (stage->block == NULL)
        return tarn__no_memory(err);
    tarn__progress *progress = tarn__lake_progress(stage->lake);
    tarn__file file;
    tarn_status st = tarn__file_open(&file, path, TARN__OPEN_READ_READY, err);
    uint64_t done = 0;
    size_t got = 0;
    while (st == TARN_OK) {
        st = wait_for(&file, path, what, done, progress, err);
        if (st != TARN_OK)
            break;
        st = tarn__file_read(&file, stage->block, BLOCK_BYTES, &got, err);
        if (st != TARN_OK || got == 0)
            break;
        st = fn(arg, stage->block, got, err);
        done += got;
        if (st == TARN_OK && tarn__progress_step(progress, what, done, 0))
            st = tarn__fail(err, TARN_INTERRUPTED,
                "%s: interrupted (nothing was changed)", path);
    }
    tarn__file_close(&file);
    return st;
}

static tarn_status intake_block(
    void *arg, const void *ptr, size_t len, tarn_error *err)
{
    return tarn__intake_write(arg, ptr, len, err);
}

static tarn_status stager_block(
    void *arg, const void *ptr, size_t len, tarn_error *err)
{
    return tarn__stager_write(arg, ptr, len, err);
}

static tarn_status sha_block(
    void *arg, const void *ptr, size_t len, tarn_error *err)
{
    (void)err;
    tarn__sha256_update(arg, ptr, len);
    return TARN_OK;
}

static tarn_status sha_of_file(tarn__stage *stage, const char *path,
    uint8_t digest[TARN__SHA256_BYTES], tarn_error *err)
{
    tarn__sha256 *sha = NULL;
    tarn_status st = tarn__sha256_create(&sha, err);
    if (st == TARN_OK)
        st = each_block(stage, path, "hash", sha_block, sha, err);
    if (st == TARN_OK)
        tarn__sha256_finish(sha, digest);
    tarn__sha256_free(sha);
    return st;
}

/* Does -u find the host file's bytes in the newest item?  Then *out is the
 * piece that it was. */
static tarn_status is_there(tarn__stage *stage, const char *host_path,
    const tarn__had *had, bool *same, tarn__cargo *out, tarn_error *err)
{
    tarn__stat stat;
    uint8_t digest[TARN__SHA256_BYTES];
    *same = false;
    tarn_status st = tarn__stat_path(host_path, true, &stat, err);
    if (st != TARN_OK || !had->item.is_object ||
        stat.size_bytes != had->item.size_bytes)
        return st;
    st = sha_of_file(stage, host_path, digest, err);
    if (st != TARN_OK || memcmp(digest, had->item.sha256, sizeof(digest)) != 0)
        return st;
    *same = true;
    out->unstaged = true;
    out->kind = had->kind;
    out->piece = tarn__piece_of(&had->item);
    return TARN_OK;
}

static tarn_status stage_bytes(tarn__stage *stage, const char *host_path,
    tarn__kind kind, tarn__cargo *out, tarn_error *err)
{
    tarn__intake intake;
    tarn__intake_init(&intake, stage, kind);
    tarn_status st =
        each_block(stage, host_path, "put", intake_block, &intake, err);
    if (st == TARN_OK)
        st = tarn__intake_finish(&intake, out, err);
    tarn__intake_reset(&intake);
    return st;
}

static bool is_json(tarn__format format)
{
    return format == TARN__FORMAT_JSON || format == TARN__FORMAT_JSONL;
}

/* A Parquet file in the scratch folder, made from `format` -> piece and time
 * column.  JSON without rows has no columns either, which matters only where
 * nothing else gives them. */
static tarn_status take_parquet(tarn__stage *stage, tarn__staged *staged,
    const char *shown, tarn__format format, const tarn_put_options *options,
    const tarn__had *had, tarn__cargo *out, tarn_error *err)
{
    tarn__facts facts;
    bool series = out->kind == TARN__KIND_SERIES;
    bool given = options->time_column != NULL;
    const char *column = NULL;
    if (series)
        column = given ? options->time_column : had->time_column;
    tarn_status st = tarn__parquet_facts(stage->duck, staged->path, shown,
        column, series, !given, format != TARN__FORMAT_PARQUET, &facts, err);
    if (st == TARN_OK && facts.untyped && is_json(format) &&
        !(series && had->there && had->kind == TARN__KIND_SERIES &&
            !options->replace)) {
        tarn__free(facts.time_column);
        st = tarn__fail(err, TARN_BAD_INPUT,
            "%s: holds no objects, so it has no columns (put it without --as)",
            shown);
    }
    if (st != TARN_OK)
        return st;
    out->piece.rows = facts.rows;
    out->piece.has_bounds = facts.has_bounds;
    out->piece.min_time_us = facts.min_time_us;
    out->piece.max_time_us = facts.max_time_us;
    out->piece.size_bytes = staged->size_bytes;
    out->time_column = facts.time_column;
    memcpy(out->schema, facts.schema, sizeof(out->schema));
    if (stage->memory) {
        st = tarn__file_slurp(staged->path, ANY_BYTES, &out->hold, err);
        out->piece.bytes = tarn__buf_slice(&out->hold);
        if (st == TARN_OK)
            tarn__roll_update(&out->piece.roll, out->hold.ptr, out->hold.len);
        return st;
    }
    out->piece.is_object = true;
    memcpy(out->piece.sha256, staged->id.sha256, TARN__SHA256_BYTES);
    return tarn__txn_take_staged(stage->txn, staged, err);
}

static tarn_status copy_in(tarn__stage *stage, const char *host_path,
    tarn__staged *staged, tarn_error *err)
{
    tarn__scratch *scratch = NULL;
    tarn__stager *stager = NULL;
    tarn_status st = tarn__lake_scratch(stage->lake, &scratch, err);
    if (st == TARN_OK)
        st = tarn__stager_open(scratch, true, &stager, err);
    if (st == TARN_OK)
        st = each_block(stage, host_path, "put", stager_block, stager, err);
    if (st == TARN_OK)
        return tarn__stager_finish(stager, staged, err);
    if (stager != NULL)
        tarn__stager_abort(stager);
    return st;
}

/* Unpacked in the scratch folder first when it is packed. */
static tarn_status convert(tarn__stage *stage, const char *host_path,
    const char *shown, tarn__format format, tarn__packing packing,
    const char *out_path, tarn_error *err)
{
    char *plain = NULL;
    tarn_status st = TARN_OK;
    if (packing != TARN__PACKING_NONE)
        st = scratch_name(stage, ".plain", &plain, err);
    if (st == TARN_OK && plain != NULL)
        st = tarn__unpack(host_path, shown, packing, plain, err);
    if (st == TARN_OK && format == TARN__FORMAT_PARQUET)
        st = tarn__rename(plain, out_path, err);
    else if (st == TARN_OK)
        st = tarn__rows_to_parquet(stage->duck,
            plain != NULL ? plain : host_path, shown, format, out_path, err);
    if (plain != NULL && tarn__path_exists(plain))
        (void)!tarn__unlink(plain, NULL);
    tarn__free(plain);
    return st;
}

/* The digest of what is converted is kept with the node, so that -u need not
 * convert it to know. */
static tarn_status note_source(tarn__stage *stage, const char *host_path,
    tarn__cargo *out, tarn_error *err)
{
    uint8_t digest[TARN__SHA256_BYTES];
    tarn_status st = sha_of_file(stage, host_path, digest, err);
    if (st != TARN_OK)
        return st;
    out->source = tarn__malloc(TARN__SHA256_HEX_BYTES);
    if (out->source == NULL)
        return tarn__no_memory(err);
    tarn__hex(digest, sizeof(digest), out->source);
    return TARN_OK;
}

static tarn_status stage_converted(tarn__stage *stage, const char *host_path,
    const char *shown, tarn__format format, tarn__packing packing,
    const tarn_put_options *options, const tarn__had *had, tarn__cargo *out,
    tarn_error *err)
{
    char *path = NULL;
    tarn__staged staged = {{{0}, true}, 0, NULL};
    tarn_status st = note_source(stage, host_path, out, err);
    if (st == TARN_OK && options->update && !options->replace &&
        had->source != NULL && strcmp(had->source, out->source) == 0) {
        out->unstaged = true;
        out->piece = tarn__piece_of(&had->item);
        return TARN_OK;
    }
    if (st == TARN_OK)
        st = scratch_name(stage, ".parquet", &path, err);
    if (st == TARN_OK)
        st = convert(stage, host_path, shown, format, packing, path, err);
    if (st == TARN_OK)
        st = tarn__stage_file(path, true, &staged, err);
    if (st == TARN_OK)
        st =
            take_parquet(stage, &staged, shown, format, options, had, out, err);
    else
        tarn__free(path);
    tarn__staged_reset(&staged);
    return st;
}

static tarn_status no_format(
    const char *shown, tarn__kind kind, tarn_error *err)
{
    return tarn__fail(err, TARN_BAD_INPUT,
        "%s: cannot be a %s by its name (a name in .csv, .tsv, .json, .jsonl "
        "or .parquet, also with .gz or .zst, says what it holds)",
        shown, tarn__kind_name(kind));
}

static tarn_status stage_rows(tarn__stage *stage, const char *host_path,
    const char *shown, const tarn_put_options *options, const tarn__had *had,
    tarn__cargo *out, tarn_error *err)
{
    tarn__packing packing;
    tarn__format format = tarn__format_of(shown, &packing);
    if (options->format != NULL)
        format = tarn__format_parse(options->format);
    if (format == TARN__FORMAT_NONE)
        return no_format(shown, out->kind, err);
    tarn_status st = open_duck(stage, err);
    if (st != TARN_OK)
        return st;
    if (format != TARN__FORMAT_PARQUET || packing != TARN__PACKING_NONE)
        return stage_converted(
            stage, host_path, shown, format, packing, options, had, out, err);
    tarn__staged staged = {{{0}, true}, 0, NULL};
    st = copy_in(stage, host_path, &staged, err);
    if (st == TARN_OK)
        st =
            take_parquet(stage, &staged, shown, format, options, had, out, err);
    tarn__staged_reset(&staged);
    return st;
}

tarn_status tarn__stage_file_at(tarn__stage *stage, const char *host_path,
    const char *shown, tarn__kind kind, const tarn_put_options *options,
    const tarn__had *had, tarn__cargo *out, tarn_error *err)
{
    *out = (tarn__cargo)TARN__CARGO_INIT;
    out->kind = kind;
    out->piece.rows = -1;
    bool same = false;
    tarn_status st = TARN_OK;
    if (options->update && !options->replace && had->there && had->kind == kind)
        st = is_there(stage, host_path, had, &same, out, err);
    if (st == TARN_OK && !same)
        st = tarn__kind_is_rows(kind)
            ? stage_rows(stage, host_path, shown, options, had, out, err)
            : stage_bytes(stage, host_path, kind, out, err);
    if (st != TARN_OK)
        tarn__cargo_reset(out);
    return st;
}

tarn_status tarn__stage_store(tarn__stage *stage, const char *store,
    const char *table, tarn__kind kind, const tarn_put_options *options,
    const tarn__had *had, tarn__cargo *out, tarn_error *err)
{
    *out = (tarn__cargo)TARN__CARGO_INIT;
    out->kind = kind;
    char *path = NULL;
    tarn__staged staged = {{{0}, true}, 0, NULL};
    tarn_status st = open_duck(stage, err);
    if (st == TARN_OK)
        st = scratch_name(stage, ".parquet", &path, err);
    if (st == TARN_OK)
        st = tarn__store_to_parquet(stage->duck, store, table, path, err);
    if (st == TARN_OK)
        st = tarn__stage_file(path, true, &staged, err);
    if (st == TARN_OK)
        st = take_parquet(stage, &staged, table, TARN__FORMAT_PARQUET, options,
            had, out, err);
    else
        tarn__free(path);
    tarn__staged_reset(&staged);
    if (st != TARN_OK)
        tarn__cargo_reset(out);
    return st;
}
