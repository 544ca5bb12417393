// Prices from the real planner: HypoPG's hypothetical indexes and EXPLAIN, many in one pipeline, on several connections.

package import Database

/// The planner as a cost model. Lives inside one read-only transaction of each of its sessions.
///
/// HypoPG keeps its indexes in the backend's memory, outside the transaction, so they are reset before every group of
/// EXPLAINs and when the body ends. Every pipeline runs under a savepoint that is rolled back, which gives back the
/// locks that planning takes on the tables: a long run never stands in the way of an ALTER TABLE.
package struct HypotheticalIndexes: CostModel {
  let sessions: [PricingSession]
  let book: PricingBook
  private let queries: [Query]
  private let relevant: [IndexSet]
  /// By statement, all candidates on the tables for which one is relevant: the planner looks at those it is shown.
  private let onTables: [IndexSet]
  private let planningTimes: PlanningTimes
  private let limits: Limits
  private let counter: PlanningCounter
  private let trace: (@Sendable (PlanningTrace) -> Void)?

  /// Lends a model to `body` and resets HypoPG on every way out. Call inside `Session.readOnly` of every session; one that
  /// is lost meanwhile is done without, but for the first.
  package static func lend<R: Sendable>(
    on sessions: [Session], _ subject: Subject, limits: Limits, counter: PlanningCounter,
    trace: (@Sendable (PlanningTrace) -> Void)? = nil,
    to body: (HypotheticalIndexes) async throws(TuningError) -> R
  ) async throws(TuningError) -> R {
    guard case .installed(let schema, _)? = sessions.first?.server.hypopg else {
      throw TuningError(.noHypotheticalIndexes, "extension hypopg is not installed in this database")
    }
    let book = PricingBook(
      candidates: subject.candidates.map { $0.namingClasses(in: subject.catalog) }, queries: subject.queries,
      schema: schema, path: sessions.first?.server.searchPath ?? [])
    let model = HypotheticalIndexes(
      sessions: sessions.map { PricingSession($0) }, book: book, queries: subject.queries, relevant: subject.relevant,
      onTables: subject.onTables, planningTimes: PlanningTimes(of: subject), limits: limits, counter: counter,
      trace: trace)
    try await model.sendToAll(PricingScript.opening(ownPath: book.ownPath))
    do throws(TuningError) {
      let result = try await body(model)
      try await model.sendToAll(PricingScript.closing)
      return result
    } catch {
      // The first error is the one to tell; a lost connection has taken the hypothetical indexes along.
      try? await model.sendToAll(PricingScript.closing)
      throw error
    }
  }

  package var planningCalls: Int { counter.explains }

  package func prices(_ requests: [PriceRequest], until patience: Patience) async throws(TuningError) -> [Price?] {
    var answers = [Price?](repeating: nil, count: requests.count)
    var open = Array(requests.indices)
    var isExact = false
    // A second pass asks again, each alone, for statements that used an index they were not asked about.
    while !open.isEmpty {
      var strays: [Int] = []
      let groups = groups(of: open, in: requests, isExact: isExact)
      for (place, price, _) in try await ask(groups, requests, until: patience).prices {
        if isExact || price.used.isSubset(of: requests[place].indexes) {
          answers[place] = price
        } else {
          strays.append(place)
        }
      }
      if patience.isOver { return answers }
      open = strays.sorted()
      isExact = true
    }
    return answers
  }

  /// What each statement costs with the real indexes alone.
  struct BasePrice: Sendable {
    var price: Price
    var planningMilliseconds: Double
  }

  /// One answer for each statement, or the planner's reason; nil for those that patience was over for.
  /// - Parameter early: what was asked for before.
  func basePrices(
    knowing early: EarlyPlans, until patience: Patience
  ) async throws(TuningError) -> [Result<BasePrice, CandidateRefusal>?] {
    let requests = queries.indices.map { PriceRequest(query: $0, indexes: IndexSet()) }
    var answers: [Result<BasePrice, CandidateRefusal>?] = queries.map { early.price(of: $0).map { .success($0) } }
    for (query, answer) in zip(queries, answers) where answer != nil {
      counter.count(query.variants.count)
      for variant in query.variants {
        trace?(.plan(indexes: [], request: variant.request, searchPath: query.searchPath))
      }
    }
    let open = requests.indices.filter { answers[$0] == nil }
    let found = try await ask(groups(of: open, in: requests, isExact: false), requests, until: patience)
    for (place, price, milliseconds) in found.prices {
      answers[place] = .success(BasePrice(price: price, planningMilliseconds: milliseconds))
    }
    for (place, error) in found.refusals { answers[place] = .failure(CandidateRefusal(reason: error.message)) }
    return answers
  }

  /// The whole plans of some configurations (first variant of each statement), with each hypothetical index under the
  /// name that `names` gives its candidate; nil where the planner gave none.
  package func plans(
    _ requests: [PriceRequest], naming names: [Int: String], until patience: Patience = Patience()
  ) async throws(TuningError) -> [Plan?] {
    var plans = [Plan?](repeating: nil, count: requests.count)
    for start in stride(from: 0, to: requests.count, by: limits.pipelineDepth) where !patience.isOver {
      var places = Array(start..<min(start + limits.pipelineDepth, requests.count))
      // One that is refused takes those behind it along: they are asked again.
      while !places.isEmpty {
        var script = PricingScript()
        for place in places {
          guard let variant = queries[requests[place].query].variants.first else { continue }
          script.append(
            PricingGroup(visible: requests[place].indexes, places: [place]),
            plans: [(variant.request, book.entries[requests[place].query].path)], from: book)
        }
        script.end()
        var candidates: [UInt32: Int] = [:]
        let reading = script.read(try await sessions[0].send(script.steps), from: book, &candidates)
        counter.count(reading.explains)
        for (place, bytes, candidates) in reading.plans {
          plans[place] = (try? Plan(parsing: bytes))?.renamingIndexes { name in
            PlanPrice.identifier(name).flatMap { candidates[$0] }.flatMap { names[$0] } ?? name
          }
        }
        places = reading.firstFailure.map { failed in places.filter { $0 > failed.place } } ?? []
      }
    }
    return plans
  }

  // MARK: - All connections

  /// Asks on every connection that is left, until nothing waits or patience is over.
  private func ask(
    _ groups: [PricingGroup], _ requests: [PriceRequest], until patience: Patience
  ) async throws(TuningError) -> PricingSession.Found {
    let began = ContinuousClock.now
    let living = sessions.filter { !$0.isLost }
    let queue = PricingQueue(
      groups, times: { planningTimes.expected(of: requests[$0].query, indexes: seen(by: requests[$0], among: $1)) },
      explains: { book.entries[requests[$0].query].requests.count }, connections: living.count,
      depth: limits.pipelineDepth, isGuessing: planningTimes.isGuess)
    var found = PricingSession.Found()
    while !queue.isEmpty && !patience.isOver {
      guard !sessions[0].isLost else { throw Self.lost }
      let results = await withTaskGroup(of: Result<PricingSession.Found, TuningError>.self) { group in
        let lanes = living.filter { !$0.isLost }.prefix(queue.count)
        for (number, session) in lanes.enumerated() {
          group.addTask { await work(on: session, number, queue, requests, until: patience) }
        }
        var results: [Result<PricingSession.Found, TuningError>] = []
        for await result in group { results.append(result) }
        return results
      }
      for result in results {
        let part = try result.get()
        found.prices += part.prices
        found.refusals += part.refusals
        found.explains += part.explains
      }
    }
    var visible = [IndexSet](repeating: IndexSet(), count: requests.count)
    for group in groups { for place in group.places { visible[place] = group.visible } }
    for (place, _, milliseconds) in found.prices {
      let indexes = seen(by: requests[place], among: visible[place])
      planningTimes.note(milliseconds, of: requests[place].query, indexes: indexes)
    }
    counter.count(priced: found.explains, in: ContinuousClock.now - began)
    record(groups, requests, asked: found)
    return found
  }

  /// How many of the visible indexes the planner looks at for a request.
  private func seen(by request: PriceRequest, among visible: IndexSet) -> Int {
    visible.intersection(onTables[request.query]).count
  }

  private static var lost: TuningError {
    TuningError(.database, "connection to the server was lost")
  }

  /// Takes pipelines until there are none.
  private func work(
    on session: PricingSession, _ number: Int, _ queue: PricingQueue, _ requests: [PriceRequest],
    until patience: Patience
  ) async -> Result<PricingSession.Found, TuningError> {
    var found = PricingSession.Found()
    while !patience.isOver, !session.isLost {
      let items = queue.take(beside: session.held, for: number)
      guard !items.isEmpty else { break }
      do throws(TuningError) {
        let part = try await session.run(items.groups, requests, from: book)
        found.prices += part.prices
        found.refusals += part.refusals
        found.explains += part.explains
      } catch {
        // The others ask in its stead; without the first there is no transaction to go on in.
        guard session !== sessions[0] else { return .failure(error) }
        queue.giveBack(items, of: number)
      }
    }
    return .success(found)
  }

  private func sendToAll(_ steps: [Step]) async throws(TuningError) {
    let first = await withTaskGroup(of: Result<Void, TuningError>.self) { group in
      for session in sessions.dropFirst() where !session.isLost {
        group.addTask {
          // Who is lost meanwhile is done without.
          _ = try? await session.send(steps)
          return .success(())
        }
      }
      let first = await Self.outcome { () throws(TuningError) in _ = try await sessions.first?.send(steps) }
      await group.waitForAll()
      return first
    }
    try first.get()
  }

  private static func outcome(
    of body: () async throws(TuningError) -> Void
  ) async -> Result<Void, TuningError> {
    do throws(TuningError) { return .success(try await body()) } catch { return .failure(error) }
  }

  private func record(_ groups: [PricingGroup], _ requests: [PriceRequest], asked: PricingSession.Found) {
    guard let trace else { return }
    let places = Set(asked.prices.map(\.place) + asked.refusals.map(\.place))
    for group in groups {
      let definitions = group.visible.members.map { book.definitions[$0] }
      for place in group.places where places.contains(place) {
        let query = queries[requests[place].query]
        for variant in query.variants {
          trace(.plan(indexes: definitions, request: variant.request, searchPath: query.searchPath))
        }
      }
    }
  }

  /// Puts requests together: two share their visible indexes where neither then sees one that matters to it and that it
  /// did not ask about, nor many that do not matter: each takes the planner time. Depends on the requests alone.
  private func groups(of places: [Int], in requests: [PriceRequest], isExact: Bool) -> [PricingGroup] {
    var groups: [PricingGroup] = []
    var depth = 0
    for place in places {
      let explains = book.entries[requests[place].query].requests.count
      if !isExact, let last = groups.indices.last, depth + explains <= limits.pipelineDepth,
        let union = union(of: groups[last], with: requests[place], requests)
      {
        groups[last].visible = union
        groups[last].places.append(place)
        depth += explains
      } else {
        groups.append(PricingGroup(visible: requests[place].indexes, places: [place]))
        depth = explains
      }
    }
    return groups
  }

  private func union(of group: PricingGroup, with request: PriceRequest, _ requests: [PriceRequest]) -> IndexSet? {
    if group.visible.isEmpty && request.indexes.isEmpty { return group.visible }
    let union = group.visible.union(request.indexes)
    let members = group.places.map { requests[$0] } + [request]
    let isHarmless = members.allSatisfy { member in
      let idle = union.intersection(onTables[member.query]).count - member.indexes.count
      return idle <= max(Self.idleIndexes, member.indexes.count / 4)
        && union.intersection(relevant[member.query]) == member.indexes
    }
    return isHarmless ? union : nil
  }

  /// So many more take no longer to plan with than another statement's indexes take to create.
  private static var idleIndexes: Int { 6 }
}
