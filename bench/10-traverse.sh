# Three hops over 1,000,000 edges between 100,000 records, fan-out about 10, in
# one process with its handles open; SQLite's recursive CTE over the same graph
# does the same, without versions or tenants.
nodes=100000
edges=1000000
walks=300
"$tools/graph" make "$work/records.jsonl" "$work/edges.jsonl" $nodes $edges 1

for i in $turns; do
    rm -rf "$work/lake"
    took load "$tools/graph" load "$work/lake" "$work/records.jsonl" \
        "$work/edges.jsonl"
    sample edge-rate "$(calc "$edges / 1000 / $(cut -d ' ' -f 2 "$work/out")")"
done
cp "$samples/load.mib" "$samples/edge-rate.mib"

peer="SQLite: $python_missing"
if [ -n "$python" ] && "$python" -c 'import sqlite3' 2>/dev/null; then
    peer=
    "$python" "$bench/peers/sqlite_traverse.py" "$work/peer.db" load \
        "$work/records.jsonl" "$work/edges.jsonl"
fi
for i in $turns; do
    took walk "$tools/graph" walk "$work/lake" $nodes $walks 3 "$i"
    read -r ms rows <"$work/out"
    sample walk-ms "$ms"
    sample walk-rate "$(calc "1000 / $ms")"
    [ -z "$peer" ] || continue
    "$python" "$bench/peers/sqlite_traverse.py" "$work/peer.db" walk \
        $nodes $walks 3 "$i" >"$work/peer" || fail "sqlite_traverse.py"
    read -r ms peer_rows <"$work/peer"
    [ "$rows" = "$peer_rows" ] || fail "$rows rows, SQLite has $peer_rows"
    sample peer-rate "$(calc "1000 / $ms")"
done
cp "$samples/walk.mib" "$samples/walk-ms.mib"
cp "$samples/walk.mib" "$samples/walk-rate.mib"

figure "Three-hop traverse, 1 M edges, about 1,090 records reached" \
    walk-ms ms '<' 10 warm
if [ -z "$peer" ]; then
    versus "The same, beside SQLite's recursive CTE" walk-rate peer-rate \
        "SQLite (Python)" "traverses/s" 0 warm
else
    missing "The same, beside SQLite's recursive CTE" "—" "$peer"
fi
memory_bound=1024
figure "1 M edges from JSON lines, ends checked, one commit" edge-rate \
    "k edges/s" '>=' 50 warm
memory_bound=
