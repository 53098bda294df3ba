/* Tables with strays: records that are found by another key than the text of
 * their key's field.
 *
 * A uri goes before the schema's key field, a record without a key keeps none,
 * and a schema may come to name another field.  Who would look a value of the
 * field up as a key has to know whether the table has, or had, such a record. */
#include "record/record_internal.h"

tarn_status tarn__record_strays(tarn_snapshot *snap, tarn_slice tenant,
    tarn_slice table, bool *strays, tarn_error *err)
{
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = tarn__tenant_state(
        snap, tenant, TARN__STRAY_SCOPE, table, &value, strays, err);

    tarn_buf_reset(&value);
    return st;
}

tarn_status tarn__record_note_strays(
    tarn_txn *txn, tarn_slice tenant, tarn_slice table, tarn_error *err)
{
    bool there = false;
    tarn_status st =
        tarn__record_strays(tarn_txn_snapshot(txn), tenant, table, &there, err);

    if (st != TARN_OK || there)
        return st;
    return tarn__tenant_state_add(
        txn, tenant, TARN__STRAY_SCOPE, table, tarn_str("1"), err);
}
