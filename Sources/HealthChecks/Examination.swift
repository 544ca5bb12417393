// Looking into one object by a statement of its own: it may take long, and it fails where the object is broken.

import Database

/// Asked after a check's question, for checks that nobody runs without asking for them.
package struct Examination: Sendable {
  /// Rows of one column, a text: what is damaged; NULL is nothing.
  var sql: SQL
  var values: [String?]
  /// Of the extension whose functions it calls.
  var schema: String
  /// What is reported where it finds damage, completed by what the server says.
  var finding: Finding
}

extension Checkup {
  /// One after the other until the time is spent. What was not reached, or not answered, is said.
  func examined(_ outcome: CheckOutcome, on session: Session) async throws(DatabaseError) -> CheckOutcome {
    var outcome = outcome
    let most = Duration.seconds(Int64(max(1, min(limits["examination-s"], 86_400))))
    let deadline = ContinuousClock.now + most
    var failures: [String] = []
    for (place, examination) in outcome.examinations.enumerated() {
      let left = deadline - ContinuousClock.now
      guard left > .zero else {
        outcome.omissions.append(
          "\(outcome.examinations.count - place) were not reached within examination-s, such as "
            + examination.finding.object.name)
        break
      }
      let milliseconds = max(1, left.components.seconds * 1_000)
      let answer = try await session.run([
        .statement(Self.manners, ["pg_catalog, \(quotedIdentifier(examination.schema)), pg_temp", "\(milliseconds)"]),
        .statement(examination.sql, examination.values), .boundary,
        .statement("ROLLBACK TO SAVEPOINT pgadvisor_check", []),
      ])
      _ = try answer[3].get()
      switch answer[1] {
      case .success(let rows):
        let damage = rows.rows.indices.compactMap { rows.text($0, 0) }
        if let first = damage.first { outcome.findings.append(examination.finding.saying(first)) }
      case .failure(let error):
        switch error.code {
        case .connectionLost, .closed, .cancelled: throw error
        // data_corrupted and index_corrupted.
        case .server where error.sqlState == "XX001" || error.sqlState == "XX002":
          outcome.findings.append(examination.finding.saying(error.message))
        default: failures.append("\(examination.finding.object.name): \(error.message)")
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
