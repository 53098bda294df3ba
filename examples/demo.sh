#!/bin/sh
# The tour: a lake of real public data, from an empty folder to a crash and the
# recovery from it.  `make demo` runs it; the lake stays for you to play with.
#
#   examples/demo.sh [LAKE]      default: ./demo-lake, made anew
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
tarn=${TARN_BIN:-$here/build/tarn}
data=${TARN_DEMO_DATA:-$here/deps/node_modules/vega-datasets/data}
lake=${1:-$here/demo-lake}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset TARN TARN_FORMAT TARN_TENANT

say() { printf '\n# %s\n' "$*"; }

# Show a command as a reader would type it, run it, and say how long it took.
run() {
    printf '\n$ tarn'
    for word in "$@"; do
        case $word in
        "$data"/*) word=${word##*/} ;;
        "$work"/*) word=${word##*/} ;;
        esac
        case $word in
        *\'*) printf ' "%s"' "$word" ;;
        *[!A-Za-z0-9_./:=,@-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    start=$(date +%s%N)
    TARN_FORMAT=table "$tarn" -C "$lake" "$@"
    printf '  (%d ms)\n' $((($(date +%s%N) - start) / 1000000))
}

if [ -e "$lake/tarn.json" ]; then
    rm -rf "$lake"
elif [ -e "$lake" ]; then
    echo "demo: $lake is there and is no lake (give another folder)" >&2
    exit 1
fi

say "A lake is a folder.  No server."
mkdir -p "$lake"
run init --label tour

say "Files go in as they are, whole folders in one commit."
mkdir "$work/raw"
cp "$data/airports.csv" "$data/zipcodes.csv" "$data/seattle-weather.csv" \
    "$work/raw/"
run put "$work/raw" / -m "the raw files"
run ls -l /raw

say "A table is Parquet: three million flights, and the airports parsed from CSV."
run put "$data/flights-3m.parquet" /flights --as table
run put "$data/airports.csv" /airports --as table

say "SQL sees tables and files alike, by path."
run sql "SELECT a.city, count(*) AS flights, round(avg(f.delay), 1) AS delay
  FROM '/flights' f JOIN '/airports' a ON a.iata = f.origin
  GROUP BY ALL ORDER BY flights DESC LIMIT 5"

say "A series arrives again and again: hourly weather, a quarter at a time."
for quarter in 1 2 3 4; do
    awk -F '[-,]' -v q="$quarter" \
        'NR == 1 || int(($2 + 2) / 3) == q' \
        "$data/seattle-weather-hourly-normals.csv" >"$work/q$quarter.csv"
    run put "$work/q$quarter.csv" /weather/hourly --as series \
        --time-column date -m "quarter $quarter"
done
run describe /weather/hourly

say "A time filter reads only the versions that can hold an answer."
run sql "SELECT date_trunc('day', date)::DATE AS day,
    max(temperature) AS warmest FROM '/weather/hourly'
  WHERE date >= '2010-07-01' AND date < '2010-08-01'
  GROUP BY 1 ORDER BY warmest DESC, 1 LIMIT 3"

say "A correction: someone finds that a file was wrong.  Nothing is lost."
before=$("$tarn" -C "$lake" -f plain log -n 1 | cut -f 1)
sed 's/^\(2012-01-01,\)0.0/\19.9/' "$data/seattle-weather.csv" \
    >"$work/seattle-weather.csv"
run put "$work/seattle-weather.csv" /raw/ -m "the station sent a correction"
run sql "SELECT 'now' AS at, precipitation FROM '/raw/seattle-weather.csv'
    WHERE date = '2012-01-01'
  UNION ALL
  SELECT 'version $before', precipitation FROM '/raw/seattle-weather.csv@$before'
    WHERE date = '2012-01-01'"
run diff "$before" "$((before + 1))"

say "Now the power of a kill -9, at two moments of a commit of 40000 files."
mkdir "$work/many"
awk -v dir="$work/many" 'BEGIN { for (i = 0; i < 40000; i++) {
    f = sprintf("%s/%05d.txt", dir, i); print i > f; close(f) } }'

version() { "$tarn" -C "$lake" -f plain log -n 1 | cut -f 1; }

# Kill a writer as soon as the lock file says $1; $2 is the folder to fill.
kill_when() {
    "$tarn" -C "$lake" mkdir -q "$2"
    next=$(($(version) + 1))
    "$tarn" -C "$lake" put "$work/many" "$2" >"$work/put.log" 2>&1 &
    writer=$!
    wanted=$(printf %s "$1" | sed "s/PID/$writer/")
    until grep -q "$wanted" "$lake/lock" 2>/dev/null; do
        kill -0 $writer 2>/dev/null || break
    done
    kill -9 $writer 2>/dev/null || true
    wait $writer 2>/dev/null || true
    count=$("$tarn" -C "$lake" ls -R "$2/many/**" 2>/dev/null | wc -l)
    echo "  killed process $writer, $3 version $next:" \
        "the lake opens at version $(version) with $count of 40000 files"
    [ "$count" -eq 0 ] || [ "$count" -eq 40000 ]
}
kill_when "pid PID" /before "which had just begun to write"
kill_when committing /after "which was at the commit point of"
echo "  all or none, each time"
run check --deep

say "Every change is in the log, which any Delta reader can open."
run log -n 5
run sql "SELECT version, space, op, kind, size FROM lake.log
  WHERE kind = 'series' ORDER BY version"

say "The lake is yours: $lake"
echo "  try: $tarn -C $lake shell"
