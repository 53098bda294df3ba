/* Objects: staged, published, read, verified, walked. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/str.h"
#include "object/object.h"
#include "support/fault_sweep.h"

struct fixture {
    tarn__scratch scratch;
    tarn__objects *objects;
};

static void ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s: %s", tarn_status_name(st), err->message);
}

static int setup(void **state)
{
    if (sandbox_setup(state) != 0)
        return -1;
    static const tarn__scratch none = TARN__SCRATCH_INIT;
    static struct fixture f;
    tarn_error err = TARN_ERROR_INIT;
    f.scratch = none;
    ok(tarn__scratch_open(&f.scratch, sandbox_mkdir(state, "tmp"), &err), &err);
    ok(tarn__objects_open(sandbox_mkdir(state, "objects"), &f.objects, &err),
        &err);
    sandbox_set_user(state, &f);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = sandbox_user(state);
    tarn__objects_close(f->objects);
    tarn__scratch_close(&f->scratch);
    return sandbox_teardown(state);
}

#define object_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct fixture *fixture_of(void **state)
{
    return sandbox_user(state);
}

/* Byte i of content with that seed. */
static unsigned char byte_at(uint64_t i, unsigned seed)
{
    return (unsigned char)((i * 2654435761u + seed) >> 13);
}

static tarn_status try_stage(tarn__scratch *scratch, uint64_t size,
    unsigned seed, size_t piece, tarn__staged *out, tarn_error *err)
{
    tarn__stager *stager = NULL;
    tarn_status st = tarn__stager_open(scratch, false, &stager, err);
    if (st != TARN_OK)
        return st;
    unsigned char bytes[5000];
    assert_true(piece <= sizeof(bytes));
    for (uint64_t at = 0; at < size;) {
        size_t len = size - at < piece ? (size_t)(size - at) : piece;
        for (size_t i = 0; i < len; i++)
            bytes[i] = byte_at(at + i, seed);
        st = tarn__stager_write(stager, bytes, len, err);
        if (st != TARN_OK) {
            tarn__stager_abort(stager);
            return st;
        }
        at += len;
    }
    return tarn__stager_finish(stager, out, err);
}

static tarn__staged stage(void **state, uint64_t size, unsigned seed)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__staged staged;
    ok(try_stage(&fixture_of(state)->scratch, size, seed, 4097, &staged, &err),
        &err);
    return staged;
}

static tarn__object_id put(void **state, uint64_t size, unsigned seed)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__staged staged = stage(state, size, seed);
    ok(tarn__objects_publish(fixture_of(state)->objects, &staged, 1, &err),
        &err);
    assert_null(staged.path);
    return staged.id;
}

static void assert_content(
    void **state, tarn__object_id id, uint64_t size, unsigned seed)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__object_reader *r = NULL;
    ok(tarn__object_open(fixture_of(state)->objects, id, &r, &err), &err);
    assert_int_equal(size, tarn__object_size(r));
    unsigned char bytes[3001];
    uint64_t at = 0;
    size_t got = 1;
    while (got > 0) {
        ok(tarn__object_read(r, bytes, sizeof(bytes), &got, &err), &err);
        for (size_t i = 0; i < got; i++)
            if (bytes[i] != byte_at(at + i, seed))
                fail_msg("byte %zu differs", (size_t)at + i);
        at += got;
    }
    assert_int_equal(size, at);
    tarn__object_close(r);
}

static void content_of_any_size_comes_back(void **state)
{
    static const uint64_t sizes[] = {0, 1, 4097, (1 << 20) - 1, 1 << 20,
        (1 << 20) + 1, 2 << 20, (2 << 20) + 1, (3 << 20) - 1, 5 << 20,
        (20 << 20) + 7};
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        tarn__object_id id = put(state, sizes[i], i);
        assert_content(state, id, sizes[i], i);
    }
}

static void an_object_has_the_name_of_its_hash(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    struct fixture *f = fixture_of(state);
    tarn__stager *stager = NULL;
    tarn__staged staged;
    ok(tarn__stager_open(&f->scratch, false, &stager, &err), &err);
    ok(tarn__stager_write(stager, "a", 1, &err), &err);
    ok(tarn__stager_write(stager, "bc", 2, &err), &err);
    ok(tarn__stager_finish(stager, &staged, &err), &err);
    assert_int_equal(3, staged.size_bytes);
    ok(tarn__objects_publish(f->objects, &staged, 1, &err), &err);
    assert_string_equal("abc",
        sandbox_read(state,
            "objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61"
            "f20015ad",
            NULL));
}

static void a_parquet_object_has_the_ending(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    struct fixture *f = fixture_of(state);
    char *path = tarn__scratch_name(&f->scratch, ".parquet");
    tarn__staged staged;
    ok(tarn__file_spill(path, tarn_str("abc"), &err), &err);
    ok(tarn__stage_file(path, true, &staged, &err), &err);
    assert_ptr_equal(path, staged.path);
    assert_int_equal(3, staged.size_bytes);
    ok(tarn__objects_publish(f->objects, &staged, 1, &err), &err);
    assert_true(sandbox_exists(state,
        "objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f200"
        "15ad.parquet"));
    assert_true(tarn__object_exists(f->objects, staged.id));
    staged.id.parquet = false;
    assert_false(tarn__object_exists(f->objects, staged.id));
}

static void the_same_content_is_kept_once(void **state)
{
    tarn__object_id a = put(state, 100000, 1);
    tarn__object_id b = put(state, 100000, 1);
    assert_memory_equal(a.sha256, b.sha256, 32);
    assert_content(state, a, 100000, 1);
}

static void many_are_published_at_once(void **state)
{
    enum { COUNT = 40 };
    tarn__staged staged[COUNT];
    tarn__object_id ids[COUNT];
    tarn_error err = TARN_ERROR_INIT;
    for (unsigned i = 0; i < COUNT; i++) {
        staged[i] = stage(state, 1000, i);
        ids[i] = staged[i].id;
    }
    ok(tarn__objects_publish(fixture_of(state)->objects, staged, COUNT, &err),
        &err);
    for (unsigned i = 0; i < COUNT; i++)
        assert_content(state, ids[i], 1000, i);
}

static void staged_content_leaves_nothing_when_dropped(void **state)
{
    tarn__staged staged = stage(state, 5000, 1);
    assert_true(tarn__path_exists(staged.path));
    char *path = tarn__strdup(staged.path);
    tarn__staged_reset(&staged);
    assert_false(tarn__path_exists(path));
    tarn__free(path);
    tarn__staged_reset(&staged); /* and again */
}

static void an_aborted_stager_leaves_nothing(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    struct fixture *f = fixture_of(state);
    static const unsigned char zeros[3 << 20];
    tarn__stager *stager = NULL;
    ok(tarn__stager_open(&f->scratch, false, &stager, &err), &err);
    ok(tarn__stager_write(stager, zeros, sizeof(zeros), &err), &err);
    tarn__stager_abort(stager);
    tarn__dir *dir = NULL;
    tarn__dirent entry;
    ok(tarn__dir_open(f->scratch.path, &dir, &err), &err);
    tarn_status st;
    while ((st = tarn__dir_next(dir, &entry, &err)) == TARN_ROW) {
        tarn__stat info;
        char *path = tarn__path_join(f->scratch.path, entry.name);
        ok(tarn__stat_path(path, false, &info, &err), &err);
        assert_true(info.size_bytes < 4096); /* the folder's own lock */
        tarn__free(path);
    }
    ok(st, &err);
    tarn__dir_close(dir);
}

static const char *name_of(tarn__object_id id)
{
    static char name[128];
    char hex[TARN__SHA256_HEX_BYTES];
    tarn__hex(id.sha256, 32, hex);
    (void)snprintf(name, sizeof(name), "objects/%.2s/%s", hex, hex + 2);
    return name;
}

/* Reads all of it in pieces; what the last call gave. */
static tarn_status read_through(void **state, tarn__object_id id)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__object_reader *r = NULL;
    ok(tarn__object_open(fixture_of(state)->objects, id, &r, &err), &err);
    unsigned char bytes[999];
    size_t got = 1;
    tarn_status st = TARN_OK;
    while (st == TARN_OK && got > 0)
        st = tarn__object_read(r, bytes, sizeof(bytes), &got, &err);
    tarn__object_close(r);
    return st;
}

static void a_changed_byte_is_found(void **state)
{
    tarn__object_id id = put(state, 5000, 1);
    assert_int_equal(TARN_OK, read_through(state, id));
    size_t len = 0;
    const char *bytes = sandbox_read(state, name_of(id), &len);
    char copy[5000];
    memcpy(copy, bytes, len);
    copy[4999] ^= 1;
    (void)sandbox_write(state, name_of(id), copy, len);
    assert_int_equal(TARN_CORRUPT, read_through(state, id));
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_CORRUPT,
        tarn__object_verify(fixture_of(state)->objects, id, &err));
    assert_non_null(strstr(err.message, name_of(id) + 8));
}

static void a_cut_or_longer_object_is_found(void **state)
{
    tarn__object_id id = put(state, 5000, 1);
    size_t len = 0;
    const char *bytes = sandbox_read(state, name_of(id), &len);
    char copy[6000] = {0};
    memcpy(copy, bytes, len);
    static const size_t sizes[] = {0, 4999, 5001, 6000};
    for (size_t i = 0; i < 4; i++) {
        (void)sandbox_write(state, name_of(id), copy, sizes[i]);
        assert_int_equal(TARN_CORRUPT, read_through(state, id));
    }
}

static void a_missing_object_is_named(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__object_reader *r = NULL;
    tarn__object_id id = put(state, 10, 1);
    ok(tarn__object_remove(fixture_of(state)->objects, id, &err), &err);
    assert_int_equal(TARN_NOT_FOUND,
        tarn__object_open(fixture_of(state)->objects, id, &r, &err));
    assert_null(r);
    assert_non_null(strstr(err.message, name_of(id) + 8));
    assert_int_equal(TARN_NOT_FOUND,
        tarn__object_remove(fixture_of(state)->objects, id, &err));
}

static void seeking_reads_from_anywhere(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__object_id id = put(state, 100000, 3);
    tarn__object_reader *r = NULL;
    ok(tarn__object_open(fixture_of(state)->objects, id, &r, &err), &err);
    static const uint64_t places[] = {99999, 0, 50000, 100000, 200000, 7};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        unsigned char byte = 0;
        size_t got = 9;
        ok(tarn__object_seek(r, places[i], &err), &err);
        ok(tarn__object_read(r, &byte, 1, &got, &err), &err);
        assert_int_equal(places[i] < 100000 ? 1 : 0, got);
        if (got > 0)
            assert_int_equal(byte_at(places[i], 3), byte);
    }
    tarn__object_close(r);
}

static void walking_gives_all_in_order_and_names_strays(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    enum { COUNT = 30 };
    for (unsigned i = 0; i < COUNT; i++)
        (void)put(state, i + 1, i);
    static const char *const strays[] = {"objects/readme", "objects/zz/x",
        "objects/ab/short", "objects/ABC/x",
        "objects/ab/0000000000000000000000000000000000000000000000000000000000"
        "0000.tmp",
        "objects/ab/000000000000000000000000000000000000000000000000000000000"
        "0000G"};
    for (size_t i = 0; i < 6; i++)
        (void)sandbox_write_text(state, strays[i], "x");
    tarn__object_walk *walk = NULL;
    tarn__object_item item;
    int objects = 0;
    int found = 0;
    uint64_t bytes = 0;
    uint8_t before[32] = {0};
    ok(tarn__object_walk_open(fixture_of(state)->objects, &walk, &err), &err);
    tarn_status st;
    while ((st = tarn__object_walk_next(walk, &item, &err)) == TARN_ROW) {
        assert_true(tarn__path_exists(item.path));
        if (item.stray) {
            found++;
            continue;
        }
        objects++;
        bytes += item.size_bytes;
        assert_true(item.mtime_us > 0);
        assert_true(memcmp(before, item.id.sha256, 32) < 0);
        memcpy(before, item.id.sha256, 32);
        ok(tarn__object_verify(fixture_of(state)->objects, item.id, &err),
            &err);
    }
    ok(st, &err);
    tarn__object_walk_close(walk);
    assert_int_equal(COUNT, objects);
    assert_int_equal(COUNT * (COUNT + 1) / 2, bytes);
    assert_int_equal(6, found); /* zz and ABC as folders */
}

static tarn_status stage_and_publish(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    struct fixture *f = fixture_of(state);
    tarn__objects *objects = NULL;
    tarn__staged staged = {.path = NULL};
    tarn_status st =
        tarn__objects_open(sandbox_path(state, "objects"), &objects, err);
    if (st == TARN_OK)
        st = try_stage(&f->scratch, (2 << 20) + 5, 9, 5000, &staged, err);
    if (st == TARN_OK)
        st = tarn__objects_publish(objects, &staged, 1, err);
    if (st == TARN_OK)
        st = tarn__object_verify(objects, staged.id, err);
    tarn__staged_reset(&staged);
    tarn__objects_close(objects);
    return st;
}

static tarn_status walk_all(void **state, void *ctx, tarn_error *err)
{
    (void)ctx;
    tarn__object_walk *walk = NULL;
    tarn__object_item item;
    tarn_status st =
        tarn__object_walk_open(fixture_of(state)->objects, &walk, err);
    while (st == TARN_OK &&
        (st = tarn__object_walk_next(walk, &item, err)) == TARN_ROW)
        st = TARN_OK;
    tarn__object_walk_close(walk);
    return st;
}

/* What stands under an object's name is that object. */
static void check_all(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    (void)status;
    tarn_error err = TARN_ERROR_INIT;
    tarn__object_walk *walk = NULL;
    tarn__object_item item;
    tarn_status st;
    ok(tarn__object_walk_open(fixture_of(state)->objects, &walk, &err), &err);
    while ((st = tarn__object_walk_next(walk, &item, &err)) == TARN_ROW) {
        assert_false(item.stray);
        ok(tarn__object_verify(fixture_of(state)->objects, item.id, &err),
            &err);
    }
    ok(st, &err);
    tarn__object_walk_close(walk);
}

static void publishing_under_faults(void **state)
{
    const sweep s = {.work = stage_and_publish, .check = check_all};
    sweep_run(state, &s, SWEEP_MEMORY);
    sweep_run(state, &s, SWEEP_EIO);
    sweep_run(state, &s, SWEEP_ENOSPC);
}

static void walking_under_faults(void **state)
{
    for (unsigned i = 0; i < 5; i++)
        (void)put(state, 100, i);
    const sweep s = {.work = walk_all, .check = check_all};
    sweep_run(state, &s, SWEEP_MEMORY);
    sweep_run(state, &s, SWEEP_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        object_test(content_of_any_size_comes_back),
        object_test(an_object_has_the_name_of_its_hash),
        object_test(a_parquet_object_has_the_ending),
        object_test(the_same_content_is_kept_once),
        object_test(many_are_published_at_once),
        object_test(staged_content_leaves_nothing_when_dropped),
        object_test(an_aborted_stager_leaves_nothing),
        object_test(a_changed_byte_is_found),
        object_test(a_cut_or_longer_object_is_found),
        object_test(a_missing_object_is_named),
        object_test(seeking_reads_from_anywhere),
        object_test(walking_gives_all_in_order_and_names_strays),
        object_test(publishing_under_faults),
        object_test(walking_under_faults),
    };
    return cmocka_run_group_tests_name("object", tests, NULL, NULL);
}
