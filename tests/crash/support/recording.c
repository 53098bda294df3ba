#include "crash/support/recording.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/sandbox.h"

void recording_begin(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_return_code(close(fd), 0);
}

void recording_ack(const char *path, const char *text)
{
    record_head head = {0};
    char bytes[256];
    size_t len = strlen(text);
    size_t total = sizeof head + len;
    assert_true(total <= sizeof bytes);
    head.op = RECORD_ACK;
    head.data_bytes = (uint32_t)len;
    head.total_bytes = (uint32_t)total;
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, text, len);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(total, write(fd, bytes, total));
    assert_return_code(close(fd), 0);
}

static char *copy_text(const char *bytes, uint32_t len)
{
    char *text = malloc((size_t)len + 1);
    assert_non_null(text);
    memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

static void parse(record *r, const record_head *head, const char *rest)
{
    r->op = (record_op)head->op;
    r->flags = head->flags;
    r->handle = head->handle;
    r->at = head->at;
    r->path = copy_text(rest, head->path_bytes);
    rest += head->path_bytes;
    r->other = copy_text(rest, head->other_bytes);
    r->data = rest + head->other_bytes;
    r->len = head->data_bytes;
}

void recording_load(recording *out, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_return_code(fstat(fd, &st), 0);
    out->bytes = (size_t)st.st_size;
    assert_true(out->bytes > 0);
    out->map = mmap(NULL, out->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(out->map != MAP_FAILED);
    (void)close(fd);
    out->records = NULL;
    out->count = 0;
    size_t cap = 0;
    for (size_t at = 0; at < out->bytes;) {
        record_head head;
        assert_true(out->bytes - at >= sizeof head);
        memcpy(&head, out->map + at, sizeof head);
        assert_true(head.op < RECORD_OP_COUNT);
        assert_true(head.total_bytes >= sizeof head);
        assert_true(head.total_bytes <= out->bytes - at);
        if (out->count == cap) {
            cap = cap == 0 ? 4096 : cap * 2;
            out->records = realloc(out->records, cap * sizeof *out->records);
            assert_non_null(out->records);
        }
        parse(&out->records[out->count++], &head, out->map + at + sizeof head);
        at += head.total_bytes;
    }
}

void recording_free(recording *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->records[i].path);
        free(r->records[i].other);
    }
    free(r->records);
    if (r->map != NULL)
        (void)munmap(r->map, r->bytes);
    *r = (recording){0};
}
