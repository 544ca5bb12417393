// What `pgadvisor policy test` says: the statement that would run, and why.

import Governance
import JSON
import Terminal

struct PolicyAnswer {
  private let verdict: Verdict
  private let statement: String
  private let caller: Caller
  private let connection: String
  /// To judge the statement, with the policy and without.
  private let times: (with: Duration, without: Duration)?

  init(
    _ verdict: Verdict, _ statement: String, _ caller: Caller, _ connection: String,
    times: (with: Duration, without: Duration)? = nil
  ) {
    self.times = times
    self.verdict = verdict
    self.statement = statement
    self.caller = caller
    self.connection = connection
  }

  /// Whether the agent's grants cover what the statement needs.
  private var lacking: [String] {
    verdict.permissions.subtracting(caller.permissions[connection] ?? []).sorted().map(\.rawValue)
  }

  private var isProposed: Bool {
    Set(lacking.compactMap(Permission.init)).isSubset(of: caller.proposed[connection] ?? [])
  }

  private var outcome: String {
    verdict.isRejected
      ? "refused"
      : !lacking.isEmpty
        ? isProposed ? "to be proposed" : "not granted" : verdict.policed?.hides ?? false ? "rewritten" : "as it is"
  }

  var json: JSONValue {
    func texts(_ texts: [String]?) -> JSONValue { .array((texts ?? []).map { .string($0) }) }
    var json: JSONObject = [
      "agent": .string(caller.principal.name), "user": caller.principal.onBehalfOf.map { .string($0) } ?? .null,
      "connection": .string(connection), "outcome": .string(outcome), "rule": .string(verdict.rule),
      "message": .string(verdict.message), "way_out": verdict.wayOut.map { .string($0) } ?? .null,
      "lacking": texts(lacking), "statement": .string(statement),
      "rewritten": verdict.isRejected ? .null : .string(verdict.policed?.shown ?? statement),
      "masked": texts(verdict.policed?.masked), "filtered": texts(verdict.policed?.filtered),
      "fenced": texts(verdict.policed?.fenced),
    ]
    if let times {
      json["microseconds"] = [
        "with_policy": .number(Self.microseconds(times.with)), "without": .number(Self.microseconds(times.without)),
      ]
    }
    return .object(json)
  }

  private static func microseconds(_ duration: Duration) -> Double {
    (Double(duration.components.attoseconds) / 1e11).rounded() / 10
  }

  var text: String {
    var lines = ["\(outcome), for \(caller.principal.name) on \(connection), by the rule \(verdict.rule)"]
    if verdict.isRejected {
      lines.append(verdict.message)
    } else {
      lines += ["", verdict.policed?.shown ?? statement, ""]
      if !lacking.isEmpty { lines.append("lacks the permission \(lacking.joined(separator: ", "))") }
      for column in verdict.policed?.masked ?? [] { lines.append("masked: \(column)") }
      for table in verdict.policed?.filtered ?? [] {
        let isFenced = verdict.policed?.fenced.contains(table) ?? false
        lines.append(
          "filtered: \(table)"
            + (isFenced ? ", behind a fence: a condition of the statement could fail on hidden rows" : ""))
      }
    }
    if let times {
      let (with, without) = (Self.microseconds(times.with), Self.microseconds(times.without))
      lines.append("judged from memory in \(with) µs with the policy, in \(without) µs without")
    }
    return lines.map { escaped($0) }.joined(separator: "\n") + "\n"
  }
}
