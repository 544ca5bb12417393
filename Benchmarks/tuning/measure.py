#!/usr/bin/env python3
"""Advice under three budgets from one run, evaluated afresh, beside Extend.

usage: measure.py PGADVISOR URL HEAP_BYTES QUERIES_DIRECTORY [tpch|tpcds|movies]
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import psycopg2

import machine
from extend import Extend

advisor, url, heap_bytes, directory = sys.argv[1:5]
# Seconds for all three budgets, on one connection.
bar = {"tpch": 0.3, "tpcds": 8, "movies": 40}.get((sys.argv + [""])[5])
width = os.environ.get("COLUMNS_PER_INDEX", "3")
budgets = [int(int(heap_bytes) * share) for share in (0.25, 0.5, 1.0)]
texts = [file.read_text().strip().rstrip(";") for file in sorted(pathlib.Path(directory).glob("*.sql"))]
connection = psycopg2.connect(url)
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SET jit = off")


def advise(sizes):
    """The report for all budgets, seconds, peak resident megabytes."""
    command = [advisor, "advise", url, "--file", directory, "--format", "json", "--max-columns", width, "--sizes", sizes,
               "--time-limit", os.environ.get("TIME_LIMIT", "15min"), "--budget", str(budgets[-1])]
    if "CONNECTIONS" in os.environ:
        command += ["--connections", os.environ["CONNECTIONS"]]
    for budget in budgets[:-1]:
        command += ["--also-budget", str(budget)]
    began = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"pgadvisor ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(output), time.monotonic() - began, usage.ru_maxrss / 1024


def evaluate(statements):
    """Cost of each statement, and HypoPG's bytes, in a session that has nothing else."""
    cursor.execute("SELECT hypopg_reset()")
    size = 0
    for statement in statements:
        cursor.execute("SELECT hypopg_relation_size(indexrelid) FROM hypopg_create_index(%s)", (statement,))
        size += cursor.fetchone()[0]
    costs = []
    for text in texts:
        cursor.execute("EXPLAIN " + text)
        costs.append(float(cursor.fetchone()[0].split("..")[1].split(" ")[0]))
    cursor.execute("SELECT hypopg_reset()")
    return costs, size


def row(name, budget, statements, calls, seconds, memory):
    costs, size = evaluate(statements)
    dearer = sum(1 for new, old in zip(costs, without) if new > old * 1.0001)
    print(f"| {name} | {budget / 1e6:.0f} MB | {sum(costs) / sum(without):.4f} | {len(statements)} | {size / 1e6:.0f} MB "
          f"| {calls} | {seconds} | {memory} | {dearer} |", flush=True)


without = evaluate([])[0]
print("| advisor | budget | cost, afresh | indexes | size (HypoPG) | what-if plans | seconds | peak MB | dearer |")
print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
report, seconds, memory = advise("hypopg")
statements = {budgets[-1]: [s for r in report["recommendations"] for s in r["statements"]]}
statements.update({other["budget"]: other["indexes"] for other in report["other_budgets"]})
for budget in budgets:
    row(f"pgadvisor, {report['examined']['strategy']}", budget, statements[budget],
        f"{report['examined']['planning_calls']} for all", f"{seconds:.1f} for all", f"{memory:.0f}")
if os.environ.get("RIVAL", "yes") == "yes":
    rival = Extend(cursor, texts, int(width))
    for budget in budgets:
        began, before = time.monotonic(), rival.calls
        chosen = rival.choose(budget)
        row("Extend (ours, after the paper)", budget, [rival.statement(index) for index in chosen],
            rival.calls - before, f"{time.monotonic() - began:.1f}", "")
whole = machine.whole_workload(url, texts)
if whole:
    print(f"\nThe workload planned once by a bare loop, one connection, no index: {whole:.1f} ms. The three budgets took "
          f"{1_000 * seconds / whole:.0f} times as long"
          + (f" (target 5: {1_000 * bar / machine.reference[sys.argv[5]]:.0f})" if bar else "") + ".\n", flush=True)
if os.environ.get("SIZES") == "yes":
    ratios = []
    for index in advise("built")[0]["recommendations"]:
        connection.autocommit = False
        cursor.execute(index["statements"][0].replace(" CONCURRENTLY", ""))
        cursor.execute("SELECT pg_relation_size(%s::regclass)", (f'{index["schema"]}."{index["name"]}"',))
        ratios.append(index["bytes"] / cursor.fetchone()[0])
        connection.rollback()
    connection.autocommit = True
    print(f"\nSizes against built indexes: {len(ratios)}, median {statistics.median(ratios):.3f}, "
          f"{min(ratios):.2f} to {max(ratios):.2f}, within 5 %: {sum(abs(r - 1) <= 0.05 for r in ratios)}, "
          f"within 10 %: {sum(abs(r - 1) <= 0.1 for r in ratios)}")
