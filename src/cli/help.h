/* Texts made from the table of commands. */
#ifndef TARN_CLI_HELP_H
#define TARN_CLI_HELP_H

#include "cli/cli.h"

void tarn__cli_help_all(cli_buf *out);
void tarn__cli_help_one(cli_buf *out, const cli_command *command);
/* All commands of a family, such as those of `state`; false when it is none. */
bool tarn__cli_help_family(cli_buf *out, const char *first);
/* Software, format and engines. */
void tarn__cli_help_versions(cli_buf *out);
/* tarn.1 */
void tarn__cli_man(cli_buf *out);
/* For bash, zsh or fish; false when there is no such shell. */
bool tarn__cli_completion_script(cli_buf *out, const char *shell);

#endif
