// Results that are longer than an answer: pages behind cursors, each for its own caller, and answers that are not held.

import Database
import Governance
import JSON
import Support
import Synchronization
import Testing

@testable import MCPServer

@Suite(.needsServer) struct RowPageTests {
  private struct Given: Sendable {
    var service: ProductService
    var caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])

    func call(_ tool: String, _ arguments: JSONObject, by other: Caller? = nil) async throws -> ToolResult {
      let context = CallContext(caller: other ?? caller, callID: "c", protocolVersion: "2026-07-28")
      guard case .finished(let result) = await service.call(tool, arguments, in: context) else {
        throw CommandFailure(description: "\(tool) is not there")
      }
      return try result.whole()
    }
  }

  private func withService(
    _ limits: ProductLimits = ProductLimits(), change: (inout GovernedConnection) -> Void = { _ in },
    audit: Log? = nil, _ body: (Given) async throws -> Void
  ) async throws {
    try await withDatabase { url in
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      change(&connection)
      let governor = Governor([connection], audit: audit)
      try await body(Given(service: ProductService(governor: governor, limits: limits)))
    }
  }

  private let numbers: JSONObject = ["sql": "SELECT g FROM generate_series(1, 25) AS g", "max_rows": 10]

  private func first(_ result: ToolResult) -> JSONValue? { result.structured?["rows"]?[0]?[0] }

  @Test func theRestIsBehindACursor() async throws {
    let log = Log()
    try await withService(audit: log) { given in
      let page1 = try await given.call("query", numbers)
      #expect(page1.structured?["row_count"] == 10 && page1.structured?["truncated"] == true)
      let cursor = try #require(page1.structured?["next_cursor"]?.string)
      #expect(page1.text.contains("cursor \(cursor)"))
      let page2 = try await given.call("query", ["cursor": .string(cursor)])
      #expect(first(page2) == 11 && page2.structured?["row_count"] == 10)
      #expect(page2.structured?["columns"] == page1.structured?["columns"])
      let last = try #require(page2.structured?["next_cursor"])
      var again = numbers
      again["cursor"] = last
      let page3 = try await given.call("execute_sql", again)
      #expect(first(page3) == 21 && page3.structured?["row_count"] == 5)
      #expect(page3.structured?["truncated"] == false && page3.structured?["next_cursor"] == nil)
      // Twice is the same.
      #expect(first(try await given.call("query", ["cursor": .string(cursor)])) == 11)
      #expect(log.records.map(\.tool) == ["query", "query", "execute_sql", "query"])
      #expect(log.records.allSatisfy { $0.outcome == .success })
    }
  }

  @Test func nobodyElseReadsOn() async throws {
    try await withService { given in
      let cursor = try #require(try await given.call("query", numbers).structured?["next_cursor"])
      let other = Caller(Principal(name: "b"), permissions: given.caller.permissions)
      let delegated = Caller(Principal(name: "a", onBehalfOf: "u"), permissions: given.caller.permissions)
      let lesser = Caller(Principal(name: "a"), permissions: ["main": [.explain, .write]])
      for caller in [other, delegated, lesser] {
        let result = try await given.call("execute_sql", ["cursor": cursor], by: caller)
        #expect(result.isError && result.text.contains("run the statement again"), "\(caller)")
      }
      let text = cursor.string ?? ""
      for wrong in ["", "-", "x-1", text + "0", text + "-1", "-1"] {
        #expect(try await given.call("query", ["cursor": .string(wrong)]).isError, "\(wrong)")
      }
      let mixed = try await given.call("query", ["cursor": cursor, "sql": "SELECT 1"])
      #expect(mixed.isError && mixed.text.contains("another statement"))
      #expect(try await !given.call("query", ["cursor": cursor]).isError)
    }
  }

  @Test func whatIsKeptIsBounded() async throws {
    var limits = ProductLimits()
    limits.resultsOfOne = 2
    try await withService(limits) { given in
      var cursors: [JSONValue] = []
      for _ in 0..<3 {
        cursors.append(try #require(try await given.call("query", numbers).structured?["next_cursor"]))
      }
      #expect(try await given.call("query", ["cursor": cursors[0]]).isError)
      #expect(try await !given.call("query", ["cursor": cursors[1]]).isError)
      #expect(try await !given.call("query", ["cursor": cursors[2]]).isError)
    }
    limits.resultLifetime = .milliseconds(50)
    try await withService(limits) { given in
      let cursor = try #require(try await given.call("query", numbers).structured?["next_cursor"])
      try await Task.sleep(for: .milliseconds(80))
      #expect(try await given.call("query", ["cursor": cursor]).isError)
    }
    // Only so much is read ahead; how to see the rest is said at the end.
    try await withService {
      $0.limits.kept.pages = 2
    } _: { given in
      let page1 = try await given.call("query", numbers)
      let cursor = try #require(page1.structured?["next_cursor"])
      #expect(!page1.text.contains("OFFSET"))
      let page2 = try await given.call("query", ["cursor": cursor])
      #expect(page2.structured?["next_cursor"] == nil && page2.structured?["truncated"] == true)
      #expect(page2.text.contains("OFFSET 20"))
    }
    try await withService {
      $0.limits.kept.pages = 1
    } _: { given in
      let page = try await given.call("query", numbers)
      #expect(page.structured?["next_cursor"] == nil && page.text.contains("OFFSET 10"))
    }
  }

  /// There is no OFFSET behind a row that could not be taken.
  @Test func aRowThatIsTooLargeIsSaidToBe() async throws {
    try await withService {
      $0.limits.kept.bytes = 0
      $0.limits.rows.bytes = 1_024
    } _: { given in
      let result = try await given.call("query", ["sql": "SELECT repeat('a', 900), repeat('b', 900)"])
      #expect(result.structured?["row_count"] == 0 && result.structured?["truncated"] == true)
      #expect(result.text.contains("The first row alone exceeds the limit of bytes."), "\(result.text)")
    }
  }

  @Test func theNextRowsAreAResourceToo() async throws {
    try await withService { given in
      let page = try await given.call(
        "query", ["sql": "SELECT 9007199254740993, g FROM generate_series(1, 5) g", "max_rows": 2])
      #expect(page.content.count == 2 && page.content[1]["type"] == "resource_link")
      let uri = try #require(page.content[1]["uri"]?.string)
      let context = CallContext(caller: given.caller, callID: "c", protocolVersion: "2026-07-28")
      guard case .text(let text)? = await given.service.read(uri, in: context)?.first?.body else {
        Issue.record("it cannot be read")
        return
      }
      let read = try JSONValue(parsing: text)
      #expect(read["rows"] == [["9007199254740993", 3], ["9007199254740993", 4]] && read["first_row"] == 3)
      let next = try #require(read["next"]?.string)
      #expect(await given.service.read(next, in: context) != nil)
      let other = CallContext(
        caller: Caller(Principal(name: "b"), permissions: given.caller.permissions), callID: "c",
        protocolVersion: "2026-07-28")
      #expect(await given.service.read(uri, in: other) == nil)
      #expect(await given.service.read(uri.replacing("main", with: "x"), in: context) == nil)
    }
  }

  /// Every version says the same rows, and old ones, which have no structured content, where the others are.
  @Test func aLargeAnswerIsSentInSegments() async throws {
    try await withDatabase { url in
      let governor = Governor([GovernedConnection(name: "main", target: ConnectionTarget(url: url))], audit: nil)
      var peer = Peer(ProductService(governor: governor))
      peer.caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])
      let call =
        #""name":"query","arguments":{"sql":"SELECT g, repeat('ü\"', 400) FROM generate_series(1, 500) g"}"#
      guard case .opened(let message) = peer.server.open(Array(modern("tools/call", call).utf8)) else { return }
      let channel = Channel(answersCancelled: false) { _ in }
      let reply = await peer.server.handle(message, from: peer.caller, in: nil, over: channel)
      guard case .large(let segments, 200) = reply else {
        Issue.record("\(reply)")
        return
      }
      var pieces = 0
      for await piece in segments.pieces() {
        #expect(piece.count <= 65_536)
        pieces += 1
      }
      #expect(pieces > 10)
      let heard = await peer.say(modern("tools/call", call))
      let rows = try #require(heard.result?["structuredContent"]?["rows"]?.array)
      #expect(rows.count == 500 && rows[499][0] == 500 && rows[499][1]?.string?.count == 800)
      #expect(heard.text?.contains("structuredContent has all of them, max_rows") == true)
      await peer.shakeHands(.march2025)
      let old = legacy("tools/call", "{\(call)}", id: "7")
      let batch = await peer.say("[\(old),\(legacy("ping", id: "8"))]")
      #expect(batch.answer?.array?.count == 2 && batch.answer?[0]?["result"]?["structuredContent"] == nil)
      await peer.shakeHands(.november2025)
      #expect(await peer.say(old).result?["structuredContent"]?["rows"]?.array?.count == 500)
    }
  }
}

/// An audit that remembers.
final class Log: AuditLog {
  private let kept = Mutex<[AuditRecord]>([])

  var records: [AuditRecord] { kept.withLock { $0 } }

  func append(_ record: AuditRecord) async throws(AuditFailure) { kept.withLock { $0.append(record) } }
}
