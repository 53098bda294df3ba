/* The parts of tarn shell. */
#ifndef TARN_CLI_SHELL_H
#define TARN_CLI_SHELL_H

#include "cli/cli.h"

/* Words that begin with what was typed, for completion. */
typedef struct cli_candidates {
    char **ptr;
    size_t count;
    size_t cap;
} cli_candidates;
#define CLI_CANDIDATES_INIT \
    {                       \
        NULL, 0, 0          \
    }

/* What may stand at the end of `line`; *start is where the word begins. */
void tarn__cli_complete(
    cli_ctx *ctx, const char *line, size_t *start, cli_candidates *out);
void tarn__cli_candidates_reset(cli_candidates *candidates);

/* Settings of a shell, and the commands of its own; the last has no name. */
typedef struct cli_dot {
    const char *name;
    const char *synopsis;
    const char *summary;
} cli_dot;
extern const cli_dot tarn__cli_dots[];

/* A line editor on the terminal, with history in a private file. */
typedef struct cli_editor cli_editor;
cli_editor *tarn__cli_editor_open(cli_ctx *ctx);
/* TARN_ROW and a line, borrowed until the next call; TARN_OK at the end;
 * TARN_INTERRUPTED when the line was given up. */
tarn_status tarn__cli_editor_next(cli_editor *editor, const char **line);
void tarn__cli_editor_close(cli_editor *editor);

#endif
