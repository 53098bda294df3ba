# tarn flow run --target adbc:NAME: transforms of SQL in an existing engine, here
# DuckDB's own ADBC driver; everything else is as local.
load helper

# not COMMAND: it fails.
not() { if "$@"; then return 1; fi; }

prepare() {
    duckdb=$(ldd "$TARN_BIN" | awk '/libduckdb/ { print $3 }')
    cat >connections.yaml <<END
connections:
  adbc:
    duck: {driver: "$duckdb", entrypoint: duckdb_adbc_init}
END
    { echo id,region,amount
        seq 1 3000 | awk '{ print $1 ",r" $1 % 7 "," $1 / 4 }'; } >a.csv
    echo '{"region":"r1","name":"one","tags":[1,2]}' >regions.jsonl
    cat >flow.yaml <<'END'
name: both
params:
  least: {type: number, default: 10.5}
  day: {type: date, default: 2024-02-01}
  word: {default: "it's 100%"}
  rank: {enum: [id, amount], default: amount}
steps:
  - {id: sales, component: file.extractor, mode: read, config: {path: a.csv, types: {amount: "DECIMAL(9,2)"}}}
  - {id: regions, component: file.extractor, mode: read, config: {path: regions.jsonl}}
  - {id: split-up, component: sql, mode: transform, needs: [sales, regions],
     config: {queries: {big: "SELECT s.*, r.tags, ${params.day} AS day, ${params.word} AS w, 'a ${params.word}' AS part FROM sales s LEFT JOIN regions r USING (region) WHERE amount >= ${params.least} ORDER BY ${params.rank} DESC;",
                        none: "SELECT * FROM sales WHERE false"}}}
  - {id: joined, component: sql, mode: transform, needs: [split-up, sales],
     config: {query: "WITH top AS (SELECT * FROM \"split-up\".big LIMIT 10) SELECT top.id, big.w, count(n.id) AS n, 'FROM split-up.none; x' AS text FROM top JOIN \"split-up\".big USING (id) LEFT JOIN \"split-up\".none n USING (id) WHERE id IN (SELECT id FROM sales) GROUP BY ALL ORDER BY ALL"}}
  - {id: csv, component: csv.writer, mode: write, needs: [split-up.big], config: {path: out/big.csv}}
  - {id: empty, component: csv.writer, mode: write, needs: [split-up.none], config: {path: out/none.csv}}
  - {id: last, component: csv.writer, mode: write, needs: [joined], config: {path: out/joined.csv}}
END
}

# What a run left: files, types, events and metrics without times and hosts.
left() {
    [ ! -d out ] || (cd out && find . -type f ! -name '*.parquet' -exec sha256sum {} + | sort)
    dir=$(ls -d .tarn/runs/2* | tail -n 1)
    # Steps that run at the same time tell in any order.
    sed 's/"ts":"[^"]*","run":"[^"]*",//' "$dir/logs/events.jsonl" | sort
    grep -v '"metric":"seconds"' "$dir/logs/metrics.jsonl" |
        sed 's/"ts":"[^"]*","run":"[^"]*",//' | sort
    for db in "$dir"/data/*.duckdb; do
        tarn events sql --db "$db" -f plain "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL"
    done |
        # Arrow has no HUGEINT.
        sed "s/HUGEINT/DECIMAL(38,0)/"
}

# both FILE ARGS...: local, and in the engine; what each leaves is the same.
both() {
    local target
    for target in local adbc:duck; do
        rm -rf out .tarn
        tarn flow run -q "$@" --target "$target" >row
        { left; tail -n 1 row | cut -d , -f 2-4; } >"$target.txt"
    done
    diff -u local.txt adbc:duck.txt
}

@test "what a run leaves is what local leaves: files, types, events, metrics" {
    both flow.yaml
    grep -q ',success,7,\|^success,7,' adbc:duck.txt
    [ "$(cat out/none.csv)" = id,region,amount ]
    grep -q '^3000,r4,750.00,,2024-02-01,it' out/big.csv
}

@test "the examples give the same in the engine" {
    data=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/deps/node_modules/vega-datasets/data
    [ -e "$data/movies.json" ] || skip "the data sets are not installed"
    cat connections.yaml >engine
    cp "$BATS_TEST_DIRNAME"/../../examples/flows/*.yaml .
    sed 1d engine >>connections.yaml
    both airlines.yaml --param "data=$data"
    both movies.yaml --param "data=$data"
    both movies.oml.yaml --param "data=$data"
}
