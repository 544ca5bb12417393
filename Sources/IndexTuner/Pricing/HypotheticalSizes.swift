// How large HypoPG says that candidates are, and which of them it will not create.

import Database

extension HypotheticalIndexes {
  /// Of every candidate, in order; asked for on every connection.
  package func sizes() async throws(TuningError) -> [Result<Int64, CandidateRefusal>] {
    let asking = sessions.filter { !$0.isLost }
    let (count, parts) = (book.definitions.count, max(1, asking.count))
    let length = max(1, min(Self.definitionsAtOnce, (count + parts - 1) / parts))
    let chunks = stride(from: 0, to: count, by: length).map { Array($0..<min($0 + length, count)) }
    typealias Found = [(Int, [Result<Int64, CandidateRefusal>])]
    let results = await withTaskGroup(of: Result<Found, TuningError>.self) { group in
      for (first, session) in asking.enumerated() {
        group.addTask {
          var found: Found = []
          for number in stride(from: first, to: chunks.count, by: asking.count) {
            do throws(TuningError) { found.append((number, try await sizes(of: chunks[number], on: session))) } catch {
              // What a helper has taken is asked again on the first session.
              guard session === sessions[0] else { break }
              return .failure(error)
            }
          }
          return .success(found)
        }
      }
      var results: [Result<Found, TuningError>] = []
      for await result in group { results.append(result) }
      return results
    }
    var answers = [[Result<Int64, CandidateRefusal>]?](repeating: nil, count: chunks.count)
    for result in results {
      for (number, found) in try result.get() { answers[number] = found }
    }
    for number in chunks.indices where answers[number] == nil {
      answers[number] = try await sizes(of: chunks[number], on: sessions[0])
    }
    return answers.flatMap { $0 ?? [] }
  }

  private static var definitionsAtOnce: Int { 200 }

  private func sizes(
    of positions: [Int], on session: PricingSession
  ) async throws(TuningError) -> [Result<Int64, CandidateRefusal>] {
    if case .success(let together) = try await measured(positions, on: session) {
      return together.map { .success($0) }
    }
    var sizes: [Result<Int64, CandidateRefusal>] = []
    for position in positions {
      switch try await measured([position], on: session) {
      case .success(let bytes): sizes += bytes.map { .success($0) }
      case .failure(let refusal): sizes.append(.failure(refusal))
      }
    }
    return sizes
  }

  private func measured(
    _ positions: [Int], on session: PricingSession
  ) async throws(TuningError) -> Result<[Int64], CandidateRefusal> {
    let results = try await session.send([
      .statement("SELECT hypopg_reset()", []), PricingScript.measuring(book.literal(of: positions)), .boundary,
      .statement("ROLLBACK TO SAVEPOINT pgadvisor_pricing", []),
    ])
    for result in results {
      if case .failure(let error) = result, error.code != .skipped {
        return .failure(CandidateRefusal(reason: error.message))
      }
    }
    guard case .success(let rows) = results[1] else { return .failure(CandidateRefusal(reason: "no answer")) }
    return .success(rows.rows.indices.map { rows.text($0, 2).flatMap { Int64($0) } ?? 0 })
  }
}
