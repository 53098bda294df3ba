/* How much memory and how many processors we may use. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/proc_internal.h"
#include "os/process.h"

#define PATH_BYTES 4096

/* A limit file of a control group; UINT64_MAX where none is set. */
static uint64_t limit_in(const char *dir, const char *name)
{
    char path[PATH_BYTES];
    char text[64];
    int len = snprintf(path, sizeof path, "%s/%s", dir, name);
    if (len < 0 || (size_t)len >= sizeof path)
        return UINT64_MAX;
    if (!tarn__proc_read(path, text, sizeof text))
        return UINT64_MAX;
    if (text[0] < '0' || text[0] > '9') /* "max" */
        return UINT64_MAX;
    return strtoull(text, NULL, 10);
}

/* The least limit of our control group (version 2) and of those above it. */
static uint64_t group_limit(void)
{
    char text[PATH_BYTES];
    char dir[PATH_BYTES] = "/sys/fs/cgroup";
    size_t root_len = strlen(dir);
    uint64_t least = limit_in(dir, "memory/memory.limit_in_bytes"); /* v1 */
    if (!tarn__proc_read("/proc/self/cgroup", text, sizeof text))
        return least;
    char *group = strstr(text, "0::");
    if (group == NULL)
        return least;
    group += strlen("0::");
    group[strcspn(group, "\n")] = '\0';
    if (root_len + strlen(group) >= sizeof dir)
        return least;
    memcpy(dir + root_len, group, strlen(group) + 1);
    for (;;) {
        uint64_t limit = limit_in(dir, "memory.max");
        if (limit < least)
            least = limit;
        char *slash = strrchr(dir, '/');
        if (strlen(dir) <= root_len || slash == NULL)
            return least;
        *slash = '\0';
    }
}

uint64_t tarn__memory_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page_bytes = sysconf(_SC_PAGESIZE);
    uint64_t machine = (uint64_t)pages * (uint64_t)page_bytes;
    uint64_t group = group_limit();
    return group < machine ? group : machine;
}

/* From /proc, because getrusage() counts what the program had used that this
 * one was exec'ed from. */
uint64_t tarn__peak_memory_bytes(void)
{
    char text[PATH_BYTES];
    if (tarn__proc_read("/proc/self/status", text, sizeof text)) {
        const char *peak = strstr(text, "VmHWM:");
        if (peak != NULL)
            return strtoull(peak + strlen("VmHWM:"), NULL, 10) * 1024;
    }
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) < 0)
        return 0;
    return (uint64_t)usage.ru_maxrss * 1024;
}

int tarn__cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}
