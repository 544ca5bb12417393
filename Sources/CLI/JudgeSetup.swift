// The file of `judge --setup-sql`: what there is in the database, as SQL.

import Database
import Governance
import IndexTuner
import SQLSyntax

/// A script that makes the objects which the judged text names.
struct JudgeSetup: Sendable {
  /// The whole script.
  let text: String
  /// What can be run on a server, in order.
  private(set) var statements: [SetupStatement] = []
  /// Where each of them begins, `schema.sql:12`.
  private(set) var places: [String] = []
  /// What is left out, and why.
  private(set) var warnings: [String] = []

  init(at path: String, stop: StopSignal) throws(Refusal) {
    let bytes = try JudgeInput(at: path, stop: stop).text(limit: JudgeLimits().setupBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(message: "\(path) is not UTF-8", exitCode: .failure)
    }
    try self.init(text, named: path)
  }

  init(_ text: String, named name: String) throws(Refusal) {
    self.text = text
    let bytes = Array(text.utf8)
    var line = 1
    var position = 0
    for piece in splitStatements(text) {
      line += bytes[position..<piece.offset].count { $0 == 0x0a }
      position = piece.offset
      try add(piece.text, at: "\(name):\(line)")
    }
  }

  private mutating func add(_ text: String, at place: String) throws(Refusal) {
    do throws(SyntaxError) {
      let parsed = try parse(text)
      if parsed.isEmpty { return }
      if let reason = parsed.lazy.compactMap({ Self.reasonToLeaveOut($0.node) }).first {
        warnings.append("\(place): left out: \(reason)")
        return
      }
    } catch {
      if let command = Self.psqlCommand(in: text) {
        throw Refusal(
          message:
            "\(place): \(command) is a command of psql, not of SQL; leave it out (of pg_dump: use --schema-only)",
          exitCode: .failure)
      }
      // The server may know newer syntax than our parser: it has the last word.
    }
    statements.append(SetupStatement(preparing: text))
    places.append(place)
  }

  /// What names mean without a server: what the script makes, and what PostgreSQL itself brings.
  static func offlineNames(_ setup: JudgeSetup?) throws(Refusal) -> any NameSource {
    guard let setup else { return BuiltInNames() }
    let parsed = setup.statements.flatMap { (try? parse($0.text)) ?? [] }
    return ScriptedNames(parsed)
  }

  /// What would end the transaction that undoes everything, or wait for data that nobody sends.
  private static func reasonToLeaveOut(_ node: Node) -> String? {
    switch node.kind {
    case .transactionStmt: "all runs in one transaction that is rolled back"
    case .copyStmt where node.text(.filename).isEmpty: "COPY needs a data channel"
    default: nil
    }
  }

  /// The first word of a line that begins with a backslash.
  private static func psqlCommand(in text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.drop { $0.isWhitespace }
      if words.first == "\\" { return String(words.prefix { !$0.isWhitespace }) }
    }
    return nil
  }
}
