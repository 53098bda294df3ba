#!/bin/bash
# Kill `record put -F` of many records at any moment, into a table without rows
# and over rows that are there: all of it is in the lake or nothing, the views
# equal a replay, and the load can be done again.
#
# A short run kills at half a dozen moments, drawn with a seed that is printed
# (TARN_SEED repeats it); a long one (TARN_LONG) at 300.
# shellcheck source=tests/crash/support/lib.sh
. "$(dirname "$0")/support/lib.sh"
seed=${TARN_SEED:-$$}
kills=6
[ -z "${TARN_LONG:-}" ] || kills=300
echo "TARN_SEED=$seed"
RANDOM=$seed

lines() { # FROM TO N: records FROM to TO of that n
    seq "$1" "$2" |
        awk -v n="$3" '{ printf "{\"k\":\"k%d\",\"n\":%d}\n", $1, n }'
}
sum="SELECT count(*) || ' ' || coalesce(sum(n), 0) FROM t"

# At least 20,000 records go in as sorted files. Two lakes to begin with.
lines 1 40000 1 >"$box/new"
must 0 init
echo '{"name":"t","version":"1.0.0","properties":{"k":{"type":"string"},
    "n":{"type":"integer"}},"x-tarn":{"key":"k","indexed":["n"]}}' >"$box/t.json"
must 0 schema put "$box/t.json"
cp -r "$lake" "$box/empty"
lines 20001 60000 7 >"$box/old"
must 0 record put t -F "$box/old"
must 0 sql "$sum" # the column view is there, and has to follow
cp -r "$lake" "$box/full"
began=$(date +%s%N)
must 0 record put t -F "$box/new"
took=$((($(date +%s%N) - began) / 1000000))

# what holds now: rows and sum by the column view, rows by the key view
holds_now() {
    must 0 sql -f plain "$sum"
    got=$(cat "$box/out")
    must 0 record count t -f plain
    got="$got $(cat "$box/out")"
}

before=0 after=0
for ((i = 0; i < kills; i++)); do
    rm -rf "$lake"
    if [ $((i % 2)) = 0 ]; then
        from=empty was="0 0 0" is="40000 40000 40000"
    else
        from=full was="40000 280000 40000" is="60000 180000 60000"
    fi
    cp -r "$box/$from" "$lake"
    ms=$((RANDOM % (took + took / 4 + 1)))
    "$TARN_BIN" -C "$lake" record put t -F "$box/new" >"$box/ids" 2>/dev/null &
    pid=$!
    sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
    kill -9 $pid 2>/dev/null || true
    wait $pid 2>/dev/null || true
    holds_now
    case $got in
        "$was") before=$((before + 1)) ;;
        "$is") after=$((after + 1)) ;;
        *) fail "$from, killed after $ms ms: $got" ;;
    esac
    [ ! -s "$box/ids" ] || [ "$got" = "$is" ] ||
        fail "$from, killed after $ms ms: ids were told of what is not there"
    must 0 check
    must 0 record put t -F "$box/new"
    holds_now
    [ "$got" = "$is" ] || fail "$from, killed after $ms ms, done again: $got"
done
echo "$kills kills within $took ms: $before before, $after after"
