// Foreign statements that are run for their rows, under caps.

/// Foreign text that somebody answers for: made by the executor of `Governance` alone, from an admission.
///
/// It travels by the extended protocol, which takes one statement only: nothing hides behind a semicolon.
package struct AdmittedStatement: Sendable {
  package let text: String
  let request: PlanRequest

  /// - Parameter comment: stands in front of it in pg_stat_activity and logs.
  package init(admitting text: String, parameters: [PlanParameter] = [], comment: StatementComment? = nil) {
    self.text = text
    request = PlanRequest(admitting: text, parameters: parameters, comment: comment)
  }

  /// The same under `EXPLAIN (ANALYZE, WAL)`: it runs, and its rows are replaced by its plan as JSON, with the triggers
  /// that fired. For queries and changes of data only.
  package init(measuring text: String, parameters: [PlanParameter]) {
    self.text = text
    request = PlanRequest(
      admitting: "EXPLAIN (ANALYZE, WAL, VERBOSE, TIMING OFF, FORMAT JSON) \(text)", parameters: parameters)
  }
}

extension PlanRequest {
  /// For `AdmittedStatement` alone: this one is run as it stands.
  init(admitting text: String, parameters: [PlanParameter], comment: StatementComment? = nil) {
    self.init(unchanged: text, parameters: parameters, comment: comment)
  }
}

extension Session {
  /// Runs one foreign statement inside `bounded` and takes its rows as they arrive. Memory is bounded by the caps and one
  /// row.
  ///
  /// It runs under a savepoint. Where the transaction only reads, all that it did is undone right after it, and the
  /// server is asked whether the transaction still only reads; what failed is undone in any case. So the transaction
  /// goes on whatever happened. Cancelling the task cancels the statement.
  /// - Parameters:
  ///   - isLast: `bounded` ends right after it, and asks and undoes then what is asked and undone here otherwise; for
  ///     transactions that only read.
  ///   - keepsEffects: what it did stays until the transaction ends, and can be looked at; for rehearsals.
  ///   - stopsAtCap: the server is told to stop as soon as a cap is reached. In a transaction that may write, the rows are read to
  ///     the end instead, and those beyond the caps dropped.
  /// - Throws: PostgreSQL's reason, `.statementTimeout`, `.lockTimeout`, `.cancelled`, `.connectionLost`; `.notReadOnly`
  ///   and `.transactionLeft` when the transaction is not what it was; `.rowTooLarge`; `.noTransaction`.
  package func stream(
    _ statement: AdmittedStatement, limits: RowLimits, taking: RowTaking = .cells, stopsAtCap: Bool = true,
    isLast: Bool = false, keepsEffects: Bool = false
  ) async throws(DatabaseError) -> StreamedRows {
    guard let ongoing = boundedTransaction else {
      throw DatabaseError(code: .noTransaction, message: "a foreign statement was to be run outside of a transaction")
    }
    let ends = isLast && ongoing.endsWithLast
    let answers = try await exchange(
      [
        .step(.statement(Self.savepoint, [])),
        .stream(statement.request, limits, taking, stopsAtCap: stopsAtCap && ongoing.access == .readOnly),
      ] + (ends ? Self.ending : []), until: .now + ongoing.patience)
    let isOver = ends && !isInTransaction
    if isOver { boundedTransaction = nil }
    _ = try answers[0].get()
    if isOver { return try await ended(answers[1], answers[2...], hasHypothetical: ongoing.hasHypothetical, statement) }
    guard case .success(let answer) = answers[1], var rows = answer.streamed else {
      try await undo()
      if case .failure(var error) = answers[1] {
        error.place(in: statement)
        throw error
      }
      throw DatabaseError(code: .protocolViolation, message: "a statement was not answered")
    }
    if isLast, ongoing.access == .readOnly, nameUsualTypes(of: &rows) { return rows }
    if rows.isTruncated && rows.commandTag.isEmpty {
      try await undo()
    } else {
      let isKept = ongoing.access == .readWrite || ongoing.access == .rehearsal && keepsEffects
      try await confirm(ongoing, undoing: !isKept)
    }
    try await nameTypes(of: &rows)
    return rows
  }

  static let savepoint: SQL = "SAVEPOINT pgadvisor_statement"

  /// Behind the boundary, so that it is done whatever has come of the statement.
  static let ending: [Request] = [
    .step(.statement("SHOW transaction_read_only", [])), .step(.boundary), .step(.statement("ROLLBACK", [])),
    .step(.statement(discarding, [])),
  ]

  /// What came of a statement whose transaction is over.
  /// - Parameters:
  ///   - answer: to the statement.
  ///   - ending: the answers to `ending` or `QuietEnding`.
  ///   - hasHypothetical: there is more to clean.
  func ended(
    _ answer: Result<Answer, DatabaseError>, _ ending: ArraySlice<Result<Answer, DatabaseError>>,
    hasHypothetical: Bool, _ statement: AdmittedStatement, quietly isQuiet: Bool = false
  ) async throws(DatabaseError) -> StreamedRows {
    let wasStopped: Bool
    switch answer {
    case .success(let answer): wasStopped = answer.streamed.map { $0.isTruncated && $0.commandTag.isEmpty } ?? true
    case .failure: wasStopped = false
    }
    // The word to stop may have come too late for the statement, and have met what stands behind it.
    let isDone = isQuiet ? QuietEnding.hasLeftNothing(ending) : (try? ending.last?.get()) != nil
    if isDone, !wasStopped, !hasHypothetical { isClean = true }
    switch answer {
    case .failure(var error):
      error.place(in: statement)
      throw error
    case .success(let answer):
      // A function has prepared or deallocated, or the right to look was taken away: this session ends as others do.
      if isQuiet, !isDone, !wasStopped { quickBeginning?.endsQuietly = false }
      guard var rows = answer.streamed else {
        throw DatabaseError(code: .protocolViolation, message: "a statement was not answered")
      }
      switch ending.first {
      case .success(let confirmation)? where confirmation.rows.text(0, 0) == "on": break
      case .failure(let error)?: if !wasStopped { throw error }
      default: throw BoundedTransaction.notReadOnly
      }
      try await nameTypes(of: &rows)
      return rows
    }
  }

  /// Back to where the statement began.
  private func undo() async throws(DatabaseError) {
    for answer in try await exchange(Self.undoing, isCancellable: false) { try Self.unlessLeft(answer) }
  }

  /// Asks, before anything else, whether the transaction is what it was.
  private func confirm(_ ongoing: BoundedTransaction, undoing: Bool) async throws(DatabaseError) {
    let question: [Request] = [.step(.statement(BoundedTransaction.confirmation, [])), .step(.boundary)]
    let answers = try await exchange(question + (undoing ? Self.undoing : []), isCancellable: false)
    try ongoing.check(answers[0].get().rows)
    for answer in answers.dropFirst(2) { try Self.unlessLeft(answer) }
  }

  private static let undoing: [Request] = [
    .step(.statement("ROLLBACK TO SAVEPOINT pgadvisor_statement", [])),
    .step(.statement("RELEASE SAVEPOINT pgadvisor_statement", [])),
  ]

  /// No savepoint: what ran has ended the transaction.
  private static func unlessLeft(_ answer: Result<Answer, DatabaseError>) throws(DatabaseError) {
    guard case .failure(let error) = answer else { return }
    throw error.sqlState == "3B001" || error.sqlState == "25P01" ? BoundedTransaction.left : error
  }

  /// - Returns: false when there are others among them.
  private func nameUsualTypes(of rows: inout StreamedRows) -> Bool {
    var isComplete = true
    for position in rows.columns.indices {
      let name = usualTypeNames[rows.columns[position].typeID]
      rows.columns[position].typeName = name ?? ""
      if name == nil { isComplete = false }
    }
    return isComplete
  }

  /// The usual types are known; for others the server is asked.
  private func nameTypes(of rows: inout StreamedRows) async throws(DatabaseError) {
    if nameUsualTypes(of: &rows) { return }
    let unknown = Set(rows.columns.map(\.typeID)).subtracting(usualTypeNames.keys).sorted()
    let question: Step = .statement(
      "SELECT t.id, pg_catalog.format_type(t.id, NULL) AS name FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS t(id)",
      [arrayLiteral(unknown.map { String($0) })])
    let names = try await ask([question])[0].decoded(as: TypeName.self)
    for position in rows.columns.indices {
      guard let found = names.first(where: { $0.id == rows.columns[position].typeID }) else { continue }
      rows.columns[position].typeName = found.name
    }
  }
}

extension DatabaseError {
  /// Our marker and the comment stand in front of the text.
  fileprivate mutating func place(in statement: AdmittedStatement) {
    position = position.map { $0 - statement.request.textOffset }
  }
}

private struct TypeName: Decodable {
  var id: UInt32
  var name: String
}

/// OIDs that initdb has always given out (https://www.postgresql.org/docs/current/catalog-pg-type.html).
private let usualTypeNames: [UInt32: String] = [
  16: "boolean", 17: "bytea", 18: "\"char\"", 19: "name", 20: "bigint", 21: "smallint", 23: "integer", 25: "text",
  26: "oid", 114: "json", 700: "real", 701: "double precision", 705: "unknown", 1007: "integer[]", 1009: "text[]",
  1042: "character", 1043: "character varying", 1082: "date", 1083: "time without time zone",
  1114: "timestamp without time zone", 1184: "timestamp with time zone", 1186: "interval", 1700: "numeric",
  2950: "uuid", 3802: "jsonb",
]
