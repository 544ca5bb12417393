// Finds a way to plan each statement: its own literals, values drawn for its parameters, or a generic plan.

import Database
import SQLSyntax

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Turns merged statements into queries with plannable variants, or says why it cannot.
struct ParameterBinding {
  let session: Session
  let planning: Planning
  let sampling: SamplingSettings
  let catalog: Catalog

  private enum Outcome {
    case variants([PlanVariant], assumptions: [String])
    case reason(String)
  }

  func bound(
    _ merged: [MergedQuery], _ skipped: inout [SkippedStatement], until patience: Patience
  ) async throws(TuningError) -> [Query] {
    let samplers = try await samplers(for: merged)
    var queries: [Query] = []
    for one in merged {
      let outcome: Outcome =
        patience.isOver ? .reason("time limit reached before it was looked at") : try await outcome(for: one, samplers)
      let first = one.spellings[0]
      switch outcome {
      case .reason(let reason):
        var entry = first.found.skipped(reason, text: first.statement.text)
        entry.milliseconds = one.milliseconds
        skipped.append(entry)
      case .variants(let variants, let assumptions):
        queries.append(
          Query(
            id: queries.count, fingerprint: one.fingerprint, text: first.statement.text, origin: first.found.origin,
            weight: one.weight, milliseconds: one.milliseconds, calls: one.calls, rows: one.rows,
            searchPath: first.searchPath, shape: one.shape, insertTarget: insertTarget(of: first),
            variants: variants, assumptions: assumptions))
      }
    }
    return queries
  }

  private func outcome(
    for merged: MergedQuery, _ samplers: [ColumnKey: ColumnSampler]
  ) async throws(TuningError) -> Outcome {
    let first = merged.spellings[0]
    if parameterNumbers(first.statement).isEmpty { return literals(merged) }
    let text = plannableText(first.statement, serverVersion: session.server.versionNumber)
    // A constant's type is lost with it: where the server finds several operators, or none, the usual ones are tried.
    let respelled = [castingSummands(of: text, to: "integer"), castingSummands(of: text, to: "interval")]
    // A parameter in VALUES is a text to the server unless it is told what the column beside it is.
    let typed = typedParameters(of: first)
    let trials = ([text] + respelled.compactMap({ $0 })).map { (spelling: $0, parameters: [PlanParameter]()) }
    var refusal = ""
    for (spelling, parameters) in trials + (typed.isEmpty ? [] : [(text, typed)]) {
      let question = Planning.Question(
        request: PlanRequest(planning: spelling, parameters: parameters), searchPath: first.searchPath)
      switch try await planning.parameterTypes(of: question) {
      case .failure(let error):
        if refusal.isEmpty { refusal = error.message }
        guard error.sqlState == "42725" || error.sqlState == "42883" else { return .reason(refusal) }
      case .success(let types):
        let drawing = ParameterDrawing(
          shape: first.shape, types: types, samplers: samplers, catalog: catalog, seed: sampling.seed,
          fingerprint: merged.fingerprint,
          observedRows: merged.rowsPerCall)
        return try await drawn(merged, spelling, drawing)
      }
    }
    return .reason(refusal)
  }

  /// The types of the columns that the parameters stand beside; empty where none is known.
  private func typedParameters(of spelling: MergedQuery.Spelling) -> [PlanParameter] {
    let numbers = parameterNumbers(spelling.statement)
    guard let last = numbers.max(), last <= 1_000 else { return [] }
    let types = (1...last).map { number -> UInt32 in
      guard let use = spelling.shape.parameters[number], use.role != .anyArray, let table = use.table,
        let column = use.column
      else { return 0 }
      return catalog[table]?.column(column)?.typeID ?? 0
    }
    return types.contains { $0 != 0 } ? types.map { PlanParameter(value: nil, typeID: $0) } : []
  }

  private func insertTarget(of spelling: MergedQuery.Spelling) -> RelationID? {
    guard spelling.statement.kind == .insert, let target = spelling.statement.node.child(.relation) else { return nil }
    let schema = target.text(.schemaname)
    return catalog.relation(
      schema: schema.isEmpty ? nil : schema, name: target.text(.relname), searchPath: spelling.searchPath)?.id
  }

  /// Spellings with literals are planned as they stand; the heaviest few, each for its share of the weight.
  private func literals(_ merged: MergedQuery) -> Outcome {
    var weights: [(text: String, weight: Double)] = []
    for spelling in merged.spellings {
      let text = plannableText(spelling.statement, serverVersion: session.server.versionNumber)
      if let known = weights.firstIndex(where: { $0.text == text }) {
        weights[known].weight += spelling.found.weight
      } else if weights.count < sampling.vectors {
        weights.append((text, spelling.found.weight))
      }
    }
    let total = weights.reduce(0) { $0 + $1.weight }
    return .variants(
      weights.map { PlanVariant(request: PlanRequest(planning: $0.text), share: $0.weight / total) }, assumptions: [])
  }

  /// Draws more vectors than needed and keeps those whose plans return about as many rows as the statement really did.
  private func drawn(
    _ merged: MergedQuery, _ text: String, _ drawing: ParameterDrawing
  ) async throws(TuningError) -> Outcome {
    let observed = merged.rowsPerCall
    let count = observed == nil ? sampling.vectors : sampling.vectors * 4
    var vectors: [ParameterDrawing.Drawn] = []
    do throws(ParameterDrawing.Impossible) {
      for number in 0..<count {
        let vector = try drawing.vector(number, of: count)
        if !vectors.contains(where: { $0.parameters == vector.parameters }) { vectors.append(vector) }
      }
    } catch {
      guard session.server.versionNumber >= 160_000 else { return .reason(error.reason) }
      let request = PlanRequest(planning: text, isGeneric: true)
      return .variants([PlanVariant(request: request, share: 1)], assumptions: ["generic plan: \(error.reason)"])
    }
    let path = merged.spellings[0].searchPath
    if let observed, vectors.count > sampling.vectors {
      vectors = try await closest(vectors, to: observed, text, path)
    }
    vectors = Array(vectors.prefix(sampling.vectors))
    var assumptions: [String] = []
    for vector in vectors {
      for assumption in vector.assumptions where !assumptions.contains(assumption) { assumptions.append(assumption) }
    }
    let share = 1 / Double(vectors.count)
    return .variants(
      vectors.map { PlanVariant(request: PlanRequest(planning: text, parameters: $0.parameters), share: share) },
      assumptions: assumptions)
  }

  /// The vectors whose expected rows come closest to the observed ones. Of those that are about equally close (within
  /// half an octave) the kept ones are spread evenly, from common values to rare ones.
  private func closest(
    _ vectors: [ParameterDrawing.Drawn], to observed: Double, _ text: String, _ path: [String]
  ) async throws(TuningError) -> [ParameterDrawing.Drawn] {
    let questions = vectors.map {
      Planning.Question(request: PlanRequest(planning: text, parameters: $0.parameters), searchPath: path)
    }
    let answers = try await planning.plans(of: questions)
    let distances = answers.map { answer -> Double in
      guard case .success(let bytes) = answer, let rows = returnedRows(bytes) else { return .infinity }
      return abs(log2((rows + 1) / (observed + 1)))
    }
    let buckets = Dictionary(grouping: vectors.indices) { distances[$0] < 100 ? Int(distances[$0] * 2) : 200 }
    var kept: [Int] = []
    for bucket in buckets.keys.sorted() {
      let members = (buckets[bucket] ?? []).sorted()
      let room = sampling.vectors - kept.count
      guard room > 0 else { break }
      kept += members.count <= room ? members : Self.spread(members, over: room)
    }
    return kept.map { vectors[$0] }
  }

  /// `count` of the members at even distances, the first and the last among them.
  private static func spread(_ members: [Int], over count: Int) -> [Int] {
    guard count > 1 else { return Array(members.prefix(1)) }
    return (0..<count).map { members[$0 * (members.count - 1) / (count - 1)] }
  }

  /// Rows the planner expects to return, or to change.
  private func returnedRows(_ bytes: [UInt8]) -> Double? {
    guard let summary = PlanSummary(scanning: bytes) else { return nil }
    if summary.rows > 0 { return summary.rows }
    guard let plan = try? Plan(parsing: bytes) else { return summary.rows }
    return plan.root.type == "ModifyTable" ? plan.root.children.first?.rows : summary.rows
  }

  private func samplers(for merged: [MergedQuery]) async throws(TuningError) -> [ColumnKey: ColumnSampler] {
    var wanted: Set<ColumnKey> = []
    for one in merged {
      for use in one.spellings[0].shape.parameters.values {
        if let table = use.table, let column = use.column { wanted.insert(ColumnKey(table: table, column: column)) }
      }
    }
    guard !wanted.isEmpty else { return [:] }
    do throws(DatabaseError) {
      let values = try await session.columnValues(of: wanted.sorted())
      return values.compactMapValues { ColumnSampler($0) }
    } catch {
      throw TuningError(error)
    }
  }
}
