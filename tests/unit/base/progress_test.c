#include "base/progress.h"

#include "base/time.h"
#include "unit/base/memory_sweep.h"

typedef struct seen {
    int calls;
    uint64_t done;
    uint64_t total;
    const char *what;
    bool stop;
} seen;

static bool report(void *arg, const char *what, uint64_t done, uint64_t total)
{
    seen *s = arg;
    s->calls++;
    s->what = what;
    s->done = done;
    s->total = total;
    return s->stop;
}

static void the_first_step_is_reported(void **state)
{
    (void)state;
    seen s = {0};
    tarn__progress p = {report, &s, 0};
    assert_false(tarn__progress_step(&p, "rows", 5, 10));
    assert_int_equal(s.calls, 1);
    assert_string_equal(s.what, "rows");
    assert_int_equal(s.done, 5);
    assert_int_equal(s.total, 10);
}

static void many_steps_are_few_reports(void **state)
{
    (void)state;
    seen s = {0};
    tarn__progress p = {report, &s, 0};
    int64_t start = tarn__monotonic_us();
    for (uint64_t i = 0; i < 10000; i++)
        (void)tarn__progress_step(&p, "rows", i, 0);
    int64_t took = tarn__monotonic_us() - start;
    assert_in_range(s.calls, 1, 2 + took / 100000);
}

static void the_last_step_is_always_reported(void **state)
{
    (void)state;
    seen s = {0};
    tarn__progress p = {report, &s, 0};
    (void)tarn__progress_step(&p, "rows", 1, 10);
    (void)tarn__progress_step(&p, "rows", 10, 10);
    assert_int_equal(s.calls, 2);
    assert_int_equal(s.done, 10);
}

static void the_caller_can_stop_the_work(void **state)
{
    (void)state;
    seen s = {.stop = true};
    tarn__progress p = {report, &s, 0};
    assert_true(tarn__progress_step(&p, "rows", 1, 10));
}

static void without_a_callback_nothing_happens(void **state)
{
    (void)state;
    tarn__progress p = {NULL, NULL, 0};
    assert_false(tarn__progress_step(&p, "rows", 1, 1));
    assert_false(tarn__progress_step(NULL, "rows", 1, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_step_is_reported),
        cmocka_unit_test(many_steps_are_few_reports),
        cmocka_unit_test(the_last_step_is_always_reported),
        cmocka_unit_test(the_caller_can_stop_the_work),
        cmocka_unit_test(without_a_callback_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
