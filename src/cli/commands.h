/* Every command, each defined in the file that runs it. */
#ifndef TARN_CLI_COMMANDS_H
#define TARN_CLI_COMMANDS_H

#include "cli/cli.h"

#define CLI_GROUP_LAKE "Lake"
#define CLI_GROUP_TREE "Tree"
#define CLI_GROUP_SQL "SQL"
#define CLI_GROUP_RECORDS "Records"
#define CLI_GROUP_EVENTS "Events"
#define CLI_GROUP_FLOWS "Flows"
#define CLI_GROUP_TRACK "Track"
#define CLI_GROUP_HELP "Help"

extern const cli_command tarn__cli_init, tarn__cli_status;
extern const cli_command tarn__cli_log, tarn__cli_show, tarn__cli_diff;
extern const cli_command tarn__cli_check, tarn__cli_rebuild;
extern const cli_command tarn__cli_compact, tarn__cli_gc;
extern const cli_command tarn__cli_batch;
extern const cli_command tarn__cli_state_ls, tarn__cli_state_get;
extern const cli_command tarn__cli_state_put, tarn__cli_state_rm;
extern const cli_command tarn__cli_ls, tarn__cli_put, tarn__cli_cat;
extern const cli_command tarn__cli_get, tarn__cli_describe;
extern const cli_command tarn__cli_mkdir, tarn__cli_rm, tarn__cli_mv;
extern const cli_command tarn__cli_cp, tarn__cli_ln;
extern const cli_command tarn__cli_revert, tarn__cli_collapse;
extern const cli_command tarn__cli_sql, tarn__cli_shell;
extern const cli_command tarn__cli_schema_put, tarn__cli_schema_ls;
extern const cli_command tarn__cli_schema_show, tarn__cli_schema_rm;
extern const cli_command tarn__cli_record_put, tarn__cli_record_get;
extern const cli_command tarn__cli_record_update, tarn__cli_record_rm;
extern const cli_command tarn__cli_record_ls, tarn__cli_record_count;
extern const cli_command tarn__cli_record_dump;
extern const cli_command tarn__cli_edge_put, tarn__cli_edge_ls;
extern const cli_command tarn__cli_edge_rm, tarn__cli_traverse;
extern const cli_command tarn__cli_events_load, tarn__cli_events_fetch;
extern const cli_command tarn__cli_events_ls;
extern const cli_command tarn__cli_events_schema, tarn__cli_events_info;
extern const cli_command tarn__cli_events_sample, tarn__cli_events_drop;
extern const cli_command tarn__cli_events_breakdown, tarn__cli_events_keys;
extern const cli_command tarn__cli_events_summary, tarn__cli_events_column;
extern const cli_command tarn__cli_events_funnel, tarn__cli_events_retention;
extern const cli_command tarn__cli_events_segment, tarn__cli_events_sql;
extern const cli_command tarn__cli_flow_check, tarn__cli_flow_compile;
extern const cli_command tarn__cli_flow_drivers, tarn__cli_flow_connections;
extern const cli_command tarn__cli_flow_run, tarn__cli_flow_runs;
extern const cli_command tarn__cli_flow_logs, tarn__cli_flow_show;
extern const cli_command tarn__cli_flow_gc, tarn__cli_worker;
extern const cli_command tarn__cli_track_run, tarn__cli_track_status;
extern const cli_command tarn__cli_track_plan, tarn__cli_track_backfill;
extern const cli_command tarn__cli_track_merge, tarn__cli_track_diff;
extern const cli_command tarn__cli_help, tarn__cli_completion;

#endif
