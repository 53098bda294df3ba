# tarn track: states in folders, and runs from a database into the lake.
load helper

# table FILE NAME TYPE STATE; column FILE TABLE NAME [CUSTOM]
table() {
    mkdir -p "$(dirname "$1")"
    printf '{"typeName":"%s","attributes":{"qualifiedName":"d/m/1/db/s/%s","name":"%s","schemaName":"s","databaseName":"db"},"customAttributes":%s}\n' \
        "$3" "$2" "$2" "$4" >>"$1"
}
column() {
    mkdir -p "$(dirname "$1")"
    printf '{"n": 1.50, "typeName":"Column","attributes":{"qualifiedName":"d/m/1/db/s/%s/%s","%sQualifiedName":"d/m/1/db/s/%s"},"customAttributes":%s}\n' \
        "$2" "$3" "${5:-table}" "$2" "${4:-{\}}" >>"$1"
}

# Table a is as it was, b was updated and lost c2, n is new, v was a view, gone
# is gone.
states() {
    table cur/table/0.json a Table '{"incremental_state":"NO CHANGE"}'
    table cur/table/0.json b Table '"{\"incremental_state\":\"UPDATED\"}"'
    table cur/table/0.json n Table '{"incremental_state":"CREATED"}'
    table cur/table/1.jsonl v Table '{}'
    column cur/column/0.json b c1
    column cur/column/0.json n c1
    column cur/column/0.json v c1
    for t in a b gone; do table old/table/0.json $t Table '{}'; done
    table old/table/0.json v View '{}'
    column old/column/0.json a c1 '"{\"x\":\"\\u00e9\",\"incremental_state\":\"CREATED\"}"'
    column old/column/0.json a c2 '{"incremental_state" : "UPDATED"}'
    column old/column/0.json a c3 '{"k":1}'
    column old/column/0.json b c1
    column old/column/0.json b c2
    column old/column/0.json v c9 '{}' view
    column old/column/0.json gone c1
}

@test "plan names what is to be extracted, and why" {
    states
    gives 0 "table_id,reason,qualified_name
db.s.b,updated,d/m/1/db/s/b
db.s.n,created,d/m/1/db/s/n
db.s.v,backfill,d/m/1/db/s/v" "changed 2, backfill 1, no_change 2" \
        tarn track plan cur old
}

@test "plan writes batches of ids" {
    states
    tarn track plan cur old -q --batch-size 2 -o batches
    [ "$(cat batches/batch-0.json)" = '["db.s.b","db.s.n"]' ]
    [ "$(cat batches/batch-1.json)" = '["db.s.v"]' ]
    [ "$(ls batches | wc -l)" = 2 ]
    fails 4 batches tarn track plan cur old -o batches
}

@test "a first run plans every table by its own state" {
    states
    gives 0 "table_id,reason,qualified_name
db.s.a,backfill,d/m/1/db/s/a
db.s.b,updated,d/m/1/db/s/b
db.s.n,created,d/m/1/db/s/n
db.s.v,created,d/m/1/db/s/v" "" tarn track plan -q cur -
}

@test "backfill is by name and type" {
    states
    gives 0 "d/m/1/db/s/n
d/m/1/db/s/v" "" tarn track backfill cur old
    fails 3 previous tarn track backfill cur -
    fails 3 nowhere tarn track backfill cur nowhere
    fails 3 tables tarn track plan old/column old
}

@test "merge carries what was not extracted, and changes its state alone" {
    states
    gives 0 "columns_from_current,columns_carried,columns_total,excluded_extracted,excluded_removed,duplicates
3,3,6,3,1,0" "" tarn track merge cur old out
    cat >want <<'X'
{"n": 1.50, "typeName":"Column","attributes":{"qualifiedName":"d/m/1/db/s/a/c1","tableQualifiedName":"d/m/1/db/s/a"},"customAttributes":"{\"x\":\"\\u00e9\",\"incremental_state\":\"NO CHANGE\"}"}
{"n": 1.50, "typeName":"Column","attributes":{"qualifiedName":"d/m/1/db/s/a/c2","tableQualifiedName":"d/m/1/db/s/a"},"customAttributes":{"incremental_state" : "NO CHANGE"}}
{"n": 1.50, "typeName":"Column","attributes":{"qualifiedName":"d/m/1/db/s/a/c3","tableQualifiedName":"d/m/1/db/s/a"},"customAttributes":{"k":1}}
X
    cat cur/column/0.json >>want
    cat out/column/* | diff want -
    cat cur/table/* | cmp - out/table/chunk-0.json
}

@test "chunks hold so many records" {
    states
    tarn track merge cur old out --chunk-size 4 >/dev/null
    [ "$(cat out/column/chunk-0.json | wc -l)" = 4 ]
    [ "$(cat out/column/chunk-1.json | wc -l)" = 2 ]
}

@test "of duplicates the last one stays, and they are counted" {
    states
    column cur/column/1.json b c1 '{"last":true}'
    table cur/table/1.jsonl a Table '{"incremental_state":"NO CHANGE","last":1}'
    tarn track merge cur old out -f plain >counts
    [ "$(cut -f 1,3,6 counts)" = "$(printf '3\t6\t2')" ]
    grep -q '"last":true' out/column/chunk-0.json
    [ "$(grep -c '/b/c1"' out/column/chunk-0.json)" = 1 ]
    [ "$(grep -c '"d/m/1/db/s/a"' out/table/chunk-0.json)" = 1 ]
    grep -q '"last":1' out/table/chunk-0.json
}

@test "OUT is absent, empty or replaced" {
    states
    mkdir out
    tarn track merge cur old out >/dev/null
    touch out/mine
    fails 4 replace tarn track merge cur old out
    [ -e out/mine ]
    tarn track merge cur old out --replace >/dev/null
    [ ! -e out/mine ]
    tarn track merge cur out out --replace >/dev/null
    [ "$(ls -A | tr '\n' ' ')" = "cur old out " ]
}

@test "no OUT replaces what is read, but a merge's own" {
    mkdir w
    cd w
    states
    cd ..
    fails 2 destroy tarn track merge w/cur w/old w --replace
    fails 2 destroy tarn track merge w/cur w/old w/old/column --replace
    fails 2 destroy tarn track diff w/cur w/old w/old/ --replace
    fails 2 destroy tarn track plan w/cur w/old -o w/cur/table --replace
    fails 2 name tarn track merge w/cur w/old ""
    fails 2 name tarn track merge w/cur "" out
    [ -e w/old/column/0.json ] && [ -e w/cur/table/0.json ] && [ ! -e out ]
    tarn track merge w/cur w/old w/old --replace >/dev/null
    [ "$(cat w/old/column/* | wc -l)" = 6 ]
}

@test "diff says what a run changed" {
    states
    tarn track diff cur old out >/dev/null
    [ "$(cat out/metadata.json)" = '{"is_incremental": true, "tables_created": 1, "tables_updated": 1, "tables_backfill": 1, "tables_deleted": 1, "columns_total": 3, "columns_deleted": 3, "schemas_total": 0, "databases_total": 0, "total_changed_entities": 10}' ]
    cmp cur/column/0.json out/column/chunk-0.json
    grep -c . out/table/chunk-0.json | grep -qx 3
    grep gone old/table/0.json | cmp - out/delete/table/chunk-0.json
    grep -E '/b/c2|/v/c9|/gone/c1' old/column/0.json |
        cmp - out/delete/column/chunk-0.json
}

@test "a first diff holds everything and deletes nothing" {
    states
    tarn track diff cur - out >/dev/null
    grep -q '"is_incremental": false' out/metadata.json
    cat cur/table/* | cmp - out/table/chunk-0.json
    [ -z "$(find out/delete -type f)" ]
}

@test "a table that was updated and has no columns has none" {
    states
    grep -v '/b/' cur/column/0.json >rest
    mv rest cur/column/0.json
    tarn track merge cur old out >/dev/null
    not grep -q '/s/b/' out/column/chunk-0.json
    tarn track diff cur old diff >/dev/null
    [ "$(grep -c '/s/b/' diff/delete/column/chunk-0.json)" = 2 ]
}

# dirty NAME LINE WHY: in a table file after one good line
dirty() {
    rm -rf cur old
    states
    printf '%b' "$1" >>cur/table/0.json
    run -5 tarn track plan cur old
    [[ $output == *"cur/table/0.json:$2: the record $3"* ]] ||
        { echo "$output"; return 1; }
    run -0 tarn track plan cur old --tolerant
    [[ $output == *"0.json:$2: the record $3"* ]]
    run -5 tarn track merge cur old out
    [ ! -e out ]
}

@test "dirty input is named with file and line" {
    dirty '\n{"attributes":\n' 5 'ends too early'
    dirty '[{"attributes":{"qualifiedName":"x"}}]\n' 4 'is an array'
    dirty '{\n  "typeName": "Table"\n}\n' 4 'ends too early'
    dirty '{"attributes":{"qualifiedName":null}}\n' 4 'has no qualifiedName'
    dirty '{"attributes":{"qualifiedName":7}}\n' 4 'qualifiedName is no string'
    dirty '{"attributes":{"qualifiedName":"x\xff"}}\n' 4 'is no UTF-8'
    dirty '{"attributes":{"qualifiedName":"x"},"customAttributes":"{"}\n' 4 \
        'customAttributes is a text'
    dirty '{"attributes":{"qualifiedName":"x","incremental_state":"DROPPED"}}' \
        4 'incremental_state is none'
    dirty 'no json\n' 4 'is no JSON object'
    dirty '{no json}\n' 4 "is no good JSON: a member's name is expected"
    dirty '{"attributes":{"qualifiedName":"x"},"attributes":{}}\n' 4 \
        'has no qualifiedName'
    dirty '{"attributes":{"qualifiedName":"x\0"}}\n' 4 \
        'is no good JSON: a string has a control character'
}

@test "a column needs a parent" {
    states
    echo '{"attributes":{"qualifiedName":"d/m/1/db/s/a/c"}}' >cur/column/9.json
    run -5 tarn track merge cur old out
    [[ $output == *"cur/column/9.json:1: the record has neither"* ]]
}

@test "BOM, CRLF, blank lines, empty files and late keys are all read" {
    states
    : >cur/table/empty.json
    printf '\357\273\277{"attributes":{"qualifiedName":"d/m/1/db/s/x"}}\r\n\r\n \n{"late":1,"attributes":"{\\"qualifiedName\\":\\"d\\/m/1/db/s/y\\",\\"incremental_state\\":\\"CREATED\\"}"}' >cur/table/2.json
    tarn track plan -q cur old | tail -n 2 >out
    [ "$(cat out)" = "db.s.x,backfill,d/m/1/db/s/x
db.s.y,created,d/m/1/db/s/y" ]
}

# --- runs ---

crawler() {
    python3 -c 'import sqlite3' 2>/dev/null || skip "python3 has no sqlite3"
    lake_aside
    cat >connections.yaml <<'X'
connections: {sqlite: {prod: {path: src.db}}}
X
    cat >c.yaml <<'X'
application: crawler
connection: default/lite/42
source: "@sqlite.prod"
exclude: ["hid%"]
columns: {batch_size: 2, jobs: 2}
queries:
  schema: SELECT DISTINCT s AS schema_name FROM t ORDER BY 1
  table: SELECT 'db' AS database_name, s AS schema_name, n AS table_name, k AS table_type, f AS fingerprint FROM t
  column: SELECT 'db' AS database_name, c.s AS schema_name, c.n AS table_name, t.k AS table_type, c.c AS column_name, c.v AS data_type FROM c JOIN t USING (s, n) WHERE 'db.' || c.s || '.' || c.n IN ({table_ids})
X
    change "create table t(s, n, k, f); create table c(s, n, c, v);
        insert into t values ('s','a','Table','1'),('s','b','Table','1'),
        ('s','v','View','1'),('hidden','h','Table','1');
        insert into c values ('s','a','x','int'),('s','a','y','int'),
        ('s','b','x','text'),('s','v','x','int'),('hidden','h','x','int');"
}
change() { python3 -c 'import sqlite3,sys; d=sqlite3.connect("src.db"); d.executescript(sys.argv[1]); d.commit()' "$1"; }
ran() { tarn track run -q c.yaml -f plain "$@" | cut -f 1-8 | tr '\t' ' '; }
root=/persistent-artifacts/apps/crawler/connection/42

@test "a run without changes extracts nothing and commits an empty diff" {
    crawler
    [ "$(ran --run-id one)" = "3 0 0 0 4 0 4 0" ]
    [ "$(ran --run-id two)" = "0 0 0 0 0 4 4 0" ]
    tarn cat $root/runs/two/incremental-diff/metadata.json |
        grep -q '"is_incremental": true.*"total_changed_entities": 0'

    fails 4 two tarn track run c.yaml --run-id two
}

@test "a run takes over what changed, and only that" {
    crawler
    ran >/dev/null
    tarn get -q $root/current-state/column before
    change "update t set f = '2' where n = 'b'; delete from c where n = 'b';
        insert into c values ('s','b','z','text'); delete from t where n = 'a';
        insert into t values ('s','n','Table','1');
        insert into c values ('s','n','x','int');
        update t set k = 'Table' where n = 'v'"
    [ "$(ran --run-id two)" = "1 2 1 0 3 0 3 3" ]
    tarn cat "$root/current-state/column/chunk-0.json" | grep -c . | grep -qx 3
    [ "$(ran --full)" = "3 0 0 0 3 0 3 0" ]
    tarn track status c.yaml -f plain | grep -q "^mode	full"
    tarn cat $root/marker.txt | grep -Eq '^[0-9]{4}-.*Z$'
}

@test "a damaged state in the lake names the flag that mends it" {
    crawler
    ran >/dev/null
    printf '{"typeName"\n' | tarn put -q - $root/current-state/table/chunk-0.json
    fails 5 'chunk-0.json:1: .*start over with --full' tarn track run c.yaml
    [ "$(ran --full)" = "3 0 0 0 4 0 4 0" ]
}

@test "two runs at once are refused, and a dead one keeps nobody out" {
    crawler
    # It counts for a minute.
    sed "s/^  table: .*/  table: WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000000) SELECT 's' AS schema_name, count(*) AS table_name, '1' AS fingerprint FROM n/" \
        c.yaml >slow.yaml
    tarn track run -q slow.yaml --run-id first >/dev/null 2>&1 3>&- &
    until grep -qs "first" "$TARN"/tmp/track-*.lock; do sleep 0.05; done
    pid=$(sed 's/.*pid \([0-9]*\).*/\1/' "$TARN"/tmp/track-*.lock)
    fails 6 "another run is at work: run first, pid $pid" tarn track run c.yaml
    run -6 tarn track run c.yaml --full
    [[ $output == *"(wait for it)" ]]
    kill -9 "$pid"
    wait
    [ "$(ran)" = "3 0 0 0 4 0 4 0" ]
}

@test "values that JSON has not are texts, and no attribute stands twice" {
    crawler
    sed -i 's/c\.v AS data_type/9e999 AS size, c.v AS data_type/' c.yaml
    [ "$(ran)" = "3 0 0 0 4 0 4 0" ]
    tarn cat "$root/current-state/column/chunk-0.json" | grep -q '"size":"inf"'
    [ "$(ran)" = "0 0 0 0 0 4 4 0" ]
    sed -i 's/9e999 AS size/1 AS qualified_name/' c.yaml
    fails 5 qualifiedName tarn track run c.yaml --full
    sed -i 's/1 AS qualified_name/1 AS data_type/' c.yaml
    fails 5 dataType tarn track run c.yaml --full
}

@test "a configuration's faults are all named" {
    lake_aside
    printf 'application: a/b\nconnection: x\nprepone_hours: -1\nextra: 1\n' >c.yaml
    run -5 tarn track run c.yaml
    for part in "c.yaml:4:8: extra" application connection source prepone_hours extra \
        preset; do
        [[ $output == *"$part"* ]] || { echo "$part: $output"; return 1; }
    done
    [ "${#lines[@]}" = 1 ]
}

@test "a source that refuses leaves nothing in the lake" {
    crawler
    change "drop table c"
    run ! tarn track run c.yaml
    run ! tarn ls $root
}
