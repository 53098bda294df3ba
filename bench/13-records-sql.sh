# SQL over a million records: the live scan, the column view, and rows by an
# indexed filter, against DuckDB over a table of the same rows, and the same scan
# over the JSON texts.
rows=1000000

new_lake "$work/lake"
"$TARN_BIN" -q -C "$work/lake" sql -f jsonl -o "$work/rows.jsonl" \
    "SELECT format('user{:07d}@example.com', range) AS email,
        'City' || (range * 7919 % 97) AS city,
        (range * 104729 % 99)::INTEGER AS age,
        (range * 15485863 % 1000003) / 8.0 AS score,
        (range * 32452843 % 10007)::INTEGER AS grp,
        ['new', 'open', 'closed'][1 + range % 3] AS status,
        range % 2 = 0 AS active,
        {street: 'Main street ' || range % 1000, zip: format('{:05d}',
            range % 99999)} AS address, repeat('x', 60) AS note
     FROM range($rows)" || fail "making rows"
cat >"$work/people.json" <<'JSON'
{"name":"people","version":"1.0.0","type":"object","properties":{
 "email":{"type":"string"},"city":{"type":"string"},"age":{"type":"integer"},
 "score":{"type":"number"},"grp":{"type":"integer"},
 "status":{"type":"string"},"active":{"type":"boolean"},
 "address":{"type":"object"},"note":{"type":"string"}},
 "x-tarn":{"key":"email","indexed":["city","age","score","grp","status"]}}
JSON
echo '{"name":"notes","version":"1.0.0","x-tarn":{"key":"email"}}' \
    >"$work/notes.json"
for table in people notes; do
    "$TARN_BIN" -q -C "$work/lake" schema put "$work/$table.json" ||
        fail "schema $table"
    "$TARN_BIN" -q -C "$work/lake" record put $table -F "$work/rows.jsonl" \
        >/dev/null || fail "putting $table"
done

# The peer's file: a table of the same rows.
peer="ATTACH '$work/peer.duckdb' AS peer"
"$tools/duckdb_peer" 1 "$peer; CREATE TABLE peer.people AS
    FROM read_json('$work/rows.jsonl'); CHECKPOINT peer" >/dev/null || fail "making the peer's tables"

# The same rows for two other engines: Parquet, and JSON texts with an index.
if [ -n "$python" ]; then
    "$tools/duckdb_peer" 1 "COPY (FROM read_json('$work/rows.jsonl')) TO
        '$work/rows.parquet'" >/dev/null || fail "making Parquet"
    "$python" "$bench/peers/records_sqlite.py" "$work/sqlite.db" load \
        "$work/rows.jsonl" || fail "loading SQLite"
fi

# Of eight runs in one process, each a fraction of a second: the median of the last
# five.  The peer opens its file for each, as a query over a lake does.
typical() {
    tail -n 5 "$work/out" | cut -d ' ' -f 1 | sort -n | sed -n 3p
}
inside() {
    key=$1
    shift
    took "$key.run" "$@"
    sample "$key" "$(calc "1 / $(typical)")"
    tail -n 1 "$samples/$key.run.mib" >>"$samples/$key.mib"
}
ours() {
    inside "$1" "$tools/aggregate" "$work/lake" 8 "$2"
}
theirs() {
    inside "$1" "$tools/duckdb_peer" 8 "$2" "$work/peer.duckdb"
}

# seconds KEY PROGRAM...: what it printed of its last run, and as M rows/s.
seconds() {
    key=$1
    shift
    took "$key.run" "$@"
    sample "$key.s" "$(cut -d ' ' -f 1 "$work/out")"
    sample "$key" "$(calc "1 / $(cut -d ' ' -f 1 "$work/out")")"
}

scan="SELECT status, count(*), avg(age), sum(score) FROM people WHERE active
    GROUP BY 1"
# Over the raw values: behind another name members are not ours to find, and
# DuckDB's JSON functions read each whole text.
scan_json="SELECT d->>'\$.status', count(*), avg((d->>'\$.age')::BIGINT),
    sum((d->>'\$.score')::DOUBLE) FROM (SELECT doc AS d FROM notes)
    WHERE (d->>'\$.active')::BOOLEAN GROUP BY 1"
column="SELECT city, count(*), avg(age), sum(score) FROM people GROUP BY 1"
nested="SELECT doc->>'\$.address.zip', count(*) FROM notes GROUP BY 1
    ORDER BY 2 DESC LIMIT 1"
few="SELECT * FROM people WHERE grp = 77"

for i in $turns; do
    ours scan "$scan"
    ours scan-json "$scan_json"
    ours column "$column"
    theirs column-peer "$column"
    ours nested "$nested"
    took few "$tools/aggregate" "$work/lake" 8 "$few"
    sample few-ms "$(calc "1000 * $(typical)")"
    sample few-rate "$(calc "1 / $(typical)")"
    [ -n "$python" ] || continue
    seconds fusion "$python" "$bench/peers/records_datafusion.py" \
        "$work/rows.parquet" "$scan" 4
    seconds fusion-few "$python" "$bench/peers/records_datafusion.py" \
        "$work/rows.parquet" "$few" 4
    seconds sqlite "$python" "$bench/peers/records_sqlite.py" \
        "$work/sqlite.db" aggregate 2
    seconds sqlite-few "$python" "$bench/peers/records_sqlite.py" \
        "$work/sqlite.db" few 4
done
cp "$samples/few.mib" "$samples/few-ms.mib"

# What the query that catches up takes, less what it takes when there is nothing
# to do.
for i in $turns; do
    "$TARN_BIN" -C "$work/lake" sql -f jsonl -o "$work/changed.jsonl" \
        "SELECT doc FROM people WHERE age = $i AND active LIMIT 10000" ||
        fail "drawing records"
    sed -e 's/^{"doc"://' -e 's/}$//' -e "s/City/Town$i/" \
        "$work/changed.jsonl" >"$work/changed"
    "$TARN_BIN" -q -C "$work/lake" record put people -F "$work/changed" \
        >/dev/null || fail "changing records"
    took behind "$tools/aggregate" "$work/lake" 1 "$column"
    behind=$(cut -d ' ' -f 1 "$work/out")
    took again "$tools/aggregate" "$work/lake" 1 "$column"
    sample catch-up "$(calc "$behind - $(cut -d ' ' -f 1 "$work/out")")"
done

figure "Live scan: aggregate over 1 M records, 3 columns, a filter" scan \
    "M rows/s" '>=' 2.5 warm
versus "The same query as JSON extraction over the raw values, by the same \
table function" scan scan-json "DuckDB's JSON functions" "M rows/s" 2 warm
figure "Live scan over a nested property of a free-form table" nested \
    "M rows/s" '>=' 1.0 warm
versus "The aggregate by the column view" column column-peer "$duckdb, a \
native table" "M rows/s" 0.9 warm
figure "Indexed filter keeping 100 of 1 M records, SELECT *" few-ms ms '<' 20 \
    warm
# beside TEXT KEY PEER-KEY PEER UNIT: a row of which nothing is promised.
beside() {
    ratio=$(ratio_of "$2" "$3")
    row "$1" — — "$(short "$(stat_of "$2" median)") $5" \
        "$4: $(short "$(stat_of "$3" median)") $5" "$(short "$ratio")×" — \
        "$(stat_of "$2.ratio" spread)×" warm
}

if [ -n "$python" ]; then
    fusion="DataFusion $(sed -n 's/^datafusion==//p' "$bench/peers.lock"), \
Parquet of the rows"
    beside "The live scan's aggregate" scan fusion "$fusion" "M rows/s"
    beside "The live scan's aggregate" scan sqlite \
        "SQLite, json_extract" "M rows/s"
    beside "The indexed filter, SELECT *" few-rate fusion-few "$fusion" "a second"
    beside "The indexed filter, SELECT *" few-rate sqlite-few \
        "SQLite, an index on json_extract" "a second"
else
    missing "The same rows in DataFusion and in SQLite" — "$python_missing"
fi
figure "Catch-up of 10,000 changed records into 1 M" catch-up s '<' 0.5 warm
json_bytes=$(($(wc -c <"$work/rows.jsonl") * 2))
view_bytes=$(cat "$work"/lake/views/column/*.duckdb | wc -c)
sample share "$(calc "100 * $view_bytes / $json_bytes")"
figure "Column view's size, of the records' JSON" share "%" '<' 30 —
