#!/bin/sh
# tools/check-delta finds nothing in logs of ours, and finds every fault that
# is put into one.
set -eu

: "${TARN_BUILD:?}" "${TARN_SOURCE:?}"
tools=$TARN_BUILD/tests/interop
check=$TARN_SOURCE/tools/check-delta
work=$(mktemp -d "${TMPDIR:-/tmp}/tarn-check-delta.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# passes NAME VERSIONS [CHECKPOINT [COMPACT [REWRITE]]]
passes() {
    name=$1
    shift
    "$tools/make_log" "$work/$name" "$@"
    "$check" "$work/$name/log" || { echo "$name: not clean" >&2; failed=1; }
}

passes empty 0
passes plain 12
passes checkpoints 25 10
passes compacted 40 0 9
passes all 41 10 7 9

# The history before a checkpoint may be gone, and what it removed.
cp -rp "$work/all" "$work/cut"
rm "$work"/cut/log/_delta_log/000000000000000000[012]*.json
rm "$work"/cut/log/_delta_log/000000000000000000[012]*.parquet
"$check" "$work/cut/log" || { echo "cut: not clean" >&2; failed=1; }

# A lake of the command's own making, from its first version to what gc leaves.
tarn() {
    "${TARN_BIN:?}" -C "$work/lake" "$@" >"$work/out" 2>&1 ||
        { cat "$work/out" >&2; exit 1; }
}
name=$(printf "\303\251 '\"%%41")
lake_passes() {
    "$check" "$work/lake/log" || { echo "lake, $1: not clean" >&2; failed=1; }
}
"$TARN_BIN" init "$work/lake" >/dev/null 2>&1
lake_passes "new"
printf 'name,at,n\n\303\251,2024-01-01T00:00:00Z,1\n' >"$work/a.csv"
head -c 100000 /dev/urandom >"$work/large"
for n in 1 2 3 4 5 6 7 8; do
    tarn put "$work/a.csv" "/files/$n $name"
    tarn put "$work/large" /large
    tarn put "$work/a.csv" /rows --as series
    tarn state put job marker "$n"
done
tarn mv "/files/3 $name" /files/moved
tarn rm /large
lake_passes "written"
tarn compact
lake_passes "compacted"
tarn gc --retain 0
lake_passes "collected"

# fault RULE NAME COMMAND...: run COMMAND in a copy of the log; the checker
# must name RULE.
fault() {
    rule=$1 name=$2
    shift 2
    rm -rf "$work/bad"
    cp -rp "$work/all/log" "$work/bad"
    (cd "$work/bad/_delta_log" && "$@")
    if "$check" "$work/bad" >"$work/out" 2>&1; then
        echo "NOT FOUND: $name" >&2
        failed=1
    elif ! cut -f 1 "$work/out" | grep -qx "$rule"; then
        echo "FOUND, BUT NOT AS $rule: $name" >&2
        head -n 3 "$work/out" >&2
        failed=1
    fi
}

# edit VERSION SCRIPT: sed on a commit, its time kept; it must change it.
edit() {
    file=$(printf '%020d.json' "$1")
    cp -p "$file" "$work/before"
    sed -i "$2" "$file"
    touch -r "$work/before" "$file"
    if cmp -s "$file" "$work/before"; then
        echo "no change: $2" >&2
        exit 1
    fi
}
# as SELECT FILE: make a Parquet file anew, from what DuckDB reads in it.
as() {
    echo "COPY ($1) TO '$work/new.parquet' (FORMAT parquet)" |
        sed "s|FILE|'$PWD/$2'|g" | "$tools/duck_sql"
    cp "$work/new.parquet" "$2"
}
point=00000000000000000040.checkpoint.parquet
data_of() { # the first file that a commit adds
    sed -n 's/.*"add":{"path":"\([^"]*\)".*/\1/p' \
        "$(printf '%020d.json' "$1")" | head -n 1
}
grow() { echo >>"../$(data_of 41)"; }
lose() { rm "../$(data_of 41)"; }
rewrite_rows() { # VERSION SELECT: other rows, and their size in the log
    data=../$(data_of "$1")
    as "$2" "$data"
    edit "$1" "s/\"size\":[0-9]*,\"modif/\"size\":$(wc -c <"$data"),\"modif/"
}
other_mtime() { touch -d @1 00000000000000000003.json; }
twice() {
    cp -p 00000000000000000041.json 00000000000000000042.json
    edit 42 's/"timestamp":[0-9]*/"timestamp":1800000000000/'
    touch -d @1800000000 00000000000000000042.json
}

fault names "a stray file" touch 7.json
fault gapless "a gap" rm 00000000000000000039.json
fault json "a torn line" edit 3 's/}$//'
fault json "two actions in a line" edit 3 's/^{"add"/{"x":1,"add"/'
fault actions "an action of another protocol" edit 3 's/^{"add"/{"cdc"/'
fault commitInfo "no commitInfo" edit 3 '/commitInfo/d'
fault commitInfo "a time as text" \
    edit 3 's/"timestamp":\([0-9]*\)/"timestamp":"\1"/'
fault commitInfo "metrics that are numbers" \
    edit 3 's/"numFiles":"1"/"numFiles":1/'
fault commitInfo "a parameter that is a list" \
    edit 3 's/"mode":"Append"/"mode":[]/'
fault commitInfo "a foreign commit" edit 3 's/,"tarn":.*/}}/'
fault commitInfo "tarn that is no JSON" edit 3 's/"tarn":"{/"tarn":"/'
fault time "a time that stands still" \
    edit 3 's/"timestamp":[0-9]*/"timestamp":1700000001001/'
fault time "another mtime" other_mtime
fault protocol "a later reader" edit 0 's/"minReaderVersion":1/"minReaderVersion":2/'
fault protocol "writer features" \
    edit 0 's/"minWriterVersion":2/"minWriterVersion":7,"writerFeatures":[]/'
fault protocol "no protocol" edit 0 '/protocol/d'
fault protocol "metaData twice" edit 3 '$s/$/\n{"metaData":{}}/'
fault metaData "options missing" edit 0 's/,"options":{}//'
fault metaData "a partition column" \
    edit 0 's/"partitionColumns":\[\]/"partitionColumns":["space"]/'
fault metaData "the history may be cleaned" \
    edit 0 's/LogCleanup":"false"/LogCleanup":"true"/'
fault metaData "another schema" edit 0 's/\\"long\\"/\\"integer\\"/'
fault metaData "a column less" \
    edit 0 's/{\\"name\\":\\"meta\\"[^}]*{}}/{}/'
fault add "an absolute path" edit 41 's|"path":"data|"path":"/data|'
fault add "a partition" \
    edit 41 's/"partitionValues":{}/"partitionValues":{"a":"b"}/'
fault add "no partitionValues" edit 41 's/"partitionValues":{},//'
fault add "no dataChange" edit 41 's/"dataChange":true,//'
fault add "a size as text" edit 41 's/"size":\([0-9]*\),"m/"size":"\1","m/'
fault add "a deletion vector" edit 41 's/"dataChange"/"deletionVector":{},&/'
fault add "a name used again" twice
fault remove "no time" edit 35 's/"deletionTimestamp":[0-9]*,//'
fault remove "a file that is not live" \
    edit 35 's|"remove":{"path":"data/|&0|'
fault files "another size" edit 41 's/"size":[0-9]*,"m/"size":9,"m/'
fault files "a file that grew" grow
fault files "a file that is gone" lose
fault checkpoint "an add less" as "FROM FILE WHERE add.path IS NULL
    OR add.path <> (SELECT max(add.path) FROM FILE)" "$point"
fault checkpoint "a tombstone less" as "FROM FILE WHERE remove IS NULL" "$point"
fault checkpoint "no metaData" as "FROM FILE WHERE metaData IS NULL" "$point"
fault checkpoint "another protocol" as "SELECT * REPLACE (CASE WHEN protocol
    IS NOT NULL THEN {minReaderVersion: 3::INTEGER,
    minWriterVersion: 7::INTEGER} END AS protocol) FROM FILE" "$point"
fault checkpoint "other statistics" as "SELECT * REPLACE (CASE WHEN add IS
    NOT NULL THEN struct_update(add, stats := '{}') END AS add) FROM FILE" \
    "$point"
fault checkpoint "dataChange" as "SELECT * REPLACE (CASE WHEN add IS NOT NULL
    THEN struct_update(add, dataChange := true) END AS add) FROM FILE" "$point"
fault checkpoint "a pointer to a gone checkpoint" \
    sed -i 's/"version":40/"version":39/' _last_checkpoint
fault checkpoint "a pointer with another size" \
    sed -i 's/"size":/&1/' _last_checkpoint
fault parquet "a type of its own" \
    rewrite_rows 41 "SELECT * REPLACE (seq::BIGINT AS seq) FROM FILE"
fault parquet "a column more" rewrite_rows 41 "SELECT *, 1 AS more FROM FILE"
fault rows "another version" \
    rewrite_rows 41 "SELECT * REPLACE (version - 1 AS version) FROM FILE"
fault rows "the same place twice" \
    rewrite_rows 41 "SELECT * REPLACE (0::INTEGER AS seq) FROM
        (FROM FILE UNION ALL FROM FILE)"
fault compaction "a row less" \
    rewrite_rows 35 "FROM FILE WHERE seq < (SELECT max(seq) FROM FILE)"
fault compaction "another cell" \
    rewrite_rows 35 "SELECT * REPLACE ('x' AS op) FROM FILE"
fault rewrite "a row from nowhere" \
    rewrite_rows 36 "SELECT * REPLACE ('x' AS op) FROM FILE"
fault stats "no statistics" edit 41 's/\\"nullCount\\":/\\"nulls\\":/'
fault stats "another count" \
    edit 41 's/\\"numRecords\\":/&1/'
fault stats "another null count" \
    edit 41 's/\\"nullCount\\":{\\"version\\":0/\\"nullCount\\":{\\"version\\":1/'
fault stats "a minimum too high" \
    edit 41 's/\\"minValues\\":{\\"version\\":41/\\"minValues\\":{\\"version\\":42/'
fault stats "a time above it" edit 41 's/\(minV.*\\"time\\":\\"[^"]*\.\)[0-9]*Z/\1999Z/'
fault stats "a text maximum too low" \
    edit 41 's/\(maxV[^}]*\\"space\\":\\"\)[a-z]*/\1a/'
fault stats "a column without" \
    edit 41 's/\\"nullCount\\":{/&\\"op\\":0,/'

[ "$failed" -eq 0 ] && echo "every fault is found"
exit "$failed"
