#!/bin/sh
# tools/check-walls finds a planted violation of each kind, and nothing in a
# tree without one.
set -eu
source=${TARN_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

# A small tree that keeps every rule.
fresh() {
    rm -rf "$tree"
    mkdir -p "$tree/src/base" "$tree/src/os" "$tree/src/duck" \
        "$tree/src/cli" "$tree/include/tarn" "$tree/build"
    printf 'set(TARN_ROOMS\n    base os duck\n    rocks tree)\n' \
        >"$tree/CMakeLists.txt"
    cat >"$tree/include/tarn/base.h" <<'H'
#include <stddef.h>
void *tarn__malloc(size_t size);
H
    echo 'int tarn_os(void);' >"$tree/include/tarn/os.h"
    put src/base/memory.c '#include <stdlib.h>
#include <tarn/base.h>
void *tarn__malloc(size_t size) { return malloc(size); }'
    put src/os/file.c '#include "base/memory.h"
#include <fcntl.h>
#include <tarn/os.h>
int tarn_os(void) { return open("x", O_RDONLY); }'
    put src/os/file.h 'int tarn__x;'
    put src/base/memory.h '#include <stddef.h>'
    put src/duck/duck.c '#include "os/file.h"
#define open(x) (x)
int tarn__duck(void); /* open(malloc()) */
int tarn__duck(void) { return open(1); }'
    put src/cli/main.c '#include "cli/args.h"
#include <tarn/os.h>
int main(void) { return tarn_os(); }'
    put src/cli/args.h 'int tarn__args(void);'
    put src/cli/host.c '#include <stdlib.h>
#include <unistd.h>
int tarn__host(void) { return isatty(0) + (getenv("TARN") == NULL); }'
    put src/cli/memory.c '#include <stdlib.h>
void *tarn__alloc(size_t size) { return malloc(size); }'
    for room in base os duck cli; do
        (cd "$tree/src/$room" && ls) >"$tree/list"
        mv "$tree/list" "$tree/src/$room/README.md"
    done
}

# put FILE TEXT: write a file; compile it when it is C.  Folders of ours are
# on the include path, and what is not there does no harm.
put() {
    printf '%s\n' "$2" >"$tree/$1"
    case $1 in
        src/*.c)
            room=${1#src/}
            object=$tree/build/CMakeFiles/room_${room%%/*}.dir/$1.o
            mkdir -p "$(dirname "$object")"
            (cd "$tree" && ${CC:-cc} -w -std=gnu11 -Iinclude -Isrc \
                -c "$1" -o "$object") 2>/dev/null || true ;;
    esac
}

check() { "$source/tools/check-walls" -r "$tree" "$@" 2>&1; }

# finds RULE TEXT: the rule fails, and says so.
finds() {
    if out=$(check "$1"); then
        echo "rule $1 passed over: $2"; failed=1
    elif ! printf '%s\n' "$out" | grep -qF -- "$2"; then
        printf 'rule %s: no "%s" in:\n%s\n' "$1" "$2" "$out"; failed=1
    fi
    fresh
}

fresh
out=$(check) || { printf 'findings in a clean tree:\n%s\n' "$out"; failed=1; }

put src/base/up.c '#include "os/file.h"'
finds includes 'src/base/up.c:1: base includes os/file.h, but os stands above'
put src/base/up.c '#include <tarn/os.h>'
finds includes 'base includes tarn/os.h'
put include/tarn/base.h '#include <tarn/os.h>'
finds includes 'include/tarn/base.h:1: base includes tarn/os.h'
put include/tarn/os.h '#include "os/file.h"'
finds includes 'a public header includes "os/file.h"'
put src/os/up.c '#include "../base/memory.h"'
finds includes 'by a relative path'
put src/os/up.c '#include "extra/x.h"'
finds includes 'of no room'
put src/os/up.c '#include <tarn/tarn.h>'
finds includes 'which is for users'
mkdir "$tree/src/attic"; put src/attic/x.h '#include <stdio.h>'
finds includes 'src/attic is not in TARN_ROOMS'

put src/os/db.h '#include <duckdb.h>'
finds engines 'src/os/db.h:1: includes duckdb.h'
put src/duck/db.h '#  include "rocksdb/c.h"'
finds engines 'src/duck/db.h:1: includes rocksdb/'

put src/cli/main.c '#include "os/file.h"'
finds cli 'src/cli/main.c:1: the command includes os/file.h'
put src/cli/main.c '#include <jansson.h>'
finds cli 'the command includes jansson.h'

put src/duck/io.h '#include <sys/stat.h>'
finds system 'src/duck/io.h:1: includes sys/stat.h'
put src/duck/io.c '#include <stdio.h>
void *tarn__f(void) { return fopen("x", "r"); }'
finds system 'src/duck/io.c: calls fopen()'
put src/duck/io.c '#define _FILE_OFFSET_BITS 64
#include <stdio.h>
void *tarn__f(void) { return fopen("x", "r"); }'
finds system 'src/duck/io.c: calls fopen()'
put src/duck/io.c 'long __read_chk(); long tarn__f(void) { return __read_chk(); }'
finds system 'src/duck/io.c: calls read()'
put src/duck/io.c '#include <stdlib.h>
char *tarn__f(void) { return getenv("HOME"); }'
finds system 'src/duck/io.c: calls getenv()'
put src/cli/args.c '#include <stdio.h>
int tarn__f(void) { return remove("x"); }'
finds system 'src/cli/args.c: calls remove()'
put src/cli/args.c '#include <unistd.h>'
finds system 'src/cli/args.c:1: includes unistd.h'

put src/os/heap.c '#include <string.h>
char *tarn__s(const char *s) { return strdup(s); }'
finds memory 'src/os/heap.c: calls strdup()'
put src/cli/heap.c '#include <stdlib.h>
void tarn__f(void *p) { free(p); }'
finds memory 'src/cli/heap.c: calls free()'

put src/os/text.c '#include <string.h>
char *tarn__s(char *d, const char *s) { return strcat(d, s); }'
finds banned 'src/os/text.c: calls strcat()'

put src/os/name.c 'int plain(void) { return 1; }'
finds names 'src/os/name.c: plain is neither static'
put src/os/name.c 'int plain;'
finds names 'src/os/name.c: plain is neither static'
printf 'int tarn__inner(void) { return 1; }' |
    ${CC:-cc} -shared -fPIC -x c - -o "$tree/build/libtarn.so"
finds names 'libtarn.so exports tarn__inner'

put include/tarn/os.h 'size_t tarn_os(void);'
finds headers 'include/tarn/os.h: does not compile alone as C11'
put include/tarn/os.h 'int tarn_os(int class);'
finds headers 'include/tarn/os.h: does not compile alone as C++'

rm "$tree/src/os/README.md"
finds readme 'src/os: has no README.md'
put src/os/new.c ''
finds readme 'src/os/README.md: does not name new.c'

put src/os/long.h "$(yes '/* . */' | head -n 1201)"
finds size 'src/os/long.h: 1201 lines'
if ctags --version 2>/dev/null | grep -q Universal; then
    put src/os/long.c "$(echo 'int tarn__f(void) {'
        yes ';' | head -n 99; echo 'return 1; }')"
    finds size 'tarn__f() has 101 lines'
fi

[ "$failed" = 0 ] && echo "every planted violation was found"
exit "$failed"
