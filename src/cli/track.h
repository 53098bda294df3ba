/* What the commands of `tarn track` share. */
#ifndef TARN_CLI_TRACK_H
#define TARN_CLI_TRACK_H

#include "cli/cli.h"

#define CLI_MAX_NUMBERS 12

typedef struct cli_number_cell {
    const char *name;
    tarn_type type;
    char text[32];
} cli_number_cell;

cli_number_cell tarn__cli_number_cell(const char *name, int64_t value);
/* One row of numbers. */
TARN_MUST_CHECK tarn_status tarn__cli_print_numbers(
    cli_ctx *ctx, const cli_number_cell *cells, size_t count, tarn_error *err);

#endif
