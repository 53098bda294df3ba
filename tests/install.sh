#!/bin/sh
# What is installed runs, also after it was moved, and a program compiles
# against it by pkg-config and by CMake.
set -eu
source=${TARN_SOURCE:-$(cd "$(dirname "$0")/.." && pwd)}
build=${TARN_BUILD:-$source/build}
[ -x "$build/tarn" ] || { echo "no command is built"; exit 77; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
die() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$tmp/first" >"$tmp/log" 2>&1 ||
    { cat "$tmp/log"; exit 1; }
mv "$tmp/first" "$tmp/moved"
root=$tmp/moved

version=$("$root/bin/tarn" --version) || die "the moved command does not run"
for file in share/man/man1/tarn.1 share/zsh/site-functions/_tarn \
    share/bash-completion/completions/tarn \
    share/fish/vendor_completions.d/tarn.fish; do
    [ -s "$root/$file" ] || die "$file: absent or empty"
done

cat >"$tmp/use.c" <<'C'
#include <stdio.h>
#include <tarn/tarn.h>
int main(void)
{
    return printf("%s\n", tarn_version()) < 0;
}
C
export PKG_CONFIG_PATH=$root/lib/pkgconfig
flags=$(pkg-config --cflags --libs tarn)
# shellcheck disable=SC2086 # a list of flags
${CC:-cc} -std=c11 -Wall -Wextra -Werror "$tmp/use.c" $flags -o "$tmp/use"
case $version in
    *"$("$tmp/use")"*) ;;
    *) die "the library says $("$tmp/use"), the command $version" ;;
esac
for header in "$root"/include/tarn/*.h; do
    name=$(basename "$header")
    [ "$name" = tarn.h ] || grep -q "<tarn/$name>" "$root/include/tarn/tarn.h" ||
        die "tarn.h does not include $name"
done
for example in "$source"/examples/*.c; do
    [ -f "$example" ] || continue
    name=$(basename "$example" .c)
    # shellcheck disable=SC2086 # a list of flags
    ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror "$example" $flags \
        -o "$tmp/$name" || die "$example does not compile"
    # shellcheck disable=SC2086
    ${CXX:-c++} -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -c \
        "$example" $flags -o "$tmp/$name.o" || die "$example is no C++"
done

# gives TEXT COMMAND...: an example prints what it should.
gives() {
    want=$1
    shift
    got=$(cd "$tmp" && "$@" 2>&1) || die "$1: $got"
    [ "$got" = "$want" ] || die "$1 prints: $got"
}
gives 'Oslo 709
Bergen 291' ./hello lake
gives 'Mary 1780
Ada 1815
1 ["Mary","Ada"]' ./records lake
cat >"$tmp/events.jsonl" <<'J'
{"event":"signup","properties":{"time":1,"distinct_id":"u","$insert_id":"i"}}
{"event":"signup","properties":{"time":1,"distinct_id":"u","$insert_id":"i"}}
J
gives '         1  signup
2 read, 1 duplicates, 0 put aside' sh -c './events <events.jsonl'
printf 'a\n1\n2\n' >"$tmp/in.csv"
cat >"$tmp/flow.yaml" <<'Y'
name: copy
steps:
  - {id: in, component: file.extractor, mode: read, config: {path: in.csv}}
  - {id: out, component: lake.writer, mode: write, config: {path: /t, as: table}}
Y
gives '2 steps, 2 rows' ./flow flow.yaml lake
mkdir -p "$tmp/now/table" "$tmp/now/column"
echo '{"attributes":{"qualifiedName":"c/d/s/t","name":"t"}}' \
    >"$tmp/now/table/t.json"
echo '{"attributes":{"qualifiedName":"c/d/s/t/x",
"tableQualifiedName":"c/d/s/t"}}' | tr -d '\n' >"$tmp/now/column/c.json"
gives 'created d.s.t
1 columns, 0 of them carried forward' ./track now absent out

mkdir "$tmp/project"
cat >"$tmp/project/CMakeLists.txt" <<'L'
cmake_minimum_required(VERSION 3.20)
project(use LANGUAGES C)
find_package(tarn 0.1 REQUIRED)
add_executable(use ../use.c)
target_link_libraries(use PRIVATE tarn::tarn)
L
{ cmake -S "$tmp/project" -B "$tmp/project/build" \
    -DCMAKE_PREFIX_PATH="$root" && cmake --build "$tmp/project/build"
} >"$tmp/log" 2>&1 || { cat "$tmp/log"; exit 1; }
"$tmp/project/build/use" >/dev/null || die "the CMake project does not run"
echo "installed, moved, and compiled against"
