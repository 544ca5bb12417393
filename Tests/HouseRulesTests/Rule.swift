// What a rule is, and all of them.

import Testing

/// Something that a rule does not allow.
struct Offence: Equatable, CustomStringConvertible {
  let path: String
  var line: Int?
  let message: String

  var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(message)" }
}

/// A rule of ARCHITECTURE.md that a program can check.
struct Rule: Sendable, CustomTestStringConvertible {
  let id: String
  /// Files that may break it, each with the reason. One that no longer breaks it is an offence too.
  let exceptions: [String: String]
  /// Generated files are not shown to a rule.
  private let find: @Sendable ([SourceFile]) -> [Offence]

  var testDescription: String { id }

  init(_ id: String, exceptions: [String: String] = [:], _ find: @escaping @Sendable ([SourceFile]) -> [Offence]) {
    self.id = id
    self.exceptions = exceptions
    self.find = find
  }

  /// A rule that looks at one file of Sources after the other; a line of nil is the whole file.
  static func perFile(
    _ id: String, exceptions: [String: String] = [:],
    _ find: @escaping @Sendable (SourceFile) -> [(line: Int?, message: String)]
  ) -> Rule {
    Rule(id, exceptions: exceptions) { files in
      files.filter(\.isSource).flatMap { file in
        find(file).map { Offence(path: file.path, line: $0.line, message: $0.message) }
      }
    }
  }

  func offences(in files: [SourceFile]) -> [Offence] {
    let found = find(files.filter { !$0.isGenerated })
    let stale = exceptions.keys.sorted().filter { path in !found.contains { $0.path == path } }
    return found.filter { exceptions[$0.path] == nil }
      + stale.map { Offence(path: $0, message: "needs its exception no longer (\(exceptions[$0] ?? ""))") }
  }
}

let allRules = arrowRules + formRules + wordRules + foreignTextRules + unitRules
