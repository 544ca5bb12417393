// The corpora judged without a server, by what their script of definitions says.

import SQLSyntax
import Testing

@testable import Governance

@Suite struct ScriptedNamesTests {
  /// Made inside DO blocks, which nobody follows; the notes of the names say so.
  private static let madeByCode = [
    "trap.passwords", "trap.counted", "returned_sum", "atomic_read", "trap.honest_total",
  ]

  private static let strength = ["explain", "read", "write", "ddl", "admin", "reject"]

  private func names() throws -> ScriptedNames {
    ScriptedNames(splitStatements(try CorpusLine.setup).flatMap { (try? parse($0.text)) ?? [] })
  }

  @Test func hostileStatementsAreNeverJudgedTooWeak() async throws {
    var gate = Gate(names: try names())
    let open = try CorpusLine.open
    for line in try CorpusLine.all(in: "hostile") where !Self.madeByCode.contains(where: line.sql.contains) {
      if open.contains(line.id) { continue }
      let word = try await gate.judge(line.sql).word
      let found = Self.strength.firstIndex(of: word) ?? 0
      let least = line.verdicts.compactMap { Self.strength.firstIndex(of: $0) }.min() ?? 0
      // Syntax of a newer version is refused, which is stronger.
      #expect(found >= least, "\(line.id): \(line.sql)")
    }
  }

  @Test func honestStatementsPass() async throws {
    var gate = Gate(names: try names())
    for line in try CorpusLine.all(in: "honest") where !Self.madeByCode.contains(where: line.sql.contains) {
      let verdict = try await gate.judge(line.sql)
      #expect(line.verdicts.contains(verdict.word), "\(line.id): \(line.sql) [\(verdict.rule)] \(verdict.notes)")
    }
  }

  @Test func whatIsNotFollowedIsSaid() throws {
    #expect(try names().notes.contains("DO was not followed"))
  }
}
