#!/usr/bin/env python3
"""Advice for TPC-H under three budgets, beside a bare libpq loop that asks the same EXPLAINs.

usage: measure.py PGADVISOR EXPLAIN_LOOP URL HEAP_BYTES QUERIES_DIRECTORY

Cost: the planner's total cost of all statements. `cost ratio` is pgadvisor's own figure, `afresh` what EXPLAIN says of
the final set in a session of its own. Rates are medians of RUNS (default 5), the two in turn. The advisor's time is the
whole process: start, connection, catalogue, search, report; the loop's is connection and EXPLAINs.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

advisor, loop, url, heap_bytes, queries = sys.argv[1:]
runs = int(os.environ.get("RUNS", "5"))
scratch = tempfile.TemporaryDirectory()
trace = f"{scratch.name}/trace.jsonl"


def advise(budget, *more):
    """The report, seconds, and peak resident kilobytes."""
    began = time.monotonic()
    process = subprocess.Popen(
        [advisor, "advise", url, "--file", queries, "--budget", str(budget), "--format", "json", *more],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"pgadvisor ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(output), seconds, usage.ru_maxrss


def ask(path):
    """Plans, seconds, and summed cost of the EXPLAINs of a trace."""
    plans, seconds, cost, _ = subprocess.run(
        [loop, url, path], check=True, capture_output=True, text=True).stdout.split()
    return int(plans), float(seconds), float(cost)


def cost_with(indexes):
    path = f"{scratch.name}/final.jsonl"
    texts = [file.read_text().strip().rstrip(";") for file in sorted(pathlib.Path(queries).glob("*.sql"))]
    with open(path, "w") as file:
        file.writelines(json.dumps({"indexes": indexes, "sql": text}) + "\n" for text in texts)
    return ask(path)[2]


without = cost_with([])
print("| budget | indexes | size | cost ratio | afresh | seconds | peak memory "
      "| what-if plans | plans/s | bare loop plans/s | advisor/loop |")
print("|---:" * 11 + "|")
for share in (0.25, 0.5, 1.0):
    budget = int(int(heap_bytes) * share)
    advise(budget, "--trace-planning", trace)  # also warms the caches
    ours, theirs = [], []
    for _ in range(runs):
        report, seconds, memory = advise(budget)
        ours.append(report["examined"]["planning_calls"] / seconds)
        plans, seconds, _ = ask(trace)
        theirs.append(plans / seconds)
    rate, rival = statistics.median(ours), statistics.median(theirs)
    summary, calls = report["summary"], report["examined"]["planning_calls"]
    if report["skipped"]:
        print(f"skipped: {[statement['reason'] for statement in report['skipped']]}", file=sys.stderr)
    afresh = cost_with([r["statement"] for r in report["recommendations"]]) / without
    print(
        f"| {budget / 1e6:.0f} MB | {summary['recommendations']} | {summary['bytes'] / 1e6:.0f} MB "
        f"| {summary['cost_after'] / summary['cost_before']:.4f} | {afresh:.4f} "
        f"| {calls / rate:.2f} | {memory / 1024:.0f} MiB "
        f"| {calls} | {rate:.0f} | {rival:.0f} | {rate / rival:.2f} |", flush=True)
