/* What the files of the shim share. */
#undef _FILE_OFFSET_BITS /* both names of each call are defined here */
#ifndef TARN_CRASH_SHIM_H
#define TARN_CRASH_SHIM_H

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crash/support/recording.h"

#define SHOWN __attribute__((visibility("default")))
#define ALSO_KNOWN_AS(name) __attribute__((visibility("default"), alias(name)))

/* The call behind ours. */
#define NEXT(name)                 \
    static __typeof__(&name) next; \
    if (next == NULL)              \
    *(void **)&next = dlsym(RTLD_NEXT, #name)

/* Held over a call and its record. */
extern pthread_mutex_t shim_mutex;

/* Is anything recorded in this process? */
bool shim_on(void);
/* Of what is open below the root; 0 for anything else. */
uint64_t shim_handle(int fd);
/* Under the mutex; errno is kept. */
void shim_put(record_op op, int flags, uint64_t handle, uint64_t at,
    const char *path, const char *other, const void *data, size_t len);
/* Something was done that cannot be recorded.  Takes the mutex. */
void shim_missed(const char *what);
/* The path, relative to the root, of an entry: its folder resolved, its own
 * name kept, so that a link stands for itself.  NULL: elsewhere.  `buf` has
 * PATH_MAX bytes. */
const char *shim_entry(int dirfd, const char *path, char *buf);

#endif
