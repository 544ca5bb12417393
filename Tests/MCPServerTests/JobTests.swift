// Calls that take longer than clients wait: handles, their results, their end, and what is told meanwhile.

import Database
import Governance
import JSON
import Support
import Synchronization
import Testing

@testable import MCPServer

@Suite(.needsServer, .timeLimit(.minutes(2))) struct JobTests {
  /// Planning `slow()` waits in PostgreSQL: the operator has vouched for it.
  private static let schema = """
    CREATE TABLE public.orders (id integer PRIMARY KEY, customer integer);
    INSERT INTO public.orders SELECT g, g % 500 FROM generate_series(1, 20000) AS g;
    CREATE FUNCTION public.slow() RETURNS integer IMMUTABLE LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN 1; END';
    CREATE FUNCTION public.nap() RETURNS integer LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_catalog.pg_sleep(2.2); RETURN 1; END';
    ANALYZE;
    """
  private static let stuck: JSONObject = ["queries": ["SELECT * FROM orders WHERE customer = slow()"]]
  private static let quick: JSONObject = ["queries": ["SELECT * FROM orders WHERE customer = 7"]]

  private struct Given: Sendable {
    let service: ProductService
    let url: String
    var caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])

    func call(_ tool: String, _ arguments: JSONObject, as name: String = "a") async throws -> ToolResult {
      let caller = Caller(Principal(name: name), permissions: caller.permissions)
      let context = CallContext(
        caller: caller, callID: "c-\(tool)", protocolVersion: "2026-07-28")
      guard case .finished(let result) = await service.call(tool, arguments, in: context) else {
        throw CommandFailure(description: "\(tool) is not there")
      }
      return result
    }

    /// Sessions of ours in the database that run something.
    func running() async throws -> Int {
      let session = try await Session.open(ConnectionTarget(url: url))
      let found: [Int] = try await session.rows(
        """
        SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database()
          AND pid <> pg_catalog.pg_backend_pid() AND state = 'active' AND wait_event = 'PgSleep'
        """)
      await session.close()
      return found[0]
    }
  }

  private func withJobs(
    _ limits: ProductLimits, log: Log = Log(), _ body: (Given) async throws -> Void
  ) async throws {
    try await withDatabase(schema: Self.schema) { url in
      try await forgetLateStatistics(at: url)
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.allowedFunctions = ["public.slow()"]
      let service = ProductService(governor: Governor([connection], audit: log), limits: limits)
      try await body(Given(service: service, url: url))
      await service.close()
    }
  }

  private func limits(_ patience: Duration) -> ProductLimits {
    var limits = ProductLimits()
    limits.patience = patience
    return limits
  }

  @Test func whatIsQuickIsAnsweredDirectly() async throws {
    let log = Log()
    try await withJobs(limits(.seconds(30)), log: log) { given in
      let direct = try await given.call("analyze_query_indexes", Self.quick)
      #expect(direct.structured?["report"] != nil && direct.structured?["job"] == nil)
      #expect(log.records.count == 1 && log.records[0].tool == "analyze_query_indexes")
    }
  }

  @Test func whatTakesLongIsAskedForLater() async throws {
    let log = Log()
    try await withJobs(limits(.zero), log: log) { given in
      let direct = try await given.call("analyze_query_indexes", Self.quick.adding("wait_seconds", 50))
      let handle = try await given.call("analyze_query_indexes", Self.quick)
      let job = try #require(handle.structured?["job"])
      #expect(job["status"] == "running" && handle.text.contains("job_status") && !handle.isError)
      let id = try #require(job["id"])
      let other = try await given.call("job_status", ["job_id": id], as: "b")
      let unknown = try await given.call("job_status", ["job_id": "x"])
      #expect(other.isError && other.text == unknown.text)
      let done = try await given.call("job_status", ["job_id": id, "wait_seconds": 50])
      #expect(done.structured?["job"]?["status"] == "finished" && done.structured?["job"]?["id"] == id)
      #expect(done.structured?["report"] == direct.structured?["report"])
      #expect(done.structured?["verdict"] == direct.structured?["verdict"])
      // The same words between other markers.
      #expect(
        done.text.split(separator: "\n").dropFirst(2).dropLast()
          == direct.text.split(separator: "\n").dropFirst(2).dropLast())
      let again = try await given.call("job_status", ["job_id": id])
      #expect(again.structured == done.structured)
      let lines = log.records.filter { $0.tool == "analyze_query_indexes" }
      #expect(lines.map(\.outcome) == [.success, .success, .success])
      #expect(lines.map(\.reason) == [nil, "goes on as a job", nil] && Set(lines.map(\.callID)).count == 1)
    }
  }

  @Test func cancellingReachesPostgreSQL() async throws {
    let log = Log()
    try await withJobs(limits(.milliseconds(300)), log: log) { given in
      let handle = try await given.call("analyze_query_indexes", Self.stuck)
      let id = try #require(handle.structured?["job"]?["id"])
      try await eventually { try await given.running() == 1 }
      #expect(try await given.call("job_cancel", ["job_id": id], as: "b").isError)
      let cancelled = try await given.call("job_cancel", ["job_id": id])
      #expect(cancelled.structured?["job"]?["status"] == "cancelled", "\(cancelled.text)")
      try await eventually { try await given.running() == 0 }
      let after = try await given.call("job_status", ["job_id": id])
      #expect(after.structured?["job"]?["status"] == "cancelled" && after.structured?["report"] == nil)
      #expect(log.records.contains { $0.tool == "analyze_query_indexes" && $0.outcome == .cancelled })
    }
  }

  @Test func cancellingTheCallCancelsTheWork() async throws {
    let log = Log()
    try await withJobs(limits(.seconds(50)), log: log) { given in
      let call = Task { try await given.call("analyze_query_indexes", Self.stuck) }
      try await eventually { try await given.running() == 1 }
      call.cancel()
      _ = try await call.value
      try await eventually { try await given.running() == 0 }
      #expect(log.records.map(\.outcome) == [.cancelled])
      #expect(try await !given.call("analyze_query_indexes", Self.quick).isError)
    }
  }

  @Test func theEndOfTheServerEndsJobs() async throws {
    try await withJobs(limits(.milliseconds(200))) { given in
      _ = try await given.call("analyze_query_indexes", Self.stuck)
      try await eventually { try await given.running() == 1 }
      await given.service.close()
      try await eventually { try await given.running() == 0 }
    }
  }

  @Test func jobsAreBoundedAndForgotten() async throws {
    var bounds = limits(.milliseconds(100))
    bounds.jobsOfOne = 1
    bounds.jobLifetime = .milliseconds(200)
    try await withJobs(bounds) { given in
      let first = try await given.call("analyze_query_indexes", Self.stuck)
      let second = try await given.call("analyze_query_indexes", Self.quick)
      #expect(second.isError && second.text.contains("job_cancel"))
      let id = try #require(first.structured?["job"]?["id"])
      _ = try await given.call("job_cancel", ["job_id": id])
      #expect(try await !given.call("job_status", ["job_id": id]).isError)
      try await Task.sleep(for: .milliseconds(300))
      #expect(try await given.call("job_status", ["job_id": id]).isError)
    }
  }

  /// What cannot be recorded is not answered, and does not go on either.
  @Test func withoutARecordNothingGoesOn() async throws {
    try await withDatabase(schema: Self.schema) { url in
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.allowedFunctions = ["public.slow()"]
      let service = ProductService(
        governor: Governor([connection], audit: FullLog()), limits: limits(.milliseconds(300)))
      let given = Given(service: service, url: url)
      let result = try await given.call("analyze_query_indexes", Self.stuck)
      #expect(result.isError && result.text.contains("audited"))
      try await eventually { try await given.running() == 0 }
    }
  }

  @Test func whoWaitsIsToldWhatHappens() async throws {
    try await withDatabase(schema: Self.schema) { url in
      var connection = GovernedConnection(name: "main", target: ConnectionTarget(url: url))
      connection.allowedFunctions = ["public.nap()"]
      var peer = Peer(ProductService(governor: Governor([connection], audit: nil)))
      peer.caller = Caller(Principal(name: "a"), permissions: ["main": [.explain, .read]])
      let slow = #""name":"query","arguments":{"sql":"SELECT nap()"}"#
      let heard = await peer.say(modern("tools/call", slow, meta: #""progressToken":"t""#))
      #expect(heard.status == 200)
      let told = peer.outbox.all.compactMap { $0["params"]?["progress"]?.double }
      #expect(!told.isEmpty && told == told.sorted() && Set(told).count == told.count && told[0] >= 1)
      #expect(peer.outbox.all.allSatisfy { $0["params"]?["message"]?.string?.contains(" s, no rows yet") == true })
      let silent = Peer(peer.server.service)
      _ = await peer.say(modern("tools/call", slow))
      #expect(silent.outbox.all.isEmpty)
    }
  }
}

/// An audit on a full disk.
private struct FullLog: AuditLog {
  func append(_ record: AuditRecord) async throws(AuditFailure) { throw AuditFailure(message: "no space") }
}

/// Waits until something is so.
private func eventually(_ isSo: () async throws -> Bool) async throws {
  for _ in 0..<300 {
    if try await isSo() { return }
    try await Task.sleep(for: .milliseconds(20))
  }
  Issue.record("it did not come to be")
}

extension JSONObject {
  fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONObject {
    var copy = self
    copy[key] = value
    return copy
  }
}
