// Whether fewer indexes would do: the planner's word without the ones that would go, as far as HypoPG can hide them.

import Database

/// Asks inside the transaction of a run. HypoPG 1.4 and later can hide an index from the planner of one session. Before,
/// a statement whose plan uses none of them beside the new one is as cheap without them; of the others nothing is known.
/// https://hypopg.readthedocs.io/en/rel1_stable/usage.html
struct ConsolidationPricing {
  let session: Session
  let workload: Workload
  let limits: Limits

  func found(until patience: Patience) async throws(TuningError) -> [Consolidation] {
    guard case .installed(let schema, _) = session.server.hypopg else { return [] }
    let tables = Set(workload.queries.flatMap { $0.shape.uses.map(\.table) }).sorted()
    let relations = tables.compactMap { workload.catalog[$0] }.filter { $0.indexes.count > 1 }
    guard !relations.isEmpty, !patience.isOver else { return [] }
    let foreignKeys = try await foreignKeys(of: relations.map(\.id))
    let ownPath = "pg_catalog, \(quotedIdentifier(schema))"
    var canHide: Bool?
    var found: [Consolidation] = []
    var left = limits.consolidationTrials
    for relation in relations {
      let choice = ConsolidationChoice(
        relation: relation, foreignKeys: foreignKeys[relation.id] ?? [], limits: limits)
      for trials in choice.trials where left > 0 && !patience.isOver {
        if canHide == nil { canHide = try await hides(under: ownPath) }
        let pricing = Trial(
          session: session, workload: workload, limits: limits, ownPath: ownPath, canHide: canHide ?? false)
        var best: Consolidation?
        for trial in trials.prefix(left) {
          left -= 1
          guard let one = try await pricing.outcome(of: trial, until: patience) else { continue }
          if best.map({ (one.doubts.count, one.worst) < ($0.doubts.count, $0.worst) }) ?? true { best = one }
        }
        if let best { found.append(best) }
      }
    }
    return found
  }

  private func hides(under ownPath: String) async throws(TuningError) -> Bool {
    let rows = try await send([
      .statement("SAVEPOINT pgadvisor_hiding", []), PricingScript.path(ownPath),
      .statement("SELECT pg_catalog.to_regproc('hypopg_hide_index') IS NOT NULL", []), .boundary,
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_hiding", []),
      .statement("RELEASE SAVEPOINT pgadvisor_hiding", []), .boundary,
    ])
    guard case .success(let answer) = rows[2] else { return false }
    return answer.text(0, 0) == "t"
  }

  private struct KeyRow: Decodable, Sendable {
    let relation: RelationID
    let columns: [String]
  }

  private func foreignKeys(of tables: [RelationID]) async throws(TuningError) -> [RelationID: [[String]]] {
    do throws(DatabaseError) {
      let rows = try await session.rows(
        """
        SELECT c.conrelid AS relation, (SELECT pg_catalog.array_agg(a.attname::pg_catalog.text)
          FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)) AS columns
        FROM pg_catalog.pg_constraint AS c WHERE c.contype = 'f' AND c.conrelid = ANY ($1::pg_catalog.oid[])
        ORDER BY c.conrelid, c.conname
        """, [arrayLiteral(tables.map { String($0) })], as: KeyRow.self)
      return Dictionary(grouping: rows, by: \.relation).mapValues { $0.map(\.columns) }
    } catch {
      throw TuningError(error)
    }
  }

  private func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    do throws(DatabaseError) { return try await session.run(steps) } catch { throw TuningError(error) }
  }
}

/// One trial: the statements on the table planned today and as they would be.
private struct Trial {
  let session: Session
  let workload: Workload
  let limits: Limits
  let ownPath: String
  let canHide: Bool

  /// No statement may become dearer than this: reading on among a few entries costs a little.
  private static let bearable = 1.1

  func outcome(of trial: ConsolidationTrial, until patience: Patience) async throws(TuningError) -> Consolidation? {
    let queries = workload.queries.filter { query in query.shape.uses.contains { $0.table == trial.relation.id } }
    let asked = Array(queries.prefix(limits.consolidatedStatements))
    let replacedBytes = trial.replaced.reduce(0) { $0 + $1.bytes }
    guard !asked.isEmpty, replacedBytes >= limits.consolidatedBytes else { return nil }
    var bytes: Int64 = 0
    if let new = trial.new {
      let model = try await IndexSizeModel.read(on: session, for: [new], in: workload.catalog, limits: limits)
      guard let size = model.bytes(of: new), size < replacedBytes else { return nil }
      bytes = size
    }
    let today = try await plans(of: asked, until: patience)
    let after = try await plansAfter(trial, of: asked, until: patience)
    let names = Set(trial.replaced.map(\.name))
    var seen: Set<String> = []
    var worst = 1.0
    var unknown = 0
    for (before, plan) in zip(today, after) {
      guard let before, let plan else { return nil }
      seen.formUnion(names.intersection(before.indexNames))
      if !names.isDisjoint(with: plan.indexNames) {
        unknown += 1
        continue
      }
      worst = max(worst, plan.root.totalCost / max(before.root.totalCost, 0.01))
    }
    guard worst <= Self.bearable, unknown == 0 || isPlausible(trial) else { return nil }
    return consolidation(
      trial, bytes: bytes, priced: asked.count - unknown, worst: worst,
      doubts: doubts(trial, unknown: unknown, seen: seen, left: queries.count - asked.count))
  }

  /// Where the planner cannot be asked: what the replacement finds by the columns that it has in common with an index in
  /// front is few rows, among which it reads on.
  private func isPlausible(_ trial: ConsolidationTrial) -> Bool {
    let rows = trial.relation.rowEstimate ?? 0
    return trial.replaced.allSatisfy { index in
      let matched = trial.matched(index)
      let different = matched.reduce(1.0) { product, name in
        product * (trial.relation.column(name).map { max(1, distinctValues(of: $0, rows: rows)) } ?? 1)
      }
      return matched.count == index.keys.count || rows / min(different, max(rows, 1)) <= limits.consolidatedRows
    }
  }

  private func doubts(
    _ trial: ConsolidationTrial, unknown: Int, seen: Set<String>, left: Int
  ) -> [String] {
    var doubts: [String] = []
    if unknown > 0 {
      doubts.append(
        "unproven: \(unknown) of the statements would rather use what is there, and only HypoPG 1.4 and later can hide "
          + "that from the planner; about \(Int(limits.consolidatedRows)) rows or fewer share the columns in front")
    }
    let unseen = trial.replaced.filter { !seen.contains($0.name) && ($0.scans ?? 0) > 0 }
    for index in unseen {
      doubts.append(
        "unproven: \(index.name) was read \(index.scans ?? 0) times, and by none of the statements looked at")
    }
    if left > 0 { doubts.append("unproven: \(left) further statements on the table were not planned without them") }
    return doubts
  }

  private func consolidation(
    _ trial: ConsolidationTrial, bytes: Int64, priced: Int, worst: Double, doubts: [String]
  ) -> Consolidation {
    func qualified(_ index: Index) -> String {
      "\(quotedIdentifier(trial.relation.schema)).\(quotedIdentifier(index.name))"
    }
    var statements: [String] = []
    if let new = trial.new {
      let inSchema = workload.catalog.relations.values.filter { $0.schema == trial.relation.schema }
      let taken = Set(inSchema.flatMap { $0.indexes.map(\.name) + [$0.name] })
      statements = new.statements(named: new.name(avoiding: taken), in: workload.catalog)
    }
    return Consolidation(
      table: "\(quotedIdentifier(trial.relation.schema)).\(quotedIdentifier(trial.relation.name))",
      replaced: trial.replaced.map { .init(name: qualified($0), bytes: $0.bytes, scans: $0.scans) },
      replacement: trial.new?.body ?? trial.kept.map(qualified) ?? "", statements: statements, bytes: bytes,
      priced: priced, worst: worst, doubts: doubts)
  }

  // MARK: - Plans

  private func plans(of queries: [Query], until patience: Patience) async throws(TuningError) -> [Plan?] {
    let questions = queries.compactMap { query in
      query.variants.first.map { Planning.Question(request: $0.request, searchPath: query.searchPath) }
    }
    guard questions.count == queries.count else { return queries.map { _ in nil } }
    let answers = try await Planning(on: session, counter: PlanningCounter()).plans(of: questions, until: patience)
    return answers.map { answer in
      guard case .success(let bytes)? = answer else { return nil }
      return try? Plan(parsing: bytes)
    }
  }

  /// HypoPG's state is the session's, not the transaction's: it is put back on every way out.
  private func plansAfter(
    _ trial: ConsolidationTrial, of queries: [Query], until patience: Patience
  ) async throws(TuningError) -> [Plan?] {
    let result: Result<[Plan?], TuningError>
    do throws(TuningError) {
      result = try await prepare(trial) ? .success(try await plans(of: queries, until: patience)) : .success([])
    } catch { result = .failure(error) }
    _ = try await send(undone)
    let plans = try result.get()
    return plans.isEmpty ? queries.map { _ in nil } : plans
  }

  private func prepare(_ trial: ConsolidationTrial) async throws(TuningError) -> Bool {
    var steps: [Step] = [.statement("SELECT hypopg_reset()", [])]
    if canHide {
      let identifiers = arrayLiteral(trial.replaced.map { String($0.id) })
      steps.append(
        .statement(
          "SELECT hypopg_hide_index(o) FROM pg_catalog.unnest($1::pg_catalog.oid[]) AS o", [identifiers]))
    }
    if let new = trial.new {
      steps.append(.statement("SELECT indexrelid FROM hypopg_create_index($1)", [new.hypotheticalStatement]))
    }
    return try await send(steps).allSatisfy { if case .success = $0 { true } else { false } }
  }

  private var undone: [Step] {
    [.statement("SELECT hypopg_reset()", [])] + (canHide ? [.statement("SELECT hypopg_unhide_all_indexes()", [])] : [])
  }

  private func send(_ steps: [Step]) async throws(TuningError) -> [Result<StepRows, DatabaseError>] {
    let all: [Step] =
      [.statement("SAVEPOINT pgadvisor_hiding", []), PricingScript.path(ownPath)] + steps
      + [
        .boundary, .statement("ROLLBACK TO SAVEPOINT pgadvisor_hiding", []),
        .statement("RELEASE SAVEPOINT pgadvisor_hiding", []), .boundary,
      ]
    do throws(DatabaseError) {
      return Array(try await session.run(all)[2..<(2 + steps.count)])
    } catch {
      throw TuningError(error)
    }
  }
}
