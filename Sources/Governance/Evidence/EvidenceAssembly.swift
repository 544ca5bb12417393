// From effects and facts to the parts of the evidence that need no run.

import Database
import SQLSyntax

extension ChangeEvidence {
  mutating func take(_ effects: ChangeEffects, _ facts: ChangeFacts) {
    action = effects.action
    isKnown = effects.isKnown
    isTransactional = effects.isTransactional
    locks = effects.locks
    work = effects.work
    absent = effects.absent.map(\.text)
    server = facts.server.map {
      ServerPressure(
        longestTransaction: $0.longestTransaction, replicationSlots: $0.slots, standbys: $0.standbys)
    }
    for relation in facts.relations.values.sorted(by: { $0.qualifiedName < $1.qualifiedName }) {
      let mode = effects.locks.first { $0.relation == relation.qualifiedName }?.mode
      tables.append(TableImpact(relation, under: mode, facts))
    }
  }

  mutating func advise(_ statement: Statement, _ effects: ChangeEffects, _ facts: ChangeFacts) {
    safer = SaferForms(statement: statement, effects: effects, facts: facts).form
    findings = LintRules(statement: statement, facts: facts).findings
    undo = UndoScripts(statement: statement, facts: facts).script
  }
}

extension TableImpact {
  fileprivate init(_ relation: ChangeFacts.Relation, under mode: LockMode?, _ facts: ChangeFacts) {
    let seconds = max(1, facts.server?.countedSeconds ?? 1)
    let holders = facts.locks.filter { $0.relation == relation.id }.compactMap { lock -> LockHolder? in
      guard let mode, let other = LockMode(serverName: lock.mode), mode.conflicts(with: other) else { return nil }
      return LockHolder(
        processID: lock.processID, mode: other, isGranted: lock.isGranted, application: lock.application,
        state: lock.state, seconds: lock.seconds)
    }
    self.init(
      relation: relation.qualifiedName, kind: Self.kinds[relation.kind] ?? relation.kind,
      bytes: facts.bytes(of: relation), rows: relation.isIndex ? nil : facts.rows(of: relation),
      children: relation.children, readsPerSecond: relation.scans / seconds,
      writesPerSecond: relation.writes / seconds, conflicting: holders)
  }

  private static let kinds: [String: String] = [
    "r": "table", "p": "partitioned table", "i": "index", "I": "partitioned index", "v": "view",
    "m": "materialized view", "S": "sequence", "f": "foreign table", "t": "TOAST table", "c": "type",
  ]
}
