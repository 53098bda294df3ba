/* Bytes of keys, values and operations; what one operation does to the view. */
#include "lake/values.h"

#include "rig.h"

static tarn_slice slice(const char *ptr, size_t len)
{
    return (tarn_slice){ptr, len};
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void parts_keep_the_order_and_come_back(void **state)
{
    static const struct {
        const char *ptr;
        size_t len;
    } words[] = {{"", 0}, {"\0", 1}, {"\0\0", 2}, {"\0\x01", 2}, {"\0\xff", 2},
        {"\x01", 1}, {"a", 1}, {"a\0", 2}, {"a\0b", 3}, {"a\x01", 2}, {"ab", 2},
        {"b", 1}, {"http://x/y:z", 12}, {"\xff", 1}, {"\xff\xff", 2}};
    const size_t count = sizeof words / sizeof words[0];
    tarn_error err = TARN_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            tarn_buf a = TARN_BUF_INIT, b = TARN_BUF_INIT, back = TARN_BUF_INIT;
            tarn_slice x = slice(words[i].ptr, words[i].len);
            tarn_slice y = slice(words[j].ptr, words[j].len);
            bool good;
            ok(tarn__key_part(&a, x, &err), &err);
            ok(tarn__key_part(&b, y, &err), &err);
            assert_int_equal(sign(tarn__slice_cmp(x, y)),
                sign(
                    tarn__slice_cmp(tarn__buf_slice(&a), tarn__buf_slice(&b))));
            /* Self-delimiting: none is the beginning of another. */
            if (i != j && a.len <= b.len)
                assert_memory_not_equal(a.ptr, b.ptr, a.len);
            ok(tarn__key_part(&a, y, &err), &err);
            tarn__cursor c = tarn__cursor_of(tarn__buf_slice(&a));
            ok(tarn__key_part_read(&c, &back, &good, &err), &err);
            assert_true(good && tarn__slice_eq(tarn__buf_slice(&back), x));
            tarn__buf_clear(&back);
            ok(tarn__key_part_read(&c, &back, &good, &err), &err);
            assert_true(good && tarn__slice_eq(tarn__buf_slice(&back), y));
            assert_true(c.ptr == c.end);
            tarn_buf_reset(&a);
            tarn_buf_reset(&b);
            tarn_buf_reset(&back);
        }
    }
}

static void malformed_parts_are_refused(void **state)
{
    static const char *const bad[] = {"", "a", "a\xff", "a"};
    static const size_t len[] = {0, 1, 2, 2};
    tarn_error err = TARN_ERROR_INIT;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        tarn_buf out = TARN_BUF_INIT;
        bool good = true;
        tarn__cursor c = tarn__cursor_of(slice(bad[i], len[i]));
        ok(tarn__key_part_read(&c, &out, &good, &err), &err);
        assert_false(good);
        tarn_buf_reset(&out);
    }
}

static void newer_items_come_first(void **state)
{
    tarn__id id = node_id(3);
    char a[28], b[28], c[28];
    tarn__item item;
    (void)state;
    tarn__item_key(&id, 5, 1, a);
    tarn__item_key(&id, 5, 2, b);
    tarn__item_key(&id, 6, 0, c);
    assert_true(memcmp(b, a, 28) < 0);
    assert_true(memcmp(c, b, 28) < 0);
    assert_false(tarn__item_decode(slice(a, 28), slice("", 0), &item));
    assert_int_equal(5, item.version);
    assert_int_equal(1, item.seq);
}

static void nodes_come_back_and_cut_ones_are_refused(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    tarn__id id = node_id(3);
    tarn__node node = {.id = id,
        .kind = TARN__KIND_SERIES,
        .parent = node_id(2),
        .name = tarn_str("n\xC3\xA9"),
        .created_us = -5,
        .modified_us = INT64_MAX,
        .attrs = tarn_str("{\"a\":1}")};
    tarn__node back;
    (void)state;
    ok(tarn__node_encode(&out, &node, &err), &err);
    assert_true(tarn__node_decode(&id, tarn__buf_slice(&out), 7, &back));
    assert_int_equal(TARN__KIND_SERIES, back.kind);
    assert_true(tarn__id_eq(&back.parent, &node.parent));
    assert_true(tarn__slice_eq(back.name, node.name));
    assert_true(tarn__slice_eq(back.attrs, node.attrs));
    assert_int_equal(-5, back.created_us);
    assert_true(back.modified_us == INT64_MAX && back.version == 7);
    for (size_t i = 0; i < out.len; i++)
        assert_false(tarn__node_decode(&id, slice(out.ptr, i), 7, &back));
    out.ptr[0] = 8;
    assert_false(tarn__node_decode(&id, tarn__buf_slice(&out), 7, &back));
    tarn_buf_reset(&out);
}

static void items_come_back_and_cut_ones_are_refused(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__id id = node_id(3);
    char key[28];
    (void)state;
    tarn__item_key(&id, 5, 1, key);
    for (int shape = 0; shape < 8; shape++) {
        tarn_buf out = TARN_BUF_INIT;
        tarn__item back;
        tarn__item item = {.reset = (shape & 1) != 0,
            .is_object = (shape & 2) != 0,
            .has_bounds = (shape & 4) != 0,
            .parquet = (shape & 2) != 0,
            .time_us = 1,
            .size_bytes = 5,
            .rows = -1,
            .total_rows = 12,
            .total_bytes = 300,
            .total_items = 2,
            .roll = {99, 300}};
        if (item.is_object)
            memset(item.sha256, 0xab, sizeof item.sha256);
        else
            item.content = slice("\0\1\2\3\4", 5);
        if (item.has_bounds) {
            item.min_time_us = INT64_MIN;
            item.max_time_us = 4;
        }
        ok(tarn__item_encode(&out, &item, &err), &err);
        assert_true(
            tarn__item_decode(slice(key, 28), tarn__buf_slice(&out), &back));
        assert_true(back.reset == item.reset && back.rows == -1 &&
            back.total_rows == 12 && back.roll.hash == 99 &&
            back.roll.len == 300 && back.size_bytes == 5 &&
            back.min_time_us == item.min_time_us &&
            back.max_time_us == item.max_time_us &&
            back.is_object == item.is_object && back.parquet == item.parquet &&
            back.total_items == 2);
        assert_true(tarn__slice_eq(back.content, item.content));
        for (size_t i = 0; i < out.len; i++)
            assert_false(
                tarn__item_decode(slice(key, 28), slice(out.ptr, i), &back));
        assert_false(
            tarn__item_decode(slice(key, 27), tarn__buf_slice(&out), &back));
        tarn_buf_reset(&out);
    }
}

static void operations_come_back(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    tarn__op op = TARN__OP_INIT, back;
    (void)state;
    for (int shape = 0; shape < 32; shape++) {
        op = (tarn__op)TARN__OP_INIT;
        op.space = shape & 1 ? "tree" : "state";
        op.type = shape & 2 ? TARN__OP_APPEND : TARN__OP_DELETE;
        op.kind = tarn_str("file");
        op.key = tarn_str("k");
        if (shape & 4)
            op.content = slice("", 0); /* empty is not absent */
        if (shape & 8)
            op.meta = tarn_str("{}");
        if (shape & 16) {
            op.tenant = slice("", 0);
            op.object = tarn_str("00");
            op.has_bounds = true;
            op.min_time_us = -1;
            op.max_time_us = 1;
            op.size_bytes = 1 << 20;
        }
        tarn__buf_clear(&out);
        ok(tarn__op_encode(&out, &op, &err), &err);
        assert_true(tarn__op_decode(tarn__buf_slice(&out), &back));
        assert_string_equal(op.space, back.space);
        assert_int_equal(op.type, back.type);
        assert_int_equal(op.size_bytes, back.size_bytes);
        assert_true((op.content.ptr == NULL) == (back.content.ptr == NULL));
        assert_true((op.meta.ptr == NULL) == (back.meta.ptr == NULL));
        assert_true((op.tenant.ptr == NULL) == (back.tenant.ptr == NULL));
        assert_true(tarn__slice_eq(op.key, back.key));
        assert_true(op.has_bounds == back.has_bounds &&
            op.min_time_us == back.min_time_us);
        for (size_t i = 0; i < out.len; i++)
            assert_false(tarn__op_decode(slice(out.ptr, i), &back));
    }
    tarn_buf_reset(&out);
}

static void kinds_have_names(void **state)
{
    tarn__kind kind;
    (void)state;
    for (int k = TARN__KIND_DIR; k <= TARN__KIND_COMPUTED; k++) {
        assert_true(
            tarn__kind_parse(tarn_str(tarn__kind_name((tarn__kind)k)), &kind));
        assert_int_equal(k, kind);
    }
    assert_false(tarn__kind_parse(tarn_str("folder"), &kind));
    assert_false(tarn__kind_parse(tarn_str(""), &kind));
}

static tarn_status ignore(void *arg, tarn__family family, tarn_slice key,
    tarn_slice payload, tarn_error *err)
{
    (void)family;
    (void)key;
    (void)payload;
    (void)err;
    (*(int *)arg)++;
    return TARN_OK;
}

/* A foreign or damaged log is told, with version and place, never believed. */
static void malformed_operations_are_corrupt(void **state)
{
#define ID "00000000-0000-7000-8000-000000000001"
#define AT "\"name\":\"a\",\"parent\":\"" ID "\""
    static const struct {
        const char *space, *kind, *key, *meta, *content, *object;
    } bad[] = {
        {"record", "file", ID, "{" AT "}", NULL, NULL},
        {"tree", "file", "x", "{" AT "}", NULL, NULL},
        {"tree", "blob", ID, "{" AT "}", NULL, NULL},
        {"tree", "file", ID, NULL, NULL, NULL},
        {"tree", "file", ID, "{", NULL, NULL},
        {"tree", "file", ID, "[]", NULL, NULL},
        {"tree", "file", ID, "{\"name\":\"a\"}", NULL, NULL},
        {"tree", "file", ID, "{\"name\":1,\"parent\":\"" ID "\"}", NULL, NULL},
        {"tree", "file", ID, "{\"name\":\"a\",\"parent\":\"b\"}", NULL, NULL},
        {"tree", "file", ID, "{" AT ",\"from\":{\"name\":\"b\"}}", NULL, NULL},
        {"tree", "file", ID, "{" AT ",\"roll\":\"zz\"}", "x", NULL},
        {"tree", "file", ID,
            "{" AT ",\"roll\":\"00000000000000000000000000000000000000000000"
            "000000000000000000000000000000000000000000000000000000\"}",
            "x", NULL},
        {"tree", "file", ID, "{" AT "}", NULL, "abcd"},
        {"tree", "file", ID, "{" AT "}", NULL,
            "zz34567890123456789012345678901234567890123456789012345678901234"},
        {"state", "s", "n", NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        tarn_error err = TARN_ERROR_INIT;
        tarn__op op = TARN__OP_INIT;
        int count = 0;
        op.version = 42;
        op.seq = 7;
        op.space = bad[i].space;
        op.kind = tarn_str(bad[i].kind);
        op.key = tarn_str(bad[i].key);
        if (bad[i].meta != NULL)
            op.meta = tarn_str(bad[i].meta);
        if (bad[i].content != NULL)
            op.content = tarn_str(bad[i].content);
        if (bad[i].object != NULL)
            op.object = tarn_str(bad[i].object);
        refused(TARN_CORRUPT, tarn__op_apply(&op, NULL, ignore, &count, &err),
            &err, "log version 42, operation 7");
    }
}

static void a_size_that_is_not_the_contents_is_corrupt(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__op op = TARN__OP_INIT;
    int count = 0;
    (void)state;
    op.space = "tree";
    op.kind = tarn_str("file");
    op.key = tarn_str(ID);
    op.meta = tarn_str("{" AT "}");
    op.content = tarn_str("four");
    op.size_bytes = 5;
    assert_int_equal(
        TARN_CORRUPT, tarn__op_apply(&op, NULL, ignore, &count, &err));
    op.size_bytes = 4;
    ok(tarn__op_apply(&op, NULL, ignore, &count, &err), &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_keep_the_order_and_come_back),
        cmocka_unit_test(malformed_parts_are_refused),
        cmocka_unit_test(newer_items_come_first),
        cmocka_unit_test(nodes_come_back_and_cut_ones_are_refused),
        cmocka_unit_test(items_come_back_and_cut_ones_are_refused),
        cmocka_unit_test(operations_come_back),
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(malformed_operations_are_corrupt),
        cmocka_unit_test(a_size_that_is_not_the_contents_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
