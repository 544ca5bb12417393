// PostgreSQL's eight table locks: which others wait for each, in words.

/// https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
package enum LockMode: Int, Sendable, Comparable, CaseIterable {
  case accessShare = 1
  case rowShare, rowExclusive, shareUpdateExclusive, share, shareRowExclusive, exclusive, accessExclusive

  /// As `pg_locks.mode` has it: `AccessExclusiveLock`.
  package init?(serverName: String) {
    guard let mode = Self.allCases.first(where: { $0.serverName == serverName }) else { return nil }
    self = mode
  }

  /// `ACCESS EXCLUSIVE`.
  package init?(name: String) {
    guard let mode = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = mode
  }

  package var name: String {
    switch self {
    case .accessShare: "ACCESS SHARE"
    case .rowShare: "ROW SHARE"
    case .rowExclusive: "ROW EXCLUSIVE"
    case .shareUpdateExclusive: "SHARE UPDATE EXCLUSIVE"
    case .share: "SHARE"
    case .shareRowExclusive: "SHARE ROW EXCLUSIVE"
    case .exclusive: "EXCLUSIVE"
    case .accessExclusive: "ACCESS EXCLUSIVE"
    }
  }

  package var serverName: String {
    name.split(separator: " ").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined() + "Lock"
  }

  /// Who waits as long as it is held.
  package var blocks: String {
    switch self {
    case .accessShare: "blocks only ACCESS EXCLUSIVE"
    case .rowShare, .rowExclusive: "blocks no reads and no writes"
    case .shareUpdateExclusive: "blocks no reads and no writes, but VACUUM and other changes of the table"
    case .share, .shareRowExclusive, .exclusive: "blocks writes"
    case .accessExclusive: "blocks reads and writes"
    }
  }

  package var blocksWrites: Bool { self >= .share }
  package var blocksReads: Bool { self == .accessExclusive }

  package func conflicts(with other: LockMode) -> Bool {
    switch self {
    case .accessShare: other == .accessExclusive
    case .rowShare: other >= .exclusive
    case .rowExclusive: other >= .share
    case .shareUpdateExclusive: other >= .shareUpdateExclusive
    case .share: other == .rowExclusive || other == .shareUpdateExclusive || other >= .shareRowExclusive
    case .shareRowExclusive: other >= .rowExclusive
    case .exclusive: other >= .rowShare
    case .accessExclusive: true
    }
  }

  package static func < (left: LockMode, right: LockMode) -> Bool { left.rawValue < right.rawValue }
}
