#include "cli/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *ptr)
{
    if (ptr == NULL) {
        (void)fputs("tarn: out of memory (allow the process more)\n", stderr);
        _Exit(tarn_exit_code(TARN_NO_MEMORY));
    }
    return ptr;
}

void *tarn__cli_alloc(size_t size)
{
    return must(calloc(1, size == 0 ? 1 : size));
}

void *tarn__cli_realloc(void *ptr, size_t size)
{
    return must(realloc(ptr, size == 0 ? 1 : size));
}

char *tarn__cli_strdup(const char *s)
{
    return tarn__cli_strndup(s, strlen(s));
}

char *tarn__cli_strndup(const char *s, size_t len)
{
    char *copy = tarn__cli_alloc(len + 1);
    memcpy(copy, s, len);
    return copy;
}

char *tarn__cli_sprintf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    size_t size = len < 0 ? 1 : (size_t)len + 1;
    char *text = tarn__cli_alloc(size);
    va_start(args, fmt);
    (void)vsnprintf(text, size, fmt, args);
    va_end(args);
    return text;
}

void tarn__cli_free(void *ptr)
{
    free(ptr);
}

void *tarn__cli_grow(void *array, size_t *cap, size_t need, size_t elem)
{
    if (need <= *cap)
        return array;
    size_t next = *cap < 8 ? 8 : *cap;
    while (next < need)
        next = next > SIZE_MAX / 2 ? need : next * 2;
    size_t bytes;
    if (__builtin_mul_overflow(next, elem, &bytes))
        return must(NULL);
    array = tarn__cli_realloc(array, bytes);
    *cap = next;
    return array;
}

void tarn__cli_add(cli_buf *buf, const void *ptr, size_t len)
{
    buf->ptr = tarn__cli_grow(buf->ptr, &buf->cap, buf->len + len + 1, 1);
    if (len > 0)
        memcpy(buf->ptr + buf->len, ptr, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void tarn__cli_add_text(cli_buf *buf, const char *s)
{
    tarn__cli_add(buf, s, strlen(s));
}

void tarn__cli_add_char(cli_buf *buf, char c)
{
    tarn__cli_add(buf, &c, 1);
}

void tarn__cli_add_fill(cli_buf *buf, char c, size_t count)
{
    while (count-- > 0)
        tarn__cli_add_char(buf, c);
}

void tarn__cli_addf(cli_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len <= 0)
        return;
    size_t need = buf->len + (size_t)len + 1;
    buf->ptr = tarn__cli_grow(buf->ptr, &buf->cap, need, 1);
    va_start(args, fmt);
    (void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, fmt, args);
    va_end(args);
    buf->len += (size_t)len;
}

void tarn__cli_buf_reset(cli_buf *buf)
{
    free(buf->ptr);
    *buf = (cli_buf)CLI_BUF_INIT;
}
