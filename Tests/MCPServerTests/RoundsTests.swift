// Calls that ask the client: sealed state in the modern era, requests of ours in the legacy one, one tool for both.

import Cryptography
import Governance
import JSON
import Testing

@testable import MCPServer

@Suite(.timeLimit(.minutes(1))) struct RoundsTests {
  private func call(_ tool: String, _ more: String = "", arguments: String = "{}") -> String {
    let parameters = #""name":"\#(tool)","arguments":\#(arguments)"# + (more.isEmpty ? "" : "," + more)
    return modern("tools/call", parameters, capabilities: everything)
  }

  private func state(_ heard: Heard) throws -> String {
    #expect(heard.result?["resultType"] == "input_required" && heard.status == 200)
    return try #require(heard.result?["requestState"]?.string)
  }

  @Test func aModernCallGoesRoundByRound() async throws {
    let peer = Peer(conversation: nil)
    let tool = "test_input_required_result_multi_round"
    let first = await peer.say(call(tool))
    #expect(first.result?["inputRequests"]?["step1"]?["method"] == "elicitation/create")
    let answer = #""inputResponses":{"step1":{"action":"accept","content":{"name":"Ann"}}}"#
    let second = await peer.say(call(tool, #"\#(answer),"requestState":"\#(try state(first))""#))
    #expect(second.result?["inputRequests"]?["step2"] != nil)
    let color = #""inputResponses":{"step2":{"action":"accept","content":{"color":"red"}}}"#
    let third = await peer.say(call(tool, #"\#(color),"requestState":"\#(try state(second))""#))
    #expect(third.text == "Ann likes red" && third.result?["resultType"] == "complete")
    #expect(third.result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "pgadvisor")
  }

  @Test func aMissingAnswerIsAskedForAgain() async throws {
    let peer = Peer(conversation: nil)
    let wrong = #""inputResponses":{"wrong":{"action":"accept","content":{}}}"#
    let again = await peer.say(call("test_input_required_result_elicitation", wrong))
    #expect(again.result?["resultType"] == "input_required")
    let right =
      #""inputResponses":{"user_name":{"action":"accept","content":{"name":"Ann"}},"more":{"action":"accept"}}"#
    #expect(await peer.say(call("test_input_required_result_elicitation", right)).text == "Hello, Ann!")
  }

  @Test func aStateIsGoodForOneCallOfOneCaller() async throws {
    let tool = "test_input_required_result_request_state"
    let answer = #""inputResponses":{"confirm":{"action":"accept","content":{"ok":true}}}"#
    var peer = Peer(conversation: nil)
    let sealed = try state(await peer.say(call(tool)))
    let proof = #"\#(answer),"requestState":"\#(sealed)""#
    #expect(await peer.say(call(tool, proof)).text?.hasPrefix("state-ok") == true)
    // Tampered with, in another tool, with other arguments, of somebody else.
    var tampered = Array(sealed)
    tampered[20] = tampered[20] == "A" ? "B" : "A"
    for bad in [
      call(tool, #"\#(answer),"requestState":"\#(String(tampered))""#),
      call(tool, #"\#(answer),"requestState":"\#(sealed)-TAMPERED""#),
      call("test_input_required_result_tampered_state", proof), call(tool, proof, arguments: #"{"a":1}"#),
    ] {
      let heard = await peer.say(bad)
      #expect(heard.status == 400 && heard.code == -32602)
      #expect(heard.answer?["error"]?["data"] == ["reason": "invalid_request_state"])
    }
    peer.caller = Caller(Principal(name: "tester", onBehalfOf: "somebody"), permissions: ["main": [.read]])
    #expect(await peer.say(call(tool, proof)).code == -32602)
    #expect(await Peer(conversation: nil).say(call(tool, proof)).code == -32602, "another server's key")
  }

  @Test func aStateExpires() throws {
    let binding = StateBinding(
      principal: Principal(name: "a"), method: "tools/call", name: "t", arguments: ["a": 1, "b": ["c": [1, ["d": 2]]]])
    let key = SealingKey()
    let carried = CarriedState(questions: ["q": "roots/list"], state: ["x": [1, nil]])
    var seal = StateSeal(key: key, lifetime: .seconds(600), now: { 1_000 })
    let text = seal.seal(carried, for: binding)
    var same = binding
    same.arguments = ["b": ["c": [1, ["d": 2]]], "a": 1]
    #expect(try seal.open(.string(text), for: same) == carried)
    seal.now = { 1_599 }
    #expect(try seal.open(.string(text), for: binding) == carried)
    seal.now = { 1_600 }
    #expect(throws: ProtocolError.self) { try seal.open(.string(text), for: binding) }
    #expect(throws: ProtocolError.self) { try seal.open(nil, for: binding) }
  }

  @Test func aLegacyClientIsAskedWhileItWaits() async throws {
    let peer = Peer()
    await peer.shakeHands(.june2025, capabilities: #"{"elicitation":{},"sampling":{},"roots":{}}"#)
    async let heard = peer.say(
      legacy("tools/call", #"{"name":"test_input_required_result_multiple_inputs"}"#, id: "7"))
    let form = try await peer.outbox.first { $0["method"] == "elicitation/create" }
    // Versions before 2025-11-25 have no modes.
    #expect(form["params"]?["mode"] == nil && form["params"]?["requestedSchema"] != nil)
    let answers = [
      ("elicitation/create", #"{"action":"accept","content":{"name":"Ann"}}"#),
      ("sampling/createMessage", #"{"role":"assistant","model":"m","content":{"type":"text","text":"Hi"}}"#),
      ("roots/list", #"{"roots":[{"uri":"file:///r"}]}"#),
    ]
    for (method, answer) in answers {
      let asked = try await peer.outbox.first { $0["method"]?.string == method }
      let id = try #require(asked["id"]?.integer)
      _ = await peer.say(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(answer)}"#)
    }
    #expect(await heard.text == "Hi Ann, roots: 1")
    #expect(peer.conversation?.isBusy == false)
  }

  @Test(arguments: [
    (#""error":{"code":-32601,"message":"no"}"#, "cancel"), (#""result":{"action":"maybe"}"#, "cancel"),
    (#""result":{"action":"decline"}"#, "decline"), (#""result":7"#, "cancel"),
  ])
  func nobodyAgreesByAccident(_ answer: String, _ action: String) async throws {
    let peer = Peer()
    await peer.shakeHands(capabilities: everything)
    async let heard = peer.say(
      legacy("tools/call", #"{"name":"test_elicitation","arguments":{"message":"m"}}"#, id: "7"))
    let id = try #require(try await peer.outbox.first { $0["method"] == "elicitation/create" }["id"]?.integer)
    _ = await peer.say(#"{"jsonrpc":"2.0","id":\#(id + 1),"result":{"action":"accept"}}"#)
    _ = await peer.say(#"{"jsonrpc":"2.0","id":\#(id),\#(answer)}"#)
    #expect(await heard.text?.contains("action=\(action)") == true)
  }

  @Test func silenceIsNoAnswer() async throws {
    var limits = ServerLimits()
    limits.questionPatience = .milliseconds(50)
    let peer = Peer(limits: limits)
    await peer.shakeHands(capabilities: everything)
    let heard = await peer.say(legacy("tools/call", #"{"name":"test_elicitation","arguments":{"message":"m"}}"#))
    #expect(heard.text?.contains("action=cancel") == true)
    #expect(peer.outbox.all.last?["method"] == "notifications/cancelled")
    let sampling = await peer.say(legacy("tools/call", #"{"name":"test_sampling","arguments":{"prompt":"p"}}"#))
    #expect(sampling.result?["isError"] == true)
  }

  @Test func clientsThatCannotBeAskedAreTold() async {
    let undeclared = Peer()
    await undeclared.shakeHands()
    let call = legacy("tools/call", #"{"name":"test_elicitation","arguments":{"message":"m"}}"#)
    let heard = await undeclared.say(call)
    #expect(heard.result?["isError"] == true && heard.text?.contains("has not declared") == true)
    let old = Peer()
    await old.shakeHands(.march2025, capabilities: everything)
    #expect(await old.say(call).text?.contains("has not declared") == true)
    let deaf = Peer()
    await deaf.shakeHands(capabilities: everything)
    #expect(await deaf.say(call, isOpen: false).text?.contains("cannot be asked") == true)
    #expect(undeclared.outbox.all.isEmpty && old.outbox.all.isEmpty && deaf.outbox.all.isEmpty)
    // One that declares links only is not given a form.
    #expect(
      await Peer(conversation: nil).say(
        modern(
          "tools/call", #""name":"test_input_required_result_elicitation""#,
          capabilities: #"{"elicitation":{"url":{}}}"#)
      ).code == -32021)
    #expect(
      await Peer(conversation: nil).say(
        modern("tools/call", #""name":"test_input_required_result_elicitation""#, capabilities: #"{"elicitation":{}}"#)
      ).result?["resultType"] == "input_required")
  }

  @Test func formsOf2025June18HaveFewerFields() throws {
    func older(_ field: JSONValue) -> JSONObject? {
      InputRequired.Question(
        key: "k", method: "elicitation/create",
        parameters: [
          "mode": "form", "message": "?", "requestedSchema": ["type": "object", "properties": ["f": field]],
        ]
      ).parametersOfJune2025
    }
    let choice = older(["type": "string", "oneOf": [["const": "a", "title": "A"], ["const": "b", "title": "B"]]])
    #expect(
      choice == [
        "message": "?",
        "requestedSchema": [
          "type": "object", "properties": ["f": ["type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]]],
        ],
      ])
    let text = older(["type": "string", "default": "x", "minLength": 1])
    #expect(text?["requestedSchema"]?["properties"]?["f"] == ["type": "string", "minLength": 1])
    #expect(older(["type": "boolean", "default": true])?["requestedSchema"]?["properties"]?["f"]?["default"] == true)
    #expect(older(["type": "array", "items": ["type": "string", "enum": ["a"]]]) == nil)
    let page: JSONObject = ["mode": "url", "message": "?", "url": "https://example.com"]
    #expect(
      InputRequired.Question(key: "k", method: "elicitation/create", parameters: page).parametersOfJune2025 == nil)
    #expect(InputRequired.Question(key: "k", method: "roots/list", parameters: [:]).parametersOfJune2025 == [:])
  }

  @Test func promptsAskToo() async throws {
    let peer = Peer(conversation: nil)
    let get = #""name":"test_input_required_result_prompt""#
    let first = await peer.say(modern("prompts/get", get, capabilities: everything))
    let answer = #","inputResponses":{"user_context":{"action":"accept","content":{"context":"c"}}},"requestState":""#
    let second = await peer.say(
      modern("prompts/get", "\(get)\(answer)\(try state(first))\"", capabilities: everything))
    #expect(second.result?["messages"]?[0]?["content"]?["text"] == "Prompt with context: c")
  }
}
