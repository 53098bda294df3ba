# Records: a bulk load from JSON lines to durable and queryable, single durable
# puts beside the tree's commits, and gets by id beside a bare RocksDB; the same
# beside rocksdict, which checks and indexes nothing.
count=1000000
puts=1000
gets=200000

"$tools/records" make "$work/records.jsonl" $count 1
"$tools/rocks_peer" load "$work/rocks" "$work/records.jsonl" >/dev/null

dict="rocksdict $(sed -n 's/^rocksdict==//p' "$bench/peers.lock")"
peer="$dict: $python_missing"
if [ -n "$python" ] && "$python" -c 'import rocksdict' 2>/dev/null; then
    peer=
fi
rocksdict() {
    $first "$python" "$bench/peers/rocksdict_records.py" "$work/dict" "$@"
}

for i in $turns; do
    rm -rf "$work/lake"
    new_lake "$work/lake"
    took load "$tools/records" load "$work/lake" "$work/records.jsonl"
    sample bulk "$(calc "$count / $(cat "$work/out")")"
    s=$("$tools/records" get "$work/lake" $gets "$i") || fail get
    sample get "$(calc "$gets / $s")"
    s=$("$tools/rocks_peer" get "$work/rocks" $gets "$i") || fail rocks_peer
    sample peer-get "$(calc "$gets / $s")"
    new_lake "$work/tree$i"
    s=$($first "$tools/commits" "$work/tree$i" $puts) || fail commits
    sample tree "$(calc "1000 * $s / $puts")"
    sample tree-rate "$(calc "$puts / $s")"
    new_lake "$work/single$i"
    s=$($first "$tools/records" put "$work/single$i" $puts "$i") || fail put
    sample single-rate "$(calc "$puts / $s")"
    [ -z "$peer" ] || continue
    rm -rf "$work/dict"
    s=$(rocksdict load "$work/records.jsonl") || fail "rocksdict load"
    sample dict-bulk "$(calc "$count / $s")"
    s=$(rocksdict get $gets "$i") || fail "rocksdict get"
    sample dict-get "$(calc "$gets / $s")"
    s=$(rocksdict put $puts "$i") || fail "rocksdict put"
    sample dict-put "$(calc "$puts / $s")"
done
cp "$samples/load.mib" "$samples/bulk.mib"

memory_bound=1536
figure "Bulk put, 1 M records of about 260 bytes, 5 indexed fields" bulk \
    "records/s" '>=' 150000 warm
memory_bound=
versus "Single durable put through the library (1/1.15 = 0.87)" single-rate \
    tree-rate "the first benchmark's commit" "/s" 0.87 warm
versus "Point get by id, in process" get peer-get "bare RocksDB get" "/s" 0.7 \
    warm
beside() { # TEXT OURS PEER'S UNIT
    if [ -z "$peer" ]; then
        versus "$1, beside rocksdict" "$2" "$3" "$dict (Python)" "$4" 0 warm
    else
        missing "$1, beside rocksdict" "—" "$peer"
    fi
}
beside "Bulk put" bulk dict-bulk "records/s"
beside "Single durable put" single-rate dict-put "/s"
beside "Point get" get dict-get "/s"

[ "$large" = no ] || {
    "$tools/records" make "$work/many.jsonl" 10000000 2
    rm -rf "$work/lake"
    new_lake "$work/lake"
    took many "$tools/records" load "$work/lake" "$work/many.jsonl"
    sample many-rate "$(calc "10000000 / $(cat "$work/out")")"
    cp "$samples/many.mib" "$samples/many-rate.mib"
    memory_bound=1536
    figure "The same, 10 M records" many-rate "records/s" '>=' 150000 warm
    memory_bound=
}
