/* Work on several threads, settled in its order. */
#include "os/threads.h"

#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "support/sandbox.h"

#define PIECES 1000

typedef struct job {
    atomic_uint_least64_t next;
    tarn__turns turns;
    uint64_t settled[PIECES];
    size_t count;
    uint64_t bad; /* the piece that fails */
} job;

static tarn_status settle_all(void *ctx, tarn_error *err)
{
    job *j = ctx;
    for (;;) {
        uint64_t n = atomic_fetch_add(&j->next, 1);
        if (n >= PIECES)
            return TARN_OK;
        if (n == j->bad) {
            tarn_status st = tarn__fail(err, TARN_IO, "piece %d", (int)n);
            tarn__turns_fail(&j->turns, err);
            return st;
        }
        if (!tarn__turns_wait(&j->turns, n))
            return TARN_OK;
        j->settled[j->count++] = n;
        tarn__turns_pass(&j->turns);
    }
}

static void run(job *j, uint64_t bad, tarn_status want)
{
    tarn_error err = TARN_ERROR_INIT;
    memset(j, 0, sizeof(*j));
    j->bad = bad;
    tarn__turns_init(&j->turns);
    assert_int_equal(tarn__parallel(4, settle_all, j, &err), want);
    if (want != TARN_OK)
        assert_string_equal(err.message, "piece 500");
    tarn__turns_free(&j->turns);
}

static void pieces_are_settled_in_their_order(void **state)
{
    static job j;
    (void)state;
    run(&j, UINT64_MAX, TARN_OK);
    assert_int_equal(j.count, PIECES);
    for (uint64_t i = 0; i < PIECES; i++)
        assert_int_equal(j.settled[i], i);
}

static void a_failed_piece_ends_the_others(void **state)
{
    static job j;
    (void)state;
    run(&j, 500, TARN_IO);
    assert_true(j.count <= 500);
    assert_int_equal(j.turns.error.code, TARN_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_settled_in_their_order),
        cmocka_unit_test(a_failed_piece_ends_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
