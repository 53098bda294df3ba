/* All of the room at work, with every allocation and every I/O call failing
 * in turn. */
#include "support/fault_sweep.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/durable.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/scratch.h"

static tarn_status in_scratch(
    void **state, tarn__scratch *scratch, tarn_error *err)
{
    const char *path = sandbox_path(state, "f");
    char *name = tarn__scratch_name(scratch, ".x");
    if (name == NULL)
        return tarn__no_memory(err);
    tarn_buf buf = TARN_BUF_INIT;
    char *real = NULL;
    tarn_status st = tarn__file_spill(name, tarn_str("spilt"), err);
    if (st == TARN_OK)
        st = tarn__file_slurp(name, 100, &buf, err);
    if (st == TARN_OK)
        st = tarn__replace_durably(path, scratch->path, tarn_str("new"), err);
    if (st == TARN_OK)
        st = tarn__realpath(path, &real, err);
    if (st == TARN_OK)
        st = tarn__mkdirs(sandbox_path(state, "a/b/c"), err);
    if (st == TARN_OK)
        st = tarn__remove_tree(sandbox_path(state, "a"), err);
    tarn_buf_reset(&buf);
    tarn__free(real);
    tarn__free(name);
    return st;
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    const char *tmp = sandbox_path(state, "tmp");
    tarn__lock lock;
    tarn__scratch scratch;
    (void)ctx;
    tarn_status st =
        tarn__lock_take(&lock, sandbox_path(state, "lock"), false, 0, err);
    if (st != TARN_OK)
        return st;
    st = tarn__scratch_open(&scratch, tmp, err);
    if (st == TARN_OK) {
        st = in_scratch(state, &scratch, err);
        tarn__scratch_close(&scratch);
    }
    if (st == TARN_OK)
        st = tarn__scratch_sweep(tmp, NULL, err);
    tarn__lock_release(&lock);
    return st;
}

static void prepare(void **state, void *ctx)
{
    (void)ctx;
    sandbox_write_text(state, "f", "old");
}

/* The file is whole, nobody holds the lock, and what is left in tmp/ is free
 * to be swept. */
static void check(void **state, void *ctx, tarn_status status)
{
    (void)ctx;
    const char *text = sandbox_read(state, "f", NULL);
    if (status == TARN_OK)
        assert_string_equal("new", text);
    else
        assert_true(strcmp(text, "old") == 0 || strcmp(text, "new") == 0);
    assert_false(tarn__lock_busy(sandbox_path(state, "lock")));
    const char *tmp = sandbox_path(state, "tmp");
    tarn__dir *dir;
    tarn__dirent entry;
    if (!tarn__path_exists(tmp))
        return;
    assert_int_equal(TARN_OK, tarn__dir_open(tmp, &dir, NULL));
    while (tarn__dir_next(dir, &entry, NULL) == TARN_ROW) {
        char *folder = tarn__path_join(tmp, entry.name);
        char *lock = tarn__path_join(folder, "lock");
        assert_false(tarn__lock_busy(lock));
        tarn__free(lock);
        tarn__free(folder);
    }
    tarn__dir_close(dir);
    assert_int_equal(TARN_OK, tarn__remove_tree(tmp, NULL));
}

static const sweep the_room = {prepare, work, check, NULL};

static void the_room_survives_every_failing_allocation(void **state)
{
    sweep_run(state, &the_room, SWEEP_MEMORY);
}

static void the_room_survives_every_failing_call(void **state)
{
    sweep_run(state, &the_room, SWEEP_EIO);
}

static void the_room_survives_a_full_disk(void **state)
{
    sweep_run(state, &the_room, SWEEP_ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(the_room_survives_every_failing_allocation),
        sandbox_test(the_room_survives_every_failing_call),
        sandbox_test(the_room_survives_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
