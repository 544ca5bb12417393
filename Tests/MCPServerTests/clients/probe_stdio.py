"""Raw lines to `pgadvisor serve --conformance`: garbage, both eras on one process, large lines, the end: PROGRAM."""

import json
import subprocess
import sys
import threading
import time

program = sys.argv[1]
META = {
    "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
}


class Process:
    def __init__(self):
        self.child = subprocess.Popen([program, "serve", "--conformance"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def write(self, line):
        self.child.stdin.write(line if isinstance(line, bytes) else line.encode())
        self.child.stdin.flush()

    def say(self, message):
        self.write((message if isinstance(message, (str, bytes)) else json.dumps(message)) + "\n")

    def hear(self):
        line = self.child.stdout.readline()
        assert line.endswith(b"\n"), line
        return json.loads(line)

    def code(self, line):
        self.write(line + b"\n")
        return self.hear()["error"]["code"]

    def end(self, seconds):
        before = time.monotonic()
        rest = self.child.communicate(timeout=10)[0]
        took = time.monotonic() - before
        assert self.child.returncode == 0, self.child.returncode
        assert took < seconds, took
        return [json.loads(line) for line in rest.splitlines()]


def request(method, number, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, **META}}


def stays_alive():
    p = Process()
    for line, code in [
        (b"garbage", -32700), (b'{"a":', -32700), (b"\xff\xfe", -32700), (b'{"a":"\xff"}', -32700), (b"7", -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600), (b'{"a":1,"a":2}', -32700), (b"[]", -32600),
        (b"[" * 100_000, -32700), (b'{"a":' * 100_000, -32700), (b'{"jsonrpc":"2.0","id":' + b"9" * 400 + b"}", -32700),
        (b'{"jsonrpc":"2.0","id":1e999,"method":"ping"}', -32700), (b"\x00", -32700), (b"x" * 11_000_000, -32700),
    ]:
        assert p.code(line) == code, line[:60]
    p.write("\n\r\n   \n")
    p.say({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": [1]}})
    p.say({"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert p.hear() == {"jsonrpc": "2.0", "id": 1, "result": {}}
    # A line just below the bound is a line like others.
    p.say(request("tools/call", 2, name="test_simple_text", arguments={"pad": "x" * 10_000_000}))
    assert p.hear()["id"] == 2
    p.end(1)


def both_eras():
    p = Process()
    p.say(request("server/discover", "d"))
    assert p.hear()["result"]["supportedVersions"] == ["2026-07-28"]
    p.say({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
    assert p.hear()["error"]["code"] == -32602
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "p", "version": "1"}}
    for number in (3, 4):
        p.say({"jsonrpc": "2.0", "id": number, "method": "initialize", "params": hello})
        assert p.hear()["result"]["protocolVersion"] == "2025-06-18"
    p.say({"jsonrpc": "2.0", "id": 5, "method": "tools/list"})
    assert "ttlMs" not in p.hear()["result"]
    p.say(request("tools/list", 6))
    assert p.hear()["result"]["resultType"] == "complete"
    p.end(1)


def out_of_order():
    p = Process()
    p.say(request("tools/call", 1, name="test_slow", arguments={"seconds": 0.5}))
    p.say(request("tools/call", 2, name="test_simple_text"))
    assert [p.hear()["id"], p.hear()["id"]] == [2, 1]
    p.say(request("tools/call", 3, name="test_slow", arguments={"seconds": 60}))
    p.say({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 3}})
    p.say(request("tools/call", 4, name="test_simple_text"))
    assert p.hear()["id"] == 4
    assert p.end(1) == []


def ends_quickly():
    p = Process()
    for number in range(100):
        p.say(request("tools/call", number, name="test_slow", arguments={"seconds": 60}))
    assert p.end(1.9) == []
    # The reader of our output leaves first.
    p = Process()
    p.child.stdout.close()
    for number in range(3):
        try:
            p.say(request("tools/list", number))
        except BrokenPipeError:
            break
        time.sleep(0.1)
    assert p.child.wait(timeout=5) == 0


def slow_reader():
    """A client that does not read holds up its own answers, and nothing is lost."""
    p = Process()
    count = 2_000
    writer = threading.Thread(target=lambda: [p.say(request("tools/list", n)) for n in range(count)])
    writer.start()
    time.sleep(1)
    heard = [p.hear() for _ in range(count)]
    writer.join()
    assert sorted(m["id"] for m in heard) == list(range(count))
    assert all("result" in m for m in heard)
    p.end(1)


for probe in (stays_alive, both_eras, out_of_order, ends_quickly, slow_reader):
    before = time.monotonic()
    probe()
    print(f"{probe.__name__}: {time.monotonic() - before:.2f} s")
print("all is well")
