"""The steps of bench/13-flow.sh with pandas frames.

pandas_flow.py INPUT-FOLDER OUTPUT-FOLDER

OUTPUT-FOLDER/frames.seconds is how long they took without the import.
"""
import sys
import time

import pandas as pd

source, target = sys.argv[1:]
began = time.perf_counter()
facts = pd.read_parquet(source + "/facts.parquet")
dims = pd.read_csv(source + "/dims.csv")
joined = facts[facts["id"] % 2 == 0].merge(dims, on="k")
grouped = joined.groupby("g", as_index=False).agg(
    n=("id", "size"), x=("x", "sum"), y=("y", "mean"), name=("name", "max"))
joined.to_csv(target + "/frames.csv", index=False)
grouped.to_parquet(target + "/frames.parquet")
with open(target + "/frames.seconds", "w") as file:
    file.write(f"{time.perf_counter() - began}\n")
