// The wire side of pricing: which steps go into one pipeline, and what their answers mean.

import Database

/// Requests that are planned under the same visible indexes.
struct PricingGroup {
  var visible: IndexSet
  /// Positions in the list of requests.
  var places: [Int]
}

/// One pipeline: create the hypothetical indexes, plan, roll back to the savepoint that `HypotheticalIndexes.lend` set,
/// so that no table stays locked. The rollback also brings back the search path under which HypoPG is found.
struct PricingScript {
  private enum Meaning {
    case other
    case creation([Int])
    case explain(place: Int, shares: [Double], variant: Int)
  }

  /// What the answers say.
  struct Reading {
    var prices: [(place: Int, price: Price)] = []
    /// EXPLAIN's bytes of each request's first variant, and which candidate each hypothetical index stands for.
    var plans: [(place: Int, bytes: [UInt8], candidates: [UInt32: Int])] = []
    var explains = 0
    /// The first request that the planner refused; everything behind it was not run.
    var firstFailure: Int?
  }

  private(set) var steps: [Step] = []
  private var meanings: [Meaning] = []
  private var isOwnPath = true

  /// The beginning and the end of what a model is lent for.
  static func opening(ownPath: String) -> [Step] {
    [
      .statement("SELECT pg_catalog.set_config('search_path', $1, true)", [ownPath]),
      .statement("SAVEPOINT pgadvisor_pricing", []),
    ]
  }

  static let closing: [Step] = [
    .statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []), .boundary,
    .statement("SELECT hypopg_reset()", []), .statement("RELEASE SAVEPOINT pgadvisor_pricing", []),
  ]

  /// Appends a group; `ownPath` is the search path under which HypoPG's functions are found.
  mutating func append(
    _ group: PricingGroup, definitions: [String], queries: [(place: Int, query: Query)], ownPath: String
  ) {
    if !isOwnPath { add(.statement("SELECT pg_catalog.set_config('search_path', $1, true)", [ownPath])) }
    isOwnPath = false
    add(.statement("SELECT hypopg_reset()", []))
    if !definitions.isEmpty {
      add(Self.creation(of: definitions), meaning: .creation(group.visible.members))
    }
    var path: [String]?
    for (place, query) in queries {
      if path != query.searchPath {
        add(Self.searchPath(query.searchPath))
        path = query.searchPath
      }
      let shares = query.variants.map(\.share)
      for (number, variant) in query.variants.enumerated() {
        add(.plan(variant.request), meaning: .explain(place: place, shares: shares, variant: number))
      }
    }
  }

  mutating func end() {
    add(.boundary)
    add(.statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []))
    add(.boundary)
  }

  /// Creates hypothetical indexes from bound definitions; one row each: position from 1, object identifier, bytes.
  static func creation(of definitions: [String]) -> Step {
    .statement(
      """
      SELECT d.ordinality, h.indexrelid, hypopg_relation_size(h.indexrelid) \
      FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS d(definition, ordinality) \
      CROSS JOIN LATERAL hypopg_create_index(d.definition) AS h
      """, [arrayLiteral(definitions)])
  }

  static func searchPath(_ schemas: [String]) -> Step {
    .statement(
      "SELECT pg_catalog.set_config('search_path', $1, true)",
      [schemas.map(quotedIdentifier).joined(separator: ", ")])
  }

  func read(_ results: [Result<StepRows, DatabaseError>], keepingPlans: Bool = false) -> Reading {
    var reading = Reading()
    var candidates: [UInt32: Int] = [:]
    var costs: [Double] = []
    var used: [Int] = []
    for (result, meaning) in zip(results, meanings) {
      switch (meaning, result) {
      case (.creation(let members), .success(let rows)):
        candidates = Self.identifiers(in: rows, of: members)
      case (.explain(let place, let shares, let variant), .success(let rows)):
        guard let bytes = rows.rows.first?.first ?? nil, let summary = PlanSummary(scanning: bytes) else { continue }
        reading.explains += 1
        if variant == 0 { (costs, used) = ([], []) }
        if variant == 0 && keepingPlans { reading.plans.append((place, bytes, candidates)) }
        costs.append(summary.totalCost)
        used += summary.indexNames.compactMap { Self.hypotheticalIdentifier($0) }.compactMap { candidates[$0] }
        guard costs.count == shares.count else { continue }
        let cost = zip(costs, shares).reduce(0.0) { $0 + $1.0 * $1.1 }
        reading.prices.append((place, Price(cost: cost, used: IndexSet(used), variantCosts: costs)))
      case (.explain(let place, _, _), .failure):
        if reading.firstFailure == nil { reading.firstFailure = place }
      case (.creation, .failure), (.other, _): continue
      }
    }
    return reading
  }

  private mutating func add(_ step: Step, meaning: Meaning = .other) {
    steps.append(step)
    meanings.append(meaning)
  }

  private static func identifiers(in rows: StepRows, of members: [Int]) -> [UInt32: Int] {
    var found: [UInt32: Int] = [:]
    for row in rows.rows.indices {
      guard let position = rows.text(row, 0).flatMap({ Int($0) }), members.indices.contains(position - 1),
        let identifier = rows.text(row, 1).flatMap({ UInt32($0) })
      else { continue }
      found[identifier] = members[position - 1]
    }
    return found
  }

  /// HypoPG names its indexes `<13556>btree_orders_customer_id`; a real index is not named so by anybody, and where one
  /// is, its number belongs to no candidate.
  static func hypotheticalIdentifier(_ name: String) -> UInt32? {
    guard name.utf8.first == UInt8(ascii: "<"), let end = name.firstIndex(of: ">") else { return nil }
    return UInt32(name[name.index(after: name.startIndex)..<end])
  }
}
