/* Steps in another process: the asking side. */
#ifndef TARN_FLOW_WORKER_H
#define TARN_FLOW_WORKER_H

#include <tarn/driver.h>

typedef struct tarn__remote tarn__remote;

/* `target` is "worker" or "worker:CMD"; of "local", NULL and "adbc:NAME" *out is
 * NULL, of anything else the status TARN_INVALID. */
TARN_MUST_CHECK tarn_status tarn__remote_open(
    const char *target, tarn__remote **out, tarn_error *err);
void tarn__remote_close(tarn__remote *remote);

/* Make a call in a worker, again in another one when it is lost. */
TARN_MUST_CHECK tarn_status tarn__remote_call(tarn__remote *remote,
    const tarn_driver *driver, const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err);

#endif
