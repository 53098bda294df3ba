"""Print what Python's deltalake reads from a log, one line a version:
version, number of rows, SHA-256 over the rows.  deltalake_rows.sql prints the
same as DuckDB reads it.

    deltalake_rows.py LOG FIRST LAST
"""

import hashlib
import sys

from deltalake import DeltaTable, QueryBuilder

TEXTS = ["space", "tenant", "op", "kind", "key", "object", "meta"]
TIMES = ["time", "min_time", "max_time"]


def select():
    columns = ["version", "seq", "size"]
    columns += [f"arrow_cast({c}, 'Int64') AS {c}" for c in TIMES]
    columns += [f"encode(arrow_cast({c}, 'Binary'), 'hex') AS {c}" for c in TEXTS]
    columns += ["encode(content, 'hex') AS content"]
    return f"SELECT {', '.join(columns)} FROM log ORDER BY version, seq"


def lines(table):
    result = QueryBuilder().register("log", table).execute(select())
    batches = result.read_all()
    cells = [
        ["NULL" if v is None else str(v) for v in column.to_pylist()]
        for column in batches.columns
    ]
    return ["|".join(row) for row in zip(*cells)]


def main():
    log, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for version in range(first, last + 1):
        rows = lines(DeltaTable(log, version=version))
        digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        print(f"{version}\t{len(rows)}\t{digest}")


main()
