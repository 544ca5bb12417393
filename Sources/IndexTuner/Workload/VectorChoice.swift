// Which of the drawn values a statement is planned with.

import Database

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Draws more vectors than needed and keeps those whose plans return about as many rows as the statement really did.
struct VectorChoice {
  let planning: Planning
  let sampling: SamplingSettings
  /// The server plans without values as well.
  let takesGeneric: Bool

  /// A statement that the server understands as it is spelled.
  struct Subject {
    var merged: MergedQuery
    var spelling: String
    var drawing: ParameterDrawing
  }

  /// One for each subject; all are asked about together.
  func outcomes(of subjects: [Subject]) async throws(TuningError) -> [ParameterBinding.Outcome] {
    var outcomes = [ParameterBinding.Outcome?](repeating: nil, count: subjects.count)
    var vectors = [[ParameterDrawing.Drawn]](repeating: [], count: subjects.count)
    var questions: [Planning.Question] = []
    var asked: [(place: Int, count: Int)] = []
    for (place, subject) in subjects.enumerated() {
      do throws(ParameterDrawing.Impossible) {
        vectors[place] = try drawn(subject)
      } catch {
        outcomes[place] =
          takesGeneric
          ? .variants(
            [PlanVariant(request: PlanRequest(planning: subject.spelling, isGeneric: true), share: 1)],
            assumptions: ["generic plan: \(error.reason)"]) : .reason(error.reason)
        continue
      }
      guard subject.merged.rowsPerCall != nil, vectors[place].count > sampling.vectors else { continue }
      asked.append((place, vectors[place].count))
      questions += vectors[place].map {
        Planning.Question(
          request: PlanRequest(planning: subject.spelling, parameters: $0.parameters),
          searchPath: subject.merged.spellings[0].searchPath)
      }
    }
    let answers = try await planning.prices(of: questions)
    var start = 0
    for (place, count) in asked {
      let rows = answers[start..<start + count].map { answer in
        if case .success(let price)? = answer { price.changedRows ?? price.rows } else { Double?.none }
      }
      vectors[place] = closest(vectors[place], Array(rows), to: subjects[place].merged.rowsPerCall ?? 0)
      start += count
    }
    return subjects.indices.map { outcomes[$0] ?? variants(of: subjects[$0], vectors[$0]) }
  }

  private func drawn(_ subject: Subject) throws(ParameterDrawing.Impossible) -> [ParameterDrawing.Drawn] {
    let count = subject.merged.rowsPerCall == nil ? sampling.vectors : sampling.vectors * 4
    var vectors: [ParameterDrawing.Drawn] = []
    for number in 0..<count {
      let vector = try subject.drawing.vector(number, of: count)
      if !vectors.contains(where: { $0.parameters == vector.parameters }) { vectors.append(vector) }
    }
    return vectors
  }

  private func variants(of subject: Subject, _ vectors: [ParameterDrawing.Drawn]) -> ParameterBinding.Outcome {
    let kept = vectors.prefix(sampling.vectors)
    var assumptions: [String] = []
    for vector in kept {
      for assumption in vector.assumptions where !assumptions.contains(assumption) { assumptions.append(assumption) }
    }
    return .variants(
      kept.map {
        PlanVariant(
          request: PlanRequest(planning: subject.spelling, parameters: $0.parameters), share: 1 / Double(kept.count))
      }, assumptions: assumptions)
  }

  /// The vectors whose expected rows come closest to the observed ones. Of those that are about equally close (within
  /// half an octave) the kept ones are spread evenly, from common values to rare ones.
  private func closest(
    _ vectors: [ParameterDrawing.Drawn], _ rows: [Double?], to observed: Double
  ) -> [ParameterDrawing.Drawn] {
    let distances = rows.map { $0.map { abs(log2(($0 + 1) / (observed + 1))) } ?? .infinity }
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
}
