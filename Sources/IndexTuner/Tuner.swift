// The walk from statements to recommendations: workload → candidates → search ⇄ pricing → recommendations.

package import Database

/// Everything a person can set.
package struct TuningSettings: Sendable {
  package var search = SearchSettings()
  package var sampling = SamplingSettings()
  package var maximumColumns = 3
  /// Of `allStrategies`; nil is the first.
  package var strategy: String?
  /// Charge a budget with HypoPG's estimates instead of our own.
  package var chargesHypoPGSizes = false
  /// For one EXPLAIN.
  package var statementTimeout: Duration = .seconds(10)

  package init() {}
}

/// What the progress line shows.
package enum TuningProgress: Sendable {
  case resolving(statements: Int)
  case pricing(statements: Int, candidates: Int)
  case searching(SearchProgress)
  case explaining
}

/// Finds the indexes worth having. Never runs a statement of the workload and never changes the database.
package struct Tuner: Sendable {
  private let session: Session
  private let helpers: @Sendable () async -> [Session]
  private let settings: TuningSettings
  private let limits: Limits
  private let trace: (@Sendable (PlanningTrace) -> Void)?
  private let progress: @Sendable (TuningProgress) -> Void

  /// - Parameter helpers: further sessions with the same database, on which prices are asked for as well; waited for when
  ///   there is something to ask.
  package init(
    on session: Session, helpers: @escaping @Sendable () async -> [Session] = { [] }, settings: TuningSettings,
    limits: Limits = Limits(),
    tracing trace: (@Sendable (PlanningTrace) -> Void)? = nil,
    reporting progress: @escaping @Sendable (TuningProgress) -> Void = { _ in }
  ) {
    self.session = session
    self.helpers = helpers
    self.settings = settings
    self.limits = limits
    self.trace = trace
    self.progress = progress
  }

  package func tuning(for found: [FoundStatement], until patience: Patience) async throws(TuningError) -> Tuning {
    try await tuning(for: await ParsedStatements(found, limits: limits), until: patience)
  }

  /// One read-only transaction from the first look at the catalogue to the last plan, and one on each helper.
  package func tuning(
    for statements: ParsedStatements, alreadySkipped: [SkippedStatement] = [], until patience: Patience
  ) async throws(TuningError) -> Tuning {
    do {
      return try await session.readOnly(readOnlyLimits) { _ in
        progress(.resolving(statements: statements.count))
        let builder = WorkloadBuilder(on: session, sampling: settings.sampling, limits: limits)
        let isKnown = StopSignal()
        async let early = EarlyPlans.asked(
          for: statements, on: helpers, usualPath: session.server.searchPath, readOnlyLimits, limits, until: isKnown)
        let draft = try await builder.draft(of: statements)
        isKnown.raise()
        let known = await early
        return try await withHelpers(await helpers()[...], [session]) { sessions in
          try await tuning(on: sessions, of: draft, by: builder, knowing: known, alreadySkipped, until: patience)
        }
      }
    } catch let error as TuningError {
      throw error
    } catch let error as DatabaseError {
      throw TuningError(error)
    } catch {
      throw TuningError(.database, "\(error)")
    }
  }

  private var readOnlyLimits: ReadOnlyLimits { ReadOnlyLimits(statementTimeout: settings.statementTimeout) }

  /// A transaction on each helper; one on which none can be begun is done without.
  private func withHelpers(
    _ further: ArraySlice<Session>, _ ready: [Session], _ body: ([Session]) async throws -> Tuning
  ) async throws -> Tuning {
    guard let next = further.first else { return try await body(ready) }
    var hasBegun = false
    do {
      return try await next.readOnly(readOnlyLimits) { _ in
        hasBegun = true
        return try await withHelpers(further.dropFirst(), ready + [next], body)
      }
    } catch let error {
      if hasBegun { throw error }
      return try await withHelpers(further.dropFirst(), ready, body)
    }
  }

  private func tuning(
    on sessions: [Session], of draft: WorkloadBuilder.Draft, by builder: WorkloadBuilder,
    knowing early: EarlyPlans, _ alreadySkipped: [SkippedStatement], until patience: Patience
  ) async throws(TuningError) -> Tuning {
    let counter = PlanningCounter()
    let sizing = limits.sampling(within: patience)
    let planning = Planning(on: session, helpers: sessions.dropFirst(), counter: counter)
    var workload = try await builder.workload(
      of: draft, planning: planning, until: patience.leaving(Self.afterReading), end: patience)
    workload.skipped = alreadySkipped + workload.skipped
    let (base, pool) = try await basePrices(&workload, on: sessions, knowing: early, counter, until: patience)
    let proposed = Array(pool.candidates.prefix(limits.candidates))
    progress(.pricing(statements: workload.queries.count, candidates: proposed.count))
    let settled = workload
    async let demands = Demands(of: proposed, by: settled)
    let (candidates, sizes, sources, refused) = try await sized(proposed, workload, on: sessions, counter, sizing)
    let wanted = refused.isEmpty ? await demands : Demands(of: candidates, by: workload)
    let problem = wanted.problem(for: workload, base: base.prices, candidates: candidates, sizes: sizes)
    let run = TuningRun(
      workload: workload, problem: problem, sizeSources: sources, base: base.prices, settings: settings, limits: limits,
      progress: progress)
    let subject = HypotheticalIndexes.Subject(
      candidates: candidates, queries: workload.queries, relevant: problem.relevant, planningTimes: base.planningTimes,
      catalog: workload.catalog)
    var tuning = try await HypotheticalIndexes.lend(
      on: sessions, subject, limits: limits, counter: counter, trace: trace
    ) { model throws(TuningError) in
      try await run.tuning(pricedBy: model, until: patience.leaving(Self.afterSearch), reportingUntil: patience)
    }
    trace?(.summary(plans: counter.priced, waited: counter.waited, connections: sessions.count))
    tuning.refusedCandidates = refused
    tuning.candidateCount = candidates.count
    tuning.planningCalls = counter.explains
    let completion = Completion(session: session, workload: workload, settings: settings, limits: limits)
    tuning = try await completion.completed(tuning, pool: pool, until: patience)
    let pricing = ConsolidationPricing(session: session, workload: workload, limits: limits)
    do throws(TuningError) {
      tuning.consolidations = try await pricing.found(until: patience)
    } catch {
      // Who has run out of time, or has gone, gets what there is.
      guard Task.isCancelled || patience.isOver else { throw error }
    }
    return tuning
  }

  /// Shares of the time that is left: what the lightest statements would take is for the search among the others, and what
  /// the search finds has to be accounted for.
  private static var afterReading: Double { 0.65 }
  private static var afterSearch: Double { 0.2 }

  private struct Base {
    var prices: [Price] = []
    /// Milliseconds for each statement, by which the work is shared among connections.
    var planningTimes: [Double] = []
  }

  /// Plans every variant with the real indexes only, while candidates are made; what PostgreSQL refuses is skipped with its
  /// own reason.
  private func basePrices(
    _ workload: inout Workload, on sessions: [Session], knowing early: EarlyPlans, _ counter: PlanningCounter,
    until patience: Patience
  ) async throws(TuningError) -> (Base, CandidatePool) {
    let (queries, catalog) = (workload.queries, workload.catalog)
    async let proposals = CandidatePool.made(
      for: queries.map(\.shape), in: catalog, maximumColumns: settings.maximumColumns)
    let subject = HypotheticalIndexes.Subject(queries: queries, relevant: queries.map { _ in IndexSet() })
    let answers = try await HypotheticalIndexes.lend(
      on: sessions, subject, limits: limits, counter: counter, trace: trace
    ) { model throws(TuningError) in
      try await model.basePrices(knowing: early, until: patience)
    }
    let base = keep(answers, in: &workload)
    if workload.queries.count == queries.count { return (base, await proposals) }
    // What was refused asks for nothing.
    let pool = await CandidatePool.made(
      for: workload.queries.map(\.shape), in: catalog, maximumColumns: settings.maximumColumns)
    return (base, pool)
  }

  private func keep(
    _ answers: [Result<HypotheticalIndexes.BasePrice, CandidateRefusal>?], in workload: inout Workload
  ) -> Base {
    var kept: [(query: Query, base: HypotheticalIndexes.BasePrice)] = []
    for (query, answer) in zip(workload.queries, answers) {
      switch answer {
      case .success(var base):
        base.price = base.price.atLeast(0.01, for: query)
        kept.append((query, base))
      case .failure(let refusal): workload.skipped.append(query.skipped(refusal.reason))
      case nil:
        var entry = query.skipped("time limit reached before it was planned")
        entry.lacksTime = true
        workload.skipped.append(entry)
      }
    }
    let loads = Self.loads(of: kept.map(\.query), base: kept.map(\.base.price))
    // The heaviest first; equally heavy ones by their text, whatever order they came in.
    let order = kept.indices.sorted {
      loads[$0] != loads[$1] ? loads[$0] > loads[$1] : kept[$0].query.text < kept[$1].query.text
    }
    workload.queries = order.enumerated().map { number, place in
      var query = kept[place].query
      query.id = number
      return query
    }
    return Base(
      prices: order.map { kept[$0].base.price }, planningTimes: order.map { kept[$0].base.planningMilliseconds })
  }

  /// Leaves out what HypoPG will not create.
  private func sized(
    _ proposed: [IndexDefinition], _ workload: Workload, on sessions: [Session], _ counter: PlanningCounter,
    _ sizing: Limits
  ) async throws(TuningError) -> ([IndexDefinition], [Int64], [SizeSource], [RefusedCandidate]) {
    let sizes = try await HypotheticalIndexes.lend(
      on: sessions, HypotheticalIndexes.Subject(candidates: proposed, catalog: workload.catalog), limits: limits,
      counter: counter
    ) { model throws(TuningError) in
      try await model.sizes()
    }
    let model = try await sizeModel(for: proposed, workload, sizing)
    let rough = ExpressionSizes(catalog: workload.catalog)
    var candidates: [IndexDefinition] = []
    var bytes: [Int64] = []
    var sources: [SizeSource] = []
    var refused: [RefusedCandidate] = []
    for (candidate, size) in zip(proposed, sizes) {
      switch size {
      case .success(let size):
        candidates.append(candidate)
        let own = model?.bytes(of: candidate)
        let guess = model == nil ? nil : rough.bytes(of: candidate).map { min($0, size) }
        bytes.append(own ?? guess ?? size)
        sources.append(own == nil ? (guess == nil ? .hypopg : .guess) : model?.source(of: candidate) ?? .hypopg)
      case .failure(let refusal):
        refused.append(RefusedCandidate(definition: candidate.hypotheticalStatement, reason: refusal.reason))
      }
    }
    return (candidates, bytes, sources, refused)
  }

  private func sizeModel(
    for candidates: [IndexDefinition], _ workload: Workload, _ limits: Limits
  ) async throws(TuningError) -> IndexSizeModel? {
    guard !settings.chargesHypoPGSizes, !candidates.isEmpty else { return nil }
    return try await IndexSizeModel.read(on: session, for: candidates, in: workload.catalog, limits: limits)
  }

  /// Milliseconds where statistics know them; other statements are converted at the rate of those that are known.
  static func loads(of queries: [Query], base: [Price]) -> [Double] {
    var milliseconds = 0.0
    var cost = 0.0
    for (query, price) in zip(queries, base) {
      guard let known = query.milliseconds else { continue }
      milliseconds += known
      cost += price.cost * Double(query.calls ?? 1)
    }
    let rate = milliseconds > 0 && cost > 0 ? milliseconds / cost : 1
    return zip(queries, base).map { query, price in query.milliseconds ?? query.weight * price.cost * rate }
  }
}

extension Query {
  fileprivate func skipped(_ reason: String) -> SkippedStatement {
    SkippedStatement(text: text, origin: origin, reason: reason, milliseconds: milliseconds)
  }
}

extension Price {
  /// Ratios are formed of costs, and some plans cost nothing.
  fileprivate func atLeast(_ least: Double, for query: Query) -> Price {
    let costs = variantCosts.map { max($0, least) }
    return Price(
      cost: zip(costs, query.variants).reduce(0.0) { $0 + $1.0 * $1.1.share }, used: used, variantCosts: costs)
  }
}
