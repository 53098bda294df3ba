"""Append one row at a time to a Delta table; print the seconds it took.

    deltalake_append.py DIR COUNT
"""
import sys
import time

from arro3.core import Table
from deltalake import write_deltalake

folder, count = sys.argv[1], int(sys.argv[2])
row = Table.from_pydict({"key": ["marker1"], "value": ["1"]})
write_deltalake(folder, row)
start = time.perf_counter()
for _ in range(count):
    write_deltalake(folder, row, mode="append")
print(f"{time.perf_counter() - start:.6f}")
