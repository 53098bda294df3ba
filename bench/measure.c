/*
 * Runs a program and says what it took: seconds, seconds of processor, and
 * peak memory in KiB, in one line appended to FILE.
 *
 *   measure FILE PROGRAM [ARGUMENT...]
 *
 * The exit code is the program's.
 */
#include "support/bench.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        bench_die("measure FILE PROGRAM [ARGUMENT...]");
    struct rusage used;
    int status = 0;
    double start = bench_now();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) != child)
        bench_die("cannot run a program");
    double took = bench_now() - start;

    FILE *file = fopen(argv[1], "a");
    if (file == NULL)
        bench_die(argv[1]);
    fprintf(file, "%.6f %.6f %ld\n", took,
        seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
    if (fclose(file) != 0)
        bench_die(argv[1]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
