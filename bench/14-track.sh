# Merge and diff of a catalogue with 5 in 100 tables changed, columns of 420
# bytes and more in 120 files; the plan for it; the same by DuckDB from Python.
tables=100000
peer_tables=100000
[ "$large" = no ] || { tables=1000000 peer_tables=200000; }
million=$(calc "$tables / 100000")
peer_million=$(calc "$peer_tables / 100000")
"$tools/track_make" "$work/s" "$tables" 10 120
peer_s=$work/s
if [ "$peer_tables" != "$tables" ]; then # a sample: it takes ten seconds
    peer_s=$work/sample
    "$tools/track_make" "$peer_s" "$peer_tables" 10 120
fi
# Read once: what follows finds it in the machine's memory.
cat "$work"/s/*/*/* >/dev/null

both() { # NAME: merge and diff, as one figure
    rm -rf "$work/state" "$work/diff"
    took merge "$TARN_BIN" track merge "$work/s/current" "$work/s/previous" \
        "$work/state"
    merge_s=$took_s
    took diff "$TARN_BIN" track diff "$work/s/current" "$work/s/previous" \
        "$work/diff"
    sample "$1" "$(calc "$merge_s + $took_s")"
    sample "$1.mib" "$(tail -qn 1 "$samples/merge.mib" "$samples/diff.mib" |
        sort -g | tail -n 1)"
}

# What another reader makes of the two states: every line of ours, byte for
# byte, in any order.
compare() {
    [ -n "$python" ] || return 0
    "$python" - "$work/s" "$work/state" "$work/diff" <<'P' ||
import sys
import duckdb
source, state, diff = sys.argv[1:]
duckdb.sql("SET memory_limit = '2GB'")
def lines(folder):
    return (f"(SELECT line, regexp_extract(line, 'table_([0-9]+)', 1)::BIGINT "
        f"% 100 AS t FROM read_csv('{folder}/*.json', delim = '\x01', quote = "
        "'', escape = '', header = false, columns = {line: 'VARCHAR'}))")
def sums(*queries):
    return duckdb.sql("SELECT count(*), sum(hash(line)::HUGEINT) FROM ("
        + " UNION ALL ".join(queries) + ")").fetchone()
def same(what, folder, *queries):
    have = sums(f"SELECT line FROM {lines(folder)}")
    want = sums(*queries)
    if have != want or want[0] == 0:
        sys.exit(f"{what}: {have}, not {want}")
current, previous = (lines(f"{source}/{s}/column") for s in
    ("current", "previous"))
changed = "t IN (7, 41, 83)" # updated; 13 was dropped, 59 is new
same("columns", f"{state}/column", f"SELECT line FROM {current}",
    "SELECT replace(line, '\"incremental_state\":\"CREATED\"', "
    f"'\"incremental_state\":\"NO CHANGE\"') FROM {previous} "
    f"WHERE NOT {changed} AND t <> 13")
same("tables", f"{state}/table", f"SELECT line FROM "
    + lines(f"{source}/current/table"))
same("changed columns", f"{diff}/column", f"SELECT line FROM {current}")
same("changed tables", f"{diff}/table", "SELECT line FROM "
    + lines(f"{source}/current/table") + f" WHERE {changed} OR t = 59")
same("deleted columns", f"{diff}/delete/column", f"SELECT line FROM {previous} "
    f"WHERE t = 13 OR ({changed} AND line LIKE '%/column\\_000\"%' ESCAPE '\\')")
same("deleted tables", f"{diff}/delete/table", "SELECT line FROM "
    + lines(f"{source}/previous/table") + " WHERE t = 13")
P
        fail "the new state or the diff is not what it should be"
}

for i in $turns; do
    both both
    sample both-rate "$(calc "$million / ($merge_s + $took_s)")"
    took plan "$TARN_BIN" track plan "$work/s/current" "$work/s/previous"
    [ "$i" != 1 ] || compare
    if [ -n "$python" ]; then
        rm -rf "$work/peer" "$work/peer.duckdb"*
        mkdir "$work/peer"
        took peer "$python" "$bench/peers/track_duckdb.py" "$peer_s/current" \
            "$peer_s/previous" "$work/peer"
        # The same counts: it does the same work.
        grep -qx "$((peer_tables / 100 * 990)) $((peer_tables / 100 * 40)) \
$((peer_tables / 100 * 13))" "$work/out" || fail "the peer has other counts"
        sample peer-rate "$(calc "$peer_million / $took_s")"
        sample memory-ratio "$(calc "$(tail -n 1 "$samples/peer.mib") / \
$(tail -n 1 "$samples/both.mib")")"
    fi
done
cp "$samples/both.mib" "$samples/both-rate.mib"

if [ "$large" = yes ]; then # three times as much: its memory
    rm -rf "$work/s" "$work/peer" "$work/peer.duckdb"* "$work/state"
    "$tools/track_make" "$work/s" 3000000 10 360
    for i in $turns; do
        both thrice
    done
fi

memory_bound=2048
bound=40
[ "$large" = yes ] || bound=4
figure "Merge and diff of $million M columns, 5 % changed" both s '<' "$bound" \
    warm
memory_bound=
bound=5
[ "$large" = yes ] || bound=1
figure "Plan for $tables tables" plan s '<' "$bound" warm
[ "$large" = no ] || figure "Peak memory of merge and diff of 30 M columns" \
    thrice.mib MiB '<' 3072 "larger than memory"
if [ -n "$python" ]; then
    sampled=
    [ "$peer_tables" = "$tables" ] || sampled=" (of $peer_million M)"
    versus "Merge and diff, against DuckDB from Python with chunked COPY" \
        both-rate peer-rate "Python duckdb$sampled" "M columns/s" 3 warm
    figure "Its peak memory$sampled, over ours" memory-ratio "×" '>=' 2 warm
else
    missing "Merge and diff, against DuckDB from Python" "≥ 3×" \
        "Python duckdb: $python_missing"
fi
