/* Folders that are gone when the process is.
 *
 * V1  A signal's action is replaced only where it is the default one, which
 *     ends the process: a program that has a handler of its own ends as it
 *     likes, and through exit() comes here.
 * V2  Removing a tree is nothing for a signal handler: it wakes a thread that
 *     waits on a pipe.  The thread removes, restores the default action and
 *     raises the signal again.
 * V3  What a parent remembered is not its child's to remove: a child of a fork
 *     begins with none, and its signals do not wake the parent's thread.
 *
 * State of the process, because signals and exit() are the process's. */
#include "os/vanish.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "os/file.h"
#include "os/os_internal.h"
#include "os/threads.h"

typedef struct entry {
    char *dir;
    struct entry *next;
} entry;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;
static bool at_exit;
static volatile sig_atomic_t owner; /* V3: the pid */
static int wake[2] = {-1, -1};

static void remove_all(void)
{
    if (getpid() != owner)
        return;
    tarn__mutex_lock(&lock);
    for (entry *e = entries; e != NULL; e = e->next)
        tarn__ignore(tarn__remove_tree(e->dir, NULL));
    tarn__mutex_unlock(&lock);
}

/* V2. */
static void on_signal(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    if (owner != getpid() || write(wake[1], &byte, 1) != 1) {
        struct sigaction action = {.sa_handler = SIG_DFL};
        (void)sigaction(number, &action, NULL);
        (void)kill(getpid(), number);
    }
    errno = saved;
}

static void *watch(void *arg)
{
    (void)arg;
    unsigned char byte;
    ssize_t got;
    do
        got = read(wake[0], &byte, 1);
    while (got < 0 && errno == EINTR);
    if (got != 1)
        return NULL;
    remove_all();
    struct sigaction action = {.sa_handler = SIG_DFL};
    (void)sigaction(byte, &action, NULL);
    (void)kill(getpid(), byte);
    return NULL;
}

/* V1. */
static void take_signals(void)
{
    struct sigaction mine = {.sa_handler = on_signal};
    sigemptyset(&mine.sa_mask);
    mine.sa_flags = SA_RESTART;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct sigaction old;
        if (sigaction(signals[i], NULL, &old) == 0 &&
            (old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &mine, NULL);
    }
}

static void start_watch(void)
{
    pthread_t thread;
    sigset_t all;
    sigset_t old;
    if (pipe2(wake, O_CLOEXEC) != 0)
        return;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    if (pthread_create(&thread, NULL, watch, NULL) == 0) {
        (void)pthread_detach(thread);
        take_signals();
    }
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void forget(entry **at)
{
    entry *e = *at;
    *at = e->next;
    tarn__free(e->dir);
    tarn__free(e);
}

/* The first folder of this process. */
static void begin(void)
{
    while (entries != NULL)
        forget(&entries);
    for (size_t i = 0; i < 2; i++)
        if (wake[i] >= 0)
            (void)close(wake[i]);
    wake[0] = wake[1] = -1;
    if (!at_exit)
        at_exit = atexit(remove_all) == 0;
    start_watch();
    owner = getpid();
}

tarn_status tarn__vanish_add(const char *dir, tarn_error *err)
{
    entry *e = tarn__calloc(1, sizeof(*e));
    char *copy = e == NULL ? NULL : tarn__strdup(dir);
    if (copy == NULL) {
        tarn__free(e);
        return tarn__no_memory(err);
    }
    e->dir = copy;
    tarn__mutex_lock(&lock);
    if (owner != getpid())
        begin();
    e->next = entries;
    entries = e;
    tarn__mutex_unlock(&lock);
    return TARN_OK;
}

void tarn__vanish_forget(const char *dir)
{
    tarn__mutex_lock(&lock);
    for (entry **at = &entries; *at != NULL; at = &(*at)->next) {
        if (strcmp((*at)->dir, dir) != 0)
            continue;
        forget(at);
        break;
    }
    tarn__mutex_unlock(&lock);
}
