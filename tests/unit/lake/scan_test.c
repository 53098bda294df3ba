/* Reading at any version against a model: random puts, deletes and scans over
 * overlay, tail and RocksDB. */
#include "rig.h"

#define KEYS 40
#define VERSIONS_MOST 120

/* What stood at each version: value numbers, 0 none. */
typedef struct model {
    int at[VERSIONS_MOST + 1][KEYS];
    int next_value;
} model;

static uint64_t random_state;

static unsigned pick(unsigned below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % below;
}

static void seed_from_environment(void)
{
    const char *seed = getenv("TARN_SEED");
    random_state =
        seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)tarn__now_us();
    print_message("TARN_SEED=%llu\n", (unsigned long long)random_state);
}

/* Names of several lengths, one the beginning of the next. */
static const char *key_name(unsigned k, char buf[64])
{
    (void)snprintf(buf, 64, "%s%.*s%u", k % 2 ? "\xC3\xA9" : "", (int)(k % 5),
        "aaaaaa", k / 3);
    if (k % 3 == 1)
        strcat(buf, "/x");
    if (k % 3 == 2)
        strcat(buf, "\x01");
    return buf;
}

static int by_name(const void *a, const void *b)
{
    char x[64], y[64];
    return strcmp(
        key_name(*(const unsigned *)a, x), key_name(*(const unsigned *)b, y));
}

/* Keys in the order of their names; the names differ. */
static void sorted_keys(unsigned order[KEYS])
{
    char x[64], y[64];
    for (unsigned i = 0; i < KEYS; i++)
        order[i] = i;
    qsort(order, KEYS, sizeof order[0], by_name);
    for (unsigned i = 1; i < KEYS; i++)
        assert_string_not_equal(
            key_name(order[i - 1], x), key_name(order[i], y));
}

static void random_step(tarn_txn *txn, model *m, int *now)
{
    char name[64], value[512];
    unsigned k = pick(KEYS);
    key_name(k, name);
    if (now[k] != 0 && pick(3) == 0) {
        txn_rm(txn, name);
        now[k] = 0;
        return;
    }
    now[k] = ++m->next_value;
    (void)snprintf(
        value, sizeof value, "%d:%0*d", now[k], (int)pick(400) + 1, 0);
    txn_put(txn, name, value);
}

static int value_of(tarn_slice payload)
{
    return atoi(payload.ptr);
}

static void comes(
    tarn__scan *scan, const int *now, const unsigned *order, unsigned at)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_slice key, payload;
    if (now[order[at]] == 0)
        return;
    if (tarn__scan_next(scan, &key, &payload, NULL, &err) != TARN_ROW)
        fail_msg("row %u of %u is missing: %s", at, KEYS, err.message);
    assert_int_equal(now[order[at]], value_of(payload));
}

static void is_at_its_end(tarn__scan *scan)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_slice key, payload;
    assert_int_equal(
        TARN_OK, tarn__scan_next(scan, &key, &payload, NULL, &err));
}

/* A whole scan, by get, and from a random key on, all as the model says; once
 * more from where it was sought again. */
static void agrees(tarn_snapshot *snap, const int *now, bool disturb,
    void (*meanwhile)(void *), void *arg)
{
    tarn_error err = TARN_ERROR_INIT;
    unsigned order[KEYS];
    tarn__scan *scan = NULL;
    tarn_buf prefix = TARN_BUF_INIT, from = TARN_BUF_INIT;
    unsigned start = pick(2) ? pick(KEYS) : 0;
    char name[64];
    tarn_status st;

    sorted_keys(order);
    ok(tarn__key_part(&prefix, (tarn_slice){"", 0}, &err), &err);
    ok(tarn__key_part(&prefix, tarn_str("s"), &err), &err);
    ok(tarn__buf_append(&from, prefix.ptr, prefix.len, &err), &err);
    ok(tarn__key_part(&from, tarn_str(key_name(order[start], name)), &err),
        &err);
    ok(tarn__read_scan(snap, TARN__FAMILY_STATE, tarn__buf_slice(&prefix),
           start > 0 ? tarn__buf_slice(&from) : (tarn_slice){NULL, 0}, &scan,
           &err),
        &err);
    for (unsigned i = start; i < KEYS; i++) {
        comes(scan, now, order, i);
        if (disturb && pick(6) == 0)
            meanwhile(arg);
    }
    is_at_its_end(scan);
    unsigned half = start + (KEYS - start) / 2;
    for (unsigned again = 0; again < 2; again++) {
        ok(tarn__scan_seek(scan, tarn__buf_slice(&from), &err), &err);
        for (unsigned i = start; i < (again == 0 ? half : KEYS); i++)
            comes(scan, now, order, i);
    }
    is_at_its_end(scan);
    tarn__scan_free(scan);
    for (unsigned k = 0; k < KEYS; k++) {
        tarn_buf value = TARN_BUF_INIT;
        st = tarn_state_get(snap, "s", key_name(k, name), &value, &err);
        assert_int_equal(now[k] != 0 ? TARN_OK : TARN_NOT_FOUND, st);
        if (now[k] != 0)
            assert_int_equal(now[k], value_of(tarn__buf_slice(&value)));
        tarn_buf_reset(&value);
    }
    tarn_buf_reset(&prefix);
    tarn_buf_reset(&from);
}

static void no_disturbance(void *arg)
{
    (void)arg;
}

static void gives_the_view_up(void *arg)
{
    tarn_lake *lake = arg;
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn__writer_take(lake, 0, &err), &err);
    if (pick(2))
        tarn__writer_release(lake);
    tarn__writer_give(lake);
}

static void run(tarn_lake *lake, model *m, int versions, bool disturb)
{
    for (int v = 1; v <= versions; v++) {
        tarn_txn *txn = begin(lake);
        int *now = m->at[v];
        memcpy(now, m->at[v - 1], sizeof m->at[v]);
        for (unsigned n = 1 + pick(25); n > 0; n--) {
            random_step(txn, m, now);
            if (pick(40) == 0)
                agrees(tarn_txn_snapshot(txn), now, disturb,
                    disturb ? gives_the_view_up : no_disturbance, lake);
        }
        if (v % 7 == 0)
            agrees(tarn_txn_snapshot(txn), now, false, no_disturbance, NULL);
        int64_t version = commit(txn);
        if (version < 0) { /* put and removed: nothing is left to say */
            fail_msg("a version without operations");
        }
        unsigned at = pick((unsigned)v + 1);
        tarn_snapshot *snap = pin_version(lake, at);
        agrees(snap, m->at[at], disturb && v % 10 == 0,
            disturb ? gives_the_view_up : no_disturbance, lake);
        tarn_snapshot_free(snap);
    }
}

static model *new_model(void)
{
    seed_from_environment();
    return tarn__calloc(1, sizeof(model));
}

static void memory_agrees_with_the_model(void **state)
{
    tarn_lake *lake = memory_lake();
    model *m = new_model();
    (void)state;
    run(lake, m, VERSIONS_MOST, false);
    tarn__free(m);
    tarn_lake_close(lake);
}

static void a_disk_agrees_with_the_model(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    model *m = new_model();
    run(lake, m, VERSIONS_MOST, true);
    is_sound(lake);
    tarn__free(m);
    tarn_lake_close(lake);
}

static void spilled_overlays_agree_with_the_model(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    model *m = new_model();
    lake->bounds = (tarn__bounds){1000, 500, 5};
    run(lake, m, 60, false);
    is_sound(lake);
    tarn__free(m);
    tarn_lake_close(lake);
}

/* A handle that may not write: RocksDB below, the tail above; now and then the
 * tail moves into RocksDB while a scan stands in it. */
typedef struct beside {
    tarn_lake *reader;
    const char *dir;
    int64_t hidden; /* views put aside and brought back */
} beside;

static void brings_the_view_forward(void *arg)
{
    beside *b = arg;
    if (b->hidden == 0)
        return;
    shell("rm -r %s/views/key && mv %s/newer %s/views/key", b->dir, b->dir,
        b->dir);
    b->hidden = 0;
    /* Something that makes it look: the head moves. */
    tarn_lake *writer = lake_open(b->dir);
    put(writer, "else/where", "z");
    tarn_lake_close(writer);
    (void)head_of(b->reader);
}

static void tails_agree_with_the_model(void **state)
{
    const char *dir = lake_make(state);
    model *m = new_model();
    for (int round = 0; round < 12; round++) {
        tarn_error err = TARN_ERROR_INIT;
        shell("rm -rf %s", dir);
        ok(tarn_lake_init(dir, NULL, &err), &err);
        memset(m, 0, sizeof *m);
        tarn_lake *writer = lake_open(dir);
        run(writer, m, 4, false);
        tarn_lake_close(writer);
        shell("cp -r %s/views/key %s/older", dir, dir);
        writer = lake_open(dir);
        for (int v = 5; v <= 8; v++) {
            tarn_txn *txn = begin(writer);
            memcpy(m->at[v], m->at[v - 1], sizeof m->at[v]);
            for (unsigned n = 1 + pick(25); n > 0; n--)
                random_step(txn, m, m->at[v]);
            commit(txn);
        }
        tarn_lake_close(writer);
        shell("mv %s/views/key %s/newer && mv %s/older %s/views/key", dir, dir,
            dir, dir);
        beside b = {lake_open_read_only(dir), dir, 1};
        tarn_snapshot *snap = pin_version(b.reader, 8);
        tarn_snapshot *below = pin_version(b.reader, 2 + pick(5));
        int64_t at = tarn_snapshot_version(below);
        agrees(below, m->at[at], false, no_disturbance, NULL);
        agrees(snap, m->at[8], true, brings_the_view_forward, &b);
        agrees(below, m->at[at], false, no_disturbance, NULL);
        agrees(snap, m->at[8], false, no_disturbance, NULL);
        tarn_snapshot_free(snap);
        tarn_snapshot_free(below);
        tarn_lake_close(b.reader);
        shell("rm -rf %s/newer", dir);
    }
    tarn__free(m);
}

static void a_short_family_key_scans_whole_families(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    tarn_buf out = TARN_BUF_INIT;
    for (unsigned i = 1; i < 5; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "f%u", i);
        node_op n = file_op(i, name, name);
        put_node(lake, &n);
    }
    tarn_snapshot *snap = pin_version(lake, 3);
    dump_family(snap, TARN__FAMILY_NODE, &out);
    int lines = 0;
    for (size_t i = 0; i < out.len; i++)
        lines += out.ptr[i] == '\n';
    assert_int_equal(6, lines); /* each node and its content */
    tarn_buf_reset(&out);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(memory_agrees_with_the_model),
        sandbox_test(a_disk_agrees_with_the_model),
        sandbox_test(spilled_overlays_agree_with_the_model),
        sandbox_test(tails_agree_with_the_model),
        sandbox_test(a_short_family_key_scans_whole_families),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
