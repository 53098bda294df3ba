#!/bin/sh
# Python's deltalake (delta-rs) opens our logs at every version and sees the
# rows that DuckDB sees: plain, checkpointed, compacted, rewritten, and from a
# checkpoint alone.  Skipped, loudly, where it cannot be installed.
set -eu

: "${TARN_BUILD:?}" "${TARN_SOURCE:?}"
here=$TARN_SOURCE/tests/interop
tools=$TARN_BUILD/tests/interop
version=1.6.6

skip() {
    echo "SKIPPED: deltalake $version: $*" >&2
    echo "SKIPPED: no other Delta reader has opened the log" >&2
    exit 77
}

work=$(mktemp -d "${TMPDIR:-/tmp}/tarn-deltalake.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" >"$work/pip.log" 2>&1 ||
    skip "no python3 with venv ($(tail -n 1 "$work/pip.log"))"
"$work/venv/bin/pip" install -q --disable-pip-version-check \
    "deltalake==$version" >"$work/pip.log" 2>&1 ||
    skip "$(tail -n 1 "$work/pip.log")"

# compare NAME LOG FIRST LAST: both readings of a log's versions.
failed=0
compare() {
    "$work/venv/bin/python" "$here/deltalake_rows.py" "$2" "$3" "$4" \
        >"$work/deltalake"
    "$tools/duck_sql" log="$2" first="$3" last="$4" \
        <"$here/deltalake_rows.sql" >"$work/duckdb"
    if [ "$(wc -l <"$work/duckdb")" -eq $(($4 - $3 + 1)) ] &&
        cmp -s "$work/deltalake" "$work/duckdb"; then
        echo "$1: versions $3 to $4 agree, $(tail -n 1 "$work/duckdb" |
            cut -f 2) rows at the last"
    else
        echo "$1: DIFFERS (version, rows, SHA-256: deltalake, DuckDB)" >&2
        diff "$work/deltalake" "$work/duckdb" | head -n 10 >&2
        failed=1
    fi
}

"$tools/make_log" "$work/plain" 25
compare plain "$work/plain/log" 0 25

"$tools/make_log" "$work/both" 120 20 15
compare "checkpointed, compacted" "$work/both/log" 0 120

"$tools/make_log" "$work/all" 60 10 7 9
compare "checkpointed, compacted, rewritten" "$work/all/log" 0 60
cp "$work/duckdb" "$work/whole"

# A lake of the command's own making.
lake=$work/lake
tarn() {
    "${TARN_BIN:?}" -C "$lake" "$@" >"$work/out" 2>&1 ||
        { cat "$work/out" >&2; exit 1; }
}
name=$(printf "\303\251 '\"%%41")
printf 'name,at,n\n\303\251,2024-01-01T00:00:00Z,1\n' >"$work/a.csv"
"$TARN_BIN" init "$lake" >/dev/null 2>&1
for n in 1 2 3 4 5 6 7 8 9 10; do
    tarn put "$work/a.csv" "/$n $name"
    tarn put "$work/a.csv" /rows --as series
done
tarn rm /rows
tarn compact
tarn put "$work/a.csv" /last
compare "a lake" "$lake/log" 0 23

# Nothing but the newest checkpoint and what follows: rows of the last versions
# must still be those that the whole log gave.
cp -r "$work/all/log" "$work/cut"
rm "$work"/cut/_delta_log/000000000000000000[0-4]*.json
rm "$work"/cut/_delta_log/000000000000000000[0-4]*.checkpoint.parquet
"$work/venv/bin/python" "$here/deltalake_rows.py" "$work/cut" 50 60 \
    >"$work/deltalake"
tail -n 11 "$work/whole" >"$work/duckdb"
if cmp -s "$work/deltalake" "$work/duckdb"; then
    echo "from a checkpoint alone: versions 50 to 60 agree"
else
    echo "from a checkpoint alone: DIFFERS" >&2
    diff "$work/deltalake" "$work/duckdb" | head -n 10 >&2
    failed=1
fi

exit "$failed"
