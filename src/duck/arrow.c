/* A result as an Arrow stream.
 *
 * Arrow's functions return an errno; the message goes to get_last_error().  An
 * array without a release function is the end. */
#include "duck/arrow.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "duck/duck_internal.h"

typedef struct state {
    tarn__duck_result *r;
    duckdb_arrow_options options;
    tarn_error err; /* the last failure */
} state;

static int to_errno(tarn_status st)
{
    switch (st) {
    case TARN_OK:
        return 0;
    case TARN_NO_MEMORY:
        return ENOMEM;
    case TARN_INTERRUPTED:
        return ECANCELED;
    case TARN_BAD_INPUT:
    case TARN_INVALID:
        return EINVAL;
    default:
        return EIO;
    }
}

/* Takes over `data`, which may be NULL. */
static tarn_status check(state *s, duckdb_error_data data)
{
    tarn_status st = TARN_OK;
    if (duckdb_error_data_has_error(data))
        st = tarn__duck_fail_data(s->r->duck, data, &s->err);
    duckdb_destroy_error_data(&data);
    return st;
}

static tarn_status make_schema(state *s, struct ArrowSchema *out)
{
    size_t count = s->r->column_count;
    duckdb_logical_type *types = tarn__calloc(count, sizeof(*types));
    const char **names = tarn__calloc(count, sizeof(*names));
    tarn_status st = TARN_OK;
    if (types == NULL || names == NULL)
        st = tarn__no_memory(&s->err);
    for (size_t i = 0; st == TARN_OK && i < count; i++) {
        names[i] = s->r->columns[i].name;
        types[i] = duckdb_column_logical_type(&s->r->result, i);
    }
    if (st == TARN_OK)
        st = check(
            s, duckdb_to_arrow_schema(s->options, types, names, count, out));
    for (size_t i = 0; types != NULL && i < count; i++)
        duckdb_destroy_logical_type(&types[i]);
    tarn__free(types);
    tarn__free(names);
    return st;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    memset(out, 0, sizeof(*out));
    tarn_status st = make_schema(stream->private_data, out);
    if (st != TARN_OK)
        out->release = NULL;
    return to_errno(st);
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    state *s = stream->private_data;
    memset(out, 0, sizeof(*out));
    tarn_status st = tarn__duck_fetch(s->r, &s->err);
    if (st == TARN_OK && !s->r->done)
        st = check(s, duckdb_data_chunk_to_arrow(s->options, s->r->chunk, out));
    if (st != TARN_OK)
        out->release = NULL;
    return to_errno(st);
}

static const char *get_last_error(struct ArrowArrayStream *stream)
{
    const state *s = stream->private_data;
    return s->err.code == TARN_OK ? NULL : s->err.message;
}

static void release(struct ArrowArrayStream *stream)
{
    state *s = stream->private_data;
    duckdb_destroy_arrow_options(&s->options);
    tarn__duck_result_free(s->r);
    tarn__free(s);
    stream->release = NULL;
}

tarn_status tarn__duck_arrow(
    tarn__duck_result *r, struct ArrowArrayStream *stream, tarn_error *err)
{
    memset(stream, 0, sizeof(*stream));
    if (r->chunk != NULL || r->done)
        return tarn__fail(err, TARN_INVALID,
            "Arrow stream: rows of the result have been read already");
    state *s = tarn__calloc(1, sizeof(*s));
    if (s == NULL)
        return tarn__no_memory(err);
    s->r = r;
    s->options = duckdb_result_get_arrow_options(&r->result);
    *stream = (struct ArrowArrayStream){
        get_schema, get_next, get_last_error, release, s};
    return TARN_OK;
}

tarn_status tarn__duck_arrow_view(tarn__duck *duck, const char *name,
    struct ArrowArrayStream *stream, tarn_error *err)
{
    tarn__duck_begin(duck);
    if (duckdb_arrow_scan(duck->con, name, (duckdb_arrow_stream)stream) ==
        DuckDBSuccess)
        return TARN_OK;
    return tarn__fail(err, TARN_BAD_INPUT,
        "Arrow stream: DuckDB does not take its columns (cast them to usual "
        "types in the query)");
}
