/* The command's parts: the table, what a command is given, and what it uses. */
#ifndef TARN_CLI_CLI_H
#define TARN_CLI_CLI_H

#include <tarn/tarn.h>

#include "cli/fail.h"
#include "cli/memory.h"

/* ---- the table ---- */

typedef struct cli_ctx cli_ctx;
typedef struct cli_args cli_args;

typedef struct cli_flag {
    const char *name;  /* long, without dashes; NULL ends a list */
    char letter;       /* 0: none */
    const char *value; /* what stands for its value in help; NULL: none */
    const char *help;
} cli_flag;

/* What a command is and takes. */
enum {
    CLI_LAKE = 1,     /* works on a lake */
    CLI_READS = 2,    /* at a version: --at */
    CLI_PRINTS = 4,   /* has output: -o */
    CLI_ROWS = 8,     /* its output is rows: --max-rows */
    CLI_COMMITS = 16, /* -m, --version-file */
    CLI_BATCH = 32    /* may stand in a batch */
};

typedef struct cli_command {
    const char *name;      /* one or two words */
    const char *group;     /* heading in help */
    const char *synopsis;  /* what follows the name */
    const char *summary;   /* one line */
    const char *help;      /* paragraphs, parted by an empty line */
    const char *example;   /* as typed in a shell */
    const cli_flag *flags; /* of its own; may be NULL */
    unsigned traits;
    int min_words;
    int max_words; /* -1: any number */
    tarn_status (*run)(cli_ctx *ctx, const cli_args *args, tarn_error *err);
} cli_command;

/* All commands in order of help; *count of them. */
const cli_command *const *tarn__cli_commands(size_t *count);
/* Flags that every command takes, and those that go with a trait. */
extern const cli_flag tarn__cli_everywhere[];
extern const cli_flag tarn__cli_at_flag[];
extern const cli_flag tarn__cli_output_flag[];
extern const cli_flag tarn__cli_rows_flag[];
extern const cli_flag tarn__cli_commit_flags[];
/* The nth list of flags that a command takes, its own first; NULL after the
 * last. */
const cli_flag *tarn__cli_flags_of(const cli_command *command, size_t n);
/* The flag of this name (or letter, when name is NULL) that some command
 * takes. */
const cli_flag *tarn__cli_find_flag(const char *name, char letter);

/* ---- arguments ---- */

typedef struct cli_set_flag {
    const cli_flag *flag;
    const char *value; /* NULL when it takes none */
} cli_set_flag;

struct cli_args {
    const cli_command *command; /* NULL: none was named */
    const char **words;         /* what follows the command's name */
    size_t word_count;
    size_t word_cap;
    cli_set_flag *set;
    size_t set_count;
    size_t set_cap;
};
#define CLI_ARGS_INIT                \
    {                                \
        NULL, NULL, 0, 0, NULL, 0, 0 \
    }

/* Parse words (without "tarn").  The arguments borrow from them; reused from
 * call to call, also after a failure, when what was read so far is in them. */
TARN_MUST_CHECK tarn_status tarn__cli_parse(
    cli_args *args, const char *const *words, size_t count, tarn_error *err);
void tarn__cli_args_reset(cli_args *args);
/* A flag's last value; NULL when it was not given or takes none. */
const char *tarn__cli_value(const cli_args *args, const char *name);
bool tarn__cli_has(const cli_args *args, const char *name);
/* A checked number of a flag; *out untouched when it was not given. */
TARN_MUST_CHECK tarn_status tarn__cli_number(const cli_args *args,
    const char *name, int64_t min, int64_t max, int64_t *out, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__cli_duration(
    const cli_args *args, const char *name, int64_t *us, tarn_error *err);
/* Two different words of one last name for which `clashes` says yes. */
typedef bool (*cli_clash_fn)(
    void *arg, const char *name, const char *const pair[2]);
bool tarn__cli_clash(const char *const *words, size_t count,
    cli_clash_fn clashes, void *arg, const char *pair[2]);
/* " (did you mean WORD?)" of the nearest of the words, or "", in buf. */
typedef struct cli_hint {
    const char *typed;
    const char *best;
    size_t distance;
    char text[80];
} cli_hint;
void tarn__cli_hint_try(cli_hint *hint, const char *candidate);
const char *tarn__cli_hint_text(cli_hint *hint, const char *prefix);
/* Split a line as a shell quotes, into `words` that point into `bytes`; `#`
 * starts a comment.  Both are emptied first. */
typedef struct cli_words {
    const char **ptr;
    size_t count;
    size_t cap;
    cli_buf bytes;
} cli_words;
#define CLI_WORDS_INIT           \
    {                            \
        NULL, 0, 0, CLI_BUF_INIT \
    }
TARN_MUST_CHECK tarn_status tarn__cli_split(
    cli_words *words, const char *line, size_t len, tarn_error *err);
void tarn__cli_words_reset(cli_words *words);

/* Is this name one of a secret: does it hold password, token, secret, api_key?
 */
bool tarn__cli_is_secret(const char *name);
/* Copies of words, NULL-ended, with values of secrets as "***". */
char **tarn__cli_mask(const char *const *words, size_t count);
void tarn__cli_mask_free(char **words);

/* ---- a run ---- */

typedef enum cli_format {
    CLI_FORMAT_AUTO = 0,
    CLI_FORMAT_TABLE,
    CLI_FORMAT_CSV,
    CLI_FORMAT_TSV,
    CLI_FORMAT_JSON,
    CLI_FORMAT_JSONL,
    CLI_FORMAT_PLAIN,
    CLI_FORMAT_PARQUET
} cli_format;

/* False when there is no such format. */
bool tarn__cli_parse_format(const char *name, cli_format *out);

typedef struct cli_settings {
    const char *lake;   /* -C, or $TARN; NULL: look for it */
    const char *tenant; /* NULL: the default */
    const char *at;     /* NULL: now */
    const char *message;
    const char *version_file;
    const char *output; /* NULL or "-": standard output */
    cli_format format;  /* AUTO: not asked for */
    int64_t max_rows;   /* -1: all; -2: not asked for */
    bool quiet;
    bool verbose;
    uint64_t memory_bytes;
    int64_t wait_us;
    int threads;
} cli_settings;
#define CLI_SETTINGS_INIT                                                      \
    {                                                                          \
        NULL, NULL, NULL, NULL, NULL, NULL, CLI_FORMAT_AUTO, -2, false, false, \
            0, 10000000, 0                                                     \
    }
/* From flags and environment. */
TARN_MUST_CHECK tarn_status tarn__cli_settings(
    cli_settings *out, const cli_args *args, tarn_error *err);

struct cli_out;
struct cli_progress;

struct cli_ctx {
    cli_settings settings;
    tarn_lake *lake;
    tarn_txn *txn;       /* of a command that commits, once it wrote */
    tarn_snapshot *snap; /* of a command that reads, once it read */
    struct cli_out *out; /* of a command that prints */
    struct cli_progress *progress;
    char **masked;     /* the words as the log may hold them */
    const char *batch; /* the name of the batch that runs; NULL: none */
    char *version_tmp; /* the version file while it is written */
    char *version_target;
    int version_fd;
    tarn_query_error details; /* of the statement that failed */
};

/* Run a parsed command: open what it needs, commit what it wrote. */
TARN_MUST_CHECK tarn_status tarn__cli_run(
    cli_ctx *ctx, const cli_args *args, tarn_error *err);
/* Free what a run left in ctx; the lake stays open if keep_lake. */
void tarn__cli_done(cli_ctx *ctx, bool keep_lake);
/* The error's line on stderr, and with JSON its object. */
void tarn__cli_report(cli_ctx *ctx, const tarn_error *err);
/* The lake of this run, opened when needed; for writing also by a command that
 * reads, so that it mends what a killed writer left (DESIGN 3, Readers). */
TARN_MUST_CHECK tarn_status tarn__cli_lake(cli_ctx *ctx, tarn_error *err);
/* The transaction of this run, begun when needed. */
TARN_MUST_CHECK tarn_status tarn__cli_txn(
    cli_ctx *ctx, tarn_txn **txn, tarn_error *err);
/* Commit it now, and say so: for a command with more than one commit. */
TARN_MUST_CHECK tarn_status tarn__cli_commit(cli_ctx *ctx, tarn_error *err);
/* Say that `version` was committed (-1: nothing was), and write it down. */
void tarn__cli_committed(cli_ctx *ctx, int64_t version);
/* The snapshot that --at names, opened when needed. */
TARN_MUST_CHECK tarn_status tarn__cli_snapshot(
    cli_ctx *ctx, tarn_snapshot **snap, tarn_error *err);
/* A note on stderr, unless -q; and one for -v only. */
void tarn__cli_note(cli_ctx *ctx, const char *fmt, ...) TARN_PRINTF(2, 3);
void tarn__cli_chat(cli_ctx *ctx, const char *fmt, ...) TARN_PRINTF(2, 3);
/* A lake path as the library wants it: absolute.  Free it. */
char *tarn__cli_path(const char *path);

/* Progress bars on a terminal; the callback ends work that was interrupted. */
struct cli_progress *tarn__cli_progress_create(bool draw);
bool tarn__cli_progress_step(
    void *progress, const char *what, uint64_t done, uint64_t total);
void tarn__cli_progress_clear(struct cli_progress *progress);
void tarn__cli_progress_free(struct cli_progress *progress);

int tarn__cli_main(int argc, char **argv);

#endif
