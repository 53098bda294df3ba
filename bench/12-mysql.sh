# A table of MariaDB's into the lake by a flow, against Python with pymysql and
# pandas' to_parquet.  The server is one of the tests', on a socket.
count=500000
peer_rows=500000
[ "$large" = no ] || { count=5000000; peer_rows=1000000; }
text="$(calc "$count / 1000000") M rows × 8 columns from MariaDB into the lake"

if ! "$root/tests/support/servers/start" mariadb $$ >"$work/server" \
    2>"$work/why"; then
    missing "$text" "≥ 2×" "MariaDB: $(tail -n 1 "$work/why")"
    return 0
fi
socket=$(sed -n 3p "$work/server")
export SHOP_PASSWORD=p4ss-w0rd
MYSQL_PWD=$SHOP_PASSWORD mariadb --no-defaults -S "$socket" -u tarn shop \
    -e "CREATE TABLE orders (id BIGINT PRIMARY KEY, customer INT UNSIGNED, \
price DECIMAL(12,2), weight DOUBLE, made DATETIME(6), name VARCHAR(40), \
ok TINYINT, note VARCHAR(80)); INSERT INTO orders SELECT seq, seq % 9973, \
seq / 7, seq / 3, '2024-01-01' + INTERVAL seq SECOND, CONCAT('order no. ', \
seq), seq % 2, IF(seq % 5 = 0, NULL, REPEAT('n', seq % 40)) FROM \
seq_1_to_$count" || fail "the table"
cat >"$work/connections.yaml" <<END
connections:
  mysql:
    shop: {socket: "$socket", user: tarn, password: "\${env:SHOP_PASSWORD}", database: shop}
END
cat >"$work/flow.yaml" <<'END'
name: orders
steps:
  - {id: orders, component: mysql.extractor, mode: read, config: {connection: "@mysql.shop", table: orders}}
  - {id: keep, component: lake.writer, mode: write, config: {path: /orders, as: table}}
END

peer="Python: $python_missing"
if [ -n "$python" ]; then
    "$python" -c 'import pymysql, pandas, pyarrow' 2>"$work/why" && peer= ||
        peer="pymysql and pandas: $(tail -n 1 "$work/why")"
fi
for i in $turns; do
    new_lake "$work/lake"
    took flow "$TARN_BIN" -q -C "$work/lake" flow run "$work/flow.yaml"
    sample rate "$(calc "$count / 1000 / $took_s")"
    [ -z "$peer" ] || continue
    "$python" "$bench/peers/mysql_to_parquet.py" "$socket" "$peer_rows" \
        "$work/peer.parquet" >"$work/peer" || fail "mysql_to_parquet.py"
    read -r peer_rate peer_mib <"$work/peer"
    sample peer-rate "$peer_rate"
    sample peer-mib "$peer_mib"
done
cp "$samples/flow.mib" "$samples/rate.mib"
[ "$("$TARN_BIN" -C "$work/lake" sql -f plain \
    "SELECT count(*), sum(price) FROM '/orders'" | cut -f 1)" = "$count" ] ||
    fail "rows are missing"

memory_bound=400
if [ -z "$peer" ]; then
    versus "$text" rate peer-rate "pymysql and pandas, \
$(calc "$peer_rows / 1000000") M rows, $(short "$(stat_of peer-mib max)") \
MiB" "k rows/s" 2 warm
else
    figure "$text" rate "k rows/s" '>=' 0 warm
    missing "The same, beside pymysql and pandas to_parquet" "≥ 2×" "$peer"
fi
memory_bound=
