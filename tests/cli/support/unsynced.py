"""Names that files took before their bytes were on the disk: unsynced.py FILE

FILE is a recording of the shim (tests/crash/support/recording.h).  A file, or a
folder with one in it, is told of when it is renamed, or exchanged, while what
was written to it has not been synced since.
"""
import struct
import sys

(OPEN, WRITE, TRUNCATE, EXTEND, TIME, PATH_TIME, SYNC, MKDIR, RENAME, LINK,
 SYMLINK, UNLINK, RMDIR, ACK, MISSED) = range(15)
HEAD = struct.Struct("<IHHQQIIII")


def records(data):
    at = 0
    while at < len(data):
        total, op, _, handle, _, a, b, _, _ = HEAD.unpack_from(data, at)
        from_ = at + HEAD.size
        yield (op, handle, data[from_:from_ + a].decode(),
               data[from_ + a:from_ + a + b].decode())
        at += total


def moved(path, old, new):
    return new + path[len(old):] if (path + "/").startswith(old + "/") else path


def main():
    paths, dirty, swap = {}, set(), False
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for op, handle, path, other in records(data):
        if op == OPEN:
            paths[handle] = path
        elif op in (WRITE, TRUNCATE, EXTEND):
            dirty.add(paths[handle])
        elif op == SYNC:
            dirty.discard(paths.get(handle))
        elif op == RENAME:
            if any((p + "/").startswith(path + "/") for p in dirty):
                print(other)
            for handle, was in paths.items():
                now = moved(was, path, other)
                if swap and now == was:
                    now = moved(was, other, path)
                paths[handle] = now
            dirty = {moved(p, path, other) for p in dirty}
        elif op == UNLINK:
            dirty.discard(path)
        swap = op == MISSED and path == "renameat2"


main()
