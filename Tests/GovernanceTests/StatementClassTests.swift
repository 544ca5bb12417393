// Every kind of statement has a decision, and the whole table is as it is meant to be.

import SQLSyntax
import Testing

@testable import Governance

struct StatementClassTests {
  /// All kinds of all supported grammars.
  private static let kinds: [NodeKind] = (UInt16.min...1_000).compactMap { NodeKind(rawValue: $0) }

  @Test(arguments: kinds.filter { "\($0)".hasSuffix("Stmt") })
  func everyStatementKindHasADecision(_ kind: NodeKind) {
    #expect(StatementClass.of(kind) != nil, "\(kind) stands in no group of AllStatementGroups.swift")
  }

  @Test func thereAreAsManyKindsAsInTheGrammar() {
    #expect(Self.kinds.count(where: { "\($0)".hasSuffix("Stmt") }) >= 117)
  }

  @Test func noKindStandsInTwoGroups() {
    var seen: Set<NodeKind> = []
    for group in allStatementGroups {
      for kind in group.kinds { #expect(seen.insert(kind).inserted, "\(kind) stands in two groups") }
    }
  }

  @Test func nothingButQueriesAndShowIsLessThanAWrite() {
    for group in allStatementGroups {
      guard case .permissions(let permissions) = group.statementClass.need, permissions.max() == .read else { continue }
      #expect(group.kinds == [.selectStmt] || group.kinds == [.variableShowStmt])
    }
  }

  @Test func aKindIsEitherAStatementOrAPlainPart() {
    for kind in Self.kinds where StatementReader.plainKinds.contains(kind) {
      #expect(StatementClass.of(kind) == nil, "\(kind)")
    }
  }
}
