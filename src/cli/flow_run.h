/* What the commands of `tarn flow` about runs share. */
#ifndef TARN_CLI_FLOW_RUN_H
#define TARN_CLI_FLOW_RUN_H

#include <tarn/flow.h>

#include "cli/rows.h"

/* The lake that is named or found; *dir NULL: there is none.  Free it. */
TARN_MUST_CHECK tarn_status tarn__cli_find_lake(
    cli_ctx *ctx, char **dir, tarn_error *err);
/* All values of --param; free the array. */
const char **tarn__cli_flow_params(const cli_args *args, size_t *count);

/* Flags that say what a flow file means. */
#define CLI_FLOW_FILE_FLAGS                                                 \
    {"param", 0, "NAME=VALUE", "a parameter; =@FILE takes it from a file"}, \
        {"profile", 0, "P", "parameters as this profile has them"},         \
    {                                                                       \
        "connections", 0, "FILE",                                           \
            "instead of connections.yaml beside the flow file"              \
    }
#define CLI_RUNS_FLAG                                     \
    {                                                     \
        "runs", 0, "DIR", "where the folders of runs are" \
    }

#endif
