#include "crash/support/sweep_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crash/support/dump.h"
#include "crash/support/run.h"
#include "support/sandbox.h"

#define FAILURES_MAX 5

typedef struct sweep_state {
    const workload *w;
    const sweep_plan *plan;
    const char *dir;
    disk *d;
    bool *chosen; /* a record */
    size_t next;  /* promise not made yet */
    size_t visited, images, failures;
    run_prints seen; /* images with what was promised */
    size_t same;
    unsigned seed;
    unsigned run_seed;
} sweep_state;

static unsigned seed_of_run(void)
{
    const char *given = getenv("TARN_SEED");
    return given != NULL ? (unsigned)strtoul(given, NULL, 10)
                         : (unsigned)time(NULL);
}

static bool is_point(const record *r, disk_cut cut)
{
    return r->op != RECORD_ACK && !(r->op == RECORD_OPEN && r->flags == 0) &&
        !(r->op == RECORD_SYNC && cut == DISK_KILLED);
}

static size_t count_points(const sweep_state *s)
{
    size_t count = 0;
    for (size_t i = 0; i < s->w->recording.count; i++)
        count += is_point(&s->w->recording.records[i], s->plan->cut);
    return count;
}

/* One of the points of a step, or none when it has none. */
static void choose_in(sweep_state *s, size_t first, size_t end)
{
    size_t count = 0;
    for (size_t i = first; i < end; i++)
        count += is_point(&s->w->recording.records[i], s->plan->cut);
    if (count == 0)
        return;
    size_t nth = (size_t)rand_r(&s->seed) % count;
    for (size_t i = first; i < end; i++)
        if (is_point(&s->w->recording.records[i], s->plan->cut) && nth-- == 0)
            s->chosen[i] = true;
}

/* Every point, or every point of the steps in whose line a text stands. */
static void choose_all(sweep_state *s, const char *steps)
{
    const workload *w = s->w;
    size_t step = 0;
    for (size_t i = 0; i < w->recording.count; i++) {
        while (step < w->promise_count && w->promises[step].record < i)
            step++;
        bool wanted = steps == NULL ||
            (step < w->promise_count &&
                strstr(w->promises[step].step, steps) != NULL);
        s->chosen[i] =
            wanted && is_point(&w->recording.records[i], s->plan->cut);
    }
}

/* Steps in turn; of a quiet stretch one step in twenty. */
static void choose(sweep_state *s)
{
    const workload *w = s->w;
    const char *steps =
        s->plan->steps != NULL ? s->plan->steps : getenv("TARN_STEPS");
    if (steps != NULL || getenv("TARN_LONG") != NULL) {
        choose_all(s, steps);
        return;
    }
    size_t at = (size_t)rand_r(&s->seed) % w->promise_count;
    for (size_t made = 0; made < s->plan->points;
         at = (at + 1) % w->promise_count) {
        if (w->promises[at].quiet && rand_r(&s->seed) % 20 != 0)
            continue;
        choose_in(
            s, at > 0 ? w->promises[at - 1].record : 0, w->promises[at].record);
        made++;
    }
}

static void report(
    const sweep_state *s, size_t at, unsigned seed, const char *bad)
{
    static const char *const cuts[] = {"kill", "synced", "journal", "chaos"};
    const workload *w = s->w;
    const char *step =
        s->next < w->promise_count ? w->promises[s->next].step : "the end";
    fprintf(stderr,
        "%s at record %zu (op %d %s %s), image %u, in \"%s\" "
        "(TARN_SEED=%u):\n%s\n",
        cuts[s->plan->cut], at, (int)w->recording.records[at].op,
        w->recording.records[at].path, w->recording.records[at].other, seed,
        step, s->run_seed, bad);
}

static void visit_image(sweep_state *s, size_t at, unsigned seed)
{
    const workload *w = s->w;
    char image[4096];
    size_t made = s->next;
    if (s->plan->promise_early && made < w->promise_count)
        made++;
    const promise *last = made > 0 ? &w->promises[made - 1] : NULL;
    const promise *next = made < w->promise_count ? &w->promises[made] : NULL;
    const promise *older = last;
    /* Some version of the past: not from before what was forgotten. */
    size_t first = made;
    while (first > 0 && !w->promises[first - 1].forgets)
        first--;
    if (made > first)
        older = &w->promises[first + seed % (made - first)];
    s->images++;
    if (run_is_seen(
            &s->seen, run_mix(disk_print(s->d, s->plan->cut, seed), made))) {
        s->same++;
        return;
    }
    (void)snprintf(image, sizeof image, "%s/image", s->dir);
    disk_write(s->d, s->plan->cut, seed, image);
    const char *bad = verify_image(image, last, next, older, seed);
    if (bad != NULL) {
        s->failures++;
        if (!s->plan->expect_failure)
            report(s, at, seed, bad);
        if (!s->plan->expect_failure && getenv("TARN_KEEP") != NULL) {
            char kept[4200];
            (void)snprintf(kept, sizeof kept, "%s/failed-%zu", s->dir, at);
            disk_write(s->d, s->plan->cut, seed, kept);
        }
    }
    run_remove_folder(image);
}

static bool enough(const sweep_state *s)
{
    return s->failures >= (s->plan->expect_failure ? 1 : FAILURES_MAX);
}

static void visit(sweep_state *s, size_t at)
{
    s->visited++;
    if (s->visited % 250 == 0) /* of a long run */
        fprintf(stderr, "sweep: %zu points, %zu images, %zu failures\n",
            s->visited, s->images - s->same, s->failures);
    for (int i = 0; i < s->plan->images && !enough(s); i++)
        visit_image(s, at, (unsigned)rand_r(&s->seed));
}

/* A write that the kill cut short. */
static void visit_torn(sweep_state *s, size_t at)
{
    record part = s->w->recording.records[at];
    if (part.op != RECORD_WRITE || part.len < 2 || rand_r(&s->seed) % 4 != 0)
        return;
    part.len = 1 + (size_t)rand_r(&s->seed) % (part.len - 1);
    disk_apply(s->d, &part);
    if (!enough(s))
        visit_image(s, at, (unsigned)rand_r(&s->seed));
}

/* Which openings the struck syncs go through. */
typedef struct struck {
    uint64_t *handles;
    size_t count;
} struck;

static bool is_struck(const sweep_plan *plan, struck *list, const record *r)
{
    const char *begins = plan->without_syncs_of;
    if (begins == NULL)
        return false;
    if (r->op == RECORD_OPEN && strncmp(r->path, begins, strlen(begins)) == 0) {
        list->handles =
            realloc(list->handles, (list->count + 1) * sizeof *list->handles);
        assert_non_null(list->handles);
        list->handles[list->count++] = r->handle;
    }
    for (size_t i = 0; r->op == RECORD_SYNC && i < list->count; i++)
        if (list->handles[i] == r->handle)
            return true;
    return false;
}

size_t sweep_points_run(
    const workload *w, const sweep_plan *plan, const char *dir)
{
    struck list = {0};
    sweep_state s = {.w = w, .plan = plan, .dir = dir, .d = disk_create()};
    s.run_seed = s.seed = seed_of_run();
    s.chosen = calloc(w->recording.count, sizeof *s.chosen);
    assert_non_null(s.chosen);
    choose(&s);
    dump_remembers_rows();
    for (size_t i = 0; i < w->recording.count && !enough(&s); i++) {
        const record *r = &w->recording.records[i];
        if (r->op == RECORD_ACK) {
            s.next++;
            continue;
        }
        if (s.chosen[i] && plan->cut == DISK_KILLED)
            visit_torn(&s, i);
        if (!is_struck(plan, &list, r))
            disk_apply(s.d, r);
        if (s.chosen[i])
            visit(&s, i);
    }
    printf("sweep: %zu of %zu points in %zu records, %zu images, %zu of them "
           "like an earlier one, %zu failures, TARN_SEED=%u\n",
        s.visited, count_points(&s), w->recording.count, s.images, s.same,
        s.failures, s.run_seed);
    verify_end();
    free(s.seen.prints);
    free(list.handles);
    free(s.chosen);
    disk_free(s.d);
    return s.failures;
}
