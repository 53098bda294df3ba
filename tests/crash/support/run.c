#include "crash/support/run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/sandbox.h"

long run_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

_Noreturn void run_become(const char *const *argv)
{
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void become(
    const char *const *argv, const char *const *extra, int out, int err)
{
    int in = open("/dev/null", O_RDONLY);
    (void)dup2(in, 0);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
    for (; extra != NULL && *extra != NULL; extra++)
        (void)putenv((char *)(uintptr_t)*extra);
    run_become(argv);
}

pid_t run_start(const char *const *argv, const char *const *extra)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int none = open("/dev/null", O_WRONLY);
        become(argv, extra, none, none);
    }
    return pid;
}

static int code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int run_wait(pid_t pid, int seconds)
{
    long until = run_now_ms() + seconds * 1000L;
    for (;;) {
        int status;
        pid_t got = waitpid(pid, &status, WNOHANG);
        assert_true(got >= 0);
        if (got == pid)
            return code_of(status);
        if (run_now_ms() > until) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, &status, 0);
            return -1;
        }
        (void)usleep(2000);
    }
}

/* What comes goes to buf as long as there is room.  False at the end. */
static bool take(int fd, char *buf, size_t size)
{
    char rest[4096];
    size_t used = strlen(buf);
    size_t room = size - 1 - used;
    ssize_t n = read(fd, rest, sizeof rest);
    if (n <= 0)
        return false;
    if ((size_t)n < room)
        room = (size_t)n;
    memcpy(buf + used, rest, room);
    buf[used + room] = '\0';
    return true;
}

static void listen_until(int out, int err, long until, run_result *result)
{
    struct pollfd fds[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        long left = until - run_now_ms();
        if (left <= 0 || poll(fds, 2, (int)left) == 0)
            return;
        if (fds[0].revents != 0 && !take(out, result->out, sizeof result->out))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !take(err, result->err, sizeof result->err))
            fds[1].fd = -1;
    }
}

bool run_command(const char *const *argv, const char *const *extra, int seconds,
    run_result *result)
{
    int out[2];
    int err[2];
    long until = run_now_ms() + seconds * 1000L;
    result->out[0] = result->err[0] = '\0';
    assert_return_code(pipe2(out, O_CLOEXEC), errno);
    assert_return_code(pipe2(err, O_CLOEXEC), errno);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become(argv, extra, out[1], err[1]);
    (void)close(out[1]);
    (void)close(err[1]);
    listen_until(out[0], err[0], until, result);
    (void)close(out[0]);
    (void)close(err[0]);
    long left = until - run_now_ms();
    result->code = run_wait(pid, left > 0 ? (int)(left / 1000) + 1 : 0);
    result->hung = result->code < 0;
    return result->code == 0;
}

const char *run_tarn(void)
{
    const char *bin = getenv("TARN_BIN");
    if (bin == NULL || access(bin, X_OK) != 0) {
        printf("skipped: TARN_BIN names no command\n");
        exit(77);
    }
    return bin;
}

const char *run_self(void)
{
    static char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    assert_true(len > 0);
    path[len] = '\0';
    return path;
}

/* --- words --- */

static char *replaced(
    const char *word, size_t len, const char *lake, const char *in)
{
    char buf[8192];
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        const char *put = NULL;
        size_t skip = 1;
        if (strncmp(word + i, "{lake}", 6) == 0) {
            put = lake;
            skip = 6;
        } else if (strncmp(word + i, "{in}", 4) == 0) {
            put = in;
            skip = 4;
        }
        int n = put != NULL
            ? snprintf(buf + used, sizeof buf - used, "%s", put)
            : snprintf(buf + used, sizeof buf - used, "%c", word[i]);
        assert_true(n > 0 && (size_t)n < sizeof buf - used);
        used += (size_t)n;
        i += skip;
    }
    buf[used] = '\0';
    char *copy = strdup(buf);
    assert_non_null(copy);
    return copy;
}

run_words run_words_of(const char *line, const char *lake, const char *in)
{
    run_words w = {calloc(64, sizeof(char *)), 0};
    assert_non_null(w.argv);
    for (const char *p = line; *p != '\0';) {
        size_t len = strcspn(p, " ");
        if (len > 0) {
            assert_true(w.count < 63);
            bool tarn = w.count == 0 && len == 4 && !strncmp(p, "tarn", 4);
            w.argv[w.count++] =
                tarn ? strdup(run_tarn()) : replaced(p, len, lake, in);
        }
        p += len + (p[len] == ' ');
    }
    return w;
}

void run_words_free(run_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->argv[i]);
    free(words->argv);
    *words = (run_words){0};
}

/* --- folders --- */

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

void run_remove_folder(const char *path)
{
    if (access(path, F_OK) == 0 &&
        nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("%s: %s", path, strerror(errno));
}

/* nftw has no argument for its callback. */
static const char *walked, *other;
static bool contents_too;

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    size_t n;
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(block, 1, sizeof block, in)) > 0)
        assert_int_equal(n, fwrite(block, 1, n, out));
    (void)fclose(in);
    assert_int_equal(0, fclose(out));
}

static int copy_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    char to[4096];
    char target[4096];
    (void)at;
    (void)snprintf(to, sizeof to, "%s%s", other, path + strlen(walked));
    if (type == FTW_D)
        return mkdir(to, 0755);
    if (type == FTW_SL) {
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        return symlink(target, to);
    }
    copy_file(path, to);
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    return utimensat(AT_FDCWD, to, times, 0);
}

void run_copy_folder(const char *from, const char *to)
{
    walked = from;
    other = to;
    if (nftw(from, copy_one, 32, FTW_PHYS) != 0)
        fail_msg("copy %s: %s", from, strerror(errno));
}

static char difference[8192];

static bool same_bytes(const char *a, const char *b)
{
    char one[65536];
    char two[65536];
    FILE *fa = fopen(a, "rb");
    FILE *fb = fopen(b, "rb");
    bool same = fa != NULL && fb != NULL;
    while (same) {
        size_t na = fread(one, 1, sizeof one, fa);
        size_t nb = fread(two, 1, sizeof two, fb);
        same = na == nb && memcmp(one, two, na) == 0;
        if (na == 0)
            break;
    }
    if (fa != NULL)
        (void)fclose(fa);
    if (fb != NULL)
        (void)fclose(fb);
    return same;
}

static int compare_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    char there[4096];
    struct stat st2;
    (void)at;
    (void)snprintf(there, sizeof there, "%s%s", other, path + strlen(walked));
    if (lstat(there, &st2) != 0)
        (void)snprintf(difference, sizeof difference, "%s is not there", there);
    else if ((st->st_mode & S_IFMT) != (st2.st_mode & S_IFMT))
        (void)snprintf(
            difference, sizeof difference, "%s is of another kind", there);
    else if (contents_too && type == FTW_F && !same_bytes(path, there))
        (void)snprintf(difference, sizeof difference, "%s differs", there);
    else
        return 0;
    return 1;
}

const char *run_compare_folders(const char *a, const char *b)
{
    walked = a;
    other = b;
    contents_too = true;
    if (nftw(a, compare_one, 32, FTW_PHYS) != 0)
        return difference;
    walked = b;
    other = a;
    contents_too = false;
    return nftw(b, compare_one, 32, FTW_PHYS) != 0 ? difference : NULL;
}
