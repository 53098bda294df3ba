# Loading events, against the engine's own INSERT ... SELECT FROM read_json of
# the same file into the same columns without deduplication, and against
# Python with executemany; questions over what was loaded.
count=1000000
[ "$large" = no ] || count=10000000
million=$((count / 1000000))
"$tools/events_make" "$work/events.jsonl" "$count" 1 10
"$tools/events_make" "$work/new.jsonl" 1000000 2 0

load() { # NAME FILE [FLAG...]: a load into $work/NAME.db
    load_name=$1
    shift
    took "$load_name" "$TARN_BIN" -q events load ev "$@" \
        --db "$work/$load_name.db"
}

theirs="ATTACH '$work/peer.db' AS p; CREATE TABLE p.ev (event_name VARCHAR NOT \
NULL, event_time TIMESTAMP NOT NULL, distinct_id VARCHAR NOT NULL, insert_id \
VARCHAR, properties JSON); INSERT INTO p.ev SELECT event, \
make_timestamp((properties->>'time')::BIGINT * 1000000), \
properties->>'distinct_id', properties->>'\$.\"\$insert_id\"', properties FROM \
read_json('$work/events.jsonl', format = 'newline_delimited', columns = \
{event: 'VARCHAR', properties: 'JSON'}); CHECKPOINT p"

for i in $turns; do
    rm -f "$work"/*.db
    load load "$work/events.jsonl"
    sample load-rate "$(calc "$million / $took_s")"
    took peer "$tools/duckdb_peer" 1 "$theirs"
    sample peer-rate "$(calc "$million / $took_s")"
    mv "$work/load.db" "$work/append.db"
    load append "$work/new.jsonl" --append
    load empty "$work/new.jsonl"
    sample append-again "$(calc "$(tail -n 1 "$samples/append") / \
$(tail -n 1 "$samples/empty")")"
    for question in breakdown keys summary; do
        took "$question" "$TARN_BIN" events $question ev --db "$work/append.db"
    done
    took funnel "$TARN_BIN" events funnel ev --db "$work/append.db" \
        --steps signup,search,purchase
done
cp "$samples/load.mib" "$samples/load-rate.mib"

memory_bound=500
[ "$large" = no ] || memory_bound=600
versus "Load $million M events from JSON lines, deduplicated and accounted \
for" load-rate peer-rate "$duckdb read_json" "M events/s" 1.0 warm
memory_bound=
if [ -n "$python" ] && "$python" -c 'import duckdb' 2>/dev/null; then
    for i in $turns; do
        rm -f "$work/many.db"
        "$python" "$bench/peers/duckdb_executemany.py" "$work/events.jsonl" \
            "$work/many.db" >"$work/rate" || fail "executemany"
        sample many-rate "$(calc "$(cat "$work/rate") / 1000000")"
    done
    versus "The same, against executemany in batches of 1,000" load-rate \
        many-rate "Python (10 s of it)" "M events/s" 10 warm
else
    missing "The same, against executemany in batches of 1,000" "≥ 10×" \
        "Python duckdb: $python_missing"
fi
figure "Append 1 M new events to $million M, times the load into an empty \
table" append-again "×" '<' 2 warm
for question in breakdown keys summary funnel; do
    figure "events $question over $((million + 1)) M events" "$question" s \
        '<' 2 warm
done
