/* Failing the nth I/O call.  The state is the process's, not a handle's: a
 * sweep counts the calls of everything that runs below one public call. */
#include "os/fault.h"

#include <errno.h>
#include <stdatomic.h>

#include "os/os_internal.h"

#if TARN_FAULTS

static atomic_bool armed; /* so that a run without faults costs one load */
static atomic_int_fast64_t count;
static atomic_int_fast64_t fail_at;
static atomic_int fail_with;
static atomic_bool fail_on;

void tarn__fault_io(int64_t nth, int os_errno, bool sticky)
{
    atomic_store(&armed, false);
    atomic_store(&count, 0);
    atomic_store(&fail_at, nth);
    atomic_store(&fail_with, os_errno);
    atomic_store(&fail_on, sticky);
    atomic_store(&armed, nth > 0);
}

int64_t tarn__fault_io_count(void)
{
    return (int64_t)atomic_load(&count);
}

int tarn__fault_io_next(void)
{
    if (!atomic_load_explicit(&armed, memory_order_relaxed))
        return 0;
    int_fast64_t n = atomic_fetch_add(&count, 1) + 1;
    int_fast64_t at = atomic_load(&fail_at);
    bool hit = n == at || (n > at && atomic_load(&fail_on));
    return hit ? atomic_load(&fail_with) : 0;
}

#else

void tarn__fault_io(int64_t nth, int os_errno, bool sticky)
{
    (void)nth;
    (void)os_errno;
    (void)sticky;
}

int64_t tarn__fault_io_count(void)
{
    return 0;
}

int tarn__fault_io_next(void)
{
    return 0;
}

#endif

bool tarn__io_fails(void)
{
    int os_errno = tarn__fault_io_next();
    if (os_errno == 0)
        return false;
    errno = os_errno;
    return true;
}
