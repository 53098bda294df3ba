/* Listing and patterns, over a lake. */
#include "unit/tree/rig.h"

#include "tree/content.h"

/* The tree of most tests here. */
static void plant(void **state)
{
    static const char *const paths[] = {"/data/a.csv", "/data/b.csv",
        "/data/.hidden", "/sensors/one/reading.dat", "/sensors/two/reading.dat",
        "/readme.md", "/.dot/x"};
    tarn_txn *txn = begin(state);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        WORKS(tarn_tree_put_bytes(txn, paths[i], tarn_str("x"), NULL, e));
    commit(txn);
}

static void a_folder_gives_its_entries_a_file_itself(void **state)
{
    plant(state);
    assert_string_equal(
        list(state, "/", false, false), "/data /readme.md /sensors ");
    assert_string_equal(
        list(state, "/data/", false, false), "/data/a.csv /data/b.csv ");
    assert_string_equal(
        list(state, "/data/a.csv", false, false), "/data/a.csv ");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_tree_list *listing = NULL;
    FAILS(TARN_NOT_FOUND, "/none",
        tarn_tree_list_open(snap, "/none", NULL, &listing, e));
    assert_null(listing);
    tarn_snapshot_free(snap);
}

static void dotfiles_are_shown_when_asked_for(void **state)
{
    plant(state);
    assert_string_equal(
        list(state, "/", false, true), "/.dot /data /readme.md /sensors ");
    assert_string_equal(
        list(state, "/data/.hidden", false, false), "/data/.hidden ");
    assert_string_equal(list(state, "/.dot", false, false), "/.dot/x ");
    assert_string_equal(list(state, "/*/.h*", false, false), "/data/.hidden ");
    assert_string_equal(list(state, "/**/x", false, false), "");
    assert_string_equal(list(state, "/**/x", false, true), "/.dot/x ");
}

static void recursion_leaves_the_folder_itself_out(void **state)
{
    plant(state);
    assert_string_equal(list(state, "/sensors", true, false),
        "/sensors/one /sensors/one/reading.dat /sensors/two "
        "/sensors/two/reading.dat ");
}

static void patterns_match_as_they_say(void **state)
{
    plant(state);
    assert_string_equal(
        list(state, "/**/*.csv", false, false), "/data/a.csv /data/b.csv ");
    assert_string_equal(list(state, "/sensors/*/reading.dat", false, false),
        "/sensors/one/reading.dat /sensors/two/reading.dat ");
    assert_string_equal(
        list(state, "/data/[b-z].csv", false, false), "/data/b.csv ");
    assert_string_equal(
        list(state, "/data/?.csv", false, false), "/data/a.csv /data/b.csv ");
    assert_string_equal(list(state, "/none/*", false, false), "");
    assert_string_equal(list(state, "/readme.md/*", false, false), "");
    assert_string_equal(list(state, "/sensors/**", false, false),
        "/sensors/one /sensors/one/reading.dat /sensors/two "
        "/sensors/two/reading.dat ");
}

static void a_pattern_begins_where_its_plain_names_lead(void **state)
{
    plant(state);
    DO(state, tarn_tree_ln(txn, "/data", "/l", e));
    assert_string_equal(
        list(state, "/l/*.csv", false, false), "/l/a.csv /l/b.csv ");
    assert_string_equal(list(state, "/l", false, false), "/l/a.csv /l/b.csv ");
}

static void a_node_may_be_called_like_a_pattern(void **state)
{
    plant(state);
    put_text(state, "/data/[a].csv", "x");
    assert_string_equal(
        list(state, "/data/[a].csv", false, false), "/data/[a].csv ");
}

static void paths_come_in_order_of_their_bytes(void **state)
{
    static const char *const names[] = {"/a", "/a-", "/a-/a", "/a-b", "/a.x",
        "/a/a", "/a/b", "/a/b-c", "/a/b/c", "/a0", "/b/x"};
    tarn_txn *txn = begin(state);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool folder = i + 1 < sizeof names / sizeof *names &&
            (i == 0 || i == 1 || i == 6);
        if (folder)
            WORKS(tarn_tree_mkdir(txn, names[i], true, e));
        else
            WORKS(tarn_tree_put_bytes(txn, names[i], tarn_str(""), NULL, e));
    }
    commit(txn);
    assert_string_equal(list(state, "/", true, false),
        "/a /a- /a-/a /a-b /a.x /a/a /a/b /a/b-c /a/b/c /a0 /b /b/x ");
    assert_string_equal(list(state, "/**", false, false),
        "/a /a- /a-/a /a-b /a.x /a/a /a/b /a/b-c /a/b/c /a0 /b /b/x ");
}

/* Random trees: the listing of a pattern is the tree, filtered. */
static void a_pattern_lists_what_matches_it_and_nothing_else(void **state)
{
    static const char *const words[] = {"a", "b", "ab", "b-a", ".a", "a.b"};
    static const char *const patterns[] = {"/*", "/**", "/a/**", "/**/a",
        "/**/a/**/b", "/*/*", "/a*/*b", "/**/.a", "/[ab]/**/a*", "/?/**"};
    unsigned seed = 20261121;
    tarn_txn *txn = begin(state);
    for (int i = 0; i < 200; i++) {
        char path[64] = "";
        size_t levels = 1 + (seed >> 8) % 4;
        for (size_t n = 0; n < levels; n++) {
            seed = seed * 1103515245U + 12345U;
            strcat(path, "/");
            strcat(path, words[(seed >> 16) % 6]);
        }
        if (tarn_tree_mkdir(txn, path, true, NULL) != TARN_OK)
            fail_msg("mkdir %s", path);
    }
    commit(txn);
    char *whole = strdup(list(state, "/", true, true));
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        static char want[65536];
        size_t len = 0;
        char *all = strdup(whole);
        for (char *p = strtok(all, " "); p != NULL; p = strtok(NULL, " "))
            if (tarn__glob_match(patterns[i], p))
                len +=
                    (size_t)snprintf(want + len, sizeof want - len, "%s ", p);
        want[len] = '\0';
        assert_string_equal(list(state, patterns[i], false, false), want);
        free(all);
    }
    free(whole);
}

static void a_listing_says_what_stat_says(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "one");
    put_text(state, "/s", "three");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_tree_list *listing = NULL;
    const tarn_node *node;
    tarn_node other = TARN_NODE_INIT;
    WORKS(tarn_tree_list_open(snap, "/", NULL, &listing, e));
    assert_int_equal(tarn_tree_list_next(listing, &node, NULL), TARN_ROW);
    WORKS(tarn_tree_stat(snap, "/s", false, &other, e));
    assert_int_equal(node->size_bytes, 8);
    assert_int_equal(node->item_count, 2);
    assert_int_equal(node->version, other.version);
    assert_string_equal(node->id, other.id);
    assert_true(node->created_us < node->modified_us);
    tarn_node_reset(&other);
    tarn_tree_list_free(listing);
    tarn_snapshot_free(snap);
}

static void a_transaction_lists_what_it_wrote(void **state)
{
    put_text(state, "/a", "x");
    put_text(state, "/c", "x");
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_put_bytes(txn, "/b", tarn_str("y"), NULL, e));
    WORKS(tarn_tree_rm(txn, "/c", false, e));
    tarn_tree_list *listing = NULL;
    const tarn_node *node;
    WORKS(tarn_tree_list_open(tarn_txn_snapshot(txn), "/*", NULL, &listing, e));
    assert_int_equal(tarn_tree_list_next(listing, &node, NULL), TARN_ROW);
    assert_string_equal(node->path, "/a");
    assert_int_equal(tarn_tree_list_next(listing, &node, NULL), TARN_ROW);
    assert_string_equal(node->path, "/b");
    assert_int_equal(tarn_tree_list_next(listing, &node, NULL), TARN_OK);
    tarn_tree_list_free(listing);
    tarn_txn_abort(txn);
    assert_string_equal(list(state, "/", false, false), "/a /c ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(a_folder_gives_its_entries_a_file_itself),
        both(dotfiles_are_shown_when_asked_for),
        both(recursion_leaves_the_folder_itself_out),
        both(patterns_match_as_they_say),
        both(a_pattern_begins_where_its_plain_names_lead),
        both(a_node_may_be_called_like_a_pattern),
        both(paths_come_in_order_of_their_bytes),
        both(a_pattern_lists_what_matches_it_and_nothing_else),
        both(a_listing_says_what_stat_says),
        both(a_transaction_lists_what_it_wrote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
