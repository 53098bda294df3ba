/* Checks a flow file, tells all that is wrong with it, or runs it.
 *
 *   cc flow.c $(pkg-config --cflags --libs tarn) -o flow && ./flow FILE [LAKE]
 */
#include <inttypes.h>
#include <stdio.h>
#include <tarn/tarn.h>

/* TARN_BAD_INPUT when there is an error among what was found. */
static tarn_status check(const char *path, tarn_error *err)
{
    tarn_flow_diagnostics *found = NULL;
    tarn_status st = tarn_flow_check(path, NULL, &found, err);
    for (size_t i = 0; i < tarn_flow_diagnostic_count(found); i++) {
        tarn_flow_diagnostic d = tarn_flow_diagnostic_get(found, i);
        fprintf(stderr, "%s: %s\n", d.location, d.message);
    }
    if (tarn_flow_error_count(found) > 0)
        st = TARN_BAD_INPUT;
    tarn_flow_diagnostics_free(found);
    return st;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_flow_run_options options = TARN_FLOW_RUN_OPTIONS_INIT;
    tarn_flow_result result;

    if (argc < 2) {
        fprintf(stderr, "flow: which file?\n");
        return tarn_exit_code(TARN_INVALID);
    }
    options.lake_dir = argc > 2 ? argv[2] : NULL;
    tarn_status st = check(argv[1], &err);
    if (st == TARN_OK)
        st = tarn_flow_run(argv[1], &options, &result, &err);
    if (st == TARN_OK)
        printf(
            "%" PRId64 " steps, %" PRId64 " rows\n", result.steps, result.rows);
    else if (err.code != TARN_OK)
        fprintf(stderr, "%s\n", err.message);
    return tarn_exit_code(st);
}
