#!/usr/bin/env python3
"""Whether every text is advised on: each as it stands, and as pg_stat_statements spells it, with parameters.

usage: texts.py PGADVISOR URL QUERIES_DIRECTORY EMPTY_URL

The spelling comes from EMPTY_URL, where the same tables hold no rows, so that running all statements takes no time.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import psycopg2

advisor, url, directory, empty = sys.argv[1:]
files = sorted(pathlib.Path(directory).glob("*.sql"))


def spell(target):
    """Writes what pg_stat_statements makes of each text; how many it makes of all."""
    connection = psycopg2.connect(empty)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
    database = cursor.fetchone()[0]
    count = 0
    for file in files:
        cursor.execute("SELECT pg_stat_statements_reset(0, %s, 0)", (database,))
        cursor.execute(file.read_text())
        cursor.execute("""SELECT query FROM pg_stat_statements
            WHERE dbid = %s AND query !~ 'pg_stat_statements' ORDER BY queryid""", (database,))
        found = [row[0] for row in cursor.fetchall()]
        (target / file.name).write_text(";\n".join(found) + ";\n")
        count += len(found)
    return count


def row(name, source, count):
    began = time.monotonic()
    process = subprocess.run(
        [advisor, "advise", url, "--file", str(source), "--format", "json", "--time-limit", os.environ.get("TIME_LIMIT", "2min")],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if process.returncode not in (0, 1):
        sys.exit(f"pgadvisor ended with {process.returncode}")
    report = json.loads(process.stdout)
    skipped = report["skipped"]
    print(f"| 11: {name} | {len(files)} | {count} | {len(report['statements'])} | {len(skipped)} "
          f"| {report['summary']['recommendations']} | {time.monotonic() - began:.0f} | {report['summary']['ending']} "
          f"| {'yes' if not skipped and len(report['statements']) == count else 'no'} |", flush=True)
    return [(statement["origin"], statement["reason"]) for statement in skipped]


print("| target | files | statements | advised on | skipped | indexes | seconds | ending | holds |")
print("|---" + "|---:" * 6 + "|---|---|")
complaints = row("texts as they stand", directory, len(files))
with tempfile.TemporaryDirectory() as scratch:
    count = spell(pathlib.Path(scratch))
    complaints += row("texts with parameters", scratch, count)
for origin, reason in complaints:
    print(f"\n{origin}: {reason}")
