// Rules 8 and 9, and what no file says.

/// Tokens that do not follow one another in Sources.
private let banned: [(tokens: [String], instead: String)] = [
  (["public"], "package across rooms"), (["open", "class"], "final classes"),
  (["fatalError", "("], "an error"), (["preconditionFailure", "("], "an error"), (["try", "!"], "try, or a reason"),
  (["as", "!"], "as? and a reason"), (["@", "unchecked", "Sendable"], "a lock, or an actor"),
  (["nonisolated", "(", "unsafe", ")"], "a lock, or an actor"), (["print", "("], "StandardStreams"),
  (["resultBuilder"], "functions"), (["@", "attached"], "functions"), (["@", "freestanding"], "functions"),
  (["precedencegroup"], "functions"), (["static", "let", "shared"], "a value that is passed along"),
]

private let emptyNames = ["Manager", "Helper", "Helpers", "Impl", "Utils", "Util", "Utilities"]
private let promises = ["TODO", "FIXME", "XXX", "HACK"]

let wordRules: [Rule] = [
  .perFile(
    "banned words",
    exceptions: [
      "Sources/SQLSyntax/Node.swift": "one allocation a node, through ManagedBuffer, which is never Sendable",
      "Sources/SQLSyntax/Schema/Table.swift": "raw memory, written once and read without reference counting",
    ]
  ) { file in
    banned.flatMap { tokens, instead in
      file.tokens.indices.filter { file.tokens[$0...].lazy.map(\.text).starts(with: tokens) }
        .map { (file.tokens[$0].line, "says \(tokens.joined()); the house has \(instead)") }
    }
  },
  .perFile("no promises") { file in
    file.lines.enumerated().flatMap { number, line in
      promises.filter { promise in line.split { !$0.isLetter }.contains { $0 == promise } }
        .map { (number + 1, "says \($0)") }
    }
  },
  .perFile("names say what a thing is") { file in
    file.types.filter { type in emptyNames.contains { type.name.hasSuffix($0) } }
      .map { ($0.line, "a \($0.kind) is called \($0.name)") }
  },
]
