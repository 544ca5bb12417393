// What every call leaves behind: one line each, whatever became of it, with what ties it to the client and to PostgreSQL.

import Database
import Governance
import JSON
import Support
import Testing

@testable import MCPServer

@Suite(.needsServer) struct AuditTests {
  private static let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  private func withService(
    _ log: Log,
    _ body: (_ call: (String, JSONObject) async -> ToolOutcome, ProductService, CallContext) async throws -> Void
  ) async throws {
    let schema = "CREATE TABLE public.orders (id integer); INSERT INTO public.orders SELECT generate_series(1, 50);"
    try await withDatabase(schema: schema) { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: log)
      let service = ProductService(governor: governor)
      let caller = Caller(Principal(name: "bot", onBehalfOf: "o'brien */ x"), permissions: ["main": [.explain, .read]])
      let context = CallContext(
        caller: caller, callID: "abcdefghij234567", client: "claude 1.0", protocolVersion: "2026-07-28",
        session: "session-1", trace: Self.trace)
      try await body({ await service.call($0, $1, in: context) }, service, context)
    }
  }

  @Test func everyCallLeavesALine() async throws {
    let log = Log()
    try await withService(log) { call, service, context in
      let calls: [(String, JSONObject, AuditRecord.Outcome)] = [
        ("query", ["sql": "SELECT 1"], .success), ("query", ["sql": "DELETE FROM orders"], .refused),
        ("query", ["sql": "SELECT 1 / 0"], .failed), ("query", ["sqll": "SELECT 1"], .failed),
        ("query", ["sql": "SELECT 1", "connection": "other"], .failed), ("query", ["cursor": "nothing-1"], .failed),
        ("list_objects", ["schema": "public"], .success), ("list_objects", ["schema": "nosuch"], .failed),
        ("list_tables", [:], .success), ("list_connections", [:], .success), ("server_info", [:], .success),
        ("describe_table", ["table": "nosuch"], .failed), ("explain_query", ["sql": "SELECT 1"], .success),
        ("explain_query", ["sql": "DELETE FROM orders"], .refused),
        ("explain_query", ["sql": "SELECT 1", "analyze": true], .success),
        ("analyze_query_indexes", ["queries": ["SELECT 1"]], .success),
        ("analyze_query_indexes", ["queries": ["DELETE FROM orders"]], .refused),
        ("job_status", ["job_id": "nosuch"], .failed),
      ]
      for (tool, arguments, outcome) in calls {
        let before = log.records.count
        _ = await call(tool, arguments)
        let lines = log.records.dropFirst(before)
        #expect(
          lines.count == 1 && lines.first?.outcome == outcome && lines.first?.tool == tool, "\(tool) \(arguments)")
        #expect((lines.first?.reason != nil) == (outcome == .failed) || outcome == .refused, "\(tool) \(arguments)")
      }
      for record in log.records {
        #expect(record.callID == context.callID && record.client == "claude 1.0" && record.session == "session-1")
        #expect(record.trace == "4bf92f3577b34da6a3ce929d0e0e4736" && record.principal.name == "bot")
      }
      #expect(log.records[4].connection == "other" && log.records[0].connection == "main")
      let before = log.records.count
      #expect(await service.read("pg://main/settings", in: context) != nil)
      #expect(await service.read("pg://other/settings", in: context) == nil)
      #expect(await service.read("nonsense", in: context) == nil)
      #expect(log.records.dropFirst(before).map(\.outcome) == [.success, .failed, .failed])
    }
  }

  /// Also of what was admitted and failed then, and of what was only to be planned.
  @Test(
    arguments: [
      ("query", ["sql": "SELECT 1 / 0"], "read", "read-query", .failed),
      ("query", ["sql": "SELECT nothing FROM orders"], "read", "read-query", .failed),
      ("query", ["sql": "DELETE FROM orders"], "write", "data-change", .refused),
      ("explain_query", ["sql": "SELECT 1"], "explain", "explain", .success),
      ("explain_query", ["sql": "DELETE FROM orders"], "write", "data-change", .refused),
      ("explain_query", ["sql": "SELCT"], "reject", "syntax", .refused),
      ("analyze_query_indexes", ["queries": ["SELECT 1"]], "explain", "explain", .success),
      ("write_data", ["sql": "DELETE FROM orders"], nil, nil, .refused), ("no_tool", [:], nil, nil, .failed),
    ] as [(String, JSONObject, String?, String?, AuditRecord.Outcome)])
  func whatTheGateSaidStandsThere(
    _ tool: String, _ arguments: JSONObject, _ verdict: String?, _ rule: String?, _ outcome: AuditRecord.Outcome
  ) async throws {
    let log = Log()
    try await withService(log) { call, _, _ in
      // The second is judged from memory.
      for _ in 0..<2 { _ = await call(tool, arguments) }
      #expect(log.records.count == 2)
      for record in log.records {
        #expect(record.verdict == verdict && record.rule == rule && record.outcome == outcome, "\(record)")
        #expect(record.tool == tool && record.sql == (arguments["sql"]?.string ?? arguments["queries"]?.text()))
      }
    }
  }

  @Test func rowsAreCountedWhereverTheyComeFrom() async throws {
    let log = Log()
    try await withService(log) { call, _, _ in
      guard case .finished(let page) = await call("query", ["sql": "SELECT id FROM orders", "max_rows": 20]) else {
        return
      }
      let cursor = try #require(page.structured?["next_cursor"])
      _ = await call("query", ["sql": "SELECT id FROM orders", "cursor": cursor])
      #expect(log.records.map(\.rows) == [50, 20] && log.records[1].sql == "SELECT id FROM orders")
    }
  }

  /// pg_stat_activity, the server's log and the audit agree, and no name ends the comment that it stands in.
  @Test func theServerSeesWhatTheAuditSays() async throws {
    let log = Log()
    try await withService(log) { call, _, context in
      let question: JSONObject = [
        "sql": "SELECT query, application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
      ]
      guard case .finished(let result) = await call("query", question) else { return }
      let row = try #require(try result.whole().structured?["rows"]?[0])
      let expected =
        "/* pgadvisor */ /*action='query',agent='bot',call='\(context.callID)',traceparent='\(Self.trace)',"
        + "user='o%27brien%20%2A%2F%20x'*/ SELECT query"
      #expect(row[0]?.string?.hasPrefix(expected) == true, "\(row)")
      #expect(row[1]?.string == "pgadvisor bot for o'brien */ x \(context.callID)")
      guard case .finished(let failed) = await call("query", ["sql": "SELECT 'ü', nothing FROM orders"]) else { return }
      #expect(failed.text.contains("  SELECT 'ü', nothing FROM orders\n              ^"), "\(failed.text)")
    }
  }

  /// What is planned or looked up for a caller is theirs too.
  @Test func adviceIsSeenAsTheCallers() async throws {
    try await withDatabase { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      let caller = Caller(Principal(name: "bot"), permissions: ["main": [.explain]])
      let call = GovernedCall(caller: caller, callID: "call-7", tool: "t", connection: nil)
      let question: SQL = "SELECT pg_catalog.current_setting('application_name')"
      let lent: [String] = try await governor.lend(for: call, needing: .explain) { session in
        try await session.readOnly { try await $0.rows(question) }
      }
      let asked = try await governor.lend(for: call, needing: .explain) { session in
        try await session.glance(question).text(0, 0)
      }
      #expect(lent == ["pgadvisor bot call-7"] && asked == lent[0])
    }
  }

  /// Without a database everything answers, and nothing fails.
  @Test func withoutADatabaseNothingBreaks() async throws {
    let log = Log()
    let service = ProductService(governor: Governor([], audit: log))
    let caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])
    let context = CallContext(caller: caller, callID: "c", protocolVersion: "2026-07-28")
    for tool in allTools {
      guard case .finished(let result) = await service.call(tool.name, ["nonsense": 1], in: context) else {
        Issue.record("\(tool.name)")
        continue
      }
      #expect(result.isError && result.text.contains("no database is configured yet"), "\(tool.name)")
    }
    #expect(log.records.count == allTools.count && log.records.allSatisfy { $0.outcome == .failed })
    #expect(await service.resources(for: caller).isEmpty && service.resourceTemplates(for: caller).isEmpty)
    #expect(await service.read("pg://main/settings", in: context) == nil)
    let request = CompletionRequest(
      subject: .prompt("p"), argument: "schema", value: "", others: ["connection": "main"])
    #expect(await service.completions(for: request, in: context).isEmpty)
    guard case .finished? = await service.prompt("weekly_checkup", [:], in: context) else {
      Issue.record("no prompt")
      return
    }
    #expect(service.instructions(for: caller).contains("no database configured"))
  }
}
