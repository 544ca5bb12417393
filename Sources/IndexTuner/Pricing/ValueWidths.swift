// How wide the values of a column are that ANALYZE has kept, with the bytes in front that say so.

/// Some values of varying length. Where each ends within eight bytes decides about the gaps in a tuple.
package struct ValueWidths: Sendable, Equatable {
  /// By what is left over from a multiple of eight, as shares of all: those of up to 127 bytes, the longer ones.
  private(set) var short: [Double]
  private(set) var long: [Double]
  let mean: Double
  let isEven: Bool

  /// Values alike: what is left over from eight, eight more for the longer ones.
  struct Part: Equatable {
    var place: Int
    var share: Double
    /// The mean.
    var width: Double
    var isEven: Bool
  }

  /// nil if there are none.
  init?(_ parts: [Part]) {
    let all = parts.reduce(0) { $0 + $1.share }
    guard all > 0, parts.allSatisfy({ (0..<16).contains($0.place) }) else { return nil }
    var shares = [Double](repeating: 0, count: 16)
    for part in parts { shares[part.place] += part.share / all }
    short = Array(shares[0..<8])
    long = Array(shares[8..<16])
    mean = parts.reduce(0) { $0 + $1.share * $1.width } / all
    isEven = parts.count == 1 && parts[0].isEven
  }

  /// Where only the mean is known: widths spread a little around it.
  init(around mean: Double) {
    short = [Double](repeating: 0, count: 8)
    long = short
    for step in [-1, -0.5, 0, 0.5, 1] {
      let width = Int((mean + step * 0.05 * mean).rounded())
      if width < 128 { short[width % 8] += 0.2 } else { long[width % 8] += 0.2 }
    }
    self.mean = mean
    isEven = false
  }
}

/// Of one column: common values may be words where the others are sentences.
package struct ColumnWidths: Sendable, Equatable {
  let common: ValueWidths?
  let others: ValueWidths?
  let all: ValueWidths
  /// Of the values that are not NULL.
  private let commonShare: Double

  init?(common: [ValueWidths.Part], others: [ValueWidths.Part]) {
    let parts = (common + others).reduce(into: [Int: ValueWidths.Part]()) { merged, part in
      guard let known = merged[part.place] else {
        merged[part.place] = part
        return
      }
      let share = known.share + part.share
      merged[part.place] = ValueWidths.Part(
        place: part.place, share: share,
        width: (known.width * known.share + part.width * part.share) / max(share, 1e-12),
        isEven: known.isEven && part.isEven && known.width == part.width)
    }
    guard let all = ValueWidths(parts.values.sorted { $0.place < $1.place }) else { return nil }
    self.all = all
    self.common = ValueWidths(common)
    self.others = ValueWidths(others)
    let weight = common.reduce(0) { $0 + $1.share }
    commonShare = weight / max(weight + others.reduce(0) { $0 + $1.share }, 1e-12)
  }

  /// ANALYZE keeps the mean of all that it saw, without the fraction; the values that it keeps are fewer.
  func mean(average: Double?) -> Double {
    guard let average else { return all.mean }
    return min(max(all.mean, average), average + 0.99)
  }

  /// What the common ones leave of the mean.
  func meanOfOthers(average: Double?) -> Double {
    guard let others else { return mean(average: average) }
    guard let average, let common, commonShare < 0.99 else { return average == nil ? others.mean : max(1, others.mean) }
    let least = (average - commonShare * common.mean) / (1 - commonShare)
    let most = (average + 0.99 - commonShare * common.mean) / (1 - commonShare)
    return max(1, min(max(others.mean, least), most))
  }
}
