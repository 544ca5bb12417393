// How many bytes a B-tree's tuple takes for its key: header, values in their order, gaps for alignment.

import Database

/// Follows `index_form_tuple` and `heap_compute_data_size`. Where the next value begins is known as a share of tuples for
/// each place within eight bytes: with it the gaps of values of varying width come out right in the mean.
struct KeyBytes {
  private var bytes: Double
  private var places: [Double]
  /// Every tuple is as long as the next.
  private(set) var isEven = true

  /// A tuple that holds a NULL has a bitmap for all 32 columns that an index may have.
  init(hasNulls: Bool) {
    bytes = hasNulls ? 16 : 8
    places = [1, 0, 0, 0, 0, 0, 0, 0]
  }

  /// The mean length of the tuple, padded to eight bytes.
  var tuple: Double {
    let gaps = places.indices.reduce(0) { $0 + places[$1] * Double((8 - $1) % 8) }
    return max(16, bytes + gaps)
  }

  /// - Parameter isCommon: the value is one of the column's common ones, or none of them; nil: any.
  mutating func append(_ column: Column, _ kind: ColumnStorage, isCommon: Bool? = nil) {
    guard kind.length > 0 else {
      let average = column.averageWidth.map(Double.init)
      guard let widths = kind.widths else {
        append(ValueWidths(around: average ?? 8), mean: average ?? 8)
        return
      }
      switch isCommon {
      case true?: append(widths.common ?? widths.all, mean: (widths.common ?? widths.all).mean)
      case false?: append(widths.others ?? widths.all, mean: widths.meanOfOthers(average: average))
      case nil: append(widths.all, mean: widths.mean(average: average))
      }
      return
    }
    bytes += Self.gap(places, to: kind.alignment)
    places = Self.aligned(places, to: kind.alignment)
    bytes += Double(kind.length)
    places = places.indices.map { places[($0 - kind.length % 8 + 8) % 8] }
  }

  /// Values of up to 126 bytes stand anywhere, behind one byte that says how long they are; longer ones behind four, at a
  /// multiple of four (https://www.postgresql.org/docs/current/storage-toast.html).
  private mutating func append(_ widths: ValueWidths, mean: Double) {
    let long = widths.long.reduce(0, +)
    if long > 0 { bytes += long * Self.gap(places, to: 4) }
    let aligned = Self.aligned(places, to: 4)
    var next = [Double](repeating: 0, count: 8)
    for place in 0..<8 {
      for rest in 0..<8 {
        next[(place + rest) % 8] += places[place] * widths.short[rest] + aligned[place] * widths.long[rest]
      }
    }
    places = next
    bytes += mean
    isEven = isEven && widths.isEven
  }

  private static func gap(_ places: [Double], to alignment: Int) -> Double {
    places.indices.reduce(0) { $0 + places[$1] * Double((alignment - $1 % alignment) % alignment) }
  }

  private static func aligned(_ places: [Double], to alignment: Int) -> [Double] {
    var aligned = [Double](repeating: 0, count: 8)
    for place in places.indices { aligned[(place + (alignment - place % alignment) % alignment) % 8] += places[place] }
    return aligned
  }
}
