/* One handle, many threads. */
#include "rig.h"

#define WRITERS 3
#define READERS 3
#define ROUNDS 40

typedef struct crew {
    tarn_lake *lake;
    int number;
    int64_t last;
} crew;

/* cmocka's failures must stay in the main thread. */
static void need(bool good, const char *what, const tarn_error *err)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s: %s\n", what, err->message);
    abort();
}

static void *writes(void *arg)
{
    crew *c = arg;
    for (int i = 1; i <= ROUNDS; i++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn_txn *txn = NULL;
        char value[16], name[16];
        int64_t version = -1;
        (void)snprintf(value, sizeof value, "%d", i);
        need(tarn_txn_begin(c->lake, NULL, &txn, &err) == TARN_OK, "begin",
            &err);
        /* Two names that are always equal. */
        for (int k = 0; k < 2; k++) {
            (void)snprintf(name, sizeof name, "w%d-%d", c->number, k);
            need(tarn_state_put(txn, "s", name, tarn_str(value), &err) ==
                    TARN_OK,
                "put", &err);
        }
        need(tarn_txn_commit(txn, &version, &err) == TARN_OK, "commit", &err);
        need(version > c->last, "version", &err);
        c->last = version;
        if (i % 13 == 0)
            tarn__sleep_us(2 * TARN__IDLE_US); /* the keeper's turn */
    }
    return NULL;
}

static int64_t number_at(tarn_snapshot *snap, int writer, int k)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf value = TARN_BUF_INIT;
    char name[16];
    (void)snprintf(name, sizeof name, "w%d-%d", writer, k);
    tarn_status st = tarn_state_get(snap, "s", name, &value, &err);
    need(st == TARN_OK || st == TARN_NOT_FOUND, "get", &err);
    int64_t n = st == TARN_OK ? atoi(value.ptr) : 0;
    tarn_buf_reset(&value);
    return n;
}

static void *reads(void *arg)
{
    crew *c = arg;
    int64_t seen[WRITERS] = {0};
    int64_t before = 0;
    for (int i = 0; i < 2 * ROUNDS; i++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn_snapshot *snap = NULL;
        tarn_rows *rows = NULL;
        need(tarn_snapshot_open(c->lake, TARN_LATEST, &snap, &err) == TARN_OK,
            "snapshot", &err);
        need(tarn_snapshot_version(snap) >= before, "went back", &err);
        before = tarn_snapshot_version(snap);
        for (int w = 0; w < WRITERS; w++) {
            int64_t n = number_at(snap, w, 0);
            need(n == number_at(snap, w, 1), "a torn commit", &err);
            need(n >= seen[w], "a lost commit", &err);
            seen[w] = n;
        }
        need(tarn_state_ls(snap, NULL, &rows, &err) == TARN_OK, "ls", &err);
        while (tarn_rows_next(rows, &err) == TARN_ROW)
            need(tarn_rows_int64(rows, 3) <= before, "from the future", &err);
        tarn_rows_free(rows);
        tarn_snapshot_free(snap);
        tarn__sleep_us(3000);
    }
    return NULL;
}

static void *upkeeps(void *arg)
{
    crew *c = arg;
    for (int i = 0; i < 4; i++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn_rows *rows = NULL;
        int64_t version;
        need(tarn_lake_check(c->lake, true, &rows, &err) == TARN_OK, "check",
            &err);
        need(tarn_rows_next(rows, &err) == TARN_OK,
            tarn_rows_text(rows, 2) != NULL ? tarn_rows_text(rows, 2) : "",
            &err);
        tarn_rows_free(rows);
        need(tarn_lake_compact(c->lake, &version, &err) == TARN_OK, "compact",
            &err);
        need(tarn_lake_gc(c->lake, NULL, &version, &rows, &err) == TARN_OK,
            "gc", &err);
        tarn_rows_free(rows);
        need(tarn_lake_rebuild(c->lake, "key", &err) == TARN_OK, "rebuild",
            &err);
        need(tarn_lake_status(c->lake, &rows, &err) == TARN_OK, "status", &err);
        tarn_rows_free(rows);
        tarn__sleep_us(60000);
    }
    return NULL;
}

static void work_together(tarn_lake *lake, bool upkeep)
{
    pthread_t threads[WRITERS + READERS + 1];
    crew crews[WRITERS + READERS + 1];
    int count = WRITERS + READERS + (upkeep ? 1 : 0);
    for (int i = 0; i < count; i++) {
        crews[i] = (crew){lake, i, 0};
        assert_int_equal(0,
            pthread_create(&threads[i], NULL,
                i < WRITERS                 ? writes
                    : i < WRITERS + READERS ? reads
                                            : upkeeps,
                &crews[i]));
    }
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    for (int w = 0; w < WRITERS; w++)
        assert_int_equal(ROUNDS, number_at(snap, w, 0));
    tarn_snapshot_free(snap);
    is_sound(lake);
}

static void threads_share_a_handle(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    work_together(lake, true);
    tarn_lake_close(lake);
}

static void threads_share_a_memory_lake(void **state)
{
    tarn_lake *lake = memory_lake();
    (void)state;
    work_together(lake, false);
    tarn_lake_close(lake);
}

static void *reads_one(void *arg)
{
    tarn_snapshot *snap = arg;
    for (int i = 0; i < 300; i++)
        if (number_at(snap, 0, 0) != 1)
            abort();
    return NULL;
}

static void threads_share_a_snapshot(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    pthread_t threads[4];
    put(lake, "w0-0", "1");
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    for (int i = 0; i < 4; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, reads_one, snap));
    put(lake, "w0-0", "2");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

static void without_options_all_processors_work(void **state)
{
    tarn_lake *lake = lake_open_as(lake_make(state), NULL);
    assert_int_equal(tarn__cpu_count(), tarn__lake_threads(lake));
    tarn_lake_close(lake);
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(threads_share_a_handle),
        sandbox_test(threads_share_a_memory_lake),
        sandbox_test(threads_share_a_snapshot),
        sandbox_test(without_options_all_processors_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
