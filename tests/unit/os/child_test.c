/* os/child.h */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "os/child.h"
#include "support/sandbox.h"

static tarn__child shell(void **state, const char *script)
{
    static const char *const env[] = {"PEAK=high", NULL};
    const char *const argv[] = {"sh", "-c", script, NULL};
    const tarn__child_options options = {argv, env, sandbox_dir(state)};
    tarn__child child;
    tarn_error err = TARN_ERROR_INIT;
    if (tarn__child_start(&child, &options, &err) != TARN_OK)
        fail_msg("%s", err.message);
    return child;
}

/* All that one of its pipes gives. */
static const char *all_of(tarn__child *child, int *pipe)
{
    static char text[4096];
    size_t len = 0;
    size_t got = 1;
    while (got > 0) {
        assert_int_equal(TARN_OK,
            tarn__child_read(
                child, pipe, text + len, sizeof text - 1 - len, &got, NULL));
        len += got;
    }
    text[len] = '\0';
    return text;
}

static void a_program_reads_and_writes(void **state)
{
    size_t done;
    tarn__child child = shell(state, "tr a-z A-Z; echo $PEAK >&2; exit 3");
    assert_int_equal(
        TARN_OK, tarn__child_write(&child, "tarn\n", 5, &done, NULL));
    assert_int_equal(5, done);
    tarn__child_close_in(&child);
    assert_string_equal("TARN\n", all_of(&child, &child.out));
    assert_string_equal("high\n", all_of(&child, &child.err));
    assert_true(tarn__child_ended(&child, 5000000));
    assert_int_equal(3, child.code);
    tarn__child_stop(&child, 0);
}

static void it_runs_in_the_folder_asked_for(void **state)
{
    tarn__child child = shell(state, "pwd -P");
    char real[4200];
    assert_non_null(realpath(sandbox_dir(state), real));
    (void)strcat(real, "\n");
    assert_string_equal(real, all_of(&child, &child.out));
    tarn__child_stop(&child, 1000000);
}

static void a_program_that_is_not_there_is_told(void **state)
{
    (void)state;
    const char *const argv[] = {"no-such-program-there", NULL};
    const tarn__child_options options = {argv, NULL, NULL};
    tarn__child child;
    tarn_error err = TARN_ERROR_INIT;
    assert_int_equal(TARN_NOT_FOUND, tarn__child_start(&child, &options, &err));
    assert_non_null(strstr(err.message, "no-such-program-there"));
    tarn__child_stop(&child, 0);
}

/* What it started goes with it, also when it does not listen to SIGTERM. */
static void stopping_ends_the_whole_group(void **state)
{
    tarn__child child = shell(state,
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; sleep 600' & wait");
    char line[64];
    size_t got;
    assert_int_equal(TARN_OK,
        tarn__child_read(
            &child, &child.out, line, sizeof line - 1, &got, NULL));
    line[got] = '\0';
    int grandchild = atoi(line);
    assert_true(grandchild > 1);
    assert_int_equal(0, kill(grandchild, 0));
    tarn__child_stop(&child, 100000);
    assert_int_equal(137, child.code);
    /* Whoever takes in orphans may need a moment. */
    for (int i = 0; i < 6000 && kill(grandchild, 0) == 0; i++) {
        char path[64];
        char stat[512] = "";
        (void)snprintf(path, sizeof path, "/proc/%d/stat", grandchild);
        FILE *in = fopen(path, "r");
        if (in != NULL) {
            stat[fread(stat, 1, sizeof stat - 1, in)] = '\0';
            (void)fclose(in);
        }
        if (strstr(stat, ") Z ") != NULL)
            return;
        (void)usleep(10000);
    }
    assert_int_equal(-1, kill(grandchild, 0));
}

/* Until it is stopped, which signals a group by that number. */
static void the_number_of_one_that_has_ended_stays_taken(void **state)
{
    tarn__child child = shell(state, "exit 3");
    pid_t pid = (pid_t)child.pid;
    assert_true(tarn__child_ended(&child, 60000000));
    assert_int_equal(3, child.code);
    assert_int_equal(0, kill(pid, 0));
    tarn__child_stop(&child, 0);
    assert_int_equal(3, child.code);
    assert_int_equal(-1, kill(pid, 0));
}

static void writing_to_one_that_reads_no_more_is_no_signal(void **state)
{
    size_t done = 1;
    tarn__child child = shell(state, "exec <&-; echo closed; sleep 60");
    char line[16];
    size_t got;
    assert_int_equal(TARN_OK,
        tarn__child_read(&child, &child.out, line, sizeof line, &got, NULL));
    assert_int_equal(TARN_OK, tarn__child_write(&child, "x", 1, &done, NULL));
    assert_int_equal(0, done);
    assert_int_equal(-1, child.in);
    tarn__child_stop(&child, 1000000);
    assert_int_equal(128 + SIGTERM, child.code);
}

static void a_full_pipe_does_not_make_the_writer_wait(void **state)
{
    static char much[300000];
    size_t done;
    size_t sum = 0;
    tarn__child child = shell(state, "sleep 60");
    do {
        assert_int_equal(
            TARN_OK, tarn__child_write(&child, much, sizeof much, &done, NULL));
        sum += done;
    } while (done > 0);
    assert_true(sum > 0);
    assert_false(tarn__child_wait_ready(&child, true, 10000).in);
    assert_false(tarn__child_ended(&child, 0));
    tarn__child_stop(&child, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(a_program_reads_and_writes),
        sandbox_test(it_runs_in_the_folder_asked_for),
        sandbox_test(a_program_that_is_not_there_is_told),
        sandbox_test(stopping_ends_the_whole_group),
        sandbox_test(the_number_of_one_that_has_ended_stays_taken),
        sandbox_test(writing_to_one_that_reads_no_more_is_no_signal),
        sandbox_test(a_full_pipe_does_not_make_the_writer_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
