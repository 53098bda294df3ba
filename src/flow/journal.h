/* logs/events.jsonl and logs/metrics.jsonl of a run.  Any thread. */
#ifndef TARN_FLOW_JOURNAL_H
#define TARN_FLOW_JOURNAL_H

#include "base/json.h"
#include "flow/flow.h"

typedef struct tarn__metric {
    char *name;
    double value;
} tarn__metric;

typedef struct tarn__journal tarn__journal;

/* Go on in a run's folder; a line that a killed run left cut is taken away.
 * `secrets` is borrowed. */
TARN_MUST_CHECK tarn_status tarn__journal_open(const char *dir, const char *run,
    const tarn__flow_secrets *secrets, tarn__journal **out, tarn_error *err);
/* step may be NULL; `fields` is taken over, may be NULL.  Trouble is kept for
 * tarn__journal_close(). */
void tarn__journal_event(tarn__journal *journal, const char *event,
    const char *step, json_t *fields);
void tarn__journal_metric(
    tarn__journal *journal, const char *step, const char *metric, double value);
TARN_MUST_CHECK tarn_status tarn__journal_close(
    tarn__journal *journal, tarn_error *err); /* frees in every case */

#endif
