// How many rows share a key: groups of keys that are about as frequent, from the statistics of the columns.

/// Keys of which each is expected to have as many rows as the next.
struct KeyRepetition {
  /// How many there could be.
  var keys: Double
  /// Rows that one has in the mean, those that happen to have none included.
  var rate: Double
  /// Bit n: the value of column n is one of its common ones.
  var common = 0

  /// How many there are: rows fall on keys by chance.
  var present: Double { keys * chance(ofAny: rate) }
}

/// Values of one column that are about as frequent.
struct ValueClass {
  var values: Double
  /// Rows that have one of them, of those that have any value.
  var share: Double
  var isCommon = true

  /// The common values in groups of about the same weight, and all others.
  /// - Parameter frequencies: of the most common values, descending, as shares of rows that are not NULL.
  static func of(distinct: Double, frequencies: [Double], atMost count: Int) -> [ValueClass] {
    let common = frequencies.prefix(max(0, Int(distinct.rounded())))
    let weight = min(1, common.reduce(0, +))
    var classes: [ValueClass] = []
    let step = weight / Double(max(1, count - 1))
    var passed = 0.0
    var next = 0.0
    for frequency in common {
      if passed >= next || classes.isEmpty {
        classes.append(ValueClass(values: 0, share: 0))
        next = passed + step
      }
      passed += frequency
      classes[classes.count - 1].values += 1
      classes[classes.count - 1].share += frequency
    }
    let others = distinct - Double(common.count)
    if 1 - weight > 1e-4 || classes.isEmpty {
      classes.append(ValueClass(values: max(1, others), share: max(1 - weight, 1e-9), isCommon: false))
    }
    return classes
  }
}

extension KeyRepetition {
  /// Every value of one column occurs; the keys of several are those combinations that happen to.
  /// - Parameter distinct: how many keys there are, where that is known.
  static func groups(of columns: [[ValueClass]], rows: Double, distinct: Double?) -> [KeyRepetition] {
    if columns.count == 1, let classes = columns.first {
      let scale = distinct.map { $0 / max(1, classes.reduce(0) { $0 + $1.values }) } ?? 1
      return classes.map { group in
        let values = min(group.values * scale, rows * group.share)
        let rate = Self.rate(forMean: rows * group.share / max(values, 1e-9))
        return KeyRepetition(keys: rows * group.share / rate, rate: rate, common: group.isCommon ? 1 : 0)
      }
    }
    var groups = [KeyRepetition(keys: 1, rate: rows)]
    for (place, classes) in columns.enumerated() {
      groups = groups.flatMap { group in
        classes.map {
          KeyRepetition(
            keys: group.keys * $0.values, rate: group.rate * $0.share / $0.values,
            common: group.common | ($0.isCommon ? 1 << place : 0))
        }
      }
    }
    groups = groups.map {
      $0.rate > 1e-7 ? $0 : KeyRepetition(keys: $0.keys * $0.rate / 1e-7, rate: 1e-7, common: $0.common)
    }
    return distinct.map { scaled(groups, to: $0) } ?? groups
  }

  /// Fewer keys with more rows each, or the other way round.
  private static func scaled(_ groups: [KeyRepetition], to distinct: Double) -> [KeyRepetition] {
    func by(_ factor: Double) -> [KeyRepetition] {
      groups.map { KeyRepetition(keys: $0.keys * factor, rate: $0.rate / factor, common: $0.common) }
    }
    var low = -40.0
    var high = 20.0
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if by(exponential(middle)).reduce(0, { $0 + $1.present }) < distinct { low = middle } else { high = middle }
    }
    return by(exponential((low + high) / 2))
  }

  /// The λ for which λ ÷ (1 − e^−λ) is the mean.
  private static func rate(forMean mean: Double) -> Double {
    guard mean > 1 else { return 1e-7 }
    var low = 1e-7
    var high = mean
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if middle / chance(ofAny: middle) < mean { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
