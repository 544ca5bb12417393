// How much more than reading a login may do, graded: what a READ ONLY transaction does not stop, and the role that is right.

package import Database

/// The posture of one login in one database; pure, and the same for the same facts.
package struct Posture: Sendable, Equatable {
  package enum Severity: String, Sendable, CaseIterable, Comparable {
    case info, warning, critical

    package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The worst finding decides.
  package enum Grade: String, Sendable, CaseIterable, Comparable {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"
    case f = "F"

    package static func < (left: Grade, right: Grade) -> Bool { left.rawValue < right.rawValue }

    package var meaning: String {
      switch self {
      case .a: "least privilege: it reads, and nothing else"
      case .b: "nearly: it reads, and leaves something of its own or through code of others"
      case .c: "too much: it reaches beyond reading, to other servers, sessions, objects or hidden rows"
      case .d: "dangerous: it may change data"
      case .f: "no boundary: it may become more, or leave the database"
      }
    }
  }

  /// One thing that the login may do, or a guard that it lacks.
  package struct Finding: Sendable, Equatable {
    package var id: String
    package var severity: Severity
    /// The best grade that it leaves.
    package var grade: Grade
    /// Names and counts.
    package var seen: String
    /// What a READ ONLY transaction does not stop.
    package var why: String
    /// SQL; lines that begin with `--` explain.
    package var remedy: [String]
  }

  package var role: String
  package var database: String
  package var grade: Grade
  /// Worst first, in the order of the table among equals.
  package var findings: [Finding]
  /// What could not be judged, and why.
  package var unseen: [LoginFacts.Unseen]
  /// SQL that creates the right role for this database.
  package var cure: [String]

  /// - Parameter newRole: what the right role is to be called.
  package init(judging facts: LoginFacts, newRole: String) {
    role = facts.login.role
    database = facts.login.database
    let found = allPostureChecks.compactMap { $0.finding(in: facts) }
    findings = Severity.allCases.reversed().flatMap { severity in found.filter { $0.severity == severity } }
    grade = found.map(\.grade).max() ?? .a
    unseen = facts.unseen + Self.beyondReach(facts)
    cure = PostureCure(facts: facts, role: newRole).statements()
  }

  /// What one connection, or this login, does not see.
  private static func beyondReach(_ facts: LoginFacts) -> [LoginFacts.Unseen] {
    var unseen: [LoginFacts.Unseen] = []
    func add(_ topic: String, _ reason: String) { unseen.append(LoginFacts.Unseen(topic: topic, reason: reason)) }
    if facts.login.isSuperuser {
      add("what it may do with single objects", "a superuser passes every check")
    }
    if facts.login.usesTLS == nil { add("whether the connection is encrypted", "a pooler stands between") }
    let databases = facts.objects(.database)
    if let first = databases.first {
      add(
        "objects in \(PostureNames.listed(databases.map(\.name), total: first.total))", "a connection sees one database"
      )
    }
    add("what its functions and views do", "that depends on the statement: pgadvisor judge --connection URL says it")
    return unseen
  }
}

/// One line of the table of checks.
struct PostureCheck: Sendable {
  let id: String
  let severity: Posture.Severity
  let grade: Posture.Grade
  let why: String
  /// nil: nothing is wrong.
  let look: @Sendable (LoginFacts) -> String?
  let remedy: @Sendable (LoginFacts) -> [String]

  func finding(in facts: LoginFacts) -> Posture.Finding? {
    look(facts).map {
      Posture.Finding(id: id, severity: severity, grade: grade, seen: $0, why: why, remedy: remedy(facts))
    }
  }
}

/// Every check, in the order findings of one severity are listed.
let allPostureChecks: [PostureCheck] = roleChecks + objectChecks + codeChecks + settingChecks

/// Lists of names that stay readable.
enum PostureNames {
  private static let shown = 5

  static func listed(_ names: [String], total: Int) -> String {
    let first = names.prefix(shown).joined(separator: ", ")
    return total > shown ? "\(first) and \(total - shown) more" : first
  }

  /// `3 tables: a (INSERT), b and …`; nil when there are none.
  static func counted(
    _ objects: [LoginFacts.Object], one: String, many: String, _ describe: (LoginFacts.Object) -> String = \.name
  ) -> String? {
    guard let first = objects.first else { return nil }
    // A total counts what a filter may have left out; it is right where there was more than could be listed.
    let total = objects.count >= LoginFacts.limit ? first.total : objects.count
    return "\(total) \(total == 1 ? one : many): \(listed(objects.map(describe), total: total))"
  }

  /// At most ten statements, and how many there would be.
  static func some(_ statements: [String]) -> [String] {
    let shown = 10
    return statements.count > shown
      ? statements.prefix(shown) + ["-- and \(statements.count - shown) more like these"] : statements
  }
}
