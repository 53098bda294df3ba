/* What holds for a whole run, from flags and environment. */
#include <string.h>

#include "cli/cli.h"
#include "cli/host.h"

static const struct {
    const char *name;
    cli_format format;
} formats[] = {{"table", CLI_FORMAT_TABLE}, {"csv", CLI_FORMAT_CSV},
    {"tsv", CLI_FORMAT_TSV}, {"json", CLI_FORMAT_JSON},
    {"jsonl", CLI_FORMAT_JSONL}, {"plain", CLI_FORMAT_PLAIN},
    {"parquet", CLI_FORMAT_PARQUET}};

bool tarn__cli_parse_format(const char *name, cli_format *out)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (strcmp(formats[i].name, name) == 0) {
            *out = formats[i].format;
            return true;
        }
    return false;
}

/* A flag, else what stands for it in the environment; *name is the one that
 * it came from. */
static const char *value_of(const cli_args *args, const char *flag,
    const char *variable, const char **name)
{
    const char *value = tarn__cli_value(args, flag);
    *name = flag;
    if (value != NULL || variable == NULL)
        return value;
    *name = variable;
    return tarn__cli_env(variable);
}

static tarn_status set_format(
    cli_settings *out, const cli_args *args, tarn_error *err)
{
    const char *from;
    const char *text = value_of(args, "format", "TARN_FORMAT", &from);
    if (text == NULL || tarn__cli_parse_format(text, &out->format))
        return TARN_OK;
    cli_hint hint = {text, NULL, 0, ""};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        tarn__cli_hint_try(&hint, formats[i].name);
    const char *mend = tarn__cli_hint_text(&hint, "");
    return tarn__cli_fail(err, TARN_INVALID,
        "%s %s: there is no such format (%s)",
        strcmp(from, "format") == 0 ? "--format" : "$TARN_FORMAT", text,
        *mend == '\0'
            ? "it is one of table, csv, tsv, json, jsonl, plain, parquet"
            : mend);
}

static tarn_status set_max_rows(
    cli_settings *out, const cli_args *args, tarn_error *err)
{
    const char *text = tarn__cli_value(args, "max-rows");
    if (text != NULL && strcmp(text, "all") == 0) {
        out->max_rows = -1;
        return TARN_OK;
    }
    return tarn__cli_number(
        args, "max-rows", 0, INT64_MAX, &out->max_rows, err);
}

static tarn_status check_tenant(const cli_settings *settings, tarn_error *err)
{
    return settings->tenant == NULL || *settings->tenant != '\0'
        ? TARN_OK
        : tarn__cli_fail(err, TARN_INVALID,
              "--tenant: is empty (give a name, or leave it out)");
}

static tarn_status set_memory(
    cli_settings *out, const cli_args *args, tarn_error *err)
{
    const char *text = tarn__cli_value(args, "memory");
    if (text == NULL)
        return TARN_OK;
    if (!tarn_parse_bytes(text, &out->memory_bytes) || out->memory_bytes == 0)
        return tarn__cli_fail(err, TARN_INVALID,
            "--memory %s: is no amount of memory (write 512MB or 2GB)", text);
    return TARN_OK;
}

tarn_status tarn__cli_settings(
    cli_settings *out, const cli_args *args, tarn_error *err)
{
    const char *from;
    *out = (cli_settings)CLI_SETTINGS_INIT;
    out->quiet = tarn__cli_has(args, "quiet");
    out->verbose = tarn__cli_has(args, "verbose");
    out->lake = value_of(args, "lake", "TARN", &from);
    out->tenant = value_of(args, "tenant", "TARN_TENANT", &from);
    out->at = tarn__cli_value(args, "at");
    out->message = tarn__cli_value(args, "message");
    out->version_file = tarn__cli_value(args, "version-file");
    out->output = tarn__cli_value(args, "output");
    int64_t threads = 0;
    tarn_status st = set_format(out, args, err);
    if (st == TARN_OK)
        st = set_max_rows(out, args, err);
    if (st == TARN_OK)
        st = set_memory(out, args, err);
    if (st == TARN_OK)
        st = check_tenant(out, err);
    if (st == TARN_OK)
        st = tarn__cli_number(args, "threads", 1, 1024, &threads, err);
    if (st == TARN_OK)
        st = tarn__cli_duration(args, "wait", &out->wait_us, err);
    out->threads = (int)threads;
    return st;
}
