// All that a reviewer is shown of one change before deciding.

package import JSON

/// Stored with the proposal as `json`, whose keys stay; `lines` is the same for people.
package struct ChangeEvidence: EvidencePart {
  /// Of the JSON; a reader of a newer one refuses.
  package static let version: Int64 = 1

  package var statement: String
  /// `ALTER TABLE`, `CREATE INDEX`, `UPDATE`, …
  package var action: String
  /// The strongest permission it needs, or `reject`.
  package var verdict: String
  package var rule: String
  package var message: String
  /// False: what it does to tables is not known, and the worst is assumed.
  package var isKnown = true
  /// False: it cannot run in a transaction, and so cannot be rehearsed.
  package var isTransactional = true
  /// By PostgreSQL's rules; what was measured stands in `dryRun`.
  package var locks: [LockNeed] = []
  package var work: [TableWork] = []
  package var tables: [TableImpact] = []
  /// Relations it names that are not there.
  package var absent: [String] = []
  package var server: ServerPressure?
  package var safer: SaferForm?
  package var findings: [LintFinding] = []
  package var undo: UndoScript?
  package var dryRun = DryRun(.notRun)
  package var plans: [PlanChange] = []
  package var baseline: [StatementBaseline] = []
  /// What a policy keeps from whoever this was made for.
  package var notShown: [String] = []

  package init(statement: String, action: String, verdict: String, rule: String, message: String) {
    self.statement = statement
    self.action = action
    self.verdict = verdict
    self.rule = rule
    self.message = message
  }

  /// What execution may expect, for a guard; nil: not known, or it changes no rows.
  package var expectedRows: Int64? { dryRun.rows }

  /// The strongest lock that is expected or was seen.
  package var strongestLock: LockMode? { (locks + dryRun.locks).map(\.mode).max() }

  package var json: JSONValue {
    .object([
      "version": .integer(Self.version), "statement": .string(statement), "action": .string(action),
      "verdict": .string(verdict), "rule": .string(rule), "message": .string(message), "known": .bool(isKnown),
      "transactional": .bool(isTransactional), "expected_rows": .optional(expectedRows), "locks": .list(locks),
      "work": .list(work), "tables": .list(tables), "absent": .list(absent), "server": server?.json ?? .null,
      "safer": safer?.json ?? .null, "findings": .list(findings), "undo": undo?.json ?? .null, "dry_run": dryRun.json,
      "plans": .list(plans), "baseline": .list(baseline), "not_shown": .list(notShown),
    ])
  }

  package init?(json: JSONValue) {
    guard let object = json.object, object["version"]?.integer == Self.version,
      let statement = object["statement"]?.string, let action = object["action"]?.string,
      let verdict = object["verdict"]?.string, let rule = object["rule"]?.string,
      let message = object["message"]?.string, let isKnown = object["known"]?.bool,
      let isTransactional = object["transactional"]?.bool
    else { return nil }
    self.init(statement: statement, action: action, verdict: verdict, rule: rule, message: message)
    self.isKnown = isKnown
    self.isTransactional = isTransactional
    guard let locks: [LockNeed] = json.parts("locks"), let work: [TableWork] = json.parts("work"),
      let tables: [TableImpact] = json.parts("tables"), let absent = json.strings("absent"),
      let findings: [LintFinding] = json.parts("findings"), let dryRun = object["dry_run"].flatMap(DryRun.init(json:)),
      let plans: [PlanChange] = json.parts("plans"), let baseline: [StatementBaseline] = json.parts("baseline"),
      let notShown = json.strings("not_shown")
    else { return nil }
    self.locks = locks
    self.work = work
    self.tables = tables
    self.absent = absent
    server = object["server"].flatMap(ServerPressure.init(json:))
    safer = object["safer"].flatMap(SaferForm.init(json:))
    self.findings = findings
    undo = object["undo"].flatMap(UndoScript.init(json:))
    self.dryRun = dryRun
    self.plans = plans
    self.baseline = baseline
    self.notShown = notShown
  }

  /// Without what a policy may hide: all that came from the catalog, the data or the statistics.
  package var withoutHidden: ChangeEvidence {
    var shown = ChangeEvidence(statement: statement, action: action, verdict: verdict, rule: rule, message: message)
    shown.isKnown = isKnown
    shown.isTransactional = isTransactional
    shown.dryRun = DryRun(.notRun, because: "not shown under the policy")
    shown.notShown = [
      "locks", "work", "tables", "server", "safer", "findings", "undo", "dry_run", "plans", "baseline",
    ]
    return shown
  }
}
