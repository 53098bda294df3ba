/* Content in, content out: kinds, destinations, host files and folders. */
#include "unit/tree/rig.h"

#include <sys/stat.h>
#include <unistd.h>

static tarn_put_options as_kind(tarn_kind as)
{
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.as = as;
    return options;
}

static void a_second_put_of_a_file_replaces(void **state)
{
    int64_t v = put_text(state, "/a", "one");
    put_text(state, "/a", "two");
    holds(state, "/a", "two");
    holds_at(state, v, "/a", "one");
    tarn_node node = stat_of(state, "/a");
    assert_int_equal(node.item_count, 1);
    tarn_node_reset(&node);
}

static void a_put_to_a_stream_appends(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "one ");
    int64_t v = put_text(state, "/s", "two ");
    put_text(state, "/s", "");
    put_text(state, "/s", "three");
    holds(state, "/s", "one two three");
    holds_at(state, v, "/s", "one two ");
    tarn_put_options options = as_kind(TARN_KIND_STREAM);
    options.replace = true;
    put_with(state, "/s", "anew", &options);
    holds(state, "/s", "anew");
    holds_at(state, v, "/s", "one two ");
}

static void puts_in_one_transaction_follow_each_other(void **state)
{
    tarn_txn *txn = begin(state);
    tarn_put_options stream = as_kind(TARN_KIND_STREAM);
    WORKS(tarn_tree_put_bytes(txn, "/s", tarn_str("1"), &stream, e));
    WORKS(tarn_tree_put_bytes(txn, "/s", tarn_str("2"), NULL, e));
    WORKS(tarn_tree_put_bytes(txn, "/s", tarn_str("3"), NULL, e));
    WORKS(tarn_tree_put_bytes(txn, "/f", tarn_str("x"), NULL, e));
    WORKS(tarn_tree_put_bytes(txn, "/f", tarn_str("y"), NULL, e));
    tarn_buf bytes = TARN_BUF_INIT;
    WORKS(tarn_tree_read(tarn_txn_snapshot(txn), "/s", 9, &bytes, e));
    assert_string_equal(bytes.ptr, "123");
    tarn_buf_reset(&bytes);
    commit(txn);
    holds(state, "/s", "123");
    holds(state, "/f", "y");
}

static void another_kind_is_a_conflict_unless_replaced(void **state)
{
    put_text(state, "/a", "x");
    tarn_put_options stream = as_kind(TARN_KIND_STREAM);
    REFUSES(state, TARN_CONFLICT, "--replace",
        tarn_tree_put_bytes(txn, "/a", tarn_str("y"), &stream, e));
    stream.replace = true;
    put_with(state, "/a", "y", &stream);
    is_kind(state, "/a", "stream");
    holds(state, "/a", "y");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    REFUSES(state, TARN_CONFLICT, "/d",
        tarn_tree_put_bytes(txn, "/d", tarn_str("y"), NULL, e));
    REFUSES(state, TARN_CONFLICT, "/a",
        tarn_tree_put_bytes(txn, "/a/b", tarn_str("y"), NULL, e));
}

static void an_empty_file_is_a_file(void **state)
{
    put_text(state, "/a", "");
    holds(state, "/a", "");
    is_kind(state, "/a", "file");
}

/* Bytes that no short cycle repeats. */
static char *noise(size_t len)
{
    char *bytes = malloc(len + 1);
    uint64_t x = 88172645463325252U;
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes[i] = (char)(1 + x % 255);
    }
    bytes[len] = '\0';
    return bytes;
}

static void every_size_about_the_inline_bound_comes_back(void **state)
{
    char *bytes = noise(70000);
    static const size_t sizes[] = {1, 65535, 65536, 65537, 70000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *cut = strndup(bytes, sizes[i]);
        put_text(state, "/f", cut);
        holds(state, "/f", cut);
        free(cut);
    }
    free(bytes);
}

static void a_reader_seeks_over_items_of_any_size(void **state)
{
    char *bytes = noise(200000);
    static const size_t cuts[] = {0, 10, 80000, 80000, 80005, 150000, 200000};
    tarn_put_options stream = as_kind(TARN_KIND_STREAM);
    for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++) {
        char *piece = strndup(bytes + cuts[i], cuts[i + 1] - cuts[i]);
        put_with(state, "/s", piece, &stream);
        free(piece);
    }
    holds(state, "/s", bytes);
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_reader *reader = NULL;
    WORKS(tarn_tree_open(snap, "/s", &reader, e));
    assert_int_equal(tarn_reader_size(reader), 200000);
    static const size_t places[] = {0, 9, 10, 79999, 80000, 80004, 80005,
        149999, 150000, 199999, 5, 200000};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char got[300];
        size_t total = 0;
        size_t n = 0;
        WORKS(tarn_reader_seek(reader, places[i], e));
        do {
            WORKS(tarn_reader_read(reader, got + total, 300 - total, &n, e));
            total += n;
        } while (n > 0 && total < 300);
        size_t want = 200000 - places[i] < 300 ? 200000 - places[i] : 300;
        assert_int_equal(total, want);
        assert_memory_equal(got, bytes + places[i], want);
    }
    FAILS(TARN_INVALID, "200001", tarn_reader_seek(reader, 200001, e));
    tarn_reader_close(reader);
    tarn_snapshot_free(snap);
    free(bytes);
}

static void a_writer_streams_and_an_aborted_one_leaves_nothing(void **state)
{
    char *bytes = noise(300000);
    tarn_txn *txn = begin(state);
    tarn_writer *writer = NULL;
    WORKS(tarn_tree_put_open(txn, "/big", NULL, &writer, e));
    for (size_t at = 0; at < 300000; at += 1000)
        WORKS(tarn_writer_write(writer, bytes + at, 1000, e));
    WORKS(tarn_writer_finish(writer, e));
    WORKS(tarn_tree_put_open(txn, "/none", NULL, &writer, e));
    WORKS(tarn_writer_write(writer, bytes, 100000, e));
    tarn_writer_abort(writer);
    commit(txn);
    holds(state, "/big", bytes);
    is_gone(state, "/none");
    free(bytes);
}

static void a_host_file_goes_where_cp_would_put_it(void **state)
{
    const char *host = sandbox_write_text(state, "in/a.txt", "x");
    put_host(state, "/new.txt", host, NULL);
    holds(state, "/new.txt", "x");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    put_host(state, "/d", host, NULL);
    holds(state, "/d/a.txt", "x");
    put_host(state, "/e/f/", host, NULL);
    holds(state, "/e/f/a.txt", "x");
    put_host(state, "/g/h/b", host, NULL);
    holds(state, "/g/h/b", "x");
    REFUSES(state, TARN_CONFLICT, "/new.txt",
        tarn_tree_put_path(txn, "/new.txt/", host, NULL, NULL, e));
    REFUSES(state, TARN_NOT_FOUND, "none",
        tarn_tree_put_path(txn, "/x", "none", NULL, NULL, e));
}

/* in/{a,sub/{b,c},l -> a} */
static const char *host_folder(void **state)
{
    sandbox_write_text(state, "in/a", "A");
    sandbox_write_text(state, "in/sub/b", "B");
    sandbox_write_text(state, "in/sub/c", "C");
    sandbox_mkdir(state, "in/empty");
    assert_int_equal(symlink("a", sandbox_path(state, "in/l")), 0);
    return sandbox_path(state, "in");
}

static void a_host_folder_goes_where_cp_r_would_put_it(void **state)
{
    const char *host = host_folder(state);
    int64_t before = head(state);
    int64_t v = put_host(state, "/new", host, NULL);
    assert_int_equal(v, before + 1);
    assert_string_equal(list(state, "/", true, false),
        "/new /new/a /new/empty /new/l /new/sub /new/sub/b /new/sub/c ");
    tarn_node link = stat_of(state, "/new/l");
    assert_string_equal(link.target, "a");
    tarn_node_reset(&link);
    put_host(state, "/new", host, NULL);
    holds(state, "/new/in/sub/c", "C");
    put_text(state, "/f", "x");
    REFUSES(state, TARN_CONFLICT, "/f",
        tarn_tree_put_path(txn, "/f", host, NULL, NULL, e));
}

static void a_second_put_of_a_folder_merges(void **state)
{
    const char *host = host_folder(state);
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.into_dir = true;
    put_host(state, "/", host, &options);
    put_text(state, "/in/sub/own", "kept");
    sandbox_write_text(state, "in/sub/b", "B2");
    put_host(state, "/", host, &options);
    holds(state, "/in/sub/b", "B2");
    holds(state, "/in/sub/own", "kept");
    DO(state, tarn_tree_rm(txn, "/in/sub/b", false, e));
    DO(state, tarn_tree_mkdir(txn, "/in/sub/b", false, e));
    tarn_txn *txn = begin(state);
    FAILS(TARN_CONFLICT, "/in/sub/b",
        tarn_tree_put_path(txn, "/", host, &options, NULL, e));
    tarn_txn_abort(txn);
}

static void update_passes_over_what_is_the_same(void **state)
{
    char *big = noise(100000);
    const char *host = host_folder(state);
    sandbox_write_text(state, "in/big", big);
    tarn_put_options options = TARN_PUT_OPTIONS_INIT;
    options.into_dir = true;
    options.update = true;
    int64_t changed = -1;
    put_host(state, "/", host, &options);
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_put_path(txn, "/", host, &options, &changed, e));
    assert_int_equal(changed, 0);
    assert_int_equal(commit(txn), -1);
    sandbox_write_text(state, "in/sub/b", "b");
    big[99999] ^= 1;
    sandbox_write_text(state, "in/big", big);
    txn = begin(state);
    WORKS(tarn_tree_put_path(txn, "/", host, &options, &changed, e));
    assert_int_equal(changed, 2);
    commit(txn);
    holds(state, "/in/sub/b", "b");
    holds(state, "/in/big", big);
    free(big);
}

static void update_of_a_stream_looks_at_the_last_put_and_the_whole(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_STREAM);
    options.update = true;
    put_with(state, "/s", "one", &options);
    assert_int_equal(put_with(state, "/s", "one", &options), -1);
    put_with(state, "/s", "two", &options);
    assert_int_equal(put_with(state, "/s", "two", &options), -1);
    assert_int_equal(put_with(state, "/s", "onetwo", &options), -1);
    put_with(state, "/s", "one", &options);
    holds(state, "/s", "onetwoone");
}

static void what_is_no_file_on_the_host_is_named(void **state)
{
    const char *host = host_folder(state);
    assert_int_equal(mkfifo(sandbox_path(state, "in/sub/pipe"), 0600), 0);
    REFUSES(state, TARN_BAD_INPUT, "sub/pipe",
        tarn_tree_put_path(txn, "/x", host, NULL, NULL, e));
    assert_int_equal(unlink(sandbox_path(state, "in/sub/pipe")), 0);
    sandbox_write_text(state, "in/sub/\xff\xfe", "x");
    REFUSES(state, TARN_BAD_INPUT, "UTF-8",
        tarn_tree_put_path(txn, "/x", host, NULL, NULL, e));
    assert_string_equal(list(state, "/", true, true), "");
}

static void a_lake_does_not_swallow_itself(void **state)
{
    sandbox_write_text(state, "data", "x");
    REFUSES(state, TARN_INVALID, "the lake itself",
        tarn_tree_put_path(txn, "/x", sandbox_dir(state), NULL, NULL, e));
    REFUSES(state, TARN_INVALID, "the lake itself",
        tarn_tree_put_path(
            txn, "/x", sandbox_path(state, "lake/."), NULL, NULL, e));
    put_host(state, "/x", sandbox_path(state, "data"), NULL);
}

static void a_folder_s_own_name_must_be_a_name(void **state)
{
    const char *bad = sandbox_mkdir(state, "\xff");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    REFUSES(state, TARN_INVALID, "UTF-8",
        tarn_tree_put_path(txn, "/d", bad, NULL, NULL, e));
    put_host(state, "/e", bad, NULL);
    is_kind(state, "/e", "dir");
}

static void a_put_goes_on_over_a_commit_of_another(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "a");
    tarn_txn *slow = begin(state);
    WORKS(tarn_tree_put_bytes(slow, "/s", tarn_str("c"), NULL, e));
    WORKS(tarn_tree_mkdir(slow, "/d/e", true, e));
    put_text(state, "/s", "b");
    put_text(state, "/d/f", "x");
    commit(slow);
    holds(state, "/s", "abc");
    assert_string_equal(list(state, "/", true, false), "/d /d/e /d/f /s ");
}

/* Enough puts for their steps to spill; taken again in their order, whatever
 * stands between them. */
static void many_puts_go_on_over_a_commit_of_another(void **state)
{
    enum { COUNT = 20000 };
    tarn_txn *txn = begin(state);
    for (int i = 0; i < COUNT; i++) {
        char path[64], text[32];
        snprintf(path, sizeof path, "/many/d%d/f%d", i / 1000, i);
        snprintf(text, sizeof text, "%d", i);
        WORKS(tarn_tree_put_bytes(txn, path, tarn_str(text), NULL, e));
        if (i == COUNT / 2) {
            WORKS(tarn_tree_mv(txn, "/many/d0", "/many/moved", e));
            WORKS(tarn_tree_put_bytes(
                txn, "/many/moved/f5", tarn_str("again"), NULL, e));
        }
    }
    put_text(state, "/other", "x");
    put_text(state, "/many/before", "y");
    commit(txn);
    holds(state, "/other", "x");
    holds(state, "/many/before", "y");
    holds(state, "/many/moved/f5", "again");
    holds(state, "/many/moved/f999", "999");
    holds(state, "/many/d1/f1000", "1000");
    holds(state, "/many/d19/f19999", "19999");
}

static void a_conflict_that_another_made_is_told_at_commit(void **state)
{
    tarn_txn *slow = begin(state);
    WORKS(tarn_tree_put_bytes(slow, "/a", tarn_str("x"), NULL, e));
    DO(state, tarn_tree_mkdir(txn, "/a", false, e));
    FAILS(TARN_CONFLICT, "/a", tarn_txn_commit(slow, NULL, e));
    is_kind(state, "/a", "dir");
}

static void options_that_make_no_sense_are_refused(void **state)
{
    tarn_put_options options = as_kind(TARN_KIND_DIR);
    REFUSES(state, TARN_INVALID, "dir",
        tarn_tree_put_bytes(txn, "/a", tarn_str("x"), &options, e));
    options = as_kind(TARN_KIND_TABLE);
    options.format = "xml";
    REFUSES(state, TARN_INVALID, "xml",
        tarn_tree_put_bytes(txn, "/a", tarn_str("x"), &options, e));
    options.format = NULL;
    REFUSES(state, TARN_INVALID, "format",
        tarn_tree_put_bytes(txn, "/a", tarn_str("x"), &options, e));
    REFUSES(state, TARN_INVALID, "empty",
        tarn_tree_put_bytes(txn, "", tarn_str("x"), NULL, e));
}

static void damage_of_a_stored_object_is_found_when_it_is_read(void **state)
{
    char *bytes = noise(100000);
    put_text(state, "/f", bytes);
    free(bytes);
    char command[600];
    snprintf(command, sizeof command,
        "f=$(find %s/objects -type f) && chmod u+w $f && "
        "printf X | dd of=$f bs=1 seek=5 conv=notrunc 2>/dev/null",
        sandbox_path(state, "lake"));
    assert_int_equal(system(command), 0);
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_buf got = TARN_BUF_INIT;
    FAILS(TARN_CORRUPT, "", tarn_tree_read(snap, "/f", 1U << 20, &got, e));
    assert_int_equal(got.len, 0);
    tarn_buf_reset(&got);
    tarn_snapshot_free(snap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(a_second_put_of_a_file_replaces),
        both(a_put_to_a_stream_appends),
        both(puts_in_one_transaction_follow_each_other),
        both(another_kind_is_a_conflict_unless_replaced),
        both(an_empty_file_is_a_file),
        both(every_size_about_the_inline_bound_comes_back),
        both(a_reader_seeks_over_items_of_any_size),
        both(a_writer_streams_and_an_aborted_one_leaves_nothing),
        both(a_host_file_goes_where_cp_would_put_it),
        both(a_host_folder_goes_where_cp_r_would_put_it),
        both(a_second_put_of_a_folder_merges),
        both(update_passes_over_what_is_the_same),
        both(update_of_a_stream_looks_at_the_last_put_and_the_whole),
        both(what_is_no_file_on_the_host_is_named),
        in_a_folder(a_lake_does_not_swallow_itself),
        both(a_folder_s_own_name_must_be_a_name),
        both(a_put_goes_on_over_a_commit_of_another),
        both(many_puts_go_on_over_a_commit_of_another),
        both(a_conflict_that_another_made_is_told_at_commit),
        both(options_that_make_no_sense_are_refused),
        in_a_folder(damage_of_a_stored_object_is_found_when_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
