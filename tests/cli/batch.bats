# batch: many commands, one commit.
load helper

prepare() { lake; }

@test "a batch is one commit" {
    cat >b <<'X'
mkdir /a
put - /a/x --as stream
state put s n v
X
    echo hello >in
    gives 0 "" "version 1" tarn batch b -m night <in
    prints hello tarn cat /a/x
    prints v tarn state get s n
    [ "$(tarn log -n 1 -f plain | cut -f 1,5)" = "1	night" ]
}

@test "a batch comes from standard input" {
    gives 0 "" "version 1" tarn batch - <<'X'
mkdir /a
mkdir /b
X
    prints "/a
/b" tarn ls
}

@test "words are quoted as in a shell" {
    echo x >"it's a file"
    tarn batch -q - <<'X'
  # a comment
mkdir '/one two'   # and another
mkdir "/a\"b\\c"
mkdir /d\ e#f

put 'it'"'"'s a file' /f
mkdir "/\$HOME" /~ "/*" '/`x`'
X
    prints '/$HOME
/*
/`x`
/a"b\c
/d e#f
/f
/one two
/~' tarn ls
}

@test "an empty quote is a word" {
    tarn batch -q - <<<"state put s n ''"
    prints "" tarn -q state get s n -f plain || prints 's	n		1' \
        tarn state get s n -f plain
}

@test "lines see what earlier lines wrote" {
    tarn batch -q - <<'X'
mkdir /a
mkdir /a/b
mv /a /c
cp /c/b /d
rm -r /c
ln -s /d /l
X
    prints "/d
/l" tarn ls
}

@test "the first failure commits nothing and names its line" {
    cat >b <<'X'
mkdir /a

# nothing
rm /nope
mkdir /b
X
    fails 3 "b line 4: /nope" tarn batch b
    prints "" tarn ls
    [ "$(head_version)" = 0 ]
    fails 4 "standard input line 2: /a" tarn batch - <<'X'
mkdir /a
mkdir /a
X
}

@test "commands that only read are exit 2" {
    for line in "ls /" "cat /a" "get /a d" "sql 'SELECT 1'" "state get a b" \
        "state ls" "log" "batch x" "init d" "gc" "compact" "shell" "help"; do
        fails 2 "standard input line 1: .*cannot stand in a batch" \
            tarn batch - <<<"$line"
    done
}

@test "unknown commands and flags name their line" {
    fails 2 "standard input line 2: mkdr: there is no such command" \
        tarn batch - <<'X'
mkdir /a
mkdr /b
X
    fails 2 "line 1: --nope: there is no such flag" \
        tarn batch - <<<"mkdir --nope /a"
    fails 2 "line 1: mkdir: too few arguments" tarn batch - <<<"mkdir"
}

@test "flags of the whole batch are refused in a line" {
    fails 2 "line 1: --lake: holds for the whole batch" \
        tarn batch - <<<"-C x mkdir /a"
    fails 2 "line 1: --message: holds for the whole batch" \
        tarn batch - <<<"mkdir /a -m x"
}

@test "bad quoting is exit 5" {
    fails 5 "line 1: a '…' quote is not finished" tarn batch - <<<"mkdir 'a"
    fails 5 'line 1: a "…" quote is not finished' tarn batch - <<<'mkdir "a'
    fails 5 "line 1: a \\\\ escape is not finished" tarn batch - <<<'mkdir a\'
    fails 5 "line 1: ';' stands outside of quotes" \
        tarn batch - <<<'mkdir /a; mkdir /b'
    fails 5 "line 1: the line holds a NUL byte" \
        tarn batch <(printf 'mkdir /a\0b\n')
}

@test "standard input cannot be batch and content" {
    fails 2 "line 1: put -: standard input holds the batch" \
        tarn batch - <<<"put - /a"
}

@test "live input is not for a batch" {
    fails 2 "line 1: put --every" \
        tarn batch - <<<"put x /a --as stream --every 1s"
}

@test "an empty batch commits nothing and says so" {
    gives 0 "" "nothing changed, nothing committed" tarn batch /dev/null
    gives 0 "" "nothing changed, nothing committed" tarn batch - <<<"# x"
}

@test "a batch that is not there is exit 3" {
    fails 3 "nope" tarn batch nope
    mkdir d
    fails 1 "d: Is a directory" tarn batch d
}

@test "a last line without an end, and ends of other systems" {
    printf 'mkdir /a\r\nmkdir /b' | tarn batch -q -
    prints "/a
/b" tarn ls
}

@test "a batch reads its version file flag" {
    tarn batch -q - --version-file v <<<"mkdir /a"
    [ "$(cat v)" = 1 ]
}

@test "SIGINT in a batch commits nothing" {
    gives 130 "" "tarn: interrupted: nothing was committed (run it again)" \
        interrupted "mkdir /a
" "$TARN_BIN" batch -
    prints "" tarn ls
}

@test "10,000 files are one commit" {
    mkdir f
    (cd f && seq 10000 | split -l 1 -a 5 -d - f)
    (cd f && ls) | sed 's|.*|put f/& /d/&|' >b
    gives 0 "" "version 1" tarn batch b
    [ "$(tarn ls /d | wc -l)" = 10000 ]
    prints 10000 tarn cat /d/f09999
}
