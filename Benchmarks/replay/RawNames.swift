// What names mean in the very session, and transaction, in which foreign statements run.

import Governance

@testable import Database

/// Asks the questions of `Session` on another connection.
struct RawNames: NameSource {
  let session: RawSession

  var isComplete: Bool { true }

  func surroundings() async throws(GateFailure) -> NameSurroundings {
    try failing { () throws(DatabaseError) in
      var surroundings = NameSurroundings()
      guard let row = try session.ask(NameQuestions.surroundings).decoded(as: SurroundingsRow.self).first else {
        throw DatabaseError(code: .protocolViolation, message: "no search path")
      }
      surroundings.searchPath = row.path
      surroundings.versionNumber = row.version
      surroundings.eventTriggerFunctions = row.triggers
      surroundings.casts = try session.ask(NameQuestions.casts).decoded(as: CastRow.self).map(\.entry)
      surroundings.operatorClasses = try session.ask(NameQuestions.operatorClasses).decoded(as: OperatorClassEntry.self)
      return surroundings
    }
  }

  func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer {
    try failing { () throws(DatabaseError) in
      let isNested = !session.isIdle
      // As `Session.ask`: definitions are written under a path of `pg_catalog`, and no trace stays.
      let path = "SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)"
      _ = session.run("\(isNested ? "SAVEPOINT pgadvisor_question" : "BEGIN"); \(path)")
      defer {
        let end = "ROLLBACK TO SAVEPOINT pgadvisor_question; RELEASE SAVEPOINT pgadvisor_question"
        _ = session.run(isNested ? end : "ROLLBACK")
      }
      return try answer(to: question)
    }
  }

  private func answer(to question: NameQuestion) throws(DatabaseError) -> NameAnswer {
    var answer = NameAnswer()
    if !question.functions.isEmpty || !question.functionIDs.isEmpty {
      answer.functions = try session.ask(
        NameQuestions.functions(on: session.server), [list(question.functions), list(question.functionIDs)]
      ).decoded(as: FunctionRow.self).map(\.entry)
    }
    if !question.operators.isEmpty {
      answer.operators = try session.ask(NameQuestions.operators, [list(question.operators)])
        .decoded(as: OperatorRow.self).map(\.entry)
    }
    if !question.types.isEmpty || !question.typeIDs.isEmpty {
      answer.types = try session.ask(
        NameQuestions.types(on: session.server), [list(question.types), list(question.typeIDs)]
      ).decoded(as: TypeRow.self).map(\.entry)
    }
    if !question.relations.isEmpty || !question.relationIDs.isEmpty {
      answer.relations = try session.ask(
        NameQuestions.relations(on: session.server), [list(question.relations), list(question.relationIDs)]
      ).decoded(as: NamedRelationRow.self).map(\.entry)
    }
    return answer
  }

  private func list(_ names: Set<String>) -> String { arrayLiteral(names.sorted()) }
  private func list(_ identifiers: Set<UInt32>) -> String { arrayLiteral(identifiers.sorted().map { String($0) }) }

  private func failing<R>(_ body: () throws(DatabaseError) -> R) throws(GateFailure) -> R {
    do throws(DatabaseError) { return try body() } catch { throw GateFailure(.catalog, error.message) }
  }
}

/// For statements that must be the first of a transaction: nothing is asked.
struct NoNames: NameSource {
  var isComplete: Bool { false }
  func surroundings() async throws(GateFailure) -> NameSurroundings { NameSurroundings() }
  func lookUp(_ question: NameQuestion) async throws(GateFailure) -> NameAnswer { NameAnswer() }
}
