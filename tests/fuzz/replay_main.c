/*
 * Runs a fuzz target over files given on the command line, folders with all
 * that lies in them: the corpus becomes an ordinary test, with any compiler.
 * No input at all is a failure.
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static void die(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(1);
}

/* The bytes stand in a block of exactly their size, so that a sanitizer sees
 * the first one read beyond them. */
static void run_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(size);
    if (file == NULL || (bytes == NULL && size > 0))
        die(path);
    if (fread(bytes, 1, size, file) != size)
        die(path);
    (void)fclose(file);
    fprintf(stderr, "%s\n", path);
    (void)LLVMFuzzerTestOneInput(bytes, size);
    free(bytes);
}

static size_t run(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        die(path);
    if (!S_ISDIR(st.st_mode)) {
        run_file(path, (size_t)st.st_size);
        return 1;
    }
    size_t count = 0;
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0)
        die(path);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (name[0] != '.') {
            size_t size = strlen(path) + strlen(name) + 2;
            char *below = malloc(size);
            if (below == NULL)
                die(path);
            (void)snprintf(below, size, "%s/%s", path, name);
            count += run(below);
            free(below);
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    if (LLVMFuzzerInitialize != NULL)
        (void)LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++)
        count += run(argv[i]);
    if (count == 0) {
        fprintf(stderr, "%s: no input (give files or folders)\n", argv[0]);
        return 1;
    }
    printf("%zu inputs\n", count);
    return 0;
}
