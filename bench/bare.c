/*
 * What one durable commit cannot do without: two files written and fsynced,
 * and the folder of each, over and over.  Prints the seconds that it took.
 *
 *   bare DIR COUNT BYTES BYTES
 */
#include "support/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_dir(const char *dir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (mkdir(path, 0755) != 0)
        bench_die(path);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        bench_die(path);
    return fd;
}

static void write_durably(int dir, long i, const void *ptr, size_t len)
{
    char name[32];
    snprintf(name, sizeof name, "%020ld", i);
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, ptr, len) != (ssize_t)len || fsync(fd) != 0 ||
        close(fd) != 0 || fsync(dir) != 0)
        bench_die(name);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("bare DIR COUNT BYTES BYTES");
    long count = bench_count(argv[2]);
    size_t len[2] = {
        (size_t)bench_count(argv[3]), (size_t)bench_count(argv[4])};
    char *bytes = malloc(len[0] + len[1] + 1);
    if (bytes == NULL)
        bench_die("no memory");
    bench_noise(bytes, len[0] + len[1], 1);
    if (mkdir(argv[1], 0755) != 0)
        bench_die(argv[1]);
    int data = make_dir(argv[1], "data");
    int log = make_dir(argv[1], "log");

    double start = bench_now();
    for (long i = 0; i < count; i++) {
        write_durably(data, i, bytes, len[0]);
        write_durably(log, i, bytes, len[1]);
    }
    printf("%.6f\n", bench_now() - start);
    close(data);
    close(log);
    free(bytes);
    return 0;
}
