/* Fetching from an export API, as its files share it. */
#ifndef TARN_EVENT_FETCH_H
#define TARN_EVENT_FETCH_H

#include <tarn/event.h>

#include "os/file.h"

typedef struct tarn__event_fetch {
    const tarn_event_fetch_options *options;
    const char *dir; /* where finished parts lie */
} tarn__event_fetch;

/* One request whose body becomes the file `path`, whole or not at all. */
typedef struct tarn__event_request {
    char *url;
    char *form;       /* body of a POST; NULL: GET */
    const char *what; /* for messages, such as "2024-01-01 to 2024-01-07" */
    char *path;
    bool lines; /* the body is JSON lines: one that is cut is tried again */
    bool done;
} tarn__event_request;

/* http.c: do all requests, `workers` at a time, each tried again as its answer
 * allows.  One that fails does not end the others; the first failure is told
 * at the end. */
TARN_MUST_CHECK tarn_status tarn__event_http(
    const tarn_event_fetch_options *options, tarn__event_request *requests,
    size_t count, tarn_error *err);
void tarn__event_request_reset(tarn__event_request *request);

/* pages.c: profiles, page after page, as files of lines in f->dir. */
TARN_MUST_CHECK tarn_status tarn__event_fetch_pages(
    const tarn__event_fetch *f, char **path, tarn_error *err);

#endif
