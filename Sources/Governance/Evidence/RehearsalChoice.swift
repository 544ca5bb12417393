// Whether a statement is run to be rolled back: only where that undoes everything and nobody has to wait long.

import Database
import SQLSyntax

/// Pure: from what is known before anything runs.
struct RehearsalChoice {
  let verdict: Verdict
  let statement: Statement
  let effects: ChangeEffects
  let facts: ChangeFacts
  let examination: Examination

  private var limits: EvidenceLimits { examination.limits }

  /// Why it is not run; nil: it may be.
  var reason: String? { byNature ?? bySurroundings }

  private var byNature: String? {
    if verdict.isRejected { return "it is refused (\(verdict.rule))" }
    if !effects.isTransactional { return "\(effects.action) cannot run in a transaction" }
    if let lasting = verdict.lasting { return "a rollback would not undo what \(lasting) does" }
    if verdict.permissions.contains(.admin), !isOfRights, !examination.vouches {
      return "it needs admin, and a rollback may not undo all it does"
    }
    if verdict.permissions.isSubset(of: [.explain, .read]) { return "it only reads" }
    if facts.server?.isInRecovery == true { return "the server is a standby" }
    return nil
  }

  /// Changes of rights and of code that is not run by them.
  private var isOfRights: Bool {
    let kinds: Set<NodeKind> = [
      .createPolicyStmt, .alterPolicyStmt, .grantStmt, .createFunctionStmt, .alterFunctionStmt, .alterOwnerStmt,
    ]
    return verdict.rule == "definition-of-rights" && kinds.contains(statement.node.kind)
  }

  /// Locks that others feel are taken on small, quiet relations alone.
  private var bySurroundings: String? {
    for lock in effects.locks where lock.mode.blocksWrites {
      guard let relation = facts.relations.values.first(where: { $0.qualifiedName == lock.relation }) else { continue }
      let waits = "it would hold \(lock.mode.name) on \(lock.relation)"
      if let holder = facts.locks.first(where: { $0.relation == relation.id && conflicts(lock.mode, $0) }) {
        return "\(waits), which process \(holder.processID) is in the way of"
      }
      let work = effects.work.first { $0.relation == lock.relation }
      let bytes = facts.bytes(of: relation)
      if let work, work.kind >= .changedRows, bytes > limits.largestRelation {
        return "\(waits) while going through \(EvidenceText.bytes(bytes)) (\(work.kind.rawValue))"
      }
      // An average over a few minutes is that of whatever has just filled the table.
      guard let seconds = facts.server?.countedSeconds, seconds >= Self.tellingSeconds else { continue }
      let rate = (relation.scans + relation.writes) / seconds
      if rate > limits.busiestRelation {
        return "\(waits), which is busy: \(EvidenceText.decimal(rate)) scans and changed rows a second"
      }
    }
    return nil
  }

  private static let tellingSeconds = 600.0

  private func conflicts(_ mode: LockMode, _ lock: ChangeFacts.Lock) -> Bool {
    LockMode(serverName: lock.mode).map { mode.conflicts(with: $0) } ?? false
  }

  /// Rows that a change of data is expected to leave dead.
  var isData: Bool {
    [.insertStmt, .updateStmt, .deleteStmt, .mergeStmt, .selectStmt].contains(statement.node.kind)
      && statement.node.child(.intoClause) == nil
  }
}
