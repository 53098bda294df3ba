# An aggregate over a series in many versions, against the engine itself over
# the same Parquet files.
parts=100
rows=1000000

new_lake "$work/lake"
part=0
while [ "$part" -lt "$parts" ]; do
    rm -f "$work/part.parquet"
    "$TARN_BIN" -q -C "$work/lake" sql -f parquet -o "$work/part.parquet" \
        "SELECT TIMESTAMP '2026-01-01' + to_seconds(range) AS ts,
            (range * 7919 % 1000)::INTEGER AS sensor,
            (range * 104729 % 100003) / 7 AS value
         FROM range($part * $rows, ($part + 1) * $rows)" ||
        fail "making part $part"
    "$TARN_BIN" -q -C "$work/lake" put "$work/part.parquet" /readings \
        --as series || fail "putting part $part"
    part=$((part + 1))
done
files=$(find "$work/lake/objects" -name '*.parquet' |
    sed "s/.*/'&'/" | paste -sd ,)

what="SELECT sensor, count(*), avg(value), max(ts) FROM"
ours="$what '/readings' GROUP BY sensor"
theirs="$what read_parquet([$files], union_by_name = true) GROUP BY sensor"
[ "$("$TARN_BIN" -C "$work/lake" sql -f plain \
    "SELECT count(*) FROM '/readings'")" = $((parts * rows)) ] ||
    fail "the series has not all its rows"

# The fourth run of a process: all is warm.
fourth() {
    tail -n 1 "$work/out" | cut -d ' ' -f 1
}
million=$((parts * rows / 1000000))
for i in $turns; do
    took cold "$TARN_BIN" -C "$work/lake" sql -f plain "$ours"
    sample cold-rate "$(calc "$million / $took_s")"
    took cold-peer "$tools/duckdb_peer" 1 "$theirs"
    sample cold-peer-rate "$(calc "$million / $took_s")"
    took inside "$tools/aggregate" "$work/lake" 4 "$ours"
    sample inside-rate "$(calc "$million / $(fourth)")"
    took inside-peer "$tools/duckdb_peer" 4 "$theirs"
    sample inside-peer-rate "$(calc "$million / $(fourth)")"
done
cp "$samples/cold.mib" "$samples/cold-rate.mib"
cp "$samples/inside.mib" "$samples/inside-rate.mib"
versus "Aggregate over a series of $million M rows, $parts versions, a \
process each" cold-rate cold-peer-rate "$duckdb" "M rows/s" 0.9 warm
versus "The same within one process" inside-rate inside-peer-rate \
    "$duckdb" "M rows/s" 0.9 warm
