"""Speaks each legacy version to fixtures and product over HTTP, and has everything judged by its version: PROGRAM URL.

The official client offers only the newest of them.
"""

import sys

from product import CALLS, GRANTS
from serving import serving
from tee import Tee
from wire import HTTP

program, url = sys.argv[1:]
VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
ARGUMENTS = {
    "test_sampling": {"prompt": "p"},
    "test_elicitation": {"message": "m"},
    "test_structured_content": {"a": 1, "b": 2},
    "test_slow": {"seconds": 0.1},
}
WITH_PROGRESS = {"progressToken": "p"}


def open_session(tee, version):
    peer = HTTP(tee.mcp, version)
    assert peer.session and peer.hello["protocolVersion"] == version, peer.hello
    return peer


def fixtures(peer):
    peer.request("logging/setLevel", {"level": "debug"})
    for tool in peer.request("tools/list").result["tools"]:
        arguments = ARGUMENTS.get(tool["name"], {})
        heard = peer.request("tools/call", {"name": tool["name"], "arguments": arguments}, more=WITH_PROGRESS)
        assert heard.result["content"], tool["name"]
    for resource in peer.request("resources/list").result["resources"]:
        peer.request("resources/read", {"uri": resource["uri"]})
    assert peer.request("resources/templates/list").result["resourceTemplates"]
    for prompt in peer.request("prompts/list").result["prompts"]:
        arguments = {argument["name"]: "x" for argument in prompt.get("arguments", [])}
        heard = peer.request("prompts/get", {"name": prompt["name"], "arguments": arguments})
        if prompt["name"].startswith("test_input_required") and peer.legacy < "2025-06-18":
            assert "elicitation/create" in heard.error["message"], heard.message
        else:
            assert heard.result["messages"]
    for method in ("resources/subscribe", "resources/unsubscribe"):
        assert peer.request(method, {"uri": "test://watched-resource"}).result == {}
    reference = {"ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"}}
    assert peer.request("completion/complete", {**reference, "argument": {"name": "arg1", "value": "par"}}).result
    for method, wrong in (("resources/read", {"uri": "test://nope"}), ("tools/call", {"name": "nope"}), ("nope", {})):
        assert peer.request(method, wrong).error


def product(peer):
    listed = {tool["name"] for tool in peer.request("tools/list").result["tools"]}
    assert listed == {call.tool for call in CALLS}, listed
    for call in CALLS:
        # What later calls need of earlier ones is structured content, which the oldest have not.
        if not any(callable(value) for value in call.given.values()):
            heard = peer.request("tools/call", {"name": call.tool, "arguments": call.given}, more=WITH_PROGRESS)
            assert call.may_fail or not heard.result.get("isError"), (call.tool, heard.message)
    for resource in peer.request("resources/list").result["resources"]:
        assert peer.request("resources/read", {"uri": resource["uri"]}).result["contents"]
    for prompt in peer.request("prompts/list").result["prompts"]:
        arguments = {argument["name"]: "SELECT 1" for argument in prompt.get("arguments", [])}
        assert peer.request("prompts/get", {"name": prompt["name"], "arguments": arguments}).result["messages"]


def main():
    for arguments, drive in ((["--conformance"], fixtures), ([url, *GRANTS], product)):
        with serving(program, *arguments) as served, Tee(served.url) as tee:
            for version in VERSIONS:
                drive(open_session(tee, version))
            tee.check(at_least=100)


main()
print("all is well")
