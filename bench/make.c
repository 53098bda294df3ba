/*
 * Host files to put.
 *
 *   make files DIR COUNT BYTES    DIR/f0000000 ...; no two alike
 *   make blob FILE MIB            one file that does not compress
 */
#include "support/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_file(const char *path, const void *ptr, size_t len)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(ptr, 1, len, file) != len || fclose(file) != 0)
        bench_die(path);
}

static void files(const char *dir, long count, long len)
{
    char path[4096];
    char *bytes = malloc((size_t)len);
    if (bytes == NULL)
        bench_die("no memory");
    for (long i = 0; i < count; i++) {
        bench_noise(bytes, (size_t)len, (unsigned long)i);
        snprintf(path, sizeof path, "%s/f%07ld", dir, i);
        write_file(path, bytes, (size_t)len);
    }
    free(bytes);
}

static void blob(const char *path, long mib)
{
    const size_t len = (size_t)1 << 20;
    char *bytes = malloc(len);
    FILE *file = fopen(path, "wb");
    if (bytes == NULL || file == NULL)
        bench_die(path);
    for (long i = 0; i < mib; i++) {
        bench_noise(bytes, len, (unsigned long)i);
        if (fwrite(bytes, 1, len, file) != len)
            bench_die(path);
    }
    if (fclose(file) != 0)
        bench_die(path);
    free(bytes);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "files") == 0)
        files(argv[2], bench_count(argv[3]), bench_count(argv[4]));
    else if (argc == 4 && strcmp(argv[1], "blob") == 0)
        blob(argv[2], bench_count(argv[3]));
    else
        bench_die("make files DIR COUNT BYTES | make blob FILE MIB");
    return 0;
}
