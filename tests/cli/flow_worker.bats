# tarn flow run --target worker: the same as local.
load helper

prepare() {
    mkdir data
    { echo id,region,amount
        seq 1 3000 | awk '{ print $1 ",r" $1 % 7 "," $1 / 4 }'; } >data/a.csv
    { echo id,region,amount; echo 9001,r1,0.5; } >data/b.csv
    echo '{"region":"r1","name":"one","tags":[1,2]}' >regions.jsonl
    cat >flow.yaml <<'END'
name: both
params: {least: {type: number, default: 10.5}}
steps:
  - {id: sales, component: file.extractor, mode: read, config: {path: "data/*.csv", types: {amount: "DECIMAL(9,2)"}}}
  - {id: regions, component: file.extractor, mode: read, config: {path: ./data/../regions.jsonl}}
  - {id: split-up, component: sql, mode: transform, needs: [sales, regions],
     config: {queries: {big: "SELECT s.*, r.tags FROM sales s LEFT JOIN regions r USING (region) WHERE amount >= ${params.least} ORDER BY id",
                        none: "SELECT * FROM sales WHERE false"}}}
  - {id: csv, component: csv.writer, mode: write, needs: [split-up.big], config: {path: out/big.csv}}
  - {id: empty, component: csv.writer, mode: write, needs: [split-up.none], config: {path: out/none.csv}}
  - {id: json, component: json.writer, mode: write, needs: [regions], config: {path: out/regions.json, format: json}}
  - {id: parts, component: parquet.writer, mode: write, needs: [sales], config: {path: out/parts, partition_by: [region]}}
END
}

# With one job a failure comes at the same moment.
alone() { jobs=1 both; }

# What a run left: files, and events and metrics without times and hosts.
left() {
    [ ! -d out ] || (cd out && find . -type f ! -name '*.parquet' -exec sha256sum {} + | sort)
    tarn sql --allow-host -f plain \
        "SELECT region, count(*), sum(amount) FROM read_parquet('host:$PWD/out/parts/*/*.parquet', hive_partitioning=true) GROUP BY ALL ORDER BY ALL" \
        2>/dev/null || find out -type d 2>/dev/null | sort
    dir=$(ls -d .tarn/runs/2* | tail -n 1)
    # Steps that run at the same time tell in any order.
    sed 's/"ts":"[^"]*","run":"[^"]*",//' "$dir/logs/events.jsonl" | sort
    grep -v '"metric":"seconds"' "$dir/logs/metrics.jsonl" |
        sed 's/"ts":"[^"]*","run":"[^"]*",//' |
        grep -v -e '"step":"parts","metric":"bytes"' | sort
    for step in sales regions split-up; do
        [ ! -e "$dir/data/$step.duckdb" ] || tarn events sql \
            --db "$dir/data/$step.duckdb" -f plain "SELECT table_name, column_name, data_type FROM information_schema.columns ORDER BY ALL"
    done
    cat "$dir/artifacts"/*/cleaned_config.json
}

both() {
    rm -rf out .tarn
    code=0
    tarn flow run flow.yaml -q ${jobs:+--jobs $jobs} >row 2>err || code=$?
    left >local.txt
    tail -n 1 row | cut -d , -f 2-4 >>local.txt
    sed 's/run [^:]*: //' err >>local.txt
    echo "$code" >>local.txt
    rm -rf out .tarn
    code=0
    tarn flow run flow.yaml -q ${jobs:+--jobs $jobs} \
        --target "${1:-worker}" >row 2>err || code=$?
    left >worker.txt
    tail -n 1 row | cut -d , -f 2-4 >>worker.txt
    sed 's/run [^:]*: //' err >>worker.txt
    echo "$code" >>worker.txt
    diff -u local.txt worker.txt
}

@test "results, events and metrics of a worker are those of local" {
    both
    grep -q success,7,5961 worker.txt
    grep -q '"step":"parts","metric":"rows_written","value":3001' worker.txt
}

@test "worker:CMD starts it, and what a killed one left there goes" {
    mkdir -p there/99-1/step
    touch there/99-1/lock there/99-1/step/half
    both "worker:env FOO=1 '$TARN_BIN' worker --dir '$PWD/there'"
    [ "$(cd there && find . -type f)" = ./in-use ]
}

@test "a failure has the same words" {
    sed -i 's/amount >=/nonsense >=/' flow.yaml
    alone
    grep -q nonsense worker.txt
}

@test "a damaged line is told with the path that it has here" {
    echo 1,2 >>data/b.csv
    alone
    grep -q "$PWD/data/b.csv: line 3" worker.txt
}

@test "a file that is not there is told with the path that it has here" {
    rm data/*.csv
    alone
    grep -q "$PWD/data/\*.csv: no file matches" worker.txt
}

@test "a lost worker is noticed, and its step done again elsewhere" {
    cat >dies <<END
#!/bin/sh
if mkdir died 2>/dev/null; then
    dd bs=1 count=20000 2>/dev/null | "$TARN_BIN" worker --dir there
    exit 1
fi
exec "$TARN_BIN" worker --dir there
END
    chmod +x dies
    tarn flow run flow.yaml -q --jobs 1 --target "worker:./dies" >row
    grep -q ,success,7, row
    grep -q '"event":"worker_lost"' .tarn/runs/*/logs/events.jsonl
    [ "$(wc -l <out/big.csv)" -gt 2900 ]
}

@test "a worker that was lost on the way goes on with a file where it was" {
    mkdir -p there/blobs
    sha=$(sha256sum data/a.csv | cut -d ' ' -f 1)
    head -c 1000 data/a.csv >"there/blobs/$sha.part"
    tarn flow run flow.yaml -q --jobs 1 --target \
        "worker:tee sent | '$TARN_BIN' worker --dir there" >row
    grep -q ,success,7, row
    # The file's beginning is not among what was sent.
    not grep -qa '^1,r1,0.25$' sent
    grep -qa '^2999,r3,749.75$' sent
}

@test "what was kept of a file and is not its beginning is sent anew" {
    mkdir -p there/blobs
    sha=$(sha256sum data/a.csv | cut -d ' ' -f 1)
    echo nonsense >"there/blobs/$sha.part"
    tarn flow run flow.yaml -q --target \
        "worker:'$TARN_BIN' worker --dir there" >row
    grep -q ,success,7, row
}

@test "a step's timeout holds for a worker that beats and does nothing" {
    sed -i 's/component: file.extractor, /&timeout: 300ms, /' flow.yaml
    code=0
    # It says hello and beats, once a second, and never hears what it is told.
    tarn flow run flow.yaml --jobs 1 --target "worker:sh -c 'sleep 600 | \"$TARN_BIN\" worker --dir \"$PWD/there\" | tee said'" \
        >row 2>err || code=$?
    [ "$code" = 1 ]
    [ "$(grep -ao TWB said | wc -l)" -lt 15 ]
    grep -q 'step sales: timed out after 0.3 s (raise the step.s timeout)' err
    gone "worker --dir $PWD/there"
}

@test "a command that is no worker is told with its words" {
    code=0
    tarn flow run flow.yaml --target worker:no-such-program >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -q 'no-such-program: not found' err
    code=0
    tarn flow run flow.yaml --target 'worker:echo hello, I am no worker' \
        >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -q 'what is no frame' err
}

@test "a worker that ends is not waited for through what it leaves behind" {
    code=0
    tarn flow run flow.yaml --target "worker:sh -c '(exec >&-; exec sleep 1000) & echo moon is down >&2; exit 3'" \
        >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -q 'worker: it ended: moon is down' err
}

@test "a worker that is told to end leaves no files, exit 130" {
    mkdir temp
    code=0
    when="ls temp/*/blobs" TMPDIR=$PWD/temp \
        interrupted "" "$TARN_BIN" worker >said 2>err || code=$?
    [ "$code" = 130 ]
    grep -q 'worker: interrupted' err
    [ -z "$(ls temp)" ]
}

@test "an unknown target is exit 2" {
    fails 2 "there is no such target" tarn flow run flow.yaml --target moon
    [ ! -e .tarn ]
}

@test "SIGINT ends the worker too" {
    cat >slow.yaml <<'END'
name: slow
steps:
  - {id: long, component: sql, mode: transform,
     config: {query: "SELECT count(*) AS n FROM range(3000000) a(x), range(30000) b(y) WHERE hash(a.x + b.y) % 7 = 1"}}
END
    code=0
    when="grep -qs step_start .tarn/runs/*/logs/events.jsonl" \
        interrupted "" "$TARN_BIN" flow run slow.yaml \
        --target "worker:'$TARN_BIN' worker --dir '$PWD/there'" >row || code=$?
    [ "$code" = 130 ]
    grep -q ,cancelled,0, row
    gone "worker --dir $PWD/there"
}

@test "secrets reach the worker, and no file or process list" {
    printf 'hunter3-of-a-worker' >key
    sed -i 's/params: {/params: {api_key: {type: string}, /; s/SELECT s\.\*/SELECT md5(${params.api_key}) AS h, s.*/' flow.yaml
    cat >spy <<END
#!/bin/sh
ps -eo args >listed
exec "$TARN_BIN" worker --dir there
END
    chmod +x spy
    tarn flow run flow.yaml -q --param api_key=@key --target worker:./spy >row
    grep -q ,success, row
    grep -q "$(md5sum <key | cut -c 1-32)" out/big.csv
    not grep -ra hunter3-of-a-worker .tarn there listed
}

# What the examples' flows left: files, and tables of the lake.
example_left() {
    local file path
    for file in out/*; do
        case $file in
            *.parquet) tarn sql --allow-host "FROM 'host:$PWD/$file' ORDER BY ALL" ;;
            *) cat "$file" ;;
        esac
    done
    tarn ls -R / | while read -r path; do
        echo "$path"
        tarn cat -f csv "$path" 2>/dev/null | sort | sha256sum
    done
    sed 's/"ts":"[^"]*","run":"[^"]*",//' .lake/runs/*/logs/events.jsonl | sort
}

@test "every example gives the same in a worker" {
    source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    data=$source/deps/node_modules/vega-datasets/data
    [ -e "$data/movies.json" ] || skip "the data sets are not installed"
    mkdir examples && cd examples
    for file in airlines movies movies.oml; do
        for target in local worker; do
            rm -rf ./* .lake
            cp "$source"/examples/flows/*.yaml .
            tarn init -q .lake
            TARN=$PWD/.lake tarn flow run -q --target $target "$file.yaml" \
                --param "data=$data" -f plain >row
            grep -q success row
            TARN=$PWD/.lake example_left >"../$target.txt"
        done
        diff -u ../local.txt ../worker.txt
        [ -s ../local.txt ]
    done
}
