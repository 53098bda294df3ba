/* Events on standard input, as JSON lines, into a store that is gone when the
 * program ends; prints how often each happened.
 *
 *     cc events.c $(pkg-config --cflags --libs tarn) -o events
 *     ./events <january.jsonl
 */
#include <inttypes.h>
#include <stdio.h>

#include <tarn/tarn.h>

static tarn_status print_breakdown(tarn_store *store, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    tarn_rows *rows = NULL;
    tarn_status st = tarn_event_breakdown_sql(store, "events", &sql, err);
    if (st == TARN_OK)
        st = tarn_store_query(store, sql.ptr, NULL, 0, &rows, err);
    while (st == TARN_OK && (st = tarn_rows_next(rows, err)) == TARN_ROW) {
        printf("%10" PRId64 "  %s\n", tarn_rows_int64(rows, 1),
            tarn_rows_text(rows, 0));
        st = TARN_OK;
    }
    tarn_rows_free(rows);
    tarn_buf_reset(&sql);
    return st;
}

int main(void)
{
    static const char *const paths[] = {"-"};
    tarn_error err = TARN_ERROR_INIT;
    tarn_store *store = NULL;
    tarn_event_counts counts;

    tarn_status st = tarn_store_ephemeral(NULL, &store, &err);
    if (st == TARN_OK)
        st = tarn_event_load(store, "events", paths, 1, NULL, &counts, &err);
    if (st == TARN_OK)
        st = print_breakdown(store, &err);
    if (st == TARN_OK)
        printf("%" PRIu64 " read, %" PRIu64 " duplicates, %" PRIu64
               " put aside\n",
            counts.read, counts.duplicates, counts.quarantined);
    else
        fprintf(stderr, "%s\n", err.message);
    tarn_store_free(store);
    return tarn_exit_code(st);
}
