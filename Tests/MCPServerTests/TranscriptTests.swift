// What each version of the protocol is told, word by word, and what the official types say about it.

import JSON
import Support
import Testing

@testable import MCPServer

@Suite struct TranscriptTests {
  /// Method and parameters of what is asked in every version.
  private static let common: [(method: String, parameters: String)] = [
    ("tools/list", ""), ("tools/list", #""cursor":"nope""#),
    ("tools/call", #""name":"test_simple_text""#), ("tools/call", #""name":"test_image_content""#),
    ("tools/call", #""name":"test_audio_content""#), ("tools/call", #""name":"test_embedded_resource""#),
    ("tools/call", #""name":"test_resource_link""#), ("tools/call", #""name":"test_error_handling""#),
    ("tools/call", #""name":"test_multiple_content_types""#),
    ("tools/call", #""name":"test_structured_content","arguments":{"a":1,"b":2}"#),
    ("tools/call", #""name":"test_structured_content","arguments":{}"#),
    ("tools/call", #""name":"test_tool_with_progress""#), ("tools/call", #""name":"test_tool_with_logging""#),
    ("tools/call", #""name":"test_missing_capability""#), ("tools/call", #""name":"nope""#),
    ("resources/list", ""), ("resources/templates/list", ""), ("resources/read", #""uri":"test://static-text""#),
    ("resources/read", #""uri":"test://static-binary""#), ("resources/read", #""uri":"test://template/1/data""#),
    ("resources/read", #""uri":"test://nope""#), ("prompts/list", ""),
    ("prompts/get", #""name":"test_prompt_with_arguments","arguments":{"arg1":"a","arg2":"b"}"#),
    ("prompts/get", #""name":"test_prompt_with_image""#), ("prompts/get", #""name":"nope""#),
    ("prompts/get", #""name":"test_prompt_with_embedded_resource","arguments":{"resourceUri":"test://x"}"#),
    ("completion/complete", #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"par"}"#),
    ("completion/complete", #""ref":{"type":"ref/resource","uri":"u"},"argument":{"name":"a","value":""}"#),
    ("no/such/method", ""),
  ]
  private static let modernOnly = [
    ("server/discover", ""), ("tools/call", #""name":"test_input_required_result_multiple_inputs""#),
    ("prompts/get", #""name":"test_input_required_result_prompt""#),
  ]
  private static let legacyOnly = [
    ("ping", ""), ("logging/setLevel", #""level":"info""#), ("resources/subscribe", #""uri":"test://static-text""#),
    ("resources/unsubscribe", #""uri":"test://static-text""#), ("tools/call", #""name":"test_sampling""#),
    ("tools/call", #""name":"test_elicitation""#), ("tools/call", #""name":"test_elicitation_sep1034_defaults""#),
    ("tools/call", #""name":"test_elicitation_sep1330_enums""#),
    ("tools/call", #""name":"test_input_required_result_list_roots""#),
  ]

  /// One line for each message: which version, what was asked, what was said.
  static func transcript(_ version: ProtocolVersion) async throws -> [JSONValue] {
    var limits = ServerLimits()
    limits.questionPatience = .milliseconds(20)
    let peer = Peer(limits: limits)
    var lines: [JSONValue] = []
    func note(_ method: String, _ answer: JSONValue?, sent: ArraySlice<JSONValue>) {
      for message in sent { lines.append(["version": .string(version.rawValue), "sent": masked(message)]) }
      guard let answer else { return }
      lines.append(["version": .string(version.rawValue), "method": .string(method), "answer": masked(answer)])
    }
    if !version.isModern {
      let hello = #"{"protocolVersion":"\#(version.rawValue)","capabilities":\#(everything),"clientInfo":{}}"#
      note("initialize", await peer.say(legacy("initialize", hello)).answer, sent: [])
    }
    for (number, (method, parameters)) in (common + (version.isModern ? modernOnly : legacyOnly)).enumerated() {
      let before = peer.outbox.all.count
      let meta = #""progressToken":"t","io.modelcontextprotocol/logLevel":"info""#
      let message =
        version.isModern
        ? modern(method, parameters, id: "\(number)", capabilities: Self.declared(parameters), meta: meta)
        : legacy(
          method, "{\(parameters.isEmpty ? "" : parameters + ",")\"_meta\":{\"progressToken\":\"t\"}}", id: "\(number)")
      let heard = await peer.say(message)
      note(method, heard.answer, sent: peer.outbox.all[before...])
    }
    return lines
  }

  private static func declared(_ parameters: String) -> String {
    parameters.contains("missing_capability") ? "{}" : everything
  }

  /// Sealed states are never the same twice.
  private static func masked(_ message: JSONValue) -> JSONValue {
    guard var object = message.object, var result = object["result"]?.object, result["requestState"] != nil else {
      return message
    }
    result["requestState"] = "v1.sealed"
    object["result"] = .object(result)
    return .object(object)
  }

  @Test(arguments: ProtocolVersion.allCases) func isSaidWordByWord(_ version: ProtocolVersion) async throws {
    let lines = try await Self.transcript(version)
    #expect(lines.count > 30)
    expectGolden(lines.map { $0.text() + "\n" }.joined(), at: "Fixtures/mcp/\(version.rawValue).jsonl")
  }

  /// Members of messages, by the version that brought them; schemas and the contents of resources are left out.
  private static func members(_ value: JSONValue) -> Set<String> {
    switch value {
    case .object(let object):
      return object.entries.reduce(into: []) { all, entry in
        all.insert(entry.key)
        if !["inputSchema", "outputSchema", "capabilities", "requestedSchema"].contains(entry.key) {
          all.formUnion(members(entry.value))
        }
      }
    case .array(let elements): return elements.reduce(into: []) { $0.formUnion(members($1)) }
    default: return []
    }
  }

  @Test func olderVersionsNeverSeeNewerFields() async throws {
    let news: [(version: ProtocolVersion, members: Set<String>)] = [
      (.march2025, ["annotations", "readOnlyHint"]),
      (.june2025, ["outputSchema", "structuredContent", "requestedSchema"]), (.november2025, ["mode"]),
      (.july2026, ["resultType", "ttlMs", "cacheScope", "_meta", "inputRequests", "requestState"]),
    ]
    for version in ProtocolVersion.allCases {
      let lines = try await Self.transcript(version)
      let seen = lines.reduce(into: Set<String>()) { $0.formUnion(Self.members($1["answer"] ?? $1["sent"] ?? nil)) }
      for (introduced, members) in news where version < introduced {
        #expect(seen.isDisjoint(with: members), "\(version) sees members of \(introduced)")
      }
      for (introduced, members) in news where version == introduced {
        // An elicitation is inside the result in the modern era, and has its mode there.
        #expect(members.isSubset(of: seen), "\(version) lacks \(members.subtracting(seen))")
      }
      let kinds = Set(
        lines.flatMap { $0["answer"]?["result"]?["content"]?.array ?? [] }.compactMap { $0["type"]?.string })
      #expect(kinds.contains("audio") == (version >= .march2025))
      #expect(kinds.contains("resource_link") == (version >= .june2025))
      #expect(seen.contains("title") == (version >= .march2025), "tools have had a title in their hints since then")
    }
  }

  @Test(.needsPython) func theOfficialTypesAgree() async throws {
    var lines: [JSONValue] = []
    for version in ProtocolVersion.allCases { lines += try await Self.transcript(version) }
    let input = lines.map { $0.text() + "\n" }.joined()
    let output = try await onOwnThread { try runPython("validate.py", input: input) }
    #expect(output.status == 0, "\(output.text)")
    #expect(output.text.contains("\(lines.count) messages, 0 violations"), "\(output.text)")
  }

  /// What the official types must be able to find: a member of a newer version, one of none, a text for a number, …
  private static let damages: [(version: ProtocolVersion, from: String, to: String)] = [
    (.july2026, #""resultType":"complete","#, ""), (.july2026, #""ttlMs":"#, #""ttlMs":-"#),
    (.july2026, #""code":-32602"#, #""code":-32002"#), (.july2026, #""content":["#, #""contents":["#),
    (.november2025, #""content":["#, #""resultType":"complete","content":["#),
    (.november2025, #""code":-32002"#, #""code":-32021"#), (.june2025, #""id":0,"#, #""id":null,"#),
    (.june2025, #""progress":50"#, #""progress":"50""#),
    (.june2025, #""requestedSchema":"#, #""mode":"form","requestedSchema":"#),
    (.june2025, #""description":"User name""#, #""description":"User name","default":"Ann""#),
    (.march2025, #""readOnlyHint":true"#, #""readOnlyHint":"true""#),
    (.march2025, #""inputSchema":"#, #""outputSchema":{"type":"object"},"inputSchema":"#),
    (.november2024, #""inputSchema":"#, #""annotations":{},"inputSchema":"#),
    (.november2024, #""progress":50"#, #""message":"half","progress":50"#),
    (.november2024, #""type":"image""#, #""type":"audio""#), (.november2024, #""jsonrpc":"2.0","#, ""),
    (.november2024, #""type":"object""#, #""type":"objekt""#),
  ]

  @Test(.needsPython) func theOfficialTypesFindDamage() async throws {
    var broken: [String] = []
    for damage in Self.damages {
      let lines = try await Self.transcript(damage.version).map { $0.text() }
      let line = try #require(lines.first { $0.contains(damage.from) }, "\(damage)")
      let place = try #require(line.firstRange(of: damage.from))
      broken.append(line[..<place.lowerBound] + damage.to + line[place.upperBound...])
    }
    let input = broken.map { $0 + "\n" }.joined()
    let output = try await onOwnThread { try runPython("validate.py", input: input) }
    #expect(output.status == 1)
    #expect(output.text.contains("\(broken.count) messages, \(broken.count) violations"), "\(output.text)")
  }
}
