/* Walking a result: chunks into cells.
 *
 * A result is in one of three states:
 *   before a chunk (chunk NULL, row == row_count) -> tarn__duck_fetch()
 *   inside a chunk (row < row_count)              -> fill(), row by row
 *   done           (done)                         -> TARN_OK for ever
 * A failure of the statement shows itself only when a fetch gives no chunk:
 * then DuckDB's result holds the error. */
#include "base/buf.h"
#include "base/error.h"
#include "duck/duck_internal.h"

#define REASON_TRIES 4

size_t tarn__duck_columns(const tarn__duck_result *r)
{
    return r->column_count;
}

const char *tarn__duck_column_name(const tarn__duck_result *r, size_t col)
{
    return r->columns[col].name;
}

tarn_type tarn__duck_column_type(const tarn__duck_result *r, size_t col)
{
    return r->columns[col].type;
}

bool tarn__duck_column_is_number(const tarn__duck_result *r, size_t col)
{
    tarn_type type = r->columns[col].type;
    return type == TARN_INT64 || type == TARN_DOUBLE || r->columns[col].number;
}

char *tarn__duck_column_sql_type(const tarn__duck_result *r, size_t col)
{
    tarn_buf out = TARN_BUF_INIT;
    if (tarn__vnode_sql(r->columns[col].node, &out, NULL) == TARN_OK)
        return tarn__buf_take(&out);
    tarn_buf_reset(&out);
    return NULL;
}

/* The next chunk with rows, or none: then *message is the failure or NULL. */
static void fetch_chunk(tarn__duck_result *r, const char **message)
{
    *message = NULL;
    r->row = 0;
    r->row_count = 0;
    do {
        duckdb_destroy_data_chunk(&r->chunk);
        r->chunk = duckdb_fetch_chunk(r->result);
        if (r->chunk != NULL)
            r->row_count = duckdb_data_chunk_get_size(r->chunk);
    } while (r->chunk != NULL && r->row_count == 0);
    if (r->chunk != NULL)
        return;
    const char *error = duckdb_result_error(&r->result);
    if (error != NULL && error[0] != '\0')
        *message = error;
}

/* When a task in another thread fails while a stream is read, DuckDB (1.5.6)
 * stops the others, and in one case of fifty says "Interrupted" instead of why.
 * A streamed statement only reads, so it is run once more, for the reason. */
static tarn_status find_reason(tarn__duck_result *r, tarn_error *err)
{
    for (int i = 0; i < REASON_TRIES; i++) {
        duckdb_destroy_result(&r->result);
        tarn_status st = tarn__duck_start(r, err);
        if (st != TARN_OK)
            return st;
        const char *message;
        do {
            fetch_chunk(r, &message);
        } while (r->chunk != NULL);
        if (message == NULL)
            break;
        if (!tarn__duck_lost_reason(r->duck, message))
            return tarn__duck_fail(r->duck, message, err);
    }
    return tarn__fail(err, TARN_FAILED,
        "statement: stopped half-way, and DuckDB does not say why (run it "
        "again)");
}

tarn_status tarn__duck_fetch(tarn__duck_result *r, tarn_error *err)
{
    if (r->done)
        return TARN_OK;
    const char *message;
    fetch_chunk(r, &message);
    if (r->chunk != NULL)
        return TARN_OK;
    r->done = true;
    if (message == NULL)
        return TARN_OK;
    if (tarn__duck_lost_reason(r->duck, message))
        return find_reason(r, err);
    return tarn__duck_fail(r->duck, message, err);
}

static void view_chunk(tarn__duck_result *r)
{
    for (size_t i = 0; i < r->column_count; i++)
        tarn__vnode_view(
            r->columns[i].node, duckdb_data_chunk_get_vector(r->chunk, i));
}

/* Text, and all that is written as text. */
static tarn_status fill_text(
    tarn__duck_column *c, idx_t row, tarn__cell *cell, tarn_error *err)
{
    tarn__buf_clear(&c->text);
    /* So that an empty text has its NUL too. */
    tarn_status st = tarn__buf_reserve(&c->text, 1, err);
    if (st == TARN_OK)
        st = tarn__vnode_text(c->node, row, &c->text, err);
    cell->bytes = tarn__buf_slice(&c->text);
    return st;
}

static tarn_status fill(
    tarn__duck_column *c, idx_t row, tarn__cell *cell, tarn_error *err)
{
    const tarn__vnode *node = c->node;
    if (c->type == TARN_NULL || !tarn__vnode_valid(node, row)) {
        cell->type = TARN_NULL;
        return TARN_OK;
    }
    cell->type = c->type;
    switch (c->type) {
    case TARN_BOOL:
    case TARN_INT64:
        cell->i64 = tarn__vnode_i64(node, row);
        return TARN_OK;
    case TARN_DOUBLE:
        cell->f64 = node->id == DUCKDB_TYPE_DOUBLE
            ? ((const double *)node->data)[row]
            : tarn__duck_widen(((const float *)node->data)[row]);
        return TARN_OK;
    case TARN_TIME:
        if (tarn__vnode_time(node, row, &cell->i64))
            return TARN_OK;
        cell->type = TARN_TEXT; /* "infinity" */
        return fill_text(c, row, cell, err);
    default:
        return fill_text(c, row, cell, err);
    }
}

tarn_status tarn__duck_next(
    tarn__duck_result *r, tarn__cell *cells, tarn_error *err)
{
    if (r->row == r->row_count) {
        tarn_status st = tarn__duck_fetch(r, err);
        if (st != TARN_OK || r->done)
            return st;
        view_chunk(r);
    }
    for (size_t i = 0; i < r->column_count; i++) {
        tarn_status st = fill(&r->columns[i], r->row, &cells[i], err);
        if (st != TARN_OK)
            return st;
    }
    r->row++;
    return TARN_ROW;
}

/* A stream that is left before its end stays the connection's running query,
 * and the next call that is not a statement (an appender, a registration) would
 * join its transaction, which the next statement then rolls back.  Preparing
 * nothing ends it now. */
static void end_query(tarn__duck *duck)
{
    duckdb_prepared_statement nothing = NULL;
    (void)duckdb_prepare(duck->con, "", &nothing); /* always an error */
    duckdb_destroy_prepare(&nothing);
}

void tarn__duck_result_free(tarn__duck_result *r)
{
    if (r == NULL)
        return;
    duckdb_destroy_data_chunk(&r->chunk);
    duckdb_destroy_result(&r->result);
    duckdb_destroy_prepare(&r->stmt);
    if (!r->done)
        end_query(r->duck);
    for (size_t i = 0; i < r->column_count; i++)
        tarn_buf_reset(&r->columns[i].text);
    tarn__free(r->columns);
    tarn__arena_reset(&r->arena);
    tarn__free(r);
}
