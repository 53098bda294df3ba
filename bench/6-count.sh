# COUNT over what arrived in 101 small puts, a process each.
new_lake "$work/lake"
"$tools/grow" "$work/lake" stream /lines.jsonl 101
"$tools/grow" "$work/lake" series /series 101

count() {
    took "$1" "$TARN_BIN" -C "$work/lake" sql -f plain \
        "SELECT count(*) FROM '$2'"
    [ "$(cat "$work/out")" = 1010 ] || fail "$2 has not 1,010 rows"
    sample "$1-ms" "$(calc "$took_s * 1000")"
}
for i in $turns; do
    count stream /lines.jsonl
    count series /series
done
for what in stream series; do
    cp "$samples/$what.mib" "$samples/$what-ms.mib"
    cp "$samples/$what.cpu" "$samples/$what-ms.cpu"
done
figure "COUNT over a stream of JSON lines, 101 versions" \
    stream-ms ms '<' 150 warm
figure "COUNT over a series, 101 versions" series-ms ms '<' 150 warm
