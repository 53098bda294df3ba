/* Ways along edges; at the end, random graphs beside a naive search. */
#include <stdlib.h>

#include "graph.h"

/* depth, key and path of the rows, or the status as text. */
static const char *walk(
    tarn_lake *lake, const char *from, tarn_traverse_options options)
{
    static const size_t columns[] = {0, 2, 4};
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    const char *text;
    tarn_snapshot *snap = graph_snap(lake);
    tarn_status st = tarn_traverse(snap, from, &options, &rows, &err);
    text = st == TARN_OK ? graph_text(rows, columns, 3) : tarn_status_name(st);
    tarn_snapshot_free(snap);
    return text;
}

static tarn_traverse_options bfs(int64_t depth)
{
    tarn_traverse_options o = TARN_TRAVERSE_OPTIONS_INIT;
    o.depth = depth;
    return o;
}

static tarn_traverse_options dfs(int64_t depth)
{
    tarn_traverse_options o = bfs(depth);
    o.order = TARN_TRAVERSE_DFS;
    return o;
}

static void each_record_comes_once_at_its_smallest_depth(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c a-1-b a-2-c b-1-c");
    assert_string_equal(
        walk(lake, "a", bfs(3)), "1|b|[\"a\",\"b\"];1|c|[\"a\",\"c\"]");
    tarn_lake_close(lake);
}

static void a_cycle_ends(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c a-r-b b-r-c c-r-a a-r-a");
    assert_string_equal(
        walk(lake, "a", bfs(100)), "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"]");
    assert_string_equal(
        walk(lake, "a", dfs(100)), "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"]");
    tarn_lake_close(lake);
}

static void depth_ends_the_walk(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c d e a-r-b b-r-c c-r-d d-r-e");
    const tarn_traverse_options usual = TARN_TRAVERSE_OPTIONS_INIT;
    assert_string_equal(walk(lake, "a", bfs(1)), "1|b|[\"a\",\"b\"]");
    assert_string_equal(walk(lake, "a", usual),
        "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"];"
        "3|d|[\"a\",\"b\",\"c\",\"d\"]");
    assert_string_equal(walk(lake, "a", bfs(0)), "bad arguments");
    tarn_lake_close(lake);
}

static void direction_and_type_are_kept_to(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    tarn_traverse_options o = bfs(3);
    graph_make(lake, "a b c d b-r-a c-r-b c-s-d");
    assert_string_equal(walk(lake, "a", o), "");
    o.direction = TARN_EDGE_IN;
    assert_string_equal(
        walk(lake, "a", o), "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"]");
    o.direction = TARN_EDGE_BOTH;
    assert_string_equal(walk(lake, "a", o),
        "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"];"
        "3|d|[\"a\",\"b\",\"c\",\"d\"]");
    o.type = "r";
    assert_string_equal(
        walk(lake, "a", o), "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"]");
    o.type = "none";
    assert_string_equal(walk(lake, "a", o), "");
    tarn_lake_close(lake);
}

static void depth_first_gives_each_simple_path_once(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c d a-1-b a-2-b a-3-c b-1-d c-1-d d-1-a");
    assert_string_equal(walk(lake, "a", dfs(5)),
        "1|b|[\"a\",\"b\"];2|d|[\"a\",\"b\",\"d\"];"
        "1|c|[\"a\",\"c\"];2|d|[\"a\",\"c\",\"d\"]");
    tarn_lake_close(lake);
}

static void a_shortest_way_is_one_row(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    tarn_traverse_options o = bfs(3);
    graph_make(lake, "a b c d e a-1-b b-1-c c-1-d a-2-e e-1-d");
    o.order = TARN_TRAVERSE_SHORTEST;
    o.to = "d";
    assert_string_equal(walk(lake, "a", o), "2|d|[\"a\",\"e\",\"d\"]");
    o.order = TARN_TRAVERSE_BFS;
    assert_string_equal(walk(lake, "a", o), "2|d|[\"a\",\"e\",\"d\"]");
    o.order = TARN_TRAVERSE_DFS;
    assert_string_equal(walk(lake, "a", o),
        "3|d|[\"a\",\"b\",\"c\",\"d\"];2|d|[\"a\",\"e\",\"d\"]");
    tarn_lake_close(lake);
}

static void no_way_is_not_found(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    tarn_traverse_options o = bfs(2);
    graph_make(lake, "a b c d a-r-b b-r-c c-r-d");
    o.to = "d";
    assert_string_equal(walk(lake, "a", o), "not found");
    o.order = TARN_TRAVERSE_SHORTEST;
    assert_string_equal(walk(lake, "a", o), "not found");
    o.order = TARN_TRAVERSE_DFS;
    assert_string_equal(walk(lake, "a", o), "not found");
    o.depth = 3;
    assert_string_equal(walk(lake, "a", o), "3|d|[\"a\",\"b\",\"c\",\"d\"]");
    o.to = "nobody";
    assert_string_equal(walk(lake, "a", o), "not found");
    assert_string_equal(walk(lake, "nobody", bfs(1)), "not found");
    tarn_lake_close(lake);
}

static void the_way_to_oneself_has_no_step(void **state)
{
    (void)state;
    tarn_lake *lake = graph_lake();
    tarn_traverse_options o = bfs(3);
    graph_make(lake, "a b a-r-b b-r-a");
    o.order = TARN_TRAVERSE_SHORTEST;
    o.to = "a";
    assert_string_equal(walk(lake, "a", o), "0|a|[\"a\"]");
    tarn_lake_close(lake);
}

static void a_softly_deleted_record_is_neither_seen_nor_passed(void **state)
{
    (void)state;
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b c a-1-b b-1-c");
    tarn_txn *txn = graph_begin(lake);
    graph_ok(tarn_record_rm(txn, "b", NULL, &err), &err);
    graph_commit(txn);
    assert_string_equal(walk(lake, "a", bfs(3)), "");
    assert_string_equal(walk(lake, "a", dfs(3)), "");
    assert_string_equal(walk(lake, "b", bfs(3)), "not found");
    graph_make(lake, "b");
    assert_string_equal(
        walk(lake, "a", bfs(3)), "1|b|[\"a\",\"b\"];2|c|[\"a\",\"b\",\"c\"]");
    tarn_lake_close(lake);
}

static void the_past_is_walked_as_it_was(void **state)
{
    (void)state;
    static const size_t columns[] = {2};
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    tarn_lake *lake = graph_lake();
    graph_make(lake, "a b a-r-b");
    tarn_snapshot *before = graph_snap(lake);
    tarn_txn *txn = graph_begin(lake);
    graph_ok(tarn_edge_rm(txn, "a", "r", "b", NULL, &err), &err);
    graph_commit(txn);
    graph_ok(tarn_traverse(before, "a", NULL, &rows, &err), &err);
    assert_string_equal(graph_text(rows, columns, 1), "b");
    assert_string_equal(walk(lake, "a", bfs(3)), "");
    tarn_snapshot_free(before);
    tarn_lake_close(lake);
}

/* --- random graphs --- */

#define NODES 9

typedef struct naive {
    bool edge[2][NODES][NODES]; /* of relation "p" and "q" */
    int direction;
    int relation; /* -1: any */
    int depth;
    char paths[200000]; /* ";"-ended */
    size_t len;
} naive;

static bool step_between(const naive *n, int from, int to)
{
    for (int r = 0; r < 2; r++) {
        if (n->relation >= 0 && n->relation != r)
            continue;
        if ((n->direction & 1) != 0 && n->edge[r][from][to])
            return true;
        if ((n->direction & 2) != 0 && n->edge[r][to][from])
            return true;
    }
    return false;
}

static void note_path(naive *n, const int *path, int count)
{
    for (int i = 0; i <= count; i++)
        n->paths[n->len++] = i == count ? ';' : (char)('a' + path[i]);
    assert_true(n->len < sizeof n->paths - 20);
}

static void all_paths(naive *n, int *path, int count)
{
    if (count > 1)
        note_path(n, path, count);
    if (count - 1 == n->depth)
        return;
    for (int next = 0; next < NODES; next++) {
        bool on = false;
        for (int i = 0; i < count; i++)
            on = on || path[i] == next;
        if (on || !step_between(n, path[count - 1], next))
            continue;
        path[count] = next;
        all_paths(n, path, count + 1);
    }
}

static void distances(const naive *n, int from, int *distance)
{
    for (int i = 0; i < NODES; i++)
        distance[i] = i == from ? 0 : -1;
    for (int d = 0; d < n->depth; d++)
        for (int i = 0; i < NODES; i++)
            for (int j = 0; j < NODES && distance[i] == d; j++)
                if (distance[j] < 0 && step_between(n, i, j))
                    distance[j] = d + 1;
}

/* ["a","b"] -> "ab;" */
static void plain_path(const char *json, char *out)
{
    for (; *json != '\0'; json++)
        if (*json >= 'a' && *json <= 'z')
            *out++ = *json;
    *out++ = ';';
    *out = '\0';
}

/* NULL: there is no way. */
static tarn_rows *walk_rows(tarn_snapshot *snap, const naive *n, int from,
    tarn_traverse_order order, const char *to)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_traverse_options o = TARN_TRAVERSE_OPTIONS_INIT;
    tarn_rows *rows = NULL;
    const char key[2] = {(char)('a' + from), '\0'};
    o.depth = n->depth;
    o.direction = (tarn_edge_direction)n->direction;
    o.type = n->relation < 0 ? NULL : n->relation == 0 ? "p" : "q";
    o.order = order;
    o.to = to;
    tarn_status st = tarn_traverse(snap, key, &o, &rows, &err);
    if (st != TARN_NOT_FOUND)
        graph_ok(st, &err);
    return rows;
}

static void compare_dfs(tarn_snapshot *snap, naive *n, int from)
{
    char path[NODES + 3];
    int start[NODES + 1] = {from};
    size_t found = 0;
    tarn_error err = TARN_ERROR_INIT;
    n->len = 0;
    all_paths(n, start, 1);
    n->paths[n->len] = '\0';
    tarn_rows *rows = walk_rows(snap, n, from, TARN_TRAVERSE_DFS, NULL);
    while (tarn_rows_next(rows, &err) == TARN_ROW) {
        plain_path(tarn_rows_text(rows, 4), path);
        assert_int_equal(tarn_rows_int64(rows, 0), strlen(path) - 2);
        const char *at = strstr(n->paths, path);
        while (at != NULL && at != n->paths && at[-1] != ';')
            at = strstr(at + 1, path);
        assert_non_null(at);
        memset(n->paths + (at - n->paths), '-', strlen(path) - 1);
        found += strlen(path);
    }
    tarn_rows_free(rows);
    assert_int_equal(found, n->len); /* none is left, none came twice */
}

static void compare_bfs(tarn_snapshot *snap, const naive *n, int from)
{
    int distance[NODES];
    char path[NODES + 3];
    int64_t last = 0;
    tarn_error err = TARN_ERROR_INIT;
    distances(n, from, distance);
    tarn_rows *rows = walk_rows(snap, n, from, TARN_TRAVERSE_BFS, NULL);
    while (tarn_rows_next(rows, &err) == TARN_ROW) {
        int node = tarn_rows_text(rows, 2)[0] - 'a';
        int64_t depth = tarn_rows_int64(rows, 0);
        plain_path(tarn_rows_text(rows, 4), path);
        assert_true(depth >= last);
        assert_int_equal(depth, distance[node]);
        assert_int_equal(strlen(path) - 2, depth);
        for (int i = 0; i < depth; i++)
            assert_true(step_between(n, path[i] - 'a', path[i + 1] - 'a'));
        assert_int_equal(path[0] - 'a', from);
        assert_int_equal(path[depth] - 'a', node);
        distance[node] = -2; /* once */
        last = depth;
    }
    tarn_rows_free(rows);
    for (int i = 0; i < NODES; i++)
        assert_true(distance[i] <= 0);
}

static void compare_shortest(tarn_snapshot *snap, const naive *n, int from)
{
    int distance[NODES];
    tarn_error err = TARN_ERROR_INIT;
    distances(n, from, distance);
    for (int to = 0; to < NODES; to++) {
        const char key[2] = {(char)('a' + to), '\0'};
        tarn_rows *rows = walk_rows(snap, n, from, TARN_TRAVERSE_SHORTEST, key);
        assert_int_equal(rows == NULL, distance[to] < 0);
        if (rows == NULL)
            continue;
        assert_int_equal(tarn_rows_next(rows, &err), TARN_ROW);
        assert_int_equal(tarn_rows_int64(rows, 0), distance[to]);
        assert_int_equal(tarn_rows_next(rows, &err), TARN_OK);
        tarn_rows_free(rows);
    }
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (*seed >> 33) % below;
}

static void compare_graph(uint64_t *seed)
{
    static const char *const relations[] = {"p", "q"};
    naive *n = calloc(1, sizeof *n);
    tarn_lake *lake = graph_lake();
    assert_non_null(n);
    graph_make(lake, "a b c d e f g h i");
    tarn_txn *txn = graph_begin(lake);
    for (uint64_t left = draw(seed, 22); left > 0; left--) {
        int r = (int)draw(seed, 2);
        int from = (int)draw(seed, NODES), to = (int)draw(seed, NODES);
        const char src[2] = {(char)('a' + from), '\0'};
        const char dst[2] = {(char)('a' + to), '\0'};
        n->edge[r][from][to] = true;
        graph_edge(txn, src, relations[r], dst);
    }
    graph_commit(txn);
    tarn_snapshot *snap = graph_snap(lake);
    for (int turn = 0; turn < 6; turn++) {
        int from = (int)draw(seed, NODES);
        n->direction = 1 + (int)draw(seed, 3);
        n->relation = (int)draw(seed, 3) - 1;
        n->depth = 1 + (int)draw(seed, n->direction == 3 ? 4 : 6);
        compare_dfs(snap, n, from);
        compare_bfs(snap, n, from);
        compare_shortest(snap, n, from);
    }
    tarn_snapshot_free(snap);
    tarn_lake_close(lake);
    free(n);
}

static void random_graphs_are_walked_as_a_naive_search_does(void **state)
{
    (void)state;
    const char *given = getenv("TARN_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : 20261121u;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < 120; i++)
        compare_graph(&seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_record_comes_once_at_its_smallest_depth),
        cmocka_unit_test(a_cycle_ends),
        cmocka_unit_test(depth_ends_the_walk),
        cmocka_unit_test(direction_and_type_are_kept_to),
        cmocka_unit_test(depth_first_gives_each_simple_path_once),
        cmocka_unit_test(a_shortest_way_is_one_row),
        cmocka_unit_test(no_way_is_not_found),
        cmocka_unit_test(the_way_to_oneself_has_no_step),
        cmocka_unit_test(a_softly_deleted_record_is_neither_seen_nor_passed),
        cmocka_unit_test(the_past_is_walked_as_it_was),
        cmocka_unit_test(random_graphs_are_walked_as_a_naive_search_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
