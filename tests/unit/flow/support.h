/* Flow files in a sandbox, and what check and compile say of them. */
#ifndef TARN_TEST_FLOW_SUPPORT_H
#define TARN_TEST_FLOW_SUPPORT_H

#include <string.h>

#include "flow/flow.h"
#include "support/sandbox.h"

/* The diagnostics of a text as a flow file, errors as "code location". */
static inline tarn_flow_diagnostics *check_text(
    void **state, const char *text, const tarn_flow_options *options)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_flow_diagnostics *found = NULL;
    const char *path = sandbox_write_text(state, "flow.yaml", text);
    if (tarn_flow_check(path, options, &found, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return found;
}

/* Is there such a diagnostic, at this place (its beginning)? */
static inline bool has(
    const tarn_flow_diagnostics *found, const char *code, const char *location)
{
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        if (strcmp(d.code, code) == 0 &&
            strncmp(d.location, location, strlen(location)) == 0)
            return true;
    }
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        print_message("  %s %s: %s\n", d.code, d.location, d.message);
    }
    return false;
}

/* A flow file gives this one diagnostic, and no other. */
static inline void assert_only(
    void **state, const char *text, const char *code, const char *location)
{
    tarn_flow_diagnostics *found = check_text(state, text, NULL);
    assert_true(has(found, code, location));
    assert_int_equal(1, tarn_flow_diagnostic_count(found));
    tarn_flow_diagnostics_free(found);
}

static inline void assert_fine(void **state, const char *text)
{
    tarn_flow_diagnostics *found = check_text(state, text, NULL);
    if (tarn_flow_diagnostic_count(found) > 0)
        (void)has(found, "", "?");
    assert_int_equal(0, tarn_flow_diagnostic_count(found));
    tarn_flow_diagnostics_free(found);
}

static inline tarn__flow *compile_text(
    void **state, const char *text, const tarn_flow_options *options)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_flow_diagnostics *found = NULL;
    tarn__flow *flow = NULL;
    const char *path = sandbox_write_text(state, "flow.yaml", text);
    if (tarn__flow_compile(path, options, &flow, &found, &err) != TARN_OK)
        fail_msg("%s", err.message);
    tarn_flow_diagnostics_free(found);
    return flow;
}

/* A step's configuration for its driver. */
static inline char *config_of(const tarn__flow *flow, size_t step, bool masked)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    if (tarn__flow_step_config(flow, step, masked, &out, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return out.ptr;
}

#define READ_A                                                          \
    "  - {id: a, component: sql, mode: read, config: {query: SELECT 1 " \
    "AS x}}\n"
#define FLOW(steps) "name: t\nsteps:\n" READ_A steps

#endif
