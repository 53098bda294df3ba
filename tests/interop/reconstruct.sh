#!/bin/sh
# tools/reconstruct, which knows nothing of Tarn, gives the files that `tarn get`
# gives: at the head, at an older version, from checkpoints and after gc; and the
# records that `tarn record dump` gives.
set -eu

: "${TARN_BUILD:?}" "${TARN_SOURCE:?}" "${TARN_BIN:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/tarn-reconstruct.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# A DuckDB shell of one page (the options ask for what it does anyway).
cat >"$work/duckdb" <<SH
#!/bin/sh
exec "$TARN_BUILD/tests/interop/duck_sql"
SH
chmod +x "$work/duckdb"
export TARN_DUCKDB="$work/duckdb"

tarn() {
    "$TARN_BIN" -C "$work/lake" -q "$@" >"$work/out" 2>&1 ||
        { cat "$work/out" >&2; exit 1; }
}

rows() { # the rows of a Parquet file, in its order
    printf "FROM read_parquet('%s');\n" "$1" | "$work/duckdb"
}

# compare WHAT [--at VERSION]
compare() {
    what=$1
    shift
    rm -rf "$work/mine" "$work/theirs"
    "$TARN_BIN" -C "$work/lake" -q get / "$work/mine" "$@"
    "$TARN_SOURCE/tools/reconstruct" "$work/lake" "$work/theirs" ${2:+"$2"}
    # A series is written anew by both: its rows count, not its bytes.
    for side in mine theirs; do
        if [ -e "$work/$side/d/series" ]; then
            rows "$work/$side/d/series" >"$work/$side/d/series.rows"
            rm "$work/$side/d/series"
        fi
    done
    diff -r --no-dereference "$work/mine" "$work/theirs" ||
        { echo "$what: differs" >&2; failed=1; }
}

"$TARN_BIN" init -q "$work/lake"
compare empty
odd=$(printf 'odd \303\251 "%%41\047\nx')
printf 'a,b\n1,x\n2,y\n' >"$work/a.csv"
printf 'a,b,c\n3,z,2.5\n' >"$work/b.csv"
head -c 200000 /dev/urandom >"$work/large"
tarn mkdir -p /d/e/empty
tarn put "$work/a.csv" "/d/$odd"
tarn put "$work/large" /d/e/large
tarn put "$work/a.csv" /d/table --as table
tarn put "$work/a.csv" /d/series --as series
tarn put "$work/b.csv" /d/series
tarn put "$work/a.csv" /d/stream --as stream
tarn put "$work/large" /d/stream
tarn ln -s e/large /d/link
compare whole
before=$("$TARN_BIN" -C "$work/lake" -f plain log -n 1 | cut -f 1)
tarn mv /d/e /moved
tarn rm /d/link
tarn put "$work/b.csv" "/d/$odd"
compare changed
compare "version $before" --at "$before"
tarn compact
compare compacted
tarn gc --retain 0d --grace 0s
compare gc

# Records: of two tenants, deleted ones, a long schema, an object, an edge.
compare_records() {
    rm -rf "$work/theirs" "$work/records"
    "$TARN_SOURCE/tools/reconstruct" "$work/lake" "$work/theirs" head \
        "$work/records"
    for tenant in default a/b; do
        folder=$tenant
        [ "$tenant" = default ] || folder=hex-612F62
        "$TARN_BIN" -C "$work/lake" record dump people --tenant "$tenant" \
            >"$work/dump"
        "$TARN_BIN" -C "$work/lake" schema show people --tenant "$tenant" \
            >"$work/schema"
        cmp "$work/dump" "$work/records/$folder/people.jsonl" &&
            cmp "$work/schema" "$work/records/$folder/people.schema.json" ||
            { echo "records $1 of $tenant: differ" >&2; failed=1; }
    done
    grep -q '"rel":"knows".*"props":{"w":1}' \
        "$work/records/default/lake.edges.jsonl" ||
        { echo "records $1: no edge" >&2; failed=1; }
}

title=$(head -c 140000 /dev/zero | tr '\0' t)
echo "{\"name\":\"people\",\"version\":\"1.0.0\",\"title\":\"$title\"}" \
    >"$work/people.json"
text=$(head -c 70000 /dev/zero | tr '\0' x)
printf '{"name":"a","n":1}\n{"name":"b\\u0000"}\n{"name":"c"}\n{"name":"d","t":"%s"}\n' \
    "$text" >"$work/people.jsonl"
for tenant in default a/b; do
    tarn schema put "$work/people.json" --tenant "$tenant"
    tarn record put people -F "$work/people.jsonl" --tenant "$tenant"
done
tarn record update people/a '{"n": 2}'
tarn record rm people/c
tarn record rm people/c --hard --tenant a/b
tarn edge put a knows d --props '{"w":1}'
compare_records whole
tarn gc --retain 0d --grace 0s
compare_records gc
exit $failed
