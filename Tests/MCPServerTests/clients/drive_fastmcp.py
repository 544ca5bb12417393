"""Drives fixtures and product with fastmcp's client, over stdio and HTTP: PROGRAM URL."""

import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport
from product import CALLS, GRANTS
from serving import serving
from tee import Tee

program, url = sys.argv[1:]


async def elicit(message, response_type, params, context):
    properties = params.requested_schema["properties"]
    values = {"string": "Ann", "boolean": True}
    return {key: values[kind["type"]] for key, kind in properties.items()}


async def drive_fixtures(target, mode="auto"):
    async with Client(target, elicitation_handler=elicit, mode=mode) as client:
        names = [tool.name for tool in await client.list_tools()]
        assert len(names) >= 30, names
        assert (await client.call_tool("test_structured_content", {"a": 1, "b": 2})).structured_content == {"sum": 3}
        asked = await client.call_tool("test_input_required_result_multi_round", {})
        assert asked.content[0].text == "Ann likes Ann", asked
        state = await client.call_tool("test_input_required_result_request_state", {})
        assert state.content[0].text.startswith("state-ok"), state
        failed = await client.call_tool("test_error_handling", {}, raise_on_error=False)
        assert failed.is_error
        assert (await client.read_resource("test://static-text"))[0].text
        assert (await client.get_prompt("test_prompt_with_arguments", {"arg1": "a", "arg2": "b"})).messages


async def drive_product(target, mode="auto"):
    async with Client(target, mode=mode) as client:
        listed = {tool.name for tool in await client.list_tools()}
        assert listed == {call.tool for call in CALLS}, listed ^ {call.tool for call in CALLS}
        seen, progress = {}, []

        async def told(value, total, message):
            progress.append(message)

        for call in CALLS:
            arguments = call.arguments(seen)
            result = await client.call_tool(call.tool, arguments, raise_on_error=False, progress_handler=told)
            assert call.may_fail or not result.is_error, (call.tool, result.content[0].text)
            seen[call.tool] = result.structured_content
        assert progress
        assert "max_connections" in (await client.read_resource((await client.list_resources())[0].uri))[0].text
        assert (await client.get_prompt("tune_query", {"sql": "SELECT 1"})).messages


async def main():
    await drive_fixtures(StdioTransport(program, ["serve", "--conformance"]))
    await drive_product(StdioTransport(program, ["serve", url, *GRANTS]))
    with serving(program, "--conformance") as served, Tee(served.url) as tee:
        await drive_fixtures(tee.mcp)
        await drive_fixtures(tee.mcp, "legacy")
        tee.check(at_least=16)
    with serving(program, url, *GRANTS) as served, Tee(served.url) as tee:
        await drive_product(tee.mcp)
        await drive_product(SSETransport(tee.sse), "legacy")
        tee.check(at_least=2 * len(CALLS))


asyncio.run(main())
print("all is well")
