/* Other processes, and folders of ours. */
#ifndef TARN_CRASH_RUN_H
#define TARN_CRASH_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct run_result {
    int code;       /* of its exit; 128 + n after signal n */
    bool hung;      /* killed after the time that was given */
    char out[8192]; /* the beginning of what it said */
    char err[2048];
} run_result;

/* Run argv (NULL-ended; argv[0] is looked up in PATH) to its end, with the
 * environment's `extra` settings ("NAME=value", NULL-ended, may be NULL).  More
 * than `seconds` is a hang.  True: it ended with code 0. */
bool run_command(const char *const *argv, const char *const *extra, int seconds,
    run_result *result);
/* A function for one argument of `size` bytes after the other, all in one process
 * of its own; a new one takes the next when that one crashed or hung.  What it
 * prints and returns is the result, as if each were a command. */
typedef struct run_server run_server;
run_server *run_server_create(bool (*fn)(void *arg), size_t size);
void run_server_free(run_server *server); /* NULL does nothing */
bool run_served(
    run_server *server, const void *arg, int seconds, run_result *result);
/* Be argv from here on, with our own output. */
_Noreturn void run_become(const char *const *argv);
/* The same begun and ended apart; nothing of what it says is kept. */
pid_t run_start(const char *const *argv, const char *const *extra);
int run_wait(pid_t pid, int seconds); /* exit code as above; -1: hung */

/* The command under test; the test is skipped (exit 77) without it. */
const char *run_tarn(void);
/* This very executable. */
const char *run_self(void);

/* "tarn put a b" with {lake} and {in} replaced -> argv; free both at once with
 * run_words_free().  The first word `tarn` becomes the command under test. */
typedef struct run_words {
    char **argv;
    size_t count;
} run_words;
run_words run_words_of(const char *line, const char *lake, const char *in);
void run_words_free(run_words *words);

void run_remove_folder(const char *path);
/* `to` must not be there; hard links become files of their own. */
void run_copy_folder(const char *from, const char *to);
/* NULL, or what differs, in a static buffer. */
const char *run_compare_folders(const char *a, const char *b);

/* A print: a number that folders with the same names and contents share, but
 * for what RocksDB writes for people to read. */
uint64_t run_print_folder(const char *path);
uint64_t run_print_bytes(const char *bytes, size_t len);
uint64_t run_mix(uint64_t print, uint64_t more);
bool run_is_prose(const char *path);
/* Prints met so far; {0} is none, free() .prints. */
typedef struct run_prints {
    uint64_t *prints;
    size_t count, cap;
} run_prints;
bool run_is_seen(run_prints *seen, uint64_t print); /* from then on it is */

/* From /proc/uptime's clock, in milliseconds. */
long run_now_ms(void);

#endif
