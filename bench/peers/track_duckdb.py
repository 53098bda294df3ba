"""Merge and diff the way that flow-track describes: DuckDB from Python with a
memory limit of 2 GB and one thread, states of tables in a dictionary, columns
rewritten by COPY in chunks.

    track_duckdb.py CURRENT PREVIOUS OUT

Rows are reduced to the four fields that such systems keep.
"""
import json
import os
import sys

import duckdb

CHUNK = 100000
COLUMNS = ("columns = {typeName: 'VARCHAR', status: 'VARCHAR', "
    "attributes: 'JSON', customAttributes: 'JSON'}")
current, previous, out = sys.argv[1:]

con = duckdb.connect(os.path.join(out + ".duckdb"))
con.execute("SET memory_limit = '2GB'")
con.execute("SET threads = 1")
con.execute("SET preserve_insertion_order = false")


def read(folder, kind):
    files = sorted(
        os.path.join(folder, kind, name)
        for name in os.listdir(os.path.join(folder, kind)))
    return (f"read_json({files!r}, format = 'newline_delimited', {COLUMNS}, "
        "ignore_errors = true)")


def states(folder):
    found = {}
    rows = con.execute(
        "SELECT attributes->>'qualifiedName', "
        "coalesce(customAttributes->>'incremental_state', 'NO CHANGE') FROM "
        + read(folder, "table"))
    while batch := rows.fetchmany(10000):
        for name, state in batch:
            if name is not None:
                found[name] = state
    return found


def copy(query, folder):
    """Rows of a query in chunks, by LIMIT and OFFSET over a table of them."""
    os.makedirs(folder, exist_ok=True)
    con.execute(f"CREATE OR REPLACE TABLE part AS {query}")
    total = con.execute("SELECT count(*) FROM part").fetchone()[0]
    for i in range(0, total, CHUNK):
        con.execute(
            f"COPY (SELECT * FROM part LIMIT {CHUNK} OFFSET {i}) TO "
            f"'{folder}/chunk-{i // CHUNK}.json' (FORMAT json)")
    con.execute("DROP TABLE part")
    return total


def names(table, values):
    con.execute(f"CREATE OR REPLACE TABLE {table} (name VARCHAR)")
    values = list(values)
    for i in range(0, len(values), 100000):
        part = values[i:i + 100000]
        con.execute(
            f"INSERT INTO {table} SELECT unnest(?::VARCHAR[])", [part])


PARENT = ("coalesce(attributes->>'tableQualifiedName', "
    "attributes->>'viewQualifiedName')")
scope = states(current)
before = states(previous)
extracted = {row[0] for row in con.execute(
    f"SELECT DISTINCT {PARENT} FROM {read(current, 'column')}").fetchall()}
changed = {n for n, s in scope.items() if s in ("CREATED", "UPDATED")}
needing = set(scope) - extracted - changed
gone = set(before) - set(scope)
names("needing", needing)
names("changed", changed)
names("gone", gone)

# The merge: what was extracted, and the columns of those that were not.
total = copy(f"SELECT * FROM {read(current, 'column')} UNION ALL BY NAME "
    "SELECT typeName, status, attributes, json_merge_patch(customAttributes, "
    "'{\"incremental_state\":\"NO CHANGE\"}') AS customAttributes FROM "
    f"{read(previous, 'column')} WHERE {PARENT} IN (FROM needing)",
    out + "/state/column")
copy(f"SELECT * FROM {read(current, 'table')}", out + "/state/table")

# The diff.
copy(f"SELECT * FROM {read(current, 'table')} WHERE "
    "(attributes->>'qualifiedName') IN (FROM changed)", out + "/diff/table")
columns = copy(f"SELECT * FROM {read(current, 'column')} WHERE {PARENT} IN "
    "(FROM changed)", out + "/diff/column")
copy(f"SELECT * FROM {read(previous, 'table')} WHERE "
    "(attributes->>'qualifiedName') IN (FROM gone)", out + "/diff/delete/table")
deleted = copy(f"SELECT * FROM {read(previous, 'column')} WHERE {PARENT} IN "
    f"(FROM gone) OR ({PARENT} IN (FROM changed) AND "
    "(attributes->>'qualifiedName') NOT IN (SELECT attributes->>'qualifiedName' "
    f"FROM {read(current, 'column')}))", out + "/diff/delete/column")
with open(out + "/diff/metadata.json", "w", encoding="utf-8") as file:
    json.dump({"columns_total": columns, "columns_deleted": deleted}, file)
print(total, columns, deleted)
