#!/usr/bin/env python3
"""Whether advice for a mix with 50 % updates pays: throughput and share of HOT updates without and with the indexes.

usage: updates.py PGADVISOR PGBENCH URL

READ=balance: the reports read the column that most updates change, so that an index which holds it pays and ends HOT updates.

The mix runs without indexes first, for pg_stat_statements and the tables' counters, from which the advice comes. Then each
arm runs by turns, RUNS (5) times SECONDS (8): nothing, all that is advised, all but one for each index, and for comparison all
with an index on the column that is updated, as a tool would advise that knows no upkeep. Medians. Processor time is that of
the backends, which other work on the machine does not lengthen; it is the better measure where the machine is not quiet.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import psycopg2

advisor, pgbench, url = sys.argv[1:]
runs, seconds = int(os.environ.get("RUNS", "5")), os.environ.get("SECONDS", "8")
# Weight, statement; of a hundred fifty update.
mix = {
    "update": (46, "UPDATE account SET balance = balance + :delta, touched = now(), bookings = bookings + 1 WHERE id = :id;"),
    "unlock": (4, "UPDATE account SET state = CASE WHEN state = 'open' THEN 'locked' ELSE 'open' END WHERE id = :id;"),
    "book": (18, "INSERT INTO booking (account, at, amount, kind) VALUES (:id, now(), :delta, :branch % 7);"),
    "balance": (20, "SELECT balance, touched FROM account WHERE id = :id;"),
    "login": (7, "SELECT id, state FROM account WHERE email = 'a' || :id || '@example.org';"),
    "history": (3, "SELECT at, amount FROM booking WHERE account = :id ORDER BY at DESC LIMIT 10;"),
    "branch": (2, f"SELECT count(*), max({os.environ.get('READ', 'opened')}) FROM account WHERE branch = :branch;"),
}
# Once in ten thousand, which hardly pays for an index on what every update changes.
rare = (1, "SELECT id, balance FROM account WHERE balance > 99900 ORDER BY balance DESC LIMIT 5;")
rarity = 100
connection = psycopg2.connect(url)
connection.autocommit = True
cursor = connection.cursor()
scratch = tempfile.TemporaryDirectory()


def scripts():
    cursor.execute("SELECT max(id) FROM account")
    accounts = cursor.fetchone()[0]
    options = []
    for name, (weight, statement) in {**{k: (w * rarity, s) for k, (w, s) in mix.items()}, "rare": rare}.items():
        path = f"{scratch.name}/{name}.sql"
        with open(path, "w") as file:
            file.write(f"\\set id random(1, {accounts})\n\\set delta random(-5000, 5000)\n\\set branch random(1, 1024)\n{statement}\n")
        options += ["-f", f"{path}@{weight}"]
    return options


options = scripts()


cursor.execute("SHOW data_directory")
postmaster = open(f"{cursor.fetchone()[0]}/postmaster.pid").readline().strip()


def processor_seconds():
    """Of the server's processes that have ended."""
    times = open(f"/proc/{postmaster}/stat").read().rsplit(")", 1)[1].split()[13:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def drive(duration):
    """Transactions a second, microseconds of processor time for each, and the share of updates of accounts that were HOT."""
    cursor.execute("VACUUM account")
    cursor.execute("VACUUM booking")
    cursor.execute("CHECKPOINT")
    before, spent = counters(), processor_seconds()
    output = subprocess.run(
        [pgbench, "-n", "-M", "prepared", "-c", os.environ.get("CLIENTS", "2"), "-j", "1", "-T", duration, *options, url],
        check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"^tps = ([0-9.]+)", output, re.M)[1])
    count = int(re.search(r"actually processed: ([0-9]+)", output)[1])
    time.sleep(1.2)  # the counters of sessions that have ended
    updated, hot = (now - then for now, then in zip(counters(), before))
    return rate, 1e6 * (processor_seconds() - spent) / count, hot / updated


def counters():
    cursor.execute("SELECT pg_stat_clear_snapshot()")
    cursor.execute("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'account'")
    return cursor.fetchone()


def advise():
    process = subprocess.run([advisor, "advise", url, "--format", "json", "--min-share", "0%"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE)
    if process.returncode not in (0, 1):
        sys.exit(f"pgadvisor ended with {process.returncode}")
    return [index for index in json.loads(process.stdout)["recommendations"] if not index["unproven"]]


class Arm:
    def __init__(self, name, statements):
        self.name, self.statements, self.runs = name, statements, []

    def run(self):
        for statement in self.statements:
            cursor.execute(statement.replace(" CONCURRENTLY", ""))
        self.runs.append(drive(seconds))
        cursor.execute("""SELECT format('DROP INDEX %I.%I', schemaname, indexrelname) FROM pg_stat_user_indexes
            WHERE indexrelid NOT IN (SELECT conindid FROM pg_constraint)""")
        for drop, in cursor.fetchall():
            cursor.execute(drop)

    def median(self, measure):
        return statistics.median(run[measure] for run in self.runs)


cursor.execute("SELECT pg_stat_reset(), pg_stat_statements_reset()")
drive(str(3 * int(seconds)))
advised = [index["statements"][0] for index in advise()]
nothing, everything = Arm("nothing", []), Arm("all advised", advised)
fewer = [(statement, Arm(f"all but {number}", [other for other in advised if other != statement]))
         for number, statement in enumerate(advised, 1)]
unwise = Arm("all, and one on account (balance)", advised + ["CREATE INDEX unwise ON account (balance)"])
arms = [nothing, everything, *(arm for _, arm in fewer), unwise]
for _ in range(runs):
    for arm in arms:
        arm.run()
    arms.reverse()
for number, statement in enumerate(advised, 1):
    print(f"{number}. `{statement}`")
print(f"\nLoad average {os.getloadavg()[0]:.1f}; medians of {runs} runs of {seconds} s.\n")
print("| arm | transactions/s, median | least | most | µs of processor each | HOT updates |\n|---|---:|---:|---:|---:|---:|")
for arm in (nothing, everything, *(arm for _, arm in fewer), unwise):
    rates = [run[0] for run in arm.runs]
    print(f"| {arm.name} | {arm.median(0):.0f} | {min(rates):.0f} | {max(rates):.0f} | {arm.median(1):.0f} | {arm.median(2):.1%} |")
print("\n| target | bar | transactions/s | processor time | holds |\n|---|---:|---:|---:|---|")
for name, arm in [("nothing", nothing), *((arm.name, arm) for _, arm in fewer)]:
    rate, spent = everything.median(0) / arm.median(0), everything.median(1) / arm.median(1)
    print(f"| 12: all / {name} | 1.00 | {rate:.2f} | {spent:.2f} | {'yes' if rate >= 1 else 'no'} |")
lost = nothing.median(2) - everything.median(2)
print(f"\n| target | bar | measured | holds |\n|---|---:|---:|---|")
print(f"| 12: share of HOT updates lost | 2.0 % | {lost:.1%} | {'yes' if lost <= 0.02 else 'no'} |")
