# A file that takes the place of another, or whose name says that it is whole,
# has its bytes on the disk before it has the name.
load helper

# keeps COMMAND...: it works, and nothing below this folder, or the one that ROOT
# names, had its name too soon.
keeps() {
    local shim=${TARN_BUILD:-$BATS_TEST_DIRNAME/../../build}/tests/libcrash_shim.so
    : >"$BATS_TEST_TMPDIR/calls"
    LD_PRELOAD=$shim TARN_TEST_SHIM_ROOT=${ROOT:-$PWD} \
        TARN_TEST_SHIM_FILE=$BATS_TEST_TMPDIR/calls "$@" >/dev/null
    [ -s "$BATS_TEST_TMPDIR/calls" ]
    prints "" python3 "$BATS_TEST_DIRNAME/support/unsynced.py" \
        "$BATS_TEST_TMPDIR/calls"
}

teardown() { [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true; }

@test "a fetched part, which the next run trusts" {
    export TARN_EVENTS_USER=me TARN_EVENTS_SECRET=hush
    : >log
    python3 "$BATS_TEST_DIRNAME/support/export_server.py" port log \
        </dev/null >/dev/null 2>&1 3>&- &
    SERVER=$!
    until [ -s port ]; do kill -0 "$SERVER"; sleep 0.05; done
    keeps "$TARN_BIN" events fetch ev --base-url "http://127.0.0.1:$(cat port)" \
        --from 2024-01-01 --to 2024-01-04 --chunk-days 3 --db s.db -q
}

@test "a file of bad lines, which replaces the last one" {
    echo nonsense | tee in >bad
    keeps "$TARN_BIN" events load -q ev in --db s.db --quarantine bad
    grep -q nonsense bad
}

@test "a state that is merged in its place" {
    mkdir -p cur/table out/table
    tee cur/table/0.json >out/table/0.json <<'JSON'
{"typeName":"Table","attributes":{"qualifiedName":"d/m/1/db/s/a","name":"a","schemaName":"s","databaseName":"db"},"customAttributes":{}}
JSON
    keeps "$TARN_BIN" track merge cur out out --replace
    [ -s out/table/chunk-0.json ]
}

@test "a file that a worker keeps for others" {
    mkdir there
    printf 'n\n1\n' >in.csv
    cat >flow.yaml <<'YAML'
name: f
steps:
  - {id: in, component: file.extractor, mode: read, config: {path: in.csv}}
YAML
    ROOT=$PWD/there keeps "$TARN_BIN" flow run -q flow.yaml \
        --target "worker:'$TARN_BIN' worker --dir '$PWD/there'"
    grep -q blobs "$BATS_TEST_TMPDIR/calls"
}
