#!/usr/bin/env bash
# Processes that are interrupted or killed while they put 1 GiB (8 GiB in a long
# run), and small puts beside that.
. "$(dirname "$0")/support/lib.sh"

gib=1
[ -z "${TARN_LONG:-}" ] || gib=8
need=$((gib * 2 * 1024 * 1024 + 1024 * 1024))
[ "$(df -k --output=avail "$box" | tail -1)" -gt "$need" ] ||
    skip "needs $need KiB in $box"
must 0 init
printf kept >"$box/kept"
must 0 put "$box/kept" /kept
truncate -s "${gib}G" "$box/large"
# Holes, more than is read before it is stopped.
truncate -s 8G "$box/endless"
head -c 1024 /dev/urandom >"$box/kib"

# begin_put FILE: begun, and some of it written.
begin_put() {
    # What a shell starts in the background ignores interrupts.
    start env --default-signal=INT \
        "$TARN_BIN" -C "$lake" put "$1" /large 2>"$box/put.err"
    put=$!
    while [ "$(du -sk "$lake/tmp" | cut -f 1)" -lt 20000 ]; do
        kill -0 "$put" 2>/dev/null || fail "the put has ended: $(cat "$box/put.err")"
        sleep 0.02
    done
}
nothing_half_done() {
    must 3 cat /large
    holds /kept kept
    sound
    [ "$(du -sk "$lake/tmp" | cut -f 1)" -lt 1000 ] || fail "tmp/ keeps its bytes"
    [ "$(du -sk "$lake/objects" | cut -f 1)" -lt 1000 ] || fail "objects/ keeps its bytes"
}

begin_put "$box/endless"
kill -INT "$put"
code=0
wait "$put" || code=$?
[ "$code" = 130 ] || fail "interrupted: exit $code"
nothing_half_done

begin_put "$box/endless"
kill -9 "$put"
wait "$put" 2>/dev/null || true
nothing_half_done

# 1 KiB puts beside it: they do not wait for it, else they would for ever.
begin_put "$box/large"
kill -STOP "$put"
for ((beside = 0; beside < 20; beside++)); do
    must 0 put "$box/kib" "/small/$beside"
done
kill -CONT "$put"
wait "$put" || fail "the large put: $(cat "$box/put.err")"
must 0 ls -l /large -f csv
grep -q ",$((gib * 1024 * 1024 * 1024))," "$box/out" || fail "$(cat "$box/out")"
for ((i = 0; i < beside; i++)); do
    must 0 cat "/small/$i"
    cmp -s "$box/out" "$box/kib" || fail "/small/$i differs"
done
must 0 rm /large
sound

# Killed again and again in the middle of small commits: what was acknowledged
# stays, in order.
acked=0
rounds=${TARN_LONG:+200}
for round in $(seq "${rounds:-12}"); do
    # A group of its own: what is killed is the command, not only who repeats it.
    # shellcheck disable=SC2016
    setsid bash -c 'for ((i = 1;; i++)); do
            "$TARN_BIN" -C "$1" -q state put loop "n$2" "$i" && echo "$i" >"$3"
        done' loop "$lake" "$round" "$box/acked" 2>/dev/null &
    loop=$!
    started+=("$loop")
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
    kill -9 -- "-$loop" "$loop" 2>/dev/null || true
    wait "$loop" 2>/dev/null || true
    if [ -s "$box/acked" ]; then
        acked=$(cat "$box/acked")
        must 0 state get loop "n$round" -f plain
        got=$(cut -f 3 "$box/out")
        [ "$got" -ge "$acked" ] && [ "$got" -le $((acked + 1)) ] ||
            fail "round $round: acknowledged $acked, found $got"
    fi
    rm -f "$box/acked"
done
must 0 check --deep
