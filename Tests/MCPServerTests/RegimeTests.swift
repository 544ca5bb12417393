// The protocol while what holds changes: tools, sessions and streams of those who stay and of those who are gone.

import Cryptography
import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.timeLimit(.minutes(1))) struct RegimeTests {
  private func regime(_ permissions: [String: Set<Permission>]) -> Regime {
    let agents = permissions.keys.sorted().map { Agent(id: $0, tokenDigest: sha256(Array($0.utf8))) }
    let rules = permissions.map { id, granted in
      GrantRule(connection: "main", permissions: granted, members: [.agent(id)])
    }
    let connection = GovernedConnection(name: "main", target: ConnectionTarget(url: "postgresql://h.invalid/d"))
    return Regime(
      governor: Governor([connection], audit: nil),
      directory: Directory(agents: agents, rules: rules, connections: ["main"]), localAgent: nil)
  }

  private func tools(_ heard: Heard) -> Set<String> {
    Set((heard.result?["tools"]?.array ?? []).compactMap { $0["name"]?.string })
  }

  @Test func theNextMessageIsServedByWhatHoldsThen() async throws {
    let current = CurrentRegime(regime(["a": [.read], "b": [.read]]))
    var peer = Peer(CurrentService(current))
    // As the transport had it, with more than there is by now.
    peer.caller = Caller(Principal(name: "a"), permissions: ["main": Set(Permission.allCases)])
    #expect(tools(await peer.say(modern("tools/list"))).isDisjoint(with: ["write_data", "run_ddl", "run_admin"]))
    current.replace(with: regime(["a": [.read, .write]]))
    #expect(tools(await peer.say(modern("tools/list"))).contains("write_data"))
    current.replace(with: regime(["b": [.read]]))
    #expect(tools(await peer.say(modern("tools/list"))).isEmpty)
    let call = await peer.say(modern("tools/call", #""name":"query","arguments":{"sql":"SELECT 1"}"#))
    #expect(call.result?["isError"] == true && call.text == CurrentService.goodbye)
    #expect(await peer.say(modern("prompts/list")).result?["prompts"] == [])
    #expect(await peer.say(modern("resources/list")).result?["resources"] == [])
    #expect(await peer.say(modern("resources/read", #""uri":"pg://main/settings""#)).code != nil)
  }

  private func opened(_ text: String, _ server: Server) throws -> OpenedMessage {
    guard case .opened(let message) = server.open(Array(text.utf8)) else { throw CommandFailure(description: text) }
    return message
  }

  @Test func sessionsAndStreamsOfThoseWhoAreGoneEnd() async throws {
    let current = CurrentRegime(regime(["a": [.read], "b": [.read]]))
    let server = Server(
      service: CurrentService(current), identity: ServerIdentity(version: "1"), key: SealingKey(),
      announcements: Announcements())
    let (a, b) = (
      try #require(current.caller(forToken: Array("a".utf8))), try #require(current.caller(forToken: Array("b".utf8)))
    )
    let (first, second) = (
      try #require(await server.sessions.open(for: a)), try #require(await server.sessions.open(for: b))
    )
    let outbox = Outbox()
    let channel = Channel(answersCancelled: true) { outbox.add($0) }
    let hello = try opened(
      legacy(
        "initialize", #"{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}"#),
      server)
    for (conversation, caller) in [(first, a), (second, b)] {
      _ = await server.handle(hello, from: caller, in: conversation, over: channel)
    }
    let listen = try opened(
      modern("subscriptions/listen", #""notifications":{"toolsListChanged":true}"#, id: "8"), server)
    let streamOfA = Task { await server.announce(in: first, over: channel, for: a) }
    let listenerOfA = Task { await server.handle(listen, from: a, in: nil, over: channel) }
    let streamOfB = Task { await server.announce(in: second, over: channel, for: b) }
    while await server.announcements.listenerCount < 3 { try await Task.sleep(for: .milliseconds(5)) }
    current.replace(with: regime(["b": [.read]]))
    await server.regimeChanged { current.knows($0) }
    #expect(await streamOfA.value)
    let farewell = await listenerOfA.value
    if case .answer = farewell {} else { Issue.record("the listener was not answered: \(farewell)") }
    #expect(await server.sessions.find(first.id, for: a) == nil && current.caller(forToken: Array("a".utf8)) == nil)
    #expect(await server.sessions.find(second.id, for: b) === second)
    // Only the one who stays has heard.
    _ = try await outbox.first { $0["method"] == "notifications/prompts/list_changed" }
    #expect(outbox.all.count { $0["method"] == "notifications/tools/list_changed" } == 1)
    streamOfB.cancel()
    _ = await streamOfB.value
  }
}
