"""The scenarios of the official conformance suite, imitated one by one, over stdio and HTTP: PROGRAM [--page].

Prints one line for each scenario and transport, or docs/mcp-conformance.md with what was found. Names and expectations
follow https://github.com/modelcontextprotocol/conformance.
"""

import json
import sys
import threading
import time

from conformance_page import page
from serving import serving
from tee import Tee
from validate import Judge
from wire import HTTP, MODERN, PREFIX, Stdio, meta

LEGACY = "2025-11-25"
SCENARIOS = []


def scenario(name, *eras, transports=("stdio", "HTTP")):
    def add(body):
        SCENARIOS.append((name, eras or ("modern", "legacy"), transports, body))
        return body

    return add


def call(c, tool, arguments=None, **more):
    return c.request("tools/call", {"name": tool, "arguments": arguments or {}, **more.pop("params", {})}, **more)


def refused(heard, code, status):
    assert heard.error["code"] == code, heard.message
    assert heard.status in (None, status), heard.status


# MARK: - Both eras


@scenario("tools-list")
def tools_list(c):
    tools = c.request("tools/list").result["tools"]
    names = [tool["name"] for tool in tools]
    assert len(set(names)) == len(names) and all(0 < len(name) <= 64 for name in names)
    assert all(tool["description"] and tool["inputSchema"]["type"] == "object" for tool in tools)
    assert [tool["name"] for tool in c.request("tools/list").result["tools"]] == names


def content(name, tool, kinds):
    @scenario(name)
    def body(c):
        result = call(c, tool).result
        assert [block["type"] for block in result["content"]] == kinds, result
        assert not result.get("isError")


content("tools-call-simple-text", "test_simple_text", ["text"])
content("tools-call-image", "test_image_content", ["image"])
content("tools-call-audio", "test_audio_content", ["audio"])
content("tools-call-embedded-resource", "test_embedded_resource", ["resource"])
content("tools-call-mixed-content", "test_multiple_content_types", ["text", "image", "resource"])


@scenario("tools-call-error")
def tools_call_error(c):
    result = call(c, "test_error_handling").result
    assert result["isError"] and "structuredContent" not in result


@scenario("tools-call-with-progress")
def tools_call_with_progress(c):
    heard = call(c, "test_tool_with_progress", more={"progressToken": "p"})
    progress = [m["params"] for m in heard.sent if m["method"] == "notifications/progress"]
    assert [p["progress"] for p in progress] == [0, 50, 100] and all(p["progressToken"] == "p" for p in progress)


@scenario("server-sse-multiple-streams")
def multiple_streams(c):
    """Calls of one client run side by side, over HTTP each on a stream of its own with its own progress."""
    heard = {}

    def one(token):
        heard[token] = call(c, "test_slow", {"seconds": 0.3}, more={"progressToken": token})

    threads = [threading.Thread(target=one, args=(token,)) for token in ("a", "b", "c")]
    before = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 3 and time.monotonic() - before < 2
    for token, answer in heard.items():
        assert answer.result["content"]
        assert not c.is_http or {m["params"]["progressToken"] for m in answer.sent} == {token}, answer.sent


@scenario("json-schema-2020-12")
def json_schema(c):
    tool = next(t for t in c.request("tools/list").result["tools"] if t["name"] == "json_schema_2020_12_tool")
    schema = tool["inputSchema"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["address"]["$anchor"] and schema["additionalProperties"] is False
    assert schema["allOf"][0]["anyOf"] and {"if", "then", "else"} <= set(schema), schema


@scenario("completion-complete")
def completion(c):
    params = {
        "ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"},
        "argument": {"name": "arg1", "value": "par"},
    }
    found = c.request("completion/complete", params).result["completion"]
    assert found["values"] == ["paris", "park", "party"] and found["total"] == 3


@scenario("resources-list")
def resources_list(c):
    assert all(r["uri"] and r["name"] for r in c.request("resources/list").result["resources"])


@scenario("resources-read-text")
def resources_read_text(c):
    found = c.request("resources/read", {"uri": "test://static-text"}).result["contents"][0]
    assert found["text"] and found["mimeType"] == "text/plain" and found["uri"] == "test://static-text"


@scenario("resources-read-binary")
def resources_read_binary(c):
    assert c.request("resources/read", {"uri": "test://static-binary"}).result["contents"][0]["blob"]


@scenario("resources-templates-read")
def resources_templates_read(c):
    assert c.request("resources/templates/list").result["resourceTemplates"][0]["uriTemplate"].count("{id}") == 1
    found = c.request("resources/read", {"uri": "test://template/123/data"}).result["contents"][0]
    assert "123" in found["text"]


@scenario("sep-2164-resource-not-found")
def resource_not_found(c):
    heard = c.request("resources/read", {"uri": "test://nope"})
    assert heard.error["code"] == (-32002 if c.legacy else -32602) and heard.error["data"]["uri"] == "test://nope"


def prompt(name, wanted, arguments, kinds):
    @scenario(name)
    def body(c):
        assert any(p["name"] == wanted for p in c.request("prompts/list").result["prompts"])
        messages = c.request("prompts/get", {"name": wanted, "arguments": arguments}).result["messages"]
        assert [m["content"]["type"] for m in messages] == kinds
        if wanted == "test_prompt_with_arguments":
            assert messages[0]["content"]["text"] == "Prompt with arguments: arg1='hello', arg2='world'"


prompt("prompts-list, prompts-get-simple", "test_simple_prompt", {}, ["text"])
prompt("prompts-get-with-args", "test_prompt_with_arguments", {"arg1": "hello", "arg2": "world"}, ["text"])
prompt(
    "prompts-get-embedded-resource", "test_prompt_with_embedded_resource",
    {"resourceUri": "test://x"}, ["resource", "text"],
)
prompt("prompts-get-with-image", "test_prompt_with_image", {}, ["image", "text"])


@scenario("dns-rebinding-protection", transports=("HTTP",))
def dns_rebinding(c):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta()}}
    if c.legacy:
        hello = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    c.session = None
    for header in ({"Host": "evil.example.com"}, {"Origin": "http://evil.example.com"}):
        _, response = c.post(message, header)
        assert 400 <= response.status < 500, response.status
    for own in (f"localhost:{c.url.port}", f"127.0.0.1:{c.url.port}", f"[::1]:{c.url.port}"):
        _, response = c.post(message, {"Host": own, "Origin": f"http://{own}"})
        assert response.status == 200, response.status


# MARK: - Modern


@scenario("server-stateless", "modern")
def server_stateless(c):
    found = c.request("server/discover").result
    assert found["supportedVersions"] == [MODERN] and found["capabilities"]["tools"]["listChanged"]
    assert c.request("tools/list").result["_meta"][PREFIX + "serverInfo"]["name"]
    for params in ({}, {"_meta": {PREFIX + "protocolVersion": MODERN}}, {"_meta": {PREFIX + "clientCapabilities": {}}}):
        heard = c.raw({"jsonrpc": "2.0", "id": 90, "method": "tools/list", "params": params})
        refused(heard, -32602, 400)
        assert heard.message["id"] == 90
    wrong = {"jsonrpc": "2.0", "id": 91, "method": "tools/list", "params": {"_meta": meta(version="v999.0.0")}}
    heard = c.raw(wrong, {"MCP-Protocol-Version": "v999.0.0"})
    refused(heard, -32022, 400)
    assert heard.error["data"] == {"supported": [MODERN], "requested": "v999.0.0"}
    if c.is_http:
        right = {"jsonrpc": "2.0", "id": 92, "method": "tools/list", "params": {"_meta": meta()}}
        refused(c.raw(right, {"MCP-Protocol-Version": LEGACY}), -32020, 400)
    heard = call(c, "test_missing_capability", capabilities={})
    refused(heard, -32021, 400)
    assert heard.error["data"] == {"requiredCapabilities": {"sampling": {}}}
    for method in (
        "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "unknown/method",
    ):
        refused(c.request(method), -32601, 404)
    assert all("id" not in m for m in call(c, "test_streaming_elicitation").sent)
    assert not call(c, "test_logging_tool").sent
    assert call(c, "test_logging_tool", more={PREFIX + "logLevel": "info"}).sent
    identity, seen = c.listen({"toolsListChanged": True, "promptsListChanged": True})
    _, narrow = c.listen({"promptsListChanged": True})
    wait(lambda: seen and narrow)
    call(c, "test_trigger_tool_change")
    call(c, "test_trigger_prompt_change")
    wait(lambda: len(seen) >= 3)
    assert [m["method"].split("/", 1)[1] for m in seen[:3]] == [
        "subscriptions/acknowledged", "tools/list_changed", "prompts/list_changed",
    ]
    assert all(m["params"]["_meta"][PREFIX + "subscriptionId"] == identity for m in seen[:3])
    wait(lambda: len(narrow) >= 2)
    assert [m["method"].split("/")[1] for m in narrow] == ["subscriptions", "prompts"]


def wait(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.01)


@scenario("caching", "modern")
def caching(c):
    for method in ("server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"):
        result = c.request(method).result
        assert result["ttlMs"] >= 0 and result["cacheScope"] in ("public", "private"), method
    assert c.request("resources/read", {"uri": "test://static-text"}).result["ttlMs"] >= 0
    assert "ttlMs" not in call(c, "test_simple_text").result


def accept(**fields):
    return {"action": "accept", "content": fields}


def rounds(name, tool, *answers):
    @scenario(f"input-required-result-{name}", "modern")
    def body(c):
        heard = call(c, tool)
        for given in answers:
            assert heard.result["resultType"] == "input_required", heard.message
            assert set(given) == set(heard.result["inputRequests"]), heard.message
            again = {"inputResponses": given, "requestState": heard.result["requestState"]}
            heard = call(c, tool, params=again)
        assert heard.result["resultType"] == "complete" and not heard.result["isError"], heard.message
        return heard.result["content"][0]["text"]


PREFIXED = "test_input_required_result_"
sampled = {"role": "assistant", "model": "m", "content": {"type": "text", "text": "Paris"}}
rooted = {"roots": [{"uri": "file:///test/root"}]}
rounds("basic-elicitation", PREFIXED + "elicitation", {"user_name": accept(name="Alice")})
rounds("basic-sampling", PREFIXED + "sampling", {"capital_question": sampled})
rounds("basic-list-roots", PREFIXED + "list_roots", {"client_roots": rooted})
rounds("request-state", PREFIXED + "request_state", {"confirm": accept(ok=True)})
rounds(
    "multiple-input-requests", PREFIXED + "multiple_inputs",
    {"user_name": accept(name="Alice"), "greeting": sampled, "client_roots": rooted},
)
rounds("multi-round", PREFIXED + "multi_round", {"step1": accept(name="Alice")}, {"step2": accept(color="blue")})


@scenario("input-required-result-missing-input-response", "modern")
def missing_response(c):
    heard = call(c, PREFIXED + "elicitation", params={"inputResponses": {"wrong_key": accept(data="wrong")}})
    assert heard.result["resultType"] == "input_required"


@scenario("input-required-result-non-tool-request", "modern")
def non_tool(c):
    wanted = {"name": PREFIXED + "prompt"}
    first = c.request("prompts/get", wanted).result
    answers = {"user_context": accept(context="c")}
    again = {**wanted, "inputResponses": answers, "requestState": first["requestState"]}
    assert c.request("prompts/get", again).result["messages"]


@scenario("input-required-result-result-type, -unsupported-methods", "modern")
def result_type(c):
    assert call(c, PREFIXED + "elicitation").result["resultType"] == "input_required"
    for method in ("tools/list", "prompts/list"):
        assert c.request(method).result["resultType"] == "complete"


@scenario("input-required-result-tampered-state", "modern")
def tampered(c):
    state = call(c, PREFIXED + "tampered_state").result["requestState"]
    params = {"inputResponses": {"confirm": accept(ok=True)}, "requestState": state + "-TAMPERED"}
    refused(call(c, PREFIXED + "tampered_state", params=params), -32602, 400)


@scenario("input-required-result-capability-check", "modern")
def capability_check(c):
    result = call(c, PREFIXED + "capabilities", capabilities={"sampling": {}}).result
    assert {q["method"] for q in result["inputRequests"].values()} == {"sampling/createMessage"}


@scenario("input-required-result-ignore-extra-params", "modern")
def ignore_extra(c):
    answers = {"user_name": accept(name="Alice"), "unknown_extra_key": accept(foo="bar")}
    assert call(c, PREFIXED + "elicitation", params={"inputResponses": answers}).result["resultType"] == "complete"


@scenario("input-required-result-validate-input", "modern")
def validate_input(c):
    for bad in ({"user_name": 12345}, None):
        refused(call(c, PREFIXED + "elicitation", params={"inputResponses": bad}), -32602, 400)


@scenario("http-header-validation", "modern", transports=("HTTP",))
def header_validation(c):
    listing = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta()}}
    calling = {"name": "test_simple_text", "arguments": {}, "_meta": meta()}
    calling = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": calling}
    for message, headers in (
        (listing, {"Mcp-Method": "prompts/list"}), (listing, {"Mcp-Method": None}),
        (listing, {"Mcp-Method": "TOOLS/LIST"}), (calling, {"Mcp-Name": "wrong_tool_name"}),
        (calling, {"Mcp-Name": None}),
    ):
        refused(c.raw(message, headers), -32020, 400)
    for message, headers in (
        (calling, {"Mcp-Name": "  test_simple_text  "}), (listing, {"Mcp-Method": None, "mcp-method": "tools/list"}),
        (listing, {"Mcp-Method": None, "MCP-METHOD": "tools/list"}),
    ):
        assert c.raw(message, headers).result


# MARK: - Legacy


@scenario("server-initialize", "legacy")
def initialize(c):
    assert c.hello["protocolVersion"] == LEGACY and c.hello["serverInfo"]["name"] and "tools" in c.hello["capabilities"]


@scenario("ping, logging-set-level", "legacy")
def ping(c):
    assert c.request("ping").result == {}
    assert c.request("logging/setLevel", {"level": "info"}).result == {}


@scenario("tools-call-with-logging", "legacy")
def with_logging(c):
    c.request("logging/setLevel", {"level": "info"})
    heard = call(c, "test_tool_with_logging")
    assert len([m for m in heard.sent if m["method"] == "notifications/message"]) == 3


def asked(name, tool, arguments, wanted):
    @scenario(name, "legacy")
    def body(c):
        heard = call(c, tool, arguments)
        assert wanted in heard.result["content"][0]["text"], heard.message
        assert len([m for m in heard.sent if "id" in m]) == 1


asked("tools-call-sampling", "test_sampling", {"prompt": "p"}, "LLM response: Paris")
asked("tools-call-elicitation", "test_elicitation", {"message": "m"}, "action=accept")
asked("elicitation-sep1034-defaults", "test_elicitation_sep1034_defaults", {}, "John Doe")
asked("elicitation-sep1330-enums", "test_elicitation_sep1330_enums", {}, "action=accept")


@scenario("resources-subscribe, resources-unsubscribe", "legacy")
def subscribe(c):
    for method in ("resources/subscribe", "resources/unsubscribe"):
        assert c.request(method, {"uri": "test://watched-resource"}).result == {}


def plain(c, method, body=None, **headers):
    """A request with the session's headers, and its answer's head."""
    connection = c.connect()
    connection.request(method, c.url.path, body, {**c.headers({}), **headers})
    return connection.getresponse()


@scenario("server-session-lifecycle", "legacy", transports=("HTTP",))
def session_lifecycle(c):
    assert c.session and all(0x21 <= ord(character) <= 0x7E for character in c.session), c.session
    assert plain(c, "DELETE").status == 200
    after = plain(c, "POST", json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}))
    assert after.status == 404, after.status


@scenario("server-sse-polling", "legacy", transports=("HTTP",))
def sse_polling(c):
    answer = plain(c, "GET", Accept="text/event-stream")
    assert answer.status == 200, answer.status
    event = [answer.readline().decode().rstrip() for _ in range(4)]
    assert event[0].startswith("id: ") and event[1] == "data:" and event[2].startswith("retry: "), event
    assert event[3] == "", event


# MARK: - Running them


def run(transport, connect):
    """What became of each scenario: by name and era, "passed" or why not."""
    states = {}
    for name, eras, transports, body in SCENARIOS:
        for era in eras if transport in transports else ():
            try:
                connection = connect(LEGACY if era == "legacy" else None)
                body(connection)
                connection.close()
                states[name, era] = "passed"
            except Exception as error:  # noqa: BLE001 - whatever it is, the scenario has failed
                states[name, era] = f"FAILED: {type(error).__name__}: {str(error)[:400]}"
    return states


def main():
    program = sys.argv[1]
    stdio = run("stdio", lambda version: Stdio(program, version))
    with serving(program, "--conformance") as served, Tee(served.url) as tee:
        over_http = run("HTTP", lambda version: HTTP(tee.mcp, version))
        judges = [tee.judge(), Judge()]
    for record in sorted(Stdio.records, key=lambda record: record.get("method") != "tools/list"):
        judges[1].hear(record)
    violations = [violation for judge in judges for violation in judge.violations]
    everything = [("stdio", key, state) for key, state in stdio.items()]
    everything += [("HTTP", key, state) for key, state in over_http.items()]
    failures = sum(state != "passed" for _, _, state in everything) + len(violations)
    if "--page" in sys.argv and not failures:
        print(page(SCENARIOS, stdio, over_http), end="")
        return 0
    for transport, (name, era), state in everything:
        print(f"{transport:5}  {era:6}  {name}: {state}")
    for violation in violations:
        print(violation)
    print(f"{len(everything)} runs, {sum(judge.count for judge in judges)} messages judged, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
