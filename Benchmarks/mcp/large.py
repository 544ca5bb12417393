#!/usr/bin/env python3
"""A result of 100 MB through `query` over HTTP: the server's peak memory, the time, and whether every byte is right.

usage: large.py PGADVISOR URL PSQL

The answer goes to a file as it comes, is parsed as a whole afterwards, and its rows are compared by digest with what
psql reads of the same table.
"""
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from wire import Served, Web, Wrong

program, url, psql = sys.argv[1:4]
turns = int(os.environ.get("TURNS", "3"))
options = os.environ.get("LARGE_OPTIONS", "--max-rows 1000000 --max-bytes 200MB").split()
STATEMENT = "SELECT id, body FROM documents ORDER BY id"
BAR = 64


def fetch(web, number, path):
    """Seconds to the first byte and to the last, and bytes of the body."""
    request = web.request(number, "tools/call", {"name": "query", "arguments": {"sql": STATEMENT}})
    began = time.perf_counter()
    web.send(request)
    status, headers = web.head()
    first = time.perf_counter() - began
    if status != 200:
        raise Wrong(f"status {status}: {web.rest[:400]!r}")
    with open(path, "wb") as file:
        if headers.get("transfer-encoding") == "chunked":
            for chunk in web.chunks():
                file.write(chunk)
        else:
            left = int(headers["content-length"]) - len(web.rest)
            file.write(web.rest)
            web.rest = b""
            while left:
                data = web.socket.recv(min(left, 1 << 18))
                if not data:
                    raise Wrong("the server has closed the connection in the middle")
                file.write(data)
                left -= len(data)
    seconds = time.perf_counter() - began
    if headers.get("content-type", "").startswith("text/event-stream"):
        with open(path, "rb") as file:
            data = [line[5:].strip() for line in file if line.startswith(b"data:")]
        with open(path, "wb") as file:
            file.write(data[-1])
    return first, seconds, os.path.getsize(path)


def digest_of_answer(path, number):
    with open(path, "rb") as file:
        answer = json.load(file)
    if answer.get("id") != number or answer.get("result", {}).get("isError"):
        raise Wrong(f"the answer is {json.dumps(answer)[:400]}")
    found = answer["result"]["structuredContent"]
    if found.get("truncated"):
        raise Wrong(f"the answer was cut: {found.get('hint')}")
    digest = hashlib.sha256()
    for identifier, body in found["rows"]:
        digest.update(f"{identifier}\t{body}\n".encode())
    return digest.hexdigest(), len(found["rows"])


def read_with_psql():
    began = time.perf_counter()
    process = subprocess.Popen(
        [psql, "-X", "-q", "-At", "-F", "\t", "-d", url, "-c", STATEMENT], stdout=subprocess.PIPE)
    digest, size = hashlib.sha256(), 0
    for block in iter(lambda: process.stdout.read(1 << 18), b""):
        digest.update(block)
        size += len(block)
    if process.wait():
        raise Wrong("psql has failed")
    return digest.hexdigest(), size, time.perf_counter() - began


def main():
    server = Served(program, url, options)
    before = server.status("VmRSS")[0] / 1024
    web = Web(server.port, 300)
    firsts, times, peaks, others = [], [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        path = f"{scratch}/answer.json"
        for number in range(1, turns + 1):
            first, seconds, size = fetch(web, number, path)
            firsts.append(first)
            times.append(seconds)
            peaks.append(server.status("VmHWM")[0] / 1024)
            ours, rows = digest_of_answer(path, number)
            theirs, bare_size, bare_seconds = read_with_psql()
            others.append(bare_seconds)
            if ours != theirs:
                raise Wrong("the rows are not those that psql reads")
    after = server.status("VmRSS")[0] / 1024
    web.close()
    code = server.stop()
    print("| rows | of data | answer | seconds | to the first byte | psql alone | memory before | peak | afterwards |")
    print("|" + "---:|" * 9)
    print(f"| {rows} | {bare_size / 1e6:.0f} MB | {size / 1e6:.0f} MB | {statistics.median(times):.2f} "
          f"| {statistics.median(firsts):.2f} s | {statistics.median(others):.2f} s | {before:.0f} MB "
          f"| {max(peaks):.0f} MB | {after:.0f} MB |")
    print(f"\n{turns} times on one connection; medians, and the highest memory (bar: under {BAR} MB). The JSON parses "
          f"and its rows are psql's, by digest. The server ended with {code}.")


main()
