/* object.extractor: numbers and their squares.  config: {rows: n} */
#include <stdlib.h>
#include <tarn/driver.h>
#include <tarn/store.h>

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    const tarn_value config = {
        "config", TARN_TEXT, 0, 0, tarn_str(call->config)};
    const tarn_store_options options = {.memory_bytes = call->memory_bytes,
        .threads = call->threads,
        .temp_dir = call->temp_dir};
    tarn_store *store = NULL;
    tarn_buf rows = TARN_BUF_INIT;
    bool found;
    tarn_status st = tarn_store_open(call->output, &options, &store, err);
    if (st == TARN_OK)
        st = tarn_store_exec_values(store,
            "CREATE TABLE main AS SELECT i, i * i AS square FROM range("
            "CAST($config::JSON->>'rows' AS BIGINT)) t(i)",
            &config, 1, NULL, err);
    if (st == TARN_OK)
        st = tarn_store_scalar(
            store, "SELECT count(*) FROM main", NULL, 0, &rows, &found, err);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    if (st == TARN_OK)
        st = result->add_table(result->ctx, "main", atoll(rows.ptr), err);
    tarn_store_free(store);
    tarn_buf_reset(&rows);
    return st;
}

const tarn_driver *tarn_driver_entry(void)
{
    static const tarn_driver driver = {
        TARN_DRIVER_ABI, "squares", "1", TARN_STEP_READ, NULL, run, NULL};
    return &driver;
}
