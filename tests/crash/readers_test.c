/* Eight readers beside a writer, each a process: every reader sees whole
 * commits only, never an older one than before, and none fails. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <tarn/tree.h>

#include "crash/support/run.h"
#include "support/sandbox.h"

#define READERS 8
#define LARGE 70000 /* an object, not inline */
#define CONTENT_MAX ((size_t)1 << 20)

static int complain(const char *who, const char *what)
{
    fprintf(stderr, "%s: %s\n", who, what);
    return 1;
}

/* --- the writer --- */

/* Commit n: two files and a state say n, one of the files at length now and
 * then. */
static tarn_status write_one(tarn_lake *lake, long n, tarn_error *err)
{
    static char text[LARGE];
    tarn_txn *txn = NULL;
    int len = snprintf(text, sizeof text, "%ld", n);
    tarn_slice number = {text, (size_t)len};
    tarn_slice padded = number;
    if (n % 16 == 0) {
        memset(text + len, '.', sizeof text - (size_t)len);
        padded.len = sizeof text;
    }
    tarn_status st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st != TARN_OK)
        return st;
    st = tarn_tree_put_bytes(txn, "/x/a", number, NULL, err);
    if (st == TARN_OK)
        st = tarn_tree_put_bytes(txn, "/y/b", padded, NULL, err);
    if (st == TARN_OK)
        st = tarn_state_put(txn, "s", "n", number, err);
    if (st == TARN_OK)
        return tarn_txn_commit(txn, NULL, err);
    tarn_txn_abort(txn);
    return st;
}

static int writer_main(const char *dir, long until)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    int64_t version;
    long n = 1;
    tarn_status st = tarn_lake_open(dir, NULL, &lake, &err);
    for (; st == TARN_OK && run_now_ms() < until; n++) {
        st = write_one(lake, n, &err);
        if (st == TARN_OK && n % 100 == 0)
            st = tarn_lake_compact(lake, &version, &err);
        if (st == TARN_OK && n % 50 == 0) {
            tarn_lake_close(lake);
            st = tarn_lake_open(dir, NULL, &lake, &err);
        }
    }
    tarn_lake_close(lake);
    printf("%ld commits\n", n - 1);
    return st == TARN_OK ? 0 : complain("writer", err.message);
}

/* --- a reader --- */

static tarn_status read_number(
    tarn_snapshot *snap, const char *path, long *out, tarn_error *err)
{
    tarn_buf buf = TARN_BUF_INIT;
    tarn_status st = strchr(path, '/') != NULL
        ? tarn_tree_read(snap, path, CONTENT_MAX, &buf, err)
        : tarn_state_get(snap, "s", path, &buf, err);
    if (st == TARN_OK)
        *out = strtol(buf.ptr, NULL, 10);
    tarn_buf_reset(&buf);
    return st;
}

/* *n is what the newest version says, all three places of it. */
static tarn_status read_one(
    tarn_lake *lake, long *n, int64_t *version, tarn_error *err)
{
    tarn_snapshot *snap = NULL;
    long a = -1;
    long b = -1;
    long state = -1;
    tarn_status st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = read_number(snap, "/x/a", &a, err);
    if (st == TARN_OK)
        st = read_number(snap, "/y/b", &b, err);
    if (st == TARN_OK)
        st = read_number(snap, "n", &state, err);
    if (st == TARN_OK && (a != b || a != state)) {
        (void)snprintf(err->message, sizeof err->message,
            "half a commit at version %" PRId64 ": %ld, %ld, %ld",
            tarn_snapshot_version(snap), a, b, state);
        st = TARN_CORRUPT;
    }
    *n = a;
    *version = st == TARN_OK ? tarn_snapshot_version(snap) : -1;
    tarn_snapshot_free(snap);
    return st;
}

static int reader_main(const char *dir, long until, bool reopen)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    long before = 0;
    int64_t version_before = 0;
    long count = 0;
    tarn_status st = tarn_lake_open(dir, NULL, &lake, &err);
    for (; st == TARN_OK && run_now_ms() < until; count++) {
        long n;
        int64_t version;
        st = read_one(lake, &n, &version, &err);
        if (st != TARN_OK)
            break;
        if (n < before || version < version_before)
            return complain("reader", "went back in time");
        before = n;
        version_before = version;
        if (reopen) {
            tarn_lake_close(lake);
            st = tarn_lake_open(dir, NULL, &lake, &err);
        }
    }
    tarn_lake_close(lake);
    if (count < 2 || before < 2)
        return complain("reader", "saw nothing happen");
    return st == TARN_OK ? 0 : complain("reader", err.message);
}

/* --- the test --- */

static pid_t start(const char *role, const char *dir, long until)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%ld", until);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *const argv[] = {run_self(), role, dir, text, NULL};
        run_become(argv);
    }
    return pid;
}

static void readers_see_whole_commits_only(void **state)
{
    pid_t pids[READERS + 1];
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    const char *dir = sandbox_path(state, "lake");
    int seconds = getenv("TARN_LONG") != NULL ? 60 : 5;
    assert_int_equal(TARN_OK, tarn_lake_init(dir, NULL, &err));
    assert_int_equal(TARN_OK, tarn_lake_open(dir, NULL, &lake, &err));
    assert_int_equal(TARN_OK, write_one(lake, 1, &err));
    tarn_lake_close(lake);
    long until = run_now_ms() + seconds * 1000L;
    for (int i = 0; i < READERS; i++)
        pids[i] = start(i % 2 == 0 ? "reader" : "reopener", dir, until);
    pids[READERS] = start("writer", dir, until);
    int failed = 0;
    for (int i = 0; i <= READERS; i++)
        failed += run_wait(pids[i], seconds + 600) != 0;
    assert_int_equal(0, failed);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(readers_see_whole_commits_only),
    };
    if (argc == 4) {
        long until = strtol(argv[3], NULL, 10);
        if (strcmp(argv[1], "writer") == 0)
            return writer_main(argv[2], until);
        return reader_main(argv[2], until, strcmp(argv[1], "reopener") == 0);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
