/* tarn events ls, schema, info, sample, drop, breakdown, keys, summary,
 * column, sql */
#include "cli/commands.h"
#include "cli/events.h"

/* A statement for a table, from the command's arguments. */
typedef tarn_status (*question)(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err);

static tarn_status ask(
    cli_ctx *ctx, const cli_args *args, question build, tarn_error *err)
{
    tarn_store *store;
    tarn_buf sql = TARN_BUF_INIT;
    tarn_status st = tarn__cli_store(ctx, args, CLI_STORE_READ, &store, err);
    if (st != TARN_OK)
        return st;
    st = build(store, args, &sql, err);
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn__cli_answer(ctx, args, store, &sql, err);
    tarn_buf_reset(&sql);
    tarn_store_free(store);
    return st;
}

/* NAME(): a question as a command. */
#define COMMAND(name)                                        \
    static tarn_status run_##name(                           \
        cli_ctx *ctx, const cli_args *args, tarn_error *err) \
    {                                                        \
        return ask(ctx, args, build_##name, err);            \
    }

#define TRAITS (CLI_PRINTS | CLI_ROWS)

static const cli_flag flags[] = {
    CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG, {NULL, 0, NULL, NULL}};

static tarn_status build_ls(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    (void)args;
    return tarn_event_ls_sql(store, sql, err);
}
COMMAND(ls)

const cli_command tarn__cli_events_ls = {.name = "events ls",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "",
    .summary = "the tables of a store",
    .help = "Prints each table's name, type, number of rows, when it was last "
            "loaded and the dates that it covers.",
    .example = "tarn events ls --db web.db",
    .flags = flags,
    .traits = TRAITS,
    .min_words = 0,
    .max_words = 0,
    .run = run_ls};

static tarn_status build_schema(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    return tarn_event_schema_sql(store, args->words[0], sql, err);
}
COMMAND(schema)

const cli_command tarn__cli_events_schema = {.name = "events schema",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "a table's columns",
    .help = "Prints name, type, whether it may be NULL, and whether it is the "
            "column that duplicates are known by.",
    .example = "tarn events schema events --db web.db",
    .flags = flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_schema};

static tarn_status build_info(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    (void)args;
    return tarn_event_info_sql(store, sql, err);
}
COMMAND(info)

const cli_command tarn__cli_events_info = {.name = "events info",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "",
    .summary = "what a store holds in all",
    .help = "Prints path, bytes, the numbers of tables, rows, events and "
            "profiles, and of quarantined lines.",
    .example = "tarn events info --db web.db",
    .flags = flags,
    .traits = TRAITS,
    .min_words = 0,
    .max_words = 0,
    .run = run_info};

static tarn_status build_sample(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    int64_t count = 10;
    tarn_status st = tarn__cli_number(args, "limit", 1, 1000000, &count, err);
    return st == TARN_OK
        ? tarn_event_sample_sql(store, args->words[0], count, sql, err)
        : st;
}
COMMAND(sample)

static const cli_flag sample_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"limit", 'n', "N", "how many (10)"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_sample = {.name = "events sample",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "some rows, drawn at random",
    .help = "Prints so many rows of a table, or all when there are fewer.",
    .example = "tarn events sample events -n 3 --db web.db",
    .flags = sample_flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_sample};

static tarn_status build_breakdown(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    return tarn_event_breakdown_sql(store, args->words[0], sql, err);
}
COMMAND(breakdown)

const cli_command tarn__cli_events_breakdown = {.name = "events breakdown",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "how often each event happened",
    .help = "Prints for each event how many there are, of how many users, the "
            "first and the last, and the share of all; the most frequent "
            "first.",
    .example = "tarn events breakdown events --db web.db",
    .flags = flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_breakdown};

static tarn_status build_keys(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    return tarn_event_keys_sql(
        store, args->words[0], tarn__cli_value(args, "event"), sql, err);
}
COMMAND(keys)

static const cli_flag keys_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"event", 0, "E", "the event that is meant"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_keys = {.name = "events keys",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "names of properties",
    .help = "Prints the names of all properties, or of one event's.",
    .example = "tarn events keys events --event signup --db web.db",
    .flags = keys_flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_keys};

static tarn_status build_summary(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    return tarn_event_summary_sql(store, args->words[0], sql, err);
}
COMMAND(summary)

const cli_command tarn__cli_events_summary = {.name = "events summary",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "figures of each column",
    .help = "Prints a row a column: type, count, share of NULL, about how "
            "many different values, minimum, maximum, mean, standard "
            "deviation and quartiles.",
    .example = "tarn events summary events --db web.db",
    .flags = flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_summary};

static tarn_status build_column(
    tarn_store *store, const cli_args *args, tarn_buf *sql, tarn_error *err)
{
    int64_t top = 10;
    tarn_status st = tarn__cli_number(args, "top", 1, 1000000, &top, err);
    return st == TARN_OK ? tarn_event_column_sql(store, args->words[0],
                               args->words[1], top, sql, err)
                         : st;
}
COMMAND(column)

static const cli_flag column_flags[] = {CLI_STORE_FLAGS, CLI_EXPLAIN_FLAG,
    {"top", 0, "N", "how many values (10)"}, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_column = {.name = "events column",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME COLUMN",
    .summary = "the most frequent values of a column or property",
    .help = "Prints value, count and share of all rows, the most frequent "
            "first. A property is properties.NAME.",
    .example = "tarn events column events properties.country --db web.db",
    .flags = column_flags,
    .traits = TRAITS,
    .min_words = 2,
    .max_words = 2,
    .run = run_column};

static tarn_status run_drop(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_store *store;
    tarn_status st = tarn__cli_store(ctx, args, CLI_STORE_CHANGE, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_event_drop(store, args->words[0], err);
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    tarn_store_free(store);
    return st;
}

static const cli_flag drop_flags[] = {CLI_STORE_FLAGS, {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_drop = {.name = "events drop",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "NAME",
    .summary = "remove a table",
    .help = "Removes a table and its entry in the list, both or neither.",
    .example = "tarn events drop events --db web.db",
    .flags = drop_flags,
    .traits = 0,
    .min_words = 1,
    .max_words = 1,
    .run = run_drop};

static tarn_status run_sql(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    tarn_store *store;
    tarn_rows *rows;
    bool write = tarn__cli_has(args, "write");
    tarn_status st = tarn__cli_store(
        ctx, args, write ? CLI_STORE_CHANGE : CLI_STORE_READ, &store, err);
    if (st != TARN_OK)
        return st;
    st = tarn_store_query(store, args->words[0], NULL, 0, &rows, err);
    if (st == TARN_OK && tarn_rows_column_count(rows) > 0)
        st = tarn__cli_print_rows(ctx, rows, CLI_FORMAT_AUTO, NULL, err);
    else if (st == TARN_OK)
        tarn_rows_free(rows);
    st = tarn__cli_store_failed(ctx, store, st);
    if (st == TARN_OK)
        st = tarn_store_close(store, err);
    tarn_store_free(store);
    return st;
}

static const cli_flag sql_flags[] = {CLI_STORE_FLAGS,
    {"write", 0, NULL, "the statement may change the store"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_events_sql = {.name = "events sql",
    .group = CLI_GROUP_EVENTS,
    .synopsis = "QUERY",
    .summary = "one SQL statement over a store",
    .help = "Runs DuckDB's SQL over the tables of a store, for reading only "
            "and without files of the host unless --write is given.",
    .example = "tarn events sql \"SELECT count(*) FROM events\" --db web.db",
    .flags = sql_flags,
    .traits = TRAITS,
    .min_words = 1,
    .max_words = 1,
    .run = run_sql};
