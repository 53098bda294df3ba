/* Where a put goes, as `cp -r` has it: into a folder that is there, or that was
 * written with a '/' at its end, under its own name; else as the path. */
#include "tree/put.h"

#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "tree/path.h"

tarn_status tarn__put_check(const tarn_put_options *options, tarn_error *err)
{
    if (options->as == TARN_KIND_DIR || options->as == TARN_KIND_LINK ||
        options->as == TARN_KIND_COMPUTED)
        return tarn__fail(err, TARN_INVALID,
            "put: content cannot become a %s (give file, stream, table or "
            "series)",
            tarn_kind_name(options->as));
    if (options->format != NULL &&
        tarn__format_parse(options->format) == TARN__FORMAT_NONE)
        return tarn__fail(err, TARN_INVALID,
            "put: %s is no format (give csv, tsv, json, jsonl or parquet)",
            options->format);
    if (options->time_column != NULL && options->as != TARN_KIND_SERIES &&
        options->as != TARN_KIND_ANY)
        return tarn__fail(err, TARN_INVALID,
            "put: only a series has a time column (give --as series)");
    return TARN_OK;
}

void tarn__put_free(void *arg)
{
    tarn__put *put = arg;

    if (put == NULL)
        return;
    tarn__seeds_reset(&put->seeds);
    tarn__free(put->path);
    tarn__free(put->name);
    tarn__free(put->copy_from);
    tarn__free(put);
}

tarn_status tarn__put_create(tarn_txn *txn, const char *path, const char *name,
    const tarn_put_options *options, tarn__put **out, tarn_error *err)
{
    tarn__put *put = tarn__calloc(1, sizeof *put);

    *out = NULL;
    if (put == NULL)
        return tarn__no_memory(err);
    tarn__seeds_init(&put->seeds, tarn__txn_lake(txn));
    put->into = options->into_dir || tarn__path_names_folder(path);
    put->rules.replace = options->replace;
    put->rules.update = options->update;
    put->path = tarn__strdup(path);
    put->name = name != NULL ? tarn__strdup(name) : NULL;
    if (put->path == NULL || (name != NULL && put->name == NULL)) {
        tarn__put_free(put);
        return tarn__no_memory(err);
    }
    *out = put;
    return TARN_OK;
}

/* The destination, resolved: a folder (there, or to be made) and a name. */
typedef struct target {
    tarn__place place;
    bool inside; /* the place is the folder; else its last name is the name */
    tarn_slice name;
    tarn_buf shown; /* path of the folder, for messages */
} target;

static void target_reset(target *t)
{
    tarn__place_reset(&t->place);
    tarn_buf_reset(&t->shown);
}

static tarn_status needs_name(const tarn__put *put, tarn_error *err)
{
    return tarn__fail(err, TARN_CONFLICT,
        "%s: is a folder (give the whole path, with a name)", put->path);
}

static tarn_status find_target(
    tarn_snapshot *snap, const tarn__put *put, target *t, tarn_error *err)
{
    *t = (target){.place = TARN__PLACE_INIT, .shown = TARN_BUF_INIT};
    tarn_status st = tarn__place_find(snap, put->path,
        TARN__FIND_FOLLOW | TARN__FIND_MISSING, &t->place, err);
    if (st != TARN_OK)
        return st;
    const tarn__level *last = tarn__place_last(&t->place);
    bool there = t->place.missing == 0;
    t->inside = put->into || (there && last->kind == TARN__KIND_DIR);
    if (t->inside && put->name == NULL)
        return needs_name(put, err);
    if (there && put->into && last->kind != TARN__KIND_DIR)
        return tarn__fail(err, TARN_CONFLICT,
            "%s: is a %s, not a folder (leave out the / at its end)", put->path,
            tarn__kind_name(last->kind));
    t->name = t->inside ? tarn_str(put->name) : tarn__place_name(&t->place);
    st = tarn__name_check(t->name, err);
    if (st != TARN_OK)
        return st;
    size_t len = t->place.path.len;
    if (!t->inside) {
        while (len > 0 && t->place.path.ptr[len - 1] != '/')
            len--;
        if (len > 1)
            len--;
    }
    return tarn__buf_append(&t->shown, t->place.path.ptr, len, err);
}

/* Make what is missing of the folder. */
static tarn_status make_folder(tarn_txn *txn, const target *t, tarn__id *folder,
    bool *fresh, int64_t *count, tarn_error *err)
{
    if (t->place.missing == 0 && t->inside) {
        *folder = tarn__place_last(&t->place)->id;
        *fresh = false;
        return TARN_OK;
    }
    tarn_status st =
        tarn__plant_parents(txn, &t->place, folder, fresh, count, err);
    if (st != TARN_OK || !t->inside)
        return st;
    st = tarn__plant_dir(txn, folder, tarn__place_name(&t->place), folder, err);
    *fresh = true;
    ++*count;
    return st;
}

/* Nothing may be written before everything is known to fit. */
static tarn_status check_first(tarn_txn *txn, const target *t,
    const tarn__seed *seed, const tarn__plant_rules *rules, tarn_error *err)
{
    const tarn__level *last = tarn__place_last(&t->place);
    const tarn__level *parent = tarn__place_parent(&t->place);

    if (t->place.missing > (t->inside ? 0U : 1U))
        return TARN_OK;
    if (t->inside || t->place.missing == 1)
        parent = last;
    return tarn__plant_check(txn, &parent->id, seed, rules, t->shown.ptr, err);
}

static tarn_status put_folder(
    tarn_txn *txn, tarn__put *put, const target *t, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    const tarn__seed outer = {
        .type = TARN__SEED_DIR, .name = t->name, .kind = TARN__KIND_DIR};
    tarn__id parent, folder;
    tarn__kind kind;
    bool fresh, there = false;

    tarn_status st = check_first(txn, t, &outer, &put->rules, err);
    if (st == TARN_OK)
        st = make_folder(txn, t, &parent, &fresh, &put->written, err);
    if (st == TARN_OK && !fresh)
        st = tarn__entry_find(
            snap, &parent, t->name, &folder, &kind, &there, err);
    if (st == TARN_OK && !there) {
        st = tarn__plant_dir(txn, &parent, t->name, &folder, err);
        put->written++;
    }
    tarn_buf shown = TARN_BUF_INIT;
    if (st == TARN_OK)
        st = tarn__buf_printf(&shown, err, "%s%s%.*s", t->shown.ptr,
            t->shown.len > 1 ? "/" : "", (int)t->name.len, t->name.ptr);
    if (st == TARN_OK)
        st = tarn__plant_all(txn, &folder, !there, &put->seeds, &put->rules,
            shown.ptr, &put->written, err);
    tarn_buf_reset(&shown);
    return st;
}

static tarn_status put_one(
    tarn_txn *txn, tarn__put *put, const target *t, tarn_error *err)
{
    tarn__spool_reader reader;
    tarn_slice bytes;
    tarn__seed seed;
    tarn__id parent;
    bool fresh;

    tarn__spool_read_init(&reader, &put->seeds.spool);
    tarn_status st = tarn__spool_read(&reader, &bytes, err);
    if (st == TARN_ROW)
        st = tarn__seed_decode(bytes, &seed)
            ? TARN_OK
            : tarn__fail(err, TARN_FAILED,
                  "put: its scratch list does not parse (is the disk good?)");
    seed.name = t->name;
    if (st == TARN_OK)
        st = check_first(txn, t, &seed, &put->rules, err);
    if (st == TARN_OK)
        st = make_folder(txn, t, &parent, &fresh, &put->written, err);
    if (st == TARN_OK)
        st = tarn__plant_one(txn, &parent, fresh, &seed, &put->rules,
            t->shown.ptr, &put->written, err);
    tarn__spool_read_reset(&reader);
    return st;
}

static tarn_status run(tarn_txn *txn, void *arg, tarn_error *err)
{
    tarn__put *put = arg;
    target t;

    put->written = 0;
    tarn_status st = TARN_OK;
    if (put->copy_from != NULL)
        st = tarn__copy_seeds(txn, put, err);
    if (st != TARN_OK)
        return st;
    st = find_target(tarn_txn_snapshot(txn), put, &t, err);
    if (st == TARN_OK)
        st = put->folder ? put_folder(txn, put, &t, err)
                         : put_one(txn, put, &t, err);
    target_reset(&t);
    if (st == TARN_OK && put->changed != NULL)
        *put->changed = put->written;
    put->changed = NULL; /* the caller's, who may be gone at the next run */
    return st;
}

/* --- one of many: a put of one thing as bytes --- */

enum { PACK_INTO = 1, PACK_REPLACE = 2, PACK_UPDATE = 4, PACK_NAMED = 8 };

static tarn_status add_text(tarn_buf *out, const char *text, tarn_error *err)
{
    return tarn__buf_append(out, text, strlen(text) + 1, err);
}

/* Flags, path, name, and the seed's list as it stands. */
static tarn_status pack(
    const void *arg, tarn_buf *out, bool *packed, tarn_error *err)
{
    const tarn__put *put = arg;
    const tarn_buf *seeds = &put->seeds.spool.memory;
    int flags = (put->into ? PACK_INTO : 0) |
        (put->rules.replace ? PACK_REPLACE : 0) |
        (put->rules.update ? PACK_UPDATE : 0) |
        (put->name != NULL ? PACK_NAMED : 0);

    *packed = !put->folder && put->copy_from == NULL &&
        put->seeds.spool.file_bytes == 0;
    if (!*packed)
        return TARN_OK;
    tarn_status st = tarn__buf_char(out, (char)flags, err);
    if (st == TARN_OK)
        st = add_text(out, put->path, err);
    if (st == TARN_OK && put->name != NULL)
        st = add_text(out, put->name, err);
    return st == TARN_OK ? tarn__buf_append(out, seeds->ptr, seeds->len, err)
                         : st;
}

static tarn_status run_packed(tarn_txn *txn, tarn_slice bytes, tarn_error *err)
{
    tarn__put put = {0};
    int flags = bytes.ptr[0];
    const char *end = bytes.ptr + bytes.len;

    tarn__seeds_init(&put.seeds, tarn__txn_lake(txn));
    put.into = (flags & PACK_INTO) != 0;
    put.rules.replace = (flags & PACK_REPLACE) != 0;
    put.rules.update = (flags & PACK_UPDATE) != 0;
    put.path = (char *)bytes.ptr + 1; /* borrowed, and only read */
    const char *at = put.path + strlen(put.path) + 1;
    if ((flags & PACK_NAMED) != 0) {
        put.name = (char *)at;
        at += strlen(at) + 1;
    }
    tarn_status st =
        tarn__buf_append(&put.seeds.spool.memory, at, (size_t)(end - at), err);
    if (st == TARN_OK)
        st = run(txn, &put, err);
    tarn__seeds_reset(&put.seeds);
    return st;
}

tarn_status tarn__put_run(
    tarn_txn *txn, tarn__put *put, int64_t *changed, tarn_error *err)
{
    static const tarn__step step = {run, tarn__put_free};
    static const tarn__step_bytes as_bytes = {pack, run_packed};

    put->changed = changed;
    return tarn__txn_step_packed(txn, &step, &as_bytes, put, err);
}

tarn_status tarn__put_had(
    tarn_txn *txn, const tarn__put *put, tarn__had *out, tarn_error *err)
{
    tarn_snapshot *snap = tarn_txn_snapshot(txn);
    tarn__id id;
    tarn__kind kind;
    bool found = false;
    target t;

    *out = (tarn__had)TARN__HAD_INIT;
    tarn_status st = find_target(snap, put, &t, err);
    if (st == TARN_OK && t.place.missing == 0 && !t.inside) {
        id = tarn__place_last(&t.place)->id;
        found = true;
    } else if (st == TARN_OK && t.place.missing == 0) {
        st = tarn__entry_find(snap, &tarn__place_last(&t.place)->id, t.name,
            &id, &kind, &found, err);
    }
    if (st == TARN_OK && found)
        st = tarn__had_load(snap, &id, out, err);
    target_reset(&t);
    return st;
}

static tarn_slice or_absent(const char *text)
{
    return text != NULL ? tarn_str(text) : (tarn_slice){NULL, 0};
}

tarn_status tarn__put_cargo(tarn__seeds *seeds, tarn_slice name,
    const tarn__cargo *cargo, tarn_error *err)
{
    const tarn__seed seed = {
        .type = TARN__SEED_CONTENT,
        .name = name,
        .kind = cargo->kind,
        .piece = cargo->piece,
        .unstaged = cargo->unstaged,
        .time_column = or_absent(cargo->time_column),
        .source = or_absent(cargo->source),
        .schema = tarn_str(cargo->schema),
    };

    return tarn__seeds_add(seeds, &seed, err);
}
