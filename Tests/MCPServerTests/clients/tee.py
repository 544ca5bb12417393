"""A proxy that lets everything through and keeps it, so that what was said over HTTP can be judged afterwards."""

import http.client
import io
import json
import socket
import threading
import urllib.parse

from validate import MODERN, Judge

SESSION = "mcp-session-id"


class Wire:
    """Both directions of one connection, as bytes."""

    def __init__(self):
        self.asked, self.answered = bytearray(), bytearray()


class Tee:
    """Listens on a port of its own and hands everything to `upstream`; a side that leaves takes the other with it."""

    def __init__(self, upstream):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.wires = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.mcp, self.sse = self.url + "/mcp", self.url + "/sse"
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection((self.upstream.hostname, self.upstream.port))
            wire = Wire()
            self.wires.append(wire)
            for source, sink, kept in ((client, server, wire.asked), (server, client, wire.answered)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.pump, args=(source, sink, kept), daemon=True).start()

    @staticmethod
    def pump(source, sink, kept):
        try:
            while piece := source.recv(65_536):
                kept += piece
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def judge(self):
        """Everything that the server has said so far, judged."""
        judge = Judge()
        exchanges = [exchange for wire in self.wires for exchange in read(wire)]
        recording = Recording(exchanges)
        for record in recording.records():
            judge.hear(record)
        for problem in recording.problems:
            judge.violations.append(problem)
        return judge

    def check(self, at_least):
        """Nothing that was said may be wrong, and something must have been said."""
        judge = self.judge()
        assert not judge.violations, "\n".join(judge.violations)
        assert judge.count >= at_least, judge.count
        print(f"{judge.count} messages judged")
        return judge


class Unclosed(io.BytesIO):
    """`http.client` closes what it reads from; here the next answer follows."""

    def makefile(self, *_):
        return self

    def close(self):
        pass


class Exchange:
    """One request and what it was answered with."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers = method, target, headers
        self.query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
        self.status, self.answer_headers, self.answer = None, {}, b""
        try:
            self.message = json.loads(body)
        except (ValueError, RecursionError):
            self.message = None

    @property
    def session(self):
        return self.headers.get(SESSION) or self.query.get("session_id") or self.answer_headers.get(SESSION)

    def said(self):
        """The messages of the answer; what was cut off in the middle is nothing."""
        kind = self.answer_headers.get("content-type", "")
        if kind.startswith("text/event-stream"):
            for event in self.answer.decode(errors="replace").split("\r\n\r\n")[:-1]:
                fields = [line.split(": ", 1) for line in event.split("\r\n") if not line.startswith(":")]
                yield from self.event({name: value for name, value in fields})
        elif kind.startswith("application/json") and self.answer:
            said = json.loads(self.answer)
            yield from said if isinstance(said, list) else [said]

    def event(self, fields):
        if fields.get("event") == "endpoint":
            self.query["session_id"] = fields["data"].split("session_id=")[1]
        elif fields.get("data"):
            yield json.loads(fields["data"])


def read(wire):
    """The exchanges of a connection, in order."""
    requests, answers = io.BytesIO(bytes(wire.asked)), Unclosed(bytes(wire.answered))
    while line := requests.readline():
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = http.client.parse_headers(requests)
        exchange = Exchange(method, target, headers, requests.read(int(headers.get("content-length", 0))))
        response = http.client.HTTPResponse(answers, method=method)
        try:
            response.begin()
            exchange.status, exchange.answer_headers = response.status, response.headers
            exchange.answer = response.read()
        except http.client.IncompleteRead as cut:
            exchange.answer = cut.partial
        except (http.client.BadStatusLine, ConnectionError):
            pass
        yield exchange


class Recording:
    """Who asked what, so that answers can be told whose they are."""

    def __init__(self, exchanges):
        self.exchanges, self.problems, self.asked, self.versions = exchanges, [], {}, {}
        for exchange in exchanges:
            list(exchange.said())  # the address of the SSE pair, whose stream says which session it is
        for exchange in exchanges:
            asked = exchange.message if isinstance(exchange.message, list) else [exchange.message]
            for message in asked:
                if isinstance(message, dict) and "method" in message and "id" in message:
                    self.asked[(exchange.session, json.dumps(message["id"]))] = message
        for exchange in exchanges:
            for message in exchange.said():
                version = message.get("result", {}).get("protocolVersion") if isinstance(message, dict) else None
                if version:
                    self.versions[exchange.session] = version

    def records(self):
        # What tools say of themselves first, wherever they were asked.
        return sorted(self.all(), key=lambda record: record.get("method") != "tools/list")

    def all(self):
        for exchange in self.exchanges:
            claimed = claim(exchange.message)
            if claimed:
                self.check_modern(exchange)
            for message in exchange.said():
                version = claimed or self.versions.get(exchange.session) or self.plain_version(exchange)
                if "jsonrpc" not in message:
                    continue
                if "method" in message:
                    yield {"version": version, "sent": message}
                    continue
                question = self.question(exchange, message)
                if "error" not in message and question is None:
                    self.problems.append(f"an answer to nothing: {json.dumps(message)[:300]}")
                    continue
                question = question or {"method": "?"}
                if question["method"] == "initialize" and "result" in message:
                    version = message["result"]["protocolVersion"]
                record = {"version": version, "method": question["method"], "answer": message}
                if question["method"] == "tools/call":
                    record["tool"] = question.get("params", {}).get("name")
                if claimed:
                    record["status"] = exchange.status
                yield record

    def question(self, exchange, answer):
        own = exchange.message
        if isinstance(own, dict) and "method" in own and own.get("id") == answer.get("id"):
            return own
        return self.asked.get((exchange.session, json.dumps(answer.get("id"))))

    @staticmethod
    def plain_version(exchange):
        """Without a session and a claim, the header says what it is, and its absence too."""
        return exchange.headers.get("mcp-protocol-version") or "2025-03-26"

    def check_modern(self, exchange):
        if SESSION in exchange.answer_headers:
            self.problems.append(f"a session in the modern era: {exchange.message}")
        if b"\r\nid: " in exchange.answer or exchange.answer.startswith(b"id: "):
            self.problems.append(f"numbered events in the modern era: {exchange.message}")


def claim(message):
    """The version of a modern request."""
    meta = message.get("params", {}).get("_meta", {}) if isinstance(message, dict) else {}
    version = meta.get("io.modelcontextprotocol/protocolVersion") if isinstance(meta, dict) else None
    return MODERN if version else None
