/* The states of tables, near and in the database, and what is sorted for
 * them. */
#include <stdio.h>
#include <string.h>

#include "support/sandbox.h"
#include "track/runs.h"
#include "track/states.h"

#define STATES 6000
#define ENTRIES 50000

static const uint64_t key[2] = {1, 2};

static void must(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK)
        fail_msg("%s", err->message);
}

static void make_scratch(void **state, tarn__scratch *out)
{
    tarn_error err = TARN_ERROR_INIT;
    *out = (tarn__scratch)TARN__SCRATCH_INIT;
    must(tarn__scratch_open(out, sandbox_mkdir(state, "tmp"), &err), &err);
}

static tarn_slice name_of(unsigned i)
{
    static char text[32];
    return (tarn_slice){
        text, (size_t)snprintf(text, sizeof text, "d/s/table%u", i)};
}

/* Of `count` names, two in three are known; the rest come in order of their
 * hashes, as runs give them. */
static tarn_status add(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    tarn_status st = TARN_OK;
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        const tarn__track_entry *e = &entries[i];
        const tarn__track_state state = {.known = true,
            .same = e->w % 2 == 0,
            .extracted = e->w % 5 == 0,
            .label = (tarn__track_label)(e->w % 4),
            .at = e->w};
        st = tarn__track_states_add(
            ctx, (tarn__hash128){e->a, e->b}, &state, err);
    }
    return st;
}

static void look_for_all(void **state, unsigned count, size_t near)
{
    tarn__scratch scratch;
    tarn__track_states *states;
    tarn__track_runs *runs;
    tarn__track_look *look;
    tarn_error err = TARN_ERROR_INIT;
    make_scratch(state, &scratch);
    must(tarn__track_runs_create(&scratch, UINT64_MAX, count, &runs, &err),
        &err);
    must(tarn__track_states_create(&scratch, near, &states, &err), &err);
    for (unsigned i = 0; i < count; i++) {
        tarn__hash128 h = tarn__sip128(key, name_of(i));
        const tarn__track_entry e = {h.a, h.b, 0, i};
        if (i % 3 != 0)
            must(tarn__track_runs_add(runs, &e, &err), &err);
    }
    must(tarn__track_runs_fold(runs, 2, add, states, &err), &err);
    must(tarn__track_states_seal(states, &err), &err);
    must(tarn__track_look_create(states, key, &look, &err), &err);
    for (unsigned i = 0; i < count + 10; i++) {
        const tarn__track_state *s;
        must(tarn__track_look_up(look, name_of(i), &s, &err), &err);
        bool known = i % 3 != 0 && i < count;
        assert_int_equal(s->known, known);
        assert_int_equal(s->at, known ? i : 0);
        assert_int_equal(s->same, known && i % 2 == 0);
        assert_int_equal(s->extracted, known && i % 5 == 0);
        assert_int_equal(s->label, known ? i % 4 : 0);
    }
    tarn__track_look_free(look);
    tarn__track_states_free(states);
    tarn__track_runs_free(runs);
    tarn__scratch_close(&scratch);
}

static void none_few_and_many_states_are_found_near(void **state)
{
    look_for_all(state, 0, TARN__TRACK_NEAR_STATES);
    look_for_all(state, 5, TARN__TRACK_NEAR_STATES);
    look_for_all(state, STATES, TARN__TRACK_NEAR_STATES);
}

static void states_that_find_no_room_are_found_in_the_database(void **state)
{
    look_for_all(state, STATES, 1);
    look_for_all(state, STATES, 3000);
    look_for_all(state, STATES, STATES / 3 * 2);
}

/* --- runs --- */

typedef struct expected {
    tarn__track_entry last;
    uint64_t count;
    uint64_t sum;
} expected;

static tarn_status check_order(
    void *ctx, const tarn__track_entry *entries, size_t count, tarn_error *err)
{
    expected *e = ctx;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        const tarn__track_entry *x = &e->last;
        const tarn__track_entry *y = &entries[i];
        assert_true(x->a < y->a ||
            (x->a == y->a &&
                (x->b < y->b ||
                    (x->b == y->b &&
                        (x->v < y->v || (x->v == y->v && x->w <= y->w))))));
        e->last = *y;
        e->count++;
        e->sum += y->w;
    }
    return TARN_OK;
}

/* First keys up to `max`, of `kinds` different ones. */
static void sort_all(void **state, uint64_t max, uint64_t kinds)
{
    tarn__scratch scratch;
    tarn__track_runs *runs;
    expected e = {.count = 0};
    uint64_t sum = 0;
    uint64_t random = 88172645463325252U;
    tarn_error err = TARN_ERROR_INIT;
    make_scratch(state, &scratch);
    must(tarn__track_runs_create(&scratch, max, ENTRIES, &runs, &err), &err);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t a = random % kinds;
        const tarn__track_entry one = {max == UINT64_MAX ? random : a % max,
            random >> 40 & 3, random >> 42 & 3, i};
        sum += i;
        must(tarn__track_runs_add(runs, &one, &err), &err);
    }
    must(tarn__track_runs_fold(runs, 2, check_order, &e, &err), &err);
    assert_int_equal(e.count, ENTRIES);
    assert_int_equal(e.sum, sum);
    tarn__track_runs_free(runs);
    tarn__scratch_close(&scratch);
}

static void entries_come_sorted_whatever_their_first_keys(void **state)
{
    sort_all(state, UINT64_MAX, 1);
    sort_all(state, UINT64_MAX - 1, UINT64_MAX);
    sort_all(state, 1000000, 1000000);
    sort_all(state, UINT64_MAX / 2, 100); /* all in one bucket */
    sort_all(state, 10, 10);
    sort_all(state, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(none_few_and_many_states_are_found_near),
        sandbox_test(states_that_find_no_room_are_found_in_the_database),
        sandbox_test(entries_come_sorted_whatever_their_first_keys),
    };
    sandbox_without_disk();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
