/* Readers that open the key view beside a writer that flushes all the time
 * (DESIGN 3, Readers: the hole).  The writer has buffers so small that files
 * come and go with every few commits. */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lake/view.h"
#include "support/sandbox.h"

#define OPENS 500
#define OPENS_WITHOUT_GATE 6000
#define VALUE_BYTES 4000
#define KEYS 400 /* numbers of rows are written round and round */

/* The number of the newest commit that has been acknowledged, in a mapped
 * file. */
typedef atomic_llong shared;

typedef struct rig {
    const char *db, *gate, *file;
    shared *told;
    pid_t writer;
} rig;

static tarn__rocks_options small_buffers(bool keep_files)
{
    tarn__rocks_options options = tarn__view_rocks;
    options.write_buffer_bytes = 65536;
    options.max_wal_bytes = 65536;
    options.keep_files = keep_files;
    return options;
}

static tarn_slice row_key(char buf[16], long long n)
{
    int len = snprintf(buf, 16, "%06lld", n);
    return (tarn_slice){buf, (size_t)len};
}

/* Commit n: row n mod KEYS holds n, and `applied` says n. */
static bool commit(tarn__view *view, tarn__rocks_batch *batch, long long n)
{
    char key[16];
    char value[VALUE_BYTES];
    tarn__applied applied = {.version = n};
    memset(value, (int)(n % 251), sizeof value);
    memcpy(value, &n, sizeof n);
    tarn__rocks_batch_put(batch, view->db, TARN__FAMILY_STATE,
        row_key(key, n % KEYS), (tarn_slice){value, sizeof value});
    tarn__applied_put(batch, view->db, &applied);
    return tarn__rocks_batch_write(view->db, batch, false, NULL) == TARN_OK;
}

static shared *map_told(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(shared)) != 0)
        return NULL;
    void *at =
        mmap(NULL, sizeof(shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    return at != MAP_FAILED ? at : NULL;
}

/* A process of its own from the beginning: RocksDB's threads do not outlive a
 * fork. */
static int write_for_ever(const rig *r, bool gate)
{
    tarn__rocks_options options = small_buffers(gate);
    tarn__view view;
    tarn__rocks_batch *batch;
    if (tarn__view_init(&view, false, NULL) != TARN_OK ||
        tarn__rocks_batch_create(&batch, NULL) != TARN_OK)
        return 1;
    view.rocks = &options;
    if (tarn__view_open_write(&view, r->db, r->gate, NULL) != TARN_OK)
        return 1;
    for (long long n = 0;; n++) {
        if (!commit(&view, batch, n))
            return 1;
        atomic_store(r->told, n);
        if (gate)
            tarn__view_release_files(&view, r->gate);
    }
}

static void start(void **state, rig *r, bool gate)
{
    r->db = sandbox_path(state, "key");
    r->gate = sandbox_path(state, "gate");
    r->file = sandbox_path(state, "told");
    r->told = map_told(r->file);
    assert_non_null(r->told);
    atomic_store(r->told, -1);
    r->writer = fork();
    assert_true(r->writer >= 0);
    if (r->writer == 0) {
        char *const argv[] = {(char *)(uintptr_t)(gate ? "on" : "off"),
            (char *)(uintptr_t)r->db, (char *)(uintptr_t)r->gate,
            (char *)(uintptr_t)r->file, NULL};
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execv("/proc/self/exe", argv);
        _exit(99);
    }
    for (int i = 0; i < 30000 && atomic_load(r->told) < 2 * KEYS; i++)
        (void)usleep(2000);
    assert_true(atomic_load(r->told) >= 2 * KEYS);
}

static void stop(rig *r)
{
    int status;
    assert_int_equal(0, kill(r->writer, SIGKILL));
    assert_int_equal(r->writer, waitpid(r->writer, &status, 0));
    assert_true(WIFSIGNALED(status)); /* it had not given up */
    (void)munmap(r->told, sizeof *r->told);
}

/* Rows that lack the newest commit they should have, `applied` being n. */
static int rows_missing(tarn__view *view, long long n)
{
    int missing = 0;
    tarn_buf value = TARN_BUF_INIT;
    for (long long k = n - KEYS + 1; k <= n; k++) {
        char key[16];
        bool found;
        long long got = -1;
        value.len = 0;
        if (tarn__rocks_get(view->db, TARN__FAMILY_STATE,
                row_key(key, k % KEYS), &value, &found, NULL) == TARN_OK &&
            found)
            memcpy(&got, value.ptr, sizeof got);
        missing += got < k;
    }
    tarn_buf_reset(&value);
    return missing;
}

/* One open.  Negative: it failed. */
static int open_and_look(const rig *r, bool gate)
{
    tarn__rocks_options options = small_buffers(true);
    tarn__view view;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_OK, tarn__view_init(&view, false, NULL));
    view.rocks = &options;
    long long told = atomic_load(r->told);
    int missing = -1;
    if (tarn__view_open_read(
            &view, r->db, gate ? r->gate : "/dev/null", &err) == TARN_OK) {
        missing = rows_missing(&view, view.applied.version);
        if (view.applied.version < told)
            missing += (int)(told - view.applied.version);
    } else if (gate) {
        fprintf(stderr, "%s\n", err.message);
    }
    tarn__view_free(&view);
    return missing;
}

static void no_open_misses_a_row_or_fails(void **state)
{
    rig r;
    int errors = 0;
    int missing = 0;
    start(state, &r, true);
    for (int i = 0; i < OPENS; i++) {
        int n = open_and_look(&r, true);
        errors += n < 0;
        missing += n > 0 ? n : 0;
    }
    long long commits = atomic_load(r.told);
    stop(&r);
    printf("gate on: %d opens beside %lld commits, %d rows missing, %d "
           "errors\n",
        OPENS, commits, missing, errors);
    assert_int_equal(0, errors);
    assert_int_equal(0, missing);
    assert_true(commits > OPENS);
}

static void without_the_gate_rows_are_missed(void **state)
{
    rig r;
    int errors = 0;
    int missing = 0;
    int opens = 0;
    start(state, &r, false);
    /* As many as the others, and on until there is one. */
    while (opens < OPENS || (missing == 0 && opens < OPENS_WITHOUT_GATE)) {
        int n = open_and_look(&r, false);
        opens++;
        errors += n < 0;
        missing += n > 0 ? n : 0;
    }
    stop(&r);
    printf("gate off: %d opens, %d rows missing, %d errors\n", opens, missing,
        errors);
    assert_true(missing > 0);
}

/* With three paths: be the writer. */
int main(int argc, char **argv)
{
    if (argc == 4) {
        rig r = {.db = argv[1], .gate = argv[2], .told = map_told(argv[3])};
        return r.told != NULL ? write_for_ever(&r, strcmp(argv[0], "on") == 0)
                              : 1;
    }
    const struct CMUnitTest tests[] = {
        sandbox_test(no_open_misses_a_row_or_fails),
        sandbox_test(without_the_gate_rows_are_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
