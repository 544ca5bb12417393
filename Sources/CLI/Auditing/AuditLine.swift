// One record of the audit as a person or a program reads it.

import Cryptography
import JSON
import Store
import Terminal

struct AuditLine {
  let entry: AuditEntry
  /// Empty where somebody has made the record unreadable.
  private let members: JSONObject

  init(_ entry: AuditEntry) {
    self.entry = entry
    members = (try? JSONValue(parsing: entry.record))?.object ?? [:]
  }

  func text(_ key: String) -> String? {
    switch members[key] {
    case .string(let text): text
    case .null, nil: nil
    case let value?: value.text()
    }
  }

  /// The record with its place in the chain in front.
  var json: String {
    let place: JSONObject = ["number": .integer(entry.number), "link": .string(hexadecimal(entry.link))]
    return JSONValue.object(JSONObject(place.entries + members.entries)).text() + "\n"
  }

  static let columns = [
    "number", "time", "event", "agent", "user", "client", "session", "trace", "call", "tool", "connection", "sql",
    "rewritten", "masked", "filtered", "verdict", "rule", "rows", "result", "duration_ms", "outcome", "reason",
    "configuration", "through", "version", "proposal", "state", "person", "account", "hash", "execution", "link",
  ]

  /// https://www.rfc-editor.org/rfc/rfc4180
  var csv: String {
    Self.columns.map { column in
      switch column {
      case "number": "\(entry.number)"
      case "link": hexadecimal(entry.link)
      default: Self.quoted(text(column) ?? "")
      }
    }.joined(separator: ",") + "\r\n"
  }

  /// What a statement holds is an agent's: no cell is a formula for a spreadsheet, and none moves a terminal's cursor. As it
  /// was written it stands in the JSON lines.
  private static func quoted(_ text: String) -> String {
    let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false && Double(text) == nil
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }
    return quotedAsIs((isFormula ? "'" : "") + lines.joined(separator: "\n"))
  }

  private static func quotedAsIs(_ text: String) -> String {
    let special = text.utf8.contains { [UInt8(ascii: "\""), UInt8(ascii: ","), 10, 13].contains($0) }
    guard special else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  static let table = Table(columns: [
    Table.Column("number", .right), Table.Column("time"), Table.Column("agent"), Table.Column("tool"),
    Table.Column("connection"), Table.Column("outcome"), Table.Column("ms", .right), Table.Column("rows", .right),
    Table.Column("statement or reason"),
  ])

  var cells: [String] {
    let agent = [text("agent"), text("user")].compactMap { $0 }.joined(separator: " for ")
    let milliseconds = text("duration_ms").flatMap { Double($0) }.map {
      $0 < 10 ? "\(($0 * 10).rounded() / 10)" : "\($0.rounded())".replacing(".0", with: "")
    }
    let step = text("event") == "proposal" ? [text("proposal"), text("person").map { "by \($0)" }] : []
    let said = (step + [text("reason"), text("sql"), text("through").map { "records up to \($0)" }]).compactMap { $0 }
    let words = said.joined(separator: ": ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return [
      "\(entry.number)", text("time") ?? "unreadable", agent, text("tool") ?? text("event") ?? "",
      text("connection") ?? "", text("outcome") ?? text("state") ?? "", milliseconds ?? "", text("rows") ?? "",
      elided(words, to: 100),
    ]
  }
}

/// Which records are wanted; all conditions hold.
struct AuditFilter {
  static let options: [Option] = [
    Option("agent", .text("ID"), "Of this agent."), Option("user", .text("NAME"), "On behalf of this user."),
    Option("tool", .text("NAME"), "Of this tool."), Option("connection", .text("NAME"), "On this connection."),
    Option("outcome", .choice(["success", "refused", "failed", "cancelled", "proposed"]), "With this outcome."),
    Option("rule", .text("NAME"), "Where this rule of the gate has fired."),
    Option("since", .text("TIME"), "From here, such as 2026-11-29 or 2026-11-29T14:00, in UTC."),
    Option("until", .text("TIME"), "Before here."),
    Option("contains", .text("TEXT"), "With this text in the statement or the reason, in any case."),
  ]

  private var equal: [(key: String, value: String)] = []
  private let since: String?
  private let until: String?
  private let contains: String?

  init(_ arguments: ParsedArguments) throws(Refusal) {
    for key in ["agent", "user", "tool", "connection", "outcome", "rule"] {
      if let value = arguments.text(key) { equal.append((key, value)) }
    }
    since = try Self.time("since", arguments)
    until = try Self.time("until", arguments)
    contains = arguments.text("contains")?.lowercased()
  }

  /// The beginning of what records say, so that it compares with them as text.
  static func time(_ option: String, _ arguments: ParsedArguments) throws(Refusal) -> String? {
    guard let text = arguments.text(option) else { return nil }
    let shape = "0000-00-00T00:00:00.000000Z"
    let isTime =
      text.utf8.count >= 10 && text.utf8.count <= shape.utf8.count
      && zip(text, shape).allSatisfy { given, wanted in
        wanted == "0" ? given.isASCII && given.isNumber : given == wanted
      }
    guard isTime else {
      throw Refusal(message: "--\(option) takes a time in UTC, such as 2026-11-29 or 2026-11-29T14:00")
    }
    return text
  }

  func takes(_ line: AuditLine) -> Bool {
    guard equal.allSatisfy({ line.text($0.key) == $0.value }) else { return false }
    let time = line.text("time") ?? ""
    if let since, time < since { return false }
    if let until, time >= until { return false }
    guard let contains else { return true }
    return ["sql", "reason"].contains { line.text($0)?.lowercased().contains(contains) == true }
  }
}
