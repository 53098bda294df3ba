# A flow of six steps (rows of six columns joined with 1,000, half of them
# filtered out, to CSV; their groups to Parquet), against the same steps with
# pandas frames in one process, and against one DuckDB that makes the same
# tables in one database on disk under the same memory limit.
rows=2000000
[ "$large" = no ] || rows=20000000
millions=$((rows / 1000000))

make_input() { # DIR ROWS
    mkdir -p "$1"
    "$tools/duckdb_peer" 1 "COPY (SELECT i AS id, i % 1000 AS k, i % 100000 \
AS g, (i * 7919) % 1000003 AS x, (i % 9973) / 7.0 AS y, 's' || (i % 5000) AS s \
FROM range($2) t(i)) TO '$1/facts.parquet'; COPY (SELECT i AS k, 'name ' || i \
AS name FROM range(1000) t(i)) TO '$1/dims.csv'" >/dev/null || fail "input"
    cat >"$1/flow.yaml" <<'END'
name: shape
steps:
  - {id: facts, component: file.extractor, mode: read, config: {path: facts.parquet}}
  - {id: dims, component: file.extractor, mode: read, config: {path: dims.csv}}
  - {id: joined, component: sql, mode: transform, needs: [facts, dims],
     config: {query: "SELECT f.id, f.k, f.g, f.x, f.y, f.s, d.name FROM facts f JOIN dims d ON f.k = d.k WHERE f.id % 2 = 0"}}
  - {id: grouped, component: sql, mode: transform, needs: [joined],
     config: {query: "SELECT g, count(*) AS n, sum(x) AS x, avg(y) AS y, max(name) AS name FROM joined GROUP BY g"}}
  - {id: csv, component: csv.writer, mode: write, needs: [joined], config: {path: out/joined.csv}}
  - {id: parquet, component: parquet.writer, mode: write, needs: [grouped], config: {path: out/grouped.parquet}}
END
}

flow() { # NAME DIR: a run, whose folder goes
    took "$1" "$TARN_BIN" -q flow run "$2/flow.yaml" --runs "$2/runs" \
        --memory 512MB
    rm -rf "$2/runs" "$2/out"
}

one="SET memory_limit = '512MB'; SET temp_directory = '$work/spill'; ATTACH \
'$work/one.db' AS o; USE o; CREATE TABLE facts AS FROM '$work/in/facts.parquet'; \
CREATE TABLE dims AS FROM '$work/in/dims.csv'; CREATE TABLE joined AS SELECT \
f.id, f.k, f.g, f.x, f.y, f.s, d.name FROM facts f JOIN dims d ON f.k = d.k \
WHERE f.id % 2 = 0; CREATE TABLE grouped AS SELECT g, count(*) AS n, sum(x) AS \
x, avg(y) AS y, max(name) AS name FROM joined GROUP BY g; COPY joined TO \
'$work/one.csv'; COPY grouped TO '$work/one.parquet'; CHECKPOINT o"

frames="pandas: $python_missing"
if [ -n "$python" ]; then
    "$python" -c 'import pandas, pyarrow' 2>"$work/why" && frames= ||
        frames="pandas: $(tail -n 1 "$work/why")"
fi

make_input "$work/in" "$rows"
mkdir -p "$work/ten"
{ echo n && seq 1 10; } >"$work/ten/ten.csv"
cat >"$work/ten/flow.yaml" <<'END'
name: ten
steps:
  - {id: a, component: file.extractor, mode: read, config: {path: ten.csv}}
  - {id: b, component: sql, mode: transform, config: {query: "SELECT n, n * 2 AS d FROM a WHERE n > 3"}}
  - {id: c, component: csv.writer, mode: write, config: {path: out/three.csv}}
END
sizes="200 20000 200000 2000000"
for size in $sizes; do
    make_input "$work/$size" "$size"
done

for i in $turns; do
    flow flow "$work/in"
    rm -rf "$work/one.db" "$work/spill"
    took one "$tools/duckdb_peer" 1 "$one"
    sample hand-over "$(calc "$(tail -n 1 "$samples/flow") / \
$(tail -n 1 "$samples/one")")"
    flow ten "$work/ten"
    [ -z "$frames" ] || continue
    took frames "$python" "$bench/peers/pandas_flow.py" "$work/in" "$work"
    sample flow-rate "$(calc "$millions / $(tail -n 1 "$samples/flow")")"
    sample frames-rate "$(calc "$millions / $(tail -n 1 "$samples/frames")")"
    sample one-rate "$(calc "$millions / $(tail -n 1 "$samples/one")")"
    sample memory-part "$(calc "$(tail -n 1 "$samples/flow.mib") / \
$(tail -n 1 "$samples/frames.mib")")"
    for size in $sizes; do
        flow "flow-$size" "$work/$size"
        took "frames-$size" "$python" "$bench/peers/pandas_flow.py" \
            "$work/$size" "$work"
        sample "frames-$size-inside" "$(cat "$work/frames.seconds")"
        sample "flow-$size-rate" "$(calc "1 / $(tail -n 1 \
"$samples/flow-$size")")"
        sample "frames-$size-rate" "$(calc "1 / $(tail -n 1 \
"$samples/frames-$size")")"
    done
done

text="$millions M rows × 6 joined with 1,000, half filtered out, to CSV and \
Parquet, --memory 512MB"
[ -n "$frames" ] || cp "$samples/flow.mib" "$samples/flow-rate.mib"
memory_bound=800
if [ -z "$frames" ]; then
    versus "$text" flow-rate frames-rate "pandas frames" "M rows/s" 5 warm
    memory_bound=
    versus "One DuckDB with the same tables on disk: what the tables and the \
CSV cost at least" one-rate frames-rate "pandas frames" "M rows/s" 0 warm
    figure "Its memory, of the frames'" memory-part "×" '<' 0.25 warm
else
    figure "$text" flow s '<' 1000 warm
    memory_bound=
    missing "The same against frames" "≥ 5×" "$frames"
fi
figure "The same, times one DuckDB with the same tables on disk" hand-over \
    "×" '<' 1.2 warm
figure "Three steps on 10 rows, process start to exit" ten s '<' 0.15 warm
# Each is a process from its start to its exit, the import of pandas in it.
for size in $sizes; do
    [ -z "$frames" ] || break
    case $size in
    200) bytes="10 KB" ;;
    20000) bytes="1 MB" ;;
    200000) bytes="10 MB" ;;
    *) bytes="100 MB" ;;
    esac
    versus "The same shape, $bytes ($size rows), process start to exit" \
        "flow-$size-rate" "frames-$size-rate" "pandas frames" "1/s" 1 warm
    [ "$size" != 200 ] ||
        figure "The frames at 10 KB without python's start and imports" \
            "frames-$size-inside" s '<' 1000 warm
done
