/* A host file or standard input, read in pieces by the library. */
#ifndef TARN_CLI_INPUT_H
#define TARN_CLI_INPUT_H

#include "cli/cli.h"

typedef struct cli_input {
    const char *name; /* as messages name it */
    int fd;
} cli_input;

/* path "-" is standard input; it is borrowed. */
TARN_MUST_CHECK tarn_status tarn__cli_input_open(
    cli_input *input, const char *path, tarn_error *err);
/* A tarn_record_read_fn; `input` is a cli_input. */
TARN_MUST_CHECK tarn_status tarn__cli_input_read(
    void *input, void *ptr, size_t len, size_t *got, tarn_error *err);
void tarn__cli_input_close(cli_input *input);

#endif
