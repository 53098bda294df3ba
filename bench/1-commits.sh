# Durable commits of one row, against what they cannot do without, and against
# another writer of Delta tables.
count=200
peer_count=50
[ "$large" = no ] || count=1000

new_lake "$work/sizes"
"$tools/commits" "$work/sizes" 100 >/dev/null
mean() {
    find "$work/sizes/log/$1" -name "$2" -type f -size -64k -printf '%s\n' |
        awk '{ s += $1; n++ } END { printf "%d", s / n }'
}
parquet=$(mean data '*.parquet')
json=$(mean _delta_log '*.json')

# Nothing is removed between turns: ext4 looks at each inode that was freed in
# the last seconds before it takes one.
for i in $turns; do
    new_lake "$work/lake$i"
    s=$($first "$tools/commits" "$work/lake$i" "$count") || fail commits
    sample commits "$(calc "$count / $s")"
    s=$($first "$tools/bare" "$work/bare$i" "$count" "$parquet" "$json") || fail bare
    sample bare "$(calc "$count / $s")"
    if [ -n "$python" ]; then
        s=$($first "$python" "$bench/peers/deltalake_append.py" "$work/peer$i" \
            "$peer_count") || fail deltalake
        sample deltalake "$(calc "$peer_count / $s")"
    fi
done

versus "Durable one-row commits, one thread" commits bare \
    "bare loop ($parquet and $json bytes)" /s 0.35 warm
text="The same; deltalake fsyncs nothing"
if [ -n "$python" ]; then
    versus "$text" commits deltalake "$deltalake" /s 10 warm
else
    missing "$text" "≥ 10×" "$python_missing"
fi
