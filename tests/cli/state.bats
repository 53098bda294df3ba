# state ls, get, put, rm
load helper

prepare() { lake; }

@test "a value is put, got and listed" {
    gives 0 "" "version 1" tarn state put feed cursor "a b"
    prints "a b" tarn state get feed cursor
    prints 'scope,name,value,version
feed,cursor,a b,1' tarn state ls
}

@test "ls of one scope" {
    tarn state put -q a x 1
    tarn state put -q b y 2
    prints 'b	y	2	2' tarn state ls b -f plain
    prints '' tarn state ls nope -f plain
}

@test "get with --format is a row" {
    tarn state put -q a x 1
    tarn state put -q a y 2
    prints 'scope,name,value,version
a,y,2,2' tarn state get a y -f csv
}

@test "put replaces, earlier versions keep the old value" {
    tarn state put -q a x 1
    tarn state put -q a x 2
    prints 2 tarn state get a x
    prints 1 tarn state get a x --at 1
}

@test "rm removes" {
    tarn state put -q a x 1
    commits tarn state rm a x
    fails 3 "x" tarn state get a x
    fails 3 "x" tarn state rm a x
    prints 1 tarn state get a x --at 1
}

@test "what was never there is exit 3" {
    fails 3 "x" tarn state get a x
}
