#include "os/proc_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Not our I/O: no fault passes here, nothing that matters is kept in /proc. */
bool tarn__proc_read(const char *path, char *text, size_t len)
{
    text[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size_t done = 0;
    ssize_t n = 0;
    while (done < len - 1) {
        n = read(fd, text + done, len - 1 - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    (void)close(fd);
    text[done] = '\0';
    return n >= 0;
}
