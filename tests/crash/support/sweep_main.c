#include "crash/support/sweep_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash/support/dump.h"
#include "crash/support/run.h"

/* `recording FILE [FROM [TO]]`: its records, one a line. */
static int list_main(int argc, char **argv)
{
    static const char *const ops[] = {"open", "write", "truncate", "extend",
        "time", "path time", "sync", "mkdir", "rename", "link", "symlink",
        "unlink", "rmdir", "ACK", "MISSED"};
    recording r = {0};
    recording_load(&r, argv[2]);
    size_t from = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    size_t to = argc > 4 ? strtoul(argv[4], NULL, 10) : r.count - 1;
    for (size_t i = from; i <= to && i < r.count; i++) {
        const record *at = &r.records[i];
        printf("%zu %s %s %s handle %llx at %llu, %zu bytes%s %.*s\n", i,
            ops[at->op], at->path, at->other, (unsigned long long)at->handle,
            (unsigned long long)at->at, at->len,
            at->flags & RECORD_CREATE ? ", may make it" : "",
            at->op == RECORD_ACK ? (int)at->len : 0, at->data);
    }
    recording_free(&r);
    return 0;
}

bool sweep_role(int argc, char **argv, int *code)
{
    if (argc < 2)
        return false;
    if (strcmp(argv[1], "dump") == 0)
        *code = dump_main(argc, argv);
    else if (strcmp(argv[1], "recording") == 0 && argc > 2)
        *code = list_main(argc, argv);
    else if (strcmp(argv[1], "session") == 0)
        *code = session_main(argc, argv);
    else
        return false;
    return true;
}

int sweep_setup(void **state)
{
    (void)run_tarn();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    printf("skipped: a sanitizer must be loaded before the shim; the "
           "ordinary build runs this\n");
    exit(77);
#endif
    sandbox_without_disk(); /* what an image holds, the recording decides */
    if (sandbox_setup(state) != 0)
        return -1;
    workload *w = calloc(1, sizeof *w);
    if (w == NULL)
        return -1;
    long began = run_now_ms();
    workload_run(w, sandbox_dir(state));
    printf("workload: %zu records, %zu commits acknowledged, %ld ms\n",
        w->recording.count, w->promise_count, run_now_ms() - began);
    sandbox_set_user(state, w);
    return 0;
}

int sweep_teardown(void **state)
{
    workload *w = sandbox_user(state);
    if (w != NULL)
        workload_free(w);
    free(w);
    return sandbox_teardown(state);
}

void sweep_must_pass(void **state, const sweep_plan *plan)
{
    size_t failures =
        sweep_points_run(sandbox_user(state), plan, sandbox_dir(state));
    if (failures > 0)
        fail_msg("%zu images broke their promises", failures);
}

void sweep_must_fail(void **state, const sweep_plan *plan)
{
    if (sweep_points_run(sandbox_user(state), plan, sandbox_dir(state)) == 0)
        fail_msg("the sweep does not find what is broken here");
}
