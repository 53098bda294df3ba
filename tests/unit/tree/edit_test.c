/* mkdir, rm, mv, cp, ln. */
#include "unit/tree/rig.h"

static void mkdir_wants_a_new_name_in_a_folder(void **state)
{
    DO(state, tarn_tree_mkdir(txn, "/a", false, e));
    REFUSES(state, TARN_EXISTS, "/a", tarn_tree_mkdir(txn, "/a", false, e));
    REFUSES(
        state, TARN_NOT_FOUND, "-p", tarn_tree_mkdir(txn, "/x/y", false, e));
    put_text(state, "/f", "x");
    REFUSES(state, TARN_CONFLICT, "/f", tarn_tree_mkdir(txn, "/f/y", true, e));
    REFUSES(state, TARN_EXISTS, "/f", tarn_tree_mkdir(txn, "/f", true, e));
}

static void mkdir_with_parents_makes_all_or_nothing_new(void **state)
{
    DO(state, tarn_tree_mkdir(txn, "/a/b/c", true, e));
    assert_string_equal(list(state, "/", true, false), "/a /a/b /a/b/c ");
    int64_t before = head(state);
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_mkdir(txn, "/a/b", true, e));
    assert_int_equal(commit(txn), -1);
    assert_int_equal(head(state), before);
}

static void a_thousand_levels_are_made_read_and_removed(void **state)
{
    char path[2 * 1200 + 8];
    for (size_t i = 0; i < 1200; i++)
        memcpy(path + 2 * i, "/d", 2);
    memcpy(path + 2400, "/f", 3);
    put_text(state, path, "deep");
    holds(state, path, "deep");
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_tree_list_options options = {true, false};
    tarn_tree_list *listing = NULL;
    const tarn_node *node;
    size_t count = 0;
    WORKS(tarn_tree_list_open(snap, "/", &options, &listing, e));
    while (tarn_tree_list_next(listing, &node, NULL) == TARN_ROW)
        count++;
    assert_int_equal(count, 1201);
    tarn_tree_list_free(listing);
    tarn_snapshot_free(snap);
    DO(state, tarn_tree_cp(txn, "/d", "/copy", e));
    DO(state, tarn_tree_rm(txn, "/d", true, e));
    assert_string_equal(list(state, "/", false, false), "/copy ");
}

static void rm_removes_and_the_past_stays(void **state)
{
    int64_t v = put_text(state, "/a", "x");
    DO(state, tarn_tree_rm(txn, "/a", false, e));
    is_gone(state, "/a");
    holds_at(state, v, "/a", "x");
    REFUSES(state, TARN_NOT_FOUND, "/a", tarn_tree_rm(txn, "/a", false, e));
}

static void rm_of_a_full_folder_wants_to_be_told(void **state)
{
    put_text(state, "/d/e/a", "x");
    REFUSES(state, TARN_CONFLICT, "rm -r", tarn_tree_rm(txn, "/d", false, e));
    DO(state, tarn_tree_rm(txn, "/d", true, e));
    assert_string_equal(list(state, "/", true, true), "");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    DO(state, tarn_tree_rm(txn, "/d", false, e));
}

static void the_root_cannot_be_removed_or_moved(void **state)
{
    REFUSES(state, TARN_INVALID, "root", tarn_tree_rm(txn, "/", true, e));
    REFUSES(state, TARN_INVALID, "root", tarn_tree_mv(txn, "/", "/a", e));
    REFUSES(state, TARN_INVALID, "root", tarn_tree_rm(txn, "/..", true, e));
}

static void rm_takes_the_link_and_leaves_what_it_leads_to(void **state)
{
    put_text(state, "/d/a", "x");
    DO(state, tarn_tree_ln(txn, "/d", "/l", e));
    DO(state, tarn_tree_rm(txn, "/l", true, e));
    holds(state, "/d/a", "x");
    DO(state, tarn_tree_ln(txn, "d", "/l", e));
    DO(state, tarn_tree_rm(txn, "/l/", true, e));
    holds(state, "/d/a", "x");
}

static void mv_keeps_id_content_and_history(void **state)
{
    int64_t v = put_text(state, "/a", "x");
    tarn_node before = stat_of(state, "/a");
    DO(state, tarn_tree_mv(txn, "/a", "/b", e));
    tarn_node after = stat_of(state, "/b");
    assert_string_equal(before.id, after.id);
    assert_int_equal(before.created_us, after.created_us);
    holds(state, "/b", "x");
    is_gone(state, "/a");
    holds_at(state, v, "/a", "x");
    tarn_node_reset(&before);
    tarn_node_reset(&after);
}

static void mv_into_a_folder_keeps_the_name(void **state)
{
    put_text(state, "/a", "x");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    DO(state, tarn_tree_mv(txn, "/a", "/d", e));
    holds(state, "/d/a", "x");
    DO(state, tarn_tree_mv(txn, "/d/a", "/", e));
    holds(state, "/a", "x");
    REFUSES(state, TARN_NOT_FOUND, "/x/", tarn_tree_mv(txn, "/a", "/x/", e));
    REFUSES(state, TARN_NOT_FOUND, "/x", tarn_tree_mv(txn, "/a", "/x/y", e));
}

static void mv_over_a_file_replaces_it(void **state)
{
    put_text(state, "/a", "new");
    put_text(state, "/b", "old");
    DO(state, tarn_tree_mv(txn, "/a", "/b", e));
    holds(state, "/b", "new");
    assert_string_equal(list(state, "/", true, false), "/b ");
    put_text(state, "/d/b", "in");
    DO(state, tarn_tree_mv(txn, "/b", "/d", e));
    holds(state, "/d/b", "new");
}

static void mv_over_a_link_replaces_the_link(void **state)
{
    put_text(state, "/a", "new");
    put_text(state, "/t", "target");
    DO(state, tarn_tree_ln(txn, "/t", "/l", e));
    DO(state, tarn_tree_mv(txn, "/a", "/l", e));
    is_kind(state, "/l", "file");
    holds(state, "/t", "target");
}

static void mv_of_a_folder_moves_what_is_below(void **state)
{
    put_text(state, "/d/e/a", "x");
    DO(state, tarn_tree_mv(txn, "/d", "/f", e));
    assert_string_equal(list(state, "/", true, false), "/f /f/e /f/e/a ");
    put_text(state, "/g/f/a", "y");
    REFUSES(state, TARN_EXISTS, "/g", tarn_tree_mv(txn, "/f", "/g", e));
    put_text(state, "/file", "z");
    REFUSES(state, TARN_EXISTS, "/file", tarn_tree_mv(txn, "/f", "/file", e));
}

static void a_folder_is_not_moved_or_copied_below_itself(void **state)
{
    put_text(state, "/d/e/a", "x");
    DO(state, tarn_tree_ln(txn, "/d/e", "/l", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_mv(txn, "/d", "/d/e", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_mv(txn, "/d", "/l/n", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_cp(txn, "/d", "/d/e", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_cp(txn, "/d", "/l/n", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_cp(txn, "/d", "/d", e));
    REFUSES(
        state, TARN_INVALID, "itself", tarn_tree_cp(txn, "/d/e/a", "/d/e", e));
    REFUSES(state, TARN_INVALID, "itself", tarn_tree_cp(txn, "/d", "/", e));
}

static void names_may_change_hands_in_one_transaction(void **state)
{
    put_text(state, "/a", "A");
    put_text(state, "/b", "B");
    tarn_txn *txn = begin(state);
    WORKS(tarn_tree_mv(txn, "/a", "/t", e));
    WORKS(tarn_tree_mv(txn, "/b", "/a", e));
    WORKS(tarn_tree_mv(txn, "/t", "/b", e));
    commit(txn);
    holds(state, "/a", "B");
    holds(state, "/b", "A");
    assert_string_equal(list(state, "/", true, false), "/a /b ");
}

static void cp_shares_content_and_makes_nodes_of_its_own(void **state)
{
    put_as(state, "/s", TARN_KIND_STREAM, "one ");
    put_text(state, "/s", "two");
    DO(state, tarn_tree_cp(txn, "/s", "/t", e));
    holds(state, "/t", "one two");
    is_kind(state, "/t", "stream");
    tarn_node a = stat_of(state, "/s");
    tarn_node b = stat_of(state, "/t");
    assert_string_not_equal(a.id, b.id);
    assert_int_equal(b.item_count, 2);
    tarn_node_reset(&a);
    tarn_node_reset(&b);
    put_text(state, "/t", " three");
    holds(state, "/t", "one two three");
    holds(state, "/s", "one two");
}

static void cp_of_a_folder_goes_as_cp_r_does(void **state)
{
    put_text(state, "/d/a", "x");
    DO(state, tarn_tree_ln(txn, "a", "/d/l", e));
    DO(state, tarn_tree_cp(txn, "/d", "/e", e));
    assert_string_equal(list(state, "/e", true, false), "/e/a /e/l ");
    is_kind(state, "/e/l", "link");
    DO(state, tarn_tree_cp(txn, "/d", "/e", e));
    assert_string_equal(
        list(state, "/e", true, false), "/e/a /e/d /e/d/a /e/d/l /e/l ");
    put_text(state, "/d/b", "y");
    DO(state, tarn_tree_cp(txn, "/d", "/e", e));
    holds(state, "/e/d/b", "y");
}

static void cp_over_a_file_replaces_its_content(void **state)
{
    put_text(state, "/a", "new");
    put_text(state, "/b", "old");
    DO(state, tarn_tree_cp(txn, "/a", "/b", e));
    holds(state, "/b", "new");
    DO(state, tarn_tree_mkdir(txn, "/d", false, e));
    REFUSES(state, TARN_CONFLICT, "/b", tarn_tree_cp(txn, "/d", "/b/x", e));
}

static void links_lead_from_where_they_stand(void **state)
{
    put_text(state, "/d/e/a", "x");
    DO(state, tarn_tree_ln(txn, "../e/a", "/d/e/l", e));
    holds(state, "/d/e/l", "x");
    DO(state, tarn_tree_ln(txn, "/d/e", "/m", e));
    holds(state, "/m/l", "x");
    put_text(state, "/m/a", "through");
    holds(state, "/d/e/a", "through");
    put_text(state, "/m/l", "through both");
    holds(state, "/d/e/a", "through both");
}

static void a_link_may_lead_nowhere_and_is_made_real_by_a_put(void **state)
{
    DO(state, tarn_tree_ln(txn, "d/new", "/l", e));
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_buf bytes = TARN_BUF_INIT;
    FAILS(TARN_NOT_FOUND, "/l", tarn_tree_read(snap, "/l", 10, &bytes, e));
    tarn_snapshot_free(snap);
    tarn_node node = stat_of(state, "/l");
    assert_string_equal(node.target, "d/new");
    tarn_node_reset(&node);
    put_text(state, "/l", "x");
    holds(state, "/d/new", "x");
}

static void a_loop_of_links_is_an_error(void **state)
{
    DO(state, tarn_tree_ln(txn, "/b", "/a", e));
    DO(state, tarn_tree_ln(txn, "/a", "/b", e));
    DO(state, tarn_tree_ln(txn, "self/x", "/self", e));
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_node node = TARN_NODE_INIT;
    FAILS(TARN_NOT_FOUND, "links", tarn_tree_stat(snap, "/a", true, &node, e));
    FAILS(TARN_NOT_FOUND, "links",
        tarn_tree_stat(snap, "/self/y", true, &node, e));
    tarn_snapshot_free(snap);
    REFUSES(state, TARN_NOT_FOUND, "links",
        tarn_tree_put_bytes(txn, "/a", tarn_str("x"), NULL, e));
}

static void ln_wants_a_free_name(void **state)
{
    put_text(state, "/a", "x");
    REFUSES(state, TARN_EXISTS, "/a", tarn_tree_ln(txn, "t", "/a", e));
    REFUSES(state, TARN_NOT_FOUND, "/x", tarn_tree_ln(txn, "t", "/x/l", e));
    REFUSES(state, TARN_INVALID, "target", tarn_tree_ln(txn, "", "/l", e));
    REFUSES(state, TARN_INVALID, "UTF-8", tarn_tree_ln(txn, "\xff", "/l", e));
}

static void bad_names_are_refused_everywhere(void **state)
{
    char name[300];
    memset(name, 'n', sizeof name);
    name[0] = '/';
    name[257] = '\0';
    REFUSES(state, TARN_INVALID, "256", tarn_tree_mkdir(txn, name, false, e));
    REFUSES(state, TARN_INVALID, "UTF-8",
        tarn_tree_put_bytes(txn, "/a\xff", tarn_str("x"), NULL, e));
    name[256] = '\0';
    put_text(state, name, "255 bytes");
    holds(state, name, "255 bytes");
    REFUSES(state, TARN_INVALID, "UTF-8", tarn_tree_mv(txn, name, "/\xc0", e));
    assert_int_equal(strlen(list(state, "/", true, true)), 257);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(mkdir_wants_a_new_name_in_a_folder),
        both(mkdir_with_parents_makes_all_or_nothing_new),
        both(a_thousand_levels_are_made_read_and_removed),
        both(rm_removes_and_the_past_stays),
        both(rm_of_a_full_folder_wants_to_be_told),
        both(the_root_cannot_be_removed_or_moved),
        both(rm_takes_the_link_and_leaves_what_it_leads_to),
        both(mv_keeps_id_content_and_history),
        both(mv_into_a_folder_keeps_the_name),
        both(mv_over_a_file_replaces_it),
        both(mv_over_a_link_replaces_the_link),
        both(mv_of_a_folder_moves_what_is_below),
        both(a_folder_is_not_moved_or_copied_below_itself),
        both(names_may_change_hands_in_one_transaction),
        both(cp_shares_content_and_makes_nodes_of_its_own),
        both(cp_of_a_folder_goes_as_cp_r_does),
        both(cp_over_a_file_replaces_its_content),
        both(links_lead_from_where_they_stand),
        both(a_link_may_lead_nowhere_and_is_made_real_by_a_put),
        both(a_loop_of_links_is_an_error),
        both(ln_wants_a_free_name),
        both(bad_names_are_refused_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
