# What the shell tests of this folder share: a fresh folder, words for what must
# hold.  Sourced.  shellcheck shell=bash
set -euo pipefail

: "${TARN_BIN:?names the command under test}"
unset TARN TARN_LOG TARN_FORMAT TARN_TENANT TARN_DB
box=$(mktemp -d "${TMPDIR:-/tmp}/tarn-test-XXXXXX")
lake=$box/lake
mounted=()
started=()

clean_up() {
    local code=$? pid at
    for pid in ${started[@]+"${started[@]}"}; do
        kill -9 "$pid" 2>/dev/null || true
    done
    for at in ${mounted[@]+"${mounted[@]}"}; do
        umount "$at" 2>/dev/null || umount -l "$at" || true
    done
    if [ -n "${TARN_KEEP:-}" ]; then
        echo "kept $box" >&2
    else
        chmod -R u+rwX "$box" 2>/dev/null || true
        rm -rf "$box"
    fi
    exit "$code"
}
trap clean_up EXIT

fail() {
    echo "FAILED: $*" >&2
    [ ! -s "$box/err" ] || sed 's/^/  stderr: /' "$box/err" >&2
    exit 1
}

skip() {
    echo "SKIPPED: $*"
    exit 77
}

# tarn ARGS: in the lake, output in $box/out and $box/err, code in $code.
tarn() {
    code=0
    "$TARN_BIN" -C "$lake" "$@" >"$box/out" 2>"$box/err" || code=$?
}

# must CODE ARGS: the command ends with this code, an error is one line.
must() {
    local want=$1
    shift
    tarn "$@"
    [ "$code" = "$want" ] || fail "tarn $*: exit $code, not $want"
    if [ "$want" != 0 ] && [ "$want" != 130 ]; then
        [ "$(wc -l <"$box/err")" = 1 ] && grep -q '^tarn: ' "$box/err" ||
            fail "tarn $*: not a one-line error"
    fi
}

says() { grep -q -- "$1" "$box/err" || fail "the error does not name: $1"; }

# The lake opens, all is well in it, and it can be written to.
sound() {
    must 0 check --deep
    must 0 state put probe x "$RANDOM"
    must 0 check --deep
}

# holds PATH TEXT: what a file of the lake says.
holds() {
    must 0 cat "$1"
    [ "$(cat "$box/out")" = "$2" ] || fail "$1 holds $(head -c 100 "$box/out")"
}

head_version() { "$TARN_BIN" -C "$lake" log -n 1 -f plain | cut -f 1; }

# mount_tmpfs DIR OPTIONS: a small disk, or the test is skipped.
mount_tmpfs() {
    mkdir -p "$1"
    mount -t tmpfs -o "$2" none "$1" 2>"$box/err" ||
        skip "cannot mount a tmpfs here: $(cat "$box/err")"
    mounted=("$1" ${mounted[@]+"${mounted[@]}"})
}

# A process that we are not to outlive.
start() {
    "$@" &
    started+=($!)
}
