/* The parts of tarn put. */
#ifndef TARN_CLI_PUT_H
#define TARN_CLI_PUT_H

#include "cli/cli.h"

/* Standard input as it comes, committed every `every_us`, until its end. */
TARN_MUST_CHECK tarn_status tarn__cli_put_live(cli_ctx *ctx, const char *path,
    const tarn_put_options *options, int64_t every_us, tarn_error *err);

/* The format of rows that begin with these bytes: "csv", "json", "jsonl",
 * "parquet". */
const char *tarn__cli_sniff(const char *bytes, size_t len);

#endif
