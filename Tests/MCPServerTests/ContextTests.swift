// What a tool learns of its caller: who, with which client, in which version and trace, and under which name.

import Governance
import JSON
import Synchronization
import Testing

@testable import MCPServer

/// Remembers how it was called.
private final class CuriousService: Service {
  let contexts = Mutex<[CallContext]>([])

  func instructions(for caller: Caller) -> String { "For \(caller.principal.name)." }
  func tools(for caller: Caller) -> [ToolDescription] { [] }
  func call(_ tool: String, _ arguments: JSONObject, in context: CallContext) async -> ToolOutcome {
    contexts.withLock { $0.append(context) }
    return .finished(ToolResult(text: "failed", structured: ["a": 1], isError: arguments["fails"] == true))
  }
  func resources(for caller: Caller) async -> [ResourceDescription] { [] }
  func resourceTemplates(for caller: Caller) -> [ResourceTemplate] { [] }
  func read(_ uri: String, in context: CallContext) async -> [ResourceContents]? { uri == "empty:" ? [] : nil }
  func prompts(for caller: Caller) -> [PromptDescription] { [] }
  func prompt(_ name: String, _ arguments: [String: String], in context: CallContext) async -> PromptOutcome? { nil }
  func completions(for request: CompletionRequest, in context: CallContext) async -> [String] {
    (0..<150).map { "\(request.argument)\($0)" }
  }
}

@Suite struct ContextTests {
  private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  @Test func aModernCallSaysEverythingItself() async throws {
    let service = CuriousService()
    let peer = Peer(service, conversation: nil)
    let info = #""io.modelcontextprotocol/clientInfo":{"name":"c","version":"2"},"traceparent":"\#(Self.trace)""#
    _ = await peer.say(modern("tools/call", #""name":"t""#, capabilities: #"{"roots":{}}"#, meta: info))
    _ = await peer.say(modern("tools/call", #""name":"t""#, meta: #""traceparent":"nonsense""#))
    let contexts = service.contexts.withLock { $0 }
    #expect(contexts.map(\.client) == ["c 2", nil] && contexts.map(\.trace) == [Self.trace, nil])
    #expect(
      contexts.map(\.protocolVersion) == ["2026-07-28", "2026-07-28"] && contexts.allSatisfy { $0.session == nil })
    #expect(contexts.first?.capabilities == ["roots": [:]] && contexts.allSatisfy { $0.caller == Peer.anyone })
    #expect(Set(contexts.map(\.callID)).count == 2 && contexts.allSatisfy { $0.callID.utf8.count == 16 })
  }

  @Test func aLegacyCallHasASession() async throws {
    let service = CuriousService()
    let peer = Peer(service)
    await peer.shakeHands(.june2025, capabilities: #"{"sampling":{}}"#)
    _ = await peer.say(legacy("tools/call", #"{"name":"t","_meta":{"traceparent":"\#(Self.trace)"}}"#))
    let context = try #require(service.contexts.withLock { $0.first })
    #expect(context.session == peer.conversation?.id && context.client == "peer 1" && context.trace == Self.trace)
    #expect(context.protocolVersion == "2025-06-18" && context.capabilities == ["sampling": [:]])
    // A modern call on the same process knows nothing of it.
    _ = await peer.say(modern("tools/call", #""name":"t""#))
    let other = try #require(service.contexts.withLock { $0.last })
    #expect(other.session == nil && other.client == nil && other.capabilities == [:])
  }

  @Test func theHeaderIsASecondPlaceForATrace() async {
    let service = CuriousService()
    let server = Peer(service).server
    let channel = Channel(trace: Self.trace, answersCancelled: true) { _ in }
    for meta in ["", #""traceparent":"\#(Self.trace.replacing("4bf", with: "000"))""#] {
      guard case .opened(let message) = server.open(Array(modern("tools/call", #""name":"t""#, meta: meta).utf8)) else {
        return
      }
      _ = await server.handle(message, from: Peer.anyone, in: nil, over: channel)
    }
    #expect(
      service.contexts.withLock { $0.map(\.trace) } == [Self.trace, Self.trace.replacing("4bf", with: "000")])
  }

  @Test func resultsAreBoundedAndHonest() async {
    let peer = Peer(CuriousService(), conversation: nil)
    let found = await peer.say(
      modern("completion/complete", #""ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":""}"#))
    #expect(found.result?["completion"]?["values"]?.array?.count == 100)
    #expect(found.result?["completion"]?["hasMore"] == true && found.result?["completion"]?["total"] == 150)
    // An error has no structured content, and no contents are no resource.
    let failed = await peer.say(modern("tools/call", #""name":"t","arguments":{"fails":true}"#))
    #expect(failed.result?["structuredContent"] == nil && failed.result?["isError"] == true)
    #expect(await peer.say(modern("resources/read", #""uri":"empty:""#)).code == -32602)
    #expect(await peer.say(modern("server/discover")).result?["instructions"] == "For tester.")
  }
}
