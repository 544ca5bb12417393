#!/usr/bin/env python3
"""From the start of the process to its first answer, over standard input, and whether a database was touched.

usage: startup.py PGADVISOR [PEERS_DIRECTORY URL]

The URL that pgadvisor gets leads to a socket of ours that counts who knocks.
"""
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import time

from wire import Pipe, initialization, message, result

program = sys.argv[1]
peers = pathlib.Path(sys.argv[2]) if len(sys.argv) > 3 else None
turns = int(os.environ.get("TURNS", "20"))
BAR = 50


def first_answer(command, line, environment=None):
    began = time.perf_counter()
    pipe = Pipe(command, environment)
    body = pipe.exchange(line)
    spent = (time.perf_counter() - began) * 1e3
    result(body, 0)
    pipe.close(5)
    return spent


def bare_start():
    """What starting any process costs here."""
    began = time.perf_counter()
    subprocess.run(["true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, check=True)
    return (time.perf_counter() - began) * 1e3


def cell(values):
    values = sorted(values)
    highest = values[min(len(values) - 1, int(len(values) * 0.95))]
    return f"{statistics.median(values):.1f} | {highest:.1f} | {len(values)}"


hole = socket.create_server(("127.0.0.1", 0))
hole.settimeout(0)
target = f"postgresql://nobody@127.0.0.1:{hole.getsockname()[1]}/nothing"
ours = [program, "serve", target]
lines = {"server/discover": message(0, "server/discover") + b"\n", "initialize": initialization(0) + b"\n"}
spent = {name: [] for name in lines}
nothing = []
for _ in range(turns):
    nothing.append(bare_start())
    for name, line in lines.items():
        spent[name].append(first_answer(ours, line))
knocks = 0
try:
    while True:
        hole.accept()
        knocks += 1
except BlockingIOError:
    pass

print("| start to the first answer | median ms | 95 % | starts |")
print("|---|---:|---:|---:|")
print(f"| the program `true`, to its end | {cell(nothing)} |")
for name, values in spent.items():
    print(f"| pgadvisor, {name} | {cell(values)} |")
if peers:
    url = sys.argv[3]
    rivals = {
        "MCPg": ([str(peers / "mcpg/bin/mcpg")], {"MCPG_DATABASE_URL": url, "MCPG_ALLOW_INSECURE_TLS": "true"}),
        "Postgres MCP Pro": ([str(peers / "pro/bin/postgres-mcp"), "--access-mode=restricted"], {"DATABASE_URI": url}),
    }
    for name, (command, environment) in rivals.items():
        if pathlib.Path(command[0]).exists():
            values = [first_answer(command, lines["initialize"], environment) for _ in range(3)]
            print(f"| {name}, initialize | {cell(values)} |")
print(f"\npgadvisor connected to its database {knocks} times in {2 * turns} starts (bars: {BAR} ms, and never).")
sys.exit(knocks > 0)
