// From statements as found to a workload: parsed, resolved, merged by fingerprint, each with a way to plan it.

package import Database
import SQLSyntax

/// How parameters are drawn.
package struct SamplingSettings: Sendable, Equatable {
  /// Vectors of values that a statement with parameters is planned with.
  package var vectors = 3
  package var seed: UInt64 = 17

  package init() {}
}

/// Builds workloads on a live server. Call inside `Session.readOnly`.
package struct WorkloadBuilder: Sendable {
  private let session: Session
  private let sampling: SamplingSettings
  private let limits: Limits

  package init(on session: Session, sampling: SamplingSettings, limits: Limits) {
    self.session = session
    self.sampling = sampling
    self.limits = limits
  }

  /// What is known before the planner is asked.
  package struct Draft: Sendable {
    var catalog: Catalog
    var merged: [MergedQuery]
    var skipped: [SkippedStatement]
    var countedSeconds: Double?
  }

  /// The order of the statements does not matter.
  package func draft(of statements: ParsedStatements) async throws(TuningError) -> Draft {
    var draft = Draft(
      catalog: try await catalog(for: statements.parsed), merged: [], skipped: statements.skipped)
    async let seconds = session.countedSeconds()
    draft.merged = await merged(statements.parsed, in: draft.catalog, &draft.skipped)
    draft.countedSeconds = await seconds
    return draft
  }

  /// Every statement ends up in `queries` or in `skipped`.
  /// - Parameter end: when even the heaviest need not be looked at any more.
  package func workload(
    of draft: Draft, planning: Planning, until patience: Patience, end: Patience
  ) async throws(TuningError) -> Workload {
    var workload = Workload()
    workload.catalog = draft.catalog
    workload.skipped = draft.skipped
    workload.countedSeconds = draft.countedSeconds
    let binding = ParameterBinding(
      session: session, planning: planning, sampling: sampling, catalog: workload.catalog)
    workload.queries = try await binding.bound(draft.merged, &workload.skipped, until: patience, end: end)
    for position in workload.queries.indices { workload.queries[position].id = position }
    workload.skipped.sort(by: Self.standsBefore)
    return workload
  }

  // MARK: - Resolving

  private func catalog(for parsed: [ParsedStatements.Parsed]) async throws(TuningError) -> Catalog {
    var wanted: Set<String> = []
    for one in parsed { wanted.formUnion(one.names) }
    var known: Set<String> = []
    var catalog = Catalog()
    for _ in 0..<limits.viewDepth {
      let fresh = wanted.subtracting(known)
      guard !fresh.isEmpty else { break }
      known.formUnion(fresh)
      do throws(DatabaseError) {
        let loaded = try await session.catalog(naming: fresh)
        for relation in loaded.relations.values {
          catalog.insert(relation)
          if let definition = relation.viewDefinition { wanted.formUnion(relationNames(inViewDefinition: definition)) }
        }
      } catch {
        throw TuningError(error)
      }
    }
    return catalog
  }

  /// One query for each fingerprint on the same relations, with summed weights; the heaviest spellings stand for it.
  private func merged(
    _ parsed: [ParsedStatements.Parsed], in catalog: Catalog, _ skipped: inout [SkippedStatement]
  ) async -> [MergedQuery] {
    let usual = session.server.searchPath
    let shapes = await onAllCores(parsed) {
      ShapeReader().shape(of: $0.statement, in: catalog, searchPath: $0.found.searchPath ?? usual)
    }
    var groups: [String: MergedQuery] = [:]
    for (one, shape) in zip(parsed, shapes) {
      if let reason = Self.reasonNotToAdvise(shape, in: catalog) {
        skipped.append(one.found.skipped(reason, text: one.statement.text))
        continue
      }
      let tables = Set(shape.uses.map(\.table)).sorted().map(String.init).joined(separator: ",")
      let spelling = MergedQuery.Spelling(
        statement: one.statement, found: one.found, shape: shape, searchPath: one.found.searchPath ?? usual)
      groups["\(one.fingerprint)/\(tables)", default: MergedQuery(fingerprint: one.fingerprint)].add(spelling)
    }
    let ordered = MergedQuery.heaviestFirst(Array(groups.values))
    for light in ordered.dropFirst(limits.statements) {
      skipped.append(light.spellings[0].found.skipped("lighter than the \(limits.statements) heaviest statements"))
    }
    return Array(ordered.prefix(limits.statements))
  }

  private static func reasonNotToAdvise(_ shape: QueryShape, in catalog: Catalog) -> String? {
    let relations = shape.uses.compactMap { catalog[$0.table] }
    if !relations.isEmpty && relations.allSatisfy(\.isSystem) {
      return "reads only system catalogs or temporary tables"
    }
    return nil
  }

  private static func standsBefore(_ left: SkippedStatement, _ right: SkippedStatement) -> Bool {
    if left.milliseconds != right.milliseconds { return (left.milliseconds ?? 0) > (right.milliseconds ?? 0) }
    return (left.reason, left.text, left.origin.label) < (right.reason, right.text, right.origin.label)
  }
}

extension FoundStatement {
  func skipped(_ reason: String, text: String? = nil) -> SkippedStatement {
    SkippedStatement(text: text ?? self.text, origin: origin, reason: reason, milliseconds: milliseconds)
  }
}

/// All spellings of one fingerprint on the same relations.
struct MergedQuery: Sendable {
  struct Spelling: Sendable {
    let statement: Statement
    let found: FoundStatement
    let shape: QueryShape
    let searchPath: [String]
  }

  let fingerprint: String
  private(set) var spellings: [Spelling] = []

  init(fingerprint: String) { self.fingerprint = fingerprint }

  mutating func add(_ spelling: Spelling) { spellings.append(spelling) }

  var weight: Double { spellings.reduce(0) { $0 + $1.found.weight } }
  var milliseconds: Double? { sum(\.milliseconds) }
  var calls: Int64? { sum(\.calls) }
  var rows: Int64? { sum(\.rows) }

  /// The heaviest spelling's, with those constants alone that nine of ten calls share.
  var shape: QueryShape {
    var shape = spellings[0].shape
    let weights = spellings.map { $0.found.milliseconds ?? $0.found.weight }
    let total = weights.reduce(0, +)
    guard spellings.count > 1, total > 0 else { return shape }
    for position in shape.uses.indices {
      shape.uses[position].constants.removeAll { constant in
        let sharing = zip(spellings, weights).reduce(0.0) { sum, pair in
          let uses = pair.0.shape.uses
          let isShared = uses.indices.contains(position) && uses[position].constants.contains(constant)
          return isShared ? sum + pair.1 : sum
        }
        return sharing < total * 0.9
      }
    }
    return shape
  }

  var rowsPerCall: Double? {
    calls.flatMap { calls in rows.map { Double($0) / Double(max(calls, 1)) } }
  }

  /// The heaviest first, of the queries and of the spellings of each, whatever order they came in.
  static func heaviestFirst(_ queries: [MergedQuery]) -> [MergedQuery] {
    let ordered = queries.map { $0.ordered() }
    let keys = ordered.map { (milliseconds: $0.milliseconds ?? 0, weight: $0.weight) }
    let places = ordered.indices.sorted { left, right in
      if keys[left] != keys[right] { return keys[left] > keys[right] }
      return ordered[left].spellings[0].statement.text < ordered[right].spellings[0].statement.text
    }
    return places.map { ordered[$0] }
  }

  private func ordered() -> MergedQuery {
    guard spellings.count > 1 else { return self }
    var copy = self
    copy.spellings.sort { left, right in
      let (heavy, light) = (left.found, right.found)
      if heavy.milliseconds != light.milliseconds { return (heavy.milliseconds ?? 0) > (light.milliseconds ?? 0) }
      if heavy.weight != light.weight { return heavy.weight > light.weight }
      return (left.statement.text, heavy.origin.label) < (right.statement.text, light.origin.label)
    }
    return copy
  }

  private func sum<Number: AdditiveArithmetic>(_ field: KeyPath<FoundStatement, Number?>) -> Number? {
    let known = spellings.compactMap { $0.found[keyPath: field] }
    return known.isEmpty ? nil : known.reduce(.zero, +)
  }
}
