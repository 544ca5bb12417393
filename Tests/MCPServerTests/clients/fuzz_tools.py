"""Calls every tool with arguments nobody sends on purpose, made from the tools' own schemas: PROGRAM URL PSQL.

Each answer is one clear error or right: no crash, no hang, no word of our insides, no long echo, and structured content
is what the tool's schema says. At the end no backend is left."""

import json
import os
import queue
import random
import re
import subprocess
import sys
import threading

import jsonschema

from product import Database

program, url, psql = sys.argv[1:]
seed = int(os.environ.get("PGADVISOR_TEST_SEED") or random.randrange(1 << 32))
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {},
}
DEEP, LONG = "select " + "(" * 5000 + "1" + ")" * 5000, "x" * 1_000_000
VALUES = [
    None, True, 0, -1, 1, 2**53 + 1, 2**63 - 1, -2**63, 1.5, -0.0, 1e308, 10.0, "", " ", "\0", "a\0b", "\u200b\u202e",
    "it's", '"a', '"a"', '"public"."orders"', "public.", ".orders", "..", "a.b.c.d", "%", "null", "true", "10", "main",
    "é" * 50, LONG, "x\n" * 2000, [], [[]], ["a"], [1], [None], [{}], {}, {"a": 1}, ["drop table orders"],
    [{"table": "public.orders", "columns": ["id"]}], [{"table": 5, "columns": "x"}], ["create index on orders (id)"],
    ["select 1"] * 11, [""], ["select $1"], [[["x"] * 100] * 10], "select $1", "select 1; select 2", DEEP,
    "select " + "+".join(["1"] * 20000), "select '\0'", "explain select 1", "create table t (a int)", "select $2::int",
    "index,vacuum", "all", "table", "function", "f(integer)", "9" * 400,
]
# As text: what no Python value becomes.
RAW = ['"\\ud800"', "1e999", "9" * 400, "-0", "1e-400", '{"a":1,"a":2}', "[" * 600 + "]" * 600]
GOOD = {
    "list_objects": {"schema": "public"}, "describe_table": {"table": "orders"}, "query": {"sql": "select 1"},
    "get_object_details": {"name": "orders"}, "get_foreign_keys": {"table": "orders"},
    "find_relationships": {"table": "orders"}, "execute_sql": {"sql": "select 1"}, "explain_query": {"sql": "select 1"},
    "analyze_query_indexes": {"queries": ["select * from orders where customer = 1"], "time_limit_seconds": 1},
    "analyze_workload_indexes": {"time_limit_seconds": 1}, "analyze_db_health": {"health_type": "index"},
    "job_status": {"job_id": "x"}, "job_cancel": {"job_id": "x"},
}
UNLISTED = ["connection", "format", "page_size", "wait_seconds", "verbose", "parameters", "Sql", "", "\0", "y" * 100_000]
INSIDE = re.compile(
    r"\bfatal|Optional\(|\.swift|DatabaseError|GovernedFailure|bind message|prepared statement|XX000|portal|savepoint|\bnil\b")


class Server:
    def __init__(self):
        self.child = subprocess.Popen([program, "serve", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines, self.number = queue.Queue(), 0
        threading.Thread(target=lambda: [self.lines.put(line) for line in self.child.stdout], daemon=True).start()

    def ask(self, method, params):
        """Params are JSON text without the braces."""
        self.number += 1
        text = '{"jsonrpc":"2.0","id":%d,"method":"%s","params":{%s"_meta":%s}}\n'
        self.child.stdin.write((text % (self.number, method, params and params + ",", json.dumps(META))).encode())
        self.child.stdin.flush()
        try:
            return json.loads(self.lines.get(timeout=60))
        except queue.Empty:
            raise AssertionError("no answer") from None


def is_well(tool, answer):
    error = answer.get("error")
    if error:
        assert error["code"] in (-32602, -32700, -32600) and len(error["message"]) < 600, error
        return
    result = answer["result"]
    text = "".join(item.get("text", "") for item in result["content"])
    if result["isError"]:
        assert "structuredContent" not in result and text.strip() and len(text) < 2000, text[:3000]
        assert not INSIDE.search(text) and not text.rstrip().endswith("Way out:"), text
    else:
        jsonschema.Draft202012Validator(tool["outputSchema"]).validate(result["structuredContent"])
    hidden = [letter for letter in text if ord(letter) < 32 and letter not in "\n\t" or letter in "\u200b\u202e"]
    assert not hidden, (hidden, text[:300])


def main():
    server, database = Server(), Database(url, psql)
    tools = server.ask("tools/list", "")["result"]["tools"]
    chance = random.Random(seed)
    calls = 0
    for tool in tools:
        names = [*tool["inputSchema"]["properties"], *UNLISTED]
        # Each argument with each value would take minutes; every run takes others.
        texts = [(name, json.dumps(value)) for name in names for value in VALUES]
        for name, text in chance.sample(texts, 150) + [(name, text) for name in names[:3] for text in RAW]:
            arguments = {key: json.dumps(value) for key, value in GOOD.get(tool["name"], {}).items()} | {name: text}
            members = ",".join(json.dumps(key) + ":" + value for key, value in arguments.items())
            call = '"name":"%s","arguments":{%s}' % (tool["name"], members)
            try:
                is_well(tool, server.ask("tools/call", call))
            except Exception as problem:
                raise AssertionError(f"seed {seed}: {tool['name']} {name[:50]}={text[:200]}: {problem}") from problem
            calls += 1
    server.child.stdin.close()
    assert server.child.wait(10) == 0
    left = database.ask("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgadvisor local%'"
                        " AND datname = current_database()")
    assert left == "0", left
    assert calls > 1000
    print("all is well")


main()
