"""Raw HTTP over sockets to `pgadvisor serve`: what is refused and how, sessions from birth to end, clients that go away.

PROGRAM URL PSQL. The whole tables are in `ModernProbeTests` and `HTTPProbeTests`, in one process; here stands what the
library underneath could do differently from what they assume.
"""

import http.client
import json
import secrets
import socket
import sys
import time

from product import GRANTS, Database
from serving import serving
from tee import Tee
from wire import ALL, HTTP, MODERN, meta

program, url, psql = sys.argv[1:]
database = Database(url, psql)
TOOL = "test_simple_text"


def modern(method="tools/list", number=1, capabilities=None, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": {**params, "_meta": meta(capabilities)}}


def legacy(method, number=1, **params):
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


CALL = modern("tools/call", name=TOOL, arguments={})
EVENTS = {"Accept": "text/event-stream"}

# Name, method, path, headers that differ from a correct client's (None: not sent), body, status, code or text.
TABLE = [
    ("well-formed", "POST", "/mcp", {}, modern(), 200, None),
    ("a slash at the end", "POST", "/mcp/", {}, modern(), 200, None),
    ("a query", "POST", "/mcp?x=1", {}, modern(), 200, None),
    ("elsewhere", "POST", "/", {}, modern(), 404, "Not found"),
    ("above the root", "POST", "/../mcp", {}, modern(), 404, "Not found"),
    ("bad token", "POST", "/mcp", {"Authorization": "Bearer nope"}, modern(), 401, "invalid_token"),
    ("another scheme", "POST", "/mcp", {"Authorization": "Basic bm9wZQ=="}, modern(), 401, "invalid_token"),
    ("a token goes before a host", "POST", "/mcp", {"Authorization": "Bearer nope", "Host": "evil.example.com"},
     modern(), 401, "invalid_token"),
    ("evil host", "POST", "/mcp", {"Host": "evil.example.com"}, modern(), 421, "Invalid Host header"),
    ("evil origin", "POST", "/mcp", {"Origin": "http://evil.example.com"}, modern(), 403, "Invalid Origin header"),
    ("null origin", "POST", "/mcp", {"Origin": "null"}, modern(), 403, "Invalid Origin header"),
    ("local origin", "POST", "/mcp", {"Origin": "http://localhost:5173"}, modern(), 200, None),
    ("text/plain", "POST", "/mcp", {"Content-Type": "text/plain"}, modern(), 400, "Invalid Content-Type header"),
    ("no content type", "POST", "/mcp", {"Content-Type": None}, modern(), 400, "Invalid Content-Type header"),
    ("a form", "POST", "/mcp", {"Content-Type": "application/x-www-form-urlencoded"}, modern(), 400,
     "Invalid Content-Type header"),
    ("a charset", "POST", "/mcp", {"Content-Type": "application/json; charset=utf-8"}, modern(), 200, None),
    ("text/html wanted", "POST", "/mcp", {"Accept": "text/html"}, modern(), 406, "Not acceptable"),
    ("anything wanted", "POST", "/mcp", {"Accept": "*/*"}, modern(), 200, None),
    ("GET", "GET", "/mcp", {}, None, 405, "Method not allowed"),
    ("DELETE", "DELETE", "/mcp", {}, None, 405, "Method not allowed"),
    ("PUT", "PUT", "/mcp", {}, modern(), 405, "Method not allowed"),
    ("PATCH", "PATCH", "/mcp", {}, modern(), 405, "Method not allowed"),
    ("a method of our own", "FROBNICATE", "/mcp", {}, modern(), 405, "Method not allowed"),
    ("OPTIONS", "OPTIONS", "/mcp", {}, None, 204, None),
    ("alive", "GET", "/health", {}, None, 200, "ok"),
    ("metrics", "GET", "/metrics", {}, None, 200, "pgadvisor_http_requests_total"),
    ("posting to health", "POST", "/health", {}, modern(), 405, "Method not allowed"),
    ("not JSON", "POST", "/mcp", {}, "{", 400, -32700),
    ("nothing", "POST", "/mcp", {}, "", 400, -32700),
    ("not UTF-8", "POST", "/mcp", {}, b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', 400, -32700),
    ("a null byte", "POST", "/mcp", {}, b"\0", 400, -32700),
    ("deep", "POST", "/mcp", {}, "[" * 100_000, 400, -32700),
    ("a batch", "POST", "/mcp", {}, json.dumps([modern()]), 400, -32600),
    ("id is null", "POST", "/mcp", {}, modern(number=None), 400, -32600),
    ("a posted response", "POST", "/mcp", {}, {"jsonrpc": "2.0", "id": 1, "result": {}}, 400, -32600),
    ("no _meta", "POST", "/mcp", {}, legacy("tools/list"), 400, -32602),
    ("version header missing", "POST", "/mcp", {"MCP-Protocol-Version": None}, modern(), 400, -32020),
    ("version header differs", "POST", "/mcp", {"MCP-Protocol-Version": "2025-11-25"}, modern(), 400, -32020),
    ("unknown version in the header", "POST", "/mcp", {"MCP-Protocol-Version": "2031-01-01"}, legacy("tools/list"), 400,
     -32022),
    ("method header missing", "POST", "/mcp", {"Mcp-Method": None}, CALL, 400, -32020),
    ("method header wrong", "POST", "/mcp", {"Mcp-Method": "tools/list"}, CALL, 400, -32020),
    ("method header in another case", "POST", "/mcp", {"Mcp-Method": "Tools/Call"}, CALL, 400, -32020),
    ("name header missing", "POST", "/mcp", {"Mcp-Name": None}, CALL, 400, -32020),
    ("name header wrong", "POST", "/mcp", {"Mcp-Name": "other"}, CALL, 400, -32020),
    ("name header twice", "POST", "/mcp", {"Mcp-Name": [TOOL, TOOL]}, CALL, 400, -32020),
    ("version header twice", "POST", "/mcp", {"MCP-Protocol-Version": [MODERN, MODERN]}, CALL, 400, -32020),
    ("name header with blanks", "POST", "/mcp", {"Mcp-Name": f"  {TOOL} \t"}, CALL, 200, None),
    ("name header in base64", "POST", "/mcp", {"Mcp-Name": "=?base64?dGVzdF9zaW1wbGVfdGV4dA==?="}, CALL, 200, None),
    ("name header in bad base64", "POST", "/mcp", {"Mcp-Name": "=?base64?dGV*?="}, CALL, 400, -32020),
    ("header names in capitals", "POST", "/mcp", {"Mcp-Name": None, "MCP-NAME": TOOL}, CALL, 200, None),
    ("unknown method", "POST", "/mcp", {}, modern("tools/frobnicate"), 404, -32601),
    ("initialize", "POST", "/mcp", {}, modern("initialize"), 404, -32601),
    ("ping", "POST", "/mcp", {}, modern("ping"), 404, -32601),
    ("unknown tool", "POST", "/mcp", {}, modern("tools/call", name="nope"), 400, -32602),
    ("undeclared capability", "POST", "/mcp", {}, modern("tools/call", name="test_missing_capability"), 400, -32021),
    ("made-up state", "POST", "/mcp", {}, modern("tools/call", name=TOOL, requestState="v1.AAAA"), 400, -32602),
    ("a tool's failure", "POST", "/mcp", {}, modern("tools/call", name="test_error_handling"), 200, None),
    ("listening without events", "POST", "/mcp", {"Accept": "application/json"},
     modern("subscriptions/listen", notifications={}), 406, "Not acceptable"),
    ("a session nobody knows", "GET", "/mcp", {"Mcp-Session-Id": "x"}, None, 404, "Session not found"),
    ("messages of nobody", "POST", "/messages/?session_id=x", {}, legacy("ping"), 404, "Session not found"),
    ("messages without a session", "POST", "/messages/", {}, legacy("ping"), 400, "session_id"),
    ("posting to the pair's stream", "POST", "/sse", {}, legacy("ping"), 405, "Method not allowed"),
]


def send(peer, method, path, headers, body):
    """One request on a connection of its own, with headers as often as they are given."""
    connection = peer.connect()
    message = body if isinstance(body, dict) else {}
    sent = peer.headers(message) if body is not None else {}
    sent = {**sent, **headers}
    data = json.dumps(body) if isinstance(body, dict) else body or ""
    data = data.encode() if isinstance(data, str) else data
    connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
    for name, value in sent.items():
        for each in value if isinstance(value, list) else [value] if value is not None else []:
            connection.putheader(name, each)
    if body is not None:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(data)
    return connection.getresponse()


def table(root):
    peer = HTTP(root + "/mcp")
    for name, method, path, headers, body, status, expected in TABLE:
        response = send(peer, method, path, headers, body)
        said = response.read().decode()
        assert response.status == status, (name, response.status, said)
        if isinstance(expected, int):
            assert json.loads(said)["error"]["code"] == expected, (name, said)
        elif expected:
            assert expected in said, (name, said)
        if status == 401:
            challenge = response.getheader("WWW-Authenticate")
            assert challenge.startswith("Bearer ") and "nope" not in challenge + said, (name, challenge, said)
        if status == 405 and path == "/mcp":
            assert "POST" in response.getheader("Allow"), name


def one_connection(root):
    """Refusals do not cost a well-behaved client its connection, as long as the body could be read."""
    peer = HTTP(root + "/mcp")
    connection = peer.connect()
    local = None
    for message, status in ((modern(), 200), (modern("nope"), 404), (modern("ping"), 404), (modern(), 200)):
        connection.request("POST", "/mcp", json.dumps(message), peer.headers(message))
        response = connection.getresponse()
        response.read()
        assert response.status == status, response.status
        local = local or connection.sock.getsockname()
        assert connection.sock.getsockname() == local, "another connection"


def sizes(root):
    """Bodies and heads beyond their bounds are refused while they come; those within are not."""
    peer = HTTP(root + "/mcp")
    inside = modern("tools/call", name=TOOL, arguments={"pad": "x" * 3_900_000})
    assert peer.raw(inside).result["content"]
    response = send(peer, "POST", "/mcp", {}, "x" * 5_000_000)
    assert response.status == 413, response.status
    assert said_plainly(root, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        b"Accept: */*\r\nContent-Length: 99999999999\r\n\r\n") == 413
    # A body of no stated length, in pieces that never end.
    pieces = b"".join(b"10000\r\n" + b"x" * 65_536 + b"\r\n" for _ in range(80))
    assert said_plainly(root, b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        b"Accept: */*\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces) == 413
    assert said_plainly(root, b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 100_000 + b"\r\n\r\n") in (
        413, 431)
    many = b"".join(b"X-%d: y\r\n" % n for n in range(2_000))
    assert said_plainly(root, b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n") in (400, 413, 431)
    assert HTTP(root + "/mcp").request("tools/list").result["tools"]


def said_plainly(root, raw):
    """The status of what raw bytes are answered with."""
    peer = HTTP(root + "/mcp")
    with socket.create_connection((peer.url.hostname, peer.url.port), timeout=10) as connection:
        try:
            connection.sendall(raw)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before we were done.
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status


def garbage(root):
    """Bytes that are no HTTP get 400 or nothing, and the server goes on."""
    for raw in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"\r\n\r\n\r\n", b"POST /mcp HTTP/9.9\r\n\r\n",
                b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxxx",
                b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil.example.com\r\nContent-Length: 0\r\n\r\n"):
        peer = HTTP(root + "/mcp")
        with socket.create_connection((peer.url.hostname, peer.url.port), timeout=5) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            said = connection.recv(65_536)
            assert not said or 400 <= int(said.split(b" ", 2)[1]) < 506, (raw, said[:200])
    assert HTTP(root + "/mcp").request("tools/list").result["tools"]


def session(root):
    """A legacy session: born, streaming, lost and found again, ended."""
    peer = HTTP(root + "/mcp", "2025-11-25")
    stream = send(peer, "GET", "/mcp", {**peer.headers({}), **EVENTS}, None)
    assert stream.status == 200 and stream.getheader("Content-Type") == "text/event-stream"
    assert next_event(stream)["id"] == "0_0"
    second = send(peer, "GET", "/mcp", {**peer.headers({}), **EVENTS}, None)
    assert second.status == 409 and json.loads(second.read())["error"]["code"] == -32600
    peer.request("tools/call", {"name": "test_trigger_tool_change"})
    assert json.loads(next_event(stream)["data"])["method"] == "notifications/tools/list_changed"

    # A call whose stream breaks goes on; its client comes back for the rest.
    message = legacy("tools/call", 77, name="test_tool_with_progress", _meta={"progressToken": "p"})
    connection, answer = peer.post(message)
    first, then = next_event(answer), next_event(answer)
    assert first["data"] == "" and first["retry"].isdigit() and json.loads(then["data"])["params"]["progress"] == 0
    connection.close()
    answer.close()
    rest = send(peer, "GET", "/mcp", {**peer.headers({}), **EVENTS, "Last-Event-ID": then["id"]}, None)
    found = []
    while event := next_event(rest):
        found.append(event)
    data = [json.loads(event["data"]) for event in found if event["data"]]
    assert [d["params"]["progress"] for d in data[:-1]] == [50, 100] and data[-1]["id"] == 77, data
    lost = send(peer, "GET", "/mcp", {**peer.headers({}), **EVENTS, "Last-Event-ID": "99_1"}, None)
    assert lost.status == 400, lost.status

    stranger = HTTP(root + "/mcp", "2025-11-25")
    assert stranger.session != peer.session
    ended = send(peer, "DELETE", "/mcp", peer.headers({}), None)
    assert ended.status == 200, ended.status
    for method, body in (("POST", legacy("ping")), ("GET", None), ("DELETE", None)):
        gone = send(peer, method, "/mcp", {**peer.headers({}), **(EVENTS if method == "GET" else {})}, body)
        assert gone.status == 404, (method, gone.status)
    assert next_event(stream) is None, "the session's stream outlives it"
    assert stranger.request("ping").result == {}


def next_event(response):
    """The fields of the next event; None at the end."""
    fields = {}
    for line in response:
        line = line.decode().rstrip("\r\n")
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "data" in fields:
            return fields
    return None


def pair(root):
    """HTTP+SSE of 2024-11-05: its conversation ends with its stream."""
    peer = HTTP(root + "/mcp")
    stream = send(peer, "GET", "/sse", EVENTS, None)
    endpoint = next_event(stream)
    assert endpoint["event"] == "endpoint" and endpoint["data"].startswith("/messages/?session_id="), endpoint
    json_only = {"Content-Type": "application/json", "Accept": "*/*", "MCP-Protocol-Version": None, "Mcp-Method": None}
    for message in (legacy("initialize", 1, protocolVersion="2024-11-05", capabilities={}, clientInfo={}),
                    legacy("tools/list", 2), legacy("nope", 3)):
        accepted = send(peer, "POST", endpoint["data"], json_only, message)
        assert accepted.status == 202 and accepted.read() == b"Accepted", accepted.status
        heard = json.loads(next_event(stream)["data"])
        assert heard["id"] == message["id"] and ("error" in heard) == (message["id"] == 3), heard
    stream.close()
    deadline = time.monotonic() + 5
    while send(peer, "POST", endpoint["data"], json_only, legacy("ping")).status != 404:
        assert time.monotonic() < deadline, "the conversation outlives its stream"
        time.sleep(0.05)


def tokens(root, token):
    """Everything of the protocol needs the token, whatever it asks; what operators ask does not."""
    peer = HTTP(root + "/mcp")
    right = {"Authorization": f"Bearer {token}"}
    for method, path, body in (
        ("POST", "/mcp", modern()), ("POST", "/mcp", modern("server/discover")), ("POST", "/mcp", "{"),
        ("GET", "/mcp", None), ("DELETE", "/mcp", None), ("PUT", "/mcp", None), ("GET", "/sse", None),
        ("POST", "/messages/?session_id=x", legacy("ping")),
    ):
        for wrong in (
            {}, {"Authorization": f"Bearer {token[:-1]}"}, {"Authorization": f"Bearer {token}x"},
            {"Authorization": f"Basic {token}"}, {"Authorization": token}, {"Authorization": "Bearer"},
            {"Authorization": f"Bearer {token} x"}, {"Authorization": [right["Authorization"]] * 2},
            {"X-Authorization": right["Authorization"]},
        ):
            response = send(peer, method, path, wrong, body)
            challenge, said = response.getheader("WWW-Authenticate"), response.read().decode()
            assert response.status == 401, (method, path, wrong, response.status)
            assert challenge.startswith('Bearer realm="pgadvisor"') and token not in challenge + said, challenge
            assert ("invalid_token" in challenge) == ("Authorization" in wrong), (wrong, challenge)
    assert send(peer, "POST", f"/mcp?access_token={token}", {}, modern()).status == 401
    assert send(peer, "POST", "/mcp", right, modern()).status == 200
    assert send(peer, "POST", "/mcp", {"authorization": f"bearer  {token}"}, modern()).status == 200
    for path in ("/health", "/ready", "/metrics"):
        response = send(peer, "GET", path, {}, None)
        assert response.status == 200 and token not in response.read().decode(), path


def leaving(root):
    """A modern client that closes its socket has cancelled, whatever it was about to hear; a legacy one has not."""
    for era in ("modern", "streaming", "legacy"):
        peer = HTTP(root + "/mcp", "2025-11-25" if era == "legacy" else None)
        sleep = f"pg_sleep({30 + time.time() % 1:.6f})"
        arguments = {"name": "run_admin", "arguments": {"sql": f"SELECT {sleep}"}}
        message = legacy("tools/call", 9, **arguments) if era == "legacy" else modern("tools/call", 9, **arguments)
        connection = peer.connect()
        headers = {"Accept": "text/event-stream"} if era == "streaming" else {}
        connection.request("POST", "/mcp", json.dumps(message), peer.headers(message, headers))
        if era == "streaming":
            assert connection.getresponse().status == 200
        database.wait_for(sleep, 1, 10)
        connection.close()
        if era == "legacy":
            time.sleep(0.5)
            assert database.running(sleep) == 1, "leaving has cancelled"
            peer.notify("notifications/cancelled", requestId=9)
        took = database.wait_for(sleep, 0, 1)
        print(f"  {era}: gone after {took:.2f} s")


def draining(root):
    """At the end, what runs may finish, and its client hears of it."""
    peer = HTTP(root + "/mcp")
    message = modern("tools/call", name="run_admin", arguments={"sql": "SELECT pg_sleep(1)"})
    connection = peer.connect()
    connection.request("POST", "/mcp", json.dumps(message), peer.headers(message))
    database.wait_for("pg_sleep(1)", 1, 10)
    return connection


def main():
    with serving(program, "--conformance") as served, Tee(served.url) as tee:
        for probe in (table, one_connection, sizes, garbage, session, pair):
            before = time.monotonic()
            probe(tee.url if probe in (table, session, pair) else served.url)
            print(f"{probe.__name__}: {time.monotonic() - before:.2f} s")
        tee.check(at_least=50)
    token = secrets.token_urlsafe(32)
    with serving(program, url, PGADVISOR_TOKEN=token) as served:
        tokens(served.url, token)
    with serving(program, url, *GRANTS) as served:
        ready = send(HTTP(served.mcp), "GET", "/ready", {}, None)
        assert ready.status == 200 and b"ready" in ready.read(), ready.status
        leaving(served.url)
        connection = draining(served.url)
        print(f"ended in {served.end():.2f} s")
        assert json.loads(connection.getresponse().read())["result"]["isError"] is False


if __name__ == "__main__":
    main()
    print("all is well")
