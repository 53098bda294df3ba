/* tarn worker */
#include "cli/commands.h"
#include "cli/flow_run.h"
#include "cli/host.h"

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    (void)ctx;
    return tarn_flow_worker(
        CLI_STDIN, CLI_STDOUT, tarn__cli_value(args, "dir"), err);
}

static const cli_flag flags[] = {
    {"dir", 0, "DIR",
        "where files lie meanwhile, and stay when the other side is lost "
        "(a folder of its own)"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_worker = {.name = "worker",
    .group = CLI_GROUP_FLOWS,
    .synopsis = "[--dir DIR]",
    .summary = "serve steps of flows on standard input and output",
    .help = "Runs steps for tarn flow run --target worker:CMD, of which CMD "
            "starts it, here or through ssh on another host. It is no command "
            "for people: it speaks in frames, which docs/FLOWS.md describes, "
            "and ends with its input.",
    .example = "tarn flow run top-routes.yaml --target 'worker:tarn worker'",
    .flags = flags,
    .min_words = 0,
    .max_words = 0,
    .run = run};
