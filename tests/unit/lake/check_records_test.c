/* check --deep finds records and edges that do not fit together. */
#include "lake/edge_key.h"
#include "rig.h"

#define A "00000000-0000-8000-8000-00000000000a"
#define B "00000000-0000-8000-8000-00000000000b"

typedef struct raw_op {
    const char *space;
    tarn__op_type type;
    const char *kind;
    const char *key;
    const char *content;
    const char *meta;
} raw_op;

static tarn_status run_raw(tarn_txn *txn, void *arg, tarn_error *err)
{
    const raw_op *raw = arg;
    tarn__op op = TARN__OP_INIT;
    op.space = raw->space;
    op.tenant = tarn_str("default");
    op.type = raw->type;
    op.kind = tarn_str(raw->kind);
    op.key = tarn_str(raw->key);
    if (raw->content != NULL)
        op.content = tarn_str(raw->content);
    if (raw->meta != NULL)
        op.meta = tarn_str(raw->meta);
    return tarn__txn_add(txn, &op, err);
}

static void raw(tarn_lake *lake, raw_op op)
{
    static const tarn__step step = {run_raw, NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = begin(lake);
    ok(tarn__txn_step(txn, &step, &op, &err), &err);
    commit(txn);
}

static void record(tarn_lake *lake, const char *id, const char *meta)
{
    raw(lake,
        (raw_op){"record", TARN__OP_PUT, "people", id, "{\"k\":\"a\"}", meta});
}

static void edge(tarn_lake *lake, tarn__op_type type)
{
    raw(lake, (raw_op){"edge", type, "r", A "/r/" B, NULL, NULL});
}

static void records_and_edges_that_fit_are_sound(void **state)
{
    (void)state;
    tarn_lake *lake = memory_lake();
    record(lake, A, "{\"key\":\"a\"}");
    record(lake, B, "{}");
    edge(lake, TARN__OP_PUT);
    is_sound(lake);
    edge(lake, TARN__OP_DELETE);
    raw(lake,
        (raw_op){
            "record", TARN__OP_DELETE, "people", A, NULL, "{\"key\":\"a\"}"});
    is_sound(lake);
    tarn_lake_close(lake);
}

static void an_edge_whose_end_is_no_record_is_found(void **state)
{
    (void)state;
    tarn_lake *lake = memory_lake();
    record(lake, A, "{\"key\":\"a\"}");
    edge(lake, TARN__OP_PUT);
    finds(lake, true, "edge|" B);
    tarn_lake_close(lake);
}

static void a_key_without_its_record_is_found(void **state)
{
    (void)state;
    tarn_lake *lake = memory_lake();
    record(lake, B, "{\"key\":\"b\"}");
    is_sound(lake);
    raw(lake, (raw_op){"record", TARN__OP_DELETE, "people", B, NULL, "{}"});
    finds(lake, true, "key|" B);
    tarn_lake_close(lake);
}

static void operations_of_edges_that_are_malformed_are_refused(void **state)
{
    (void)state;
    static const raw_op bad[] = {
        {"edge", TARN__OP_PUT, "r", A "/s/" B, NULL, NULL},
        {"edge", TARN__OP_PUT, "", A "//" B, NULL, NULL},
        {"edge", TARN__OP_PUT, "r", A "/r/", NULL, NULL},
        {"edge", TARN__OP_PUT, "r", A "-r-" B, NULL, NULL},
        {"edge", TARN__OP_APPEND, "r", A "/r/" B, NULL, NULL},
        {"edge", TARN__OP_PUT, "r", A "/r/" B, NULL, "{"}};
    static const tarn__step step = {run_raw, NULL};
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = memory_lake();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        raw_op op = bad[i];
        tarn_txn *txn = begin(lake);
        assert_int_equal(TARN_CORRUPT, tarn__txn_step(txn, &step, &op, &err));
        tarn_txn_abort(txn);
    }
    tarn_lake_close(lake);
}

static void an_edges_key_reads_back(void **state)
{
    (void)state;
    static const char *const relations[] = {"r", "a/b", "/", "\xc3\xa4 /r/"};
    tarn__id a, b, src, dst;
    tarn_slice rel;
    tarn_buf key = TARN_BUF_INIT;
    assert_true(tarn__id_parse(tarn_str(A), &a));
    assert_true(tarn__id_parse(tarn_str(B), &b));
    for (size_t i = 0; i < sizeof relations / sizeof relations[0]; i++) {
        tarn__buf_clear(&key);
        assert_int_equal(TARN_OK,
            tarn__edge_op_key(&key, &a, tarn_str(relations[i]), &b, NULL));
        assert_true(
            tarn__edge_op_key_parse(tarn__buf_slice(&key), &src, &rel, &dst));
        assert_true(tarn__id_eq(&a, &src) && tarn__id_eq(&b, &dst));
        assert_true(tarn__slice_is(rel, relations[i]));
    }
    tarn_buf_reset(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_and_edges_that_fit_are_sound),
        cmocka_unit_test(an_edge_whose_end_is_no_record_is_found),
        cmocka_unit_test(a_key_without_its_record_is_found),
        cmocka_unit_test(operations_of_edges_that_are_malformed_are_refused),
        cmocka_unit_test(an_edges_key_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
