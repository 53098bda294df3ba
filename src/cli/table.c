/* The table that everything about commands comes from: parsing, help, man page,
 * completions. */
#include <string.h>

#include "cli/commands.h"

static const cli_command *const commands[] = {&tarn__cli_init,
    &tarn__cli_status, &tarn__cli_log, &tarn__cli_show, &tarn__cli_diff,
    &tarn__cli_check, &tarn__cli_rebuild, &tarn__cli_compact, &tarn__cli_gc,
    &tarn__cli_batch, &tarn__cli_state_ls, &tarn__cli_state_get,
    &tarn__cli_state_put, &tarn__cli_state_rm, &tarn__cli_ls, &tarn__cli_put,
    &tarn__cli_cat, &tarn__cli_get, &tarn__cli_mkdir, &tarn__cli_rm,
    &tarn__cli_mv, &tarn__cli_cp, &tarn__cli_ln, &tarn__cli_describe,
    &tarn__cli_revert, &tarn__cli_collapse, &tarn__cli_sql, &tarn__cli_shell,
    &tarn__cli_schema_put, &tarn__cli_schema_ls, &tarn__cli_schema_show,
    &tarn__cli_schema_rm, &tarn__cli_record_put, &tarn__cli_record_get,
    &tarn__cli_record_update, &tarn__cli_record_rm, &tarn__cli_record_ls,
    &tarn__cli_record_count, &tarn__cli_record_dump, &tarn__cli_edge_put,
    &tarn__cli_edge_ls, &tarn__cli_edge_rm, &tarn__cli_traverse,
    &tarn__cli_events_load, &tarn__cli_events_fetch, &tarn__cli_events_ls,
    &tarn__cli_events_schema, &tarn__cli_events_info, &tarn__cli_events_sample,
    &tarn__cli_events_drop, &tarn__cli_events_breakdown, &tarn__cli_events_keys,
    &tarn__cli_events_summary, &tarn__cli_events_column,
    &tarn__cli_events_funnel, &tarn__cli_events_retention,
    &tarn__cli_events_segment, &tarn__cli_events_sql, &tarn__cli_flow_check,
    &tarn__cli_flow_compile, &tarn__cli_flow_run, &tarn__cli_flow_runs,
    &tarn__cli_flow_logs, &tarn__cli_flow_show, &tarn__cli_flow_gc,
    &tarn__cli_flow_drivers, &tarn__cli_flow_connections, &tarn__cli_worker,
    &tarn__cli_track_run, &tarn__cli_track_status, &tarn__cli_track_plan,
    &tarn__cli_track_backfill, &tarn__cli_track_merge, &tarn__cli_track_diff,
    &tarn__cli_help, &tarn__cli_completion};

const cli_flag tarn__cli_everywhere[] = {
    {"lake", 'C', "DIR",
        "the lake; else $TARN, else the nearest folder "
        "upwards that is one"},
    {"format", 'f', "FORMAT",
        "table, csv, tsv, json, jsonl, plain or parquet; else $TARN_FORMAT, "
        "else a table on a terminal and csv anywhere else"},
    {"quiet", 'q', NULL, "say nothing but errors"},
    {"verbose", 'v', NULL, "say more on standard error"},
    {"wait", 0, "SECONDS", "how long to wait for the lake's lock (10)"},
    {"memory", 0, "SIZE", "bound of the memory that is used (2GB)"},
    {"threads", 0, "N", "threads that are used (as many as there are)"},
    {"help", 'h', NULL, "show this help"},
    {"version", 0, NULL, "print the versions of software, format and engines"},
    {NULL, 0, NULL, NULL}};

const cli_flag tarn__cli_at_flag[] = {
    {"at", 0, "VERSION|TIME",
        "read what stood at a version or at a time (ISO; UTC if it says no "
        "offset)"},
    {NULL, 0, NULL, NULL}};

const cli_flag tarn__cli_output_flag[] = {
    {"output", 'o', "FILE",
        "write to a file, which appears whole or not at "
        "all; - is standard output"},
    {NULL, 0, NULL, NULL}};

const cli_flag tarn__cli_rows_flag[] = {
    {"max-rows", 0, "N|all", "rows of a table to show (40 on a terminal)"},
    {NULL, 0, NULL, NULL}};

const cli_flag tarn__cli_commit_flags[] = {
    {"message", 'm', "TEXT", "what the log says about the commit"},
    {"version-file", 0, "FILE",
        "write the version there, when something was committed"},
    {NULL, 0, NULL, NULL}};

const cli_command *const *tarn__cli_commands(size_t *count)
{
    *count = sizeof(commands) / sizeof(commands[0]);
    return commands;
}

const cli_flag *tarn__cli_flags_of(const cli_command *command, size_t n)
{
    static const struct {
        unsigned trait; /* 0: always */
        const cli_flag *flags;
    } lists[] = {{CLI_READS, tarn__cli_at_flag},
        {CLI_PRINTS, tarn__cli_output_flag}, {CLI_ROWS, tarn__cli_rows_flag},
        {CLI_COMMITS, tarn__cli_commit_flags}, {0, tarn__cli_everywhere}};
    if (command->flags != NULL && n-- == 0)
        return command->flags;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        unsigned trait = lists[i].trait;
        if ((command->traits & trait) == trait && n-- == 0)
            return lists[i].flags;
    }
    return NULL;
}

static const cli_flag *find_in(
    const cli_command *command, const char *name, char letter)
{
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++)
            if (name != NULL ? strcmp(list->name, name) == 0
                             : letter != 0 && list->letter == letter)
                return list;
    return NULL;
}

const cli_flag *tarn__cli_find_flag(const char *name, char letter)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const cli_flag *flag = find_in(commands[i], name, letter);
        if (flag != NULL)
            return flag;
    }
    return NULL;
}
