"""The clients of the soak over HTTP: those that behave, and those that leave, stall, babble and drop what they open."""
import asyncio
import json
import random
import socket
import struct

from wire import LEGACY, initialization, message, post

GRACE = 30  # seconds after which an answer counts as missing


class Ledger:
    """What was called, and what is known of each call: the audit is compared with it."""

    def __init__(self):
        self.last = 0
        self.answered, self.withheld, self.perhaps = set(), set(), set()
        self.counts, self.faults = {}, []

    def mark(self):
        self.last += 1
        return self.last

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def fault(self, what):
        self.count("FAULT " + what.split(":")[0])
        if len(self.faults) < 50:
            self.faults.append(what)


def marked(sql, mark):
    """The mark comes back in the audit's own copy of the statement."""
    return f"{sql} /* call {mark}. */"


def small(mark):
    return marked(f"SELECT id, name FROM customers WHERE id = {mark % 100_000 + 1}", mark)


def row(mark):
    """What the answer to `small` holds."""
    number = mark % 100_000 + 1
    return b'[%d,"customer %d"]' % (number, number)


def slow(mark, seconds):
    return marked(f"SELECT pause({seconds}) AS pause, {mark} AS mark", mark)


def large(mark):
    return marked("SELECT id, body FROM documents ORDER BY id LIMIT 8000", mark)


def call(number, sql, modern=True, tool="query"):
    return message(number, "tools/call", {"name": tool, "arguments": {"sql": sql, "max_rows": 8000}}, modern)


def check(ledger, body, mark, wanted, fails=False):
    """Whether the answer to the call of this mark, which is its id too, is what it should be."""
    try:
        answer = json.loads(body)
        found = answer["result"]
    except (ValueError, KeyError):
        return ledger.fault(f"not an answer: {body[:300]!r}")
    if answer.get("id") != mark:
        return ledger.fault(f"answer of another: {body[:300]!r}")
    ledger.answered.add(mark)
    if wanted in body and found.get("isError", False) == fails:
        ledger.count("answered: an error, as it should" if fails else "answered")
    elif b"sessions are in use" in body:
        ledger.count("answered: all sessions are in use")
    else:
        ledger.fault(f"wrong answer: {json.dumps(found)[:300]}")


class Wire:
    """One connection over HTTP, by asyncio."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port):
        return cls(*await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port, limit=1 << 25), GRACE))

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def head(self):
        head = (await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), GRACE)).decode("latin-1").split("\r\n")
        fields = (line.split(":", 1) for line in head[1:] if ":" in line)
        return int(head[0].split()[1]), {name.lower(): value.strip() for name, value in fields}

    async def piece(self):
        """One chunk of a chunked body; empty at its end."""
        size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def body(self, headers):
        if headers.get("transfer-encoding") != "chunked":
            return await asyncio.wait_for(self.reader.readexactly(int(headers.get("content-length", 0))), GRACE)
        pieces = []
        while piece := await asyncio.wait_for(self.piece(), GRACE):
            pieces.append(piece)
        whole = b"".join(pieces)
        if headers.get("content-type", "").startswith("text/event-stream"):
            data = [line[5:].strip() for line in whole.splitlines() if line.startswith(b"data:")]
            return data[-1] if data else b""
        return whole

    async def exchange(self, data):
        await self.send(data)
        status, headers = await self.head()
        return status, headers, await self.body(headers)

    def drop(self, hard=False):
        """Leaves; `hard` with a reset instead of a good-bye."""
        if hard:
            channel = self.writer.get_extra_info("socket")
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.close()


class WebClients:
    """Over HTTP. Every kind is a method that plays one short scene and returns."""

    def __init__(self, port, ledger, seed):
        self.port, self.ledger = port, ledger
        self.dice = random.Random(seed)

    async def steady(self):
        """Calls ten times on one connection and looks at the answers."""
        wire = await Wire.open(self.port)
        for _ in range(10):
            mark = self.ledger.mark()
            status, _, body = await wire.exchange(post(call(mark, small(mark)), "tools/call", "query"))
            check(self.ledger, body, mark, row(mark))
            if status != 200:
                self.ledger.fault(f"status of a good call: {status}")
            await asyncio.sleep(self.dice.uniform(0, 0.1))
        wire.drop()

    async def refused(self):
        """Asks for what is not granted, for what fails, and for lists."""
        wire = await Wire.open(self.port)
        for sql, wanted in (("DROP TABLE customers", b"ddl"), ("SELECT 1/0", b"22012"), ("SELEC 1", b"syntax")):
            mark = self.ledger.mark()
            _, _, body = await wire.exchange(post(call(mark, marked(sql, mark)), "tools/call", "query"))
            check(self.ledger, body, mark, wanted, fails=True)
        for tool in ("list_schemas", "list_objects", "server_info"):
            body = message(1, "tools/call", {"name": tool, "arguments": {}})
            status, _, _ = await wire.exchange(post(body, "tools/call", tool))
            self.ledger.count("lists" if status == 200 else f"lists: {status}")
        wire.drop()

    async def leaver(self):
        """Leaves while its statement runs; long enough after sending it, or at once."""
        wire = await Wire.open(self.port)
        mark = self.ledger.mark()
        await wire.send(post(call(mark, slow(mark, 5)), "tools/call", "query"))
        if self.dice.random() < 0.5:
            await asyncio.sleep(1.5)
            self.ledger.withheld.add(mark)
            wire.drop()
        else:
            await asyncio.sleep(self.dice.uniform(0, 0.2))
            self.ledger.perhaps.add(mark)
            wire.drop(hard=self.dice.random() < 0.5)
        self.ledger.count("left")

    async def staller(self):
        """Sends half of a request and waits; then the rest, or nothing."""
        wire = await Wire.open(self.port)
        mark = self.ledger.mark()
        request = post(call(mark, small(mark)), "tools/call", "query")
        cut = self.dice.randrange(1, len(request) - 1)
        await wire.send(request[:cut])
        await asyncio.sleep(self.dice.uniform(1, 8))
        if self.dice.random() < 0.5:
            await wire.send(request[cut:])
            _, headers = await wire.head()
            check(self.ledger, await wire.body(headers), mark, row(mark))
        else:
            self.ledger.count("stalled")
        wire.drop()

    async def deaf(self):
        """Asks for megabytes and reads none or few of them."""
        wire = await Wire.open(self.port)
        mark = self.ledger.mark()
        self.ledger.perhaps.add(mark)
        wire.writer.transport.pause_reading()
        await wire.send(post(call(mark, large(mark)), "tools/call", "query"))
        await asyncio.sleep(self.dice.uniform(2, 10))
        self.ledger.count("never read")
        wire.drop(hard=self.dice.random() < 0.5)

    def garbage(self):
        good = call(1, "SELECT 1")
        dice = self.dice
        return dice.choice([
            dice.randbytes(dice.randrange(1, 4_000)), b"\r\n" * 50, b"GET / HTTP/9.9\r\n\r\n",
            b"POST /mcp HTTP/1.1\r\n\r\n",
            b"POST /mcp HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
            post(b"[" * 20_000, "tools/call", "query"), post(dice.randbytes(300), "tools/call", "query"),
            post(good, "tools/list", "query"), post(good, "tools/call", "other"),
            post(b"[" + good + b"]", "tools/call", "query"), post(good[:-5], "tools/call", "query"),
            post(good.replace(b'"id":1', b'"id":null'), "tools/call", "query"),
            post(good, "tools/call", "query").replace(b"Content-Length: ", b"Content-Length: 9"),
            post(good, "tools/call", "query").replace(b"application/json\r\nContent-L", b"text/plain\r\nContent-L"),
            post(b"{}", "x") + b"\x00" * 500, post(good, "tools/call", "query", more=["Transfer-Encoding: chunked"]),
        ])

    async def babbler(self):
        """Sends what is no request, and takes whatever comes."""
        wire = await Wire.open(self.port)
        try:
            await wire.send(self.garbage())
            data = await asyncio.wait_for(wire.reader.read(1 << 16), 2)
            self.ledger.count("garbage: " + (data[9:12].decode("latin-1") if data else "closed"))
        except asyncio.TimeoutError:
            self.ledger.count("garbage: more is waited for")
        except (ConnectionError, asyncio.IncompleteReadError):
            self.ledger.count("garbage: closed")
        wire.drop()

    async def listener(self):
        """Opens a stream, listens for a while, and drops it."""
        wire = await Wire.open(self.port)
        body = message("listen", "subscriptions/listen", {"notifications": {"toolsListChanged": True}})
        await wire.send(post(body, "subscriptions/listen"))
        status, _ = await wire.head()
        first = await asyncio.wait_for(wire.piece(), GRACE) if status == 200 else b""
        if b"acknowledged" not in first:
            self.ledger.fault(f"stream: {status} {first[:200]!r}")
        await asyncio.sleep(self.dice.uniform(0, 20))
        self.ledger.count("streams")
        wire.drop(hard=self.dice.random() < 0.3)

    async def session(self):
        """A legacy session: its stream, calls, one of them cancelled, and an end, mostly."""
        wire, ledger = await Wire.open(self.port), self.ledger
        status, headers, _ = await wire.exchange(post(initialization(0), "", more=["X-Era: legacy"]))
        name = headers.get("mcp-session-id")
        if status != 200 or not name:
            return ledger.fault(f"session: {status}")
        known = [f"Mcp-Session-Id: {name}", f"MCP-Protocol-Version: {LEGACY}"]
        await wire.exchange(post(message(None, "notifications/initialized", modern=False), "", more=known))
        stream = await Wire.open(self.port)
        head = ["GET /mcp HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream", *known]
        await stream.send(("\r\n".join(head) + "\r\n\r\n").encode())
        status, _ = await stream.head()
        if status != 200:
            ledger.fault(f"session's stream: {status}")
        mark = ledger.mark()
        _, _, body = await wire.exchange(post(call(mark, small(mark), modern=False), "", more=known))
        check(ledger, body, mark, row(mark))
        mark = ledger.mark()
        ledger.perhaps.add(mark)
        await wire.send(post(call(mark, slow(mark, 2), modern=False), "", more=known))
        await asyncio.sleep(0.3)
        other = await Wire.open(self.port)
        cancel = message(None, "notifications/cancelled", {"requestId": mark, "reason": "enough"}, modern=False)
        await other.exchange(post(cancel, "", more=known))
        _, headers = await wire.head()
        await wire.body(headers)
        if self.dice.random() < 0.9:
            end = ["DELETE /mcp HTTP/1.1", "Host: 127.0.0.1", *known]
            await other.exchange(("\r\n".join(end) + "\r\n\r\n").encode())
        for one in (wire, stream, other):
            one.drop()
        ledger.count("sessions")

    async def pair(self):
        """The HTTP+SSE pair of 2024-11-05."""
        stream, wire = await Wire.open(self.port), await Wire.open(self.port)
        await stream.send(b"GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
        status, _ = await stream.head()
        first = (await asyncio.wait_for(stream.piece(), GRACE)).decode()
        place = next((line[5:].strip() for line in first.splitlines() if line.startswith("data:")), "")
        if status != 200 or not place:
            return self.ledger.fault(f"pair: {status} {first[:200]}")
        mark = self.ledger.mark()
        lines = (initialization(0, "2024-11-05"), message(None, "notifications/initialized", modern=False),
                 call(mark, small(mark), modern=False))
        for body in lines:
            request = post(body, "", more=["X-Era: legacy"])
            await wire.exchange(request.replace(b"POST /mcp ", f"POST {place} ".encode()))
        seen = b""
        while b'"id":%d' % mark not in seen:
            piece = await asyncio.wait_for(stream.piece(), GRACE)
            if not piece:
                return self.ledger.fault("pair: ended early")
            seen += piece
        data = [line[5:].strip() for line in seen.splitlines() if line.startswith(b"data:")]
        check(self.ledger, data[-1], mark, b"customer %d\\n" % (mark % 100_000 + 1))  # that version has only text
        self.ledger.count("pairs")
        stream.drop()
        wire.drop()

    def cast(self):
        """Scenes, how many play each at a time, and seconds between two."""
        return ((self.steady, 4, 0.2), (self.refused, 1, 1), (self.leaver, 2, 1), (self.staller, 4, 1),
                (self.deaf, 2, 3), (self.babbler, 3, 0.3), (self.listener, 20, 1), (self.session, 2, 2),
                (self.pair, 1, 2))


async def play(scene, pause, until, ledger, dice):
    """Plays a scene again and again; what it did not expect is a fault."""
    clock = asyncio.get_running_loop()
    await asyncio.sleep(dice.uniform(0, pause))
    while clock.time() < until:
        try:
            await scene()
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            ledger.fault(f"{scene.__name__}: {type(error).__name__} {error}")
        await asyncio.sleep(dice.uniform(0.5, 1.5) * pause)
