/* This process, its machine, its terminal. */
#ifndef TARN_OS_PROCESS_H
#define TARN_OS_PROCESS_H

#include <tarn/base.h>

int64_t tarn__pid(void);
int64_t tarn__user_id(void);
/* Start time of a process in clock ticks since boot (/proc), 0 if unknown. */
uint64_t tarn__process_start(int64_t pid);
bool tarn__process_alive(int64_t pid);
const char *tarn__hostname(char *buf, size_t len);
const char *tarn__env(const char *name); /* NULL when unset or empty */
uint64_t tarn__memory_bytes(void);       /* of the machine (or cgroup) */
uint64_t tarn__peak_memory_bytes(void);  /* of this process */
int tarn__cpu_count(void);               /* as scheduled: >= 1 */
bool tarn__is_terminal(int fd);
int tarn__terminal_columns(void); /* 0 when there is none */
void tarn__sleep_us(int64_t us);

/* What tarn_interrupt() said last. */
bool tarn__interrupted(void);

/* Network file systems (NFS, SMB, 9p, FUSE network kinds, ...) by statfs; name
 * is a static string such as "nfs". */
bool tarn__is_network_fs(const char *path, const char **name);
/* Free bytes for us on path's file system; 0 if unknown. */
uint64_t tarn__free_bytes(const char *path);

#endif
