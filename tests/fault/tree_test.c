/* Every I/O call and allocation of the writing steps fails in turn. */
#include <stdio.h>
#include <string.h>

#include "fault/support/lake_sweep.h"

static tarn_status put_as(tarn_txn *txn, const char *path, const char *in,
    const char *name, tarn_kind as, tarn_error *err)
{
    char host[4096];
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    (void)snprintf(host, sizeof host, "%s/%s", in, name);
    return tarn_tree_put_path(txn, path, host, &options, NULL, err);
}

static tarn_status state_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    tarn_status st = tarn_state_put(txn, "scope", "other", tarn_str("2"), err);
    return st == TARN_OK ? tarn_state_rm(txn, "scope", "name", err) : st;
}

static tarn_status files_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_status st =
        put_as(txn, "/new/small", in, "small.txt", TARN_KIND_FILE, err);
    if (st == TARN_OK)
        st = put_as(txn, "/file", in, "large.bin", TARN_KIND_FILE, err);
    return st == TARN_OK
        ? put_as(txn, "/stream", in, "large.bin", TARN_KIND_ANY, err)
        : st;
}

static tarn_status folder_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    return put_as(txn, "/copy", in, "folder", TARN_KIND_ANY, err);
}

static tarn_status streamed_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    static char bytes[50000];
    tarn_writer *writer = NULL;
    (void)in;
    memset(bytes, 'x', sizeof bytes);
    tarn_status st = tarn_tree_put_open(txn, "/streamed", NULL, &writer, err);
    for (int i = 0; st == TARN_OK && i < 3; i++)
        st = tarn_writer_write(writer, bytes, sizeof bytes, err);
    if (st == TARN_OK)
        return tarn_writer_finish(writer, err);
    tarn_writer_abort(writer);
    return st;
}

static tarn_status rows_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    tarn_status st =
        put_as(txn, "/table", in, "rows2.csv", TARN_KIND_TABLE, err);
    return st == TARN_OK
        ? put_as(txn, "/series", in, "rows2.csv", TARN_KIND_SERIES, err)
        : st;
}

static tarn_status names_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    tarn_status st = tarn_tree_mkdir(txn, "/a/b/c", true, err);
    if (st == TARN_OK)
        st = tarn_tree_cp(txn, "/dir", "/a/dir", err);
    if (st == TARN_OK)
        st = tarn_tree_mv(txn, "/large.bin", "/a/large", err);
    if (st == TARN_OK)
        st = tarn_tree_ln(txn, "../a", "/dir/up", err);
    return st == TARN_OK ? tarn_tree_rm(txn, "/dir/sub", true, err) : st;
}

static tarn_status back_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    tarn_status st = tarn_tree_revert(txn, "/file", LAKE_FIRST_VERSION, err);
    return st == TARN_OK ? tarn_tree_collapse(txn, "/stream", err) : st;
}

static tarn_status collapse_work(tarn_txn *txn, const char *in, tarn_error *err)
{
    (void)in;
    return tarn_tree_collapse(txn, "/series", err);
}

#define SWEEP_OF(name, body)         \
    static void name(void **state)   \
    {                                \
        lake_sweep_txn(state, body); \
    }

SWEEP_OF(states_survive_any_failure, state_work)
SWEEP_OF(files_survive_any_failure, files_work)
SWEEP_OF(folders_survive_any_failure, folder_work)
SWEEP_OF(streamed_content_survives_any_failure, streamed_work)
SWEEP_OF(rows_survive_any_failure, rows_work)
SWEEP_OF(names_survive_any_failure, names_work)
SWEEP_OF(going_back_survives_any_failure, back_work)
SWEEP_OF(collapsing_survives_any_failure, collapse_work)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_survive_any_failure),
        cmocka_unit_test(files_survive_any_failure),
        cmocka_unit_test(folders_survive_any_failure),
        cmocka_unit_test(streamed_content_survives_any_failure),
        cmocka_unit_test(rows_survive_any_failure),
        cmocka_unit_test(names_survive_any_failure),
        cmocka_unit_test(going_back_survives_any_failure),
        cmocka_unit_test(collapsing_survives_any_failure),
    };
    return cmocka_run_group_tests(tests, lake_sweep_setup, lake_sweep_teardown);
}
