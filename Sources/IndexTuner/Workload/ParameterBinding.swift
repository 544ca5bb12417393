// Finds a way to plan each statement: its own literals, values drawn for its parameters, or a generic plan.

import Database
import SQLSyntax

/// Turns merged statements into queries with plannable variants, or says why it cannot.
struct ParameterBinding {
  let session: Session
  let planning: Planning
  let sampling: SamplingSettings
  let catalog: Catalog

  enum Outcome {
    case variants([PlanVariant], assumptions: [String])
    case reason(String)
    case lacksTime
  }

  /// Looks at the heaviest first, some at once.
  /// - Parameters:
  ///   - patience: for all of them.
  ///   - end: for the heaviest few, without which there would be no answer at all.
  func bound(
    _ merged: [MergedQuery], _ skipped: inout [SkippedStatement], until patience: Patience, end: Patience
  ) async throws(TuningError) -> [Query] {
    let samplers = try await samplers(for: merged)
    var queries: [Query] = []
    for start in stride(from: 0, to: merged.count, by: Self.batch) {
      let batch = Array(merged[start..<min(start + Self.batch, merged.count)])
      let outcomes =
        (start < Self.heaviest ? end : patience).isOver
        ? batch.map { _ in .lacksTime }
        : try await self.outcomes(for: batch, samplers)
      for (one, outcome) in zip(batch, outcomes) {
        let first = one.spellings[0]
        switch outcome {
        case .reason(let reason): skipped.append(Self.skipped(one, reason))
        case .lacksTime:
          var entry = Self.skipped(one, "time limit reached before it was looked at")
          entry.lacksTime = true
          skipped.append(entry)
        case .variants(let variants, let assumptions):
          queries.append(
            Query(
              id: queries.count, fingerprint: one.fingerprint, text: first.statement.text, origin: first.found.origin,
              weight: one.weight, milliseconds: one.milliseconds, calls: one.calls, rows: one.rows,
              searchPath: first.searchPath, shape: one.shape, insertTarget: target(of: first, if: .insert),
              deleteTarget: target(of: first, if: .delete),
              variants: variants, assumptions: assumptions))
        }
      }
    }
    return queries
  }

  private static func skipped(_ one: MergedQuery, _ reason: String) -> SkippedStatement {
    let first = one.spellings[0]
    var entry = first.found.skipped(reason, text: first.statement.text)
    entry.milliseconds = one.milliseconds
    return entry
  }

  private static var batch: Int { 32 }
  private static var heaviest: Int { 128 }

  /// A way of spelling a statement that the server may understand.
  private struct Trial {
    var spelling: String
    var parameters: [PlanParameter] = []
  }

  private func outcomes(
    for batch: [MergedQuery], _ samplers: [ColumnKey: ColumnSampler]
  ) async throws(TuningError) -> [Outcome] {
    var outcomes = [Outcome?](repeating: nil, count: batch.count)
    var trials: [Int: [Trial]] = [:]
    for (place, merged) in batch.enumerated() {
      if parameterNumbers(merged.spellings[0].statement).isEmpty {
        outcomes[place] = literals(merged)
      } else {
        trials[place] = self.trials(for: merged.spellings[0])
      }
    }
    var refusals: [Int: String] = [:]
    var drawings: [(place: Int, spelling: String, drawing: ParameterDrawing)] = []
    while !trials.isEmpty {
      let places = trials.keys.sorted()
      let answers = try await planning.parameterTypes(
        of: places.map { place in
          let trial = trials[place]?.first ?? Trial(spelling: "")
          return Planning.Question(
            request: PlanRequest(planning: trial.spelling, parameters: trial.parameters),
            searchPath: batch[place].spellings[0].searchPath)
        })
      for (place, answer) in zip(places, answers) {
        let trial = trials[place]?.removeFirst()
        switch answer {
        case .success(let types):
          trials[place] = nil
          let drawing = ParameterDrawing(
            shape: batch[place].spellings[0].shape, types: types, samplers: samplers, catalog: catalog,
            seed: sampling.seed, fingerprint: batch[place].fingerprint, observedRows: batch[place].rowsPerCall)
          drawings.append((place, trial?.spelling ?? "", drawing))
        case .failure(let error):
          refusals[place] = refusals[place] ?? error.message
          let numbers = parameterNumbers(batch[place].spellings[0].statement)
          if let trial, let told = Self.told(trial, by: error, among: numbers) {
            trials[place]?.insert(told, at: 0)
            continue
          }
          let isHopeless = error.sqlState != "42725" && error.sqlState != "42883"
          guard isHopeless || trials[place]?.isEmpty != false else { continue }
          trials[place] = nil
          outcomes[place] = .reason(refusals[place] ?? error.message)
        }
      }
    }
    let choice = VectorChoice(
      planning: planning, sampling: sampling, takesGeneric: session.server.versionNumber >= 160_000)
    let found = try await choice.outcomes(
      of: drawings.map { VectorChoice.Subject(merged: batch[$0.place], spelling: $0.spelling, drawing: $0.drawing) })
    for (place, outcome) in zip(drawings.map(\.place), found) { outcomes[place] = outcome }
    return outcomes.map { $0 ?? .reason("it was not looked at") }
  }

  /// A constant's type is lost with it: where the server finds several operators, or none, the usual ones are tried. A
  /// parameter in VALUES is a text to the server unless it is told what the column beside it is.
  private func trials(for first: MergedQuery.Spelling) -> [Trial] {
    let text = plannableText(first.statement, serverVersion: session.server.versionNumber)
    let figures = castingFigures(of: text)
    let respelled = [text, figures].compactMap { $0 }.flatMap { [$0] + Self.respelled($0) }
    let typed = typedParameters(of: first)
    return respelled.map { Trial(spelling: $0) } + (typed.isEmpty ? [] : [Trial(spelling: text, parameters: typed)])
  }

  /// A driver may have said what type its `$1 - interval '7 days'` is.
  private static func respelled(_ text: String) -> [String] {
    [
      castingSummands(of: text, to: "integer"), castingSummands(of: text, to: "interval"),
      castingSummands(of: text, to: "timestamp with time zone"), castingSummands(of: text, to: "date"),
    ].compactMap { $0 }
  }

  /// What takes any type says nothing of a parameter's (`jsonb_build_object($1, $2)`): it is a text then.
  private static func told(_ trial: Trial, by error: DatabaseError, among numbers: [Int]) -> Trial? {
    guard error.sqlState == "42P18", let last = numbers.max(), last <= 1_000,
      let number = error.message.split(separator: "$").dropFirst().first.flatMap({ Int($0.prefix { $0.isNumber }) }),
      (1...last).contains(number)
    else { return nil }
    var told = trial
    while told.parameters.count < last { told.parameters.append(PlanParameter(value: nil, typeID: 0)) }
    guard told.parameters[number - 1].typeID == 0 else { return nil }
    told.parameters[number - 1].typeID = Self.text
    return told
  }

  /// The type's OID.
  private static var text: UInt32 { 25 }

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

  private func target(of spelling: MergedQuery.Spelling, if kind: StatementKind) -> RelationID? {
    guard spelling.statement.kind == kind, let target = spelling.statement.node.child(.relation) else { return nil }
    let schema = target.text(.schemaname)
    return catalog.relation(
      schema: schema.isEmpty ? nil : schema, name: target.text(.relname), searchPath: spelling.searchPath)?.id
  }

  /// A statement that needs no values.
  static func literal(_ statement: Statement, on server: ServerInfo) -> PlanRequest {
    PlanRequest(planning: plannableText(statement, serverVersion: server.versionNumber))
  }

  /// Spellings with literals are planned as they stand; the heaviest few, each for its share of the weight.
  private func literals(_ merged: MergedQuery) -> Outcome {
    var weights: [(request: PlanRequest, weight: Double)] = []
    for spelling in merged.spellings {
      let request = Self.literal(spelling.statement, on: session.server)
      if let known = weights.firstIndex(where: { $0.request.text == request.text }) {
        weights[known].weight += spelling.found.weight
      } else if weights.count < sampling.vectors {
        weights.append((request, spelling.found.weight))
      }
    }
    let total = weights.reduce(0) { $0 + $1.weight }
    return .variants(
      weights.map { PlanVariant(request: $0.request, share: $0.weight / total) }, assumptions: [])
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
