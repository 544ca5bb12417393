// What pg_stat_statements recorded of the connected database, on every server from PostgreSQL 13 to 18.

/// Which recorded statements are wanted.
package struct StatementThresholds: Sendable, Equatable {
  package var minimumCalls: Int64 = 1
  package var minimumMeanMilliseconds = 0.0
  /// Share of the recorded execution time, 0…1.
  package var minimumShare = 0.0001
  package var limit = 500

  package init() {}
}

/// One recorded statement; times in milliseconds, blocks of the server's block size.
package struct RecordedStatement: Sendable, Decodable {
  package var queryID: Int64
  /// Constants are replaced by `$1`, …; texts beyond a million characters are cut.
  package var text: String
  package var role: String?
  /// The `search_path` setting that new sessions of this role in this database get, as it is written in
  /// `ALTER ROLE … SET` or the configuration, with `$user` unreplaced; nil for a role that is gone.
  package var searchPath: String?
  /// Run by a client itself and not inside a function; always true before version 14.
  package var isTopLevel: Bool
  package var calls: Int64
  package var totalMilliseconds: Double
  package var meanMilliseconds: Double
  package var rows: Int64
  package var blocksHit: Int64
  package var blocksRead: Int64
  package var blocksDirtied: Int64
  package var blocksWritten: Int64
  /// Read and written.
  package var temporaryBlocks: Int64
  /// Waiting for reads and writes, where `track_io_timing` is on.
  package var ioMilliseconds: Double
  package var walRecords: Int64
  package var walBytes: Double
}

/// What was recorded as a whole, and the statements above the thresholds, by total time.
package struct StatementStatistics: Sendable {
  package var statements: [RecordedStatement]
  /// Statements of this database, ours and unreadable ones left out.
  package var recordedCount: Int
  /// Execution time of all statements of this database but ours, those included whose text is not readable.
  package var recordedMilliseconds: Double
  package var recordedCalls: Int64
  /// Statements whose text this role may not read.
  package var hiddenCount: Int
  /// Readable statements below the thresholds or beyond the limit.
  package var leftOutCount: Int
  /// When counting began, as text in UTC; nil on PostgreSQL 13.
  package var since: String?
  /// Entries dropped because the extension was full; nil on PostgreSQL 13.
  package var deallocations: Int64?
  /// How much longer the table counters (`pg_stat_user_tables`) run than these statistics; 1 when not known.
  package var tableCounterFactor: Double
}

extension Session {
  /// Statements of the connected database, ours left out; one round trip.
  /// - Throws: `.unsupported` where the extension is not installed, PostgreSQL's reason where it is not loaded.
  package func statementStatistics(
    _ thresholds: StatementThresholds
  ) async throws(DatabaseError) -> StatementStatistics {
    guard case .installed(let schema, let version) = server.statStatements else {
      throw DatabaseError(
        code: .unsupported, message: "pg_stat_statements is not installed in database \(server.database)")
    }
    let questions = StatementQuestions(extensionVersion: version)
    let values: [String?] = [
      "\(thresholds.minimumCalls)", "\(thresholds.minimumMeanMilliseconds)", "\(thresholds.minimumShare)",
      "\(max(0, thresholds.limit))",
    ]
    var steps: [Step] = [.statement(questions.summary, []), .statement(questions.statements, values)]
    if let info = questions.info { steps.append(.statement(info, [])) }
    let answers = try await ask(steps, in: schema)
    let statements = try answers[1].decoded(as: RecordedStatement.self)
    let info = answers.count > 2 ? try answers[2].decoded(as: InfoRow.self).first : nil
    guard let summary = try answers[0].decoded(as: SummaryRow.self).first else {
      throw DatabaseError(code: .protocolViolation, message: "pg_stat_statements gave no summary")
    }
    return StatementStatistics(
      statements: statements, recordedCount: summary.count, recordedMilliseconds: summary.milliseconds,
      recordedCalls: summary.calls, hiddenCount: summary.hidden, leftOutCount: max(0, summary.count - statements.count),
      since: info?.since, deallocations: info?.deallocations, tableCounterFactor: info?.factor ?? 1)
  }
}

private struct SummaryRow: Decodable {
  let count: Int
  let milliseconds: Double
  let calls: Int64
  let hidden: Int
}

private struct InfoRow: Decodable {
  let since: String?
  let deallocations: Int64
  let factor: Double?
}
