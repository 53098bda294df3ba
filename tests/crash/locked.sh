#!/usr/bin/env bash
# One writer at a time: the second is told who holds the lock, waits as long as
# it is asked to, and a holder that dies holds nothing.
. "$(dirname "$0")/support/lib.sh"

must 0 init
echo one >"$box/file"
must 0 put "$box/file" /file

# Someone who holds the lock, as a writer of the lake does.
hold() {
    exec 9<>"$lake/lock"
    flock 9
    printf 'pid %d\nhost %s\nsince 2026-01-01T00:00:00Z\n' \
        "$BASHPID" "$(hostname)" >&9
    : >"$box/holding"
    # Nothing that it starts keeps the lock after it.
    while [ -e "$box/holding" ]; do sleep 0.05 9>&-; done
}
start hold
holder=$!
while [ ! -e "$box/holding" ]; do sleep 0.02; done

must 6 put "$box/file" /other --wait 0
says "$holder"
before=$(date +%s%N)
must 6 put "$box/file" /other --wait 0.5
took=$((($(date +%s%N) - before) / 1000000))
[ "$took" -ge 450 ] || fail "waited $took ms of 500"
holds /file one
must 0 ls /

# It goes while another waits.
(sleep 0.3 && rm "$box/holding") &
must 0 put "$box/file" /other --wait 600
holds /other one

# Killed while it holds the lock.
start hold
holder=$!
while [ ! -e "$box/holding" ]; do sleep 0.02; done
kill -9 "$holder"
wait "$holder" 2>/dev/null || true
rm -f "$box/holding"
must 0 put "$box/file" /third --wait 0
holds /third one
sound

# Many writers at once: each waits for its turn, nothing is lost.
for i in 1 2 3 4 5 6; do
    for n in 1 2 3 4 5; do
        echo "$i $n" | "$TARN_BIN" -C "$lake" -q put - "/many/$i" --as stream \
            --wait 600 2>>"$box/many.err" || echo failed >>"$box/many.err"
    done &
    writers[i]=$!
done
wait "${writers[@]}"
[ ! -s "$box/many.err" ] || fail "$(cat "$box/many.err")"
for i in 1 2 3 4 5 6; do
    holds "/many/$i" "$(for n in 1 2 3 4 5; do echo "$i $n"; done)"
done
sound
