"""The clients of the soak over standard input: processes that come and go, and one that stays."""
import asyncio
import random

from soak_clients import GRACE, call, check, large, row, slow, small
from wire import message


class PipeClients:
    """Every kind is a method that plays one short scene and returns; `resident` always with the same process."""

    def __init__(self, command, ledger, seed):
        self.command, self.ledger = command, ledger
        self.dice = random.Random(seed)
        self.staying = None

    async def start(self):
        return await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, limit=1 << 25)

    async def line(self, process):
        body = await asyncio.wait_for(process.stdout.readline(), GRACE)
        if not body:
            raise ConnectionError("the output has ended")
        return body

    async def few(self, process, count):
        """Calls one after the other."""
        for _ in range(count):
            mark = self.ledger.mark()
            process.stdin.write(call(mark, small(mark)) + b"\n")
            check(self.ledger, await self.line(process), mark, row(mark))

    async def babble(self, process):
        """Each line that is no message gets an answer of one line."""
        noise = bytes(byte for byte in self.dice.randbytes(200) if byte not in b"\r\n")
        for line in (noise, b"{}", b"[", b'{"jsonrpc":"2.0","id":1}'):
            process.stdin.write(line + b"\n")
            if b'"error"' not in await self.line(process):
                self.ledger.fault(f"garbage over standard input: {line[:50]!r}")

    def cancel(self, process, mark):
        process.stdin.write(message(None, "notifications/cancelled", {"requestId": mark, "reason": "enough"}) + b"\n")

    async def visitor(self):
        """A process of its own: calls, garbage, and an end in the middle of a call."""
        process = await self.start()
        try:
            await self.few(process, 3)
            await self.babble(process)
            mark = self.ledger.mark()
            self.ledger.withheld.add(mark)
            process.stdin.write(call(mark, slow(mark, 5)) + b"\n")
            await asyncio.sleep(1.5)
            if self.dice.random() < 0.5:
                self.cancel(process, mark)
            process.stdin.close()
            await self.ended(process)
        finally:
            if process.returncode is None:
                process.kill()
                self.ledger.fault("process: had to be killed")

    async def ended(self, process):
        code = await asyncio.wait_for(process.wait(), 10)
        self.ledger.count(f"processes ended with {code}")
        if code:
            self.ledger.fault(f"exit code over standard input: {code}")

    async def resident(self):
        """Calls side by side, one cancelled, garbage between them, and megabytes that are read late."""
        process = self.staying
        marks = [self.ledger.mark() for _ in range(5)]
        process.stdin.write(b"".join(call(mark, small(mark)) + b"\n" for mark in marks))
        answers = {}
        for _ in marks:
            body = await self.line(process)
            answers[next((mark for mark in marks if b'"id":%d,' % mark in body), None)] = body
        for mark in marks:
            check(self.ledger, answers.get(mark, b""), mark, row(mark))
        await self.babble(process)
        mark = self.ledger.mark()
        self.ledger.withheld.add(mark)
        process.stdin.write(call(mark, slow(mark, 5)) + b"\n")
        await asyncio.sleep(1.5)
        self.cancel(process, mark)
        if self.dice.random() < 0.3:
            mark = self.ledger.mark()
            process.stdin.write(call(mark, large(mark)) + b"\n")
            await asyncio.sleep(self.dice.uniform(0, 3))
            check(self.ledger, await self.line(process), mark, b'"rows":[[')

    def cast(self):
        return ((self.visitor, 1, 5), (self.resident, 1, 1))
