# schema and record: put, get, update, rm, ls, count, dump; tenants; in a batch
load helper

prepare() {
    lake
    cat >people.json <<'JSON'
{"name": "people", "version": "1.0.0", "title": "People", "required": ["name"],
 "properties": {"name": {"type": "string"}, "email": {"type": "string"},
                "age": {"type": "integer"}},
 "x-tarn": {"key": "email", "indexed": ["age", "name"]}}
JSON
    printf '{"name": "things", "version": "1.0.0"}\n' >things.json
    tarn schema put -q people.json
    tarn schema put -q things.json
}

ADA='{"name": "Ada",  "age": 36, "email": "ada@x.org"}'

id_of() { tarn record put -q "$@"; }

@test "schema ls, show: what was put, byte for byte" {
    prints 'name,version,key,indexed,title
people,1.0.0,email,"name,age",People
things,1.0.0,,,' tarn schema ls
    tarn schema show people >out
    cmp out people.json
    fails 3 "nope" tarn schema show nope
    prints 'scope,name,value,version' tarn state ls
}

@test "schema put: the same changes nothing, minor is taken, major is exit 4" {
    gives 0 "" "nothing changed, nothing committed" tarn schema put people.json
    sed 's/1.0.0/2.0.0/' people.json >two.json
    fails 4 "2.0.0" tarn schema put two.json
    sed 's/1.0.0/1.1.0/' people.json >minor.json
    commits tarn schema put minor.json
    commits tarn schema put two.json --migrate
}

@test "schema put: a document that is no schema is exit 5" {
    echo '{"name": "x", "version": "1.0.0", "type": 7}' >bad.json
    fails 5 "type" tarn schema put bad.json
    echo '{"name": "x"' >bad.json
    fails 5 "line" tarn schema put bad.json
    echo '{"properties": {}}' >bad.json
    fails 5 "name" tarn schema put bad.json
}

@test "schema rm: only of an empty table" {
    tarn record put -q things '{"key": "a"}' >/dev/null
    fails 4 "things" tarn schema rm things
    tarn record rm -q a
    fails 4 "things" tarn schema rm things
    tarn record rm -q a --hard
    commits tarn schema rm things
    fails 3 "things" tarn record put things '{"key": "a"}'
}

@test "put prints the id, get the text as it was put" {
    id=$(id_of people "$ADA")
    [[ $id =~ ^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$ ]]
    prints "$ADA" tarn record get "$id"
    prints "$ADA" tarn record get ada@x.org
    prints "$ADA" tarn record get people/ada@x.org
    prints "$ADA" tarn record get ada@x.org --table people
    fails 3 "ada@x.org" tarn record get ada@x.org --table things
    fails 3 "nope" tarn record get ada@x.org --table nope
    [ "$(id_of people '{"name": "Ada L.", "email": "ada@x.org"}')" = "$id" ]
    prints 1 tarn record count people
}

@test "get --system wraps it with the system fields" {
    id=$(id_of people "$ADA")
    tarn record get "$id" --system >out
    python3 - "$id" <<'PY'
import json, sys
r = json.load(open("out"))
assert r["id"] == sys.argv[1] and r["table"] == "people", r
assert r["key"] == "ada@x.org" and r["deleted_at"] is None, r
assert r["created_at"] == r["modified_at"] and r["created_at"].endswith("Z")
assert r["doc"]["age"] == 36, r
PY
}

@test "put of what is there changes nothing" {
    id=$(id_of people "$ADA")
    gives 0 "$id" "nothing changed, nothing committed" \
        tarn record put people "$ADA"
}

@test "an invalid record is exit 5 and names the field" {
    fails 5 "age" tarn record put people '{"name": "a", "age": "b"}'
    fails 5 "name" tarn record put people '{"age": 1}'
    fails 5 "name" tarn record put people '{"name": "a", "name": "b"}'
    fails 5 "" tarn record put people '{"name": "a"'
    fails 5 "" tarn record put people '[]'
    fails 3 "nope" tarn record put nope '{}'
    fails 2 "" tarn record put people
    prints 0 tarn record count people
}

@test "put -F: ids in order of the input, all or nothing" {
    printf '%s\n\n{"name": "Bob"}\n%s' "$ADA" '{"name": "Cy"}' >in.jsonl
    tarn record put people -F in.jsonl 2>err >ids
    [ "$(cat err)" = "version 3" ]
    [ "$(wc -l <ids)" = 3 ]
    prints "$ADA" tarn record get "$(sed -n 1p ids)"
    prints '{"name": "Cy"}' tarn record get "$(sed -n 3p ids)"
    printf '{"name": "D"}\n{"name": 7}\n{"name": "E"}\n' >bad.jsonl
    fails 5 "bad.jsonl line 2: name" tarn record put people --file bad.jsonl
    prints 3 tarn record count people
    fails 3 "none.jsonl" tarn record put people -F none.jsonl
}

@test "put - reads one document or many" {
    printf '{"name":\n  "Ada"}\n' | tarn record put -q people - >/dev/null
    prints '{"name":
  "Ada"}' tarn record get Ada
    printf '{"name": "B"}\n{"name": "C"}\n' | tarn record put -q people - >ids
    [ "$(wc -l <ids)" = 2 ]
    printf '{"name": "F"}\n' | tarn record put -q people -F - >/dev/null
    prints 4 tarn record count people
}

@test "ls, count, dump" {
    id=$(id_of people "$ADA")
    tarn record ls people -f jsonl >out
    python3 - "$id" <<'PY'
import json, sys
r = json.load(open("out"))
assert list(r) == ["id", "key", "created_at", "modified_at", "deleted_at", "doc"]
assert r["id"] == sys.argv[1] and r["deleted_at"] is None, r
PY
    prints "$ADA" tarn record dump people
    tarn record put -q people '{"name": "B"}' >/dev/null
    [ "$(tarn record ls people -n 1 -f plain | wc -l)" = 1 ]
    prints 'count
2' tarn record count people -f csv
    fails 3 "nope" tarn record ls nope
    fails 3 "nope" tarn record count nope
    fails 3 "nope" tarn record dump nope
}

@test "a key of several tables is exit 4 and lists them" {
    tarn record put -q people '{"name": "x"}' >/dev/null
    tarn record put -q things '{"name": "x"}' >/dev/null
    fails 4 "people/x" tarn record get x
    fails 4 "things/x" tarn record rm x
    prints '{"name": "x"}' tarn record get things/x
    fails 4 "people/x" tarn record update x '{"age": 1}'
    prints 1 tarn record count things
}

@test "keys with slashes and colons" {
    tarn record put -q things '{"uri": "https://a.b/c:d?e=f"}' >/dev/null
    prints '{"uri": "https://a.b/c:d?e=f"}' tarn record get 'https://a.b/c:d?e=f'
    prints '{"uri": "https://a.b/c:d?e=f"}' \
        tarn record get 'things/https://a.b/c:d?e=f'
}

@test "update leaves every other byte as it was" {
    tarn record put -q people "$ADA" >/dev/null
    commits tarn record update ada@x.org '{"age": 37}'
    prints "${ADA/36/37}" tarn record get ada@x.org
    fails 5 "age" tarn record update ada@x.org '{"age": "old"}'
    fails 5 "key" tarn record update ada@x.org '{"email": "b@x.org"}'
    echo '{"age":38}' | tarn record update -q ada@x.org -
    prints "${ADA/36/38}" tarn record get ada@x.org
    prints "$ADA" tarn record get ada@x.org --at 3
    gives 0 "" "nothing changed, nothing committed" \
        tarn record update ada@x.org '{"age":38}'
}

@test "rm hides, put revives and keeps created_at" {
    tarn record put -q people "$ADA" >/dev/null
    tarn record get ada@x.org --system >before
    commits tarn record rm ada@x.org
    fails 3 "ada@x.org" tarn record get ada@x.org
    fails 3 "ada@x.org" tarn record rm ada@x.org
    prints "$ADA" tarn record get ada@x.org --deleted
    prints 0 tarn record count people
    prints 1 tarn record count people --deleted
    prints 'id,key,created_at,modified_at,deleted_at,doc' tarn record ls people
    [ "$(tarn record ls people --deleted -f jsonl | grep -c '"deleted_at":"')" = 1 ]
    tarn record put -q people "$ADA" >/dev/null
    tarn record get ada@x.org --system >after
    python3 - <<'PY'
import json
a, b = json.load(open("before")), json.load(open("after"))
assert a["created_at"] == b["created_at"] < b["modified_at"], (a, b)
assert b["deleted_at"] is None
PY
}

@test "rm --hard: gone at once, the past still has it" {
    tarn record put -q people "$ADA" >/dev/null
    commits tarn record rm --hard ada@x.org
    fails 3 "" tarn record get ada@x.org --deleted
    prints 0 tarn record count people --deleted
    prints "$ADA" tarn record get ada@x.org --at 3
    gives 0 "" "no faults" tarn check
}

@test "a tenant sees nothing of another's" {
    id=$(id_of people "$ADA")
    export TARN_TENANT=b
    prints 'name,version,key,indexed,title' tarn schema ls
    fails 3 "people" tarn record ls people
    fails 3 "" tarn record get "$id"
    fails 3 "" tarn record get ada@x.org
    fails 3 "" tarn record rm --hard "$id"
    tarn schema put -q people.json
    prints 0 tarn record count people
    other=$(id_of people "$ADA")
    [ "$other" != "$id" ]
    fails 3 "" tarn record get "$other" --tenant default
    prints "$ADA" tarn record get "$id" --tenant default
    fails 2 "tenant" tarn record ls people --tenant ''
}

@test "in a batch: lines see earlier ones, ids come after the commit" {
    cat >b.txt <<'TXT'
schema put people.json
record put things '{"key": "a"}'
record put things '{"key": "b"}'
record update a '{"x": 1}'
record rm b
TXT
    tarn batch b.txt >out 2>err
    [ "$(wc -l <out)" = 2 ]
    [ "$(cat err)" = "version 3" ]
    prints '{"key": "a","x":1}' tarn record get a
    fails 3 "b" tarn record get b
    printf "record put things '{\"key\": \"c\"}'\nrecord put things '['\n" >bad.txt
    fails 5 "bad.txt line 2" tarn batch bad.txt
    fails 3 "c" tarn record get c
}

@test "large records are objects; check and rebuild know them" {
    python3 -c 'print("{\"key\": \"big\", \"text\": \"" + "x" * 200000 + "\"}")' >big
    tarn record put -q things - <big >/dev/null
    tarn record get big >out
    cmp big out
    gives 0 "" "no faults" tarn check --deep
    tarn rebuild key
    tarn record get big >out
    cmp big out
}
