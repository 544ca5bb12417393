// Workloads from text: .sql files, directories, standard input, .jsonl files and `--query` arguments.

import FoundationEssentials
import JSON
import SQLSyntax

/// Statements found in text that a person gave.
package struct FromFiles: Sendable {
  private let limits: Limits

  package init(limits: Limits = Limits()) { self.limits = limits }

  package struct Found: Sendable {
    package var statements: [FoundStatement] = []
    package var skipped: [SkippedStatement] = []

    package init() {}
  }

  /// A .sql or .jsonl file, or every such file of a directory in the order of their names.
  package func statements(at path: String) throws(TuningError) -> Found {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw TuningError(.unreadableWorkload, "no file or directory at \(path)")
    }
    guard isDirectory else { return try file(at: path) }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
      throw TuningError(.unreadableWorkload, "cannot read the directory \(path)")
    }
    let wanted = names.filter { $0.hasSuffix(".sql") || $0.hasSuffix(".jsonl") }.sorted()
    guard !wanted.isEmpty else {
      throw TuningError(.unreadableWorkload, "no .sql or .jsonl file in the directory \(path)")
    }
    guard wanted.count <= limits.files else {
      throw TuningError(.unreadableWorkload, "more than \(limits.files) files in \(path)")
    }
    var found = Found()
    for name in wanted {
      let one = try file(at: path.hasSuffix("/") ? path + name : "\(path)/\(name)")
      found.statements += one.statements
      found.skipped += one.skipped
    }
    return found
  }

  /// Text that came from somewhere else; `name` ends in `.jsonl` for lines of JSON.
  package func statements(in bytes: [UInt8], named name: String) throws(TuningError) -> Found {
    guard bytes.count <= limits.fileBytes else {
      throw TuningError(.unreadableWorkload, "\(name) is larger than \(limits.fileBytes) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TuningError(.unreadableWorkload, "\(name) is not UTF-8", advice: "Convert it, for instance with iconv.")
    }
    return name.hasSuffix(".jsonl") ? lines(of: text, named: name) : script(text, named: name)
  }

  /// The n-th `--query` argument, from 1.
  package func statements(inArgument text: String, number: Int) -> Found {
    var found = script(text, named: "--query \(number)")
    for position in found.statements.indices { found.statements[position].origin = .argument(number) }
    for position in found.skipped.indices { found.skipped[position].origin = .argument(number) }
    return found
  }

  private func file(at path: String) throws(TuningError) -> Found {
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw TuningError(.unreadableWorkload, "cannot read \(path)")
    }
    return try statements(in: [UInt8](data), named: path)
  }

  /// One statement that does not parse takes no other along: the text is then cut by the scanner alone.
  private func script(_ text: String, named name: String) -> Found {
    var found = Found()
    let bytes = Array(text.utf8)
    var line = 1
    var position = 0
    for piece in splitStatements(text) {
      while position < piece.offset && position < bytes.count {
        if bytes[position] == 0x0a { line += 1 }
        position += 1
      }
      let origin = Origin.file(path: name, line: line)
      let text = withoutCommands(piece.text, origin, &found.skipped)
      if !text.isEmpty { found.statements.append(FoundStatement(text: text, origin: origin)) }
    }
    return found
  }

  /// psql's own commands (`\set`, `\timing`) end with their line, not with a semicolon, and stick to what follows.
  private func withoutCommands(_ text: String, _ origin: Origin, _ skipped: inout [SkippedStatement]) -> String {
    var rest = Substring(text)
    while rest.first == "\\" {
      let line = rest.prefix { !$0.isNewline }
      skipped.append(SkippedStatement(text: String(line), origin: origin, reason: "a command of psql, not of SQL"))
      rest = rest[line.endIndex...].drop { $0.isWhitespace }
    }
    return String(rest)
  }

  /// `{"sql": "…", "weight": 3}` a line; `weight` is optional and positive.
  private func lines(of text: String, named name: String) -> Found {
    var found = Found()
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let origin = Origin.file(path: name, line: number + 1)
      do {
        let value = try JSONValue(parsing: String(line))
        guard let sql = value["sql"]?.string else {
          found.skipped.append(SkippedStatement(text: String(line), origin: origin, reason: "no string \"sql\""))
          continue
        }
        let weight = value["weight"].map { $0.double ?? -1 } ?? 1
        guard weight > 0, weight.isFinite else {
          found.skipped.append(
            SkippedStatement(text: sql, origin: origin, reason: "\"weight\" is not a positive number"))
          continue
        }
        found.statements.append(FoundStatement(text: sql, origin: origin, weight: weight))
      } catch {
        found.skipped.append(SkippedStatement(text: String(line), origin: origin, reason: "not JSON: \(error)"))
      }
    }
    return found
  }
}
