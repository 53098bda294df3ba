/* The rows of a query of an engine, into the step's file. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "duck/arrow.h"
#include "flow/driver/engine_internal.h"

#define RESULT "tarn_result" /* a view over what comes from the engine */

/* DuckDB takes this for a failure, and not every other number. */
#define BROKEN 1

/* The engine's stream, watched: what it says when it fails would be lost in
 * DuckDB's words. */
typedef struct watched {
    struct ArrowArrayStream from;
    struct ArrowSchema schema;
    const tarn__engine *engine;
    const tarn_driver_call *call;
    int64_t rows;
    tarn_error err;
} watched;

static int broke(watched *w)
{
    const char *words = w->from.get_last_error == NULL
        ? NULL
        : w->from.get_last_error(&w->from);
    tarn_buf line = TARN_BUF_INIT;
    if (words != NULL && w->err.code == TARN_OK &&
        tarn__engine_line(&line, words, &w->err) != TARN_OK)
        words = NULL;
    if (w->err.code == TARN_OK)
        (void)!tarn__fail(&w->err, TARN_FAILED,
            "%s: the result breaks off: %s (run the step again)",
            w->engine->where, line.len > 0 ? line.ptr : "no reason given");
    tarn_buf_reset(&line);
    return BROKEN;
}

static void forget_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* One that is ours: DuckDB (1.5.6) lets go of none that it asks for to make a
 * view. */
static int watched_schema(
    struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const watched *w = stream->private_data;
    *out = w->schema;
    out->release = forget_schema;
    return 0;
}

/* DuckDB believes what it is given. */
static bool fits(
    const struct ArrowSchema *schema, const struct ArrowArray *rows)
{
    bool fine = rows->length >= 0 && rows->offset >= 0 &&
        rows->n_children == schema->n_children && rows->children != NULL;
    for (int64_t i = 0; fine && i < rows->n_children; i++)
        fine = rows->children[i] != NULL &&
            rows->children[i]->length >= rows->length + rows->offset;
    return fine;
}

static int watched_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    watched *w = stream->private_data;
    *out = (struct ArrowArray){0};
    if (tarn__call_cancelled(w->call))
        return BROKEN;
    if (w->from.get_next(&w->from, out) != 0) {
        out->release = NULL;
        return broke(w);
    }
    if (out->release != NULL && !fits(&w->schema, out)) {
        out->release(out);
        out->release = NULL;
        (void)!tarn__fail(&w->err, TARN_FAILED,
            "%s: a batch of the result has other columns or rows than it says "
            "(mend or update the driver)",
            w->engine->where);
        return BROKEN;
    }
    if (out->release != NULL) {
        w->rows += out->length;
        if (w->call->progress != NULL)
            w->call->progress(w->call->ctx, w->rows);
    }
    return 0;
}

static const char *watched_error(struct ArrowArrayStream *stream)
{
    const watched *w = stream->private_data;
    return w->err.code == TARN_OK ? "cancelled" : w->err.message;
}

/* It is the caller's: see tarn__engine_fetch(). */
static void watched_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

tarn_status tarn__engine_fetch(const tarn__engine *engine,
    const tarn_driver_call *call, tarn__exchange *x,
    const tarn_driver_result *result, const char *table,
    struct ArrowArrayStream *from, int64_t *rows, tarn_error *err)
{
    watched w = {
        .from = *from, .engine = engine, .call = call, .err = TARN_ERROR_INIT};
    struct ArrowArrayStream stream = {
        watched_schema, watched_next, watched_error, watched_release, &w};
    tarn__duck *duck = tarn__exchange_duck(x);
    tarn_status st = TARN_OK;
    if (w.from.get_schema(&w.from, &w.schema) != 0) {
        w.schema.release = NULL;
        (void)broke(&w);
        st = w.err.code;
    }
    if (st == TARN_OK &&
        (w.schema.release == NULL || w.schema.n_children < 1 ||
            w.schema.children == NULL || w.schema.format == NULL ||
            strcmp(w.schema.format, "+s") != 0))
        st = tarn__fail(err, TARN_FAILED,
            "%s: the query's result has no columns (write a SELECT)",
            engine->where);
    if (st == TARN_OK)
        st = tarn__duck_arrow_view(duck, RESULT, &stream, err);
    if (st == TARN_OK)
        st = tarn__exchange_make(
            x, result, table, "FROM " RESULT, NULL, 0, rows, err);
    if (st != TARN_OK && st != TARN_INTERRUPTED && w.err.code != TARN_OK) {
        st = w.err.code;
        if (err != NULL)
            *err = w.err;
    }
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, "DROP VIEW " RESULT, err);
    if (w.schema.release != NULL)
        w.schema.release(&w.schema);
    if (w.from.release != NULL)
        w.from.release(&w.from);
    return st;
}
