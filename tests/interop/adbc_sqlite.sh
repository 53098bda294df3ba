#!/bin/sh
# An engine that is not ours: flows on SQLite through its ADBC driver (the wheel
# adbc-driver-sqlite, pinned) give what they give here.  Skipped, loudly, where
# it cannot be installed.
set -eu

: "${TARN_BIN:?}"
version=1.13.0

skip() {
    echo "SKIPPED: adbc-driver-sqlite $version: $*" >&2
    echo "SKIPPED: no ADBC driver but DuckDB's has made a step" >&2
    exit 77
}

work=$(mktemp -d "${TMPDIR:-/tmp}/tarn-adbc.XXXXXX")
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv" >"$work/pip.log" 2>&1 ||
    skip "no python3 with venv ($(tail -n 1 "$work/pip.log"))"
"$work/venv/bin/pip" install -q --disable-pip-version-check \
    "adbc-driver-sqlite==$version" >"$work/pip.log" 2>&1 ||
    skip "$(tail -n 1 "$work/pip.log")"
driver=$(find "$work/venv" -name 'libadbc_driver_sqlite.so')
[ -n "$driver" ] || skip "the wheel has no library"

cd "$work"
cat >connections.yaml <<END
connections: {adbc: {lite: {driver: "$driver", uri: "$work/lite.db"}}}
END
seq 1 5000 | awk 'BEGIN { print "id,region,amount" }
    { print $1 ",r" $1 % 7 "," $1 / 4 }' >a.csv
cat >flow.yaml <<'END'
name: lite
params: {least: {type: number, default: 10.5}, day: {type: date, default: 2024-02-01}, word: {default: "it's"}, n: {type: integer, default: -7}}
steps:
  - {id: sales, component: file.extractor, mode: read, config: {path: a.csv}}
  - {id: typed, component: sql, mode: read, config: {query: "SELECT 9007199254740993::BIGINT a, 3.5::DOUBLE b, 'x' c, 'pq'::BLOB d FROM range(3)"}}
  - {id: split, component: sql, mode: transform, needs: [sales],
     config: {queries: {big: "SELECT *, id || ${params.word} AS w, ${params.day} AS d, 1 -${params.n} AS n FROM sales WHERE amount >= ${params.least} ORDER BY id;",
                        none: "SELECT * FROM input WHERE 1 = 0"}}}
  - {id: counted, component: sql, mode: transform, needs: [split],
     config: {query: "SELECT b.region, count(*) AS n, sum(amount) AS t FROM split.big AS b WHERE b.w LIKE '%${params.word}' GROUP BY b.region ORDER BY b.region"}}
  - {id: same, component: sql, mode: transform, needs: [typed], config: {query: "SELECT a, b, c, d FROM typed"}}
  - {id: o1, component: csv.writer, mode: write, needs: [split.big], config: {path: out/big.csv}}
  - {id: o2, component: csv.writer, mode: write, needs: [split.none], config: {path: out/none.csv}}
  - {id: o3, component: csv.writer, mode: write, needs: [counted], config: {path: out/counted.csv}}
  - {id: o4, component: csv.writer, mode: write, needs: [same], config: {path: out/same.csv}}
END
"$TARN_BIN" flow run -q flow.yaml >row
mv out want
rm -r .tarn
# SQLite waits for nobody: a step at a time.
"$TARN_BIN" flow run -q flow.yaml --jobs 1 --target adbc:lite >row
diff -r want out || { echo "SQLite gives something else" >&2; exit 1; }
echo "four tables agree: $(wc -l <out/big.csv) lines, $(wc -l <out/counted.csv) groups"

# Its own dialect, which DuckDB's parser does not read; nothing stays behind.
sed 's/query: "SELECT a, b, c, d FROM typed"/query: "SELECT a, b, c, d FROM typed NOT INDEXED WHERE c GLOB ${params.word} OR c MATCH 1 IS NULL"/' flow.yaml >own.yaml
"$TARN_BIN" flow run -q own.yaml --jobs 1 --target adbc:lite >row 2>err && {
    echo "MATCH without an index was taken" >&2; exit 1; }
grep -q 'adbc.lite: .*MATCH' err || { cat err >&2; exit 1; }
sed -i 's/ OR c MATCH 1 IS NULL//' own.yaml
"$TARN_BIN" flow run -q own.yaml --jobs 1 --target adbc:lite --param 'word=?' >row
cmp want/same.csv out/same.csv
tables=$(python3 -c "
import sqlite3
print(len(sqlite3.connect('lite.db').execute('SELECT 1 FROM sqlite_master').fetchall()))")
[ "$tables" = 0 ] || { echo "$tables tables are left in SQLite" >&2; exit 1; }
echo "its own dialect runs, and no table stays"
