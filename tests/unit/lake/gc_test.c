/* gc: history goes, the rest stays as it was; compaction and checkpoints. */
#include <errno.h>

#include "rig.h"

#define NODES 24
#define HOUR_US 3600000000LL

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

/* --- a random history of a small tree --- */

typedef struct tree {
    node_op now[NODES]; /* as it stands; type DELETE: not there */
    unsigned serial;
} tree;

static bool name_taken(const tree *t, const char *name)
{
    for (unsigned i = 1; i < NODES; i++)
        if (t->now[i].type == TARN__OP_PUT && strcmp(t->now[i].name, name) == 0)
            return true;
    return false;
}

static void free_name(tree *t, char *name)
{
    do
        (void)snprintf(name, 32, "n%u", pick(40));
    while (name_taken(t, name));
}

static void random_change(tarn_txn *txn, tree *t)
{
    unsigned id = 1 + pick(NODES - 1);
    node_op *now = &t->now[id];
    node_op op = *now;
    char old[32];

    op.has_content = false;
    op.moved = false;
    op.id = id;
    if (now->type != TARN__OP_PUT) { /* made, or restored under its old id */
        op.type = TARN__OP_PUT;
        op.kind = id % 3 == 0 ? "stream" : id % 3 == 1 ? "file" : "dir";
        free_name(t, op.name);
        op.has_content = id % 3 != 2; /* a delete has ended the list */
    } else if (pick(5) == 0) {
        op.type = TARN__OP_DELETE;
    } else if (pick(4) == 0) {
        (void)snprintf(old, sizeof old, "%s", now->name);
        free_name(t, op.name);
        op.moved = true;
        (void)snprintf(op.from_name, sizeof op.from_name, "%s", old);
    } else if (id % 3 == 0) {
        op.type = pick(4) == 0 ? TARN__OP_PUT : TARN__OP_APPEND;
        op.has_content = true;
    } else {
        op.has_content = id % 3 == 1; /* else: attributes only */
    }
    if (op.has_content)
        (void)snprintf(
            op.content, sizeof op.content, "content %u", ++t->serial);
    if (op.has_content && id % 6 == 1 && pick(2)) {
        op.has_content = false;
        txn_object(txn, id, op.name, (char)('a' + pick(20)), 65536 + pick(5));
    } else {
        txn_node(txn, &op);
    }
    if (op.type == TARN__OP_APPEND)
        op.type = TARN__OP_PUT;
    *now = op;
}

static void grow(tarn_lake *lake, tree *t, int commits)
{
    for (int i = 0; i < commits; i++) {
        tarn_txn *txn = begin(lake);
        for (unsigned n = 1 + pick(4); n > 0; n--)
            random_change(txn, t);
        commit(txn);
    }
}

static tree *new_tree(void)
{
    tree *t = tarn__calloc(1, sizeof *t);
    for (unsigned i = 0; i < NODES; i++)
        t->now[i].type = TARN__OP_DELETE;
    return t;
}

/* Microseconds since a version's commit. */
static int64_t age(tarn_lake *lake, int64_t version)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t time;
    ok(tarn__lake_version_time(lake, version, &time, &err), &err);
    int64_t now = tarn__now_us(); /* commits that follow fast are ahead of it */
    return now > time ? now - time : 0;
}

static int64_t horizon_of(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version;
    ok(tarn__lake_horizon(lake, &version, &err), &err);
    return version;
}

static void every_kept_version_reads_as_before(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    tree *t = new_tree();
    char *before[64] = {NULL};
    size_t len[64] = {0};

    seed_from_environment();
    for (int round = 0; round < 5; round++) {
        int64_t low = horizon_of(lake);
        grow(lake, t, 8);
        int64_t head = head_of(lake);
        assert_true(head < 64);
        for (int64_t v = low; v <= head; v++)
            before[v] = dump(lake, v, &len[v]);
        int64_t cut = low + 1 + pick((unsigned)(head - low));
        gc(lake, age(lake, cut), pick(2) ? 0 : HOUR_US);
        int64_t horizon = horizon_of(lake);
        /* A commit may be as young as the clock is coarse. */
        assert_true(
            horizon >= cut || horizon == low); /* nothing but gc's own */
        assert_true(horizon <= head);
        for (int64_t v = low; v < horizon; v++)
            not_readable(lake, v);
        for (int64_t v = horizon; v <= head; v++) {
            size_t now_len;
            char *now = dump(lake, v, &now_len);
            if (now_len != len[v] || memcmp(now, before[v], now_len) != 0)
                fail_msg("version %d, horizon %d: %s\nbefore: %s", (int)v,
                    (int)horizon, now, before[v]);
            tarn_free(now);
        }
        is_sound(lake);
        for (int64_t v = low; v <= head; v++)
            tarn_free(before[v]);
        if (round % 2) {
            tarn_lake_close(lake);
            shell("rm -r %s/views/key", dir);
            lake = lake_open(dir);
        }
    }
    tarn__free(t);
    tarn_lake_close(lake);
}

static void retain_nothing_keeps_the_head_alone(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    for (int i = 0; i < 5; i++)
        put(lake, "a", i % 2 ? "x" : "y");
    gc(lake, 0, 0);
    has(lake, "a", "y");
    has_at(lake, 5, "a", "y");
    for (int64_t v = 0; v < 5; v++)
        not_readable(lake, v);
    tarn_error err = TARN_ERROR_INIT;
    int64_t version;
    refused(TARN_NOT_FOUND, tarn_lake_resolve(lake, "4", &version, &err), &err,
        "oldest kept is 5");
    is_sound(lake);
    put(lake, "a", "z");
    has(lake, "a", "z");
    tarn_lake_close(lake);
}

static void a_second_gc_finds_nothing_to_do(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    put(lake, "a", "x");
    put(lake, "a", "y");
    gc(lake, 0, 0);
    int64_t head = head_of(lake);
    gc(lake, 0, 0);
    assert_int_equal(head, head_of(lake));
    tarn_lake_close(lake);
}

/* --- what goes --- */

static int files_in(tarn_lake *lake, const char *folder)
{
    char command[4096];
    int count = -1;
    (void)snprintf(command, sizeof command, "find %s/%s -type f | wc -l",
        lake->at.dir, folder);
    FILE *p = popen(command, "r");
    assert_int_equal(1, fscanf(p, "%d", &count));
    pclose(p);
    return count;
}

static void put_object(tarn_lake *lake, char fill)
{
    tarn_txn *txn = begin(lake);
    txn_object(txn, 1, "f", fill, 70000);
    commit(txn);
}

static void objects_go_with_their_history(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    put_object(lake, 'a');
    put_object(lake, 'b');
    put_object(lake, 'c');
    assert_int_equal(3, files_in(lake, "objects"));
    gc(lake, -1, 0); /* history stays: so do they */
    assert_int_equal(3, files_in(lake, "objects"));
    gc(lake, 0, HOUR_US); /* history goes, they within the grace do not */
    assert_int_equal(3, files_in(lake, "objects"));
    gc(lake, 0, 0);
    assert_int_equal(1, files_in(lake, "objects"));
    is_sound(lake);
    tarn_lake_close(lake);
}

static void what_no_commit_names_goes_after_the_grace(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put_object(lake, 'a');
    /* As killed writers leave them, one of them half written. */
    sandbox_write_text(state, "lake/log/data/half.parquet", "PAR1 and no more");
    sandbox_write_text(state,
        "lake/objects/aa/"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "not named");
    sandbox_write_text(state, "lake/objects/aa/stray", "no object");
    sandbox_mkdir(state, "lake/objects/folder");
    sandbox_mkdir(state, "lake/log/data/folder");
    gc(lake, -1, HOUR_US);
    assert_int_equal(2, files_in(lake, "log/data"));
    assert_int_equal(3, files_in(lake, "objects"));
    shell("touch -d '2 hours ago' %s/log/data/half.parquet %s/objects/aa/*",
        dir, dir);
    gc(lake, -1, HOUR_US);
    assert_int_equal(1, files_in(lake, "log/data"));
    assert_int_equal(1, files_in(lake, "objects"));
    is_sound(lake);
    tarn_lake_close(lake);
}

static void a_lake_in_a_folder_of_odd_name(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = sandbox_path(state, "a=1/la[k]e *?'x");
    ok(tarn_lake_init(dir, NULL, &err), &err);
    tarn_lake *lake = lake_open(dir);
    int64_t version;
    put_object(lake, 'a');
    put_object(lake, 'b');
    put(lake, "a", "1");
    ok(tarn_lake_compact(lake, &version, &err), &err);
    gc(lake, 0, 0);
    ok(tarn_lake_rebuild(lake, "key", &err), &err);
    has(lake, "a", "1");
    is_sound(lake);
    tarn_lake_close(lake);
}

/* False: all took longer than the gap in the history, so that an age may have
 * cut elsewhere the second time. */
static bool dry_run_is_right(void **state, int round, int64_t gap_us)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    shell("rm -rf %s", sandbox_path(state, "lake"));
    tarn_lake *lake = lake_open(lake_make(state));
    tree *t = new_tree();
    grow(lake, t, 5);
    tarn__sleep_us(gap_us);
    grow(lake, t, 5);
    options.grace_us = round % 2 ? HOUR_US : 0;
    options.retain_forever = round == 2;
    int64_t begin = tarn__monotonic_us();
    options.retain_us = age(lake, 5);
    options.dry_run = true;
    int64_t head = head_of(lake);
    int files = files_in(lake, "log/data");
    char *said = gc_text(lake, &options);
    assert_int_equal(head, head_of(lake));
    assert_int_equal(files, files_in(lake, "log/data"));
    is_sound(lake);
    options.dry_run = false;
    char *did = gc_text(lake, &options);
    bool in_time = tarn__monotonic_us() - begin < gap_us;
    if (in_time)
        assert_string_equal(said, did);
    tarn_free(said);
    tarn_free(did);
    tarn__free(t);
    tarn_lake_close(lake);
    return in_time;
}

static void a_dry_run_says_what_gc_then_does(void **state)
{
    seed_from_environment();
    for (int round = 0; round < 3; round++)
        for (int64_t gap_us = 1000000; !dry_run_is_right(state, round, gap_us);
             gap_us *= 4)
            continue;
}

static void a_dry_run_of_the_head_alone_is_exact(void **state)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    tarn_lake *lake = lake_open(lake_make(state));
    put_object(lake, 'a');
    put_object(lake, 'b');
    put(lake, "a", "1");
    put(lake, "a", "2");
    options.retain_forever = false;
    options.grace_us = 0;
    options.dry_run = true;
    char *said = gc_text(lake, &options);
    options.dry_run = false;
    char *did = gc_text(lake, &options);
    assert_string_equal(said, did);
    assert_non_null(strstr(did, "operations|2|0\n"));
    assert_non_null(strstr(did, "log files|2|"));
    assert_non_null(strstr(did, "objects|1|70000\n"));
    tarn_free(said);
    tarn_free(did);
    tarn_lake_close(lake);
}

/* --- pins --- */

/* Holds a snapshot of version 2 until the other end of `in` is closed. */
static int pins_two(const char *dir, int in, int out)
{
    tarn_lake *lake = lake_open(dir);
    tarn_snapshot *snap = pin_version(lake, 2);
    char byte;
    (void)!write(out, "r", 1);
    (void)!read(in, &byte, 1);
    snap_has(snap, "a", "2");
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    return 0;
}

static void a_pin_of_another_process_holds_gc_back(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    int ready[2], over[2];
    char byte;
    put(lake, "a", "1");
    put(lake, "a", "2");
    put_object(lake, 'a');
    put_object(lake, 'b');
    put(lake, "a", "3");
    make_pipe(ready);
    make_pipe(over);
    pid_t pid = child("pins_two", dir, over[0], ready[1]);
    close(over[0]);
    close(ready[1]);
    assert_int_equal(1, read(ready[0], &byte, 1));
    gc(lake, 0, 0);
    assert_int_equal(2, horizon_of(lake));
    has_at(lake, 2, "a", "2");
    not_readable(lake, 1);
    assert_int_equal(2, files_in(lake, "objects"));
    close(over[1]);
    close(ready[0]);
    child_succeeds(pid);
    gc(lake, 0, 0);
    not_readable(lake, 2);
    has(lake, "a", "3");
    assert_int_equal(1, files_in(lake, "objects"));
    assert_int_equal(0, files_in(lake, "tmp/pins"));
    is_sound(lake);
    tarn_lake_close(lake);
}

static void pins_of_this_handle_hold_gc_back(void **state)
{
    tarn_lake *lake = lake_open(lake_make(state));
    put(lake, "a", "1");
    tarn_snapshot *snap = pin_version(lake, TARN_LATEST);
    put(lake, "a", "2");
    gc(lake, 0, 0);
    snap_has(snap, "a", "1");
    assert_int_equal(1, horizon_of(lake));
    tarn_snapshot_free(snap);
    assert_int_equal(0, files_in(lake, "tmp/pins"));
    tarn_lake_close(lake);
}

/* A transaction pins nothing: what it cannot see any more it must not miss
 * silently. */
static void a_transaction_below_the_horizon_is_told(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf value = TARN_BUF_INIT;
    tarn_lake *lake = lake_open(lake_make(state));
    put(lake, "a", "1");
    tarn_txn *txn = begin(lake);
    txn_put(txn, "b", "1");
    put(lake, "a", "2");
    gc(lake, 0, 0);
    refused(TARN_NOT_FOUND,
        tarn_state_get(tarn_txn_snapshot(txn), "s", "a", &value, &err), &err,
        "removed by gc");
    commit(txn); /* its steps are taken again on the head */
    has(lake, "a", "2");
    has(lake, "b", "1");
    tarn_buf_reset(&value);
    tarn_lake_close(lake);
}

/* --- failing and killed --- */

static void gc_that_fails_anywhere_harms_nothing(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    bool passed = false;
    for (int64_t n = 1; !passed; n += 1 + n / 2) {
        tarn_gc_options options = TARN_GC_OPTIONS_INIT;
        tarn_rows *rows = NULL;
        int64_t version;
        shell("rm -rf %s", sandbox_path(state, "lake"));
        const char *dir = lake_make(state);
        tarn_lake *lake = lake_open(dir);
        put_object(lake, 'a');
        put_object(lake, 'b');
        put(lake, "a", "1");
        put(lake, "a", "2");
        options.retain_forever = false;
        options.grace_us = 0;
        tarn__fault_io(n, EIO, n % 2 == 0);
        tarn_status st = tarn_lake_gc(lake, &options, &version, &rows, &err);
        passed = tarn__fault_io_count() < n;
        tarn__fault_io(0, 0, false);
        assert_true(st == TARN_OK || rows == NULL);
        tarn_rows_free(rows);
        if (n % 3 == 0) { /* the handle goes on, or a new one */
            tarn_lake_close(lake);
            lake = lake_open(dir);
        }
        has(lake, "a", "2");
        is_sound(lake);
        tarn_lake_close(lake);
        lake = lake_open(dir);
        gc(lake, 0, 0); /* and the next one ends what that began */
        has(lake, "a", "2");
        not_readable(lake, 1);
        assert_int_equal(1, files_in(lake, "objects"));
        is_sound(lake);
        tarn_lake_close(lake);
        assert_true(n < 5000);
    }
}

/* Each call of the deleting half, one after the other. */
static void no_failure_makes_gc_delete_what_the_log_names(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(lake_make(state));
    put_object(lake, 'a');
    bool passed = false;
    for (int64_t n = 1; !passed; n++) {
        tarn_gc_options options = TARN_GC_OPTIONS_INIT;
        tarn_rows *rows = NULL;
        int64_t version;
        options.grace_us = 0;
        tarn__fault_io(n, EIO, false);
        tarn_status st = tarn_lake_gc(lake, &options, &version, &rows, &err);
        passed = tarn__fault_io_count() < n;
        tarn__fault_io(0, 0, false);
        assert_true(st == TARN_OK || rows == NULL);
        tarn_rows_free(rows);
        assert_int_equal(1, files_in(lake, "objects"));
        assert_true(n < 500);
    }
    is_sound(lake);
    tarn_lake_close(lake);
}

/* A reader pins version 1; the files of its log are merged into another since.
 * Each call and each allocation fails in turn. */
static void no_failure_makes_gc_take_what_a_reader_needs(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(lake_make(state));
    int64_t version;
    put_object(lake, 'a');
    tarn_snapshot *snap = pin_version(lake, 1);
    put_object(lake, 'b');
    ok(tarn_lake_compact(lake, &version, &err), &err);
    const int files = files_in(lake, "log/data");
    assert_int_equal(3, files);
    for (int kind = 0; kind < 2; kind++) {
        bool passed = false;
        for (int64_t n = 1; !passed; n++) {
            tarn_gc_options options = TARN_GC_OPTIONS_INIT;
            tarn_rows *rows = NULL;
            options.grace_us = 0;
            if (kind == 0)
                tarn__fault_io(n, EIO, false);
            else
                tarn__fault_alloc(n, false);
            (void)!tarn_lake_gc(lake, &options, &version, &rows, &err);
            passed = (kind == 0 ? tarn__fault_io_count()
                                : tarn__fault_alloc_count()) < n;
            tarn__fault_io(0, 0, false);
            tarn__fault_alloc(0, false);
            tarn_rows_free(rows);
            assert_true(n < 2000);
        }
        /* What went does not come back. */
        assert_int_equal(2, files_in(lake, "objects"));
        assert_int_equal(files, files_in(lake, "log/data"));
    }
    tarn_snapshot_free(snap);
    is_sound(lake);
    tarn_lake_close(lake);
}

/* Killed after the rewriting's commit, before the view is made anew: the view
 * holds more than the log. */
static void a_gc_killed_before_the_view_is_made_anew(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    put(lake, "a", "1");
    put(lake, "a", "2");
    ok(tarn__writer_take(lake, 0, &err), &err);
    ok(tarn__view_mark_excess(&lake->view, &err), &err);
    tarn__writer_release(lake);
    tarn__writer_give(lake);
    tarn_lake_close(lake);
    shell("cp -r %s/views/key %s/excess", dir, dir);
    lake = lake_open(dir);
    assert_true(!lake->view.applied.excess);
    gc(lake, 0, 0);
    tarn_lake_close(lake);
    /* A view from before it, marked, beside the log after it. */
    shell("rm -r %s/views/key && mv %s/excess %s/views/key", dir, dir, dir);
    lake = lake_open(dir);
    has(lake, "a", "2");
    assert_false(lake->view.applied.excess);
    assert_int_equal(2, lake->view.applied.horizon);
    not_readable(lake, 1);
    is_sound(lake);
    tarn_lake_close(lake);
}

/* --- compaction, checkpoints --- */

static void compaction_keeps_every_version(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    tree *t = new_tree();
    char *before[21];
    size_t len[21];
    int64_t version;

    seed_from_environment();
    grow(lake, t, 20);
    for (int v = 0; v <= 20; v++)
        before[v] = dump(lake, v, &len[v]);
    ok(tarn_lake_compact(lake, &version, &err), &err);
    assert_int_equal(21, version);
    ok(tarn_lake_compact(lake, &version, &err), &err);
    assert_int_equal(-1, version);
    gc(lake, -1, 0);
    assert_int_equal(1, files_in(lake, "log/data"));
    tarn_lake_close(lake);
    shell("rm -r %s/views/key", dir);
    lake = lake_open(dir);
    for (int v = 0; v <= 20; v++) {
        size_t now_len;
        char *now = dump(lake, v, &now_len);
        assert_int_equal(len[v], now_len);
        assert_memory_equal(before[v], now, now_len);
        tarn_free(now);
        tarn_free(before[v]);
    }
    is_sound(lake);
    tarn__free(t);
    tarn_lake_close(lake);
}

static tarn_status count_op(void *arg, const tarn__op *op, tarn_error *err)
{
    (void)op;
    (void)err;
    (*(int *)arg)++;
    return TARN_OK;
}

/* The small files of old versions are gone; their rows are not. */
static void history_is_read_after_its_files_were_merged(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(lake_make(state));
    int64_t version;
    int count = 0;
    for (int i = 0; i < 6; i++)
        put(lake, "a", i % 2 ? "x" : "y");
    ok(tarn_lake_compact(lake, &version, &err), &err);
    gc(lake, -1, 0);
    ok(tarn__lake_ops(lake, 2, 4, NULL, true, count_op, &count, &err), &err);
    assert_int_equal(3, count);
    tarn_lake_close(lake);
}

static void checkpoints_come_by_themselves(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    for (int i = 0; i < 230; i++)
        put(lake, "a", i % 2 ? "x" : "y");
    tarn_lake_close(lake);
    shell("test $(ls %s/log/_delta_log/*.checkpoint.parquet | wc -l) = 2", dir);
    shell("rm -r %s/views/key", dir);
    lake = lake_open(dir);
    has(lake, "a", "x");
    is_sound(lake);
    tarn_lake_close(lake);
}

int main(int argc, char **argv)
{
    static const child_fn children[] = {{"pins_two", pins_two}};
    int status;
    if (is_child(argc, argv, children, 1, &status))
        return status;
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(every_kept_version_reads_as_before),
        sandbox_test(retain_nothing_keeps_the_head_alone),
        sandbox_test(a_second_gc_finds_nothing_to_do),
        sandbox_test(objects_go_with_their_history),
        sandbox_test(what_no_commit_names_goes_after_the_grace),
        sandbox_test(a_lake_in_a_folder_of_odd_name),
        sandbox_test(a_dry_run_says_what_gc_then_does),
        sandbox_test(a_dry_run_of_the_head_alone_is_exact),
        sandbox_test(a_pin_of_another_process_holds_gc_back),
        sandbox_test(pins_of_this_handle_hold_gc_back),
        sandbox_test(a_transaction_below_the_horizon_is_told),
        sandbox_test(gc_that_fails_anywhere_harms_nothing),
        sandbox_test(no_failure_makes_gc_delete_what_the_log_names),
        sandbox_test(no_failure_makes_gc_take_what_a_reader_needs),
        sandbox_test(a_gc_killed_before_the_view_is_made_anew),
        sandbox_test(compaction_keeps_every_version),
        sandbox_test(history_is_read_after_its_files_were_merged),
        sandbox_test(checkpoints_come_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
