// What a check has found.

package import JSON

/// How much a finding matters; by rule, not by mood.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
  case info, notice, warning, critical

  package static func < (left: Severity, right: Severity) -> Bool {
    guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right) else { return false }
    return first < second
  }
}

/// What a finding is about, by the name that survives a dump and a restore.
package struct FoundObject: Sendable, Equatable {
  package enum Kind: String, Sendable {
    case index, table, column, sequence, constraint, session, slot, standby, setting, database, server, role, schema
    case function, statement, `extension`, collation, transaction, publication, subscription, view, partition
  }

  package var kind: Kind
  /// Qualified and quoted as SQL writes it.
  package var name: String

  package init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }
}

/// One number that a finding rests on, in its base unit.
package struct Figure: Sendable, Equatable {
  package enum Unit: String, Sendable { case count, bytes, seconds, milliseconds, percent, transactions, text }

  package var name: String
  package var value: JSONValue
  package var unit: Unit

  package init(_ name: String, _ value: Int64, _ unit: Unit = .count) {
    (self.name, self.value, self.unit) = (name, .integer(value), unit)
  }

  package init(_ name: String, _ value: Double, _ unit: Unit) {
    (self.name, self.value, self.unit) = (name, .number((value * 1_000).rounded() / 1_000), unit)
  }

  package init(_ name: String, _ value: String) { (self.name, self.value, self.unit) = (name, .string(value), .text) }
}

/// SQL that a person may run, with what it does to others meanwhile.
package struct Remedy: Sendable, Equatable {
  package enum Lock: String, Sendable {
    case none, accessShare = "ACCESS SHARE", rowExclusive = "ROW EXCLUSIVE"
    case shareUpdateExclusive = "SHARE UPDATE EXCLUSIVE", share = "SHARE", shareRowExclusive = "SHARE ROW EXCLUSIVE"
    case accessExclusive = "ACCESS EXCLUSIVE"

    /// What others notice.
    package var meaning: String {
      switch self {
      case .none, .accessShare, .rowExclusive: "blocks nobody"
      case .shareUpdateExclusive: "blocks only DDL and VACUUM"
      case .share, .shareRowExclusive: "blocks writes"
      case .accessExclusive: "blocks reads and writes"
      }
    }
  }

  package enum RunTime: String, Sendable {
    case instant, scan = "one read of the object", build = "a build of the index", rewrite = "a rewrite of the table"
  }

  package var sql: String
  package var lock: Lock
  package var time: RunTime
  package var risk: String?
  /// False for what PostgreSQL refuses inside BEGIN … COMMIT.
  package var isTransactional: Bool
  /// Ends somebody's session or throws away somebody's work: agents are not offered it.
  package var isForPeopleOnly: Bool

  package init(
    _ text: String, _ lock: Lock = .none, _ time: RunTime = .instant, risk: String? = nil, isTransactional: Bool = true,
    isForPeopleOnly: Bool = false
  ) {
    sql = text
    self.lock = lock
    self.time = time
    self.risk = risk
    self.isTransactional = isTransactional
    self.isForPeopleOnly = isForPeopleOnly
  }
}

/// One fault, or one opportunity.
package struct Finding: Sendable, Equatable {
  /// The check's id.
  package var check: String
  package var severity: Severity
  package var object: FoundObject
  /// One sentence with the numbers.
  package var seen: String
  package var why: String
  package var figures: [Figure]
  package var remedies: [Remedy]
  /// Doubts and what should be known before anything is done.
  package var notes: [String]
  /// Since when the statistics count, where it rests on them.
  package var since: String?
  /// Fingerprints of findings that this one follows from, and of those that follow from it.
  package var becauseOf: [String] = []
  package var causes: [String] = []

  package init(
    check: String, severity: Severity, object: FoundObject, seen: String, why: String, figures: [Figure] = [],
    remedies: [Remedy] = [], notes: [String] = [], since: String? = nil
  ) {
    self.check = check
    self.severity = severity
    self.object = object
    self.seen = seen
    self.why = why
    self.figures = figures
    self.remedies = remedies
    self.notes = notes
    self.since = since
  }

  /// Without the calls that only people are offered; that there are some is said.
  package var forAgents: Finding {
    guard remedies.contains(where: \.isForPeopleOnly) else { return self }
    var finding = self
    finding.remedies.removeAll { $0.isForPeopleOnly }
    finding.notes.append("ending it is for a person to decide: pgadvisor health prints the call")
    return finding
  }

  /// The same for the same fault tomorrow and after a restore: names, no numbers.
  package var fingerprint: String { "\(check)/\(object.name)" }
}
