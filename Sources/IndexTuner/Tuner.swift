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
  private let settings: TuningSettings
  private let limits: Limits
  private let trace: (@Sendable (PlanningTrace) -> Void)?
  private let progress: @Sendable (TuningProgress) -> Void

  package init(
    on session: Session, settings: TuningSettings, limits: Limits = Limits(),
    tracing trace: (@Sendable (PlanningTrace) -> Void)? = nil,
    reporting progress: @escaping @Sendable (TuningProgress) -> Void = { _ in }
  ) {
    self.session = session
    self.settings = settings
    self.limits = limits
    self.trace = trace
    self.progress = progress
  }

  /// One read-only transaction from the first look at the catalogue to the last plan.
  package func tuning(
    for found: [FoundStatement], alreadySkipped: [SkippedStatement] = [], until patience: Patience
  ) async throws(TuningError) -> Tuning {
    do {
      return try await session.readOnly(ReadOnlyLimits(statementTimeout: settings.statementTimeout)) { _ in
        try await tuningInTransaction(for: found, alreadySkipped, until: patience)
      }
    } catch let error as TuningError {
      throw error
    } catch let error as DatabaseError {
      throw TuningError(error)
    } catch {
      throw TuningError(.database, "\(error)")
    }
  }

  private func tuningInTransaction(
    for found: [FoundStatement], _ alreadySkipped: [SkippedStatement], until patience: Patience
  ) async throws(TuningError) -> Tuning {
    let counter = PlanningCounter()
    let planning = Planning(on: session, counter: counter)
    progress(.resolving(statements: found.count))
    let builder = WorkloadBuilder(on: session, planning: planning, sampling: settings.sampling, limits: limits)
    var workload = try await builder.workload(of: found, until: patience)
    workload.skipped = alreadySkipped + workload.skipped
    let base = try await basePrices(&workload, planning, until: patience)
    let pool = CandidatePool(
      for: workload.queries.map(\.shape), in: workload.catalog, maximumColumns: settings.maximumColumns)
    let proposed = Array(pool.candidates.prefix(limits.candidates))
    progress(.pricing(statements: workload.queries.count, candidates: proposed.count))
    let (candidates, sizes, refused) = try await sized(proposed, workload, counter)
    let problem = problem(for: workload, base: base, candidates: candidates, sizes: sizes)
    let run = TuningRun(
      workload: workload, problem: problem, base: base, settings: settings, limits: limits, progress: progress)
    var tuning = try await HypotheticalIndexes.lend(
      on: session, candidates: candidates, queries: workload.queries, relevant: problem.relevant, limits: limits,
      counter: counter, trace: trace
    ) { model throws(TuningError) in
      try await run.tuning(pricedBy: model, until: patience)
    }
    tuning.refusedCandidates = refused
    tuning.candidateCount = candidates.count
    tuning.planningCalls = counter.explains
    let completion = Completion(session: session, workload: workload, settings: settings, limits: limits)
    return try await completion.completed(tuning, pool: pool, until: patience)
  }

  /// Plans every variant with the real indexes only; what PostgreSQL refuses is skipped with its own reason.
  private func basePrices(
    _ workload: inout Workload, _ planning: Planning, until patience: Patience
  ) async throws(TuningError) -> [Price] {
    var questions: [Planning.Question] = []
    for query in workload.queries {
      questions += query.variants.map { Planning.Question(request: $0.request, searchPath: query.searchPath) }
    }
    let answers = try await planning.plans(of: questions, until: patience)
    var kept: [(query: Query, price: Price)] = []
    var position = 0
    for query in workload.queries {
      let own = answers[position..<position + query.variants.count]
      position += query.variants.count
      switch Self.price(of: query, from: Array(own)) {
      case .success(let price): kept.append((query, price))
      case .failure(let refusal):
        workload.skipped.append(
          SkippedStatement(
            text: query.text, origin: query.origin, reason: refusal.reason, milliseconds: query.milliseconds))
      }
    }
    let loads = Self.loads(of: kept.map(\.query), base: kept.map(\.price))
    // The heaviest first; equally heavy ones by their text, whatever order they came in.
    let order = kept.indices.sorted {
      loads[$0] != loads[$1] ? loads[$0] > loads[$1] : kept[$0].query.text < kept[$1].query.text
    }
    workload.queries = order.enumerated().map { number, place in
      var query = kept[place].query
      query.id = number
      return query
    }
    return order.map { kept[$0].price }
  }

  private static func price(
    of query: Query, from answers: [Result<[UInt8], DatabaseError>?]
  ) -> Result<Price, CandidateRefusal> {
    var costs: [Double] = []
    for answer in answers {
      switch answer {
      case nil: return .failure(CandidateRefusal(reason: "time limit reached before it was planned"))
      case .failure(let error): return .failure(CandidateRefusal(reason: error.message))
      case .success(let bytes):
        guard let summary = PlanSummary(scanning: bytes) else {
          return .failure(CandidateRefusal(reason: "EXPLAIN gave a plan without a cost"))
        }
        costs.append(max(summary.totalCost, 0.01))
      }
    }
    let cost = zip(costs, query.variants).reduce(0.0) { $0 + $1.0 * $1.1.share }
    return .success(Price(cost: cost, used: IndexSet(), variantCosts: costs))
  }

  /// Leaves out what HypoPG will not create.
  private func sized(
    _ proposed: [IndexDefinition], _ workload: Workload, _ counter: PlanningCounter
  ) async throws(TuningError) -> ([IndexDefinition], [Int64], [RefusedCandidate]) {
    let sizes = try await HypotheticalIndexes.lend(
      on: session, candidates: proposed, queries: [], relevant: [], limits: limits, counter: counter
    ) { model throws(TuningError) in
      try await model.sizes()
    }
    let model = try await sizeModel(for: proposed, workload)
    var candidates: [IndexDefinition] = []
    var bytes: [Int64] = []
    var refused: [RefusedCandidate] = []
    for (candidate, size) in zip(proposed, sizes) {
      switch size {
      case .success(let size):
        candidates.append(candidate)
        bytes.append(model?.bytes(of: candidate) ?? size)
      case .failure(let refusal):
        refused.append(RefusedCandidate(definition: candidate.hypotheticalStatement, reason: refusal.reason))
      }
    }
    return (candidates, bytes, refused)
  }

  private func sizeModel(
    for candidates: [IndexDefinition], _ workload: Workload
  ) async throws(TuningError) -> IndexSizeModel? {
    guard !settings.chargesHypoPGSizes, !candidates.isEmpty else { return nil }
    let storage = try await TableStorage.read(on: session, tables: Array(Set(candidates.map(\.table))))
    return IndexSizeModel(catalog: workload.catalog, storage: storage)
  }

  private func problem(
    for workload: Workload, base: [Price], candidates: [IndexDefinition], sizes: [Int64]
  ) -> SearchProblem {
    let loads = Self.loads(of: workload.queries, base: base)
    let writes = WriteCostModel(catalog: workload.catalog, queries: workload.queries)
    let isTimed = workload.queries.contains { $0.milliseconds != nil }
    var tableBytes: [RelationID: Int64] = [:]
    for table in Set(candidates.map(\.table)) {
      tableBytes[table] = workload.catalog[table].map { $0.heapBytes + $0.indexBytes } ?? 0
    }
    return SearchProblem(
      candidates: candidates, sizes: sizes,
      writeLoads: candidates.map {
        isTimed ? writes.cost(of: $0).weighedMilliseconds : 0
      },
      loads: loads, baseCosts: base.map(\.cost),
      relevant: workload.queries.map { query in Self.relevant(candidates, to: query, in: workload.catalog) },
      tableBytes: tableBytes)
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

  /// A candidate matters to a statement that uses its table, or a partition of it, and names its leading column there.
  static func relevant(_ candidates: [IndexDefinition], to query: Query, in catalog: Catalog) -> IndexSet {
    var columns: [RelationID: Set<String>] = [:]
    for use in query.shape.uses {
      var table: RelationID? = use.table
      while let id = table {
        columns[id, default: []].formUnion(use.referenced)
        table = catalog[id]?.parent
      }
    }
    return IndexSet(
      candidates.indices.filter { position in
        guard let first = candidates[position].keys.first else { return false }
        return columns[candidates[position].table]?.contains(first.column) == true
      })
  }
}
