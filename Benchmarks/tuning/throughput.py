#!/usr/bin/env python3
"""Prices a second while the advisor asks for them, on one and on two connections, beside a bare libpq loop that asks the
same EXPLAINs, in the same run and by turns.

usage: throughput.py PGADVISOR EXPLAIN_LOOP URL HEAP_BYTES QUERIES_DIRECTORY

The advisor's rate is that of its pricing: what it asked for by the time it waited, from the last line of its trace; the
loop's is without connecting. `one by one` is PQexecParams, `pipelined` 32 at once; both ask in text, without JIT.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile

advisor, loop, url, heap_bytes, queries = sys.argv[1:]
scratch = tempfile.TemporaryDirectory()


def advise(connections):
    """Prices a second of one run, and its trace."""
    trace = f"{scratch.name}/trace-{connections}.jsonl"
    status = subprocess.run(
        [advisor, "advise", url, "--file", queries, "--budget", heap_bytes, "--format", "json",
         "--connections", str(connections), "--trace-planning", trace, "--time-limit", os.environ.get("TIME_LIMIT", "5min")],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
    if status not in (0, 1):
        sys.exit(f"pgadvisor ended with {status}")
    with open(trace) as file:
        summary = json.loads(file.readlines()[-1])
    if summary["connections"] != connections:
        sys.exit(f"{summary['connections']} connections instead of {connections}")
    return summary["plans"] / summary["seconds"], trace, summary["plans"]


def ask(trace, connections, depth):
    plans, _, _, seconds = subprocess.run(
        [loop, url, trace, str(connections), str(depth)], check=True, capture_output=True, text=True).stdout.split()
    return int(plans) / float(seconds)


rates = {}
for _ in range(int(os.environ.get("RUNS", "5"))):
    for connections in (1, 2):
        rate, trace, plans = advise(connections)
        rates.setdefault(("pgadvisor", connections), []).append(rate)
        rates.setdefault(("one by one", connections), []).append(ask(trace, connections, 1))
        rates.setdefault(("pipelined", connections), []).append(ask(trace, connections, 32))
medians = {key: statistics.median(values) for key, values in rates.items()}
print(f"{plans} prices; load average {os.getloadavg()[0]:.1f}\n")
print("| connections | pgadvisor, prices/s | loop, one by one | loop, pipelined | pgadvisor / one by one "
      "| pgadvisor / pipelined | pgadvisor / one pipelined connection |")
print("|---:" * 7 + "|")
for connections in (1, 2):
    ours, one, piped = (medians[kind, connections] for kind in ("pgadvisor", "one by one", "pipelined"))
    print(f"| {connections} | {ours:.0f} | {one:.0f} | {piped:.0f} | {ours / one:.2f} | {ours / piped:.2f} "
          f"| {ours / medians['pipelined', 1]:.2f} |")
