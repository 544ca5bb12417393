// Today's plans, asked for on a connection that has nothing else to do until the catalogue is known.

import Database
import SQLSyntax

/// What statements without parameters cost with the real indexes alone. Who is not among them is asked for as usual, and the
/// answer is the same.
struct EarlyPlans: Sendable {
  private struct Key: Hashable {
    var request: PlanRequest
    var searchPath: [String]
  }

  private var prices: [Key: PlanPrice] = [:]

  /// Asks until `stop` is raised; the lightest first, so that nobody waits for long for the last of them. Where a lock was
  /// waited for in vain, or the connection is lost, no more is asked.
  static func asked(
    for statements: ParsedStatements, on helpers: @Sendable () async -> [Session], usualPath: [String],
    _ bounds: ReadOnlyLimits, _ limits: Limits, until stop: StopSignal
  ) async -> EarlyPlans {
    // Of more statements many are never planned.
    guard statements.parsed.count <= limits.statements, let helper = await helpers().first, !stop.isRaised else {
      return EarlyPlans()
    }
    let wanted = statements.parsed.filter { parameterNumbers($0.statement).isEmpty }
      .sorted { ($0.names.count, $0.statement.text.utf8.count) < ($1.names.count, $1.statement.text.utf8.count) }
    let early = try? await helper.readOnly(bounds) { helper in
      let planning = Planning(on: helper, counter: PlanningCounter())
      var early = EarlyPlans()
      for start in stride(from: 0, to: wanted.count, by: Self.together) where !stop.isRaised {
        let questions = wanted[start..<min(start + Self.together, wanted.count)].map {
          Planning.Question(
            request: ParameterBinding.literal($0.statement, on: helper.server),
            searchPath: $0.found.searchPath ?? usualPath)
        }
        guard let answers = try? await planning.prices(of: questions, isTimed: true), early.keep(answers, to: questions)
        else { break }
      }
      return early
    }
    return early ?? EarlyPlans()
  }

  /// Statements in one pipeline.
  private static var together: Int { 4 }

  /// What is refused is asked again in its turn, and then the reason counts.
  /// - Returns: false where time was lost.
  private mutating func keep(
    _ answers: [Result<PlanPrice, DatabaseError>?], to questions: [Planning.Question]
  ) -> Bool {
    for (question, answer) in zip(questions, answers) {
      switch answer {
      case .success(let price)?: prices[Key(request: question.request, searchPath: question.searchPath)] = price
      case .failure(let error)? where error.code == .server: continue
      case .failure?, nil: return false
      }
    }
    return true
  }

  /// nil where one of its variants is not known.
  func price(of query: Query) -> HypotheticalIndexes.BasePrice? {
    var (cost, milliseconds) = (0.0, 0.0)
    var costs: [Double] = []
    for variant in query.variants {
      guard let price = prices[Key(request: variant.request, searchPath: query.searchPath)] else { return nil }
      costs.append(price.cost)
      cost += price.cost * variant.share
      milliseconds += price.planningMilliseconds ?? 0
    }
    return costs.isEmpty
      ? nil
      : HypotheticalIndexes.BasePrice(
        price: Price(cost: cost, used: IndexSet(), variantCosts: costs), planningMilliseconds: milliseconds)
  }
}
