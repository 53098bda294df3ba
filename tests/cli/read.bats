# cat, get, describe
load helper

prepare() {
    lake_aside
    printf 'a,b\n1,x\n2,y\n' >t.csv
    tarn put -q t.csv /t --as table
    tarn put -q t.csv /d/f.csv
    tarn put -q - /d/s --as stream <<<line
}

# --- cat

@test "cat prints bytes of a file and of a stream" {
    tarn cat /d/f.csv | cmp - t.csv
    prints line tarn cat /d/s
}

@test "cat prints rows of a table in a format" {
    prints 'a,b
1,x
2,y' tarn cat /t
    prints '{"a":1,"b":"x"}
{"a":2,"b":"y"}' tarn cat /t -f jsonl
    tarn cat /t -f parquet -o t.parquet
    prints 'n
2' tarn sql --allow-host "SELECT count(*) AS n FROM './t.parquet'"
}

@test "cat -o writes bytes to a file" {
    prints "" tarn cat /d/f.csv -o out
    cmp out t.csv
}

@test "cat through a link" {
    tarn ln -q -s d/s /l
    prints line tarn cat /l
}

@test "cat of a folder is exit 2, of nothing exit 3" {
    fails 2 "/d: is a folder" tarn cat /d
    fails 3 "/nope" tarn cat /nope
    tarn ln -q -s /nope /l
    fails 3 "" tarn cat /l
}

# --- get

@test "get writes each node into a folder under its own name" {
    gives 0 "" "" tarn get /d/f.csv /d out
    cmp out/f.csv t.csv
    cmp out/d/f.csv t.csv
    [ "$(cat out/d/s)" = line ]
}

@test "get of a link writes what it leads to, under the link's name" {
    tarn ln -q -s d /dl
    tarn ln -q -s f.csv /d/fl
    tarn ln -q -s / /all
    tarn get /dl/ /d/fl /d/../all out
    cmp out/fl t.csv
    cmp out/dl/f.csv t.csv
    [ "$(readlink out/dl/fl)" = f.csv ]
    cmp out/all/d/f.csv t.csv
    [ "$(ls out)" = "all
dl
fl" ]
}

@test "get writes a table as Parquet" {
    tarn get /t out
    [ "$(ls out)" = t ]
    [ "$(head -c 4 out/t)" = PAR1 ]
    mv out/t t.parquet
    prints 'n
2' tarn sql --allow-host "SELECT count(*) AS n FROM 'host:t.parquet'"
}

@test "get takes globs and an earlier version" {
    tarn put -q - /d/f.csv <<<new
    tarn get '/d/*' out
    [ "$(cat out/f.csv)" = new ]
    tarn get '/d/f*' old --at 2
    cmp old/f.csv t.csv
}

@test "get --sync writes what differs, --delete removes the rest" {
    tarn get /d out
    echo other >out/d/f.csv
    echo extra >out/d/extra
    tarn get --sync /d out
    cmp out/d/f.csv t.csv
    [ -e out/d/extra ]
    tarn get --sync --delete /d out
    [ ! -e out/d/extra ]
    fails 2 "get --delete: goes with --sync" tarn get --delete /d out
}

@test "get of two nodes with one name is exit 4 and writes neither" {
    tarn put -q t.csv /a/f.csv
    fails 4 "/a/f.csv and /d/f.csv have one name" tarn get /d/f.csv /a/f.csv out
    fails 4 "/a/f.csv and /d/f.csv: have one name" tarn get '/[ad]/f.csv' out
    [ ! -e out/f.csv ]
    tarn get /d/f.csv /d/f.csv '/a/*' '/d/*' out
    tarn get '/**' all
    cmp all/a/f.csv t.csv
    cmp all/d/f.csv t.csv
}

@test "get of nothing is exit 3" {
    fails 3 "/nope" tarn get /nope out
}

# --- describe

@test "describe has section, name and value" {
    tarn describe /t >out
    [ "$(head -1 out)" = section,name,value ]
    grep -q table out
    fails 3 "/nope" tarn describe /nope
}

@test "get to - is exit 2 and makes no folder of that name" {
    echo x >f
    tarn put -q f /f
    fails 2 "tarn cat" tarn get /f -
    [ ! -e ./- ]
}

@test "reading an object that is not there is exit 7" {
    head -c 300000 /dev/urandom >f
    { echo a; od -An -v -tx8 f; } >t.csv
    tarn put -q t.csv /t --as table
    tarn put -q f /f
    find "$TARN/objects" -name '*.parquet' -delete
    fails 7 "objects/.*: the object is not there" tarn cat /t
    fails 7 "the object is not there" tarn sql "SELECT count(*) FROM '/t'"
    fails 7 "" tarn sql "FROM '/t'"
    fails 7 "not there" tarn get /t out
    find "$TARN/objects" -type f -delete
    fails 7 "not there" tarn cat /f
    fails 7 "not there" tarn get /f out
}

# damage HOW: a lake with the table /t, whose object is then damaged.
damage() {
    seq 1 20000 | awk 'BEGIN { print "k,v" } { print $1 "," $1 * 7919 % 1000003 }' \
        >t.csv
    tarn put -q t.csv /t --as table
    local object size
    object=$(find "$TARN/objects" -size +20k)
    size=$(stat -c %s "$object")
    chmod u+w "$object"
    case $1 in
        short) truncate -s $((size / 2)) "$object" ;;
        other) printf '\xA5\x5A' | dd of="$object" bs=1 conv=notrunc \
            seek=$((size * 3 / 4)) status=none ;;
    esac
}

@test "a table whose object has other bytes is exit 7 at its end" {
    damage other
    run -7 --separate-stderr tarn cat /t
    [ "${lines[0]}" = "k,v" ]
    [[ $stderr == "tarn: "*"/objects/"*": the object's bytes hash to "* ]]
}

@test "an object that is cut short is exit 7, in SQL too" {
    damage short
    fails 7 "objects/.*: the object's bytes hash to" tarn cat /t
    fails 7 "objects/.*: the object's bytes hash to" \
        tarn sql "SELECT max(v) FROM '/t'"
}

@test "what is no Parquet by its own doing stays exit 5" {
    head -c 70000 /dev/zero >x.parquet
    tarn put -q x.parquet /x.parquet --as file
    fails 5 "x|objects" tarn sql "FROM '/x.parquet'"
}
