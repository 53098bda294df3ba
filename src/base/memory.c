#include "base/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* The fault switch is the one mutable static of this file: an allocation has
 * no handle that it could hang from.  Until a test calls tarn__fault_alloc()
 * an allocation costs one relaxed load more than malloc(). */
#if TARN_FAULTS
static atomic_bool fault_counting;
static atomic_bool fault_sticky;
static atomic_int_least64_t fault_nth;
static atomic_int_least64_t fault_count;

static bool fault_hits(void)
{
    if (!atomic_load_explicit(&fault_counting, memory_order_relaxed))
        return false;
    int64_t n = atomic_fetch_add(&fault_count, 1) + 1;
    int64_t nth = atomic_load(&fault_nth);
    if (nth == 0)
        return false;
    return atomic_load(&fault_sticky) ? n >= nth : n == nth;
}
#else
static bool fault_hits(void)
{
    return false;
}
#endif

void tarn__fault_alloc(int64_t nth, bool sticky)
{
#if TARN_FAULTS
    atomic_store(&fault_nth, 0);
    atomic_store(&fault_count, 0);
    atomic_store(&fault_sticky, sticky);
    atomic_store(&fault_nth, nth);
    atomic_store(&fault_counting, true);
#else
    (void)nth;
    (void)sticky;
#endif
}

int64_t tarn__fault_alloc_count(void)
{
#if TARN_FAULTS
    return atomic_load(&fault_count);
#else
    return 0;
#endif
}

void *tarn__malloc(size_t size)
{
    if (fault_hits())
        return NULL;
    return malloc(size > 0 ? size : 1);
}

void *tarn__calloc(size_t count, size_t size)
{
    size_t bytes;
    if (fault_hits() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return calloc(1, bytes > 0 ? bytes : 1);
}

void *tarn__realloc(void *ptr, size_t size)
{
    if (fault_hits())
        return NULL;
    return realloc(ptr, size > 0 ? size : 1);
}

void tarn__free(void *ptr)
{
    free(ptr);
}

void tarn_free(void *ptr)
{
    free(ptr);
}

char *tarn__strdup(const char *s)
{
    return tarn__strndup(s, strlen(s));
}

char *tarn__strndup(const char *s, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = tarn__malloc(len + 1);
    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, s, len);
    copy[len] = '\0';
    return copy;
}

char *tarn__sprintf(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (len < 0)
        return NULL;
    char *text = tarn__malloc((size_t)len + 1);
    if (text == NULL)
        return NULL;
    va_start(args, fmt);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    va_end(args);
    return text;
}

tarn_status tarn__grow(
    void **array, size_t *cap, size_t need, size_t elem, tarn_error *err)
{
    if (need <= *cap)
        return TARN_OK;
    size_t want = *cap < 8 ? 8 : *cap;
    while (want < need)
        want = want > SIZE_MAX / 2 ? need : want * 2;
    size_t bytes;
    if (__builtin_mul_overflow(want, elem, &bytes))
        return tarn__no_memory(err);
    void *grown = tarn__realloc(*array, bytes);
    if (grown == NULL)
        return tarn__no_memory(err);
    *array = grown;
    *cap = want;
    return TARN_OK;
}
