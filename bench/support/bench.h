/* What the benchmarks' programs share: time, and ending on an error. */
#ifndef BENCH_SUPPORT_BENCH_H
#define BENCH_SUPPORT_BENCH_H

#include <stddef.h>

/* Seconds on a clock that only rises. */
double bench_now(void);

/* A number of the command line: at least 0, else the program ends. */
long bench_count(const char *text);

/* Print "PROGRAM: WHAT" and end with exit code 1. */
_Noreturn void bench_die(const char *what);

/* `len` bytes that do not compress and are the same for the same seed. */
void bench_noise(void *ptr, size_t len, unsigned long seed);

#endif
