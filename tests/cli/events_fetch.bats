# tarn events fetch, against a server that misbehaves.
load helper

prepare() {
    export TARN_EVENTS_USER=me TARN_EVENTS_SECRET=hush TARN_DB=s.db
    : >log
}

# server RULE...
server() {
    rm -f port
    python3 "$BATS_TEST_DIRNAME/support/export_server.py" port log "$@" \
        </dev/null >/dev/null 2>server.err 3>&- &
    SERVER=$!
    until [ -s port ]; do kill -0 "$SERVER"; sleep 0.05; done
    URL=http://127.0.0.1:$(cat port)
}

teardown() { [ -z "${SERVER:-}" ] || kill "$SERVER" 2>/dev/null || true; }

fetch() { tarn events fetch ev --base-url "$URL" "$@"; }
days() { fetch --from 2024-01-01 --to 2024-01-10 --chunk-days 3 "$@"; }
COUNTS="read,loaded,duplicates,quarantined"

@test "days come in chunks, each event once" {
    server
    prints "$COUNTS
1100,1000,100,0" days
    [ "$(wc -l <log)" = 4 ]
    grep -q 'from_date=2024-01-10&to_date=2024-01-10' log
    prints "2024-01-01,2024-01-10,1000" \
        bash -c '"$TARN_BIN" events ls -f csv | tail -n 1 | cut -d, -f 3,5,6 |
            sed "s/\(.*\),\(.*\),\(.*\)/\2,\3,\1/"'
    [ ! -e s.db.fetch ]
}

@test "the credentials are sent, and are not in the process list's words" {
    server
    days -q >/dev/null
    grep -q "Basic $(printf me:hush | base64)" log
}

@test "events and filter are asked of the service" {
    server
    days -q --event "a b" --event c --where 'x == 1' >/dev/null
    grep -q 'event=%5B%22a%20b%22%2C%22c%22%5D&where=x%20%3D%3D%201' log
}

@test "a rate limit is waited for" {
    server 429:2024-01-04
    prints "$COUNTS
1100,1000,100,0" days
    [ "$(grep -c '^429' log)" = 1 ]
}

@test "5xx is tried again" {
    server 503:2024-01-04
    prints "$COUNTS
1100,1000,100,0" days
}

@test "a connection that breaks inside a line is tried again" {
    server cut:2024-01-01 cutclean:2024-01-07
    prints "$COUNTS
1100,1000,100,0" days
    [ "$(wc -l <log)" = 6 ]
}

@test "refused credentials are told, and nothing is tried again" {
    server 401:export:9
    fails 1 "the server says 401: told so \(check TARN_EVENTS_USER" days
    [ "$(wc -l <log)" = 4 ]
}

@test "a question that is not understood is exit 5" {
    server 400:2024-01-04:9
    fails 5 "2024-01-04 to 2024-01-06: the server says 400" days
}

@test "another run fetches only what is missing" {
    server 400:2024-01-04
    fails 5 "400" days
    [ "$(tarn events ls -f csv | wc -l)" = 1 ]
    : >log
    prints "$COUNTS
1100,1000,100,0" days
    [ "$(wc -l <log)" = 1 ]
    [ ! -e s.db.fetch ]
}

@test "another query's parts are not taken" {
    server 400:2024-01-04
    fails 5 "400" days
    : >log
    days -q --event e1 >/dev/null
    [ "$(wc -l <log)" = 4 ]
}

@test "append adds days, and none twice" {
    server
    fetch -q --from 2024-01-01 --to 2024-01-02 >/dev/null
    prints "$COUNTS
220,100,120,0" fetch --from 2024-01-02 --to 2024-01-03 --append
    prints 300 tarn events sql "SELECT count(*) AS n FROM ev" -f plain
}

@test "a table that is there is exit 4, before anything is fetched" {
    server
    days -q >/dev/null
    : >log
    fails 4 "already there" days
    [ ! -s log ]
}

@test "profiles come page after page" {
    server
    prints "$COUNTS
29,25,4,0" fetch --profiles
    [ "$(wc -l <log)" = 4 ]
}

@test "a page that comes again is no endless loop" {
    server repeat:page=2
    fails 1 "page 2 of the profiles: the server gave page 1" fetch --profiles
}

@test "dates are checked" {
    server
    fails 2 "--from 2024-1-1: is no date" fetch --from 2024-1-1 --to 2024-01-02
    fails 2 "is later than" fetch --from 2024-01-02 --to 2024-01-01
    fails 2 "are needed" fetch --from 2024-01-02
}

@test "without credentials it is exit 2" {
    unset TARN_EVENTS_SECRET
    fails 2 "there are no credentials" tarn events fetch ev \
        --from 2024-01-01 --to 2024-01-02
}
