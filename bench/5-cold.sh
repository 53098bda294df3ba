# Small commands, a process each, in a lake of 100,000 nodes and 1,000 versions.
new_lake "$work/lake"
"$tools/grow" "$work/lake" nodes 100000
"$tools/grow" "$work/lake" versions 1000

small() {
    for i in $turns; do
        [ "$1" = warm ] || drop_caches
        took "ls-$1" "$TARN_BIN" -C "$work/lake" ls /
        sample "ls-$1-ms" "$(calc "$took_s * 1000")"
        [ "$1" = warm ] || drop_caches
        took "cat-$1" "$TARN_BIN" -C "$work/lake" cat /versions/f007
        sample "cat-$1-ms" "$(calc "$took_s * 1000")"
    done
    for what in ls cat; do
        cp "$samples/$what-$1.mib" "$samples/$what-$1-ms.mib"
        cp "$samples/$what-$1.cpu" "$samples/$what-$1-ms.cpu"
    done
}

memory_bound=64
"$TARN_BIN" -C "$work/lake" ls / >/dev/null
small warm
figure "\`tarn ls /\`, 100,000 nodes, 1,000 versions" \
    ls-warm-ms ms '<' 40 warm
figure "\`tarn cat\` of a small file there" cat-warm-ms ms '<' 40 warm
if drop_caches; then
    small dropped
    figure "\`tarn ls /\` there (the issue's bound is for a warm cache)" \
        ls-dropped-ms ms '<' 40 dropped
    figure "\`tarn cat\` there (likewise)" cat-dropped-ms ms '<' 40 dropped
fi
