/* tarn sql */
#include <string.h>

#include "cli/commands.h"
#include "cli/lines.h"
#include "cli/rows.h"
#include "cli/sql.h"

tarn_status tarn__cli_run_sql(
    cli_ctx *ctx, const char *sql, tarn_query_options *options, tarn_error *err)
{
    tarn_snapshot *snap;
    tarn_rows *rows;
    tarn_status st = tarn__cli_snapshot(ctx, &snap, err);
    if (st != TARN_OK)
        return st;
    options->tenant = ctx->settings.tenant;
    options->error = &ctx->details;
    if (ctx->settings.format == CLI_FORMAT_PARQUET)
        return tarn__cli_print_parquet(ctx, snap, sql, options, err);
    st = tarn_query(snap, sql, options, &rows, err);
    return st != TARN_OK
        ? st
        : tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
}

/* --param name=value, each a parameter. */
static tarn_status read_params(
    const cli_args *args, tarn_param *params, size_t *count, tarn_error *err)
{
    *count = 0;
    for (size_t i = 0; i < args->set_count; i++) {
        if (strcmp(args->set[i].flag->name, "param") != 0)
            continue;
        const char *text = args->set[i].value;
        const char *equals = strchr(text, '=');
        if (equals == NULL || equals == text)
            return tarn__cli_fail(err, TARN_INVALID,
                "--param %s: a name or = is missing (write --param "
                "name=value)",
                text);
        params[(*count)++] = (tarn_param){
            tarn__cli_strndup(text, (size_t)(equals - text)), equals + 1};
    }
    return TARN_OK;
}

/* The statement: an argument, or what a file or standard input holds. */
static tarn_status read_statement(
    const cli_args *args, cli_buf *sql, tarn_error *err)
{
    const char *file = tarn__cli_value(args, "file");
    if ((file == NULL) == (args->word_count == 0))
        return tarn__cli_fail(
            err, TARN_INVALID, "sql: give a query, - or -F FILE (one of them)");
    if (file == NULL && strcmp(args->words[0], "-") == 0)
        file = "-";
    if (file == NULL) {
        tarn__cli_add_text(sql, args->words[0]);
        return TARN_OK;
    }
    tarn_status st = tarn__cli_read_all(file, sql, err);
    if (st == TARN_OK && sql->len > 0 && strlen(sql->ptr) != sql->len)
        return tarn__cli_fail(
            err, TARN_BAD_INPUT, "%s: holds a NUL byte (SQL cannot)", file);
    return st;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    cli_buf sql = CLI_BUF_INIT;
    tarn_query_options options = TARN_QUERY_OPTIONS_INIT;
    tarn_param *params =
        tarn__cli_alloc((args->set_count + 1) * sizeof(*params));
    options.params = params;
    options.allow_host = tarn__cli_has(args, "allow-host");
    options.explain = tarn__cli_has(args, "explain");
    tarn_status st = read_params(args, params, &options.param_count, err);
    if (st == TARN_OK)
        st = read_statement(args, &sql, err);
    if (st == TARN_OK)
        st = tarn__cli_run_sql(
            ctx, sql.ptr == NULL ? "" : sql.ptr, &options, err);
    for (size_t i = 0; i < options.param_count; i++)
        tarn__cli_free((void *)(uintptr_t)params[i].name);
    tarn__cli_free(params);
    tarn__cli_buf_reset(&sql);
    return st;
}

static const cli_flag flags[] = {
    {"file", 'F', "FILE", "read the statement from a file"},
    {"tenant", 0, "T", "whose records are seen; else $TARN_TENANT"},
    {"param", 0, "NAME=VALUE", "the value of $NAME in the statement"},
    {"explain", 0, NULL, "print table, route, pushed and version instead"},
    {"allow-host", 0, NULL,
        "let 'host:PATH' and './PATH' name files of the host"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_sql = {.name = "sql",
    .group = CLI_GROUP_SQL,
    .synopsis = "QUERY|-|-F FILE",
    .summary = "one reading statement over the lake",
    .help = "Runs DuckDB's SQL over '/path', '/path@42', '/path' AT (VERSION "
            "=> 42), globs, record tables of the tenant, lake.log, "
            "lake.nodes and lake.edges; also LOOKUP 'key', ... and TRAVERSE "
            "FROM 'key'. It only reads: a statement that writes, or a second "
            "one, has the exit code 5 and does nothing.",
    .example = "tarn sql \"SELECT count(*) FROM '/readings'\"",
    .flags = flags,
    .traits = CLI_LAKE | CLI_READS | CLI_PRINTS | CLI_ROWS,
    .min_words = 0,
    .max_words = 1,
    .run = run};
