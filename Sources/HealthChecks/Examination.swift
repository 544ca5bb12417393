// Looking into one object by a statement of its own: it may take long, and it fails where the object is broken.

import Database

/// Asked after a check's question, for what statistics do not tell.
package struct Examination: Sendable {
  var sql: SQL
  var values: [String?]
  /// Of the extension whose functions it calls.
  var schema: String
  /// What it looks into: what is known of it by statistics gives way to what is seen.
  var object: FoundObject
  /// The finding that the first row, as texts, is; nil where nothing is wrong.
  var judge: @Sendable (_ cells: [String?]) -> Finding?
  /// Reported where the object turns out to be unreadable, completed by what the server says.
  var onDamage: Finding?

  init(
    sql: SQL, values: [String?], schema: String, object: FoundObject, onDamage: Finding? = nil,
    judge: @escaping @Sendable (_ cells: [String?]) -> Finding?
  ) {
    self.sql = sql
    self.values = values
    self.schema = schema
    self.object = object
    self.judge = judge
    self.onDamage = onDamage
  }
}

extension Checkup {
  /// One after the other until the time is spent. What was not reached, or not answered, is said.
  /// - Parameter isLong: somebody has asked for it, and waits.
  func examined(
    _ outcome: CheckOutcome, isLong: Bool, on session: Session
  ) async throws(DatabaseError) -> CheckOutcome {
    var outcome = outcome
    let most =
      isLong
      ? Duration.seconds(Int64(max(1, min(limits["examination-s"], 86_400))))
      : Duration.milliseconds(Int64(max(1, min(limits["statement-timeout-ms"], 600_000))))
    let deadline = ContinuousClock.now + most
    var failures: [String] = []
    for (place, examination) in outcome.examinations.enumerated() {
      let left = deadline - ContinuousClock.now
      guard left > .zero else {
        outcome.omissions.append(
          "\(outcome.examinations.count - place) were not reached within "
            + "\(isLong ? "examination-s" : "statement-timeout-ms"), such as \(examination.object.name)")
        break
      }
      let milliseconds = max(1, left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000)
      let answer = try await session.run([
        .statement(Self.manners, ["pg_catalog, \(quotedIdentifier(examination.schema)), pg_temp", "\(milliseconds)"]),
        .statement(examination.sql, examination.values), .boundary,
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", []),
      ])
      _ = try answer[3].get()
      switch answer[1] {
      case .success(let rows):
        outcome.findings.removeAll { $0.object == examination.object }
        guard !rows.rows.isEmpty else { continue }
        let cells = rows.columns.indices.map { rows.text(0, $0) }
        if let found = examination.judge(cells) { outcome.findings.append(found) }
      case .failure(let error):
        switch error.code {
        case .connectionLost, .closed, .cancelled: throw error
        // data_corrupted and index_corrupted.
        case .server where error.sqlState == "XX001" || error.sqlState == "XX002":
          if let damage = examination.onDamage { outcome.findings.append(damage.saying(error.message)) }
        default: failures.append("\(examination.object.name): \(error.message)")
        }
      }
    }
    let listed = failures.prefix(20)
    outcome.omissions += listed
    if failures.count > listed.count { outcome.omissions.append("\(failures.count - listed.count) more like these") }
    return outcome
  }

  private static let manners: SQL = """
    SELECT set_config('search_path', $1, true), set_config('statement_timeout', $2, true)
    """
}

extension Finding {
  fileprivate func saying(_ words: String) -> Finding {
    var finding = self
    finding.seen += ": \(words.prefix(300))"
    return finding
  }
}
