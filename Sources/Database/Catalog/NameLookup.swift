// What names mean in the catalog that a session sees.

extension Session {
  /// The session's own search path, the casts of users, and what event triggers run. One round trip.
  package func surroundings() async throws(DatabaseError) -> NameSurroundings {
    let answers = try await exchange([
      .step(.statement(NameQuestions.surroundings, [])), .step(.statement(NameQuestions.casts, [])),
      .step(.statement(NameQuestions.operatorClasses, [])),
    ])
    let rows = try answers[0].get().rows.decoded(as: SurroundingsRow.self)
    guard let row = rows.first else {
      throw DatabaseError(code: .protocolViolation, message: "the server told no search path")
    }
    var surroundings = NameSurroundings()
    surroundings.searchPath = row.path
    surroundings.versionNumber = row.version
    surroundings.eventTriggerFunctions = row.triggers
    surroundings.alteredTypes = Set(row.alteredTypes)
    surroundings.casts = try answers[1].get().rows.decoded(as: CastRow.self).map(\.entry)
    surroundings.operatorClasses = try answers[2].get().rows.decoded(as: OperatorClassEntry.self)
    return surroundings
  }

  /// Everything that the names and OIDs of a question may stand for, in any schema. One round trip, and none for an
  /// empty question; entries come in the order of their OIDs.
  package func lookUp(_ question: NameQuestion) async throws(DatabaseError) -> NameAnswer {
    var steps: [Step] = []
    let asksFunctions = !question.functions.isEmpty || !question.functionIDs.isEmpty
    let asksTypes = !question.types.isEmpty || !question.typeIDs.isEmpty
    let asksRelations = !question.relations.isEmpty || !question.relationIDs.isEmpty
    if asksFunctions {
      let values = [names(question.functions), identifiers(question.functionIDs)]
      steps.append(.statement(NameQuestions.functions(on: server), values))
    }
    if !question.operators.isEmpty { steps.append(.statement(NameQuestions.operators, [names(question.operators)])) }
    if asksTypes {
      steps.append(.statement(NameQuestions.types(on: server), [names(question.types), identifiers(question.typeIDs)]))
    }
    if asksRelations {
      steps.append(
        .statement(NameQuestions.relations(on: server), [names(question.relations), identifiers(question.relationIDs)]))
    }
    var answer = NameAnswer()
    if steps.isEmpty { return answer }
    var answers = try await ask(steps)[...]
    if asksFunctions {
      answer.functions = try answers.removeFirst().decoded(as: FunctionRow.self).map(\.entry)
    }
    if !question.operators.isEmpty {
      answer.operators = try answers.removeFirst().decoded(as: OperatorRow.self).map(\.entry)
    }
    if asksTypes { answer.types = try answers.removeFirst().decoded(as: TypeRow.self).map(\.entry) }
    if asksRelations { answer.relations = try answers.removeFirst().decoded(as: NamedRelationRow.self).map(\.entry) }
    return answer
  }
}

/// Bound as `name[]`: PostgreSQL cuts longer names as it would in a statement. A name with a zero byte is no name.
private func names(_ names: Set<String>) -> String {
  arrayLiteral(names.filter { !$0.holdsZeroByte }.sorted())
}

private func identifiers(_ identifiers: Set<UInt32>) -> String { arrayLiteral(identifiers.sorted().map { String($0) }) }
