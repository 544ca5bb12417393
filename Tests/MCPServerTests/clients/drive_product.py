"""Drives every tool of `pgadvisor serve URL` over stdio with the official client: PROGRAM MODE URL.

The client itself checks each answer's shape by its protocol version, and structured content by the tool's output schema.
"""

import json
import sys

import anyio
import jsonschema
import mcp_types as t
from mcp import Client
from mcp.client.stdio import StdioServerParameters

program, mode, url = sys.argv[1:]
QUERY = "SELECT * FROM orders WHERE customer = 7"
CALLS = {
    "list_connections": {},
    "server_info": {},
    "db_identity": {},
    "list_schemas": {"include_system": True},
    "list_objects": {"schema": "public", "kind": "table"},
    "describe_table": {"table": "public.orders"},
    "get_object_details": {"object_name": "orders"},
    "get_foreign_keys": {"table": "orders"},
    "find_relationships": {"table": "orders"},
    "query": {"sql": "SELECT count(*) FROM orders WHERE id < $1", "parameters": [10]},
    "write_data": {"sql": "DELETE FROM orders WHERE id = 1"},
    "run_ddl": {"sql": "CREATE TABLE made (id integer)"},
    "run_admin": {"sql": "SELECT pg_sleep(1.3)"},
    "execute_sql": {"sql": "SELECT 1"},
    "explain_query": {"sql": QUERY, "hypothetical_indexes": [{"table": "orders", "columns": ["customer"]}]},
    "get_top_queries": {"sort_by": "total_time", "limit": 3},
    "analyze_query_indexes": {"queries": [QUERY], "max_index_size_mb": 100},
    "analyze_workload_indexes": {},
    "analyze_db_health": {"health_type": "index,vacuum,sequence"},
}
# Values of any type; statements or objects.
ANY_ITEMS = {"parameters", "hypothetical_indexes"}
# Nobody has reset or filled the statistics of this server: no statement may be worth advice.
MAY_FAIL = {"analyze_workload_indexes", "get_top_queries"}


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


async def go_on(client):
    """A call that is not waited for becomes a job, whose status is at last what the call would have answered."""
    handle = await client.call_tool("analyze_db_health", {"wait_seconds": 0})
    job = handle.structured_content["job"]
    assert job["status"] == "running", handle
    done = await client.call_tool("job_status", {"job_id": job["id"], "wait_seconds": 50})
    assert done.structured_content["job"]["status"] == "finished", done
    assert done.structured_content["report"]["checks"], done
    late = await client.call_tool("job_cancel", {"job_id": job["id"]})
    assert late.structured_content["job"]["status"] == "finished", late


async def read_on(client):
    """Rows beyond an answer are behind its cursor, and in the resource that it links to."""
    rows, arguments = [], {"sql": "SELECT id FROM orders ORDER BY id", "max_rows": 4000}
    while True:
        result = await client.call_tool("query", arguments)
        rows += result.structured_content["rows"]
        cursor = result.structured_content.get("next_cursor")
        if not cursor or len(rows) >= 9000:
            break
        link = result.content[1]
        assert link.type == "resource_link" and cursor in str(link.uri), result.content
        read = json.loads((await client.read_resource(link.uri)).contents[0].text)
        arguments = {**arguments, "cursor": cursor}
        assert read["rows"][0] == [rows[-1][0] + 1], read["rows"][0]
    assert rows[:3] == [[2], [3], [4]] and len(rows) == len({row[0] for row in rows}), rows[:3]


async def main():
    arguments = ["serve", url, "--grant", "write", "--grant", "ddl", "--grant", "admin"]
    async with Client(StdioServerParameters(command=program, args=arguments), mode=mode) as client:
        tools = (await client.list_tools()).tools
        listed = [tool.name for tool in tools]
        for tool in tools:
            shows_its_best(tool)
        assert set(listed) == set(CALLS) | {"job_status", "job_cancel"}, set(listed) ^ set(CALLS)
        progress = []

        async def told(value, total, message):
            progress.append(message)

        for name in CALLS:
            result = await client.call_tool(name, CALLS[name], progress_callback=told)
            assert name in MAY_FAIL or not result.is_error, (name, result.content[0].text)
            assert result.content[0].text, name
            if not result.is_error:
                schema = next(tool.output_schema for tool in tools if tool.name == name)
                jsonschema.Draft202012Validator(schema).validate(result.structured_content)
                undescribed = [key for key in schema["properties"] if key in result.structured_content]
                assert undescribed, (name, result.structured_content)
        assert progress and progress[0].startswith("1 s"), progress
        await go_on(client)
        await read_on(client)
        refused = await client.call_tool("query", {"sql": "DROP TABLE orders"})
        assert refused.is_error and "Way out" in refused.content[0].text, refused
        uri = (await client.list_resources()).resources[0].uri
        assert "max_connections" in (await client.read_resource(uri)).contents[0].text
        assert "orders" in (await client.read_resource("pg://main/table/public/orders")).contents[0].text
        assert QUERY in (await client.get_prompt("tune_query", {"sql": QUERY})).messages[0].content.text
        template = t.ResourceTemplateReference(uri="pg://{connection}/table/{schema}/{table}")
        found = await client.complete(template, {"name": "table", "value": "ord"}, context_arguments={"schema": "public"})
        assert found.completion.values == ["orders"], found


anyio.run(main)
print("all is well")
