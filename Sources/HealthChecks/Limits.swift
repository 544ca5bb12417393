// From where something is a finding: every threshold of the check-up in one place.

/// Thresholds by name, in base units; configuration and `--limit` may change any of them.
package struct Limits: Sendable, Equatable {
  /// Those that differ from the defaults.
  package private(set) var values: [String: Double] = [:]

  package init() {}

  /// Names that there are not are left out.
  package init(changed values: [String: Double]) {
    for (name, value) in values { _ = set(name, to: value) }
  }

  /// The defaults, and what they mean.
  package static let defaults: [(name: String, value: Double, meaning: String)] = [
    ("statement-timeout-ms", 2_000, "for one question"),
    ("findings-per-check", 20, "findings of one check that are reported, worst first"),
    ("mature-days", 7, "age of usage statistics below which unused objects are not judged"),
    ("unused-index-bytes", 10_485_760, "smallest index that is reported as unused"),
    ("unused-index-warning-bytes", 1_073_741_824, "from here an unused index is a warning"),
    ("redundant-index-warning-bytes", 104_857_600, "from here a redundant index is a warning"),
    ("bloat-bytes", 104_857_600, "smallest waste that is reported"),
    ("bloat-percent", 30, "smallest share of waste that is reported"),
    ("bloat-warning-bytes", 1_073_741_824, "waste that is a warning, where it is also half of the object"),
    ("foreign-key-rows", 10_000, "rows of a referencing table from which its foreign keys should have an index"),
    ("scan-rows", 50_000, "rows read by an average sequential scan from which it is reported"),
    ("scans", 100, "sequential scans from which they are reported"),
    ("connections-warning-percent", 75, "of the connections that ordinary roles may use"),
    ("connections-critical-percent", 90, "of the connections that ordinary roles may use"),
    ("idle-transaction-warning-s", 300, "since an open transaction did something"),
    ("idle-transaction-critical-s", 900, "since an open transaction did something"),
    ("query-warning-s", 300, "that a statement runs"), ("query-critical-s", 3_600, "that a statement runs"),
    ("blocked-warning-s", 60, "that a session waits for a lock"),
    ("blocked-critical-s", 600, "that a session waits for a lock"),
    ("blocked-warning-count", 3, "sessions that wait for one"),
    ("prepared-warning-s", 300, "age of a prepared transaction"),
    ("prepared-critical-s", 3_600, "age of a prepared transaction"),
    ("horizon-warning-transactions", 1_000_000, "that a session or slot keeps from being cleaned up"),
    ("horizon-critical-transactions", 100_000_000, "that a session or slot keeps from being cleaned up"),
    ("wraparound-warning-percent", 50, "of the identifiers there are"),
    ("wraparound-critical-percent", 75, "of the identifiers there are"),
    ("sequence-warning-percent", 75, "of a sequence's or its column's range"),
    ("sequence-critical-percent", 90, "of a sequence's or its column's range"),
    ("narrow-column-percent", 50, "of a narrow column's range from which it is a warning"),
    ("dead-rows", 10_000, "smallest number of dead rows that is reported"),
    ("dead-percent", 20, "smallest share of dead rows that is reported"),
    ("backlog-factor", 5, "how many times its autovacuum trigger a table must exceed"),
    ("large-bytes", 1_073_741_824, "size of a database from which its largest tables and settings are judged"),
    ("cache-blocks", 1_000_000, "blocks that must have been asked for before hit rates are judged"),
    ("cache-hit-percent", 95, "hit rate below which it is reported"),
    ("slow-ms", 100, "mean time from which a statement is slow"), ("slow-calls", 20, "calls of a slow statement"),
    ("replica-lag-warning-s", 30, "that a replica is behind"),
    ("replica-lag-critical-s", 300, "that a replica is behind"),
    ("standby-lag-warning-bytes", 104_857_600, "of WAL that a standby has not replayed"),
    ("standby-lag-critical-bytes", 1_073_741_824, "of WAL that a standby has not replayed"),
    ("slot-warning-bytes", 1_073_741_824, "of WAL that a slot keeps"),
    ("slot-critical-bytes", 53_687_091_200, "of WAL that a slot keeps"),
    ("analyze-rows", 1_000, "rows of a table from which it should have been analyzed"),
    ("stale-rows", 100_000, "changed rows from which statistics are stale"),
    ("key-rows", 10_000, "rows of a table from which it should have a primary key"),
    ("password-days", 7, "before a password expires"),
    ("checkpoints", 10, "checkpoints before their cause is judged"),
    ("rare-writes", 10_000, "writes of a table from which rarely used indexes of it are reported"),
    ("cold-updates", 10_000, "updates of a table from which those that are not heap-only are reported"),
    ("temporary-transactions", 100_000_000, "age of a temporary table"),
    ("archive-warning-segments", 10, "of WAL that wait for the archive"),
    ("archive-critical-segments", 100, "of WAL that wait for the archive"),
    ("temporary-bytes-per-hour", 1_073_741_824, "of temporary files in this database"),
    ("spill-bytes", 1_073_741_824, "of temporary files that one statement has written"),
    ("evictions-per-hour", 60, "times that pg_stat_statements made room"),
    ("end-of-life-days", 180, "before the end of a release's support"),
    ("vacuum-passes", 2, "passes over a table's indexes that one VACUUM makes, or would make"),
    ("toast-bytes", 10_737_418_240, "of values out of line from which a table's TOAST is reported"),
    ("toast-warning-bytes", 107_374_182_400, "of values out of line, where they are also four fifths of the table"),
    ("partitions", 1_000, "of one table from which they are many"),
    ("deadlocks-per-day", 1, "in this database since counting began"),
    ("lock-table-percent", 50, "of the shared table of locks"),
    ("wal-warning-factor", 2, "times the WAL that settings ask for"),
    ("wal-critical-factor", 5, "times the WAL that settings ask for"),
    ("replication-places-percent", 80, "of the slots or senders there may be"),
    ("ddl-wait-s", 10, "that a session waits for an ACCESS EXCLUSIVE lock, with others behind it"),
    ("transaction-warning-s", 600, "that a transaction is open"),
    ("transaction-critical-s", 3_600, "that a transaction is open"),
    ("autovacuum-busy-s", 600, "that all workers of autovacuum have been at work"),
    ("autovacuum-long-s", 86_400, "that a worker of autovacuum has been at one table"),
    ("gin-pending-bytes", 4_194_304, "of a GIN index that are still to be sorted in"),
    ("counted-sessions", 1_000, "sessions from which it is judged how they end"),
    ("sessions-per-second", 10, "that begin in this database, on average since counting began"),
    ("wal-bytes-per-hour", 21_474_836_480, "of WAL from which max_wal_size is judged"),
    ("dominant-s", 600, "of all statements' time from which their shares are judged"),
    ("statement-blocks", 10_000, "that one statement has read from outside shared_buffers"),
    ("planning-ms", 60_000, "that one statement took to plan, in all"),
    ("calls-per-day", 1_000_000, "of one statement for one row"),
    ("result-rows", 100_000, "that one call of a statement gives back"),
    ("statement-wal-bytes", 10_737_418_240, "of WAL that one statement has written"),
    ("vast-rows", 100_000_000, "of a table from which a fifth of it is too many dead rows"),
    ("superusers", 2, "that may log in"),
    ("counted-transactions", 10_000, "from which it is judged how many are rolled back"),
    ("rollback-percent", 10, "of transactions that are rolled back"),
    ("many-indexes", 10, "of one table"),
    ("index-writes-per-hour", 60_000, "of a table from which its many indexes are reported"),
    ("cold-index-bytes", 104_857_600, "of an index from which its hit rate is judged"),
    ("cold-index-blocks", 100_000, "of an index that must have been asked for before its hit rate is judged"),
    ("cold-index-hit-percent", 90, "of an index's blocks below which it is reported"),
    ("wide-row-bytes", 1_500, "of an average row, without what is stored out of line"),
    ("wide-table-bytes", 104_857_600, "of a table from which the width of its rows is judged"),
    ("idle-sessions", 100, "of one role"),
    ("idle-session-s", 86_400, "that the longest idle of many sessions has done nothing"),
    ("advisory-locks", 1_000, "of one session"),
    ("advisory-idle-s", 3_600, "that a session with advisory locks has been idle"),
    ("waited-sessions", 3, "that wait for the same on average, as wait-sample sees it"),
    ("examination-s", 600, "for all objects that damaged-indexes, or --exact, looks into"),
    ("parallel-workers", 1_000, "that plans have counted on, from which it is judged how many were there"),
    ("checkpoints-requested-percent", 30, "of checkpoints that were forced by WAL"),
  ]

  package subscript(name: StaticString) -> Double { value(name.description) }

  private func value(_ name: String) -> Double {
    values.isEmpty ? Self.usual[name] ?? 0 : values[name] ?? Self.usual[name] ?? 0
  }

  /// `defaults` by name: they are asked for again and again.
  private static let usual = Dictionary(uniqueKeysWithValues: defaults.map { ($0.name, $0.value) })

  /// False: there is no such threshold, or it is no number from 0.
  package mutating func set(_ name: String, to value: Double) -> Bool {
    guard value.isFinite, value >= 0, Self.defaults.contains(where: { $0.name == name }) else { return false }
    values[name] = value
    return true
  }
}
