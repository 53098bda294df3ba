/* Every allocation of a compile fails in turn: an error of one line, and
 * nothing left behind. */
#include <stdio.h>
#include <string.h>

#include "support/fault_sweep.h"

#include "flow/flow.h"

static const char flow_text[] =
    "name: t\n"
    "params: {n: 5, col: {enum: [a, b], default: a}, pw_token: "
    "'${env:TARN_TEST_T:-}'}\n"
    "profiles: {p: {params: {n: 6}}}\n"
    "steps:\n"
    "  - {id: a, component: sqlite.extractor, mode: read, retry: {attempts: 2},"
    " config: {connection: '@sqlite', table: t, incremental: {column: d, "
    "initial: 3}}}\n"
    "  - {id: b, component: sql, mode: transform, config: {queries: {x: "
    "\"SELECT '${params.col}', ${params.n} FROM a ORDER BY ${params.col}\", "
    "y: SELECT 1}}}\n"
    "  - {id: c, component: csv.writer, mode: write, needs: [b.x], config: "
    "{path: 'out/${params.n}.csv'}}\n";

static const char faulty_text[] =
    "nmae: t\n"
    "params: {n: {type: integer, default: x}}\n"
    "steps:\n"
    "  - {id: a, component: sqll, mode: raed, needs: [b]}\n"
    "  - {id: b, component: sql, mode: transform, needs: [c], config: {query: "
    "'SELECT ${params.m}', qeury: 1}}\n"
    "  - {id: c, component: sql, mode: transform, needs: [b], config: {query: "
    "'SELEC'}}\n";

static void prepare(void **state, void *ctx)
{
    sandbox_write_text(state, "flow.yaml", ctx);
    sandbox_write_text(state, "connections.yaml",
        "connections: {sqlite: {x: {path: a.sqlite}}}\n");
}

static tarn_status compile(void **state, void *ctx, tarn_error *err)
{
    tarn__flow *flow;
    tarn_flow_diagnostics *found;
    tarn_buf text = TARN_BUF_INIT;
    tarn__flow_secrets *secrets = NULL;
    (void)ctx;
    tarn_status st = tarn__flow_compile(
        sandbox_path(state, "flow.yaml"), NULL, &flow, &found, err);
    for (size_t i = 0; st == TARN_OK && i < flow->step_count; i++) {
        st = tarn__flow_step_config(flow, i, false, &text, err);
        if (st == TARN_OK)
            st = tarn__flow_step_connection(flow, i, true, &text, err);
    }
    if (st == TARN_OK)
        st = tarn__flow_secrets_create(flow, &secrets, err);
    tarn__flow_secrets_free(secrets);
    tarn_buf_reset(&text);
    tarn_flow_diagnostics_free(found);
    tarn__flow_free(flow);
    return st;
}

static tarn_status check(void **state, void *ctx, tarn_error *err)
{
    tarn_flow_diagnostics *found;
    (void)ctx;
    tarn_status st =
        tarn_flow_check(sandbox_path(state, "flow.yaml"), NULL, &found, err);
    tarn_flow_diagnostics_free(found);
    return st;
}

static void a_compile_without_memory_is_an_error(void **state)
{
    const sweep s = {prepare, compile, NULL, (void *)(uintptr_t)flow_text};
    sweep_run(state, &s, SWEEP_MEMORY);
}

static void a_check_without_memory_is_an_error(void **state)
{
    const sweep s = {prepare, check, NULL, (void *)(uintptr_t)faulty_text};
    sweep_run(state, &s, SWEEP_MEMORY);
}

static void a_file_that_cannot_be_read_is_an_error(void **state)
{
    const sweep s = {prepare, compile, NULL, (void *)(uintptr_t)flow_text};
    sweep_run(state, &s, SWEEP_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_compile_without_memory_is_an_error),
        sandbox_test(a_check_without_memory_is_an_error),
        sandbox_test(a_file_that_cannot_be_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
