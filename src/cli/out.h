/* Where a command's output goes: standard output, a file that appears whole or
 * not at all, or, until a commit, nowhere yet. */
#ifndef TARN_CLI_OUT_H
#define TARN_CLI_OUT_H

#include "cli/cli.h"

typedef struct cli_out cli_out;

/* path NULL or "-" is standard output.  held: keep all until release. */
TARN_MUST_CHECK tarn_status tarn__cli_out_open(
    const char *path, bool held, cli_out **out, tarn_error *err);
/* Errors are kept for finish; after one, and after the reader of a pipe went
 * away, nothing is written. */
void tarn__cli_out_add(cli_out *out, const void *ptr, size_t len);
void tarn__cli_out_text(cli_out *out, const char *s);
/* Nothing more needs to be written: it would reach nobody. */
bool tarn__cli_out_stopped(const cli_out *out);
bool tarn__cli_out_is_terminal(const cli_out *out);
/* 0: none. */
int tarn__cli_out_columns(const cli_out *out);
/* Send what is buffered on its way. */
void tarn__cli_out_flush(cli_out *out);
/* Let what was held go on. */
void tarn__cli_out_release(cli_out *out);
/* Ends it well, and frees it in every case. */
TARN_MUST_CHECK tarn_status tarn__cli_out_finish(cli_out *out, tarn_error *err);
/* Ends it badly: a file is not there. */
void tarn__cli_out_abort(cli_out *out);

#endif
