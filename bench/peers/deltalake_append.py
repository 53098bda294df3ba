"""Append one row at a time to a Delta table; print the seconds it took.

    deltalake_append.py DIR COUNT
"""
import sys
import time

from arro3.core import Array, DataType, Table
from deltalake import write_deltalake

folder, count = sys.argv[1], int(sys.argv[2])
text = DataType.utf8()
row = Table.from_pydict(
    {"key": Array(["marker1"], text), "value": Array(["1"], text)}
)
write_deltalake(folder, row)
start = time.perf_counter()
for _ in range(count):
    write_deltalake(folder, row, mode="append")
print(f"{time.perf_counter() - start:.6f}")
