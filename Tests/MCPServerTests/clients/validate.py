"""Validates messages of the server against the official types of their version: JSON lines on standard input.

Each line is {"version": …, "method": …, "answer": …} or {"version": …, "sent": …}.
"""

import json
import sys

import jsonschema
from mcp_types import methods

ERROR = {
    "type": "object",
    "required": ["jsonrpc", "error"],
    "additionalProperties": False,
    "properties": {
        "jsonrpc": {"const": "2.0"},
        "id": {"type": ["string", "integer"]},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "additionalProperties": False,
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": True},
        },
    },
}
MODERN_ONLY = {-32020, -32021, -32022}
LEGACY_ONLY = {-32002, -32042, -32800}
RESULT_KEYS = {"jsonrpc", "id", "result"}


def answer(version, method, message):
    if "error" in message:
        jsonschema.validate(message, ERROR)
        forbidden = LEGACY_ONLY if version == "2026-07-28" else MODERN_ONLY
        assert message["error"]["code"] not in forbidden, "a code of the other era"
        return
    assert set(message) == RESULT_KEYS, f"members {set(message)}"
    methods.validate_server_result(method, version, message["result"])


def sent(version, message):
    assert message["jsonrpc"] == "2.0"
    kind = methods.SERVER_REQUESTS if "id" in message else methods.SERVER_NOTIFICATIONS
    kind[(message["method"], version)].model_validate(message, by_name=False)


def main():
    count = violations = 0
    for line in sys.stdin:
        record = json.loads(line)
        count += 1
        try:
            if "sent" in record:
                sent(record["version"], record["sent"])
            else:
                answer(record["version"], record["method"], record["answer"])
                for tool in record["answer"].get("result", {}).get("tools", []):
                    for name in ("inputSchema", "outputSchema"):
                        if name in tool:
                            jsonschema.Draft202012Validator.check_schema(tool[name])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a violation
            violations += 1
            print(f"{line.strip()[:300]}\n  {type(error).__name__}: {str(error)[:500]}")
    print(f"{count} messages, {violations} violations")
    return 1 if violations else 0


sys.exit(main())
