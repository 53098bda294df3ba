# put --every: live input in micro-batches.
load helper

prepare() { lake; }

# Until the first batch is committed.
first_commit() {
    until [ "$(head_version)" -ge 1 ]; do sleep 0.05; done
}

@test "a stream is committed while it comes" {
    { echo one; first_commit; echo two; } |
        tarn put - /s --as stream --every 0.2s 2>err
    prints "one
two" tarn cat /s
    [ "$(grep -c '^version' err)" = 2 ]
    prints one tarn cat /s --at 1
}

@test "lines are not torn, and the end needs no line end" {
    { printf 'one\ntw'; first_commit; printf 'o\nthree'; } |
        tarn put -q - /s --as stream --every 0.2s
    [ "$(tarn cat /s)" = "one
two
three" ]
    prints one tarn cat /s --at 1
}

@test "a series of CSV keeps its header" {
    { printf 'time,v\n2026-01-01T00:00:00Z,1\n'; first_commit
        printf '2026-01-02T00:00:00Z,2\n'; } |
        tarn put -q - /s --as series --every 0.2s
    prints 'v
1
2' tarn sql "SELECT v FROM '/s' ORDER BY time"
    [ "$(head_version)" = 2 ]
}

@test "a series of JSON lines" {
    { echo '{"time":"2026-01-01T00:00:00Z","v":1}'; first_commit
        echo '{"time":"2026-01-02T00:00:00Z","v":2}'; } |
        tarn put -q - /s --as series --every 0.2s
    prints 'v
1
2' tarn sql "SELECT v FROM '/s' ORDER BY time"
}

@test "each commit writes the version file anew" {
    { echo one; first_commit; echo two; } |
        tarn put -q - /s --as stream --every 0.2s --version-file v
    [ "$(cat v)" = 2 ]
}

@test "no input commits nothing" {
    tarn put -q - /s --as stream --every 1s </dev/null
    prints "" tarn ls
}

@test "what an interrupted commit would have held is committed, once" {
    tarn mkdir -q /other
    mkfifo feed
    exec 7<>feed 8>>lock
    flock -x 8
    printf 'time,v\n2026-01-01T00:00:00Z,1\n' >&7
    "$TARN_BIN" put -q - /s --as series --every 0.1s --wait 600 \
        <feed 3>&- 7>&- 8>&- 2>err &
    until [ -e lock.want ]; do sleep 0.01; done
    rm lock.want
    kill -TERM $!
    until [ -e lock.want ]; do sleep 0.01; done # it waits anew
    flock -u 8
    code=0
    wait $! || code=$?
    [ "$code" = 130 ]
    grep -q 'whole lines that had come are committed' err
    prints 'v
1' tarn sql "SELECT v FROM '/s'"
}

@test "SIGINT commits the whole lines that came, exit 130" {
    gives 130 "" "tarn: interrupted: the whole lines that had come are committed (what followed was not read)" \
        interrupted 'one
two
tor' "$TARN_BIN" put -q - /s --as stream --every 60s
    prints "one
two" tarn cat /s
}
