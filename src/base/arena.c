#include <string.h>

#include "base/memory.h"

#define ALIGN ((size_t)16)
#define FIRST_CHUNK_BYTES ((size_t)4096)
#define LAST_CHUNK_BYTES ((size_t)256 * 1024)

/* Its size is a multiple of ALIGN, so that the bytes behind it are aligned. */
struct tarn__chunk {
    struct tarn__chunk *next;
    size_t size; /* of the bytes behind the header */
    size_t used;
    size_t unused_padding;
};

_Static_assert(sizeof(struct tarn__chunk) % 16 == 0, "chunk header alignment");

static char *chunk_bytes(struct tarn__chunk *chunk)
{
    return (char *)(chunk + 1);
}

/* A chunk of `size` bytes; it becomes the head, unless `behind`: then it goes
 * second, so that the head's remaining room stays in use. */
static struct tarn__chunk *add_chunk(
    tarn__arena *arena, size_t size, bool behind)
{
    if (size > SIZE_MAX - sizeof(struct tarn__chunk))
        return NULL;
    struct tarn__chunk *chunk = tarn__malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        return NULL;
    chunk->size = size;
    chunk->used = 0;
    if (behind) {
        chunk->next = arena->head->next;
        arena->head->next = chunk;
    } else {
        chunk->next = arena->head;
        arena->head = chunk;
    }
    arena->used_bytes += sizeof(*chunk) + size;
    return chunk;
}

void *tarn__arena_alloc(tarn__arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    size = size == 0 ? ALIGN : (size + ALIGN - 1) & ~(ALIGN - 1);
    struct tarn__chunk *head = arena->head;
    if (head == NULL || head->size - head->used < size) {
        size_t next = head == NULL ? FIRST_CHUNK_BYTES : head->size * 2;
        if (next > LAST_CHUNK_BYTES)
            next = LAST_CHUNK_BYTES;
        bool own = size > next / 4 && head != NULL;
        if (size > next || own)
            next = size;
        head = add_chunk(arena, next, own);
        if (head == NULL)
            return NULL;
    }
    void *ptr = chunk_bytes(head) + head->used;
    head->used += size;
    return ptr;
}

char *tarn__arena_strdup(tarn__arena *arena, const char *s)
{
    tarn_slice copy = tarn__arena_copy(arena, tarn_str(s));
    return (char *)(uintptr_t)copy.ptr;
}

tarn_slice tarn__arena_copy(tarn__arena *arena, tarn_slice bytes)
{
    tarn_slice copy = {NULL, 0};
    if (bytes.len == SIZE_MAX)
        return copy;
    char *ptr = tarn__arena_alloc(arena, bytes.len + 1);
    if (ptr == NULL)
        return copy;
    if (bytes.len > 0)
        memcpy(ptr, bytes.ptr, bytes.len);
    ptr[bytes.len] = '\0';
    copy.ptr = ptr;
    copy.len = bytes.len;
    return copy;
}

void tarn__arena_reset(tarn__arena *arena)
{
    struct tarn__chunk *chunk = arena->head;
    while (chunk != NULL) {
        struct tarn__chunk *next = chunk->next;
        tarn__free(chunk);
        chunk = next;
    }
    arena->head = NULL;
    arena->used_bytes = 0;
}
