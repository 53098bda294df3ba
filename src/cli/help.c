/* Help in plain text, of at most 78 columns. */
#include "cli/help.h"

#include <string.h>

#define WIDTH 78

/* Words of text from column `at` on, later lines from `indent` on. */
static void add_wrapped(
    cli_buf *out, const char *text, size_t at, size_t indent)
{
    bool first = true;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        size_t width = tarn_text_width((tarn_slice){text, len});
        if (!first && at + 1 + width > WIDTH) {
            tarn__cli_add_char(out, '\n');
            tarn__cli_add_fill(out, ' ', indent);
            at = indent;
            first = true;
        }
        if (!first) {
            tarn__cli_add_char(out, ' ');
            at++;
        }
        tarn__cli_add(out, text, len);
        at += width;
        first = false;
        text += len;
        text += *text != '\0';
    }
    tarn__cli_add_char(out, '\n');
}

/* Paragraphs, parted by an empty line. */
static void add_paragraphs(cli_buf *out, const char *text)
{
    while (*text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
        char *paragraph = tarn__cli_strndup(text, len);
        add_wrapped(out, paragraph, 0, 0);
        tarn__cli_free(paragraph);
        text += len;
        if (end != NULL) {
            text += 2;
            tarn__cli_add_char(out, '\n');
        }
    }
}

static void add_flag(cli_buf *out, const cli_flag *flag)
{
    const size_t indent = 26;
    size_t start = out->len;
    if (flag->letter != 0)
        tarn__cli_addf(out, "  -%c, --%s", flag->letter, flag->name);
    else
        tarn__cli_addf(out, "      --%s", flag->name);
    if (flag->value != NULL)
        tarn__cli_addf(out, " %s", flag->value);
    size_t at = out->len - start;
    if (at + 2 > indent) {
        tarn__cli_add_char(out, '\n');
        at = 0;
    }
    tarn__cli_add_fill(out, ' ', indent - at);
    add_wrapped(out, flag->help, indent, indent);
}

void tarn__cli_help_one(cli_buf *out, const cli_command *command)
{
    tarn__cli_addf(out, "tarn %s%s%s\n\n", command->name,
        *command->synopsis == '\0' ? "" : " ", command->synopsis);
    add_paragraphs(out, command->help);
    tarn__cli_add_text(out, "\nFlags:\n");
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        for (; list->name != NULL; list++)
            add_flag(out, list);
    tarn__cli_addf(out, "\nExample:\n  %s\n", command->example);
}

void tarn__cli_help_all(cli_buf *out)
{
    tarn__cli_add_text(out,
        "tarn [-C LAKE] COMMAND ...\n\nA lakehouse that fits in one "
        "directory.\n");
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *group = "";
    size_t indent = 0;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(commands[i]->name) + 4;
        indent = len > indent ? len : indent;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(group, commands[i]->group) != 0) {
            group = commands[i]->group;
            tarn__cli_addf(out, "\n%s:\n", group);
        }
        size_t len = strlen(commands[i]->name);
        tarn__cli_addf(out, "  %s", commands[i]->name);
        tarn__cli_add_fill(out, ' ', indent - len - 2);
        add_wrapped(out, commands[i]->summary, indent, indent);
    }
    tarn__cli_add_text(out, "\nFlags of every command:\n");
    for (const cli_flag *f = tarn__cli_everywhere; f->name != NULL; f++)
        add_flag(out, f);
    tarn__cli_add_text(
        out, "\ntarn help COMMAND says more, with an example.\n");
}

bool tarn__cli_help_family(cli_buf *text, const char *first)
{
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    cli_buf prefix = CLI_BUF_INIT;
    tarn__cli_addf(&prefix, "%s ", first);
    for (size_t i = 0; i < count; i++)
        if (strncmp(commands[i]->name, prefix.ptr, prefix.len) == 0) {
            if (text->len > 0)
                tarn__cli_add_char(text, '\n');
            tarn__cli_help_one(text, commands[i]);
        }
    tarn__cli_buf_reset(&prefix);
    return text->len > 0;
}

void tarn__cli_help_versions(cli_buf *out)
{
    static const char *const engines[] = {"duckdb", "rocksdb"};
    tarn__cli_addf(
        out, "tarn %s\nformat %d\n", tarn_version(), tarn_format_version());
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        const char *version = tarn_engine_version(engines[i]);
        version += *version == 'v';
        tarn__cli_addf(out, "%s %s\n", engines[i], version);
    }
}
