#!/bin/bash
# Kill a load at any moment: the table is as it was, or complete, never half;
# the store opens, and the load can be done again.
#
# A short run kills at a dozen moments, drawn with a seed that is printed
# (TARN_SEED repeats it); a long one (TARN_LONG) at 300.
set -eu
tarn=${TARN_BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/tarn}
[ -x "$tarn" ] || { echo "no command is built: $tarn"; exit 77; }
seed=${TARN_SEED:-$$}
kills=12
[ -z "${TARN_LONG:-}" ] || kills=300
echo "TARN_SEED=$seed"
RANDOM=$seed
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export HOME=$dir TARN_DB=$dir/s.db
die() { echo "$*" >&2; exit 1; }

lines() { # FROM TO
    seq "$1" "$2" | awk '{ printf "{\"event\":\"e%d\",\"properties\":{\"time" \
        "\":%d,\"distinct_id\":\"u%d\",\"$insert_id\":\"i%d\",\"p\":%d}}\n",
        $1 % 5, $1, $1 % 100, $1, $1 }'
}
lines 1 60000 >old
lines 50001 200000 >new # 10,000 are there already
echo bad >>new

count() { # rows, and whether the list says the same
    "$tarn" events sql -f plain "SELECT (SELECT count(*) FROM ev) || ' ' ||
        (SELECT row_count FROM _metadata WHERE table_name = 'ev') || ' ' ||
        (SELECT count(DISTINCT insert_id) FROM ev) || ' ' ||
        (SELECT count(*) FROM _quarantine)" || die "the store does not open"
}
old="60000 60000 60000 0"

# How long an undisturbed load takes, in ms.
"$tarn" events load -q ev old >/dev/null
cp s.db start.db
begin=$(date +%s%N)
"$tarn" events load -q ev new --append >/dev/null
took=$((($(date +%s%N) - begin) / 1000000))
[ "$(count)" = "200000 200000 200000 1" ] || die "append: $(count)"

before=0 after=0
for ((i = 0; i < kills; i++)); do
    cp start.db s.db
    mode=--append full="200000 200000 200000 1"
    [ $((i % 2)) = 0 ] || { mode=--replace full="150000 150000 150000 1"; }
    ms=$((RANDOM % (took + took / 4 + 1)))
    "$tarn" events load -q ev new $mode >/dev/null 2>&1 &
    pid=$!
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    got=$(count)
    case $got in
        "$old") before=$((before + 1)) ;;
        "$full") after=$((after + 1)) ;;
        *) die "killed after $ms ms of $mode: $got" ;;
    esac
    "$tarn" events load -q ev new $mode >/dev/null ||
        die "killed after $ms ms of $mode: it cannot be done again"
    "$tarn" events sql -f plain "SELECT count(*) FROM ev" >rows
    [ "$(cat rows)" = "${full%% *}" ] ||
        die "killed after $ms ms, done again: $(cat rows) rows"
    rm -f s.db s.db.wal
    rm -rf s.db.tmp
done
echo "$kills kills within $took ms: $before as it was, $after complete"
