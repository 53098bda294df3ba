/* object.extractor, object.transform, object.writer: a driver from a shared
 * object, compiled apart from us. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "flow/driver/builtin.h"
#include "flow/driver/config.h"
#include "flow/exchange.h"
#include "os/dynlib.h"

static tarn_status check(const tarn_driver *driver, const char *path,
    tarn_step_mode mode, tarn_error *err)
{
    if (driver == NULL)
        return tarn__fail(err, TARN_BAD_INPUT, "%s: it gives no driver", path);
    if (driver->abi != TARN_DRIVER_ABI)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: its driver was made for version %d of the interface, this is "
            "%d (compile it again with this tarn/driver.h)",
            path, driver->abi, TARN_DRIVER_ABI);
    if (driver->run == NULL)
        return tarn__fail(
            err, TARN_BAD_INPUT, "%s: its driver has no run()", path);
    if ((driver->modes & (unsigned)mode) == 0)
        return tarn__fail(err, TARN_BAD_INPUT,
            "%s: its driver %s is not for a step of this mode", path,
            driver->name == NULL ? "" : driver->name);
    return TARN_OK;
}

static tarn_status load(
    const tarn_driver_call *call, const tarn_driver **driver, tarn_error *err)
{
    json_t *config = NULL;
    const char *name = NULL;
    char *path = NULL;
    tarn_driver_entry_fn entry = NULL;
    tarn_status st = tarn__config_open(call, &config, err);
    if (st == TARN_OK)
        st = tarn__config_need(call, config, "library", &name, err);
    if (st == TARN_OK)
        st = tarn__call_path(call, name, &path, err);
    if (st == TARN_OK)
        st = tarn__dynlib_function(path, TARN_DRIVER_ENTRY, &entry, err);
    if (st == TARN_OK) {
        *driver = entry();
        st = check(*driver, path, call->mode, err);
    }
    tarn__free(path);
    json_decref(config);
    return st;
}

static tarn_status run(const tarn_driver_call *call,
    const tarn_driver_result *result, tarn_error *err)
{
    const tarn_driver *driver = NULL;
    tarn_status st = load(call, &driver, err);
    return st == TARN_OK ? driver->run(call, result, err) : st;
}

#define SCHEMA                                                              \
    "{\"type\":\"object\",\"required\":[\"library\"],"                      \
    "\"additionalProperties\":true,\"x-incremental\":true,\"properties\":{" \
    "\"library\":{\"type\":\"string\"}}}"

const tarn_driver tarn__driver_object_extractor = {TARN_DRIVER_ABI,
    "object.extractor", "1", TARN_STEP_READ, SCHEMA, run, NULL};
const tarn_driver tarn__driver_object_transform = {TARN_DRIVER_ABI,
    "object.transform", "1", TARN_STEP_TRANSFORM, SCHEMA, run, NULL};
const tarn_driver tarn__driver_object_writer = {
    TARN_DRIVER_ABI, "object.writer", "1", TARN_STEP_WRITE, SCHEMA, run, NULL};
