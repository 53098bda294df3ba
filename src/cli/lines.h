/* Lines of a host file or of standard input. */
#ifndef TARN_CLI_LINES_H
#define TARN_CLI_LINES_H

#include "cli/cli.h"

typedef struct cli_lines {
    const char *name; /* as messages name it */
    int fd;
    cli_buf buf;
    size_t at;      /* what was handed out */
    bool ended;     /* nothing more can be read */
    int64_t number; /* of the line handed out last, from 1 */
} cli_lines;

/* path "-" is standard input; it is borrowed. */
TARN_MUST_CHECK tarn_status tarn__cli_lines_open(
    cli_lines *lines, const char *path, tarn_error *err);
/* TARN_ROW and a line without its end, valid until the next call; TARN_OK after
 * the last. */
TARN_MUST_CHECK tarn_status tarn__cli_lines_next(
    cli_lines *lines, const char **line, size_t *len, tarn_error *err);
void tarn__cli_lines_close(cli_lines *lines);

/* A file as a whole. */
TARN_MUST_CHECK tarn_status tarn__cli_read_all(
    const char *path, cli_buf *out, tarn_error *err);

#endif
