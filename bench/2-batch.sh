# A batch of 10,000 puts of host files of 1 KiB, process start to exit.
mkdir "$work/host"
"$tools/make" files "$work/host" 10000 1024
(cd "$work/host" && ls) | awk -v dir="$work/host" \
    '{ print "put " dir "/" $1 " /files/" $1 }' >"$work/batch"

for i in $turns; do
    new_lake "$work/lake"
    # The first writer of a lake also makes its views; that is not the figure.
    "$TARN_BIN" -q -C "$work/lake" state put bench run "$i"
    took batch "$TARN_BIN" -q -C "$work/lake" batch "$work/batch"
    sample rate "$(calc "10000 / $took_s")"
done
cp "$samples/batch.mib" "$samples/rate.mib"
cp "$samples/batch.cpu" "$samples/rate.cpu"
figure "\`tarn batch\` of 10,000 puts of 1 KiB, process start to exit" \
    rate files/s '>=' 20000 warm
