// The legacy eras' probe table: the handshake, what may come before it, and what each version is told.

import JSON
import Testing

@testable import MCPServer

@Suite struct LegacyProbeTests {
  @Test(arguments: [
    ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
    ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("2099-01-01", "2025-11-25"), ("", "2025-11-25"),
  ])
  func versionsAreNegotiated(_ requested: String, _ agreed: String) async {
    let peer = Peer()
    let heard = await peer.say(legacy("initialize", #"{"protocolVersion":"\#(requested)","capabilities":{}}"#))
    #expect(heard.result?["protocolVersion"]?.string == agreed)
    #expect(peer.conversation?.version?.rawValue == agreed)
    #expect(heard.result?["resultType"] == nil && heard.result?["_meta"] == nil)
  }

  struct Probe: Sendable, CustomTestStringConvertible {
    var testDescription: String { "\(message) \(isBefore ? "before" : "after") the handshake" }
    var message: String
    var isBefore: Bool
    var code: Int64?

    init(_ message: String, isBefore: Bool = false, _ code: Int64?) {
      self.message = message
      self.isBefore = isBefore
      self.code = code
    }
  }

  static let table: [Probe] = [
    Probe(legacy("ping"), isBefore: true, nil), Probe(legacy("tools/list"), isBefore: true, -32602),
    Probe(legacy("tools/call"), isBefore: true, -32602), Probe(legacy("logging/setLevel"), isBefore: true, -32602),
    Probe(legacy("server/discover"), isBefore: true, -32601), Probe(legacy("x/y"), isBefore: true, -32601),
    Probe(legacy("initialize", "{}"), isBefore: true, -32602),
    Probe(legacy("initialize", #"{"protocolVersion":"2025-11-25","capabilities":[]}"#), isBefore: true, -32602),
    Probe(modern("tools/list"), isBefore: true, nil), Probe(modern("initialize"), isBefore: true, -32601),
    Probe(legacy("ping"), nil), Probe(legacy("tools/list"), nil),
    Probe(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, nil),
    Probe(legacy("server/discover"), -32601), Probe(legacy("subscriptions/listen"), -32601),
    Probe(legacy("x/y"), -32601),
    Probe(modern("server/discover"), nil), Probe(modern("tools/list", version: "2025-11-25"), -32022),
    Probe(legacy("tools/list", #"{"_meta":{"progressToken":1}}"#), nil),
    Probe(legacy("logging/setLevel", #"{"level":"debug"}"#), nil),
    Probe(legacy("logging/setLevel", #"{"level":"loud"}"#), -32602),
    Probe(legacy("resources/subscribe", #"{"uri":"test://watched-resource"}"#), nil),
    Probe(legacy("resources/subscribe"), -32602),
    Probe(legacy("resources/unsubscribe", #"{"uri":"test://never"}"#), nil),
    Probe(legacy("resources/read", #"{"uri":"test://nope"}"#), -32002),
    Probe(legacy("tools/call", #"{"name":"nope"}"#), -32602),
    Probe(legacy("tools/call", #"{"name":"test_missing_capability"}"#), nil),
    Probe(legacy("tools/call", #"{"name":"test_simple_text","requestState":"x","inputResponses":7}"#), nil),
    Probe(legacy("initialize", #"{"protocolVersion":"2025-11-25","capabilities":{}}"#), nil),
    Probe("[\(legacy("ping"))]", -32600), Probe("[]", -32600),
  ]

  /// Errors of a session travel under 200: a client takes 404 for the end of the session.
  @Test(arguments: table) func isAnswered(_ probe: Probe) async {
    let peer = Peer()
    if !probe.isBefore { await peer.shakeHands() }
    let heard = await peer.say(probe.message)
    #expect(heard.code == probe.code, "\(heard)")
    if probe.code != -32600, !probe.message.contains("_meta") { #expect(heard.status == 200) }
  }

  @Test func withoutASessionItIsServedStatelessly() async {
    let peer = Peer(conversation: nil)
    let plain = await peer.say(legacy("tools/list"), headers: RoutingHeaders())
    // Without a header this is 2025-03-26, which has hints and no titles.
    #expect(plain.result?["tools"]?[0]?["annotations"] != nil && plain.result?["tools"]?[0]?["title"] == nil)
    let newer = await peer.say(legacy("tools/list"), headers: RoutingHeaders(version: ["2025-06-18"]))
    #expect(newer.result?["tools"]?[0]?["title"] != nil && newer.result?["resultType"] == nil)
    let call = await peer.say(legacy("tools/call", #"{"name":"test_simple_text"}"#), headers: RoutingHeaders())
    #expect(call.text == "This is a simple text response for testing.")
    #expect(await peer.say(legacy("logging/setLevel", #"{"level":"info"}"#)).code == -32601)
    #expect(await peer.say(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).status == 400)
    let asking = await peer.say(legacy("tools/call", #"{"name":"test_elicitation","arguments":{"message":"m"}}"#))
    #expect(asking.result?["isError"] == true && asking.text?.contains("cannot be asked") == true)
  }

  @Test func batchesAreForOneVersionOnly() async {
    let batch = """
      [\(legacy("ping", id: "1")),{"jsonrpc":"2.0","method":"notifications/initialized"},7,\
      \(legacy("tools/call", #"{"name":"test_simple_text"}"#, id: #""two""#)),\(legacy("initialize", id: "3")),\
      \(modern("ping", id: "4"))]
      """
    let peer = Peer()
    await peer.shakeHands(.march2025)
    let heard = await peer.say(batch)
    #expect(heard.status == 200)
    #expect(heard.answer?.array?.map { $0["id"] } == [1, nil, "two", 3, 4])
    #expect(heard.answer?.array?.map { $0["error"]?["code"]?.integer } == [nil, -32600, nil, -32600, -32600])
    #expect(await peer.say(#"[{"jsonrpc":"2.0","method":"notifications/initialized"}]"#).status == 202)
    #expect(await peer.say("[\(Array(repeating: legacy("ping"), count: 101).joined(separator: ","))]").code == -32600)
    for version in [ProtocolVersion.november2024, .june2025, .november2025] {
      let other = Peer()
      await other.shakeHands(version)
      #expect(await other.say(batch).code == -32600)
    }
  }

  @Test func oneProcessSpeaksBothErasAtOnce() async {
    let peer = Peer()
    #expect(await peer.say(modern("server/discover")).result?["supportedVersions"] == ["2026-07-28"])
    await peer.shakeHands(.june2025)
    let modernList = await peer.say(modern("tools/list"))
    #expect(modernList.result?["resultType"] == "complete")
    let legacyList = await peer.say(legacy("tools/list"))
    #expect(legacyList.result?["resultType"] == nil && legacyList.result?["ttlMs"] == nil)
  }
}
