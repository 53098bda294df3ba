/* What a path's file system is, and how much room it has. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/memory.h"
#include "os/file.h"
#include "os/os_internal.h"
#include "os/process.h"

#define FUSE_MAGIC 0x65735546U
#define MOUNTINFO_MAX_BYTES (4U << 20)

/* Numbers of <linux/magic.h> and of file systems that are not in it. */
static const struct {
    uint32_t magic;
    const char *name;
} network_kinds[] = {
    {0x00006969U, "nfs"},
    {0x0000517BU, "smb"},
    {0xFE534D42U, "smb2"},
    {0xFF534D42U, "cifs"},
    {0x01021997U, "9p"},
    {0x00C36400U, "ceph"},
    {0x0BD00BD0U, "lustre"},
    {0x47504653U, "gpfs"},
    {0x5346414FU, "afs"},
    {0x6B414653U, "afs"}, /* the kernel's own client */
    {0x73757245U, "coda"},
    {0x0000564CU, "ncp"},
    {0x19830326U, "beegfs"},
    {0x20030528U, "orangefs"},
    {0xAAD7AAEAU, "panfs"},
    {0x01161970U, "gfs2"},
    {0x7461636FU, "ocfs2"},
};

/* Kinds of FUSE, all of one magic, whose data is on another machine. */
static const char *const network_fuse[] = {"fuse.sshfs", "fuse.s3fs",
    "fuse.rclone", "fuse.gcsfuse", "fuse.blobfuse", "fuse.blobfuse2",
    "fuse.goofys", "fuse.geesefs", "fuse.mountpoint-s3", "fuse.glusterfs",
    "fuse.ceph-fuse", "fuse.juicefs", "fuse.seaweedfs", "fuse.davfs",
    "fuse.curlftpfs", "fuse.smbnetfs", "fuse.cvmfs2", "fuse.moosefs",
    "fuse.mfs", "fuse.lizardfs"};

/* The static name of a FUSE mount's kind when it is a network one.  `line` is
 * of /proc/self/mountinfo: "id parent major:minor root point opts [tags] -
 * type source opts". */
static const char *network_fuse_kind(const char *line, const char *device)
{
    const char *id = line;
    for (int field = 0; id != NULL && field < 2; field++)
        id = strchr(id, ' ') != NULL ? strchr(id, ' ') + 1 : NULL;
    size_t device_len = strlen(device);
    if (id == NULL || strncmp(id, device, device_len) != 0 ||
        id[device_len] != ' ')
        return NULL;
    const char *type = strstr(id, " - ");
    if (type == NULL)
        return NULL;
    type += strlen(" - ");
    size_t len = strcspn(type, " ");
    for (size_t i = 0; i < sizeof network_fuse / sizeof network_fuse[0]; i++) {
        const char *kind = network_fuse[i];
        if (strlen(kind) == len && strncmp(type, kind, len) == 0)
            return kind;
    }
    return NULL;
}

static const char *fuse_kind(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return NULL;
    char device[32];
    (void)snprintf(
        device, sizeof device, "%u:%u", major(st.st_dev), minor(st.st_dev));
    tarn_buf table = TARN_BUF_INIT;
    const char *kind = NULL;
    if (tarn__file_slurp("/proc/self/mountinfo", MOUNTINFO_MAX_BYTES, &table,
            NULL) == TARN_OK) {
        char *line = table.ptr;
        while (kind == NULL && line != NULL && *line != '\0') {
            char *end = strchr(line, '\n');
            if (end != NULL)
                *end++ = '\0';
            kind = network_fuse_kind(line, device);
            line = end;
        }
    }
    tarn_buf_reset(&table);
    return kind;
}

/* statfs of path, or, where it is not there yet, of what it would be made in.
 * `real` gets the path that was found. */
static bool statfs_above(
    const char *path, char real[PATH_MAX], struct statfs *out)
{
    size_t len = strlen(path);
    if (len == 0 || len >= PATH_MAX)
        return false;
    memcpy(real, path, len + 1);
    while (statfs(real, out) < 0) {
        char *slash = strrchr(real, '/');
        if (slash == real && real[1] != '\0')
            real[1] = '\0';
        else if (slash != NULL && slash != real)
            *slash = '\0';
        else if (slash == NULL && strcmp(real, ".") != 0)
            memcpy(real, ".", 2);
        else
            return false;
    }
    return true;
}

bool tarn__is_network_fs(const char *path, const char **name)
{
    char real[PATH_MAX];
    struct statfs fs;
    *name = NULL;
    if (!statfs_above(path, real, &fs))
        return false;
    uint32_t magic = (uint32_t)fs.f_type;
    for (size_t i = 0; i < sizeof network_kinds / sizeof network_kinds[0]; i++)
        if (network_kinds[i].magic == magic)
            *name = network_kinds[i].name;
    if (magic == FUSE_MAGIC)
        *name = fuse_kind(real);
    return *name != NULL;
}

uint64_t tarn__free_bytes(const char *path)
{
    struct statvfs fs;
    if (statvfs(path, &fs) < 0)
        return 0;
    return (uint64_t)fs.f_bavail * (uint64_t)fs.f_frsize;
}
