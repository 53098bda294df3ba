/* os/process.h, os/fault.h, os/threads.h */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <tarn/progress.h>
#include <unistd.h>

#include "base/time.h"
#include "os/fault.h"
#include "os/process.h"
#include "os/threads.h"
#include "support/sandbox.h"

static void the_start_of_a_process_is_its_own(void **state)
{
    (void)state;
    uint64_t mine = tarn__process_start(tarn__pid());
    assert_true(mine > 0);
    assert_int_equal(mine, tarn__process_start(getpid()));
    assert_true(tarn__process_start(1) < mine);
    assert_int_equal(0, tarn__process_start(-1));
}

static void a_reaped_process_is_not_alive(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    assert_int_equal(child, waitpid(child, NULL, 0));
    assert_false(tarn__process_alive(child));
    assert_false(tarn__process_alive(0));
    assert_false(tarn__process_alive(-1));
    assert_true(tarn__process_alive(getpid()));
    assert_true(tarn__process_alive(1));
}

static void an_empty_variable_is_unset(void **state)
{
    (void)state;
    setenv("TARN_TEST_VARIABLE", "", 1);
    assert_null(tarn__env("TARN_TEST_VARIABLE"));
    setenv("TARN_TEST_VARIABLE", "x", 1);
    assert_string_equal("x", tarn__env("TARN_TEST_VARIABLE"));
    unsetenv("TARN_TEST_VARIABLE");
    assert_null(tarn__env("TARN_TEST_VARIABLE"));
}

static void the_machine_has_memory_and_processors(void **state)
{
    char name[256];
    (void)state;
    assert_true(tarn__memory_bytes() > (64U << 20));
    assert_true(tarn__cpu_count() >= 1);
    assert_true(strlen(tarn__hostname(name, sizeof name)) > 0);
    assert_true(strlen(tarn__hostname(name, 3)) <= 2);
}

static void peak_memory_grows_with_use(void **state)
{
    enum { BYTES = 32 << 20 };
    (void)state;
    uint64_t before = tarn__peak_memory_bytes();
    char *map = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(map != MAP_FAILED);
    memset(map, 1, BYTES);
    assert_true(tarn__peak_memory_bytes() >= before + BYTES / 2);
    munmap(map, BYTES);
    assert_true(tarn__peak_memory_bytes() >= before + BYTES / 2);
}

static void sleeping_takes_the_time(void **state)
{
    (void)state;
    int64_t began = tarn__monotonic_us();
    tarn__sleep_us(3000);
    tarn__sleep_us(-1);
    assert_true(tarn__monotonic_us() - began >= 3000);
}

static void on_signal(int number)
{
    (void)number;
    tarn_interrupt(true);
}

static void an_interrupt_is_noted_until_it_is_taken_back(void **state)
{
    (void)state;
    struct sigaction mine = {.sa_handler = on_signal};
    struct sigaction before;
    assert_int_equal(0, sigaction(SIGTERM, &mine, &before));
    assert_false(tarn__interrupted());
    assert_int_equal(0, raise(SIGTERM));
    assert_true(tarn__interrupted());
    tarn_interrupt(false);
    assert_false(tarn__interrupted());
    assert_int_equal(0, sigaction(SIGTERM, &before, NULL));
}

static void a_pipe_is_no_terminal(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(0, pipe(ends));
    assert_false(tarn__is_terminal(ends[0]));
    close(ends[0]);
    close(ends[1]);
    assert_true(tarn__terminal_columns() >= 0);
}

static void a_local_disk_is_no_network(void **state)
{
    const char *name = "x";
    assert_false(tarn__is_network_fs(sandbox_dir(state), &name));
    assert_null(name);
    assert_false(tarn__is_network_fs(sandbox_path(state, "not/yet"), &name));
    assert_false(tarn__is_network_fs("not/yet/either", &name));
    assert_false(tarn__is_network_fs("", &name));
    assert_true(tarn__free_bytes(sandbox_dir(state)) > 0);
    assert_int_equal(0, tarn__free_bytes(sandbox_path(state, "no")));
}

static void a_fault_hits_the_nth_call_once_or_for_good(void **state)
{
    (void)state;
    assert_int_equal(0, tarn__fault_io_next());
    tarn__fault_io(2, EIO, false);
    assert_int_equal(0, tarn__fault_io_next());
    assert_int_equal(EIO, tarn__fault_io_next());
    assert_int_equal(0, tarn__fault_io_next());
    assert_int_equal(3, tarn__fault_io_count());
    tarn__fault_io(2, ENOSPC, true);
    assert_int_equal(0, tarn__fault_io_next());
    assert_int_equal(ENOSPC, tarn__fault_io_next());
    assert_int_equal(ENOSPC, tarn__fault_io_next());
    tarn__fault_io(0, 0, false);
    assert_int_equal(0, tarn__fault_io_next());
}

typedef struct counter {
    tarn__mutex mutex;
    int value;
} counter;

static void *count_up(void *arg)
{
    counter *c = arg;
    for (int i = 0; i < 20000; i++) {
        tarn__mutex_lock(&c->mutex);
        c->value++;
        tarn__mutex_unlock(&c->mutex);
    }
    return NULL;
}

static void a_mutex_excludes(void **state)
{
    counter c = {.value = 0};
    pthread_t threads[2];
    (void)state;
    tarn__mutex_init(&c.mutex);
    for (int i = 0; i < 2; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, count_up, &c));
    for (int i = 0; i < 2; i++)
        assert_int_equal(0, pthread_join(threads[i], NULL));
    tarn__mutex_free(&c.mutex);
    assert_int_equal(40000, c.value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        sandbox_test(the_start_of_a_process_is_its_own),
        sandbox_test(a_reaped_process_is_not_alive),
        sandbox_test(an_empty_variable_is_unset),
        sandbox_test(the_machine_has_memory_and_processors),
        sandbox_test(peak_memory_grows_with_use),
        sandbox_test(sleeping_takes_the_time),
        sandbox_test(an_interrupt_is_noted_until_it_is_taken_back),
        sandbox_test(a_pipe_is_no_terminal),
        sandbox_test(a_local_disk_is_no_network),
        sandbox_test(a_fault_hits_the_nth_call_once_or_for_good),
        sandbox_test(a_mutex_excludes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
