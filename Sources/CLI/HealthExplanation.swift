// What a check is, for people who ask before they believe it.

import Database
import HealthChecks

enum HealthExplanation {
  /// `all` lists every check and threshold.
  static func text(of id: String) throws(Refusal) -> String {
    if id == "all" {
      var lines = allChecks.map { "\($0.id)  [\($0.about.group.rawValue)]  \($0.about.title)" }
      lines += ["", "Thresholds (--limit NAME=VALUE)"]
      lines += Limits.defaults.map { "\($0.name)=\(number($0.value))  \($0.meaning)" }
      return lines.joined(separator: "\n") + "\n"
    }
    guard let check = allChecks.first(where: { $0.id == id }) else {
      let near = nearest(to: id, among: allChecks.map(\.id)).map { "; did you mean \($0)?" } ?? ""
      throw Refusal(message: "there is no check called \(id)\(near)")
    }
    var lines = ["\(check.id): \(check.about.title)", "group     \(check.about.group.rawValue)"]
    lines += ["why       \(check.about.why)", "rule      \(check.about.rule)"]
    let needs = check.about.needs.map(words)
    lines.append("needs     \(needs.isEmpty ? "any login" : needs.joined(separator: ", "))")
    lines += Limits.defaults.filter { check.about.rule.contains($0.name) }.map {
      "limit     \($0.name)=\(number($0.value))  \($0.meaning)"
    }
    if let question = question(of: check) { lines += ["", question] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// As they are asked of the newest server.
  static func questions(of checks: [any HealthCheck]) -> String {
    checks.compactMap { check in
      let isTogether = checks.count > 1 && check.part(for: newest) != nil
      return question(of: check).map {
        "-- \(check.id)\(isTogether ? "; in one statement with all that read tables" : "")\n\($0)"
      }
    }.joined(separator: "\n\n") + "\n"
  }

  private static let newest = ServerInfo(
    versionNumber: 180_000, statStatements: .installed(schema: "public", version: "1.12"), preloadsStatStatements: true)

  private static func question(of check: any HealthCheck) -> String? {
    check.question(for: newest).map { question in
      var text = question.text
      // As the first part is asked.
      for (place, value) in (check.values(Surroundings(server: newest), Limits()).first ?? []).enumerated() {
        text = text.split(separator: "$\(place + 1)", omittingEmptySubsequences: false)
          .joined(separator: value.map { "'\($0)'" } ?? "NULL")
      }
      return text + ";"
    }
  }

  static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
  }

  private static func words(_ need: Need) -> String {
    switch need {
    case .monitoring: "pg_monitor"
    case .superuser: "a superuser"
    case .primary: "a primary"
    case .replica: "a replica"
    case .version(let number): "PostgreSQL \(number / 10_000)"
    case .statements: "pg_stat_statements"
    case .matureStatistics: "usage counted for mature-days"
    case .columnStatistics: "SELECT on pg_statistic"
    }
  }
}
