// What was admitted runs, under caps, and leaves nothing; what was not does not.

import Database
import Support
import Testing

@testable import Governance

@Suite(.needsServer) struct ExecutorTests {
  private static let schema = """
    CREATE TABLE items (id integer PRIMARY KEY, name text);
    INSERT INTO items SELECT i, 'item ' || i FROM generate_series(1, 5000) AS i;
    CREATE FUNCTION shown() RETURNS integer LANGUAGE sql AS 'SELECT 1';
    """
  private let reader = Grants(Principal(name: "reader"), [.explain, .read])
  private let writer = Grants(Principal(name: "writer"), [.explain, .read, .write])

  /// A session with an executor on it, on a fresh database.
  private func withExecutor(
    rows: RowLimits = RowLimits(), _ body: (inout Executor, Session) async throws -> Void
  ) async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var limits = ExecutionLimits()
      limits.rows = rows
      var executor = Executor(on: session, limits: limits)
      try await body(&executor, session)
      await session.close()
    }
  }

  private func taken(_ text: String, _ executor: inout Executor, by grants: Grants) async throws -> StreamedRows {
    guard case .finished(let rows, _) = try await executor.answer(to: text, by: grants) else {
      Issue.record("it was refused: \(text)")
      return StreamedRows()
    }
    return rows
  }

  private func refused(_ text: String, _ executor: inout Executor, by grants: Grants) async throws -> Verdict? {
    if case .refused(let verdict) = try await executor.answer(to: text, by: grants) { verdict } else { nil }
  }

  private func count(_ session: Session) async throws -> Int {
    let rows: [Int] = try await session.rows("SELECT pg_catalog.count(*) FROM public.items")
    return rows[0]
  }

  @Test func readsAndSaysWhatItTook() async throws {
    try await withExecutor { executor, _ in
      let answer = try await taken("SELECT id, name FROM items WHERE id < 3 ORDER BY id", &executor, by: reader)
      #expect(answer.columns.map(\.name) == ["id", "name"])
      #expect(
        answer.rows.map { $0.map { $0.map { String(decoding: $0, as: UTF8.self) } } } == [
          ["1", "item 1"], ["2", "item 2"],
        ])
      #expect(answer.truncation == nil && answer.resumeHint == nil)
    }
  }

  @Test func rowsBeyondTheCapAreLeftOutAndSaidSo() async throws {
    try await withExecutor(rows: RowLimits(rows: 10)) { executor, _ in
      for text in ["SELECT id FROM items", "SELECT a.id FROM items AS a, items AS b, items AS c"] {
        let answer = try await taken(text, &executor, by: reader)
        #expect(answer.rows.count == 10 && answer.truncation == .rows && answer.resumeHint != nil)
      }
      // Exactly as many as the cap: that is all of them.
      let whole = try await taken("SELECT id FROM items WHERE id <= 10", &executor, by: reader)
      #expect(whole.truncation == nil)
    }
  }

  @Test func bytesBeyondTheCapAreLeftOut() async throws {
    try await withExecutor(rows: RowLimits(rows: 1_000, bytes: 500, cellBytes: 100)) { executor, _ in
      let answer = try await taken("SELECT repeat('ä', 1000) FROM items", &executor, by: reader)
      #expect(answer.truncation == .bytes && answer.rows.count == 5 && answer.cutCells == 5)
      #expect(answer.rows.allSatisfy { ($0[0] ?? []).count == 100 })
    }
  }

  @Test func whatNeedsMoreThanIsGrantedDoesNotRun() async throws {
    try await withExecutor { executor, session in
      for text in [
        "DELETE FROM items", "WITH d AS (DELETE FROM items RETURNING *) SELECT * FROM d",
        "SELECT * FROM items FOR UPDATE",
        "EXPLAIN ANALYZE DELETE FROM items", "SELECT nosuch()", "BEGIN", "RESET transaction_read_only",
        "COPY items TO STDOUT",
        "SELECT 1; DELETE FROM items", "", "SELECT pg_sleep(0)",
      ] {
        let verdict = try await refused(text, &executor, by: reader)
        #expect(verdict != nil, "\(text)")
      }
      let left = try await count(session)
      #expect(left == 5_000)
    }
  }

  @Test func aWriteThatIsGrantedIsCommitted() async throws {
    try await withExecutor { executor, session in
      let answer = try await taken("DELETE FROM items WHERE id > 4990 RETURNING id", &executor, by: writer)
      #expect(answer.rows.count == 10 && answer.affectedRows == 10)
      let left = try await count(session)
      #expect(left == 4_990)
    }
  }

  @Test func aFailureDisturbsNoOther() async throws {
    try await withExecutor { executor, _ in
      await #expect(throws: ExecutionFailure.self) { try await executor.answer(to: "SELECT 1 / 0", by: reader) }
      await #expect(throws: ExecutionFailure.self) {
        try await executor.answer(to: "SELECT * FROM nowhere", by: reader)
      }
      let next = try await taken("SELECT 1", &executor, by: reader)
      #expect(next.rows.count == 1)
    }
  }

  /// The same name means something else from one call to the next, and the gate notices.
  @Test func aFunctionThatChangesIsJudgedAgain() async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var executor = Executor(on: session)
      for _ in 1...2 {
        let verdict = try await refused("SELECT shown()", &executor, by: reader)
        #expect(verdict == nil)
      }
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute(
        "CREATE OR REPLACE FUNCTION public.shown() RETURNS integer LANGUAGE sql AS 'DELETE FROM public.items; SELECT 1'"
      )
      let changed = try await refused("SELECT shown()", &executor, by: reader)
      #expect(changed?.permissions.contains(.write) == true)
      try await other.execute("DROP FUNCTION public.shown()")
      let absent = try await refused("SELECT shown()", &executor, by: reader)
      #expect(absent?.strongest == .admin)
      let left = try await count(other)
      #expect(left == 5_000)
      await other.close()
      await session.close()
    }
  }

  @Test func aVerdictFromMemoryHoldsWhileNothingChanges() async throws {
    try await withDatabase(schema: Self.schema, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var executor = Executor(on: session, discarding: true)
      for _ in 1...3 { #expect(try await executor.verdict(on: "SELECT shown()").strongest == .read) }
      #expect(try await session.unchangedMark(for: TransactionBounds()) != nil)
      // A name that was never looked up.
      #expect(try await executor.verdict(on: "SELECT * FROM items").strongest == .read)
      let other = try await Session.open(ConnectionTarget(url: url))
      try await other.execute(
        "CREATE OR REPLACE FUNCTION public.shown() RETURNS integer LANGUAGE sql AS 'DELETE FROM public.items; SELECT 1'"
      )
      #expect(try await session.unchangedMark(for: TransactionBounds()) == nil)
      for _ in 1...2 { #expect(try await executor.verdict(on: "SELECT shown()").permissions.contains(.write)) }
      await other.close()
      await session.close()
    }
  }

  @Test func nothingIsLeftOfACall() async throws {
    try await withExecutor { executor, session in
      _ = try await executor.answer(to: "SELECT count(*) FROM items", by: reader)
      let settings: [String] = try await session.rows(
        "SELECT pg_catalog.current_setting('statement_timeout') || pg_catalog.current_setting('search_path')")
      #expect(settings == ["0\"$user\", public"])
    }
  }

  @Test func cancellingTheCallerCancelsTheServer() async throws {
    try await withExecutor { executor, session in
      var copy = executor
      let reader = reader
      let slow = Task {
        try await copy.answer(to: "SELECT count(*) FROM generate_series(1, 2000000000) AS i", by: reader)
      }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      slow.cancel()
      await #expect(throws: ExecutionFailure.self) { try await slow.value }
      #expect(ContinuousClock.now - start < .seconds(5))
      let next = try await taken("SELECT 1", &executor, by: reader)
      #expect(next.rows.count == 1)
      _ = session
    }
  }
}
