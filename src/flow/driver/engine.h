/* An existing engine behind ADBC, which makes the transforms of SQL of a run.
 *
 * E1  What a step needs is put into the engine, asked, and gone with the
 *     session: as temporary tables, or, where the engine has none, under names
 *     of their own that are dropped.
 * E2  Tables go and results come as Arrow, a batch at a time.
 * E3  A value is bound; where the engine binds none it is a literal in which
 *     nothing can end the literal. */
#ifndef TARN_FLOW_DRIVER_ENGINE_H
#define TARN_FLOW_DRIVER_ENGINE_H

#include <tarn/driver.h>

#include "base/json.h"

typedef struct tarn__engine tarn__engine;

/* Load the driver of a connection of family adbc; nothing is connected yet.
 * `connection`: driver, entrypoint, uri, username, password, paramstyle,
 * options.  TARN_NOT_FOUND: no such library; TARN_BAD_INPUT: it is no driver, or
 * a field is none; TARN_FAILED: its revision of ADBC is none of ours. */
TARN_MUST_CHECK tarn_status tarn__engine_open(const char *name,
    const json_t *connection, const char *base_dir, tarn__engine **out,
    tarn_error *err);
void tarn__engine_close(tarn__engine *engine);

/* A call of the driver `sql`, made in the engine.  Any thread. */
TARN_MUST_CHECK tarn_status tarn__engine_run(tarn__engine *engine,
    const tarn_driver_call *call, const tarn_driver_result *result,
    tarn_error *err);
/* As a driver's test(): connect, and let go. */
TARN_MUST_CHECK tarn_status tarn__engine_test(
    const char *connection, const char *base_dir, tarn_error *err);

#endif
