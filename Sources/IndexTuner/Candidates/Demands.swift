// What the statements of a run want of its candidates, and the problem that the search is given.

import Database

/// By a candidate's place.
struct Demands: Sendable {
  private let asked: AskedKeys
  private let relevant: [IndexSet]
  private let close: [IndexSet]

  init(of candidates: [IndexDefinition], by workload: Workload) {
    asked = AskedKeys(of: candidates, by: workload)
    let relevance = Relevance(of: candidates, in: workload.catalog)
    let found = workload.queries.map { relevance.candidates(for: $0) }
    (relevant, close) = (found.map(\.all), found.map(\.close))
  }

  /// - Parameter candidates: those that this was made of.
  func problem(
    for workload: Workload, base: [Price], candidates: [IndexDefinition], sizes: [Int64]
  ) -> SearchProblem {
    let loads = Tuner.loads(of: workload.queries, base: base)
    let writes = WriteCostModel(
      catalog: workload.catalog, queries: workload.queries, seconds: workload.countedSeconds)
    let isTimed = workload.queries.contains { $0.milliseconds != nil }
    var tableBytes: [RelationID: Int64] = [:]
    for table in Set(candidates.map(\.table)) {
      tableBytes[table] = workload.catalog[table].map { $0.heapBytes + $0.indexBytes } ?? 0
    }
    var problem = SearchProblem(
      candidates: candidates, sizes: sizes,
      writeLoads: candidates.map {
        isTimed ? writes.cost(of: $0).weighedMilliseconds : 0
      },
      loads: loads, baseCosts: base.map(\.cost),
      relevant: relevant, close: close, tableBytes: tableBytes)
    problem.conditioned = asked.conditioned
    problem.betterLed = asked.betterLed
    return problem
  }
}
