// What happens while a request runs: cancellation, progress, logs, and limits.

import Governance
import JSON
import Synchronization
import Testing

@testable import MCPServer

/// One tool that runs until it is cancelled, and says so.
final class PatientService: Service {
  let ended = Atomic<Int>(0)
  let started = Atomic<Int>(0)

  func instructions(for caller: Caller) -> String { "" }
  func tools(for caller: Caller) -> [ToolDescription] { [] }
  func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome {
    started.add(1, ordering: .relaxed)
    await context.notify(.progress(1, total: nil, message: nil))
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(60)) }
    await context.notify(.progress(2, total: 2, message: nil))
    ended.add(1, ordering: .relaxed)
    return .text("cancelled")
  }
  func resources(for caller: Caller) async -> [ResourceDescription] { [] }
  func resourceTemplates(for caller: Caller) -> [ResourceTemplate] { [] }
  func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? { nil }
  func prompts(for caller: Caller) -> [PromptDescription] { [] }
  func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? { nil }
  func completions(for request: CompletionRequest, in context: CallContext) async -> [String] { [] }
}

@Suite(.timeLimit(.minutes(1))) struct RunningTests {
  private let waiting = #"{"name":"wait","_meta":{"progressToken":"p"}}"#
  private func cancel(_ id: String) -> String {
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id),"reason":"enough"}}"#
  }

  @Test func aCancelledRequestIsNotAnswered() async throws {
    let service = PatientService()
    let peer = Peer(service)
    await peer.shakeHands()
    async let silent = peer.say(legacy("tools/call", waiting, id: "20"))
    async let loud = peer.say(legacy("tools/call", waiting, id: #""21""#), answersCancelled: true)
    async let modernOne = peer.say(
      modern("tools/call", #""name":"wait""#, id: "22", meta: #""progressToken":22"#), answersCancelled: true)
    while service.started.load(ordering: .relaxed) < 3 { try await Task.sleep(for: .milliseconds(5)) }
    // Ids keep their type: these are three others.
    for id in [#""20""#, "21", "99", "null", "[]"] { _ = await peer.say(cancel(id)) }
    #expect(service.ended.load(ordering: .relaxed) == 0)
    for id in ["20", #""21""#, "22"] { #expect(await peer.say(cancel(id)).status == 202) }
    #expect(await silent.status == nil)
    let ended = await loud
    #expect(ended.code == -32800 && ended.answer?["id"] == "21")
    #expect(await modernOne.status == nil)
    #expect(service.ended.load(ordering: .relaxed) == 3)
    // Nothing was said about them after they were cancelled.
    #expect(peer.outbox.all.map { $0["params"]?["progress"] } == [1, 1, 1])
    #expect(peer.conversation?.runningCount == 0)
  }

  @Test func aCancellationMayOvertakeItsRequest() async throws {
    let peer = Peer(PatientService())
    await peer.shakeHands()
    guard case .opened(let message) = peer.server.open(Array(legacy("tools/call", waiting, id: "5").utf8)) else {
      return
    }
    peer.conversation?.expect(message)
    _ = await peer.say(cancel("5"))
    let channel = Channel(answersCancelled: false) { _ in }
    let reply = await peer.server.handle(message, from: Peer.anyone, in: peer.conversation, over: channel)
    #expect(reply == .dropped && peer.conversation?.runningCount == 0)
    // The id is free again.
    #expect(await peer.say(legacy("ping", id: "5")).status == 200)
  }

  @Test func theEndOfAConversationCancelsWhatRuns() async throws {
    let service = PatientService()
    let peer = Peer(service)
    await peer.shakeHands()
    async let heard = peer.say(legacy("tools/call", waiting))
    while service.started.load(ordering: .relaxed) < 1 { try await Task.sleep(for: .milliseconds(5)) }
    peer.conversation?.end()
    #expect(await heard.status == nil)
    #expect(service.ended.load(ordering: .relaxed) == 1)
    #expect(await peer.say(legacy("ping", id: "2")).code == -32600)
  }

  @Test func aDisconnectCancelsAModernRequest() async throws {
    let service = PatientService()
    let peer = Peer(service, conversation: nil)
    let task = Task { await peer.say(modern("tools/call", #""name":"wait""#, meta: #""progressToken":1"#)) }
    while service.started.load(ordering: .relaxed) < 1 { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    #expect(await task.value.status == nil)
    #expect(peer.outbox.all.count == 1)
  }

  @Test func idsAndTheirNumberAreBounded() async throws {
    let service = PatientService()
    var limits = ServerLimits()
    limits.running = 2
    let peer = Peer(service, limits: limits)
    await peer.shakeHands()
    async let first = peer.say(legacy("tools/call", waiting, id: "1"))
    async let second = peer.say(legacy("tools/call", waiting, id: "2"))
    while service.started.load(ordering: .relaxed) < 2 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(await peer.say(legacy("ping", id: "1")).code == -32600)
    #expect(await peer.say(legacy("ping", id: "3")).code == -32603)
    peer.conversation?.end()
    _ = await (first, second)
  }

  @Test func progressAndLogsGoToThoseWhoAsked() async {
    let progress = modern("tools/call", #""name":"test_tool_with_progress""#, meta: #""progressToken":"t""#)
    let peer = Peer()
    _ = await peer.say(progress)
    #expect(peer.outbox.all.map { $0["params"]?["progress"] } == [0, 50, 100])
    #expect(peer.outbox.all.allSatisfy { $0["params"]?["progressToken"] == "t" && $0["params"]?["total"] == 100 })
    let silent = Peer()
    _ = await silent.say(modern("tools/call", #""name":"test_tool_with_progress""#))
    _ = await silent.say(modern("tools/call", #""name":"test_logging_tool""#))
    let higher = #""io.modelcontextprotocol/logLevel":"warning""#
    _ = await silent.say(modern("tools/call", #""name":"test_logging_tool""#, meta: higher))
    #expect(silent.outbox.all.isEmpty)
    let curious = Peer()
    let level = #""io.modelcontextprotocol/logLevel":"info""#
    _ = await curious.say(modern("tools/call", #""name":"test_logging_tool""#, meta: level))
    #expect(curious.outbox.all.map { $0["method"] } == ["notifications/message"])
  }

  @Test func aLegacySessionHasALogLevel() async {
    let peer = Peer()
    await peer.shakeHands()
    let call = legacy("tools/call", #"{"name":"test_logging_tool"}"#)
    _ = await peer.say(call)
    #expect(peer.outbox.all.count == 1)
    _ = await peer.say(legacy("logging/setLevel", #"{"level":"error"}"#))
    _ = await peer.say(call)
    #expect(peer.outbox.all.count == 1)
    _ = await peer.say(legacy("logging/setLevel", #"{"level":"debug"}"#))
    _ = await peer.say(call)
    #expect(peer.outbox.all.count == 2)
  }

  @Test func progressOnlyGrows() async {
    let outbox = Outbox()
    let channel = Channel(answersCancelled: false) { outbox.add($0) }
    let outlet = Outlet(channel, token: .integer(1), version: .november2024, leastLevel: { nil })
    for value in [1.0, 0.5, 1, .nan, .infinity, 100] {
      await outlet.tell(.progress(value, total: 100, message: "hidden from this version"))
    }
    outlet.close()
    await outlet.tell(.progress(101, total: nil, message: nil))
    #expect(outbox.all.map { $0["params"]?["progress"] } == [1, 100])
    #expect(outbox.all.allSatisfy { $0["params"]?["message"] == nil })
  }
}
