#!/usr/bin/env bash
# A disk that is full, at every few KiB of room that is left: an error, exit 1,
# a lake that still answers, and once there is room again everything is there.
. "$(dirname "$0")/support/lib.sh"

mount_tmpfs "$box/disk" size=24m
lake=$box/disk/lake
head -c 40000 /dev/urandom >"$box/forty"
head -c 200000 /dev/urandom >"$box/large"
head -c 30000000 /dev/urandom >"$box/too-large"
printf 'ts,id,v\n2024-01-01,1,a\n' >"$box/rows.csv"

must 0 init "$lake"
printf kept >"$box/kept"
must 0 put "$box/kept" /kept
must 0 put "$box/large" /large

# More than the disk has, by far.
must 1 put "$box/too-large" /too-large
says "space"
must 3 cat /too-large
sound
[ -z "$(find "$lake/tmp" -type f -size +1000k)" ] || fail "its bytes stay in tmp/"

# DuckDB's own words have a mend too.
{ echo v && base64 "$box/too-large"; } >"$box/too-large.csv"
must 1 put "$box/too-large.csv" /too-large --as table
says "No space left on device (free some space"
rm "$box/too-large.csv"
sound

# No room for the next KiB, the next 4, 8, ...: the failure moves through all
# the steps of a commit.
free_kib() { df -k --output=avail "$box/disk" | tail -1 | tr -d ' '; }
done_count=0
failed_count=0
turn=0
if [ -n "${TARN_LONG:-}" ]; then
    rooms=$(seq 0 4 800)
else
    rooms=$(seq 0 12 200; seq 240 60 600)
fi
for room in $rooms; do
    fill=$(($(free_kib) - room))
    [ "$fill" -le 0 ] || head -c $((fill * 1024)) /dev/zero >"$box/disk/filler"
    what=$((turn % 3))
    turn=$((turn + 1))
    case $what in
        0) tarn put "$box/forty" "/n/$room" ;;
        1) tarn put "$box/large" "/n/$room" ;;
        2) tarn put "$box/rows.csv" "/n/$room" --as table ;;
    esac
    put=$code
    cp "$box/err" "$box/put.err"
    # While there is no room: what was there is read.
    holds /kept kept
    rm -f "$box/disk/filler"
    case $put in
        0)
            done_count=$((done_count + 1))
            must 0 cat "/n/$room"
            case $what in
                0) cmp -s "$box/out" "$box/forty" || fail "/n/$room differs" ;;
                1) cmp -s "$box/out" "$box/large" || fail "/n/$room differs" ;;
            esac
            ;;
        1)
            failed_count=$((failed_count + 1))
            [ "$(wc -l <"$box/put.err")" = 1 ] || fail "more than one line: $(cat "$box/put.err")"
            # Outcome unknown: it may stand.  Else it must not.
            grep -q 'outcome unknown' "$box/put.err" || must 3 cat "/n/$room"
            ;;
        *) fail "with $room KiB left: exit $put: $(cat "$box/put.err")" ;;
    esac
    must 0 check --deep
    [ "$put" != 0 ] || must 0 rm -r /n
    must 0 gc --retain 0d --grace 0s
    holds /kept kept
done
sound
echo "disk full: $failed_count puts failed, $done_count went through"
[ "$failed_count" -gt 2 ] || fail "the disk was hardly ever full"
[ "$done_count" -gt 2 ] || fail "the disk was always full"
