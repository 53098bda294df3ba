# tarn events: loading and questions.
load helper

prepare() { export TARN_DB=s.db; }

# line EVENT TIME USER ID [MORE]
line() {
    printf '{"event":"%s","properties":{"time":%s,"distinct_id":"%s","$insert_id":"%s"%s}}\n' \
        "$1" "$2" "$3" "$4" "${5:+,$5}"
}
DAY=86400
COUNTS="read,loaded,duplicates,quarantined"

story() {
    {
        line signup 0 ann 1 '"country":"DE","n":1'
        line search $((DAY)) ann 2 '"country":"DE"'
        line buy $((2 * DAY)) ann 3 '"country":"DE","n":2.5'
        line signup 0 bob 4 '"country":"FR"'
        line buy $((DAY)) bob 5 '"country":"FR"'
        line search $((2 * DAY)) bob 6 '"country":"FR"'
        line signup $((DAY)) cy 7
        line search $((20 * DAY)) cy 8 '"a.b":1,"c":{"d":"deep"}'
    } >in.jsonl
    tarn events load -q ev in.jsonl >/dev/null
}

@test "bad lines overwrite neither the store nor the input, and replace no device" {
    printf '{"event":"e","properties":{"time":0,"distinct_id":"u","$insert_id":"1"}}\nbad\n' >in
    cp in copy
    tarn events load -q a in --db s.db --quarantine bad >/dev/null 2>&1
    ln -s in link
    for name in s.db in link ./in "$PWD/s.db" . ""; do
        fails 2 "bad lines" tarn events load b in --db s.db --quarantine "$name"
    done
    cmp in copy
    prints a sh -c "$TARN_BIN events ls --db s.db -f plain | cut -f 1"
    mkfifo pipe
    cat pipe >got &
    tarn events load -q c in --db s.db --quarantine pipe >/dev/null 2>&1
    wait
    [ -p pipe ]
    cmp got bad
    touch kept
    ln -s kept onward
    tarn events load -q d in --db s.db --quarantine onward >/dev/null 2>&1
    tarn events load -q e in --db s.db --quarantine onward >/dev/null 2>&1
    [ -L onward ]
    cmp kept bad
    [ -z "$(ls -A | grep -e partial -e .tarn-)" ]
}

@test "load prints what became of each line" {
    { line a 1 u 1; line a 2 u 1; echo nonsense; echo; line a 3 u; } >in
    gives 0 "$COUNTS
4,2,1,1" "1 quarantined
  in: line 3: is no JSON object
1 had no \$insert_id and got one" tarn events load ev in
}

@test "--quarantine - prints the bad lines before the counts" {
    { line a 1 u 1; echo nonsense; line a 3 u 2; echo '{"event":3'; } >in
    prints '{"line":2,"reason":"is no JSON object","text":"nonsense"}
{"line":4,"reason":"is no JSON object: byte 11: an object is not closed","text":"{\"event\":3"}
'"$COUNTS
4,2,0,2" tarn events load -q ev in --quarantine -
    prints "n
0" tarn events sql "SELECT count(*) AS n FROM _quarantine"
    tarn events load ev in --replace --quarantine - -o counts >bad
    [ "$(wc -l <bad)" = 2 ]
    [ "$(tail -n 1 counts)" = 4,2,0,2 ]
}

@test "load reads standard input" {
    line a 1 u 1 | tarn events load ev - >out
    [ "$(tail -n 1 out)" = 1,1,0,0 ]
}

@test "load reads gzip and zstd, whatever they are called" {
    line a 1 u 1 | gzip >a
    line a 1 u 2 | zstd -q >b
    prints "$COUNTS
2,2,0,0" tarn events load ev a b
}

@test "a table that is there is exit 4" {
    story
    fails 4 "table ev: is already there" tarn events load ev in.jsonl
}

@test "append to no table is exit 3" {
    : >in
    fails 3 "is not in this store" tarn events load ev in --append
}

@test "append and replace" {
    story
    { line buy 0 dee 1; line buy 0 dee 9; } >more
    prints "$COUNTS
2,1,1,0" tarn events load ev more --append
    prints "$COUNTS
2,2,0,0" tarn events load ev more --replace
    prints 2 tarn events sql "SELECT count(*) AS n FROM ev" -f plain
}

@test "strict loads nothing at a bad line" {
    { line a 1 u 1; echo '{}'; } >in
    fails 5 "in: line 2: has no event" tarn events load ev in --strict
    prints "" tarn events ls -f plain
    fails 5 "line 2" tarn events load ev in --max-bad 0
    tarn events load -q ev in --max-bad 1
}

@test "bad lines go into a file, or into the store" {
    { echo '{}'; line a 1 u 1; } >in
    tarn events load -q ev in --quarantine bad >/dev/null
    prints '{"line":1,"reason":"has no event","text":"{}"}' cat bad
    tarn events load -q ev in --replace >/dev/null
    prints "ev	in	1	has no event	{}" tarn events sql -f plain \
        "SELECT table_name, source, line, reason, text FROM _quarantine"
}

@test "a missing file is exit 3 and leaves no table" {
    fails 3 "nope" tarn events load ev nope
    prints "" tarn events ls -f plain
}

@test "names are checked" {
    : >in
    fails 2 "is no table's name" tarn events load a-b in
}

@test "the store is named by flag, project or environment" {
    line a 1 u 1 >in
    tarn events load -q ev in --db x.db >/dev/null
    tarn events load -q ev in --project p1 >/dev/null
    [ -f x.db ] && [ -f "$HOME/.tarn/p1.db" ] && [ ! -e s.db ]
    fails 2 "both name a store" tarn events ls --db x.db --project p1
    unset TARN_DB
    fails 2 "which store" tarn events ls
}

@test "a store that is not there is exit 3 and is not made" {
    fails 3 "there is no such store" tarn events ls --db no.db
    [ ! -e no.db ]
}

@test "a store that is no database is exit 7" {
    head -c 9000 /dev/zero >zero.db
    fails 7 "zero.db" tarn events ls --db zero.db
}

@test "a held store is exit 6 and names the process" {
    story
    mkfifo pipe
    "$TARN_BIN" events load other pipe >/dev/null 2>&1 3>&- &
    exec 9>pipe
    until grep -q " $! " /proc/locks; do sleep 0.05; done
    fails 6 "s.db: is held by process $!" tarn events ls --wait 0
    exec 9>&-
    wait
}

@test "ls, schema, info" {
    story
    [ "$(tarn events ls -f csv | cut -d, -f 1-3,5,6)" = \
        "name,type,row_count,from_date,to_date
ev,events,8,1970-01-01,1970-01-21" ]
    prints "name,type,nullable,primary_key
event_name,VARCHAR,false,false
event_time,TIMESTAMP,false,false
distinct_id,VARCHAR,false,false
insert_id,VARCHAR,false,true
properties,JSON,true,false" tarn events schema ev
    [ "$(tarn events info -f csv | cut -d, -f 1,3-)" = \
        "path,tables,rows,events,profiles,quarantined
s.db,1,8,8,0,0" ]
}

@test "sample gives as many rows as there are at most" {
    story
    [ "$(tarn events sample ev -n 3 -f jsonl | wc -l)" = 3 ]
    [ "$(tarn events sample ev -n 30 -f jsonl | wc -l)" = 8 ]
}

@test "breakdown" {
    story
    prints "event,count,unique_users,first_seen,last_seen,pct_of_total
search,3,3,1970-01-02T00:00:00Z,1970-01-21T00:00:00Z,37.5
signup,3,3,1970-01-01T00:00:00Z,1970-01-02T00:00:00Z,37.5
buy,2,2,1970-01-02T00:00:00Z,1970-01-03T00:00:00Z,25.0" \
        tarn events breakdown ev
}

@test "keys" {
    story
    prints "a.b
c
country
n" tarn events keys ev -f plain
    prints "country
n" tarn events keys ev --event signup -f plain
}

@test "summary has a row a column" {
    story
    [ "$(tarn events summary ev -f csv | head -n 2 | cut -d, -f 1-7)" = \
        "column,type,count,null_pct,approx_unique,min,max
event_name,VARCHAR,8,0.00,3,buy,signup" ]
    # Times are ISO here too, an average's fraction as well.
    tarn events summary ev -f json | jq -e '.[1] | [.min, .max, .avg, .q25]
        | all(test("^[0-9-]{10}T[0-9:.]{8,15}Z$"))'
}

@test "column, of a property too" {
    story
    prints "value,count,pct
DE,3,37.5
FR,3,37.5
,2,25.0" tarn events column ev properties.country
    prints "search,3,37.5" bash -c \
        '"$TARN_BIN" events column ev event_name --top 1 | tail -n 1'
    [ "$(tarn events column ev properties.c.d -f plain | cut -f 1 |
        grep .)" = deep ]
    [ "$(tarn events column ev properties.a.b -f plain | cut -f 1 |
        grep .)" = 1 ]
    fails 3 "has no column nope" tarn events column ev nope
}

@test "funnel: steps in order, within the window" {
    story
    prints "step,event,users,rate
1,signup,3,1.0
2,search,2,0.6667
3,buy,1,0.3333" tarn events funnel ev --steps signup,search,buy
    prints "step,event,users,rate
1,signup,3,1.0
2,search,3,1.0" tarn events funnel ev --steps signup,search --window 30d
    prints "step,event,users,rate
1,signup,3,1.0
2,search,1,0.3333" tarn events funnel ev --steps signup,search --window 1d
}

@test "funnel: a later start may succeed where the first one fails" {
    { line a 0 u 1; line a $((9 * DAY)) u 2; line b $((10 * DAY)) u 3; } >in
    tarn events load -q t in >/dev/null
    prints "1
1" bash -c '"$TARN_BIN" events funnel t --steps a,b -f plain | cut -f 3'
}

@test "funnel: a step twice needs two events" {
    { line a 0 u 1; line a 5 u 2; line a 0 v 3; } >in
    tarn events load -q t in >/dev/null
    prints "2
1" bash -c '"$TARN_BIN" events funnel t --steps a,a -f plain | cut -f 3'
}

@test "funnel: at one time the order of the steps counts" {
    { line b 0 u 1; line a 0 u 2; } >in
    tarn events load -q t in >/dev/null
    prints "1
1" bash -c '"$TARN_BIN" events funnel t --steps a,b -f plain | cut -f 3'
}

@test "funnel by a property" {
    story
    prints "step,event,users,rate,value
1,signup,1,1.0,DE
2,buy,1,1.0,DE
1,signup,1,1.0,FR
2,buy,1,1.0,FR
1,signup,1,1.0,
2,buy,0,0.0," tarn events funnel ev --steps signup,buy --by country
}

@test "funnel wants two steps" {
    story
    fails 2 "2 to 20 steps" tarn events funnel ev --steps signup
    fails 2 "--steps is missing" tarn events funnel ev
}

@test "retention" {
    story
    prints "cohort,users,period,returned,rate
1970-01-01,2,0,0,0.0
1970-01-01,2,1,1,0.5
1970-01-01,2,2,1,0.5
1970-01-02,1,0,0,0.0
1970-01-02,1,1,0,0.0
1970-01-02,1,2,0,0.0" tarn events retention ev --first signup --return search \
        --periods 3
    fails 2 "is no unit" tarn events retention ev --first a --return b \
        --unit year
}

@test "segment" {
    story
    prints "time,value,count,users
1970-01-01T00:00:00Z,DE,1,1
1970-01-01T00:00:00Z,FR,1,1
1970-01-02T00:00:00Z,,1,1" tarn events segment ev --event signup --by country
}

@test "shredded properties answer as before" {
    story
    tarn events column ev properties.country >before
    tarn events load -q ev in.jsonl --replace --shred country,n >/dev/null
    prints "$(cat before)" tarn events column ev properties.country
    prints "country	VARCHAR
n	DOUBLE" bash -c \
        '"$TARN_BIN" events schema ev -f plain | cut -f 1,2 | tail -n 2'
    tarn events segment ev --event signup --by country --explain |
        grep -q 'CAST("country" AS VARCHAR)'
}

@test "explain prints one statement that gives the same rows" {
    story
    for q in "breakdown ev" "keys ev" "summary ev" "column ev event_name" \
        "funnel ev --steps signup,buy --by country" "segment ev --event buy" \
        "retention ev --first signup --return buy --unit week" ls info \
        "schema ev"; do
        # shellcheck disable=SC2086 # words
        prints "$(tarn events $q)" tarn events sql "$(tarn events $q --explain)"
    done
}

@test "drop removes table and entry" {
    story
    prints "" tarn events drop ev
    prints "" tarn events ls -f plain
    fails 3 "is not in this store" tarn events drop ev
}

@test "profiles are another kind of table" {
    printf '{"$distinct_id":"u","$properties":{"a":1}}\n' >in
    tarn events load -q people in --profiles >/dev/null
    prints "distinct_id,properties,last_seen
u,\"{\"\"a\"\":1}\"," tarn events sample people
    fails 4 "holds no events" tarn events breakdown people
    fails 4 "does not hold events" tarn events load people in --append
}

@test "sql reads only, unless told" {
    story
    for q in "DELETE FROM ev" "CREATE TABLE x (n INT)" \
        "COPY ev TO 'out.csv'" "SELECT * FROM read_text('in.jsonl')"; do
        fails 5 "" tarn events sql "$q"
    done
    [ ! -e out.csv ]
    tarn events sql --write "DELETE FROM ev WHERE event_name = 'buy'" >/dev/null
    prints 6 tarn events sql "SELECT count(*) AS n FROM ev" -f plain
}

@test "sql: an error's details carry the statement" {
    story
    run --separate-stderr tarn events sql "SELECT nope" -f json
    [ "$status" = 5 ]
    [ "$(tail -n 1 <<<"$stderr" | jq -r '.details | .query, .error_type')" = \
        "SELECT nope
Binder" ]
}

@test "interrupted, nothing is loaded" {
    story
    run interrupted "$(line a 1 u 100)" "$TARN_BIN" events load ev - --append
    [ "$status" = 130 ]
    prints 8 tarn events sql "SELECT count(*) AS n FROM ev" -f plain
}

@test "a lake takes a store's table in" {
    story
    tarn init -q lake
    tarn -C lake put -q s.db:ev /events/ev --as series
    prints 8 tarn -C lake sql "SELECT count(*) AS n FROM '/events/ev'" -f plain
}

@test "rows go into Parquet" {
    story
    tarn events sql "SELECT * FROM ev" -f parquet -o x.parquet
    prints "count_star()
8" tarn events sql --write "SELECT count(*) FROM 'x.parquet'"
}

@test "a statement that would leave the store is refused" {
    story
    for q in "EXPORT DATABASE 'out'" "SELECT 1; SELECT 2" \
        "ATTACH 'other.db' AS o" "SET enable_external_access = true"; do
        fails 5 "" tarn events sql "$q"
    done
    [ ! -e out ] && [ ! -e other.db ]
}

@test "funnel agrees with counting by hand" {
    for seed in 1 2 3; do
        python3 "$BATS_TEST_DIRNAME/support/funnel.py" "$TARN_BIN" $seed
    done
}
