/* What standard input holds: it has no name to tell. */
#include <string.h>

#include "cli/put.h"

const char *tarn__cli_sniff(const char *bytes, size_t len)
{
    if (len >= 4 && memcmp(bytes, "PAR1", 4) == 0)
        return "parquet";
    size_t at = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", bytes[at]) != NULL)
        at++;
    if (at < len && bytes[at] == '[')
        return "json";
    if (at < len && bytes[at] == '{')
        return "jsonl";
    return "csv";
}
