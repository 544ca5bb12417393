// Runs what was admitted, in a transaction that holds even where the gate should be wrong.

package import Database

/// What one call may take.
package struct ExecutionLimits: Sendable {
  package var rows = RowLimits()
  package var bounds = TransactionBounds()

  package init() {}
}

/// What came of one text.
package enum Execution: Sendable {
  case refused(Verdict)
  /// The rows, under the verdict by which they were admitted.
  case finished(StreamedRows, Verdict)
}

/// Why an admitted statement, or the way to it, failed.
package struct ExecutionFailure: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    /// The catalog could not be read, or led nowhere.
    case gate
    /// PostgreSQL's reason, or the way to it.
    case database
    /// The admission was made for another session.
    case foreignAdmission
  }

  package var code: Code
  package var message: String
  package var sqlState: String?
  package var advice: String?

  package var description: String { advice.map { "\(message). \($0)" } ?? message }

  init(_ code: Code, _ message: String, sqlState: String? = nil, advice: String? = nil) {
    self.code = code
    self.message = message
    self.sqlState = sqlState
    self.advice = advice
  }

  init(_ error: any Error) {
    switch error {
    case let failure as ExecutionFailure: self = failure
    case let error as DatabaseError:
      self.init(.database, error.message, sqlState: error.sqlState, advice: error.advice)
    case let failure as GateFailure: self.init(.gate, failure.message, advice: failure.advice)
    default: self.init(.database, "\(error)")
    }
  }
}

/// One session with the gate that stands on its catalog. Judging and running happen in the same transaction; what names
/// mean is remembered from call to call for as long as the catalog's stamp stays the same.
package struct Executor: Sendable {
  private let session: Session
  private let limits: ExecutionLimits
  private var gate: Gate
  private var stamp: CatalogStamp?

  package init(on session: Session, options: GateOptions = GateOptions(), limits: ExecutionLimits = ExecutionLimits()) {
    self.session = session
    self.limits = limits
    gate = Gate(names: LiveNames(on: session), options: options)
  }

  /// Judges a text and, if the grants cover it, runs it. What only reads is rolled back; what writes is judged again in
  /// a transaction that may write, and committed when it succeeds.
  package mutating func answer(to text: String, by grants: Grants) async throws(ExecutionFailure) -> Execution {
    do {
      let (first, access) = try await attempt(text, by: grants, access: .readOnly)
      guard access == .readWrite else { return first }
      return try await attempt(text, by: grants, access: .readWrite).execution
    } catch {
      throw ExecutionFailure(error)
    }
  }

  /// - Returns: `.readWrite` where the text was admitted but needs a transaction that may write.
  private mutating func attempt(
    _ text: String, by grants: Grants, access: TransactionAccess
  ) async throws -> (execution: Execution, needs: TransactionAccess) {
    var copy = self
    let outcome = try await session.bounded(access, limits.bounds) { session in
      try await copy.attempt(text, by: grants, access, inside: session)
    }
    self = copy
    return outcome
  }

  private mutating func attempt(
    _ text: String, by grants: Grants, _ access: TransactionAccess, inside session: Session
  ) async throws -> (Execution, TransactionAccess) {
    let known = gate.rememberedRelations
    let current = try await session.catalogStamp(of: known)
    if current != stamp { gate.forget() }
    switch try await gate.admit(text, by: grants, on: session) {
    case .refused(let verdict): return (.refused(verdict), .readOnly)
    case .admitted(let admission):
      let remembered = gate.rememberedRelations
      stamp = remembered == known ? current : try await session.catalogStamp(of: remembered)
      if admission.access == .readWrite && access == .readOnly { return (.refused(admission.verdict), .readWrite) }
      return try await spend(admission, on: session)
    }
  }

  /// The only place where foreign text is run for its effect: consumes the admission.
  private func spend(
    _ admission: consuming Admission, on session: Session
  ) async throws -> (Execution, TransactionAccess) {
    guard admission.session == ObjectIdentifier(session) else {
      throw ExecutionFailure(.foreignAdmission, "the admission was made for another session")
    }
    let verdict = admission.verdict
    let rows = try await session.stream(
      AdmittedStatement(admitting: admission.text), limits: limits.rows, stopsAtCap: admission.access == .readOnly)
    return (.finished(rows, verdict), .readOnly)
  }
}

extension StreamedRows {
  /// How to see the rest; nil when these are all rows.
  package var resumeHint: String? {
    switch truncation {
    case nil: nil
    case .rows:
      "These are the first \(rows.count) rows. For the next ones add ORDER BY a unique key and OFFSET \(rows.count), or ask for"
        + " keys greater than the last one."
    case .bytes:
      "These are the first \(rows.count) rows: more would exceed the limit of bytes. Select fewer columns, or add ORDER BY a"
        + " unique key and OFFSET \(rows.count)."
    }
  }
}
