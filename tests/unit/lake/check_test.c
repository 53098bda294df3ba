/* check finds what was planted. */
#include "rig.h"

/* A lake with a file, a folder, an object and some states; closed. */
static const char *planted(void **state)
{
    const char *dir = lake_make(state);
    tarn_lake *lake = lake_open(dir);
    node_op folder = {
        .type = TARN__OP_PUT, .kind = "dir", .id = 2, .name = "d"};
    node_op inside = file_op(3, "f", "small");
    put_node(lake, &folder);
    inside.parent = 2;
    put_node(lake, &inside);
    tarn_txn *txn = begin(lake);
    txn_object(txn, 1, "big", 'x', 70000);
    commit(txn);
    put(lake, "a", "1");
    put(lake, "a", "2");
    is_sound(lake);
    tarn_lake_close(lake);
    return dir;
}

static void finds_after(
    void **state, const char *harm, bool deep, const char *word)
{
    const char *dir = planted(state);
    shell("cd %s && %s", dir, harm);
    tarn_lake *lake = lake_open(dir);
    finds(lake, deep, word);
    tarn_lake_close(lake);
}

static void an_object_that_is_missing(void **state)
{
    finds_after(state, "rm objects/*/*", false, "I2|");
}

static void an_object_with_a_flipped_byte(void **state)
{
    const char *dir = planted(state);
    shell("cd %s && printf y | dd of=$(ls objects/*/*) bs=1 seek=100 "
          "conv=notrunc 2>/dev/null",
        dir);
    tarn_lake *lake = lake_open(dir);
    char *shallow = check_text(lake, false); /* looks at sizes only */
    assert_string_equal("", shallow);
    tarn_free(shallow);
    finds(lake, true, "I2|");
    tarn_lake_close(lake);
}

static void an_object_that_is_cut_short(void **state)
{
    finds_after(state, "truncate -s 10 objects/*/*", false, "I2|");
}

static void a_file_of_the_log_that_is_missing(void **state)
{
    finds_after(state, "rm $(ls log/data/* | head -1)", false, "I1|");
}

static void a_file_of_the_log_of_another_size(void **state)
{
    finds_after(state, "echo x >> $(ls log/data/* | head -1)", false, "I1|");
}

static void a_commit_that_is_missing(void **state)
{
    finds_after(state, "rm log/_delta_log/*2.json views -r", false, "I5|");
}

static void a_commit_that_is_missing_while_the_view_stands(void **state)
{
    finds_after(state, "rm log/_delta_log/*2.json", false, "I5|");
}

static void a_commit_that_does_not_parse(void **state)
{
    finds_after(state, "echo '{' | tee log/_delta_log/*2.json >/dev/null",
        false, "I5|");
}

static void a_commit_of_a_stranger(void **state)
{
    finds_after(state,
        "printf '%s\\n' '{\"commitInfo\":{\"timestamp\":4102444800000,"
        "\"operation\":\"WRITE\"}}' > "
        "log/_delta_log/00000000000000000006.json",
        false, "foreign|version 6|");
}

static void a_view_of_another_history(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = lake_open(planted(state));
    tarn_buf key = TARN_BUF_INIT, physical = TARN_BUF_INIT;
    ok(tarn__state_key(
           &key, (tarn_slice){"", 0}, tarn_str("s"), tarn_str("a"), &err),
        &err);
    ok(tarn__physical_key(&physical, tarn__buf_slice(&key), 5, &err), &err);
    ok(tarn__writer_take(lake, 0, &err), &err);
    ok(tarn__rocks_put(lake->view.db, TARN__FAMILY_STATE,
           tarn__buf_slice(&physical), (tarn_slice){"\001other", 6}, &err),
        &err);
    tarn__writer_give(lake);
    has(lake, "a", "other");
    finds(lake, false, "I3|state|");
    ok(tarn_lake_rebuild(lake, "key", &err), &err); /* the mend it names */
    has(lake, "a", "2");
    is_sound(lake);
    tarn_buf_reset(&key);
    tarn_buf_reset(&physical);
    tarn_lake_close(lake);
}

/* Operations that the tree would never write. */
static void finds_op(void **state, const node_op *op, const char *word)
{
    tarn_lake *lake = lake_open(planted(state));
    put_node(lake, op);
    finds(lake, false, word);
    tarn_lake_close(lake);
    lake = memory_lake();
    put_node(lake, op);
    finds(lake, false, word);
    tarn_lake_close(lake);
}

static void a_node_in_no_folder(void **state)
{
    node_op op = file_op(9, "lost", "x");
    op.parent = 77;
    finds_op(state, &op, "parent is no folder");
}

static void a_node_whose_entry_another_has(void **state)
{
    tarn_lake *lake = lake_open(planted(state));
    node_op op = file_op(9, "big", "x");
    put_node(lake, &op);
    finds(lake, false, "no entry in its folder");
    tarn_lake_close(lake);
}

static void an_entry_without_its_node(void **state)
{
    tarn_lake *lake = lake_open(planted(state));
    node_op op = {.type = TARN__OP_DELETE,
        .kind = "file",
        .id = 1,
        .name = "another"}; /* its entry stays */
    put_node(lake, &op);
    finds(lake, false, "an entry without its node");
    tarn_lake_close(lake);
}

static void a_view_that_stands_beside_a_commit_is_sound(void **state)
{
    const char *dir = planted(state);
    tarn_lake *lake = lake_open(dir);
    tarn_lake *other = lake_open(dir);
    put(lake, "a", "3"); /* holds the lock */
    is_sound(other);
    is_sound(lake);
    tarn_lake_close(lake);
    tarn_lake_close(other);
}

int main(void)
{
    sandbox_without_disk();
    const struct CMUnitTest tests[] = {
        sandbox_test(an_object_that_is_missing),
        sandbox_test(an_object_with_a_flipped_byte),
        sandbox_test(an_object_that_is_cut_short),
        sandbox_test(a_file_of_the_log_that_is_missing),
        sandbox_test(a_file_of_the_log_of_another_size),
        sandbox_test(a_commit_that_is_missing),
        sandbox_test(a_commit_that_is_missing_while_the_view_stands),
        sandbox_test(a_commit_that_does_not_parse),
        sandbox_test(a_commit_of_a_stranger),
        sandbox_test(a_view_of_another_history),
        sandbox_test(a_node_in_no_folder),
        sandbox_test(a_node_whose_entry_another_has),
        sandbox_test(an_entry_without_its_node),
        sandbox_test(a_view_that_stands_beside_a_commit_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
