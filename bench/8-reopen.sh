# Opening a lake whose views are 1,000 commits behind: what a power cut can
# leave.
new_lake "$work/lake"
cp -r "$work/lake/views" "$work/views"
"$tools/grow" "$work/lake" versions 1000

for i in $turns; do
    rm -rf "$work/cut"
    cp -rp "$work/lake" "$work/cut"
    rm -rf "$work/cut/views"
    cp -rp "$work/views" "$work/cut/views"
    took reopen "$TARN_BIN" -C "$work/cut" ls /
    grep -qx /versions "$work/out" || fail "commits are lost"
done
figure "Open with 1,000 unapplied commits" reopen s '<' 2 warm
