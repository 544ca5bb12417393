// Callers, connections and the audit, on a live server.

import Database
import Governance
import JSON
import Support
import Synchronization
import Testing

@Suite(.needsServer) struct GovernorTests {
  /// Keeps records, or refuses to.
  private final class Log: AuditLog {
    private let kept = Mutex<[AuditRecord]>([])
    private let isFull: Bool

    init(isFull: Bool = false) { self.isFull = isFull }

    var records: [AuditRecord] { kept.withLock { $0 } }

    func append(_ record: AuditRecord) async throws(AuditFailure) {
      if isFull { throw AuditFailure(message: "the disk is full") }
      kept.withLock { $0.append(record) }
    }
  }

  private let schema = """
    CREATE TABLE public.orders (id integer PRIMARY KEY, note text);
    INSERT INTO public.orders SELECT g, 'note ' || g FROM generate_series(1, 50) AS g;
    CREATE SCHEMA hidden;
    CREATE TABLE hidden.salaries (amount integer);
    CREATE VIEW public.leaked AS SELECT amount FROM hidden.salaries;
    """

  private func withGovernor(
    permissions: Set<Permission> = [.explain, .read], log: Log = Log(),
    _ change: (inout GovernedConnection) -> Void = { _ in },
    _ body: (Governor, _ call: (_ tool: String, _ connection: String?) -> GovernedCall) async throws -> Void
  ) async throws {
    try await withDatabase(schema: schema) { url in
      var connection = GovernedConnection(name: "shop", target: ConnectionTarget(url: url))
      change(&connection)
      var other = GovernedConnection(name: "secret", target: ConnectionTarget(url: url))
      other.limits.rows.rows = 1
      let caller = Caller(Principal(name: "agent", onBehalfOf: "user"), permissions: ["shop": permissions])
      try await body(Governor([connection, other], audit: log)) { tool, connection in
        GovernedCall(caller: caller, callID: "call-1", tool: tool, connection: connection)
      }
    }
  }

  private func rows(_ outcome: GovernedOutcome) throws -> GovernedRows {
    guard case .finished(let rows, _) = outcome else { throw CommandFailure(description: "\(outcome)") }
    return rows
  }

  private func refusal(_ outcome: GovernedOutcome) throws -> Verdict {
    guard case .refused(let verdict) = outcome else { throw CommandFailure(description: "\(outcome)") }
    return verdict
  }

  @Test func aReadComesBackAndIsRecorded() async throws {
    let log = Log()
    try await withGovernor(log: log) { governor, call in
      let outcome = try await governor.outcome(
        of: "SELECT id, note FROM orders WHERE id > $1 ORDER BY id", ["47"], for: call("query", nil), within: [.read],
        rows: 2)
      let found = try rows(outcome)
      #expect(found.cells == [["48", "note 48"], ["49", "note 49"]])
      #expect(found.isTruncated && found.columns.map(\.type) == ["integer", "text"])
      let record = try #require(log.records.first)
      #expect(log.records.count == 1 && record.outcome == .success && record.rows == 2 && record.connection == "shop")
      #expect(record.principal.name == "agent" && record.principal.onBehalfOf == "user" && record.rule == "read-query")
      #expect(record.time.count == 27 && record.time.hasSuffix("Z"))
    }
  }

  /// A tool reaches no further than what it is for, whatever is granted.
  @Test func theToolBoundsTheGrants() async throws {
    let log = Log()
    try await withGovernor(permissions: [.read, .write], log: log) { governor, call in
      let text = "DELETE FROM orders WHERE id = 1"
      let verdict = try refusal(
        try await governor.outcome(of: text, for: call("query", nil), within: [.explain, .read]))
      #expect(verdict.rule == "data-change" && log.records.last?.outcome == .refused)
      let done = try rows(try await governor.outcome(of: text, for: call("write_data", nil), within: [.read, .write]))
      #expect(done.affectedRows == 1)
      let rest = try await governor.outcome(of: "SELECT count(*) FROM orders", for: call("query", nil), within: [.read])
      #expect(try rows(rest).cells == [["49"]])
      let admin = try await governor.outcome(
        of: "SELECT pg_sleep(9)", for: call("execute_sql", nil), within: [.admin, .read])
      #expect(try refusal(admin).rule == "function-wait")
      #expect(log.records.map(\.outcome) == [.refused, .success, .success, .refused])
    }
  }

  /// Denied and absent are the same words.
  @Test func nobodyLearnsOfOtherConnections() async throws {
    let log = Log()
    try await withGovernor(log: log) { governor, call in
      var words: [String] = []
      for name in ["secret", "absent"] {
        let failure = await #expect(throws: GovernedFailure.self) {
          try await governor.outcome(of: "SELECT 1", for: call("query", name), within: [.read])
        }
        words.append(try #require(failure).description)
      }
      #expect(words[0] == words[1])
      #expect(log.records.map(\.outcome) == [.failed, .failed])
    }
  }

  @Test(arguments: [
    "SELECT * FROM hidden.salaries", "SELECT * FROM leaked",
    "SELECT 1 FROM orders, LATERAL (TABLE hidden.salaries) AS s",
    "SELECT relname FROM pg_catalog.pg_class",
  ])
  func otherSchemasAreNotThere(_ text: String) async throws {
    try await withGovernor { connection in
      connection.schemas = ["public"]
    } _: { governor, call in
      let verdict = try refusal(
        try await governor.outcome(of: text, for: call("query", nil), within: [.explain, .read]))
      #expect(verdict.rule == "schema" && !verdict.relations.contains { $0.schema == "hidden" })
      let allowed = try await governor.outcome(
        of: "SELECT count(*) FROM orders", for: call("query", nil), within: [.read])
      #expect(try rows(allowed).cells == [["50"]])
      #expect(
        try await governor.objects(in: "hidden", kind: "table", filter: nil, after: nil, limit: 9, for: call("t", nil))
          == [])
      #expect(try await governor.object("salaries", kind: "table", in: "hidden", for: call("t", nil)) == .null)
      let schemas = try await governor.schemas(includesSystem: true, for: call("t", nil))
      #expect(schemas.array?.map { $0["schema_name"]?.string } == ["public"])
    }
  }

  @Test func whatCannotBeRecordedIsWithheld() async throws {
    try await withGovernor(log: Log(isFull: true)) { governor, call in
      let failure = await #expect(throws: GovernedFailure.self) {
        try await governor.outcome(of: "SELECT 1", for: call("query", nil), within: [.read])
      }
      #expect(failure?.message.contains("audited") == true)
    }
  }

  /// Where a database is and as whom it is reached is no business of an agent's.
  @Test func anUnreachableDatabaseIsNotDescribed() async throws {
    let log = Log()
    let target = ConnectionTarget(url: "postgresql://somebody@host.invalid:1/secrets?connect_timeout=2")
    let governor = Governor([GovernedConnection(name: "main", target: target)], audit: log)
    let caller = Caller(Principal(name: "agent"), permissions: ["main": [.explain, .read]])
    let call = GovernedCall(caller: caller, callID: "c", tool: "query", connection: nil)
    let failure = await #expect(throws: GovernedFailure.self) {
      try await governor.outcome(of: "SELECT 1", for: call, within: [.read])
    }
    let words = try #require(failure).description
    #expect(words.contains("cannot be reached") && !words.contains("host.invalid") && !words.contains("somebody"))
    #expect(log.records.first?.reason?.contains("host.invalid") == true)
    let lent = await #expect(throws: GovernedFailure.self) {
      try await governor.lend(for: call, needing: .explain) { _ in }
    }
    #expect(lent?.description == words)
  }

  @Test func theServerSeesWhoAsks() async throws {
    try await withGovernor { governor, call in
      let outcome = try await governor.outcome(
        of: "SELECT current_setting('application_name')", for: call("query", nil), within: [.read])
      #expect(try rows(outcome).cells == [["pgadvisor agent for user call-1"]])
    }
  }

  /// What the parser does not know reaches the server in the one mode, with the one permission, and not otherwise.
  @Test func unprovenTextIsForAdministratorsOfUnrestrictedConnections() async throws {
    let everything = Set(Permission.allCases)
    // The server's parser decides here; on PostgreSQL 17 and newer with an older parser of ours it even runs.
    let newer =
      "MERGE INTO orders AS o USING (VALUES (1)) AS v(id) ON o.id = v.id WHEN MATCHED THEN DELETE RETURNING o.id"
    let unknown = "SELECT 1 FROM orders WHERE id IS DISCERNIBLE"
    func sqlState(
      _ text: String, _ mode: GovernedConnection.Mode, _ permissions: Set<Permission>, _ schemas: Set<String>? = nil
    ) async throws -> String {
      var found = ""
      try await withGovernor(permissions: permissions) { connection in
        connection.mode = mode
        connection.schemas = schemas
      } _: { governor, call in
        do throws(GovernedFailure) {
          let outcome = try await governor.outcome(of: text, for: call("execute_sql", nil), within: everything)
          if case .refused(let verdict) = outcome { found = verdict.rule } else { found = "ran" }
        } catch {
          found = error.sqlState ?? error.message
        }
      }
      return found
    }
    #expect(try await sqlState(unknown, .restricted, everything) == "syntax")
    #expect(try await sqlState(unknown, .unrestricted, everything.subtracting([.admin])) == "syntax")
    #expect(try await sqlState(unknown, .unrestricted, everything) == "42601")
    #expect(try await sqlState(unknown, .unrestricted, everything, ["public"]) == "syntax")
    #expect(["ran", "42601"].contains(try await sqlState(newer, .unrestricted, everything)))
    // Several statements never pass, also when nobody here can count them.
    #expect(try await sqlState("\(unknown); COMMIT", .unrestricted, everything) == "42601")
    #expect(try await sqlState("COMMIT", .unrestricted, everything) == "transaction-control")
    #expect(try await sqlState("SET role x", .unrestricted, everything) == "session-setting")
    #expect(try await sqlState("SELECT 1; SELECT 2", .unrestricted, everything) == "several-statements")
    #expect(try await sqlState("EXPLAIN (FUTURE) SELECT 1", .restricted, everything) == "explain-option")
    #expect(try await sqlState("EXPLAIN (FUTURE) SELECT 1", .unrestricted, everything) == "42601")
    #expect(try await sqlState("EXPLAIN (FUTURE) SELECT 1", .unrestricted, [.explain, .read]) == "explain-option")
  }

  /// What names mean is remembered between calls, and no longer than it is true.
  @Test func aChangedFunctionIsJudgedAnew() async throws {
    try await withGovernor(permissions: Set(Permission.allCases)) { governor, call in
      func define(_ body: String) async throws {
        let text = "CREATE OR REPLACE FUNCTION public.f() RETURNS integer LANGUAGE sql AS '\(body)'"
        _ = try rows(
          try await governor.outcome(of: text, for: call("run_admin", nil), within: Set(Permission.allCases)))
      }
      let question = "SELECT f() FROM orders LIMIT 1"
      try await define("SELECT 1")
      #expect(
        try rows(try await governor.outcome(of: question, for: call("query", nil), within: [.read])).cells == [["1"]])
      try await define("DELETE FROM orders RETURNING 1")
      let verdict = try refusal(try await governor.outcome(of: question, for: call("query", nil), within: [.read]))
      #expect(verdict.rule == "function-code")
    }
  }
}
