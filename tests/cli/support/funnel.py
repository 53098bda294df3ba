#!/usr/bin/env python3
"""Count funnels by hand over random events and compare with the command.

usage: funnel.py TARN SEED
"""
import json
import random
import subprocess
import sys

tarn, seed = sys.argv[1:]
rnd = random.Random(int(seed))
events = [
    (rnd.choice("abcx"), rnd.randrange(60), "u%d" % rnd.randrange(12), i)
    for i in range(300)
]
with open("funnel.jsonl", "w") as f:
    for name, time, user, i in events:
        f.write(json.dumps({"event": name, "properties": {
            "time": time, "distinct_id": user, "$insert_id": str(i)}}) + "\n")
subprocess.run([tarn, "events", "load", "-q", "f", "funnel.jsonl", "--replace"],
    stdout=subprocess.DEVNULL, check=True)


def reached(rows, steps, window):
    """The furthest step that one user's rows, in order, get to."""
    best = 0
    for start, (begin, name) in enumerate(rows):
        if name != steps[0]:
            continue
        k = 1
        for time, name in rows[start + 1:]:
            if k < len(steps) and time - begin <= window and name == steps[k]:
                k += 1
        best = max(best, k)
    return best


for steps in ("abc", "aab", "aba", "cb"):
    window = rnd.choice([3, 8, 20])
    users = {}
    for name, time, user, _ in events:
        if name in steps:
            users.setdefault(user, []).append((time, steps.index(name), name))
    far = [
        reached([(t, n) for t, _, n in sorted(rows)], steps, window)
        for rows in users.values()
    ]
    want = [sum(f > k for f in far) for k in range(len(steps))]
    out = subprocess.run([tarn, "events", "funnel", "f", "-f", "plain",
        "--steps", ",".join(steps), "--window", "%ds" % window],
        stdout=subprocess.PIPE, text=True, check=True).stdout
    got = [int(line.split("\t")[2]) for line in out.splitlines()]
    if got != want:
        sys.exit("steps %s, window %ds, seed %s: %s, by hand %s" %
            (steps, window, seed, got, want))
