// Streams of changes: acknowledged first, tagged, filtered, and ended in good order.

import Governance
import JSON
import Testing

@testable import MCPServer

@Suite(.timeLimit(.minutes(1))) struct SubscriptionTests {
  private func settle(_ peer: Peer, listeners: Int) async throws {
    for _ in 0..<500 where await peer.server.announcements.listenerCount != listeners {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(await peer.server.announcements.listenerCount == listeners)
  }

  @Test func aListenerHearsWhatItAskedFor() async throws {
    let peer = Peer(conversation: nil)
    let filter =
      #""notifications":{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":["a:b"]}"#
    async let heard = peer.say(modern("subscriptions/listen", filter, id: #""listen-1""#))
    try await settle(peer, listeners: 1)
    for change in [Change.prompts, .resources, .resource("a:c"), .tools, .resource("a:b")] {
      await peer.server.announcements.publish(change)
    }
    _ = try await peer.outbox.first { $0["method"] == "notifications/resources/updated" }
    await peer.server.announcements.close()
    let id = "io.modelcontextprotocol/subscriptionId"
    #expect(await heard.result == ["resultType": "complete", "_meta": [id: "listen-1"]])
    let sent = peer.outbox.all
    #expect(
      sent.map { $0["method"]?.string } == [
        "notifications/subscriptions/acknowledged", "notifications/tools/list_changed",
        "notifications/resources/updated",
      ])
    #expect(sent.allSatisfy { $0["params"]?["_meta"]?[id] == "listen-1" })
    #expect(sent.first?["params"]?["notifications"] == ["toolsListChanged": true, "resourceSubscriptions": ["a:b"]])
    #expect(sent.last?["params"]?["uri"] == "a:b")
    try await settle(peer, listeners: 0)
  }

  @Test func aListenerLeaves() async throws {
    let peer = Peer()
    let call = modern("subscriptions/listen", #""notifications":{"toolsListChanged":true}"#, id: "77")
    async let heard = peer.say(call)
    try await settle(peer, listeners: 1)
    _ = await peer.say(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}"#)
    #expect(await heard.status == nil)
    try await settle(peer, listeners: 0)
    let deaf = await peer.say(call, isOpen: false)
    #expect(deaf.code == -32600)
  }

  @Test func aSlowListenerCostsNothing() async throws {
    let announcements = Announcements()
    let number = try #require(await announcements.join(limit: 1) { _ in true })
    #expect(await announcements.join(limit: 1) { _ in true } == nil)
    for _ in 0..<10_000 {
      await announcements.publish(.tools)
      await announcements.publish(.resource("a"))
    }
    #expect(await announcements.next(for: number) == .tools)
    #expect(await announcements.next(for: number) == .resource("a"))
    let waiting = Task { await announcements.next(for: number) }
    waiting.cancel()
    #expect(await waiting.value == nil)
  }

  @Test func aLegacyClientHearsOnItsStream() async throws {
    let peer = Peer()
    let conversation = try #require(peer.conversation)
    let channel = Channel(answersCancelled: false) { [outbox = peer.outbox] in outbox.add($0) }
    async let isOver = peer.server.announce(in: conversation, over: channel)
    try await settle(peer, listeners: 1)
    // Not yet: nothing is agreed on.
    await peer.server.announcements.publish(.tools)
    await peer.shakeHands()
    #expect(await peer.server.announce(in: conversation, over: channel) == false)
    _ = await peer.say(legacy("resources/subscribe", #"{"uri":"test://watched-resource"}"#))
    _ = await peer.say(legacy("tools/call", #"{"name":"test_trigger_prompt_change"}"#))
    _ = await peer.say(legacy("tools/call", #"{"name":"test_trigger_resource_update"}"#))
    _ = try await peer.outbox.first { $0["method"] == "notifications/resources/updated" }
    _ = await peer.say(legacy("resources/unsubscribe", #"{"uri":"test://watched-resource"}"#))
    await peer.server.announcements.publish(.resource("test://watched-resource"))
    conversation.end()
    #expect(await isOver)
    #expect(
      peer.outbox.all.map { $0["method"]?.string } == [
        "notifications/prompts/list_changed", "notifications/resources/updated",
      ])
    #expect(peer.outbox.all.allSatisfy { $0["params"]?["_meta"] == nil })
    try await settle(peer, listeners: 0)
  }

  @Test func aSessionBelongsToItsPrincipal() async throws {
    var limits = ServerLimits()
    limits.sessions = 2
    limits.sessionIdle = .zero
    let sessions = Peer(limits: limits).server.sessions
    let other = Caller(Principal(name: "other"), permissions: [:])
    let first = try #require(await sessions.open(for: Peer.anyone))
    #expect(first.id.utf8.count == 26 && first.id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f })
    #expect(await sessions.find(first.id, for: Peer.anyone) === first)
    #expect(await sessions.find(first.id, for: other) == nil)
    #expect(await sessions.end(first.id, for: other) == false)
    #expect(await sessions.end(first.id, for: Peer.anyone))
    #expect(await sessions.find(first.id, for: Peer.anyone) == nil)
    // Full ones make room for new ones only by forgetting idle ones.
    let busy = try #require(await sessions.open(for: other))
    let stream = Task { await busy.stream { try? await Task.sleep(for: .seconds(60)) } }
    while !busy.isBusy { try await Task.sleep(for: .milliseconds(5)) }
    _ = await sessions.open(for: other)
    #expect(await sessions.open(for: other) != nil)
    #expect(await sessions.count == 2)
    #expect(await sessions.find(busy.id, for: other) != nil)
    await sessions.close()
    #expect(await stream.value)
  }
}
