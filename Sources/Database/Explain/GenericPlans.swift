// Plans without values for parameters, which only the simple protocol can ask for.

extension Session {
  /// The extended protocol wants values for all parameters and plans with them, so `GENERIC_PLAN` must go by the simple
  /// protocol, which would take several statements at once. Therefore the server first parses the very same bytes by
  /// the extended protocol, where more than one statement is an error.
  func runWithGenericPlans(_ steps: [Step]) async throws(DatabaseError) -> [Result<StepRows, DatabaseError>] {
    var results: [Result<StepRows, DatabaseError>] = []
    var waiting: [Step] = []
    var hasGroupFailed = false
    for step in steps {
      switch step {
      case .plan(let request) where request.isGeneric:
        results += try await flush(&waiting, &hasGroupFailed)
        if hasGroupFailed {
          results.append(.failure(.skipped))
        } else {
          let result = try await genericPlan(request)
          if case .failure = result { hasGroupFailed = true }
          results.append(result)
        }
      case .price(let request) where request.isGeneric:
        results += try await flush(&waiting, &hasGroupFailed)
        if hasGroupFailed {
          results.append(.failure(.skipped))
        } else {
          let result = try await genericPlan(request).map { rows in
            let summary = rows.rows.first?.first.flatMap { $0 }.flatMap { PlanSummary(scanning: $0) }
            var priced = StepRows()
            priced.price = summary.flatMap { PlanPrice($0) }
            return priced
          }
          if case .failure = result { hasGroupFailed = true }
          results.append(result)
        }
      case .boundary:
        results += try await flush(&waiting, &hasGroupFailed)
        results.append(.success(StepRows()))
        hasGroupFailed = false
      case .statement, .plan, .price:
        waiting.append(step)
      }
    }
    return results + (try await flush(&waiting, &hasGroupFailed))
  }

  private func flush(
    _ waiting: inout [Step], _ hasGroupFailed: inout Bool
  ) async throws(DatabaseError) -> [Result<StepRows, DatabaseError>] {
    defer { waiting = [] }
    if waiting.isEmpty { return [] }
    if hasGroupFailed { return waiting.map { _ in .failure(.skipped) } }
    let results = try await exchange(waiting.map { .step($0) }).map { answer in answer.map(\.rows) }
    for case .failure in results { hasGroupFailed = true }
    return results
  }

  private func genericPlan(_ request: PlanRequest) async throws(DatabaseError) -> Result<StepRows, DatabaseError> {
    guard server.versionNumber >= 160_000 else {
      return .failure(
        DatabaseError(code: .unsupported, message: "plans without parameter values need PostgreSQL 16 or newer"))
    }
    if !isProvenSingle(request) {
      let answers = try await exchange([.prepare(request)])
      if case .failure(let error) = answers[0] { return .failure(error) }
      rememberSingle(request)
    }
    return try await exchangeSimply(request).map(\.rows)
  }
}

extension Step {
  var isGenericPlan: Bool {
    switch self {
    case .plan(let request), .price(let request): request.isGeneric
    case .statement, .boundary: false
    }
  }
}
