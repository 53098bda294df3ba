# Tenants: nothing of one is seen or touched by another, whatever it is asked
# for.  Tenant "a" has secrets; tenant "b" (and the default one) goes looking.
load helper

# Everything that a's records, edges, schemas and keys hold has this word.
secret=hidden42

prepare() {
    lake
    sed "s/NAME/people/" >s.json <<'END'
{"name":"NAME","version":"1.0.0","title":"hidden42 title","x-tarn":{"key":"name","indexed":["rank"]},
 "properties":{"name":{"type":"string"},"rank":{"type":"integer"},"hidden42_field":{"type":"string"}}}
END
    sed "s/people/hidden42_table/" s.json >t.json
    echo '{"name":"people","version":"1.0.0","x-tarn":{"key":"name"}}' >b.json
    printf '%s\n' "schema put s.json --tenant a" "schema put t.json --tenant a" \
        "record put people '{\"name\":\"hidden42 one\",\"rank\":1}' --tenant a" \
        "record put people '{\"name\":\"hidden42 two\",\"rank\":2}' --tenant a" \
        "record put people '{\"name\":\"both\",\"rank\":42,\"hidden42_field\":\"x\"}' --tenant a" \
        "record put hidden42_table '{\"name\":\"hidden42 one\"}' --tenant a" \
        "edge put 'people/hidden42 one' hidden42_rel 'hidden42 two' --tenant a --props '{\"hidden42\":1}'" \
        "edge put 'hidden42 two' hidden42_rel both --tenant a" \
        "schema put b.json --tenant b" \
        "record put people '{\"name\":\"both\"}' --tenant b" \
        "record put people '{\"name\":\"mine\"}' --tenant b" \
        "edge put both likes mine --tenant b" >batch
    tarn batch -q batch >ids
    sed -n 1,4p ids >ids.a
    sed -n 5,6p ids >ids.b
    { read -r one; read -r two; read -r both; read -r other; } <ids.a
    export TARN_TENANT=b
}

# blind COMMAND...: whatever it does, it shows nothing of a's, in no format.
blind() {
    local got=0
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    # The words that were asked with may come back in the message.
    sed -e "s/WORD_[A-Za-z0-9_]*//g" "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/seen"
    if grep -q -e "$secret" -e "$both" -e '"rank":42' "$BATS_TEST_TMPDIR/seen"; then
        echo "shown by: $*"
        cat "$BATS_TEST_TMPDIR/seen"
        return 1
    fi
    return 0
}

# nothing CODE COMMAND...: this exit code, and nothing on stdout.
nothing() {
    local code=$1 got=0
    shift
    "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || got=$?
    [ "$got" = "$code" ] && [ ! -s "$BATS_TEST_TMPDIR/out" ] && return 0
    echo "exit code $got: $*"
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    return 1
}

# Names that would reach a's entries if keys were glued together.
crafted() {
    printf '%s\n' "$one" "$two" "$other" "hidden42 one" "people/hidden42 one" \
        "hidden42_table/hidden42 one" "a/people/hidden42 one" "a:people:hidden42 one" \
        "../a/people/hidden42 one" "a/$one" "people/$one" "%" "*" "a" \
        "$(printf 'a\001people')" "people/" "/" "' OR 1=1 --"
}

@test "what these tests look for is found by the tenant itself" {
    for command in "schema ls" "record ls people" "record dump people" \
        "edge ls" "traverse both --direction in"; do
        if blind tarn $command --tenant a -f jsonl >/dev/null; then return 1; fi
    done
}

@test "the same key in two tenants is two records with two ids" {
    [ "$(cat ids.a ids.b | sort -u | wc -l)" = 6 ]
    prints '{"name":"both"}' tarn record get both
    prints '{"name":"both","rank":42,"hidden42_field":"x"}' tarn record get both --tenant a
    prints 2 tarn record count people -f plain
    prints 3 tarn record count people -f plain --tenant a
}

@test "reading by a's ids, keys and crafted names finds nothing" {
    crafted >names
    while IFS= read -r name; do
        nothing 3 tarn record get "$name"
        nothing 3 tarn record get --table people "$name"
        nothing 3 tarn record get --deleted "$name"
        nothing 3 tarn edge ls "$name"
        nothing 3 tarn edge ls "$name" --in
        nothing 3 tarn traverse "$name"
        nothing 3 tarn traverse both --to "$name"
    done <names
}

@test "writing by a's ids, keys and crafted names finds nothing, and a's stay" {
    tarn record dump people --tenant a >before
    tarn edge ls --tenant a -f csv >>before
    crafted >names
    while IFS= read -r name; do
        nothing 3 tarn record update "$name" '{"rank":0}'
        nothing 3 tarn record rm "$name"
        nothing 3 tarn record rm --hard "$name"
        nothing 3 tarn edge put both likes "$name"
        nothing 3 tarn edge put "$name" likes both
        nothing 3 tarn edge rm "$name" hidden42_rel "$two"
        nothing 3 tarn edge rm both hidden42_rel "$name"
    done <names
    nothing 3 tarn edge rm both hidden42_rel both
    nothing 3 tarn record put hidden42_table '{"name":"x"}'
    nothing 3 tarn schema rm hidden42_table
    tarn record dump people --tenant a >after
    tarn edge ls --tenant a -f csv >>after
    diff before after
}

@test "listings show one's own" {
    for format in csv jsonl; do
        blind tarn schema ls -f $format
        blind tarn record ls people -f $format
        blind tarn record ls people --deleted -f $format
        blind tarn record dump people
        blind tarn edge ls -f $format
        blind tarn edge ls both --both -f $format
        blind tarn traverse both --direction both --depth 9 -f $format
        blind tarn traverse both --order dfs --direction both -f $format
    done
    nothing 3 tarn schema show hidden42_table
    nothing 3 tarn record ls hidden42_table
    nothing 3 tarn record count hidden42_table
    nothing 3 tarn record dump hidden42_table
    prints '{"name":"people","version":"1.0.0","x-tarn":{"key":"name"}}' tarn schema show people
    prints "both	mine" sh -c "$TARN_BIN edge ls -f plain | cut -f 5,6"
}

@test "deleting one's own record for good leaves the other's of that key" {
    tarn record rm -q --hard both
    prints "3" tarn record count people -f plain --tenant a
    prints "1:people" sh -c "$TARN_BIN traverse 'people/hidden42 two' --tenant a -f plain | cut -f 1,4 | tr '\t' ':'"
    tarn record rm -q --hard both --tenant a
    prints "mine" sh -c "$TARN_BIN record ls people -f plain | cut -f 2"
    gives 0 "" "no faults" tarn check
}

@test "the default tenant sees neither" {
    unset TARN_TENANT
    nothing 3 tarn record get both
    nothing 3 tarn traverse both
    prints "" tarn edge ls -f plain
    prints "" tarn schema ls -f plain
}

@test "the log tells nothing of the other tenant's commands and operations" {
    tarn record put people '{"name":"hidden42 three"}' --tenant a -m hidden42
    TARN_TENANT=a tarn record rm -q "hidden42 three"
    blind tarn log -n all
    blind tarn log -n all -f jsonl
    tarn log -n 2 -f plain | cut -f 3 >commands
    diff commands - <<'END'
record rm ... ...
record put ... ... ... ... ... ...
END
    for version in 1 2 3; do
        blind tarn show "$version"
        [ "$(tarn show "$version" -f csv | grep -c -e "$both" -e "$one")" = 0 ]
    done
    if blind tarn log --tenant a >/dev/null; then return 1; fi
    TARN_TENANT=a tarn show 3 -f csv | grep -q '^record,'
    [ "$(tarn show 2 --tenant a -f csv | wc -l)" = 2 ]
}

@test "the past is a tenant's own too" {
    tarn record rm -q --hard both --tenant a
    blind tarn edge ls --at 1 -f jsonl
    nothing 3 tarn record get "hidden42 one" --at 1
    nothing 3 tarn traverse "hidden42 one" --at 1
}

@test "messages say nothing of the other tenant's" {
    for name in people hidden42_table nowhere; do
        tarn record get "$name/WORD_x" 2>>errors || true
        tarn edge put WORD_x r "$name/WORD_y" 2>>errors || true
        tarn traverse "$name/WORD_x" 2>>errors || true
    done
    # One that is there for a, and one that is nowhere, read the same.
    tarn record get "hidden42 one" 2>&1 | sed 's/hidden42 one/X/' >there || true
    tarn record get "nobody at all" 2>&1 | sed 's/nobody at all/X/' >nowhere || true
    diff there nowhere
    tarn traverse "$one" 2>&1 | sed "s/$one/X/" >there || true
    tarn traverse 00000000-0000-8000-8000-000000000000 2>&1 |
        sed 's/00000000-0000-8000-8000-000000000000/X/' >nowhere || true
    diff there nowhere
    tarn record put hidden42_table '{}' 2>&1 | sed 's/hidden42_table/X/' >there || true
    tarn record put nowhere '{}' 2>&1 | sed 's/nowhere/X/' >nowhere || true
    diff there nowhere
    [ -s errors ]
    [ "$(grep -v "hidden42_table" errors | grep -c "$secret")" = 0 ]
}

@test "a tenant's name is no way out of it" {
    for tenant in "a/" "../a" "a " "A" "b/a" "$(printf 'a\001')" "a:people" "%"; do
        export TARN_TENANT=$tenant
        blind tarn record ls people -f jsonl
        nothing 3 tarn record get "hidden42 one"
        blind tarn edge ls -f jsonl
        blind tarn schema ls -f jsonl
    done
    for command in "edge ls" "sql LOOKUP" "log" "shell"; do
        fails 2 "tenant" tarn $command --tenant ""
    done
}

@test "SQL by every route shows one's own" {
    for query in "FROM people" "SELECT * FROM people WHERE name = 'both'" \
        "SELECT count(*), min(name), max(doc) FROM people" \
        "SELECT doc FROM people WHERE doc LIKE '%rank%'" \
        "SELECT * FROM people WHERE id = '$both'" \
        "SELECT * FROM people WHERE id IN ('$one', '$two', '$both')" \
        "SELECT * FROM people WHERE name > '' ORDER BY name LIMIT 5" \
        "SELECT a.doc, b.doc FROM people a, people b" \
        "FROM lake.edges" "SELECT * FROM lake.edges WHERE src = '$one' OR dst = '$two'" \
        "SELECT count(*), max(props) FROM lake.edges WHERE rel LIKE 'hidden%'" \
        "FROM lake.log" "SELECT * FROM lake.log WHERE tenant = 'a' OR tenant <> 'b'" \
        "SELECT tenant, key, content::VARCHAR, meta FROM lake.log WHERE space <> 'tree'" \
        "FROM lake.nodes" "SHOW TABLES" "DESCRIBE people" "SUMMARIZE people" \
        "EXPLAIN SELECT * FROM people" "EXPLAIN ANALYZE SELECT * FROM people" \
        "LOOKUP 'hidden42 one', 'people/hidden42 one', '$both', '$one'" \
        "TRAVERSE FROM 'hidden42 one'" "TRAVERSE FROM '$one' DIRECTION both" \
        "TRAVERSE FROM 'both' DEPTH 9 DIRECTION both" \
        "FROM \"a\".people" "FROM a.people" "FROM main.hidden42_table" \
        "SELECT * FROM information_schema.tables" "SELECT * FROM duckdb_tables()" \
        "SELECT * FROM duckdb_columns()" "SELECT * FROM pragma_table_info('people')" \
        "SELECT hidden42_field FROM people" "SELECT rank FROM people" \
        "SELECT CAST(name AS INTEGER) FROM people" \
        "SELECT error(doc) FROM people"; do
        blind tarn sql "$query" -f jsonl
        blind tarn sql "$query" -f csv --at 1
        tarn sql "$query" --explain >>"$BATS_TEST_TMPDIR/err" 2>&1 || true
        # What was asked with comes back in messages; nothing else does.
        sed -e 's/hidden42_table//g; s/hidden42_field//g; s/hidden42 one//g; s/hidden%//g' \
            -e "s/$one//g; s/$two//g; s/$both//g" "$BATS_TEST_TMPDIR/err" >err
        [ "$(grep -c "$secret" err)" = 0 ] || { cat err; return 1; }
    done
    nothing 3 tarn sql "FROM hidden42_table"
    prints "2" tarn sql "SELECT count(*) FROM people" -f plain
    prints "3" tarn sql "SELECT count(*) FROM people" -f plain --tenant a
    prints "both	mine" tarn sql "SELECT src_key, dst_key FROM lake.edges" -f plain
}

@test "a table that another tenant has reads as one that is nowhere" {
    tarn sql "FROM hidden42_table" 2>&1 | sed 's/hidden42_table/X/g' >there || true
    tarn sql "FROM nowhere_table1" 2>&1 | sed 's/nowhere_table1/X/g' >nowhere || true
    diff there nowhere
}
