"""The records of 13-records-sql.sh in DataFusion, as Parquet of the same rows.
Prints the seconds of the last of RUNS runs.

records_datafusion.py ROWS.parquet SQL RUNS
"""
import sys
import time

from datafusion import SessionConfig, SessionContext

path, sql, runs = sys.argv[1:]
context = SessionContext(SessionConfig().with_target_partitions(2))
context.register_parquet("people", path)
for _ in range(int(runs)):
    start = time.perf_counter()
    rows = sum(batch.num_rows for batch in context.sql(sql).collect())
    seconds = time.perf_counter() - start
print(f"{seconds:.6f} {rows}")
