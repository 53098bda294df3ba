/* This process: who it is, when it began, and whether it was told to stop. */
#include "os/process.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <tarn/progress.h>
#include <time.h>
#include <unistd.h>

#include "os/proc_internal.h"

/* The one piece of state that is not a handle's: a signal has no handle. */
static atomic_bool interrupted;

int64_t tarn__pid(void)
{
    return (int64_t)getpid();
}

int64_t tarn__user_id(void)
{
    return (int64_t)getuid();
}

uint64_t tarn__process_start(int64_t pid)
{
    char path[64];
    char text[2048];
    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    if (!tarn__proc_read(path, text, sizeof text))
        return 0;
    /* Field 22, counted after the name, which may hold ')' and spaces. */
    char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    return at != NULL ? strtoull(at, NULL, 10) : 0;
}

bool tarn__process_alive(int64_t pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

const char *tarn__hostname(char *buf, size_t len)
{
    if (gethostname(buf, len) < 0)
        (void)snprintf(buf, len, "localhost");
    buf[len - 1] = '\0';
    return buf;
}

const char *tarn__env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

bool tarn__is_terminal(int fd)
{
    return isatty(fd) == 1;
}

int tarn__terminal_columns(void)
{
    static const int fds[] = {STDOUT_FILENO, STDERR_FILENO};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        struct winsize size;
        if (ioctl(fds[i], TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            return size.ws_col;
    }
    return 0;
}

void tarn__sleep_us(int64_t us)
{
    if (us <= 0)
        return;
    struct timespec left = {
        .tv_sec = (time_t)(us / 1000000), .tv_nsec = us % 1000000 * 1000};
    while (
        nanosleep(&left, &left) < 0 && errno == EINTR && !tarn__interrupted())
        continue;
}

void tarn_interrupt(bool stop)
{
    atomic_store(&interrupted, stop);
}

bool tarn__interrupted(void)
{
    return atomic_load(&interrupted);
}
