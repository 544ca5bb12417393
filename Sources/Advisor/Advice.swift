// The report of one `advise` run: a value that the renderers write down.

package import HealthChecks
package import IndexTuner

/// Everything that `advise` found. Contains nothing that changes between two runs over the same statistics.
package struct Advice: Sendable {
  package var server: ServerSummary
  package var examined: Examined
  package var tuning: Tuning
  /// Existing indexes of the statements' tables that nobody reads, or whose work another one does.
  package var droppable: [Finding] = []
  /// What came of building the recommendations on a copy, if that was asked for.
  package var verification: Verification?
}

/// The server as the report names it.
package struct ServerSummary: Sendable, Equatable {
  package var database: String
  package var version: String
  package var hypopgVersion: String
  package var isInRecovery: Bool

  package init(database: String, version: String, hypopgVersion: String, isInRecovery: Bool) {
    self.database = database
    self.version = version
    self.hypopgVersion = hypopgVersion
    self.isInRecovery = isInRecovery
  }
}

/// What was looked at, and what was not.
package struct Examined: Sendable, Equatable {
  /// `pg_stat_statements`, `queries.sql`, `--query`.
  package var sources: [String]
  /// When pg_stat_statements began to count, as the server writes it; nil when not known or not used.
  package var statisticsSince: String?
  /// Statements of this database that pg_stat_statements holds.
  package var recordedStatements: Int?
  /// Their total execution time.
  package var recordedMilliseconds: Double?
  /// Entries that pg_stat_statements dropped because it was full.
  package var deallocations: Int64?
  /// Statements below the thresholds of calls, mean time and share.
  package var belowThresholds: Int?
  /// Statements whose text this role may not read.
  package var hiddenStatements: Int
  /// Execution time of the statements that were planned.
  package var examinedMilliseconds: Double?
  package var examinedStatements: Int
  package var skippedStatements: Int
  package var remarks: [String]

  /// Share of the recorded time that was examined, 0…1.
  package var coverage: Double? {
    guard let recordedMilliseconds, recordedMilliseconds > 0, let examinedMilliseconds else { return nil }
    return min(1, examinedMilliseconds / recordedMilliseconds)
  }
}

extension Tuning {
  /// Share of the load that all recommendations together save, 0…1.
  package var improvement: Double { loadBefore > 0 ? max(0, 1 - loadAfter / loadBefore) : 0 }
}

extension Advice {
  package enum Verdict: Sendable { case nothingToDo, recommendations, couldNotExamine }

  /// What a script wants to know; "could not examine" is never "nothing to do".
  package var verdict: Verdict {
    if tuning.outcomes.isEmpty { return .couldNotExamine }
    return tuning.recommendations.isEmpty ? .nothingToDo : .recommendations
  }
}
