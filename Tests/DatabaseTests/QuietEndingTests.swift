// What one foreign statement leaves on a session, whatever it was: nothing that the next one could see.

import Support
import Testing

@testable import Database

/// On a cluster of their own: others' commits would change the mark. Statements are those of a gate that is wrong.
@Suite(.needsServer, .serialized) struct QuietEndingTests {
  private static let bounds = TransactionBounds()
  private static let functions = """
    CREATE FUNCTION run(command text) RETURNS int LANGUAGE plpgsql AS 'BEGIN EXECUTE command; RETURN 1; END';
    CREATE FUNCTION replace_all() RETURNS int LANGUAGE plpgsql AS $$
      DECLARE known text;
      BEGIN
        FOREACH known IN ARRAY ARRAY(SELECT name FROM pg_prepared_statements) LOOP
          EXECUTE format('DEALLOCATE %I', known);
          EXECUTE format('PREPARE %I (text, text, text, text, text, text, text, text, text) AS SELECT ''on''', known);
        END LOOP;
        RETURN 1;
      END $$;
    CREATE SEQUENCE s;
    CREATE ROLE guest LOGIN;
    """

  /// All that a session has of its own.
  private static let state: SQL = """
    SELECT concat_ws(' ', session_user, current_user,
      (SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings
        WHERE source = 'session' AND name NOT IN ('application_name')),
      (SELECT count(*) FROM pg_prepared_statements WHERE from_sql), (SELECT count(*) FROM pg_cursors),
      (SELECT count(*) FROM pg_listening_channels()),
      (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
      (SELECT count(*) FROM pg_class WHERE relpersistence = 't'), current_setting('search_path'))
    """

  private func withSession(
    as login: String = "postgres", _ body: (ScratchCluster, Session) async throws -> Void
  ) async throws {
    var options = ScratchCluster.Options()
    options.settings = ["log_statement = 'all'"]
    let cluster = try ScratchCluster.start(options)
    _ = try cluster.run(Self.functions)
    if login == "guest" { _ = try cluster.run("REVOKE EXECUTE ON FUNCTION pg_advisory_unlock_all() FROM PUBLIC") }
    let url = cluster.url().replacing("//postgres@", with: "//\(login)@")
    let session = try await Session.open(ConnectionTarget(url: url))
    try await body(cluster, session)
    await session.close()
    try cluster.control("stop")
  }

  private func steadyMark(_ session: Session) async throws -> String {
    for _ in 0..<100 {
      let mark = try await session.bounded(.readOnly, Self.bounds, discarding: true) { await $0.transactionMark }
      if let mark, await session.isSteady(under: mark, for: Self.bounds) { return mark }
    }
    throw DatabaseError(code: .changed, message: "the cluster does not come to rest")
  }

  private func send(_ session: Session, _ text: String) async throws -> StreamedRows? {
    try await session.streamAtOnce(
      AdmittedStatement(admitting: text), under: steadyMark(session), Self.bounds, limits: RowLimits(rows: 3))
  }

  private func discards(in cluster: ScratchCluster) throws -> Int {
    let log = try cluster.asServer(["cat", "\(cluster.directory)/log"]).text
    return log.split(separator: "\n").count { $0.contains("DISCARD") }
  }

  @Test func whatIsPreparedStaysAndNothingIsDiscarded() async throws {
    try await withSession { cluster, session in
      let mark = try await steadyMark(session)
      let before = try discards(in: cluster)
      for number in 1...9 {
        let rows = try await session.streamAtOnce(
          AdmittedStatement(admitting: "SELECT count(*), \(number) FROM pg_prepared_statements"), under: mark,
          Self.bounds,
          limits: RowLimits())
        // This condition, and the one of plans.
        #expect(rows?.text(0, 0) == (number == 1 ? "1" : "2") && rows?.text(0, 1) == "\(number)")
        #expect(await session.isClean)
        let path = ["public"]
        let plan = try await session.plan(
          PlanRequest(planning: "SELECT \(number)"), through: path, ReadOnlyLimits(), under: mark, discarding: true)
        #expect(plan.rows.count == 1)
        #expect(await session.isClean)
      }
      #expect(try discards(in: cluster) == before)
    }
  }

  @Test func noStatementLeavesAnything() async throws {
    try await withSession { _, session in
      let fresh = try await session.rows(Self.state, as: String.self)
      #expect(await session.clean(within: .seconds(5)))
      let hostile = [
        "SELECT pg_advisory_lock(7)", "SELECT pg_advisory_lock_shared(7, 8), 1/0", "PREPARE mine AS SELECT 1",
        "SELECT run('PREPARE mine AS SELECT 1')", "SELECT run('DEALLOCATE ALL')", "DEALLOCATE ALL",
        "SELECT replace_all()", "SET work_mem = '1MB'", "SELECT set_config('search_path', 'nowhere', false)",
        "SET SESSION AUTHORIZATION guest", "SET ROLE guest", "SELECT set_config('role', 'guest', false)",
        "LISTEN somebody", "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CREATE TEMPORARY TABLE t (a int)",
        "SELECT nextval('s')", "SET TRANSACTION READ WRITE", "SET transaction_read_only = off",
        "SELECT set_config('transaction_read_only', 'off', true), nextval('s')",
        "SELECT run('SET LOCAL transaction_read_only = off'), nextval('s')", "RESET transaction_read_only", "RESET ALL",
        "DISCARD PLANS", "COMMIT", "ROLLBACK",
        "COMMIT AND CHAIN", "SELECT run('SET SESSION AUTHORIZATION guest')", "SELECT * FROM generate_series(1, 9)",
        "SELECT run('PREPARE other AS SELECT 1') FROM generate_series(1, 1)", "SELECT pg_terminate_backend(0)",
      ]
      for text in hostile {
        _ = try? await send(session, text)
        #expect(await session.clean(within: .seconds(5)), "\(text)")
        #expect(try await session.rows(Self.state, as: String.self) == fresh, "\(text)")
        #expect(await session.clean(within: .seconds(5)))
        // And the next one is bounded as ever.
        let next = try #require(
          try await send(
            session,
            """
            SELECT current_setting('statement_timeout'), current_setting('search_path'),
              current_setting('transaction_read_only')
            """))
        #expect((0..<3).map { next.text(0, $0) } == ["30s", "public, pg_temp", "on"], "\(text)")
      }
      #expect(try await session.rows("SELECT is_called FROM s", as: Bool.self) == [false])
    }
  }

  /// Our condition under its own name, made by SQL: seen before anybody else has the session.
  @Test func whatIsReplacedIsSeen() async throws {
    try await withSession { _, session in
      _ = try await send(session, "SELECT 1")
      #expect(await session.isClean)
      #expect(try await send(session, "SELECT replace_all()") != nil)
      #expect(await !session.isClean)
      #expect(await session.clean(within: .seconds(5)))
      #expect(try await send(session, "SELECT 2") != nil)
    }
  }

  /// Where nothing is prepared any more there is no answer either, and none is taken for a good one.
  @Test func whatIsDeallocatedIsMissed() async throws {
    try await withSession { cluster, session in
      _ = try await send(session, "SELECT 1")
      let failure = await #expect(throws: DatabaseError.self) {
        try await send(session, "SELECT run('DEALLOCATE ALL')")
      }
      #expect(failure?.code == .notReadOnly)
      #expect(await session.clean(within: .seconds(5)))
      // This session ends as others do from now on.
      let before = try discards(in: cluster)
      #expect(try await send(session, "SELECT run('DEALLOCATE ALL')")?.text(0, 0) == "1")
      #expect(await session.isClean)
      #expect(try discards(in: cluster) > before)
    }
  }

  /// Turned to questions of ours and back: names of what is prepared are given out once.
  @Test func aSessionIsTurnedBackAndForth() async throws {
    try await withSession { (_, session) async throws -> Void in
      for _ in 0..<3 {
        #expect(try await send(session, "SELECT 1") != nil)
        #expect(await session.devote(toOurs: true, within: .seconds(5)))
        #expect(try await session.rows("SELECT 1 + $1::int AS n", ["2"], as: Int.self) == [3])
        #expect(await session.devote(toOurs: false, within: .seconds(5)))
      }
    }
  }

  @Test func whoMayNotLookDiscards() async throws {
    try await withSession(as: "guest") { cluster, session in
      _ = try await send(session, "SELECT 1")
      let before = try discards(in: cluster)
      #expect(try await send(session, "SELECT 2")?.text(0, 0) == "2")
      #expect(await session.isClean)
      #expect(try discards(in: cluster) > before)
    }
  }
}
