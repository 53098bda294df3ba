/* struct stat and struct timespec in our words. */
#ifndef TARN_OS_STAT_INTERNAL_H
#define TARN_OS_STAT_INTERNAL_H

#include <sys/stat.h>

#include "os/file.h"

tarn__stat tarn__stat_of(const struct stat *st);
tarn__file_kind tarn__kind_of(mode_t mode);
/* What utimensat() takes: access time as it is, modification time as given. */
void tarn__mtime_spec(int64_t mtime_us, struct timespec times[2]);

#endif
