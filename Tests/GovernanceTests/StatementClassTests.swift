// Every kind of statement has a decision, and the whole table is as it is meant to be.

import Database
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

struct BuiltInTablesTests {
  /// What the gate takes for granted of operators: those of examined extensions only compute.
  @Test func operatorsOfExaminedExtensionsOnlyCompute() throws {
    let names = BuiltInNames()
    let known = KnownFunctions()
    var seen = 0
    for cells in BuiltInTables.operatorTable.all {
      var question = NameQuestion()
      question.functionIDs = [try #require(UInt32(cells[7]))]
      let function = try #require(names.answer(question).functions.first, "\(cells[2]) has no function")
      #expect(known.effect(of: function) == FunctionEffect.none, "\(cells[2]) of \(cells[3]) calls \(function.name)")
      seen += 1
    }
    #expect(seen > 1_000)
  }

  @Test func everyFunctionOfTheTablesHasAnEffect() throws {
    let known = KnownFunctions()
    for cells in BuiltInTables.functionTable.all {
      var question = NameQuestion()
      question.functionIDs = [try #require(UInt32(cells[0]))]
      let function = try #require(BuiltInNames().answer(question).functions.first, "\(cells)")
      let effect = try #require(known.effect(of: function), "\(function.signature)")
      // What PostgreSQL does not let everybody execute is never harmless.
      #expect(function.isPublic || effect.permission > .read, "\(function.signature)")
    }
  }
}
