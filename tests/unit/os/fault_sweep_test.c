#include "support/fault_sweep.h"

#include "base/memory.h"
#include "os/file.h"

/* What a sweep did. */
typedef struct tally {
    int prepared, failed, checked;
} tally;

static void prepare(void **state, void *ctx)
{
    (void)state;
    ((tally *)ctx)->prepared++;
}

static tarn_status work(void **state, void *ctx, tarn_error *err)
{
    tarn_status st = TARN_OK;
    (void)ctx;
    for (int i = 0; st == TARN_OK && i < 3; i++)
        st = tarn__file_spill(sandbox_path(state, "f"), tarn_str("bytes"), err);
    return st;
}

static void check(void **state, void *ctx, tarn_status status)
{
    tally *t = ctx;
    (void)state;
    t->checked++;
    t->failed += status != TARN_OK;
    /* Nothing fails here any more. */
    void *p = tarn__malloc(1);
    assert_non_null(p);
    tarn__free(p);
}

static void every_io_call_fails_once(void **state)
{
    tally t = {0};
    sweep s = {prepare, work, check, &t};
    sweep_run(state, &s, SWEEP_EIO);
    assert_true(t.checked >= 3 + 1);
    assert_int_equal(t.prepared, t.checked);
    /* All but the run that counts. */
    assert_int_equal(t.failed, t.checked - 1);
}

static void every_allocation_fails_once(void **state)
{
    tally t = {0};
    sweep s = {prepare, work, check, &t};
    sweep_run(state, &s, SWEEP_MEMORY);
    assert_true(t.failed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(every_io_call_fails_once),
        sandbox_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
