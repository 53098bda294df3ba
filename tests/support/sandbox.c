#include "support/sandbox.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Memory that lives as long as the sandbox. */
typedef struct held {
    struct held *next;
    char bytes[];
} held;

struct sandbox {
    char dir[256];
    held *held;
    void *user;
};

static sandbox *sandbox_of(void **state)
{
    assert_non_null(state);
    assert_non_null(*state);
    return *state;
}

static char *hold(void **state, size_t size)
{
    sandbox *box = sandbox_of(state);
    held *h = malloc(sizeof *h + size);
    assert_non_null(h);
    h->next = box->held;
    box->held = h;
    return h->bytes;
}

void sandbox_without_disk(void)
{
    if (access("/dev/shm", W_OK) == 0)
        (void)setenv("TMPDIR", "/dev/shm", 0);
}

int sandbox_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    sandbox *box = calloc(1, sizeof *box);
    if (box == NULL)
        return -1;
    int len = snprintf(box->dir, sizeof box->dir, "%s/tarn-test-XXXXXX",
        tmp != NULL && *tmp != '\0' ? tmp : "/tmp");
    if (len < 0 || (size_t)len >= sizeof box->dir || !mkdtemp(box->dir)) {
        fprintf(stderr, "sandbox %s: %s\n", box->dir, strerror(errno));
        free(box);
        return -1;
    }
    *state = box;
    return 0;
}

/* Folders that a test made unreadable are opened up on the way down. */
static int open_up(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)at;
    if (type == FTW_D || type == FTW_DNR)
        (void)chmod(path, 0700);
    return 0;
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

int sandbox_teardown(void **state)
{
    sandbox *box = *state;
    int failed = 0;
    if (box == NULL)
        return 0;
    if (getenv("TARN_KEEP") != NULL) {
        fprintf(stderr, "kept %s\n", box->dir);
    } else {
        (void)nftw(box->dir, open_up, 32, FTW_PHYS);
        failed = nftw(box->dir, remove_one, 32, FTW_DEPTH | FTW_PHYS);
        if (failed)
            fprintf(stderr, "sandbox %s: %s\n", box->dir, strerror(errno));
    }
    while (box->held != NULL) {
        held *h = box->held;
        box->held = h->next;
        free(h);
    }
    free(box);
    *state = NULL;
    return failed ? -1 : 0;
}

const char *sandbox_dir(void **state)
{
    return sandbox_of(state)->dir;
}

const char *sandbox_path(void **state, const char *name)
{
    sandbox *box = sandbox_of(state);
    size_t size = strlen(box->dir) + strlen(name) + 2;
    char *path = hold(state, size);
    (void)snprintf(path, size, "%s/%s", box->dir, name);
    return path;
}

/* Make the folders on the way to `path`, and it too when `last`. */
static void make_folders(void **state, const char *path, bool last)
{
    size_t len = strlen(path);
    char *copy = hold(state, len + 1);
    memcpy(copy, path, len + 1);
    for (char *p = copy + strlen(sandbox_dir(state)) + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            fail_msg("mkdir %s: %s", copy, strerror(errno));
        *p = '/';
    }
    if (last && mkdir(copy, 0777) != 0 && errno != EEXIST)
        fail_msg("mkdir %s: %s", copy, strerror(errno));
}

const char *sandbox_write(
    void **state, const char *name, const void *bytes, size_t len)
{
    const char *path = sandbox_path(state, name);
    make_folders(state, path, false);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        fail_msg("open %s: %s", path, strerror(errno));
    size_t put = len == 0 ? 0 : fwrite(bytes, 1, len, file);
    if (fclose(file) != 0 || put != len)
        fail_msg("write %s: %s", path, strerror(errno));
    return path;
}

const char *sandbox_write_text(void **state, const char *name, const char *text)
{
    return sandbox_write(state, name, text, strlen(text));
}

const char *sandbox_mkdir(void **state, const char *name)
{
    const char *path = sandbox_path(state, name);
    make_folders(state, path, true);
    return path;
}

const char *sandbox_read(void **state, const char *name, size_t *len)
{
    const char *path = sandbox_path(state, name);
    struct stat st;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &st) != 0)
        fail_msg("open %s: %s", path, strerror(errno));
    size_t size = (size_t)st.st_size;
    char *bytes = hold(state, size + 1);
    size_t got = fread(bytes, 1, size, file);
    (void)fclose(file);
    if (got != size)
        fail_msg("read %s: %zu of %zu bytes", path, got, size);
    bytes[size] = '\0';
    if (len != NULL)
        *len = size;
    return bytes;
}

bool sandbox_exists(void **state, const char *name)
{
    struct stat st;
    return lstat(sandbox_path(state, name), &st) == 0;
}

void sandbox_set_user(void **state, void *user)
{
    sandbox_of(state)->user = user;
}

void *sandbox_user(void **state)
{
    return sandbox_of(state)->user;
}
