# Record tables in SQL: routes, LOOKUP, TRAVERSE, the column view's upkeep.
load helper

prepare() {
    lake
    cat >people.json <<'JSON'
{"name":"people","version":"1.0.0","type":"object",
 "properties":{"email":{"type":"string"},"city":{"type":"string"},"age":{"type":"integer"},
  "born":{"type":"string","format":"date"},"address":{"type":"object"}},
 "x-tarn":{"key":"email","indexed":["city","age"]}}
JSON
    echo '{"name":"notes","version":"1.0.0"}' >notes.json
    cat >people.jsonl <<'JSON'
{"email":"a@x","city":"Oslo","age":30,"born":"1990-01-02","address":{"zip": "0150"}}
{"email":"b@x","city":"Bergen","age":40}
{"email":"c@x","city":"Oslo"}
JSON
    printf '%s\n' 'schema put people.json' 'schema put notes.json' \
        'record put people -F people.jsonl' \
        "record put notes '{\"key\":\"n\",\"who\":{\"mail\":\"b@x\"}}'" \
        'edge put a@x knows b@x' 'edge put b@x knows c@x' >batch
    tarn batch -q batch >ids
    printf 'city,country\nOslo,Norway\nBergen,Norway\n' >cities.csv
    tarn put -q cities.csv /cities.csv
}

@test "a record table has id, the properties in order, the times and doc" {
    gives 0 'column_name
id
email
city
age
born
address
created_at
modified_at
doc' "" tarn sql "SELECT column_name FROM (DESCRIBE people)"
    gives 0 'email,city,age,born,address
a@x,Oslo,30,1990-01-02,"{""zip"": ""0150""}"
b@x,Bergen,40,,
c@x,Oslo,,,' "" tarn sql "SELECT email, city, age, born, address FROM people ORDER BY 1"
}

@test "explain names table, route, pushed filter and version" {
    gives 0 'table,route,pushed,version
people,column,age > 31,2' "" \
        tarn sql --explain "SELECT count(*) FROM people WHERE age > 31"
    tarn sql --explain "FROM people WHERE email = 'a@x'" | grep -q "^people,point,email = 'a@x',"
    tarn sql --explain "FROM people WHERE born IS NULL" | grep -q "^people,scan,born IS NULL,"
    tarn sql --explain "SELECT p.city FROM people p JOIN '/cities.csv' c USING (city)" >routes
    grep -q '^people,column,' routes
    grep -q '^/cities.csv,tree,' routes
}

@test "record tables join each other and the tree; a CTE's name comes first" {
    gives 0 'email,country,who
b@x,Norway,n' "" tarn sql "SELECT p.email, c.country, n.doc->>'\$.key' who FROM people p
        JOIN '/cities.csv' c USING (city) JOIN notes n ON n.doc->>'\$.who.mail' = p.email"
    gives 0 'x
1' "" tarn sql "WITH people AS (SELECT 1 AS x) FROM people"
}

@test "the past is read with --at and AT" {
    tarn record rm -q a@x --hard
    gives 0 'n
2' "" tarn sql "SELECT count(*) n FROM people"
    gives 0 'n
3' "" tarn sql --at 1 "SELECT count(*) n FROM people"
    gives 0 'n
3' "" tarn sql "SELECT count(*) n FROM people AT (VERSION => 1)"
}

@test "a table that is not there is exit 3, a bad query exit 5" {
    run -3 --separate-stderr tarn sql "FROM nobody"
    [[ $stderr == "tarn: nobody: no such table"* ]]
    run -3 --separate-stderr tarn sql --tenant other "FROM people"
    [[ $stderr == "tarn: people: no such table"* ]]
    run -5 tarn sql "SELECT nothing FROM people"
    run -5 tarn sql "SEARCH 'x' IN people"
    run -5 tarn sql "DELETE FROM people"
}

@test "a JSON member compared with a text says how to compare it" {
    fails 5 "address->>'city'.* '\"x\"'" tarn sql "FROM people WHERE (doc->'city') = 'Oslo'"
    tarn sql "SELECT count(*) AS n FROM people WHERE (doc->>'city') = 'Oslo'" >out
    tarn sql "SELECT count(*) AS n FROM people WHERE (doc->'city') = '\"Oslo\"'" | cmp - out
}

@test "LOOKUP finds keys in every table; one that is nowhere gives no row" {
    tarn sql "LOOKUP 'a@x', 'n', 'nowhere'" >out
    [ "$(cut -d, -f1,2 out)" = $'key,table\na@x,people\nn,notes' ]
    gives 0 'key,table,id,doc' "" tarn sql "LOOKUP 'nowhere'"
}

@test "TRAVERSE goes along edges" {
    tarn sql -f jsonl "TRAVERSE FROM 'a@x' DEPTH 2 DIRECTION out TYPE 'knows'" >out
    [ "$(wc -l <out)" = 2 ]
    grep -q '"depth":2.*"key":"c@x","table":"people","path":\["a@x","b@x","c@x"\]' out
    run -5 --separate-stderr tarn sql "TRAVERSE FROM 'a@x' DEPTH 0"
    [[ $stderr == *"DEPTH"* ]]
}

@test "lake.edges is a table, and of one tenant" {
    gives 0 'rel,src_key,dst_key
knows,a@x,b@x
knows,b@x,c@x' "" tarn sql "SELECT rel, src_key, dst_key FROM lake.edges ORDER BY 2"
    gives 0 'n
0' "" tarn sql --tenant other "SELECT count(*) n FROM lake.edges"
}

@test "SHOW TABLES, DESCRIBE and SUMMARIZE know record tables" {
    tarn sql "SHOW TABLES" | grep -qx people
    gives 0 'column_name,max
age,40
city,Oslo' "" tarn sql "SELECT column_name, max FROM (SUMMARIZE SELECT age, city FROM people) ORDER BY 1"
}

@test "the column view is shown, checked, made anew, and may be lost" {
    tarn sql "SELECT city FROM people" >before
    tarn status | grep -q '^view_column default,'
    tarn check
    tarn rebuild -q column
    tarn sql "SELECT city FROM people" | cmp - before
    rm -r views/column
    tarn sql "SELECT city FROM people" | cmp - before
    printf broken >views/column/default.duckdb
    run -7 --separate-stderr tarn check
    [[ $output == I4* ]]
    tarn sql "SELECT city FROM people" | cmp - before
    tarn check
}

@test "a lake that cannot be written to answers by a scan" {
    tarn sql --explain "SELECT city FROM people" | grep -q '^people,column'
    tarn put -q people.json /another
    [ "$(id -u)" = 0 ] || chmod -R a-w .
    tarn sql "SELECT count(city) FROM people" | grep -qx 3
    chmod -R u+w .
}

@test "a member without a name of its own is called as it was written" {
    prints '(doc ->> '"'"'$.who.mail'"'"'),upper((doc ->> '"'"'$.key'"'"'))
b@x,N' tarn sql "SELECT doc->>'\$.who.mail', upper(doc->>'\$.key') FROM notes"
    prints '"json_extract(doc, '"'"'$.key'"'"')"
"""n"""' tarn sql "SELECT json_extract(doc, '\$.key') FROM notes"
}
