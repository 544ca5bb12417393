// What is added to a finished search: indexes that could not be priced, and why the other statements get none.

import Database

/// Completes a tuning inside the same transaction; plans each statement without a new index once more.
struct Completion {
  let session: Session
  let workload: Workload
  let settings: TuningSettings
  let limits: Limits

  func completed(
    _ tuning: Tuning, pool: CandidatePool, until patience: Patience
  ) async throws(TuningError) -> Tuning {
    var tuning = tuning
    var unpriced: [IndexDefinition] = []
    var plans: [Int: Plan] = [:]
    var features = ServerFeatures(trigrams: .missing)
    var deleted = DeletedReferences(references: [])
    // Who has run out of time, or has gone, gets what there is.
    if !patience.isOver {
      do throws(TuningError) {
        unpriced = try await allowed(pool, &tuning)
        plans = try await self.plans(of: tuning.outcomes, until: patience)
        features = try await ServerFeatures.read(on: session, for: unpriced)
        deleted = try await DeletedReferences.read(on: session, for: tuning.outcomes, limits)
      } catch {
        guard Task.isCancelled || patience.isOver else { throw error }
        unpriced = []
      }
    }
    let judge = UnprovenIndexes(workload: workload, settings: settings.search, features: features)
    let verdict = judge.verdict(on: unpriced, tuning.outcomes, plans)
    // As of the proven ones: less is not worth a line of the report.
    let least = tuning.loadUnit == .milliseconds ? settings.search.minimumShare * tuning.loadBefore : 0
    add(verdict.proposals.filter { $0.load >= least && !isServed($0, by: &tuning) }, to: &tuning)
    let why = WhyNoIndex(
      workload: workload, settings: settings.search, limits: limits, refused: tuning.refusedCandidates,
      unpriced: verdict.reasons, ending: tuning.ending)
    for place in tuning.outcomes.indices {
      let outcome = tuning.outcomes[place]
      guard outcome.uses.isEmpty, outcome.mayUse.isEmpty else {
        if outcome.mayUse.isEmpty, outcome.costAfter > outcome.costBefore / 2 {
          tuning.outcomes[place].reasons = why.hints(for: outcome)
        }
        continue
      }
      let share = tuning.loadUnit == .milliseconds && tuning.loadBefore > 0 ? outcome.load / tuning.loadBefore : nil
      tuning.outcomes[place].reasons =
        (tuning.ending == .complete ? [] : ["the search ended early: not everything was tried"])
        + why.reasons(for: outcome, plan: plans[outcome.query.id], share: share)
    }
    let recommended = tuning.recommendations.map(\.index)
    for place in tuning.outcomes.indices {
      tuning.outcomes[place].reasons += deleted.reasons(for: tuning.outcomes[place], beside: recommended)
    }
    tuning.indexesOfTables = Set(
      workload.catalog.relations.values.flatMap { relation in
        relation.indexes.map { "\(quotedIdentifier(relation.schema)).\(quotedIdentifier($0.name))" }
      })
    return tuning
  }

  /// What was not or not always priced, without what the server would refuse: an expression in an index of any method has
  /// to be immutable, which HypoPG tells when asked for a btree.
  private func allowed(
    _ pool: CandidatePool, _ tuning: inout Tuning
  ) async throws(TuningError) -> [IndexDefinition] {
    let chosen = Set(tuning.recommendations.map(\.index))
    let expressions = pool.candidates.filter { index in
      index.keys.count == 1 && index.keys[0].expression != nil && index.predicate == nil && index.method == .btree
        && !chosen.contains(index)
        && !tuning.refusedCandidates.contains { $0.definition == index.hypotheticalStatement }
    }
    let doubtful = pool.unpriced.filter { $0.keys.contains { $0.expression != nil } }
    let trials = doubtful.map { index in
      var trial = index
      trial.method = .btree
      for place in trial.keys.indices { trial.keys[place].operatorClass = nil }
      return trial
    }
    guard !trials.isEmpty else { return pool.unpriced + expressions }
    let answers = try await HypotheticalIndexes.lend(
      on: [session], HypotheticalIndexes.Subject(candidates: trials), limits: limits, counter: PlanningCounter()
    ) { model throws(TuningError) in
      try await model.sizes()
    }
    var refused: Set<IndexDefinition> = []
    for (index, answer) in zip(doubtful, answers) {
      guard case .failure(let refusal) = answer, refusal.reason.contains("IMMUTABLE") else { continue }
      refused.insert(index)
      tuning.refusedCandidates.append(
        RefusedCandidate(definition: index.hypotheticalStatement, reason: refusal.reason))
    }
    return pool.unpriced.filter { !refused.contains($0) } + expressions
  }

  /// Of statements whose plan did not change; those of the others are there already.
  private func plans(of outcomes: [QueryOutcome], until patience: Patience) async throws(TuningError) -> [Int: Plan] {
    let asked = outcomes.filter { $0.planAfter == nil }.prefix(limits.explainedStatements)
    // These are no what-if plans, and are not counted as such.
    let planning = Planning(on: session, counter: PlanningCounter())
    let questions = asked.compactMap { outcome in
      outcome.query.variants.first.map {
        Planning.Question(request: $0.request, searchPath: outcome.query.searchPath)
      }
    }
    let answers = try await planning.plans(of: questions, until: patience)
    var plans: [Int: Plan] = [:]
    for (outcome, answer) in zip(asked, answers) {
      if case .success(let bytes) = answer { plans[outcome.query.id] = try? Plan(parsing: bytes) }
    }
    return plans
  }

  /// A recommended index whose first key is the same expression does for it.
  private func isServed(_ proposal: UnprovenIndexes.Proposal, by tuning: inout Tuning) -> Bool {
    guard proposal.index.method.isPriced else { return false }
    let other = tuning.recommendations.firstIndex { known in
      known.index.table == proposal.index.table && known.index.predicate == nil
        && known.index.keys.first == proposal.index.keys.first
    }
    guard let other else { return false }
    for help in proposal.helped {
      guard let place = tuning.outcomes.firstIndex(where: { $0.query.id == help.query }) else { continue }
      tuning.outcomes[place].mayUse.append(other)
    }
    return true
  }

  private static func doubt(about index: IndexDefinition) -> String {
    index.method.isPriced
      ? "unproven: HypoPG cannot show the planner an index on an expression in these statements"
      : "unproven: HypoPG cannot price \(index.method.rawValue.uppercased()) indexes"
  }

  /// Behind the proven ones, as far as the limits of the search allow.
  private func add(_ proposals: [UnprovenIndexes.Proposal], to tuning: inout Tuning) {
    let total = max(tuning.loadBefore, .leastNormalMagnitude)
    var taken: [String: Set<String>] = [:]
    for relation in workload.catalog.relations.values {
      taken[relation.schema, default: []].formUnion(relation.indexes.map(\.name) + [relation.name])
    }
    for known in tuning.recommendations { taken[known.index.schema, default: []].insert(known.name) }
    let writes = WriteCostModel(catalog: workload.catalog, queries: workload.queries)
    var bytes = tuning.recommendations.reduce(0) { $0 + $1.bytes }
    for proposal in proposals {
      guard tuning.recommendations.count < settings.search.maximumIndexes,
        settings.search.storageBudget.map({ bytes + proposal.bytes <= $0 }) ?? true
      else { continue }
      bytes += proposal.bytes
      let index = proposal.index
      let relation = workload.catalog[index.table]
      let name = index.name(avoiding: taken[index.schema] ?? [])
      taken[index.schema, default: []].insert(name)
      let rank = tuning.recommendations.count
      for help in proposal.helped {
        guard let place = tuning.outcomes.firstIndex(where: { $0.query.id == help.query }) else { continue }
        tuning.outcomes[place].mayUse.append(rank)
      }
      tuning.recommendations.append(
        Recommendation(
          index: index, name: name, statements: index.statements(named: name, in: workload.catalog),
          bytes: proposal.bytes,
          buildTime: BuildTime(heapBytes: relation?.heapBytes ?? 0, rows: relation?.rowEstimate ?? 0),
          gainAlone: proposal.load / total, gainAfterEarlier: proposal.load / total, helped: proposal.helped,
          writeCost: writes.cost(of: index),
          confidence: Confidence(level: .low, reasons: [Self.doubt(about: index)]),
          why: Reasons(workload: workload).phrases(for: index, helping: proposal.helped.map(\.query)),
          makesRedundant: [], notes: proposal.notes, isUnproven: true, sizeSource: .guess))
    }
  }
}
