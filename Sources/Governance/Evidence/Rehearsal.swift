// One statement examined and, where that is harmless, run and measured in a transaction that is rolled back.

import Database
import JSON
import SQLSyntax

/// Works inside one transaction of the kind `.rehearsal`, which is rolled back in any case. Statements that are examined
/// one after another see what those before them did.
struct Rehearsal {
  let session: Session
  let grants: Grants
  let examination: Examination
  private var gate: Gate
  /// After each statement; what comes later in a file may yet make them hold.
  var checksDeferred = true

  init(on session: Session, options: GateOptions, by grants: Grants, _ examination: Examination) {
    self.session = session
    self.grants = grants
    self.examination = examination
    gate = Gate(names: LiveNames(on: session), options: options)
  }

  var limits: EvidenceLimits { examination.limits }

  /// Of the transaction.
  static func bounds(_ limits: EvidenceLimits) -> TransactionBounds {
    var bounds = TransactionBounds()
    bounds.lockTimeout = limits.lockTimeout
    bounds.statementTimeout = limits.statementTimeout
    return bounds
  }

  mutating func examine(_ text: String, _ values: [String?]) async throws -> ChangeEvidence {
    switch try await gate.admit(text, by: grants, on: session) {
    case .refused(let verdict): return try await refused(text, verdict)
    case .proposed(let verdict): return try await refused(text, verdict)
    case .admitted(let admission):
      let (evidence, known) = try await look(at: text, admission.verdict)
      guard let known else { return evidence }
      return try await rehearse(admission, values, known, evidence)
    }
  }

  private func refused(_ text: String, _ verdict: Verdict) async throws -> ChangeEvidence {
    var (evidence, _) = try await look(at: text, verdict)
    evidence.dryRun.reason = verdict.isRejected ? "it is refused (\(verdict.rule))" : "it is not granted"
    return evidence
  }

  private struct Known {
    var statement: Statement
    var effects: ChangeEffects
    var facts: ChangeFacts
  }

  /// All that needs no run.
  private func look(at text: String, _ verdict: Verdict) async throws -> (ChangeEvidence, Known?) {
    var evidence = ChangeEvidence(
      statement: text, action: "", verdict: verdict.strongest?.rawValue ?? "reject", rule: verdict.rule,
      message: verdict.message)
    guard let statement = (try? parse(text))?.first else {
      evidence.isKnown = false
      evidence.dryRun.reason = "our parser does not know it"
      return (evidence, nil)
    }
    evidence.action = StatementNames.name(of: statement.node)
    if verdict.isRejected { return (evidence, nil) }
    var mentions = ChangeReader.mentions(of: statement.node)
    var facts = try await session.changeFacts(about: mentions)
    var effects = ChangeEffects.of(statement, facts)
    // Of others that are locked along the same is to be known.
    let others = effects.neighbours(in: facts)
    if !others.isEmpty {
      mentions.relations += others
      facts = try await session.changeFacts(about: mentions)
      effects = ChangeEffects.of(statement, facts)
    }
    evidence.take(effects, facts)
    evidence.advise(statement, effects, facts)
    return (evidence, Known(statement: statement, effects: effects, facts: facts))
  }

  private mutating func rehearse(
    _ admission: consuming Admission, _ values: [String?], _ known: Known, _ looked: ChangeEvidence
  ) async throws -> ChangeEvidence {
    var evidence = looked
    let workload = try await workload(of: known.facts)
    evidence.baseline = workload.baseline
    let before = try await workload.plans(on: session)
    let choice = RehearsalChoice(
      verdict: admission.verdict, statement: known.statement, effects: known.effects, facts: known.facts,
      examination: examination)
    var reason = examination.rehearses ? choice.reason : "it was not asked for"
    if reason == nil, choice.isData { reason = try await tooManyRows(admission.text, values) }
    if let reason {
      evidence.dryRun.reason = reason
      if known.statement.node.kind == .indexStmt {
        evidence.plans = try await workload.hypothetical(known.statement, before, on: session)
      }
      return evidence
    }
    evidence.dryRun = try await run(admission, values, choice)
    if evidence.dryRun.outcome == .succeeded, !choice.isData {
      evidence.plans = workload.changes(from: before, to: try await workload.plans(on: session))
      gate.forget()
    }
    return evidence
  }

  private func workload(of facts: ChangeFacts) async throws -> TouchedWorkload {
    try await TouchedWorkload.read(of: facts, on: session, limit: limits.plannedStatements)
  }

  /// A change of data that would leave very many dead rows is planned, and not run.
  private func tooManyRows(_ text: String, _ values: [String?]) async throws -> String? {
    let request = PlanRequest(planning: text, parameters: values.map { PlanParameter(value: $0) })
    // At the top of a change the planner expects no rows; what feeds it is one level below.
    let answer = try await session.run([.statement("SAVEPOINT pgadvisor_plan", []), .plan(request), .boundary])
    _ = try await session.run([
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_plan", []), .statement("RELEASE SAVEPOINT pgadvisor_plan", []),
    ])
    guard case .success(let cells) = answer[1], let bytes = cells.rows.first?.first ?? nil else { return nil }
    let root = try Plan(parsing: bytes).root
    let rows = max(root.rows, root.children.filter { $0.relationship != "InitPlan" }.map(\.rows).max() ?? 0)
    guard root.type == "ModifyTable", rows > limits.mostRows else { return nil }
    return "it would change about \(Int64(rows)) rows, and leave as many dead versions"
  }

  /// The second place, beside `Executor`, where an admission is spent; this one is always rolled back.
  private func run(
    _ admission: consuming Admission, _ values: [String?], _ choice: RehearsalChoice
  ) async throws -> DryRun {
    guard admission.session == ObjectIdentifier(session) else {
      throw ExecutionFailure(.foreignAdmission, "the admission was made for another session")
    }
    let parameters = values.map { PlanParameter(value: $0) }
    let statement =
      choice.isData
      ? AdmittedStatement(measuring: admission.text, parameters: parameters)
      : AdmittedStatement(admitting: admission.text, parameters: parameters)
    let start = try await session.changeStart()
    let clock = ContinuousClock.now
    let rows: StreamedRows
    do throws(DatabaseError) {
      let size = RowLimits(rows: 10, bytes: 8 << 20, cellBytes: 8 << 20)
      rows = try await session.stream(statement, limits: size, stopsAtCap: false, keepsEffects: true)
    } catch {
      if error.code == .connectionLost || error.code == .cancelled || error.code == .transactionLeft { throw error }
      return Self.failed(error)
    }
    let duration = ContinuousClock.now - clock
    let measures = try await session.changeMeasures(since: start)
    var run = DryRun(.succeeded)
    run.milliseconds =
      Double(duration.components.attoseconds / 1_000_000_000_000) / 1_000
      + Double(duration.components.seconds) * 1_000
    run.take(measures, since: start, expecting: Set(choice.effects.locks.map(\.relation)))
    if choice.isData {
      run.take(MeasuredPlan(rows.text(0, 0)), choice.facts)
    } else {
      run.rows = rows.affectedRows.map { Int64($0) }
    }
    if checksDeferred, case .failure(let error) = try await session.checkDeferred() {
      return Self.failed(error)
    }
    return run
  }

  static func failed(_ error: DatabaseError) -> DryRun {
    switch error.code {
    case .lockTimeout: DryRun(.notRun, because: "somebody holds a lock that it would have to wait for")
    case .statementTimeout: DryRun(.notRun, because: "it did not end in time, and was given up")
    default: DryRun(.failed, because: error.message, sqlState: error.sqlState)
    }
  }
}

extension DryRun {
  /// Of relations that were there before, by their names of then. Indexes follow their tables and are left out, but
  /// those that are expected.
  mutating func take(_ measures: ChangeMeasures, since start: ChangeStart, expecting expected: Set<String>) {
    for relation in measures.relations {
      guard let file = start.files[relation.id], let name = start.names[relation.id] else { continue }
      if ["i", "I", "S"].contains(start.kinds[relation.id] ?? ""), !expected.contains(name) { continue }
      let mode = relation.modes.compactMap { LockMode(serverName: $0) }.max()
      if let mode { locks.append(LockNeed(name, mode)) }
      if relation.file != file, file != 0, relation.file != 0, start.kinds[relation.id] != "S" {
        rewritten.append(name)
      }
    }
    changes = measures.changes.map {
      TableChange(relation: $0.relation, inserted: $0.inserted, updated: $0.updated, deleted: $0.deleted)
    }
    scanned = measures.scanned
    if let bytes = measures.walBytes { wal = WALVolume(bytes: bytes, source: .server) }
  }

  mutating func take(_ plan: MeasuredPlan?, _ facts: ChangeFacts) {
    guard let plan else { return }
    triggers = plan.triggers
    if let bytes = plan.walBytes { wal = WALVolume(bytes: bytes, source: .statement) }
    scanned = []
    rows = plan.rows
    guard let target = plan.target, let found = plan.rows else { return }
    if let change = changes.first(where: { $0.relation == target }) {
      // A trigger may have kept rows as they were; a cascade may have changed others of the same table.
      rows = min(found, change.inserted + change.updated + change.deleted)
    } else if let relation = facts.relations.values.first(where: { $0.qualifiedName == target }), relation.kind == "r",
      facts.triggers.contains(where: { $0.relation == relation.id })
    {
      rows = 0
    }
  }
}

/// What `EXPLAIN (ANALYZE, WAL)` says of a change.
struct MeasuredPlan {
  /// As they will be counted; nil for what changes none by itself.
  private(set) var rows: Int64?
  private(set) var target: String?
  private(set) var walBytes: Int64?
  private(set) var triggers: [FiredTrigger] = []

  init?(_ text: String?) {
    guard let text, let value = try? JSONValue(parsing: Array(text.utf8)), let whole = value[0],
      let root = whole.object?["Plan"]
    else { return nil }
    walBytes = root.object?["WAL Bytes"]?.integer
    if root.object?["Node Type"]?.string == "ModifyTable" {
      // Before PostgreSQL 14 they are its members, one for each partition.
      let feeding = (root.object?["Plans"]?.array ?? []).filter { node in
        ["Outer", "Member"].contains(node.object?["Parent Relationship"]?.string ?? "")
      }
      for node in feeding {
        guard let rows = node.object?["Actual Rows"]?.double, let loops = node.object?["Actual Loops"]?.double else {
          continue
        }
        self.rows = (self.rows ?? 0) + Int64((rows * loops).rounded())
      }
      if let schema = root.object?["Schema"]?.string, let name = root.object?["Relation Name"]?.string {
        target = "\(quotedIdentifier(schema)).\(quotedIdentifier(name))"
      }
    }
    for trigger in whole.object?["Triggers"]?.array ?? [] {
      let name = trigger.object?["Constraint Name"]?.string ?? trigger.object?["Trigger Name"]?.string
      guard let name, let relation = trigger.object?["Relation"]?.string else { continue }
      triggers.append(
        FiredTrigger(name: name, relation: relation, calls: Int64(trigger.object?["Calls"]?.double ?? 0)))
    }
  }
}
