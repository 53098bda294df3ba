# help, man page and completions come from one table.
load helper

# The names in the table, one a line.
commands() {
    tarn completion bash | sed -n "s/^    '\(.*\)') flags=.*/\1/p"
}

# What the examples need.
examples_need() {
    lake
    export TARN=$PWD
    printf 'time,v\n2026-11-21T00:00:00Z,1\n' >day.csv
    tarn put -q day.csv /raw/
    tarn put -q day.csv /raw/ -m two
    tarn put -q day.csv /raw/ -m three
    tarn put -q day.csv /readings --as series
    tarn put -q day.csv /readings
    tarn mkdir -q /old
    tarn state put -q feed cursor 1
    tarn state put -q feed old 1
    echo "put day.csv /night/" >puts.txt
    echo '{"name":"people","version":"1.0.0","x-tarn":{"key":"name"}}' >people.json
    tarn schema put -q people.json
    sed s/people/drafts/ people.json >drafts.json
    tarn schema put -q drafts.json
    for name in Ada Charles Alan; do
        tarn record put -q people '{"name":"'$name'"}' >/dev/null
    done
    tarn edge put -q Ada knows Charles
    tarn edge put -q Charles inspired Alan
    for name in signup search purchase login; do
        echo '{"event":"'$name'","properties":{"time":1763683200,' \
            '"distinct_id":"u1","$insert_id":"'$name'","country":"NZ"}}'
    done | gzip >january.jsonl.gz
    tarn events load -q events --db web.db january.jsonl.gz >/dev/null
    mkdir -p extracted/table state/table
    echo '{"typeName":"Table","attributes":{"qualifiedName":"d/m/1/db/s/t"}}' |
        tee extracted/table/0.json >state/table/0.json
    cat >top-routes.yaml <<'X'
name: top-routes
params: {min_delay: {type: integer, default: 15}}
steps:
  - {id: flights, component: file.extractor, mode: read, config: {path: day.csv}}
  - {id: delays, component: sql, mode: transform,
     config: {query: "SELECT * FROM flights WHERE v < ${params.min_delay}"}}
  - {id: out, component: csv.writer, mode: write, config: {path: delays.csv}}
X
    echo 'connections: {sqlite: {shop: {path: shop.sqlite}}}' >connections.yaml
    tarn flow run -q top-routes.yaml >/dev/null
    printf '%s\n' 'application: crawler' 'connection: default/mysql/1' \
        'source: "@mysql.prod"' 'preset: mysql' >crawler.yaml
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$TARN_BIN" "$BATS_TEST_TMPDIR/bin/tarn"
}

@test "the table has the commands of the contract" {
    commands | sort >have
    sort >want <<'X'
batch
cat
check
collapse
compact
completion
cp
describe
diff
gc
get
help
init
ln
log
ls
mkdir
mv
put
rebuild
revert
rm
shell
show
sql
state get
state ls
state put
state rm
status
X
    [ -z "$(comm -13 have want)" ]
}

@test "every command has help with a usage, flags and one example" {
    while read -r name; do
        # shellcheck disable=SC2086 # one or two words
        tarn $name --help >out
        head -1 out | grep -q "^tarn $name" || { echo "$name"; false; }
        [ "$(grep -c '^Example:$' out)" = 1 ]
        [ "$(sed '1,/^Example:$/d' out | wc -l)" = 1 ]
        sed '1,/^Example:$/d' out | grep -q "tarn $name" ||
            { echo "$name: the example is of another"; false; }
        # shellcheck disable=SC2086
        tarn help $name >out2
        cmp out out2
        while IFS= read -r line; do
            [ "${#line}" -le 79 ] || { echo "$line"; false; }
        done < <(sed '/^Example:$/,$d' out)
    done < <(commands)
}

@test "the example of every command runs" {
    examples_need
    while read -r name; do
        [ "$name" != "events fetch" ] || continue # it needs a server
        [ "$name" != "track run" ] || continue    # so does this
        mkdir -p "$BATS_TEST_TMPDIR/each"
        rm -rf "$BATS_TEST_TMPDIR/each"
        cp -r "$PWD" "$BATS_TEST_TMPDIR/each"
        # shellcheck disable=SC2086 # one or two words
        line=$(tarn $name --help | sed '1,/^Example:$/d')
        [ "$name" != "events load" ] || rm "$BATS_TEST_TMPDIR/each/web.db"
        (cd "$BATS_TEST_TMPDIR/each" && export TARN=$PWD && unset -f tarn &&
            eval "$line" >"$BATS_TEST_TMPDIR/out" 2>&1) ||
            { echo "$name: $line"; cat "$BATS_TEST_TMPDIR/out"; false; }
    done < <(commands)
}

@test "help lists every command and flag of all" {
    tarn help >out
    tarn --help | cmp - out
    while read -r name; do
        grep -q "^  $name " out || { echo "$name"; false; }
    done < <(commands)
    grep -q -- "--lake DIR" out
}

@test "help of a family is that of its members" {
    [ "$(tarn help state | grep -c '^Example:$')" = 4 ]
    [ "$(tarn state --help)" = "$(tarn help state)" ]
    fails 2 "did you mean state" tarn stae --help
}

@test "help of what is not there is exit 2" {
    fails 2 "nope: there is no such command" tarn help nope
}

@test "the man page is sound roff" {
    tarn help --man >tarn.1
    [ "$(head -1 tarn.1 | cut -c 1-3)" = .TH ]
    if command -v man >/dev/null && command -v groff >/dev/null; then
        [ -z "$(groff -man -Tutf8 -ww -z tarn.1 2>&1)" ]
    fi
    grep -q '^\.SH EXIT STATUS$' tarn.1
}

@test "completions are sound scripts" {
    tarn completion bash >c.bash
    bash -n c.bash
    if command -v zsh >/dev/null; then
        tarn completion zsh >c.zsh
        zsh -n c.zsh
    fi
    if command -v fish >/dev/null; then
        tarn completion fish >c.fish
        fish -n c.fish
    fi
    fails 2 "completion csh: there is none" tarn completion csh
}

complete_bash() {
    # shellcheck disable=SC1091
    bash -c '. ./c.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tarn
        printf "%s\n" "${COMPREPLY[@]}"' _ "$@" | sort
}

@test "bash completes commands, second words, flags and lake paths" {
    examples_need
    tarn completion bash >c.bash
    [ "$(complete_bash tarn mk)" = mkdir ]
    [ "$(complete_bash tarn -q rev)" = revert ]
    [ "$(complete_bash tarn state '')" = "get
ls
put
rm" ]
    [ "$(complete_bash tarn put --time)" = --time-column ]
    [ "$(complete_bash tarn state get --a)" = --at ]
    [ "$(complete_bash tarn cat /ra)" = /raw ]
    [ "$(complete_bash tarn cat /raw/d)" = /raw/day.csv ]
    [ "$(complete_bash tarn put day)" = day.csv ]
}
