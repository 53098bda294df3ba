# Merge and diff of a catalogue with 5 in 100 tables changed, columns of 420
# bytes and more in 120 files; the plan for it; the same by DuckDB from Python.
tables=100000
[ "$large" = no ] || tables=1000000
"$tools/track_make" "$work/s" "$tables" 10 120
million=$(calc "$tables / 100000")
# Read once: what follows finds it in the machine's memory.
cat "$work"/s/*/*/* >/dev/null

both() { # merge and diff, as one figure
    rm -rf "$work/state" "$work/diff"
    took merge "$TARN_BIN" track merge "$work/s/current" "$work/s/previous" \
        "$work/state"
    merge_s=$took_s
    took diff "$TARN_BIN" track diff "$work/s/current" "$work/s/previous" \
        "$work/diff"
    sample both "$(calc "$merge_s + $took_s")"
    sample both-rate "$(calc "$million / ($merge_s + $took_s)")"
    sample both.mib "$(tail -qn 1 "$samples/merge.mib" "$samples/diff.mib" |
        sort -g | tail -n 1)"
}

# Parsed back by another reader: every column once, the label of carried ones.
compare() {
    [ -n "$python" ] || return 0
    "$python" - "$work/state/column" "$work/diff" "$tables" <<'P' ||
import sys
import duckdb
state, diff, tables = sys.argv[1], sys.argv[2], int(sys.argv[3])
def ask(folder, what):
    return duckdb.sql(f"SELECT {what} FROM read_json('{folder}/*.json', format "
        "= 'newline_delimited', columns = {attributes: 'JSON', "
        "customAttributes: 'JSON'})").fetchone()
name = "count(DISTINCT attributes->>'qualifiedName')"
kept = "count(*) FILTER (customAttributes->>'incremental_state' = 'NO CHANGE')"
assert ask(state, f"count(*), {name}, {kept}") == (
    tables // 100 * 990, tables // 100 * 990, tables // 100 * 950)
assert ask(diff + "/column", name) == (tables // 100 * 40,)
assert ask(diff + "/delete/column", name) == (tables // 100 * 13,)
P
        fail "the new state or the diff is not what it should be"
}

for i in $turns; do
    both
    took plan "$TARN_BIN" track plan "$work/s/current" "$work/s/previous"
    [ "$i" != 1 ] || compare
    if [ -n "$python" ]; then
        rm -rf "$work/peer" "$work/peer.duckdb"*
        mkdir "$work/peer"
        took peer "$python" "$bench/peers/track_duckdb.py" "$work/s/current" \
            "$work/s/previous" "$work/peer"
        sample peer-rate "$(calc "$million / $took_s")"
        sample memory-ratio "$(calc "$(tail -n 1 "$samples/peer.mib") / \
$(tail -n 1 "$samples/both.mib")")"
    fi
done
cp "$samples/both.mib" "$samples/both-rate.mib"

memory_bound=2048
bound=40
[ "$large" = yes ] || bound=4
figure "Merge and diff of $million M columns, 5 % changed" both s '<' "$bound" \
    warm
memory_bound=
bound=5
[ "$large" = yes ] || bound=1
figure "Plan for $tables tables" plan s '<' "$bound" warm
if [ -n "$python" ]; then
    versus "Merge and diff, against DuckDB from Python with chunked COPY" \
        both-rate peer-rate "Python duckdb" "M columns/s" 3 warm
    figure "Its peak memory, over ours" memory-ratio "×" '>=' 2 warm
else
    missing "Merge and diff, against DuckDB from Python" "≥ 3×" \
        "Python duckdb: $python_missing"
fi
