#!/usr/bin/env python3
"""Clients that connect, disconnect in the middle of a call, babble and stall, for minutes; and what is left of them.

usage: soak.py PGADVISOR URL PSQL MINUTES

`pgadvisor serve` over HTTP, and over standard input one process that stays and others that come and go, each with an
audit. Once a second: memory, descriptors and threads, and the backends in pg_stat_activity. In the end: memory of the
last third beside the first, no stuck backend, the audit line by line beside what the clients know, an answer, and a
graceful stop with a call and a stream under way. Exit code 0 if all is well; 1 otherwise, with the reasons.
"""
import asyncio
import json
import os
import pathlib
import random
import re
import statistics
import sys
import tempfile
import time

from soak_clients import Ledger, WebClients, Wire, call, check, play, slow
from soak_pipes import PipeClients
from wire import Served, message, post

program, url, psql, minutes = sys.argv[1:4] + [float(sys.argv[4])]
OPTIONS = ["--max-rows", "10000", "--max-bytes", "32MB", "--allow-function", "public.pause(double precision)"]
STUCK = 15  # seconds: no statement of the clients takes 6
GROWTH = (1.05, 4.0)  # what memory may grow from the first third to the last: a factor and MB
SPARE = 8  # descriptors that may be open beyond those before the load: the pool's sessions and what belongs to them
CANCELLED = 0.9  # share of the calls left in the middle whose record must say so

ACTIVITY = f"""
SELECT count(*), count(*) FILTER (WHERE state <> 'idle'),
  count(*) FILTER (WHERE state <> 'idle' AND now() - state_change > interval '{STUCK} seconds'),
  coalesce(max(extract(epoch FROM now() - state_change)) FILTER (WHERE state <> 'idle'), 0)::numeric(9, 1)
FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()
"""


class Process:
    """What a server takes, sample by sample: time, MB, descriptors, threads."""

    def __init__(self, pid):
        self.pid, self.samples = pid, []

    def now(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        resident, threads = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmRSS", "Threads"))
        return resident / 1024, len(os.listdir(f"/proc/{self.pid}/fd")), threads

    def sample(self):
        self.samples.append((time.monotonic(), *self.now()))

    def highest(self, column):
        return max(sample[column] for sample in self.samples)

    def growth(self, warm):
        """Median memory of the first and of the last third after the warm-up, and the slope in MB an hour."""
        kept = [sample[:2] for sample in self.samples if sample[0] >= warm]
        third = max(1, len(kept) // 3)
        first, last = (statistics.median(value for _, value in part) for part in (kept[:third], kept[-third:]))
        middle = statistics.fmean(moment for moment, _ in kept)
        spread = sum((moment - middle) ** 2 for moment, _ in kept)
        slope = sum((moment - middle) * value for moment, value in kept) / spread if spread else 0
        return first, last, slope * 3600


class Backends:
    """The sessions of the login, asked through one psql that stays."""

    def __init__(self):
        self.most, self.stuck, self.longest = 0, 0, 0.0

    async def open(self):
        self.psql = await asyncio.create_subprocess_exec(
            psql, "-X", "-q", "-At", "-d", url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        return self

    async def now(self):
        """How many there are, how many are not idle, how many are stuck, and the longest time in a state."""
        self.psql.stdin.write((ACTIVITY.replace("\n", " ") + ";\n").encode())
        return [float(value) for value in (await asyncio.wait_for(self.psql.stdout.readline(), 30)).split(b"|")]

    async def sample(self):
        count, _, stuck, longest = await self.now()
        self.most, self.stuck = max(self.most, int(count)), max(self.stuck, int(stuck))
        self.longest = max(self.longest, longest)

    async def quiet(self, process, descriptors, patience=90):
        """Seconds until no statement runs and the clients' connections are closed; None if that never happens."""
        began = time.monotonic()
        while time.monotonic() - began < patience:
            if not (await self.now())[1] and process.now()[1] <= descriptors:
                return time.monotonic() - began
            await asyncio.sleep(0.5)
        return None

    async def left(self):
        """Backends some seconds after their clients went: PostgreSQL ends them on its own, on a busy machine not at once."""
        for _ in range(50):
            if not (count := (await self.now())[0]):
                return 0
            await asyncio.sleep(0.1)
        return count


async def sample(processes, backends):
    while True:
        await backends.sample()
        for process in processes:
            process.sample()
        await asyncio.sleep(1)


class Audit:
    """The lines of the audit beside what the clients know."""

    def __init__(self, paths, ledger):
        self.wrong, self.lines, self.outcomes, calls = [], 0, {}, set()
        for path in paths:
            with open(path, "rb") as file:
                for line in file:
                    self.take(line, calls)
        for name, marks in (("answered", ledger.answered), ("withheld", ledger.withheld)):
            lost = sorted(mark for mark in marks if mark not in self.outcomes)
            if lost:
                self.wrong.append(f"audit: {len(lost)} {name} calls have no line, like {lost[:5]}")
        several = [mark for mark, outcomes in self.outcomes.items() if len(outcomes) > 1]
        if several:
            self.wrong.append(f"audit: {len(several)} calls have several lines, like {several[:5]}")
        if strange := [mark for mark in self.outcomes if mark > ledger.last]:
            self.wrong.append(f"audit: lines of calls that nobody made: {strange[:5]}")
        self.cancelled = sum(self.outcomes.get(mark) == ["cancelled"] for mark in ledger.withheld)
        if self.cancelled < CANCELLED * len(ledger.withheld):
            self.wrong.append(f"audit: {len(ledger.withheld)} calls left in the middle, {self.cancelled} cancelled")
        self.begun = sum(mark in self.outcomes for mark in ledger.perhaps)

    def take(self, line, calls):
        self.lines += 1
        try:
            record = json.loads(line)
        except ValueError:
            return self.wrong.append(f"audit: no JSON: {line[:200]!r}")
        if record["call"] in calls:
            self.wrong.append(f"audit: call {record['call']} twice")
        calls.add(record["call"])
        if found := re.search(r"/\* call (\d+)\. \*/", record["sql"] or ""):
            self.outcomes.setdefault(int(found[1]), []).append(record["outcome"])

    def counts(self):
        counted = {}
        for outcomes in self.outcomes.values():
            counted[outcomes[0]] = counted.get(outcomes[0], 0) + 1
        return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))


async def last_stop(server, ledger):
    """SIGTERM with a call and a stream under way: both get their end, and the process ends with 0."""
    wrong = []
    calling, listening = await Wire.open(server.port), await Wire.open(server.port)
    body = message("last", "subscriptions/listen", {"notifications": {"toolsListChanged": True}})
    await listening.send(post(body, "subscriptions/listen"))
    await listening.head()
    mark = ledger.mark()
    await calling.send(post(call(mark, slow(mark, 2)), "tools/call", "query"))
    await asyncio.sleep(0.7)
    began = time.monotonic()
    server.process.terminate()
    try:
        status, headers = await calling.head()
        check(ledger, await calling.body(headers), mark, b"[1,%d]" % mark)
        if status != 200:
            wrong.append(f"SIGTERM: the call under way was answered {status}")
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
        wrong.append(f"SIGTERM: the call under way got no answer: {type(error).__name__}")
    try:
        while await asyncio.wait_for(listening.piece(), 30):
            pass
    except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
        wrong.append(f"SIGTERM: the stream has no end: {type(error).__name__}")
    code = await asyncio.to_thread(server.wait)  # no second signal: that would be impatience
    if code:
        wrong.append(f"SIGTERM: exit code {code}")
    return wrong, f"exit code {code} after {time.monotonic() - began:.1f} s"


async def main():
    wrong, ledger = [], Ledger()
    seed = int(os.environ.get("SEED", "1"))
    with tempfile.TemporaryDirectory() as scratch:
        paths = [f"{scratch}/http.jsonl", f"{scratch}/pipes.jsonl"]
        complaints = open(f"{scratch}/stderr", "wb")
        server = Served(program, url, [*OPTIONS, "--audit", paths[0]], log=complaints)
        web = WebClients(server.port, ledger, seed)
        pipes = PipeClients([program, "serve", url, *OPTIONS, "--audit", paths[1]], ledger, seed)
        pipes.staying = await pipes.start()
        serving, staying = Process(server.pid), Process(pipes.staying.pid)
        backends = await Backends().open()
        await web.steady()
        await pipes.few(pipes.staying, 10)
        before, began = serving.now(), time.monotonic()
        sampling = asyncio.create_task(sample([serving, staying], backends))
        until, dice = asyncio.get_running_loop().time() + minutes * 60, random.Random(seed)
        await asyncio.gather(*(play(scene, pause, until, ledger, dice)
                               for scene, count, pause in (*web.cast(), *pipes.cast()) for _ in range(count)))
        worked = time.monotonic() - began
        sampling.cancel()
        gone = await backends.quiet(serving, before[1] + SPARE)
        after = serving.now()
        if gone is None:
            now = await backends.now()
            wrong.append(f"the clients are gone, but descriptors {before[1]} → {after[1]}, backends {now}")
        await web.steady()
        pipes.staying.stdin.close()
        await pipes.ended(pipes.staying)
        ends, end = await last_stop(server, ledger)
        left = await backends.left()
        if left:
            wrong.append(f"{left:.0f} backends are left behind")
        complaints.close()
        said = pathlib.Path(f"{scratch}/stderr").read_text(errors="replace").strip()
        audit = Audit(paths, ledger)
    rows = [("minutes; samples", f"{worked / 60:.1f}; {len(serving.samples)}")]
    for name, process in (("HTTP", serving), ("standard input", staying)):
        first, last, slope = process.growth(began + max(10.0, worked * 0.2))
        if last > first * GROWTH[0] + GROWTH[1]:
            wrong.append(f"memory grows over {name}: {first:.1f} MB → {last:.1f} MB")
        rows.append((f"{name}: memory, first and last third after warm-up", f"{first:.1f} MB, {last:.1f} MB"))
        rows.append((f"{name}: slope after warm-up; highest", f"{slope:+.1f} MB an hour; {process.highest(1):.1f} MB"))
    if backends.stuck:
        wrong.append(f"{backends.stuck} backends were not idle for more than {STUCK} s")
    rows += [
        ("HTTP: descriptors before, highest, after", f"{before[1]}, {serving.highest(2)}, {after[1]}"),
        ("HTTP: threads before, highest, after", f"{before[2]}, {serving.highest(3)}, {after[2]}"),
        ("backends, highest; longest in a state that is not idle", f"{backends.most}; {backends.longest:.1f} s"),
        ("the clients gone: all released after", "never" if gone is None else f"{gone:.1f} s"),
        ("SIGTERM with a call of 2 s and a stream under way", end),
        ("audit: lines", audit.lines),
        ("audit: answered calls, withheld calls", f"{len(ledger.answered)}, {len(ledger.withheld)}"),
        ("audit: withheld calls recorded as cancelled", f"{audit.cancelled}"),
        ("audit: calls left at once or never read; begun", f"{len(ledger.perhaps)}; {audit.begun}"),
        ("audit: outcomes", audit.counts()), *sorted(ledger.counts.items()),
    ]
    print("| soak | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    if said:
        print(f"\nOn standard error: {said[:500]}")
    wrong += ends + audit.wrong + ledger.faults
    print("\n" + ("\n".join(f"WRONG: {one}" for one in wrong) or "Nothing is wrong."))
    return 1 if wrong else 0


sys.exit(asyncio.run(main()))
