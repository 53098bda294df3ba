/* Content from memory: whole (tarn_tree_put_bytes) or streamed (tarn_writer_*).
 * Rows of a table or series pass through a scratch file on their way. */
#include <string.h>

#include "base/error.h"
#include "os/file.h"
#include "tree/path.h"
#include "tree/put.h"

struct tarn_writer {
    tarn_txn *txn;
    tarn_put_options options;
    char *format; /* copies of what options point to */
    char *time_column;
    tarn__put *put;
    tarn__stage stage;
    tarn__had had;
    tarn__kind kind;
    tarn__intake intake; /* file and stream */
    tarn__file file;     /* table and series: the rows as they come */
};

static bool copy_text(const char *text, char **out)
{
    *out = text != NULL ? tarn__strdup(text) : NULL;
    return text == NULL || *out != NULL;
}

static void writer_free(tarn_writer *w)
{
    if (w == NULL)
        return;
    if (w->file.fd >= 0 && w->file.path != NULL)
        (void)!tarn__unlink(w->file.path, NULL);
    tarn__file_close(&w->file);
    tarn__intake_reset(&w->intake);
    tarn__had_reset(&w->had);
    tarn__stage_reset(&w->stage);
    tarn__put_free(w->put);
    tarn__free(w->format);
    tarn__free(w->time_column);
    tarn__free(w);
}

void tarn_writer_abort(tarn_writer *writer)
{
    writer_free(writer);
}

static tarn_status open_rows(tarn_writer *w, tarn_error *err)
{
    tarn__scratch *scratch = NULL;

    if (w->options.format == NULL && w->put->name == NULL) {
        tarn__packing packing;
        if (tarn__format_of(w->put->path, &packing) == TARN__FORMAT_NONE)
            return tarn__fail(err, TARN_INVALID,
                "%s: its name does not say what the rows are (give the "
                "format: csv, tsv, json, jsonl or parquet)",
                w->put->path);
    }
    tarn_status st = tarn__lake_scratch(tarn__txn_lake(w->txn), &scratch, err);
    if (st != TARN_OK)
        return st;
    char *path = tarn__scratch_name(scratch, ".rows");
    if (path == NULL)
        return tarn__no_memory(err);
    st = tarn__file_open(&w->file, path, TARN__OPEN_CREATE, err);
    tarn__free(path);
    return st;
}

tarn_status tarn_tree_put_open(tarn_txn *txn, const char *path,
    const tarn_put_options *options, tarn_writer **out, tarn_error *err)
{
    static const tarn_put_options defaults = TARN_PUT_OPTIONS_INIT;
    const tarn_put_options *o = options != NULL ? options : &defaults;

    *out = NULL;
    tarn_status st = tarn__put_check(o, err);
    if (st != TARN_OK)
        return st;
    tarn_writer *w = tarn__calloc(1, sizeof *w);
    if (w == NULL)
        return tarn__no_memory(err);
    w->txn = txn;
    w->options = *o;
    w->file = (tarn__file)TARN__FILE_INIT;
    w->had = (tarn__had)TARN__HAD_INIT;
    tarn__stage_init(&w->stage, txn);
    tarn__intake_init(&w->intake, &w->stage, TARN__KIND_FILE);
    if (!copy_text(o->format, &w->format) ||
        !copy_text(o->time_column, &w->time_column))
        st = tarn__no_memory(err);
    w->options.format = w->format;
    w->options.time_column = w->time_column;
    if (st == TARN_OK)
        st = tarn__put_create(txn, path, NULL, &w->options, &w->put, err);
    if (st == TARN_OK)
        st = tarn__put_had(txn, w->put, &w->had, err);
    if (st == TARN_OK) {
        w->kind = tarn__stage_kind(&w->options, &w->had, path);
        tarn__intake_init(&w->intake, &w->stage, w->kind);
        if (tarn__kind_is_rows(w->kind))
            st = open_rows(w, err);
    }
    if (st != TARN_OK) {
        writer_free(w);
        return st;
    }
    *out = w;
    return TARN_OK;
}

tarn_status tarn_writer_write(
    tarn_writer *w, const void *ptr, size_t len, tarn_error *err)
{
    return tarn__kind_is_rows(w->kind)
        ? tarn__file_write(&w->file, ptr, len, err)
        : tarn__intake_write(&w->intake, ptr, len, err);
}

static tarn_status finish_cargo(
    tarn_writer *w, tarn__cargo *cargo, tarn_error *err)
{
    if (!tarn__kind_is_rows(w->kind))
        return tarn__intake_finish(&w->intake, cargo, err);
    return tarn__stage_file_at(&w->stage, w->file.path,
        w->options.format != NULL ? "input" : w->put->path, w->kind,
        &w->options, &w->had, cargo, err);
}

tarn_status tarn_writer_finish(tarn_writer *w, tarn_error *err)
{
    tarn__cargo cargo = TARN__CARGO_INIT;

    tarn_status st = finish_cargo(w, &cargo, err);
    if (st == TARN_OK)
        st = tarn__put_cargo(&w->put->seeds, (tarn_slice){"", 0}, &cargo, err);
    tarn__cargo_reset(&cargo);
    if (st == TARN_OK) {
        tarn__put *put = w->put;
        w->put = NULL;
        st = tarn__put_run(w->txn, put, NULL, err);
    }
    writer_free(w);
    return st;
}

tarn_status tarn_tree_put_bytes(tarn_txn *txn, const char *path,
    tarn_slice bytes, const tarn_put_options *options, tarn_error *err)
{
    tarn_writer *w = NULL;

    tarn_status st = tarn_tree_put_open(txn, path, options, &w, err);
    if (st != TARN_OK)
        return st;
    st = tarn_writer_write(w, bytes.ptr, bytes.len, err);
    if (st == TARN_OK)
        return tarn_writer_finish(w, err);
    tarn_writer_abort(w);
    return st;
}
