/* JSON text for output. */
#ifndef TARN_CLI_JSON_H
#define TARN_CLI_JSON_H

#include "cli/memory.h"

/* Append a string literal, quotes included.  Bytes that are not UTF-8 become
 * U+FFFD. */
void tarn__cli_json_quote(cli_buf *out, tarn_slice text);

#endif
