/* Requests of a step: address, headers, login, patience; and answers in JSON. */
#ifndef TARN_FLOW_HTTP_CALL_H
#define TARN_FLOW_HTTP_CALL_H

#include "flow/driver/step.h"
#include "os/http.h"

/* What take_options() reads, of a driver's config_schema. */
#define TARN__HTTP_PATIENCE_SCHEMA                                       \
    "\"retry\":{\"type\":\"object\",\"properties\":{"                    \
    "\"attempts\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100}," \
    "\"backoff\":{}}},\"rate_limit\":{},\"timeout\":{}"

typedef struct tarn__http_call {
    tarn__driver_step step;
    char *url;  /* without the parameters of the configuration */
    char *what; /* "step x: GET host/path" */
    char **headers;
    size_t header_count;
    tarn__http_options options;
    int64_t interval_us; /* between two requests */
    int64_t next_us;
    tarn_buf answer;
    const tarn__http_request *request; /* the one that is answered */
    char link[TARN__HTTP_LINK_BYTES];
    bool link_cut;
    char *mark; /* a page that was told of, see tarn__http_call_turn() */
    uint64_t turns;
    int64_t requests;
} tarn__http_call;

/* Reads url, headers, retry, rate_limit and timeout of the configuration, and
 * url, headers, user, password and token of the connection. */
TARN_MUST_CHECK tarn_status tarn__http_call_open(
    tarn__http_call *c, const tarn_driver_call *call, tarn_error *err);
TARN_MUST_CHECK tarn_status tarn__http_call_add_header(
    tarn__http_call *c, const char *name, const char *value, tarn_error *err);
void tarn__http_call_close(tarn__http_call *c);
/* One request; the answer is JSON, whole and checked, or empty when its status
 * says that there is nothing (204).  `any`: it may be
 * anything, and the request is done once, unless config.repeatable. */
TARN_MUST_CHECK tarn_status tarn__http_call_do(tarn__http_call *c,
    const char *url, const char *method, const tarn_buf *body, bool any,
    tarn_error *err);
/* Append the address with the parameters of an object behind it. */
TARN_MUST_CHECK tarn_status tarn__http_call_url(const tarn__http_call *c,
    const json_t *params, tarn_buf *out, tarn_error *err);
/* `link`, as it stands in an answer to `from`, made whole; TARN_BAD_INPUT when
 * it leads to another host.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__http_call_follow(const tarn__http_call *c,
    const char *from, tarn_slice link, char **out, tarn_error *err);

/* The address that a Link header calls rel="next"; ptr NULL: none. */
tarn_slice tarn__http_next_link(const char *header);
/* Of each page, before it is asked for, its address or cursor: TARN_BAD_INPUT
 * when pages go in a circle.  One is kept, of ever later pages (Brent's way). */
TARN_MUST_CHECK tarn_status tarn__http_call_turn(
    tarn__http_call *c, const char *page, tarn_error *err);

/* Give each value at `path` ("a.b[*].c") to `take`: an array's items one by
 * one, null not at all.  *found: is the path there? */
TARN_MUST_CHECK tarn_status tarn__json_path_each(tarn_slice json,
    const char *path, bool *found,
    tarn_status (*take)(void *ctx, tarn_slice value, tarn_error *err),
    void *ctx, tarn_error *err);
/* A single value there as text, without quotes; NULL when it is not there, null
 * or empty.  tarn__free() it. */
TARN_MUST_CHECK tarn_status tarn__json_path_text(
    tarn_slice json, const char *path, char **out, tarn_error *err);

#endif
