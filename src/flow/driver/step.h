/* What drivers of databases and programs share: a call's configuration and
 * connection, and stopping what waits for a server. */
#ifndef TARN_FLOW_STEP_H
#define TARN_FLOW_STEP_H

#include <tarn/driver.h>

#include "flow/driver/db.h"
#include "flow/exchange.h"

/* A call taken apart; `connection` is an empty object when the step names
 * none. */
typedef struct tarn__driver_step {
    const tarn_driver_call *call;
    json_t *config;
    json_t *connection;
} tarn__driver_step;

TARN_MUST_CHECK tarn_status tarn__step_open(
    tarn__driver_step *step, const tarn_driver_call *call, tarn_error *err);
void tarn__step_close(tarn__driver_step *step);

/* Was the call told to stop?  Then TARN_INTERRUPTED. */
TARN_MUST_CHECK tarn_status tarn__step_alive(
    const tarn_driver_call *call, tarn_error *err);

/* Tell the new cursor of an incremental step, the highest in table main of the
 * output: text, times in UTC without a zone, as all servers read them.
 * `numbers`: the column's texts are numbers, and are ordered as such. */
TARN_MUST_CHECK tarn_status tarn__step_tell_cursor(const tarn_driver_call *call,
    tarn__exchange *exchange, bool numbers, const tarn_driver_result *result,
    tarn_error *err);

/* Calls `cancel` with `self` from another thread, again and again, when the call
 * is told to stop. */
typedef struct tarn__step_watch tarn__step_watch;
TARN_MUST_CHECK tarn_status tarn__step_watch_start(const tarn_driver_call *call,
    void (*cancel)(void *self), void *self, tarn__step_watch **out,
    tarn_error *err);
/* For a tarn__db: cancels its statement. */
void tarn__step_cancel_db(void *db);
void tarn__step_watch_stop(tarn__step_watch *watch);

#endif
