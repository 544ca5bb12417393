// Answers that become streams, streams that are lost and found again, and clients that go away.

import Governance
import HTTPServer
import JSON
import Synchronization
import Testing

@testable import MCPServer

@Suite struct HTTPStreamTests {
  private static let progress = #""progressToken":"p""#

  @Test func quietCallsAnswerJSONAndTalkativeOnesStream() async throws {
    let peer = WebPeer()
    let quiet = await peer.call("test_simple_text")
    #expect(quiet.pieces == nil && quiet.header("Content-Type") == "application/json")
    #expect(quiet.header("MCP-Protocol-Version") == "2026-07-28")
    let loud = await peer.call("test_tool_with_progress", meta: Self.progress)
    #expect(loud.status == 200 && loud.header("Content-Type") == "text/event-stream")
    #expect(loud.header("Cache-Control") == "no-cache, no-transform" && loud.header("X-Accel-Buffering") == "no")
    let events = try await loud.events()
    #expect(events.dropLast().map { $0.json?["params"]?["progress"] } == [0, 50, 100])
    #expect(events.last?.json?["result"]?["resultType"] == "complete")
    #expect(events.allSatisfy { $0.event == "message" && $0.id == nil })
  }

  @Test func whoTakesOnlyOneKindGetsIt() async throws {
    let peer = WebPeer()
    let json = await peer.call(
      "test_tool_with_progress", meta: Self.progress, [Header("Accept", "application/json")])
    #expect(json.pieces == nil && json.json?["result"] != nil)
    let events = await peer.call("test_simple_text", [Header("Accept", "text/event-stream")])
    #expect(try await events.events().count == 1)
    // However quick the answer is.
    for _ in 0..<20 {
      let quick = await peer.post(
        modern("server/discover"), routing: headers("server/discover"), [Header("Accept", "text/event-stream")])
      #expect(quick.header("Content-Type") == "text/event-stream")
    }
    let listen = await peer.post(
      modern("subscriptions/listen", #""notifications":{"toolsListChanged":true}"#),
      routing: headers("subscriptions/listen"), [Header("Accept", "application/json")])
    #expect(listen.status == 406)
  }

  @Test func aSilentCallBecomesAStreamWithComments() async throws {
    var limits = HTTPTransportLimits()
    limits.silence = .milliseconds(200)
    let peer = WebPeer(Sleeper(), limits: limits)
    let answer = await peer.call("sleep")
    var frames: [[UInt8]] = []
    let pieces = try #require(answer.pieces)
    for await frame in pieces { frames.append(frame) }
    #expect(frames.count > 2 && frames.dropLast().allSatisfy { $0 == comment })
    #expect(frames.last.map { WebEvent($0).json?["result"]?["content"]?[0]?["text"] } == "slept")
  }

  @Test(.timeLimit(.minutes(1))) func aModernClientThatLeavesHasCancelled() async throws {
    let sleeper = Sleeper(for: .seconds(60))
    let peer = WebPeer(sleeper)
    let call = Task { await peer.call("sleep") }
    try await sleeper.waitUntil { $0 == 1 }
    call.cancel()
    try await sleeper.waitUntil { $0 == 0 }
    #expect(sleeper.wasCancelled)
  }

  @Test(.timeLimit(.minutes(1))) func leavingAStreamHasCancelledToo() async throws {
    let sleeper = Sleeper(for: .seconds(60))
    var limits = HTTPTransportLimits()
    limits.silence = .milliseconds(100)
    let peer = WebPeer(sleeper, limits: limits)
    do {
      let answer = await peer.call("sleep")
      var pieces = try #require(answer.pieces).makeAsyncIterator()
      #expect(await pieces.next() == comment)
    }
    try await sleeper.waitUntil { $0 == 0 }
    #expect(sleeper.wasCancelled)
  }

  @Test(.timeLimit(.minutes(1))) func aLegacyClientComesBackForItsAnswer() async throws {
    let sleeper = Sleeper(for: .milliseconds(700), notices: 3)
    let peer = WebPeer(sleeper)
    let session = try await peer.shakeHands()
    var seen: [WebEvent] = []
    do {
      let answer = await peer.post(
        legacy("tools/call", #"{"name":"sleep","_meta":{"progressToken":1}}"#, id: "\"slow\""), session)
      var pieces = try #require(answer.pieces).makeAsyncIterator()
      for _ in 0..<2 { seen.append(try await pieces.event()) }
    }
    #expect(seen[0].id == "1_0" && seen[0].data.isEmpty && seen[0].retry == "500")
    #expect(seen[1].id == "1_1" && seen[1].json?["params"]?["progress"] == 1)
    let back = await peer.send(
      "GET", "/mcp", session + [Header("Accept", "text/event-stream"), Header("Last-Event-ID", "1_1")])
    let rest = try await back.events()
    #expect(rest.map(\.id) == ["1_1", "1_2", "1_3", "1_4"], "\(rest)")
    #expect(rest.last?.json?["result"]?["content"]?[0]?["text"] == "slept" && !sleeper.wasCancelled)
    let again = await peer.send(
      "GET", "/mcp", session + [Header("Accept", "text/event-stream"), Header("Last-Event-ID", "1_3")])
    #expect(try await again.events().last == rest.last)
    for lost in ["1_5", "2_0", "x", "1_-1"] {
      let answer = await peer.send(
        "GET", "/mcp", session + [Header("Accept", "text/event-stream"), Header("Last-Event-ID", lost)])
      #expect(answer.status == 400, "\(lost)")
    }
  }

  @Test(arguments: [ProtocolVersion.november2024, .march2025, .june2025])
  func olderClientsGetNoEventWithoutAMessage(_ version: ProtocolVersion) async throws {
    let peer = WebPeer()
    let answer = await peer.post(
      legacy("tools/call", #"{"name":"test_tool_with_progress","_meta":{"progressToken":1}}"#),
      try await peer.shakeHands(version))
    let events = try await answer.events()
    #expect(events.count == 4 && events.allSatisfy { $0.json != nil && $0.id != nil })
  }

  @Test(.timeLimit(.minutes(1))) func announcementsHaveOneStream() async throws {
    let peer = WebPeer()
    let session = try await peer.shakeHands()
    let events = Header("Accept", "text/event-stream")
    let first = await peer.send("GET", "/mcp", session + [events])
    #expect(first.status == 200)
    let second = await peer.send("GET", "/mcp", session + [events])
    #expect(second.status == 409 && second.code == -32600)
    var pieces: AsyncStream<[UInt8]>.AsyncIterator? = try #require(first.pieces).makeAsyncIterator()
    let priming = try await event(&pieces)
    #expect(priming.id == "0_0")
    _ = await peer.post(legacy("tools/call", #"{"name":"test_trigger_tool_change"}"#), session)
    let change = try await event(&pieces)
    #expect(change.json?["method"] == "notifications/tools/list_changed" && change.id == "0_1")
    // Gone, and what happens meanwhile is kept.
    pieces = nil
    var third = await peer.send("GET", "/mcp", session + [events, Header("Last-Event-ID", "0_0")])
    third.headers = []
    var again: AsyncStream<[UInt8]>.AsyncIterator? = try #require(third.pieces).makeAsyncIterator()
    _ = await again?.next()
    #expect(try await event(&again) == change)
    let deleted = await peer.send("DELETE", "/mcp", session)
    #expect(deleted.status == 200)
    #expect(await again?.next() == nil)
    again = nil
    let after = await peer.post(legacy("ping"), session)
    #expect(after.status == 404 && after.json?["error"]?["message"] == "Session not found")
  }

  @Test func sessionsAreTheirOwnersAlone() async throws {
    let peer = WebPeer()
    let (a, b) = (Header("Authorization", "Bearer secret-a"), Header("Authorization", "Bearer secret-b"))
    let session = try await peer.shakeHands(.november2025, [a])
    let own = await peer.post(legacy("ping"), session)
    #expect(own.status == 200)
    for (method, body) in [("POST", legacy("ping")), ("GET", ""), ("DELETE", "")] {
      let stranger = await peer.send(
        method, "/mcp", [session[0], b, Header("Content-Type", "application/json")], body)
      #expect(stranger.status == 404)
    }
  }

  @Test func questionsGoOnTheCallsOwnStream() async throws {
    let peer = WebPeer()
    let session = try await peer.shakeHands()
    let answer = await peer.post(
      legacy("tools/call", #"{"name":"test_elicitation","arguments":{"message":"who?"}}"#, id: "9"), session)
    var pieces = try #require(answer.pieces).makeAsyncIterator()
    _ = await pieces.next()
    let question = try #require(try await pieces.event().json)
    #expect(question["method"] == "elicitation/create")
    let id = try #require(question["id"]?.integer)
    let accepted = await peer.post(
      #"{"jsonrpc":"2.0","id":\#(id),"result":{"action":"accept","content":{"username":"u","email":"e"}}}"#, session)
    #expect(accepted.status == 202)
    let end = try await pieces.event()
    #expect(end.json?["id"] == 9 && end.json?["result"]?["isError"] != true, "\(end)")
    #expect(await pieces.next() == nil)
  }

  @Test(.timeLimit(.minutes(1))) func cancellingEndsTheStreamWithItsError() async throws {
    let sleeper = Sleeper(for: .seconds(60), notices: 1)
    let peer = WebPeer(sleeper)
    let session = try await peer.shakeHands()
    let answer = await peer.post(
      legacy("tools/call", #"{"name":"sleep","_meta":{"progressToken":1}}"#, id: "7"), session)
    let cancelled = await peer.post(
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#, session)
    #expect(cancelled.status == 202)
    let events = try await answer.events()
    #expect(events.last?.json?["error"]?["code"] == -32800 && sleeper.wasCancelled)
  }

  @Test(.timeLimit(.minutes(1))) func listenersHearUntilTheServerCloses() async throws {
    let peer = WebPeer()
    let answer = await peer.post(
      modern("subscriptions/listen", #""notifications":{"toolsListChanged":true}"#, id: "\"l\""),
      routing: headers("subscriptions/listen"))
    var pieces = try #require(answer.pieces).makeAsyncIterator()
    let first = try await pieces.event()
    #expect(first.json?["method"] == "notifications/subscriptions/acknowledged")
    _ = await peer.call("test_trigger_tool_change")
    let second = try await pieces.event()
    #expect(second.json?["method"] == "notifications/tools/list_changed")
    await peer.transport.close()
    let last = try await pieces.event()
    #expect(last.json?["id"] == "l" && last.json?["result"]?["resultType"] == "complete")
    #expect(await pieces.next() == nil)
  }

  @Test(.timeLimit(.minutes(1))) func theOldPairCarriesAConversation() async throws {
    let peer = WebPeer()
    let (json, token) = (Header("Content-Type", "application/json"), Header("Authorization", "Bearer secret-a"))
    var pieces = try await stream(await peer.send("GET", "/sse", [Header("Accept", "text/event-stream"), token]))
    let endpoint = try await event(&pieces)
    #expect(endpoint.event == "endpoint" && endpoint.data.hasPrefix("/messages/?session_id="))
    let hello = legacy("initialize", #"{"protocolVersion":"2024-11-05","capabilities":{}}"#)
    let accepted = await peer.send("POST", endpoint.data, [json, token], hello)
    #expect(accepted.status == 202 && String(decoding: accepted.body, as: UTF8.self) == "Accepted")
    let welcome = try await event(&pieces)
    #expect(welcome.json?["result"]?["protocolVersion"] == "2024-11-05" && welcome.id == nil)
    _ = await peer.send("POST", endpoint.data, [json, token], legacy("tools/list", id: "2"))
    let list = try await event(&pieces)
    #expect(list.json?["id"] == 2 && list.json?["result"]?["tools"]?.array?.isEmpty == false)
    let stranger = await peer.send("POST", endpoint.data, [json], legacy("tools/list", id: "3"))
    #expect(stranger.status == 404)
    pieces = nil
    for _ in 0..<100 {
      let gone = await peer.send("POST", endpoint.data, [json, token], legacy("ping"))
      if gone.status == 404 { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("the conversation outlives its stream")
  }
}

private let comment = Array(": ping\r\n\r\n".utf8)

extension AsyncStream<[UInt8]>.AsyncIterator {
  fileprivate mutating func event() async throws -> WebEvent {
    let frame = await next()
    return WebEvent(try #require(frame))
  }
}

private func stream(_ answer: WebAnswer) async throws -> AsyncStream<[UInt8]>.AsyncIterator? {
  try #require(answer.pieces).makeAsyncIterator()
}

private func event(_ pieces: inout AsyncStream<[UInt8]>.AsyncIterator?) async throws -> WebEvent {
  let frame = await pieces?.next()
  return WebEvent(try #require(frame))
}

/// A service with one tool that takes its time.
private final class Sleeper: Service {
  private let duration: Duration
  private let notices: Int
  private let state = Mutex((running: 0, wasCancelled: false))

  init(for duration: Duration = .seconds(1), notices: Int = 0) {
    self.duration = duration
    self.notices = notices
  }

  var wasCancelled: Bool { state.withLock { $0.wasCancelled } }

  func waitUntil(_ fits: (Int) -> Bool) async throws {
    while !fits(state.withLock { $0.running }) { try await Task.sleep(for: .milliseconds(5)) }
  }

  func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome {
    state.withLock { $0.running += 1 }
    for number in 0..<notices {
      await context.notify(.progress(Double(number + 1), total: nil, message: nil));
      try? await Task.sleep(for: .milliseconds(30))
    }
    let slept: Void? = try? await Task.sleep(for: duration)
    state.withLock { state in
      state.running -= 1
      if slept == nil { state.wasCancelled = true }
    }
    return .text("slept")
  }

  func instructions(for caller: Caller) -> String { "" }
  func tools(for caller: Caller) -> [ToolDescription] { [] }
  func resources(for caller: Caller) async -> [ResourceDescription] { [] }
  func resourceTemplates(for caller: Caller) -> [ResourceTemplate] { [] }
  func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? { nil }
  func prompts(for caller: Caller) -> [PromptDescription] { [] }
  func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? { nil }
  func completions(for request: CompletionRequest, in context: CallContext) async -> [String] { [] }
}
