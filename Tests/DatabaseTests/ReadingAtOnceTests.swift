// A statement that goes out with the beginning of its transaction runs only where nothing has changed.

import Support
import Testing

@testable import Database

/// On a cluster of their own: others' commits are what is watched here.
@Suite(.needsServer, .serialized) struct ReadingAtOnceTests {
  private static let bounds = TransactionBounds()

  /// - Returns: the mark, after as many transactions.
  private func look(_ session: Session, times: Int) async throws -> String {
    var mark: String?
    for _ in 0..<times {
      mark = try await session.bounded(.readOnly, Self.bounds, discarding: true) { await $0.transactionMark }
    }
    return try #require(mark)
  }

  private func send(_ session: Session, _ text: String, under mark: String) async throws -> StreamedRows? {
    try await session.streamAtOnce(
      AdmittedStatement(admitting: text), under: mark, Self.bounds, limits: RowLimits(rows: 3))
  }

  /// Lines of the server's log.
  private func count(_ words: String, in cluster: ScratchCluster) throws -> Int {
    let log = try cluster.asServer(["cat", "\(cluster.directory)/log"]).text
    return log.split(separator: "\n").count { $0.contains(words) }
  }

  private func withCluster(_ body: (ScratchCluster, Session) async throws -> Void) async throws {
    var options = ScratchCluster.Options()
    options.settings = ["log_statement = 'all'"]
    let cluster = try ScratchCluster.start(options)
    _ = try cluster.run("CREATE SEQUENCE s")
    let session = try await Session.open(ConnectionTarget(url: cluster.url()))
    try await body(cluster, session)
    await session.close()
    try cluster.control("stop")
  }

  @Test func itRunsUnderTheBoundsAndLeavesNothing() async throws {
    try await withCluster { _, session in
      let mark = try await look(session, times: 2)
      #expect(await session.isSteady(under: mark, for: Self.bounds))
      for _ in 0..<3 {
        let rows = try #require(
          try await send(
            session,
            """
            SELECT current_setting('search_path'), current_setting('statement_timeout'),
              current_setting('transaction_read_only'), set_config('work_mem', '1MB', false)
            """, under: mark))
        #expect((0..<4).map { rows.text(0, $0) } == ["public, pg_temp", "30s", "on", "1MB"])
        #expect(await session.isClean)
      }
      let cut = try #require(try await send(session, "SELECT * FROM generate_series(1, 9)", under: mark))
      #expect(cut.rowCount == 3 && cut.truncation == .rows)
      // Told to stop, the server may have met what cleans: that is done again.
      #expect(await session.clean(within: .seconds(5)))
      for text in ["SELECT 1/0", "SELECT nextval('s')", "SELECT nothing"] {
        let failure = await #expect(throws: DatabaseError.self) { try await send(session, text, under: mark) }
        #expect(["22012", "25006", "42703"].contains(failure?.sqlState))
        // The look at what is left goes the way of all that stands behind a failure.
        #expect(await session.clean(within: .seconds(5)))
        #expect(await !session.isInTransaction)
      }
      #expect(try await send(session, "SELECT 1", under: mark) != nil)
      #expect(try await session.rows("SHOW work_mem", as: String.self) == ["4MB"])
    }
  }

  @Test func nothingRunsOnceSomebodyHasCommitted() async throws {
    try await withCluster { cluster, session in
      let mark = try await look(session, times: 2)
      _ = try cluster.run("CREATE TABLE t (a int)")
      #expect(await session.isSteady(under: mark, for: Self.bounds))
      #expect(try await send(session, "SELECT 'seen by nobody'", under: mark) == nil)
      #expect(await session.isClean)
      #expect(await !session.isInTransaction)
      #expect(await !session.isSteady(under: mark, for: Self.bounds))
      #expect(try count("seen by nobody", in: cluster) == 0)
      // That the log has it is the reason for the patience from now on.
      #expect(try count(" ERROR: ", in: cluster) == 1)
      #expect(try count("is judged once more\"", in: cluster) == 1)
      var looks = 0
      var second = mark
      while await !session.isSteady(under: second, for: Self.bounds), looks < 100 {
        second = try await look(session, times: 1)
        looks += 1
      }
      // The path is not believed for a while.
      #expect(looks >= 16 && looks < 25)
      #expect(try await send(session, "SELECT 'seen by somebody'", under: second) != nil)
      #expect(try count("seen by somebody", in: cluster) > 0)
      #expect(try count(" ERROR: ", in: cluster) == 1)
    }
  }

  @Test func aReloadOrALoadedLibraryIsNoticed() async throws {
    try await withCluster { cluster, session in
      let mark = try await look(session, times: 2)
      _ = try cluster.run("SELECT pg_reload_conf()")
      var rows: StreamedRows?
      for _ in 0..<200 {
        rows = try await send(session, "SELECT 1", under: mark)
        if rows == nil { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(rows == nil)
      let again = try await look(session, times: 4)
      let bounds = Self.bounds
      #expect(await session.isSteady(under: again, for: bounds))
      var others = bounds
      others.statementTimeout = .seconds(5)
      #expect(await !session.isSteady(under: again, for: others))
      // What looks like hypopg's library has more to clean.
      #expect(try await send(session, "SELECT set_config('hypopg.enabled', 'on', false)", under: again) != nil)
      #expect(try await send(session, "SELECT 1", under: again) == nil)
      let third = try await look(session, times: 24)
      #expect(await session.isSteady(under: third, for: bounds) == false)
      try await session.execute("SELECT 1")
      #expect(await !session.isSteady(under: again, for: bounds))
    }
  }
}
