#!/usr/bin/env bash
# Lakes that may not be written to, by rights or by their medium: reading goes
# on, writing is one clear line and exit 1.
. "$(dirname "$0")/support/lib.sh"

[ "$(id -u)" = 0 ] || skip "needs root, to become someone else"
command -v setpriv >/dev/null || skip "needs setpriv"
chmod 755 "$box"
must 0 init
echo content >"$box/file"
must 0 put "$box/file" /file
printf 'ts,id,v\n2024-01-01,1,a\n' >"$box/rows.csv"
must 0 put "$box/rows.csv" /rows --as table

# tarn() as somebody who owns nothing here.
root_bin=$TARN_BIN
setpriv --reuid=65534 --regid=65534 --clear-groups "$root_bin" --version \
    >/dev/null 2>&1 || skip "somebody else cannot run $root_bin"
printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups "%s" "$@"\n' \
    "$root_bin" >"$box/other"
chmod 755 "$box/other"

reads() {
    holds /file content
    must 0 ls -R /
    must 0 log
    must 0 sql "SELECT id FROM '/rows'" -f plain
    [ "$(cat "$box/out")" = 1 ] || fail "sql reads $(cat "$box/out")"
}
writes_nothing() {
    must 1 put "$box/file" /other
    must 1 rm /file
    must 1 state put s n v
    must 1 gc
}

TARN_BIN=$box/other
reads
writes_nothing
says "$lake"

# The same when the view lags behind the log, or is not there: in memory.
mv "$lake/views" "$box/views"
reads
mv "$box/views" "$lake/views"

# An object that may not be read.
TARN_BIN=$root_bin
head -c 100000 /dev/urandom >"$box/large"
must 0 put "$box/large" /large
object=$(find "$lake/objects" -type f -size -99k -size +97k | head -1)
chmod 000 "$object"
TARN_BIN=$box/other
must 1 cat /large
says "$(basename "$object" | head -c 16)"
holds /file content
TARN_BIN=$root_bin
chmod 644 "$object"

# A folder of the lake that may not be entered.
chmod 000 "$lake/log"
TARN_BIN=$box/other
must 1 cat /file
TARN_BIN=$root_bin
chmod 755 "$lake/log"
sound

# A medium that is read-only altogether, for root too.
mount_tmpfs "$box/medium" size=16m
cp -a "$lake" "$box/medium/lake"
mount -o remount,ro "$box/medium" || skip "cannot remount"
lake=$box/medium/lake
reads
writes_nothing
must 0 check --deep

# ... whose view was left behind, or never made.
mount -o remount,rw "$box/medium"
rm -rf "$box/medium/lake/views"
mount -o remount,ro "$box/medium"
reads
