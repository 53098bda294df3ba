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
for example in "$source"/examples/*.c; do
    [ -f "$example" ] || continue
    # shellcheck disable=SC2086 # a list of flags
    ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror "$example" $flags \
        -o "$tmp/example" || die "$example does not compile"
done

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
