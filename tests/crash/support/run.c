#include "crash/support/run.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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

static void redirect(int out, int err)
{
    int in = open("/dev/null", O_RDONLY);
    (void)dup2(in, 0);
    (void)dup2(out, 1);
    (void)dup2(err, 2);
}

static void become(
    const char *const *argv, const char *const *extra, int out, int err)
{
    redirect(out, err);
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

/* --- served by one process --- */

struct run_server {
    bool (*fn)(void *arg);
    size_t size;
    pid_t pid; /* 0: none */
    int link;  /* arguments go there, a byte comes back for each */
    FILE *out, *err;
};

run_server *run_server_create(bool (*fn)(void *arg), size_t size)
{
    run_server *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->fn = fn;
    s->size = size;
    s->out = tmpfile();
    s->err = tmpfile();
    assert_non_null(s->out);
    assert_non_null(s->err);
    return s;
}

static bool read_all(int fd, char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t n = read(fd, ptr, len);
        if (n <= 0)
            return false;
        ptr += n;
        len -= (size_t)n;
    }
    return true;
}

static _Noreturn void serve(const run_server *s, int link)
{
    char *arg = malloc(s->size);
    redirect(fileno(s->out), fileno(s->err));
    while (arg != NULL && read_all(link, arg, s->size)) {
        char code = s->fn(arg) ? 0 : 1;
        fflush(NULL);
        if (write(link, &code, 1) != 1)
            break;
    }
    _exit(0);
}

static void start_server(run_server *s)
{
    int ends[2];
    assert_return_code(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), errno);
    fflush(NULL);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        (void)close(ends[0]);
        serve(s, ends[1]);
    }
    (void)close(ends[1]);
    s->link = ends[0];
}

/* Its exit code; -1: it had to be killed. */
static int end_server(run_server *s, int seconds)
{
    (void)close(s->link);
    int code = run_wait(s->pid, seconds);
    s->pid = 0;
    return code;
}

void run_server_free(run_server *s)
{
    if (s == NULL)
        return;
    if (s->pid != 0)
        (void)end_server(s, 10);
    (void)fclose(s->out);
    (void)fclose(s->err);
    free(s);
}

static void empty(FILE *file)
{
    assert_return_code(ftruncate(fileno(file), 0), errno);
    assert_return_code(lseek(fileno(file), 0, SEEK_SET), errno);
}

static void read_back(FILE *file, char *buf, size_t size)
{
    ssize_t n = pread(fileno(file), buf, size - 1, 0);
    buf[n > 0 ? n : 0] = '\0';
}

bool run_served(run_server *s, const void *arg, int seconds, run_result *result)
{
    char code = 1;
    empty(s->out);
    empty(s->err);
    if (s->pid == 0)
        start_server(s);
    struct pollfd done = {s->link, POLLIN, 0};
    bool ended =
        send(s->link, arg, s->size, MSG_NOSIGNAL) != (ssize_t)s->size ||
        (poll(&done, 1, seconds * 1000) == 1 && read(s->link, &code, 1) != 1);
    bool late = !ended && done.revents == 0;
    result->code = code;
    if (ended || late)
        result->code = end_server(s, ended ? 10 : 0);
    result->hung = late;
    read_back(s->out, result->out, sizeof result->out);
    read_back(s->err, result->err, sizeof result->err);
    return result->code == 0;
}

const char *run_tarn(void)
{
    const char *bin = getenv("TARN_BIN");
    if (bin == NULL || access(bin, X_OK) != 0) {
        printf("SKIPPED: TARN_BIN names no command\n");
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

/* --- prints --- */

uint64_t run_mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * 0x9e3779b97f4a7c15;
    return a ^ a >> 29;
}

uint64_t run_print_bytes(const char *bytes, size_t len)
{
    uint64_t print = run_mix(len, 0);
    uint64_t word = 0;
    for (; len >= sizeof word; len -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        print = run_mix(print, word);
    }
    word = 0;
    memcpy(&word, bytes, len);
    return run_mix(print, word);
}

bool run_is_prose(const char *path)
{
    const char *last = strrchr(path, '/');
    last = last != NULL ? last + 1 : path;
    return strcmp(last, "LOG") == 0 || strncmp(last, "LOG.old.", 8) == 0;
}

static uint64_t print_of_all;

/* Added up: the order of a folder's names is nobody's. */
static int print_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    char block[65536];
    const char *below = path + strlen(walked);
    uint64_t print = run_print_bytes(below, strlen(below));
    (void)at;
    if (type == FTW_SL) {
        ssize_t len = readlink(path, block, sizeof block);
        print =
            run_mix(print, run_print_bytes(block, len > 0 ? (size_t)len : 0));
    } else if (type == FTW_F && !run_is_prose(path)) {
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
            print = run_mix(print, run_print_bytes(block, n));
        (void)fclose(file);
    }
    print_of_all += run_mix(print, st->st_mode & S_IFMT);
    return 0;
}

uint64_t run_print_folder(const char *path)
{
    walked = path;
    print_of_all = 0;
    if (nftw(path, print_one, 32, FTW_PHYS) != 0)
        fail_msg("%s: %s", path, strerror(errno));
    return print_of_all;
}

bool run_is_seen(run_prints *seen, uint64_t print)
{
    for (size_t i = 0; i < seen->count; i++)
        if (seen->prints[i] == print)
            return true;
    if (seen->count == seen->cap) {
        seen->cap = seen->cap * 2 + 64;
        seen->prints = realloc(seen->prints, seen->cap * sizeof print);
        assert_non_null(seen->prints);
    }
    seen->prints[seen->count++] = print;
    return false;
}
