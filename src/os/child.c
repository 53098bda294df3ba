/* Other programs. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/time.h"
#include "os/child.h"
#include "os/process.h"

#define POLL_US 5000

extern char **environ;

typedef struct pipes {
    int in[2];
    int out[2];
    int err[2];
} pipes;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void close_pipes(pipes *p)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&p->in[i]);
        close_fd(&p->out[i]);
        close_fd(&p->err[i]);
    }
}

static tarn_status open_pipes(pipes *p, tarn_error *err)
{
    *p = (pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (pipe2(p->in, O_CLOEXEC) == 0 && pipe2(p->out, O_CLOEXEC) == 0 &&
        pipe2(p->err, O_CLOEXEC) == 0 &&
        fcntl(p->in[1], F_SETFL, O_NONBLOCK) == 0)
        return TARN_OK;
    tarn_status st = tarn__fail_os(err, errno, "a pipe to a program");
    close_pipes(p);
    return st;
}

/* --- starting --- */

/* Ours, with those of `more` in their place. */
static char **environment(const char *const *more)
{
    size_t count = 0;
    size_t added = 0;
    while (environ[count] != NULL)
        count++;
    while (more != NULL && more[added] != NULL)
        added++;
    char **env = tarn__calloc(count + added + 1, sizeof(*env));
    if (env == NULL)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        bool replaced = false;
        for (size_t k = 0; k < added; k++) {
            size_t len = strcspn(more[k], "=") + 1;
            replaced = replaced || strncmp(environ[i], more[k], len) == 0;
        }
        if (!replaced)
            env[n++] = environ[i];
    }
    for (size_t k = 0; k < added; k++)
        memcpy(&env[n++], &more[k], sizeof(*env));
    return env;
}

static int add_actions(posix_spawn_file_actions_t *actions, const pipes *p,
    const tarn__child_options *options)
{
    int code = posix_spawn_file_actions_adddup2(actions, p->in[0], 0);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, p->out[1], 1);
    if (code == 0)
        code = posix_spawn_file_actions_adddup2(actions, p->err[1], 2);
    if (code == 0 && options->dir != NULL)
        code = posix_spawn_file_actions_addchdir_np(actions, options->dir);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
    /* An engine's file without O_CLOEXEC is none of the program's. */
    if (code == 0)
        code = posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
    return code;
}

/* A group of its own, no signal blocked, those that we may ignore as usual. */
static int set_attributes(posix_spawnattr_t *attr)
{
    sigset_t none;
    sigset_t usual;
    (void)sigemptyset(&none);
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGPIPE);
    (void)sigaddset(&usual, SIGINT);
    (void)sigaddset(&usual, SIGQUIT);
    (void)sigaddset(&usual, SIGTERM);
    int code = posix_spawnattr_setflags(attr,
        POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (code == 0)
        code = posix_spawnattr_setpgroup(attr, 0);
    if (code == 0)
        code = posix_spawnattr_setsigmask(attr, &none);
    return code == 0 ? posix_spawnattr_setsigdefault(attr, &usual) : code;
}

static int spawn(
    pid_t *pid, const pipes *p, const tarn__child_options *options, char **env)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char *const *argv;
    memcpy(&argv, &options->argv, sizeof argv);
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    code = posix_spawnattr_init(&attr);
    if (code == 0) {
        code = add_actions(&actions, p, options);
        if (code == 0)
            code = set_attributes(&attr);
        if (code == 0)
            code = posix_spawnp(pid, argv[0], &actions, &attr, argv, env);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

tarn_status tarn__child_start(
    tarn__child *child, const tarn__child_options *options, tarn_error *err)
{
    pipes p;
    pid_t pid = 0;
    *child = (tarn__child)TARN__CHILD_INIT;
    tarn_status st = open_pipes(&p, err);
    if (st != TARN_OK)
        return st;
    char **env = environment(options->env);
    int code = env == NULL ? ENOMEM : spawn(&pid, &p, options, env);
    tarn__free(env);
    if (code == 0) {
        *child = (tarn__child){pid, p.in[1], p.out[0], p.err[0], false, 0};
        p.in[1] = p.out[0] = p.err[0] = -1;
    } else if (code == ENOENT) {
        st = tarn__fail(err, TARN_NOT_FOUND,
            "%s: no such program%s%s (check the command)", options->argv[0],
            options->dir == NULL ? "" : ", seen from ",
            options->dir == NULL ? "" : options->dir);
    } else {
        st =
            tarn__fail_os(err, code, "%s: cannot be started", options->argv[0]);
    }
    close_pipes(&p);
    return st;
}

/* --- talking --- */

tarn__child_ready tarn__child_wait_ready(
    const tarn__child *child, bool in, int64_t timeout_us)
{
    /* poll() passes over descriptors below 0. */
    struct pollfd fds[] = {
        {in ? child->in : -1, POLLOUT, 0},
        {child->out, POLLIN, 0},
        {child->err, POLLIN, 0},
    };
    if (poll(fds, 3, (int)(timeout_us / 1000)) <= 0)
        return (tarn__child_ready){false, false, false};
    return (tarn__child_ready){
        fds[0].revents != 0, fds[1].revents != 0, fds[2].revents != 0};
}

/* A program that reads no more is no reason for us to end: its SIGPIPE is held
 * back and taken. */
static ssize_t write_quietly(int fd, const char *ptr, size_t len)
{
    sigset_t pipe_signal;
    sigset_t before;
    sigset_t pending;
    const struct timespec now = {0, 0};
    (void)sigemptyset(&pipe_signal);
    (void)sigaddset(&pipe_signal, SIGPIPE);
    (void)sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE) == 1;
    (void)pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t n = write(fd, ptr, len);
    int code = errno;
    if (n < 0 && code == EPIPE && !was_pending)
        (void)sigtimedwait(&pipe_signal, NULL, &now);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return n;
}

tarn_status tarn__child_write(tarn__child *child, const char *ptr, size_t len,
    size_t *done, tarn_error *err)
{
    *done = 0;
    if (child->in < 0)
        return TARN_OK;
    ssize_t n = write_quietly(child->in, ptr, len);
    if (n >= 0) {
        *done = (size_t)n;
        return TARN_OK;
    }
    if (errno == EAGAIN || errno == EINTR)
        return TARN_OK;
    if (errno != EPIPE)
        return tarn__fail_os(err, errno, "writing to a program");
    close_fd(&child->in);
    return TARN_OK;
}

tarn_status tarn__child_read(tarn__child *child, int *pipe, char *ptr,
    size_t len, size_t *got, tarn_error *err)
{
    (void)child;
    *got = 0;
    if (*pipe < 0)
        return TARN_OK;
    ssize_t n;
    do
        n = read(*pipe, ptr, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return tarn__fail_os(err, errno, "reading from a program");
    *got = (size_t)n;
    if (n == 0)
        close_fd(pipe);
    return TARN_OK;
}

void tarn__child_close_in(tarn__child *child)
{
    close_fd(&child->in);
}

/* --- ending --- */

/* Its exit code, and whether that is known.  It is not taken in with that: as
 * long as it is not, no other process and no other group gets its number. */
static bool look_for_end(tarn__child *child)
{
    siginfo_t info = {0};
    int rc =
        waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT);
    if (rc == 0 ? info.si_pid == 0 : errno == EINTR)
        return false;
    child->ended = true;
    child->code = rc < 0             ? 1
        : info.si_code == CLD_EXITED ? info.si_status
                                     : 128 + info.si_status;
    return true;
}

bool tarn__child_ended(tarn__child *child, int64_t timeout_us)
{
    int64_t until = tarn__monotonic_us() + timeout_us;
    while (child->pid > 0 && !child->ended && !look_for_end(child)) {
        if (tarn__monotonic_us() >= until)
            return false;
        tarn__sleep_us(POLL_US);
    }
    return true;
}

void tarn__child_stop(tarn__child *child, int64_t grace_us)
{
    if (child->pid > 0) {
        pid_t group = (pid_t)child->pid;
        if (!child->ended) {
            (void)kill(-group, SIGTERM);
            (void)tarn__child_ended(child, grace_us);
        }
        /* Whoever is left in the group, the leader among them. */
        (void)kill(-group, SIGKILL);
        (void)tarn__child_ended(child, INT64_MAX / 2);
        while (waitpid(group, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close_fd(&child->in);
    close_fd(&child->out);
    close_fd(&child->err);
    child->pid = 0;
}
