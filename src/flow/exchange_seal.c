/* Giving a step's file its name. */
#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/exchange.h"
#include "os/durable.h"
#include "os/file.h"

/* What another's driver left in the log beside its file goes into the file. */
static tarn_status fold_wal(const char *made, tarn_error *err)
{
    char *wal = tarn__sprintf("%s.wal", made);
    if (wal == NULL)
        return tarn__no_memory(err);
    bool there;
    tarn_status st = tarn__path_look(wal, &there, err);
    if (st == TARN_OK && there) {
        tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
        tarn__duck *duck;
        options.path = made;
        options.threads = 1;
        st = tarn__duck_open(&options, &duck, err);
        if (st == TARN_OK) {
            st = tarn__duck_exec(duck, "CHECKPOINT", err);
            tarn__duck_close(duck);
        }
        if (st == TARN_OK)
            st = tarn__path_look(wal, &there, err);
        if (st == TARN_OK && there)
            st = tarn__fail(err, TARN_FAILED,
                "%s: is there after the file was closed (is the disk full?)",
                wal);
    }
    tarn__free(wal);
    return st;
}

tarn_status tarn__exchange_check(tarn__duck *duck, const char *catalog,
    const tarn__made_table *table, tarn_error *err)
{
    tarn_buf sql = TARN_BUF_INIT;
    int64_t rows = 0;
    bool found;
    tarn_status st = tarn__sql_add(
        &sql, err, "SELECT count(*) FROM %n.main.%n", catalog, table->name);
    if (st == TARN_OK)
        st = tarn__duck_int64(duck, sql.ptr, &rows, &found, err);
    tarn_buf_reset(&sql);
    if (st == TARN_OK && rows != table->rows)
        st = tarn__fail(err, TARN_CORRUPT,
            "table %s: holds %lld rows where the driver told of %lld "
            "(run the step again)",
            table->name, (long long)rows, (long long)table->rows);
    return st;
}

static tarn_status verify(const char *made, const tarn__made_table *tables,
    size_t count, tarn_error *err)
{
    tarn__duck_options options = TARN__DUCK_OPTIONS_INIT;
    tarn__duck *duck;
    tarn_buf sql = TARN_BUF_INIT;
    options.threads = 1;
    tarn_status st = tarn__duck_open(&options, &duck, err);
    if (st != TARN_OK)
        return st;
    st = tarn__sql_add(&sql, err, "ATTACH %t AS tarn_made (READ_ONLY)", made);
    if (st == TARN_OK)
        st = tarn__duck_exec(duck, sql.ptr, err);
    for (size_t i = 0; st == TARN_OK && i < count; i++)
        st = tarn__exchange_check(duck, "tarn_made", &tables[i], err);
    tarn__duck_close(duck);
    tarn_buf_reset(&sql);
    return st;
}

static tarn_status move(const char *from, const char *to, tarn_error *err)
{
    char *dir = tarn__strndup(to, (size_t)(tarn__path_base(to) - to));
    if (dir == NULL)
        return tarn__no_memory(err);
    tarn_status st = tarn__sync_path(from, err);
    if (st == TARN_OK)
        st = tarn__rename(from, to, err);
    if (st == TARN_OK)
        st = tarn__sync_dir(dir, err);
    tarn__free(dir);
    return st;
}

tarn_status tarn__exchange_seal(const char *made, const char *path,
    const tarn__made_table *tables, size_t count, bool checked, tarn_error *err)
{
    if (!tarn__path_exists(made))
        return tarn__fail(err, TARN_FAILED,
            "driver: made no file though it succeeded (it must write %s)",
            made);
    if (count == 0)
        return tarn__fail(
            err, TARN_FAILED, "driver: told of no table though it succeeded");
    tarn_status st = fold_wal(made, err);
    if (st == TARN_OK && !checked)
        st = verify(made, tables, count, err);
    return st == TARN_OK ? move(made, path, err) : st;
}
