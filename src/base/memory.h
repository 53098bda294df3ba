/* The one place that allocates.  Tests can make the nth allocation fail. */
#ifndef TARN_BASE_MEMORY_H
#define TARN_BASE_MEMORY_H

#include <stdarg.h>
#include <tarn/base.h>

/* All return NULL when memory is out. `size` 0 is allowed. */
void *tarn__malloc(size_t size);
void *tarn__calloc(size_t count, size_t size);
void *tarn__realloc(void *ptr, size_t size);
void tarn__free(void *ptr);
char *tarn__strdup(const char *s);
char *tarn__strndup(const char *s, size_t len);
char *tarn__sprintf(const char *fmt, ...) TARN_PRINTF(1, 2);

/* Grow an array of `elem` bytes each to hold `need`; doubles; keeps *cap. */
TARN_MUST_CHECK tarn_status tarn__grow(
    void **array, size_t *cap, size_t need, size_t elem, tarn_error *err);

/* What dies together: chunks of memory freed at once. */
typedef struct tarn__arena {
    struct tarn__chunk *head;
    size_t used_bytes; /* in all chunks */
} tarn__arena;
/* clang-format off */
#define TARN__ARENA_INIT {NULL, 0}
/* clang-format on */
void *tarn__arena_alloc(tarn__arena *arena, size_t size); /* aligned to 16 */
char *tarn__arena_strdup(tarn__arena *arena, const char *s);
/* Copies and NUL-terminates; .ptr NULL when memory is out. */
tarn_slice tarn__arena_copy(tarn__arena *arena, tarn_slice bytes);
void tarn__arena_reset(tarn__arena *arena);

/* Fault injection, for tests: fail the nth (1-based) call from now on, once
 * (sticky: and all after it).  0 switches off.  Counts allocations here and,
 * in os/fault.h, I/O calls. */
void tarn__fault_alloc(int64_t nth, bool sticky);
int64_t tarn__fault_alloc_count(void); /* allocations since tarn__fault_alloc */

#endif
