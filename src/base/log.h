/* Structured log lines on stderr, TARN_LOG=off|info|debug (default off). */
#ifndef TARN_BASE_LOG_H
#define TARN_BASE_LOG_H

#include <tarn/base.h>

typedef enum tarn__log_level {
    TARN__LOG_OFF = 0,
    TARN__LOG_INFO,
    TARN__LOG_DEBUG
} tarn__log_level;

typedef struct tarn__logger {
    tarn__log_level level;
} tarn__logger;

/* False for a word that is none of the three. */
bool tarn__log_level_parse(const char *word, tarn__log_level *out);
/* One line: time=… level=… room=… event=… and then `fmt`, which holds
 * key=value pairs.  Does nothing above the logger's level or when NULL. */
void tarn__log(const tarn__logger *logger, tarn__log_level level,
    const char *room, const char *event, const char *fmt, ...)
    TARN_PRINTF(5, 6);

#endif
