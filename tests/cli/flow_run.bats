# tarn flow run, runs, logs, show, gc.
load helper

prepare() {
    mkdir data
    printf 'origin,destination,delay\n' >data/flights.csv
    seq 1 100 | awk '{ print "A" $1 % 3 ",B" $1 % 2 "," $1 % 40 }' \
        >>data/flights.csv
    cat >routes.yaml <<'END'
name: top-routes
params: {min_delay: {type: integer, default: 15}}
steps:
  - {id: flights, component: file.extractor, mode: read,  config: {path: data/flights.csv}}
  - {id: delays,  component: sql,            mode: transform, needs: [flights],
     config: {query: "SELECT origin, destination, count(*) n FROM flights WHERE delay > ${params.min_delay} GROUP BY ALL ORDER BY n DESC, 1, 2"}}
  - {id: out,     component: csv.writer,     mode: write, needs: [delays], config: {path: out/delays.csv}}
END
}

with_lake() {
    cat >>routes.yaml <<'END'
  - {id: keep,    component: lake.writer,    mode: write, needs: [delays], config: {path: /delays, as: table}}
END
    tarn init -q lake
    export TARN=$PWD/lake
}

runs=".tarn/runs"
last() { ls -d "${1:-$runs}"/2* | tail -n 1; }

@test "a run prints run, status, steps, rows, seconds" {
    tarn flow run routes.yaml >row 2>err
    [ ! -s err ]
    [ "$(head -n 1 row)" = run,status,steps,rows,seconds ]
    tail -n 1 row | grep -qE \
        '^[0-9]{8}-[0-9]{6}-top-routes-[0-9a-f]{4},success,3,6,[0-9.]+$'
    [ "$(head -n 2 out/delays.csv)" = "origin,destination,n
A0,B0,9" ]
}

@test "a run's folder is beside the flow file, and holds what it should" {
    mkdir elsewhere
    (cd elsewhere && tarn flow run ../routes.yaml >/dev/null)
    [ ! -e elsewhere/.tarn ]
    dir=$(last)
    for file in manifest.yaml status.json logs/events.jsonl \
        logs/metrics.jsonl data/flights.duckdb data/delays.duckdb \
        artifacts/out/cleaned_config.json; do
        [ -s "$dir/$file" ]
    done
    [ ! -e "$dir/data/out.duckdb" ]
    [ -z "$(ls -A "$dir/tmp" 2>/dev/null)" ]
}

@test "with a lake the run is in it, and the lake's commit is one" {
    with_lake
    gives_err=$(tarn flow run routes.yaml 2>&1 >row)
    [ "$gives_err" = "version 1" ]
    ls -d lake/runs/*-top-routes-*
    prints "n
6" tarn sql "SELECT count(*) AS n FROM '/delays'"
    [ "$(tarn log -f plain | wc -l)" = 2 ]
}

@test "--runs names another folder" {
    with_lake
    tarn flow run -q routes.yaml --runs here >/dev/null
    ls -d here/*-top-routes-*
    [ -z "$(ls -A lake/runs)" ]
}

@test "a file that is not there is named, and where to look" {
    rm data/flights.csv
    tarn flow run routes.yaml >row 2>err || true
    grep -qE "^tarn: run [^:]*: step flights: $PWD/data/flights.csv: is not there \(look at config.path\)$" err
    # A step is named once.
    sed -i 's/flights.csv/flights.xyz/' routes.yaml
    touch data/flights.xyz
    tarn flow run routes.yaml >row 2>err || true
    [ "$(grep -o 'step flights: ' err | wc -l)" = 1 ]
}

@test "a step for a lake without one is refused before there is a run" {
    with_lake
    unset TARN
    fails 3 "there is none" tarn flow run routes.yaml
    [ ! -e .tarn ]
}

@test "a writer does not replace a device or a pipe" {
    mkdir -p out
    mkfifo out/delays.csv
    code=0
    tarn flow run routes.yaml >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -q 'device or pipe' err
    [ -p out/delays.csv ]
}

@test "a parameter changes the result" {
    tarn flow run -q routes.yaml --param min_delay=100 >/dev/null
    prints origin,destination,n cat out/delays.csv
}

@test "a dry run touches nothing" {
    ls -AR >before
    tarn flow run routes.yaml --dry-run >"$BATS_TEST_TMPDIR/row" \
        2>"$BATS_TEST_TMPDIR/plan"
    ls -AR >after
    diff <(grep -v -e before -e after before) <(grep -v -e before -e after after)
    [ "$(cat "$BATS_TEST_TMPDIR/row")" = "run,status,steps,rows,seconds
,dry-run,3,0,0.000" ]
    [ "$(cat "$BATS_TEST_TMPDIR/plan")" = "would run flights: file.extractor
would run delays: sql, needs flights
would run out: csv.writer, needs delays" ]
}

@test "a failed step fails the run, and its folder says why" {
    sed -i 's/delay >/nonsense >/' routes.yaml
    code=0
    tarn flow run routes.yaml >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -qE 'top-routes-[0-9a-f]{4},failed,1,0,' row
    [ "$(wc -l <err)" = 1 ]
    grep -qE '^tarn: run .*: step delays: .*nonsense' err
    dir=$(last)
    [ ! -e "$dir/data/delays.duckdb" ]
    [ ! -e out ]
    grep -q '"status":"failed"' "$dir/status.json"
    grep -q '"event":"step_error","step":"delays"' "$dir/logs/events.jsonl"
    grep -q '"event":"run_error"' "$dir/logs/events.jsonl"
    not grep -q '"step":"out"' "$dir/logs/events.jsonl"
}

@test "a failed run goes on where it ended" {
    cp routes.yaml right.yaml
    sed -i 's/delay >/nonsense >/' routes.yaml
    tarn flow run routes.yaml >/dev/null 2>&1 || true
    cp right.yaml routes.yaml
    tarn flow run routes.yaml --resume last >row
    grep -q ,success,3,6, row
    dir=$(last)
    [ "$(ls -d $runs/2* | wc -l)" = 1 ]
    grep -q '"event":"step_skip","step":"flights"' "$dir/logs/events.jsonl"
    [ "$(grep -c '"event":"step_start","step":"delays"' \
        "$dir/logs/events.jsonl")" = 2 ]
}

@test "a changed input file is read again" {
    sed -i 's/out\/delays/data\/flights.csv\/no/' routes.yaml
    tarn flow run routes.yaml >/dev/null 2>&1 || true
    sed -i 's/data\/flights.csv\/no/out\/delays/' routes.yaml
    echo A9,B9,39 >>data/flights.csv
    tarn flow run routes.yaml --resume last >row
    grep -q ,success,3,7, row
    not grep -q step_skip "$(last)/logs/events.jsonl"
}

@test "a resumed run has the params, the profile and the connections that it was given" {
    sed -i 's/min_delay: {type: integer, default: 15}/min_delay: {type: integer, default: 15}, who: {type: string, default: nobody}, api_key: {type: string}/
        s/SELECT origin/SELECT ${params.who} AS who, md5(${params.api_key}) AS h, origin/
        s/^steps:/profiles: {strict: {params: {min_delay: 38}}}\nsteps:/' routes.yaml
    printf hunter2-xyzzy >key
    echo 'connections: {}' >given.yaml
    mkdir -p out/delays.csv
    tarn flow run routes.yaml --profile strict --param who=@@me --connections given.yaml \
        --param api_key=@key >/dev/null 2>&1 || true
    rmdir out/delays.csv
    fails 2 'param api_key is a secret.*give --param api_key=@FILE again' \
        tarn flow run routes.yaml --resume last
    grep -q '"connections":"/.*/given.yaml"' "$(last)/status.json"
    rm given.yaml
    fails 5 given.yaml tarn flow run routes.yaml --resume last --param api_key=@key
    echo 'connections: {}' >given.yaml
    tarn flow run routes.yaml --resume last --param api_key=@key >row
    grep -q ,success,3,2, row
    [ "$(cut -d , -f 1,3,5 out/delays.csv)" = "who,origin,n
@me,A0,1
@me,A1,1" ]
    [ "$(grep -c step_skip "$(last)/logs/events.jsonl")" = 2 ]
    not grep -ra hunter2 .tarn
}

@test "what is given with --resume goes before what the run was given" {
    mkdir -p out/delays.csv
    tarn flow run routes.yaml --param min_delay=38 >/dev/null 2>&1 || true
    rmdir out/delays.csv
    tarn flow run routes.yaml --resume last --param min_delay=39 >row
    grep -q ,success,3,0, row
    # The step that has the param in its query, and what needs it, ran again.
    [ "$(grep -c step_skip "$(last)/logs/events.jsonl")" = 1 ]
    # A param that the flow has no more is not missed.
    rm out/delays.csv && mkdir out/delays.csv
    tarn flow run routes.yaml --param min_delay=38 >/dev/null 2>&1 || true
    rmdir out/delays.csv
    sed -i '/^params/d; s/${params.min_delay}/37/' routes.yaml
    tarn flow run routes.yaml --resume last >row
    grep -q ,success,3,4, row
}

# A flow that takes the rows 1 and 2 of in.db, and later what is above them.
make_incremental() {
    sqlite3 in.db "CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2)"
    echo 'connections: {sqlite: {main: {path: in.db}}}' >connections.yaml
    cat >inc.yaml <<'END'
name: inc
steps:
  - {id: new, component: sqlite.extractor, mode: read, config: {connection: "@sqlite.main", table: t}, incremental: {column: id}}
  - {id: out, component: csv.writer, mode: write, config: {path: out.csv}}
END
}

@test "--full holds for the resumed run too" {
    make_incremental
    tarn flow run -q inc.yaml >/dev/null
    rm out.csv && mkdir out.csv
    tarn flow run inc.yaml --full >/dev/null 2>&1 || true
    rmdir out.csv
    tarn flow run inc.yaml --resume last >row
    grep -q ,success,2,2, row
}

@test "paths that are not UTF-8 are told before anything is made" {
    cp routes.yaml $'r\xff.yaml'
    echo 'connections: {}' >$'c\xff.yaml'
    fails 2 'not UTF-8 ' tarn flow run $'r\xff.yaml'
    fails 2 'not UTF-8 ' tarn flow run routes.yaml --connections $'c\xff.yaml'
    fails 2 'not UTF-8 ' tarn flow run routes.yaml --runs $'runs\xff'
    [ ! -e .tarn ] && [ ! -e $'runs\xff' ]
}

@test "a run that succeeded is not run again" {
    tarn flow run -q routes.yaml >/dev/null
    rm out/delays.csv
    tarn flow run routes.yaml --resume last >row 2>err
    grep -q ,success,3,6, row
    grep -q 'nothing to do' err
    [ ! -e out/delays.csv ]
}

@test "a run that is not there is exit 3" {
    fails 3 'run 20200101-000000-x-abcd: ' \
        tarn flow run routes.yaml --resume 20200101-000000-x-abcd
    fails 3 'run last: ' tarn flow run routes.yaml --resume last
    fails 3 'run last: ' tarn flow show last
}

@test "a flow with errors is exit 5 and has left nothing" {
    sed -i 's/needs: \[delays\]/needs: [nowhere]/' routes.yaml
    code=0
    tarn flow run routes.yaml >row 2>err || code=$?
    [ "$code" = 5 ]
    [ ! -s row ]
    [ "$(wc -l <err)" = 1 ]
    grep -q '^tarn: routes.yaml: steps\[2\].needs.*: .*nowhere' err
    [ ! -e .tarn ]
}

@test "SIGINT cancels, and the run goes on later" {
    cat >slow.yaml <<'END'
name: slow
steps:
  - {id: quick, component: sql, mode: transform, config: {query: "SELECT 1 AS x"}}
  - {id: long, component: sql, mode: transform, needs: [quick],
     config: {query: "SELECT count(*) AS n FROM range(3000000) a(x), range(30000) b(y), quick WHERE hash(a.x + b.y) % 7 = 1"}}
END
    code=0
    when="grep -qs 'step_start.*long' .tarn/runs/*/logs/events.jsonl" \
        interrupted "" "$TARN_BIN" flow run slow.yaml >row 2>err || code=$?
    [ "$code" = 130 ]
    grep -q ,cancelled,1, row
    grep -q resume err
    [ ! -e "$(last)/data/long.duckdb" ]
    [ "$(tarn flow runs -f plain | cut -f 3)" = cancelled ]
    sed -i 's/range(30000)/range(3)/' slow.yaml
    tarn flow run -q slow.yaml --resume last >row
    grep -q ,success,2, row
}

@test "a timeout ends a step, and a retry tries again" {
    cat >slow.yaml <<'END'
name: slow
steps:
  - {id: long, component: sql, mode: transform, timeout: 200ms, retry: {attempts: 2, backoff: 10ms},
     config: {query: "SELECT count(*) AS n FROM range(3000000) a(x), range(30000) b(y) WHERE hash(a.x + b.y) % 7 = 1"}}
END
    code=0
    tarn flow run slow.yaml >row 2>err || code=$?
    [ "$code" = 1 ]
    grep -q 'timed out after 0.2 s' err
    [ "$(grep -c step_retry "$(last)/logs/events.jsonl")" = 1 ]
    [ "$(tarn flow show last -f plain | cut -f 7)" = 2 ]
}

@test "independent steps run at the same time, with --jobs 1 they do not" {
    # Each waits for the other.
    cat >two.yaml <<'END'
name: two
steps:
  - {id: a, component: program.extractor, mode: read, config: {command: "touch a; until [ -e b ]; do sleep 0.01; done; echo '{}'"}}
  - {id: b, component: program.extractor, mode: read, config: {command: "touch b; until [ -e a ]; do sleep 0.01; done; echo '{}'"}}
END
    tarn flow run -q two.yaml --jobs 2 >/dev/null
    # Both have been here: nobody waits.
    tarn flow run -q two.yaml --jobs 1 >/dev/null
    [ "$(sed -n 3p "$(last)/logs/events.jsonl" | grep -c step_complete)" = 1 ]
}

@test "two runs at once that write one file do not write into each other's" {
    cat >two.yaml <<'END'
name: two
params: {rows: {type: integer, default: 900000}}
steps:
  - {id: a, component: sql, mode: read, config: {query: "SELECT i, md5(i::VARCHAR) AS h FROM range(${params.rows}) t(i)"}}
  - {id: out, component: csv.writer, mode: write, config: {path: out/o.csv}}
END
    nice -n 19 "$TARN_BIN" flow run -q two.yaml --runs slow >/dev/null &
    pid=$!
    until ls out/.o.csv.*.tarn-tmp >/dev/null 2>&1; do kill -0 $pid; done
    kill -STOP $pid
    tarn flow run -q two.yaml --param rows=3 >/dev/null || { kill -KILL $pid; false; }
    lines=$(wc -l <out/o.csv)
    kill -CONT $pid
    [ "$lines" = 4 ]
    wait $pid
    [ "$(wc -l <out/o.csv)" = 900001 ]
    # What was left a day ago goes, what may be at work stays.
    touch out/.o.csv.0123abcd.tarn-tmp
    mkdir out/.o.csv.0123abcd.tarn-tmp-old
    touch -d '2 days ago' out/.o.csv.0123abcd.tarn-tmp-old
    tarn flow run -q two.yaml --param rows=1 >/dev/null
    [ "$(ls -A out)" = ".o.csv.0123abcd.tarn-tmp
o.csv" ]
}

@test "runs, show, logs and gc" {
    tarn flow run -q routes.yaml >/dev/null
    name=$(basename "$(last)")
    tarn flow runs >runs.csv
    [ "$(head -n 1 runs.csv)" = run,flow,status,started,seconds,steps,rows ]
    grep -qE "^$name,top-routes,success,20.*Z,[0-9.]+,3,6$" runs.csv
    [ "$(tarn flow show last -f plain | cut -f 1-5)" = \
        "$(printf '%s\t%s\t%s\tsuccess\t%s\n' \
            flights file.extractor read 100 delays sql transform 6 \
            out csv.writer write 6)" ]
    [ "$(tarn flow logs last -f plain | cut -f 3 | sort -u | tr '\n' ' ')" = \
        "run_complete run_start step_complete step_start " ]
    [ "$(tarn flow logs "$name" --metrics -f plain | cut -f 3-5 |
        grep -E 'rows_(read|written)' | tr '\t\n' '  ')" = \
        "flights rows_read 100.0 delays rows_read 100.0 out rows_read 6.0 out rows_written 6.0 " ]
    tarn flow gc >gc.csv
    [ "$(cat gc.csv)" = run,flow,started,bytes ]
    tarn flow gc --keep 0s --dry-run >gc.csv
    grep -q "^$name,top-routes,20" gc.csv
    [ -d "$(last)" ]
    tarn flow gc --keep 0s >gc.csv
    grep -q "^$name," gc.csv
    [ -z "$(ls -d $runs/2* 2>/dev/null)" ]
}

@test "gc leaves no trace of a run in the lake" {
    with_lake
    tarn flow run -q routes.yaml >/dev/null
    gone=$(basename "$(last lake/runs)")
    tarn flow run -q routes.yaml >/dev/null
    kept=$(basename "$(last lake/runs)")
    [ -n "$(tarn state get flow.runs "$gone")" ]
    # One that was killed on its way out, and one before it had begun.
    mv "lake/runs/$gone" "lake/runs/.gone-$gone"
    mkdir lake/runs/.new-old lake/runs/.new-fresh
    touch -d '2 hours ago' lake/runs/.new-old
    tarn flow gc --dry-run >gc.csv
    [ -d "lake/runs/.gone-$gone" ] && [ -d lake/runs/.new-old ]
    tarn flow gc -m sweep --version-file v >gc.csv 2>err
    [ "$(cat err)" = "version 3" ] && [ "$(cat v)" = 3 ]
    [ "$(ls -A lake/runs)" = ".new-fresh
$kept" ]
    fails 3 "" tarn state get flow.runs "$gone"
    [ -n "$(tarn state get flow.runs "$kept")" ]
    tarn flow gc --keep 0s >gc.csv 2>err
    [ "$(cat err)" = "version 4" ]
    [ "$(tarn state ls flow.runs -f plain | wc -l)" = 0 ]
    tarn flow gc --keep 0s >gc.csv 2>err
    [ ! -s err ]
    [ "$(tarn log -n 1 -f plain | cut -f 1,3)" = "4	flow gc --keep 0s" ]
}

@test "gc keeps what is at work, and the newest run that can be resumed" {
    cp routes.yaml right.yaml
    tarn flow run -q routes.yaml >/dev/null
    sed -i 's/delay >/nonsense >/' routes.yaml
    tarn flow run -q routes.yaml >/dev/null 2>&1 || true
    tarn flow run -q routes.yaml >/dev/null 2>&1 || true
    newest=$(basename "$(last)")
    [ "$(tarn flow gc --keep 0s | wc -l)" = 3 ]
    [ "$(ls $runs)" = "$newest" ]
    cp right.yaml routes.yaml
    tarn flow run routes.yaml --resume last >row
    grep -q "^$newest,success" row
    exec 9>>"$runs/$newest/lock"
    flock 9
    [ "$(tarn flow gc --keep 0s | wc -l)" = 1 ]
    exec 9>&-
    [ "$(tarn flow gc --keep 0s | wc -l)" = 2 ]
    [ -z "$(ls -A $runs)" ]
}

@test "no secret is left by a run" {
    cat >connections.yaml <<'END'
connections: {mysql: {main: {host: localhost, database: shop, password: "${env:PASS_WORD}"}}}
END
    sed -i 's/min_delay: {type: integer, default: 15}/min_delay: {type: integer, default: 15}, api_key: {type: string}/' routes.yaml
    sed -i 's/SELECT origin/SELECT md5(${params.api_key}) AS h, origin/' routes.yaml
    printf 'hunter2-xyzzy' >key
    tarn flow run -q routes.yaml --param api_key=@key >/dev/null
    grep -rq "$(printf hunter2-xyzzy | md5sum | cut -c 1-32)" out/delays.csv
    not grep -ra hunter2-xyzzy .tarn
    sed -i 's/md5(${params.api_key})/(${params.api_key})::INTEGER/' routes.yaml
    tarn flow run routes.yaml --param api_key=@key >row 2>err || true
    grep -q 'failed' row
    not grep -ra hunter2-xyzzy .tarn row err
}

@test "a secret that only the flow calls one is in no command of the lake's log" {
    with_lake
    sed -i 's/min_delay: {type: integer, default: 15}/min_delay: {type: integer, default: 15}, who: {type: string, secret: true}/' routes.yaml
    tarn flow run -q routes.yaml --param who=hunter2 --param=who=hunter2-xyzzy >/dev/null 2>&1
    not grep -ra hunter2 lake
    tarn log -n 1 -f plain | grep -qF "'who=***' '--param=who=***'"
}

@test "runs are tables of the lake" {
    with_lake
    prints run,flow,status,started,seconds,steps,rows \
        tarn sql "FROM lake.runs"
    prints run,ts,event,step,fields tarn sql "FROM lake.run_events"
    tarn flow run -q routes.yaml >/dev/null
    sed -i 's/delay >/nonsense >/' routes.yaml
    tarn flow run -q routes.yaml >/dev/null 2>&1 || true
    # What is being made, or removed, is none.
    cp -r "$(last lake/runs)" lake/runs/.new-one
    prints "flow,status,steps,rows
top-routes,success,4,12
top-routes,failed,1,0" tarn sql \
        "SELECT flow, status, steps, rows FROM lake.runs ORDER BY started"
    prints "event,n
step_complete,5
step_error,1" tarn sql "SELECT event, count(*) AS n FROM lake.run_events WHERE event IN ('step_complete', 'step_error') GROUP BY 1 ORDER BY 1"
    prints "rows
6" tarn sql "SELECT fields->>'rows' AS rows FROM lake.run_events e JOIN lake.runs r USING (run) WHERE step = 'out' AND event = 'step_complete'"
    sed -i 's/"status":"failed"/"status":"running"/' "$(last lake/runs)/status.json"
    prints "status
failed" tarn sql "SELECT status FROM lake.runs ORDER BY started DESC LIMIT 1"
}

@test "a step writes records, with the run's one commit" {
    with_lake
    cat >>routes.yaml <<'END'
  - {id: named, component: sql, mode: transform, needs: [delays],
     config: {query: "SELECT origin || destination AS name, n, CASE WHEN n > 8 THEN 'many' END AS note, TIMESTAMP '2026-01-02 03:04:05' AS seen FROM delays"}}
  - {id: records, component: lake.writer, mode: write, needs: [named], config: {records: routes, tenant: t1}}
END
    cat >routes.json <<'END'
{"name": "routes", "version": "1.0.0", "type": "object",
 "properties": {"name": {"type": "string"}, "n": {"type": "integer"},
   "note": {"type": "string"}, "seen": {"type": "string", "format": "date-time"}},
 "x-tarn": {"key": "name", "indexed": ["n"]}}
END
    tarn schema put -q --tenant t1 routes.json
    tarn flow run routes.yaml >row 2>err
    grep -q ,success,6,18, row
    [ "$(cat err)" = "version 2" ]
    prints "n
6" tarn sql --tenant t1 "SELECT count(*) AS n FROM routes"
    prints '{"name":"A2B1","n":8,"seen":"2026-01-02T03:04:05.000000Z"}' \
        tarn record get --tenant t1 A2B1
    sed -i 's/name, n, CASE/name, origin AS n, CASE/' routes.yaml
    code=0
    tarn flow run routes.yaml >row 2>err || code=$?
    [ "$code" = 1 ]
    [ "$(tarn log -f plain | wc -l)" = 3 ]
}

@test "an incremental step takes what is new, and its cursor moves with the lake's commit" {
    tarn init -q lake
    export TARN=$PWD/lake
    sqlite3 in.db "CREATE TABLE t (id INTEGER, at TEXT); INSERT INTO t VALUES (1, '2026-01-01 00:00:00'), (2, '2026-01-02 00:00:00')"
    cat >connections.yaml <<'END'
connections: {sqlite: {main: {path: in.db}}}
END
    cat >inc.yaml <<'END'
name: inc
steps:
  - {id: new, component: sqlite.extractor, mode: read, config: {connection: "@sqlite.main", table: t}, incremental: {column: id, initial: 0}}
  - {id: keep, component: lake.writer, mode: write, config: {path: /t, as: series}}
END
    tarn flow run inc.yaml >row 2>err
    grep -q ,success,2,2, row
    prints "scope,name,value
flow.inc,new,2" tarn sql "SELECT 'flow.inc' AS scope, 'new' AS name, '$(tarn state get flow.inc new)' AS value"
    sqlite3 in.db "INSERT INTO t VALUES (3, '2026-01-03 00:00:00')"
    # A run that fails moves nothing.
    sed -i 's/path: \/t, as/path: not-a-path, as/' inc.yaml
    tarn flow run inc.yaml >row 2>err || true
    grep -q ,failed, row
    [ "$(tarn state get flow.inc new)" = 2 ]
    sed -i 's/path: not-a-path, as/path: \/t, as/' inc.yaml
    tarn flow run inc.yaml >row 2>err
    grep -q ,success,2,1, row
    [ "$(tarn state get flow.inc new)" = 3 ]
    prints "n
3" tarn sql "SELECT count(DISTINCT id) AS n FROM '/t'"
    # What another run took meanwhile is not taken once more by a resumed one.
    sqlite3 in.db "INSERT INTO t VALUES (4, '2026-01-04 00:00:00')"
    sed -i 's/path: \/t, as/path: not-a-path, as/' inc.yaml
    tarn flow run inc.yaml >row 2>/dev/null || true
    failed=$(tail -n 1 row | cut -d , -f 1)
    sed -i 's/path: not-a-path, as/path: \/t, as/' inc.yaml
    tarn flow run inc.yaml --runs elsewhere >row 2>err
    grep -q ,success,2,1, row
    tarn flow run inc.yaml --resume "$failed" >row 2>err
    grep -q ,success,2,0, row
    prints "n,d
4,4" tarn sql "SELECT count(*) AS n, count(DISTINCT id) AS d FROM '/t'"
    [ "$(tarn state get flow.inc new)" = 4 ]
    # Two at once are one too many, wherever their runs are.
    exec 9>>lake/runs/inc.flow-lock
    flock 9
    fails 6 'another run of it is at work' tarn flow run inc.yaml --runs third --wait 0
    [ -z "$(ls -A third)" ]
    exec 9>&-
    # Nothing new: nothing changes, and the log is no longer for it.
    tarn log -f plain >before
    tarn flow run inc.yaml >row 2>err
    grep -q ,success,2,0, row
    [ "$(cat err)" = "nothing changed, nothing committed" ]
    tarn log -f plain | diff before -
    tarn flow run inc.yaml --full >row 2>err
    grep -q ,success,2,4, row
    tarn log -f plain | not diff -q before -
}

@test "without a lake cursors are in a file among the runs" {
    make_incremental
    tarn flow run -q inc.yaml >/dev/null
    grep -qF '{"inc":{"new":"2"},' .tarn/runs/cursors.json
    # Killed behind the cursor's file: resumed it is done, and takes no rows anew.
    sed -i 's/"status":"success","profile"/"status":"running","profile"/' "$(last)/status.json"
    tarn flow run inc.yaml --resume last >row 2>err
    grep -q ,success,2,2, row
    prints "id
1
2" cat out.csv
    sqlite3 in.db "INSERT INTO t VALUES (7)"
    tarn flow run -q inc.yaml >/dev/null
    prints "id
7" cat out.csv
    tarn flow run -q inc.yaml >/dev/null
    prints id cat out.csv
    grep -qF '{"inc":{"new":"7"},' .tarn/runs/cursors.json
}
