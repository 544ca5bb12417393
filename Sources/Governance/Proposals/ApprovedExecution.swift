// How the executor runs what a person has approved: judged once more, and with a word in between for whoever watches.

import Database

extension Executor {
  /// What the gate says now, and what the names mean now, by one state of the catalog.
  mutating func look(
    at text: String, by grants: Grants, on connection: String
  ) async throws(ExecutionFailure) -> (verdict: Verdict, isCovered: Bool, target: ChangeTarget) {
    do {
      var copy = self
      let asked = Asked(text: text, values: [], grants: grants, taking: .cells, writing: .readWrite)
      let found = try await session.bounded(.readOnly, limits.bounds) { session in
        let (verdict, isCovered) = try await copy.judged(asked, on: session)
        let names = try ChangeNames(text, verdict).lists()
        return (verdict, isCovered, try await session.changeTarget(connection, names))
      }
      self = copy
      return found
    } catch let failure as GovernedFailure {
      throw ExecutionFailure(.gate, failure.message, advice: failure.advice)
    } catch {
      throw ExecutionFailure(error)
    }
  }

  private mutating func judged(
    _ asked: Asked, on session: Session
  ) async throws -> (verdict: Verdict, isCovered: Bool) {
    let current = try await currentStamp(on: session)
    let known = gate.rememberedRelations
    switch try await gate.admit(asked.text, by: asked.grants, on: session) {
    case .refused(let verdict): return (verdict, false)
    case .proposed(let verdict): return (verdict, false)
    case .admitted(let admission):
      let verdict = admission.verdict
      try await keep(current, of: known, on: session)
      return (verdict, true)
    }
  }

  /// Runs it in one transaction, which is kept if nobody throws.
  /// - Parameters:
  ///   - before: hears the verdict when nothing has run yet.
  ///   - after: hears what came of it when nothing is kept yet.
  mutating func perform(
    _ asked: Asked, before: (Verdict, Session) async throws -> Void,
    after: (StreamedRows, Verdict, Session) async throws -> Void
  ) async throws -> StreamedRows {
    var copy = self
    do {
      return try await session.bounded(.readWrite, limits.bounds) { session in
        let current = try await copy.currentStamp(on: session)
        let known = copy.gate.rememberedRelations
        switch try await copy.gate.admit(asked.text, by: asked.grants, on: session) {
        case .refused(let verdict): throw ProposalRefusal(now: verdict)
        case .proposed(let verdict): throw ProposalRefusal(now: verdict)
        case .admitted(let admission):
          try await copy.keep(current, of: known, on: session)
          let verdict = admission.verdict
          try await before(verdict, session)
          guard case .finished(let rows, _) = try await copy.spend(admission, asked, on: session) else {
            throw ProposalRefusal(now: verdict)
          }
          if (verdict.strongest ?? .admin) <= .write { try await copy.judgeAgain(asked, on: session) }
          try await after(rows, verdict, session)
          return rows
        }
      }
    } catch let refusal as ProposalRefusal {
      throw refusal
    } catch {
      throw Self.failure(error, in: asked.text)
    }
  }

  /// What is to run outside of a transaction, judged in one that is over when it runs.
  mutating func admittedAlone(
    _ asked: Asked, before: (Verdict, Session) async throws -> Void
  ) async throws -> AdmittedStatement {
    var copy = self
    return try await session.bounded(.readOnly, limits.bounds) { session in
      let current = try await copy.currentStamp(on: session)
      let known = copy.gate.rememberedRelations
      switch try await copy.gate.admit(asked.text, by: asked.grants, on: session) {
      case .refused(let verdict): throw ProposalRefusal(now: verdict)
      case .proposed(let verdict): throw ProposalRefusal(now: verdict)
      case .admitted(let admission):
        try await copy.keep(current, of: known, on: session)
        try await before(admission.verdict, session)
        return try copy.statement(admission, asked)
      }
    }
  }
}

extension ProposalRefusal {
  /// What was admitted when it was proposed, and is not any more.
  init(now verdict: Verdict) {
    self.init(
      .drift, "the gate refuses it now, by the rule \(verdict.rule): \(verdict.message)",
      advice: "It has to be proposed anew")
  }
}
