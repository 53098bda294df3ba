#!/bin/bash
# Kill a run of a flow at any moment, and resume it: the same result as that of
# an undisturbed run, the lake's commit once.
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
export HOME=$dir TARN=$dir/lake
unset TARN_LOG TARN_FORMAT TARN_TENANT TARN_DB
die() { echo "$*" >&2; exit 1; }

cat >flow.yaml <<'END'
name: killed
steps:
  - {id: in, component: file.extractor, mode: read, config: {path: in.csv}}
  - {id: even, component: sql, mode: transform, needs: [in],
     config: {query: "SELECT n, ts, n * 2 AS twice FROM \"in\" WHERE n % 2 = 0 ORDER BY n"}}
  - {id: odd, component: sql, mode: transform, needs: [in],
     config: {query: "SELECT n % 7 AS k, count(*) AS c FROM \"in\" WHERE n % 2 = 1 GROUP BY ALL ORDER BY ALL"}}
  - {id: csv, component: csv.writer, mode: write, needs: [even], config: {path: out/even.csv}}
  - {id: parquet, component: parquet.writer, mode: write, needs: [odd], config: {path: out/odd, partition_by: [k]}}
  - {id: series, component: lake.writer, mode: write, needs: [even], config: {path: /even, as: series, time_column: ts}}
  - {id: table, component: lake.writer, mode: write, needs: [odd], config: {path: /odd}}
END
seq 1 100000 | awk 'BEGIN { print "n,ts" }
    { printf "%d,2026-01-01 00:%02d:%02d\n", $1, $1 / 60 % 60, $1 % 60 }' >in.csv

# What files and the lake hold.
result() {
    sha256sum <out/even.csv
    "$tarn" sql -f plain "SELECT sum(n), sum(twice), count(*) FROM '/even'"
    "$tarn" sql -f plain "SELECT k, c FROM '/odd' ORDER BY k"
    find out -type f ! -name '*-tmp*' -name '*.parquet' | sed 's/data_.*//' | sort
    "$tarn" log -f plain | wc -l
}
again() { rm -rf lake out && "$tarn" init -q lake; }

again
begin=$(date +%s%N)
"$tarn" flow run flow.yaml -q >/dev/null || die "the flow does not run"
took=$((($(date +%s%N) - begin) / 1000000))
result >want

early=0
for ((i = 0; i < kills; i++)); do
    again
    ms=$((RANDOM % (took + took / 4 + 1)))
    "$tarn" flow run flow.yaml -q >/dev/null 2>&1 &
    pid=$!
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    if ls lake/runs/*-killed-* >/dev/null 2>&1; then
        # Killed once more on the way.
        "$tarn" flow run flow.yaml -q --resume last >/dev/null 2>&1 &
        pid=$!
        sleep "0.$(printf '%03d' $((RANDOM % 400)))"
        kill -9 $pid 2>/dev/null || true
        wait $pid 2>/dev/null || true
        "$tarn" flow run flow.yaml -q --resume last >row 2>err ||
            die "killed after $ms ms: it does not go on: $(cat err)"
        grep -q ',success,7,' row || die "killed after $ms ms: $(cat row)"
    else
        early=$((early + 1))
        "$tarn" flow run flow.yaml -q >/dev/null
    fi
    result >got
    cmp -s want got || die "killed after $ms ms: $(diff want got)"
    "$tarn" check --deep -q || die "killed after $ms ms: the lake has faults"
done
echo "$kills kills within $took ms, $early before the run began"
