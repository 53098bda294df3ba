/* The command's memory.  A command that has none left says so and ends: what
 * it had not committed is not there, so nothing is half-done. */
#ifndef TARN_CLI_MEMORY_H
#define TARN_CLI_MEMORY_H

#include <stdarg.h>
#include <tarn/base.h>

/* None of these returns NULL. */
void *tarn__cli_alloc(size_t size); /* zeroed */
void *tarn__cli_realloc(void *ptr, size_t size);
char *tarn__cli_strdup(const char *s);
char *tarn__cli_strndup(const char *s, size_t len);
char *tarn__cli_sprintf(const char *fmt, ...) TARN_PRINTF(1, 2);
void tarn__cli_free(void *ptr);
/* Grow an array of `elem` bytes each to hold `need`; doubles; keeps *cap. */
void *tarn__cli_grow(void *array, size_t *cap, size_t need, size_t elem);

/* Bytes that grow; NUL-terminated once something was added. */
typedef struct cli_buf {
    char *ptr;
    size_t len;
    size_t cap;
} cli_buf;
#define CLI_BUF_INIT \
    {                \
        NULL, 0, 0   \
    }

void tarn__cli_add(cli_buf *buf, const void *ptr, size_t len);
void tarn__cli_add_text(cli_buf *buf, const char *s);
void tarn__cli_add_char(cli_buf *buf, char c);
void tarn__cli_add_fill(cli_buf *buf, char c, size_t count);
void tarn__cli_addf(cli_buf *buf, const char *fmt, ...) TARN_PRINTF(2, 3);
void tarn__cli_buf_reset(cli_buf *buf);

#endif
