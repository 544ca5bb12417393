"""How fast this machine plans: seconds mean nothing without it.

The bars are from a machine on which the bare libpq loop plans the whole workload once, without indexes and JIT, one by one
on one connection, in 4.3 ms (TPC-H), 84 ms (TPC-DS) and 470 ms (Join Order Benchmark). So a bar of seconds is so many
workloads' time, here as there.
"""
import json
import os
import statistics
import subprocess
import tempfile

# Milliseconds of the loop there.
reference = {"tpch": 4.3, "tpcds": 84, "movies": 470}


def whole_workload(url, texts):
    """Milliseconds of the loop here, median of five; None where it was not compiled (LOOP)."""
    loop = os.environ.get("LOOP")
    if not loop:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as trace:
        repeats = max(1, 400 // len(texts))
        for text in texts * repeats:
            trace.write(json.dumps({"indexes": [], "sql": text}) + "\n")
        trace.flush()
        seconds = [float(subprocess.run([loop, url, trace.name], check=True, capture_output=True, text=True).stdout.split()[3])
                   for _ in range(5)]
    return 1_000 * statistics.median(seconds) / repeats
