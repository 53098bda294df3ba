#include "cli/host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <tarn/progress.h>
#include <time.h>
#include <unistd.h>

#include "cli/memory.h"

/* A signal handler reaches nothing but statics. */
static atomic_bool interrupted;
/* Readable once a signal came: one that comes between a look at the flag and a
 * wait, or in another thread, ends the wait all the same. */
static int wake[2] = {-1, -1};

const char *tarn__cli_env(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? NULL : value;
}

bool tarn__cli_is_terminal(int fd)
{
    return isatty(fd) == 1;
}

int tarn__cli_columns(int fd)
{
    struct winsize size;
    if (isatty(fd) != 1 || ioctl(fd, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

int64_t tarn__cli_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void tarn__cli_hold_standard_fds(void)
{
    /* Each the wrong way round, but for errors, which nobody wants. */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = CLI_STDIN; fd <= CLI_STDERR; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", modes[fd]) != fd)
            _exit(tarn_exit_code(TARN_FAILED));
}

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    int before = errno;
    atomic_store(&interrupted, true);
    tarn_interrupt(true);
    if (write(wake[1], "", 1) < 0)
        errno = before; /* full: it is readable */
    errno = before;
}

void tarn__cli_catch_signals(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action;
    if (wake[0] < 0 && pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
        wake[0] = wake[1] = -1;
    memset(&action, 0, sizeof(action));
    (void)sigemptyset(&action.sa_mask);
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)SA_RESETHAND; /* no SA_RESTART: reads shall end */
    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
        struct sigaction old;
        /* What nohup or a shell's & switched off stays off. */
        if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(caught[i], &action, NULL);
    }
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    (void)sigaction(SIGPIPE, &action, NULL);
    /* Ignored, as whoever started us may have left it, exit codes of programs
     * that we start would be lost. */
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGCHLD, &action, NULL);
}

bool tarn__cli_interrupted(void)
{
    return atomic_load(&interrupted);
}

void tarn__cli_forget_interrupt(void)
{
    char bytes[64];
    while (read(wake[0], bytes, sizeof(bytes)) > 0)
        continue;
    atomic_store(&interrupted, false);
    tarn_interrupt(false);
    tarn__cli_catch_signals();
}

/* 0, EINTR, or ETIMEDOUT. */
static int wait_readable(int fd, const struct timespec *timeout)
{
    struct pollfd fds[] = {{fd, POLLIN, 0}, {wake[0], POLLIN, 0}};
    for (;;) {
        int n = ppoll(fds, 2, timeout, NULL);
        if (atomic_load(&interrupted))
            return EINTR;
        if (n >= 0)
            return n > 0 ? 0 : ETIMEDOUT;
        if (errno != EINTR)
            return errno;
    }
}

bool tarn__cli_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A pipe that nobody writes to is waited for here: open() would miss a signal
 * that comes just before it. */
int tarn__cli_open_read(const char *path, int *fd)
{
    struct stat st;
    int failed = 0;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0)
        return errno;
    if (fstat(*fd, &st) < 0)
        failed = errno;
    else if (S_ISDIR(st.st_mode))
        failed = EISDIR;
    else if (S_ISFIFO(st.st_mode))
        failed = wait_readable(*fd, NULL);
    if (failed == 0 && fcntl(*fd, F_SETFL, 0) < 0)
        failed = errno;
    if (failed != 0) {
        (void)close(*fd);
        *fd = -1;
    }
    return failed;
}

int tarn__cli_open_write(const char *path, int *fd)
{
    *fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return *fd < 0 ? errno : 0;
}

void tarn__cli_close(int fd)
{
    if (fd > CLI_STDERR)
        (void)close(fd);
}

int tarn__cli_read(int fd, void *ptr, size_t len, size_t *got)
{
    *got = 0;
    for (;;) {
        int failed = wait_readable(fd, NULL);
        if (failed != 0)
            return failed;
        ssize_t n = read(fd, ptr, len);
        if (n >= 0) {
            *got = (size_t)n;
            return 0;
        }
        if (errno != EINTR || atomic_load(&interrupted))
            return errno;
    }
}

int tarn__cli_write(int fd, const void *ptr, size_t len)
{
    const char *at = ptr;
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

int tarn__cli_wait_input(int fd, int64_t timeout_us, bool *ready)
{
    struct timespec timeout = {
        timeout_us / 1000000, timeout_us % 1000000 * 1000};
    int failed = wait_readable(fd, timeout_us < 0 ? NULL : &timeout);
    *ready = failed == 0;
    return failed == ETIMEDOUT ? 0 : failed;
}

static const char *scratch_folder(void)
{
    const char *dir = tarn__cli_env("TMPDIR");
    return dir == NULL ? "/tmp" : dir;
}

int tarn__cli_open_scratch(int *fd)
{
    char *name = tarn__cli_sprintf("%s/tarn-XXXXXX", scratch_folder());
    *fd = mkostemp(name, O_CLOEXEC);
    int failed = *fd < 0 ? errno : 0;
    if (failed == 0)
        (void)unlink(name);
    tarn__cli_free(name);
    return failed;
}

int tarn__cli_rewind(int fd)
{
    return lseek(fd, 0, SEEK_SET) < 0 ? errno : 0;
}

/* The rights that a new file would have: only the owner's when unsure. */
static mode_t mode_for(const struct stat *old)
{
    if (old != NULL)
        return old->st_mode & 0777;
    mode_t mask = umask(077);
    (void)umask(mask);
    return 0666 & ~mask;
}

static int make_tmp(
    const char *target, const struct stat *old, char **tmp, int *fd)
{
    const char *slash = strrchr(target, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - target) + 1;
    char *name = tarn__cli_sprintf(
        "%.*s.%.200s.XXXXXX", (int)folder, target, target + folder);
    *fd = mkostemp(name, O_CLOEXEC);
    if (*fd < 0) {
        int failed = errno;
        tarn__cli_free(name);
        return failed;
    }
    (void)fchmod(*fd, mode_for(old));
    *tmp = name;
    return 0;
}

int tarn__cli_create_beside(
    const char *path, char **target, char **tmp, int *fd, bool *regular)
{
    *target = NULL;
    *tmp = NULL;
    *fd = -1;
    *regular = true;
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (!there && errno != ENOENT) /* it may be what must not be replaced */
        return errno;
    if (there && S_ISDIR(st.st_mode))
        return EISDIR;
    if (there && !S_ISREG(st.st_mode)) {
        *regular = false;
        *target = tarn__cli_strdup(path);
        int failed = tarn__cli_open_write(path, fd);
        if (failed != 0) {
            tarn__cli_free(*target);
            *target = NULL;
        }
        return failed;
    }
    char *real = there ? realpath(path, NULL) : NULL;
    *target = tarn__cli_strdup(real == NULL ? path : real);
    tarn__cli_free(real);
    int failed = make_tmp(*target, there ? &st : NULL, tmp, fd);
    if (failed != 0) {
        tarn__cli_free(*target);
        *target = NULL;
    }
    return failed;
}

int tarn__cli_rename(const char *from, const char *to)
{
    return rename(from, to) != 0 ? errno : 0;
}

void tarn__cli_unlink(const char *path)
{
    (void)unlink(path);
}

int tarn__cli_scratch_name(char **dir, char **path)
{
    *path = NULL;
    *dir = tarn__cli_sprintf("%s/tarn-XXXXXX", scratch_folder());
    if (mkdtemp(*dir) == NULL) {
        int failed = errno;
        tarn__cli_free(*dir);
        *dir = NULL;
        return failed;
    }
    *path = tarn__cli_sprintf("%s/out", *dir);
    return 0;
}

void tarn__cli_remove_scratch(const char *dir, const char *path)
{
    (void)unlink(path);
    (void)rmdir(dir);
}

int tarn__cli_make_private(const char *path)
{
    char *copy = tarn__cli_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0700); /* if it fails, so does the open below */
        *slash = '/';
    }
    tarn__cli_free(copy);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno;
    int failed = fchmod(fd, 0600) != 0 ? errno : 0;
    (void)close(fd);
    return failed;
}
