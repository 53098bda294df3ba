/* Reading the small text files of /proc and /sys. */
#ifndef TARN_OS_PROC_INTERNAL_H
#define TARN_OS_PROC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

/* The first len - 1 bytes of a file, NUL-terminated; false: unreadable. */
bool tarn__proc_read(const char *path, char *text, size_t len);

#endif
