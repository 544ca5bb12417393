// Runs what was admitted, in a transaction that holds even where the gate should be wrong.

package import Database

/// What came of one text.
package enum Execution: Sendable {
  case refused(Verdict)
  /// It did not run: a person has to approve it.
  case proposed(Verdict)
  /// The rows, under the verdict by which they were admitted.
  case finished(StreamedRows, Verdict)
}

/// What names were found to mean, and the stamp of the catalog under which that holds: good for any session with the
/// same database and role.
package final class GateMemory: Sendable {
  fileprivate let gate: Gate
  fileprivate let stamp: CatalogStamp?
  fileprivate let mark: String?

  fileprivate init(gate: Gate, stamp: CatalogStamp?, mark: String?) {
    self.gate = gate
    self.stamp = stamp
    self.mark = mark
  }

  /// The verdict by what is remembered, and the mark under which that holds; nil when it does not suffice.
  func verdict(on text: String, under policy: EffectivePolicy?) -> (verdict: Verdict, mark: String)? {
    var gate = gate
    guard stamp != nil, let mark, let verdict = gate.judgeFromMemory(text, under: policy) else { return nil }
    return (verdict, mark)
  }
}

/// One statement as somebody sends it.
struct Asked: Sendable {
  var text: String
  var values: [String?]
  var grants: Grants
  var taking: RowTaking
  /// For what may write.
  var writing: TransactionAccess
}

/// One session with the gate that stands on its catalog. Judging and running happen in the same transaction; what names
/// mean is remembered from call to call for as long as the catalog's stamp stays the same.
package struct Executor: Sendable {
  let session: Session
  let limits: ExecutionLimits
  /// The session goes back to a pool when it has answered.
  let discards: Bool
  /// What it has begun with.
  private let given: GateMemory?
  /// The last answer needed no more than was given.
  private var hasLearnedNothing = false
  var gate: Gate
  private var stamp: CatalogStamp?
  /// Of a transaction that began before the stamp was taken: while it is the same, so is the stamp.
  private var mark: String?

  /// - Parameters:
  ///   - memory: from an executor with the same options on the same database.
  ///   - discarding: the session is cleaned for somebody else with the end of each transaction that only reads.
  package init(
    on session: Session, options: GateOptions = GateOptions(), limits: ExecutionLimits = ExecutionLimits(),
    memory: GateMemory? = nil, discarding: Bool = false
  ) {
    self.session = session
    discards = discarding
    self.limits = limits
    let names = LiveNames(on: session)
    gate = memory?.gate.standing(on: names) ?? Gate(names: names, options: options)
    stamp = memory?.stamp
    mark = memory?.mark
    given = memory
  }

  /// For the next executor.
  package var memory: GateMemory {
    hasLearnedNothing ? given ?? currentMemory : currentMemory
  }

  private var currentMemory: GateMemory { GateMemory(gate: gate, stamp: stamp, mark: mark) }

  /// Judges a text and, if the grants cover it, runs it. What only reads is rolled back; what writes is judged again in
  /// a transaction that may write, and committed when it succeeds.
  /// - Parameters:
  ///   - values: of `$1`, `$2`, …, as PostgreSQL's text; nil is NULL.
  ///   - isRehearsed: what writes is rolled back too, whatever happens. Numbers taken from sequences are not given back.
  package mutating func answer(
    to text: String, _ values: [String?] = [], by grants: Grants, taking: RowTaking = .cells, isRehearsed: Bool = false
  ) async throws(ExecutionFailure) -> Execution {
    do {
      let ask = Asked(
        text: text, values: values, grants: grants, taking: taking, writing: isRehearsed ? .rehearsal : .readWrite)
      hasLearnedNothing = true
      if let execution = try await answerAtOnce(ask) { return execution }
      hasLearnedNothing = false
      let (first, access) = try await attempt(ask, access: .readOnly)
      guard access != .readOnly else { return first }
      return try await attempt(ask, access: access).execution
    } catch {
      throw Self.failure(error, in: text)
    }
  }

  /// What memory admits for reading is run if nothing has changed since, which the server sees to.
  private mutating func answerAtOnce(_ asked: Asked) async throws -> Execution? {
    guard asked.grants.ceilings.isEmpty, discards, stamp != nil, let mark,
      await session.isSteady(under: mark, for: limits.bounds),
      case .admitted(let admission)? = gate.admitFromMemory(asked.text, by: asked.grants, on: session),
      admission.access == .readOnly
    else { return nil }
    let verdict = admission.verdict
    let statement = try statement(admission, asked)
    do {
      let rows = try await session.streamAtOnce(
        statement, under: mark, limits.bounds, limits: limits.rows, taking: asked.taking)
      return rows.map { .finished($0, verdict) }
    } catch {
      throw Self.failure(error, in: statement.text, under: verdict)
    }
  }

  /// - Parameters:
  ///   - text: in which PostgreSQL has counted.
  ///   - verdict: under which it was admitted.
  static func failure(_ error: any Error, in text: String, under verdict: Verdict? = nil) -> ExecutionFailure {
    var failure = ExecutionFailure(error)
    if let place = (error as? DatabaseError)?.position { failure.position = offset(of: place, in: text) }
    if let policed = verdict?.policed { failure.hide(behind: policed) }
    failure.admitted = failure.admitted ?? verdict
    return failure
  }

  /// The only place where foreign text becomes what runs for its effect: consumes the admission.
  func statement(_ admission: consuming Admission, _ asked: Asked) throws -> AdmittedStatement {
    guard admission.session == ObjectIdentifier(session) else {
      throw ExecutionFailure(.foreignAdmission, "the admission was made for another session")
    }
    return AdmittedStatement(
      admitting: admission.text, parameters: asked.values.map { PlanParameter(value: $0) }, comment: limits.comment)
  }

  /// PostgreSQL counts characters from 1.
  static func offset(of character: Int, in text: String) -> Int {
    text.unicodeScalars.prefix(max(0, character - 1)).reduce(0) { $0 + $1.utf8.count }
  }

  /// The verdict on a text, which is not run.
  package mutating func verdict(
    on text: String, under policy: EffectivePolicy? = nil
  ) async throws(ExecutionFailure) -> Verdict {
    do {
      // Where nothing has changed, memory may have all that is needed.
      if stamp != nil, let mark, mark == (try await session.unchangedMark(for: limits.bounds)),
        let verdict = gate.judgeFromMemory(text, under: policy)
      {
        hasLearnedNothing = true
        return verdict
      }
      hasLearnedNothing = false
      var copy = self
      let verdict = try await session.bounded(.readOnly, limits.bounds, discarding: discards) { session in
        try await copy.judge(text, under: policy, inside: session)
      }
      self = copy
      return verdict
    } catch {
      throw ExecutionFailure(error)
    }
  }

  private mutating func judge(
    _ text: String, under policy: EffectivePolicy?, inside session: Session
  ) async throws -> Verdict {
    let current = try await currentStamp(on: session)
    let known = gate.rememberedRelations
    let verdict = try await gate.judge(text, under: policy)
    try await keep(current, of: known, on: session)
    return verdict
  }

  /// The stamp of what the gate remembers, which forgets what does not hold any more.
  mutating func currentStamp(on session: Session) async throws(DatabaseError) -> CatalogStamp {
    let now = await session.transactionMark
    if let stamp, let mark, mark == now { return stamp }
    let current = try await session.catalogStamp(of: gate.rememberedRelations)
    if current != stamp { gate.forget() }
    return current
  }

  /// - Parameter known: the relations that `current` is about.
  mutating func keep(
    _ current: CatalogStamp, of known: [UInt32], on session: Session
  ) async throws(DatabaseError) {
    let remembered = gate.rememberedRelations
    stamp = remembered == known ? current : try await session.catalogStamp(of: remembered)
    mark = await session.transactionMark
  }

  /// - Returns: another access where the text was admitted but needs a transaction that may write.
  private mutating func attempt(
    _ asked: Asked, access: TransactionAccess
  ) async throws -> (execution: Execution, needs: TransactionAccess) {
    var copy = self
    let outcome = try await session.bounded(access, limits.bounds, discarding: discards) { session in
      try await copy.attempt(asked, access, inside: session)
    }
    self = copy
    return outcome
  }

  private mutating func attempt(
    _ asked: Asked, _ access: TransactionAccess, inside session: Session
  ) async throws -> (Execution, TransactionAccess) {
    let current = try await currentStamp(on: session)
    let known = gate.rememberedRelations
    switch try await gate.admit(asked.text, by: asked.grants, on: session) {
    case .refused(let verdict): return (.refused(verdict), .readOnly)
    case .proposed(let verdict): return (.proposed(verdict), .readOnly)
    case .admitted(let admission):
      try await keep(current, of: known, on: session)
      if admission.access == .readWrite && access == .readOnly {
        let verdict = admission.verdict
        if asked.writing == .rehearsal, let refusal = verdict.beyondRollback { return (.refused(refusal), .readOnly) }
        return (.refused(verdict), asked.writing)
      }
      let ceilings = asked.grants.ceilings
      if !ceilings.isEmpty,
        let refusal = try await session.refusal(
          of: admission.text, asked.values, above: ceilings, behind: admission.verdict.policed)
      {
        return (.refused(refusal), .readOnly)
      }
      let isDefinition = (admission.verdict.strongest ?? .admin) > .write
      let execution = try await spend(admission, asked, on: session)
      // What names meant when it was judged is what they meant when it ran, or nothing is kept. (DDL changes the catalog
      // itself.)
      if access == .readWrite && !isDefinition { try await judgeAgain(asked, on: session) }
      return (execution, .readOnly)
    }
  }

  mutating func judgeAgain(_ asked: Asked, on session: Session) async throws {
    let now = try await session.catalogStamp(of: gate.rememberedRelations)
    if now == stamp { return }
    gate.forget()
    guard case .admitted = try await gate.admit(asked.text, by: asked.grants, on: session) else {
      throw ExecutionFailure(
        .gate, "the catalog has changed while the statement ran, and it would be refused now: nothing of it was kept",
        advice: "Look at what it touches, and send it again")
    }
    stamp = try await session.catalogStamp(of: gate.rememberedRelations)
  }

  func spend(
    _ admission: consuming Admission, _ asked: Asked, on session: Session
  ) async throws -> Execution {
    let (verdict, isReading) = (admission.verdict, admission.access == .readOnly)
    let statement = try statement(admission, asked)
    do {
      let rows = try await session.stream(
        statement, limits: limits.rows, taking: asked.taking, stopsAtCap: isReading, isLast: isReading)
      return .finished(rows, verdict)
    } catch {
      throw Self.failure(error, in: statement.text, under: verdict)
    }
  }
}

extension Verdict {
  /// Refused, where a rollback does not undo everything, or nobody knows whether it does.
  fileprivate var beyondRollback: Verdict? {
    guard let lasting else { return nil }
    var refusal = self
    refusal.rule = "rehearsal"
    refusal.message = "a rollback would not undo what \(lasting) does"
    refusal.wayOut = "Look at the plan without running the statement."
    return refusal
  }
}
