# The flows of examples/flows run on real data.
load helper

prepare() {
    local source
    source=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    data=$source/deps/node_modules/vega-datasets/data
    [ -e "$data/movies.json" ] || skip "the data sets are not installed"
    cp "$source"/examples/flows/*.yaml .
}

flow() {
    local file=$1
    shift
    tarn flow run -q "$file" --param "data=$data" -f plain "$@" | cut -f 2
}

@test "every example is without a diagnostic" {
    for file in airlines movies movies.oml weather weather-source; do
        [ "$(tarn flow check -q "$file.yaml" | wc -l)" = 1 ]
    done
}

@test "airlines: flights joined with airports, ranked by delay" {
    [ "$(flow airlines.yaml)" = success ]
    python3 - "$data" <<'PY'
import collections, csv, json, sys
data = sys.argv[1]
city = {r["iata"]: r["city"] for r in csv.DictReader(open(data + "/airports.csv"))}
delays = collections.defaultdict(list)
for f in json.load(open(data + "/flights-20k.json")):
    if f["origin"] in city:
        delays[f["origin"]].append(f["delay"])
want = {o: (city[o], len(d), sum(d) / len(d)) for o, d in delays.items() if len(d) >= 100}
rows = list(csv.DictReader(open("out/airlines.csv")))
assert len(rows) == len(want), (len(rows), len(want))
for r in rows:
    c, n, mean = want[r["iata"]]
    assert r["city"] == c and int(r["flights"]) == n
    assert abs(float(r["mean_delay"]) - mean) < 0.006
means = [float(r["mean_delay"]) for r in rows]
assert means == sorted(means, reverse=True)
assert [int(r["place"]) for r in rows[:2]] == [1, 2]
PY
    [ -s out/airlines.parquet ]
}

@test "airlines: the order is a param's" {
    [ "$(flow airlines.yaml --param rank_by=late_share)" = success ]
    cut -d, -f 7 out/airlines.csv | tail -n +2 >shares
    sort -gr shares | cmp - shares
    fails 5 "none of its enum" tarn flow compile airlines.yaml --param rank_by=name
}

@test "movies: three steps, the same rows from the OML dialect" {
    [ "$(flow movies.yaml)" = success ]
    [ "$(flow movies.oml.yaml)" = success ]
    [ "$(head -1 out/directors.csv)" = director,movies,genres,rating,gross ]
    [ "$(head -1 out/directors-oml.csv)" = director,genres,gross,movies,rating ]
    python3 - "$data" <<'PY'
import collections, csv, json, sys
by = collections.defaultdict(list)
for m in json.load(open(sys.argv[1] + "/movies.json")):
    if m["Director"]:
        by[m["Director"]].append(m)
want = {d: (len(ms), sum(m["Worldwide Gross"] or 0 for m in ms)) for d, ms in by.items() if len(ms) >= 5}
ours = list(csv.DictReader(open("out/directors.csv")))
oml = list(csv.DictReader(open("out/directors-oml.csv")))
assert {r["director"]: (int(r["movies"]), int(float(r["gross"] or 0))) for r in ours} == want
assert ours == oml
PY
}

@test "weather: a series that grows by what is new" {
    tarn init -q lake
    for month in 2012-01-01 2012-02-01; do
        [ "$(flow weather-source.yaml --param month=$month)" = success ]
        tarn -C lake flow run -q weather.yaml >/dev/null
    done
    prints 'n,first,last
60,2012-01-01,2012-02-29' tarn -C lake sql "SELECT count(*) AS n,
        min(time)::DATE AS first, max(time)::DATE AS last
        FROM '/weather/seattle'"
    # Nothing new: no day comes twice.
    tarn -C lake flow run -q weather.yaml >/dev/null
    prints 60 tarn -C lake sql -f plain "SELECT count(DISTINCT time)
        FROM '/weather/seattle' HAVING count(*) = 60"
}
