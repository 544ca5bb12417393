// Which checks may be shown to somebody from whom a policy hides something, and which relations each finding is about.

/// A check that is in no list here is not shown: whoever adds one has looked at what its findings say. A finding belongs
/// here if all that it says, and whether it is made, follows from the relations that it names, or from the server's
/// settings and version. What ranks, counts or adds up over tables does not, nor what names roles or quotes statements.
package enum PolicedChecks {
  /// Each finding is of one relation, or of a foreign key with its two tables.
  static let ofRelations: Set<String> = [
    "autovacuum-disabled", "dead-rows", "invalid-indexes", "duplicate-indexes", "unused-indexes",
    "unindexed-foreign-keys", "sequential-scans", "missing-statistics", "bloated-tables", "bloated-indexes",
    "tables-without-primary-key", "many-indexes", "cold-updates", "unlogged-tables",
  ]

  /// Each finding is of a setting, of the server or of an extension.
  static let ofServer: Set<String> = [
    "dangerous-settings", "server-version", "outdated-extensions", "logging-settings", "statement-statistics",
    "connection-usage",
  ]

  package static let note =
    "made under a policy: only tables that it does not rule, and what is the server's own, are looked at"

  package static func isShown(_ check: String) -> Bool { ofRelations.contains(check) || ofServer.contains(check) }

  /// The relations, as SQL names them, of which nothing may be hidden where the finding is shown; nil: it is not shown.
  package static func relations(of finding: Finding) -> [String]? {
    switch finding.object.kind {
    case .setting, .server, .extension:
      guard isShown(finding.check) else { return nil }
      // `fsync of ROLE somebody`.
      return finding.object.kind == .setting && finding.object.name.contains(" ") ? nil : []
    case .table, .index: return ofRelations.contains(finding.check) ? [finding.object.name] : nil
    case .constraint:
      guard ofRelations.contains(finding.check), let table = finding.text("table"),
        let referenced = finding.text("referenced")
      else { return nil }
      return [table, referenced]
    default: return nil
    }
  }

  /// The outcome with these findings alone, and without all that tells of others. Why a check could not look is told
  /// where that is known beforehand, from the server and the role.
  package static func shown(
    _ outcome: CheckOutcome, _ findings: [Finding], in surroundings: Surroundings, _ limits: Limits
  ) -> CheckOutcome {
    guard isShown(outcome.id) else {
      return CheckOutcome(id: outcome.id, about: outcome.about, status: .notLookedAt(note))
    }
    var shown = CheckOutcome(
      id: outcome.id, about: outcome.about, status: outcome.status, milliseconds: outcome.milliseconds)
    if case .notLookedAt = outcome.status {
      let isKnown =
        !outcome.about.needs.contains(.columnStatistics)
        && surroundings.obstacle(to: outcome.about.needs, limits) == outcome.status
      if !isKnown { shown.status = .notLookedAt("it could not be looked at here") }
    }
    let most = Int(max(1, min(limits["findings-per-check"], 10_000)))
    let ranked = findings.enumerated().sorted {
      ($0.element.severity, $1.offset) > ($1.element.severity, $0.offset)
    }.map(\.element)
    shown.findings = findings.count > most ? Array(ranked.prefix(most)) : findings
    if findings.count > most { shown.omissions = ["\(findings.count - most) more findings are not listed"] }
    return shown
  }
}
