// Prices from the real planner: HypoPG's hypothetical indexes and EXPLAIN, many in one pipeline.

package import Database
import Synchronization

/// How many what-if calls were made and how long they took; shared by everybody who prices in one run.
package final class PlanningCounter: Sendable {
  private let calls = Atomic<Int>(0)
  private let nanoseconds = Atomic<Int64>(0)

  package init() {}

  /// EXPLAINs answered.
  package var explains: Int { calls.load(ordering: .relaxed) }
  /// Wall time spent waiting for them.
  package var waited: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

  func count(_ explains: Int, in elapsed: Duration) {
    calls.add(explains, ordering: .relaxed)
    let (seconds, attoseconds) = elapsed.components
    nanoseconds.add(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .relaxed)
  }
}

/// One EXPLAIN as it was sent, for `--trace-planning`.
package struct PlanningTrace: Sendable {
  package var indexes: [String]
  package var request: PlanRequest
  package var searchPath: [String]
}

/// The planner as a cost model. Lives inside one read-only transaction of one session.
///
/// HypoPG keeps its indexes in the backend's memory, outside the transaction, so they are reset before every group of
/// EXPLAINs and when the body ends. Every pipeline runs under a savepoint that is rolled back, which gives back the
/// locks that planning takes on the tables: a long run never stands in the way of an ALTER TABLE.
package struct HypotheticalIndexes: CostModel {
  private let session: Session
  private let candidates: [IndexDefinition]
  private let queries: [Query]
  private let relevant: [IndexSet]
  private let limits: Limits
  private let counter: PlanningCounter
  private let trace: (@Sendable (PlanningTrace) -> Void)?
  private let ownPath: String

  /// Lends a model to `body` and resets HypoPG on every way out. Call inside `Session.readOnly`.
  package static func lend<R: Sendable>(
    on session: Session, candidates: [IndexDefinition], queries: [Query], relevant: [IndexSet], limits: Limits,
    counter: PlanningCounter, trace: (@Sendable (PlanningTrace) -> Void)? = nil,
    to body: (HypotheticalIndexes) async throws(TuningError) -> R
  ) async throws(TuningError) -> R {
    guard case .installed(let schema, _) = session.server.hypopg else {
      throw TuningError(.noHypotheticalIndexes, "extension hypopg is not installed in this database")
    }
    let model = HypotheticalIndexes(
      session: session, candidates: candidates, queries: queries, relevant: relevant, limits: limits,
      counter: counter, trace: trace, ownPath: "pg_catalog, \(quotedIdentifier(schema))")
    _ = try await model.send(PricingScript.opening(ownPath: model.ownPath))
    do throws(TuningError) {
      let result = try await body(model)
      _ = try await model.send(PricingScript.closing)
      return result
    } catch {
      // The first error is the one to tell; a lost connection has taken the hypothetical indexes along.
      _ = try? await model.send(PricingScript.closing)
      throw error
    }
  }

  package func prices(_ requests: [PriceRequest], until patience: Patience) async throws(TuningError) -> [Price?] {
    var answers = [Price?](repeating: nil, count: requests.count)
    var open = Array(requests.indices)
    var isExact = false
    // A second pass asks again, each alone, for statements that used an index they were not asked about.
    while !open.isEmpty {
      var strays: [Int] = []
      for pipeline in pipelines(of: open, in: requests, isExact: isExact) {
        if patience.isOver { return answers }
        for (place, price) in try await run(pipeline, requests) {
          if isExact || price.used.isSubset(of: requests[place].indexes) {
            answers[place] = price
          } else {
            strays.append(place)
          }
        }
      }
      open = strays
      isExact = true
    }
    return answers
  }

  /// The whole plans of some configurations (first variant of each statement), with each hypothetical index under the
  /// name that `names` gives its candidate; nil where the planner gave none.
  package func plans(
    _ requests: [PriceRequest], naming names: [Int: String]
  ) async throws(TuningError) -> [Plan?] {
    var plans = [Plan?](repeating: nil, count: requests.count)
    for pipeline in pipelines(of: Array(requests.indices), in: requests, isExact: true) {
      let script = script(for: pipeline, requests)
      let began = ContinuousClock.now
      let reading = script.read(try await send(script.steps), keepingPlans: true)
      counter.count(reading.explains, in: ContinuousClock.now - began)
      for (place, bytes, candidates) in reading.plans {
        plans[place] = (try? Plan(parsing: bytes))?.renamingIndexes { name in
          PricingScript.hypotheticalIdentifier(name).flatMap { candidates[$0] }.flatMap { names[$0] } ?? name
        }
      }
    }
    return plans
  }

  package func sizes() async throws(TuningError) -> [Result<Int64, CandidateRefusal>] {
    var sizes: [Result<Int64, CandidateRefusal>] = []
    for start in stride(from: 0, to: candidates.count, by: 200) {
      let positions = Array(start..<min(start + 200, candidates.count))
      if let together = try await measured(positions).success {
        sizes += together.map { .success($0) }
        continue
      }
      for position in positions {
        switch try await measured([position]) {
        case .success(let bytes): sizes += bytes.map { .success($0) }
        case .failure(let refusal): sizes.append(.failure(refusal))
        }
      }
    }
    return sizes
  }

  // MARK: - One pipeline

  /// Runs the groups under a savepoint. A statement that fails takes those behind it along: they are run again.
  private func run(
    _ pipeline: [PricingGroup], _ requests: [PriceRequest]
  ) async throws(TuningError) -> [(place: Int, price: Price)] {
    var found: [(place: Int, price: Price)] = []
    var remaining = pipeline
    while !remaining.isEmpty {
      let script = script(for: remaining, requests)
      let began = ContinuousClock.now
      let reading = script.read(try await send(script.steps))
      counter.count(reading.explains, in: ContinuousClock.now - began)
      found += reading.prices
      guard let failed = reading.firstFailure else { break }
      remaining = rest(of: remaining, after: failed)
    }
    return found
  }

  private func script(for groups: [PricingGroup], _ requests: [PriceRequest]) -> PricingScript {
    var script = PricingScript()
    for group in groups {
      let definitions = group.visible.members.map { candidates[$0].hypotheticalStatement }
      let planned = group.places.map { (place: $0, query: queries[requests[$0].query]) }
      script.append(group, definitions: definitions, queries: planned, ownPath: ownPath)
      if let trace {
        for (_, query) in planned {
          for variant in query.variants {
            trace(PlanningTrace(indexes: definitions, request: variant.request, searchPath: query.searchPath))
          }
        }
      }
    }
    script.end()
    return script
  }

  /// What is left to run once the request at `failed` has been given up.
  private func rest(of groups: [PricingGroup], after failed: Int) -> [PricingGroup] {
    guard let broken = groups.firstIndex(where: { $0.places.contains(failed) }),
      let position = groups[broken].places.firstIndex(of: failed)
    else { return [] }
    let places = Array(groups[broken].places[(position + 1)...])
    let head = places.isEmpty ? [] : [PricingGroup(visible: groups[broken].visible, places: places)]
    return head + groups[(broken + 1)...]
  }

  /// Puts requests together: two share their visible indexes where neither then sees one that matters to it and that
  /// it did not ask about; a pipeline holds a bounded number of EXPLAINs, so that patience is asked often.
  private func pipelines(of places: [Int], in requests: [PriceRequest], isExact: Bool) -> [[PricingGroup]] {
    var pipelines: [[PricingGroup]] = []
    var groups: [PricingGroup] = []
    var depth = 0
    for place in places {
      let request = requests[place]
      let explains = queries[request.query].variants.count
      if depth > 0 && depth + explains > limits.pipelineDepth {
        pipelines.append(groups)
        groups = []
        depth = 0
      }
      depth += explains
      if !isExact, let last = groups.indices.last, let union = union(of: groups[last], with: request, requests) {
        groups[last].visible = union
        groups[last].places.append(place)
      } else {
        groups.append(PricingGroup(visible: request.indexes, places: [place]))
      }
    }
    if !groups.isEmpty { pipelines.append(groups) }
    return pipelines
  }

  private func union(of group: PricingGroup, with request: PriceRequest, _ requests: [PriceRequest]) -> IndexSet? {
    let union = group.visible.union(request.indexes)
    let members = group.places.map { requests[$0] } + [request]
    let isHarmless = members.allSatisfy { union.filter(relevant[$0.query].contains) == $0.indexes }
    return isHarmless ? union : nil
  }

  private func measured(_ positions: [Int]) async throws(TuningError) -> Result<[Int64], CandidateRefusal> {
    let results = try await send([
      .statement("SELECT hypopg_reset()", []),
      PricingScript.creation(of: positions.map { candidates[$0].hypotheticalStatement }),
      .boundary,
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []),
    ])
    for result in results {
      if case .failure(let error) = result, error.code != .skipped {
        return .failure(CandidateRefusal(reason: error.message))
      }
    }
    guard case .success(let rows) = results[1] else { return .failure(CandidateRefusal(reason: "no answer")) }
    return .success(rows.rows.indices.map { rows.text($0, 2).flatMap { Int64($0) } ?? 0 })
  }

  private func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    do throws(DatabaseError) {
      return try await session.run(steps)
    } catch {
      throw TuningError(error)
    }
  }
}

extension Result {
  fileprivate var success: Success? { if case .success(let value) = self { value } else { nil } }
}
