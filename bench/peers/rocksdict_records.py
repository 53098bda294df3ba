"""The same records in rocksdict, RocksDB as Python programs use it: texts under
their key field, nothing checked and nothing indexed.

    rocksdict_records.py DIR load FILE.jsonl   seconds to durable
    rocksdict_records.py DIR put COUNT SEED    seconds of COUNT durable puts
    rocksdict_records.py DIR get COUNT SEED    seconds of COUNT gets, any order
"""
import json
import random
import sys
import time

from rocksdict import Options, Rdict, WriteBatch, WriteOptions


def open_db(path):
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    return Rdict(path, options)


def load(db, path):
    how = WriteOptions()
    how.disable_wal = True  # durable by the flush at the end
    begin = time.perf_counter()
    batch = WriteBatch(raw_mode=True)
    with open(path, "rb") as lines:
        for line in lines:
            batch.put(json.loads(line)["sku"].encode(), line)
            if batch.len() == 1000:
                db.write(batch, how)
                batch = WriteBatch(raw_mode=True)
    db.write(batch, how)
    db.flush()
    return time.perf_counter() - begin


def put(db, count, seed):
    draw = random.Random(seed)
    how = WriteOptions()
    how.sync = True
    text = b"x" * 241
    begin = time.perf_counter()
    for _ in range(count):
        db.put(b"put-%d" % draw.getrandbits(60), text, write_opt=how)
    return time.perf_counter() - begin


def get(db, count, seed):
    draw = random.Random(seed)
    keys = list(db.keys())
    wanted = [keys[draw.randrange(len(keys))] for _ in range(count)]
    begin = time.perf_counter()
    for key in wanted:
        if db.get(key) is None:
            sys.exit("a key is missing")
    return time.perf_counter() - begin


db = open_db(sys.argv[1])
if sys.argv[2] == "load":
    took = load(db, sys.argv[3])
else:
    took = {"put": put, "get": get}[sys.argv[2]](
        db, int(sys.argv[3]), int(sys.argv[4]))
print(f"{took:.6f}")
db.close()
