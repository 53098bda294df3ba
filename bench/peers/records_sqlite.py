"""The records of 13-records-sql.sh in SQLite, as JSON texts with an index on one
member.  Prints the seconds of the last of RUNS runs.

records_sqlite.py DB load ROWS.jsonl
records_sqlite.py DB aggregate|few RUNS
"""
import sqlite3
import sys
import time

QUERIES = {
    "aggregate": "SELECT json_extract(doc, '$.status'), count(*), "
    "avg(json_extract(doc, '$.age')), sum(json_extract(doc, '$.score')) "
    "FROM records WHERE json_extract(doc, '$.active') GROUP BY 1",
    "few": "SELECT * FROM records WHERE json_extract(doc, '$.grp') = 77",
}

path, what, argument = sys.argv[1:]
db = sqlite3.connect(path)
if what == "load":
    db.execute("PRAGMA synchronous = OFF")
    db.execute("CREATE TABLE records (id INTEGER PRIMARY KEY, doc TEXT)")
    with open(argument, encoding="utf-8") as lines:
        db.executemany("INSERT INTO records (doc) VALUES (?)",
                       ((line,) for line in lines))
    db.execute("CREATE INDEX grp ON records (json_extract(doc, '$.grp'))")
    db.commit()
else:
    for _ in range(int(argument)):
        start = time.perf_counter()
        rows = db.execute(QUERIES[what]).fetchall()
        seconds = time.perf_counter() - start
    print(f"{seconds:.6f} {len(rows)}")
