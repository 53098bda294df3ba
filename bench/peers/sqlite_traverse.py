"""Three hops over the same graph in SQLite: a recursive CTE, a row a node at
its smallest depth with its key and table.  Prints the median in ms and the mean
number of rows.

sqlite_traverse.py DB load RECORDS.jsonl EDGES.jsonl
sqlite_traverse.py DB walk NODES COUNT DEPTH SEED
"""
import json
import sqlite3
import statistics
import sys
import time

WALK = """
WITH RECURSIVE way(id, depth) AS (
  SELECT id, 0 FROM records WHERE key = ?1
  UNION
  SELECT e.dst, way.depth + 1 FROM way JOIN edges e ON e.src = way.id
  WHERE way.depth < ?2)
SELECT min(way.depth) AS d, r.id, r.key, r.tbl
FROM way JOIN records r ON r.id = way.id GROUP BY r.id HAVING d > 0 ORDER BY d
"""


def load(db, records, edges):
    db.executescript("""
        PRAGMA synchronous = OFF;
        CREATE TABLE records (id INTEGER PRIMARY KEY, key TEXT UNIQUE, tbl TEXT,
            doc TEXT);
        CREATE TABLE edges (src INTEGER, rel TEXT, dst INTEGER, props TEXT,
            PRIMARY KEY (src, rel, dst)) WITHOUT ROWID;""")
    ids = {}
    with open(records, encoding="utf-8") as lines:
        for line in lines:
            ids[json.loads(line)["name"]] = len(ids)
            db.execute("INSERT INTO records VALUES (?, ?, 'nodes', ?)",
                       (len(ids) - 1, json.loads(line)["name"], line))
    with open(edges, encoding="utf-8") as lines:
        for line in lines:
            e = json.loads(line)
            db.execute("INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?)",
                       (ids[e["src"]], e["rel"], ids[e["dst"]],
                        json.dumps(e["props"])))
    db.commit()


def walk(db, nodes, count, depth, seed):
    took, rows = [], 0
    for _ in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        key = "node-%06d" % ((seed >> 33) % nodes)
        start = time.perf_counter()
        rows += len(db.execute(WALK, (key, depth)).fetchall())
        took.append((time.perf_counter() - start) * 1000)
    print("%.3f %.1f" % (statistics.median(took), rows / count))


database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA cache_size = -65536")
if sys.argv[2] == "load":
    load(database, *sys.argv[3:])
else:
    walk(database, *map(int, sys.argv[3:]))
