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
  /// Of every candidate.
  let tables: [RelationID]
  let entries: [Entry]
  /// The search path under which HypoPG's functions are found.
  let ownPath: String
  /// HypoPG is where it usually is, so that our questions can say so and stand under any path.
  let isInPublic: Bool

  /// - Parameter path: where the functions and types of expressions are found.
  init(candidates: [IndexDefinition], queries: [Query], schema: String, path: [String] = []) {
    definitions = candidates.map(\.hypotheticalStatement)
    tables = candidates.map(\.table)
    elements = definitions.map { String(arrayLiteral([$0]).dropFirst().dropLast()) }
    entries = queries.map { query in
      Entry(
        requests: query.variants.map { $0.request.costing(isTimed: true) }, shares: query.variants.map(\.share),
        path: Self.path(query.searchPath))
    }
    ownPath = Self.path(UseColumns.unique(["pg_catalog", schema] + path + queries.flatMap(\.searchPath)))
    isInPublic = schema == "public"
  }

  var reset: Step {
    isInPublic ? .statement("SELECT public.hypopg_reset()", []) : .statement("SELECT hypopg_reset()", [])
  }

  /// Creates hypothetical indexes from bound definitions; one row each, in order, that begins with the identifier. Without
  /// a FROM clause the server plans it in half the time.
  func creation(of members: [Int]) -> Step {
    isInPublic
      ? .statement(
        "SELECT public.hypopg_create_index(pg_catalog.unnest($1::pg_catalog.text[]))", [literal(of: members)])
      : .statement("SELECT hypopg_create_index(pg_catalog.unnest($1::pg_catalog.text[]))", [literal(of: members)])
  }

  /// Drops hypothetical indexes by their places in HypoPG's list, from 1: where they were made in the same pipeline,
  /// nobody has heard of their identifiers yet.
  func dropping(_ places: [Int]) -> Step {
    let literal = "{\(places.map(String.init).joined(separator: ","))}"
    return isInPublic
      ? .statement(
        """
        SELECT public.hypopg_drop_index(h.indexrelid) FROM public.hypopg() WITH ORDINALITY AS h \
        WHERE h.ordinality OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.int8[])
        """, [literal])
      : .statement(
        """
        SELECT hypopg_drop_index(h.indexrelid) FROM hypopg() WITH ORDINALITY AS h \
        WHERE h.ordinality OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.int8[])
        """, [literal])
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
    /// What is held is what was to be.
    var isWhole = true
  }

  private(set) var steps: [Step] = []
  private var meanings: [Meaning] = []
  /// As it stands when the next step runs; nil: our own.
  private var path: String?
  /// What is held when the next step runs; nil where nobody knows.
  private(set) var held: HeldIndexes?

  init(holding held: HeldIndexes? = nil) { self.held = held }

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
    show(group.visible, from: book)
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
    show(group.visible, from: book)
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

  /// - Parameter candidates: by identifier of the hypothetical index, those that were made until now.
  func read(
    _ results: [Result<StepRows, DatabaseError>], from book: PricingBook, _ candidates: inout [UInt32: Int]
  ) -> Reading {
    var reading = Reading()
    var costs: [Double] = []
    var used: [Int] = []
    var milliseconds = 0.0
    for (result, meaning) in zip(results, meanings) {
      switch (meaning, result) {
      case (.creation(let members), .success(let rows)):
        let found = Self.identifiers(in: rows, of: members)
        candidates.merge(found) { $1 }
        if found.count != members.count { reading.isWhole = false }
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
        reading.isWhole = false
      case (.creation, .failure), (.other, .failure): reading.isWhole = false
      case (.other, .success): continue
      }
    }
    return reading
  }

  private mutating func show(_ visible: IndexSet, from book: PricingBook) {
    var next = held ?? HeldIndexes()
    let change = next.hold(visible, tables: book.tables)
    defer { held = next }
    if held != nil, change == HeldIndexes.Change() { return }
    if path != nil, !book.isInPublic {
      add(Self.path(book.ownPath))
      path = nil
    }
    if held == nil || change.isAnew {
      add(book.reset)
    } else if !change.dropped.isEmpty {
      add(book.dropping(change.dropped))
    }
    guard !change.created.isEmpty else { return }
    add(book.creation(of: change.created), meaning: .creation(change.created))
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

  /// Each row is a composite value, `(13556,<13556>btree_orders_customer_id)`.
  private static func identifiers(in rows: StepRows, of members: [Int]) -> [UInt32: Int] {
    var found = [UInt32: Int](minimumCapacity: rows.rows.count)
    for (row, member) in zip(rows.rows.indices, members) {
      guard let text = rows.text(row, 0), text.utf8.first == UInt8(ascii: "("),
        let identifier = UInt32(text.dropFirst().prefix { $0 != "," })
      else { continue }
      found[identifier] = member
    }
    return found
  }
}
