"""Validates messages of the server against the official types of their version: JSON lines on standard input.

Each line is {"version": …, "method": …, "answer": …} or {"version": …, "sent": …}; an answer to `tools/call` may name its
"tool". Each message is validated twice: against the official JSON Schema of its version (the two files that the Python
package is made from, 2025-11-25 and 2026-07-28; older versions, which have no file there, against the first), and against
the types of `mcp_types`, read strictly: nothing is converted, and a member that the type does not have is a violation.
What the older versions did not have yet is in `NEWS`.
"""

import functools
import hashlib
import json
import pathlib
import sys

import jsonschema
from mcp_types import methods
from pydantic import BaseModel, TypeAdapter

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
MODERN = "2026-07-28"
# The codes that each era has beside those of JSON-RPC, and the HTTP status that goes with each in the modern one.
COMMON_STATUS = {-32700: 400, -32600: 400, -32601: 404, -32602: 400, -32603: 200}
MODERN_STATUS = {-32020: 400, -32021: 400, -32022: 400}
LEGACY_CODES = {-32002, -32042, -32800}
# Refusals of a request for its version are made before it belongs to an era.
ANY_ERA = {-32022}
DATA = {
    -32021: {
        "type": "object",
        "required": ["requiredCapabilities"],
        "properties": {"requiredCapabilities": {"type": "object", "minProperties": 1}},
    },
    -32022: {
        "type": "object",
        "required": ["supported", "requested"],
        "properties": {"supported": {"type": "array", "items": {"type": "string"}}, "requested": {"type": "string"}},
    },
}
# The official suite wants to see whether references come through.
FOR_SHOW = {"json_schema_2020_12_tool"}
RESULT_KEYS = {"jsonrpc", "id", "result"}

ALL = object()
META = {"_meta"}
# Types and members by the version that brought them, as the official schemas have them; what did not change since
# 2024-11-05 is in none. https://modelcontextprotocol.io/specification/versioning
NEWS = {
    "2025-03-26": {
        "Tool": {"annotations"},
        "ProgressNotificationParams": {"message"},
        "ServerCapabilities": {"completions"},
        "AudioContent": ALL,
    },
    "2025-06-18": {
        "Implementation": {"title"},
        "Tool": {"title", "outputSchema"} | META,
        "Prompt": {"title"} | META,
        "PromptArgument": {"title"},
        "Resource": {"title"} | META,
        "ResourceTemplate": {"title"} | META,
        "CallToolResult": {"structuredContent"},
        "Annotations": {"lastModified"},
        "ResourceLink": ALL,
        "ElicitRequest": ALL,
        "TextContent": META,
        "ImageContent": META,
        "AudioContent": META,
        "EmbeddedResource": META,
        "TextResourceContents": META,
        "BlobResourceContents": META,
    },
    "2025-11-25": {
        "Implementation": {"icons", "description", "websiteUrl"},
        "Tool": {"icons", "execution"},
        "Prompt": {"icons"},
        "Resource": {"icons"},
        "ResourceTemplate": {"icons"},
        "ResourceLink": {"icons"},
        "ServerCapabilities": {"tasks"},
        "ElicitRequestFormParams": {"mode", "task"},
        "ElicitRequestURLParams": ALL,
        "StringSchema": {"default"},
        "NumberSchema": {"default"},
        "LegacyTitledEnumSchema": {"default"},
        "UntitledSingleSelectEnumSchema": {"default"},
        "TitledSingleSelectEnumSchema": ALL,
        "UntitledMultiSelectEnumSchema": ALL,
        "TitledMultiSelectEnumSchema": ALL,
        "CreateMessageRequestParams": {"tools", "toolChoice", "task"},
        "ToolUseContent": ALL,
        "ToolResultContent": ALL,
    },
}


SCHEMAS = pathlib.Path(sys.prefix) / "schema"


@functools.cache
def official(version):
    """The official schema file of a version, as it was published."""
    name = MODERN if version == MODERN else "2025-11-25"
    pinned = {entry["protocol_version"]: entry["sha256"] for entry in json.loads((SCHEMAS / "PINNED.json").read_bytes())}
    content = (SCHEMAS / f"{name}.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == pinned[name], f"{name}.json is not the published file"
    schema = json.loads(content)
    if name == "2025-11-25":
        # The file has "integer" where the specification (schema.ts) has a number; the next version's is right, and the
        # official suite itself asks with a default of 95.5.
        properties = schema["$defs"]["NumberSchema"]["properties"]
        for member in ("default", "minimum", "maximum"):
            assert properties[member] == {"type": "integer"}
            properties[member] = {"type": "number"}
    return schema


@functools.cache
def definition(version, name):
    schema = official(version)
    assert name in schema["$defs"], f"{name} is not in the schema of {version}"
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})


def check_official(name, given, version, place):
    errors = sorted(definition(version, name).iter_errors(given), key=str)
    assert not errors, f"{place}: against {name} of the schema: {errors[0].json_path} {errors[0].message}"


@functools.cache
def adapter(kind):
    return TypeAdapter(kind)


def wire_names(value):
    """The members of one object that were on the wire, and their names there."""
    fields = type(value).model_fields
    return {(fields[name].alias or name): name for name in value.model_fields_set if name in fields}


def check_age(value, version, place):
    """No type and no member that a newer version has brought."""
    if isinstance(value, BaseModel):
        kind, members = type(value).__name__, wire_names(value)
        for introduced, news in NEWS.items():
            if version < introduced and kind in news:
                early = set(members) if news[kind] is ALL else news[kind] & set(members)
                assert not early and news[kind] is not ALL, f"{place}: {kind} {sorted(early)} is of {introduced}"
        for wire, name in members.items():
            check_age(getattr(value, name), version, f"{place}.{wire}")
    elif isinstance(value, list):
        for number, element in enumerate(value):
            check_age(element, version, f"{place}[{number}]")
    elif isinstance(value, dict):
        for key, element in value.items():
            check_age(element, version, f"{place}.{key}")


def check_same(given, known, place):
    """The type has kept everything: what it does not know, it leaves out."""
    if isinstance(given, dict) and isinstance(known, dict):
        assert given.keys() == known.keys(), f"{place}: no member of the type: {sorted(given.keys() ^ known.keys())}"
        for key, value in given.items():
            check_same(value, known[key], f"{place}.{key}")
    elif isinstance(given, list) and isinstance(known, list):
        assert len(given) == len(known), place
        for number, value in enumerate(given):
            check_same(value, known[number], f"{place}[{number}]")
    else:
        assert given == known, f"{place}: {given!r} became {known!r}"


def check(kind, given, version, place):
    parsed = adapter(kind).validate_json(json.dumps(given), strict=True, by_name=False)
    check_same(given, adapter(kind).dump_python(parsed, mode="json", by_alias=True, exclude_unset=True), place)
    if version < MODERN:
        check_age(parsed, version, place)
    for one in getattr(kind, "__args__", (kind,)):
        if one is type(parsed):
            check_official(one.__name__, given, version, place)
            break
    else:
        raise AssertionError(f"{place}: no type for {type(parsed).__name__}")


FORMATS = {"email", "uri", "date", "date-time"}


def check_form(schema, version):
    """The fields that a form may have. The official types say only that it is an object with properties."""
    is_new = version >= "2025-11-25"
    for name, field in schema["properties"].items():
        kind, place = field["type"], f"requestedSchema.properties.{name}"
        allowed = {"type", "title", "description"} | ({"default"} if is_new or kind == "boolean" else set())
        if kind == "string" and "enum" in field:
            allowed |= {"enum", "enumNames"}
            assert len(field.get("enumNames", field["enum"])) == len(field["enum"]), place
        elif kind == "string" and "oneOf" in field and is_new:
            allowed |= {"oneOf"}
            assert all(choice.keys() == {"const", "title"} for choice in field["oneOf"]), place
        elif kind == "string":
            allowed |= {"minLength", "maxLength", "format"}
            assert field.get("format") in FORMATS | {None}, place
        elif kind == "array" and is_new:
            allowed |= {"items", "minItems", "maxItems"}
            choices = field["items"]
            assert choices.keys() in ({"type", "enum"}, {"anyOf"}), place
            assert all(choice.keys() == {"const", "title"} for choice in choices.get("anyOf", [])), place
        elif kind in ("number", "integer"):
            allowed |= {"minimum", "maximum"}
        else:
            assert kind == "boolean", f"{place}: no {kind} in forms of {version}"
        assert field.keys() <= allowed, f"{place}: {sorted(field.keys() - allowed)} is not of {version}"
    assert set(schema.get("required", [])) <= schema["properties"].keys(), "a field is required that is not there"


def check_question(question, version):
    if question["method"] == "elicitation/create" and question["params"].get("mode", "form") == "form":
        check_form(question["params"]["requestedSchema"], version)


class Judge:
    """Judges messages of one recording."""

    def __init__(self):
        self.count, self.violations, self.output_schemas, self.structured = 0, [], {}, set()

    def hear(self, record):
        self.count += 1
        try:
            self.judge(**record)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a violation
            text = json.dumps(record, ensure_ascii=False)
            self.violations.append(f"{text[:300]}\n  {type(error).__name__}: {str(error)[:500]}")

    def judge(self, version, method=None, answer=None, sent=None, tool=None, status=None):
        if sent is not None:
            self.sent(version, sent)
        elif "error" in answer:
            self.error(version, answer, status)
        else:
            assert status in (None, 200), status
            self.result(version, method, answer, tool)

    @staticmethod
    def sent(version, message):
        assert message["jsonrpc"] == "2.0"
        kind = methods.SERVER_REQUESTS if "id" in message else methods.SERVER_NOTIFICATIONS
        check(kind[(message["method"], version)], message, version, message["method"])
        check_question(message, version)

    @staticmethod
    def error(version, message, status):
        jsonschema.validate(message, ERROR)
        check_official("JSONRPCErrorResponse", message, version, "error")
        code = message["error"]["code"]
        assert code in COMMON_STATUS.keys() | (MODERN_STATUS.keys() if version == MODERN else LEGACY_CODES | ANY_ERA), (
            f"{code} is not of {version}"
        )
        if code in DATA:
            jsonschema.validate(message["error"].get("data"), DATA[code])
        if version == MODERN and status is not None:
            assert status in (200, (COMMON_STATUS | MODERN_STATUS)[code]), status

    def result(self, version, method, message, tool):
        assert set(message) == RESULT_KEYS, f"members {set(message)}"
        check_official("JSONRPCResultResponse", message, version, method)
        assert message["jsonrpc"] == "2.0" and type(message["id"]) in (str, int), message["id"]
        result = message["result"]
        check(methods.SERVER_RESULTS[(method, version)], result, version, method)
        for question in result.get("inputRequests", {}).values():
            check_question(question, version)
        for described in result.get("tools", []):
            self.described(described)
        if tool is not None and version >= "2025-06-18":
            self.structure(tool, result)

    def described(self, tool):
        for name in ("inputSchema", "outputSchema"):
            if name in tool:
                jsonschema.Draft202012Validator.check_schema(tool[name])
                assert tool[name]["type"] == "object", tool["name"]
                # Some clients cannot follow references, and some refuse a composition at the root.
                if tool["name"] not in FOR_SHOW:
                    assert "$ref" not in json.dumps(tool[name]), tool["name"]
                    assert not {"oneOf", "anyOf", "allOf", "if"} & set(tool[name]), tool["name"]
        # Older versions are told none.
        self.output_schemas[tool["name"]] = tool.get("outputSchema") or self.output_schemas.get(tool["name"])

    def structure(self, tool, result):
        """Structured content is what the tool has said of it, and is there whenever the tool has said something."""
        schema = self.output_schemas.get(tool)
        if schema is None or result.get("isError") or result.get("resultType", "complete") != "complete":
            assert "structuredContent" not in result or schema is not None, tool
            return
        jsonschema.Draft202012Validator(schema).validate(result["structuredContent"])
        self.structured.add(tool)


def main():
    judge = Judge()
    for line in sys.stdin:
        judge.hear(json.loads(line))
    for violation in judge.violations:
        print(violation)
    print(f"{judge.count} messages, {len(judge.violations)} violations")
    return 1 if judge.violations else 0


if __name__ == "__main__":
    sys.exit(main())
