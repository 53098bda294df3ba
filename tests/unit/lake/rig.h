/* Lakes in the sandbox, and operations by hand: the rooms above are not there
 * yet. */
#ifndef TARN_LAKE_TEST_RIG_H
#define TARN_LAKE_TEST_RIG_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/str.h"
#include "base/time.h"
#include "lake/lake_internal.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/process.h"
#include "support/sandbox.h"

/* cmocka's failures jump into the loop over all tests, which is the parent's. */
static bool rig_in_child;

static inline void ok(tarn_status st, const tarn_error *err)
{
    if (st != TARN_OK && rig_in_child) {
        (void)fprintf(stderr, "in a child: %s\n", err->message);
        _exit(99);
    }
    if (st != TARN_OK)
        fail_msg("%s: %s", tarn_status_name(st), err->message);
}

/* Ends the test unless an error came, with `word` in its one-line message. */
static inline void refused(tarn_status expected, tarn_status st,
    const tarn_error *err, const char *word)
{
    if (st != expected || strstr(err->message, word) == NULL)
        fail_msg("%s, not %s about \"%s\": %s", tarn_status_name(st),
            tarn_status_name(expected), word, err->message);
}

/* --- lakes --- */

static inline tarn_lake *lake_open_as(
    const char *dir, const tarn_lake_options *options)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    ok(tarn_lake_open(dir, options, &lake, &err), &err);
    return lake;
}

static inline tarn_lake *lake_open(const char *dir)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    options.memory_bytes = UINT64_C(400) << 20;
    options.threads = 1;
    options.wait_us = 600 * (int64_t)1000000; /* however slow the holder is */
    return lake_open_as(dir, &options);
}

static inline tarn_lake *lake_open_read_only(const char *dir)
{
    tarn_lake_options options = TARN_LAKE_OPTIONS_INIT;
    options.threads = 1;
    options.read_only = true;
    return lake_open_as(dir, &options);
}

/* A fresh lake "lake" in the sandbox. */
static inline const char *lake_make(void **state)
{
    tarn_error err = TARN_ERROR_INIT;
    const char *dir = sandbox_path(state, "lake");
    ok(tarn_lake_init(dir, "a label", &err), &err);
    return dir;
}

static inline tarn_lake *memory_lake(void)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_lake *lake = NULL;
    ok(tarn_lake_open_memory(&lake, &err), &err);
    return lake;
}

/* Runs a shell command made of a format. */
static inline void shell(const char *fmt, ...)
{
    char command[4096];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(command, sizeof command, fmt, args);
    va_end(args);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* --- transactions --- */

static inline tarn_txn *begin(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_txn *txn = NULL;
    ok(tarn_txn_begin(lake, NULL, &txn, &err), &err);
    return txn;
}

static inline int64_t commit(tarn_txn *txn)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = -2;
    ok(tarn_txn_commit(txn, &version, &err), &err);
    return version;
}

static inline void txn_put(tarn_txn *txn, const char *name, const char *value)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn_state_put(txn, "s", name, tarn_str(value), &err), &err);
}

static inline void txn_rm(tarn_txn *txn, const char *name)
{
    tarn_error err = TARN_ERROR_INIT;
    ok(tarn_state_rm(txn, "s", name, &err), &err);
}

static inline int64_t put(tarn_lake *lake, const char *name, const char *value)
{
    tarn_txn *txn = begin(lake);
    txn_put(txn, name, value);
    return commit(txn);
}

static inline int64_t rm(tarn_lake *lake, const char *name)
{
    tarn_txn *txn = begin(lake);
    txn_rm(txn, name);
    return commit(txn);
}

/* --- reading --- */

static inline int64_t head_of(tarn_lake *lake)
{
    tarn_error err = TARN_ERROR_INIT;
    int64_t version = -2;
    ok(tarn_lake_head(lake, &version, &err), &err);
    return version;
}

static inline tarn_snapshot *pin_version(tarn_lake *lake, int64_t version)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = NULL;
    ok(tarn_snapshot_open(lake, version, &snap, &err), &err);
    return snap;
}

/* expected NULL: not there. */
static inline void snap_has(
    tarn_snapshot *snap, const char *name, const char *expected)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf value = TARN_BUF_INIT;
    tarn_status st = tarn_state_get(snap, "s", name, &value, &err);
    if (expected == NULL) {
        assert_int_equal(TARN_NOT_FOUND, st);
        assert_int_equal(0, value.len);
    } else {
        ok(st, &err);
        assert_int_equal(strlen(expected), value.len);
        assert_memory_equal(expected, value.ptr, value.len);
    }
    tarn_buf_reset(&value);
}

static inline void has_at(
    tarn_lake *lake, int64_t version, const char *name, const char *expected)
{
    tarn_snapshot *snap = pin_version(lake, version);
    snap_has(snap, name, expected);
    tarn_snapshot_free(snap);
}

static inline void has(tarn_lake *lake, const char *name, const char *expected)
{
    has_at(lake, TARN_LATEST, name, expected);
}

static inline void not_readable(tarn_lake *lake, int64_t version)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_snapshot *snap = NULL;
    assert_int_equal(
        TARN_NOT_FOUND, tarn_snapshot_open(lake, version, &snap, &err));
    assert_null(snap);
}

static inline void dump_row(tarn__family family, tarn_slice key,
    tarn_slice payload, int64_t version, tarn_buf *out)
{
    tarn_error err = TARN_ERROR_INIT;
    char hex[2048];
    assert_true(key.len < 1000);
    tarn__hex(key.ptr, key.len, hex);
    ok(tarn__buf_printf(
           out, &err, "%d %s @%" PRId64 " = ", (int)family, hex, version),
        &err);
    for (size_t i = 0; i < payload.len; i++) {
        char c = payload.ptr[i];
        ok(tarn__buf_char(out, c >= ' ' && c < 127 ? c : '.', &err), &err);
    }
    ok(tarn__buf_char(out, '\n', &err), &err);
}

/* The content list of a node: down to the put that began it. */
static inline void dump_items(
    tarn_snapshot *snap, tarn_slice node, tarn_buf *out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__scan *scan = NULL;
    tarn_slice key, payload;
    int64_t version;
    tarn__item item = {.reset = false};
    tarn_status st = TARN_OK;

    ok(tarn__read_scan(snap, TARN__FAMILY_VERSION, node, (tarn_slice){NULL, 0},
           &scan, &err),
        &err);
    while (!item.reset &&
        (st = tarn__scan_next(scan, &key, &payload, &version, &err)) ==
            TARN_ROW) {
        assert_true(tarn__item_decode(key, payload, &item));
        dump_row(TARN__FAMILY_VERSION, key, payload, version, out);
    }
    if (st != TARN_ROW)
        ok(st, &err);
    tarn__scan_free(scan);
}

/* All that a snapshot sees of nodes, or of entries, as text. */
static inline void dump_family(
    tarn_snapshot *snap, tarn__family family, tarn_buf *out)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__scan *scan = NULL;
    tarn_slice key, payload;
    int64_t version;
    tarn_status st;

    ok(tarn__read_scan(snap, family, (tarn_slice){"", 0}, (tarn_slice){NULL, 0},
           &scan, &err),
        &err);
    while ((st = tarn__scan_next(scan, &key, &payload, &version, &err)) ==
        TARN_ROW) {
        dump_row(family, key, payload, version, out);
        if (family == TARN__FAMILY_NODE)
            dump_items(snap, key, out);
    }
    ok(st, &err);
    tarn__scan_free(scan);
}

/* The tree at a version.  tarn_free() it. */
static inline char *dump(tarn_lake *lake, int64_t version, size_t *len)
{
    tarn_snapshot *snap = pin_version(lake, version);
    tarn_buf out = TARN_BUF_INIT;
    dump_family(snap, TARN__FAMILY_NODE, &out);
    dump_family(snap, TARN__FAMILY_ENTRY, &out);
    tarn_snapshot_free(snap);
    *len = out.len;
    return tarn__buf_take(&out);
}

/* --- upkeep --- */

/* Rows of check, or of anything else, as lines of texts. */
static inline char *rows_text(tarn_rows *rows)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_buf out = TARN_BUF_INIT;
    tarn_status st;
    while ((st = tarn_rows_next(rows, &err)) == TARN_ROW) {
        for (size_t c = 0; c < tarn_rows_column_count(rows); c++) {
            const char *s = tarn_rows_text(rows, c);
            ok(tarn__buf_printf(&out, &err, "%s%s", c > 0 ? "|" : "",
                   s != NULL ? s : "NULL"),
                &err);
        }
        ok(tarn__buf_char(&out, '\n', &err), &err);
    }
    ok(st, &err);
    tarn_rows_free(rows);
    return tarn__buf_take(&out);
}

static inline char *check_text(tarn_lake *lake, bool deep)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    ok(tarn_lake_check(lake, deep, &rows, &err), &err);
    return rows_text(rows);
}

static inline void is_sound(tarn_lake *lake)
{
    char *faults = check_text(lake, true);
    assert_string_equal("", faults);
    tarn_free(faults);
}

static inline void finds(tarn_lake *lake, bool deep, const char *word)
{
    char *faults = check_text(lake, deep);
    if (strstr(faults, word) == NULL)
        fail_msg("no \"%s\" in: %s", word, faults);
    tarn_free(faults);
}

/* "what|count|bytes" lines of a gc. */
static inline char *gc_text(tarn_lake *lake, const tarn_gc_options *options)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn_rows *rows = NULL;
    int64_t version;
    ok(tarn_lake_gc(lake, options, &version, &rows, &err), &err);
    return rows_text(rows);
}

/* retain_us < 0: for ever. */
static inline void gc(tarn_lake *lake, int64_t retain_us, int64_t grace_us)
{
    tarn_gc_options options = TARN_GC_OPTIONS_INIT;
    options.retain_forever = retain_us < 0;
    options.retain_us = retain_us;
    options.grace_us = grace_us;
    tarn_free(gc_text(lake, &options));
}

/* --- the tree, by hand --- */

/* A node's id from a small number; 0 is the root. */
static inline tarn__id node_id(unsigned n)
{
    tarn__id id = tarn__root_id;
    id.bytes[14] = (uint8_t)(n >> 8);
    id.bytes[15] = (uint8_t)n;
    return id;
}

typedef struct node_op {
    tarn__op_type type;
    const char *kind;
    unsigned id, parent;
    char name[32];
    bool moved;
    unsigned from_parent;
    char from_name[32];
    bool has_content;
    char content[64];
    char object[65]; /* of that size, when not empty */
    int64_t size_bytes;
} node_op;

static inline tarn_status run_node_op(tarn_txn *txn, void *arg, tarn_error *err)
{
    const node_op *n = arg;
    char id[TARN__ID_TEXT_BYTES], parent[TARN__ID_TEXT_BYTES];
    char from[TARN__ID_TEXT_BYTES], meta[512], moved[256] = "";
    tarn__id ids[] = {
        node_id(n->id), node_id(n->parent), node_id(n->from_parent)};
    tarn__op op = TARN__OP_INIT;

    if (n->moved)
        (void)snprintf(moved, sizeof moved,
            ",\"from\":{\"parent\":\"%s\",\"name\":\"%s\"}",
            tarn__id_format(&ids[2], from), n->from_name);
    (void)snprintf(meta, sizeof meta,
        "{\"name\":\"%s\",\"parent\":\"%s\",\"created_at\":1%s}", n->name,
        tarn__id_format(&ids[1], parent), moved);
    op.space = "tree";
    op.type = n->type;
    op.kind = tarn_str(n->kind);
    op.key = tarn_str(tarn__id_format(&ids[0], id));
    op.meta = tarn_str(meta);
    if (n->object[0] != '\0') {
        op.object = tarn_str(n->object);
        op.size_bytes = n->size_bytes;
    } else if (n->has_content) {
        op.content = tarn_str(n->content);
        op.size_bytes = (int64_t)op.content.len;
    }
    return tarn__txn_add(txn, &op, err);
}

static inline void txn_node(tarn_txn *txn, const node_op *n)
{
    static const tarn__step step = {run_node_op, tarn_free};
    tarn_error err = TARN_ERROR_INIT;
    node_op *own = tarn__malloc(sizeof *own);
    *own = *n;
    ok(tarn__txn_step(txn, &step, own, &err), &err);
}

static inline int64_t put_node(tarn_lake *lake, const node_op *n)
{
    tarn_txn *txn = begin(lake);
    txn_node(txn, n);
    return commit(txn);
}

/* A file of inline content beneath the root. */
static inline node_op file_op(
    unsigned id, const char *name, const char *content)
{
    node_op n = {.type = TARN__OP_PUT,
        .kind = "file",
        .id = id,
        .has_content = content != NULL};
    (void)snprintf(n.name, sizeof n.name, "%s", name);
    if (content != NULL)
        (void)snprintf(n.content, sizeof n.content, "%s", content);
    return n;
}

/* The same with an object of `size` bytes `fill`, staged with the txn. */
static inline void txn_object(
    tarn_txn *txn, unsigned id, const char *name, char fill, size_t size)
{
    tarn_error err = TARN_ERROR_INIT;
    tarn__scratch *scratch = NULL;
    tarn__stager *stager = NULL;
    tarn__staged staged;
    node_op n = file_op(id, name, NULL);
    char *bytes = tarn__malloc(size);

    memset(bytes, fill, size);
    ok(tarn__lake_scratch(tarn__txn_lake(txn), &scratch, &err), &err);
    ok(tarn__stager_open(scratch, false, &stager, &err), &err);
    ok(tarn__stager_write(stager, bytes, size, &err), &err);
    ok(tarn__stager_finish(stager, &staged, &err), &err);
    tarn__hex(staged.id.sha256, sizeof staged.id.sha256, n.object);
    n.size_bytes = (int64_t)size;
    ok(tarn__txn_take_staged(txn, &staged, &err), &err);
    txn_node(txn, &n);
    tarn__free(bytes);
}

/* --- other processes --- */

/* Forks; the child exits with what fn(arg) returns.  RocksDB's threads stay
 * behind in the parent: fn may not open a lake. */
static inline pid_t forked_child(int (*fn)(void *arg), void *arg)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        rig_in_child = true;
        _exit(fn(arg));
    }
    return pid;
}

/* Another process that runs fn(dir, in, out), which main() finds by its name;
 * `in` and `out` are descriptors of its own, -1 none. */
typedef struct child_fn {
    const char *name;
    int (*fn)(const char *dir, int in, int out);
} child_fn;

static inline pid_t child(const char *name, const char *dir, int in, int out)
{
    char in_text[16], out_text[16];
    (void)snprintf(in_text, sizeof in_text, "%d", in);
    (void)snprintf(out_text, sizeof out_text, "%d", out);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (in >= 0)
            (void)fcntl(in, F_SETFD, 0);
        if (out >= 0)
            (void)fcntl(out, F_SETFD, 0);
        execl("/proc/self/exe", "child", name, dir, in_text, out_text,
            (char *)NULL);
        _exit(98);
    }
    return pid;
}

/* A pipe that children do not inherit but for what child() hands them. */
static inline void make_pipe(int ends[2])
{
    assert_int_equal(0, pipe(ends));
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
}

/* In main(): true when this is a child, *status its exit code. */
static inline bool is_child(
    int argc, char **argv, const child_fn *fns, size_t count, int *status)
{
    if (argc != 5)
        return false;
    rig_in_child = true;
    *status = 97;
    for (size_t i = 0; i < count; i++)
        if (strcmp(fns[i].name, argv[1]) == 0)
            *status = fns[i].fn(argv[2], atoi(argv[3]), atoi(argv[4]));
    return true;
}

static inline int child_status(pid_t pid)
{
    int status = 0;
    assert_int_equal(pid, waitpid(pid, &status, 0));
    return status;
}

static inline void child_succeeds(pid_t pid)
{
    assert_int_equal(0, child_status(pid));
}

#endif
