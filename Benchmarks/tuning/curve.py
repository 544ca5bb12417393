#!/usr/bin/env python3
"""How soon advice is good: questions until Extend's cost is reached, the first useful answer, the gap that is left.

usage: curve.py PGADVISOR URL HEAP_BYTES QUERIES_DIRECTORY [tpch|tpcds|movies]

One run for each budget; questions are `planning_calls` of the report's `convergence`. Useful is what costs at most 1.15 times
the final answer of that run. Milliseconds are from the start of the process to the progress line that follows, medians of
RUNS (5), all but the first ended there; the parts before it are the progress lines before. The gap is over the plans that
were asked for. Extend's costs are found by running it, or given for the three budgets: EXTEND_COST='.708 .659 .617'.
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time

import psycopg2

import machine
from extend import Extend

advisor, url, heap_bytes, directory = sys.argv[1:5]
width = os.environ.get("COLUMNS_PER_INDEX", "3")
budgets = [int(int(heap_bytes) * share) for share in (0.25, 0.5, 1.0)]
texts = [file.read_text().strip().rstrip(";") for file in sorted(pathlib.Path(directory).glob("*.sql"))]
# Questions until Extend's cost, milliseconds until something useful, gap.
bars = {"tpch": (150, 20, 0.01), "tpcds": (2_000, 500, None), "movies": (3_000, 3_000, None)}
most_calls, most_milliseconds, most_gap = bars.get((sys.argv + [""])[5], (None, None, None))


class Watched:
    """A run that believes somebody watches; keeps when it said what."""

    def __init__(self, budget):
        command = [advisor, "advise", url, "--file", directory, "--format", "json", "--max-columns", width, "--sizes",
                   "hypopg", "--budget", str(budget), "--time-limit", os.environ.get("TIME_LIMIT", "15min")]
        if "CONNECTIONS" in os.environ:
            command += ["--connections", os.environ["CONNECTIONS"]]
        self.lines, self.is_useful = [], threading.Event()
        terminal, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 160, 0, 0))
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=other)
        os.close(other)
        self.watcher = threading.Thread(target=self.watch, args=(terminal,))
        self.watcher.start()

    def watch(self, terminal):
        said = ""
        while True:
            try:
                said = os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                break
            for line in filter(None, said.split("\r\x1b[2K")):
                self.lines.append((1_000 * (time.monotonic() - self.began), line))
                self.is_useful.set()
        os.close(terminal)
        self.is_useful.set()

    def report(self):
        output = self.process.stdout.read()
        status = self.process.wait()
        self.watcher.join()
        if status not in (0, 1):
            sys.exit(f"pgadvisor ended with {status}: {self.lines[-1:]}")
        return json.loads(output)

    def milliseconds_until(self, calls):
        """To the first progress line after so many questions, or None; and to those that say what is done before."""
        for at, line in self.lines:
            asked = re.search(r", (\d+) plans", line)
            if asked and int(asked[1]) >= calls:
                starts = [next((at for at, line in self.lines if line.startswith(word)), 0) for word in ("reading", "pricing")]
                return [at, *starts]
        return None

    def end_after(self, calls):
        while self.process.poll() is None and not self.milliseconds_until(calls):
            self.is_useful.wait(1)
            self.is_useful.clear()
        found = self.milliseconds_until(calls)
        self.process.kill()
        self.process.communicate()
        self.watcher.join()
        return found


def extend_costs():
    if "EXTEND_COST" in os.environ:
        return [float(cost) for cost in os.environ["EXTEND_COST"].split()]
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET jit = off")
    rival = Extend(cursor, texts, int(width))
    today = rival.total([])
    return [rival.total(rival.choose(budget)) / today for budget in budgets]


def row(target, budget, bar, measured, holds):
    verdict = "" if bar is None else "yes" if holds else "no"
    print(f"| {target} | {budget / 1e6:.0f} MB | {'' if bar is None else bar} | {measured} | {verdict} |", flush=True)


rivals = extend_costs()
if len(rivals) != len(budgets):
    sys.exit("EXTEND_COST takes a cost for each of the three budgets")
curves = []
print(f"{len(texts)} statements, at most {width} columns; load average {os.getloadavg()[0]:.1f}\n")
planned = machine.whole_workload(url, texts)
if planned and most_milliseconds:
    there, most_milliseconds = most_milliseconds, most_milliseconds * planned / machine.reference[sys.argv[5]]
    print(f"Planned once by a bare loop, one connection, no index: {planned:.1f} ms; {machine.reference[sys.argv[5]]} ms where target "
          f"6 has {there} ms, so here it has {most_milliseconds:.0f}.\n")
print("| target | budget | bar | measured | holds |")
print("|---|---:|---:|---|---|")
for budget, rival in zip(budgets, rivals):
    run = Watched(budget)
    report = run.report()
    points = report["convergence"]
    final = points[-1]["relative_load"] if points else 1.0
    curves.append((budget, report["examined"]["planning_calls"], points))
    reached = next((point["planning_calls"] for point in points if point["relative_load"] <= rival), None)
    row(f"4: questions until Extend's cost, {rival:.4f}", budget, most_calls, reached or f"never: {final:.4f}",
        reached and reached <= (most_calls or reached))
    useful = next((point for point in points if point["relative_load"] <= 1.15 * final), None)
    calls = useful["planning_calls"] if useful else 0
    row("6: questions until a useful answer", budget, 2 * len(texts),
        f"{calls}: {useful['relative_load'] if useful else 1:.4f} of {final:.4f}", calls <= 2 * len(texts))
    times = [run.milliseconds_until(calls)]
    times += [Watched(budget).end_after(calls) for _ in range(int(os.environ.get("RUNS", "5")) - 1)]
    whole, reading, pricing = (statistics.median(part) for part in zip(*filter(None, times)))
    row("6: milliseconds until it", budget, most_milliseconds and round(most_milliseconds),
        f"{whole:.0f}: {reading:.0f} to connect, {pricing - reading:.0f} for the catalogue and today's plans, "
        f"{whole - pricing:.0f} for sizes and questions", whole <= (most_milliseconds or whole))
    bound, cost = report["examined"]["lower_bound"], report["summary"]["load_after"] / report["summary"]["load_before"]
    gap = None if bound is None else (cost - bound) / cost
    row("9: certified gap", budget, most_gap and f"{most_gap:.0%}", "unknown" if gap is None else f"{gap:.2%}",
        gap is not None and gap <= (most_gap or gap))
print("\n| budget | questions, in all | questions: cost left |\n|---:|---:|---|")
for budget, calls, points in curves:
    curve = ", ".join(f"{point['planning_calls']}: {point['relative_load']:.4f}" for point in points)
    print(f"| {budget / 1e6:.0f} MB | {calls} | {curve} |")
