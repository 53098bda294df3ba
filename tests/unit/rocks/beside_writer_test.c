/* Readers that open while a writer in another process flushes. */
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/file.h"
#include "os/process.h"
#include "unit/rocks/rig.h"

#define OPENS 200
#define FLUSH_EVERY 20

/* The writer: counts upward in both families, and says in `told` how far it
 * has come.  Killed when the readers have seen enough. */
static int write_for_ever(const char *path, const char *told)
{
    tarn__rocks_options keeping = defaults;
    tarn__rocks *db;
    tarn__file file;
    keeping.keep_files = true;
    if (tarn__rocks_open(path, &keeping, &db, NULL) != TARN_OK ||
        tarn__file_open(&file, told, TARN__OPEN_TRUNCATE, NULL) != TARN_OK)
        return 1;
    for (uint64_t n = 1;; n++) {
        tarn_slice count = {(const char *)&n, sizeof n};
        for (size_t f = 0; f < FAMILIES; f++)
            if (tarn__rocks_put(db, f, tarn_str("count"), count, NULL) !=
                TARN_OK)
                return 1;
        if (tarn__file_write_at(&file, 0, &n, sizeof n, NULL) != TARN_OK)
            return 1;
        if (n % FLUSH_EVERY == 0 && tarn__rocks_flush(db, NULL) != TARN_OK)
            return 1;
    }
}

static pid_t start_writer(const char *path, const char *told)
{
    char *const argv[] = {(char *)"writer", (char *)path, (char *)told, NULL};
    pid_t child = fork();
    if (child == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* when an assertion fails */
        execv("/proc/self/exe", argv);
        _exit(99);
    }
    return child;
}

/* How far the writer has come; 0 at first. */
static uint64_t told_in(const char *path)
{
    uint64_t n = 0;
    size_t got;
    tarn__file file;
    if (tarn__file_open(&file, path, TARN__OPEN_READ, NULL) != TARN_OK)
        return 0;
    assert_int_equal(
        TARN_OK, tarn__file_read_at(&file, 0, &n, sizeof n, &got, NULL));
    tarn__file_close(&file);
    return got == sizeof n ? n : 0;
}

static uint64_t count_in(tarn__rocks *db, size_t family)
{
    uint64_t n = 0;
    bool found;
    tarn_buf buf = TARN_BUF_INIT;
    assert_int_equal(TARN_OK,
        tarn__rocks_get(db, family, tarn_str("count"), &buf, &found, NULL));
    if (found)
        memcpy(&n, buf.ptr, sizeof n);
    tarn_buf_reset(&buf);
    return n;
}

static void no_row_is_missed_where_files_are_kept(void **state)
{
    const char *path = sandbox_path(state, "db");
    const char *told = sandbox_path(state, "told");
    pid_t writer = start_writer(path, told);
    for (int i = 0; i < 30000 && told_in(told) == 0; i++)
        tarn__sleep_us(2000);
    for (int i = 0; i < OPENS; i++) {
        uint64_t before = told_in(told);
        assert_true(before > 0);
        tarn__rocks *db = open_reader(state);
        for (size_t f = 0; f < FAMILIES; f++)
            assert_true(count_in(db, f) >= before);
        tarn__rocks_close(db);
    }
    int status;
    kill(writer, SIGKILL);
    assert_int_equal(writer, waitpid(writer, &status, 0));
    assert_true(WIFSIGNALED(status));
}

/* With two paths: be the writer. */
int main(int argc, char **argv)
{
    if (argc == 3)
        return write_for_ever(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        sandbox_test(no_row_is_missed_where_files_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
