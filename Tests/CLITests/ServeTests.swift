// `pgadvisor serve` as a client starts it: lines in, lines out, a record for each call.

import Foundation
import JSON
import Support
import Testing

@Suite struct ServeTests {
  private static let program: String = {
    let beside = CommandLine.arguments.first.map { path in
      path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/pgadvisor"
    }
    let candidates = [variable("PGADVISOR_PROGRAM"), beside, packageFile(".build/debug/pgadvisor")].compactMap { $0 }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "pgadvisor"
  }()

  private func answers(_ arguments: [String], _ lines: [String]) throws -> [JSONValue] {
    let output = try runCommand(
      [Self.program, "serve"] + arguments, input: lines.map { $0 + "\n" }.joined(), environment: ["DATABASE_URL": ""])
    #expect(output.status == 0, "\(output.text)")
    return try output.text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }

  private static let handshake = [
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
  ]

  private func call(_ id: Int, _ tool: String, _ arguments: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
  }

  @Test(.needsServer) func callsAreAnsweredAndRecorded() async throws {
    let audit = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString).jsonl")
    defer { try? FileManager.default.removeItem(at: audit) }
    try await withDatabase(schema: "CREATE TABLE public.t (id integer); INSERT INTO public.t VALUES (1)") { url in
      let lines =
        Self.handshake + [
          call(2, "query", #"{"sql":"SELECT id FROM t"}"#), call(3, "query", #"{"sql":"DELETE FROM t"}"#),
          call(4, "list_objects", #"{"schema":"public"}"#), "garbage",
        ]
      let found = try await onOwnThread {
        try answers([url, "--agent", "tester", "--audit", audit.path], lines)
      }
      func answer(_ id: Int64) -> JSONValue? { found.first { $0["id"]?.integer == id }?["result"] }
      #expect(answer(2)?["structuredContent"]?["rows"] == [[1]])
      #expect(answer(3)?["isError"] == true)
      #expect(answer(4)?["structuredContent"]?["objects"]?[0]?["name"] == "t")
      #expect(found.contains { $0["error"]?["code"] == -32700 })
      let records = try String(contentsOf: audit, encoding: .utf8).split(separator: "\n").map {
        try JSONValue(parsing: String($0))
      }
      #expect(records.count == 3 && records.allSatisfy { $0["agent"] == "tester" })
      let outcomes = records.map { "\($0["tool"]?.string ?? "") \($0["outcome"]?.string ?? "")" }
      #expect(Set(outcomes) == ["query success", "query refused", "list_objects success"])
      let attributes = try FileManager.default.attributesOfItem(atPath: audit.path)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test func withoutADatabaseItStandsAndSaysSo() throws {
    let found = try answers([], Self.handshake + [call(2, "query", #"{"sql":"SELECT 1"}"#)])
    let text = found.first { $0["id"] == 2 }?["result"]?["content"]?[0]?["text"]?.string ?? ""
    #expect(text.contains("no database is configured yet"))
  }

  @Test func aFullDiskStopsCalls() throws {
    let found = try answers(
      ["--audit", "/dev/full"], Self.handshake + [call(2, "list_connections", "{}")])
    let text = found.first { $0["id"] == 2 }?["result"]?["content"]?[0]?["text"]?.string ?? ""
    #expect(text.contains("cannot be audited"))
  }

  @Test func badOptionsAreOneLine() throws {
    let output = try runCommand([Self.program, "serve", "--grant", "everything"])
    #expect(output.status == 64 && output.text.contains("--grant takes one of"))
    let audit = try runCommand([Self.program, "serve", "--audit", "/nowhere/audit"])
    #expect(audit.status == 2 && audit.text.contains("cannot write the audit"))
  }
}
