/* From a disk in memory to a folder on the real one, or to a number. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crash/support/disk_internal.h"
#include "crash/support/run.h"
#include "support/sandbox.h"

#define BLOCK 4096

typedef struct image {
    disk *d;
    disk_cut cut;
    unsigned seed;
    int percent;        /* CHAOS: how much is kept */
    uint64_t last_name; /* JOURNAL: names up to here are kept */
    bool dry;           /* nothing is written, only `print` is made */
    uint64_t print;
} image;

static unsigned draw(image *im, unsigned below)
{
    return below == 0 ? 0 : (unsigned)rand_r(&im->seed) % below;
}

/* --- which events of names are kept --- */

static size_t choose_kept(image *im, const name *n)
{
    size_t kept = 0;
    switch (im->cut) {
    case DISK_KILLED:
        return n->count;
    case DISK_SYNCED:
        return 0;
    case DISK_JOURNAL:
        while (kept < n->count && n->events[kept].when <= im->last_name)
            kept++;
        return kept;
    case DISK_CHAOS:
        while (kept < n->count && (int)draw(im, 100) < im->percent)
            kept++;
        return kept;
    }
    return 0;
}

/* A kept end of a name by a rename keeps the beginning of the other.  True
 * when something had to be mended. */
static bool mend_renames(const name *n)
{
    bool mended = false;
    for (size_t i = 0; i < n->kept; i++) {
        name *to = n->events[i].moved_to;
        for (size_t e = 0; to != NULL && e < to->count; e++)
            if (to->events[e].when == n->events[i].when && to->kept <= e) {
                to->kept = e + 1;
                mended = true;
            }
    }
    return mended;
}

static void choose_names(image *im)
{
    for (inode *node = im->d->inodes; node != NULL; node = node->next)
        for (size_t i = 0; i < node->name_count; i++)
            node->names[i]->kept = choose_kept(im, node->names[i]);
    for (bool mended = true; mended;) {
        mended = false;
        for (inode *node = im->d->inodes; node != NULL; node = node->next)
            for (size_t i = 0; i < node->name_count; i++)
                mended |= mend_renames(node->names[i]);
    }
}

/* --- what a file keeps --- */

/* Some blocks of a write. */
static void keep_blocks(image *im, content *c, const change *ch)
{
    for (size_t done = 0; done < ch->len;) {
        size_t len = BLOCK - (ch->at + done) % BLOCK;
        if (len > ch->len - done)
            len = ch->len - done;
        change part = {CHANGE_WRITE, ch->at + done, ch->data + done, len};
        if ((int)draw(im, 100) < im->percent)
            disk_change_content(c, &part);
        done += len;
    }
}

static void content_of(image *im, const inode *node, content *c)
{
    size_t count = node->change_count;
    *c = (content){NULL, 0, 0, node->mtime_ns};
    change base = {CHANGE_WRITE, 0, node->base, node->base_len};
    if (node->base_len > 0)
        disk_change_content(c, &base);
    if (im->cut == DISK_SYNCED || count == 0)
        return;
    if (im->cut == DISK_JOURNAL)
        count = draw(im, (unsigned)count + 1);
    for (size_t i = 0; i < count; i++) {
        const change *ch = &node->changes[i];
        if (im->cut != DISK_CHAOS)
            disk_change_content(c, ch);
        else if (ch->kind == CHANGE_WRITE)
            keep_blocks(im, c, ch);
        else if ((int)draw(im, 100) < im->percent)
            disk_change_content(c, ch);
    }
}

/* --- what makes an image another one --- */

static uint64_t print_content(const content *c)
{
    return run_mix(c->len > 0 ? run_print_bytes(c->bytes, c->len) : 0,
        (uint64_t)c->mtime_ns);
}

static void print_file(image *im, inode *node, const char *path)
{
    if (node->image == im->d->images) {
        im->print = run_mix(im->print, node->print);
        return;
    }
    node->image = im->d->images;
    bool settled = node->change_count == 0;
    if (!settled || !node->base_printed) {
        content c;
        content_of(im, node, &c);
        node->print = print_content(&c);
        node->base_printed = settled;
        free(c.bytes);
    }
    im->print = run_mix(im->print, run_is_prose(path) ? 0 : node->print);
}

/* --- onto the disk --- */

static void write_file(image *im, inode *node, const char *path)
{
    if (im->dry) {
        print_file(im, node, path);
        return;
    }
    if (node->image == im->d->images) {
        assert_return_code(link(node->image_path, path), errno);
        return;
    }
    content c;
    content_of(im, node, &c);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    assert_return_code(fd, errno);
    for (size_t done = 0; done < c.len;) {
        ssize_t n = write(fd, c.bytes + done, c.len - done);
        assert_true(n > 0);
        done += (size_t)n;
    }
    if (c.mtime_ns >= 0) {
        struct timespec t = {
            (time_t)(c.mtime_ns / 1000000000), c.mtime_ns % 1000000000};
        const struct timespec times[2] = {t, t};
        assert_return_code(futimens(fd, times), errno);
    }
    assert_return_code(close(fd), errno);
    free(c.bytes);
    node->image = im->d->images;
    free(node->image_path);
    node->image_path = strdup(path);
    assert_non_null(node->image_path);
}

static void write_inode(image *im, inode *node, const char *path)
{
    im->print = run_mix(im->print, run_print_bytes(path, strlen(path)));
    switch (node->kind) {
    case INODE_FILE:
        write_file(im, node, path);
        return;
    case INODE_LINK:
        if (!im->dry)
            assert_return_code(symlink(node->target, path), errno);
        return;
    case INODE_DIR:
        break;
    }
    if (!im->dry)
        assert_return_code(mkdir(path, 0755), errno);
    for (size_t i = 0; i < node->name_count; i++) {
        const name *n = node->names[i];
        inode *to = n->kept > 0 ? n->events[n->kept - 1].to : n->base;
        if (to == NULL)
            continue;
        size_t size = strlen(path) + strlen(n->text) + 2;
        char *below = malloc(size);
        assert_non_null(below);
        (void)snprintf(below, size, "%s/%s", path, n->text);
        write_inode(im, to, below);
        free(below);
    }
}

static uint64_t make_image(
    disk *d, disk_cut cut, unsigned seed, const char *dir, bool dry)
{
    static const int percents[] = {15, 50, 85};
    image im = {.d = d, .cut = cut, .seed = seed, .dry = dry};
    im.percent = percents[draw(&im, 3)];
    im.last_name =
        d->journalled + draw(&im, (unsigned)(d->clock - d->journalled) + 1);
    d->images++;
    choose_names(&im);
    write_inode(&im, d->root, dir);
    return im.print;
}

void disk_write(disk *d, disk_cut cut, unsigned seed, const char *dir)
{
    (void)make_image(d, cut, seed, dir, false);
}

uint64_t disk_print(disk *d, disk_cut cut, unsigned seed)
{
    return make_image(d, cut, seed, "", true);
}
