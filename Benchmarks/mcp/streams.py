#!/usr/bin/env python3
"""What a thousand clients cost that only listen: modern `subscriptions/listen`, and legacy sessions with GET.

usage: streams.py PGADVISOR URL

Each kind has a server of its own. Every stream is held until it has brought a comment or an event of its own accord,
and the server answers a query while they stand.
"""
import os
import pathlib
import resource
import selectors
import sys
import time

from wire import LEGACY, Served, Web, Wrong, initialization, message, post, tool_result

program, url = sys.argv[1:3]
count = int(os.environ.get("STREAMS", "1000"))
BAR = 60
NOTICE = b"subscriptions/acknowledged"
WATCHED = {"notifications": {"toolsListChanged": True}}
QUIET = 40  # seconds in which each stream must have brought something


def listen(port, number):
    """A modern stream, acknowledged."""
    web = Web(port)
    web.send(post(message(number, "subscriptions/listen", WATCHED), "subscriptions/listen"))
    status, headers = web.head()
    if status != 200 or not headers.get("content-type", "").startswith("text/event-stream"):
        raise Wrong(f"stream {number}: status {status}, {headers}, {web.rest[:300]!r}")
    while NOTICE not in web.rest:
        web.more()
    web.rest = b""
    return web


def legacy(port, number):
    """A session, and its stream of announcements."""
    web = Web(port)
    web.send(post(initialization(number), "initialize", more=["X-Era: legacy"]))
    answer = web.answer()
    session = answer.headers.get("mcp-session-id")
    if answer.status != 200 or not session:
        raise Wrong(f"session {number}: status {answer.status}, {answer.body[:300]!r}")
    known = [f"Mcp-Session-Id: {session}", f"MCP-Protocol-Version: {LEGACY}"]
    web.send(post(message(None, "notifications/initialized", modern=False), "", more=known))
    if web.answer().status != 202:
        raise Wrong(f"session {number}: initialized was not taken")
    head = ["GET /mcp HTTP/1.1", "Host: 127.0.0.1", "Accept: text/event-stream", *known]
    web.send(("\r\n".join(head) + "\r\n\r\n").encode())
    status, _ = web.head()
    if status != 200:
        raise Wrong(f"session {number}: its stream was answered {status}")
    return web


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quick(port):
    """How long a small query takes beside the streams, the best of ten, in ms."""
    web = Web(port)
    best = None
    for number in range(10):
        request = web.request(number, "tools/call", {"name": "query", "arguments": {"sql": "SELECT 1 AS one"}})
        began = time.perf_counter()
        body = web.exchange(request)
        spent = time.perf_counter() - began
        tool_result(body, number)
        best = min(spent, best or spent)
    web.close()
    return best * 1e3


def all_alive(webs):
    """Waits until each has brought something; returns how many have not."""
    waiting = selectors.DefaultSelector()
    for web in webs:
        waiting.register(web.socket, selectors.EVENT_READ)
    missing, deadline = len(webs), time.monotonic() + QUIET
    while missing and time.monotonic() < deadline:
        for key, _ in waiting.select(1):
            if not key.fileobj.recv(1 << 16):
                raise Wrong("a stream was ended by the server")
            waiting.unregister(key.fileobj)
            missing -= 1
    return missing


def measure(name, opening):
    server = Served(program, url)
    quick(server.port)
    before = server.status("VmRSS")[0] / 1024
    began = time.monotonic()
    webs = [opening(server.port, number) for number in range(count)]
    opened = time.monotonic() - began
    fresh = server.status("VmRSS")[0] / 1024
    used = cpu_seconds(server.pid)
    rested = time.monotonic()
    silent = all_alive(webs)
    idle = (cpu_seconds(server.pid) - used) / (time.monotonic() - rested) * 100
    spent = quick(server.port)
    resident, peak, threads = server.status("VmRSS", "VmHWM", "Threads")
    closing = time.monotonic()
    code = server.stop()
    closed = time.monotonic() - closing
    for web in webs:
        web.close()
    print(f"| {name} | {count} | {before:.0f} MB | {fresh:.0f} MB | {resident / 1024:.0f} MB | {peak / 1024:.0f} MB "
          f"| {threads} | {opened:.1f} s | {idle:.1f} % | {spent:.1f} ms | {count - silent} of {count} "
          f"| {closed:.2f} s, {code} |")
    return silent == 0


# The server inherits it: two thousand descriptors are more than many shells allow.
hardest = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
wanted = count + 1_000 if hardest == resource.RLIM_INFINITY else min(hardest, count + 1_000)
resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hardest))
print("| streams | open | memory before | opened | later | peak | threads | to open all | CPU while idle "
      "| query beside them | brought something | SIGTERM to end, code |")
print("|---|" + "---:|" * 11)
fine = [measure("modern, subscriptions/listen", listen), measure("legacy, session and GET", legacy)]
print(f"\nResident memory of the server (bar: under {BAR} MB with 1,000 idle streams).")
if not all(fine):
    raise Wrong("some streams were silent")
