#include "base/error.h"
#include "flow/worker.h"
#include <string.h>
tarn_status tarn__remote_open(
    const char *target, tarn__remote **out, tarn_error *err)
{
    *out = NULL;
    if (target == NULL || strcmp(target, "local") == 0)
        return TARN_OK;
    return tarn__fail(err, TARN_INVALID,
        "--target %s: there is no such target (local, worker, worker:CMD)",
        target);
}
void tarn__remote_close(tarn__remote *remote)
{
    (void)remote;
}
tarn_status tarn__remote_call(tarn__remote *remote, const tarn_driver *driver,
    const tarn_driver_call *call, const tarn_driver_result *result,
    tarn_error *err)
{
    (void)remote;
    return driver->run(call, result, err);
}
