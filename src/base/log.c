#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

#define LINE_BYTES 1024

bool tarn__log_level_parse(const char *word, tarn__log_level *out)
{
    static const char *const words[] = {"off", "info", "debug"};
    for (int i = 0; i < 3; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (tarn__log_level)i;
            return true;
        }
    return false;
}

void tarn__log(const tarn__logger *logger, tarn__log_level level,
    const char *room, const char *event, const char *fmt, ...)
{
    if (logger == NULL || level == TARN__LOG_OFF || level > logger->level)
        return;
    char time[TARN__TIME_TEXT_BYTES];
    char line[LINE_BYTES];
    size_t max = sizeof(line) - 1; /* room for the newline */
    int n = snprintf(line, max, "time=%s level=%s room=%s event=%s ",
        tarn__time_format(tarn__now_us(), time),
        level == TARN__LOG_INFO ? "info" : "debug", room, event);
    if (n > 0 && (size_t)n < max) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(line + n, max - (size_t)n, fmt, args);
        va_end(args);
    }
    size_t len = strlen(line);
    while (len > 0 && line[len - 1] == ' ')
        len--;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    line[len] = '\n';
    line[len + 1] = '\0';
    fputs(line, stderr); /* one call: lines of several threads do not mix */
}
