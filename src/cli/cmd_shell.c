/* tarn shell: every line is a statement or a .command. */
#include <string.h>

#include "cli/commands.h"
#include "cli/host.h"
#include "cli/lines.h"
#include "cli/shell.h"

const cli_dot tarn__cli_dots[] = {{"quit", "", "leave"}, {"exit", "", "leave"},
    {"format", "[FORMAT]", "how rows are printed from now on"},
    {"at", "[VERSION|TIME]", "which version is read from now on"},
    {"max-rows", "[N|all]", "how many rows a table shows from now on"},
    {NULL, NULL, NULL}};

typedef struct shell {
    cli_ctx *ctx;
    cli_words words;
    cli_args args;
    char *at; /* of .at; NULL: as the command line says */
    bool ended;
} shell;

/* What a line does not say holds from the command line and from settings. */
static void inherit(cli_settings *mine, const cli_settings *shell_settings)
{
    const cli_settings *from = shell_settings;
    if (mine->format == CLI_FORMAT_AUTO)
        mine->format = from->format;
    if (mine->at == NULL)
        mine->at = from->at;
    if (mine->tenant == NULL)
        mine->tenant = from->tenant;
    if (mine->max_rows == -2)
        mine->max_rows = from->max_rows;
    if (mine->message == NULL)
        mine->message = from->message;
    mine->lake = from->lake;
    mine->quiet = mine->quiet || from->quiet;
    mine->verbose = mine->verbose || from->verbose;
    mine->memory_bytes = from->memory_bytes;
    mine->threads = from->threads;
    mine->wait_us = from->wait_us;
}

/* One command with the shell's lake; its error is told here, for its format. */
static tarn_status run_words(shell *s, const char *const *words, size_t count,
    const char *place, tarn_error *err)
{
    cli_ctx line = {.settings = s->ctx->settings,
        .lake = s->ctx->lake,
        .progress = s->ctx->progress,
        .version_fd = -1};
    tarn_status st = tarn__cli_parse(&s->args, words, count, err);
    const cli_command *command = s->args.command;
    if (st == TARN_OK &&
        (command == NULL || command == &tarn__cli_shell ||
            command == &tarn__cli_init))
        st = tarn__cli_fail(err, TARN_INVALID,
            "%s: is not for a shell (give it to tarn itself)",
            command == NULL ? "." : command->name);
    if (st == TARN_OK)
        st = tarn__cli_settings(&line.settings, &s->args, err);
    if (st == TARN_OK) {
        inherit(&line.settings, &s->ctx->settings);
        line.masked = tarn__cli_mask(words, count);
        st = tarn__cli_run(&line, &s->args, err);
    }
    s->ctx->lake = line.lake;
    if (st != TARN_OK && place == NULL)
        tarn__cli_report(&line, err);
    else
        s->ctx->details = line.details;
    if (st != TARN_OK && place != NULL)
        line.details = (tarn_query_error)TARN_QUERY_ERROR_INIT;
    tarn__cli_done(&line, true);
    return st;
}

static tarn_status set_max_rows(shell *s, const char *value, tarn_error *err)
{
    int64_t count = -2;
    if (value != NULL && strcmp(value, "all") == 0)
        count = -1;
    else if (value != NULL && (!tarn_parse_int64(value, &count) || count < 0))
        return tarn__cli_fail(err, TARN_INVALID,
            ".max-rows %s: is no number of rows (give one, or all)", value);
    s->ctx->settings.max_rows = count;
    return TARN_OK;
}

static tarn_status set_format(shell *s, const char *value, tarn_error *err)
{
    cli_format format = CLI_FORMAT_AUTO;
    if (value != NULL && !tarn__cli_parse_format(value, &format))
        return tarn__cli_fail(err, TARN_INVALID,
            ".format %s: there is no such format (it is one of table, csv, "
            "tsv, json, jsonl, plain, parquet)",
            value);
    s->ctx->settings.format = format;
    return TARN_OK;
}

static tarn_status set_at(shell *s, const char *value, tarn_error *err)
{
    int64_t version;
    if (value != NULL) {
        tarn_status st = tarn_lake_resolve(s->ctx->lake, value, &version, err);
        if (st != TARN_OK)
            return st;
    }
    tarn__cli_free(s->at);
    s->at = value == NULL ? NULL : tarn__cli_strdup(value);
    s->ctx->settings.at = s->at;
    return TARN_OK;
}

static bool is_setting(const char *name)
{
    const cli_dot *dot = tarn__cli_dots;
    while (dot->name != NULL && strcmp(dot->name, name) != 0)
        dot++;
    return dot->name != NULL;
}

static tarn_status run_setting(shell *s, tarn_error *err)
{
    const char *name = s->words.ptr[0];
    const char *value = s->words.count > 1 ? s->words.ptr[1] : NULL;
    if (strcmp(name, "format") == 0)
        return set_format(s, value, err);
    if (strcmp(name, "at") == 0)
        return set_at(s, value, err);
    if (strcmp(name, "max-rows") == 0)
        return set_max_rows(s, value, err);
    s->ended = true;
    return TARN_OK;
}

static tarn_status run_dot(
    shell *s, const char *line, const char *place, tarn_error *err)
{
    tarn_status st = tarn__cli_split(&s->words, line, strlen(line), err);
    bool told = false;
    if (st == TARN_OK && s->words.count == 0)
        st = tarn__cli_fail(
            err, TARN_INVALID, ".: a command is missing (.help lists them)");
    else if (st == TARN_OK && is_setting(s->words.ptr[0]))
        st = run_setting(s, err);
    else if (st == TARN_OK) {
        st = run_words(s, s->words.ptr, s->words.count, place, err);
        told = true;
    }
    if (st != TARN_OK && !told && place == NULL)
        tarn__cli_report(s->ctx, err);
    return st;
}

/* place NULL: someone sits there, who is told at once. */
static tarn_status run_line(
    shell *s, const char *line, const char *place, tarn_error *err)
{
    while (*line == ' ' || *line == '\t')
        line++;
    if (*line == '\0')
        return TARN_OK;
    if (*line == '.')
        return run_dot(s, line + 1, place, err);
    const char *words[] = {"sql", "--", line};
    return run_words(s, words, 3, place, err);
}

static tarn_status run_terminal(shell *s, tarn_error *err)
{
    cli_editor *editor = tarn__cli_editor_open(s->ctx);
    if (editor == NULL)
        return tarn__cli_fail(err, TARN_FAILED,
            "shell: the terminal cannot be used for editing (send lines by a "
            "pipe)");
    tarn__cli_note(s->ctx,
        "SQL, or .COMMAND; .help lists commands, .quit or Ctrl-D leaves");
    while (!s->ended) {
        const char *line;
        tarn_status st = tarn__cli_editor_next(editor, &line);
        if (st == TARN_OK)
            break;
        if (st != TARN_ROW)
            continue;
        /* Told already; the next line may do better. */
        st = run_line(s, line, NULL, err);
        if (st == TARN_INTERRUPTED)
            tarn__cli_forget_interrupt();
    }
    tarn__cli_editor_close(editor);
    return TARN_OK;
}

static tarn_status run_pipe(shell *s, tarn_error *err)
{
    cli_lines lines;
    cli_buf text = CLI_BUF_INIT;
    tarn_status st = tarn__cli_lines_open(&lines, "-", err);
    while (st == TARN_OK && !s->ended) {
        const char *line;
        size_t len;
        st = tarn__cli_lines_next(&lines, &line, &len, err);
        if (st != TARN_ROW)
            break;
        text.len = 0;
        tarn__cli_add(&text, line, len);
        st = run_line(s, text.ptr, lines.name, err);
        if (st != TARN_OK)
            tarn__cli_prefix(
                err, "%s line %lld", lines.name, (long long)lines.number);
    }
    tarn__cli_buf_reset(&text);
    tarn__cli_lines_close(&lines);
    return st;
}

static tarn_status run(cli_ctx *ctx, const cli_args *args, tarn_error *err)
{
    (void)args;
    shell s = {ctx, CLI_WORDS_INIT, CLI_ARGS_INIT, NULL, false};
    bool terminal =
        tarn__cli_is_terminal(CLI_STDIN) && tarn__cli_is_terminal(CLI_STDOUT);
    tarn_status st = terminal ? run_terminal(&s, err) : run_pipe(&s, err);
    tarn__cli_words_reset(&s.words);
    tarn__cli_args_reset(&s.args);
    tarn__cli_free(s.at);
    return st;
}

static const cli_flag flags[] = {
    {"tenant", 0, "T", "whose records are seen; else $TARN_TENANT"},
    {NULL, 0, NULL, NULL}};

const cli_command tarn__cli_shell = {.name = "shell",
    .group = CLI_GROUP_SQL,
    .synopsis = "",
    .summary = "statements and commands, line by line",
    .help = "Reads lines from the terminal, with history and completion, or "
            "from a pipe. Each is a statement as for tarn sql, or a command "
            "of tarn behind a dot, such as .ls /raw; .format, .at and "
            ".max-rows hold until they are changed, .quit leaves. On a "
            "terminal an error is told and the next line read; from a pipe "
            "the first error ends it.",
    .example = "echo 'SELECT 6 * 7 AS answer' | tarn shell",
    .flags = flags,
    .traits = CLI_LAKE | CLI_READS | CLI_ROWS,
    .min_words = 0,
    .max_words = 0,
    .run = run};
