"""Read rows of the table `orders` with pymysql and write them with pandas'
to_parquet; print thousands of rows a second and the peak memory in MiB.

    mysql_to_parquet.py SOCKET ROWS FILE.parquet
"""
import os
import resource
import sys
import time
import warnings

import pandas
import pymysql

warnings.simplefilter("ignore")
socket, rows, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
connection = pymysql.connect(
    unix_socket=socket,
    user="tarn",
    password=os.environ["SHOP_PASSWORD"],
    database="shop",
)
start = time.perf_counter()
frame = pandas.read_sql(f"SELECT * FROM orders LIMIT {rows}", connection)
frame.to_parquet(path)
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{len(frame) / 1000 / seconds:.3f} {peak:.1f}")
