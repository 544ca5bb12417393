// One number for a check-up, for those who follow one over the months. Nothing is decided by it: severities decide.

package import HealthChecks
package import JSON
package import Terminal

/// A hundred minus what each area costs by its weight; what nobody could look into is left out and said.
package struct HealthScore: Sendable, Equatable {
  /// Of a hundred.
  package var value: Int
  /// Share of the weight of all areas that was looked at, in percent.
  package var coverage: Int
  /// The finding that the number may not rise above; nil where none does that.
  package var cappedBy: String?

  /// Areas by their weights, which make one in all.
  static let areas: [(name: String, weight: Double, groups: [CheckGroup])] = [
    ("connections", 0.15, [.connections, .locks]), ("vacuum", 0.2, [.vacuum, .statistics]),
    ("indexes", 0.1, [.indexes]),
    ("storage", 0.1, [.bloat, .memory, .schema]), ("replication", 0.15, [.replication]),
    ("key space", 0.1, [.sequences, .constraints]), ("queries", 0.1, [.queries]),
    ("configuration", 0.05, [.settings, .server]), ("security", 0.05, [.security]),
  ]

  /// After these the data is lost, or nothing can be written, soon.
  private static let imminent: Set<String> = [
    "transaction-id-wraparound", "multixact-wraparound", "dangerous-settings", "checksum-failures", "damaged-indexes",
    "sequence-exhaustion", "replication-slots", "archiver-failing", "unenforced-foreign-keys",
  ]

  private static func cost(_ severity: Severity) -> Double {
    switch severity {
    case .critical: 40
    case .warning: 12
    case .notice: 4
    case .info: 2
    }
  }

  /// - Parameter findings: those that count, without the suppressed ones.
  /// - Returns: nil where nothing was looked at, and where an upgrade is planned: what that meets is no fault of today.
  package init?(of findings: [Finding], in outcomes: [CheckOutcome]) {
    guard outcomes.allSatisfy(\.about.group.isUsual) else { return nil }
    var groups: [String: CheckGroup] = [:]
    if !findings.isEmpty { for outcome in outcomes { groups[outcome.id] = outcome.about.group } }
    var (lost, weight, seen) = (0.0, 0.0, 0.0)
    for area in Self.areas {
      var (applicable, looked) = (0, 0)
      for place in outcomes.indices where area.groups.contains(outcomes[place].about.group) {
        if case .notApplicable = outcomes[place].status { continue }
        applicable += 1
        if outcomes[place].status == .lookedAt { looked += 1 }
      }
      guard looked > 0 else { continue }
      var penalty = 0.0
      // The tenth of a kind tells less than the first.
      let kinds = Dictionary(
        grouping: findings.filter { groups[$0.check].map(area.groups.contains) ?? false }
      ) { "\($0.check) \($0.severity)" }
      for (_, alike) in kinds.sorted(by: { $0.key < $1.key }) {
        penalty += Self.cost(alike[0].severity) * Self.binaryLogarithm(1 + Double(alike.count))
      }
      lost += area.weight * min(100, penalty)
      weight += area.weight
      seen += area.weight * Double(looked) / Double(applicable)
    }
    guard weight > 0 else { return nil }
    var number = 100 - lost / weight
    let criticals = findings.filter { $0.severity == .critical }
    if let worst = criticals.first(where: { Self.imminent.contains($0.check) }) ?? criticals.first {
      let cap = Self.imminent.contains(worst.check) ? 30.0 : 60.0
      if number > cap { (number, cappedBy) = (cap, worst.fingerprint) }
    }
    value = Int(max(0, min(100, number.rounded())))
    coverage = Int((seen * 100).rounded())
  }

  /// Of a small whole number and more; exact enough for a score.
  private static func binaryLogarithm(_ number: Double) -> Double {
    var (whole, rest) = (Double(number.exponent), number.significand)
    var bit = 0.5
    for _ in 0..<20 {
      rest *= rest
      if rest >= 2 { (whole, rest) = (whole + bit, rest / 2) }
      bit /= 2
    }
    return whole
  }
}

extension HealthReport {
  package var score: HealthScore? { HealthScore(of: findings, in: result.outcomes) }

  /// For people and for programs, scored once.
  package func textAndJSON(style: Style) -> (text: String, json: JSONValue) {
    let score = score
    return (text(style: style, score), json(score))
  }

  /// For people.
  var scoreLine: String? { score?.line }
}

extension HealthScore {
  var line: String {
    "score \(value) of 100 over \(coverage) % of what there is to look at"
      + (cappedBy.map { ", not higher because of \($0)" } ?? "")
  }
}
