// The modern era's probe table: what each malformed request is answered with, code and HTTP status.

import JSON
import Testing

@testable import MCPServer

@Suite struct ModernProbeTests {
  struct Probe: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var message: String
    var headers: RoutingHeaders?
    var status: Int
    var code: Int64?

    /// With the headers of `tools/list`.
    init(_ name: String, _ message: String, _ status: Int, _ code: Int64?) {
      self.init(name, message, MCPServerTests.headers("tools/list"), status, code)
    }

    init(_ name: String, _ message: String, _ headers: RoutingHeaders?, _ status: Int, _ code: Int64?) {
      testDescription = name
      self.message = message
      self.headers = headers
      self.status = status
      self.code = code
    }
  }

  private static let call = #""name":"test_simple_text","arguments":{}"#
  private static let callHeaders = headers("tools/call", name: "test_simple_text")
  private static func changed(_ change: (inout RoutingHeaders) -> Void) -> RoutingHeaders {
    var changed = callHeaders
    change(&changed)
    return changed
  }
  private static let noCapabilities = """
    {"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{\
    "io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}
    """

  static let table: [Probe] = [
    Probe("well-formed", modern("tools/list"), 200, nil),
    Probe("no _meta", legacy("tools/list"), 400, -32602),
    Probe("no params", #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, 400, -32602),
    Probe("_meta is no object", legacy("tools/list", #"{"_meta":3}"#), 400, -32602),
    Probe("capabilities missing", noCapabilities, 400, -32602),
    Probe("capabilities are no object", modern("tools/list", capabilities: "[]"), 400, -32602),
    Probe(
      "version is no string", modern("tools/list").replacing("\"2026-07-28\"", with: "20260728"), 400, -32602),
    Probe(
      "clientInfo is no object", modern("tools/list", meta: #""io.modelcontextprotocol/clientInfo":1"#), 400, -32602),
    Probe(
      "header and body differ in version", modern("tools/list"), headers("tools/list", version: "2025-11-25"), 400,
      -32020),
    Probe("version header missing", modern("tools/list"), RoutingHeaders(method: ["tools/list"]), 400, -32020),
    Probe(
      "unknown version in both", modern("tools/list", version: "1900-01-01"),
      headers("tools/list", version: "1900-01-01"), 400, -32022),
    Probe(
      "legacy version in modern form", modern("tools/list", version: "2025-11-25"),
      headers("tools/list", version: "2025-11-25"), 400, -32022),
    Probe(
      "unknown version, header only", legacy("tools/list"), headers("tools/list", version: "2031-01-01"), 400, -32022),
    Probe("method header missing", modern("tools/call", call), changed { $0.method = [] }, 400, -32020),
    Probe("method header wrong", modern("tools/call", call), changed { $0.method = ["tools/list"] }, 400, -32020),
    Probe(
      "method header in another case", modern("tools/call", call), changed { $0.method = ["Tools/Call"] }, 400, -32020),
    Probe("name header missing", modern("tools/call", call), changed { $0.name = [] }, 400, -32020),
    Probe("name header wrong", modern("tools/call", call), changed { $0.name = ["other"] }, 400, -32020),
    Probe("name header twice", modern("tools/call", call), changed { $0.name += $0.name }, 400, -32020),
    Probe("version header twice", modern("tools/call", call), changed { $0.version += $0.version }, 400, -32020),
    Probe(
      "name header with blanks", modern("tools/call", call), changed { $0.name = [" test_simple_text\t"] }, 200, nil),
    Probe(
      "name header in base64", modern("tools/call", call),
      changed { $0.name = ["=?base64?dGVzdF9zaW1wbGVfdGV4dA==?="] }, 200, nil),
    Probe(
      "name header in bad base64", modern("tools/call", call), changed { $0.name = ["=?base64?dGV*?="] }, 400, -32020),
    Probe("unknown method", modern("tools/frobnicate"), headers("tools/frobnicate"), 404, -32601),
    Probe("ping", modern("ping"), headers("ping"), 404, -32601),
    Probe("initialize", modern("initialize"), headers("initialize"), 404, -32601),
    Probe("initialize, modern header only", legacy("initialize"), headers("initialize"), 404, -32601),
    Probe("logging/setLevel", modern("logging/setLevel"), headers("logging/setLevel"), 404, -32601),
    Probe("resources/subscribe", modern("resources/subscribe"), headers("resources/subscribe"), 404, -32601),
    Probe("resources/unsubscribe", modern("resources/unsubscribe"), headers("resources/unsubscribe"), 404, -32601),
    Probe("tasks/get", modern("tasks/get"), headers("tasks/get"), 404, -32601),
    Probe("tools/call without a name", modern("tools/call"), headers("tools/call"), 400, -32602),
    Probe("tools/call, name is a number", modern("tools/call", #""name":1"#), headers("tools/call"), 400, -32602),
    Probe(
      "tools/call, arguments are no object", modern("tools/call", #""name":"test_simple_text","arguments":[]"#),
      callHeaders, 400, -32602),
    Probe("unknown tool", modern("tools/call", #""name":"nope""#), headers("tools/call", name: "nope"), 400, -32602),
    Probe("bad logLevel", modern("tools/list", meta: #""io.modelcontextprotocol/logLevel":"loud""#), 400, -32602),
    Probe("bad progressToken", modern("tools/list", meta: #""progressToken":[]"#), 400, -32602),
    Probe(
      "elicitation needed, undeclared", modern("tools/call", #""name":"test_input_required_result_elicitation""#),
      headers("tools/call", name: "test_input_required_result_elicitation"), 400, -32021),
    Probe(
      "sampling needed, undeclared", modern("tools/call", #""name":"test_missing_capability""#),
      headers("tools/call", name: "test_missing_capability"), 400, -32021),
    Probe(
      "made-up requestState", modern("tools/call", call + #","requestState":"v1.AAAA""#), callHeaders, 400, -32602),
    Probe("requestState is a number", modern("tools/call", call + #","requestState":1"#), callHeaders, 400, -32602),
    Probe(
      "inputResponses with action maybe",
      modern("tools/call", call + #","inputResponses":{"a":{"action":"maybe"}}"#), callHeaders, 400, -32602),
    Probe("inputResponses is null", modern("tools/call", call + #","inputResponses":null"#), callHeaders, 400, -32602),
    Probe(
      "an answer is a number", modern("tools/call", call + #","inputResponses":{"a":1}"#), callHeaders, 400, -32602),
    Probe("listen without notifications", modern("subscriptions/listen"), headers("subscriptions/listen"), 400, -32602),
    Probe(
      "listen with a bad filter", modern("subscriptions/listen", #""notifications":{"toolsListChanged":1}"#),
      headers("subscriptions/listen"), 400, -32602),
    Probe("bad cursor", modern("tools/list", #""cursor":"p2""#), 400, -32602),
    Probe("cursor is a number", modern("tools/list", #""cursor":2"#), 400, -32602),
    Probe("not JSON", "{", 400, -32700),
    Probe("nothing", "", 400, -32700),
    Probe("a batch", "[\(modern("tools/list"))]", 400, -32600),
    Probe("an empty batch", "[]", 400, -32600),
    Probe("id is null", modern("tools/list", id: "null"), 400, -32600),
    Probe("id is a fraction", modern("tools/list", id: "1.5"), 400, -32600),
    Probe("id is an object", modern("tools/list", id: "{}"), 400, -32600),
    Probe("id is beyond 64 bits", modern("tools/list", id: "18446744073709551616"), 400, -32600),
    Probe("a posted response", #"{"jsonrpc":"2.0","id":1,"result":{}}"#, 400, -32600),
    Probe("no jsonrpc", modern("tools/list").replacing("\"jsonrpc\":\"2.0\",", with: ""), 400, -32600),
    Probe("jsonrpc 1.0", modern("tools/list").replacing("\"2.0\"", with: "\"1.0\""), 400, -32600),
    Probe("method is a number", #"{"jsonrpc":"2.0","id":1,"method":7}"#, 400, -32600),
    Probe("params is an array", #"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}"#, 400, -32602),
    Probe("a text", #""tools/list""#, 400, -32600),
    Probe("a notification", #"{"jsonrpc":"2.0","method":"notifications/whatever"}"#, 202, nil),
    Probe("a notification without headers", modern("notifications/x").replacing("\"id\":1,", with: ""), nil, 202, nil),
    Probe(
      "unknown resource", modern("resources/read", #""uri":"test://nope""#),
      headers("resources/read", name: "test://nope"), 400, -32602),
    Probe(
      "unknown prompt", modern("prompts/get", #""name":"nope""#), headers("prompts/get", name: "nope"), 400, -32602),
    Probe(
      "prompt without its arguments", modern("prompts/get", #""name":"test_prompt_with_arguments""#),
      headers("prompts/get", name: "test_prompt_with_arguments"), 400, -32602),
    Probe("completion without ref", modern("completion/complete"), headers("completion/complete"), 400, -32602),
    Probe(
      "a tool's failure", modern("tools/call", #""name":"test_error_handling""#),
      headers("tools/call", name: "test_error_handling"), 200, nil),
  ]

  @Test(arguments: table) func isAnswered(_ probe: Probe) async {
    let heard = await Peer(conversation: nil).say(probe.message, headers: probe.headers)
    #expect(heard.status == probe.status && heard.code == probe.code, "\(heard)")
    #expect(heard.answer?["id"] != JSONValue.null)
  }

  /// Stdio has no headers, and the same codes wherever none were at fault.
  @Test(arguments: table.filter { ($0.code ?? 0) != -32020 && $0.headers?.version == ["2026-07-28"] })
  func isAnsweredOnStdio(_ probe: Probe) async {
    let isModern = probe.message.contains("io.modelcontextprotocol/protocolVersion")
    guard isModern, !probe.message.hasPrefix("[") else { return }
    let heard = await Peer().say(probe.message)
    #expect(heard.code == probe.code, "\(heard)")
  }

  @Test func errorsSayWhatIsNeeded() async {
    let peer = Peer(conversation: nil)
    let version = await peer.say(
      modern("tools/list", id: #""a""#, version: "1900-01-01"), headers: headers("tools/list", version: "1900-01-01"))
    #expect(version.answer?["error"]?["data"] == ["supported": ["2026-07-28"], "requested": "1900-01-01"])
    #expect(version.answer?["id"] == "a")
    let capability = await peer.say(modern("tools/call", #""name":"test_input_required_result_elicitation""#))
    #expect(capability.answer?["error"]?["data"] == ["requiredCapabilities": ["elicitation": ["form": [:]]]])
    let all = await peer.say(modern("tools/call", #""name":"test_input_required_result_multiple_inputs""#))
    #expect(
      all.answer?["error"]?["data"]
        == ["requiredCapabilities": ["elicitation": ["form": [:]], "sampling": [:], "roots": [:]]])
    let resource = await peer.say(modern("resources/read", #""uri":"test://nope""#))
    #expect(resource.answer?["error"]?["data"] == ["uri": "test://nope"])
    let tool = await peer.say(modern("tools/call", #""name":"test_simple_tex""#))
    #expect(
      tool.answer?["error"]?["message"]?.string == "Unknown tool: test_simple_tex. Did you mean test_simple_text?")
    let method = await peer.say(modern("ping"))
    #expect(method.answer?["error"]?["data"] == "ping")
  }
}
