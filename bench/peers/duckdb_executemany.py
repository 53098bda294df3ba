"""Load JSON lines of events with executemany, 1,000 at a time, for about ten
seconds; print the rows a second.

    duckdb_executemany.py EVENTS.jsonl FILE.db
"""
import datetime
import json
import sys
import time

import duckdb

events, path = sys.argv[1:]
con = duckdb.connect(path)
con.execute(
    "CREATE TABLE ev (event_name VARCHAR NOT NULL, event_time TIMESTAMP NOT "
    "NULL, distinct_id VARCHAR NOT NULL, insert_id VARCHAR PRIMARY KEY, "
    "properties JSON)"
)
start = time.perf_counter()
batch, rows = [], 0
for line in open(events, encoding="utf-8"):
    event = json.loads(line)
    properties = event["properties"]
    batch.append((
        event["event"],
        datetime.datetime.fromtimestamp(
            properties.pop("time"), datetime.timezone.utc
        ).replace(tzinfo=None),
        properties.pop("distinct_id"),
        properties.pop("$insert_id"),
        json.dumps(properties),
    ))
    if len(batch) == 1000:
        con.begin()
        con.executemany("INSERT OR IGNORE INTO ev VALUES (?, ?, ?, ?, ?)",
            batch)
        con.commit()
        rows += len(batch)
        batch = []
        if time.perf_counter() - start > 10:
            break
con.close()
print(f"{rows / (time.perf_counter() - start):.1f}")
