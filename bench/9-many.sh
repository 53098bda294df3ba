# Many nodes in one commit; a log of many commits.
nodes=100000
commits=10000
if [ "$large" = yes ]; then
    nodes=1000000
    commits=100000
fi
memory_bound=512

for i in $turns; do
    new_lake "$work/lake"
    took nodes "$tools/grow" "$work/lake" nodes "$nodes"
    took nodes-open "$TARN_BIN" -C "$work/lake" ls /
done
figure "$nodes nodes in one commit" nodes s '<' "$((nodes / 5000))" warm
figure "Open after it" nodes-open s '<' 1 warm

# One growing takes minutes: the log is grown once, and opened five times.
new_lake "$work/lake"
took commits "$tools/grow" "$work/lake" versions "$commits"
for i in $turns; do
    took commits-open "$TARN_BIN" -C "$work/lake" ls /
    took commits-write "$TARN_BIN" -q -C "$work/lake" state put s n "$i"
done
figure "A log of $commits commits: growing it (once)" commits s '<' \
    "$((commits / 50))" warm
figure "Open, to read" commits-open s '<' 1 warm
figure "Open, write, close" commits-write s '<' 1 warm
