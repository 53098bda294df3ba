# A put of 1 KiB while another process puts a large file.
mib=2048
[ "$large" = no ] || mib=8192
"$tools/make" blob "$work/blob" "$mib"
"$tools/make" files "$work" 1 1024

for i in $turns; do
    new_lake "$work/lake"
    $first "$TARN_BIN" -q -C "$work/lake" put "$work/blob" /blob &
    other=$!
    n=0
    while kill -0 "$other" 2>/dev/null && [ "$n" -lt 20 ]; do
        took one "$TARN_BIN" -q -C "$work/lake" put "$work/f0000000" "/s$n"
        # One that outlived the other has not been beside it.
        kill -0 "$other" 2>/dev/null || break
        sample "turn$i" "$(calc "$took_s * 1000")"
        n=$((n + 1))
    done
    wait "$other" || fail "put of $mib MiB"
    sample beside "$(stat_of "turn$i" median)"
    cat "$samples/turn$i" >>"$samples/all"
done
cp "$samples/one.mib" "$samples/beside.mib"
figure "A put of 1 KiB while another process puts $((mib / 1024)) GiB (worst of \
$(wc -l <"$samples/all"): $(short "$(stat_of all max)") ms)" \
    beside ms '<' 100 warm
