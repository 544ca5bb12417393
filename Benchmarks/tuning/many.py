#!/usr/bin/env python3
"""Advice for what pg_stat_statements holds of a database with a thousand tables: seconds, memory, share covered.

usage: many.py PGADVISOR URL
"""
import json
import os
import subprocess
import sys
import time

advisor, url = sys.argv[1:]


def advise(*options):
    began = time.monotonic()
    process = subprocess.Popen([advisor, "advise", url, "--format", "json", *options], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"pgadvisor ended with {os.waitstatus_to_exitcode(status)}")
    return json.loads(output), time.monotonic() - began, usage.ru_maxrss / 1024


print("| options | seconds | peak MiB | statements | of recorded | share of time | indexes | load left | plans | ending |")
print("|---" + "|---:" * 8 + "|---|")
for options in (["--time-limit", "5s"], [], ["--limit", "10000", "--min-share", "0%", "--time-limit", "5s"],
                ["--limit", "10000", "--min-share", "0%"], ["--limit", "10000", "--min-share", "0%", "--time-limit", "2min"]):
    report, seconds, memory = advise(*options)
    examined, summary = report["examined"], report["summary"]
    print(f"| {' '.join(options) or 'none'} | {seconds:.1f} | {memory:.0f} | {len(report['statements'])} "
          f"| {examined.get('recorded_statements')} | {(examined.get('coverage') or 0) * 100:.1f} % | {summary['recommendations']} "
          f"| {summary['load_after'] / max(summary['load_before'], 1e-9):.3f} | {examined['planning_calls']} | {summary['ending']} |",
          flush=True)
