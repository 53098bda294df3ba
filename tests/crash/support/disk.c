#include "crash/support/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crash/support/disk_internal.h"
#include "support/sandbox.h"

/* --- small things --- */

void *disk_grow(void *list, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return list;
    *cap = *cap == 0 ? 8 : *cap * 2;
    list = realloc(list, *cap * size);
    assert_non_null(list);
    return list;
}

static void *zeroed(size_t size)
{
    void *p = calloc(1, size);
    assert_non_null(p);
    return p;
}

static inode *new_inode(disk *d, inode_kind kind)
{
    inode *node = zeroed(sizeof *node);
    node->kind = kind;
    node->mtime_ns = -1;
    node->next = d->inodes;
    d->inodes = node;
    return node;
}

disk *disk_create(void)
{
    disk *d = zeroed(sizeof *d);
    d->root = new_inode(d, INODE_DIR);
    return d;
}

static void free_inode(inode *node)
{
    for (size_t i = 0; i < node->name_count; i++) {
        free(node->names[i]->text);
        free(node->names[i]->events);
        free(node->names[i]);
    }
    free(node->names);
    free(node->base);
    free(node->changes);
    free(node->target);
    free(node->image_path);
    free(node);
}

void disk_free(disk *d)
{
    if (d == NULL)
        return;
    while (d->inodes != NULL) {
        inode *node = d->inodes;
        d->inodes = node->next;
        free_inode(node);
    }
    free(d->handles);
    free(d);
}

/* --- names --- */

inode *disk_now(const name *n)
{
    return n->count > 0 ? n->events[n->count - 1].to : n->base;
}

static name *name_in(inode *dir, const char *text, size_t len, bool make)
{
    assert_int_equal(INODE_DIR, dir->kind);
    for (size_t i = 0; i < dir->name_count; i++)
        if (strncmp(dir->names[i]->text, text, len) == 0 &&
            dir->names[i]->text[len] == '\0')
            return dir->names[i];
    if (!make)
        return NULL;
    name *n = zeroed(sizeof *n);
    n->text = strndup(text, len);
    assert_non_null(n->text);
    dir->names =
        disk_grow(dir->names, dir->name_count, &dir->name_cap, sizeof(name *));
    dir->names[dir->name_count++] = n;
    return n;
}

/* The name at the end of a path; its folder must be there. */
static name *name_at(disk *d, const char *path)
{
    inode *dir = d->root;
    for (;;) {
        size_t len = strcspn(path, "/");
        if (path[len] == '\0')
            return name_in(dir, path, len, true);
        name *n = name_in(dir, path, len, false);
        inode *next = n != NULL ? disk_now(n) : NULL;
        if (next == NULL)
            fail_msg("the shim missed how %s came about", path);
        dir = next;
        path += len + 1;
    }
}

static inode *inode_at(disk *d, const char *path)
{
    return *path == '\0' ? d->root : disk_now(name_at(d, path));
}

static name_event *change_name(disk *d, name *n, inode *to)
{
    n->events = disk_grow(n->events, n->count, &n->cap, sizeof *n->events);
    name_event *e = &n->events[n->count++];
    *e = (name_event){.to = to, .when = d->clock};
    return e;
}

static void expect_free(const record *r, const name *n)
{
    if (disk_now(n) != NULL)
        fail_msg("the shim missed the end of an earlier %s",
            *r->other != '\0' ? r->other : r->path);
}

static inode *expect_there(const record *r, inode *node)
{
    if (node == NULL)
        fail_msg("the shim missed the beginning of %s", r->path);
    return node;
}

/* --- handles --- */

static void open_handle(disk *d, uint64_t handle, inode *node)
{
    d->handles = disk_grow(
        d->handles, d->handle_count, &d->handle_cap, sizeof *d->handles);
    d->handles[d->handle_count++] = (disk_handle){handle, node};
}

static inode *handle_inode(const disk *d, uint64_t handle)
{
    for (size_t i = d->handle_count; i-- > 0;)
        if (d->handles[i].handle == handle)
            return d->handles[i].node;
    fail_msg("the shim missed an opening");
    return NULL;
}

/* --- content --- */

void disk_change_content(content *c, const change *ch)
{
    size_t end = ch->kind == CHANGE_WRITE ? ch->at + ch->len : ch->at;
    if (ch->kind == CHANGE_TIME) {
        c->mtime_ns = (int64_t)ch->at;
        return;
    }
    if (end > c->cap) {
        c->cap = end + end / 2;
        c->bytes = realloc(c->bytes, c->cap);
        assert_non_null(c->bytes);
    }
    if (end > c->len)
        memset(c->bytes + c->len, 0, end - c->len);
    if (end > c->len || ch->kind == CHANGE_CUT)
        c->len = end;
    if (ch->kind == CHANGE_WRITE)
        memcpy(c->bytes + ch->at, ch->data, ch->len);
}

static void add_change(
    inode *node, change_kind kind, uint64_t at, const char *data, size_t len)
{
    node->changes = disk_grow(
        node->changes, node->change_count, &node->change_cap, sizeof(change));
    node->changes[node->change_count++] = (change){kind, (size_t)at, data, len};
    node->base_printed = false;
}

/* --- syncs --- */

static void settle_name(name *n, size_t count)
{
    if (count == 0)
        return;
    n->base = n->events[count - 1].to;
    memmove(
        n->events, n->events + count, (n->count - count) * sizeof *n->events);
    n->count -= count;
}

/* A name taken away by a rename: where the file went is synced with it. */
static void settle_destination(const name_event *e)
{
    name *to = e->moved_to;
    if (to == NULL)
        return;
    for (size_t i = 0; i < to->count; i++)
        if (to->events[i].when == e->when) {
            settle_name(to, i + 1);
            return;
        }
}

static void sync_inode(disk *d, inode *node)
{
    d->journalled = d->clock;
    if (node->kind == INODE_DIR) {
        for (size_t i = 0; i < node->name_count; i++) {
            name *n = node->names[i];
            for (size_t e = 0; e < n->count; e++)
                settle_destination(&n->events[e]);
            settle_name(n, n->count);
        }
        return;
    }
    content c = {node->base, node->base_len, node->base_cap, node->mtime_ns};
    for (size_t i = 0; i < node->change_count; i++)
        disk_change_content(&c, &node->changes[i]);
    node->base = c.bytes;
    node->base_len = c.len;
    node->base_cap = c.cap;
    node->mtime_ns = c.mtime_ns;
    node->change_count = 0;
}

/* --- records --- */

static void apply_open(disk *d, const record *r)
{
    if (*r->path == '\0') {
        open_handle(d, r->handle, d->root);
        return;
    }
    name *n = name_at(d, r->path);
    inode *node = disk_now(n);
    if (node == NULL && (r->flags & RECORD_CREATE)) {
        node = new_inode(d, INODE_FILE);
        change_name(d, n, node);
    }
    (void)expect_there(r, node);
    if (r->flags & RECORD_CUT)
        add_change(node, CHANGE_CUT, 0, NULL, 0);
    open_handle(d, r->handle, node);
}

static void apply_rename(disk *d, const record *r)
{
    name *from = name_at(d, r->path);
    name *to = name_at(d, r->other);
    inode *node = expect_there(r, disk_now(from));
    if (node == disk_now(to))
        return; /* two names of one file: nothing happens */
    change_name(d, to, node);
    change_name(d, from, NULL)->moved_to = to;
}

static void apply_name(disk *d, const record *r)
{
    name *n = name_at(d, r->path);
    inode *node = NULL;
    switch (r->op) {
    case RECORD_MKDIR:
        node = new_inode(d, INODE_DIR);
        break;
    case RECORD_SYMLINK:
        node = new_inode(d, INODE_LINK);
        node->target = strndup(r->data, r->len);
        break;
    case RECORD_LINK:
        node = expect_there(r, disk_now(n));
        n = name_at(d, r->other);
        break;
    default: /* the ends of names */
        (void)expect_there(r, disk_now(n));
        change_name(d, n, NULL);
        return;
    }
    expect_free(r, n);
    change_name(d, n, node);
}

static void apply_content(disk *d, const record *r)
{
    static const change_kind kinds[] = {
        [RECORD_WRITE] = CHANGE_WRITE,
        [RECORD_TRUNCATE] = CHANGE_CUT,
        [RECORD_EXTEND] = CHANGE_EXTEND,
        [RECORD_TIME] = CHANGE_TIME,
    };
    inode *node = handle_inode(d, r->handle);
    if (node->kind == INODE_FILE)
        add_change(node, kinds[r->op], r->at, r->data, r->len);
}

void disk_apply(disk *d, const record *r)
{
    d->clock++;
    switch (r->op) {
    case RECORD_OPEN:
        apply_open(d, r);
        break;
    case RECORD_RENAME:
        apply_rename(d, r);
        break;
    case RECORD_MKDIR:
    case RECORD_SYMLINK:
    case RECORD_LINK:
    case RECORD_UNLINK:
    case RECORD_RMDIR:
        apply_name(d, r);
        break;
    case RECORD_WRITE:
    case RECORD_TRUNCATE:
    case RECORD_EXTEND:
    case RECORD_TIME:
        apply_content(d, r);
        break;
    case RECORD_PATH_TIME: {
        inode *node = expect_there(r, inode_at(d, r->path));
        if (node->kind == INODE_FILE)
            add_change(node, CHANGE_TIME, r->at, NULL, 0);
        break;
    }
    case RECORD_SYNC:
        sync_inode(d, handle_inode(d, r->handle));
        break;
    case RECORD_MISSED:
        fail_msg("the shim cannot record %s", r->path);
        break;
    case RECORD_ACK:
    case RECORD_OP_COUNT:
        break;
    }
}
