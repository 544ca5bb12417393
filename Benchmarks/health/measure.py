"""Health checks of a large database, side by side: ours, what PgHero's page asks, Postgres MCP Pro's tool.

measure.py PGADVISOR PSQL URL PGHERO_SQL PEERS. All contestants in each round, each in a session of its own, as one who looks
once does. Prints Markdown; ends with 1 where a bar is missed.
"""
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "mcp"))
from wire import LEGACY, Pipe, tool_result  # noqa: E402

program, psql, url, pghero, peers = sys.argv[1:6]
rounds = int(os.environ.get("ROUNDS", "5"))
RUN_BAR, QUERY_BAR = 2.0, 250


def sql(text, check=True):
    return subprocess.run([psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url], input=text, text=True, check=check,
                          capture_output=True).stdout


class LockWatch(threading.Thread):
    """The strongest locks that sessions named pgadvisor hold, looked at as often as one session can."""

    def __init__(self):
        super().__init__(daemon=True)
        self.modes, self.looks, self.ended = set(), 0, False
        self.process = subprocess.Popen([psql, "-XqAt", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self):
        while not self.ended:
            self.process.stdin.write(
                "SELECT coalesce(string_agg(DISTINCT l.mode, ','), '') FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
                " WHERE a.application_name = 'pgadvisor' AND l.locktype = 'relation';\n")
            self.process.stdin.flush()
            self.modes |= set(filter(None, self.process.stdout.readline().strip().split(",")))
            self.looks += 1
            time.sleep(0.05)

    def stop(self):
        self.ended = True
        self.join()
        self.process.stdin.close()
        self.process.wait()


def ours(*arguments):
    began = time.perf_counter()
    ended = subprocess.run([program, "health", url, "--json", *arguments], capture_output=True, text=True)
    spent = time.perf_counter() - began
    if ended.returncode not in (0, 1, 3):
        raise SystemExit(f"pgadvisor health: {ended.stderr}")
    return spent, json.loads(ended.stdout)


def theirs(only=None):
    """Each query of PgHero's page in one new session: seconds in all, and by name."""
    parts = re.split(r"^-- name: (.*)$", pathlib.Path(pghero).read_text(), flags=re.M)
    script = "SET client_min_messages = error;\n\\timing on\n"
    for name, text in zip(parts[1::2], parts[2::2]):
        script += f"\\echo = {name}\n\\o /dev/null\n{text.strip()}\n\\o\n"
    began = time.perf_counter()
    said = sql(script)
    spent = time.perf_counter() - began
    by_name, current = {}, None
    for line in said.splitlines():
        if line.startswith("= "):
            current = line[2:]
        elif line.startswith("Time:") and current:
            by_name[current] = float(line.split()[1])
    return spent, by_name


def milliseconds(values):
    return f"{statistics.median(values) * 1000:.0f}"


def pro_connection():
    server = pathlib.Path(peers) / "pro/bin/postgres-mcp"
    if not server.exists():
        print("Postgres MCP Pro is left out: it could not be had here", file=sys.stderr)
        return None
    connection = Pipe([str(server), "--access-mode=restricted"], {"DATABASE_URI": url})
    connection.shake_hands(LEGACY)
    return connection


# What was measured before is not measured now; the statements that fill the view stay.
for line in sql("SELECT DISTINCT queryid FROM pg_stat_statements WHERE query LIKE '/* pgadvisor */%'").split():
    sql(f"SELECT pg_stat_statements_reset(0, 0, {line})")
watch = LockWatch()
watch.start()
spent = {"pgadvisor": [], "pgadvisor, their topics": [], "PgHero's page, approximated": [], "Postgres MCP Pro": []}
reports, pages = [], []
pro, number = None, 0
try:
    pro = pro_connection()
except Exception as reason:  # a peer that cannot be started is named, and no failure of ours
    print(f"Postgres MCP Pro could not be started: {reason}", file=sys.stderr)
# What PgHero's page looks at, by our names.
TOPICS = ("connection-usage,long-running-queries,index-cache-hits,table-cache-hits,invalid-indexes,duplicate-indexes,"
          "invalid-constraints,sequence-exhaustion,transaction-id-wraparound,replication-slots,blocked-sessions,"
          "sequential-scans,unused-indexes,slow-statements")
for _ in range(rounds):
    seconds, report = ours()
    spent["pgadvisor"].append(seconds)
    reports.append(report)
    spent["pgadvisor, their topics"].append(ours("--only", TOPICS, "--limit", "mature-days=0")[0])
    seconds, page = theirs()
    spent["PgHero's page, approximated"].append(seconds)
    pages.append(page)
    if pro:
        number += 1
        began = time.perf_counter()
        body = pro.exchange(pro.request(
            number, "tools/call", {"name": "analyze_db_health", "arguments": {"health_type": "all"}}, False))
        seconds = time.perf_counter() - began
        text = json.dumps(tool_result(body, number))
        if "rror" in text[:200]:
            print(f"Postgres MCP Pro said: {text[:200]}", file=sys.stderr)
        spent["Postgres MCP Pro"].append(seconds)
watch.stop()
if pro:
    pro.close()

base = statistics.median(spent["pgadvisor"])
print("| one look | median ms | least | most | pgadvisor is |\n|---|---:|---:|---:|---:|")
for name, values in spent.items():
    if not values:
        print(f"| {name} | not measured | | | |")
        continue
    ratio = statistics.median(values) / base
    print(f"| {name} | {milliseconds(values)} | {min(values) * 1000:.0f} | {max(values) * 1000:.0f} |"
          f" {'' if name == 'pgadvisor' else f'{ratio:.1f}×'} |")
checks = {}
for report in reports:
    for check in report["checks"]:
        checks.setdefault(check["id"], []).append(check["milliseconds"])
slowest = sorted(((statistics.median(values), max(values), name) for name, values in checks.items()), reverse=True)[:10]
print(f"\n{rounds} rounds; our {len(checks)} checks in one process and one session each time, start and connecting included.")
print("Peers' sessions: PgHero's queries in a new psql, Postgres MCP Pro's server goes on.\n")
print("| our slowest checks | median ms | most |\n|---|---:|---:|")
for median, most, name in slowest:
    print(f"| {name} | {median:.0f} | {most:.0f} |")
statements = sql("SELECT round(max_exec_time + max_plan_time) || ' ms: ' || left(regexp_replace(query, '\\s+', ' ', 'g'), 100)"
                 " FROM pg_stat_statements WHERE query LIKE '/* pgadvisor */%' ORDER BY max_exec_time + max_plan_time DESC"
                 " LIMIT 5").splitlines()
print("\nOur slowest statements by the server's own count, planning included:\n")
print("\n".join(f"- {line}" for line in statements))
print("\n| PgHero's slowest queries, approximated | median ms |\n|---|---:|")
for name in sorted(pages[0], key=lambda name: -statistics.median(page[name] for page in pages))[:8]:
    print(f"| {name} | {statistics.median(page[name] for page in pages):.0f} |")
strongest = sorted(watch.modes - {"AccessShareLock"})
print(f"\nLocks on relations that our sessions were seen to hold in {watch.looks} looks: "
      f"{', '.join(sorted(watch.modes)) or 'none'}.")
longest = float(statements[0].split()[0]) if statements else 0
misses = [f"the whole run takes {base:.2f} s"] if base > RUN_BAR else []
misses += [f"one statement takes {longest:.0f} ms"] if longest > QUERY_BAR else []
misses += [f"it holds {', '.join(strongest)}"] if strongest else []
print(f"\nBars: {RUN_BAR:.0f} s for the run, {QUERY_BAR} ms for a statement, ACCESS SHARE: "
      f"{'; '.join(misses) or 'kept'}.")
sys.exit(1 if misses else 0)
