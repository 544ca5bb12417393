// The corpora of Fixtures/statements, each statement judged on a live catalog or without any.

import Database
import Foundation
import JSON
import Support
import Testing

@testable import Governance

@Suite struct CorpusTests {
  @Test(arguments: ["hostile", "honest", "offline", "overlay"])
  func everyLineIsWellFormed(_ name: String) throws {
    let lines = try CorpusLine.all(in: name)
    #expect(lines.count >= ["hostile": 400, "honest": 200, "overlay": 50][name, default: 100])
    #expect(Set(lines.map(\.id)).count == lines.count)
    #expect(Set(lines.map(\.sql)).count == lines.count)
    let words = Set(Permission.allCases.map(\.rawValue) + ["reject"])
    for line in lines { #expect(!line.verdicts.isEmpty && words.isSuperset(of: line.verdicts), "\(line.id)") }
  }

  @Test(.needsServer, arguments: ["hostile", "honest", "overlay"])
  func verdictsOnALiveCatalog(_ name: String) async throws {
    let lines = try CorpusLine.all(in: name)
    let open = try CorpusLine.open
    let schema = try name == "overlay" ? CorpusLine.setup + CorpusLine.overlay : CorpusLine.setup
    try await withDatabase(schema: schema, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      var gate = Gate(names: LiveNames(on: session))
      var judged = 0
      for line in lines where line.since <= session.server.versionNumber {
        let verdict = try await gate.judge(line.sql)
        judged += 1
        let isRight = line.verdicts.contains(verdict.word)
        let said: Comment = "\(line.id): \(line.sql) [\(verdict.rule)] \(verdict.notes)"
        if open.contains(line.id) {
          withKnownIssue { #expect(isRight, said) }
        } else {
          #expect(isRight, said)
        }
      }
      #expect(judged > lines.count * 9 / 10)
      await session.close()
    }
  }

  @Test func verdictsWithoutAServer() async throws {
    var gate = Gate(names: BuiltInNames())
    for line in try CorpusLine.all(in: "offline") {
      let verdict = try await gate.judge(line.sql)
      #expect(line.verdicts.contains(verdict.word), "\(line.id): \(line.sql) [\(verdict.rule)] \(verdict.notes)")
    }
  }

  /// A line is only honest if it runs and leaves nothing behind.
  @Test(.needsServer) func honestStatementsRunWithoutEffect() async throws {
    let lines = try CorpusLine.all(in: "honest")
    try await withDatabase(schema: CorpusLine.setup, hasExtensions: false) { url in
      let session = try await Session.open(ConnectionTarget(url: url))
      let version = session.server.versionNumber
      await session.close()
      let database = try #require(url.split(separator: "?")[0].split(separator: "/").last.map(String.init))
      let script = lines.filter { $0.since <= version }.map { line in
        """
        BEGIN;
        \(line.sql);
        SELECT 1 / (pg_current_xact_id_if_assigned() IS NULL)::integer;
        ROLLBACK;
        """
      }
      try await onOwnThread { _ = try ScratchCluster.shared().run(script.joined(separator: "\n"), in: database) }
    }
  }
}

/// A line of a corpus.
struct CorpusLine: Sendable {
  var id: String
  var sql: String
  /// Any of these is right.
  var verdicts: [String]
  /// The first server version that has the syntax or the behaviour, as 140000.
  var since: Int

  static func all(in name: String) throws -> [CorpusLine] {
    try text(of: "\(name).jsonl").split(separator: "\n").map { line in
      let value = try JSONValue(parsing: String(line))
      let verdicts = value["verdict"]?.array ?? [value["verdict"] ?? .null]
      return CorpusLine(
        id: try #require(value["id"]?.string), sql: try #require(value["sql"]?.string),
        verdicts: verdicts.compactMap(\.string), since: Int(value["since"]?.integer ?? 0))
    }
  }

  /// The schema against which the corpora are judged.
  static var setup: String { get throws { try text(of: "setup.sql") } }

  /// What makes of it a place where nothing is honest.
  static var overlay: String { get throws { try text(of: "overlay.sql") } }

  /// Ids of lines that are judged too weakly today.
  static var open: Set<String> {
    get throws { Set(try text(of: "open.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)) }
  }

  private static func text(of file: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try String(contentsOf: root.appendingPathComponent("Fixtures/statements/\(file)"), encoding: .utf8)
  }
}

extension Verdict {
  /// The one class of the whole text, as in the JSON line.
  var word: String { strongest?.rawValue ?? "reject" }
}
