#!/usr/bin/env bash
# Damage from outside: what is derived is made again, what is not is named.
. "$(dirname "$0")/support/lib.sh"

must 0 init --label damaged
head -c 100000 /dev/urandom >"$box/large"
for i in 1 2 3 4 5; do
    echo "content $i" >"$box/file"
    must 0 put "$box/file" /file
done
must 0 put "$box/large" /large
cp -a "$lake" "$box/whole"
anew() {
    rm -rf "$lake"
    cp -a "$box/whole" "$lake"
}

# tarn.json, torn at every length: corrupt, never a crash, and mended it opens.
size=$(stat -c %s "$lake/tarn.json")
for len in $(seq 0 7 $((size - 3))); do
    head -c "$len" "$box/whole/tarn.json" >"$lake/tarn.json"
    must 7 cat /file
    says tarn.json
    must 7 put "$box/file" /file
done
cp "$box/whole/tarn.json" "$lake/tarn.json"
sound

# Views that are gone, whole or in part, or are garbage.
anew
rm -rf "$lake/views"
holds /file "content 5"
sound
anew
rm -rf "$lake/views/key"
sound
holds /file "content 5"
for file in CURRENT MANIFEST-* ./*.log ./*.sst; do
    anew
    for path in "$lake"/views/key/$file; do
        [ ! -e "$path" ] || head -c 100 /dev/urandom >"$path"
    done
    holds /file "content 5"
    sound
    holds /file "content 5"
done

# An older log put back (I7): the view is ahead of it, and follows.
anew
must 0 put "$box/large" /newer
echo newest >"$box/file"
must 0 put "$box/file" /file
rm -rf "$lake/log"
cp -a "$box/whole/log" "$lake/log"
holds /file "content 5"
must 3 cat /newer
sound

# The log of another timeline, as long and longer.
anew
cp -a "$lake" "$box/fork"
echo here >"$box/file"
must 0 put "$box/file" /file
for text in there and-further; do
    echo "$text" >"$box/file"
    "$TARN_BIN" -C "$box/fork" -q put "$box/file" /file
    rm -rf "$lake/log"
    cp -a "$box/fork/log" "$lake/log"
    holds /file "$text"
    must 0 check --deep
done
sound

# A commit that is not ours.
anew
version=$(head_version)
next=$(printf '%020d.json' $((version + 1)))
printf '{"commitInfo":{"timestamp":%s000,"operation":"WRITE","operationParameters":{},"engineInfo":"Other-Engine/1.0"}}\n' \
    "$(date +%s)" >"$lake/log/_delta_log/$next"
must 7 check -f csv
grep -qi "$((version + 1))\|$next" "$box/out" || fail "check names $(cat "$box/out")"

# A hole in the log, a version that is cut short, one that is garbage.
anew
rm "$lake/log/_delta_log/$(printf '%020d.json' 3)"
must 7 check
for damage in 0 50; do
    anew
    last=$lake/log/_delta_log/$(printf '%020d.json' "$version")
    head -c "$damage" "$box/whole/log/_delta_log/$(printf '%020d.json' "$version")" >"$last"
    must 7 check
done

# An object that is gone, is cut, or has a wrong byte.
object=$(cd "$box/whole" && find objects -type f -size +90k | head -1)
anew
rm "$lake/$object"
must 7 check
tarn cat /large
[ "$code" != 0 ] || fail "read an object that is gone"
anew
truncate -s 5000 "$lake/$object"
must 7 cat /large
must 7 check --deep
anew
printf X | dd of="$lake/$object" bs=1 seek=70000 conv=notrunc status=none
must 7 cat /large
must 7 check --deep
grep -q "$(basename "$object" | head -c 16)" "$box/out" || fail "check names $(cat "$box/out")"
holds /file "content 5"

# lock, lock.want, tmp/ gone or full of garbage: nobody minds.
anew
rm -rf "$lake/lock" "$lake/lock.want" "$lake/tmp" "$lake/runs" "$lake/views/gate"
holds /file "content 5"
sound
anew
head -c 3000 /dev/urandom >"$lake/lock"
mkdir -p "$lake/tmp/999999-1" "$lake/tmp/not-ours"
: >"$lake/tmp/pins/garbage"
holds /file "content 5"
sound
