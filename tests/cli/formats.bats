# Rows in every format, exactly.
load helper

Q="SELECT 1 AS n, 'a' AS s, NULL AS z"

prepare() { lake_aside; }

@test "csv is the format when standard output is no terminal" {
    prints "n,s,z
1,a," tarn sql "$Q"
}

@test "csv: NULL is empty, an empty text is two quotes" {
    prints 'a,b
,""' tarn sql "SELECT NULL AS a, '' AS b"
}

@test "csv: commas, quotes and line ends are quoted" {
    prints 'a,b,"c,d"
"x,y","say ""hi""","one
two"' tarn sql "SELECT 'x,y' AS a, 'say \"hi\"' AS b, E'one\ntwo' AS \"c,d\""
}

@test "csv: booleans, times, nested values" {
    prints 't,at,l,o
true,2026-11-21T03:59:03Z,"[1,2]","{""k"":""v""}"' tarn sql \
        "SELECT true AS t, TIMESTAMPTZ '2026-11-21 03:59:03Z' AS at,
            [1, 2] AS l, {'k': 'v'} AS o"
}

@test "csv: no rows is the header" {
    prints "n" tarn sql "SELECT 1 AS n WHERE false"
}

@test "tsv: header, tabs and line ends escaped" {
    prints 'a	b
x\ty	one\ntwo' tarn -f tsv sql "SELECT E'x\ty' AS a, E'one\ntwo' AS b"
}

@test "tsv: backslash, NULL, empty" {
    prints 'a	b	c
\\		""' tarn -f tsv sql "SELECT '\\' AS a, NULL AS b, '' AS c"
}

@test "plain: bare values, tab-separated, no header" {
    prints '1	a	' tarn -f plain sql "$Q"
    prints 'x,"y' tarn -f plain sql "SELECT 'x,\"y' AS a"
}

@test "json: one array of objects" {
    prints '[
{"n":1,"s":"a","z":null},
{"n":2,"s":"b","z":null}
]' tarn -f json sql "$Q UNION ALL SELECT 2, 'b', NULL ORDER BY 1"
}

@test "json: no rows is an empty array" {
    prints '[]' tarn -f json sql "SELECT 1 AS n WHERE false"
}

@test "jsonl: an object a line" {
    prints '{"n":1,"s":"a","z":null}' tarn -f jsonl sql "$Q"
    prints '' tarn -f jsonl sql "SELECT 1 AS n WHERE false"
}

@test "json: numbers are bare whatever their width" {
    prints '[
{"a":1.5,"b":12345678901234567890123456789,"c":0.1,"d":-7}
]' tarn -f json sql "SELECT 1.5::DOUBLE AS a,
        12345678901234567890123456789::HUGEINT AS b, 0.1::DECIMAL(4,1) AS c,
        -7::TINYINT AS d"
}

@test "json: what is not finite is null" {
    prints '[
{"a":null,"b":null}
]' tarn -f json sql "SELECT 'nan'::DOUBLE AS a, '-inf'::DOUBLE AS b"
}

@test "json: text is escaped, booleans and nested values are values" {
    tarn -f json sql "SELECT E'q\"\\\\ \n \t' AS a, true AS b, [1, NULL] AS c,
        {'k': 'v'} AS d, chr(1) AS e, 'é€😀' AS f" >out
    python3 - out <<'PY'
import json, sys
got = json.load(open(sys.argv[1]))
assert got == [{"a": 'q"\\ \n \t', "b": True, "c": [1, None],
                "d": {"k": "v"}, "e": "\x01", "f": "é€😀"}], got
PY
}

@test "blobs are shown with escapes" {
    prints 'a
A\x00\xFF\x5Cz' tarn sql "SELECT '\x41\x00\xFF\x5C\x7A'::BLOB AS a"
    prints '{"a":"A\\x00"}' tarn -f jsonl sql "SELECT 'A\x00'::BLOB AS a"
}

@test "parquet goes to a file" {
    prints "" tarn -f parquet sql "SELECT 42 AS n" -o out.parquet
    [ "$(head -c 4 out.parquet)" = PAR1 ]
    prints "n
42" tarn sql --allow-host "SELECT * FROM './out.parquet'"
}

@test "parquet keeps integers beyond 64 bits, a sum's for one, exactly" {
    tarn -f parquet sql "SELECT sum(v) AS s, {'s': [sum(v)]} AS deep FROM (VALUES (9007199254740992), (1)) t(v)" -o out.parquet
    prints "s,t
9007199254740993,9007199254740993" tarn sql --allow-host "SELECT s, deep.s[1] AS t FROM './out.parquet'"
    # The same of a table of a DuckDB file.
    printf 'name: f\nsteps:\n  - {id: x, component: sql, mode: read, config: {query: "SELECT 9007199254740993::HUGEINT AS h"}}\n' >f.yaml
    tarn flow run -q f.yaml --runs runs >row
    tarn put -q "$(echo runs/2*)/data/x.duckdb:main" /h --as table
    prints "h
9007199254740993" tarn sql "SELECT h FROM '/h'"
}

@test "parquet goes into a pipe" {
    tarn -f parquet sql "SELECT 42 AS n" | cat >out.parquet
    [ "$(head -c 4 out.parquet)" = PAR1 ]
}

@test "parquet of a listing keeps types and NULLs" {
    tarn put -q - /a <<<x
    tarn ln -q -s /a /l
    tarn ls -l -f parquet -o out.parquet
    prints 'path,size,typeof(size),typeof(modified),target
/a,2,BIGINT,TIMESTAMP WITH TIME ZONE,
/l,0,BIGINT,TIMESTAMP WITH TIME ZONE,/a' tarn sql --allow-host \
        "SELECT path, size, typeof(size), typeof(modified), target
            FROM './out.parquet'"
}

@test "parquet is not for a terminal" {
    on_terminal 80 "$TARN_BIN" -f parquet sql "SELECT 1" >out || got=$?
    [ "$got" = 2 ]
    grep -q "is no text for a terminal" out
}

@test "table: aligned, with a count" {
    prints ' n  s
--  ----
 1  a
22  NULL
2 rows' tarn -f table sql "SELECT 1 AS n, 'a' AS s UNION ALL SELECT 22, NULL
        ORDER BY 1"
}

@test "table: one row, no row" {
    prints 'n
-
1
1 row' tarn -f table sql "SELECT 1 AS n"
    prints 'n
-
0 rows' tarn -f table sql "SELECT 1 AS n WHERE false"
}

@test "table: wide and combining characters keep the columns" {
    prints "a     b
----  -
日本  1
"$'e\u0301'"     2
2 rows" tarn -f table sql "SELECT * FROM (VALUES ('日本', 1),
        (concat('e', chr(769)), 2)) t(a, b)"
}

@test "table: line ends and escape sequences do not leave their cell" {
    prints 'a
-----------
x\ny\tz\x1B
1 row' tarn -f table sql "SELECT concat(E'x\ny\tz', chr(27)) AS a"
}

@test "table: --max-rows bounds the rows and the count is of all" {
    prints 'n
-
0
1
5 rows, 2 shown (--max-rows all shows all)' \
        tarn -f table --max-rows 2 sql "SELECT range AS n FROM range(5)"
    [ "$(tarn -f table sql "FROM range(100)" | wc -l)" = 103 ]
}

@test "table: --max-rows does not touch other formats" {
    [ "$(tarn --max-rows 2 sql "FROM range(100)" | wc -l)" = 101 ]
}

@test "table: more rows than are measured" {
    tarn -f table sql "SELECT range AS n FROM range(2500)" >out
    [ "$(wc -l <out)" = 2503 ]
    [ "$(tail -1 out)" = "2500 rows" ]
    [ "$(sed -n 2502p out)" = 2499 ]
    [ "$(sed -n 3p out)" = "  0" ]
}

@test "a terminal gets a table of at most 40 rows" {
    on_terminal 80 "$TARN_BIN" sql "SELECT range AS n FROM range(1000)" >out
    [ "$(wc -l <out)" = 43 ]
    [ "$(tail -1 out)" = "1000 rows, 40 shown (--max-rows all shows all)" ]
    on_terminal 80 "$TARN_BIN" --max-rows all sql "FROM range(100)" >out
    [ "$(wc -l <out)" = 103 ]
}

@test "a table on a terminal is fitted to its width" {
    export NO_COLOR=1
    on_terminal 30 "$TARN_BIN" sql \
        "SELECT repeat('x', 100) AS a, repeat('日', 100) AS b" >out
    while IFS= read -r line; do
        [ "${#line}" -le 30 ] || { echo "$line"; false; }
    done < <(head -3 out)
    [ "$(grep -c … out)" = 1 ]
}

@test "columns that have no room on a terminal are counted" {
    export NO_COLOR=1
    on_terminal 30 "$TARN_BIN" sql "SELECT repeat('a', 9) AS a1,
        repeat('b', 9) AS b2, repeat('c', 9) AS c3, repeat('d', 9) AS d4" >out
    [ "$(tail -1 out)" = "1 row, 3 of 4 columns shown" ]
}

@test "NO_COLOR takes colours away" {
    on_terminal 80 "$TARN_BIN" sql "SELECT NULL AS n" >out
    [ "$(grep -c $'\033' out)" -gt 0 ]
    NO_COLOR=1 on_terminal 80 "$TARN_BIN" sql "SELECT NULL AS n" >out
    [ "$(grep -c $'\033' out)" = 0 ]
}

@test "TARN_FORMAT stands for --format" {
    TARN_FORMAT=json prints '[
{"n":1}
]' tarn sql "SELECT 1 AS n"
    TARN_FORMAT=json prints "n
1" tarn -f csv sql "SELECT 1 AS n"
    TARN_FORMAT=xml fails 2 "TARN_FORMAT xml: there is no such format" tarn ls
}
