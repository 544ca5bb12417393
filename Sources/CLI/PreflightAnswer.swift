// The evidence of `preflight`, for people and for programs.

import Governance
import JSON
import Terminal

/// Pure.
struct PreflightAnswer {
  private let statements: [PreflightStatement]

  init(_ statements: [PreflightStatement]) { self.statements = statements }

  func text(style: Style) -> String {
    var parts: [String] = []
    for statement in statements {
      let evidence = statement.evidence
      if evidence.isControl {
        parts.append(
          style.dim("line \(statement.line): \(escaped(statement.text)): left out, it concerns the session only"))
        continue
      }
      let concerns = evidence.concerns
      var lines = [style.bold("line \(statement.line): \(evidence.action)")]
      lines += concerns.map { style.yellow("  ! \(escaped($0))") }
      lines += evidence.lines.map { "  " + escaped($0) }
      parts.append(lines.joined(separator: "\n"))
    }
    let concerned = statements.filter { !$0.evidence.concerns.isEmpty }.count
    parts.append(
      concerned == 0
        ? "\(statements.count) statements, nothing of concern"
        : "\(statements.count) statements, \(concerned) of concern")
    return parts.joined(separator: "\n\n") + "\n"
  }

  var json: JSONValue {
    .object([
      "statements": .array(
        statements.map { statement in
          .object([
            "line": .integer(Int64(statement.line)), "left_out": .bool(statement.evidence.isControl),
            "concerns": .array(statement.evidence.concerns.map { .string($0) }), "evidence": statement.evidence.json,
          ])
        }),
      "of_concern": .integer(Int64(statements.filter { !$0.evidence.concerns.isEmpty }.count)),
    ])
  }
}
