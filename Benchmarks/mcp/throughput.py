#!/usr/bin/env python3
"""How many small queries a second 64 kept-alive clients get over HTTP, with the audit and without, in turn.

usage: throughput.py PGADVISOR URL

wrk sends them (query.lua), and looks at each answer. Server, PostgreSQL and wrk share the machine's cores.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from wire import Served, Wrong

program, url = sys.argv[1:3]
turns = int(os.environ.get("TURNS", "3"))
seconds = int(os.environ.get("SECONDS_EACH", "8"))
CLIENTS = 64
BAR = 2_000
examples = []  # of answers that were not right


def storm(port, duration):
    """requests/s, answers, not 200, wrong bodies, socket errors, and latencies in ms: median, 95th, 99th percentile."""
    script = pathlib.Path(__file__).with_name("query.lua")
    run = subprocess.run(
        ["wrk", "-t1", f"-c{CLIENTS}", f"-d{duration}s", "--timeout", "30s", "-s", str(script),
         f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True)
    time.sleep(1)  # what wrk has left behind is cancelled by then, and does not stand in the next one's way
    lines = run.stdout.splitlines()
    examples.extend(line[8:300] for line in lines if line.startswith("example"))
    found = [line.split()[1:] for line in lines if line.startswith("figures")]
    if not found:
        raise Wrong(f"wrk has said {run.stdout[-400:]}{run.stderr[-400:]}")
    return [float(value) for value in found[0]]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        audit = pathlib.Path(scratch, "audit.jsonl")
        servers = {"off": Served(program, url), "on": Served(program, url, ["--audit", str(audit)])}
        warming = {name: storm(server.port, 2) for name, server in servers.items()}
        results = {name: [] for name in servers}
        costs = {name: [] for name in servers}
        for turn in range(turns):
            for name in (list(servers) if turn % 2 == 0 else list(reversed(servers))):
                before = cpu_seconds(servers[name].pid)
                results[name].append(storm(servers[name].port, seconds))
                costs[name].append((cpu_seconds(servers[name].pid) - before) / results[name][-1][1] * 1e6)
        print("| audit | queries/s | median ms | 95 % | 99 % | answers | not 200 | wrong body | socket errors "
              "| server CPU µs a query | peak memory |")
        print("|---|" + "---:|" * 10)
        for name, runs in results.items():
            middle = [statistics.median(column) for column in zip(*runs)]
            total = [sum(column) for column in zip(*runs)]
            peak = servers[name].status("VmHWM")[0] / 1024
            print(f"| {name} | {middle[0]:.0f} | {middle[5]:.1f} | {middle[6]:.1f} | {middle[7]:.1f} | {total[1]:.0f} "
                  f"| {total[2]:.0f} | {total[3]:.0f} | {total[4]:.0f} | {statistics.median(costs[name]):.0f} "
                  f"| {peak:.0f} MB |")
        for server in servers.values():
            server.stop()
        answered = int(sum(run[1] for run in results["on"]) + warming["on"][1])
        with open(audit, "rb") as lines:
            kept = sum(1 for _ in lines)
        # wrk stops in the middle: what was on the way then has a line and no reader.
        print(f"\n{CLIENTS} clients on kept-alive connections, medians of {turns} × {seconds} s, in turn "
              f"(bar: {BAR}/s). Audit: {kept} lines for {answered} answers read.")
        if examples:
            print(f"Not right, for example: `{examples[0]}`")
        if kept < answered:
            raise Wrong("lines of the audit are missing")


main()
