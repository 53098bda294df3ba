/* What the commands of records share. */
#ifndef TARN_CLI_RECORD_H
#define TARN_CLI_RECORD_H

#include "cli/cli.h"

/* --tenant of a line of a batch or of the command, else $TARN_TENANT; NULL: the
 * default one. */
const char *tarn__cli_tenant(const cli_ctx *ctx, const cli_args *args);

#endif
