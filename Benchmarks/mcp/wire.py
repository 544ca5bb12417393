"""Thin raw clients of the Model Context Protocol: bytes out, bytes in, and the same cost for every server.

Standard library only. Requests are made before the clock starts and answers are looked at after it has stopped.
"""
import json
import os
import pathlib
import socket
import subprocess
import time

MODERN = "2026-07-28"
LEGACY = "2025-06-18"
PREFIX = "io.modelcontextprotocol/"
CLIENT = {"name": "benchmark", "version": "1"}
META = {PREFIX + "protocolVersion": MODERN, PREFIX + "clientInfo": CLIENT, PREFIX + "clientCapabilities": {}}


class Wrong(Exception):
    """What came back is not what was asked for."""


def message(number, method, parameters=None, modern=True):
    """One JSON-RPC request; a notification where there is no number."""
    made = {"jsonrpc": "2.0"}
    if number is not None:
        made["id"] = number
    made["method"] = method
    parameters = dict(parameters or {})
    if modern:
        parameters["_meta"] = META
    if parameters:
        made["params"] = parameters
    return json.dumps(made, separators=(",", ":")).encode()


def initialization(number, version=LEGACY):
    parameters = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
    return message(number, "initialize", parameters, modern=False)


def result(body, number):
    """The result of an answer, or Wrong."""
    answer = json.loads(body)
    if answer.get("id") != number or "result" not in answer:
        raise Wrong(f"request {number} was answered {body[:400]!r}")
    return answer["result"]


def tool_result(body, number):
    found = result(body, number)
    if found.get("isError"):
        raise Wrong(f"call {number} failed: {json.dumps(found)[:400]}")
    return found


class Pipe:
    """A server process, spoken to over its standard input and output."""

    def __init__(self, command, environment=None, log=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log or subprocess.DEVNULL,
            env={**os.environ, **(environment or {})})
        self.input = self.process.stdin.fileno()
        self.output = self.process.stdout

    def shake_hands(self, version=LEGACY):
        body = self.exchange(initialization(0, version) + b"\n")
        os.write(self.input, message(None, "notifications/initialized", modern=False) + b"\n")
        return result(body, 0)

    def request(self, number, method, parameters=None, modern=True):
        return message(number, method, parameters, modern) + b"\n"

    def exchange(self, line):
        """Sends a line and returns the first one that answers something; notices in between are skipped."""
        view = memoryview(line)
        while view:
            view = view[os.write(self.input, view):]
        while True:
            body = self.output.readline()
            if not body:
                raise Wrong("the server has ended its output")
            if not body.startswith((b'{"jsonrpc":"2.0","method"', b'{"method"')):
                return body

    def close(self, patience=10):
        """Ends the input; returns the exit code."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.output.close()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def post(body, method, name=None, more=(), keep=True):
    """A whole HTTP request for a modern message, with its routing headers, or with `more` for a legacy one."""
    head = ["POST /mcp HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json, text/event-stream",
            "Content-Type: application/json", f"Content-Length: {len(body)}"]
    if not more:
        head += [f"MCP-Protocol-Version: {MODERN}", f"Mcp-Method: {method}"] + ([f"Mcp-Name: {name}"] if name else [])
    head += list(more) + ([] if keep else ["Connection: close"])
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


class Answer:
    """What one HTTP answer was."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body


class Web:
    """One kept-alive connection with a server over HTTP."""

    def __init__(self, port, patience=60):
        self.socket = socket.create_connection(("127.0.0.1", port), patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def request(self, number, method, parameters=None, modern=True):
        body = message(number, method, parameters, modern)
        return post(body, method, (parameters or {}).get("name"))

    def send(self, data):
        self.socket.sendall(data)

    def exchange(self, data):
        """Sends a request and returns the body of its answer, which must be 200."""
        self.socket.sendall(data)
        answer = self.answer()
        if answer.status != 200:
            raise Wrong(f"status {answer.status}: {answer.body[:400]!r}")
        return answer.body

    def head(self):
        """The status and headers of what comes next."""
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = (line.split(":", 1) for line in lines[1:])
        return int(lines[0].split()[1]), {name.lower(): value.strip() for name, value in fields}

    def more(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise Wrong("the server has closed the connection")
        self.rest += data

    def answer(self):
        """Reads one answer whole. Of a stream of events, the data of the last one."""
        status, headers = self.head()
        if headers.get("transfer-encoding") == "chunked":
            body = b"".join(self.chunks())
        else:
            length = int(headers.get("content-length", 0))
            while len(self.rest) < length:
                self.more()
            body, self.rest = self.rest[:length], self.rest[length:]
        if headers.get("content-type", "").startswith("text/event-stream"):
            data = [line[5:].strip() for line in body.splitlines() if line.startswith(b"data:")]
            body = data[-1] if data else b""
        return Answer(status, headers, body)

    def chunks(self):
        while True:
            while b"\r\n" not in self.rest:
                self.more()
            size, self.rest = self.rest.split(b"\r\n", 1)
            length = int(size.split(b";")[0], 16)
            while len(self.rest) < length + 2:
                self.more()
            chunk, self.rest = self.rest[:length], self.rest[length + 2:]
            if not length:
                return
            yield chunk

    def close(self):
        self.socket.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """`pgadvisor serve URL --http …`, ready when the constructor returns."""

    def __init__(self, program, url, options=(), log=None):
        self.port = free_port()
        self.process = subprocess.Popen(
            [program, "serve", url, "--http", f"127.0.0.1:{self.port}", *options], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=log or subprocess.DEVNULL)
        self.pid = self.process.pid
        for _ in range(500):
            try:
                with socket.create_connection(("127.0.0.1", self.port), 0.2):
                    return
            except OSError:
                if self.process.poll() is not None:
                    raise Wrong(f"the server has ended with {self.process.returncode}") from None
                time.sleep(0.02)
        self.process.kill()
        raise Wrong("the server does not listen")

    def status(self, *names):
        return status_of(self.pid, *names)

    def stop(self, patience=30):
        """SIGTERM; returns the exit code."""
        self.process.terminate()
        return self.wait(patience)

    def wait(self, patience=30):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Wrong(f"the server did not end within {patience} s of SIGTERM") from None


def status_of(pid, *names):
    """Lines of /proc/PID/status as numbers: kB of memory, threads."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines if len(line.split()) > 1}
    return [int(found[name]) for name in names]
