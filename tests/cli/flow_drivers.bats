# Drivers of databases, HTTP and programs, in whole flows.
load helper

teardown() {
    for pid in ${SERVERS:-}; do kill "$pid" 2>/dev/null || true; done
}

# server mariadb|postgres: sets PLACE, or skips loudly.
server() {
    code=0
    "$BATS_TEST_DIRNAME/../support/servers/start" "$1" $$ >place 3>&- || code=$?
    [ "$code" != 77 ] || skip "no $1 (deps/install fetches it)"
    [ "$code" = 0 ]
    SERVERS="${SERVERS:-} $(sed -n 2p place)"
    PLACE=$(sed -n 3p place)
}

connections() {
    cat >connections.yaml <<END
connections:
  mysql:
    shop: {socket: "${MYSQL_PLACE:-none}", user: tarn, password: "\${env:SHOP_PASSWORD}", database: shop}
  postgres:
    shop: {socket: "${POSTGRES_PLACE:-none}", user: tarn, password: "\${env:SHOP_PASSWORD}", database: shop}
  sqlite:
    shop: {path: shop.sqlite}
END
    export SHOP_PASSWORD=p4ss-w0rd
}

mysql_sql() {
    MYSQL_PWD=p4ss-w0rd mariadb --no-defaults -N -B -S "$MYSQL_PLACE" -u tarn \
        shop -e "$1"
}

@test "the drivers of docs/DRIVERS.md run" {
    command -v node >/dev/null || skip "no node"
    cp "$TARN_SOURCE"/examples/drivers/* .
    cc -Wall -Wextra -Werror -shared -fPIC -I "$TARN_SOURCE/include" \
        -o squares.so squares.c -L "$TARN_BUILD" -ltarn \
        -Wl,-rpath,"$TARN_BUILD"
    tarn flow check flow.yaml
    tarn flow run flow.yaml >row
    grep -q ',success,' row
    [ "$(cat out/slugs.csv)" = "i,title,slug
0,Square No. 0,square-no-0
1,Square No. 1,square-no-1
2,Square No. 4,square-no-4
3,Square No. 9,square-no-9" ]
    tarn flow logs last --events -f jsonl | grep -q slugs_made
}

@test "the listings in docs/DRIVERS.md are the examples" {
    for file in squares.c slug.mjs; do
        awk -v file="$file" '
            $0 == "<!-- examples/drivers/" file " -->" { on = 1; next }
            on && /^```/ { if (inside) exit; inside = 1; next }
            inside' "$TARN_SOURCE/docs/DRIVERS.md" >listing
        [ -s listing ]
        diff -u "$TARN_SOURCE/examples/drivers/$file" listing
    done
}

@test "a program that fails fails the step with what it said last" {
    cat >f.yaml <<'END'
name: f
steps:
  - {id: p, component: program.extractor, mode: read, config: {command: "echo no peak >&2; exit 4"}}
END
    not tarn flow run f.yaml >row 2>err
    grep -q 'exit code 4: no peak' err
    [ "$(wc -l <err)" = 1 ]
}

@test "a program's end is known to whoever was started with SIGCHLD ignored" {
    cat >flow.yaml <<'END'
name: inherited
steps:
  - {id: p, component: program.extractor, mode: read, config: {command: "echo '{\"a\":1}'"}}
END
    env --ignore-signal=CHLD "$TARN_BIN" flow run flow.yaml -q >row
    grep -q success row
}

@test "MariaDB to PostgreSQL and SQLite, by bound parameters" {
    server mariadb
    MYSQL_PLACE=$PLACE
    server postgres
    POSTGRES_PLACE=$PLACE
    connections
    mysql_sql "CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, total DECIMAL(12,2), at DATETIME(6), who VARCHAR(40));
        INSERT INTO orders SELECT seq, seq / 4, '2024-01-01' + INTERVAL seq MINUTE, CONCAT('é', seq) FROM seq_1_to_1000"
    cat >f.yaml <<'END'
name: f
params: {least: {type: integer, default: 900}}
steps:
  - {id: orders, component: mysql.extractor, mode: read, config: {connection: "@mysql.shop", query: "SELECT * FROM orders WHERE id > ${params.least}"}}
  - {id: pg, component: postgres.writer, mode: write, needs: [orders], config: {connection: "@postgres.shop", table: orders, create_table: true, primary_key: id, write_mode: upsert}}
  - {id: lite, component: sqlite.writer, mode: write, needs: [orders], config: {connection: "@sqlite.shop", table: orders, create_table: true, write_mode: replace}}
END
    tarn flow run f.yaml >row
    tarn flow run f.yaml --param least=950 >row
    cat >back.yaml <<'END'
name: back
steps:
  - {id: pg, component: postgres.extractor, mode: read, config: {connection: "@postgres.shop", query: "SELECT count(*) AS n, sum(total)::numeric(20,2) AS s, max(who) AS w FROM orders"}}
  - {id: out, component: csv.writer, mode: write, needs: [pg], config: {path: pg.csv}}
  - {id: lite, component: sqlite.extractor, mode: read, config: {connection: "@sqlite.shop", query: "SELECT count(*) AS n, max(at) AS at FROM orders"}}
  - {id: out2, component: csv.writer, mode: write, needs: [lite], config: {path: lite.csv}}
END
    tarn flow run back.yaml >row
    [ "$(tail -n 1 pg.csv)" = "100,23762.50,é999" ]
    [ "$(tail -n 1 lite.csv)" = "50,2024-01-01 16:40:00" ]
}

@test "no password is left behind by a run, nor shown in the process list" {
    server mariadb
    MYSQL_PLACE=$PLACE
    connections
    cat >f.yaml <<'END'
name: f
steps:
  - {id: a, component: mysql.extractor, mode: read, config: {connection: "@mysql.shop", query: "SELECT 1 AS a, SLEEP(1) AS b"}}
  - {id: b, component: program.transform, mode: transform, config: {command: "ps -ef >ps.txt; cat"}}
  - {id: c, component: mysql.extractor, mode: read, config: {connection: "@mysql.shop", table: nowhere}}
END
    not tarn flow run f.yaml -v >row 2>err 3>&-
    grep -q nowhere err
    not grep -rq p4ss-w0rd .tarn err row ps.txt
}

@test "a wrong password is told on one line, without it" {
    server postgres
    POSTGRES_PLACE=$PLACE
    connections
    export SHOP_PASSWORD=wr0ng-one
    tarn flow connections --test >out 2>err || true
    grep -q 'no connection' out err
    not grep -q wr0ng out err
}

@test "only new rows come, and the cursor is kept in the lake" {
    server mariadb
    MYSQL_PLACE=$PLACE
    connections
    tarn init -q lake
    export TARN=$PWD/lake
    mysql_sql "CREATE TABLE t (id INT, at TIMESTAMP(3)); INSERT INTO t VALUES (1, '2024-01-01 00:00:00'), (2, '2024-01-02 00:00:00')"
    cat >f.yaml <<'END'
name: inc
steps:
  - {id: t, component: mysql.extractor, mode: read, config: {connection: "@mysql.shop", table: t, incremental: {column: at}}}
  - {id: keep, component: lake.writer, mode: write, needs: [t], config: {path: /t, as: series, time_column: at}}
END
    tarn flow run f.yaml >/dev/null 2>&1
    mysql_sql "INSERT INTO t VALUES (3, '2024-01-03 00:00:00')"
    tarn flow run f.yaml >/dev/null 2>&1
    [ "$(tarn sql "SELECT count(*), max(id) FROM '/t'" -f csv | tail -n 1)" = 3,3 ]
}
