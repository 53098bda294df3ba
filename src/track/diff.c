/* What a run changed.
 *
 * A diff, applied to the previous state, gives the new one: entities in it
 * replace those of the same name, those in delete/ go.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "track/make.h"
#include "track/sink.h"

enum { UNCHANGED, CREATED, UPDATED, BACKFILL };
enum { LEFT_OUT, TAKEN, STALE };

/* --- tables --- */

static tarn_status choose_table(const tarn__track_scope *scope,
    tarn__track_look *look, const tarn__track_record *r, uint64_t at,
    tarn__track_choice *choice, tarn_error *err)
{
    const tarn__track_state *state;
    tarn_status st = tarn__track_look_up(look, r->name, &state, err);
    if (st != TARN_OK)
        return st;
    tarn__track_reason reason = tarn__track_reason_of(scope, state);
    choice->tally = state->at == at ? reason : TARN__TRACK_UNCHANGED;
    choice->act =
        choice->tally == UNCHANGED ? TARN__TRACK_SKIP : TARN__TRACK_COPY;
    return TARN_OK;
}

static tarn_status diff_tables(tarn__track_scope *scope, const char *dir,
    tarn_track_diff_counts *c, tarn_error *err)
{
    const tarn__track_copy how = {.what = "tables",
        .folder = &scope->tables,
        .need = TARN__TRACK_NAME,
        .again = true,
        .choose = choose_table};
    tarn__track_sink sink;
    tarn_status st = tarn__track_sink_open(
        &sink, scope, dir, "table", scope->tables.total, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_sink_copy(&sink, &how, err);
    if (st == TARN_OK)
        st = tarn__track_sink_finish(&sink, err);
    c->tables_created = sink.tallies[CREATED];
    c->tables_updated = sink.tallies[UPDATED];
    c->tables_backfill = sink.tallies[BACKFILL];
    c->duplicates += scope->table_duplicates;
    tarn__track_sink_close(&sink);
    return st;
}

static tarn_status choose_gone_table(const tarn__track_scope *scope,
    tarn__track_look *look, const tarn__track_record *r, uint64_t at,
    tarn__track_choice *choice, tarn_error *err)
{
    const tarn__track_state *state;
    (void)scope;
    (void)at;
    tarn_status st = tarn__track_look_up(look, r->name, &state, err);
    if (st == TARN_OK && state->known)
        *choice = (tarn__track_choice){TARN__TRACK_SKIP, 1};
    return st;
}

/* --- columns --- */

static tarn_status choose_column(const tarn__track_scope *scope,
    tarn__track_look *look, const tarn__track_record *r, uint64_t at,
    tarn__track_choice *choice, tarn_error *err)
{
    const tarn__track_state *state;
    (void)at;
    tarn_status st = tarn__track_look_up(look, r->parent, &state, err);
    if (st != TARN_OK)
        return st;
    bool wanted = !scope->has_previous ||
        (state->known &&
            tarn__track_reason_of(scope, state) != TARN__TRACK_UNCHANGED);
    *choice =
        (tarn__track_choice){wanted ? TARN__TRACK_COPY : TARN__TRACK_NAME_ONLY,
            wanted ? TAKEN : LEFT_OUT};
    return TARN_OK;
}

static tarn_status choose_old_column(const tarn__track_scope *scope,
    tarn__track_look *look, const tarn__track_record *r, uint64_t at,
    tarn__track_choice *choice, tarn_error *err)
{
    const tarn__track_state *state;
    (void)at;
    tarn_status st = tarn__track_look_up(look, r->parent, &state, err);
    if (st != TARN_OK)
        return st;
    bool carried = tarn__track_fate_of(scope, state) == TARN__TRACK_CARRIED;
    *choice =
        (tarn__track_choice){carried ? TARN__TRACK_SKIP : TARN__TRACK_WATCH,
            carried ? LEFT_OUT : STALE};
    return TARN_OK;
}

/* --- records by their place --- */

typedef struct fetch {
    const tarn__track_folder *folder;
    tarn__track_sink *sink;
    const tarn__track_file *open;
    tarn__file file;
    char *bytes; /* of `open`, from `from` */
    size_t cap;
    size_t len;
    uint64_t from;
    int64_t count;
} fetch;

#define WINDOW_BYTES ((size_t)256 << 10)

static tarn_status fill(fetch *f, uint64_t from, size_t want, tarn_error *err)
{
    f->len = 0;
    tarn_status st = tarn__grow((void **)&f->bytes, &f->cap, want + 1, 1, err);
    if (st == TARN_OK)
        st = tarn__file_read_at(&f->file, from, f->bytes, want, &f->len, err);
    f->from = from;
    return st;
}

/* The line that begins at `offset` of the open file, with a line end. */
static tarn_status line_at(
    fetch *f, uint64_t offset, tarn_slice *line, tarn_error *err)
{
    size_t want = WINDOW_BYTES;
    for (bool filled = false;; filled = true, want *= 2) {
        if (filled || offset < f->from || offset >= f->from + f->len) {
            tarn_status st = fill(f, offset, want, err);
            if (st != TARN_OK)
                return st;
        }
        char *start = f->bytes + (offset - f->from);
        size_t left = f->len - (size_t)(start - f->bytes);
        char *end = memchr(start, '\n', left);
        if (end == NULL && filled && f->len < want) {
            end = start + left; /* the file's end */
            *end = '\n';
        }
        if (end == NULL)
            continue;
        if (end > start && end[-1] == '\r')
            *--end = '\n';
        *line = (tarn_slice){start, (size_t)(end + 1 - start)};
        return TARN_OK;
    }
}

static tarn_status fetch_lines(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    fetch *f = ctx;
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const tarn__track_file *file =
            tarn__track_folder_at(f->folder, entries[i].a);
        tarn_slice line;
        if (file != f->open) {
            tarn__file_close(&f->file);
            f->open = file;
            f->len = 0;
            st = tarn__file_open(&f->file, file->path, TARN__OPEN_READ, err);
        }
        if (st == TARN_OK)
            st = line_at(f, entries[i].a - file->base, &line, err);
        if (st == TARN_OK)
            st = tarn__track_sink_add(f->sink, line, err);
        f->count++;
    }
    return st;
}

static tarn_status delete_columns(tarn__track_scope *scope, const char *dir,
    tarn__track_runs *missing, int64_t *count, tarn_error *err)
{
    tarn__track_sink sink;
    tarn_status st = tarn__track_sink_open(&sink, scope, dir, "column", 0, err);
    if (st != TARN_OK)
        return st;
    fetch f = {
        .folder = &scope->old_columns, .sink = &sink, .file = TARN__FILE_INIT};
    if (missing != NULL)
        st = tarn__track_runs_fold(
            missing, scope->work.threads, fetch_lines, &f, err);
    if (st == TARN_OK)
        st = tarn__track_sink_flush(&sink, err);
    *count = f.count;
    tarn__file_close(&f.file);
    tarn__free(f.bytes);
    tarn__track_sink_close(&sink);
    return st;
}

static tarn_status diff_columns(tarn__track_scope *scope, const char *dir,
    const char *delete_dir, tarn_track_diff_counts *c, tarn_error *err)
{
    const tarn__track_copy current = {.what = "columns",
        .folder = &scope->columns,
        .need = TARN__TRACK_NAME_AND_PARENT,
        .again = true,
        .choose = choose_column};
    const tarn__track_copy old = {.what = "deleted columns",
        .folder = &scope->old_columns,
        .need = TARN__TRACK_NAME_AND_PARENT,
        .choose = choose_old_column};
    tarn__track_sink sink;
    tarn_status st = tarn__track_sink_open(
        &sink, scope, dir, "column", scope->columns.total, err);
    if (st != TARN_OK)
        return st;
    st = tarn__track_sink_copy(&sink, &current, err);
    if (st == TARN_OK && scope->has_previous)
        st = tarn__track_sink_copy(&sink, &old, err);
    if (st == TARN_OK)
        st = tarn__track_sink_finish(&sink, err);
    if (st == TARN_OK)
        st = delete_columns(
            scope, delete_dir, sink.missing, &c->columns_deleted, err);
    c->columns_total = sink.tallies[TAKEN];
    c->duplicates += sink.duplicates;
    tarn__track_sink_close(&sink);
    return st;
}

/* --- the whole --- */

static tarn_status write_metadata(
    const char *dir, const tarn_track_diff_counts *c, tarn_error *err)
{
    char text[600];
    int len = snprintf(text, sizeof text,
        "{\"is_incremental\": %s, \"tables_created\": %lld, "
        "\"tables_updated\": %lld, \"tables_backfill\": %lld, "
        "\"tables_deleted\": %lld, \"columns_total\": %lld, "
        "\"columns_deleted\": %lld, \"schemas_total\": %lld, "
        "\"databases_total\": %lld, \"total_changed_entities\": %lld}\n",
        c->is_incremental ? "true" : "false", (long long)c->tables_created,
        (long long)c->tables_updated, (long long)c->tables_backfill,
        (long long)c->tables_deleted, (long long)c->columns_total,
        (long long)c->columns_deleted, (long long)c->schemas_total,
        (long long)c->databases_total, (long long)c->total_changed_entities);
    char *path = tarn__path_join(dir, "metadata.json");
    tarn_status st = path == NULL
        ? tarn__no_memory(err)
        : tarn__file_spill(path, (tarn_slice){text, (size_t)len}, err);
    tarn__free(path);
    return st;
}

static tarn_status diff_deleted(tarn__track_scope *scope, const char *previous,
    const char *dir, tarn_track_diff_counts *c, tarn_error *err)
{
    const tarn__track_copy how = {
        .need = TARN__TRACK_NAME, .again = true, .choose = choose_gone_table};
    int64_t ignored = 0; /* of the previous state, not of this one */
    return tarn__track_copy_kind(scope, scope->has_previous ? previous : NULL,
        "table", &how, dir, &c->tables_deleted, &ignored, err);
}

static tarn_status diff_all(void *ctx, tarn__track_scope *scope,
    const tarn__track_making *making, const char *dir, tarn_error *err)
{
    tarn_track_diff_counts *c = ctx;
    char *gone = tarn__path_join(dir, "delete");
    c->is_incremental = scope->has_previous;
    tarn_status st =
        gone == NULL ? tarn__no_memory(err) : diff_tables(scope, dir, c, err);
    if (st == TARN_OK)
        st = diff_columns(scope, dir, gone, c, err);
    if (st == TARN_OK)
        st = diff_deleted(scope, making->previous, gone, c, err);
    if (st == TARN_OK)
        st = tarn__track_copy_kind(scope, making->current, "schema", NULL, dir,
            &c->schemas_total, &c->duplicates, err);
    if (st == TARN_OK)
        st = tarn__track_copy_kind(scope, making->current, "database", NULL,
            dir, &c->databases_total, &c->duplicates, err);
    c->total_changed_entities = c->tables_created + c->tables_updated +
        c->tables_backfill + c->tables_deleted + c->columns_total +
        c->columns_deleted;
    c->bad = scope->bad;
    if (st == TARN_OK)
        st = write_metadata(dir, c, err);
    tarn__free(gone);
    return st;
}

tarn_status tarn_track_diff(const char *current, const char *previous,
    const char *out, const tarn_track_options *options,
    tarn_track_diff_counts *counts, tarn_error *err)
{
    const tarn__track_making making = {.current = current,
        .previous = previous,
        .out = out,
        .columns = true,
        .options = options,
        .fill = diff_all,
        .ctx = counts};
    memset(counts, 0, sizeof(*counts));
    tarn_status st = tarn__track_make(&making, err);
    if (st != TARN_OK)
        memset(counts, 0, sizeof(*counts));
    return st;
}
