/* Every allocation and every I/O call of a load fails in turn: an error, and a
 * table that is not there, or whole. */
#include <stdio.h>
#include <string.h>

#include "support/fault_sweep.h"

#include <tarn/event.h>

#define E(id)                                                            \
    "{\"event\":\"a\",\"properties\":{\"time\":1,\"distinct_id\":\"u\"," \
    "\"$insert_id\":\"" id "\",\"x\":1}}\n"

/* The store before the load, made once and copied from then on. */
static void prepare(void **state, void *ctx)
{
    (void)ctx;
    remove(sandbox_path(state, "s.db.wal"));
    if (sandbox_exists(state, "template")) {
        size_t len;
        const char *bytes = sandbox_read(state, "template", &len);
        sandbox_write(state, "s.db", bytes, len);
        return;
    }
    tarn_error err = TARN_ERROR_INIT;
    tarn_store *store;
    tarn_event_counts counts;
    const char *path = sandbox_write_text(state, "old", E("i") E("j"));
    sandbox_write_text(state, "new", E("j") E("k") "bad\n" E("l"));
    if (tarn_store_open(sandbox_path(state, "template"), NULL, &store, &err) !=
            TARN_OK ||
        tarn_event_load(store, "t", &path, 1, NULL, &counts, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_store_free(store);
    prepare(state, ctx);
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    static const char *const shred[] = {"x"};
    const char *path = sandbox_path(state, "new");
    tarn_event_options o = TARN_EVENT_OPTIONS_INIT;
    tarn_store_options so = TARN_STORE_OPTIONS_INIT;
    tarn_event_counts counts;
    tarn_store *store;
    (void)ctx;
    so.temp_dir = sandbox_path(state, "temp");
    so.threads = 1;
    o.mode = TARN_EVENT_APPEND;
    o.shred = shred;
    o.shred_count = 1;
    tarn_status st =
        tarn_store_open(sandbox_path(state, "s.db"), &so, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_event_load(store, "t", &path, 1, &o, &counts, err);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    tarn_store_free(store);
    return st;
}

static void check(void **state, void *ctx, tarn_status status)
{
    tarn_store *store;
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf text = TARN_BUF_INIT;
    bool found;
    (void)ctx;
    if (tarn_store_open_existing(
            sandbox_path(state, "s.db"), true, NULL, &store, &err) != TARN_OK)
        fail_msg("%s", err.message);
    assert_int_equal(tarn_store_scalar(store,
                         "SELECT (SELECT count(*) FROM t) || ' ' || (SELECT "
                         "row_count FROM _metadata) || ' ' || (SELECT "
                         "count(*) FROM _quarantine)",
                         NULL, 0, &text, &found, &err),
        TARN_OK);
    bool before = strcmp(text.ptr, "2 2 0") == 0;
    bool after = strcmp(text.ptr, "4 4 1") == 0;
    if (!(status == TARN_OK ? after : before || after))
        fail_msg("%s", text.ptr);
    tarn_buf_reset(&text);
    tarn_store_free(store);
}

static const sweep load = {
    .prepare = prepare, .work = work, .check = check, .ctx = NULL};

static void a_load_survives_every_failed_allocation(void **state)
{
    sweep_run(state, &load, SWEEP_MEMORY);
}

static void a_load_survives_every_failed_call(void **state)
{
    sweep_run(state, &load, SWEEP_EIO);
}

static void a_load_survives_a_full_disk(void **state)
{
    sweep_run(state, &load, SWEEP_ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_load_survives_every_failed_allocation),
        sandbox_test(a_load_survives_every_failed_call),
        sandbox_test(a_load_survives_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
