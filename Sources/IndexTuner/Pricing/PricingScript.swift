// The wire side of pricing: which steps go into one pipeline, and what their answers mean.

import Database

/// Requests that are planned under the same visible indexes.
struct PricingGroup: Sendable {
  var visible: IndexSet
  /// Positions in the list of requests.
  var places: [Int]
}

/// What pricing sends for the candidates and statements of a run, put into words once.
struct PricingBook: Sendable {
  /// How one statement is asked for.
  struct Entry: Sendable {
    var requests: [PlanRequest]
    var shares: [Double]
    /// As `search_path` wants it.
    var path: String
  }

  let definitions: [String]
  /// The same as elements of an array literal.
  private let elements: [String]
  let entries: [Entry]
  /// The search path under which HypoPG's functions are found.
  let ownPath: String
  /// HypoPG is where it usually is, so that our questions can say so and stand under any path.
  let isInPublic: Bool

  init(candidates: [IndexDefinition], queries: [Query], schema: String, isTimed: Bool = false) {
    definitions = candidates.map(\.hypotheticalStatement)
    elements = definitions.map { String(arrayLiteral([$0]).dropFirst().dropLast()) }
    entries = queries.map { query in
      Entry(
        requests: query.variants.map { $0.request.costing(isTimed: isTimed) }, shares: query.variants.map(\.share),
        path: Self.path(query.searchPath))
    }
    ownPath = "pg_catalog, \(quotedIdentifier(schema))"
    isInPublic = schema == "public"
  }

  var reset: Step {
    isInPublic ? .statement("SELECT public.hypopg_reset()", []) : .statement("SELECT hypopg_reset()", [])
  }

  /// Creates hypothetical indexes from bound definitions; one row each: position from 1, object identifier.
  func creation(of members: [Int]) -> Step {
    isInPublic
      ? .statement(
        """
        SELECT d.ordinality, h.indexrelid \
        FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS d(definition, ordinality) \
        CROSS JOIN LATERAL public.hypopg_create_index(d.definition) AS h
        """, [literal(of: members)])
      : .statement(
        """
        SELECT d.ordinality, h.indexrelid \
        FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS d(definition, ordinality) \
        CROSS JOIN LATERAL hypopg_create_index(d.definition) AS h
        """, [literal(of: members)])
  }

  static func path(_ schemas: [String]) -> String { schemas.map(quotedIdentifier).joined(separator: ", ") }

  func literal(of members: [Int]) -> String {
    var literal = "{"
    for member in members {
      if literal.utf8.count > 1 { literal += "," }
      literal += elements[member]
    }
    return literal + "}"
  }
}

/// One pipeline: create the hypothetical indexes, plan, roll back to the savepoint that `HypotheticalIndexes.lend` set,
/// so that no table stays locked. The rollback also brings back the search path under which HypoPG is found.
struct PricingScript {
  private enum Meaning {
    case other
    case creation([Int])
    /// The variant, and whether it is the last one.
    case explain(place: Int, entry: Int, variant: Int)
    case plan(place: Int)
  }

  /// What the answers say.
  struct Reading {
    var prices: [(place: Int, price: Price, planningMilliseconds: Double)] = []
    /// EXPLAIN's bytes of each request's first variant, and which candidate each hypothetical index stands for.
    var plans: [(place: Int, bytes: [UInt8], candidates: [UInt32: Int])] = []
    var explains = 0
    /// The first request that the planner refused; everything behind it was not run.
    var firstFailure: (place: Int, error: DatabaseError)?
  }

  private(set) var steps: [Step] = []
  private var meanings: [Meaning] = []
  /// As it stands when the next step runs; nil: our own.
  private var path: String?

  /// The beginning and the end of what a model is lent for.
  static func opening(ownPath: String) -> [Step] {
    [path(ownPath), .statement("SAVEPOINT pgadvisor_pricing", [])]
  }

  static let closing: [Step] = [
    .statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []), .boundary,
    .statement("SELECT hypopg_reset()", []), .statement("RELEASE SAVEPOINT pgadvisor_pricing", []),
  ]

  /// Asks for the prices of a group's requests; `entries` are the positions of their statements in the book.
  mutating func append(_ group: PricingGroup, entries: [Int], from book: PricingBook) {
    create(group.visible, from: book)
    for (place, position) in zip(group.places, entries) {
      let entry = book.entries[position]
      use(entry.path)
      for (number, request) in entry.requests.enumerated() {
        add(.price(request), meaning: .explain(place: place, entry: position, variant: number))
      }
    }
  }

  /// Asks for whole plans instead.
  mutating func append(_ group: PricingGroup, plans: [(request: PlanRequest, path: String)], from book: PricingBook) {
    create(group.visible, from: book)
    for (place, plan) in zip(group.places, plans) {
      use(plan.path)
      add(.plan(plan.request), meaning: .plan(place: place))
    }
  }

  mutating func end() {
    add(.boundary)
    add(.statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []))
    add(.boundary)
  }

  /// The same with bytes, under our own path.
  static func measuring(_ literal: String) -> Step {
    .statement(
      """
      SELECT d.ordinality, h.indexrelid, hypopg_relation_size(h.indexrelid) \
      FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS d(definition, ordinality) \
      CROSS JOIN LATERAL hypopg_create_index(d.definition) AS h
      """, [literal])
  }

  static func path(_ schemas: String) -> Step {
    .statement("SELECT pg_catalog.set_config('search_path', $1, true)", [schemas])
  }

  func read(_ results: [Result<StepRows, DatabaseError>], from book: PricingBook) -> Reading {
    var reading = Reading()
    var candidates: [UInt32: Int] = [:]
    var costs: [Double] = []
    var used: [Int] = []
    var milliseconds = 0.0
    for (result, meaning) in zip(results, meanings) {
      switch (meaning, result) {
      case (.creation(let members), .success(let rows)):
        candidates = Self.identifiers(in: rows, of: members)
      case (.explain(let place, let entry, let variant), .success(let rows)):
        let shares = book.entries[entry].shares
        if variant == 0 { (costs, used, milliseconds) = ([], [], 0) }
        guard let price = rows.price else { continue }
        reading.explains += 1
        costs.append(price.cost)
        milliseconds += price.planningMilliseconds ?? 0
        for identifier in price.hypotheticalIndexes { if let found = candidates[identifier] { used.append(found) } }
        guard costs.count == shares.count else { continue }
        var cost = 0.0
        for number in shares.indices { cost += costs[number] * shares[number] }
        reading.prices.append((place, Price(cost: cost, used: IndexSet(used), variantCosts: costs), milliseconds))
      case (.plan(let place), .success(let rows)):
        guard let bytes = rows.rows.first?.first ?? nil else { continue }
        reading.explains += 1
        reading.plans.append((place, bytes, candidates))
      case (.explain(let place, _, _), .failure(let error)), (.plan(let place), .failure(let error)):
        if reading.firstFailure == nil { reading.firstFailure = (place, error) }
      case (.creation, .failure), (.other, _): continue
      }
    }
    return reading
  }

  private mutating func create(_ visible: IndexSet, from book: PricingBook) {
    if path != nil, !book.isInPublic {
      add(Self.path(book.ownPath))
      path = nil
    }
    add(book.reset)
    guard !visible.isEmpty else { return }
    add(book.creation(of: visible.members), meaning: .creation(visible.members))
  }

  private mutating func use(_ wanted: String) {
    guard path != wanted else { return }
    add(Self.path(wanted))
    path = wanted
  }

  private mutating func add(_ step: Step, meaning: Meaning = .other) {
    steps.append(step)
    meanings.append(meaning)
  }

  private static func identifiers(in rows: StepRows, of members: [Int]) -> [UInt32: Int] {
    var found = [UInt32: Int](minimumCapacity: rows.rows.count)
    for row in rows.rows.indices {
      guard let position = rows.text(row, 0).flatMap({ Int($0) }), members.indices.contains(position - 1),
        let identifier = rows.text(row, 1).flatMap({ UInt32($0) })
      else { continue }
      found[identifier] = members[position - 1]
    }
    return found
  }
}
