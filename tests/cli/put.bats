# put
load helper

prepare() { lake_aside; }

@test "a file becomes DEST" {
    echo hi >f
    gives 0 "" "version 1" tarn put f /x
    prints hi tarn cat /x
}

@test "a file goes into a folder under its own name" {
    echo hi >f
    tarn mkdir -q /d
    commits tarn put f /d
    commits tarn put f /new/
    prints "/d/f
/new/f" tarn ls -R /d /new
}

@test "a folder follows cp -r" {
    mkdir -p s/deep
    echo 1 >s/a
    echo 2 >s/deep/b
    commits tarn put s /new
    prints "/new/a
/new/deep
/new/deep/b" tarn ls -R /new
    tarn mkdir -q /d
    commits tarn put s /d
    prints "/d/s
/d/s/a
/d/s/deep
/d/s/deep/b" tarn ls -R /d
}

@test "several sources go into a folder" {
    echo 1 >a
    echo 2 >b
    commits tarn put a b /d/
    prints "/d/a
/d/b" tarn ls /d
    fails 2 "/n is no folder, and there are several sources" tarn put a b /n
    fails 2 "/d/a is no folder" tarn put a b /d/a
}

@test "standard input" {
    printf 'no end' | tarn put -q - /x
    [ "$(tarn cat /x)" = "no end" ]
    fails 2 "standard input has no name" tarn put - /d/ <<<x
    fails 2 "standard input is put alone" tarn put - - /d/ <<<x
}

@test "content is byte for byte, small and large" {
    head -c 3000000 /dev/urandom >big
    printf 'a\0b\377' >small
    tarn put -q big small /d/
    tarn cat /d/big | cmp - big
    tarn cat /d/small | cmp - small
    tarn put -q - /d/piped <big
    tarn cat /d/piped | cmp - big
}

@test "a second put makes a new version of a file" {
    tarn put -q - /x <<<one
    tarn put -q - /x <<<two
    prints two tarn cat /x
    prints one tarn cat /x --at 1
}

@test "a stream is appended to, and begins anew with --replace" {
    tarn put -q - /s --as stream <<<one
    tarn put -q - /s <<<two
    prints "one
two" tarn cat /s
    tarn put -q - /s --replace <<<three
    prints three tarn cat /s
}

@test "-u skips what has not changed" {
    mkdir s
    echo 1 >s/a
    echo 2 >s/b
    tarn put -q s /s
    gives 0 "" "nothing changed, nothing committed" tarn put -u s/a /s/a
    echo 3 >s/b
    commits tarn put --update s/a s/b /s
    [ "$(tarn show "$(head_version)" -f plain | wc -l)" = 1 ]
}

@test "a table is parsed from csv, tsv, json and jsonl" {
    printf 'a,b\n1,x\n' >t.csv
    printf 'a\tb\n1\tx\n' >t.tsv
    printf '[{"a":1,"b":"x"}]' >t.json
    printf '{"a":1,"b":"x"}\n' >t.jsonl
    for f in t.csv t.tsv t.json t.jsonl; do
        commits tarn put $f /$f --as table
        prints 'a,b
1,x' tarn cat /$f
    done
}

@test "rows on standard input are told by their beginning" {
    printf 'a,b\n1,x\n' | tarn put -q - /csv --as table
    printf '{"a":1,"b":"x"}\n' | tarn put -q - /jsonl --as table
    printf '[{"a":1,"b":"x"}]' | tarn put -q - /json --as table
    tarn sql -f parquet "FROM '/csv'" | tarn put -q - /parquet --as table
    for t in csv jsonl json parquet; do
        prints 'a,b
1,x' tarn cat /$t
    done
}

@test "a series gets a version with each put" {
    printf 'time,v\n2026-01-01T00:00:00Z,1\n' >a.csv
    printf 'time,v,w\n2026-01-02T00:00:00Z,2,x\n' >b.csv
    tarn put -q a.csv /s --as series
    tarn put -q b.csv /s
    prints 'v,w
1,
2,x' tarn sql "SELECT v, w FROM '/s' ORDER BY time"
}

@test "a .parquet becomes a table by itself" {
    tarn sql -q -f parquet "SELECT 1 AS n" -o t.parquet
    commits tarn put t.parquet /t
    [ "$(tarn ls -l /t -f plain | cut -f 1)" = table ]
    prints 'n
1' tarn cat /t
}

@test "bad arguments" {
    echo x >f
    fails 2 "--as blob: there is no such kind" tarn put f /x --as blob
    fails 2 "put --every: is for live input" tarn put f /x --every 5s
    fails 2 "put --every: is for live input" \
        tarn put - /x --every 5s <<<x
    fails 2 "--every x: is no length of time" \
        tarn put - /x --as stream --every x <<<x
}

@test "a source that is not there is exit 3 and puts nothing" {
    echo x >f
    fails 3 "nope" tarn put f nope /d/
    prints "" tarn ls
}

@test "another kind than the node's is exit 4" {
    tarn put -q - /x <<<x
    fails 4 "/x" tarn put - /x --as stream <<<y
}

@test "bad rows are exit 5 and put nothing" {
    printf '{"a":1}\n{"a":\n' >t.jsonl
    fails 5 "" tarn put t.jsonl /t --as table
    prints "" tarn ls
}

@test "JSON that is nested deeply stays JSON text beyond 20 levels" {
    nested() { printf '%*s' "$1" '' | tr ' ' "$2"; }
    for depth in 15 40 400; do
        printf '{"a":%s1%s}\n' "$(nested $depth '[')" "$(nested $depth ']')" >d.json
        tarn put -q d.json /d --as table
        prints "$(cat d.json)" tarn cat -f jsonl /d
    done
    prints "d
true" tarn sql "SELECT typeof(a) LIKE '%JSON%' AS d FROM '/d'"
}

@test "whole numbers of JSON keep their digits, in their rows" {
    printf '{"a":12345678901234567890123,"b":1,"s":"x"}\n{"a":5,"b":18446744073709551615}\n{"a":-1,"s":"y"}\n' >n.jsonl
    printf '[{"id":1234567890123456789012345678901234567890,"x":1.5},{"id":7,"x":18446744073709551615}]' >m.json
    tarn put -q n.jsonl m.json / --as table
    prints 'a,b,s
12345678901234567890123,1,x
5,18446744073709551615,
-1,,y' tarn cat /n.jsonl
    prints 'id,x
1234567890123456789012345678901234567890,1.5
7,1.8446744073709552e+19' tarn cat /m.json
}

@test "whole numbers of a csv keep their digits" {
    printf 'id,big,x\n1,12345678901234567890,1.5\n2,-1,123456789012345678901234567890.5\n' >n.csv
    printf 'id\n1234567890123456789012345678901234567890\n7\n' >m.csv
    tarn put -q n.csv m.csv / --as table
    prints 'id,big,x
1,12345678901234567890,1.5
2,-1,1.2345678901234568e+29' tarn cat /n.csv
    prints 'id
1234567890123456789012345678901234567890
7' tarn cat /m.csv
    prints 't,u
"DECIMAL(38,0)",DOUBLE' tarn sql "SELECT typeof(big) AS t, typeof(x) AS u FROM '/n.csv' LIMIT 1"
}

@test "two sources of one name are exit 4, unless they add to a stream or are folders" {
    mkdir -p one/sub two/sub
    echo 1 >one/f
    echo 2 >two/f
    fails 4 "one/f and two/f have one name" tarn put one/f two/f /d/
    fails 3 "" tarn ls /d
    commits tarn put one/f two/f /d/ --as stream
    prints "1
2" tarn cat /d/f
    commits tarn put one/f two/f /d/
    fails 4 "have one name" tarn put one/f two/f /d/ --replace
    commits tarn put one/f one/f /e/
    commits tarn put one/sub two/sub /e/
}
