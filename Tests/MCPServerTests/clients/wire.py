"""Raw connections to the server, over stdio and over HTTP, for scripts that look at every message."""

import http.client
import itertools
import json
import queue
import subprocess
import threading
import urllib.parse

MODERN = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
ALL = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}


class Heard:
    """What one request was answered with, and what was sent before the answer."""

    def __init__(self, status, message, sent):
        self.status, self.message, self.sent = status, message, sent

    @property
    def result(self):
        assert "result" in self.message, self.message
        return self.message["result"]

    @property
    def error(self):
        assert "error" in self.message, self.message
        return self.message["error"]


def meta(capabilities=None, version=MODERN, **more):
    return {PREFIX + "protocolVersion": version, PREFIX + "clientCapabilities": capabilities or {}, **more}


def answer_to(message):
    """What a friendly client says to a question of the server."""
    method = message["method"]
    if method == "elicitation/create":
        kinds = {"string": "Ann", "boolean": True, "integer": 1, "number": 1.5, "array": []}
        fields = message["params"]["requestedSchema"]["properties"]
        return {"action": "accept", "content": {k: v.get("default", kinds[v["type"]]) for k, v in fields.items()}}
    if method == "sampling/createMessage":
        return {"role": "assistant", "model": "m", "content": {"type": "text", "text": "Paris"}}
    assert method == "roots/list", message
    return {"roots": [{"uri": "file:///test/root", "name": "Test Root"}]}


class Stdio:
    """One process; `legacy` is the version to shake hands on. What it says is kept in `records`, for `validate.py`."""

    is_http = False
    records = []

    def __init__(self, program, legacy=None):
        self.legacy, self.numbers, self.waiting, self.sent, self.streams = legacy, itertools.count(1), {}, [], {}
        self.asked = {}
        self.child = subprocess.Popen([program, "serve", "--conformance"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()
        if legacy:
            self.hello = shake_hands(self, legacy)

    def read(self):
        for line in self.child.stdout:
            message = json.loads(line)
            self.record(message)
            if "method" in message and "id" in message:
                self.sent.append(message)
                self.write({"jsonrpc": "2.0", "id": message["id"], "result": answer_to(message)})
            elif "method" in message:
                identity = message.get("params", {}).get("_meta", {}).get(PREFIX + "subscriptionId")
                self.streams.get(identity, self.sent).append(message)
            else:
                self.waiting[json.dumps(message.get("id"))].put(message)

    def record(self, message):
        version = self.legacy or MODERN
        if "method" in message:
            self.records.append({"version": version, "sent": message})
            return
        question = self.asked.get(json.dumps(message.get("id")), {"method": "?"})
        tool = question["params"].get("name") if question["method"] == "tools/call" else None
        self.records.append({"version": version, "method": question["method"], "answer": message, "tool": tool})

    def write(self, message):
        if "method" in message and "id" in message:
            self.asked[json.dumps(message["id"])] = message
        with self.lock:
            self.child.stdin.write(json.dumps(message).encode() + b"\n")
            self.child.stdin.flush()

    def notify(self, method, **params):
        self.write({"jsonrpc": "2.0", "method": method, "params": params})

    def raw(self, message, headers=None):
        waiting = self.waiting[json.dumps(message.get("id"))] = queue.Queue()
        before = len(self.sent)
        self.write(message)
        found = waiting.get(timeout=20)
        return Heard(None, found, self.sent[before:])

    def request(self, method, params=None, capabilities=ALL, more=None):
        params = dict(params or {})
        if self.legacy is None:
            params["_meta"] = meta(capabilities, **(more or {}))
        elif more:
            params["_meta"] = more
        return self.raw({"jsonrpc": "2.0", "id": next(self.numbers), "method": method, "params": params})

    def listen(self, notifications):
        """A subscription: the messages so far, growing."""
        identity = f"listen-{next(self.numbers)}"
        self.waiting[json.dumps(identity)] = queue.Queue()
        self.streams[identity] = []
        params = {"notifications": notifications, "_meta": meta()}
        self.write({"jsonrpc": "2.0", "id": identity, "method": "subscriptions/listen", "params": params})
        return identity, self.streams[identity]

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(timeout=5) == 0


class HTTP:
    """One endpoint: `http://127.0.0.1:8080/mcp`."""

    is_http = True

    def __init__(self, url, legacy=None):
        self.url, self.legacy, self.numbers, self.session = urllib.parse.urlsplit(url), legacy, itertools.count(1), None
        if legacy:
            self.hello = shake_hands(self, legacy)

    def connect(self):
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=30)

    def headers(self, message, changed=None):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.legacy is None:
            headers["MCP-Protocol-Version"] = MODERN
            headers["Mcp-Method"] = message.get("method", "")
            name = message.get("params", {}).get("uri" if message.get("method") == "resources/read" else "name")
            if name and message["method"] in ("tools/call", "prompts/get", "resources/read"):
                headers["Mcp-Name"] = name
        elif self.session:
            headers["Mcp-Session-Id"] = self.session
            headers["MCP-Protocol-Version"] = self.legacy
        headers.update(changed or {})
        return {k: v for k, v in headers.items() if v is not None}

    def post(self, message, changed=None):
        connection = self.connect()
        body = message if isinstance(message, (bytes, str)) else json.dumps(message)
        plain = message if isinstance(message, dict) else {}
        connection.request("POST", self.url.path, body, self.headers(plain, changed))
        return connection, connection.getresponse()

    def notify(self, method, **params):
        connection, response = self.post({"jsonrpc": "2.0", "method": method, "params": params})
        assert response.status == 202, response.status
        connection.close()

    @staticmethod
    def events(response):
        data = []
        for line in response:
            line = line.decode().rstrip("\r\n")
            if line.startswith("data:"):
                data.append(line[5:].strip())
            elif not line and data:
                text = "\n".join(data)
                data = []
                if text:
                    yield json.loads(text)

    def raw(self, message, headers=None):
        connection, response = self.post(message, headers)
        self.session = response.getheader("mcp-session-id") or self.session
        sent = []
        if (response.getheader("content-type") or "").startswith("text/event-stream"):
            for event in self.events(response):
                if "method" not in event:
                    connection.close()
                    return Heard(response.status, event, sent)
                sent.append(event)
                if "id" in event:
                    reply = {"jsonrpc": "2.0", "id": event["id"], "result": answer_to(event)}
                    other, taken = self.post(reply)
                    assert taken.status == 202, taken.status
                    other.close()
            raise AssertionError("the stream ended without an answer")
        body = response.read()
        connection.close()
        return Heard(response.status, json.loads(body) if body else None, sent)

    request = Stdio.request

    def listen(self, notifications):
        identity = f"listen-{next(self.numbers)}"
        params = {"notifications": notifications, "_meta": meta()}
        message = {"jsonrpc": "2.0", "id": identity, "method": "subscriptions/listen", "params": params}
        connection, response = self.post(message)
        assert response.getheader("content-type").startswith("text/event-stream")
        seen = []

        def read():
            for event in self.events(response):
                seen.append(event)

        threading.Thread(target=read, daemon=True).start()
        return identity, seen

    def close(self):
        pass


def shake_hands(connection, version):
    params = {"protocolVersion": version, "capabilities": ALL, "clientInfo": {"name": "wire", "version": "1"}}
    heard = connection.raw({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": params})
    connection.notify("notifications/initialized")
    return heard.result
