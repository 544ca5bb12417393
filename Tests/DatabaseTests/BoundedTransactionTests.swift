// The transaction in which foreign statements run: what it pins, what it verifies, and what stays of it.

import Support
import Testing

@testable import Database

@Suite(.needsServer) struct BoundedTransactionTests {
  private struct Stop: Error {}

  private static let escapes = """
    CREATE TABLE public.t (a int);
    CREATE FUNCTION public.escape() RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE 'RESET transaction_read_only';
        INSERT INTO public.t VALUES (1);
        RETURN 1;
      END $$;
    """

  @discardableResult
  private func run(
    _ session: Session, _ text: String, rows: Int = 1_000, isLast: Bool = false
  ) async throws(DatabaseError) -> StreamedRows {
    var limits = RowLimits()
    limits.rows = rows
    return try await session.stream(
      AdmittedStatement(admitting: text), limits: limits, stopsAtCap: true, isLast: isLast)
  }

  /// With the end of the transaction in the same round trip.
  @Test(arguments: [
    ("SELECT 1", nil), ("SELECT 1/0", "22012"), ("SELECT '1.2.3.4'::inet", nil), ("INSERT INTO t VALUES (1)", "25006"),
    ("SELECT n FROM generate_series(1, 10000000) AS n", nil),
  ])
  func theLastStatementTakesTheEndAlong(text: String, state: String?) async throws {
    try await withDatabase(schema: Self.escapes) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var seen: String?
      for _ in 0..<3 {
        do {
          let rows = try await session.bounded(.readOnly, discarding: true) { session in
            try await run(session, text, isLast: true)
          }
          #expect(rows.rowCount == (text.contains("generate") ? 1_000 : 1))
        } catch let error as DatabaseError {
          seen = error.sqlState
        }
        #expect(await session.clean(within: .seconds(5)))
        #expect(try await session.rows("SHOW transaction_read_only", as: String.self) == ["off"])
        #expect(try await session.rows("SHOW statement_timeout", as: String.self) == ["0"])
      }
      #expect(seen == state)
      await session.close()
    }
  }

  @Test func refusesWritesAndTheWaysToThem() async throws {
    try await withDatabase(schema: Self.escapes) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.bounded(.readOnly) { session in
        for (text, state) in [
          ("INSERT INTO t VALUES (1)", "25006"), ("CREATE TEMP TABLE u (a int)", "25006"),
          ("SET TRANSACTION READ WRITE", "25001"), ("SET transaction_read_only = off", "25001"),
          ("SELECT set_config('transaction_read_only', 'off', false)", "25001"),
          ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "25001"),
        ] {
          let error = await #expect(throws: DatabaseError.self) { try await run(session, text) }
          #expect(error?.code == .server && ["25001", state].contains(error?.sqlState), "\(text)")
        }
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [0])
      await session.close()
    }
  }

  /// On versions below 17 PostgreSQL lets RESET through; it is noticed, and nothing of it is kept.
  @Test(arguments: ["SELECT escape()", "RESET transaction_read_only", "SET transaction_read_only TO DEFAULT"])
  func whoMakesItWritableIsNoticed(text: String) async throws {
    try await withDatabase(schema: Self.escapes) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for isLast in [false, true] {
        let error = await #expect(throws: DatabaseError.self) {
          try await session.bounded(.readOnly, discarding: isLast) { session in
            try await run(session, text, isLast: isLast)
          }
        }
        #expect(session.server.majorVersion >= 17 ? error?.code == .server : error?.code == .notReadOnly)
      }
      #expect(try await session.rows("SELECT count(*) FROM t", as: Int.self) == [0])
      #expect(try await session.rows("SHOW transaction_read_only", as: String.self) == ["off"])
      await session.close()
    }
  }

  @Test(arguments: [
    "COMMIT", "ROLLBACK", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "RELEASE SAVEPOINT pgadvisor_statement",
  ])
  func whoEndsItIsNoticed(text: String) async throws {
    try await withDatabase(schema: Self.escapes) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      for access in [TransactionAccess.readOnly, .readWrite] {
        if access == .readWrite && text.hasPrefix("RELEASE") { continue }
        let error = await #expect(throws: DatabaseError.self) {
          try await session.bounded(access) { session in try await run(session, text) }
        }
        #expect(error?.code == .transactionLeft || (access == .readOnly && error?.code == .notReadOnly))
        #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      }
      await session.close()
    }
  }

  @Test func whatAReadDidIsUndoneBeforeTheNext() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let path: SQL = "SHOW search_path"
      let before: [String] = try await session.rows(path)
      try await session.bounded(.readOnly) { session in
        let pinned: [String] = try await session.rows(path)
        #expect(pinned == ["public, pg_temp"])
        try await run(session, "SELECT set_config('search_path', 'evil', false), set_config('work_mem', '1GB', false)")
        try await run(session, "SET statement_timeout = 0")
        try await run(session, "SELECT pg_advisory_xact_lock(1)")
        #expect(try await session.rows(path, as: String.self) == pinned)
        #expect(try await session.rows("SHOW statement_timeout", as: String.self) == ["30s"])
        let locks: [Int] = try await session.rows("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        #expect(locks == [0])
      }
      #expect(try await session.rows(path, as: String.self) == before)
      #expect(try await session.rows("SHOW work_mem", as: String.self) == ["4MB"])
      await session.close()
    }
  }

  @Test func writesAreKeptOnlyIfTheBodyEndsWell() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let count: SQL = "SELECT count(*) FROM t"
      try await session.bounded(.readWrite) { session in
        let rows = try await session.stream(
          AdmittedStatement(admitting: "INSERT INTO t SELECT generate_series(1, 5000) RETURNING a"),
          limits: RowLimits(rows: 2))
        #expect(rows.rows.count == 2 && rows.truncation == .rows && rows.affectedRows == 5_000)
      }
      #expect(try await session.rows(count, as: Int.self) == [5_000])
      await #expect(throws: Stop.self) {
        try await session.bounded(.readWrite) { session in
          try await run(session, "DELETE FROM t")
          throw Stop()
        }
      }
      #expect(try await session.rows(count, as: Int.self) == [5_000])
      let deferred = await #expect(throws: DatabaseError.self) {
        try await session.bounded(.readWrite) { session in try await run(session, "INSERT INTO t VALUES (1)") }
      }
      #expect(deferred?.sqlState == "23505")
      // COMMIT of a failed transaction is a rollback that PostgreSQL reports as success.
      let swallowed = await #expect(throws: DatabaseError.self) {
        try await session.bounded(.readWrite) { session in
          try await run(session, "DELETE FROM t")
          try? await session.execute("SELECT 1/0")
        }
      }
      #expect(swallowed?.sqlState == "25P02")
      #expect(try await session.rows(count, as: Int.self) == [5_000])
      await session.close()
    }
  }

  @Test func boundsHoldAndStricterOnesStay() async throws {
    try await withDatabase { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let settings: SQL = """
        SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name IN ('statement_timeout',
          'lock_timeout', 'idle_in_transaction_session_timeout', 'work_mem', 'temp_file_limit', 'hash_mem_multiplier',
          'max_parallel_workers_per_gather', 'backslash_quote', 'standard_conforming_strings', 'client_encoding',
          'row_security', 'session_replication_role', 'transform_null_equals')
        """
      let before: [String] = try await session.rows(settings)
      try await session.execute("SET lock_timeout = '100ms'")
      try await session.execute("SET max_parallel_workers_per_gather = 0")
      try await session.execute("SET session_replication_role = replica")
      try await session.execute("SET backslash_quote = on")
      try await session.execute("SET standard_conforming_strings = off")
      try await session.execute("SET transform_null_equals = on")
      try await session.execute("SET client_encoding = 'LATIN1'")
      var bounds = TransactionBounds()
      bounds.statementTimeout = .seconds(7)
      bounds.workMemory = 1 << 20
      let inside: [String] = try await session.bounded(.readOnly, bounds) { session in
        #expect(await session.refusedSettings.isEmpty)
        return try await session.rows(settings)
      }
      let multiplier = session.server.versionNumber >= 150_000 ? "2" : "1"
      #expect(
        inside == [
          "backslash_quote=safe_encoding client_encoding=UTF8 hash_mem_multiplier=\(multiplier)"
            + " idle_in_transaction_session_timeout=60000 lock_timeout=100 max_parallel_workers_per_gather=0"
            + " row_security=on session_replication_role=origin standard_conforming_strings=on statement_timeout=7000"
            + " temp_file_limit=1048576 transform_null_equals=off work_mem=1024"
        ])
      try await session.execute("RESET ALL")
      try await session.execute("SET client_encoding = 'UTF8'")
      #expect(try await session.rows(settings, as: String.self) == before)
      await session.close()
    }
  }

  @Test func aPlainRoleIsToldWhichSettingsItMayNotMake() async throws {
    try await withDatabase { url in
      let admin = try await Session.open(ConnectionTarget(url: url))
      let role = "\(admin.server.database)_plain"
      let cluster = try ScratchCluster.shared()
      _ = try cluster.run("CREATE ROLE \(role) LOGIN")
      let target = ConnectionTarget(url: cluster.url(database: admin.server.database, role: role))
      let plain = try await Session.open(target)
      let shown: [String] = try await plain.bounded(.readOnly) { session in try await session.rows("SHOW work_mem") }
      #expect(shown == ["4MB"])
      let refused = await plain.refusedSettings
      #expect(refused.contains("temp_file_limit") && refused.contains("session_replication_role"))
      #expect(!refused.contains("work_mem") && !refused.contains("statement_timeout"))
      await plain.close()
      if admin.server.versionNumber >= 150_000 {
        _ = try cluster.run("GRANT SET ON PARAMETER temp_file_limit TO \(role)")
        let granted = try await Session.open(target)
        let limit: [String] = try await granted.bounded(.readOnly) { try await $0.rows("SHOW temp_file_limit") }
        #expect(limit == ["1GB"])
        #expect(await !granted.refusedSettings.contains("temp_file_limit"))
        await granted.close()
        _ = try cluster.run("REVOKE SET ON PARAMETER temp_file_limit FROM \(role)")
      }
      await admin.close()
      _ = try cluster.run("DROP ROLE \(role)")
    }
  }

  /// Somebody's operators and tables that stand before PostgreSQL's own on the search path are not met.
  @Test func theSearchPathIsPinned() async throws {
    let schema = """
      CREATE SCHEMA "Odd, App";
      CREATE TABLE public.witness (a int);
      CREATE FUNCTION public.seen(text, text) RETURNS bool LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.witness VALUES (1); RETURN true; END';
      CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.seen);
      CREATE OPERATOR public.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = public.seen);
      """
    try await withDatabase(schema: schema) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      try await session.execute("SET search_path = pg_temp, public, absent, \"Odd, App\", pg_catalog")
      try await session.execute("CREATE TEMP TABLE pg_class (a int)")
      let path: SQL = "SHOW search_path"
      let own: [String] = try await session.bounded(.readWrite) { session in
        let classes = try await run(session, "SELECT relname FROM pg_class LIMIT 1")
        #expect(classes.rows.count == 1)
        return try await session.rows(path)
      }
      #expect(own == ["public, \"Odd, App\", pg_temp"])
      var bounds = TransactionBounds()
      bounds.searchPath = ["pg_temp", "Odd, App"]
      let given: [String] = try await session.bounded(.readWrite, bounds) { try await $0.rows(path) }
      #expect(given == ["\"Odd, App\", pg_temp"])
      #expect(try await session.rows("SELECT count(*) FROM public.witness", as: Int.self) == [0])
      await session.close()
    }
  }

  @Test func timeoutsEndStatements() async throws {
    try await withDatabase(schema: "CREATE TABLE t (a int)") { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let other = try await Session.open(ConnectionTarget(url: url))
      var bounds = TransactionBounds()
      bounds.statementTimeout = .milliseconds(100)
      bounds.lockTimeout = .milliseconds(50)
      let slow = await #expect(throws: DatabaseError.self) {
        try await session.bounded(.readOnly, bounds) { session in try await run(session, "SELECT pg_sleep(20)") }
      }
      #expect(slow?.code == .statementTimeout)
      try await other.bounded(.readWrite) { other in
        try await run(other, "LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        let locked = await #expect(throws: DatabaseError.self) {
          try await session.bounded(.readOnly, bounds) { session in try await run(session, "SELECT * FROM t") }
        }
        #expect(locked?.code == .lockTimeout)
      }
      #expect(try await session.rows("SELECT 1", as: Int.self) == [1])
      await session.close()
      await other.close()
    }
  }
}
