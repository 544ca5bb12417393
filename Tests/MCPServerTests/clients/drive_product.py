"""Drives every tool of `pgadvisor serve URL` with the official client: PROGRAM MODE URL PSQL.

Over stdio, Streamable HTTP and, in legacy mode, the HTTP+SSE pair. The client itself checks each answer's shape by its
protocol version, and structured content by the tool's output schema; what went over HTTP is judged once more afterwards.
"""

import json
import sys
import time
import warnings

import anyio
import jsonschema
import mcp_types as t
from mcp import Client, MCPDeprecationWarning, MCPError
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters
from product import CALLS, GRANTED, GRANTS, QUERY, Database
from serving import serving
from tee import Tee

program, mode, url, psql = sys.argv[1:]
warnings.simplefilter("ignore", MCPDeprecationWarning)
database = Database(url, psql)
EVERYTHING = [call.tool for call in CALLS]
# Values of any type; statements or objects.
ANY_ITEMS = {"parameters", "hypothetical_indexes"}


def client(target):
    return Client(target, mode=mode, client_info=t.Implementation(name="drive", version="1"))


def shows_its_best(tool):
    """What directories and clients ask of a tool: a title, one sentence, flat schemas of objects, and all four hints."""
    assert tool.title and tool.description.endswith("."), tool
    assert len(tool.description) < 200 and tool.description.count(". ") == 0, tool.description
    hints = tool.annotations.model_dump(by_alias=True, exclude_none=True)
    assert {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} <= set(hints), hints
    for schema in (tool.input_schema, tool.output_schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object" and not {"oneOf", "anyOf", "allOf", "$ref"} & set(schema), schema
        for key, part in schema.get("properties", {}).items():
            assert "type" in part, (tool.name, key)
            assert part["type"] != "array" or "items" in part or key in ANY_ITEMS, (tool.name, key)
            for value in part.get("examples", []) + [part[k] for k in ("default",) if k in part]:
                jsonschema.Draft202012Validator(part).validate(value)


async def list_tools(c):
    """Their output schemas, by name."""
    tools = (await c.list_tools()).tools
    for tool in tools:
        shows_its_best(tool)
    return {tool.name: tool.output_schema for tool in tools}


async def call_all(c, names, schemas):
    """Calls what stands in the table for these tools."""
    progress, seen = [], {}

    async def told(value, total, message):
        progress.append(message)

    for call in CALLS:
        if call.tool in names:
            result = await c.call_tool(call.tool, call.arguments(seen), progress_callback=told)
            assert call.may_fail or not result.is_error, (call.tool, result.content[0].text)
            assert result.content[0].text, call.tool
            if not result.is_error:
                jsonschema.Draft202012Validator(schemas[call.tool]).validate(result.structured_content)
                known = schemas[call.tool]["properties"].keys() & result.structured_content.keys()
                assert known, (call.tool, result.structured_content)
            seen[call.tool] = result.structured_content
    assert "job_status" not in seen or seen["job_status"]["report"]["checks"], seen["job_status"]
    return progress


async def read_on(c):
    """Rows beyond an answer are behind its cursor, and in the resource that it links to."""
    rows, arguments = [], {"sql": "SELECT id FROM orders WHERE id > 1 ORDER BY id", "max_rows": 4000}
    while len(rows) < 9000:
        result = await c.call_tool("query", arguments)
        rows += result.structured_content["rows"]
        cursor = result.structured_content["next_cursor"]
        link = result.content[1]
        assert link.type == "resource_link" and cursor in str(link.uri), result.content
        behind = json.loads((await c.read_resource(link.uri)).contents[0].text)
        assert behind["rows"][0] == [rows[-1][0] + 1], behind["rows"][0]
        arguments = {**arguments, "cursor": cursor}
    assert rows[:3] == [[2], [3], [4]] and len(rows) == len({row[0] for row in rows}), rows[:3]


async def read(c):
    """An agent that may explain and read."""
    schemas = await list_tools(c)
    listed = set(schemas)
    assert listed == set(EVERYTHING) - GRANTED, listed ^ (set(EVERYTHING) - GRANTED)
    await call_all(c, listed, schemas)
    await read_on(c)
    refused = await c.call_tool("query", {"sql": "DROP TABLE orders"})
    assert refused.is_error and "Way out" in refused.content[0].text, refused
    for name in ("write_data", "nope"):
        assert await fails(c.call_tool(name, {"sql": "DELETE FROM orders"})), name
    uri = (await c.list_resources()).resources[0].uri
    assert "max_connections" in (await c.read_resource(uri)).contents[0].text
    assert "orders" in (await c.read_resource("pg://main/table/public/orders")).contents[0].text
    assert await fails(c.read_resource("pg://main/table/public/nope"))
    assert QUERY in (await c.get_prompt("tune_query", {"sql": QUERY})).messages[0].content.text
    for prompt in (await c.list_prompts()).prompts:
        assert (await c.get_prompt(prompt.name, {a.name: "SELECT 1" for a in prompt.arguments or []})).messages
    templates = (await c.list_resource_templates()).resource_templates
    template = t.ResourceTemplateReference(uri="pg://{connection}/table/{schema}/{table}")
    assert template.uri in [each.uri_template for each in templates], templates
    found = await c.complete(template, {"name": "table", "value": "ord"}, context_arguments={"schema": "public"})
    assert found.completion.values == ["orders"], found
    if c.protocol_version < "2026-07-28":
        await c.send_ping()
    else:
        async with c.listen(tools_list_changed=True, resource_subscriptions=[uri]):
            pass


async def change(c):
    """An agent that may do everything."""
    schemas = await list_tools(c)
    odd = set(schemas) ^ set(EVERYTHING)
    assert not odd, f"tools without a call in the table, or calls without a tool: {odd}"
    progress = await call_all(c, GRANTED, schemas)
    assert progress and progress[0].startswith("1 s"), progress
    await cancel(c)


async def cancel(c):
    """A call that is given up ends in PostgreSQL, and the conversation goes on."""
    sleep = f"pg_sleep({60 + time.time() % 1:.6f})"
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:
            async def call():
                await c.call_tool("run_admin", {"sql": f"SELECT {sleep}"})

            group.start_soon(call)
            await anyio.to_thread.run_sync(database.wait_for, sleep, 1, 10)
            scope.cancel()
    await anyio.to_thread.run_sync(database.wait_for, sleep, 0, 1)
    assert not (await c.call_tool("query", {"sql": "SELECT 1"})).is_error


async def fails(call):
    try:
        return (await call).is_error
    except MCPError:
        return True


async def over_stdio():
    for grants, drive in (([], read), (GRANTS, change)):
        async with client(StdioServerParameters(command=program, args=["serve", url, *grants])) as c:
            await drive(c)


async def over_http(tees, target):
    for tee, drive in zip(tees, (read, change)):
        async with client(target(tee)) as c:
            await drive(c)


async def main():
    say("stdio", await timed(over_stdio))
    with serving(program, url) as reader, serving(program, url, *GRANTS) as changer:
        with Tee(reader.url) as one, Tee(changer.url) as other:
            say("http", await timed(over_http, (one, other), lambda tee: tee.mcp))
            if mode == "legacy":
                say("sse", await timed(over_http, (one, other), lambda tee: sse_client(tee.sse)))
            for tee, structured in ((one, set(EVERYTHING) - GRANTED), (other, GRANTED)):
                judge = tee.check(at_least=len(structured))
                missed = structured - judge.structured - {call.tool for call in CALLS if call.may_fail}
                assert not missed, f"no structured content of {missed}"


async def timed(work, *arguments):
    before = time.monotonic()
    await work(*arguments)
    return time.monotonic() - before


def say(name, seconds):
    print(f"{name}: {seconds:.1f} s")


anyio.run(main)
print("all is well")
