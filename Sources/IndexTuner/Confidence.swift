// How sure an index recommendation is, judged from what is known about its statements and statistics.

import Database

/// Grades recommendations; pure.
struct ConfidenceJudge {
  let workload: Workload
  let base: [Price]

  /// High unless something speaks against it: each doubt is said, one costs a grade, a grave one two.
  func confidence(
    in index: IndexDefinition, helping helped: [HelpedQuery], before: [Price], after: [Price]
  ) -> Confidence {
    var doubts: [String] = []
    var isGrave = false
    let relation = workload.catalog[index.table]
    if relation?.rowEstimate == nil {
      doubts.append("the table was never analysed: run ANALYZE first")
      isGrave = true
    } else if index.keys.contains(where: { relation?.column($0.column)?.distinctValues == nil }) {
      doubts.append("no statistics on a key column: run ANALYZE first")
    }
    if index.keys.contains(where: { $0.expression != nil }) {
      doubts.append(
        "the planner has no statistics on an expression before its index exists and assumes a share of the rows: "
          + "run ANALYZE after building it, and look at the plan")
      isGrave = true
    }
    if let doubt = valueDoubt(helped, before, after) { doubts.append(doubt) }
    let assumed = helped.filter { !workload.queries[$0.query].assumptions.isEmpty }.count
    if assumed > 0 && assumed == helped.count {
      doubts.append("values of parameters had to be assumed in all the statements it helps")
    }
    if let best = helped.map({ $0.costBefore / max($0.costAfter, 0.01) }).max(), best < 2 {
      doubts.append("no statement becomes twice as cheap")
    }
    if let doubt = timeDoubt(helped) { doubts.append(doubt) }
    let level: Confidence.Level = isGrave || doubts.count > 2 ? .low : doubts.isEmpty ? .high : .medium
    return Confidence(level: level, reasons: doubts)
  }

  /// Some of the sampled values gain and others do not.
  private func valueDoubt(_ helped: [HelpedQuery], _ before: [Price], _ after: [Price]) -> String? {
    var split = 0
    var gaining = 0
    var sampled = 0
    for help in helped {
      let pairs = zip(before[help.query].variantCosts, after[help.query].variantCosts)
      let own = pairs.filter { $1 < $0 * 0.9 }.count
      let count = before[help.query].variantCosts.count
      guard own > 0 && own < count else { continue }
      split += 1
      gaining += own
      sampled += count
    }
    guard split > 0 else { return nil }
    return "depends on the values: \(split) of \(helped.count) statements gain for the rarer values only "
      + "(\(gaining) of \(sampled) sampled); common ones are read as before"
  }

  /// The server already answers in next to no time: little to save whatever the planner says.
  private func timeDoubt(_ helped: [HelpedQuery]) -> String? {
    let times = helped.compactMap { help -> Double? in
      let query = workload.queries[help.query]
      return query.milliseconds.flatMap { time in query.calls.map { time / Double(max($0, 1)) } }
    }
    guard !times.isEmpty, times.allSatisfy({ $0 < 0.1 }) else { return nil }
    return "every statement it helps takes less than 0.1 ms already"
  }
}
