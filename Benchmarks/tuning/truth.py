#!/usr/bin/env python3
"""Promise beside measurement for every recommendation, each created for real on the database itself, which is a copy.

usage: truth.py PGADVISOR URL HEAP_BYTES QUERIES_DIRECTORY
"""
import json
import os
import subprocess
import sys

advisor, url, heap_bytes, queries = sys.argv[1:]
budget = int(int(heap_bytes) * float(os.environ.get("BUDGET", "1")))
process = subprocess.run(
    [advisor, "advise", url, "--file", queries, "--budget", str(budget), "--format", "json", "--verify-here",
     "--verify-timeout", os.environ.get("TIMEOUT", "60s"), "--verify-runs", os.environ.get("RUNS", "3"),
     "--time-limit", os.environ.get("TIME_LIMIT", "15min")],
    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
if process.returncode not in (0, 1):
    sys.exit(f"pgadvisor ended with {process.returncode}")
report = json.loads(process.stdout)
verification = report["verification"]


def less(before, after):
    return f"{100 * (1 - after / before):.1f} %" if before else ""


print(f"Load average {os.getloadavg()[0]:.1f}; medians of {verification['runs']} runs with and twice as many without.\n")
print("| index | size said | built | statements | cost, promised less | ms without | ms with | measured less |")
print("|---" + "|---:" * 7 + "|")
for recommendation, index in zip(report["recommendations"], verification["indexes"]):
    keys = f"{recommendation['table']} ({', '.join(recommendation['keys'])})"
    if recommendation["include"]:
        keys += f" INCLUDE ({', '.join(recommendation['include'])})"
    if recommendation["where"]:
        keys += f" WHERE {recommendation['where']}"
    if index["failure"]:
        print(f"| {keys} | | not built: {index['failure']} | | | | | |")
    elif index["statements"] == 0:
        print(f"| {keys} | {index['bytes_said'] / 1e6:.1f} MB | {index['bytes'] / 1e6:.1f} MB | 0 | | | | |")
    else:
        print(f"| {keys} | {index['bytes_said'] / 1e6:.1f} MB | {index['bytes'] / 1e6:.1f} MB | {index['statements']} "
              f"| {less(index['cost_before'], index['cost_after'])} | {index['milliseconds_without']:.0f} "
              f"| {index['milliseconds_with']:.0f} | {less(index['milliseconds_without'], index['milliseconds_with'])} |")
print("\n| statement | promised | measured | ms without | ms with | rows | finding |")
print("|---:" * 5 + "|---|---|")
for one in verification["statements"]:
    def time(key):
        return f"{'over ' if one[key]['gave_up'] else ''}{one[key]['milliseconds']:.1f}"
    equal = one["rows"].get("equal")
    rows = {True: f"{one['rows'].get('with')}, equal", False: "differ"}.get(equal, one["rows"].get("reason", "unsteady"))
    print(f"| {one['number']} | {one['promised_factor']:.2f}x | {one['measured_factor']:.2f}x | {time('without')} "
          f"| {time('with')} | {rows} | {one['finding']} |")
for one in verification["skipped"]:
    print(f"\n#{one['number']} was not run: {one['reason']}")
print(f"\nOf {verification['ranked_pairs']} pairs of statements costs rank {verification['ranked_otherwise']} otherwise than the clock.")
for remark in verification["remarks"]:
    print(f"\n{remark}")
