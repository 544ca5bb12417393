"""Drives every fixture of `pgadvisor serve --conformance` with the official client: PROGRAM MODE.

Over stdio, Streamable HTTP and, in legacy mode, the HTTP+SSE pair; what went over HTTP is judged once more afterwards.
"""

import sys
import time
import warnings

import anyio
import mcp_types as t
from mcp import Client, MCPDeprecationWarning
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters
from serving import serving
from tee import Tee

program, mode = sys.argv[1:]
warnings.simplefilter("ignore", MCPDeprecationWarning)
logs, changes = [], []
WATCHED = "test://watched-resource"


async def elicit(context, params):
    properties = params.requested_schema["properties"]
    values = {"string": "red", "boolean": True, "integer": 1, "number": 1.5, "array": []}
    return t.ElicitResult(action="accept", content={k: v.get("default", values[v["type"]]) for k, v in properties.items()})


async def sample(context, params):
    return t.CreateMessageResult(role="assistant", content=t.TextContent(type="text", text="Paris"), model="m")


async def roots(context):
    return t.ListRootsResult(roots=[t.Root(uri="file:///r", name="r")])


async def log(params):
    logs.append(params)


async def heard(message):
    """In the legacy era, changes come without being listened for."""
    if hasattr(message, "method") and message.method.endswith(("list_changed", "resources/updated")):
        changes.append(message.method)


ARGUMENTS = {
    "test_sampling": {"prompt": "p"},
    "test_elicitation": {"message": "m"},
    "test_structured_content": {"a": 1, "b": 2},
    "test_slow": {"seconds": 0.2},
}
TEXTS = {
    "test_simple_text": "This is a simple text response for testing.",
    "test_error_handling": "This tool intentionally returns an error for testing",
    "test_structured_content": '{"sum":3}',
    "test_sampling": "LLM response: Paris",
    "test_missing_capability": "Sampling is declared",
    "test_input_required_result_elicitation": "Hello, red!",
    "test_input_required_result_sampling": "Sampling answered: Paris",
    "test_input_required_result_list_roots": "Roots: 1",
    "test_input_required_result_request_state": "state-ok: the state came back as it was",
    "test_input_required_result_tampered_state": "The state came back untouched",
    "test_input_required_result_multiple_inputs": "Paris red, roots: 1",
    "test_input_required_result_multi_round": "red likes red",
    "test_slow": "Slept",
}


async def call(client, name):
    progress = []

    async def told(value, total, message):
        progress.append(value)

    result = await client.call_tool(name, ARGUMENTS.get(name, {}), progress_callback=told)
    assert result.is_error == (name == "test_error_handling"), (name, result)
    if name in TEXTS:
        assert result.content[0].text == TEXTS[name], (name, result)
    if name == "test_structured_content":
        assert result.structured_content == {"sum": 3}
    if name == "test_tool_with_progress":
        assert progress == [0, 50, 100], progress


async def drive(target):
    logs.clear()
    changes.clear()
    client = Client(
        target,
        mode=mode,
        elicitation_callback=elicit,
        sampling_callback=sample,
        list_roots_callback=roots,
        logging_callback=log,
        message_handler=heard,
        log_level=None if mode == "legacy" else "info",
        client_info=t.Implementation(name="drive", version="1"),
    )
    async with client as c:
        assert c.protocol_version == ("2025-11-25" if mode == "legacy" else "2026-07-28"), c.protocol_version
        tools = (await c.list_tools()).tools
        assert len(tools) >= 30
        for tool in tools:
            await call(c, tool.name)
        assert len(logs) >= 4, logs
        async with anyio.create_task_group() as group:
            for tool in tools * 2:
                group.start_soon(call, c, tool.name)
        await look_around(c)
        before = time.monotonic()
        with anyio.move_on_after(0.2):
            await c.call_tool("test_slow", {"seconds": 60})
        assert (await c.call_tool("test_simple_text", {})).content
        assert time.monotonic() - before < 2
        await (hear_changes(c) if mode == "legacy" else listen(c))
        before = time.monotonic()
    assert time.monotonic() - before < 1.9, "did not leave"


async def look_around(c):
    for resource in (await c.list_resources()).resources:
        assert (await c.read_resource(resource.uri)).contents
    assert (await c.list_resource_templates()).resource_templates
    assert "12" in (await c.read_resource("test://template/12/data")).contents[0].text
    for prompt in (await c.list_prompts()).prompts:
        assert (await c.get_prompt(prompt.name, {a.name: "x" for a in prompt.arguments or []})).messages
    found = await c.complete(t.PromptReference(name="test_prompt_with_arguments"), {"name": "arg1", "value": "par"})
    assert found.completion.values == ["paris", "park", "party"]
    for wrong in (c.call_tool("nope", {}), c.read_resource("test://nope"), c.get_prompt("nope")):
        try:
            await wrong
        except Exception:
            continue
        raise AssertionError("no error")


async def trigger(c):
    for kind in ("prompt_change", "tool_change", "resource_update"):
        await c.call_tool(f"test_trigger_{kind}", {})


async def listen(c):
    async with c.listen(tools_list_changed=True, resource_subscriptions=[WATCHED]) as events:
        await trigger(c)
        seen = []
        with anyio.fail_after(5):
            async for event in events:
                seen.append(type(event).__name__)
                if len(seen) == 2:
                    break
        assert len(seen) == 2, seen


async def hear_changes(c):
    await c.subscribe_resource(WATCHED)
    changes.clear()
    await trigger(c)
    with anyio.fail_after(5):
        while len(changes) < 3:
            await anyio.sleep(0.01)
    kinds = ["prompts/list_changed", "resources/updated", "tools/list_changed"]
    assert sorted(changes) == ["notifications/" + kind for kind in kinds], changes
    await c.unsubscribe_resource(WATCHED)
    await c.call_tool("test_trigger_resource_update", {})
    await c.send_ping()
    assert len(changes) == 3, changes


async def main():
    await timed("stdio", StdioServerParameters(command=program, args=["serve", "--conformance"]))
    with serving(program, "--conformance") as served, Tee(served.url) as tee:
        await timed("http", tee.mcp)
        if mode == "legacy":
            await timed("sse", sse_client(tee.sse))
        tee.check(at_least=100)


async def timed(name, target):
    before = time.monotonic()
    await drive(target)
    print(f"{name}: {time.monotonic() - before:.1f} s")


anyio.run(main)
print("all is well")
