# edge put, ls, rm; traverse
load helper

prepare() {
    lake
    echo '{"name":"people","version":"1.0.0","x-tarn":{"key":"name"}}' >s.json
    tarn schema put -q s.json
    for n in a b c d; do echo "{\"name\":\"$n\"}"; done >r.jsonl
    tarn record put -q people -F r.jsonl >ids
    { read -r a; read -r b; read -r c; read -r d; } <ids
}

# keys ARGUMENT...: what traverse reaches, "depth:key" parted by blanks.
keys() { tarn traverse "$@" -f plain | awk -F'\t' '{ printf "%s%s:%s", (NR > 1 ? " " : ""), $1, $3 } END { if (NR > 0) print "" }'; }

@test "an edge is put by keys and listed from both ends" {
    commits tarn edge put a knows b --props '{"since": 1833}'
    prints "src,rel,dst,props,src_key,dst_key
$a,knows,$b,\"{\"\"since\"\": 1833}\",a,b" tarn edge ls a
    prints "$a	knows	$b	{\"since\": 1833}	a	b" tarn edge ls b --in -f plain
    prints "" tarn edge ls b --out -f plain
    prints "$a	knows	$b	{\"since\": 1833}	a	b" tarn edge ls b --both -f plain
}

@test "ends are ids, keys, or TABLE/KEY" {
    commits tarn edge put "$a" r people/b
    commits tarn edge rm people/a r "$b"
    prints "" tarn edge ls a -f plain
}

@test "a missing end is exit 3, an ambiguous one exit 4 that names both" {
    sed 's/people/robots/' s.json >r.json
    tarn schema put -q r.json
    tarn record put -q robots '{"name":"b"}'
    fails 3 "nobody" tarn edge put a r nobody
    fails 3 "nobody" tarn edge put nobody r a
    fails 4 "robots" tarn edge put a r b
    fails 4 "people" tarn edge put b r a
    commits tarn edge put a r robots/b
    prints "a	b" sh -c "$TARN_BIN edge ls a -f plain | cut -f 5,6"
}

@test "a second put replaces the properties; the same one commits nothing" {
    tarn edge put -q a r b --props '{"x":1}'
    gives 0 "" "nothing changed, nothing committed" \
        tarn edge put a r b --props '{"x":1}'
    commits tarn edge put a r b
    prints "$a	r	$b		a	b" tarn edge ls a -f plain
}

@test "properties that are no object are exit 5, arguments amiss exit 2" {
    fails 5 "props: no object" tarn edge put a r b --props '[1]'
    fails 5 "props" tarn edge put a r b --props '{"x":1,"x":2}'
    fails 2 "SRC REL DST" tarn edge put a r
    fails 2 "SRC REL DST" tarn edge put a r b -F x.jsonl
    fails 2 "empty" tarn edge put a "" b
    fails 2 "one of" tarn edge ls a --in --both
}

@test "rm, and the past keeps the edge" {
    tarn edge put -q a r b
    commits tarn edge rm a r b
    fails 3 "not there" tarn edge rm a r b
    prints "" tarn edge ls a --both -f plain
    prints "b" sh -c "$TARN_BIN edge ls a --at 3 -f plain | cut -f 6"
    prints "1:b" keys a --at 3
}

@test "lines are one commit, and what ls prints can be put again" {
    printf '%s\n' '{"src":"a","rel":"r","dst":"b","props":{"w": 1.0}}' '' \
        '{"src":"b","rel":"r","dst":"c"}' '{"src":"c","rel":"s","dst":"a"}' >e.jsonl
    gives 0 "" "version 3" tarn edge put -F e.jsonl
    tarn edge ls -f jsonl >all.jsonl
    [ "$(wc -l <all.jsonl)" = 3 ]
    grep -q '"props":{"w": 1.0}' all.jsonl
    gives 0 "" "nothing changed, nothing committed" tarn edge put -F all.jsonl
    tarn edge rm -q a r b
    commits sh -c "$TARN_BIN edge put -F - <all.jsonl"
    tarn edge ls -f jsonl | cmp - all.jsonl
}

@test "properties on several lines are one line of jsonl" {
    tarn edge put -q a r b --props '{
  "x": 1
}'
    prints '{   "x": 1 }' sh -c "$TARN_BIN edge ls a -f jsonl | sed 's/.*\"props\"://; s/,\"src_key.*//'"
}

@test "a bad line commits nothing and is named" {
    printf '%s\n' '{"src":"a","rel":"r","dst":"b"}' '{"src":"a"}' >e.jsonl
    fails 5 "e.jsonl line 2" tarn edge put -F e.jsonl
    printf '%s\n' '{"src":"a","rel":"r","dst":"b"}' '{"src":"a","rel":"r","dst":"zz"}' >e.jsonl
    fails 3 "e.jsonl line 2" tarn edge put -F e.jsonl
    prints "" tarn edge ls -f plain
}

@test "in a batch, records and edges are one commit" {
    printf '%s\n' "record put people '{\"name\":\"e\"}'" "edge put a r e" \
        "edge put e r b --props '{}'" "edge rm a r e" >batch
    tarn batch -q batch >/dev/null
    prints "" tarn edge ls a -f plain
    prints "1:b" keys e
    prints "e	b" sh -c "$TARN_BIN edge ls e -f plain | cut -f 5,6"
    printf '%s\n' "edge put a r b" "edge put a r nobody" >batch
    fails 3 "line 2" tarn batch batch
    prints "" tarn edge ls a -f plain
}

@test "a soft delete hides edges until the record is back, a hard one ends them" {
    printf '%s\n' "edge put a r b" "edge put b r c" "edge put c r b" >batch
    tarn batch -q batch
    tarn record rm -q b
    prints "" tarn edge ls -f plain
    prints "" keys a
    fails 3 "b" tarn edge ls b
    tarn record put -q people '{"name":"b"}' >/dev/null
    prints "1:b 2:c" keys a
    tarn record rm -q b --hard
    tarn record put -q people '{"name":"b"}' >/dev/null
    prints "" tarn edge ls -f plain
    gives 0 "" "no faults" tarn check
}

@test "traverse lists depth, id, key, table and path" {
    printf '%s\n' "edge put a r b" "edge put b r c" "edge put c r a" "edge put c s d" >batch
    tarn batch -q batch
    prints "depth,id,key,table,path
1,$b,b,people,\"[\"\"a\"\",\"\"b\"\"]\"
2,$c,c,people,\"[\"\"a\"\",\"\"b\"\",\"\"c\"\"]\"
3,$d,d,people,\"[\"\"a\"\",\"\"b\"\",\"\"c\"\",\"\"d\"\"]\"" tarn traverse a
    prints "1:b" keys a --depth 1
    prints "1:b 2:c" keys a --type r --depth 9
    prints "1:c 2:b" keys a --type r --depth 9 --direction in
    prints "1:c" keys d --direction in --depth 1
    prints '{"depth":1,"id":"'"$b"'","key":"b","table":"people","path":["a","b"]}' \
        tarn traverse a --depth 1 -f jsonl
}

@test "traverse --order dfs lists simple paths, shortest one way" {
    printf '%s\n' "edge put a 1 b" "edge put a 2 c" "edge put b r d" "edge put c r d" "edge put b s c" >batch
    tarn batch -q batch
    prints "1:b 2:d 2:c 3:d 1:c 2:d" keys a --order dfs
    prints '2	d	["a","b","d"]' sh -c "$TARN_BIN traverse a --order shortest --to d -f plain | cut -f 1,3,5"
    gives 3 "" "tarn: traverse: no way from d to a of at most 3 steps (give more with --depth)" \
        tarn traverse d --to a --order shortest
    fails 3 "nobody" tarn traverse nobody
    fails 3 "nobody" tarn traverse a --to nobody
    fails 2 "depth" tarn traverse a --depth 0
    fails 2 "direction" tarn traverse a --direction up
    fails 2 "order" tarn traverse a --order random
}

@test "rebuilding the key view changes nothing that is seen" {
    printf '%s\n' "edge put a r b --props '{\"x\": [1,  2]}'" "edge put b r c" "edge put b r d" "edge rm b r d" >batch
    tarn batch -q batch
    tarn edge put -q a r b
    tarn edge ls --format csv >before
    tarn rebuild -q key
    tarn edge ls --format csv | diff before -
    gives 0 "" "no faults" tarn check
}
