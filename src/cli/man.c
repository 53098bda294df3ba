/* The man page, as roff. */
#include <string.h>

#include "cli/help.h"

/* Text that roff takes as it is. */
static void add_roff(cli_buf *out, const char *text)
{
    bool line_start = true;
    for (; *text != '\0'; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            tarn__cli_add_text(out, "\\&");
        if (*text == '\\')
            tarn__cli_add_text(out, "\\e");
        else if (*text == '-')
            tarn__cli_add_text(out, "\\-");
        else
            tarn__cli_add_char(out, *text);
        line_start = *text == '\n';
    }
}

static void add_paragraphs(cli_buf *out, const char *text)
{
    while (*text != '\0') {
        const char *end = strstr(text, "\n\n");
        size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
        char *paragraph = tarn__cli_strndup(text, len);
        tarn__cli_add_text(out, ".PP\n");
        add_roff(out, paragraph);
        tarn__cli_add_char(out, '\n');
        tarn__cli_free(paragraph);
        text += len + (end == NULL ? 0 : 2);
    }
}

static void add_flags(cli_buf *out, const cli_flag *list)
{
    for (; list->name != NULL; list++) {
        tarn__cli_add_text(out, ".TP\n\\fB");
        if (list->letter != 0)
            tarn__cli_addf(out, "\\-%c\\fR, \\fB", list->letter);
        tarn__cli_add_text(out, "\\-\\-");
        add_roff(out, list->name);
        tarn__cli_add_text(out, "\\fR");
        if (list->value != NULL) {
            tarn__cli_add_text(out, " \\fI");
            add_roff(out, list->value);
            tarn__cli_add_text(out, "\\fR");
        }
        tarn__cli_add_char(out, '\n');
        add_roff(out, list->help);
        tarn__cli_add_char(out, '\n');
    }
}

static void add_command(cli_buf *out, const cli_command *command)
{
    tarn__cli_add_text(out, ".SS \"tarn ");
    add_roff(out, command->name);
    tarn__cli_add_char(out, ' ');
    add_roff(out, command->synopsis);
    tarn__cli_add_text(out, "\"\n");
    add_paragraphs(out, command->help);
    const cli_flag *list;
    for (size_t n = 0; (list = tarn__cli_flags_of(command, n)) != NULL; n++)
        if (list != tarn__cli_everywhere)
            add_flags(out, list);
    tarn__cli_add_text(out, ".PP\nExample:\n.PP\n.RS 4\n.nf\n");
    add_roff(out, command->example);
    tarn__cli_add_text(out, "\n.fi\n.RE\n");
}

static void add_heads(cli_buf *out)
{
    tarn__cli_addf(
        out, ".TH TARN 1 \"\" \"tarn %s\" \"Tarn\"\n", tarn_version());
    tarn__cli_add_text(out,
        ".SH NAME\ntarn \\- a lakehouse that fits in one directory\n"
        ".SH SYNOPSIS\n.B tarn\n[\\fB\\-C\\fR \\fILAKE\\fR] "
        "\\fICOMMAND\\fR ...\n.SH DESCRIPTION\n"
        "Tarn keeps files, streams, tables and time series in one directory, "
        "every change in one transaction log, everything readable by SQL at "
        "every version. Flags stand before or after the command. Results go "
        "to standard output, progress, notes and errors to standard error; "
        "\\- is standard input or output wherever a file is named. Host paths "
        "are relative to the current folder, lake paths to /.\n");
}

static void add_tails(cli_buf *out)
{
    tarn__cli_add_text(out,
        ".SH EXIT STATUS\n0 done, 1 failed, 2 bad arguments, 3 not found, "
        "4 already there or conflict, 5 bad input or query, 6 locked, "
        "7 corrupt, 130 interrupted. An error is one line on standard error; "
        "with \\fB\\-\\-format json\\fR an object with code, message and "
        "details follows it.\n"
        ".SH ENVIRONMENT\n.TP\n\\fBTARN\\fR\nthe lake, as \\fB\\-C\\fR\n"
        ".TP\n\\fBTARN_FORMAT\\fR\nthe format, as \\fB\\-f\\fR\n"
        ".TP\n\\fBTARN_TENANT\\fR, \\fBTARN_DB\\fR\nas the flags "
        "\\-\\-tenant and \\-\\-db\n"
        ".TP\n\\fBTARN_EVENTS_USER\\fR, \\fBTARN_EVENTS_SECRET\\fR\nthe "
        "service account of events fetch\n"
        ".TP\n\\fBTARN_LOG\\fR\noff, info or debug\n"
        ".TP\n\\fBNO_COLOR\\fR\nno colours on a terminal\n");
}

void tarn__cli_man(cli_buf *out)
{
    add_heads(out);
    size_t count;
    const cli_command *const *commands = tarn__cli_commands(&count);
    const char *group = "";
    for (size_t i = 0; i < count; i++) {
        if (strcmp(group, commands[i]->group) != 0) {
            group = commands[i]->group;
            tarn__cli_addf(out, ".SH COMMANDS: %s\n", group);
        }
        add_command(out, commands[i]);
    }
    tarn__cli_add_text(out, ".SH FLAGS OF EVERY COMMAND\n");
    add_flags(out, tarn__cli_everywhere);
    add_tails(out);
}
