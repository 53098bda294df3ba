#include "support/bench.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

long bench_count(const char *text)
{
    char *end = NULL;
    errno = 0;
    long count = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || count < 0)
        bench_die(text);
    return count;
}

void bench_die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void bench_noise(void *ptr, size_t len, unsigned long seed)
{
    uint64_t x = (uint64_t)seed * 0x9e3779b97f4a7c15U + 0x2545f4914f6cdd1dU;
    unsigned char *at = ptr;
    while (len > 0) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        size_t n = len < sizeof x ? len : sizeof x;
        memcpy(at, &x, n);
        at += n;
        len -= n;
    }
}
