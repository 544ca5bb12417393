"""Drives fixtures of `pgadvisor serve --conformance` over stdio with fastmcp's client: PROGRAM."""

import asyncio
import sys

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

program = sys.argv[1]


async def elicit(message, response_type, params, context):
    properties = params.requested_schema["properties"]
    values = {"string": "Ann", "boolean": True}
    return {key: values[kind["type"]] for key, kind in properties.items()}


async def main():
    async with Client(StdioTransport(program, ["serve", "--conformance"]), elicitation_handler=elicit) as client:
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
    print("all is well")


asyncio.run(main())
