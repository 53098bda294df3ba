#!/bin/bash
# Kill a run of `tarn track run` at any moment: the lake is as it was before or
# after it, and the next run leads to the same state with every change reported
# once.  The same for `track merge --replace`: the folder is old or new.
#
# A short run kills at a dozen moments, drawn with a seed that is printed
# (TARN_SEED repeats it); a long one (TARN_LONG) at 300.
set -eu
tarn=${TARN_BIN:-$(cd "$(dirname "$0")/../.." && pwd)/build/tarn}
[ -x "$tarn" ] || { echo "no command is built: $tarn"; exit 77; }
python3 -c 'import sqlite3' 2>/dev/null || { echo "SKIPPED: python3 has no sqlite3"; exit 77; }
seed=${TARN_SEED:-$$}
kills=12
[ -z "${TARN_LONG:-}" ] || kills=300
echo "TARN_SEED=$seed"
RANDOM=$seed
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
export HOME=$dir TARN=$dir/lake
root=/persistent-artifacts/apps/crawler/connection/42
die() { echo "$*" >&2; exit 1; }

source_db() { # ROUND: the tables and columns of that round
    python3 - "$1" <<'P'
import sqlite3, sys
n = int(sys.argv[1])
d = sqlite3.connect("src.db")
d.executescript("drop table if exists t; drop table if exists c; create table t(n, f); create table c(n, c)")
for i in range(n, n + 60):
    d.execute("insert into t values (?, ?)", (f"t{i}", str(n if i % 7 == n % 7 else 0)))
    for k in range(5):
        d.execute("insert into c values (?, ?)", (f"t{i}", f"c{k if i % 7 != n % 7 else k + n}"))
d.commit()
P
}
cat >connections.yaml <<'X'
connections: {sqlite: {prod: {path: src.db}}}
X
cat >c.yaml <<'X'
application: crawler
connection: default/lite/42
source: "@sqlite.prod"
columns: {batch_size: 10, jobs: 2}
queries:
  table: SELECT 'db' AS database_name, 's' AS schema_name, n AS table_name, f AS fingerprint FROM t ORDER BY n
  column: SELECT 'db' AS database_name, 's' AS schema_name, n AS table_name, c AS column_name FROM c WHERE 'db.s.' || n IN ({table_ids})
X
"$tarn" init -q lake
source_db 0
"$tarn" track run -q c.yaml >/dev/null
cp -r lake start

state() { # the columns' names, sorted
    "$tarn" cat "$1/column/chunk-0.json" | grep -o '"qualifiedName":"[^"]*"' | sort
}
# What an undisturbed second run gives.
source_db 3
began=$(date +%s%N)
"$tarn" track run -q c.yaml -f plain | cut -f 1-8 >want
took=$((($(date +%s%N) - began) / 1000 + 1))
state $root/current-state >want.state
"$tarn" get -q $root/current-state old

for i in $(seq "$kills"); do
    rm -rf lake
    cp -r start lake
    "$tarn" track run -q c.yaml --run-id killed >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print $took * ($RANDOM * 32768 + $RANDOM) / 2^30 / 1e6 }")"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    "$tarn" check >/dev/null 2>&1 || die "kill $i: the lake does not check"
    if "$tarn" ls $root/runs/killed >/dev/null 2>&1; then
        state $root/current-state | cmp - want.state || die "kill $i: half a run"
        echo "0	0	0	0	0	300	300	0" >next.want
    else
        cp want next.want
    fi
    "$tarn" track run -q c.yaml -f plain | cut -f 1-8 >next
    cmp next next.want || die "kill $i: the next run is not as it should be"
    state $root/current-state | cmp - want.state || die "kill $i: another state"
done

mkdir cur
cp -r old/current-state/table cur/table
"$tarn" track merge -q cur old/current-state whole >/dev/null
for i in $(seq "$kills"); do
    rm -rf out .out.tarn
    mkdir out
    touch out/old
    "$tarn" track merge -q cur old/current-state out --replace >/dev/null 2>&1 &
    pid=$!
    sleep "$(awk "BEGIN { print 0.03 * ($RANDOM * 32768 + $RANDOM) / 2^30 }")"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    if [ -e out/old ]; then
        [ "$(ls -A out)" = old ] || die "merge $i: both"
    else
        diff -r whole out || die "merge $i: half"
    fi
done
"$tarn" track merge -q cur old/current-state out --replace >/dev/null
# What was killed before it had a lock is kept for a minute.
[ -z "$(ls .out.tarn 2>/dev/null)" ] || die "something stays beside OUT"
