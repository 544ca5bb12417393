// Foreign statements that are run: their rows arrive one by one, under caps.

import Database
import Foundation
import Support
import Testing

@Suite(.needsServer) struct StreamTests {
  private func withStream<R>(
    _ url: String, _ text: String, _ limits: RowLimits = RowLimits(),
    parameters: [PlanParameter] = [], access: TransactionAccess = .readOnly, stopsAtCap: Bool = true,
    then body: (Session, StreamedRows) async throws -> R
  ) async throws -> R {
    let session = try await Session.open(ConnectionTarget(url: url))
    let result = try await session.bounded(access) { session in
      let rows = try await session.stream(
        AdmittedStatement(admitting: text, parameters: parameters), limits: limits, stopsAtCap: stopsAtCap)
      return try await body(session, rows)
    }
    await session.close()
    return result
  }

  private func rows(_ url: String, _ text: String, _ limits: RowLimits = RowLimits()) async throws -> StreamedRows {
    try await withStream(url, text, limits) { _, rows in rows }
  }

  @Test func rowsWithTheirColumnsAndTypes() async throws {
    try await withDatabase(schema: "CREATE TYPE public.colour AS ENUM ('red')") { url in
      let found = try await rows(
        url, "SELECT g AS n, NULL::text AS t, 'red'::public.colour AS \"C\" FROM generate_series(1, 3) g -- end")
      #expect(
        found.columns == [
          StreamedRows.Column(name: "n", typeID: 23, typeName: "integer"),
          StreamedRows.Column(name: "t", typeID: 25, typeName: "text"),
          StreamedRows.Column(name: "C", typeID: found.columns[2].typeID, typeName: "public.colour"),
        ])
      #expect(found.rows.count == 3 && found.text(2, 0) == "3" && found.text(0, 1) == nil && found.text(1, 2) == "red")
      #expect(!found.isTruncated && found.cuts.isEmpty && found.commandTag == "SELECT 3" && found.affectedRows == nil)
      let none = try await rows(url, "SELECT 1 AS a WHERE false")
      #expect(none.columns.map(\.name) == ["a"] && none.rows.isEmpty && none.commandTag == "SELECT 0")
      let shown = try await rows(url, "SHOW transaction_read_only")
      #expect(shown.text(0, 0) == "on" && shown.affectedRows == nil)
    }
  }

  @Test func parametersAreBound() async throws {
    try await withDatabase { url in
      let values = [PlanParameter(value: "x'; DROP TABLE t; --", typeID: 25), PlanParameter(value: nil, typeID: 23)]
      try await withStream(url, "SELECT $1, $2 IS NULL", parameters: values) { _, rows in
        #expect(rows.text(0, 0) == "x'; DROP TABLE t; --" && rows.text(0, 1) == "t")
      }
    }
  }

  /// The server is stopped, and both the transaction and the session go on.
  @Test func aCapEndsAnEndlessAnswer() async throws {
    try await withDatabase { url in
      let began = ContinuousClock.now
      let endless = "SELECT generate_series(1, 1000000000), repeat('x', 100)"
      try await withStream(url, endless, RowLimits(rows: 10)) { session, found in
        #expect(found.rows.count == 10 && found.truncation == .rows && found.text(9, 0) == "10")
        #expect(found.columns.map(\.typeName) == ["integer", "text"])
        let next = try await session.stream(
          AdmittedStatement(admitting: "SELECT 7"), limits: RowLimits(), stopsAtCap: true)
        #expect(next.text(0, 0) == "7" && !next.isTruncated)
        #expect(try await session.rows("SELECT 8", as: Int.self) == [8])
      }
      #expect(ContinuousClock.now - began < .seconds(30))
      let exact = try await rows(url, "SELECT generate_series(1, 10)", RowLimits(rows: 10))
      #expect(exact.rows.count == 10 && !exact.isTruncated)
      let one = try await rows(url, "SELECT generate_series(1, 11)", RowLimits(rows: 10))
      #expect(one.rows.count == 10 && one.truncation == .rows)
    }
  }

  @Test func bytesAreCountedOverAllCells() async throws {
    try await withDatabase { url in
      let found = try await rows(
        url, "SELECT repeat('x', 40), repeat('y', 60) FROM generate_series(1, 1000000)", RowLimits(bytes: 1_050))
      #expect(found.rows.count == 10 && found.truncation == .bytes)
      let whole = try await rows(url, "SELECT repeat('x', 100) FROM generate_series(1, 10)", RowLimits(bytes: 1_000))
      #expect(whole.rows.count == 10 && !whole.isTruncated)
      let first = try await rows(url, "SELECT repeat('x', 100)", RowLimits(bytes: 99))
      #expect(first.rows.isEmpty && first.truncation == .bytes)
    }
  }

  @Test func aHugeCellIsCutBehindAWholeCharacterAndMarked() async throws {
    try await withDatabase { url in
      let found = try await rows(
        url, "SELECT 'short', repeat('€', 1000000) UNION ALL SELECT repeat('x', 8), repeat('y', 7)",
        RowLimits(cellBytes: 7))
      #expect(found.text(0, 0) == "short" && found.text(0, 1) == "€€")
      #expect(found.text(1, 0) == "xxxxxxx" && found.text(1, 1) == "yyyyyyy")
      #expect(
        found.cuts == [
          StreamedRows.Cut(row: 0, column: 1, byteCount: 3_000_000),
          StreamedRows.Cut(row: 1, column: 0, byteCount: 8),
        ])
      #expect(!found.isTruncated)
    }
  }

  @Test func aRowThatMemoryShouldNotHoldEndsTheConnection() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let error = await #expect(throws: DatabaseError.self) {
        try await session.bounded(.readOnly) { session in
          try await session.stream(
            AdmittedStatement(admitting: "SELECT repeat('x', 400000000)"), limits: RowLimits(rowBytes: 1 << 20))
        }
      }
      #expect(error?.code == .rowTooLarge && error?.advice?.isEmpty == false)
      let after = await #expect(throws: DatabaseError.self) { try await session.execute("SELECT 1") }
      #expect(after?.code == .closed)
    }
  }

  #if os(Linux)
    /// 400 MB pass through, and are not held.
    @Test func memoryIsBoundedWhateverPassesThrough() async throws {
      func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(status.split(separator: " ")[1]) ?? 0) * 4_096
      }
      try await withDatabase { url in
        let before = try resident()
        let watch = Task {
          var most = 0
          while !Task.isCancelled {
            most = max(most, try resident())
            try? await Task.sleep(for: .milliseconds(5))
          }
          return most
        }
        let text = "SELECT repeat('x', 20000) FROM generate_series(1, 20000)"
        try await withStream(url, text, RowLimits(rows: 5), stopsAtCap: false) { _, found in
          #expect(found.rows.count == 5 && found.truncation == .rows && found.commandTag == "SELECT 20000")
        }
        watch.cancel()
        #expect(try await watch.value - before < 120 << 20)
      }
    }
  #endif

  @Test func aFailedStatementDisturbsNoOther() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.bounded(.readWrite) { session in
        func run(_ text: String) async throws(DatabaseError) -> StreamedRows {
          try await session.stream(AdmittedStatement(admitting: text), limits: RowLimits())
        }
        let inserted = try await run("INSERT INTO t VALUES (1)")
        #expect(inserted.affectedRows == 1)
        let late = await #expect(throws: DatabaseError.self) {
          _ = try await run("SELECT 1 / (100 - g) FROM generate_series(1, 200) g")
        }
        #expect(late?.sqlState == "22012")
        let wrong = await #expect(throws: DatabaseError.self) { _ = try await run("SELEC 1") }
        #expect(wrong?.sqlState == "42601")
        let count = try await run("SELECT count(*) FROM t")
        #expect(count.text(0, 0) == "1")
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [1])
      await session.close()
    }
  }

  @Test(arguments: [
    ("SELECT 1; SELECT 2", "42601"), ("SELECT 1; COMMIT", "42601"), ("", ""), ("SELECT 1 \0; SELECT 2", nil),
    ("SELECT $1::int", "08P01"),
  ])
  func oneStatementOnly(text: String, state: String?) async throws {
    try await withDatabase { url in
      if state == "" {
        let found = try await rows(url, text)
        #expect(found.rows.isEmpty && found.columns.isEmpty && found.affectedRows == nil)
        return
      }
      let error = await #expect(throws: DatabaseError.self) { try await rows(url, text) }
      #expect(error?.sqlState == state)
      if state == nil { #expect(error?.code == .invalidText) }
    }
  }

  @Test(arguments: ["COPY (SELECT 1) TO STDOUT", "COPY t FROM STDIN"])
  func copyingHasNoChannel(text: String) async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let error = await #expect(throws: DatabaseError.self) {
        try await withStream(url, text, access: .readWrite) { _, _ in }
      }
      #expect(error?.message.contains("COPY") == true, "\(String(describing: error))")
    }
  }

  @Test func runsOnlyInsideATransactionOfOurs() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let statement = AdmittedStatement(admitting: "SELECT 1")
      let error = await #expect(throws: DatabaseError.self) {
        try await session.stream(statement, limits: RowLimits(), stopsAtCap: true)
      }
      #expect(error?.code == .noTransaction)
      let inside = await #expect(throws: DatabaseError.self) {
        try await session.readOnly { session in try await session.stream(statement, limits: RowLimits()) }
      }
      #expect(inside?.code == .noTransaction)
      await session.close()
    }
  }

  @Test func cancellingTheTaskCancelsTheStatement() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for text in ["SELECT pg_sleep(30)", "SELECT g, pg_sleep(0.001) FROM generate_series(1, 1000000) g"] {
        let task = Task {
          try await session.bounded(.readOnly) { session in
            try await session.stream(
              AdmittedStatement(admitting: text), limits: RowLimits(rows: 3), stopsAtCap: text.contains("30"))
          }
        }
        try await Task.sleep(for: .milliseconds(300))
        let began = ContinuousClock.now
        task.cancel()
        let error = await #expect(throws: DatabaseError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      }
      await session.close()
    }
  }

  /// However the end of the answer and the order to stop meet, the next statement is not hit.
  @Test func stoppingAtAnyMomentNeverHitsTheNextStatement() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      await withSeededRandom { random in
        for _ in 0..<60 {
          let count = Int.random(in: 2...20_000, using: &random)
          let text = "SELECT g FROM generate_series(1, \(count)) g"
          let (found, next) = try await session.bounded(.readOnly) { session in
            let found = try await session.stream(AdmittedStatement(admitting: text), limits: RowLimits(rows: 1))
            return (found, try await session.rows("SELECT 1", as: Int.self))
          }
          #expect(found.truncation == .rows && found.rows.count == 1 && next == [1], "\(random)")
          #expect(try await session.rows("SELECT 2", as: Int.self) == [2], "\(random)")
        }
      }
      await session.close()
    }
  }
}
