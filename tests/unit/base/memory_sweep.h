/*
 * Fail the 1st, 2nd, 3rd … allocation of a body until it passes, once and then
 * with all that follow.  Stricter than support/sweep.h, which rooms above use:
 * a failing run must end TARN_NO_MEMORY.
 */
#ifndef TARN_TEST_MEMORY_SWEEP_H
#define TARN_TEST_MEMORY_SWEEP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"

typedef tarn_status (*sweep_body)(void *arg, tarn_error *err);

/* Returns how many allocations the body makes; what it makes it frees itself,
 * as the sanitizers then see. */
static inline int64_t sweep_allocations(sweep_body body, void *arg)
{
    for (int64_t nth = 1;; nth++) {
        int64_t count = 0;
        for (int sticky = 0; sticky < 2; sticky++) {
            tarn_error err = TARN_ERROR_INIT;
            tarn__fault_alloc(nth, sticky == 1);
            tarn_status st = body(arg, &err);
            count = tarn__fault_alloc_count();
            tarn__fault_alloc(0, false);
            assert_int_equal(st, count < nth ? TARN_OK : TARN_NO_MEMORY);
            assert_int_equal(err.code, st);
        }
        if (count < nth)
            return count;
        assert_true(nth < 10000);
    }
}

#endif
