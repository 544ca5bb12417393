// Values of a column as its statistics know them, by quantile.

import Database

/// Draws values from what ANALYZE kept: the most common values by their frequency, the rest from the histogram.
struct ColumnSampler {
  private let values: ColumnValues
  private let ordered: [String]

  init?(_ values: ColumnValues?) {
    guard let values, !(values.mostCommon.isEmpty && values.histogram.isEmpty) else { return nil }
    self.values = values
    self.ordered = values.histogram.isEmpty ? Self.ascending(values.mostCommon) : values.histogram
  }

  /// The value that a row at `position` (0 ..< 1) has when rows stand by frequency: likely values come up often.
  func value(at position: Double) -> String {
    var passed = 0.0
    for (value, frequency) in zip(values.mostCommon, values.frequencies) {
      passed += frequency
      if position < passed { return value }
    }
    guard !values.histogram.isEmpty else { return values.mostCommon[values.mostCommon.count - 1] }
    let rest = passed < 1 ? (position - passed) / (1 - passed) : position
    return values.histogram[index(at: rest, of: values.histogram.count)]
  }

  /// One of the distinct values, each as likely as the next: what an application that looks for the rare ones asks for.
  func distinctValue(at position: Double) -> String {
    let all = values.mostCommon + values.histogram
    return all[index(at: position, of: all.count)]
  }

  /// A value that few rows have: one outside of the most common ones, or the least common of them.
  var rareValue: String {
    values.histogram.isEmpty
      ? values.mostCommon[values.mostCommon.count - 1] : values.histogram[values.histogram.count / 2]
  }

  /// The value below which about `fraction` of the rows lie; numbers, dates and timestamps are interpolated between
  /// histogram bounds.
  func quantile(_ fraction: Double) -> String {
    let place = min(max(fraction, 0), 1) * Double(ordered.count - 1)
    let lower = Int(place)
    guard lower + 1 < ordered.count else { return ordered[ordered.count - 1] }
    if let low = Double(ordered[lower]), let high = Double(ordered[lower + 1]), low.isFinite, high.isFinite {
      let value = low + (high - low) * (place - Double(lower))
      if Int64(ordered[lower]) != nil, abs(value) < 9e15 { return String(Int64(value)) }
      return "\(value)"
    }
    if let low = Moment(ordered[lower]), let high = Moment(ordered[lower + 1]) {
      return low.interpolated(to: high, place - Double(lower)).text
    }
    return ordered[place - Double(lower) < 0.5 ? lower : lower + 1]
  }

  /// What can only be told apart by histogram buckets has no narrower step than one of them.
  var smallestStep: Double {
    let first = ordered.first ?? ""
    return Double(first) != nil || Moment(first) != nil ? 0 : 1 / Double(max(ordered.count - 1, 1))
  }

  private func index(at fraction: Double, of count: Int) -> Int {
    min(max(Int(fraction * Double(count)), 0), count - 1)
  }

  private static func ascending(_ values: [String]) -> [String] {
    let numbers = values.compactMap(Double.init)
    guard numbers.count == values.count else { return values.sorted() }
    return zip(numbers, values).sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
  }
}
