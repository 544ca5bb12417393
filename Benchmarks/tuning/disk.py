#!/usr/bin/env python3
"""Cost at equal real disk: budgets charged with pgadvisor's own sizes, what is advised built together, measured, rolled back.

usage: disk.py PGADVISOR URL HEAP_BYTES QUERIES_DIRECTORY [tpch|tpcds|movies]

Builds, in a transaction: CREATE INDEX counts a table's rows anew, which a rollback does not undo. Use a private database.
"""
import json
import os
import pathlib
import subprocess
import sys

import psycopg2

advisor, url, heap_bytes, directory = sys.argv[1:5]
bar = {"tpch": 0.51}.get((sys.argv + [""])[5])
texts = [file.read_text().strip().rstrip(";") for file in sorted(pathlib.Path(directory).glob("*.sql"))]
connection = psycopg2.connect(url)
cursor = connection.cursor()


def advise(budget):
    process = subprocess.run(
        [advisor, "advise", url, "--file", directory, "--format", "json", "--sizes", "built", "--budget", str(budget),
         "--max-columns", os.environ.get("COLUMNS_PER_INDEX", "3"), "--time-limit", os.environ.get("TIME_LIMIT", "15min")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if process.returncode not in (0, 1):
        sys.exit(f"pgadvisor ended with {process.returncode}")
    return json.loads(process.stdout)["recommendations"]


def cost():
    total = 0
    for text in texts:
        cursor.execute("EXPLAIN " + text)
        total += float(cursor.fetchone()[0].split("..")[1].split(" ")[0])
    return total


def built(indexes):
    """Bytes of each, and the cost of all statements with all of them."""
    sizes = []
    for index in indexes:
        cursor.execute(index["statements"][0].replace(" CONCURRENTLY", ""))
        cursor.execute("SELECT pg_relation_size(%s::regclass)", (f'"{index["schema"]}"."{index["name"]}"',))
        sizes.append(cursor.fetchone()[0])
    found = cost()
    connection.rollback()
    return sizes, found


def run():
    cursor.execute("SET jit = off; SET maintenance_work_mem = '256MB'")
    connection.commit()
    print("| target | budget | bar | cost, indexes built | indexes | size said | built | single sizes, said / built | holds |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---|")
    for share in (0.25, 0.5, 1.0):
        budget = int(int(heap_bytes) * share)
        indexes = advise(budget)
        today = cost()
        sizes, after = built(indexes)
        said = [index["bytes"] for index in indexes]
        ratios = [one / other for one, other in zip(said, sizes)]
        is_judged = bar and share == 0.25
        holds = after / today <= bar and sum(sizes) <= budget if is_judged else None
        print(f"| 8: cost at equal real disk | {budget / 1e6:.1f} MB | {bar if is_judged else ''} | {after / today:.4f} "
              f"| {len(indexes)} | {sum(said) / 1e6:.1f} MB | {sum(sizes) / 1e6:.1f} MB "
              f"| {min(ratios, default=1):.2f} to {max(ratios, default=1):.2f} "
              f"| {'' if holds is None else 'yes' if holds else 'no'} |", flush=True)


run()
