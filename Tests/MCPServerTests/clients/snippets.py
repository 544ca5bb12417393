"""Tries every entry for a client in docs/mcp.md and README.md with a generic client: PROGRAM URL DOCUMENT…

Each entry is read as its product reads it, by the members it knows and the placeholders it fills in; what is not filled in,
or not a member, fails. Only the program's place, the database and the port are exchanged.
"""

import json
import os
import re
import secrets
import shlex
import sys
import tomllib

import anyio
import yaml
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from serving import Served

program, url = sys.argv[1:3]
DATABASE = "postgresql://advisor@localhost/shop"
ADDRESS = "127.0.0.1:8765"
TOKEN = secrets.token_hex(32)
ENVIRONMENT = {"PGADVISOR_TOKEN": TOKEN}


class Started:
    """A command, its arguments, and what its environment has besides."""

    kind = "stdio"

    def __init__(self, command, args, env=None):
        assert command == "pgadvisor", command
        args = [argument.replace(DATABASE, url) for argument in args]
        assert url in args, args
        self.target = StdioServerParameters(command=program, args=args, env={**os.environ, **(env or {})})


class Reached:
    """An address and headers."""

    kind = "HTTP"

    def __init__(self, address, headers):
        assert address.startswith(f"http://{ADDRESS}/"), address
        assert "$" not in str(headers), headers
        self.path, self.headers = address.removeprefix(f"http://{ADDRESS}"), headers


def filled(value, pattern, values):
    """Placeholders of one product's kind, exchanged for what it puts there."""
    if isinstance(value, dict):
        return {key: filled(each, pattern, values) for key, each in value.items()}
    return re.sub(pattern, lambda found: values[found[1]], value)


def only(known, entry):
    assert entry.keys() <= known, sorted(entry.keys() - known)
    return entry


def claude_code(language, text):
    if language == "json":
        entry = only({"type", "url", "headers", "command", "args", "env"}, json.loads(text)["mcpServers"]["pgadvisor"])
        assert entry["type"] == "http", entry
        return Reached(entry["url"], filled(entry["headers"], r"\$\{(\w+)\}", ENVIRONMENT))
    # The shell fills in variables, but not between single quotes.
    words = shlex.split(re.sub(r"\$(\w+)", lambda found: ENVIRONMENT[found[1]], text))
    assert words[:3] == ["claude", "mcp", "add"], words
    if "--" in words:
        name, command, *args = [*words[3:words.index("--")], *words[words.index("--") + 1:]]
        assert name == "pgadvisor", name
        return Started(command, args)
    _, transport, name, address, flag, header = words[3:]
    assert (words[3], transport, name, flag) == ("--transport", "http", "pgadvisor", "--header"), words
    return Reached(address, dict([header.split(": ", 1)]))


def claude_desktop(language, text):
    entry = only({"command", "args", "env"}, json.loads(text)["mcpServers"]["pgadvisor"])
    if entry["command"] != "npx":
        return Started(**entry)
    # What mcp-remote makes of its arguments.
    yes, package, address, flag, header = entry["args"]
    assert (yes, package, flag) == ("-y", "mcp-remote", "--header") and " " not in header, entry
    name, value = filled(header, r"\$\{(\w+)\}", entry["env"]).split(":", 1)
    return Reached(address, {name: value.replace("TOKEN", TOKEN)})


def by_environment(address):
    """Cursor and Windsurf, which call the address differently."""

    def read(language, text):
        known = {"command", "args", "env", address, "headers"}
        entry = only(known, json.loads(text)["mcpServers"]["pgadvisor"])
        if "command" in entry:
            return Started(**entry)
        return Reached(entry[address], filled(entry["headers"], r"\$\{env:(\w+)\}", ENVIRONMENT))

    return read


def vs_code(language, text):
    file = only({"servers", "inputs"}, json.loads(text))
    entry = only({"type", "command", "args", "env", "url", "headers"}, file["servers"]["pgadvisor"])
    if entry.pop("type") == "stdio":
        return Started(**entry)
    inputs = {each["id"]: TOKEN for each in file["inputs"] if each["type"] == "promptString" and each["password"]}
    return Reached(entry["url"], filled(entry["headers"], r"\$\{input:([\w-]+)\}", inputs))


def codex(language, text):
    entry = tomllib.loads(text)["mcp_servers"]["pgadvisor"]
    only({"command", "args", "env", "url", "bearer_token_env_var", "http_headers", "startup_timeout_sec"}, entry)
    if "command" in entry:
        return Started(**entry)
    return Reached(entry["url"], {"Authorization": f"Bearer {ENVIRONMENT[entry['bearer_token_env_var']]}"})


def goose(language, text):
    entry = yaml.safe_load(text)["extensions"]["pgadvisor"]
    assert entry["name"] == "pgadvisor" and entry["enabled"] is True, entry
    common = {"type", "name", "enabled", "timeout", "description"}
    if entry["type"] == "stdio":
        only(common | {"cmd", "args", "envs", "env_keys"}, entry)
        return Started(entry["cmd"], entry["args"])
    only(common | {"uri", "headers", "envs", "env_keys"}, entry)
    assert entry["type"] == "streamable_http", entry
    return Reached(entry["uri"], {name: value.replace("TOKEN", TOKEN) for name, value in entry["headers"].items()})


READERS = {
    "Claude Code": claude_code,
    "Claude Desktop": claude_desktop,
    "Cursor": by_environment("url"),
    "VS Code": vs_code,
    "Codex": codex,
    "Windsurf": by_environment("serverUrl"),
    "Goose": goose,
}


def blocks(text):
    """The fenced blocks of a document, each with the headings above it."""
    headings = {2: "", 3: ""}
    for found in re.finditer(r"^(#{2,3}) ([^\n]*)$|^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if found[1]:
            headings = {2: found[2], 3: ""} if len(found[1]) == 2 else {**headings, 3: found[2]}
        else:
            yield headings[2], headings[3], found[3], found[4]


def console(text):
    return [line.removeprefix("$ ").split("#")[0].strip() for line in text.splitlines() if line.startswith("$ ")]


def entries(documents):
    """What is to be tried, and how the server is started that the entries for HTTP expect."""
    found, start = [], None
    for document in documents:
        with open(document) as file:
            for chapter, product, language, text in blocks(file.read()):
                if language == "console":
                    lines = console(text)
                    found += [("Claude Code", claude_code("sh", line)) for line in lines if line.startswith("claude ")]
                    if chapter == "Clients" and product == "":
                        assert lines[0].startswith("export PGADVISOR_TOKEN="), lines
                        start = shlex.split(lines[1])
                elif chapter == "Clients":
                    found.append((product, READERS[product](language, text)))
    return found, start


async def drive(target):
    async with Client(target) as client:
        assert "query" in [tool.name for tool in (await client.list_tools()).tools]
        answer = await client.call_tool("query", {"sql": "SELECT 6 * 7 AS answer"})
        assert answer.structured_content["rows"] == [[42]], answer


async def main():
    found, start = entries(sys.argv[3:])
    for product in READERS:
        assert {entry.kind for name, entry in found if name == product} == {"stdio", "HTTP"}, product
    assert start[:2] == ["pgadvisor", "serve"] and start[-2:] == ["--http", ADDRESS], start
    arguments = [argument.replace(DATABASE, url) for argument in start[2:-2]]
    served = Served(program, arguments, {**os.environ, **ENVIRONMENT})
    try:
        for product, entry in found:
            if entry.kind == "stdio":
                await drive(entry.target)
            else:
                await drive_over_http(served.url + entry.path, entry.headers)
            print(f"{product} over {entry.kind}")
        try:
            await drive_over_http(served.mcp, {"Authorization": "Bearer " + "0" * 64})
        except BaseException:  # noqa: BLE001 - a group of errors, or one
            served.end()
        else:
            raise AssertionError("any token will do")
    finally:
        served.child.kill()


async def drive_over_http(address, headers):
    async with create_mcp_http_client(headers=headers) as http:
        await drive(streamable_http_client(address, http_client=http))


anyio.run(main)
print("all is well")
