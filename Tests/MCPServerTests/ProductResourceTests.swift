// Resources, prompts and completions of the product.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite struct ProductPromptTests {
  private let service = ProductService(
    governor: Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: nil))], audit: nil))

  private func context(_ permissions: Set<Permission>) -> CallContext {
    CallContext(
      caller: Caller(Principal(name: "a"), permissions: ["main": permissions]), callID: "c",
      protocolVersion: "2026-07-28")
  }

  @Test func promptsAreThereForThoseWhoMayExplain() async throws {
    let reader = context([.explain])
    #expect(service.prompts(for: reader.caller).map(\.name) == ["tune_query", "weekly_checkup", "review_migration"])
    #expect(service.prompts(for: context([.write]).caller).isEmpty)
    let absent = await service.prompt("weekly_checkup", [:], in: context([.write]))
    #expect(absent.map { "\($0)" } == nil)
    guard case .finished(_, let messages) = await service.prompt("tune_query", ["sql": "SELECT 77"], in: reader) else {
      Issue.record("no prompt")
      return
    }
    #expect(messages[0]["content"]?["text"]?.string?.contains("SELECT 77") == true)
    guard case .badArguments(let words) = await service.prompt("tune_query", [:], in: reader) else {
      Issue.record("an argument is missing")
      return
    }
    #expect(words.contains("sql"))
  }

  @Test(arguments: [
    "pg://", "pg:///settings", "pg://main", "pg://main/settings/x", "pg://main/table/public", "http://main/settings",
    "pg://main/schema/%zz", "pg://main/schema/%ff", "pg://main/other",
  ])
  func whatIsNoURIOfOursIsNone(_ uri: String) { #expect(ProductURI(uri) == nil) }
}

@Suite(.needsServer) struct ProductResourceTests {
  private let schema = """
    CREATE SCHEMA "odd / name";
    CREATE TABLE "odd / name"."tä ble" (id integer PRIMARY KEY);
    CREATE TABLE public.orders (id integer PRIMARY KEY);
    INSERT INTO public.orders SELECT generate_series(1, 100);
    ANALYZE public.orders;
    """

  /// Whoever has subscribed hears of a new report, in both eras; nobody else may read it.
  @Test func reportsAreKeptAndAnnounced() async throws {
    try await withDatabase(schema: schema) { url in
      let announcements = Announcements()
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      let service = ProductService(governor: governor, announcements: announcements)
      var made = Peer(service, announcements: announcements)
      made.caller = Caller(Principal(name: "a"), permissions: ["main": [.explain]])
      let peer = made
      await peer.shakeHands()
      let reading = legacy("resources/read", #"{"uri":"pg://main/health"}"#)
      func report() async throws -> JSONValue? {
        let text = await peer.say(reading).result?["contents"]?[0]?["text"]?.string
        return try JSONValue(parsing: try #require(text))["report"]
      }
      #expect(try await report() == .null)
      #expect(await peer.say(legacy("resources/subscribe", #"{"uri":"pg://main/health"}"#)).result == [:])
      #expect(await peer.say(legacy("resources/subscribe", #"{"uri":"pg://other/health"}"#)).code == -32002)
      let channel = Channel(answersCancelled: false) { [outbox = peer.outbox] in outbox.add($0) }
      let legacyStream = Task {
        _ = await peer.server.announce(in: try #require(peer.conversation), over: channel)
      }
      let filter = #""notifications":{"resourceSubscriptions":["pg://main/health","pg://other/health","file:///x"]}"#
      async let listening = peer.say(modern("subscriptions/listen", filter, id: "9"))
      let acknowledged = try await peer.outbox.first { $0["method"] == "notifications/subscriptions/acknowledged" }
      #expect(acknowledged["params"]?["notifications"] == ["resourceSubscriptions": ["pg://main/health"]])
      while await announcements.listenerCount < 2 { try await Task.sleep(for: .milliseconds(5)) }
      let call = legacy("tools/call", #"{"name":"analyze_db_health","arguments":{"health_type":"sequence"}}"#)
      let answer = await peer.say(call)
      #expect(answer.result?["isError"] == false)
      func updates() -> Int { peer.outbox.all.count { $0["params"]?["uri"] == "pg://main/health" } }
      for _ in 0..<500 where updates() < 2 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(updates() == 2)
      #expect(try await report() == answer.result?["structuredContent"]?["report"])
      await announcements.close()
      _ = await listening
      _ = try await legacyStream.value
      // Those who may only read, and connections of some schemas, have no reports.
      let reader = Caller(Principal(name: "b"), permissions: ["main": [.read]])
      #expect(await service.resources(for: reader).map(\.uri) == ["pg://main/settings"])
      let context = CallContext(caller: reader, callID: "c", protocolVersion: "2026-07-28")
      #expect(await service.read("pg://main/health", in: context) == nil)
    }
  }

  @Test func resourcesAreRead() async throws {
    try await withDatabase(schema: schema) { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      let service = ProductService(governor: governor)
      let caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])
      let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
      let listed = await service.resources(for: caller)
      #expect(listed.map(\.uri) == ["pg://main/settings", "pg://main/health", "pg://main/advice"])
      func text(_ uri: String) async -> String? {
        guard case .text(let text) = await service.read(uri, in: context)?.first?.body else { return nil }
        return text
      }
      #expect(await text("pg://main/settings")?.contains("max_connections") == true)
      #expect(await text("pg://main/schema/public")?.contains("orders") == true)
      #expect(await text("pg://main/table/odd%20%2F%20name/t%C3%A4%20ble")?.contains("PRIMARY KEY") == true)
      #expect(await text("pg://main/table/public/absent") == nil)
      #expect(await text("pg://other/settings") == nil)
      let column = try JSONValue(parsing: try #require(await text("pg://main/column/public/orders/id")))
      #expect(column["is_primary_key"] == true && column["statistics"]?["distinct"]?.double == -1)
      #expect(await text("pg://main/column/public/orders/absent") == nil)
      func complete(_ argument: String, _ value: String, _ others: [String: String] = [:]) async -> [String] {
        await service.completions(
          for: CompletionRequest(subject: .resourceTemplate("t"), argument: argument, value: value, others: others),
          in: context)
      }
      #expect(await complete("connection", "M") == ["main"])
      #expect(await complete("schema", "o") == ["odd / name"])
      #expect(await complete("table", "t", ["schema": "odd / name"]) == ["tä ble"])
      #expect(await complete("table", "or") == ["orders"])
      #expect(await complete("table", "%") == [])
      #expect(await complete("table", "o_") == [])
      #expect(await complete("column", "I", ["table": "orders"]) == ["id"])
      #expect(await complete("table", "or", ["connection": "other"]) == [])
      #expect(await complete("other", "") == [])
    }
  }
}
