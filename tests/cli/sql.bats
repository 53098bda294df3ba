# sql
load helper

prepare() {
    lake_aside
    printf 'a,b\n1,x\n2,y\n' >t.csv
    tarn put -q t.csv /t --as table
}

@test "a query comes as an argument, from a file, from standard input" {
    prints 'n
2' tarn sql "SELECT count(*) AS n FROM '/t'"
    echo "SELECT count(*) AS n FROM '/t'" >q.sql
    prints 'n
2' tarn sql -F q.sql
    prints 'n
2' tarn sql - <q.sql
    prints 'n
2' tarn sql -F - <q.sql
}

@test "one of them" {
    echo "SELECT 1" >q.sql
    fails 2 "sql: give a query" tarn sql
    fails 2 "sql: give a query" tarn sql -F q.sql "SELECT 1"
    fails 3 "nope.sql" tarn sql -F nope.sql
    fails 2 "too many arguments" tarn sql "SELECT 1" "SELECT 2"
}

@test "parameters are bound" {
    prints 'b
y' tarn sql "SELECT b FROM '/t' WHERE a = \$n::INT AND \$s = 'it''s'" \
        --param n=2 --param "s=it's"
    fails 2 "--param x: a name or = is missing" tarn sql "SELECT 1" --param x
    fails 5 "" tarn sql "SELECT \$missing"
}

@test "earlier versions" {
    printf 'a,b\n3,z\n' >t.csv
    tarn put -q t.csv /t
    prints 'n
1' tarn sql "SELECT count(*) AS n FROM '/t'"
    prints 'n
2' tarn sql "SELECT count(*) AS n FROM '/t@1'"
    prints 'n
2' tarn sql "SELECT count(*) AS n FROM '/t' AT (VERSION => 1)"
    prints 'n
2' tarn sql "SELECT count(*) AS n FROM '/t'" --at 1
}

@test "--explain says table, route, pushed, version" {
    tarn sql --explain "SELECT * FROM '/t'" >out
    [ "$(head -1 out)" = table,route,pushed,version ]
    grep -q '^/t,tree,' out
}

@test "what is not there is exit 3, before anything runs" {
    fails 3 "/nope" tarn sql "SELECT * FROM '/nope'"
    fails 3 "nope" tarn sql "SELECT * FROM nope"
}

@test "bad SQL, writing, and a second statement are exit 5" {
    fails 5 "" tarn sql "SELEC 1"
    fails 5 "" tarn sql "CREATE TABLE x (a INT)"
    fails 5 "" tarn sql "SELECT 1; SELECT 2"
    fails 5 "" tarn sql ""
    fails 5 "" tarn sql "COPY (SELECT 1) TO 'x.csv'"
    [ ! -e x.csv ]
}

@test "a table of a DuckDB file is read where it is" {
    echo '{"event":"e","properties":{"time":0,"distinct_id":"u","$insert_id":"1"}}' >in
    tarn events load ev in --db s.db
    prints 'event_name,n
e,1' tarn sql --allow-host "SELECT ev.event_name, count(*) AS n FROM './s.db:ev' GROUP BY 1"
    prints 'table_name
ev' tarn sql --allow-host "SELECT m.table_name FROM 'host:s.db:main._metadata' m
        JOIN 'host:s.db:ev' ON true"
    fails 3 "has no table 'no' .it has _metadata, _quarantine, ev." \
        tarn sql --allow-host "FROM './s.db:no'"
    fails 5 "give --allow-host" tarn sql "FROM './s.db:ev'"
    fails 3 "no such table" tarn sql --allow-host "FROM './s.db:ev', tarn__store_0.ev"
    fails 5 "" tarn sql --allow-host "ATTACH 's.db'"
}

@test "a view of a DuckDB file reads nothing of the lake's own or the host's" {
    echo '{"event":"e","properties":{"time":0,"distinct_id":"u","$insert_id":"1"}}' >in
    tarn events load ev in --db s.db
    echo hidden42 >host.txt
    tarn schema put --tenant other -q - <<<'{"name":"t","version":"1.0.0"}'
    tarn record put -q --tenant other t '{"secret": "hidden42"}'
    for view in "names AS SELECT event_name FROM ev" \
        "log AS SELECT content::VARCHAR AS c FROM read_parquet('$TARN/log/data/*.parquet')" \
        "host AS SELECT content FROM read_text('$PWD/host.txt')"; do
        tarn events sql -q --write --db s.db "CREATE VIEW $view"
    done
    prints 'event_name
e' tarn sql --allow-host "FROM './s.db:names'"
    for query in "FROM './s.db:log'" "FROM './s.db:host'" "FROM './s.db:log', lake.log" \
        "SELECT (SELECT count(*) FROM lake.log), c FROM './s.db:log'"; do
        fails 5 "" tarn sql --allow-host "$query"
    done
    fails 5 "put FILE:VIEW" tarn sql --allow-host "FROM './s.db:log' WHERE (SELECT count(*) FROM lake.log) > 0"
    tarn sql --allow-host "SELECT count(*) FROM './s.db:ev', lake.log"
}

@test "host files need --allow-host" {
    got=0
    tarn sql "SELECT * FROM './t.csv'" >out 2>err || got=$?
    [ "$got" = 3 ] || [ "$got" = 5 ]
    prints 'n
2' tarn sql --allow-host "SELECT count(*) AS n FROM './t.csv'"
    prints 'n
2' tarn sql --allow-host "SELECT count(*) AS n FROM 'host:t.csv'"
}

@test "lake.log and lake.nodes" {
    prints 'path
/t' tarn sql "SELECT path FROM lake.nodes WHERE kind = 'table'"
    [ "$(tarn sql "SELECT count(*) > 0 AS x FROM lake.log" | tail -1)" = true ]
}

@test "other reading statements" {
    for q in "FROM '/t'" "VALUES (1)" "DESCRIBE '/t'" "SUMMARIZE '/t'" \
        "EXPLAIN SELECT 1" "SHOW TABLES"; do
        tarn sql "$q" >/dev/null || { echo "$q"; false; }
    done
}

@test "a bad tenant's records are not seen" {
    tarn sql --tenant other "SELECT 1" >/dev/null
    TARN_TENANT=other tarn sql "SELECT 1" >/dev/null
}

@test "a column that is a subquery is named as it was written" {
    lake
    printf 'v\n1\n2\n' >t.csv
    tarn put -q t.csv /t --as table
    prints '"(SELECT sum(v) FROM ""/t"")"'$'\n3' \
        tarn sql "SELECT (SELECT sum(v) FROM '/t')"
    prints $'"EXISTS(SELECT * FROM ""/t"")"\ntrue' \
        tarn sql "SELECT EXISTS(FROM '/t')"
}

@test "a parameter is a number where only a number fits" {
    lake
    prints $'y\n42' tarn sql 'SELECT $x + 1 AS y' --param x=41
    prints $'y\n3.5' tarn sql 'SELECT $a + $b AS y' --param a=1 --param b=2.5
    prints $'y\n10' tarn sql 'SELECT abs($x) AS y' --param x=-10
    prints $'y\nVARCHAR' tarn sql 'SELECT typeof($x) AS y' --param x=41
    prints $'y\nfalse' tarn sql "SELECT \$x = '0041' AS y" --param x=41
    fails 5 "Binder" tarn sql 'SELECT $x + 1' --param x=00501
    fails 5 "Binder" tarn sql 'SELECT $x + 1' --param x=abc
}
