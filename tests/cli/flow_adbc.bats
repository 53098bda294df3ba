# tarn flow run --target adbc:NAME: transforms of SQL in an existing engine, here
# DuckDB's own ADBC driver; everything else is as local.
load helper

prepare() {
    fake=${TARN_BUILD:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/build}/tests/libfake_adbc.so
    duckdb=$(ldd "$TARN_BIN" | awk '/libduckdb/ { print $3 }')
    cat >connections.yaml <<END
connections:
  adbc:
    duck: {driver: "$duckdb", entrypoint: duckdb_adbc_init}
    fake: {driver: "$fake", entrypoint: FakeInit, username: me, password: "\${env:ENGINE_PASSWORD}"}
END
    export ENGINE_PASSWORD=correct-horse
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
    done
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

# odd HUGE UHUGE: a flow with values that Arrow as such has no type for.
odd() {
    cat >odd.yaml <<END
name: odd
steps:
  - {id: odd, component: sql, mode: read, config: {query: "SELECT i, $1::HUGEINT AS h, $2::UHUGEINT AS u, '12:00:00+05:30'::TIMETZ AS tz, '0101'::BIT AS b, CASE WHEN i > 0 THEN '00000000-0000-0000-0000-00000000000f'::UUID END AS id, '{}'::JSON AS j, [{'HUGEINT': $1::HUGEINT, 't': '01:02:03-08'::TIMETZ}] AS l, 12::BIGNUM AS n, union_value(x := i) AS un, INTERVAL '1 month 2.000001 seconds' AS iv, 'infinity'::TIMESTAMP AS inf FROM range(3000) r(i)"}}
  - {id: same, component: sql, mode: transform, needs: [odd], config: {query: "SELECT * FROM odd ORDER BY i"}}
  - {id: out, component: csv.writer, mode: write, needs: [same], config: {path: out/same.csv}}
END
}

@test "DuckDB's own types come back from it as they were" {
    odd 170141183460469231731687303715884105727 340282366920938463463374607431768211455
    both odd.yaml
    grep -q '^2999,170141183460469231731687303715884105727,340282366920938463463374607431768211455,12:00:00+05:30,0101,' out/same.csv
}

@test "to another engine they go as what it may know, or not at all" {
    odd 9007199254740993 18446744073709551616
    tarn flow run -q odd.yaml >row
    mv out/same.csv want
    FAKE_ADBC=missing=ConnectionGetInfo tarn flow run -q odd.yaml --target adbc:fake >row
    cmp want out/same.csv
    odd 1 340282366920938463463374607431768211455
    breaks 1 "Could not cast value 340282366920938463463374607431768211455 to DECIMAL(38,0)" \
        env FAKE_ADBC=missing=ConnectionGetInfo "$TARN_BIN" flow run -q odd.yaml --target adbc:fake
}

@test "tables of several steps, whatever their names, are those that local sees" {
    cat >pair.yaml <<'END'
name: pair
steps:
  - {id: sales, component: file.extractor, mode: read, config: {path: a.csv}}
  - {id: p, component: sql, mode: transform, needs: [sales], config: {queries: {eu: "FROM sales WHERE id < 5", us: "FROM sales.main WHERE main.id > 2990"}}}
  - {id: q, component: sql, mode: transform, needs: [sales], config: {queries: {eu: "SELECT id + 1 AS id FROM sales", "A b": "SELECT 1 AS x"}}}
  - {id: eu, component: sql, mode: transform, needs: [sales], config: {query: "SELECT 0 AS id"}}
  - {id: r, component: sql, mode: transform, needs: [p, q, eu], config: {query: "SELECT a.id, b.id AS b, e.id AS e, \"A b\".x, P.EU.region FROM P.EU, (SELECT 1), p.eu a JOIN q.\"eu\" b ON a.id = b.id, eu AS e, q.\"A b\" WHERE p.eu.id = 3 ORDER BY ALL"}}
  - {id: o, component: csv.writer, mode: write, needs: [r], config: {path: out/r.csv}}
END
    both pair.yaml
    [ "$(sed -n 2p out/r.csv)" = 2,2,0,1,r3 ]
    # A step of several tables has to be told which.
    sed -i 's/FROM P.EU, (SELECT 1), p.eu a/FROM p AS a/' pair.yaml
    breaks 1 "has 2 tables (name one, such as p.eu)" tarn flow run pair.yaml --target adbc:duck
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

# breaks CODE TEXT COMMAND...: it fails with one line that holds the text.
breaks() {
    local code=$1 text=$2 got=0
    shift 2
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    [ "$got" = "$code" ] && [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" = 1 ] &&
        grep -qF -- "$text" "$BATS_TEST_TMPDIR/err" && return 0
    echo "exit code $got, expected $code: $text"
    cat "$BATS_TEST_TMPDIR/err"
    return 1
}

# A flow of one transform, with a param of each type.
small() {
    cat >small.yaml <<'END'
name: small
params: {i: {type: integer, default: -5}, d: {type: date, default: 2024-02-01}, s: {default: "o'neill"}, n: {type: number, default: 0.25}, b: {type: boolean, default: true}}
steps:
  - {id: rows, component: file.extractor, mode: read, config: {path: a.csv, limit: 100}}
  - {id: made, component: sql, mode: transform,
     config: {query: "SELECT id, 1 -${params.i} AS i, ${params.d} AS d, ${params.s} AS s, ${params.n} AS n, ${params.b} AS b FROM rows ORDER BY id"}}
  - {id: out, component: csv.writer, mode: write, config: {path: out/small.csv}}
END
}

# engine WORDS ARGS...: run the small flow in the engine that misbehaves so.
engine() {
    local words=$1
    shift
    FAKE_ADBC=$words tarn flow run -q small.yaml --target adbc:fake "$@"
}

@test "every call of the driver fails in turn: a line with the engine's words, nothing half done, and the run goes on" {
    small
    tarn flow run -q small.yaml >row
    mv out/small.csv want
    for call in DatabaseNew DatabaseSetOption DatabaseInit ConnectionNew \
        ConnectionInit StatementNew StatementNew@2 StatementSetOption \
        StatementBindStream StatementBind StatementPrepare \
        StatementSetSqlQuery StatementExecuteQuery StatementExecuteQuery@2; do
        rm -rf out .tarn
        code=0
        engine "fail=$call" >row 2>err || code=$?
        [ "$code" = 1 ] && [ "$(wc -l <err)" = 1 ] || { echo "$call: $code"; cat err; return 1; }
        grep -q "^tarn: run [^ ]*: step made: adbc.fake: .*: ${call%@*} was told to fail, with" err || { cat err; return 1; }
        [ "$(echo .tarn/runs/*/data/*)" = "$(echo .tarn/runs/*/data/rows.duckdb)" ]
        [ ! -e out ]
        not grep -rq correct-horse err .tarn
        engine "" --resume last >row
        cmp out/small.csv want
    done
    # What fails when the work is done costs nothing.
    for call in StatementRelease ConnectionRelease DatabaseRelease; do
        rm -rf out .tarn
        engine "fail=$call" >row
        cmp out/small.csv want
    done
}

@test "a result that breaks off is a failure, with the driver's words" {
    small
    for at in 0 schema; do
        breaks 1 "step made: adbc.fake: the result breaks off: the wire was cut (run the step again)" \
            engine "stream=$at"
        [ ! -e out ]
    done
    breaks 1 "adbc.fake: the query gives no rows" engine "stream=none"
    breaks 1 "adbc.fake: the query's result has no columns" engine "stream=bare"
    for how in narrow short; do
        breaks 1 "a batch of the result has other columns or rows than it says" engine "stream=$how"
        [ ! -e out ]
    done
}

@test "what a driver lacks is done without it, or said" {
    small
    tarn flow run -q small.yaml >row
    mv out/small.csv want
    for words in version=1.0 missing=StatementPrepare missing=ConnectionGetInfo \
        bind=no temporary=no temporary=late "temporary=no bind=no"; do
        rm -rf out
        engine "$words log=$PWD/log" >row || { echo "$words"; return 1; }
        cmp out/small.csv want
    done
    grep -q "^sql SELECT id, 1 -(-5) AS i, DATE '2024-02-01' AS d, 'o''neill' AS s, (0.25) AS n, TRUE AS b FROM rows" log
    grep -qE '^sql WITH rows AS \(SELECT \* FROM "tarn_[0-9a-f_]+"\) SELECT' log
    [ "$(grep -c '^table tarn_' log)" = 3 ]
    [ "$(grep -c '^sql DROP TABLE "tarn_' log)" = 3 ]
    for word in StatementSetOption StatementBindStream; do
        breaks 1 "this engine takes no tables in bulk" engine "missing=$word"
    done
    breaks 1 "the driver has not all functions of ADBC 1.0" engine missing=StatementNew
    breaks 1 "the driver speaks neither ADBC 1.1 nor 1.0" engine version=none
    breaks 1 "adbc.fake: the driver does not start: FakeInit was told to fail" engine fail=FakeInit
}

@test "tables with names of their own are dropped when the step fails" {
    small
    sed -i 's/SELECT id/SELECT idd/' small.yaml
    breaks 1 'Referenced column "idd" not found' engine "temporary=no log=$PWD/log"
    [ "$(grep -c '^sql DROP TABLE' log)" = 1 ]
    # One that cannot be is told of.
    small
    engine "temporary=no fail=StatementExecuteQuery@4" >row
    grep -qE '"event":"table_left","step":"made","table":"tarn_[0-9a-f_]+"' .tarn/runs/*/logs/events.jsonl
}

@test "a connection's fields and options reach the driver" {
    small
    sed -i 's|password: |options: {fake.size: 3, fake.on: true, adbc.connection.catalog: c}, uri: "x://${env:HOST_PART}/db", &|' connections.yaml
    HOST_PART='me:hunter2@h' engine "log=$PWD/log" >row
    for line in 'uri x://me:hunter2@h/db' 'username me' 'password correct-horse' \
        'fake.size 3' 'fake.on true' 'adbc.connection.catalog c'; do
        grep -qxF "$line" log
    done
    not grep -rqE 'hunter2|correct-horse' .tarn
}

@test "an engine's name is read wherever its array begins" {
    small
    breaks 1 'syntax error at or near "`"' engine "info=sliced temporary=no log=$PWD/log"
    grep -qE '^sql WITH rows AS \(SELECT \* FROM `tarn_[0-9a-f_]+`\) SELECT' log
}

@test "a secret is masked as a message has it: cut off, in one line, decoded, in part" {
    small
    # The message ends behind 10, 4 and 1 of its bytes.
    for more in 428 434 437; do
        breaks 1 "told to fail, with" engine "fail=StatementNew words=$more"
        not grep -rqE '0000c|orrec|-hors' "$BATS_TEST_TMPDIR/err" .tarn/runs/*/logs .tarn/runs/*/status.json
    done
    # White space is folded, and what stands behind a blank line is left out.
    export ENGINE_PASSWORD=$'-- BEGIN --\n\tMIIBVgIBADANBgkq  hkiG9w0\n\nZq-part-of-it\n'
    breaks 1 "with ***" engine "fail=StatementNew"
    not grep -rqE 'MIIB|hkiG|Zq-part' "$BATS_TEST_TMPDIR/err" .tarn
    # The server has it decoded.
    sed -i 's|password: .*|uri: "x://me:${env:HOST_PART}@h/db"}|' connections.yaml
    export HOST_PART='p%40ss%2Fphrase'
    sed -i 's|uri: "x://|options: {fake.uri: "y://you:${env:OTHER_PART}@h"}, &|' connections.yaml
    export OTHER_PART=an-other
    FAKE_ADBC=fail=StatementNew tarn flow run -q small.yaml --target adbc:fake >row 2>err || :
    grep -q "was told to fail" err
    not grep -rqE 'an-other|p%40ss' err .tarn
    # An option that holds a header's value is one.
    sed -i 's|options: {|&adbc.flight.sql.authorization_header: "Bearer me", |' connections.yaml
    breaks 5 "a secret stands in the file" tarn flow run small.yaml --target adbc:fake
}

@test "a target that cannot be has its own exit code and mend" {
    small
    breaks 2 "it is local, worker, worker:CMD or adbc:NAME" tarn flow run small.yaml --target adbc
    breaks 2 "names no connection" tarn flow run small.yaml --target adbc:
    breaks 3 "there is no such connection (there is duck, fake)" tarn flow run small.yaml --target adbc:nobody
    sed -i "s|$duckdb|/no/such/driver.so|" connections.yaml
    breaks 3 "(give the path of the engine's ADBC driver as driver)" tarn flow run small.yaml --target adbc:duck
    sed -i "s|/no/such/driver.so|no-such-driver|" connections.yaml
    breaks 3 "(give the path of the engine's ADBC driver as driver)" tarn flow run small.yaml --target adbc:duck
    sed -i "s|no-such-driver|./a.csv|" connections.yaml
    breaks 5 "cannot be loaded as a shared library" tarn flow run small.yaml --target adbc:duck
    sed -i "s|./a.csv|$duckdb|; s|duckdb_adbc_init|nothing|" connections.yaml
    breaks 5 "it has no function nothing (" tarn flow run small.yaml --target adbc:duck
    sed -i "s|, entrypoint: nothing||" connections.yaml
    breaks 5 "it has no function AdbcDriverInit (" tarn flow run small.yaml --target adbc:duck
    sed -i 's|username: me|paramstyle: odd|' connections.yaml
    breaks 5 "paramstyle is qmark (?), numeric_dollar (\$1) or literal" engine ""
    sed -i 's|paramstyle: odd|options: 3|' connections.yaml
    breaks 5 "options is no mapping" engine ""
    sed -i 's|options: 3|usrname: me|' connections.yaml
    breaks 5 "usrname" engine ""
    rm connections.yaml
    breaks 3 "put connections: {adbc:" tarn flow run small.yaml --target adbc:duck
    [ ! -e .tarn ]
}

@test "a dry run loads nothing, and misses a connection all the same" {
    small
    sed -i "s|$duckdb|/no/such/driver.so|" connections.yaml
    tarn flow run small.yaml --target adbc:duck --dry-run 2>said
    grep -q "would run made: sql, needs rows" said
    breaks 3 "there is no such connection" tarn flow run small.yaml --target adbc:nobody --dry-run
    [ ! -e .tarn ]
}

@test "connections --test reaches the engine, and masks what it says" {
    tarn flow connections --test -f plain | cut -f 1,4 >said
    printf '@adbc.duck\tok\n@adbc.fake\tok\n' | diff - said
    FAKE_ADBC=fail=ConnectionInit tarn flow connections --test -f plain >said
    grep -q 'no connection: ConnectionInit was told to fail, with \*\*\*' said
    not grep -q correct-horse said
}

@test "nothing behind a semicolon runs in the engine, in its own dialect either" {
    small
    for text in "SELECT 1 AS a; SELECT 2" "SELECT a FROM rows MATCH_RECOGNIZE (x); DROP TABLE y" \
        "DROP TABLE y" "MERGE UPON y" "DELETE FROM y"; do
        sed "s/query: \"[^\"]*\"/query: \"$text\"/" small.yaml >bad.yaml
        code=0
        tarn flow run bad.yaml --target adbc:duck 2>err || code=$?
        [ "$code" = 5 ] || { echo "$text: $code"; cat err; return 1; }
        [ ! -e .tarn ]
    done
}

@test "text in another dialect goes to the engine as it is" {
    small
    sed 's/query: "[^"]*"/query: "SELECT id FROM rows WHERE id > ${params.i} RETURN ALL OF IT"/' small.yaml >other.yaml
    breaks 5 "syntax error" tarn flow run other.yaml
    breaks 1 'syntax error at or near "RETURN" (mend it: it is in the engine'\''s dialect)' env FAKE_ADBC="log=$PWD/log" "$TARN_BIN" flow run other.yaml --target adbc:fake
    grep -qxF 'sql SELECT id FROM rows WHERE id > ? RETURN ALL OF IT' log
}

@test "a backslash comes into no quoted text of an engine's query" {
    small
    sed -i "s/SELECT id,/SELECT 'x \${params.s}' AS x, id,/" small.yaml
    engine "" >row
    grep -q "^x o'neill,1,6," out/small.csv
    breaks 5 "has a backslash" engine "" --param 's=a\'
    # A bound one is no text of the query's; a literal one would be.
    small
    engine "" --param 's=a\b' >row
    grep -qF ',a\b,' out/small.csv
    breaks 1 "has a backslash" engine "bind=no" --param 's=a\'
    # To some engines this is one text, and s stands in none.
    sed "s/SELECT id,/SELECT 'it\\\\\\\\'s' AS x, 'b\\\\\\\\' AS y, id,/" small.yaml >other.yaml
    breaks 5 "a text before it ends in a backslash" tarn flow run other.yaml --target adbc:fake
    sed "s/ FROM rows ORDER BY id/, 'b\\\\\\\\' AS y&/; s/SELECT id,/SELECT '\\\\\\\\d+' AS x, id,/" small.yaml >other.yaml
    tarn flow run -q other.yaml --target adbc:fake >row
}

@test "a timeout and an interrupt end what the engine does" {
    small
    sed -i 's/query: "[^"]*"/query: "SELECT sum(a.range * b.range) AS s, count(rows.id) FROM range(10000000) a, range(1000000) b, rows"/; s/component: sql,/& timeout: 300ms,/' small.yaml
    breaks 1 "timed out after 0.3 s" tarn flow run -q small.yaml --target adbc:duck
    sed -i 's/timeout: 300ms,//' small.yaml
    code=0
    when='[ "$(grep -ls step_start .tarn/runs/*/logs/events.jsonl | wc -l)" = 2 ] && sleep 0.3' \
        interrupted "" "$TARN_BIN" flow run -q small.yaml --target adbc:duck >row 2>err || code=$?
    [ "$code" = 130 ]
    [ ! -e out ]
}
