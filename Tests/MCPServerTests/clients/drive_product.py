"""Drives every tool of `pgadvisor serve URL` over stdio with the official client: PROGRAM MODE URL.

The client itself checks each answer's shape by its protocol version, and structured content by the tool's output schema.
"""

import sys

import anyio
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
    "run_admin": {"sql": "SELECT pg_sleep(0)"},
    "execute_sql": {"sql": "SELECT 1"},
    "explain_query": {"sql": QUERY, "hypothetical_indexes": [{"table": "orders", "columns": ["customer"]}]},
    "get_top_queries": {"sort_by": "total_time", "limit": 3},
    "analyze_query_indexes": {"queries": [QUERY], "max_index_size_mb": 100},
    "analyze_workload_indexes": {},
    "analyze_db_health": {"health_type": "index,vacuum,sequence"},
}
# Nobody has reset or filled the statistics of this server: no statement may be worth advice.
MAY_FAIL = {"analyze_workload_indexes", "get_top_queries"}


async def main():
    arguments = ["serve", url, "--grant", "write", "--grant", "ddl", "--grant", "admin"]
    async with Client(StdioServerParameters(command=program, args=arguments), mode=mode) as client:
        listed = [tool.name for tool in (await client.list_tools()).tools]
        assert sorted(listed) == sorted(CALLS), set(listed) ^ set(CALLS)
        progress = []

        async def told(value, total, message):
            progress.append(message)

        for name in listed:
            result = await client.call_tool(name, CALLS[name], progress_callback=told)
            assert name in MAY_FAIL or not result.is_error, (name, result.content[0].text)
            assert result.content[0].text, name
        assert progress, "index advice says what it does"
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
