// How far a condition on a result column of one SELECT may sink into it.

import SQLSyntax

/// Follows `subquery_is_pushdown_safe` and `qual_is_pushdown_safe` of the server's allpaths.c.
struct SelectBarrier {
  let traits: SelectTraits
  let groups: [BoundValue]
  /// PARTITION BY lists of all windows.
  let partitions: [[BoundValue]]
  /// nil without DISTINCT ON.
  let distinctOn: [BoundValue]?

  /// The meaning of a select-list entry, seen from outside.
  func meaning(of value: BoundValue) -> Meaning {
    guard value.isColumn else {
      var opaque = Meaning(touches: value.meaning.touches, isUnknown: value.meaning.isUnknown)
      if case .parameter(let number) = value.form {
        opaque.parameters = [HandedParameter(number: number, isArray: false)]
      }
      if traits.isFlat {
        opaque.spelling = value.spelling
        opaque.type = value.type
      }
      return opaque
    }
    return value.meaning.capped(at: reach(of: value))
  }

  private func reach(of value: BoundValue) -> Reach {
    if traits.isFlat { return .full }
    if traits.isLimited || traits.hasGroupingSets { return .value }
    if traits.isAggregated && !Self.contains(groups, value) { return .value }
    if traits.hasWindows && !partitions.allSatisfy({ Self.contains($0, value) }) { return .value }
    if let distinctOn, !Self.contains(distinctOn, value) { return .value }
    return .restriction
  }

  private static func contains(_ list: [BoundValue], _ value: BoundValue) -> Bool {
    let wanted = Set(value.meaning.sources.map(\.base))
    guard !wanted.isEmpty else { return false }
    return list.contains { $0.isColumn && Set($0.meaning.sources.map(\.base)) == wanted }
  }
}
