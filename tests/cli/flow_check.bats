# tarn flow check, compile, drivers, connections.
load helper

prepare() {
    cat >flow.yaml <<'X'
name: top-routes
params: {min_delay: {type: integer, default: 15}, api_token: {type: string}}
steps:
  - {id: flights, component: file.extractor, mode: read,  config: {path: data/flights.parquet}}
  - {id: delays,  component: sql,            mode: transform, needs: [flights],
     config: {query: "SELECT origin, count(*) n FROM flights WHERE delay > ${params.min_delay} GROUP BY ALL ORDER BY n DESC, 1"}}
  - {id: out,     component: csv.writer,     mode: write, needs: [delays], config: {path: out/delays.csv}}
X
    # The same, in another order and spelling.
    cat >same.yaml <<'X'
# a comment
steps:
- config: {path: data/flights.parquet}
  mode: read
  component: file.extractor
  id: flights
- needs: [ flights ]
  id: "delays"
  mode: transform
  config:
    query: >-
      SELECT origin, count(*) n FROM flights WHERE delay > ${params.min_delay}
      GROUP BY ALL ORDER BY n DESC, 1
  component: 'sql'
- {config: {path: out/delays.csv}, needs: [delays], mode: write, id: out, component: csv.writer}
params:
  api_token: {type: string}
  min_delay: {default: 15, type: integer}
name: top-routes
X
    printf 'hunter2-first\n' >one
    printf 'hunter2-second\n' >two
}

# compiled FILE TOKEN-FILE ARGUMENTS...: its fingerprint
compiled() {
    local file=$1 token=$2
    shift 2
    tarn flow compile "$file" --param "api_token=@$token" -f plain -o built "$@" |
        cut -f 2
}

@test "a sound flow has a header and nothing else" {
    tarn flow check -q flow.yaml --param api_token=@one >out
    [ "$(cat out)" = severity,code,location,message ]
}

@test "every fault is a row; the exit code is 5" {
    cat >bad.yaml <<'X'
name: bad
colour: red
steps:
  - {id: a, component: sql, mode: read, needs: [b], config: {query: SELECT 1; SELECT 2}}
  - {id: b, component: csv.writer, mode: read, needs: [a], config: {pth: x}}
X
    run -5 --separate-stderr tarn flow check bad.yaml
    [ "${lines[0]}" = severity,code,location,message ]
    [[ "$output" == *"error,unknown_key,colour:2:"* ]]
    [[ "$output" == *"error,query_syntax,steps[0].config.query:4:"* ]]
    [[ "$output" == *"error,wrong_mode,steps[1].mode:5:"* ]]
    [[ "$output" == *"error,unknown_config_key,steps[1].config.pth:5:"*"did you mean path?"* ]]
    [[ "$output" == *"error,cycle,"*"a -> b -> a"* ]]
    [ "${#stderr_lines[@]}" = 1 ]
    [[ "$stderr" == "tarn: bad.yaml: "*" errors ("* ]]
}

@test "with JSON the faults are an array" {
    echo 'name: t' >none.yaml
    run -5 --separate-stderr tarn flow check none.yaml -f json
    [ "$(python3 -c 'import json, sys
print(json.loads(sys.argv[1])[0]["code"])' "$output")" = missing_key ]
}

@test "a file that is not there is exit 3" {
    fails 3 "none.yaml" tarn flow check none.yaml
}

@test "files that mean the same give the same bytes" {
    tarn flow compile flow.yaml --param api_token=@one >a
    tarn flow compile same.yaml --param api_token=@one >b
    cmp a b
    [ "$(compiled flow.yaml one)" = "$(compiled same.yaml one)" ]
}

@test "params move the fingerprint, a secret's value does not" {
    [ "$(compiled flow.yaml one)" != "$(compiled flow.yaml one --param min_delay=16)" ]
    [ "$(compiled flow.yaml one)" = "$(compiled flow.yaml two)" ]
    sed 's/> \${params.min_delay}/>= ${params.min_delay}/' flow.yaml >other.yaml
    [ "$(compiled flow.yaml one)" != "$(compiled other.yaml one)" ]
}

@test "no secret is in a manifest" {
    compiled flow.yaml one >/dev/null
    not grep -r hunter2 built
    grep -q '^fingerprint: "sha256:' built/manifest.yaml
    [ "$(cat built/fingerprint)" = "$(compiled flow.yaml one)" ]
}

@test "a flow with errors writes nothing and is exit 5" {
    fails 5 "missing_param|has no value" tarn flow compile flow.yaml -o built
    [ ! -e built ]
}

@test "a secret given as text is warned of" {
    tarn flow compile flow.yaml --param api_token=hunter2 >out 2>err
    grep -q "process list" err
    not grep -q hunter2 out err
}

@test "drivers are listed with modes and config" {
    tarn flow drivers -f plain >out
    grep -qP '^sql\t[0-9.]+\tread, transform\tquery queries$' out
    grep -qP '^csv.writer\t[0-9.]+\twrite\tpath\* ' out
}

@test "connections are listed without secrets, and tested" {
    cat >connections.yaml <<'X'
connections:
  sqlite: {shop: {path: shop.sqlite}}
  mysql: {prod: {host: 127.0.0.1, port: 1, user: u, password: "${env:PW}"}}
X
    prints 'connection,default,fields
@sqlite.shop,true,"{""path"":""shop.sqlite""}"
@mysql.prod,true,"{""host"":""127.0.0.1"",""port"":1,""user"":""u"",""password"":""***""}"' \
        tarn flow connections
    PW=hunter2 tarn flow connections --test -f plain >out
    grep -qP '^@mysql.prod\t.*\tfailed\t' out
    not grep -q hunter2 out
    fails 3 "nowhere.yaml" tarn flow connections --connections nowhere.yaml
}

@test "docs/FLOWS.md lists every code" {
    root=$BATS_TEST_DIRNAME/../..
    awk '/^## /{ours = /Diagnostics/} ours && /^\| `/' "$root/docs/FLOWS.md" |
        cut -d "|" -f 2 | grep -o '`[a-z_]*`' | tr -d '`' | sort -u >listed
    cat "$root"/src/flow/*.c | tr -d '\n' |
        grep -oE '(TARN__ERROR|TARN__WARNING),[ ]*"[a-z_]+"|complain\([a-z]+, "[a-z_]+"' |
        grep -oE '"[a-z_]+"' | tr -d '"' | sort -u >given
    [ "$(wc -l <given)" -gt 40 ]
    [ -z "$(comm -13 listed given)" ]
    while read -r code; do
        grep -q "\"$code\"" "$root"/src/flow/*.c || { echo "$code"; false; }
    done <listed
}
