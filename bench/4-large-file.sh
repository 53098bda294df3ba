# A put of a large file, against hashing it.
mib=2048
[ "$large" = no ] || mib=8192
"$tools/make" blob "$work/blob" "$mib"
cat "$work/blob" >/dev/null

cache=warm
[ "$drop" = no ] || cache=dropped
for i in $turns; do
    new_lake "$work/lake"
    drop_caches || :
    took put "$TARN_BIN" -q -C "$work/lake" put "$work/blob" /blob
    sample speed "$(calc "$mib / $took_s")"
    rm -rf "$work/lake"
    drop_caches || :
    took openssl openssl dgst -sha256 "$work/blob"
    sample hash "$(calc "$mib / $took_s")"
done
cp "$samples/put.mib" "$samples/speed.mib"
memory_bound=128
versus "\`tarn put\` of a file of $((mib / 1024)) GiB" speed hash \
    "\`openssl dgst -sha256\`" MiB/s 0.6 "$cache"
