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
    """

  @Test func resourcesAreRead() async throws {
    try await withDatabase(schema: schema) { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      let service = ProductService(governor: governor)
      let caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])
      let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
      let listed = await service.resources(for: caller)
      #expect(listed.map(\.uri) == ["pg://main/settings"])
      func text(_ uri: String) async -> String? {
        guard case .text(let text) = await service.read(uri, in: context)?.first?.body else { return nil }
        return text
      }
      #expect(await text("pg://main/settings")?.contains("max_connections") == true)
      #expect(await text("pg://main/schema/public")?.contains("orders") == true)
      #expect(await text("pg://main/table/odd%20%2F%20name/t%C3%A4%20ble")?.contains("PRIMARY KEY") == true)
      #expect(await text("pg://main/table/public/absent") == nil)
      #expect(await text("pg://other/settings") == nil)
      func complete(_ argument: String, _ value: String, _ others: [String: String] = [:]) async -> [String] {
        await service.completions(
          for: CompletionRequest(subject: .resourceTemplate("t"), argument: argument, value: value, others: others),
          in: context)
      }
      #expect(await complete("connection", "M") == ["main"])
      #expect(await complete("schema", "o") == ["odd / name"])
      #expect(await complete("table", "t", ["schema": "odd / name"]) == ["tä ble"])
      #expect(await complete("table", "or") == ["orders"])
      #expect(await complete("other", "") == [])
    }
  }
}
