/* Records and an edge between them, in one commit; then SQL and a way along the
 * edges.
 *
 *   cc records.c $(pkg-config --cflags --libs tarn) -o records
 *   ./records mylake
 */
#include <inttypes.h>
#include <stdio.h>
#include <tarn/tarn.h>

static const char people[] =
    "{\"name\": \"people\", \"version\": \"1.0.0\","
    " \"properties\": {\"name\": {\"type\": \"string\"},"
    "                \"born\": {\"type\": \"integer\"}},"
    " \"x-tarn\": {\"key\": \"name\", \"indexed\": [\"born\"]}}";

static tarn_status write_all(tarn_txn *txn, tarn_error *err)
{
    tarn_status st = tarn_schema_put(txn, tarn_str(people), NULL, err);
    if (st == TARN_OK)
        st = tarn_record_put_json(txn, "people",
            tarn_str("{\"name\": \"Ada\", \"born\": 1815}"), NULL, err);
    if (st == TARN_OK)
        st = tarn_record_put_json(txn, "people",
            tarn_str("{\"name\": \"Mary\", \"born\": 1780}"), NULL, err);
    if (st == TARN_OK)
        st = tarn_edge_put(txn, "Mary", "taught", "Ada",
            tarn_str("{\"in\": \"mathematics\"}"), NULL, err);
    return st;
}

/* Two columns of each row; frees the rows. */
static tarn_status print(
    tarn_rows *rows, size_t first, size_t second, tarn_error *err)
{
    tarn_status st;
    while ((st = tarn_rows_next(rows, err)) == TARN_ROW)
        printf("%s %s\n", tarn_rows_text(rows, first),
            tarn_rows_text(rows, second));
    tarn_rows_free(rows);
    return st;
}

static tarn_status run(const char *dir, tarn_error *err)
{
    tarn_lake *lake = NULL;
    tarn_txn *txn = NULL;
    tarn_snapshot *snap = NULL;
    tarn_rows *rows = NULL;

    tarn_status st = tarn_lake_init(dir, "records", err);
    if (st == TARN_OK || st == TARN_EXISTS)
        st = tarn_lake_open(dir, NULL, &lake, err);
    if (st == TARN_OK)
        st = tarn_txn_begin(lake, NULL, &txn, err);
    if (st == TARN_OK && (st = write_all(txn, err)) != TARN_OK)
        tarn_txn_abort(txn);
    if (st == TARN_OK)
        st = tarn_txn_commit(txn, NULL, err);
    if (st == TARN_OK)
        st = tarn_snapshot_open(lake, TARN_LATEST, &snap, err);
    if (st == TARN_OK)
        st = tarn_query(snap, "SELECT name, born FROM people ORDER BY born",
            NULL, &rows, err);
    if (st == TARN_OK)
        st = print(rows, 0, 1, err);
    if (st == TARN_OK)
        st = tarn_traverse(snap, "people/Mary", NULL, &rows, err);
    if (st == TARN_OK)
        st = print(rows, 0, 4, err); /* depth, and the path of keys */
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    return st;
}

int main(int argc, char **argv)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_status st = run(argc > 1 ? argv[1] : "mylake", &err);
    if (st != TARN_OK)
        fprintf(stderr, "%s\n", err.message);
    return tarn_exit_code(st);
}
