// Which findings follow from which: what holds back VACUUM explains dead rows, and those explain bloat. Roots come first.

import JSON

/// One way in which a finding of one check follows from a finding of another.
struct CauseRule: Sendable {
  let effect: String
  let cause: String
  /// Whether these two belong together.
  let holds: @Sendable (_ effect: Finding, _ cause: Finding) -> Bool

  init(
    _ effect: String, from cause: String, where holds: @escaping @Sendable (Finding, Finding) -> Bool = { _, _ in true }
  ) {
    (self.effect, self.cause, self.holds) = (effect, cause, holds)
  }
}

enum Causes {
  /// No rule is a guess from two things happening at once: each names the same object, or what PostgreSQL itself waits for.
  static let rules: [CauseRule] = [
    CauseRule("xmin-horizon", from: "idle-in-transaction", where: isSameObject),
    CauseRule("xmin-horizon", from: "long-running-queries", where: isSameObject),
    CauseRule("xmin-horizon", from: "prepared-transactions", where: isSameObject),
    CauseRule("xmin-horizon", from: "replication-slots", where: isSameObject),
    CauseRule("blocked-sessions", from: "idle-in-transaction", where: isSameObject),
    CauseRule("blocked-sessions", from: "long-running-queries", where: isSameObject),
    CauseRule("xmin-horizon", from: "long-transactions", where: isSameObject),
    CauseRule("blocked-sessions", from: "long-transactions", where: isSameObject),
    CauseRule("waiting-ddl", from: "idle-in-transaction", where: isWaitedFor),
    CauseRule("waiting-ddl", from: "long-running-queries", where: isWaitedFor),
    CauseRule("waiting-ddl", from: "long-transactions", where: isWaitedFor),
    // Nobody's session: the root of the chain is number 0.
    CauseRule("blocked-sessions", from: "prepared-transactions") { effect, _ in effect.object.name == "0" },
    CauseRule("blocked-sessions", from: "unindexed-foreign-keys") { effect, cause in
      let waited = Set(effect.list("waited_for"))
      return ["table", "referenced"].contains { name in cause.text(name).map(waited.contains) ?? false }
    },
    CauseRule("dead-rows", from: "xmin-horizon"),
    CauseRule("dead-rows", from: "autovacuum-disabled", where: isOfTableOrServer),
    CauseRule("dead-rows", from: "busy-autovacuum") { _, cause in cause.object.kind == .server },
    CauseRule("busy-autovacuum", from: "autovacuum-settings") { _, cause in
      cause.object.name == "autovacuum_vacuum_cost_limit"
    },
    CauseRule("multi-pass-vacuum", from: "dead-rows", where: isSameObject),
    CauseRule("missing-statistics", from: "autovacuum-disabled", where: isOfTableOrServer),
    CauseRule("bloated-tables", from: "dead-rows", where: isSameObject),
    CauseRule("bloated-tables", from: "autovacuum-disabled", where: isOfTableOrServer),
    CauseRule("toast-bloat", from: "autovacuum-disabled", where: isOfTableOrServer),
    CauseRule("toast-bloat", from: "dead-rows", where: isSameObject),
    CauseRule("bloated-indexes", from: "dead-rows") { effect, cause in effect.text("table") == cause.object.name },
    CauseRule("transaction-id-wraparound", from: "xmin-horizon", where: isAsOld),
    CauseRule("transaction-id-wraparound", from: "old-temporary-tables", where: isAsOld),
    CauseRule("transaction-id-wraparound", from: "autovacuum-disabled", where: isOfTableOrServer),
    CauseRule("sequential-scans", from: "unindexed-foreign-keys") { effect, cause in
      cause.text("table") == effect.object.name
    },
    CauseRule("sequence-exhaustion", from: "narrow-key-columns") { effect, cause in
      cause.text("source") == effect.object.name
    },
    CauseRule("archive-backlog", from: "archiver-failing"),
    CauseRule("wal-directory", from: "archiver-failing"),
    CauseRule("wal-directory", from: "replication-slots") { effect, cause in
      guard let all = effect.number("bytes"), let kept = cause.number("kept_wal") else { return false }
      return kept * 2 >= all
    },
    CauseRule("cold-indexes", from: "bloated-indexes", where: isSameObject),
    CauseRule("temporary-files", from: "spilling-statements"),
    CauseRule("slow-statements", from: "compiling-statements", where: isSameObject),
    CauseRule("slow-statements", from: "spilling-statements", where: isSameObject),
  ]

  private static let isSameObject: @Sendable (Finding, Finding) -> Bool = { $0.object == $1.object }

  /// A session that the effect's own one waits for.
  private static let isWaitedFor: @Sendable (Finding, Finding) -> Bool = { effect, cause in
    effect.list("waits_for").contains(cause.object.name)
  }

  private static let isOfTableOrServer: @Sendable (Finding, Finding) -> Bool = { effect, cause in
    cause.object.kind == .setting || cause.object == effect.object
  }

  /// What is much younger than the oldest row has not kept that row from being frozen.
  private static let isAsOld: @Sendable (Finding, Finding) -> Bool = { effect, cause in
    guard let old = effect.number("age"), let held = cause.number("age") else { return false }
    return held * 2 >= old
  }

  /// Each finding with the fingerprints of what it follows from and of what follows from it; those with the worst behind
  /// them first, a root before what follows from it.
  /// - Parameter findings: in the order in which equals are reported.
  static func arranged(_ findings: [Finding]) -> [Finding] {
    var findings = findings
    var effects: [Int: [Int]] = [:]
    let places = Dictionary(grouping: findings.indices) { findings[$0].check }
    for rule in rules {
      for effect in places[rule.effect] ?? [] {
        for cause in places[rule.cause] ?? [] where rule.holds(findings[effect], findings[cause]) {
          guard findings[effect].becauseOf.count < most,
            !findings[effect].becauseOf.contains(findings[cause].fingerprint)
          else { continue }
          findings[effect].becauseOf.append(findings[cause].fingerprint)
          findings[cause].causes.append(findings[effect].fingerprint)
          effects[cause, default: []].append(effect)
        }
      }
    }
    let ranks = findings.indices.map { rank(of: $0, findings, effects) }
    let depths = depths(of: findings.count, effects)
    return findings.indices.sorted { left, right in
      if ranks[left] != ranks[right] { return ranks[left] > ranks[right] }
      if depths[left] != depths[right] { return depths[left] < depths[right] }
      if findings[left].severity != findings[right].severity {
        return findings[left].severity > findings[right].severity
      }
      return left < right
    }.map { findings[$0] }
  }

  /// Causes that one finding names; what holds back VACUUM may be many sessions.
  private static let most = 10

  /// The worst of a finding and of all that follows from it. Rules go one way, so this ends.
  private static func rank(of place: Int, _ findings: [Finding], _ effects: [Int: [Int]]) -> Severity {
    var worst = findings[place].severity
    var seen: Set<Int> = [place]
    var waiting = effects[place] ?? []
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted else { continue }
      worst = max(worst, findings[next].severity)
      waiting += effects[next] ?? []
    }
    return worst
  }

  /// How many steps each finding is away from a root.
  private static func depths(of count: Int, _ effects: [Int: [Int]]) -> [Int] {
    var depths = Array(repeating: 0, count: count)
    var waiting = effects.keys.sorted()
    // A chain is no longer than the rules there are.
    var left = count * rules.count
    while let cause = waiting.popLast(), left > 0 {
      left -= 1
      for effect in effects[cause] ?? [] where depths[effect] <= depths[cause] {
        depths[effect] = depths[cause] + 1
        waiting.append(effect)
      }
    }
    return depths
  }
}

extension Finding {
  fileprivate func number(_ name: String) -> Double? {
    figures.first { $0.name == name }?.value.double
  }
  func text(_ name: String) -> String? { figures.first { $0.name == name }?.value.string }
  fileprivate func list(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: ";").map { String($0.drop { $0 == " " }) }
  }
}
