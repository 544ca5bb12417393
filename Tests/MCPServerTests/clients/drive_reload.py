"""Two agents of a configuration file, with the official client, while the file is read again: PROGRAM URL."""

import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
import time

import anyio
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from serving import serving

program, url = sys.argv[1:]
TOKENS = {"ann": secrets.token_hex(16), "bob": secrets.token_hex(16)}


def configure(path, agents, permissions):
    """Written beside it and moved, so that no half of it is ever read. JSON is YAML too."""
    text = {
        "connections": [{"name": "shop", "url": url}],
        "agents": [{"id": name, "token": TOKENS[name]} for name in agents],
        "iam": [{"connection": "shop", "permissions": permissions, "members": [f"agent:{name}" for name in agents]}],
    }
    with open(path + ".new", "w") as file:
        json.dump(text, file)
    os.chmod(path + ".new", 0o600)
    os.rename(path + ".new", path)


@contextlib.asynccontextmanager
async def client(served, agent, mode, **more):
    async with create_mcp_http_client(headers={"Authorization": f"Bearer {TOKENS[agent]}"}) as http:
        async with Client(streamable_http_client(served.mcp, http_client=http), mode=mode, **more) as c:
            yield c


async def tools(c):
    return {tool.name for tool in (await c.list_tools(cache_mode="refresh")).tools}


async def drive(served, path):
    changes = []

    async def heard(message):
        if getattr(message, "method", "").endswith("list_changed"):
            changes.append(message.method)

    async with client(served, "ann", "auto") as modern, client(served, "ann", "legacy", message_handler=heard) as legacy:
        for c in (modern, legacy):
            assert {"query", "explain_query"} <= await tools(c) and "run_ddl" not in await tools(c)
        async with client(served, "bob", "auto") as bob:
            assert not (await bob.call_tool("query", {"sql": "SELECT 1"})).is_error
            async with modern.listen(tools_list_changed=True) as events:
                configure(path, ["ann"], ["explain", "ddl"])
                served.child.send_signal(signal.SIGHUP)
                with anyio.fail_after(10):
                    async for _ in events:
                        break
                    while "notifications/tools/list_changed" not in changes:
                        await anyio.sleep(0.01)
            with contextlib.suppress(Exception):
                await bob.call_tool("query", {"sql": "SELECT 1"})
                raise SystemExit("bob is still there")
        for c in (modern, legacy):
            now = await tools(c)
            assert {"run_ddl", "explain_query"} <= now and not {"query", "write_data"} & now, now
            refused = await c.call_tool("execute_sql", {"sql": "SELECT * FROM orders"})
            assert refused.is_error, refused
        # Half a file changes nothing.
        with open(path, "a") as file:
            file.write("}")
        complaints = len(served.lines)
        served.child.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while len(served.lines) == complaints:
            assert time.monotonic() < deadline, "no complaint"
            await anyio.sleep(0.01)
        assert await tools(modern) == now and not any(token in str(served.lines) for token in TOKENS.values())


async def main():
    with tempfile.TemporaryDirectory() as directory:
        path = directory + "/pgadvisor.yaml"
        configure(path, ["ann", "bob"], ["explain", "read"])
        with serving(program, "--config", path) as served:
            await drive(served, path)


anyio.run(main)
print("all is well")
