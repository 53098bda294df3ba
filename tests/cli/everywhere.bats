# CLI.md, Everywhere: flags, the lake, output, errors, exit codes.
load helper

# --- flags

@test "an empty lake path is refused: it is a variable that was not set" {
    lake
    echo a >f
    tarn put -q f /f
    for command in "put f" "cat" "ls" "describe" "log" "rm -r" "mv /f" "cp /f" \
        "ln -s /f" "mkdir -p" "revert --to 0" "collapse" "diff 0 1"; do
        fails 2 "empty" tarn $command ""
    done
    fails 2 "empty" tarn mv "" /g
    fails 2 "empty" tarn get "" .
    [ "$(head_version)" = 1 ]
}

@test "flags stand before or after the command" {
    lake
    tarn put -q - /a <<<x
    prints /a tarn -f plain ls /
    prints /a tarn ls / -f plain
    prints /a tarn ls -f plain /
}

@test "a value follows a flag, an equals sign, or a letter at once" {
    lake
    commits tarn mkdir /a
    commits tarn mkdir /b
    for n in "-n 1" "-n1" "--limit 1" "--limit=1"; do
        # shellcheck disable=SC2086 # words
        [ "$(tarn log $n -f plain | wc -l)" = 1 ]
    done
}

@test "letters without values can be written together" {
    lake
    tarn put -q - /d/.x <<<x
    prints "/d
/d/.x" tarn ls -Ra
}

@test "after -- a word is no flag" {
    lake
    commits tarn mkdir -- -x
    prints /-x tarn ls
}

@test "a single - is no flag" {
    lake
    commits tarn put - /a <<<x
    prints x tarn cat /a
}

@test "the last of two flags counts" {
    lake
    tarn put -q - /a <<<x
    prints /a tarn ls -f json -f plain
}

@test "an unknown flag is exit 2 with the nearest name" {
    fails 2 "--formt: there is no such flag \(did you mean --format\?\)" \
        tarn ls --formt csv
}

@test "an unknown flag without a near name says where flags are listed" {
    fails 2 "--xyzzy: there is no such flag \(tarn help COMMAND" \
        tarn ls --xyzzy
}

@test "an unknown letter is exit 2" {
    fails 2 "-Z: there is no such flag" tarn ls -Z
}

@test "a negative number that is no flag names the way out" {
    lake
    fails 2 "-5: there is no such flag \(put -- before" tarn state put s n -5
    commits tarn state put s n -- -5
    prints -5 tarn state get s n
}

@test "a flag of another command is exit 2 and named" {
    lake
    fails 2 "--at: put does not take it" tarn put --at 1 - /a
    fails 2 "--message: ls does not take it" tarn ls -m x
}

@test "a missing value is exit 2" {
    fails 2 "--format: a value is missing" tarn ls --format
    fails 2 "-n: a value is missing" tarn log -n
}

@test "a value for a flag that takes none is exit 2" {
    fails 2 "--quiet: takes no value" tarn ls --quiet=yes
}

@test "values of flags are checked" {
    lake
    fails 2 "--format xml: there is no such format" tarn ls -f xml
    fails 2 "--format cvs: there is no such format \(did you mean csv\?\)" \
        tarn ls -f cvs
    fails 2 "--max-rows x: is no whole number" tarn ls --max-rows x
    fails 2 "--max-rows -1: is no whole number" tarn ls --max-rows -1
    fails 2 "--threads 0: is no whole number" tarn ls --threads 0
    fails 2 "--threads 1x: is no whole number" tarn ls --threads 1x
    fails 2 "--memory lots: is no amount of memory" tarn ls --memory lots
    fails 2 "--wait soon: is no length of time" tarn ls --wait soon
    fails 2 "--limit many: is no whole number" tarn log -n many
    fails 2 "--limit 99999999999999999999: is no" \
        tarn log -n 99999999999999999999
}

@test "memory, threads and wait are taken" {
    lake
    prints "" tarn --memory 512MB --threads 2 --wait 1 ls
}

# --- commands

@test "without a command is exit 2" {
    fails 2 "a command is missing \(tarn help" tarn
}

@test "an unknown command is exit 2 with the nearest name" {
    fails 2 "stauts: there is no such command \(did you mean status\?\)" \
        tarn stauts
    fails 2 "recrod: there is no such command \(did you mean record\?\)" \
        tarn recrod ptu
    fails 2 "frobnicate: there is no such command \(tarn help lists them\)" \
        tarn frobnicate
}

@test "half a command of two words says which there are" {
    fails 2 "state: what to do is missing \(it is one of ls, get, put, rm\)" \
        tarn state
    fails 2 "state list: there is no such command \(it is one of" \
        tarn state list
}

@test "run is exit 2 and names collect, flow run and track run" {
    fails 2 "collect.*flow run.*track run" tarn run /x
}

@test "too few and too many arguments are exit 2 with the usage" {
    fails 2 "put: too few arguments \(tarn put SRC" tarn put x
    fails 2 "status: too many arguments \(tarn status\)" tarn status x
    fails 2 "mv: too few" tarn mv /a
    fails 2 "cat: too many" tarn cat /a /b
}

# --- the lake

@test "without a lake the error says how to get one, exit 3" {
    fails 3 "no lake: .*tarn init" tarn ls
    : >file
    fails 3 "file: no lake there" tarn -C file ls
}

@test "the lake is -C" {
    tarn init -q l
    tarn -C l put -q - /a <<<x
    prints /a tarn -C l ls
}

@test "the lake is \$TARN" {
    tarn init -q l
    export TARN=l
    tarn put -q - /a <<<x
    prints /a tarn ls
}

@test "-C comes before \$TARN" {
    tarn init -q l
    tarn init -q m
    tarn -C m put -q - /m <<<x
    export TARN=l
    prints /m tarn -C m ls
}

@test "the lake is the nearest folder upwards" {
    tarn init -q l
    tarn -C l put -q - /a <<<x
    mkdir -p l/deep/er
    cd l/deep/er
    prints /a tarn ls
}

@test "host paths are relative to the current folder, lake paths to /" {
    lake
    mkdir sub
    cd sub
    echo hello >f
    commits tarn put f a
    prints hello tarn cat a
    prints hello tarn cat /a
}

@test "a -C that is no lake is exit 3" {
    mkdir d
    fails 3 "d" tarn -C d ls
    fails 3 "nowhere" tarn -C nowhere ls
}

# --- standard output and standard error

@test "-q says nothing but errors" {
    lake
    gives 0 "" "" tarn -q mkdir /a
    fails 4 "/a" tarn -q mkdir /a
}

@test "a command that changes nothing says so and commits nothing" {
    lake
    tarn mkdir -q /a
    before=$(head_version)
    gives 0 "" "nothing changed, nothing committed" tarn mkdir -p /a
    [ "$(head_version)" = "$before" ]
}

@test "-o writes to a file, which replaces what was there" {
    lake
    tarn put -q - /a <<<x
    echo old >out
    prints "" tarn ls -o out
    [ "$(cat out)" = /a ]
}

@test "-o - is standard output" {
    lake
    tarn put -q - /a <<<x
    prints /a tarn ls -o -
}

@test "a file of -o is not there after a failure" {
    lake
    fails 3 "/nope" tarn cat /nope -o out
    [ ! -e out ]
    [ "$(ls -A | grep -c out)" = 0 ]
}

@test "a file of -o keeps its old content after a failure" {
    lake
    echo old >out
    fails 3 "/nope" tarn cat /nope -o out
    [ "$(cat out)" = old ]
}

@test "-o to a folder that is not there is exit 3" {
    lake
    fails 3 "no/out" tarn ls -o no/out
}

@test "-o follows a link and writes to a device" {
    lake
    tarn put -q - /a <<<x
    touch real
    ln -s real link
    prints "" tarn ls -o link
    [ -L link ] && [ "$(cat real)" = /a ]
    prints "" tarn ls -o /dev/null
    # What cannot be looked at is not replaced.
    ln -s round round
    fails 1 "round: Too many" tarn ls -o round
    [ -L round ]
}

@test "a closed pipe ends quietly" {
    lake
    head -c 3000000 /dev/urandom >big
    tarn put -q big /big
    run --separate-stderr bash -c \
        '"$1" cat /big | head -c 10 | wc -c; echo "${PIPESTATUS[0]}"' \
        _ "$TARN_BIN"
    [ "$output" = "10
0" ]
    [ -z "$stderr" ]
}

@test "a full disk under standard output is exit 1" {
    [ -e /dev/full ] || skip "no /dev/full"
    lake
    tarn put -q - /a <<<x
    got=0
    tarn ls >/dev/full 2>err || got=$?
    [ "$got" = 1 ]
    [[ "$(cat err)" = "tarn: standard output: No space left on device ("*")" ]]
}

@test "closed standard streams are an error, and harm nothing" {
    lake
    tarn put -q - /a <<<x
    got=0
    tarn ls >&- 2>err || got=$?
    [ "$got" = 1 ]
    [[ "$(cat err)" = "tarn: standard output: Bad file descriptor ("*")" ]]
    got=0
    tarn put - /b <&- >&- 2>&- || got=$?
    [ "$got" = 1 ]
    echo y >y
    tarn put y /c <&- >&- 2>&-
    prints y tarn cat /c
    gives 0 "" "no faults" tarn check --deep
}

# --- errors

@test "an error is one line" {
    lake
    fails 3 "/nope" tarn cat /nope
    fails 2 ".*" tarn
}

@test "with --format json an object follows the error's line" {
    lake
    got=0
    tarn -f json cat /nope >out 2>err || got=$?
    [ "$got" = 3 ] && [ ! -s out ]
    [ "$(wc -l <err)" = 2 ]
    message=$(sed -n 's/^tarn: //p' err)
    python3 - err "$message" <<'PY'
import json, sys
line = open(sys.argv[1]).read().splitlines()[1]
got = json.loads(line)
assert list(got) == ["code", "message", "details"], got
assert got["code"] == 3 and got["message"] == sys.argv[2], got
assert isinstance(got["details"], dict), got
PY
}

@test "a bad argument is an object as well" {
    got=0
    tarn ls --nope -f json 2>err || got=$?
    [ "$got" = 2 ]
    [ "$(sed -n 1p err)" = "$(head -1 err)" ]
    # --nope comes first, so the format is not known yet.
    [ "$(wc -l <err)" = 1 ]
    tarn -f json ls --nope 2>err || true
    [ "$(wc -l <err)" = 2 ]
}

@test "for SQL the details hold query, error_type and original_error" {
    lake
    got=0
    tarn -f json sql "SELECT nope" 2>err || got=$?
    [ "$got" = 5 ]
    python3 - err <<'PY'
import json, sys
d = json.loads(open(sys.argv[1]).read().splitlines()[1])["details"]
assert d["query"] == "SELECT nope", d
assert d["error_type"], d
assert "nope" in d["original_error"], d
PY
}

@test "exit codes" {
    lake
    tarn put -q - /a <<<x
    prints x tarn cat /a
    fails 2 "" tarn cat
    fails 3 "" tarn cat /b
    fails 4 "" tarn mkdir /a
    fails 5 "" tarn sql "SELECT"
}

# --- commits

@test "a commit says its version" {
    lake
    gives 0 "" "version 1" tarn mkdir /a
    gives 0 "" "version 2" tarn mkdir /b
}

@test "--version-file holds the version, also with -q" {
    lake
    tarn mkdir -q /a --version-file v
    [ "$(cat v)" = "$(head_version)" ]
}

@test "--version-file is not written when nothing is committed" {
    lake
    tarn mkdir -q /a
    gives 0 "" "nothing changed, nothing committed" \
        tarn mkdir -p /a --version-file v
    [ ! -e v ]
    fails 3 "" tarn rm /nope --version-file v
    [ ! -e v ]
}

@test "--version-file that cannot be written fails before the commit" {
    lake
    before=$(head_version)
    fails 3 "no/v" tarn mkdir /a --version-file no/v
    [ "$(head_version)" = "$before" ]
}

@test "--version-file - is standard output" {
    lake
    gives 0 1 "version 1" tarn mkdir /a --version-file -
}

@test "a message stands in the log" {
    lake
    tarn mkdir -q /a -m 'why, "so"'
    [ "$(tarn log -n 1 -f json |
        python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["message"])')" \
        = 'why, "so"' ]
}

@test "secrets in the command do not reach the log" {
    lake
    tarn -q state put s n http://me:hunter2@host/ -m 'api_token=hunter2'
    tarn log -n 1 -f json >shown
    [ "$(grep -c 'me:\*\*\*@host' shown)" = 1 ]
    [ "$(tarn log -n 1 -f json |
        python3 -c 'import json,sys; print("hunter2" in json.load(sys.stdin)[0]["command"])')" \
        = False ]
}

# --- time

@test "--at reads an earlier version" {
    lake
    tarn put -q - /a <<<one
    tarn put -q - /a <<<two
    prints one tarn cat /a --at 1
    prints two tarn cat /a --at 2
    prints two tarn cat /a
    prints "" tarn ls --at 0
}

@test "--at takes a time" {
    lake
    tarn put -q - /a <<<one
    sleep 0.05
    now=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
    sleep 0.05
    tarn put -q - /a <<<two
    prints one tarn cat /a --at "$now"
}

@test "--at a version that is not there is exit 3" {
    lake
    fails 3 "99" tarn ls --at 99
    fails 3 "1999" tarn ls --at 1999-01-01
}

@test "--at what is no version and no time is exit 2" {
    lake
    fails 2 "yesterdayish" tarn ls --at yesterdayish
}

# --- interruption

@test "SIGINT is exit 130 and commits nothing" {
    lake
    gives 130 "" "tarn: interrupted: nothing was committed (run it again)" \
        interrupted hello "$TARN_BIN" put - /a
    prints "" tarn ls
}

@test "SIGINT ends the wait for a pipe that nobody writes to, or that is silent" {
    lake
    mkfifo pipe
    gives 130 "" "tarn: pipe: interrupted (nothing was changed)" \
        interrupted "" "$TARN_BIN" put pipe /a
    exec 4<>pipe
    gives 130 "" "tarn: pipe: interrupted (nothing was changed)" \
        interrupted "" "$TARN_BIN" put pipe /a 4>&-
    exec 4>&-
    echo late >pipe &
    tarn put -q pipe /a
    prints late tarn cat /a
}

@test "SIGINT ends a query" {
    lake
    got=0
    interrupted "" "$TARN_BIN" sql \
        "SELECT sum(a.range * b.range) AS s FROM range(3000000) a, range(3000000) b" \
        >out 2>err || got=$?
    [ "$got" = 130 ]
    [ ! -s out ]
    [ "$(grep -c '^tarn: ' err)" = 1 ] && [ "$(wc -l <err)" = 1 ]
}

# --- versions

@test "--version prints software, format and engines" {
    tarn --version >out
    [ "$(sed -n 1p out | grep -cE '^tarn [0-9]+\.[0-9]+\.[0-9]+$')" = 1 ]
    [ "$(sed -n 2p out)" = "format 1" ]
    [ "$(sed -n 3p out | grep -cE '^duckdb [0-9]+\.[0-9]+\.[0-9]+$')" = 1 ]
    [ "$(sed -n 4p out | grep -cE '^rocksdb [0-9]+\.[0-9]+\.[0-9]+$')" = 1 ]
    [ "$(wc -l <out)" = 4 ]
}

@test "every error line ends in a way to mend it" {
    lake
    printf '{"a":1}\n{"a":\n' >bad.jsonl
    ends='[^ .] \([^()]+\)$'
    fails 3 "nope: .*$ends" tarn put nope /x
    fails 5 "bad.jsonl: .*$ends" tarn put bad.jsonl /x --as table
    fails 5 "Could not convert.*$ends" tarn sql "SELECT 'x'::INT"
    fails 3 "/nope/out: .*$ends" tarn sql 'SELECT 1' -o /nope/out
}

@test "a word that begins with -- and a blank is no flag" {
    lake
    prints $'x\n1' tarn sql $'-- how many\nSELECT 1 AS x'
    fails 5 "holds no statement" tarn sql '-- nothing'
    commits tarn mkdir '/d' -m '-- m'
}
