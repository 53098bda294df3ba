/* From the lake to the host. */
#include "unit/tree/rig.h"

#include <sys/stat.h>
#include <unistd.h>

static int64_t get(void **state, const char *pattern, bool sync, bool remove)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    tarn_get_options options = {sync, remove};
    int64_t written = -1;
    WORKS(tarn_tree_get(
        snap, pattern, sandbox_path(state, "out"), &options, &written, e));
    tarn_snapshot_free(snap);
    return written;
}

static void refuses(
    void **state, tarn_status status, const char *text, const char *pattern)
{
    tarn_snapshot *snap = pin(state, TARN_LATEST);
    FAILS(status, text,
        tarn_tree_get(
            snap, pattern, sandbox_path(state, "out"), NULL, NULL, e));
    tarn_snapshot_free(snap);
}

static void host_holds(void **state, const char *name, const char *text)
{
    assert_string_equal(sandbox_read(state, name, NULL), text);
}

static bool is_link(void **state, const char *name)
{
    struct stat st;
    return lstat(sandbox_path(state, name), &st) == 0 && S_ISLNK(st.st_mode);
}

static void files_and_folders_arrive_under_their_names(void **state)
{
    put_text(state, "/d/a", "A");
    put_text(state, "/d/sub/b", "B");
    DO(state, tarn_tree_mkdir(txn, "/d/empty", false, e));
    DO(state, tarn_tree_ln(txn, "a", "/d/l", e));
    put_as(state, "/s", TARN_KIND_STREAM, "1");
    put_text(state, "/s", "2");
    assert_int_equal(get(state, "/d", false, false), 3);
    host_holds(state, "out/d/a", "A");
    host_holds(state, "out/d/sub/b", "B");
    assert_true(is_link(state, "out/d/l"));
    host_holds(state, "out/d/l", "A");
    assert_true(sandbox_exists(state, "out/d/empty"));
    get(state, "/s", false, false);
    host_holds(state, "out/s", "12");
}

static void the_root_s_inside_goes_into_the_folder_itself(void **state)
{
    put_text(state, "/d/a", "A");
    put_text(state, "/b", "B");
    get(state, "/", false, false);
    host_holds(state, "out/d/a", "A");
    host_holds(state, "out/b", "B");
}

static void a_pattern_gets_its_matches(void **state)
{
    put_text(state, "/d/a.x", "A");
    put_text(state, "/d/b.x", "B");
    put_text(state, "/d/c.y", "C");
    assert_int_equal(get(state, "/d/*.x", false, false), 2);
    assert_true(sandbox_exists(state, "out/a.x"));
    assert_false(sandbox_exists(state, "out/c.y"));
    refuses(state, TARN_NOT_FOUND, "matches nothing", "/d/*.z");
    refuses(state, TARN_NOT_FOUND, "/none", "/none");
}

static void a_folder_called_like_a_pattern_is_got_itself(void **state)
{
    put_text(state, "/[d]/a", "A");
    get(state, "/[d]", false, false);
    host_holds(state, "out/[d]/a", "A");
}

static void an_older_version_is_got_from_its_snapshot(void **state)
{
    int64_t v = put_text(state, "/a", "one");
    put_text(state, "/a", "two");
    tarn_snapshot *snap = pin(state, v);
    WORKS(tarn_tree_get(snap, "/a", sandbox_path(state, "out"), NULL, NULL, e));
    tarn_snapshot_free(snap);
    host_holds(state, "out/a", "one");
}

static void sync_writes_only_what_differs(void **state)
{
    put_text(state, "/d/a", "A");
    put_text(state, "/d/b", "B");
    assert_int_equal(get(state, "/d", true, false), 2);
    assert_int_equal(get(state, "/d", true, false), 0);
    sandbox_write_text(state, "out/d/a", "X");
    put_text(state, "/d/b", "B2");
    assert_int_equal(get(state, "/d", true, false), 2);
    host_holds(state, "out/d/a", "A");
    host_holds(state, "out/d/b", "B2");
}

static void delete_removes_what_the_lake_has_not(void **state)
{
    put_text(state, "/d/a", "A");
    sandbox_write_text(state, "out/d/own/x", "mine");
    sandbox_write_text(state, "out/d/.dot", "mine");
    sandbox_write_text(state, "out/beside", "mine");
    get(state, "/d", true, false);
    assert_true(sandbox_exists(state, "out/d/own/x"));
    get(state, "/d", true, true);
    assert_false(sandbox_exists(state, "out/d/own"));
    assert_false(sandbox_exists(state, "out/d/.dot"));
    assert_true(sandbox_exists(state, "out/beside"));
    host_holds(state, "out/d/a", "A");
}

/* The lake lies in the folder that becomes its mirror, or is that folder. */
static void delete_never_removes_the_lake_itself(void **state)
{
    static const char *const folders[] = {".", "lake"};
    tarn_get_options options = {true, true};
    put_text(state, "/a", "A");
    for (size_t i = 0; i < 2; i++) {
        tarn_snapshot *snap = pin(state, TARN_LATEST);
        sandbox_write_text(state, "mine", "");
        sandbox_write_text(state, "lake/mine", "");
        WORKS(tarn_tree_get(
            snap, "/", sandbox_path(state, folders[i]), &options, NULL, e));
        tarn_snapshot_free(snap);
        assert_true(sandbox_exists(state, "lake/tarn.json"));
        assert_true(sandbox_exists(state, "lake/log/_delta_log"));
        assert_true(sandbox_exists(state, "lake/objects"));
        assert_false(sandbox_exists(state, i == 0 ? "mine" : "lake/mine"));
    }
    host_holds(state, "a", "A");
    host_holds(state, "lake/a", "A");
}

static void the_lake_s_own_files_are_not_written_over(void **state)
{
    static const char *const folders[] = {"lake", "lake/objects", "."};
    static const char *const paths[] = {"/tarn.json", "/a", "/lake"};
    tarn_get_options options = {true, true};
    put_text(state, "/tarn.json", "mine");
    put_text(state, "/a", "A");
    put_text(state, "/lake", "a file");
    char *config = strdup(sandbox_read(state, "lake/tarn.json", NULL));
    for (size_t i = 0; i < 3; i++) {
        tarn_snapshot *snap = pin(state, TARN_LATEST);
        FAILS(TARN_INVALID, "the lake's own",
            tarn_tree_get(snap, paths[i], sandbox_path(state, folders[i]),
                &options, NULL, e));
        tarn_snapshot_free(snap);
    }
    host_holds(state, "lake/tarn.json", config);
    assert_false(sandbox_exists(state, "lake/objects/a"));
    free(config);
}

static void a_link_on_the_host_does_not_lead_out(void **state)
{
    put_text(state, "/d/a", "lake");
    put_text(state, "/f", "lake");
    sandbox_write_text(state, "outside/a", "mine");
    sandbox_mkdir(state, "out");
    assert_int_equal(
        symlink(sandbox_path(state, "outside"), sandbox_path(state, "out/d")),
        0);
    assert_int_equal(
        symlink(sandbox_path(state, "outside/a"), sandbox_path(state, "out/f")),
        0);
    refuses(state, TARN_EXISTS, "out/d", "/d");
    get(state, "/f", false, false);
    host_holds(state, "outside/a", "mine");
    host_holds(state, "out/f", "lake");
    get(state, "/d", true, true);
    host_holds(state, "outside/a", "mine");
    assert_false(is_link(state, "out/d"));
    host_holds(state, "out/d/a", "lake");
}

static void a_link_of_the_lake_is_not_written_through(void **state)
{
    sandbox_write_text(state, "outside/a", "mine");
    DO(state, tarn_tree_mkdir(txn, "/x", false, e));
    DO(state, tarn_tree_ln(txn, sandbox_path(state, "outside"), "/x/d", e));
    put_text(state, "/y/d/a", "lake");
    get(state, "/x/*", false, false);
    assert_true(is_link(state, "out/d"));
    refuses(state, TARN_EXISTS, "out/d", "/y/d");
    host_holds(state, "outside/a", "mine");
}

static void what_stands_in_the_way_is_left_alone(void **state)
{
    put_text(state, "/d/a", "A");
    put_text(state, "/f", "F");
    sandbox_write_text(state, "out/d", "mine");
    sandbox_write_text(state, "out/f/x", "mine");
    refuses(state, TARN_EXISTS, "out/d", "/d");
    refuses(state, TARN_EXISTS, "out/f", "/f");
    host_holds(state, "out/d", "mine");
    host_holds(state, "out/f/x", "mine");
}

static void a_name_of_255_bytes_and_odd_ones_arrive(void **state)
{
    char path[257];
    char host[300];
    memset(path, 'n', sizeof path);
    path[0] = '/';
    path[256] = '\0';
    put_text(state, path, "long");
    put_text(state, "/new\nline %s", "odd");
    get(state, "/", false, false);
    snprintf(host, sizeof host, "out%s", path);
    host_holds(state, host, "long");
    host_holds(state, "out/new\nline %s", "odd");
}

static void a_failed_get_leaves_no_litter(void **state)
{
    put_text(state, "/f", "F");
    sandbox_write_text(state, "out/f/x", "mine");
    refuses(state, TARN_EXISTS, "out/f", "/f");
    char command[600];
    snprintf(command, sizeof command, "test \"$(ls -A %s)\" = f",
        sandbox_path(state, "out"));
    assert_int_equal(system(command), 0);
}

/* Not even one of the name that a get of this process once had. */
static void no_file_beside_is_written_over(void **state)
{
    char name[64];
    put_text(state, "/f", "F");
    snprintf(name, sizeof name, "out/.tarn-%lld-0", (long long)getpid());
    sandbox_write_text(state, name, "mine");
    get(state, "/f", false, false);
    host_holds(state, "out/f", "F");
    host_holds(state, name, "mine");
}

static bool stop(void *arg, const char *what, uint64_t done, uint64_t total)
{
    (void)arg;
    (void)done;
    (void)total;
    return strcmp(what, "get") == 0;
}

static void a_get_that_is_stopped_leaves_no_file(void **state)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    tarn_lake *lake = NULL;
    tarn_snapshot *snap = NULL;
    put_text(state, "/f", "F");
    options.progress = stop;
    WORKS(tarn_lake_open(sandbox_path(state, "lake"), &options, &lake, e));
    WORKS(tarn_snapshot_open(lake, TARN_LATEST, &snap, e));
    FAILS(TARN_INTERRUPTED, "out: interrupted",
        tarn_tree_get(snap, "/f", sandbox_path(state, "out"), NULL, NULL, e));
    assert_int_equal(rmdir(sandbox_path(state, "out")), 0);
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        both(files_and_folders_arrive_under_their_names),
        both(the_root_s_inside_goes_into_the_folder_itself),
        both(a_pattern_gets_its_matches),
        both(a_folder_called_like_a_pattern_is_got_itself),
        both(an_older_version_is_got_from_its_snapshot),
        both(sync_writes_only_what_differs),
        both(delete_removes_what_the_lake_has_not),
        in_a_folder(delete_never_removes_the_lake_itself),
        in_a_folder(the_lake_s_own_files_are_not_written_over),
        both(a_link_on_the_host_does_not_lead_out),
        both(a_link_of_the_lake_is_not_written_through),
        both(what_stands_in_the_way_is_left_alone),
        both(a_name_of_255_bytes_and_odd_ones_arrive),
        both(a_failed_get_leaves_no_litter),
        both(no_file_beside_is_written_over),
        cmocka_unit_test_setup_teardown(
            a_get_that_is_stopped_leaves_no_file, folder_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
