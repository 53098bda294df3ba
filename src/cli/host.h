/* What the command asks of the system: terminal, environment, signals, and the
 * host files that it reads and writes itself.  Results of int are 0 or an
 * errno; EINTR means that the user asked to stop. */
#ifndef TARN_CLI_HOST_H
#define TARN_CLI_HOST_H

#include <tarn/base.h>

#define CLI_STDIN 0
#define CLI_STDOUT 1
#define CLI_STDERR 2

const char *tarn__cli_env(const char *name); /* NULL when unset or empty */
bool tarn__cli_is_terminal(int fd);
int tarn__cli_columns(int fd);  /* 0 when it is no terminal */
int64_t tarn__cli_now_us(void); /* monotonic */

/* Were we started without standard input, output or error?  Then no file of the
 * lake shall get their number; using them fails, as it should. */
void tarn__cli_hold_standard_fds(void);

/* SIGINT, SIGTERM and SIGHUP set a flag, the second of them ends the process at
 * once; SIGPIPE is ignored, writes say EPIPE; SIGCHLD is as usual. */
void tarn__cli_catch_signals(void);
bool tarn__cli_interrupted(void);
void tarn__cli_forget_interrupt(void); /* and catch the next one again */

bool tarn__cli_is_folder(const char *path); /* or a link to one */
int tarn__cli_open_read(const char *path, int *fd);
/* Write only, made or emptied: for what is no regular file. */
int tarn__cli_open_write(const char *path, int *fd);
void tarn__cli_close(int fd);
/* At most len bytes; *got 0 at the end. */
int tarn__cli_read(int fd, void *ptr, size_t len, size_t *got);
/* EINTR is not an end here: a half written row would be. */
int tarn__cli_write(int fd, const void *ptr, size_t len);
/* Is there something to read, or the end?  Waits until then or the timeout. */
int tarn__cli_wait_input(int fd, int64_t timeout_us, bool *ready);
/* An unnamed scratch file, and its start again. */
int tarn__cli_open_scratch(int *fd);
int tarn__cli_rewind(int fd);

/* A file that appears whole: *target is where `path` leads (links followed),
 * *tmp an empty file beside it, both freed by the caller; *fd is open on it.
 * *regular false: path is a device or pipe, *fd is open on it, *tmp NULL. */
int tarn__cli_create_beside(
    const char *path, char **target, char **tmp, int *fd, bool *regular);
int tarn__cli_rename(const char *from, const char *to);
void tarn__cli_unlink(const char *path);
/* An empty place for a file of another maker, in $TMPDIR: a name of which
 * nothing exists yet, inside a folder that is ours alone. */
int tarn__cli_scratch_name(char **dir, char **path);
void tarn__cli_remove_scratch(const char *dir, const char *path);
/* Make a file that only its owner may read, folders above it likewise. */
int tarn__cli_make_private(const char *path);

#endif
