#!/usr/bin/env python3
"""Round trips side by side: pgadvisor over standard input and HTTP, its peers, and a bare libpq loop, in turn.

usage: roundtrip.py PGADVISOR BARE_LOOP URL [PEERS_DIRECTORY]

PEERS_DIRECTORY holds the virtual environments `mcpg` and `pro`; one that is not there is left out, and it is said.
Each round asks every server the same things, beginning with another server; the figures are those of all rounds.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from wire import LEGACY, Pipe, Served, Web, Wrong, tool_result

program, loop, url = sys.argv[1:4]
peers = pathlib.Path(sys.argv[4]) if len(sys.argv) > 4 else None
rounds = int(os.environ.get("ROUNDS", "15"))
CALLS = {"small query": 20, "list schemas": 10, "explain": 10, "health": 2, "six checks": 4}
KINDS = list(CALLS)
# What MCPg's health looks at, by our names; Postgres MCP Pro has no such choice.
SIX = "connection-usage,table-cache-hits,dead-rows,invalid-indexes,replica-lag,bloated-tables"
BARS = (1.5, 3)


def statement(number):
    return f"SELECT id, name FROM customers WHERE id = {number % 100_000 + 1}"


def explained(number):
    return f"SELECT * FROM orders WHERE customer_id = {number % 100_000 + 1}"


class Contestant:
    """A server with the names that it has for what is asked of all."""

    def __init__(self, name, connection, modern, tools):
        self.name, self.connection, self.modern, self.tools = name, connection, modern, tools
        self.spent = {kind: [] for kind in KINDS}
        self.number = 0

    def call(self, kind):
        self.number += 1
        number = self.number
        tool, arguments = self.tools[kind]
        arguments = arguments(number) if callable(arguments) else arguments
        request = self.connection.request(number, "tools/call", {"name": tool, "arguments": arguments}, self.modern)
        began = time.perf_counter()
        body = self.connection.exchange(request)
        spent = time.perf_counter() - began
        text = json.dumps(tool_result(body, number))
        wanted = {"small query": f"customer {number % 100_000 + 1}", "list schemas": "public", "explain": "Scan"}
        if wanted.get(kind, "") not in text:
            raise Wrong(f"{self.name}: {kind} was answered {text[:400]}")
        return spent

    def take_turn(self):
        for kind in self.tools:
            self.spent[kind] += [self.call(kind) for _ in range(CALLS[kind])]

    def close(self):
        self.connection.close()


class Bare:
    """The C loop: the small statement, and EXPLAIN."""
    name = "bare libpq"

    def __init__(self):
        self.process = subprocess.Popen([loop, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.spent = {kind: [] for kind in KINDS}
        self.number = 0

    def ask(self, texts):
        self.process.stdin.write("".join(text + "\n" for text in texts) + "\n")
        self.process.stdin.flush()
        return [self.process.stdout.readline().rstrip("\n").split("\t") for _ in texts]

    def take_turn(self):
        numbers = range(self.number, self.number + CALLS["small query"])
        self.number += len(numbers)
        for number, (spent, _, name) in zip(numbers, self.ask([statement(number) for number in numbers])):
            if name != f"customer {number % 100_000 + 1}":
                raise Wrong(f"bare libpq has read {name}")
            self.spent["small query"].append(float(spent) / 1e6)
        plans = [f"EXPLAIN (FORMAT JSON) {explained(number)}" for number in numbers[:CALLS["explain"]]]
        self.spent["explain"] += [float(spent) / 1e6 for spent, _, _ in self.ask(plans)]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def named(query, health, six=None):
    """The tools that everybody calls the same, and those that have other names."""
    tools = {
        "small query": (query, lambda number: {"sql": statement(number)}), "list schemas": ("list_schemas", {}),
        "explain": ("explain_query", lambda number: {"sql": explained(number)}), "health": health,
    }
    return {**tools, "six checks": six} if six else tools


OURS = named("query", ("analyze_db_health", {}), ("analyze_db_health", {"health_type": SIX}))
MCPG = named("run_select", ("check_database_health", {}), ("check_database_health", {}))
PRO = named("execute_sql", ("analyze_db_health", {"health_type": "all"}))
# A Unix socket is "a remote host" to it, and it takes 60 calls a minute.
MCPG_SETTINGS = {"MCPG_DATABASE_URL": url, "MCPG_ALLOW_INSECURE_TLS": "true", "MCPG_RATE_LIMIT_ENABLED": "false"}
UNCACHED = "MCPg, its cache off"


def start_peer(name, folder, program, settings, tools):
    """A peer that has answered everything once, or nothing."""
    python = peers / folder / "bin/python" if peers else None
    if not python or not python.exists():
        print(f"{name} is left out: it could not be had here", file=sys.stderr)
        return []
    connection = Pipe([str(peers / folder / "bin" / program[0]), *program[1:]], settings)
    try:
        connection.shake_hands(LEGACY)
        contestant = Contestant(name, connection, False, tools)
        for kind in tools:
            contestant.call(kind)
        return [contestant]
    except (Wrong, KeyError, OSError) as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        connection.close(1)
        return []


def contestants():
    served = Served(program, url)
    field = [
        Bare(), Contestant("pgadvisor, HTTP", Web(served.port), True, OURS),
        Contestant("pgadvisor, stdio", Pipe([program, "serve", url]), True, OURS),
    ]
    field += start_peer("MCPg", "mcpg", ["mcpg"], MCPG_SETTINGS, MCPG)
    uncached = {**MCPG_SETTINGS, "MCPG_CACHE_ENABLED": "false"}
    field += start_peer(UNCACHED, "mcpg", ["mcpg"], uncached, {"list schemas": MCPG["list schemas"]})
    field += start_peer(
        "Postgres MCP Pro", "pro", ["postgres-mcp", "--access-mode=restricted"], {"DATABASE_URI": url}, PRO)
    return field, served


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def cell(values):
    return f"{statistics.median(values) * 1e3:.2f} / {percentile(values, 0.95) * 1e3:.2f}" if values else ""


def ratios(medians, rivals, ours):
    """How many times faster than the faster peer that asks the database."""
    for kind in KINDS:
        asked = [medians[name][kind] for name in rivals
                 if kind in medians[name] and not (kind == "list schemas" and name == "MCPg")]
        yield f"{min(asked) / medians[ours][kind]:.1f}×" if asked else ""


def main():
    field, served = contestants()
    for one in field:  # connections, caches, and what is compiled at the first call
        one.take_turn()
        one.spent = {kind: [] for kind in KINDS}
    for turn in range(rounds):
        for place in range(len(field)):
            field[(turn + place) % len(field)].take_turn()
    print(f"| milliseconds, median / 95 % | {' | '.join(KINDS)} |")
    print("|---|" + "---:|" * len(KINDS))
    for one in field:
        print(f"| {one.name} | {' | '.join(cell(one.spent[kind]) for kind in KINDS)} |")
    medians = {
        one.name: {kind: statistics.median(times) for kind, times in one.spent.items() if times} for one in field}
    mine = [name for name in medians if name.startswith("pgadvisor")]
    rivals = [name for name in medians if name not in mine and name != Bare.name]
    for ours in mine if rivals else []:
        print(f"| **faster peer / {ours}** | {' | '.join(ratios(medians, rivals, ours))} |")
    counts = ", ".join(f"{count * rounds} × {kind}" for kind, count in CALLS.items())
    print(f"\n{rounds} interleaved rounds, one raw client for all: {counts}.")
    for ours in mine:
        over = (medians[ours]["small query"] - medians[Bare.name]["small query"]) * 1e3
        print(f"{ours}: {over:.2f} ms over bare libpq for the small query.")
    print(f"Bars: over HTTP at most {BARS[0]} ms over bare libpq, {BARS[1]} times as fast as the faster peer.")
    if rivals:
        known = sorted({name.split(",")[0] for name in rivals})
        print(f"\nPeers over stdio: {', '.join(map(version, known))}. MCPg answers list_schemas out of a cache of five "
              "minutes; the ratio is to the one whose cache is off. Health is everything a server looks at: ours all "
              "checks, MCPg 6, Postgres MCP Pro 7 groups; six checks are those of MCPg.")
    for missing in [name for name in ("MCPg", "Postgres MCP Pro") if name not in rivals]:
        print(f"\nNot measured: {missing}, which could not be had or did not answer here.")
    for one in field:
        one.close()
    served.stop()


def version(name):
    folder, package = {"MCPg": ("mcpg", "mcpg"), "Postgres MCP Pro": ("pro", "postgres-mcp")}[name]
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    found = subprocess.run([peers / folder / "bin/python", "-c", code], capture_output=True, text=True, check=True)
    return f"{name} {found.stdout.strip()}"


main()
